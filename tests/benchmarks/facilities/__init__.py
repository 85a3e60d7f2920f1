"""How long many facilities take to accrue, be staged, closed and reported on, how that grows, and the database's part.

`python -m tests.benchmarks.facilities` measures 100 and 1,000 facilities over 40 quarters on SQLite; sizes are options,
and `--database` names another, empty one.
"""
