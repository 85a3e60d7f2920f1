"""What waits on a facility for the word of others."""
