"""A class's period of dormancy is entered by one fund manager with its source, and approved by another."""

from __future__ import annotations

from datetime import date
from functools import partial

from bank.approvals.rules import DORMANCY_PERIOD
from bank.approvals.seconding import seconded
from bank.inflows.periods.model import DormancyPeriod, DormancyPeriodApproval
from bank.inflows.periods.queries import DormancyPeriodView, dormancy_period
from bank.inflows.rules import sound_period
from bank.people.rules import FUND_MANAGER
from bank.treasury.rules import BadTerms
from ledger import trail
from ledger.dates import within_calendar
from ledger.store.work import Work, command


@command
def propose_dormancy_period(
    work: Work, *, asset_class: str, years: int, from_on: date, source: str, key: str | None = None
) -> DormancyPeriodView:
    """Enter after how many years without its owner an asset of a class is dormant, from a day on, and by what law.

    Nothing follows it until another approves it; then money of the class may be taken in from that day. Refuses a
    class that there is not, a day before it was brought in, and a period without its source.
    """
    work.actor.require(FUND_MANAGER)
    del key
    if not source.strip():
        raise BadTerms("Name the law that sets the period: the act and its section, the order")
    row = DormancyPeriod(
        id=work.new_id("dop"),
        asset_class=asset_class,
        years=sound_period(asset_class, years, within_calendar(from_on)),
        from_on=from_on,
        source=source.strip(),
        proposed_by=work.actor.id,
        recorded_at=work.now,
    )
    work.session.add(row)
    work.session.flush()
    trail.record(
        work,
        action="inflow.propose-dormancy-period",
        subject=row.id,
        reason=row.source,
        asset_class=asset_class,
        years=years,
        from_on=from_on,
    )
    return dormancy_period(work.session, row.id)


@command
def approve_dormancy_period(work: Work, *, id: str, key: str | None = None) -> DormancyPeriodView:  # noqa: A002 -- what a period is known by
    """Approve a period that somebody else entered; of two from one day the later approved counts."""
    del key
    approval = partial(DormancyPeriodApproval, period_id=id)
    told = dormancy_period(work.session, id)
    action = "inflow.approve-dormancy-period"
    seconded(work, told, "period of dormancy", approval, act=DORMANCY_PERIOD, action=action)
    return dormancy_period(work.session, id)
