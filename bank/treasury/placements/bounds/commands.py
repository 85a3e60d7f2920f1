"""What a short gilt is and may cost is a dated policy: proposed by one with what it rests on, approved by another."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import partial

from bank.approvals.rules import PLACEMENT_BOUNDS
from bank.approvals.seconding import seconded
from bank.people.rules import FUND_MANAGER
from bank.treasury.placements.bounds.queries import BoundsView, bounds
from bank.treasury.placements.model import PlacementBounds, PlacementBoundsApproval
from bank.treasury.placements.rules import Bounds, sound_bounds
from bank.treasury.rules import BadTerms
from ledger import trail
from ledger.dates import within_calendar
from ledger.store.work import Work, command


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
    return bounds(work.session, row.id)


@command
def approve_bounds(work: Work, *, id: str, key: str | None = None) -> BoundsView:  # noqa: A002 -- what they are known by
    """Approve bounds that somebody else proposed; what happens on a day from theirs on is held to them."""
    del key
    approval = partial(PlacementBoundsApproval, bounds_id=id)
    told = bounds(work.session, id)
    seconded(work, told, "policy", approval, act=PLACEMENT_BOUNDS, action="treasury.approve-bounds")
    return bounds(work.session, id)
