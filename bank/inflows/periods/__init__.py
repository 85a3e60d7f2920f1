"""Periods of dormancy of the classes of asset: entered by one with the law they come from, approved by another."""
