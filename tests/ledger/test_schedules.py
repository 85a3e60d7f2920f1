from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from random import Random

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given
from hypothesis import strategies as st

from ledger.daycounts import DayCount
from ledger.money import NOTHING, Money
from ledger.schedules import BadTerms, Drawdown, Instalment, Repayment, Terms, due_dates, schedule
from tests.ledger.test_daycounts import THIRTY_360

LEVEL, BULLET = Repayment("level"), Repayment("bullet")


def lent(*drawdowns: tuple[str, str]) -> list[Drawdown]:
    return [Drawdown(date.fromisoformat(on), Money.parse(amount)) for on, amount in drawdowns]


def fixed(amount: str) -> Repayment:
    return Repayment("fixed-principal", Money.parse(amount))


def line(instalment: Instalment) -> str:
    return f"{instalment.due_on} {instalment.principal} {instalment.interest} {instalment.payment} {instalment.balance}"


# Apache Fineract, integration-tests, LoanFixedPrincipalPercentageAmortizationTest: 100,000 at 2% a month on the
# declining balance, interest by days, 5% of the principal an instalment; the instalments that the test names.
FINERACT = Terms(
    lent(("2011-09-20", "100000.00")), Decimal("0.24"), date(2011, 10, 20), instalments=13, repayment=fixed("5000.00")
)


def test_fixed_principal_is_as_fineract_publishes_it() -> None:
    lines = schedule(FINERACT)
    named = {at: (str(lines[at - 1].principal), str(lines[at - 1].interest)) for at in (1, 2, 3, 12, 13)}
    assert named == {
        1: ("5000.00", "1972.60"),
        2: ("5000.00", "1936.44"),
        3: ("5000.00", "1775.34"),
        12: ("5000.00", "917.26"),
        13: ("40000.00", "789.04"),
    }
    assert lines[12].due_on == date(2012, 10, 20)


def test_a_capital_holiday_across_a_leap_february_is_as_fineract_publishes_it() -> None:
    terms = Terms(
        FINERACT.drawdowns, FINERACT.annual_rate, FINERACT.first_due_on, 19, fixed("5000.00"), capital_holiday=6
    )
    lines = schedule(terms)
    named = {at: (str(lines[at - 1].principal), str(lines[at - 1].interest)) for at in (1, 6, 7, 18, 19)}
    assert named == {
        1: ("0.00", "1972.60"),
        6: ("0.00", "1906.85"),
        7: ("5000.00", "2038.36"),
        18: ("5000.00", "828.49"),
        19: ("40000.00", "815.34"),
    }


def test_a_part_first_month_is_as_fineract_publishes_it() -> None:
    # Apache Fineract, fineract-progressive-loan, LoanScheduleGeneratorTest.testGenerateLoanSchedule.
    terms = Terms(
        lent(("2024-01-15", "192.22")), Decimal("0.0999"), date(2024, 2, 1), 6, LEVEL, day_count=DayCount.THIRTY_360
    )
    assert [line(each) for each in schedule(terms)] == [
        "2024-02-01 31.97 0.88 32.85 160.25",
        "2024-03-01 31.52 1.33 32.85 128.73",
        "2024-04-01 31.78 1.07 32.85 96.95",
        "2024-05-01 32.04 0.81 32.85 64.91",
        "2024-06-01 32.31 0.54 32.85 32.60",
        "2024-07-01 32.60 0.27 32.87 0.00",
    ]


