"""How long many facilities take to accrue, be staged and be reported on, how that grows, and the database's part of it.

`python -m tests.benchmarks.facilities` measures 100 and 1,000 facilities over 40 quarters on SQLite; `--database` names
another, empty one.
"""
