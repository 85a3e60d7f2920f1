"""What the shareholders have promised, were called for and have paid; whose the capital is, and whose the votes."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from sqlalchemy import select

from bank.capital.model import (
    ShareAgreement,
    ShareAgreementApproval,
    ShareCall,
    ShareCallPayment,
    ShareSubscription,
)
from bank.capital.reference import BALANCE_SHEET, DORMANT_CAPITAL
from bank.capital.rules import economic_shares, limit_on, voting_shares
from ledger.money import NOTHING, Money
from ledger.queries import Known, balance_at, balances_of, known, trial_balance
from ledger.store.database import ReadSession
from ledger.store.outcomes import ProposalOutcome
from ledger.store.proposals import TurnedDown, outcome_of, proposals
from ledger.store.work import View

TRUST: Final = "The trust"


class CapitalPaid(View):
    """Share capital paid in, by class. Votes are another matter: they do not follow capital."""

    a_shares: Money
    b_shares: Money
    total: Money


class SubscriptionView(View):
    """One subscription; `calls` are the calls on others' shares that it brought with it."""

    id: str
    share_class: str
    holder: str
    amount: Money
    on: date
    recorded_at: datetime
    seqs: tuple[int, ...]
    calls: tuple[str, ...] = ()


class AgreementView(View):
    """A holder's promise as entered and, once another fund manager agreed, approved."""

    id: str
    holder: str
    commitment: Money
    a_parts: int
    b_parts: int
    vote_cap: Decimal
    from_on: date
    source: str
    proposed_by: str
    proposed_at: datetime
    approved_by: str | None
    approved_at: datetime | None
    state: str
    turned_down: TurnedDown | None


class CallView(View):
    """B shares called: what of the call is paid, and what is still owed."""

    id: str
    holder: str
    agreement: str
    subscription: str
    amount: Money
    on: date
    paid: Money
    unpaid: Money
    seqs: tuple[int, ...]


class HolderView(View):
    """One shareholder. Its part of the capital and its part of the votes are two figures."""

    holder: str
    share_class: str
    commitment: Money | None
    called: Money
    paid: Money
    unpaid: Money
    uncalled: Money | None
    economic_share: Decimal
    voting_share: Decimal
    vote_cap: Decimal | None


class LimitView(View):
    """A limit from outside: what it is, what of it is used, and what is left."""

    code: str
    title: str
    limit: Money
    used: Money
    left: Money
    from_on: date
    source: str


class CapitalView(View):
    """The bank's capital at a day, as known then: called, paid and unpaid, by holder; and the limits on it."""

    as_at: date
    known_at: datetime
    known_seq: int
    a_shares: Money
    b_called: Money
    b_paid: Money
    b_unpaid: Money
    paid_in: Money
    holders: tuple[HolderView, ...]
    limits: tuple[LimitView, ...]


def paid_in(session: ReadSession, as_at: date | None = None, at: Known | None = None) -> CapitalPaid:
    """Capital paid in by a day, as known then, from the bank's book; what is called and not paid is not in it."""
    found = balances_of(session, "bank", ("3000", "3010", "3020"), as_at, at)
    a_shares, b_shares = -found["3000"], -found["3010"] - found["3020"]
    return CapitalPaid(a_shares=a_shares, b_shares=b_shares, total=a_shares + b_shares)


def balance_sheet(session: ReadSession, as_at: date | None = None, at: Known | None = None) -> Money:
    """The total of the bank's assets by a day, as known then, from its trial balance."""
    lines = trial_balance(session, "bank", as_at, at).accounts
    return Money.total(line.debit - line.credit for line in lines if line.code.startswith("1"))


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
    called: defaultdict[str, list[str]] = defaultdict(list)
    for call in session.scalars(select(ShareCall).where(ShareCall.seq <= then.seq).order_by(ShareCall.seq)):
        called[call.subscription_id].append(call.id)
    return [shown(row, called[row.id]) for row in rows]


def agreements(session: ReadSession, *, at: Known | None = None) -> list[AgreementView]:
    """Every agreement entered, with its approval if it has one, in the order entered."""
    then = at or known(session)
    told = proposals(
        session,
        ShareAgreement,
        ShareAgreementApproval,
        ShareAgreementApproval.agreement_id,
        then.instant,
    )
    return [_shown_agreement(*each) for each in told]


def agreements_in_force(session: ReadSession, on: date, at: Known | None = None) -> list[AgreementView]:
    """The approved agreements that run on a day."""
    return [each for each in agreements(session, at=at) if each.approved_at is not None and each.from_on <= on]


