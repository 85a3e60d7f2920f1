"""Entries as rows of the two tables that hold them: sealed in one pass, and told row by row as the database takes them.

An act of a hundred thousand entries costs in Python what these loops cost. Rows are made when they are asked for, and
go when the database has them: of a long act only what is answered, and the two hashes of each entry, are kept whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import repeat
from typing import Any, Final, NamedTuple

from ledger.dates import instant_text
from ledger.entries import Entry, Recorded
from ledger.seals import day_text, hashes_of_parts, opening, parts
from ledger.store.journal import EPOCH

POSTING: Final = ("entry_id", "leg", "legs", "book_id", "account_id", "amount", "effective_on", "seq")
"""The columns of a leg, in the order in which `legs_of` tells them."""

ENTRY: Final = (
    *("id", "seq", "book_id", "key", "kind", "description", "effective_on", "recorded_at", "actor", "pair", "legs"),
    *("gross", "content_hash", "seal"),
)
"""The columns of a header, in the order in which `headers_of` tells them."""

SELDOM: Final = ("original_effective_on", "reverses")
"""The columns that most entries leave empty: told only in an act that has an entry with either (`columns_of`)."""

Ids = dict[tuple[str, str], tuple[int, int]]
"""Book and account ids, by book code and account code."""

Row = tuple[Any, ...]


class Act(NamedTuple):
    """An entry about to be placed: who made it, and when, where the journal does not say so itself."""

    entry: Entry
    actor: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class ActsOfOne:
    """Entries about to be placed that one person made at one instant: told as often as asked for, and not kept so."""

    entries: Sequence[Entry]
    actor: str
    recorded_at: datetime

    def __len__(self) -> int:
        return len(self.entries)

    def __iter__(self) -> Iterator[tuple[Entry, str, datetime]]:
        return zip(self.entries, repeat(self.actor), repeat(self.recorded_at), strict=False)


Acts = Sequence[tuple[Entry, str, datetime]] | ActsOfOne
"""What is about to be placed, in order."""


@dataclass(slots=True)
class Sealed:
    """Entries that have their places: as they will be answered, and the two hashes of each."""

    placed: list[Recorded] = field(default_factory=list)
    seals: list[bytes] = field(default_factory=list)
    contents: list[bytes] = field(default_factory=list)


def sealed(after: int, acts: Iterable[tuple[Entry, str, datetime]]) -> Sealed:
    """Seal entries for the places that follow one."""
    made = Sealed()
    placed, seals, contents = made.placed.append, made.seals.append, made.contents.append
    instant, at = EPOCH, instant_text(EPOCH)
    who, begins = "", opening("")
    for seq, (entry, actor, recorded_at) in enumerate(acts, start=after + 1):
        if recorded_at is not instant:
            instant, at = recorded_at, instant_text(recorded_at)
        if actor != who:
            who, begins = actor, opening(actor)
        seal, content = hashes_of_parts(begins, *parts(entry), at, seq)
        placed(Recorded(entry, seq, instant, actor, seal.hex()))
        seals(seal)
        contents(content)
    return made


def legs_of(acts: Iterable[tuple[Entry, str, datetime]], after: int, ids: Ids) -> Iterator[Row]:
    """The rows of the legs of entries about to be placed after one: the place is all that they have of the journal."""
    for seq, (entry, _, _) in enumerate(acts, start=after + 1):
        book, postings, day = entry.book, entry.postings, day_text(entry.effective_on)
        legs = len(postings)
        for leg, posting in enumerate(postings, start=1):
            book_id, account_id = ids[book, posting.account]
            yield seq, leg, legs, book_id, account_id, posting.amount.pence, day, seq


def columns_of(made: Sealed) -> tuple[str, ...]:
    """The columns of the headers of sealed entries."""
    plain = all(one.entry.reverses is None and one.entry.original_effective_on is None for one in made.placed)
    return ENTRY if plain else (*ENTRY, *SELDOM)


def headers_of(made: Sealed, ids: Ids, columns: tuple[str, ...], blob: type[bytes | bytearray]) -> Iterator[Row]:
    """The rows of the headers of sealed entries, with their hashes as the driver takes them fastest."""
    instant, at = EPOCH, instant_text(EPOCH)
    plain = columns == ENTRY
    for recorded, content, seal in zip(made.placed, made.contents, made.seals, strict=True):
        entry, seq = recorded.entry, recorded.seq
        if recorded.recorded_at is not instant:
            instant, at = recorded.recorded_at, instant_text(recorded.recorded_at)
        postings, day = entry.postings, day_text(entry.effective_on)
        book_id = ids[entry.book, postings[0].account][0]
        gross = 0
        for posting in postings:
            pence = posting.amount.pence
            if pence > 0:
                gross += pence
        head = (seq, seq, book_id, entry.key, entry.kind, entry.description, day, at, recorded.actor, entry.pair)
        row = (*head, len(postings), gross, blob(content), blob(seal))
        original = entry.original_effective_on
        yield row if plain else (*row, original and original.isoformat(), entry.reverses)
