"""The verb that publishes the record of loan performance, for good."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from bank.figures.beside import Beside
from bank.figures.publications.model import Publication
from bank.figures.publications.queries import PublicationView, publication, published_before
from bank.figures.published import published
from bank.figures.queries import evidence_at
from bank.people.rules import FUND_MANAGER
from bank.publishing.rules import TOLD_THE_PUBLIC
from bank.publishing.told.queries import before_of, told_public
from bank.treasury.commands import hold_headroom
from ledger import trail
from ledger.dates import Quarter
from ledger.periods import QuarterNotOver
from ledger.settling import settled
from ledger.store.holding import hold
from ledger.store.work import Work, command


@command
def publish_record(
    work: Work, *, quarter: Quarter, fewest: int, known_at: datetime | int | None = None, key: str
) -> PublicationView:
    """Publish the record of loan performance of a quarter that is over, and keep it.

    Takes a fund manager or the operator. It tells nothing of fewer borrowers than so many: not by itself, and not
    together with anything that was published before, in the record or in a statement for the public. Published again
    with nothing new known, it is the publication already there. Refuses a quarter that is not over (`QuarterNotOver`).
    """
    del key
    work.actor.require(FUND_MANAGER, "operator")
    if quarter.ends_on >= work.today:
        raise QuarterNotOver(f"{quarter} ends on {quarter.ends_on}: its record is published from the day after")
    known = settled(work.session, known_at)
    hold_headroom(work)
    last = work.session.scalars(
        select(Publication).where(Publication.quarter == quarter).order_by(Publication.number.desc()).limit(1)
    ).first()
    if last is not None and (last.known_seq, last.fewest) == (known.seq, fewest):
        trail.record(work, action="record.publish-again", subject=last.id)
        return publication(work.session, last.id)
    hold(work.session, TOLD_THE_PUBLIC)
    statements = before_of(told_public(work.session))
    before = published_before(work.session, Beside(statements.columns))
    record = published(evidence_at(work.session, quarter.ends_on, known), fewest, before)
    row = Publication(
        id=work.new_id("pub"),
        quarter=quarter,
        number=(last.number if last is not None else 0) + 1,
        as_at=record.as_at,
        known_seq=record.known_seq,
        known_at=record.known_at,
        fewest=fewest,
        published_at=work.now,
        published_by=work.actor.id,
        published_by_name=work.actor.name,
        record=record.model_dump(mode="json"),
        kept=before.written(),
    )
    work.session.add(row)
    work.session.flush()
    trail.record(
        work, action="record.publish", subject=row.id, quarter=str(quarter), number=row.number, known_seq=row.known_seq
    )
    return publication(work.session, row.id)
