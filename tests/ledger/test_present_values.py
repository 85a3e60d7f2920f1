from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ledger.money import NOTHING, Money
from ledger.present_values import CannotDiscount, is_substantial, modified, present_value
from ledger.yields import effective_interest_by_date

TODAY = date(2012, 1, 1)
TEN = Decimal("0.10")


def in_years(*amounts: str) -> list[tuple[date, Money]]:
    """Flows a year of 365 days apart, the first of them in one year's time."""
    return [(TODAY + timedelta(days=365 * (at + 1)), Money.parse(amount)) for at, amount in enumerate(amounts)]


flows = st.lists(
    st.tuples(st.integers(0, 4000).map(lambda days: TODAY + timedelta(days=days)), st.integers(1, 10**9).map(Money)),
    min_size=1,
    max_size=10,
)
rates = st.decimals("-0.5", 2, places=6)


def test_money_to_come_is_discounted_by_its_days() -> None:
    assert Money.round_half_up(present_value(in_years("110.00", "121.00"), TEN, TODAY)) == Money.parse("200.00")
    assert present_value([(TODAY, Money(100))], TEN, TODAY) == 100
    assert present_value([], TEN, TODAY) == 0


def test_a_change_of_expected_flows_gains_what_the_standard_tables() -> None:
    # IAS 39 Implementation Guidance B.26: bought for 1,000 at 10 %, carried at 1,086 after two years. Half is then
    # expected back a year from now with the interest of 59, half after three; in whole units the asset goes to 1,138,
    # the gain is 52, and the years that follow earn 114, 57 and 60.
    expected = in_years("684.00", "30.00", "655.00")
    change = modified(Money.parse("1086.00"), expected, TEN, TODAY)
    assert abs(change.after.pounds - 1138) < 1
    assert abs(change.gain.pounds - 52) < 1
    goes_on = effective_interest_by_date([(TODAY, -change.after), *expected])
    assert f"{goes_on.found.rate:.4f}" == "0.1000"
    assert [round(line.interest.pounds) for line in goes_on.periods] == [114, 57, 60]


def test_a_longer_loan_at_no_more_interest_loses() -> None:
    # 1,000 due in a year with interest at 10 %, put off for a year without any more: 1,100 is worth 909.09 now.
    change = modified(Money.parse("1000.00"), in_years("0.00", "1100.00"), TEN, TODAY, costs=Money.parse("5.00"))
    assert (str(change.after), str(change.gain), str(change.carried)) == ("909.09", "-90.91", "914.09")


def test_a_tenth_of_difference_ends_the_old_loan() -> None:
    old = in_years("1100.00")
    assert is_substantial(old, in_years("990.00"), TEN, TODAY)
    assert not is_substantial(old, in_years("990.01"), TEN, TODAY)
    assert is_substantial(old, in_years("1210.00"), TEN, TODAY)
    # A fee paid today belongs to the new flows.
    assert is_substantial(old, [*in_years("990.01"), (TODAY, Money.parse("-0.01"))], TEN, TODAY)


def test_what_cannot_be_discounted_is_refused_by_its_place() -> None:
    with pytest.raises(CannotDiscount) as refused:
        present_value([(TODAY - timedelta(days=1), Money(1))], Decimal(-1), TODAY)
    assert [fault.pointer for fault in refused.value.faults] == ["/flows/0/on", "/rate"]
    with pytest.raises(CannotDiscount, match="old_flows"):
        is_substantial([], in_years("1.00"), TEN, TODAY)


@given(flows, rates)
def test_flows_that_do_not_change_gain_nothing(told: list[tuple[date, Money]], rate: Decimal) -> None:
    carried = Money.round_half_up(present_value(told, rate, TODAY))
    assert modified(carried, reversed(told), rate, TODAY).gain == NOTHING
    assume(carried)
    assert not is_substantial(told, told, rate, TODAY)


@given(flows, rates, st.integers(1, 1000))
def test_what_is_put_off_at_a_positive_rate_is_worth_less(
    told: list[tuple[date, Money]], rate: Decimal, days: int
) -> None:
    later = [(on + timedelta(days=days), amount) for on, amount in told]
    now, then = present_value(told, rate, TODAY), present_value(later, rate, TODAY)
    assert (now > then, now == then) == (rate > 0, rate == 0)


@given(st.integers(10**4, 10**9).map(Money), flows)
def test_at_its_own_effective_rate_a_loan_is_worth_what_was_paid(paid: Money, told: list[tuple[date, Money]]) -> None:
    later = [(on + timedelta(days=30), amount) for on, amount in told]
    found = effective_interest_by_date([(TODAY, -paid), *later]).found
    assume(found.rate is not None and found.rate < 1000)
    assert abs(present_value(later, found.rate or Decimal(0), TODAY) - paid.pence) < Decimal("0.0001")
