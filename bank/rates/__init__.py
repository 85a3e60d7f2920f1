"""Base rates: what a loan's margin stands over, as a dated history with sources and two names to each step."""
