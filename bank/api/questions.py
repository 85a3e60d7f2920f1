"""`/v1/returns`: the rules of a quarter, what unanswered questions stop, the filer's answers, and the nil return."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, status
from pydantic import BaseModel, Field

from bank.api.door import (
    ActKey,
    BankStaff,
    FundManager,
    In,
    Known,
    ManagerOrIntermediary,
    TrusteeOrManager,
    example,
    router,
)
from bank.api.fields import Count, Day
from bank.approvals.questions import approve_question_policy
from intermediaries.returns import queries as returns
from intermediaries.returns.commands import file_nil_return
from intermediaries.returns.questions import commands, policies, queries
from intermediaries.returns.questions.queries import QuestionPolicyView
from intermediaries.returns.rules_listed import RuleSetView, rule_set
from intermediaries.returns.views import Reminder, ReturnView
from ledger.dates import Quarter
from ledger.money import Money

routes = router("/returns", "returns")


class ConfirmIn(In):
    """Which questions are meant, and why it is so: all that a rule asks, or those of a loan, a row or a column."""

    model_config = example(rule="rate-is-usual", loan_ref="L-0042", reason="A short bridging loan, priced as agreed")

    rule: Annotated[str, Field(min_length=1, max_length=80)]
    reason: Annotated[str, Field(min_length=1, max_length=1000)]
    loan_ref: Annotated[str, Field(max_length=80)] | None = None
    row: Annotated[Count, Field(ge=1)] | None = None
    column: Annotated[str, Field(max_length=80)] | None = None


class QuestionPolicyIn(In):
    """What unanswered questions do from a day on, and what that rests on."""

    model_config = example(stops=True, from_on="2014-04-01", basis="Agreed with every lender, minute of 3 March 2014")

    stops: bool
    from_on: Day
    basis: Annotated[str, Field(min_length=1, max_length=1000)]


class NilIn(In):
    """Whose return it is, and the cash held for the facility at the end of the quarter."""

    model_config = example(facility="fac_q2v7n4c8", quarter="2012Q4", cash_held="250000.00")

    facility: str
    quarter: Annotated[str, Field(max_length=10)]
    cash_held: Money


class QuestionPolicies(BaseModel):
    """Every policy on unanswered questions."""

    items: list[QuestionPolicyView]


@routes.get("/rules")
def rules(
    desk: ManagerOrIntermediary,
    quarter: Annotated[str | None, Query(description="Like 2012Q4; every rule when left out.")] = None,
) -> RuleSetView:
    """The rules that returns of a quarter are held to, each with its sentence, and their version."""
    del desk
    return rule_set(None if quarter is None else Quarter.parse(quarter))


@routes.get("/reminders")
def reminders(
    desk: ManagerOrIntermediary,
    known: Known,
    quarter: Annotated[str, Query(description="A calendar quarter, like 2012Q4.")],
) -> list[Reminder]:
    """Who is to be told what of each return that a quarter asks for and that was not filed. Nothing is sent."""
    with desk.reading() as session:
        return returns.reminders(session, Quarter.parse(quarter), known.of(session), viewer=desk.actor)


@routes.get("/question-policies")
def question_policies(desk: TrusteeOrManager, known: Known) -> QuestionPolicies:
    """Every policy on unanswered questions, who proposed it and who approved it."""
    with desk.reading() as session:
        return QuestionPolicies(items=queries.question_policies(session, known.of(session)))


@routes.post("/question-policies", status_code=status.HTTP_201_CREATED)
def propose_policy(desk: FundManager, policy: QuestionPolicyIn, key: ActKey) -> QuestionPolicyView:
    """Propose whether unanswered questions stop an attestation from a day on; another fund manager approves it."""
    return policies.propose_question_policy(desk, **dict(policy), key=key)


@routes.post("/question-policies/{policy}/approve")
def approve_policy(desk: BankStaff, policy: str, key: ActKey) -> QuestionPolicyView:
    """Approve another's policy; it is in force from its day."""
    return approve_question_policy(desk, id=policy, key=key)


@routes.post("/nil", status_code=status.HTTP_201_CREATED)
def nil(desk: ManagerOrIntermediary, said: NilIn, key: ActKey) -> ReturnView:
    """File a return that says that no loan was made yet, or that all have come to their end."""
    return file_nil_return(
        desk, facility=said.facility, quarter=Quarter.parse(said.quarter), cash_held=said.cash_held, key=key
    )


@routes.post("/{return_id}/confirmations")
def confirm(desk: ManagerOrIntermediary, return_id: str, answer: ConfirmIn, key: ActKey) -> ReturnView:
    """Confirm what a return's questions ask about, as whoever filed it, with a reason that the fund manager reads."""
    return commands.confirm_questions(desk, return_id=return_id, **dict(answer), key=key)
