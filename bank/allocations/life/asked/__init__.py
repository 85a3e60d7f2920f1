"""What is asked of the tables of facilities' lives."""
