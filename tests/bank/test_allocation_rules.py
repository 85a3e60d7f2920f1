from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bank.allocations.course import Course
from bank.allocations.rules import (
    ACCRUAL,
    APPROVED,
    DRAWDOWN,
    LAPSE,
    PRODUCTS,
    PROPOSED,
    RECOVERY,
    REJECTED,
    REPAYMENT,
    SIGNED,
    STATES,
    WRITE_OFF,
    BeyondWriteOff,
    Fact,
    WrongState,
    accruals_wanting,
    life_of,
    refuse_over_written_off,
    sound_terms,
)
from bank.treasury.rules import BadTerms
from ledger.daycounts import DayCount
from ledger.money import NOTHING, Money
from ledger.rates import RateHistory

DAY = date(2012, 1, 10)
DAYS = st.integers(min_value=0, max_value=1500).map(lambda days: DAY + timedelta(days=days))
PENCE = st.integers(min_value=1, max_value=10**10).map(Money)
RATES = st.decimals(min_value=0, max_value=1, places=4)


def lived(*happenings: tuple[str, int]) -> Any:
    return life_of(Fact(kind, DAY, Money(amount)) for kind, amount in happenings)


@pytest.mark.parametrize(
    ("happenings", "state"),
    [
        ([(PROPOSED, 9)], "proposed"),
        ([(PROPOSED, 9), (REJECTED, 9)], "rejected"),
        ([(PROPOSED, 9), (APPROVED, 9)], "approved"),
        ([(PROPOSED, 9), (APPROVED, 9), (LAPSE, 9)], "lapsed"),
        ([(APPROVED, 9), (SIGNED, 9)], "signed"),
        ([(APPROVED, 9), (SIGNED, 9), (LAPSE, 9)], "lapsed"),
        ([(SIGNED, 9), (DRAWDOWN, 4)], "drawing"),
        ([(SIGNED, 9), (DRAWDOWN, 4), (REPAYMENT, 4)], "drawing"),
        ([(SIGNED, 9), (DRAWDOWN, 4), (REPAYMENT, 4), (LAPSE, 5)], "repaid"),
        ([(SIGNED, 9), (DRAWDOWN, 9), (REPAYMENT, 9)], "repaid"),
        ([(SIGNED, 9), (DRAWDOWN, 9), (REPAYMENT, 5), (WRITE_OFF, 4)], "written-off"),
        ([(SIGNED, 9), (DRAWDOWN, 9), (REPAYMENT, 5), (WRITE_OFF, 4), (RECOVERY, 4)], "written-off"),
    ],
)
def test_where_a_facility_is_follows_from_what_happened(happenings: list[tuple[str, int]], state: str) -> None:
    assert lived(*happenings).state == state
    assert lived(*reversed(happenings)).state == state
    assert state in STATES


def test_the_figures_of_a_life_are_never_one_taken_for_another() -> None:
    life = lived((APPROVED, 100), (SIGNED, 100), (DRAWDOWN, 60), (REPAYMENT, 10), (WRITE_OFF, 5), (RECOVERY, 2))
    assert (life.approved.pence, life.signed.pence, life.drawn.pence, life.undrawn.pence) == (100, 100, 60, 40)
    assert (life.repaid.pence, life.written_off.pence, life.outstanding.pence, life.recovered.pence) == (10, 5, 45, 2)


def test_recoveries_stay_within_what_was_written_off_with_its_interest() -> None:
    life = life_of([Fact(WRITE_OFF, DAY, Money(100), Money(7)), Fact(RECOVERY, DAY, Money(60))])
    refuse_over_written_off(Money(47), life)
    with pytest.raises(BeyondWriteOff, match=r"0\.47"):
        refuse_over_written_off(Money(48), life)
    with pytest.raises(WrongState, match="Nothing"):
        refuse_over_written_off(Money(1), lived((DRAWDOWN, 9)))


def terms(**changed: Any) -> Any:
    facts: dict[str, Any] = {
        "product": "senior-loan",
        "amount": Money(100),
        "co_investor_amount": NOTHING,
        "annual_rate": Decimal("0.06"),
        "day_count": "act/365f",
        "available_from": DAY,
        "available_until": DAY,
        "matures_on": DAY,
        "purpose": "Loans",
        "additionality": "Nobody else would",
    }
    return sound_terms(**(facts | changed))


@pytest.mark.parametrize("product", PRODUCTS)
def test_every_product_can_be_proposed(product: str) -> None:
    assert terms(product=product).product == product


@pytest.mark.parametrize(
    "changed",
    [
        {"product": "lottery"},
        {"amount": NOTHING},
        {"amount": Money(-1)},
        {"co_investor_amount": Money(-1)},
        {"annual_rate": Decimal("1.0001")},
        {"annual_rate": Decimal("-0.01")},
        {"annual_rate": Decimal("NaN")},
        {"day_count": "act/364"},
        {"available_until": DAY - timedelta(days=1)},
        {"matures_on": DAY - timedelta(days=1)},
        {"purpose": "  "},
        {"additionality": ""},
        {"purpose": "x" * 4001},
    ],
)
def test_terms_that_cannot_be_meant_are_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(BadTerms):
        terms(**changed)


def simple_interest(lent: Sequence[tuple[date, Money]], rate: Decimal, day_count: DayCount, until: date) -> Money:
    """What a facility earns that agreed a rate and nothing else."""
    return Course(RateHistory.fixed(rate), day_count, principal=tuple(lent)).interest(until)


def test_a_published_instalment_of_simple_interest() -> None:
    """100,000 at six per cent for 30 days of a fixed year of 365: 493.15."""
    lent = [(date(2012, 2, 1), Money(100_000_00))]
    assert str(simple_interest(lent, Decimal("0.06"), DayCount.ACT_365F, date(2012, 3, 2))) == "493.15"


@given(st.lists(st.tuples(DAYS, PENCE), max_size=6), RATES, DAYS)
def test_interest_is_the_sum_of_each_days_balance(lent: list[tuple[date, Money]], rate: Decimal, until: date) -> None:
    """The slow oracle: walk every night from the first drawdown, and round once at the end."""
    exact = Fraction(0)
    night = DAY
    while night < until:
        balance = sum(amount.pence for day, amount in lent if day <= night)
        exact += Fraction(rate) * balance / 365
        night += timedelta(days=1)
    assert simple_interest(lent, rate, DayCount.ACT_365F, until) == Money.round_half_up(exact)


@given(st.dictionaries(DAYS, PENCE, max_size=6), st.lists(st.tuples(DAYS, PENCE), max_size=6))
def test_what_is_wanting_brings_every_day_to_what_was_due(
    due: dict[date, Money], posted: list[tuple[date, Money]]
) -> None:
    wanting = accruals_wanting(due, posted)
    assert list(wanting) == sorted(due)
    after = [*posted, *wanting.items()]
    for day, amount in due.items():
        assert Money.total(one for posted_on, one in after if posted_on <= day) == amount


@given(st.lists(st.sampled_from([DRAWDOWN, REPAYMENT, WRITE_OFF, ACCRUAL, LAPSE, SIGNED, APPROVED]), max_size=12))
def test_every_life_is_somewhere(kinds: list[str]) -> None:
    assert life_of(Fact(kind, DAY, Money(1), Money(1)) for kind in kinds).state in STATES
