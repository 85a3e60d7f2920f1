"""`/v1/inflows`: dormant money received, and the claims of its owners paid."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import status
from pydantic import Field

from bank.api.door import ActKey, CursorQuery, FundManager, In, Known, LimitQuery, example, router
from bank.api.fields import Day
from bank.inflows import commands, queries
from bank.inflows.queries import InflowPage, InflowView, ReclaimView
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
    accounts: Annotated[int, Field(ge=0)] | None = None
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
    accounts: Annotated[int, Field(ge=0)] | None = None
    note: Annotated[str, Field(max_length=1000)] = ""


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
