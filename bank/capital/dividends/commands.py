"""A policy on dividends is proposed by one and approved by another; what it allows is paid to those who hold shares."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from functools import partial

from bank.approvals.commands import refuse_unapproved
from bank.approvals.rules import DIVIDEND_POLICY, PAY_DIVIDEND
from bank.approvals.seconding import seconded
from bank.capital.dividends.model import Dividend, DividendPolicy, DividendPolicyApproval, DividendShare
from bank.capital.dividends.queries import (
    NO_ACCOUNTS,
    DistributableView,
    DividendPolicyView,
    DividendView,
    distributable,
    dividend_policies,
    dividend_policy_on,
    dividends,
    holdings,
    paid_in_year,
)
from bank.capital.dividends.rules import (
    Bounds,
    DividendNotAllowed,
    Holding,
    NoDividendPolicy,
    Reserve,
    refuse_beyond,
    refuse_over_cap,
    shares_of,
    sound_cap,
    sound_classes,
)
from bank.people.rules import FUND_MANAGER
from bank.stress.policing import refuse_dividend_under_stress
from bank.treasury.commands import hold_headroom, posted
from bank.treasury.rules import BadTerms, Side, entry_of, fraction, happened_by, linked_pair, not_negative, positive
from ledger import trail
from ledger.dates import within_calendar
from ledger.entries import Entry
from ledger.money import NOTHING, Money
from ledger.refusals import NotFound
from ledger.store.work import Work, command


class NoSuchDividendPolicy(NotFound):
    """No policy on dividends of this id."""

    slug = "no-such-dividend-policy"


@command
def propose_dividend_policy(
    work: Work,
    *,
    part: Decimal,
    classes: str,
    from_on: date,
    basis: str,
    reserve_kept: Money = NOTHING,
    liquidity_kept: Money = NOTHING,
    a_cap: Decimal | None = None,
    b_cap: Decimal | None = None,
    key: str | None = None,
) -> DividendPolicyView:
    """Propose what lets a dividend be paid from a day on, and what that rests on: articles, a minute of the board.

    `part` is the most of the distributable reserve that one financial year's dividends may come to, `classes` which
    shares take part, and the caps the most that a class is paid in that year as a part of what is paid up on it. So
    much of the reserve, and so much cash that nothing is promised of, stays. A part of 0 lets nothing be paid. Nothing
    is in force until another approves it.
    """
    work.actor.require(FUND_MANAGER)
    del key
    if not basis.strip():
        raise BadTerms("Say what the policy rests on: the articles, a resolution, a minute")
    told = sound_classes(classes)
    caps = {name: None if cap is None else fraction(cap, "A cap") for name, cap in (("A", a_cap), ("B", b_cap))}
    row = DividendPolicy(
        id=work.new_id("dvp"),
        part=fraction(part, "The part of the reserve"),
        classes=told,
        a_cap=sound_cap(caps["A"], "A", told),
        b_cap=sound_cap(caps["B"], "B", told),
        reserve_kept=not_negative(reserve_kept, "What is kept of the reserve"),
        liquidity_kept=not_negative(liquidity_kept, "What is kept liquid"),
        from_on=within_calendar(from_on),
        basis=basis.strip(),
        proposed_by=work.actor.id,
        recorded_at=work.now,
    )
    work.session.add(row)
    work.session.flush()
    trail.record(
        work,
        action="capital.propose-dividend-policy",
        subject=row.id,
        reason=row.basis,
        part=part,
        classes=told,
        from_on=from_on,
        reserve_kept=reserve_kept,
        liquidity_kept=liquidity_kept,
    )
    return _policy(work, row.id)


@command
def approve_dividend_policy(work: Work, *, id: str, key: str | None = None) -> DividendPolicyView:  # noqa: A002 -- what a policy is known by
    """Approve a policy that somebody else proposed; it is in force from its day."""
    del key
    approval = partial(DividendPolicyApproval, policy_id=id)
    told = _policy(work, id)
    seconded(work, told, "policy", approval, act=DIVIDEND_POLICY, action="capital.approve-dividend-policy")
    return _policy(work, id)


@command
def pay_dividend(work: Work, *, amount: Money, on: date, key: str) -> DividendView:
    """Pay a dividend out of realised reserves to everybody who has paid up shares that take part, to the penny.

    Refuses one while no policy is approved or no quarter is closed for good, and more than the law, the policy, its
    caps or the stress policy let go, each with its figures. The trust's part is entered in its own book as well.
    """
    work.actor.require(FUND_MANAGER)
    del key
    positive(amount, "A dividend")
    happened_by(on, work.today, "A dividend")
    hold_headroom(work)
    policy = dividend_policy_on(work.session, on)
    if policy is None:
        raise NoDividendPolicy(
            f"No policy on dividends is approved and in force on {on}: one fund manager proposes it, another approves"
        )
    found = distributable(work.session, on=on)
    closed_to = _refuse(found, amount)
    shares = shares_of(amount, holdings(work.session, on, policy.classes))
    refuse_over_cap(shares, paid_in_year(work.session, on), {"A": policy.a_cap, "B": policy.b_cap})
    refuse_dividend_under_stress(work, amount)
    refuse_unapproved(work, PAY_DIVIDEND, "bank", amount)
    made = work.new_id("div")
    seqs = posted(work, _entries(made, on, shares))
    work.session.add(
        Dividend(
            id=made,
            policy_id=policy.id,
            amount=amount,
            reserve=found.reserve,
            accounts_to=closed_to,
            paid_on=on,
            recorded_at=work.now,
            recorded_by=work.actor.id,
            seq=seqs[0],
            seqs=seqs,
        )
    )
    work.session.flush()
    _keep(work, made, shares)
    trail.record(
        work,
        action="capital.pay-dividend",
        subject=made,
        policy=policy.id,
        amount=amount,
        on=on,
        reserve=found.reserve,
        shares={f"{holding.share_class} {holding.holder}": str(part) for holding, part in shares},
        seqs=seqs,
    )
    return next(each for each in dividends(work.session, as_at=on) if each.id == made)


def _refuse(found: DistributableView, amount: Money) -> date:
    """Pass when there are accounts, and they and the policy let so much go; the day to which the accounts are."""
    if found.accounts_to is None or found.by_part is None or found.by_reserve is None or found.by_liquidity is None:
        raise DividendNotAllowed(NO_ACCOUNTS)
    reserve = Reserve(found.accumulated, found.unrealised, found.expected)
    bounds = Bounds(found.by_part, found.by_reserve, found.by_liquidity)
    refuse_beyond(amount, reserve, found.reserve, bounds, found.free)
    return found.accounts_to


def _entries(made: str, on: date, shares: Sequence[tuple[Holding, Money]]) -> list[Entry]:
    """Journal 32: reserves against cash, for each holder; the trust's part is a pair with its own book."""
    entries: list[Entry] = []
    ours, theirs = Side("bank", "3200", "1000"), Side("trust", "1000", "4100")
    for number, (holding, part) in enumerate(shares, start=1):
        key, said = f"{made}/{number}", f"Dividend on {holding.share_class} shares: {holding.holder}"
        if part and holding.share_class == "A":
            entries += linked_pair((ours, theirs), part, key=key, on=on, description=said, kind="dividend")
        elif part:
            entries.append(entry_of(ours, part, key=key, on=on, description=said, kind="dividend"))
    return entries


def _keep(work: Work, made: str, shares: Sequence[tuple[Holding, Money]]) -> None:
    work.session.add_all(
        DividendShare(
            dividend_id=made,
            holder=holding.holder,
            share_class=holding.share_class,
            paid_up=holding.paid_up,
            amount=part,
        )
        for holding, part in shares
    )
    work.session.flush()


def _policy(work: Work, wanted: str) -> DividendPolicyView:
    for policy in dividend_policies(work.session):
        if policy.id == wanted:
            return policy
    raise NoSuchDividendPolicy(f"There is no policy on dividends {wanted!r:.60}")
