"""`/v1/modification-thresholds`: from what difference on changed terms make another loan, agreed by two."""

from __future__ import annotations

from typing import Annotated

from fastapi import status
from pydantic import Field

from bank.allocations import commands
from bank.allocations.terms import queries
from bank.allocations.terms.queries import ThresholdView
from bank.api.door import ActKey, BankStaff, FundManager, In, Known, example, router
from bank.api.fields import Day, Rate

routes = router("/modification-thresholds", "modification thresholds")


class ThresholdIn(In):
    """From what part of difference on, since when, and where that comes from."""

    model_config = example(part="0.10", from_on="2012-01-01", source="IFRS 9, B3.3.6, by analogy")

    part: Rate
    from_on: Day
    source: Annotated[str, Field(min_length=1, max_length=1000)]


@routes.get("")
def thresholds(desk: FundManager, knowing: Known) -> list[ThresholdView]:
    """Every threshold, as known then; the standard's tenth holds until there is one."""
    with desk.reading() as session:
        return queries.thresholds(session, at=knowing.of(session))


@routes.post("", status_code=status.HTTP_201_CREATED)
def propose_threshold(desk: FundManager, threshold: ThresholdIn, key: ActKey) -> ThresholdView:
    """Propose a threshold; another fund manager approves it."""
    return commands.propose_threshold(desk, **dict(threshold), key=key)


@routes.post("/{threshold}/approve")
def approve(desk: BankStaff, threshold: str, key: ActKey) -> ThresholdView:
    """Approve another's threshold."""
    return commands.approve_threshold(desk, id=threshold, key=key)
