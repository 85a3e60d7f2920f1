"""`/v1/breaks`: what keeps accepted returns from tying with the books, how old it is, and who is to clear it."""

from __future__ import annotations

from typing import Annotated

from fastapi import status
from pydantic import Field

from bank.api.door import ActKey, FundManager, In, Known, TrusteeOrManager, example, router
from bank.api.fields import Day
from bank.people.queries import person
from bank.quarters.commands import assign_break, explain_break
from intermediaries.returns.breaks.kinds import Category
from intermediaries.returns.breaks.queries import breaks as broken
from intermediaries.returns.views import BreakView
from ledger.dates import Quarter
from ledger.money import Money

routes = router("/breaks", "returns")


class OwnerIn(In):
    """Who is to clear a break, by when, and why they."""

    model_config = example(to="clerk@bank.example", reason="Looks after this lender", clear_by="2012-06-30")

    to: Annotated[str, Field(min_length=1, max_length=300)]
    reason: Annotated[str, Field(min_length=1, max_length=2000)]
    clear_by: Day | None = None


class ExplanationIn(In):
    """What explains a break, or the part of it that is given; all of it when no amount is."""

    model_config = example(category="timing", reason="Paid on 30 March, credited on 2 April", amount="499.99")

    category: Category
    reason: Annotated[str, Field(min_length=1, max_length=2000)]
    amount: Money | None = None


@routes.get("")
def breaks(
    desk: TrusteeOrManager,
    known: Known,
    quarter: str | None = None,
    facility: str | None = None,
    owner: str | None = None,
) -> list[BreakView]:
    """The breaks, oldest first; of a person, what they have in hand."""
    with desk.reading() as session:
        return broken(
            session,
            quarter=None if quarter is None else Quarter.parse(quarter),
            facility=facility,
            owner=None if owner is None else person(session, owner).id,
            known=known.asked(session),
        )


@routes.post("/{break_id}/owners", status_code=status.HTTP_201_CREATED)
def assign(desk: FundManager, break_id: str, given: OwnerIn, key: ActKey) -> BreakView:
    """Put a break into the hands of somebody of the bank, who is to clear it."""
    return assign_break(desk, break_id=break_id, to=given.to, reason=given.reason, clear_by=given.clear_by, key=key)


@routes.post("/{break_id}/explanations", status_code=status.HTTP_201_CREATED)
def explain(desk: FundManager, break_id: str, given: ExplanationIn, key: ActKey) -> BreakView:
    """Explain a break or a part of it; fees and costs are posted to the intermediary's book."""
    return explain_break(
        desk, break_id=break_id, category=given.category, reason=given.reason, amount=given.amount, key=key
    )
