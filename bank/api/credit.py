"""`/v1/loss-assumptions`: what loss is expected of each stage, proposed by one and approved by another."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from fastapi import status
from pydantic import Field

from bank.allocations import commands
from bank.allocations.credit import queries
from bank.allocations.credit.queries import LossAssumptionView
from bank.api.door import ActKey, BankStaff, FundManager, In, Known, example, router
from bank.api.fields import Day, Share

routes = router("/loss-assumptions", "loss assumptions")


class AssumptionIn(In):
    """How probable default is at a stage, in a year or in each year ahead, what part is lost, and why."""

    model_config = example(
        stage=2,
        by_year=["0.06", "0.04", "0.03"],
        loss_given_default="0.45",
        conversion="0.50",
        from_on="2012-04-01",
        basis="Credit committee, 12 March",
    )

    stage: Annotated[int, Field(ge=1, le=3)]
    probability: Share | None = None
    by_year: Annotated[tuple[Share, ...], Field(strict=False, max_length=40)] = ()
    loss_given_default: Share
    conversion: Share = Decimal(0)
    from_on: Day
    basis: Annotated[str, Field(min_length=1, max_length=1000)]


@routes.get("")
def assumptions(desk: FundManager, knowing: Known) -> list[LossAssumptionView]:
    """Every assumption of loss, as known then."""
    with desk.reading() as session:
        return queries.assumptions(session, at=knowing.of(session))


@routes.post("", status_code=status.HTTP_201_CREATED)
def assume_loss(desk: FundManager, assumption: AssumptionIn, key: ActKey) -> LossAssumptionView:
    """Propose an assumption of loss; another fund manager approves it."""
    return commands.assume_loss(desk, **dict(assumption), key=key)


@routes.post("/{assumption}/approve")
def approve(desk: BankStaff, assumption: str, key: ActKey) -> LossAssumptionView:
    """Approve another's assumption of loss."""
    return commands.approve_assumption(desk, id=assumption, key=key)
