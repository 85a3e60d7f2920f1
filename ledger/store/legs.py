"""Every posting of the journal as one plain row, for whoever adds up many figures of one moment at once."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any, Final, NamedTuple

from sqlalchemy import CTE, BigInteger, Select, String, bindparam, func, select, type_coerce
from sqlalchemy.orm import aliased

from ledger.money import Money
from ledger.store.alike import Alike
from ledger.store.database import ReadSession
from ledger.store.tables import Account, Book, EntryRow, PostingRow

REVERSAL: Final = "reversal"
"""The kind that the entry itself says it is, which takes another back."""


class Leg(NamedTuple):
    """One posting. `kind` is what was done; a reversal bears the kind of the entry it takes back, and `undoes` it.

    One that takes a reversal back bears the kind of what is done again by it, and undoes nothing.
    """

    book: str
    account: str
    seq: int
    effective_on: date
    kind: str
    undoes: bool
    pair: str
    amount: Money
    reverses: int = 0
    """The place of the entry that it takes back; 0 where it takes none back."""


def legs(session: ReadSession, known_seq: int) -> list[Leg]:
    """The postings of every book up to a place in the journal, in its order: one question for all of them.

    What many of them have alike is there once: without that a loan's would take thrice the room.
    """
    found: list[Leg] = []
    reversals: dict[int, Leg] = {}
    same = Alike()
    rows = session.execute(_legs().execution_options(yield_per=_AT_ONCE), {"place": known_seq})
    for book, account, seq, day, kind, undoes, pair, pence, reverses in rows:
        leg = Leg(same[book], same[account], seq, same.day(day), same[kind], undoes, same[pair], Money(pence), reverses)
        if reverses:
            undone = reversals.get(reverses)
            if undone is not None:
                leg = leg._replace(kind=undone.kind, undoes=not undone.undoes)
            reversals[seq] = leg
        found.append(leg)
    return found


_AT_ONCE: Final = 2_000


@cache
def _legs() -> Select[*tuple[Any, ...]]:
    undone = aliased(EntryRow)
    return (
        select(
            Book.code,
            Account.code,
            PostingRow.seq,
            type_coerce(PostingRow.effective_on, String),
            func.coalesce(undone.kind, EntryRow.kind),
            EntryRow.reverses.is_not(None),
            EntryRow.pair,
            type_coerce(PostingRow.amount, BigInteger),
            func.coalesce(EntryRow.reverses, 0),
        )
        .join(EntryRow, EntryRow.id == PostingRow.entry_id)
        .join(Account, Account.id == PostingRow.account_id)
        .join(Book, Book.id == Account.book_id)
        .outerjoin(undone, undone.seq == EntryRow.reverses)
        .where(PostingRow.seq <= bindparam("place"))
        .order_by(PostingRow.seq, PostingRow.leg)
    )


def taken_back(book: str) -> CTE:
    """The place of each reversal of a book, and the kind of the entry that it takes back in the end."""
    its_book = select(Book.id).where(Book.code == book).scalar_subquery()
    reversals = select(EntryRow.seq.label("by"), EntryRow.reverses.label("of")).where(
        EntryRow.reverses.is_not(None), EntryRow.book_id == its_book
    )
    step = reversals.cte("step", recursive=True)
    step = step.union(  # each once, so that it ends also where somebody made a reversal take itself back
        select(step.c.by, EntryRow.reverses)
        .join(EntryRow, EntryRow.seq == step.c.of)
        .where(EntryRow.reverses.is_not(None))
    )
    return (
        select(step.c.by, EntryRow.kind)
        .join(EntryRow, EntryRow.seq == step.c.of)
        .where(EntryRow.reverses.is_(None))
        .cte("undone")
    )
