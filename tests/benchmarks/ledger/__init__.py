"""How fast the books are, beside the bare database they stand on: one command, both measured in the same run.

    python -m tests.benchmarks.ledger                                   # SQLite, and a PostgreSQL of its own
    python -m tests.benchmarks.ledger --only W1,W3 --size small         # two works, on a small book
    python -m tests.benchmarks.ledger --database postgresql://u@host/empty --json figures.json
    python -m tests.benchmarks.ledger --profile W1                      # where the time of one post goes

Without `--database` it measures SQLite in a temporary directory and a PostgreSQL that it starts for itself, both as
durable as the bank has them: a flush to the disk at every commit. With `--database` it measures that server (or, for
SQLite, that directory) alone, in scratch databases that it makes beside the one named and removes at the end; it
refuses a database that has entries in it. Set TMPDIR to choose the disk.

The baselines are the fastest way we found to have the *bare driver* (psycopg, sqlite3) do the same work on tables of
the same shape: a copy of the migrated database with our triggers taken off and every key, index, check and foreign key
left on. Their rows are read back from what the books have just written, so both sides write the same bytes, and are
made ready before the clock starts, as the entries are on our side. Each baseline has several ways to do its work; all
are tried, and the fastest is the one we are compared with.

This runs on machines that have other work to do. So the two sides take turns in short rounds, the ratio is taken round
by round, and what is printed is the median of the ratios with the least and the greatest; a fixed piece of arithmetic
is timed before each round, and its spread tells how steady the machine was. Compare ratios, not rates, between runs.

Every answer is compared with a fold in plain Python over the entries that were posted, and a run that finds one wrong
says so and ends with 1, however fast it was. A missed target does not: it is printed, and is for people to judge.

W1  one client, one commit for each post, through `ledger.commands.post`
W2  eight client processes, half of them always on one hot account; inline and deferred
W3  100,000 entries in one act
W4  every account's balance on both time axes, 1,000,000 postings on 1,000 accounts
W5  one account's balance on both time axes, for accounts of 1,000, 10,000 and 100,000 postings
W6  W1 on the book of W4, against W1 on an empty one
W7  the check of that whole book
growth  each of these on a book and on one four times as long
"""
