"""Notices of a drawdown, a return and an allocation: gathered as known at a moment, and made again at any time."""
