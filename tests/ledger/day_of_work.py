"""A day's work in the books, as a program: one entry, many at once, a reversal, a close. It says what served it."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime
from typing import Any, Final

from bank.wiring import OPERATOR
from ledger import commands
from ledger.dates import Quarter, SetClock
from ledger.entries import Entry, Posting
from ledger.money import Money
from ledger.store import database as opening
from ledger.store.database import Database
from ledger.store.work import Desk

MANY: Final = 6_000
"""Enough that on SQLite their postings are taken in by a thread of their own."""


def entry(key: str, pence: int = 5, *, day: date = date(2012, 1, 10)) -> Entry:
    """An entry about which there is nothing to ask."""
    return Entry(key, "bank", day, f"Entry {key}", (Posting("1200", Money(pence)), Posting("1000", Money(-pence))))


def main() -> None:
    """Do the work on the database that the command line names, which is there and prepared."""
    (url,) = sys.argv[1:]
    database = Database.open(url, clock=SetClock(datetime(2012, 5, 1, tzinfo=UTC)))
    desk = Desk(database, OPERATOR)
    commands.post(desk, entry("one"))
    commands.post_many(desk, [entry(f"few-{number}") for number in range(30)])
    commands.post_many(desk, [entry(f"many-{number}") for number in range(MANY)])
    with desk.writing() as work:
        commands.reverse(work, 1, key="undone", effective_on=date(2012, 1, 11), reason="Entered twice")
        commands.close_quarter(work, Quarter(2012, 1), hard=True)
    database.close()
    driver: Any = vars(opening)["sqlite_driver"]
    sys.stdout.write(f"{driver.__name__} {driver.sqlite_version}\n")
