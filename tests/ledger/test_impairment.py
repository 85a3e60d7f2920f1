from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.impairment import (
    Backstops,
    BadEstimate,
    ExpectedLoss,
    PossibleDefault,
    Stage,
    earning,
    earning_movements,
    expected_loss,
    loss_by_flows,
    loss_by_rates,
    stage_of,
)
from ledger.interest import accrued_on_movements
from ledger.money import NOTHING, Money

REPORTED = date(2012, 12, 31)
EIGHT = Decimal("0.08")


def years_on(count: int) -> date:
    return REPORTED + timedelta(days=365 * count)


def fails(years: int, probability: str, exposure: str, lost: str = "1") -> PossibleDefault:
    return PossibleDefault(years_on(years), Decimal(probability), Money.parse(exposure), Decimal(lost))


defaults = st.lists(
    st.builds(
        PossibleDefault,
        st.integers(0, 3650).map(lambda days: REPORTED + timedelta(days=days)),
        st.decimals(0, "0.1", places=6),
        st.integers(0, 10**10).map(Money),
        st.decimals(0, 1, places=4),
    ),
    max_size=10,
)
rates = st.decimals(0, "0.3", places=6)


@pytest.mark.parametrize(("days", "stage"), [(0, 1), (30, 1), (31, 2), (90, 2), (91, 3)])
def test_days_past_due_move_a_loan_on_once_a_back_stop_is_passed(days: int, stage: int) -> None:
    assert stage_of(days) == stage


def test_judgement_moves_a_loan_on_before_the_back_stops() -> None:
    assert stage_of(0, risk_has_risen=True) is Stage.UNDERPERFORMING
    assert stage_of(0, risk_has_risen=True, is_impaired=True) is Stage.IMPAIRED
    assert stage_of(45, backstops=Backstops(risen=60, defaulted=180)) is Stage.PERFORMING


def test_a_years_loss_is_as_the_standard_works_it() -> None:
    # IFRS 9, Illustrative Examples, Example 8: 1,000,000, of which a quarter would be lost; a probability of failing
    # within a year of 0.5 %: 1,250. The example leaves discounting aside.
    found = expected_loss(Stage.PERFORMING, [fails(0, "0.005", "1000000.00", "0.25")], Decimal(0), REPORTED)
    assert str(found.amount) == "1250.00"


