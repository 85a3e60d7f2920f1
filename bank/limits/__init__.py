"""Limits: dated bounds on what may be promised and paid, shown before a decision and kept with it."""
