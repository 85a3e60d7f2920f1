"""The partners themselves: who they are, how they stand, and which facilities are theirs."""
