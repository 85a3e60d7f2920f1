"""Enquiries: who asked for wholesale finance, and the steps from there to a proposal or an end."""
