"""What of a loan falls due on which day: its principal as agreed, and its interest as billed.

Schedules worked out for anybody and the bills, accruals and arrears of a facility all come from here.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal, localcontext
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from typing import Final, Literal

from ledger.counting import Counting, counting
from ledger.daycounts import YEAR_PARTS, DayCount
from ledger.money import NOTHING, Money
from ledger.rates import RateHistory

_DIGITS: Final = 60
_ONE_DAY: Final = timedelta(days=1)

Movement = tuple[date, Money]
"""A day and what was lent on it; what was repaid is below nothing."""


@dataclass(frozen=True, slots=True)
class Spread:
    """How principal comes back over the instalments.

    `equal`: the same part of what is open each time; `fixed`: `amount` each time; `listed`: as `amounts` say, one for
    each instalment; `level`: equal payments of principal and interest together; `bullet`: nothing before the end. The
    last instalment always takes what is left, and so the pennies.
    """

    kind: Literal["equal", "fixed", "listed", "level", "bullet"]
    amount: Money = NOTHING
    amounts: tuple[Money, ...] = ()


@dataclass(frozen=True, slots=True)
class Stretch:
    """Instalments agreed together, and the last day that is theirs before later ones overtake them."""

    days: Sequence[date]
    spread: Spread
    capital_holiday: int = 0
    """How many of the first are interest only."""
    until: date = date.max
    reschedules_on: date | None = None
    """The day at whose close principal that is overdue is taken into these instalments, if any is."""
    earlier: Callable[[int], Iterable[date]] = lambda _: ()
    """So many days on which periods would have ended before the first due day, the latest first."""

    def lent_late(self, moved: Iterable[Movement]) -> list[Movement]:
        """What was lent while these instalments were in force and after the last of them, day by day."""
        found: dict[date, Money] = {}
        for on, amount in sorted(moved):
            if amount > NOTHING and self.days and self.days[-1] < on < self.until:
                found[on] = found.get(on, NOTHING) + amount
        return list(found.items())


@dataclass(frozen=True, slots=True)
class Due:
    """The principal that falls due on a day, and what is left to fall due after it."""

    on: date
    principal: Money
    left: Money


@dataclass(frozen=True, slots=True)
class FallingDue:
    """What principal falls due, and what became of it besides being paid in its time.

    `rescheduled` was overdue at the close of a day and is overdue no more, since instalments of that day took it in.
    `ahead` was repaid before it fell due, told by the due day from which on nothing is due for it.
    """

    dues: list[Due]
    rescheduled: list[Movement]
    ahead: list[Movement]
    counting: Counting
    """How the time between the due days is counted."""


def principal_due(
    stretches: Iterable[Stretch], moved: Sequence[Movement], rates: RateHistory, count: DayCount
) -> FallingDue:
    """What principal falls due on each day of instalments that follow one another, by what was lent and repaid.

    Money lent before a due day is spread over the instalments from it on, and money lent on it over those after it;
    principal repaid ahead of its day lightens all that are left; what is overdue stays due, unless instalments
    reschedule it. Money lent after the last of them is due on its own day: where no time is agreed for repaying it, a
    loan is a debt from when it is made (Norton v Ellam (1837) 2 M & W 461). Equal parts and level payments stay the
    same until the balance is not what they led to; level payments are also levelled anew from the first instalment that
    a change of the rate touches, as if the rate of that instalment's last day stood for good. Refuses nothing: the
    terms were made sound before.
    """
    told = list(stretches)
    _, counted = bill_days(told, moved, count)
    walk = _Walk(list(moved), rates, counted)
    for stretch in told:
        if stretch.reschedules_on is not None:
            walk.reschedule(stretch.reschedules_on)
        walk.go(stretch)
    return FallingDue(walk.dues, walk.rescheduled, walk.ahead, counted)


def bill_days(stretches: Sequence[Stretch], moved: Iterable[Movement], count: DayCount) -> tuple[list[date], Counting]:
    """The days on which something falls due, principal or interest, and how the time between them is counted."""
    told = list(moved)
    days: list[date] = []
    for stretch in stretches:
        days += [day for day in stretch.days if day <= stretch.until]
        days += [day for day, _ in stretch.lent_late(told)]
    if not days:
        return days, count
    lent_on = min((day for day, amount in told if amount > NOTHING), default=date.max)
    return days, counting(count, lent_on, stretches)


def ahead(dues: Sequence[Due], moved: Sequence[Movement], after: date) -> list[Movement]:
    """The movements, and after a day the repayments of principal that the schedule expects."""
    return [*moved, *((due.on, -due.principal) for due in dues if due.on > after and due.principal)]


class Billing:
    """Interest by the contract: on each day's balance, billed on the due days and rounded half up once a bill.

    What runs up after the last bill is exact until somebody asks for it in pence. Without due days all is one period.
    """

    def __init__(self, days: Iterable[date], moved: Iterable[Movement], rates: RateHistory, count: Counting) -> None:
        self._moved = sorted(moved)
        self._moved_on = [day for day, _ in self._moved]
        self._rates = rates
        self.count = count
        """How the time between bills is counted."""
        self._to_come = sorted(days, reverse=True)
        self._days: list[date] = []
        self._billed: list[Money] = []
        self._balances: list[Money] = []
        self._bills: list[Movement] = []

    @property
    def bills(self) -> list[Movement]:
        """The interest of each due day."""
        self._bill_to(date.max)
        return list(self._bills)

    def exact(self, until: date) -> Fraction:
        """All interest by a day, in pence: what was billed by then, and what has run up since, unrounded."""
        self._bill_to(until)
        place = bisect_right(self._days, until) - 1
        if place < 0:
            return self._run_up(None, NOTHING, until)
        return self._billed[place].pence + self._run_up(self._days[place], self._balances[place], until)

    def by(self, until: date) -> Money:
        """The same, what has run up rounded half up once."""
        return Money.round_half_up(self.exact(until))

    def _bill_to(self, until: date) -> None:
        """Have the bills to a day worked out: nobody pays for those after it until they are asked for."""
        while self._to_come and self._to_come[-1] <= until:
            self._bill(self._to_come.pop())

    def _bill(self, day: date) -> None:
        since, billed, balance = None, NOTHING, NOTHING
        if self._days:
            since, billed, balance = self._days[-1], self._billed[-1], self._balances[-1]
        interest = Money.round_half_up(self._run_up(since, balance, day))
        self._days.append(day)
        self._billed.append(billed + interest)
        self._balances.append(balance + Money.total(amount for _, amount in self._between(since, day)))
        self._bills.append((day, interest))

    def _between(self, since: date | None, until: date) -> list[Movement]:
        """What moved from a day on and before another."""
        first = 0 if since is None else bisect_left(self._moved_on, since)
        return self._moved[first : bisect_left(self._moved_on, until)]

    def _run_up(self, since: date | None, balance: Money, until: date) -> Fraction:
        moves = self._between(since, until)
        start = since or min((day for day, _ in moves), default=until)
        if start >= until:
            return Fraction(0)
        return self._rates.accrued_on_movements([(start, balance), *moves], start, until, self.count)


class _Running:
    """What was lent before days that are asked for in their order."""

    def __init__(self, moved: Sequence[Movement]) -> None:
        self._left = sorted(((on, amount) for on, amount in moved if amount), reverse=True)

    def to(self, day: date, *, on_it: bool = False) -> list[Movement]:
        """What was not asked for yet of what moved before a day; with `on_it`, on the day too."""
        found = []
        while self._left and (self._left[-1][0] < day or (on_it and self._left[-1][0] == day)):
            found.append(self._left.pop())
        return found


@dataclass(slots=True)
class _Walk:
    """From due day to due day; `scheduled` is all principal that has fallen due or was repaid ahead of it."""

    moved: list[Movement]
    rates: RateHistory
    count: Counting
    scheduled: Money = NOTHING
    dues: list[Due] = field(default_factory=list)
    rescheduled: list[Movement] = field(default_factory=list)
    ahead: list[Movement] = field(default_factory=list)
    levelled: tuple[Money, Money] | None = None
    """The balance that the level payment or the equal part leads to next, and the payment or the part."""

    def reschedule(self, day: date) -> None:
        """Take what is overdue at the close of a day back into what is still to fall due."""
        repaid = Money.total(-amount for on, amount in self.moved if amount < NOTHING and on <= day)
        overdue = self.scheduled - repaid
        if overdue > NOTHING:
            self.scheduled -= overdue
            self.rescheduled.append((day, overdue))

    def go(self, stretch: Stretch) -> None:
        """The due days of one stretch, as far as later ones have not overtaken it."""
        self.levelled = None
        lent_on = _Running([(on, amount) for on, amount in self.moved if amount > NOTHING])
        repaid_on = _Running([(on, -amount) for on, amount in self.moved if amount < NOTHING])
        lent = repaid = NOTHING
        for place, day in enumerate(stretch.days):
            if day > stretch.until:
                break
            last = place == len(stretch.days) - 1
            begun_with = lent - self.scheduled
            moves = lent_on.to(day, on_it=last)
            lent += Money.total(amount for _, amount in moves)
            early = []
            for on, amount in repaid_on.to(day):
                repaid += amount
                if repaid > self.scheduled:
                    early.append((on, self.scheduled - repaid))
                    self.scheduled = repaid
            if early:
                self.ahead.append((day, -Money.total(amount for _, amount in early)))
            open_ = lent - self.scheduled
            part = open_ if last else self._part(stretch, place, open_, begun_with, [*moves, *early])
            self.scheduled += part
            self.dues.append(Due(day, part, open_ - part))
        for day, amount in stretch.lent_late(self.moved):
            self.scheduled += amount
            self.dues.append(Due(day, amount, NOTHING))

    def _part(self, stretch: Stretch, place: int, open_: Money, begun_with: Money, moves: list[Movement]) -> Money:
        """What of the principal that is open falls due with an instalment that is not the last."""
        spread = stretch.spread
        if place < stretch.capital_holiday or spread.kind == "bullet":
            return NOTHING
        match spread.kind:
            case "equal":
                part = self._equal(len(stretch.days) - place, open_)
            case "fixed":
                part = spread.amount
            case "listed":
                part = spread.amounts[place]
            case "level":
                part = self._level(stretch.days[place:], open_, begun_with, moves)
        part = min(open_, max(part, NOTHING))
        if self.levelled is not None:
            self.levelled = (open_ - part, self.levelled[1])
        return part

    def _equal(self, left: int, open_: Money) -> Money:
        """One of so many equal parts, rounded half up; it stays until the balance is not what it led to."""
        if self.levelled is None or self.levelled[0] != open_:
            self.levelled = (open_, Money.round_half_up(Fraction(open_.pence, left)))
        return self.levelled[1]

    def _level(self, days: Sequence[date], open_: Money, begun_with: Money, moves: list[Movement]) -> Money:
        """The principal in a level payment; what is levelled stays until the balance is not what it led to."""
        due = days[0]
        since = self.dues[-1].on if self.dues else min((on for on, _ in moves), default=due)
        told = [(since, begun_with), *moves]
        exact = self.rates.accrued_on_movements(told, since, due, self.count) if since < due else Fraction(0)
        if self.levelled is None or self.levelled[0] != open_ or _changed(self.rates, since, due):
            rate = Fraction(self.rates.on(due - _ONE_DAY))
            to_come = tuple(rate * self.count.parts(*pair) / YEAR_PARTS for pair in pairwise(days))
            self.levelled = (open_, Money(level_payment(open_.pence, exact, to_come)))
        return self.levelled[1] - Money.round_half_up(exact)


@lru_cache(maxsize=4096)
def level_payment(balance: int, interest: Fraction, rates: tuple[Fraction, ...]) -> int:
    """The equal payment, in whole pence, that clears a balance and its first interest over the rates to come.

    The exact payment rounded half up may leave the last one far off, for each instalment's interest is rounded too:
    then the payment is shifted by its part of that difference, as long as this brings the last one nearer (the
    convention of Apache Fineract's ProgressiveEMICalculator).

    Over very many instalments at a high rate the interest of a long month is more than the payment. It is paid all the
    same and no principal with it, so more is paid than would be level, and the payment is the least that leaves no more
    than itself for the end.
    """
    count = len(rates) + 1
    payment = _exact_level_payment(balance, interest, rates)
    gap = _last_payment(payment, balance, interest, rates) - payment
    while abs(gap) > count // 2:
        nearer = payment + Money.round_half_up(Fraction(gap, count)).pence
        new_gap = _last_payment(nearer, balance, interest, rates) - nearer
        if abs(new_gap) >= abs(gap):
            break
        payment, gap = nearer, new_gap
    if gap < -(count // 2) and _interest_passes(payment, balance, interest, rates):
        return bisect_left(range(payment), 0, key=lambda less: less - _last_payment(less, balance, interest, rates))
    return payment


def _interest_passes(payment: int, balance: int, interest: Fraction, rates: Sequence[Fraction]) -> bool:
    """Whether the interest of any instalment is more than the payment: it is most while most is owed."""
    return max(interest, *(balance * rate for rate in rates)) > payment


def _changed(rates: RateHistory, since: date, until: date) -> bool:
    """Whether the rate is another from some day of a period on; the first may be the day it begins."""
    steps = zip(rates.days[1:], pairwise(rates.rates), strict=True)
    return any(since <= day < until and before != after for day, (before, after) in steps)


def _exact_level_payment(balance: int, interest: Fraction, rates: Sequence[Fraction]) -> int:
    """What is owed, grown to the end, over what a penny paid each time grows to; rounded half up."""
    with localcontext() as context:
        context.prec = _DIGITS
        owed, paid = Decimal(balance) + _decimal(interest), Decimal(1)
        for rate in rates:
            growth = 1 + _decimal(rate)
            owed, paid = owed * growth, paid * growth + 1
        return Money.round_half_up(owed / paid).pence


def _last_payment(payment: int, balance: int, interest: Fraction, rates: Sequence[Fraction]) -> int:
    for rate in rates:
        due = Money.round_half_up(interest).pence
        balance -= min(balance, max(0, payment - due))
        interest = balance * rate
    return balance + Money.round_half_up(interest).pence


def _decimal(exact: Fraction) -> Decimal:
    return Decimal(exact.numerator) / Decimal(exact.denominator)
