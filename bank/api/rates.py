"""`/v1/base-rates`: the history of base rates, each step proposed with its source and approved by another."""

from __future__ import annotations

from typing import Annotated

from fastapi import status
from pydantic import Field

from bank.api.door import ActKey, BankStaff, FundManager, In, Known, example, router
from bank.api.fields import Day, Rate
from bank.rates import commands, queries
from bank.rates.queries import BaseRateView

routes = router("/base-rates", "base rates")


class StepIn(In):
    """What a base rate is from a day on, and where it is published."""

    model_config = example(
        base="bank-rate", rate="0.005", from_on="2009-03-05", source="Bank of England, Monetary Policy Committee"
    )

    base: Annotated[str, Field(min_length=1, max_length=40)]
    rate: Rate
    from_on: Day
    source: Annotated[str, Field(min_length=1, max_length=1000)]


@routes.get("")
def base_rates(desk: FundManager, knowing: Known, base: str | None = None) -> list[BaseRateView]:
    """Every step of one base rate or of all, as known then."""
    with desk.reading() as session:
        return queries.base_rates(session, base, at=knowing.of(session))


@routes.post("", status_code=status.HTTP_201_CREATED)
def propose(desk: FundManager, step: StepIn, key: ActKey) -> BaseRateView:
    """Propose a step; another fund manager approves it."""
    return commands.propose_base_rate(desk, **dict(step), key=key)


@routes.post("/{step}/approve")
def approve(desk: BankStaff, step: str, key: ActKey) -> BaseRateView:
    """Approve another's step; it counts from its day."""
    return commands.approve_base_rate(desk, id=step, key=key)
