from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from ledger.daycounts import DayCount
from ledger.interest import NO_CARRY, accrued, accrued_on_movements, posted
from ledger.money import Money

days = st.dates(date(2009, 1, 1), date(2030, 12, 31))
pounds = st.integers(-(10**12), 10**12).map(Money)
rates = st.decimals(0, 1, places=6)
movement_lists = st.lists(st.tuples(days, pounds), max_size=12)
calendar_counts = st.sampled_from([count for count in DayCount if count.counts_calendar_days])
exact_interest = st.lists(st.fractions(min_value=-(10**6), max_value=10**6, max_denominator=3650), max_size=40)


def test_a_months_interest_is_exact_until_it_is_posted() -> None:
    # 100,000 pounds at 24% for the thirty days from 20 September 2011: 1,972.60 in Apache Fineract's
    # LoanFixedPrincipalPercentageAmortizationTest.
    exact = accrued(Money.parse("100000.00"), Decimal("0.24"), date(2011, 9, 20), date(2011, 10, 20))
    assert exact == Fraction(100_000_00 * 24 * 30, 100 * 365)
    assert str(posted(exact).amount) == "1972.60"


@given(movement_lists, rates, days, days, calendar_counts, st.randoms(use_true_random=False))
def test_the_order_in_which_facts_arrive_does_not_matter(
    movements: list[tuple[date, Money]], rate: Decimal, since: date, until: date, count: DayCount, chance: Random
) -> None:
    shuffled = list(movements)
    chance.shuffle(shuffled)
    assert accrued_on_movements(movements, rate, since, until, count) == accrued_on_movements(
        shuffled, rate, since, until, count
    )


@given(movement_lists, rates, days, st.integers(0, 500))
def test_interest_is_the_sum_of_each_days_closing_balance(
    movements: list[tuple[date, Money]], rate: Decimal, since: date, length: int
) -> None:
    until = since + timedelta(days=length)
    balances = (
        sum(amount.pence for moved_on, amount in movements if moved_on <= since + timedelta(days=day))
        for day in range(length)
    )
    assert accrued_on_movements(movements, rate, since, until) == sum(balances) * Fraction(rate) / 365


@given(movement_lists, rates, days, days, days, calendar_counts)
def test_interest_over_parts_is_interest_over_the_whole(
    movements: list[tuple[date, Money]], rate: Decimal, one: date, two: date, three: date, count: DayCount
) -> None:
    first, middle, last = sorted([one, two, three])
    parts = accrued_on_movements(movements, rate, first, middle, count) + accrued_on_movements(
        movements, rate, middle, last, count
    )
    assert parts == accrued_on_movements(movements, rate, first, last, count)


def test_money_lent_and_repaid_on_one_day_earns_nothing() -> None:
    day = date(2012, 2, 29)
    movements = [(day, Money.parse("500.00")), (day, Money.parse("-500.00"))]
    assert accrued_on_movements(movements, Decimal("0.1"), date(2012, 1, 1), date(2013, 1, 1)) == 0


@given(exact_interest)
def test_postings_add_up_to_the_exact_interest_rounded_once(accruals: list[Fraction]) -> None:
    carry, total, exactly = NO_CARRY, 0, sum(accruals, NO_CARRY)
    for exact in accruals:
        posting = posted(exact, carry)
        carry, total = posting.carry, total + posting.amount.pence
        assert abs(carry) <= Fraction(1, 2)
    assert total + carry == exactly
    assert abs(total - exactly) <= Fraction(1, 2)
