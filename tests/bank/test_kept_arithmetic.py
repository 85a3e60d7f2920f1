"""What is kept and not counted again comes to what counting it all again does."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from random import Random

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given, settings
from hypothesis import strategies as st

from bank.allocations import effective
from bank.allocations.effective import Value
from bank.allocations.terms import schedule
from bank.allocations.terms.rules import Agreed, Plan, Repaying, charged
from bank.allocations.terms.schedule import Movement, principal_dues
from ledger import workdays
from ledger.daycounts import DayCount
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


class Plainly:
    """What was lent or repaid before a day, added up from the first movement for each day anew."""

    def __init__(self, moved: list[Movement], sign: int) -> None:
        self.moved, self.sign = moved, sign

    def to(self, day: date, *, on_it: bool = False) -> Money:
        return Money.total(
            Money(amount.pence * self.sign)
            for on, amount in self.moved
            if amount.pence * self.sign > 0 and (on < day or (on_it and on == day))
        )


@settings(max_examples=60, deadline=None)
@given(agreed=terms(), moved=MOVED, order=st.randoms(use_true_random=False))
def test_dues_carried_on_from_day_to_day_are_those_added_up_for_each_day(
    agreed: tuple[Agreed, ...], moved: tuple[Movement, ...], order: Random
) -> None:
    rates = charged(agreed, {}, Decimal("0.05"))
    shuffled = list(moved)
    order.shuffle(shuffled)
    found = principal_dues(agreed, shuffled, rates, DayCount.ACT_365F)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(schedule, "_Running", Plainly)
        assert found == principal_dues(agreed, moved, rates, DayCount.ACT_365F)


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
    assert principal_dues((), [(START, NOTHING)], RateHistory.fixed(Decimal(0)), DayCount.ACT_365F) == []
