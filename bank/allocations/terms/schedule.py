"""A facility's instalments as its terms and its own movements make them: what falls due when, and what is overdue."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from itertools import pairwise

from bank.allocations.terms.rules import Agreed, Plan, Repaying, chapters
from ledger.daycounts import DayCount
from ledger.money import NOTHING, Money
from ledger.rates import RateHistory

Movement = tuple[date, Money]


@dataclass(frozen=True, slots=True)
class Due:
    """The principal that falls due on a day, and what is left to fall due after it."""

    on: date
    principal: Money
    left: Money


@dataclass(frozen=True, slots=True)
class Late:
    """What is due and unpaid at the close of a day, and since when the oldest of it is."""

    principal: Money
    interest: Money
    since: date | None

    def days(self, as_at: date) -> int:
        """Days past due."""
        return 0 if self.since is None else (as_at - self.since).days


def principal_dues(
    terms: Sequence[Agreed], moved: Sequence[Movement], rates: RateHistory, count: DayCount
) -> list[Due]:
    """What principal falls due on each day, from the facts as they are.

    Money lent before a due day is spread over the instalments from it on; principal repaid ahead of its day lightens
    all that are left; what is overdue stays due, unless terms reschedule it. Refuses nothing: terms were made sound
    before.
    """
    return _walked(terms, moved, rates, count).dues


def rescheduled(
    terms: Sequence[Agreed], moved: Sequence[Movement], rates: RateHistory, count: DayCount
) -> list[Movement]:
    """The principal that was overdue at the close of a day and is overdue no more, since terms of that day took it in.

    It falls due anew by their schedule, among what `principal_dues` tells.
    """
    return _walked(terms, moved, rates, count).rescheduled


def repaid_ahead(
    terms: Sequence[Agreed], moved: Sequence[Movement], rates: RateHistory, count: DayCount
) -> list[Movement]:
    """The principal that was repaid before it fell due, and so pays nothing of what `principal_dues` tells."""
    return _walked(terms, moved, rates, count).ahead


def settled_dues(dues: Sequence[Due], again: Iterable[Movement]) -> list[tuple[Due, Money, Money]]:
    """Each due with what of it was rescheduled, and what of it and those before it was, which is to fall due after it.

    Payments settle the oldest first, so what is overdue on a day, and taken in again, is what fell due last by then.
    """
    parts, after = [NOTHING] * len(dues), [NOTHING] * len(dues)
    for day, amount in again:
        left, fell_due = amount, [place for place, due in enumerate(dues) if due.on <= day]
        for place in reversed(fell_due):
            after[place] += left
            part = min(left, dues[place].principal - parts[place])
            parts[place] += part
            left -= part
    return list(zip(dues, parts, after, strict=True))


def interest_dues(
    dues: Iterable[date], moved: Sequence[Movement], rates: RateHistory, count: DayCount
) -> list[Movement]:
    """The interest that falls due on each day: what the contract's rate has earned since the due day before."""
    found, before = [], NOTHING
    for day in dues:
        now = contractual(moved, rates, count, day)
        found.append((day, now - before))
        before = now
    return found


def contractual(moved: Iterable[Movement], rates: RateHistory, count: DayCount, until: date) -> Money:
    """Simple interest by the contract from the first drawdown to a day, rounded half up once."""
    told = tuple(moved)
    since = min((day for day, _ in told), default=until)
    return Money.round_half_up(rates.accrued_on_movements(told, since, until, count))


def ahead(dues: Sequence[Due], moved: Sequence[Movement], after: date) -> list[Movement]:
    """The movements, and after a day the repayments of principal that the schedule expects."""
    return [*moved, *((due.on, -due.principal) for due in dues if due.on > after and due.principal)]


def late(
    principal: Iterable[Movement], paid: Money, interest: Iterable[Movement], paid_interest: Money, as_at: date
) -> Late:
    """What of the dues by a day is not paid by what has been paid by then; payments settle the oldest first.

    Among the dues, what was rescheduled takes away from its day on.
    """
    one, since_one = _unpaid(principal, paid, as_at)
    two, since_two = _unpaid(interest, paid_interest, as_at)
    days = [day for day in (since_one, since_two) if day is not None]
    return Late(one, two, min(days, default=None))


def _unpaid(dues: Iterable[Movement], paid: Money, as_at: date) -> tuple[Money, date | None]:
    owed, since = -paid, None
    for day, amount in sorted(dues):
        if day <= as_at:
            owed += amount
            since = (since or day) if owed > NOTHING else None
    return max(owed, NOTHING), since


