"""`/v1/treasury`: how far cash reaches, what is kept back of it, and what is placed while it waits."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Query, status
from pydantic import BaseModel, Field

from bank.api.door import ActKey, BankStaff, FundManager, In, Known, TrusteeOrManager, TwoTimes, example, router
from bank.api.fields import Count, Day, Number, Share
from bank.treasury import commands, queries
from bank.treasury.placements import commands as placing
from bank.treasury.placements import queries as placed
from bank.treasury.placements.bounds import commands as bounding
from bank.treasury.placements.bounds.queries import BoundsView, bounds_table
from bank.treasury.placements.commands import TreasuryAccrual
from bank.treasury.placements.queries import PlacementView
from bank.treasury.queries import HeadroomView, LiquidityPolicyView
from ledger.daycounts import DayCount
from ledger.money import NOTHING, Money

routes = router("/treasury", "treasury")

Note = Annotated[str, Field(max_length=1000)]
Placing = Literal["bank", "reclaim-fund"]


class PlacementIn(In):
    """Cash to place."""

    model_config = example(
        sort="deposit",
        counterparty="An invented clearing bank",
        amount="5000000.00",
        on="2012-04-16",
        rate="0.0065",
        matures_on="2012-10-16",
    )

    sort: Literal["deposit", "gilt", "fund"]
    counterparty: Annotated[str, Field(min_length=1, max_length=300)]
    amount: Money
    on: Day
    book: Placing = "bank"
    rate: Number | None = None
    matures_on: Day | None = None
    nominal: Money | None = None
    interest_bought: Money = NOTHING
    interest_rebated: Money = NOTHING
    day_count: Literal["act/365f", "act/360", "30/360", "30e/360", "act/act-isda"] = "act/365f"
    measured: Literal["cost", "amortised-cost"] | None = None
    coupons: Literal[0, 1, 2, 4, 12] = 0
    note: Note = ""


class AccrualIn(In):
    """The day to accrue to, of one book or of both."""

    model_config = example(until="2012-06-30")

    until: Day
    book: Placing | None = None


class IncomeIn(In):
    """What a placement paid."""

    model_config = example(amount="16250.00", on="2012-07-16")

    amount: Money
    on: Day
    note: Note = ""


class RealisationIn(In):
    """A placement turned into cash: all that is left of it when no nominal is given."""

    model_config = example(proceeds="5000000.00", interest="16295.89", on="2012-10-16")

    proceeds: Money
    interest: Money = NOTHING
    nominal: Money | None = None
    on: Day
    note: Note = ""


class PolicyIn(In):
    """What part of paid-in capital is to be kept back, from a day on."""

    model_config = example(fraction="0.1", from_on="2012-04-04", basis="Minute 12 of the board")

    fraction: Share
    from_on: Day
    basis: Annotated[str, Field(min_length=1, max_length=1000)]


class BoundsIn(In):
    """What a short gilt is and may cost per 100 of its nominal, from a day on."""

    model_config = example(
        longest_years=7, least_price="60", most_price="160", from_on="2012-04-04", basis="Minute 12 of the board"
    )

    longest_years: Count
    least_price: Number
    most_price: Number
    from_on: Day
    basis: Annotated[str, Field(min_length=1, max_length=1000)]


class BoundsOut(BaseModel):
    """All bounds of placements."""

    items: list[BoundsView]


class Placements(BaseModel):
    """Every placement."""

    items: list[PlacementView]


class Policies(BaseModel):
    """Every policy of liquidity."""

    items: list[LiquidityPolicyView]


@routes.get("/headroom")
def headroom(desk: TrusteeOrManager, times: TwoTimes) -> HeadroomView:
    """Cash and treasury less the reserve less undrawn commitments, with every part."""
    with desk.reading() as session:
        return queries.headroom(session, times.as_at(session), times.known(session))


@routes.get("/policies")
def policies(desk: TrusteeOrManager, known: Known) -> Policies:
    """Every policy of liquidity, and who proposed and approved it."""
    with desk.reading() as session:
        return Policies(items=queries.liquidity_policies(session, at=known.of(session)))


@routes.post("/policies", status_code=status.HTTP_201_CREATED)
def propose_policy(desk: FundManager, policy: PolicyIn, key: ActKey) -> LiquidityPolicyView:
    """Propose what part of capital is kept back; another fund manager approves it."""
    return commands.propose_liquidity_policy(desk, **dict(policy), key=key)


@routes.post("/policies/{policy}/approve")
def approve_policy(desk: BankStaff, policy: str, key: ActKey) -> LiquidityPolicyView:
    """Approve another's policy; it is in force from its day."""
    return commands.approve_liquidity_policy(desk, id=policy, key=key)


@routes.get("/bounds")
def bounds(desk: TrusteeOrManager, known: Known) -> BoundsOut:
    """All bounds of what a short gilt is and may cost, and who proposed and approved them."""
    with desk.reading() as session:
        return BoundsOut(items=bounds_table(session, at=known.of(session)))


@routes.post("/bounds", status_code=status.HTTP_201_CREATED)
def propose_bounds(desk: FundManager, bounds: BoundsIn, key: ActKey) -> BoundsView:
    """Propose what a short gilt is and may cost; another fund manager approves it."""
    return bounding.propose_bounds(desk, **dict(bounds), key=key)


@routes.post("/bounds/{bounds}/approve")
def approve_bounds(desk: BankStaff, bounds: str, key: ActKey) -> BoundsView:
    """Approve another's bounds; they hold from their day."""
    return bounding.approve_bounds(desk, id=bounds, key=key)


@routes.get("/placements")
def placements(
    desk: TrusteeOrManager,
    times: TwoTimes,
    book: Annotated[Placing | None, Query(description="Of this book alone; default both.")] = None,
) -> Placements:
    """What is placed with whom, what is left of it, and what it has earned, paid and gained."""
    with desk.reading() as session:
        found = placed.placements(session, book=book, as_at=times.as_at(session), at=times.known(session))
        return Placements(items=found)


@routes.post("/placements", status_code=status.HTTP_201_CREATED)
def place(desk: FundManager, placement: PlacementIn, key: ActKey) -> PlacementView:
    """Place cash: on deposit, in a short gilt, or in a money-market fund."""
    told = dict(placement) | {"day_count": DayCount(placement.day_count)}
    return placing.place(desk, **told, key=key)


@routes.post("/accruals", status_code=status.HTTP_201_CREATED)
def accrue(desk: FundManager, accrual: AccrualIn, key: ActKey) -> TreasuryAccrual:
    """Accrue what every placement has earned to a day."""
    return placing.accrue_treasury(desk, **dict(accrual), key=key)


@routes.post("/placements/{placement}/income", status_code=status.HTTP_201_CREATED)
def take_income(desk: FundManager, placement: str, income: IncomeIn, key: ActKey) -> PlacementView:
    """Take in what a placement pays while it lasts."""
    return placing.take_income(desk, placement=placement, **dict(income), key=key)


@routes.post("/placements/{placement}/realisations", status_code=status.HTTP_201_CREATED)
def realise(desk: FundManager, placement: str, realisation: RealisationIn, key: ActKey) -> PlacementView:
    """Turn a placement into cash, at its end or before it."""
    return placing.realise(desk, placement=placement, **dict(realisation), key=key)
