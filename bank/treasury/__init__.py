"""Treasury: the bank's cash, what is kept back of it, and what may still be promised."""
