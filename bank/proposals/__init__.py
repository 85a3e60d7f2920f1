"""Proposals: whatever one person proposed in any room, what waits on whom, and how it is agreed to or turned down."""
