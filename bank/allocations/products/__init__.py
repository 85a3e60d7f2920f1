"""The products of wholesale finance: a file for each, and the registry that every door reads."""
