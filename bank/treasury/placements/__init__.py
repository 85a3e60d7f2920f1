"""Placements: liquid money that earns while it waits, on deposit, in short gilts or in money-market funds."""
