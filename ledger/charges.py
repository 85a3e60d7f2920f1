"""What is charged on top of interest, day by day: on money promised and not drawn, and on money due and not paid."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import accumulate, pairwise

from ledger.daycounts import DayCount
from ledger.faults import Fault, Faulty
from ledger.money import NOTHING, Money
from ledger.rates import RateHistory

Movement = tuple[date, Money]


class BadPromise(Faulty):
    """More drawn than was promised on some day."""

    slug = "bad-promise"


def undrawn(promised: Iterable[Movement], drawn: Iterable[Movement]) -> list[Movement]:
    """What stands promised and undrawn, as a balance from each day on which it changes.

    A promise adds (a signature, an increase, capital that may be called again) or takes away (a cancellation, a
    lapse). Refuses a day on which more is drawn than is promised.
    """
    balances = _balances([*promised, *((day, -amount) for day, amount in drawn)])
    wrong = [
        Fault(f"/{day}", str(balance), "nothing or more left to draw", "a drawdown stays within what is promised")
        for day, balance in balances
        if balance < NOTHING
    ]
    if wrong:
        raise BadPromise(wrong)
    return balances


def commitment_fee(
    promised: Iterable[Movement],
    drawn: Iterable[Movement],
    fee_rate: Decimal | RateHistory,
    since: date,
    until: date,
    day_count: DayCount = DayCount.ACT_365F,
) -> Fraction:
    """The exact fee, in pence, on what is undrawn each day from `since` (which counts) to `until` (which does not).

    The rate is a yearly fraction. A day on which money is drawn bears interest on it and no fee.
    """
    return _charged(undrawn(promised, drawn), fee_rate, since, until, day_count)


def overdue(due: Iterable[Movement], paid: Iterable[Movement]) -> list[Movement]:
    """What is due and unpaid, as a balance from each day on which it changes.

    A payment settles what has fallen due, and what comes before it is due waits for that; nobody is owed less than
    nothing, so being ahead earns nothing.
    """
    ahead = _balances([*due, *((day, -amount) for day, amount in paid)])
    return [(day, max(balance, NOTHING)) for day, balance in ahead]


def default_interest(
    due: Iterable[Movement],
    paid: Iterable[Movement],
    default_rate: Decimal | RateHistory,
    since: date,
    until: date,
    day_count: DayCount = DayCount.ACT_365F,
) -> Fraction:
    """The exact simple interest, in pence, on what is overdue each day from `since` to `until`.

    What is not paid by the close of its due day bears default interest for that day too, and none for the day it is
    paid. The rate is the whole rate on overdue money, or only what default adds where ordinary interest goes on
    running. Where the contract lets unpaid default interest bear interest itself, put it among what is due.
    """
    return _charged(overdue(due, paid), default_rate, since, until, day_count)


def _charged(
    balances: Iterable[Movement], rate: Decimal | RateHistory, since: date, until: date, day_count: DayCount
) -> Fraction:
    history = rate if isinstance(rate, RateHistory) else RateHistory.fixed(rate)
    steps = [(since, NOTHING), *balances]
    moves = [(day, now - before) for (_, before), (day, now) in pairwise(steps)]
    return history.accrued_on_movements(moves, since, until, day_count)


def _balances(movements: Iterable[Movement]) -> list[Movement]:
    """The balance at the close of each day on which something moves."""
    nets: defaultdict[date, Money] = defaultdict(lambda: NOTHING)
    for day, amount in movements:
        nets[day] += amount
    days = sorted(nets)
    return list(zip(days, accumulate(nets[day] for day in days), strict=True))
