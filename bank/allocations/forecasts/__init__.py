"""What a facility without fixed payments is expected to bring in: told with its basis by one, approved by another."""
