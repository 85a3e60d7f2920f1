"""Very many facilities at once: what a quarter asks of every one of them is read and written in one go."""
