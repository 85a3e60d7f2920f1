"""Stress: what claims, drawdowns, repayments and treasury come to over five years under named assumptions."""
