"""Shares are called and paid for: the trust's with England's money, the merchant banks' beside it with their own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select

from bank.approvals.commands import refuse_unapproved
from bank.approvals.rules import SUBSCRIBE
from bank.capital.agreeing import approve_agreement, propose_agreement
from bank.capital.model import ShareCall, ShareCallPayment, ShareSubscription
from bank.capital.queries import (
    TRUST,
    AgreementView,
    SubscriptionView,
    agreements_in_force,
    calls,
    shown,
)
from bank.capital.rules import to_call
from bank.limits.commands import judge_house
from bank.limits.rules import SUBSCRIBE_A, SUBSCRIBE_B, Act
from bank.people.rules import FUND_MANAGER, sound_name
from bank.treasury.commands import hold_headroom, posted
from bank.treasury.queries import lowest_balance
from bank.treasury.rules import BadTerms, Side, entry_of, happened_by, linked_pair, positive, refuse_over_cash
from ledger import trail
from ledger.entries import Entry
from ledger.money import Money
from ledger.refusals import NotFound, Refusal
from ledger.store.work import Work, command

__all__ = (
    "approve_agreement",
    "pay_call",
    "propose_agreement",
    "subscribe_a_shares",
    "subscribe_b_shares",
)


class NoSuchCall(NotFound):
    """No call of this id."""

    slug = "no-such-call"


class BeyondCall(Refusal):
    """More paid than was called."""

    slug = "beyond-call"
    status = 409


class UnderAgreement(Refusal):
    """The holder's shares are called under an agreement."""

    slug = "under-agreement"
    status = 409


@command
def subscribe_a_shares(work: Work, *, amount: Money, on: date, key: str) -> SubscriptionView:
    """The trust pays for A shares out of what it received for England, and calls on B shares go out with it.

    Each holder with an approved agreement is called in proportion, up to its promise. Refuses more than the trust's
    cash, and more capital from dormant money or a larger balance sheet than the limits in force allow.
    """
    subscription = _begin(work, amount, on)
    del key
    refuse_over_cash(amount, lowest_balance(work.session, "trust", "1000", on), TRUST)
    judge_house(work, subscription, Act(SUBSCRIBE_A, amount), on)
    refuse_unapproved(work, SUBSCRIBE, "trust", amount, TRUST)
    sides = (Side("trust", "1300", "1000"), Side("bank", "1000", "3000"))
    entries = linked_pair(
        sides, amount, key=subscription, on=on, description="A shares subscribed by the trust", kind="subscription"
    )
    done = _keep(work, subscription, "A", TRUST, amount, on, entries)
    promised = sorted(agreements_in_force(work.session, on), key=lambda agreement: agreement.holder)
    made = [_call(work, agreement, subscription, on) for agreement in promised]
    return done.model_copy(update={"calls": tuple(call for call in made if call)})


@command
def subscribe_b_shares(work: Work, *, holder: str, amount: Money, on: date, key: str) -> SubscriptionView:
    """A holder outside our books pays for B shares. Refuses one whose shares are called under an agreement."""
    subscription = _begin(work, amount, on)
    del key
    name = sound_name(holder)
    if any(agreement.holder == name for agreement in agreements_in_force(work.session, on)):
        raise UnderAgreement(f"{name} has promised B shares that are called as dormant money comes: pay its calls")
    judge_house(work, subscription, Act(SUBSCRIBE_B, amount), on)
    refuse_unapproved(work, SUBSCRIBE, "bank", amount, name)
    return _paid(work, subscription, name, amount, on, Side("bank", "1000", "3010"))


