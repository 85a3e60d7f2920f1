"""The long book: ten years of a bank on a thousand accounts, built once for a run through the books' own commands."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice

from ledger import commands
from ledger.entries import Entry
from ledger.store.work import Desk
from tests.benchmarks.ledger import drivers, material
from tests.benchmarks.ledger.desks import desk_at
from tests.benchmarks.ledger.places import Place
from tests.benchmarks.ledger.sizes import Size


@dataclass
class LongBook:
    """A database with a long book in it, the fold that knows it, and the same book as it was at a quarter of that."""

    url: str
    oracle: material.Oracle
    quarter_url: str
    quarter_places: int
    seconds: float

    def last_day(self, places: int) -> date:
        """The day that the book had come to at a place."""
        return material.STARTS + timedelta(days=places * material.DAYS // (4 * self.quarter_places) - 1)


def build(place: Place, size: Size) -> LongBook:
    """Post the book in large acts; on the way, put a copy aside of what it was at a quarter of its length."""
    url, oracle = place.fresh("long"), material.Oracle()
    began = time.perf_counter()
    quarter = size.book // 4
    extend(url, oracle, size.act, quarter, size.book)
    copied = place.copy(url, "quarter")
    extend(url, oracle, size.act, size.book - quarter, size.book)
    seconds = time.perf_counter() - began
    for made in (url, copied):
        with drivers.connected(made) as bare:
            bare.settle()
    return LongBook(url, oracle, copied, quarter, seconds)


def extend(url: str, oracle: material.Oracle, act: int, count: int, whole: int) -> None:
    """Post the next entries of the series."""
    entries = material.entries(count, of=whole, after=oracle.places)
    with desk_at(url) as desk:
        while posted := list(islice(entries, act)):
            post_act(desk, oracle, posted)


def post_act(desk: Desk, oracle: material.Oracle, entries: Sequence[Entry]) -> None:
    """Post entries in one act, and tell the oracle."""
    commands.post_many(desk, entries)
    oracle.note(entries)
