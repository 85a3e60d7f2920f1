"""Inflows: dormant money in, claims paid, the reserve against more of them, and the four nations' shares."""
