"""What changed: the code lists that returns are written in, versioned and dated."""
