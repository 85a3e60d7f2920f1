"""The institution: its rooms and its doors. The only package that knows all the others."""
