"""`/v1/stress`: what each scenario comes to over twenty quarters, and what it assumes."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, status
from pydantic import BaseModel, Field

from bank.api.door import ActKey, BankStaff, FundManager, In, Known, TrusteeOrManager, TwoTimes, example, router
from bank.api.fields import Count, Day, Share
from bank.stress import commands, queries
from bank.stress.queries import ScenarioView, StressResult
from ledger.money import NOTHING, Money

routes = router("/stress", "stress")


class ScenarioIn(In):
    """What a named scenario assumes from a day on; rates are yearly, amounts a quarter's."""

    model_config = example(
        name="severe",
        claims_rate="0.06",
        claims_interest="0.03",
        receipts="1000000.00",
        drawn_over=4,
        repayment_shortfall="0.2",
        treasury_rate="0.005",
        costs="250000.00",
        holds_for=4,
        from_on="2012-04-01",
        basis="Minute 9 of the risk committee",
    )

    name: Annotated[str, Field(min_length=1, max_length=80)]
    claims_rate: Share
    claims_interest: Share
    receipts: Money = NOTHING
    drawn_over: Annotated[Count, Field(ge=1)]
    repayment_shortfall: Share
    treasury_rate: Share
    costs: Money = NOTHING
    holds_for: Count = 0
    from_on: Day
    basis: Annotated[str, Field(min_length=1, max_length=1000)]


class Results(BaseModel):
    """What each scenario comes to."""

    items: list[StressResult]


class Scenarios(BaseModel):
    """Every scenario proposed."""

    items: list[ScenarioView]


@routes.get("")
def stress(
    desk: TrusteeOrManager,
    times: TwoTimes,
    scenario: Annotated[str | None, Query(description="Only this one.", max_length=80)] = None,
) -> Results:
    """The first quarter in which each reserve and each liquidity fails, in each scenario, with all its quarters."""
    with desk.reading() as session:
        found = queries.stress(session, scenario=scenario, as_at=times.as_at(session), at=times.known(session))
    return Results(items=found)


@routes.get("/scenarios")
def scenarios(desk: TrusteeOrManager, known: Known) -> Scenarios:
    """Every scenario with its assumptions, its day, and who proposed and approved it."""
    with desk.reading() as session:
        return Scenarios(items=queries.scenarios(session, at=known.of(session)))


@routes.post("/scenarios", status_code=status.HTTP_201_CREATED)
def propose(desk: FundManager, scenario: ScenarioIn, key: ActKey) -> ScenarioView:
    """Propose what a scenario assumes; another fund manager approves it."""
    return commands.propose_scenario(desk, **dict(scenario), key=key)


@routes.post("/scenarios/{scenario}/approve")
def approve(desk: BankStaff, scenario: str, key: ActKey) -> ScenarioView:
    """Approve another's scenario; it is in force from its day."""
    return commands.approve_scenario(desk, id=scenario, key=key)
