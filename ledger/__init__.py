"""The books: money and time. Knows no bank, no partner, no web."""
