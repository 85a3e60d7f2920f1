from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.daycounts import YEAR_PARTS, DayCount
from ledger.interest import accrued, accrued_on_movements
from ledger.money import Money
from ledger.rates import BadRates, RateHistory, RateNotKnown

# Bank Rate as the Bank of England published it over these days.
BANK_RATE = RateHistory.of(
    [
        (date(2009, 3, 5), Decimal("0.005")),
        (date(2016, 8, 4), Decimal("0.0025")),
        (date(2017, 11, 2), Decimal("0.005")),
        (date(2018, 8, 2), Decimal("0.0075")),
        (date(2020, 3, 11), Decimal("0.0025")),
        (date(2020, 3, 19), Decimal("0.001")),
    ]
)

days = st.dates(date(2009, 1, 1), date(2030, 12, 31))
rates = st.decimals("-0.02", "0.25", places=6)
histories = st.lists(st.tuples(days, rates), max_size=6, unique_by=lambda step: step[0]).map(
    lambda steps: RateHistory.of([*steps, (date(2008, 1, 1), Decimal("0.01"))])
)
movements = st.lists(st.tuples(days, st.integers(-(10**10), 10**10).map(Money)), max_size=8)


def test_a_rate_stands_until_the_next_one() -> None:
    assert BANK_RATE.on(date(2016, 8, 3)) == Decimal("0.005")
    assert BANK_RATE.on(date(2016, 8, 4)) == Decimal("0.0025")
    assert BANK_RATE.on(date(2031, 1, 1)) == Decimal("0.001")


def test_a_rate_before_the_history_is_not_guessed() -> None:
    with pytest.raises(RateNotKnown, match="begins on 2009-03-05"):
        BANK_RATE.on(date(2009, 3, 4))
    with pytest.raises(RateNotKnown):
        BANK_RATE.accrued(Money(100), date(2009, 3, 4), date(2009, 3, 6))


@pytest.mark.parametrize(
    ("steps", "pointers"),
    [
        ([], [""]),
        ([(date(2012, 1, 1), Decimal("0.01")), (date(2012, 1, 1), Decimal("0.02"))], ["/1/since"]),
        ([(date(2012, 1, 1), Decimal("Infinity"))], ["/0/rate"]),
    ],
)
def test_rates_that_make_no_history_are_refused(steps: list[tuple[date, Decimal]], pointers: list[str]) -> None:
    with pytest.raises(BadRates) as refused:
        RateHistory.of(steps)
    assert [fault.pointer for fault in refused.value.faults] == pointers


def test_one_rate_told_twice_is_one_rate() -> None:
    step = (date(2012, 1, 1), Decimal("0.01"))
    assert RateHistory.of([step, step]) == RateHistory.of([step])


def test_a_margin_a_floor_and_a_cap_hold_what_is_charged() -> None:
    march = date(2020, 4, 1)
    assert BANK_RATE.with_margin(Decimal("0.045")).on(march) == Decimal("0.046")
    assert BANK_RATE.with_margin(Decimal("0.045"), base_floor=Decimal("0.005")).on(march) == Decimal("0.050")
    assert BANK_RATE.with_margin(Decimal("0.045"), floor=Decimal("0.0475")).on(march) == Decimal("0.0475")
    assert BANK_RATE.with_margin(Decimal("0.045"), cap=Decimal("0.0455")).on(march) == Decimal("0.0455")
    with pytest.raises(BadRates, match="no more than the cap"):
        BANK_RATE.with_margin(floor=Decimal("0.06"), cap=Decimal("0.05"))


def test_a_base_below_nothing_counts_as_nothing_where_the_base_has_a_floor() -> None:
    base = RateHistory.fixed(Decimal("-0.005"))
    assert base.with_margin(Decimal("0.02")).on(date(2012, 1, 1)) == Decimal("0.015")
    assert base.with_margin(Decimal("0.02"), base_floor=Decimal(0)).on(date(2012, 1, 1)) == Decimal("0.02")