def calls(session: ReadSession, *, as_at: date | None = None, at: Known | None = None) -> list[CallView]:
    """Every call made by a day, as known then, with what of it was paid by then."""
    then, day = at or known(session), as_at or session.now.date()
    paid: defaultdict[str, Money] = defaultdict(lambda: NOTHING)
    for call, amount in session.execute(
        select(ShareCallPayment.call_id, ShareSubscription.amount)
        .join(ShareSubscription, ShareSubscription.id == ShareCallPayment.subscription_id)
        .where(ShareSubscription.seq <= then.seq, ShareSubscription.paid_on <= day)
    ):
        paid[call] += amount
    rows = session.execute(
        select(ShareCall, ShareAgreement.holder)
        .join(ShareAgreement, ShareAgreement.id == ShareCall.agreement_id)
        .where(ShareCall.seq <= then.seq, ShareCall.called_on <= day)
        .order_by(ShareCall.seq)
    )
    return [_shown_call(row.ShareCall, row.holder, paid[row.ShareCall.id]) for row in rows]


def capital(session: ReadSession, *, as_at: date | None = None, at: Known | None = None) -> CapitalView:
    """The bank's capital at a day, as known then: who promised, was called, has paid, owns and votes how much."""
    then, day = at or known(session), as_at or session.now.date()
    money = paid_in(session, day, then)
    unpaid = balance_at(session, "bank", "3020", day, then)
    return CapitalView(
        as_at=day,
        known_at=then.instant,
        known_seq=then.seq,
        a_shares=money.a_shares,
        b_called=money.b_shares + unpaid,
        b_paid=money.b_shares,
        b_unpaid=unpaid,
        paid_in=money.total,
        holders=tuple(_holders(session, day, then)),
        limits=tuple(_limits(session, money, day, then)),
    )


def shown(row: ShareSubscription, called: list[str] | None = None) -> SubscriptionView:
    """The row as a view."""
    return SubscriptionView(
        id=row.id,
        share_class=row.share_class,
        holder=row.holder,
        amount=row.amount,
        on=row.paid_on,
        recorded_at=row.recorded_at,
        seqs=tuple(row.seqs),
        calls=tuple(called or ()),
    )


def _holders(session: ReadSession, day: date, then: Known) -> list[HolderView]:
    """The trust and each holder of B shares, as their rows say."""
    paid: dict[str, Money] = {}
    trust = NOTHING
    for each in subscriptions(session, as_at=day, at=then):
        if each.share_class == "A":
            trust += each.amount
        else:
            paid[each.holder] = paid.get(each.holder, NOTHING) + each.amount
    promised = {each.holder: each for each in agreements_in_force(session, day, then)}
    unpaid: defaultdict[str, Money] = defaultdict(lambda: NOTHING)
    for call in calls(session, as_at=day, at=then):
        unpaid[call.holder] += call.unpaid
    names = sorted({*paid, *promised})
    paid = {name: paid.get(name, NOTHING) for name in names}
    caps = {name: each.vote_cap for name, each in promised.items()}
    owns, parts = economic_shares(trust, paid)
    votes, theirs = voting_shares(trust, paid, caps)
    first = HolderView(
        holder=TRUST,
        share_class="A",
        commitment=None,
        called=trust,
        paid=trust,
        unpaid=NOTHING,
        uncalled=None,
        economic_share=owns,
        voting_share=votes,
        vote_cap=None,
    )
    return [
        first,
        *(_holder(name, paid[name], unpaid[name], parts[name], theirs[name], promised.get(name)) for name in names),
    ]


def _holder(
    name: str, paid: Money, unpaid: Money, owns: Decimal, votes: Decimal, promised: AgreementView | None
) -> HolderView:
    return HolderView(
        holder=name,
        share_class="B",
        commitment=None if promised is None else promised.commitment,
        called=paid + unpaid,
        paid=paid,
        unpaid=unpaid,
        uncalled=None if promised is None else promised.commitment - paid - unpaid,
        economic_share=owns,
        voting_share=votes,
        vote_cap=None if promised is None else promised.vote_cap,
    )


def _limits(session: ReadSession, money: CapitalPaid, day: date, then: Known) -> list[LimitView]:
    used = {DORMANT_CAPITAL: money.a_shares, BALANCE_SHEET: balance_sheet(session, day, then)}
    found = [(limit_on(code, day), there) for code, there in used.items()]
    return [
        LimitView(
            code=limit.code,
            title=limit.title,
            limit=limit.amount,
            used=there,
            left=limit.amount - there,
            from_on=limit.from_on,
            source=limit.source,
        )
        for limit, there in found
        if limit is not None
    ]


def _shown_call(row: ShareCall, holder: str, paid: Money) -> CallView:
    return CallView(
        id=row.id,
        holder=holder,
        agreement=row.agreement_id,
        subscription=row.subscription_id,
        amount=row.amount,
        on=row.called_on,
        paid=paid,
        unpaid=row.amount - paid,
        seqs=tuple(row.seqs),
    )


def _shown_agreement(
    row: ShareAgreement, agreed: ShareAgreementApproval | None, ended: ProposalOutcome | None
) -> AgreementView:
    return AgreementView(
        id=row.id,
        holder=row.holder,
        commitment=row.commitment,
        a_parts=row.a_parts,
        b_parts=row.b_parts,
        vote_cap=row.vote_cap,
        from_on=row.from_on,
        source=row.source,
        **outcome_of(row, agreed, ended),
    )