# Apache Fineract, ProgressiveEMICalculatorTest: 9.4822% a year, six monthly instalments from 1 February 2024, months of
# thirty days in a year of 360. Principal, interest and balance after each instalment.
FINERACT_DRAWDOWNS = {
    "one drawdown": (
        lent(("2024-01-01", "100.00")),
        ["16.34 0.79 83.66", "16.47 0.66 67.19", "16.60 0.53 50.59", "16.73 0.40 33.86", "16.86 0.27 17.00"],
        "17.00 0.13 0.00",
    ),
    "a second drawdown on a due date": (
        lent(("2024-01-01", "100.00"), ("2024-03-01", "100.00")),
        ["16.34 0.79 83.66", "16.47 0.66 167.19", "41.31 1.32 125.88", "41.64 0.99 84.24", "41.96 0.67 42.28"],
        "42.28 0.33 0.00",
    ),
    "a second drawdown in the first period": (
        lent(("2024-01-01", "100.00"), ("2024-01-08", "200.00")),
        ["49.32 2.01 250.68", "49.35 1.98 201.33", "49.74 1.59 151.59", "50.13 1.20 101.46", "50.53 0.80 50.93"],
        "50.93 0.40 0.00",
    ),
    "a second drawdown in a later period": (
        lent(("2024-01-01", "100.00"), ("2024-02-15", "100.00")),
        ["16.34 0.79 83.66", "36.46 1.07 147.20", "36.37 1.16 110.83", "36.65 0.88 74.18", "36.94 0.59 37.24"],
        "37.24 0.29 0.00",
    ),
    "three drawdowns in a part first month": (
        lent(("2024-01-05", "100.00"), ("2024-01-08", "50.00"), ("2024-01-08", "25.00")),
        ["28.79 1.15 146.21", "28.78 1.16 117.43", "29.01 0.93 88.42", "29.24 0.70 59.18", "29.47 0.47 29.71"],
        "29.71 0.23 0.00",
    ),
}


@pytest.mark.parametrize("case", FINERACT_DRAWDOWNS)
def test_further_drawdowns_are_as_fineract_publishes_them(case: str) -> None:
    drawdowns, early, last = FINERACT_DRAWDOWNS[case]
    terms = Terms(drawdowns, Decimal("0.094822"), date(2024, 2, 1), 6, LEVEL, day_count=DayCount.THIRTY_360)
    assert [f"{each.principal} {each.interest} {each.balance}" for each in schedule(terms)] == [*early, last]


def test_a_period_across_new_year_is_as_fineract_publishes_it() -> None:
    # The same test class, actual days in actual years, 12 December 2023 to 12 June 2024.
    terms = Terms(
        lent(("2023-12-12", "100.00")),
        Decimal("0.094822"),
        date(2024, 1, 12),
        6,
        LEVEL,
        day_count=DayCount.ACT_ACT_ISDA,
    )
    assert [f"{each.principal} {each.interest} {each.balance}" for each in schedule(terms)] == [
        "16.33 0.80 83.67",
        "16.46 0.67 67.21",
        "16.63 0.50 50.58",
        "16.72 0.41 33.86",
        "16.87 0.26 16.99",
        "16.99 0.14 0.00",
    ]


def test_without_interest_level_payments_are_equal_parts() -> None:
    # ProgressiveEMICalculatorTest.test_disbursedAmt1000_NoInterest_repayEvery1Month.
    terms = Terms(lent(("2024-01-01", "1000.00")), Decimal(0), date(2024, 2, 1), 4, LEVEL)
    assert [str(each.payment) for each in schedule(terms)] == ["250.00"] * 4


def test_a_mortgage_payment_is_as_spreadsheets_make_it() -> None:
    # numpy-financial's documentation of pmt: 200,000 at 7.5% a year over fifteen years costs 1,854.02 a month.
    terms = Terms(
        lent(("2012-01-01", "200000.00")),
        Decimal("0.075"),
        date(2012, 2, 1),
        180,
        LEVEL,
        day_count=DayCount.THIRTY_360,
    )
    assert {str(each.payment) for each in schedule(terms)[:-1]} == {"1854.02"}


def test_cumulative_principal_and_interest_are_as_microsoft_publishes_them() -> None:
    # Microsoft's documentation of CUMPRINC and CUMIPMT: 125,000 at 9% over thirty years. In the first month 68.27827 of
    # principal and 937.50 of interest; in the second year 934.1071 and 11,135.23. A payment in whole pence is off by
    # less than half a penny, so the year is off by less than sixpence.
    terms = Terms(
        lent(("2012-01-01", "125000.00")), Decimal("0.09"), date(2012, 2, 1), 360, LEVEL, day_count=DayCount.THIRTY_360
    )
    lines = schedule(terms)
    assert line(lines[0]) == "2012-02-01 68.28 937.50 1005.78 124931.72"
    assert abs(Money.total(each.principal for each in lines[12:24]).pounds - Decimal("934.1071")) < Decimal("0.06")
    assert abs(Money.total(each.interest for each in lines[12:24]).pounds - Decimal("11135.23")) < Decimal("0.06")


