"""`/v1/inflows`: dormant money received, and the claims of its owners paid."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import status
from pydantic import BaseModel, Field

from bank.api.door import (
    ActKey,
    CursorQuery,
    FundManager,
    In,
    Known,
    LimitQuery,
    TrusteeOrManager,
    TwoTimes,
    example,
    router,
)
from bank.api.fields import Count, Day
from bank.inflows import commands, queries, standing
from bank.inflows.claims import queries as claimed
from bank.inflows.claims.queries import ClaimEndView, ClaimView, ReclaimView
from bank.inflows.queries import DeclarationView, InflowPage, InflowPosition, InflowView
from bank.inflows.standing import CauseHeld, ClassStanding, NationYear
from bank.inflows.surplus import DistributionView
from ledger.money import NOTHING, Money

routes = router("/inflows", "inflows")


class ReceiptIn(In):
    """A receipt from a participant."""

    model_config = example(
        participant="An invented building society",
        amount="250000.00",
        asset_class="bank-account",
        scheme="main",
        accounts=812,
        consented_on="2012-02-01",
        received_on="2012-02-08",
    )

    participant: Annotated[str, Field(min_length=1, max_length=300)]
    amount: Money
    asset_class: str = "bank-account"
    scheme: Literal["main", "alternative"] = "main"
    accounts: Count | None = None
    consented_on: Day
    received_on: Day
    whole_balance: Money | None = None
    tracing_attested: bool | None = None
    note: Annotated[str, Field(max_length=1000)] = ""


class ReclaimIn(In):
    """A claim paid: it may exceed what was transferred, for the owner's right is to what the account would hold."""

    model_config = example(principal="1200.00", interest="31.45", paid_on="2012-05-14", accounts=3)

    principal: Money
    interest: Money = NOTHING
    paid_on: Day
    accounts: Count | None = None
    note: Annotated[str, Field(max_length=1000)] = ""


class BatchIn(ReclaimIn):
    """A participant's batch of claims: how many accounts, and what they came to in principal and interest."""

    model_config = example(
        participant="An invented building society",
        principal="48200.00",
        interest="1310.77",
        accounts=61,
        paid_on="2012-05-14",
    )

    participant: Annotated[str, Field(min_length=1, max_length=300)]
    asset_class: str = "bank-account"


class NoticeIn(In):
    """Claims a participant has told of, still to be paid: a participant's batch, or claims on one receipt."""

    model_config = example(
        participant="An invented building society",
        principal="48200.00",
        interest="1310.77",
        accounts=61,
        notified_on="2012-05-02",
    )

    participant: Annotated[str, Field(min_length=1, max_length=300)] | None = None
    inflow: str | None = None
    asset_class: str = "bank-account"
    principal: Money
    interest: Money = NOTHING
    notified_on: Day
    accounts: Count | None = None
    note: Annotated[str, Field(max_length=1000)] = ""


class NoticePaymentIn(In):
    """A payment of notified claims: all that is left of them when neither amount is given."""

    model_config = example(paid_on="2012-05-14", principal="48000.00", interest="1310.77", accounts=60)

    paid_on: Day
    principal: Money | None = None
    interest: Money | None = None
    accounts: Count | None = None
    note: Annotated[str, Field(max_length=1000)] = ""


class NoticeEndIn(In):
    """Notified claims that will not be paid: all that is left of them when neither amount is given."""

    model_config = example(
        outcome="withdrawn", on="2012-05-21", principal="200.00", reason="The bank found the account in use"
    )

    outcome: Literal["withdrawn", "rejected"]
    on: Day
    reason: Annotated[str, Field(min_length=1, max_length=1000)]
    principal: Money | None = None
    interest: Money | None = None


class Claims(BaseModel):
    """Every notice of claims."""

    items: list[ClaimView]


class DeclarationIn(In):
    """Surplus to commit to the distributor."""

    model_config = example(amount="30000000.00", on="2011-08-02", basis="Minute 7 of the board")

    amount: Money
    on: Day
    basis: Annotated[str, Field(max_length=1000)] = ""


class SurplusPaymentIn(In):
    """A payment of declared surplus: all that is left of it when no amount is given."""

    model_config = example(on="2011-08-09")

    on: Day
    amount: Money | None = None


class Declarations(BaseModel):
    """Every declaration of surplus."""

    items: list[DeclarationView]


class Held(BaseModel):
    """What is held for the nations, year by year, and of England's money cause by cause."""

    years: list[NationYear]
    england: list[CauseHeld]


