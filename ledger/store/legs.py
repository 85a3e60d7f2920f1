"""Every posting of the journal as one plain row, for whoever adds up many figures of one moment at once."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import aliased

from ledger.money import Money
from ledger.store.database import ReadSession
from ledger.store.tables import Account, Book, EntryRow, PostingRow


class Leg(NamedTuple):
    """One posting. `kind` is what was done; a reversal bears the kind of the entry it takes back, and `undoes` it."""

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
    """The postings of every book up to a place in the journal, in its order: one question for all of them."""
    return [Leg(*row) for row in session.execute(_legs(), {"place": known_seq})]


@cache
def _legs() -> Select[*tuple[Any, ...]]:
    undone = aliased(EntryRow)
    return (
        select(
            Book.code,
            Account.code,
            PostingRow.seq,
            PostingRow.effective_on,
            func.coalesce(undone.kind, EntryRow.kind),
            EntryRow.reverses.is_not(None),
            EntryRow.pair,
            PostingRow.amount,
            func.coalesce(EntryRow.reverses, 0),
        )
        .join(EntryRow, EntryRow.id == PostingRow.entry_id)
        .join(Account, Account.id == PostingRow.account_id)
        .join(Book, Book.id == Account.book_id)
        .outerjoin(undone, undone.seq == EntryRow.reverses)
        .where(PostingRow.seq <= bindparam("place"))
        .order_by(PostingRow.seq, PostingRow.leg)
    )