@pytest.mark.parametrize(("start", "end", "bond", "eurobond"), THIRTY_360)
def test_a_loan_of_one_instalment_counts_as_isda_defines(start: str, end: str, bond: int, eurobond: int) -> None:
    for count, days in ((DayCount.THIRTY_360, bond), (DayCount.THIRTY_E_360, eurobond)):
        terms = Terms(lent((start, "36000.00")), Decimal(1), date.fromisoformat(end), 1, BULLET, day_count=count)
        assert schedule(terms)[0].interest == Money.parse(f"{100 * days}.00")


def test_half_years_at_the_end_of_august_and_february_count_as_isda_tables_them() -> None:
    # Example 2 of ISDA's table "30/360 day count conventions", Eurobond basis, as one loan.
    terms = Terms(
        lent(("2006-02-28", "36000.00")),
        Decimal(1),
        date(2006, 8, 31),
        12,
        BULLET,
        every_months=6,
        day_count=DayCount.THIRTY_E_360,
    )
    days = [182, 178, 182, 179, 181, 178, 182, 178, 182, 178, 182, 179]
    assert [each.interest.pence // 10_000 for each in schedule(terms)] == days


def test_months_are_stepped_from_the_original_day() -> None:
    assert [str(day) for day in due_dates(date(2012, 1, 31), 1, 4)] == [
        "2012-01-31",
        "2012-02-29",
        "2012-03-31",
        "2012-04-30",
    ]
    assert [str(day) for day in due_dates(date(2011, 11, 30), 3, 3)] == ["2011-11-30", "2012-02-29", "2012-05-30"]


def test_a_bullet_repays_all_at_the_end() -> None:
    terms = Terms(lent(("2012-04-01", "1000.00")), Decimal("0.0365"), date(2012, 7, 1), 4, BULLET, every_months=3)
    assert [line(each) for each in schedule(terms)] == [
        "2012-07-01 0.00 9.10 9.10 1000.00",
        "2012-10-01 0.00 9.20 9.20 1000.00",
        "2013-01-01 0.00 9.20 9.20 1000.00",
        "2013-04-01 1000.00 9.00 1009.00 0.00",
    ]


def test_fixed_principal_stops_when_nothing_is_left() -> None:
    terms = Terms(lent(("2012-01-01", "100.00")), Decimal(0), date(2012, 2, 1), 4, fixed("60.00"))
    assert [str(each.principal) for each in schedule(terms)] == ["60.00", "40.00", "0.00", "0.00"]


BAD_TERMS = {
    "/annual_rate": Terms(lent(("2012-01-01", "1.00")), Decimal(-1), date(2012, 2, 1), 1, LEVEL),
    "/instalments": Terms(lent(("2012-01-01", "1.00")), Decimal(0), date(2012, 2, 1), 601, LEVEL),
    "/every_months": Terms(lent(("2012-01-01", "1.00")), Decimal(0), date(2012, 2, 1), 1, LEVEL, every_months=0),
    "/capital_holiday": Terms(lent(("2012-01-01", "1.00")), Decimal(0), date(2012, 2, 1), 1, LEVEL, capital_holiday=1),
    "/repayment/amount": Terms(lent(("2012-01-01", "1.00")), Decimal(0), date(2012, 2, 1), 1, fixed("0.00")),
    "/drawdowns": Terms([], Decimal(0), date(2012, 2, 1), 1, LEVEL),
    "/drawdowns/0/amount": Terms(lent(("2012-01-01", "-1.00")), Decimal(0), date(2012, 2, 1), 1, LEVEL),
    "/drawdowns/1/on": Terms(
        lent(("2012-01-01", "1.00"), ("2012-02-01", "1.00")), Decimal(0), date(2012, 2, 1), 1, LEVEL
    ),
    "/first_due_on": Terms(lent(("2012-02-01", "1.00")), Decimal(0), date(2012, 2, 1), 2, LEVEL),
}


@pytest.mark.parametrize("pointer", BAD_TERMS)
def test_terms_that_cannot_be_are_refused_by_name(pointer: str) -> None:
    with pytest.raises(BadTerms) as refused:
        schedule(BAD_TERMS[pointer])
    assert [fault.pointer for fault in refused.value.faults] == [pointer]


def test_all_faults_are_named_at_once() -> None:
    with pytest.raises(BadTerms) as refused:
        schedule(Terms([], Decimal(11), date(2012, 2, 1), 0, Repayment("bullet", Money(1)), every_months=121))
    assert [fault.pointer for fault in refused.value.faults] == [
        "/annual_rate",
        "/instalments",
        "/every_months",
        "/repayment/amount",
        "/drawdowns",
    ]


def test_a_schedule_beyond_the_last_year_is_refused() -> None:
    with pytest.raises(BadTerms, match="before the year 10000"):
        schedule(Terms(lent(("9990-01-01", "1.00")), Decimal(0), date(9990, 2, 1), 600, LEVEL, every_months=120))


@st.composite
def all_terms(draw: st.DrawFn) -> Terms:
    first_due_on = draw(st.dates(date(2010, 1, 1), date(2020, 12, 31)))
    instalments = draw(st.integers(1, 40))
    every_months = draw(st.sampled_from([1, 2, 3, 6, 12]))
    last = first_due_on + relativedelta(months=every_months * (instalments - 1))
    opening = draw(st.dates(first_due_on - relativedelta(months=30), first_due_on - relativedelta(days=1)))
    further = draw(st.lists(st.dates(opening, last - relativedelta(days=1)), max_size=4))
    amounts = st.integers(1, 10**10).map(Money)
    repayment = draw(
        st.one_of(st.just(LEVEL), st.just(BULLET), amounts.map(lambda amount: Repayment("fixed-principal", amount)))
    )
    return Terms(
        [Drawdown(on, draw(amounts)) for on in [opening, *further]],
        draw(st.decimals(0, 2, places=5)),
        first_due_on,
        instalments,
        repayment,
        every_months,
        draw(st.sampled_from(DayCount)),
        draw(st.integers(0, instalments - 1)),
    )


@given(all_terms())
def test_what_is_drawn_is_repaid_and_no_more(terms: Terms) -> None:
    lines = schedule(terms)
    assert len(lines) == terms.instalments
    assert Money.total(each.principal for each in lines) == Money.total(each.amount for each in terms.drawdowns)
    assert lines[-1].balance == NOTHING
    assert min(each.balance for each in lines) >= NOTHING
    assert min(each.principal for each in lines) >= NOTHING
    assert min(each.interest for each in lines) >= NOTHING


@given(all_terms(), st.randoms(use_true_random=False))
def test_the_order_of_the_drawdowns_does_not_matter(terms: Terms, chance: Random) -> None:
    shuffled = list(terms.drawdowns)
    chance.shuffle(shuffled)
    again = Terms(
        shuffled,
        terms.annual_rate,
        terms.first_due_on,
        terms.instalments,
        terms.repayment,
        terms.every_months,
        terms.day_count,
        terms.capital_holiday,
    )
    assert schedule(again) == schedule(terms)


@given(all_terms())
def test_a_capital_holiday_is_interest_only(terms: Terms) -> None:
    for each in schedule(terms)[: terms.capital_holiday]:
        assert each.principal == NOTHING


@given(all_terms().filter(lambda terms: terms.day_count.counts_calendar_days))
def test_each_instalments_interest_is_the_exact_interest_rounded_once(terms: Terms) -> None:
    lines = schedule(terms)
    opened, start = NOTHING, min(each.on for each in terms.drawdowns)
    for each in lines:
        during = [drawdown for drawdown in terms.drawdowns if start <= drawdown.on < each.due_on]
        if each.number > 1:
            during = [drawdown for drawdown in during if drawdown.on > start]
        exact = opened.pence * terms.day_count.fraction(start, each.due_on)
        exact += sum(drawdown.amount.pence * terms.day_count.fraction(drawdown.on, each.due_on) for drawdown in during)
        assert each.interest == Money.round_half_up(Fraction(exact) * Fraction(terms.annual_rate))
        opened, start = each.balance, each.due_on


@given(
    st.integers(100, 10**10).map(Money),
    st.decimals(0, "0.5", places=4),
    st.integers(2, 60),
    st.sampled_from(DayCount),
)
def test_level_payments_are_equal_and_the_last_is_within_a_pound(
    amount: Money, rate: Decimal, instalments: int, count: DayCount
) -> None:
    terms = Terms([Drawdown(date(2012, 1, 15), amount)], rate, date(2012, 2, 15), instalments, LEVEL, day_count=count)
    payments = [each.payment for each in schedule(terms)]
    regular = [payment for payment in payments[:-1] if payment]
    # A payment of a few pence can be smaller than its own interest's rounding; from a pound on, all are equal.
    if min(regular, default=NOTHING) > Money(100):
        assert len(set(regular)) == 1
        assert abs(payments[-1] - regular[0]) <= Money(100)
