"""What the shareholders have paid in, by class and by subscription."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select

from bank.capital.model import ShareSubscription
from ledger.money import Money
from ledger.queries import Known, balance_at, known
from ledger.store.database import ReadSession
from ledger.store.work import View


class CapitalPaid(View):
    """Share capital paid in, by class. Votes are another matter: they do not follow capital."""

    a_shares: Money
    b_shares: Money
    total: Money


class SubscriptionView(View):
    """One subscription."""

    id: str
    share_class: str
    holder: str
    amount: Money
    on: date
    recorded_at: datetime
    seqs: tuple[int, ...]


def paid_in(session: ReadSession, as_at: date | None = None, at: Known | None = None) -> CapitalPaid:
    """Capital paid in by a day, as known then, from the bank's book."""
    a_shares = -balance_at(session, "bank", "3000", as_at, at)
    b_shares = -balance_at(session, "bank", "3010", as_at, at)
    return CapitalPaid(a_shares=a_shares, b_shares=b_shares, total=a_shares + b_shares)


def subscriptions(
    session: ReadSession, *, as_at: date | None = None, at: Known | None = None
) -> list[SubscriptionView]:
    """Every subscription paid by a day, as known then, in the order they were recorded."""
    then, day = at or known(session), as_at or session.now.date()
    rows = session.scalars(
        select(ShareSubscription)
        .where(ShareSubscription.seq <= then.seq, ShareSubscription.paid_on <= day)
        .order_by(ShareSubscription.seq)
    )
    return [shown(row) for row in rows]


def shown(row: ShareSubscription) -> SubscriptionView:
    """The row as a view."""
    return SubscriptionView(
        id=row.id,
        share_class=row.share_class,
        holder=row.holder,
        amount=row.amount,
        on=row.paid_on,
        recorded_at=row.recorded_at,
        seqs=tuple(row.seqs),
    )
