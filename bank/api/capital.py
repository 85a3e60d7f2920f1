"""`/v1/capital`: who promised, was called, has paid, owns and votes how much; and the limits on all of it."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import status
from pydantic import BaseModel, Field

from bank.api.door import ActKey, BankStaff, FundManager, In, Known, TrusteeOrManager, TwoTimes, example, router
from bank.api.fields import Count, Day, Share
from bank.capital import commands, queries
from bank.capital.queries import AgreementView, CallView, CapitalView, SubscriptionView
from bank.treasury.rules import BadTerms
from ledger.money import Money

routes = router("/capital", "capital")


class AgreementIn(In):
    """A holder's promise of B shares: up to how much, how many for how many A shares, and how far its vote reaches."""

    model_config = example(
        holder="An invented merchant bank",
        commitment="50000000.00",
        a_parts=60,
        b_parts=10,
        vote_cap="0.05",
        from_on="2011-07-29",
        source="Subscription agreement of 29 July 2011",
    )

    holder: Annotated[str, Field(min_length=1, max_length=300)]
    commitment: Money
    a_parts: Annotated[Count, Field(ge=1)]
    b_parts: Annotated[Count, Field(ge=1)]
    vote_cap: Share
    from_on: Day
    source: Annotated[str, Field(min_length=1, max_length=1000)]


class SubscriptionIn(In):
    """Shares paid for: A shares by the trust, B shares by the holder that is named."""

    model_config = example(share_class="A", amount="25000000.00", on="2012-04-16")

    share_class: Literal["A", "B"]
    amount: Money
    on: Day
    holder: Annotated[str, Field(max_length=300)] = ""


class CallPaymentIn(In):
    """A payment of a call: all that is left of it when no amount is given."""

    model_config = example(on="2012-04-30")

    on: Day
    amount: Money | None = None


class Calls(BaseModel):
    """Every call on B shares."""

    items: list[CallView]


class Agreements(BaseModel):
    """Every promise of B shares."""

    items: list[AgreementView]


@routes.get("")
def capital(desk: TrusteeOrManager, times: TwoTimes) -> CapitalView:
    """The bank's capital, its holders with their parts of it and of the votes, and its limits, at both times."""
    with desk.reading() as session:
        return queries.capital(session, as_at=times.as_at(session), at=times.known(session))


@routes.post("/subscriptions", status_code=status.HTTP_201_CREATED)
def subscribe(desk: FundManager, subscription: SubscriptionIn, key: ActKey) -> SubscriptionView:
    """Pay for shares: the trust for A shares, which calls the B shares that were promised; a holder for B shares."""
    amount, on, holder = subscription.amount, subscription.on, subscription.holder
    if (subscription.share_class == "B") != bool(holder):
        raise BadTerms("A shares are the trust's, and B shares are a holder's: name the holder of B shares alone")
    if holder:
        return commands.subscribe_b_shares(desk, holder=holder, amount=amount, on=on, key=key)
    return commands.subscribe_a_shares(desk, amount=amount, on=on, key=key)


@routes.get("/agreements")
def agreements(desk: TrusteeOrManager, known: Known) -> Agreements:
    """Every promise of B shares, who entered it and who approved it."""
    with desk.reading() as session:
        return Agreements(items=queries.agreements(session, at=known.of(session)))


@routes.post("/agreements", status_code=status.HTTP_201_CREATED)
def propose_agreement(desk: FundManager, agreement: AgreementIn, key: ActKey) -> AgreementView:
    """Enter a holder's promise of B shares; another fund manager approves it."""
    return commands.propose_agreement(desk, **dict(agreement), key=key)


@routes.post("/agreements/{agreement}/approve")
def approve_agreement(desk: BankStaff, agreement: str, key: ActKey) -> AgreementView:
    """Approve another's entry; from its day the holder's shares are called."""
    return commands.approve_agreement(desk, id=agreement, key=key)


@routes.get("/calls")
def calls(desk: TrusteeOrManager, times: TwoTimes) -> Calls:
    """Every call on B shares: paid and still owed."""
    with desk.reading() as session:
        return Calls(items=queries.calls(session, as_at=times.as_at(session), at=times.known(session)))


@routes.post("/calls/{call}/payments", status_code=status.HTTP_201_CREATED)
def pay_call(desk: FundManager, call: str, payment: CallPaymentIn, key: ActKey) -> SubscriptionView:
    """A holder pays a call."""
    return commands.pay_call(desk, call=call, **dict(payment), key=key)
