"""Expected losses: discounted, year by year over a loan's own schedule, and never more than the loan."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bank.allocations.allowing import parted
from bank.allocations.commands import allow_for_loss, approve_assumption, assume_loss, draw_down, move_stage
from bank.allocations.course import Course
from bank.allocations.credit.expecting import Assumed, Exposed, exposed, loss_expected, possible_defaults
from bank.allocations.terms.rules import Agreed, Plan, Repaying
from bank.treasury.rules import BadTerms
from ledger.daycounts import DayCount
from ledger.impairment import Stage
from ledger.money import NOTHING, Money
from ledger.rates import RateHistory
from ledger.workdays import Roll
from tests.bank.small_bank import SmallBank, pounds
from tests.bank.test_loan_journals import added, agreed

ON = date(2013, 1, 1)
ZERO = Decimal(0)


def owing(amount: str, ends_on: date = date(2016, 1, 1), rate: Decimal = ZERO, undrawn: Money = NOTHING) -> Exposed:
    """A loan of which all is owed to its last day."""
    return Exposed(pounds(amount), lambda _: pounds(amount), undrawn, ends_on, rate)


def years(*told: str) -> tuple[Decimal, ...]:
    return tuple(map(Decimal, told))


def test_a_years_loss_is_as_the_standard_works_it() -> None:
    """IFRS 9, Illustrative Examples, Example 8: 0.5 % of 25 % of 1,000,000 is 1,250; it leaves discounting aside."""
    assumed = Assumed(years("0.005"), Decimal("0.25"))
    assert str(loss_expected(Stage.PERFORMING, assumed, owing("1000000.00"), ON)) == "1250.00"


def test_a_lifetime_loss_is_discounted_from_the_middle_of_each_year() -> None:
    """By hand: 45 % of 100,000 in three years at 10 %, of which a failure is 2 %, 3 % and 4 % likely.

    The middles lie 182, 547 and 912 days on (2013 to 2015 are plain years), so that each part is
    45,000 x 0.02 / 1.1^(182/365) = 858.23, 45,000 x 0.03 / 1.1^(547/365) = 1,170.31 and
    45,000 x 0.04 / 1.1^(912/365) = 1,418.56.
    """
    assumed = Assumed(years("0.02", "0.03", "0.04"), Decimal("0.45"))
    parts = [
        Decimal(45_000) * Decimal(told) / Decimal("1.1") ** (Decimal(days) / 365)
        for told, days in (("0.02", 182), ("0.03", 547), ("0.04", 912))
    ]
    assert [str(round(part, 2)) for part in parts] == ["858.23", "1170.31", "1418.56"]
    loan = owing("100000.00", rate=Decimal("0.1"))
    assert str(loss_expected(Stage.UNDERPERFORMING, assumed, loan, ON)) == str(round(sum(parts), 2)) == "3447.10"
    first = Assumed(years("0.02"), Decimal("0.45"))
    assert str(loss_expected(Stage.PERFORMING, first, loan, ON)) == "858.23"


def test_a_year_that_the_loan_ends_in_counts_in_part_and_none_after_it() -> None:
    assumed = Assumed(years("0.10", "0.10", "0.10"), Decimal(1))
    found = possible_defaults(Stage.UNDERPERFORMING, assumed, owing("100.00", date(2014, 3, 15)), ON)
    assert [(each.on, each.probability) for each in found] == [
        (date(2013, 7, 2), Decimal("0.10")),
        (date(2014, 2, 6), Decimal("0.10") * (Decimal(73) / 365)),
    ]


def test_a_loan_whose_last_day_is_past_may_fail_at_once() -> None:
    assumed = Assumed(years("0.10", "0.20"), Decimal("0.5"))
    assert str(loss_expected(Stage.UNDERPERFORMING, assumed, owing("100.00", ON), ON)) == "15.00"


def test_undrawn_money_counts_as_far_as_it_will_have_been_drawn() -> None:
    """A failure of 2 % within a year, 45 % lost, of 100,000 owed and half of 60,000 that may yet be drawn."""
    assumed = Assumed(years("0.02"), Decimal("0.45"), Decimal("0.5"))
    loan = owing("100000.00", undrawn=pounds("60000.00"))
    assert str(loss_expected(Stage.PERFORMING, assumed, loan, ON)) == "1170.00"


def test_what_is_owed_at_a_default_follows_the_schedule_and_what_is_late_stays() -> None:
    """1,200 in four quarterly parts from the last day of March on, free of interest: 900 after the first, 300 at last.

    With the first part unpaid on the last day of June all is owed still, and 900 of it was to be owed later.
    """
    plan = Plan(Repaying.EQUAL_PRINCIPAL, date(2013, 3, 31), 3, 4, roll=Roll.NONE)
    course = Course(
        RateHistory.fixed(ZERO),
        DayCount.ACT_365F,
        terms=(Agreed(ON, None, ZERO, plan),),
        principal=((ON, pounds("1200.00")),),
    )
    loan = exposed(course, pounds("1200.00"), ON, date(2020, 1, 1), NOTHING)
    assert loan.ends_on == date(2013, 12, 31)
    expected = {"2013-03-30": "1200.00", "2013-03-31": "900.00", "2013-10-01": "300.00", "2013-12-31": "0.00"}
    assert {day: str(loan.owed(date.fromisoformat(day))) for day in expected} == expected
    late = exposed(course, pounds("1200.00"), date(2013, 4, 30), date(2020, 1, 1), NOTHING)
    assert str(late.owed(date(2013, 10, 1))) == "600.00"


fractions = st.decimals(0, 1, places=4)


@given(
    st.sampled_from(Stage),
    st.lists(st.decimals(0, Decimal("0.2"), places=4), min_size=1, max_size=5),
    fractions,
    fractions,
    st.tuples(st.integers(0, 10**12), st.integers(0, 10**12), st.integers(0, 10**12)),
    st.tuples(st.integers(-400, 4000), st.decimals(0, Decimal("0.4"), places=4)),
)
def test_no_more_is_ever_allowed_for_than_is_owed(
    stage: Stage,
    by_year: list[Decimal],
    lost: Decimal,
    conversion: Decimal,
    amounts: tuple[int, int, int],
    ends: tuple[int, Decimal],
) -> None:
    gross, later, undrawn = map(Money, amounts)
    days, rate = ends
    loan = Exposed(gross, lambda _: later, undrawn, date.fromordinal(ON.toordinal() + days), rate)
    found = loss_expected(stage, Assumed(tuple(by_year), lost, conversion), loan, ON)
    of_the_loan, of_the_commitment = parted(found, gross, undrawn)
    assert NOTHING <= of_the_loan <= gross
    assert NOTHING <= of_the_commitment <= undrawn
    assert of_the_loan + of_the_commitment == found
    assert not of_the_commitment or of_the_loan == gross, "the loan takes first what may be lost"


@pytest.fixture
def lending(small_bank: SmallBank) -> SmallBank:
    small_bank.at(ON)
    small_bank.capital("1000000.00")
    return small_bank


def assume(bank: SmallBank, stage: int, *by_year: str, conversion: str = "0") -> None:
    told: dict[str, Any] = {"loss_given_default": Decimal("0.45"), "from_on": ON, "basis": "Invented"}
    made = assume_loss(
        bank.maya, stage=stage, by_year=years(*by_year), conversion=Decimal(conversion), key=bank.key(), **told
    )
    approve_assumption(bank.tom, id=made.id, key=bank.key())


def test_18_in_stage_2_the_whole_life_is_allowed_for(lending: SmallBank) -> None:
    """100,000 at 10 % a year for three years, of 120,000 signed, and all of the rest will be drawn before a default."""
    made = lending.signed(lending.lender(), "120000.00", annual_rate=Decimal("0.10"))
    agreed(lending, made.id, ON, first_due_on=date(2014, 1, 1), instalments=3, roll="none")
    draw_down(lending.maya, facility=made.id, amount=pounds("100000.00"), on=ON, key="draw")
    assume(lending, 1, "0.02")
    assume(lending, 2, "0.02", "0.03", "0.04", conversion="1")

    def measured(key: str) -> dict[str, str]:
        return added(lending, lambda: allow_for_loss(lending.maya, facility=made.id, on=ON, key=key))

    # interest runs up between its days: 4,986.30 of it is owed in the middle of each year
    one = round(Decimal("104986.30") * 45 / 100 * Decimal("0.02") / Decimal("1.1") ** (Decimal(182) / 365), 2)
    assert measured("1") == {"1240": f"-{one}", "5000": str(one)}
    move_stage(lending.maya, facility=made.id, stage=2, on=ON, reason="Late accounts", key="stage")
    life = sum(
        Decimal("124986.30") * 45 / 100 * Decimal(told) / Decimal("1.1") ** (Decimal(days) / 365)
        for told, days in (("0.02", 182), ("0.03", 547), ("0.04", 912))
    )
    moved = measured("2")
    assert moved["1240"] == str(one)
    assert abs(Decimal(moved["1241"]) + life) < Decimal("0.02")


def test_an_assumption_tells_each_year_once_and_only_stage_2_looks_beyond_one(lending: SmallBank) -> None:
    told: dict[str, Any] = {"loss_given_default": Decimal("0.5"), "from_on": ON, "basis": "Invented", "key": "1"}
    for wrong in (
        {"stage": 1},
        {"stage": 1, "probability": Decimal("0.1"), "by_year": years("0.1")},
        {"stage": 1, "by_year": years("0.1", "0.1")},
        {"stage": 2, "by_year": years("0.6", "0.5")},
        {"stage": 2, "by_year": years(*["0"] * 41)},
        {"stage": 2, "by_year": years("0.1"), "conversion": Decimal(2)},
    ):
        with pytest.raises(BadTerms):
            assume_loss(lending.maya, **(told | wrong))
