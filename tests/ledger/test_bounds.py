"""The widest entry there may be is the same on every database and on either road, and a wider one is never born."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from bank.wiring import OPERATOR
from ledger import commands, exchange, placing, queries
from ledger.entries import BadEntry, Entry, Posting
from ledger.money import LIMIT_PENCE, Money
from ledger.store.database import Database
from ledger.store.work import Desk
from ledger.verification import verify

DAY = date(2012, 1, 10)
WIDE = "\N{GRINNING FACE}"

WIDEST: dict[str, Any] = {
    "key": WIDE * 255,
    "description": WIDE * 1_000,
    "kind": WIDE * 40,
    "pair": WIDE * 200,
    "postings": (Posting("1200", Money(LIMIT_PENCE)), Posting("1000", Money(-LIMIT_PENCE))),
    "original_effective_on": date(2008, 11, 26),
}

TOO_WIDE: dict[str, dict[str, Any]] = {
    "a key": {"key": "k" * 256},
    "a description": {"description": "d" * 1_001},
    "a kind": {"kind": "k" * 41},
    "no kind": {"kind": ""},
    "a pair": {"pair": "p" * 201},
    "a day before the calendar": {"original_effective_on": date(2008, 11, 25)},
    "debits that are each within the limit": {
        "postings": tuple(Posting(code, Money(sign * LIMIT_PENCE)) for code, sign in [("1200", 1), ("1000", -1)] * 2)
    },
}


def entry(**more: Any) -> Entry:
    legs = (Posting("1200", Money(5)), Posting("1000", Money(-5)))
    plain: dict[str, Any] = {"key": "k", "book": "bank", "effective_on": DAY, "description": "d", "postings": legs}
    return Entry(**plain | more)


@pytest.mark.parametrize("wide", TOO_WIDE.values(), ids=TOO_WIDE.keys())
def test_what_some_database_would_not_take_is_not_an_entry(wide: dict[str, Any]) -> None:
    with pytest.raises(BadEntry):
        entry(**wide)


def test_the_widest_entry_is_taken_on_every_road_and_comes_back_as_it_was(database: Database) -> None:
    desk = Desk(database, OPERATOR)
    widest = entry(**WIDEST)
    second = entry(**WIDEST | {"key": "second"})
    commands.post(desk, widest)
    if database.dialect == "sqlite":
        desk.tried(lambda work: commands.post(work, second))
    else:
        commands.post_later(desk, second)
        placing.place_waiting(desk)

    with desk.reading() as session:
        assert [found.entry for found in queries.entries(session)] == [widest, second]
        assert verify(session).holds


@pytest.mark.parametrize("undone", [77, 1, 3])
def test_an_export_changed_to_reverse_what_it_cannot_is_refused_in_words(
    database: Database, other_url: str, undone: int
) -> None:
    """A place that is not there, an entry that another line reverses, and the line itself."""
    desk = Desk(database, OPERATOR)
    commands.post_many(desk, [entry(key=f"k{number}") for number in range(3)])
    desk.tried(lambda work: commands.reverse(work, 1, key="undo", effective_on=DAY, reason="twice"))
    with desk.reading() as session:
        lines = [json.loads(line) for line in exchange.export(session)]
    lines[2]["reverses"] = undone

    other = Database.open(other_url)
    with pytest.raises(exchange.BadJournal, match="Nothing was posted"):
        exchange.import_journal(Desk(other, OPERATOR), exchange.read([json.dumps(line).encode() for line in lines]))
    with other.reading() as session:
        assert queries.head(session).seq == 0
    other.close()
