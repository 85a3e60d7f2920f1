"""Every loan as far as the figures of all of them ask."""
