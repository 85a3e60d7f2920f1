"""What is kept and not counted again comes to what counting it all again does."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from random import Random

from dateutil.relativedelta import relativedelta
from hypothesis import given, settings
from hypothesis import strategies as st

from bank.allocations import effective
from bank.allocations.effective import Value
from bank.allocations.terms.rules import Agreed, Plan, Repaying, chapters, charged
from bank.allocations.terms.schedule import falling_due
from ledger import workdays
from ledger.daycounts import DayCount
from ledger.instalments import Due, Movement, level_payment
from ledger.money import NOTHING, Money
from ledger.rates import RateHistory
from ledger.workdays import Nation, Roll, payment_days, rolled

START = date(2012, 1, 10)
DAYS = st.integers(0, 1500).map(lambda days: START + timedelta(days=days))
LENT = st.tuples(DAYS, st.integers(1, 900_000).map(Money))
REPAID = st.tuples(DAYS, st.integers(1, 90_000).map(lambda pence: Money(-pence)))
MOVED = st.lists(st.one_of(LENT, REPAID), min_size=1, max_size=8).map(lambda moved: ((START, Money(5_000_000)), *moved))


@st.composite
def terms(draw: st.DrawFn) -> tuple[Agreed, ...]:
    """One or two sets of terms, one after the other."""
    found = []
    for from_on in sorted({START, draw(DAYS)}):
        repaying = draw(st.sampled_from([Repaying.EQUAL_PRINCIPAL, Repaying.LEVEL, Repaying.BULLET, Repaying.BESPOKE]))
        instalments = draw(st.integers(1, 12))
        plan = Plan(
            repaying=repaying,
            first_due_on=from_on + timedelta(days=draw(st.integers(1, 200))),
            every_months=draw(st.sampled_from([1, 3, 12])),
            instalments=instalments,
            capital_holiday=draw(st.integers(0, instalments - 1)),
            bespoke=(Money(100_000),) * instalments if repaying is Repaying.BESPOKE else (),
        )
        rate = Decimal(draw(st.integers(1, 150))) / 1000
        found.append(Agreed(from_on=from_on, base=None, rate=rate, plan=plan))
    return tuple(found)


@dataclass
class Plainly:
    """Every due from the first day on, and its interest from day to day, with nothing carried on but what fell due."""

    facts: list[Movement]
    rates: RateHistory
    scheduled: Money = NOTHING
    begun_with: Money = NOTHING
    """What had fallen due, or was repaid before it did, when the period began."""
    dues: list[Due] = field(default_factory=list)
    level: tuple[Money, Money] | None = None

    def go(self, plan: Plan, until: date) -> None:
        self.level = None
        days = plan.due_days(START)
        for place, day in enumerate(days):
            if day > until:
                break
            last = place == len(days) - 1
            before = day - timedelta(days=1)
            self.begun_with = self.scheduled
            self.scheduled = max(self.scheduled, self.repaid(before))
            left = self.lent(day if last else before) - self.scheduled
            part = left if last else min(left, max(self.part(plan, days[place:], place, left), NOTHING))
            self.level = None if self.level is None else (left - part, self.level[1])
            self.scheduled += part
            self.dues.append(Due(day, part, left - part))
        for day in sorted({on for on, amount in self.facts if amount > NOTHING and days[-1] < on < until}):
            part = self.lent(day) - self.lent(day - timedelta(days=1))
            self.scheduled += part
            self.dues.append(Due(day, part, NOTHING))

    def part(self, plan: Plan, days: list[date], place: int, left: Money) -> Money:
        if place < plan.capital_holiday or plan.repaying is Repaying.BULLET:
            return NOTHING
        if plan.repaying is Repaying.EQUAL_PRINCIPAL:
            if self.level is None or left != self.level[0]:
                self.level = (left, Money((2 * left.pence + len(days)) // (2 * len(days))))
            return self.level[1]
        if plan.repaying is Repaying.BESPOKE:
            return plan.bespoke[place]
        period = each_day(self.dues[-1].on if self.dues else START, days[0])
        interest = sum((self.open(on).pence * Fraction(self.rates.on(on)) / 365 for on in period), Fraction(0))
        changed = any(self.rates.on(on) != self.rates.on(on - timedelta(days=1)) for on in period)
        if self.level is None or changed or left != self.level[0]:
            rate = Fraction(self.rates.on(days[0] - timedelta(days=1)))
            to_come = tuple(rate * (end - start).days / 365 for start, end in pairwise(days))
            self.level = (left, Money(level_payment(left.pence, interest, to_come)))
        return self.level[1] - Money.round_half_up(interest)

    def open(self, day: date) -> Money:
        return self.lent(day) - max(self.begun_with, self.repaid(day))

    def lent(self, until: date) -> Money:
        return Money.total(amount for on, amount in self.facts if amount > NOTHING and on <= until)

    def repaid(self, until: date) -> Money:
        return -Money.total(amount for on, amount in self.facts if amount < NOTHING and on <= until)


def each_day(since: date, until: date) -> list[date]:
    return [since + timedelta(days=nth) for nth in range((until - since).days)]


def fallen_due_plainly(agreed: tuple[Agreed, ...], moved: Iterable[Movement], rates: RateHistory) -> list[Due]:
    plainly = Plainly(list(moved), rates)
    for terms, until in chapters(agreed):
        plainly.go(terms.plan, until)
    return plainly.dues


@settings(max_examples=60, deadline=None)
@given(agreed=terms(), moved=MOVED, order=st.randoms(use_true_random=False))
def test_dues_carried_on_from_day_to_day_are_those_counted_anew_for_each_day(
    agreed: tuple[Agreed, ...], moved: tuple[Movement, ...], order: Random
) -> None:
    rates = charged(agreed, {}, Decimal("0.05"))
    shuffled = list(moved)
    order.shuffle(shuffled)
    found = falling_due(agreed, shuffled, rates, DayCount.ACT_365F)
    assert found.dues == fallen_due_plainly(agreed, moved, rates)


def _forget() -> None:
    for kept in ("_expected", "_as_it_stands"):
        vars(effective)[kept].cache_clear()


@settings(max_examples=25, deadline=None)
@given(agreed=terms(), moved=MOVED, until=DAYS, fee=st.integers(1, 90_000).map(Money))
def test_a_value_carried_on_is_the_value_found_from_nothing(
    agreed: tuple[Agreed, ...], moved: tuple[Movement, ...], until: date, fee: Money
) -> None:
    def value(moved: tuple[Movement, ...]) -> Value:
        return Value(charged(agreed, {}, Decimal("0.05")), DayCount.ACT_365F, agreed, moved, ((START, fee),))

    before = value(tuple((day, amount) for day, amount in moved if day <= until))
    kept = [before.at(until), value(moved).at(until), value(moved).at(until + timedelta(days=90))]
    _forget()
    found = value(moved).at(until + timedelta(days=90))
    _forget()
    assert [kept[0], kept[2]] == [value(moved).at(until), found]
    assert kept[0] == kept[1]


@given(
    first=DAYS,
    every=st.integers(1, 12),
    count=st.integers(1, 40),
    roll=st.sampled_from(Roll),
    nation=st.sampled_from(Nation),
)
def test_days_of_payment_asked_for_again_are_the_same_and_nobody_elses(
    first: date, every: int, count: int, roll: Roll, nation: Nation
) -> None:
    wanted = [rolled(first + relativedelta(months=every * place), roll, nation) for place in range(count)]
    given_away = payment_days(first, every, count, roll, nation)
    assert given_away == wanted
    given_away.clear()
    assert payment_days(first, every, count, roll, nation) == wanted
    assert vars(workdays)["_payment_days"].cache_info().hits > 0


def test_a_rate_is_shown_as_it_was_agreed() -> None:
    for text in ("0.05", "0.050", "0.0500"):
        assert str(charged((), {}, Decimal(text)).on(START)) == text
    assert charged((), {}, Decimal(0)) == RateHistory.fixed(Decimal(0))
    assert falling_due((), [(START, NOTHING)], RateHistory.fixed(Decimal(0)), DayCount.ACT_365F).dues == []
