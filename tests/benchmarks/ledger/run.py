"""What every work of a run is handed: where it measures, how much, and the table it writes in."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from tests.benchmarks.ledger.longbook import LongBook, build
from tests.benchmarks.ledger.places import Place
from tests.benchmarks.ledger.sizes import Size
from tests.benchmarks.ledger.table import Line, Table


@dataclass
class Run:
    """One run on one kind of database."""

    place: Place
    size: Size
    table: Table

    @property
    def engine(self) -> str:
        """The kind of database, as the table names it."""
        return self.place.engine

    @cached_property
    def long_book(self) -> LongBook:
        """The long book, built when a work first asks for it."""
        book = build(self.place, self.size)
        what = f"the book of {self.size.book * 2:,} postings, built in acts of {self.size.act:,} entries"
        self.table.add(Line(self.engine, "", what, f"{self.size.book / book.seconds:,.0f}/s"))
        return book
