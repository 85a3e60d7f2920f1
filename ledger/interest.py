"""Simple interest: accrued exactly on the money outstanding day by day, and rounded only when it is posted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Final

from ledger.daycounts import DayCount
from ledger.money import Money

NO_CARRY: Final = Fraction(0)


def accrued(
    principal: Money, annual_rate: Decimal, start: date, end: date, day_count: DayCount = DayCount.ACT_365F
) -> Fraction:
    """The exact interest, in pence, on a principal from `start` (which counts) to `end` (which does not).

    The rate is a yearly fraction: seven and a half per cent is ``Decimal("0.075")``.
    """
    return principal.pence * Fraction(annual_rate) * day_count.fraction(start, end)


def accrued_on_movements(
    movements: Iterable[tuple[date, Money]],
    annual_rate: Decimal,
    since: date,
    until: date,
    day_count: DayCount = DayCount.ACT_365F,
) -> Fraction:
    """The exact interest, in pence, from `since` to `until` on the balance that dated movements build up.

    A drawdown is a positive movement and a repayment a negative one. Money lent on a day earns for that day and money
    repaid on a day does not. Every movement contributes on its own, so the order in which the facts arrive cannot
    matter, and a movement dated back simply has contributed from its day. Movements on or after `until` earn nothing
    yet. Under the 30/360 counts each movement is counted from its own day, as ISDA defines the count.
    """
    return sum(
        (
            accrued(amount, annual_rate, max(moved_on, since), until, day_count)
            for moved_on, amount in movements
            if max(moved_on, since) < until
        ),
        NO_CARRY,
    )


@dataclass(frozen=True, slots=True)
class PostedInterest:
    """Interest as posted in whole pence, and the part of a penny carried to the next posting."""

    amount: Money
    carry: Fraction


def posted(exact: Fraction, carry: Fraction = NO_CARRY) -> PostedInterest:
    """Round interest half up for posting, together with what the last posting carried over.

    However often interest is posted, the postings add up to the exact interest rounded once: the carry is never more
    than half a penny either way.
    """
    due = exact + carry
    amount = Money.round_half_up(due)
    return PostedInterest(amount, due - amount.pence)
