"""Claims of owners: notified by the participant who is their agent, then paid, withdrawn or rejected."""
