"""What a scenario assumes is proposed by one fund manager and approved by another."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import partial

from bank.approvals.rules import SCENARIO
from bank.approvals.seconding import seconded
from bank.people.rules import FUND_MANAGER, sound_name
from bank.stress.model import StressScenario, StressScenarioApproval
from bank.stress.queries import NoSuchScenario, ScenarioView, scenarios
from bank.stress.rules import Assumptions, sound_assumptions
from bank.treasury.rules import BadTerms
from ledger import trail
from ledger.dates import within_calendar
from ledger.money import Money
from ledger.store.work import Work, command


@command
def propose_scenario(
    work: Work,
    *,
    name: str,
    claims_rate: Decimal,
    claims_interest: Decimal,
    receipts: Money,
    drawn_over: int,
    repayment_shortfall: Decimal,
    treasury_rate: Decimal,
    costs: Money,
    holds_for: int,
    from_on: date,
    basis: str,
    key: str | None = None,
) -> ScenarioView:
    """Propose what a named scenario assumes from a day on, for how many quarters it must hold, and what that rests on.

    Rates are yearly fractions; receipts and costs are a quarter's. Nothing is in force until another approves it.
    """
    work.actor.require(FUND_MANAGER)
    del key
    if not basis.strip():
        raise BadTerms("Say what the assumptions rest on: an actuary's report, a minute, what was seen before")
    told = sound_assumptions(
        Assumptions(
            claims_rate=claims_rate,
            claims_interest=claims_interest,
            receipts=receipts,
            drawn_over=drawn_over,
            repayment_shortfall=repayment_shortfall,
            treasury_rate=treasury_rate,
            costs=costs,
            holds_for=holds_for,
        )
    )
    row = StressScenario(
        id=work.new_id("scn"),
        name=sound_name(name)[:80],
        claims_rate=told.claims_rate,
        claims_interest=told.claims_interest,
        receipts=told.receipts,
        drawn_over=told.drawn_over,
        repayment_shortfall=told.repayment_shortfall,
        treasury_rate=told.treasury_rate,
        costs=told.costs,
        holds_for=told.holds_for,
        from_on=within_calendar(from_on),
        basis=basis.strip(),
        proposed_by=work.actor.id,
        recorded_at=work.now,
    )
    work.session.add(row)
    work.session.flush()
    trail.record(work, action="stress.propose", subject=row.id, reason=row.basis, name=row.name, holds_for=holds_for)
    return _scenario(work, row.id)


@command
def approve_scenario(work: Work, *, id: str, key: str | None = None) -> ScenarioView:  # noqa: A002 -- what a scenario is known by
    """Approve a scenario that somebody else proposed; it is in force from its day."""
    del key
    approval = partial(StressScenarioApproval, scenario_id=id)
    seconded(work, _scenario(work, id), "scenario", approval, act=SCENARIO, action="stress.approve")
    return _scenario(work, id)


def _scenario(work: Work, wanted: str) -> ScenarioView:
    for scenario in scenarios(work.session):
        if scenario.id == wanted:
            return scenario
    raise NoSuchScenario(f"There is no scenario {wanted!r:.60}")
