"""Looks at dividends: the policies, what may be distributed and why no more, and what was paid to whom."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from sqlalchemy import select

from bank.allocations.products.registry import AMORTISED, PRODUCTS
from bank.capital.dividends.model import Dividend, DividendPolicy, DividendPolicyApproval, DividendShare
from bank.capital.dividends.rules import Bounds, Holding, Reserve, bounds, most_within_caps, reserve_of
from bank.capital.queries import TRUST, subscriptions
from bank.treasury.queries import parts_from
from ledger.dates import FinancialYear
from ledger.in_force import in_force
from ledger.money import NOTHING, Money
from ledger.queries import Known, balance_at, known, trial_balance, watermark
from ledger.store.database import ReadSession
from ledger.store.outcomes import ProposalOutcome
from ledger.store.proposals import TurnedDown, outcome_of, proposals
from ledger.store.work import View

_AT_VALUE: Final = frozenset(one.unrealised for one in PRODUCTS.values() if one.unrealised)
NO_ACCOUNTS: Final = "No quarter is closed for good: a dividend is paid by accounts (Companies Act 2006, s.836)."


class DividendPolicyView(View):
    """A policy on dividends as proposed and, once another fund manager agreed, approved."""

    id: str
    part: Decimal
    classes: str
    a_cap: Decimal | None
    b_cap: Decimal | None
    reserve_kept: Money
    liquidity_kept: Money
    from_on: date
    basis: str
    proposed_by: str
    proposed_at: datetime
    approved_by: str | None
    approved_at: datetime | None
    state: str
    turned_down: TurnedDown | None


class DividendShareView(View):
    """One holder's part of a dividend."""

    holder: str
    share_class: str
    paid_up: Money
    amount: Money


class DividendView(View):
    """A dividend paid, out of which reserve by accounts to which day, under which policy, and to whom."""

    id: str
    amount: Money
    on: date
    policy: str
    reserve: Money
    accounts_to: date
    shares: tuple[DividendShareView, ...]
    recorded_at: datetime
    recorded_by: str
    seqs: tuple[int, ...]


class DividendLine(View):
    """A holder's part of a dividend as a line of the list of all of them."""

    dividend: str
    on: date
    holder: str
    share_class: str
    paid_up: Money
    amount: Money


class DistributableView(View):
    """What may be paid as a dividend on a day, and every part of the reckoning.

    `reserve` is the least of what is realised by the day, by today, and by the last quarter closed for good less what
    has been distributed since.
    """

    as_at: date
    accumulated: Money
    unrealised: Money
    expected: Money
    realised: Money
    accounts_to: date | None
    reserve: Money
    paid_this_year: Money
    free: Money
    policy: str | None
    by_part: Money | None
    by_reserve: Money | None
    by_liquidity: Money | None
    by_caps: Money | None
    payable: Money
    note: str


def dividend_policies(session: ReadSession, *, at: Known | None = None) -> list[DividendPolicyView]:
    """Every policy proposed, with its approval if it has one, in the order proposed."""
    then = at or known(session)
    told = proposals(
        session,
        DividendPolicy,
        DividendPolicyApproval,
        DividendPolicyApproval.policy_id,
        then.instant,
    )
    return [_policy(*each) for each in told]


def dividend_policy_on(session: ReadSession, day: date) -> DividendPolicyView | None:
    """The approved policy for a day: the one that starts last by then; of two from one day, the later approved."""
    return in_force(dividend_policies(session), day)


def dividends(session: ReadSession, *, as_at: date | None = None, at: Known | None = None) -> list[DividendView]:
    """Every dividend paid by a day, as known then, in the order recorded, with each holder's part."""
    then, day = at or known(session), as_at or session.now.date()
    rows = session.scalars(
        select(Dividend).where(Dividend.seq <= then.seq, Dividend.paid_on <= day).order_by(Dividend.seq)
    ).all()
    parts: defaultdict[str, list[DividendShareView]] = defaultdict(list)
    for share in session.scalars(select(DividendShare).order_by(DividendShare.share_class, DividendShare.holder)):
        parts[share.dividend_id].append(
            DividendShareView(
                holder=share.holder, share_class=share.share_class, paid_up=share.paid_up, amount=share.amount
            )
        )
    return [_dividend(row, tuple(parts[row.id])) for row in rows]


def lines_of(paid: DividendView) -> list[DividendLine]:
    """A dividend holder by holder."""
    return [DividendLine(dividend=paid.id, on=paid.on, **dict(share)) for share in paid.shares]


