"""`/v1/stress`: what each scenario comes to over twenty quarters, and what it assumes."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from pydantic import BaseModel

from bank.api.door import Known, TrusteeOrManager, TwoTimes, router
from bank.stress import queries
from bank.stress.queries import ScenarioView, StressResult

routes = router("/stress", "stress")


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
