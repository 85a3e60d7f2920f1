"""Of how many borrowers a group is, at the least, that a form of a statement tells of: dated, with two names to it."""
