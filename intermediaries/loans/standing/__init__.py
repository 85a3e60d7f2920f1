"""Every loan as its last accepted report tells of it."""
