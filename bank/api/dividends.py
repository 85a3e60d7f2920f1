"""`/v1/capital/dividends`: what lets a dividend be paid, what may be distributed, and what was paid to whom."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, status
from pydantic import BaseModel, Field

from bank.api.door import ActKey, BankStaff, FundManager, In, Known, TrusteeOrManager, TwoTimes, example, router
from bank.api.fields import Day, Share
from bank.capital.dividends import commands, queries
from bank.capital.dividends.queries import DistributableView, DividendPolicyView, DividendView
from ledger.dates import parse_day
from ledger.money import NOTHING, Money

routes = router("/capital", "dividends")

OnQuery = Annotated[str | None, Query(description="The day it would be paid; today unless told.")]


class DividendPolicyIn(In):
    """What lets a dividend be paid from a day on, and what that rests on."""

    model_config = example(
        part="0.25",
        classes="AB",
        b_cap="0.04",
        reserve_kept="500000.00",
        liquidity_kept="5000000.00",
        from_on="2014-04-01",
        basis="Articles of association, and a minute of the board",
    )

    part: Share
    classes: Annotated[str, Field(min_length=1, max_length=8)]
    from_on: Day
    basis: Annotated[str, Field(min_length=1, max_length=1000)]
    reserve_kept: Money = NOTHING
    liquidity_kept: Money = NOTHING
    a_cap: Share | None = None
    b_cap: Share | None = None


class DividendIn(In):
    """A dividend paid on a day."""

    model_config = example(amount="100000.00", on="2014-06-30")

    amount: Money
    on: Day


class DividendPolicies(BaseModel):
    """Every policy on dividends."""

    items: list[DividendPolicyView]


class Dividends(BaseModel):
    """Every dividend."""

    items: list[DividendView]


@routes.get("/dividend-policies")
def policies(desk: TrusteeOrManager, knowing: Known) -> DividendPolicies:
    """Every policy on dividends, who proposed it and who approved it."""
    with desk.reading() as session:
        return DividendPolicies(items=queries.dividend_policies(session, at=knowing.of(session)))


@routes.post("/dividend-policies", status_code=status.HTTP_201_CREATED)
def propose_policy(desk: FundManager, policy: DividendPolicyIn, key: ActKey) -> DividendPolicyView:
    """Propose what lets a dividend be paid; another fund manager approves it."""
    return commands.propose_dividend_policy(desk, **dict(policy), key=key)


@routes.post("/dividend-policies/{policy}/approve")
def approve_policy(desk: BankStaff, policy: str, key: ActKey) -> DividendPolicyView:
    """Approve another's policy; it is in force from its day."""
    return commands.approve_dividend_policy(desk, id=policy, key=key)


@routes.get("/distributable")
def distributable(desk: TrusteeOrManager, on: OnQuery = None) -> DistributableView:
    """What may be paid on a day, today unless one is told, and every part of the reckoning."""
    with desk.reading() as session:
        return queries.distributable(session, on=None if on is None else parse_day(on))


@routes.get("/dividends")
def dividends(desk: TrusteeOrManager, times: TwoTimes) -> Dividends:
    """Every dividend paid, out of which reserve, and each holder's part."""
    with desk.reading() as session:
        return Dividends(items=queries.dividends(session, as_at=times.as_at(session), at=times.known(session)))


@routes.post("/dividends", status_code=status.HTTP_201_CREATED)
def pay_dividend(desk: FundManager, dividend: DividendIn, key: ActKey) -> DividendView:
    """Pay a dividend to everybody who has paid up shares, if the law and the policy in force let so much go."""
    return commands.pay_dividend(desk, **dict(dividend), key=key)
