"""A desk at a database, for as long as it is needed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from ledger.store.database import Database
from ledger.store.work import Actor, Desk

CLERK: Final = Actor(kind="operator", id="clerk", name="Whoever measures", roles=frozenset({"operator"}))


@contextmanager
def desk_at(url: str) -> Iterator[Desk]:
    """A desk at a database, which is let go of at the end."""
    database = Database.open(url)
    try:
        yield Desk(database, CLERK)
    finally:
        database.close()
