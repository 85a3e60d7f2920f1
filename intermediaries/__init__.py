"""The partners: social lenders, those they help, and what they report."""