def holdings(session: ReadSession, day: date, classes: str) -> list[Holding]:
    """What each holder had paid up by a day on the classes that are named: the trust, then the others by name."""
    paid: defaultdict[tuple[str, str], Money] = defaultdict(lambda: NOTHING)
    for each in subscriptions(session, as_at=day):
        if each.share_class in classes:
            paid[each.share_class, TRUST if each.share_class == "A" else each.holder] += each.amount
    return [Holding(share_class, holder, paid[share_class, holder]) for share_class, holder in sorted(paid)]


def reserve_at(session: ReadSession, day: date) -> Reserve:
    """What was earned and kept by a day, and what of it is not realised, by the bank's trial balance."""
    lines = trial_balance(session, "bank", day).accounts
    return reserve_of(((line.code, line.debit - line.credit) for line in lines), _AT_VALUE, frozenset(AMORTISED))


def paid_in_year(session: ReadSession, day: date) -> dict[str, Money]:
    """What was paid on each class in the financial year of a day, whenever in it."""
    year = FinancialYear.of(day)
    found: defaultdict[str, Money] = defaultdict(lambda: NOTHING)
    for each in dividends(session, as_at=year.ends_on):
        if each.on >= year.starts_on:
            for share in each.shares:
                found[share.share_class] += share.amount
    return dict(found)


def distributable(session: ReadSession, *, on: date | None = None) -> DistributableView:
    """What may be paid on a day by the law and by the policy in force, as everything is known now."""
    day, today = on or session.now.date(), session.now.date()
    reserve, closed_to, policy = reserve_at(session, day), watermark(session), dividend_policy_on(session, day)
    there = min(reserve.realised, reserve_at(session, max(day, today)).realised)
    if closed_to is not None:
        since = balance_at(session, "bank", "3200", max(day, today)) - balance_at(session, "bank", "3200", closed_to)
        there = min(there, reserve_at(session, closed_to).realised - since)
    paid, parts = Money.total(paid_in_year(session, day).values()), parts_from(session, day)
    free = min(parts.free_to_approve, parts.cash)
    found = None if policy is None or closed_to is None else _bounds(policy, there, paid, free)
    capped = None if policy is None else _capped(session, day, policy)
    payable = NOTHING if found is None else found.payable
    return DistributableView(
        as_at=day,
        accumulated=reserve.accumulated,
        unrealised=reserve.unrealised,
        expected=reserve.expected,
        realised=reserve.realised,
        accounts_to=closed_to,
        reserve=there,
        paid_this_year=paid,
        free=free,
        policy=None if policy is None else policy.id,
        by_part=None if found is None else found.by_part,
        by_reserve=None if found is None else found.by_reserve,
        by_liquidity=None if found is None else found.by_liquidity,
        by_caps=capped,
        payable=payable if capped is None else min(payable, capped),
        note=_note(policy, closed_to),
    )


def _capped(session: ReadSession, day: date, policy: DividendPolicyView) -> Money | None:
    caps = {"A": policy.a_cap, "B": policy.b_cap}
    return most_within_caps(holdings(session, day, policy.classes), paid_in_year(session, day), caps)


def _bounds(policy: DividendPolicyView, there: Money, paid: Money, free: Money) -> Bounds:
    return bounds(
        there, paid, free, part=policy.part, reserve_kept=policy.reserve_kept, liquidity_kept=policy.liquidity_kept
    )


def _note(policy: DividendPolicyView | None, closed_to: date | None) -> str:
    if policy is None:
        return "No dividend policy is approved: nothing may be paid."
    if closed_to is None:
        return NO_ACCOUNTS
    return f"By the policy in force from {policy.from_on} and the accounts to {closed_to}."


def _policy(
    row: DividendPolicy, agreed: DividendPolicyApproval | None, ended: ProposalOutcome | None
) -> DividendPolicyView:
    return DividendPolicyView(
        id=row.id,
        part=row.part,
        classes=row.classes,
        a_cap=row.a_cap,
        b_cap=row.b_cap,
        reserve_kept=row.reserve_kept,
        liquidity_kept=row.liquidity_kept,
        from_on=row.from_on,
        basis=row.basis,
        **outcome_of(row, agreed, ended),
    )


def _dividend(row: Dividend, shares: tuple[DividendShareView, ...]) -> DividendView:
    return DividendView(
        id=row.id,
        amount=row.amount,
        on=row.paid_on,
        policy=row.policy_id,
        reserve=row.reserve,
        accounts_to=row.accounts_to,
        shares=shares,
        recorded_at=row.recorded_at,
        recorded_by=row.recorded_by,
        seqs=tuple(row.seqs),
    )
