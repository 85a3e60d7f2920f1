"""A step of a base rate is proposed by one fund manager with its source, and approved by another."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import partial

from bank.approvals.rules import BASE_RATE
from bank.approvals.seconding import seconded
from bank.people.rules import FUND_MANAGER
from bank.rates.model import BaseRate, BaseRateApproval
from bank.rates.queries import BaseRateView, base_rates
from bank.rates.rules import sound_name, sound_rate
from bank.treasury.rules import BadTerms
from ledger import trail
from ledger.dates import within_calendar
from ledger.refusals import NotFound
from ledger.store.work import Work, command


class NoSuchStep(NotFound):
    """No step of this id."""

    slug = "no-such-base-rate-step"


@command
def propose_base_rate(work: Work, *, base: str, rate: Decimal, from_on: date, source: str, key: str) -> BaseRateView:
    """Propose what a base rate is from a day on, with the publication it is taken from.

    The day may lie behind us: what was accrued on open days is put right by the next accrual of each facility, and
    what lies in a closed quarter stays as it was reported and is made good in the next open one.
    """
    work.actor.require(FUND_MANAGER)
    del key
    if not source.strip():
        raise BadTerms("Say where the rate is published: whoever checks the interest will look it up there")
    row = BaseRate(
        id=work.new_id("bas"),
        base=sound_name(base),
        rate=sound_rate(rate),
        from_on=within_calendar(from_on),
        source=source.strip(),
        proposed_by=work.actor.id,
        recorded_at=work.now,
    )
    work.session.add(row)
    work.session.flush()
    trail.record(
        work, action="rates.propose", subject=row.id, reason=row.source, base=row.base, rate=rate, from_on=from_on
    )
    return _step(work, row.id)


@command
def approve_base_rate(work: Work, *, id: str, key: str) -> BaseRateView:  # noqa: A002 -- what a step is known by
    """Approve a step that somebody else proposed; it counts from its day. Of two from one day the later approved."""
    del key
    approval = partial(BaseRateApproval, rate_id=id)
    seconded(work, _step(work, id), "base rate", approval, act=BASE_RATE, action="rates.approve")
    return _step(work, id)


def _step(work: Work, wanted: str) -> BaseRateView:
    for step in base_rates(work.session):
        if step.id == wanted:
            return step
    raise NoSuchStep(f"There is no step of a base rate {wanted!r:.60}")
