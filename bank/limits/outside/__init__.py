"""What an intermediary is told of limits that were read for its own facility."""
