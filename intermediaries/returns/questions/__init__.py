"""Questions of returns: what their filers confirmed of each, and whether open ones stop an attestation."""
