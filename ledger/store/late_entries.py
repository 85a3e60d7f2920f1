"""The entries that came too late for the day they tell of and stand on a later one, up to a place in the journal."""

from __future__ import annotations

from datetime import date

from sqlalchemy import or_, select

from ledger.store.database import ReadSession
from ledger.store.tables import EntryRow


def told_late(session: ReadSession, since: date, until: date, known_seq: int) -> frozenset[int]:
    """The places of entries on the days from `since` to `until`, both included, that tell of a day before them all.

    One that takes such an entry back is among them, whatever day it tells of, and so is one that does it again.
    """
    query = (
        select(EntryRow.seq, EntryRow.original_effective_on, EntryRow.reverses)
        .where(
            EntryRow.effective_on.between(since, until),
            EntryRow.seq <= known_seq,
            or_(EntryRow.original_effective_on.is_not(None), EntryRow.reverses.is_not(None)),
        )
        .order_by(EntryRow.seq)
    )
    late: set[int] = set()
    for seq, original, reverses in session.execute(query):
        if (original is not None and original < since) or reverses in late:
            late.add(seq)
    return frozenset(late)
