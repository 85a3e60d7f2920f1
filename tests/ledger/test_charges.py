from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.charges import BadPromise, commitment_fee, default_interest, overdue, undrawn
from ledger.money import NOTHING, Money
from ledger.rates import RateHistory

START = date(2012, 1, 1)
RATE = Decimal("0.0125")

moves = st.lists(
    st.tuples(st.integers(0, 400).map(lambda days: START + timedelta(days=days)), st.integers(1, 10**9).map(Money)),
    max_size=6,
)
days = st.integers(0, 500).map(lambda count: START + timedelta(days=count))


def told(*movements: tuple[str, str]) -> list[tuple[date, Money]]:
    return [(date.fromisoformat(on), Money.parse(amount)) for on, amount in movements]


def balance(movements: list[tuple[date, Money]], day: date) -> Money:
    return Money.total(amount for on, amount in movements if on <= day)


def test_a_commitment_fee_runs_on_what_is_undrawn_each_day() -> None:
    # 1,000,000 promised for 2012; 400,000 drawn on 1 April and 100,000 cancelled on 1 July: 91 days on a million, 91 on
    # 600,000 and 184 on 500,000, at half of one per cent.
    promised = told(("2012-01-01", "1000000.00"), ("2012-07-01", "-100000.00"))
    fee = commitment_fee(promised, told(("2012-04-01", "400000.00")), Decimal("0.005"), START, date(2013, 1, 1))
    assert fee == Fraction(5, 1000) * (100_000_000 * 91 + 60_000_000 * 91 + 50_000_000 * 184) / 365
    assert str(Money.round_half_up(fee)) == "3254.79"


def test_a_fee_that_changes_steps_on_its_day() -> None:
    history = RateHistory.of([(START, Decimal("0.01")), (date(2012, 1, 11), Decimal("0.02"))])
    fee = commitment_fee(told(("2012-01-01", "365.00")), [], history, START, date(2012, 1, 21))
    assert fee == 10 + 20


def test_more_drawn_than_promised_is_refused_by_its_day() -> None:
    with pytest.raises(BadPromise) as refused:
        undrawn(told(("2012-01-01", "10.00")), told(("2012-01-05", "10.01")))
    assert [fault.pointer for fault in refused.value.faults] == ["/2012-01-05"]
    # Promised and drawn on one day is within the promise, in whatever order it is told.
    assert undrawn(told(("2012-01-01", "10.00")), told(("2012-01-01", "10.00"))) == told(("2012-01-01", "0.00"))


def test_default_interest_runs_from_the_due_day_to_the_day_of_payment() -> None:
    # 3,650 due on 1 March, 1,000 paid on 11 March and the rest on 31 March: 10 days on 3,650 and 20 on 2,650 at 10 %.
    due, paid = told(("2012-03-01", "3650.00")), told(("2012-03-11", "1000.00"), ("2012-03-31", "2650.00"))
    exact = default_interest(due, paid, Decimal("0.10"), START, date(2013, 1, 1))
    assert exact == Fraction(365_000 * 10 + 265_000 * 20, 3650)
    assert str(Money.round_half_up(exact)) == "24.52"


def test_what_is_paid_on_its_day_or_before_is_never_overdue() -> None:
    due = told(("2012-03-01", "100.00"), ("2012-04-01", "100.00"))
    paid = told(("2012-03-01", "150.00"), ("2012-03-20", "50.00"))
    assert default_interest(due, paid, Decimal("0.10"), START, date(2013, 1, 1)) == 0


@given(moves, moves)
def test_nobody_is_owed_less_than_nothing(due: list[tuple[date, Money]], paid: list[tuple[date, Money]]) -> None:
    assert all(amount >= NOTHING for _, amount in overdue(due, paid))


@given(moves, moves, days, days)
def test_default_interest_is_what_counting_day_by_day_gives(
    due: list[tuple[date, Money]], paid: list[tuple[date, Money]], one: date, other: date
) -> None:
    since, until = min(one, other), max(one, other)
    each_day = [since + timedelta(days=count) for count in range((until - since).days)]
    slowly = sum(max(balance(due, day) - balance(paid, day), NOTHING).pence for day in each_day)
    assert default_interest(due, paid, RATE, since, until) == slowly * Fraction(RATE) / 365


@given(moves, moves, days, days)
def test_a_fee_is_what_counting_day_by_day_gives(
    promised: list[tuple[date, Money]], drawn: list[tuple[date, Money]], one: date, other: date
) -> None:
    since, until = min(one, other), max(one, other)
    enough = [(START, Money.total(amount for _, amount in drawn)), *promised]
    each_day = [since + timedelta(days=count) for count in range((until - since).days)]
    slowly = sum((balance(enough, day) - balance(drawn, day)).pence for day in each_day)
    assert commitment_fee(enough, drawn, RATE, since, until) == slowly * Fraction(RATE) / 365
