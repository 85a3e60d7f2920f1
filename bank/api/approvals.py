"""`/v1/approvals`: the table of who must agree to what, and what is asked for, agreed to and turned down."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, status
from pydantic import Field

from bank.allocations.life import commands as life
from bank.api.door import ActKey, BankStaff, FundManager, In, Known, TrusteeOrManager, example, router
from bank.api.fields import Count, Day
from bank.approvals import commands, partners, queries
from bank.approvals.queries import RequestView, RuleView
from bank.approvals.reckoning import ReckoningView, reckoning
from bank.approvals.rules import A_MONTH, ON_AN_INTERMEDIARY
from bank.proposals import commands as proposals
from bank.proposals import queries as proposed
from bank.proposals.queries import Decided, WaitingView
from ledger.money import NOTHING, Money

routes = router("/approvals", "approvals")

Words = Annotated[str, Field(min_length=1, max_length=1000)]


class RuleIn(In):
    """A line of the table."""

    model_config = example(
        action="approve",
        from_amount="5000000.00",
        roles=["fund-manager", "trustee"],
        from_on="2012-04-04",
        basis="Scheme of delegation",
    )

    action: str
    roles: Annotated[tuple[str, ...], Field(strict=False)]
    from_on: Day
    basis: Words
    from_amount: Money = NOTHING
    within_days: Count = A_MONTH


class RequestIn(In):
    """An act that takes the agreement of others."""

    model_config = example(action="draw-down", facility="fac_leik34my2ikjux6i", amount="400000.00", reason="Pipeline")

    action: str
    facility: str
    amount: Money
    reason: Words
    to: Annotated[str, Field(max_length=300)] = ""


class HouseRequestIn(In):
    """An act on the house's own money that takes the agreement of others."""

    model_config = example(
        action="place", subject="bank", amount="250000.00", reason="Idle until March", to="An example bank"
    )

    action: str
    subject: str
    amount: Money
    reason: Words
    to: Annotated[str, Field(max_length=300)] = ""


class DecisionIn(In):
    """Yes, or no with its reason."""

    model_config = example(approve=False, reason="The pipeline does not support it")

    approve: bool
    reason: Annotated[str, Field(max_length=1000)] = ""


class WithdrawalIn(In):
    """Why a request is taken back."""

    model_config = example(reason="Asked for by mistake")

    reason: Words


@routes.get("/rules")
def rules(desk: TrusteeOrManager, knowing: Known) -> list[RuleView]:
    """The table: every line that was proposed, and what became of it."""
    with desk.reading() as session:
        return queries.rules_table(session, knowing.of(session))


@routes.post("/rules", status_code=status.HTTP_201_CREATED)
def propose(desk: FundManager, rule: RuleIn, key: ActKey) -> RuleView:
    """Propose a line of the table."""
    return commands.propose_rule(desk, **dict(rule), key=key)


@routes.post("/rules/{rule}/decision")
def decide_rule(desk: TrusteeOrManager, rule: str, decision: DecisionIn, key: ActKey) -> RuleView:
    """Approve a rule that somebody else proposed, or turn it down."""
    return commands.decide_rule(desk, rule=rule, **dict(decision), key=key)


@routes.get("")
def requests(
    desk: TrusteeOrManager,
    knowing: Known,
    on: Annotated[str | None, Query(description="What it is about: fac_…, a book or the journal")] = None,
) -> list[RequestView]:
    """What was asked for, and where it stands; rejections stay."""
    with desk.reading() as session:
        return queries.requests(session, subjects=None if on is None else [on], at=knowing.of(session))


@routes.post("", status_code=status.HTTP_201_CREATED)
def ask(desk: FundManager, request: RequestIn | HouseRequestIn, key: ActKey) -> RequestView:
    """Ask for the agreement that an act takes: on a facility, an intermediary, or a book of the house for whom."""
    if isinstance(request, HouseRequestIn) and request.action in ON_AN_INTERMEDIARY:
        told = dict(request)
        return partners.ask_for_partner(desk, intermediary=told.pop("subject"), **told, key=key)
    if isinstance(request, HouseRequestIn):
        return commands.ask_for_house(desk, **dict(request), key=key)
    return life.ask_approval(desk, **dict(request), key=key)


@routes.get("/waiting")
def waiting(desk: BankStaff, knowing: Known) -> list[WaitingView]:
    """Everything that waits for somebody's word, in whatever room, and for whose."""
    with desk.reading() as session:
        return proposed.waiting(session, at=knowing.of(session))


@routes.get("/evaluation")
def evaluate(
    desk: TrusteeOrManager,
    knowing: Known,
    action: Annotated[str, Query(description="What is to be done")],
    subject: Annotated[str, Query(description="fac_…, a book or the journal")],
    amount: Annotated[str, Query(description="Pounds")],
    to: Annotated[str, Query(description="Whom or what it is for, where there is a choice", max_length=300)] = "",
) -> ReckoningView:
    """What an act would come to by the table if it were done now: what counts with it, whose agreement it takes."""
    with desk.reading() as session:
        return reckoning(session, action, subject, Money.parse(amount), to=to, at=knowing.of(session))


@routes.get("/{request}")
def whatever(desk: BankStaff, request: str, knowing: Known) -> Decided:
    """What is decided on under an id, whatever it is: where it stands, and why it was turned down, if it was."""
    with desk.reading() as session:
        return proposed.whatever(session, request, at=knowing.of(session))


@routes.post("/{request}/decision")
def decide(desk: BankStaff, request: str, decision: DecisionIn, key: ActKey) -> Decided:
    """Agree to what somebody else asked for or proposed, whatever it is, or turn it down; the reason is kept."""
    return proposals.decide(desk, on=request, **dict(decision), key=key)


@routes.post("/{request}/withdraw")
def withdraw(desk: FundManager, request: str, withdrawal: WithdrawalIn, key: ActKey) -> Decided:
    """Take back what you have asked for or proposed, whatever it is; the reason is kept."""
    return proposals.withdraw(desk, what=request, **dict(withdrawal), key=key)
