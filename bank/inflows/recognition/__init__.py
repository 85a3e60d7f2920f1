"""By which of two journals dormant money is entered when it comes: one policy for the fund's book, agreed by two."""
