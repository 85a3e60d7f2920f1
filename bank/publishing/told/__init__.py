"""What the public was told: kept, and given to nobody but the next statement for it."""