@command
def pay_call(work: Work, *, call: str, on: date, amount: Money | None = None, key: str) -> SubscriptionView:
    """A holder pays a call: all that is left of it, or a part. Refuses more than is left, and a day before the call."""
    work.actor.require(FUND_MANAGER)
    hold_headroom(work)
    found = next((each for each in calls(work.session, as_at=work.today) if each.id == call), None)
    if found is None:
        raise NoSuchCall(f"There is no call {call!r:.60}: list them first")
    whole = found.unpaid if amount is None else amount
    subscription = _begin(work, whole, on)
    del key
    if on < found.on:
        raise BadTerms(f"{on} is too early: these shares were called on {found.on}")
    if whole > found.unpaid:
        raise BeyondCall(
            f"{whole} cannot be paid: of the {found.amount} called of {found.holder}, {found.unpaid} is still owed",
            amount=str(whole),
            unpaid=str(found.unpaid),
        )
    judge_house(work, subscription, Act(SUBSCRIBE_B, whole), on)
    refuse_unapproved(work, SUBSCRIBE, "bank", whole, found.holder)
    done = _paid(work, subscription, found.holder, whole, on, Side("bank", "1000", "3020"))
    work.session.add(ShareCallPayment(subscription_id=subscription, call_id=call, recorded_at=work.now))
    work.session.flush()
    return done


def _begin(work: Work, amount: Money, on: date) -> str:
    work.actor.require(FUND_MANAGER)
    hold_headroom(work)
    positive(amount, "A subscription")
    happened_by(on, work.today, "A subscription")
    return work.new_id("sub")


def _call(work: Work, agreement: AgreementView, subscription: str, on: date) -> str:
    """The call that a subscription of A shares brings on one holder; nothing when its promise is used up."""
    amount = _due(work, agreement)
    if not amount:
        return ""
    row = ShareCall(
        id=work.new_id("cal"),
        agreement_id=agreement.id,
        subscription_id=subscription,
        amount=amount,
        called_on=on,
        recorded_at=work.now,
        recorded_by=work.actor.id,
    )
    said = f"B shares called of {agreement.holder}"
    side = Side("bank", "3020", "3010")
    row.seqs = posted(work, [entry_of(side, amount, key=row.id, on=on, description=said, kind="call")])
    row.seq = row.seqs[0]
    work.session.add(row)
    work.session.flush()
    trail.record(
        work,
        action="capital.call",
        subject=row.id,
        agreement=agreement.id,
        subscription=subscription,
        amount=amount,
        on=on,
        seqs=row.seqs,
    )
    return row.id


def _due(work: Work, agreement: AgreementView) -> Money:
    """What is to be called now: in proportion to all A shares since the agreement, less what was called or came."""
    rows = work.session.scalars(select(ShareSubscription).where(ShareSubscription.paid_on >= agreement.from_on)).all()
    under = set(work.session.scalars(select(ShareCallPayment.subscription_id)))
    called = Money.total(work.session.scalars(select(ShareCall.amount).where(ShareCall.agreement_id == agreement.id)))
    beside = Money.total(row.amount for row in rows if row.holder == agreement.holder and row.id not in under)
    a_shares = Money.total(row.amount for row in rows if row.share_class == "A")
    return to_call(a_shares, agreement.a_parts, agreement.b_parts, agreement.commitment, called + beside)


def _paid(work: Work, subscription: str, holder: str, amount: Money, on: date, side: Side) -> SubscriptionView:
    said = f"B shares subscribed by {holder}"
    entry = entry_of(side, amount, key=subscription, on=on, description=said, kind="subscription")
    return _keep(work, subscription, "B", holder, amount, on, [entry])


def _keep(
    work: Work, subscription: str, share_class: str, holder: str, amount: Money, on: date, entries: Sequence[Entry]
) -> SubscriptionView:
    seqs = posted(work, entries)
    row = ShareSubscription(
        id=subscription,
        share_class=share_class,
        holder=holder,
        amount=amount,
        paid_on=on,
        recorded_at=work.now,
        recorded_by=work.actor.id,
        seq=seqs[0],
        seqs=seqs,
    )
    work.session.add(row)
    work.session.flush()
    trail.record(
        work,
        action="capital.subscribe",
        subject=subscription,
        share_class=share_class,
        holder=holder,
        amount=amount,
        on=on,
        seqs=seqs,
    )
    return shown(row)
