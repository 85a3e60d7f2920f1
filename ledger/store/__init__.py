"""The only ledger files that know SQL."""
