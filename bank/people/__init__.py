"""People: who works here, what each may do, and the keys by which programs know them."""
