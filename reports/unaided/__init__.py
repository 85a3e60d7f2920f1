"""Checks a statement with Python's own library alone: parts that share no code with us, handed out as one file."""
