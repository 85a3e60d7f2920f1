"""Onward loans: what intermediaries lent with the bank's money, and how each loan fares."""
