"""Allocations: wholesale money out to intermediaries, and its life until it is repaid or lost."""
