"""Looks at the bank's cash: headroom and what it is made of, and the policies in force."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache

from sqlalchemy import Select, bindparam, select

from bank.allocations.life.queries import ended
from bank.capital.queries import paid_in
from bank.treasury.model import LiquidityPolicy, LiquidityPolicyApproval
from bank.treasury.placements.model import Placement
from bank.treasury.rules import LIQUID, PLACED, PROMISED, Parts, lowest
from ledger.in_force import in_force
from ledger.money import NOTHING, Money
from ledger.queries import Known, balance_at, balances_of, entries_behind, known
from ledger.store.database import ReadSession
from ledger.store.outcomes import ProposalOutcome
from ledger.store.proposals import TurnedDown, outcome_of, proposals
from ledger.store.work import View


class LiquidityPolicyView(View):
    """A policy as proposed and, once another fund manager agreed, approved."""

    id: str
    fraction: Decimal
    from_on: date
    basis: str
    proposed_by: str
    proposed_at: datetime
    approved_by: str | None
    approved_at: datetime | None
    state: str
    turned_down: TurnedDown | None


class HeadroomView(View):
    """How far the bank's cash reaches, with every part of the reckoning."""

    as_at: date
    known_at: datetime
    known_seq: int
    cash: Money
    treasury: Money
    paid_in_capital: Money
    reserve_fraction: Decimal | None
    reserve: Money
    undrawn_commitments: Money
    approved_in_principle: Money
    headroom: Money
    free_to_approve: Money
    policy: str | None
    note: str


def headroom(session: ReadSession, as_at: date | None = None, at: Known | None = None) -> HeadroomView:
    """Cash and treasury less the reserve less undrawn signed commitments, at a day and as known then.

    What was not drawn when its availability ended is promised no more, whether or not that is entered yet.
    """
    then, day = at or known(session), as_at or session.now.date()
    policy = policy_in_force(session, day, then)
    liquid = balances_of(session, "bank", LIQUID, day, then)
    cash, placed = liquid["1000"], Money.total(liquid[code] for code in PLACED)
    parts = _parts(session, cash, placed, policy, day, then)
    gone = ended(session, day, then)
    parts = replace(
        parts,
        undrawn=parts.undrawn - Money.total(each.no_more for each in gone),
        in_principle=parts.in_principle - Money.total(each.in_principle for each in gone),
    )
    return HeadroomView(
        as_at=day,
        known_at=then.instant,
        known_seq=then.seq,
        cash=parts.cash,
        treasury=parts.treasury,
        paid_in_capital=parts.paid_in_capital,
        reserve_fraction=parts.reserve_fraction,
        reserve=parts.reserve,
        undrawn_commitments=parts.undrawn,
        approved_in_principle=parts.in_principle,
        headroom=parts.headroom,
        free_to_approve=parts.free_to_approve,
        policy=None if policy is None else policy.id,
        note=_note(policy),
    )


def parts_from(session: ReadSession, day: date) -> Parts:
    """The reckoning for a decision dated a day: cash, and all that is liquid, at the lowest from that day on.

    A payment dated back must not take cash that has been used since; commitments are counted as they stand today.
    """
    today = session.now.date()
    cash, treasury = lowest_liquid(session, "bank", day)
    return _parts(session, cash, treasury, policy_in_force(session, today), None, None)


def lowest_liquid(session: ReadSession, book: str, since: date) -> tuple[Money, Money]:
    """The lowest that a book's cash comes to from a day on, and what placements add to it where both are lowest."""
    cash = lowest_balance(session, book, "1000", since)
    anything_placed = session.scalar(_any_placed(), {"book": book}) is not None
    return cash, lowest_together(session, book, LIQUID, since) - cash if anything_placed else NOTHING


@cache
def _any_placed() -> Select[str]:
    return select(Placement.id).where(Placement.book == bindparam("book")).limit(1)


def lowest_balance(session: ReadSession, book: str, code: str, since: date) -> Money:
    """The lowest that an account's balance comes to at the end of a day, from the given day on."""
    return lowest_together(session, book, (code,), since)


def lowest_together(session: ReadSession, book: str, codes: Sequence[str], since: date) -> Money:
    """The lowest that the balances of some accounts come to together at the end of a day, from the given day on."""
    before = since - timedelta(days=1)
    opening = Money.total(balances_of(session, book, codes, before).values())
    by_day: dict[date, Money] = {since: Money(0)}
    for code in codes:
        for line in entries_behind(session, book, code, since):
            by_day[line.effective_on] = by_day.get(line.effective_on, Money(0)) + line.amount
    days = sorted(by_day)
    return lowest(opening + by_day[days[0]], (by_day[day] for day in days[1:]))


def highest_balance(session: ReadSession, book: str, code: str, since: date) -> Money:
    """The highest that an account's balance comes to at the end of a day, from the given day on."""
    opening = balance_at(session, book, code, since - timedelta(days=1))
    by_day: dict[date, Money] = {since: Money(0)}
    for line in entries_behind(session, book, code, since):
        by_day[line.effective_on] = by_day.get(line.effective_on, Money(0)) - line.amount
    days = sorted(by_day)
    return -lowest(by_day[days[0]] - opening, (by_day[day] for day in days[1:]))


def policy_in_force(session: ReadSession, day: date, at: Known | None = None) -> LiquidityPolicyView | None:
    """The approved policy for a day: the one that starts last by then; of two from one day, the later approved."""
    return in_force(liquidity_policies(session, at=at), day)


def liquidity_policies(session: ReadSession, *, at: Known | None = None) -> list[LiquidityPolicyView]:
    """Every policy proposed, with its approval if it has one, in the order proposed."""
    then = at or known(session)
    told = proposals(
        session,
        LiquidityPolicy,
        LiquidityPolicyApproval,
        LiquidityPolicyApproval.policy_id,
        then.instant,
    )
    return [_shown(*each) for each in told]


def _parts(
    session: ReadSession,
    cash: Money,
    treasury: Money,
    policy: LiquidityPolicyView | None,
    day: date | None,
    at: Known | None,
) -> Parts:
    promised = balances_of(session, "bank", (*PROMISED, "9110"), day, at)
    return Parts(
        cash=cash,
        paid_in_capital=paid_in(session, day, at).total,
        reserve_fraction=None if policy is None else policy.fraction,
        undrawn=Money.total(promised[code] for code in PROMISED),
        in_principle=promised["9110"],
        treasury=treasury,
    )


def _note(policy: LiquidityPolicyView | None) -> str:
    if policy is None:
        return "No liquidity policy is approved: the reserve is nil."
    return f"The reserve is {policy.fraction} of paid-in capital, by the policy in force from {policy.from_on}."


def _shown(
    row: LiquidityPolicy, agreed: LiquidityPolicyApproval | None, ended: ProposalOutcome | None
) -> LiquidityPolicyView:
    return LiquidityPolicyView(
        id=row.id,
        fraction=row.fraction,
        from_on=row.from_on,
        basis=row.basis,
        **outcome_of(row, agreed, ended),
    )