class Standing(BaseModel):
    """Where dormant money stands, altogether and class by class."""

    position: InflowPosition
    classes: list[ClassStanding]


@routes.post("", status_code=status.HTTP_201_CREATED)
def record_receipt(desk: FundManager, receipt: ReceiptIn, key: ActKey) -> InflowView:
    """Record a receipt; the reserve is set aside at the approved rate in force, in the same act."""
    return commands.record_receipt(desk, **dict(receipt), key=key)


@routes.get("")
def inflows(desk: FundManager, known: Known, cursor: CursorQuery = None, limit: LimitQuery = 100) -> InflowPage:
    """Every receipt known then, oldest first."""
    with desk.reading() as session:
        return queries.inflows(session, at=known.of(session), cursor=cursor, limit=limit)


@routes.post("/{inflow}/reclaims", status_code=status.HTTP_201_CREATED)
def pay_reclaim(desk: FundManager, inflow: str, reclaim: ReclaimIn, key: ActKey) -> ReclaimView:
    """Pay a claim on a receipt."""
    return commands.pay_reclaim(desk, inflow=inflow, **dict(reclaim), key=key)


@routes.post("/reclaims", status_code=status.HTTP_201_CREATED)
def pay_batch(desk: FundManager, batch: BatchIn, key: ActKey) -> ReclaimView:
    """Pay a participant's batch of claims."""
    return commands.pay_reclaim(desk, **dict(batch), key=key)


@routes.post("/claims", status_code=status.HTTP_201_CREATED)
def notify_claims(desk: FundManager, notice: NoticeIn, key: ActKey) -> ClaimView:
    """Enter claims a participant has told of: from that day they are owed to it."""
    return commands.notify_claims(desk, **dict(notice), key=key)


@routes.get("/claims")
def claims(desk: TrusteeOrManager, times: TwoTimes) -> Claims:
    """Every notice of claims: what of it is paid, what fell away, and what is still owed."""
    with desk.reading() as session:
        return Claims(items=claimed.claims(session, as_at=times.as_at(session), at=times.known(session)))


@routes.post("/claims/{claim}/payments", status_code=status.HTTP_201_CREATED)
def pay_notified(desk: FundManager, claim: str, payment: NoticePaymentIn, key: ActKey) -> ReclaimView:
    """Pay notified claims, all that is left or a part."""
    return commands.pay_notified(desk, claim=claim, **dict(payment), key=key)


@routes.post("/claims/{claim}/endings", status_code=status.HTTP_201_CREATED)
def end_notified(desk: FundManager, claim: str, ending: NoticeEndIn, key: ActKey) -> ClaimEndView:
    """End notified claims without paying them, all that is left or a part."""
    return commands.end_notified(desk, claim=claim, **dict(ending), key=key)


@routes.get("/position")
def position(desk: TrusteeOrManager, times: TwoTimes) -> Standing:
    """Received, claimed, kept back, declared, paid and shared, at both times; and each class of asset."""
    with desk.reading() as session:
        day, then = times.as_at(session), times.known(session)
        return Standing(
            position=queries.position(session, as_at=day, at=then),
            classes=standing.class_standings(session, as_at=day, at=then),
        )


@routes.get("/held")
def held(desk: TrusteeOrManager, times: TwoTimes) -> Held:
    """What is held for each nation, year by year, and for each of England's causes."""
    with desk.reading() as session:
        day, then = times.as_at(session), times.known(session)
        return Held(
            years=standing.held_by_year(session, as_at=day, at=then),
            england=standing.held_by_cause(session, as_at=day, at=then),
        )


@routes.post("/declarations", status_code=status.HTTP_201_CREATED)
def declare(desk: FundManager, declaration: DeclarationIn, key: ActKey) -> DeclarationView:
    """Commit surplus to the distributor."""
    return commands.declare_surplus(desk, **dict(declaration), key=key)


@routes.get("/declarations")
def declarations(desk: TrusteeOrManager, times: TwoTimes) -> Declarations:
    """Every declaration of surplus, with what of it is paid."""
    with desk.reading() as session:
        return Declarations(items=queries.declarations(session, as_at=times.as_at(session), at=times.known(session)))


@routes.post("/declarations/{declaration}/payments", status_code=status.HTTP_201_CREATED)
def pay_surplus(desk: FundManager, declaration: str, payment: SurplusPaymentIn, key: ActKey) -> DistributionView:
    """Pay declared surplus to the distributor."""
    return commands.pay_surplus(desk, declaration=declaration, **dict(payment), key=key)
