"""The close of a quarter as the books see it: what of their own forbids it, and what was kept when it was done."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import select

from ledger import queries
from ledger.dates import Quarter
from ledger.periods import QuarterState
from ledger.placing import waiting_until
from ledger.store.database import ReadSession
from ledger.store.tables import QuarterEvent
from ledger.store.work import View


class Kept(View):
    """What a close left behind: how far the journal went, its root, and the hash of every book's trial balance."""

    state: QuarterState
    recorded_at: datetime
    upto_seq: int
    root: str
    trial_balance: str


def gates(session: ReadSession, quarter: Quarter) -> Iterator[str]:
    """What of the books forbids that a quarter is closed for good, each in a sentence.

    A book that does not balance, a linked pair that does not agree, an entry of its days that waits for its place.
    """
    for book in queries.books(session):
        found = queries.trial_balance(session, book)
        if found.total_debit != found.total_credit:
            yield f"the book {book} does not balance: {found.total_debit} against {found.total_credit}"
    for fault in queries.pairs_that_disagree(session):
        yield f"the linked pair {fault.pair} differs by {fault.difference} on {fault.mirror or 'its other half'}"
    waiting = waiting_until(session, quarter.ends_on)
    if waiting:
        yield f"{waiting} entries that take effect by {quarter.ends_on} wait for their place: run `bank ledger place`"


def kept(session: ReadSession, quarter: Quarter) -> Kept | None:
    """What the last close of a quarter kept; nothing for one that is open, or that a later close covers."""
    event = session.scalars(
        select(QuarterEvent).where(QuarterEvent.quarter == quarter).order_by(QuarterEvent.id.desc()).limit(1)
    ).first()
    if event is None or event.state == "open":
        return None
    return Kept(
        state=event.state,
        recorded_at=event.recorded_at,
        upto_seq=event.upto_seq,
        root=event.root.hex(),
        trial_balance=event.trial_balance.hex(),
    )