class _Running:
    """What was lent, or with a sign of -1 repaid, before days that are asked for in their order."""

    def __init__(self, moved: Sequence[Movement], sign: int) -> None:
        self._left = sorted((on, amount.pence * sign) for on, amount in moved if amount.pence * sign > 0)
        self._left.reverse()
        self._pence = 0

    def to(self, day: date, *, on_it: bool = False) -> Money:
        """All before a day; with `on_it` that of the day too."""
        while self._left and (self._left[-1][0] < day or (on_it and self._left[-1][0] == day)):
            self._pence += self._left.pop()[1]
        return Money(self._pence)


@dataclass(slots=True)
class _Walk:
    """From due day to due day; `scheduled` is all principal that has fallen due or was repaid ahead of it."""

    moved: list[Movement]
    rates: RateHistory
    count: DayCount
    scheduled: Money = NOTHING
    dues: list[Due] = field(default_factory=list)
    rescheduled: list[Movement] = field(default_factory=list)
    ahead: list[Movement] = field(default_factory=list)
    """Principal that was repaid before it fell due, by the due day from which on nothing is due for it."""
    levelled: tuple[Money, Money] | None = None
    """The balance that the level payment leads to next, and the payment."""

    def reschedule(self, day: date) -> None:
        """Take what is overdue at the close of a day back into what is still to fall due."""
        overdue = self.scheduled - _Running(self.moved, -1).to(day, on_it=True)
        if overdue > NOTHING:
            self.scheduled -= overdue
            self.rescheduled.append((day, overdue))

    def chapter(self, plan: Plan, until: date) -> None:
        """The due days of one set of terms, as far as later ones have not overtaken them."""
        self.levelled = None
        days = plan.due_days()
        lent_on, repaid_on = _Running(self.moved, 1), _Running(self.moved, -1)
        for place, day in enumerate(days):
            if day > until:
                break
            last = place == len(days) - 1
            lent = lent_on.to(day, on_it=last)
            settled = max(self.scheduled, repaid_on.to(day))
            if settled > self.scheduled:
                self.ahead.append((day, settled - self.scheduled))
            open_ = lent - settled
            part = open_ if last else min(open_, max(self._part(plan, open_, place, days), NOTHING))
            self.scheduled = settled + part
            self.dues.append(Due(day, part, open_ - part))

    def _part(self, plan: Plan, open_: Money, place: int, days: list[date]) -> Money:
        if place < plan.capital_holiday:
            return NOTHING
        match plan.repaying:
            case Repaying.EQUAL_PRINCIPAL:
                return Money(open_.pence // (len(days) - place))
            case Repaying.BESPOKE:
                return plan.bespoke[len(plan.bespoke) - len(days) + place]
            case Repaying.BULLET:
                return NOTHING
            case Repaying.LEVEL:
                return self._level(open_, place, days)

    def _level(self, open_: Money, place: int, days: list[date]) -> Money:
        """The principal in a level payment; what is levelled stays until the balance is not what it led to."""
        since = self._since(days, place)
        growths = [self._growth(start, end) for start, end in pairwise([since, *days[place:]])]
        if self.levelled is None or self.levelled[0] != open_ or self._rate_moved(since, days[place]):
            self.levelled = (open_, _level_payment(open_, growths))
        interest = Money.round_half_up(open_.pence * growths[0])
        part = self.levelled[1] - interest
        self.levelled = (open_ - part, self.levelled[1])
        return part

    def _since(self, days: list[date], place: int) -> date:
        if self.dues:
            return self.dues[-1].on
        return min((on for on, amount in self.moved if amount > NOTHING and on < days[place]), default=days[place])

    def _growth(self, start: date, end: date) -> Fraction:
        return self.rates.growth(start, end, self.count)

    def _rate_moved(self, since: date, until: date) -> bool:
        return any(since <= day < until for day in self.rates.days)


def _walked(terms: Sequence[Agreed], moved: Sequence[Movement], rates: RateHistory, count: DayCount) -> _Walk:
    walk = _Walk(list(moved), rates, count)
    for agreed, until in chapters(terms):
        if agreed.reschedules:
            walk.reschedule(agreed.from_on)
        walk.chapter(agreed.plan, until)
    return walk


def _level_payment(open_: Money, growths: Sequence[Fraction]) -> Money:
    """The equal payment that clears a balance over periods, rounded half up to whole pence."""
    grown, paid = Fraction(open_.pence), Fraction(0)
    for growth in growths:
        grown, paid = grown * (1 + growth), paid * (1 + growth) + 1
    return Money.round_half_up(grown / paid) if paid else open_
