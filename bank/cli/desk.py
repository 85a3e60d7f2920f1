"""Where the command line works: the database it was pointed at, and who sits at the keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import typer

from bank.people import queries as people
from bank.wiring import OPERATOR, open_prepared
from ledger.store.work import Actor, Desk


@dataclass(slots=True)
class Station:
    """What stands before the command: the database's URL, and the person who acts, if one is named."""

    url: str
    person: str | None
    named: bool = False
    """Whether somebody named the database, or it is only the usual one."""


@contextmanager
def desk(context: typer.Context) -> Iterator[Desk]:
    """The desk of this command: the person named with --as, or the operator at the machine."""
    station: Station = context.obj
    database = open_prepared(station.url)
    try:
        yield Desk(database, _actor(Desk(database, OPERATOR), station.person))
    finally:
        database.close()


def _actor(opened: Desk, person: str | None) -> Actor:
    if person is None:
        return OPERATOR
    with opened.reading() as session:
        return people.actor_of_person(session, person)
