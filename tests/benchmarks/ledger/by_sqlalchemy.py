"""A post as one would first write it with SQLAlchemy Core: begin, a statement for each table, commit.

It stands beside the baseline to tell how hard that is: such a post reaches about a third of the bare driver's own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import column, insert, table, update

from ledger.store.database import Database
from tests.benchmarks.ledger.bare import TABLES, Bare, Rows, Way


@contextmanager
def connected(url: str, names: Bare) -> Iterator[Way]:
    """The way of it, in the database at `url`, whose columns are those that `names` knows."""
    opened = Database.open(url)  # its engine holds the database to the settings of the bank
    head = table("journal_head", *map(column, names.names("journal_head")))
    tables = {name: table(name, *map(column, names.names(name))) for name in TABLES}

    def way(rows: Rows) -> Callable[[], None]:
        given = {name: [dict(zip(names.names(name), row, strict=True)) for row in rows.of(name)] for name in TABLES}
        moved = dict(zip(names.names("journal_head")[1:], rows.head[1:], strict=True))

        def act() -> None:
            with opened.engine.connect().execution_options(writing=True) as connection, connection.begin():
                for name, found in tables.items():
                    connection.execute(insert(found), given[name])
                connection.execute(update(head), moved)

        return act

    try:
        yield way
    finally:
        opened.close()
