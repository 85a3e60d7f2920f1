"""Lineage: from one dormant-money receipt forward to the front line, and from a borrower back to the receipts."""
