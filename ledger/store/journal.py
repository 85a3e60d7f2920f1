"""The journal in the database, read back: entries with their postings, keys, and the states of the quarters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Any, Final

from sqlalchemy import select

from ledger.dates import Quarter
from ledger.entries import Entry, Posting, Recorded
from ledger.periods import QuarterState
from ledger.store.database import ReadSession
from ledger.store.tables import Account, Book, EntryRow, PostingRow, QuarterEvent

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_BATCH: Final = 2_000
_ENTRY_COLUMNS: Final = tuple(EntryRow.__table__.columns)
_EVENTS: Final = QuarterEvent.__table__.c
_QUARTERS: Final = select(_EVENTS.quarter, _EVENTS.ends_on, _EVENTS.state).order_by(_EVENTS.id)
"""Asked at nearly every act: made once, and past the ORM."""


def recorded(session: ReadSession, *conditions: Any) -> Iterator[Recorded]:
    """The entries that meet the conditions, in order of place, each with all its postings; read in batches."""
    query = (
        select(*_ENTRY_COLUMNS, Book.code.label("book"))
        .join(Book, Book.id == EntryRow.book_id)
        .where(*conditions)
        .order_by(EntryRow.seq)
    )
    after = 0
    while batch := session.execute(query.where(EntryRow.seq > after).limit(_BATCH)).all():
        postings = _postings_of(session, [row.id for row in batch])
        for row in batch:
            yield _as_recorded(row, postings.get(row.id, ()))
        after = batch[-1].seq


def quarter_states(session: ReadSession) -> tuple[date | None, dict[Quarter, QuarterState]]:
    """The sealed watermark, and the last state of every quarter that has had one."""
    rows = session.execute(_QUARTERS).all()
    states: dict[Quarter, QuarterState] = {row.quarter: row.state for row in rows}
    closed = [row.ends_on for row in rows if row.state == "closed"]
    return max(closed, default=None), states


def _postings_of(session: ReadSession, entry_ids: Sequence[int]) -> dict[int, tuple[Posting, ...]]:
    query = (
        select(PostingRow.entry_id, Account.code, PostingRow.amount)
        .join(Account, Account.id == PostingRow.account_id)
        .where(PostingRow.entry_id.in_(entry_ids))
        .order_by(PostingRow.entry_id, PostingRow.leg)
    )
    legs: dict[int, list[Posting]] = {}
    for row in session.execute(query):
        legs.setdefault(row.entry_id, []).append(Posting(row.code, row.amount))
    return {entry_id: tuple(found) for entry_id, found in legs.items()}


def _as_recorded(row: Any, postings: tuple[Posting, ...]) -> Recorded:
    """Read an entry back as it lies in the database, sound or not: `verify` must be able to look at a broken one."""
    entry = object.__new__(Entry)
    for name, value in (
        ("key", row.key),
        ("book", row.book),
        ("effective_on", row.effective_on),
        ("description", row.description),
        ("postings", postings),
        ("kind", row.kind),
        ("pair", row.pair),
        ("original_effective_on", row.original_effective_on),
        ("reverses", row.reverses),
    ):
        object.__setattr__(entry, name, value)
    return Recorded(entry, row.seq, row.recorded_at, row.actor, row.seal.hex())
