"""A small bank with every kind of row in its books, and the means of an owner who changes them behind our back."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, text

from bank.wiring import OPERATOR
from ledger import commands
from ledger.chart import INTERMEDIARY
from ledger.dates import Quarter, SetClock
from ledger.entries import Entry, Posting
from ledger.money import Money
from ledger.store import confinement
from ledger.store.columns import Base
from ledger.store.database import Database, ReadSession
from ledger.store.work import Desk

TABLES: Final = (
    "book",
    "account",
    "entry",
    "posting",
    "mark",
    "quarter_event",
    "journal_head",
    "cell",
    "closing_balance",
)
"""Everything that the check of the journal answers for."""

JANUARY, FEBRUARY, MAY = date(2012, 1, 10), date(2012, 2, 29), date(2012, 5, 5)


def entry(key: str, on: date, pence: int, *, book: str = "bank", **more: Any) -> Entry:
    legs = {
        "bank": ("1200:fac_a", "1000"),
        "int_a": ("1000", "2100"),
    }[book]
    postings = (Posting(legs[0], Money(pence)), Posting(legs[1], Money(-pence)))
    return Entry(key, book, on, f"Entry {key}, “quoted” — and 10% \\ more", postings, **more)


def lived_in(database: Database, clock: SetClock) -> None:
    """Post, pair, date back, reverse, close and open again: nine entries, and each kind of row at least twice."""
    desk = Desk(database, OPERATOR)
    clock.set(datetime(2012, 3, 1, 9, tzinfo=UTC))
    with desk.writing() as work:
        commands.open_book(work, "int_a", INTERMEDIARY, name="An intermediary")
        commands.sub_account(work, "bank", "1200", "fac_a", name="A facility")
        halves = [entry("a", JANUARY, 10_000, book=book, pair="p") for book in ("bank", "int_a")]
        commands.post_many(work, halves)
    for number, day in enumerate((FEBRUARY, JANUARY)):
        clock.set(clock.now() + timedelta(days=1))
        with desk.writing() as work:
            commands.post(work, entry(f"b{number}", day, 250 + number, kind="accrual"))
    clock.set(datetime(2012, 4, 20, tzinfo=UTC))
    with desk.writing() as work:
        commands.close_quarter(work, Quarter(2012, 1), hard=False)
        commands.reopen_quarter(work, Quarter(2012, 1), reason="a late fact")
        commands.post(work, entry("c", FEBRUARY, 1))
        commands.close_quarter(work, Quarter(2012, 1), hard=True)
    clock.set(datetime(2012, 5, 20, tzinfo=UTC))
    with desk.writing() as work:
        commands.post(work, entry("late", MAY, 99, original_effective_on=JANUARY))
        commands.reverse(work, 3, key="undo", effective_on=MAY, reason="entered twice")
    clock.set(datetime(2012, 7, 2, tzinfo=UTC))
    with desk.writing() as work:
        commands.post(work, entry("d", MAY, 5))
        commands.close_quarter(work, Quarter(2012, 2), hard=True)
        commands.post(work, entry("e", date(2012, 7, 1), 7))


def take_guards_away(database: Database) -> None:
    """Leave the books without trigger, key or check: the same rows in tables that allow everything."""
    with database.engine.begin() as connection, confinement.lifted(connection):
        for table in TABLES:
            connection.execute(text(f"CREATE TABLE plain_{table} AS SELECT * FROM {table}"))  # noqa: S608 -- our tables' names
        if database.dialect == "sqlite":
            connection.execute(text("PRAGMA defer_foreign_keys = ON"))
        for table in reversed(TABLES):
            _drop(connection, table)
        for table in TABLES:
            connection.execute(text(f"ALTER TABLE plain_{table} RENAME TO {table}"))


def _drop(connection: Connection, table: str) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"DROP TABLE {table} CASCADE"))
        return
    owned = text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND (tbl_name = :table OR sql LIKE :said)")
    for name in connection.scalars(owned, {"table": table, "said": f"%{table}%"}).all():
        connection.execute(text(f"DROP TRIGGER {name}"))
    connection.execute(text(f"ALTER TABLE {table} RENAME TO locked_{table}"))


@contextmanager
def behind_our_back(database: Database) -> Iterator[ReadSession]:
    """A look at books that are changed on the way and stand as before when the block ends."""
    with database.engine.connect() as connection, confinement.lifted(connection):
        session = ReadSession(bind=connection, info={"clock": database.clock})
        yield session
        session.rollback()


@contextmanager
def changed_for_all(database: Database, change: str, back: str) -> Iterator[None]:
    """A change that everybody sees, until the block ends."""
    for statement in (change, back):
        with database.engine.begin() as connection, confinement.lifted(connection):
            connection.execute(text(statement))
        if statement == change:
            yield


def killed(task: object) -> None:
    """What becomes of a process that the system ends."""
    del task
    os.kill(os.getpid(), signal.SIGKILL)


def columns(table: str) -> list[str]:
    return [column.name for column in Base.metadata.tables[table].columns]


def rows(session: ReadSession, table: str) -> list[dict[str, Any]]:
    """Every row as the driver gives it, with the name by which the database itself knows it."""
    row_id = "rowid" if session.connection().dialect.name == "sqlite" else "ctid"
    found = session.execute(text(f"SELECT CAST({row_id} AS TEXT) AS row_id, * FROM {table}"))  # noqa: S608 -- our tables' names
    return [dict(row) for row in found.mappings()]


def put(session: ReadSession, table: str, row_id: str, column: str, value: Any) -> None:
    """Write one value into one column of one row."""
    change = f"UPDATE {table} SET {column} = :value WHERE {_this(session)}"  # noqa: S608 -- our tables' names
    session.execute(text(change), {"value": value, "row": row_id})


def take_out(session: ReadSession, table: str, row_id: str) -> None:
    """Remove one row."""
    session.execute(text(f"DELETE FROM {table} WHERE {_this(session)}"), {"row": row_id})  # noqa: S608 -- our tables' names


def _this(session: ReadSession) -> str:
    on_sqlite = session.connection().dialect.name == "sqlite"
    return "rowid = CAST(:row AS INTEGER)" if on_sqlite else "ctid = CAST(:row AS tid)"


def put_in(session: ReadSession, table: str, row: dict[str, Any]) -> None:
    """Add a row."""
    values = {name: value for name, value in row.items() if name != "row_id"}
    places = ", ".join(f":{name}" for name in values)
    session.execute(text(f"INSERT INTO {table} ({', '.join(values)}) VALUES ({places})"), values)  # noqa: S608 -- our tables' names
