"""How fast a very long return is checked, filed and posted, beside the bare cost of reading it and putting it away.

`python -m tests.benchmarks.returns` measures 100,000 loans as CSV and as Excel on SQLite, or with `--database
postgresql` on the PostgreSQL that the tests bring, where a COPY is the bulk statement and the clock is read. For each
it prints rows a second and, in the same process and of the same file, the ratio to reading it with the same reader and
inserting it by one bulk statement; and the peak memory of each, measured in a process of its own, with that of the
process that takes workbooks apart. A usual return of 200 loans is checked as well.
"""
