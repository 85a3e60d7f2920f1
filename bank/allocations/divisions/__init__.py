"""Which entries of a facility divide what happened by what was known then, and are not what happened."""
