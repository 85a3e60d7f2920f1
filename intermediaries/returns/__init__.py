"""Quarterly lending returns: read, check, attest, accept, restate."""