def test_a_provision_matrix_is_as_the_standard_works_it() -> None:
    # IFRS 9, Illustrative Examples, Example 12.
    rows = [
        ("15000000.00", "0.003"),
        ("7500000.00", "0.016"),
        ("4000000.00", "0.036"),
        ("2500000.00", "0.066"),
        ("1000000.00", "0.106"),
    ]
    found = loss_by_rates((Money.parse(gross), Decimal(rate)) for gross, rate in rows)
    assert [int(part) // 100 for part in found.parts] == [45_000, 120_000, 144_000, 165_000, 106_000]
    assert str(found.amount) == "580000.00"


def test_a_lifetime_loss_is_discounted_from_each_failure() -> None:
    # ACCA, Strategic Business Reporting, March/June 2020, question 1 (d): at 8 %, 500,000 in a year with a probability
    # of 3 % and 8,000,000 in two years with one of 5 %; the present values printed are 462,963 and 6,858,710.
    told = [fails(1, "0.03", "500000.00"), fails(2, "0.05", "8000000.00")]
    found = expected_loss(Stage.UNDERPERFORMING, told, EIGHT, REPORTED)
    assert [round(part / 100) for part in found.parts] == [13_889, 342_936]
    assert abs(found.amount.pounds - (Decimal(462_963) * 3 + Decimal(6_858_710) * 5) / 100) < Decimal("0.05")


def test_at_stage_one_only_the_failures_of_a_year_count() -> None:
    told = [fails(1, "0.03", "500000.00"), fails(2, "0.05", "8000000.00")]
    assert len(expected_loss(Stage.PERFORMING, told, EIGHT, REPORTED).parts) == 1


def test_losses_are_summed_unrounded_and_rounded_once() -> None:
    # Five parts of 0.4 and a penny more in each: rounded one by one they would come to 20 pence, together they are 22.
    parts = ExpectedLoss(tuple(Decimal("4.4") for _ in range(5)))
    assert sum(Money.round_half_up(part).pence for part in parts.parts) == 20
    assert parts.amount == Money(22)
    assert ExpectedLoss.total([parts, parts]).amount == Money(44)


def test_an_impaired_loan_is_short_of_the_present_value_of_what_is_expected() -> None:
    expected = [(years_on(1), Money.parse("540.00")), (years_on(2), Money.parse("0.00"))]
    assert str(loss_by_flows(Money.parse("1000.00"), expected, EIGHT, REPORTED).amount) == "500.00"
    assert loss_by_flows(Money.parse("100.00"), expected, EIGHT, REPORTED).amount == NOTHING


def test_at_stage_three_interest_is_earned_on_the_net_amount() -> None:
    gross, allowance = Money.parse("1000.00"), Money.parse("400.00")
    assert [str(earning(stage, gross, allowance)) for stage in Stage] == ["1000.00", "1000.00", "600.00"]
    with pytest.raises(BadEstimate, match="no more can be lost than is owed"):
        earning(Stage.PERFORMING, allowance, gross)


def test_interest_on_the_net_amount_runs_while_the_loan_is_impaired() -> None:
    # 36,500 lent for 2013; impaired from 11 January with 20,000 allowed for, cured on 31 January: at 10 % ten pounds a
    # day, for twenty days 4.52 of them (16,500 net).
    moves = earning_movements(
        [(REPORTED, Money.parse("36500.00"))],
        [(REPORTED, Money.parse("500.00")), (date(2013, 1, 11), Money.parse("19500.00"))],
        [(date(2013, 1, 31), Stage.PERFORMING), (date(2013, 1, 11), Stage.IMPAIRED)],
    )
    assert moves == [
        (REPORTED, Money.parse("36500.00")),
        (date(2013, 1, 11), Money.parse("-20000.00")),
        (date(2013, 1, 31), Money.parse("20000.00")),
    ]
    exact = accrued_on_movements(moves, Decimal("0.1"), REPORTED, date(2014, 1, 1))
    assert exact == Fraction(1000 * 366) - Fraction(2_000_000 * 20, 3650)


def test_the_worse_of_two_stages_of_one_day_counts() -> None:
    stages = [(REPORTED, Stage.IMPAIRED), (REPORTED, Stage.PERFORMING)]
    moves = earning_movements([(REPORTED, Money(100))], [(REPORTED, Money(30))], stages)
    assert moves == [(REPORTED, Money(70))]


@pytest.mark.parametrize(
    ("told", "pointer"),
    [
        ([fails(1, "1.01", "1.00")], "/defaults/0/probability"),
        ([fails(1, "0.1", "1.00", "-0.1")], "/defaults/0/loss_given_default"),
        ([fails(1, "0.1", "-1.00")], "/defaults/0/exposure"),
        ([fails(-1, "0.1", "1.00")], "/defaults/0/on"),
        ([fails(1, "0.6", "1.00"), fails(2, "0.6", "1.00")], "/defaults"),
    ],
)
def test_estimates_that_cannot_be_are_refused_by_name(told: list[PossibleDefault], pointer: str) -> None:
    with pytest.raises(BadEstimate) as refused:
        expected_loss(Stage.IMPAIRED, told, EIGHT, REPORTED)
    assert [fault.pointer for fault in refused.value.faults] == [pointer]


@given(defaults, rates)
def test_no_loss_is_negative_and_none_is_beyond_what_is_exposed(told: list[PossibleDefault], rate: Decimal) -> None:
    year, life = (expected_loss(stage, told, rate, REPORTED) for stage in (Stage.PERFORMING, Stage.IMPAIRED))
    assert 0 <= year.exact <= life.exact
    assert life.amount <= max((each.exposure for each in told), default=NOTHING)


@given(st.lists(defaults, max_size=4), rates)
def test_a_portfolio_loses_what_its_loans_lose(loans: list[list[PossibleDefault]], rate: Decimal) -> None:
    losses = [expected_loss(Stage.UNDERPERFORMING, told, rate, REPORTED) for told in loans]
    together = ExpectedLoss.total(losses).amount
    one_by_one = Money.total(loss.amount for loss in losses)
    assert abs(together - one_by_one).pence <= (len(loans) + 1) // 2
