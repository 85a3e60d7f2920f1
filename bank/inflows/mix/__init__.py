"""The mix of classes in which dormant money came, and what is reserved of what will come in it."""