def test_interest_steps_on_the_day_of_the_change() -> None:
    # A million over August 2016 at Bank Rate and 4 %: three days at 4.5 %, twenty-eight at 4.25 %.
    charged = BANK_RATE.with_margin(Decimal("0.04"))
    exact = charged.accrued(Money.parse("1000000.00"), date(2016, 8, 1), date(2016, 9, 1))
    assert exact == 100_000_000 * (Fraction(45, 1000) * 3 + Fraction(425, 10_000) * 28) / 365
    assert str(Money.round_half_up(exact)) == "3630.14"


def test_a_rate_that_is_reset_follows_its_base_only_on_those_days() -> None:
    reset = BANK_RATE.reset_on([date(2020, 1, 1), date(2020, 4, 1)])
    assert reset.on(date(2020, 3, 20)) == Decimal("0.0075")
    assert reset.on(date(2020, 4, 1)) == Decimal("0.001")


@given(rates, movements, days, days, st.sampled_from(DayCount))
def test_a_rate_that_never_changes_earns_as_a_fixed_one(
    rate: Decimal, moves: list[tuple[date, Money]], one: date, other: date, count: DayCount
) -> None:
    since, until = min(one, other), max(one, other)
    found = RateHistory.fixed(rate).accrued_on_movements(moves, since, until, count)
    if count.counts_calendar_days or all(day <= since for day, _ in moves):
        assert found == accrued_on_movements(moves, rate, since, until, count)
    alone = RateHistory.fixed(rate).accrued(Money(10**9), since, until, count)
    assert alone == accrued(Money(10**9), rate, since, until, count)


def day_by_day(
    moves: list[tuple[date, Money]], history: RateHistory, since: date, until: date, count: DayCount
) -> Fraction:
    """The same, slowly: each day's balance at that day's rate."""
    earned = Fraction(0)
    day = since
    while day < until:
        balance = sum(amount.pence for on, amount in moves if on <= day)
        following = day + timedelta(days=1)
        earned += balance * Fraction(history.on(day)) * count.fraction(day, following)
        day = following
    return earned


@given(
    movements,
    histories,
    days,
    st.integers(0, 500),
    st.sampled_from([DayCount.ACT_365F, DayCount.ACT_360, DayCount.ACT_ACT_ISDA]),
)
def test_interest_is_what_counting_day_by_day_gives(
    moves: list[tuple[date, Money]], history: RateHistory, since: date, length: int, count: DayCount
) -> None:
    until = since + timedelta(days=length)
    assert history.accrued_on_movements(moves, since, until, count) == day_by_day(moves, history, since, until, count)


@given(movements, histories, st.lists(days, min_size=2, max_size=5))
def test_interest_over_the_parts_of_a_period_adds_up(
    moves: list[tuple[date, Money]], history: RateHistory, cuts: list[date]
) -> None:
    cuts.sort()
    parts = sum(history.accrued_on_movements(moves, start, end) for start, end in pairwise(cuts))
    assert parts == history.accrued_on_movements(moves, cuts[0], cuts[-1])


@given(movements, histories, days, days, st.sampled_from(DayCount), st.randoms(use_true_random=False))
def test_the_order_in_which_facts_are_told_does_not_matter(
    moves: list[tuple[date, Money]], history: RateHistory, one: date, other: date, count: DayCount, chance: Random
) -> None:
    since, until = min(one, other), max(one, other)
    shuffled = list(moves)
    chance.shuffle(shuffled)
    steps = list(zip(history.days, history.rates, strict=True))
    chance.shuffle(steps)
    again = RateHistory.of(steps)
    assert again.accrued_on_movements(shuffled, since, until, count) == history.accrued_on_movements(
        moves, since, until, count
    )


@given(histories, days, days, st.sampled_from(DayCount))
def test_a_step_to_the_same_rate_changes_nothing(history: RateHistory, one: date, other: date, count: DayCount) -> None:
    start, end = min(one, other), max(one, other)
    middle = start + (end - start) / 2
    again = RateHistory.of({**dict(zip(history.days, history.rates, strict=True)), middle: history.on(middle)}.items())
    assert again.growth(start, end, count) == history.growth(start, end, count)


@given(st.sampled_from(DayCount), days, st.integers(0, 5000))
def test_parts_of_a_year_are_the_fraction(count: DayCount, start: date, length: int) -> None:
    end = start + timedelta(days=length)
    assert Fraction(count.parts(start, end), YEAR_PARTS) == count.fraction(start, end)
