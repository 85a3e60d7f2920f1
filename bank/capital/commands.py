"""Shares are paid for: the trust's with England's money, the merchant banks' with their own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from bank.capital.model import ShareSubscription
from bank.capital.queries import SubscriptionView, shown
from bank.people.rules import FUND_MANAGER, sound_name
from bank.treasury.commands import hold_headroom, posted
from bank.treasury.queries import lowest_balance
from bank.treasury.rules import Side, entry_of, happened_by, linked_pair, positive, refuse_over_cash
from ledger import trail
from ledger.entries import Entry
from ledger.money import Money
from ledger.store.work import Work, command

TRUST = "The trust"


@command
def subscribe_a_shares(work: Work, *, amount: Money, on: date, key: str) -> SubscriptionView:
    """The trust pays for A shares out of what it received for England; refuses more than its cash."""
    subscription = _begin(work, amount, on)
    del key
    refuse_over_cash(amount, lowest_balance(work.session, "trust", "1000", on), TRUST)
    sides = (Side("trust", "1300", "1000"), Side("bank", "1000", "3000"))
    entries = linked_pair(
        sides, amount, key=subscription, on=on, description="A shares subscribed by the trust", kind="subscription"
    )
    return _keep(work, subscription, "A", TRUST, amount, on, entries)


@command
def subscribe_b_shares(work: Work, *, holder: str, amount: Money, on: date, key: str) -> SubscriptionView:
    """A holder outside our books pays for B shares."""
    subscription = _begin(work, amount, on)
    del key
    name = sound_name(holder)
    entry = entry_of(
        Side("bank", "1000", "3010"),
        amount,
        key=subscription,
        on=on,
        description=f"B shares subscribed by {name}",
        kind="subscription",
    )
    return _keep(work, subscription, "B", name, amount, on, [entry])


def _begin(work: Work, amount: Money, on: date) -> str:
    work.actor.require(FUND_MANAGER)
    hold_headroom(work)
    positive(amount, "A subscription")
    happened_by(on, work.today, "A subscription")
    return work.new_id("sub")


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
