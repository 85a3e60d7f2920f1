"""`/v1/case-studies`: what became of single onward loans, in words, and the consents that they are printed by."""

from __future__ import annotations

from typing import Annotated

from fastapi import status
from pydantic import BaseModel, Field

from bank.api.door import ActKey, AnyKey, BankStaff, In, Known, ManagerOrIntermediary, example, router
from bank.api.fields import Day
from bank.cases import commands, queries
from bank.cases.queries import CaseView

routes = router("/case-studies", "case studies")


class CaseIn(In):
    """What became of one loan, and the borrower's consent to print it."""

    model_config = example(
        intermediary="int_h4k2m7p9",
        loan_ref="L-0042",
        title="A kitchen that taught, and closed",
        text="The loan fitted out a training kitchen. Forty people cooked there in two years, and twenty found work. "
        "Then the lease ended, and no other kitchen could be paid for.",
        outcome="failed",
        evidence="The lender's visit of 3 March 2014",
        consent_by="The chair of the trustees",
        consented_on="2014-03-10",
        consent_until="2017-03-31",
        named=False,
    )

    intermediary: Annotated[str, Field(min_length=1, max_length=80)]
    loan_ref: Annotated[str, Field(min_length=1, max_length=80)]
    title: Annotated[str, Field(max_length=200)]
    text: Annotated[str, Field(max_length=2000)]
    outcome: Annotated[str, Field(max_length=20)]
    evidence: Annotated[str, Field(max_length=1000)]
    consent_by: Annotated[str, Field(max_length=1000)]
    consented_on: Day
    consent_until: Day
    named: bool = False


class WithdrawalIn(In):
    """Why the borrower takes its consent back, or that it gave no reason."""

    model_config = example(reason="The borrower asks for it, and need not say why")

    reason: Annotated[str, Field(min_length=1, max_length=1000)]


class CaseStudies(BaseModel):
    """Case studies in the order in which they were told."""

    items: list[CaseView]


@routes.get("")
def case_studies(desk: AnyKey, knowing: Known) -> CaseStudies:
    """Every case study, its consent and its approval; an intermediary sees those of its own loans."""
    with desk.reading() as session:
        return CaseStudies(items=queries.cases(session, viewer=desk.actor, at=knowing.of(session)))


@routes.post("", status_code=status.HTTP_201_CREATED)
def tell(desk: ManagerOrIntermediary, case: CaseIn, key: ActKey) -> CaseView:
    """Tell what became of one loan; it is printed once another approves it, while the borrower's consent holds."""
    return commands.tell_case(desk, **dict(case), key=key)


@routes.post("/{case}/approve")
def approve(desk: BankStaff, case: str, key: ActKey) -> CaseView:
    """Approve a case study that somebody else told."""
    return commands.approve_case(desk, id=case, key=key)


@routes.post("/{case}/withdrawals", status_code=status.HTTP_201_CREATED)
def withdraw(desk: ManagerOrIntermediary, case: str, withdrawal: WithdrawalIn, key: ActKey) -> CaseView:
    """Keep that the borrower takes its consent back: nothing issued from now on prints it."""
    return commands.withdraw_consent(desk, id=case, reason=withdrawal.reason, key=key)
