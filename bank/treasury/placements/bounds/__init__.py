"""The bounds of what a short gilt is and may cost: a dated policy, proposed by one and approved by another."""
