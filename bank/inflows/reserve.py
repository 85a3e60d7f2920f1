"""The rate of reserve is an assumption with a date and two names to it: proposed by one person, approved by another."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from bank.inflows.model import ReserveRate, ReserveRateApproval
from bank.inflows.queries import ReserveRateView, reserve_rates
from bank.inflows.rules import asset_class_of
from bank.people.rules import FUND_MANAGER, refuse_same_person
from bank.treasury.rules import BadTerms, fraction
from ledger import trail
from ledger.dates import within_calendar
from ledger.refusals import NotFound, Refusal
from ledger.store.work import Work, command


class NoSuchRate(NotFound):
    """No rate of this id."""

    slug = "no-such-reserve-rate"


class AlreadyApproved(Refusal):
    """Approved once is approved."""

    slug = "already-approved"
    status = 409


@command
def propose_reserve_rate(work: Work, *, asset_class: str, rate: Decimal, from_on: date, basis: str) -> ReserveRateView:
    """Propose what part of transferred balances is set aside for claims, from a day on, and what that rests on.

    Nothing is in force until another fund manager approves it. A rate holds for money received from its day on; what
    was set aside before stays.
    """
    work.actor.require(FUND_MANAGER)
    asset_class_of(asset_class, within_calendar(from_on))
    if not basis.strip():
        raise BadTerms("Say what the rate rests on: an actuary's report, a published ratio, a minute")
    row = ReserveRate(
        id=work.new_id("rsv"),
        asset_class=asset_class,
        rate=fraction(rate, "The rate of reserve"),
        from_on=from_on,
        basis=basis.strip(),
        proposed_by=work.actor.id,
        recorded_at=work.now,
    )
    work.session.add(row)
    work.session.flush()
    trail.record(
        work,
        action="inflow.propose-reserve",
        subject=row.id,
        reason=row.basis,
        asset_class=asset_class,
        rate=rate,
        from_on=from_on,
    )
    return _rate(work, row.id)


@command
def approve_reserve_rate(work: Work, *, id: str) -> ReserveRateView:  # noqa: A002 -- what a rate is known by
    """Approve a rate that somebody else proposed; it is in force from its day."""
    work.actor.require(FUND_MANAGER)
    proposed = _rate(work, id)
    refuse_same_person(proposed.proposed_by, work.actor.id, "This rate of reserve")
    if proposed.approved_at is not None:
        raise AlreadyApproved(f"The rate {id} was approved on {proposed.approved_at.date()}")
    work.session.add(
        ReserveRateApproval(
            rate_id=id, proposed_by=proposed.proposed_by, approved_by=work.actor.id, recorded_at=work.now
        )
    )
    work.session.flush()
    trail.record(work, action="inflow.approve-reserve", subject=id, proposed_by=proposed.proposed_by)
    return _rate(work, id)


def _rate(work: Work, wanted: str) -> ReserveRateView:
    for rate in reserve_rates(work.session):
        if rate.id == wanted:
            return rate
    raise NoSuchRate(f"There is no rate of reserve {wanted!r:.60}")
