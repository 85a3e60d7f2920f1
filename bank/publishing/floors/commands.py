"""A floor is proposed by one fund manager and approved by another."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import partial

from bank.approvals.rules import DISCLOSURE_FLOOR, said
from bank.approvals.seconding import seconded
from bank.people.rules import FUND_MANAGER
from bank.publishing.floors.model import DisclosureFloor, DisclosureFloorApproval
from bank.publishing.floors.queries import FloorView, disclosure_floor
from bank.publishing.floors.rules import sound_floor
from ledger import trail
from ledger.dates import within_calendar
from ledger.store.work import Work, command


@command
def propose_floor(
    work: Work,
    *,
    form: str,
    fewest: int,
    from_on: date,
    basis: str,
    most_of_one: Decimal | None = None,
    key: str | None = None,
) -> FloorView:
    """Propose of how many borrowers a group is, at the least, that a form tells of from a day on.

    With `most_of_one` also the part of the group's pounds, a fraction, that one of them may be: beyond it the group
    is not told of, since its sum is nearly that borrower's own.

    Nothing changes before another agrees. Statements issued from that day on are held to it; those filed stay.
    """
    work.actor.require(FUND_MANAGER)
    del key
    row = DisclosureFloor(
        id=work.new_id("flo"),
        form=sound_floor(form, fewest, most_of_one),
        fewest=fewest,
        most_of_one=most_of_one,
        from_on=within_calendar(from_on),
        basis=said(basis, "what the floor rests on: a minute, published guidance"),
        proposed_by=work.actor.id,
        recorded_at=work.now,
    )
    work.session.add(row)
    work.session.flush()
    trail.record(work, action="statement.propose-floor", subject=row.id, reason=row.basis, form=row.form, fewest=fewest)
    return disclosure_floor(work.session, row.id)


@command
def approve_floor(work: Work, *, id: str, key: str | None = None) -> FloorView:  # noqa: A002 -- what a floor is known by
    """Approve a floor that somebody else proposed; it is in force from its day."""
    del key
    approval = partial(DisclosureFloorApproval, floor_id=id)
    told = disclosure_floor(work.session, id)
    seconded(work, told, "floor", approval, act=DISCLOSURE_FLOOR, action="statement.approve-floor")
    return disclosure_floor(work.session, id)
