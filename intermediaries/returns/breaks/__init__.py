"""Breaks: what keeps accepted returns from tying with the books, how old it is and who has it in hand."""
