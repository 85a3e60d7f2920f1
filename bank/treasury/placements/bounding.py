"""What a short gilt is and may cost is a dated policy: proposed by one with what it rests on, approved by another."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from functools import partial

from sqlalchemy import select

from bank.people.agreeing import second
from bank.people.rules import FUND_MANAGER
from bank.treasury.placements.model import PlacementBounds, PlacementBoundsApproval
from bank.treasury.placements.rules import USUAL_BOUNDS, Bounds, sound_bounds
from bank.treasury.rules import BadTerms
from ledger import trail
from ledger.dates import within_calendar
from ledger.queries import Known, known
from ledger.refusals import NotFound
from ledger.store.database import ReadSession
from ledger.store.work import View, Work, command


class BoundsView(View):
    """Bounds as proposed and, once another fund manager agreed, approved. Prices are per 100 of the nominal."""

    id: str
    longest_years: int
    least_price: Decimal
    most_price: Decimal
    from_on: date
    basis: str
    proposed_by: str
    proposed_at: datetime
    approved_by: str | None
    approved_at: datetime | None


class NoSuchBounds(NotFound):
    """No bounds of this id."""

    slug = "no-such-bounds"


@command
def propose_bounds(
    work: Work,
    *,
    longest_years: int,
    least_price: Decimal,
    most_price: Decimal,
    from_on: date,
    basis: str,
    key: str | None = None,
) -> BoundsView:
    """Propose how long a short gilt may run and between which prices it is bought home, from a day on, and why.

    Nothing is in force until another approves it, and before the first are, those of the debt office's bands are.
    """
    work.actor.require(FUND_MANAGER)
    del key
    if not basis.strip():
        raise BadTerms("Say what the bounds rest on: a minute, the treasury policy, the bands of the debt office")
    told = sound_bounds(Bounds(longest_years, least_price, most_price))
    row = PlacementBounds(
        id=work.new_id("bnd"),
        longest_years=told.longest_years,
        least_price=told.least_price,
        most_price=told.most_price,
        from_on=within_calendar(from_on),
        basis=basis.strip(),
        proposed_by=work.actor.id,
        recorded_at=work.now,
    )
    work.session.add(row)
    work.session.flush()
    trail.record(
        work,
        action="treasury.propose-bounds",
        subject=row.id,
        reason=row.basis,
        longest_years=longest_years,
        least_price=least_price,
        most_price=most_price,
        from_on=from_on,
    )
    return _one(work, row.id)


@command
def approve_bounds(work: Work, *, id: str, key: str | None = None) -> BoundsView:  # noqa: A002 -- what they are known by
    """Approve bounds that somebody else proposed; what happens on a day from theirs on is held to them."""
    work.actor.require(FUND_MANAGER)
    del key
    approval = partial(PlacementBoundsApproval, bounds_id=id)
    second(work, _one(work, id), "policy", approval, action="treasury.approve-bounds")
    return _one(work, id)


def bounds_table(session: ReadSession, *, at: Known | None = None) -> list[BoundsView]:
    """All bounds proposed, with their approval if they have one, in the order proposed."""
    then = at or known(session)
    rows = session.execute(
        select(PlacementBounds, PlacementBoundsApproval)
        .outerjoin(PlacementBoundsApproval, PlacementBoundsApproval.bounds_id == PlacementBounds.id)
        .where(PlacementBounds.recorded_at <= then.instant)
        .order_by(PlacementBounds.recorded_at, PlacementBounds.id)
    )
    return [_shown(row.PlacementBounds, row.PlacementBoundsApproval, then.instant) for row in rows]


def bounds_on(session: ReadSession, day: date, at: Known | None = None) -> Bounds:
    """The bounds in force on a day: the approved that start last by then; of two from one day, the later approved."""
    held = [one for one in bounds_table(session, at=at) if one.approved_at is not None and one.from_on <= day]
    if not held:
        return USUAL_BOUNDS
    last = max(held, key=lambda one: (one.from_on, one.approved_at or one.proposed_at))
    return Bounds(last.longest_years, last.least_price, last.most_price)


def _one(work: Work, wanted: str) -> BoundsView:
    for one in bounds_table(work.session):
        if one.id == wanted:
            return one
    raise NoSuchBounds(f"There are no bounds {wanted!r:.60}: list them with `bank treasury bounds`")


def _shown(row: PlacementBounds, approval: PlacementBoundsApproval | None, instant: datetime) -> BoundsView:
    agreed = approval if approval is not None and approval.recorded_at <= instant else None
    return BoundsView(
        id=row.id,
        longest_years=row.longest_years,
        least_price=row.least_price,
        most_price=row.most_price,
        from_on=row.from_on,
        basis=row.basis,
        proposed_by=row.proposed_by,
        proposed_at=row.recorded_at,
        approved_by=None if agreed is None else agreed.approved_by,
        approved_at=None if agreed is None else agreed.recorded_at,
    )
