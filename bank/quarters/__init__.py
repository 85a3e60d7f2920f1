"""Quarters: what the close of a quarter waits for, and the close itself."""
