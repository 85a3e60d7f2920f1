"""Dividends: what may be paid to the shareholders under an approved policy, out of what has been earned for certain."""
