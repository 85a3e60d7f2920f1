"""Capital: the shares that the trust and the merchant banks pay for."""
