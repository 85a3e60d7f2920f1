"""Notices: one page each about one thing that happened, made by the machinery that makes the statements."""
