"""`/v1/limits`: what bounds the bank has set itself, and what each would read before a decision."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, status
from pydantic import Field

from bank.api.door import ActKey, FundManager, In, TrusteeOrManager, TwoTimes, example, router
from bank.api.fields import Day, Number
from bank.approvals.queries import RequestView
from bank.limits import commands, queries
from bank.limits.placing import sound_region
from bank.limits.queries import EvaluationView, LimitView
from bank.limits.rules import Act, Mark
from bank.limits.waiving import WaiverView
from bank.limits.waiving import waivers as waivers_given
from ledger.dates import parse_day
from ledger.money import NOTHING, Money

routes = router("", "limits")

Words = Annotated[str, Field(min_length=1, max_length=1000)]


class LimitIn(In):
    """A limit to propose."""

    model_config = example(kind="ticket-most", amount="15000000.00", hard=False, from_on="2012-04-04", basis="Example")

    kind: str
    from_on: Day
    basis: Words
    scope: str = ""
    amount: Money | None = None
    share: Number | None = None
    hard: bool = True
    waivable_by: str = ""


class DecisionIn(In):
    """Yes, or no with its reason."""

    model_config = example(approve=True)

    approve: bool
    reason: Annotated[str, Field(max_length=1000)] = ""


class PassIn(In):
    """How far a facility may pass a hard limit, and the last day on which it may."""

    model_config = example(
        facility="fac_leik34my2ikjux6i", up_to="6000000.00", until="2012-06-30", reason="Repaid next month"
    )

    facility: str
    up_to: str
    until: Day
    reason: Words


@routes.get("/limits")
def limits(desk: TrusteeOrManager, times: TwoTimes) -> list[LimitView]:
    """Every limit that was proposed, and whether it holds."""
    with desk.reading() as session:
        return queries.limits_table(session, as_at=times.as_at(session), at=times.known(session))


@routes.post("/limits", status_code=status.HTTP_201_CREATED)
def propose(desk: FundManager, limit: LimitIn, key: ActKey) -> LimitView:
    """Propose a limit; somebody else decides."""
    return commands.propose_limit(desk, **dict(limit), key=key)


@routes.post("/limits/{limit}/decision")
def decide(desk: TrusteeOrManager, limit: str, decision: DecisionIn, key: ActKey) -> LimitView:
    """Approve a limit that somebody else proposed, or turn it down."""
    return commands.decide_limit(desk, limit=limit, **dict(decision), key=key)


@routes.post("/limits/{limit}/passes", status_code=status.HTTP_201_CREATED)
def pass_(desk: FundManager, limit: str, leave: PassIn, key: ActKey) -> RequestView:
    """Ask that a facility may pass a hard limit."""
    return commands.ask_to_pass(desk, limit=limit, **dict(leave), key=key)


@routes.get("/limits/evaluation")
def house_evaluation(
    desk: TrusteeOrManager,
    action: Annotated[str, Query(description="subscribe-a, subscribe-b or place")],
    amount: Annotated[str, Query(description="Pounds.")],
    counterparty: Annotated[str, Query(description="With whom money is to be placed.", max_length=300)] = "",
    book: Annotated[str, Query(description="Whose money: bank or, to place, reclaim-fund.")] = "bank",
    on: Annotated[str | None, Query(description="The day; default today.")] = None,
) -> EvaluationView:
    """What every limit on the bank's own money would read if this were done, those from outside too."""
    act = Act(action, Money.parse(amount), counterparty=counterparty, book=book)
    with desk.reading() as session:
        return queries.house_evaluation(session, act, on=None if on is None else parse_day(on))


@routes.get("/limits/evaluations/{subject}")
def house_evaluations(desk: TrusteeOrManager, subject: str, times: TwoTimes) -> list[EvaluationView]:
    """What every limit read before a decision on the bank's own money, such as a subscription."""
    with desk.reading() as session:
        return queries.house_evaluations(session, subject, times.known(session))


@routes.get("/allocations/{facility}/limits")
def evaluation(
    desk: TrusteeOrManager,
    facility: str,
    action: Annotated[str, Query(description="approve, sign, draw-down, capitalise, recallable or describe")],
    amount: Annotated[str | None, Query(description="Pounds; default the whole facility.")] = None,
    co_investor_amount: Annotated[str | None, Query(description="Pounds from others beside it.")] = None,
    region: Annotated[str | None, Query(description="To describe it so: where it is for.", max_length=80)] = None,
    secured: Annotated[bool | None, Query(description="To describe it so.")] = None,
    first_loss: Annotated[bool | None, Query(description="To describe it so.")] = None,
    on: Annotated[str | None, Query(description="The day; default today.")] = None,
) -> EvaluationView:
    """What every limit would read if this were done on a day, by default now: looked at before it is."""
    with desk.reading() as session:
        return queries.evaluation(
            session,
            facility,
            action=action,
            amount=None if amount is None else Money.parse(amount),
            co_investor_amount=NOTHING if co_investor_amount is None else Money.parse(co_investor_amount),
            on=None if on is None else parse_day(on),
            mark=Mark(sound_region(region), secured, first_loss),
        )


@routes.get("/allocations/{facility}/limit-waivers")
def waivers(desk: TrusteeOrManager, facility: str, times: TwoTimes) -> list[WaiverView]:
    """All leave that a facility was given to pass limits: how far, until when, by whom, and whether it still holds."""
    with desk.reading() as session:
        return waivers_given(session, facility, as_at=times.as_at(session), at=times.known(session))


@routes.get("/allocations/{facility}/evaluations")
def evaluations(desk: TrusteeOrManager, facility: str, times: TwoTimes) -> list[EvaluationView]:
    """What every limit read before each decision on a facility."""
    with desk.reading() as session:
        return queries.evaluations(session, facility, times.known(session))
