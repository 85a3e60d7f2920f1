from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from ledger.daycounts import DayCount
from ledger.money import Money
from ledger.rates import RateHistory
from ledger.schedules import Drawdown, Instalment, Repayment, Terms, schedule

LEVEL = Repayment("level")


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


def test_actual_days_of_365_are_as_fineract_publishes_them() -> None:
    # The same test class, 15.678 % from 1 January 2024, where no other equal payment would leave the last one nearer.
    terms = Terms(lent(("2024-01-01", "100.00")), Decimal("0.15678"), date(2024, 2, 1), 6, LEVEL)
    assert [f"{each.principal} {each.interest} {each.payment} {each.balance}" for each in schedule(terms)] == [
        "16.10 1.33 17.43 83.90",
        "16.38 1.05 17.43 67.52",
        "16.53 0.90 17.43 50.99",
        "16.77 0.66 17.43 34.22",
        "16.97 0.46 17.43 17.25",
        "17.25 0.22 17.47 0.00",
    ]


def test_actual_days_of_a_leap_year_are_as_fineract_publishes_them() -> None:
    # The same test class: 1,000 at 25 % over the twelve months of 2024, actual days in actual years, costs 95.02 each.
    terms = Terms(
        lent(("2024-01-01", "1000.00")),
        Decimal("0.25"),
        date(2024, 2, 1),
        12,
        LEVEL,
        day_count=DayCount.ACT_ACT_ISDA,
    )
    assert {str(each.payment) for each in schedule(terms)[:-1]} == {"95.02"}


def test_what_is_left_after_a_payment_on_the_first_day_is_as_fineract_publishes_it() -> None:
    # LoanScheduleGeneratorTest.testGenerateLoanScheduleWithDownPayment: a quarter of 100 is paid back the same day.
    terms = Terms(
        lent(("2024-01-01", "75.00")), Decimal("0.0999"), date(2024, 2, 1), 6, LEVEL, day_count=DayCount.THIRTY_360
    )
    assert [f"{each.principal} {each.interest} {each.payment} {each.balance}" for each in schedule(terms)] == [
        "12.25 0.62 12.87 62.75",
        "12.35 0.52 12.87 50.40",
        "12.45 0.42 12.87 37.95",
        "12.55 0.32 12.87 25.40",
        "12.66 0.21 12.87 12.74",
        "12.74 0.11 12.85 0.00",
    ]


@pytest.mark.parametrize(
    ("drawdowns", "interest"),
    [
        ([("2024-01-01", "1000.00")], "5.83"),
        ([("2024-01-01", "1000.00"), ("2024-01-15", "1000.00")], "9.03"),
    ],
)
def test_a_drawdown_within_the_only_period_is_as_fineract_publishes_it(
    drawdowns: list[tuple[str, str]], interest: str
) -> None:
    # ProgressiveEMICalculatorTest, test_dailyInterest: 7 %, one month of thirty days; the second thousand is lent for
    # seventeen of its thirty-one calendar days.
    terms = Terms(
        lent(*drawdowns), Decimal("0.07"), date(2024, 2, 1), 1, Repayment("bullet"), day_count=DayCount.THIRTY_360
    )
    assert [str(each.interest) for each in schedule(terms)] == [interest]


def test_the_total_interest_is_as_fineract_publishes_it() -> None:
    # ProgressiveEMICalculatorTest, test_multidisbursement_total: 300 and 200 at 7 % over six months cost 6.15 and 4.11.
    for amount, total in (("300.00", "6.15"), ("200.00", "4.11")):
        terms = Terms(
            lent(("2024-01-01", amount)), Decimal("0.07"), date(2024, 2, 1), 6, LEVEL, day_count=DayCount.THIRTY_360
        )
        assert str(Money.total(each.interest for each in schedule(terms))) == total


# numpy-financial's and pyxirr's tests of ppmt and ipmt, which print unrounded payments.
SPREADSHEETS = {
    "principal of 2,000 at 10 % over two years": (
        ("2000.00", "0.10", 24),
        "principal",
        ["75.62318601", "76.25337923", "76.88882405", "77.52956425", "78.17564395"],
    ),
    "interest of 25,000 at 8.24 % over one year": (
        ("25000.00", "0.0824", 12),
        "interest",
        [
            "171.66666667",
            "157.89337457",
            "144.02550587",
            "130.06241114",
            "116.00343650",
            "101.84792356",
            "87.59520943",
            "73.24462666",
            "58.79550322",
            "44.24716248",
            "29.59892312",
            "14.85009919",
        ],
    ),
}


@pytest.mark.parametrize("case", SPREADSHEETS)
def test_each_months_parts_are_as_spreadsheets_make_them(case: str) -> None:
    (amount, rate, months), part, printed = SPREADSHEETS[case]
    terms = Terms(
        lent(("2012-01-01", amount)), Decimal(rate), date(2012, 2, 1), months, LEVEL, day_count=DayCount.THIRTY_360
    )
    found = [getattr(each, part) for each in schedule(terms)]
    assert [str(amount) for amount in found[: len(printed)]] == [
        str(Money.round_half_up(Decimal(figure) * 100)) for figure in printed
    ]


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


# Apache Fineract, fineract-e2e-tests-runner, EMICalculation.feature, LoanBulletBalloon.feature and
# LoanMonthEndDueDateStrategy.feature, by the number or name of the scenario: drawn on, amount, rate, first due on,
# instalments, every so many months, day count; then balance, principal and interest of each instalment.
SCENARIOS: dict[str, tuple[tuple[str, str, str, str, int, int, str], list[str]]] = {
    "C3164": (
        ("2023-12-12", "331.77", "0.1065", "2024-01-12", 5, 1, "act/act-isda"),
        ["266.63 65.14 3.00", "200.90 65.73 2.41", "134.46 66.44 1.70", "67.53 66.93 1.21", "0.00 67.53 0.59"],
    ),
    "C3154": (
        ("2024-01-01", "100", "0.12", "2024-02-01", 6, 1, "30/360"),
        [
            "83.75 16.25 1.00",
            "67.34 16.41 0.84",
            "50.76 16.58 0.67",
            "34.02 16.74 0.51",
            "17.11 16.91 0.34",
            "0.00 17.11 0.17",
        ],
    ),
    "C3165": (
        ("2024-01-01", "75", "0.123", "2024-02-01", 5, 1, "30/360"),
        ["60.30 14.70 0.77", "45.45 14.85 0.62", "30.45 15.00 0.47", "15.29 15.16 0.31", "0.00 15.29 0.16"],
    ),
    "C3157": (
        ("2024-01-01", "100", "0.12", "2024-03-01", 3, 2, "30/360"),
        ["67.32 32.68 2.00", "33.99 33.33 1.35", "0.00 33.99 0.68"],
    ),
    "C3159": (
        ("2024-01-01", "100", "0.12", "2024-02-01", 6, 1, "act/365f"),
        [
            "83.77 16.23 1.02",
            "67.32 16.45 0.80",
            "50.76 16.56 0.69",
            "34.01 16.75 0.50",
            "17.11 16.90 0.35",
            "0.00 17.11 0.17",
        ],
    ),
    "C3160": (
        ("2024-01-01", "100", "0.094822", "2024-02-01", 6, 1, "act/365f"),
        [
            "83.68 16.32 0.81",
            "67.18 16.50 0.63",
            "50.59 16.59 0.54",
            "33.85 16.74 0.39",
            "16.99 16.86 0.27",
            "0.00 16.99 0.13",
        ],
    ),
    "C3161": (
        ("2024-01-01", "75", "0.05", "2024-02-01", 5, 1, "30/360"),
        ["60.12 14.88 0.31", "45.18 14.94 0.25", "30.18 15.00 0.19", "15.12 15.06 0.13", "0.00 15.12 0.06"],
    ),
    "C111047": (
        ("2025-01-31", "10000", "0.12", "2025-02-28", 3, 1, "act/act-isda"),
        ["6694.23 3305.77 92.05", "3364.64 3329.59 68.23", "0.00 3364.64 33.19"],
    ),
}


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_level_payments_are_as_fineract_publishes_them(scenario: str) -> None:
    (on, amount, rate, first_due_on, instalments, every_months, count), printed = SCENARIOS[scenario]
    terms = Terms(
        lent((on, amount)),
        Decimal(rate),
        date.fromisoformat(first_due_on),
        instalments,
        LEVEL,
        every_months=every_months,
        day_count=DayCount(count),
    )
    assert [f"{each.balance} {each.principal} {each.interest}" for each in schedule(terms)] == printed


@pytest.mark.parametrize(("repayment", "holiday"), [(LEVEL, 7), (Repayment("bullet"), 0), (fixed("1.00"), 7)])
def test_a_balloon_is_as_fineract_publishes_it(repayment: Repayment, holiday: int) -> None:
    # LoanBulletBalloon.feature, BL01: 100 at 30 % over eight months of thirty days, repaid with the last.
    terms = Terms(
        lent(("2024-01-01", "100")),
        Decimal("0.30"),
        date(2024, 2, 1),
        8,
        repayment,
        day_count=DayCount.THIRTY_360,
        capital_holiday=holiday,
    )
    found = [f"{each.principal} {each.interest} {each.payment}" for each in schedule(terms)]
    assert found == ["0.00 2.50 2.50"] * 7 + ["100.00 2.50 102.50"]


def test_the_last_day_of_the_month_stays_the_last_day_as_fineract_publishes_it() -> None:
    # LoanMonthEndDueDateStrategy.feature, UC5: lent on 31 January.
    terms = Terms(lent(("2025-01-31", "10000")), Decimal("0.12"), date(2025, 2, 28), 3, LEVEL)
    assert [str(each.due_on) for each in schedule(terms)] == ["2025-02-28", "2025-03-31", "2025-04-30"]


def test_the_days_about_new_year_are_isdas_and_not_fineracts() -> None:
    # EMICalculation.feature, C3152: 10,000 at 12 %, 12 December 2023 to 12 January 2024. It counts 19 days of 2023 and
    # 12 of 2024 and prints 101.81; by ISDA's definition the first day counts and the last does not, so 20 and 11.
    terms = Terms(
        lent(("2023-12-12", "10000")), Decimal("0.12"), date(2024, 1, 12), 6, LEVEL, day_count=DayCount.ACT_ACT_ISDA
    )
    first = schedule(terms)[0]
    assert (str(first.interest), str(first.payment)) == ("101.82", "1725.57")


# ProgressiveEMICalculatorTest, test_reschedule_interest: 100 at 7 % from 1 January 2024 and at 4 % later. Fineract
# names the day after the one from which the new rate counts.
RATE_CHANGES = {
    date(2024, 2, 1): [
        "16.60 0.28 66.97",
        "16.66 0.22 50.31",
        "16.71 0.17 33.60",
        "16.77 0.11 16.83",
        "16.83 0.06 0.00",
    ],
    date(2024, 2, 14): [
        "16.53 0.37 67.04",
        "16.68 0.22 50.36",
        "16.73 0.17 33.63",
        "16.79 0.11 16.84",
        "16.84 0.06 0.00",
    ],
}


@pytest.mark.parametrize("since", RATE_CHANGES)
def test_a_change_of_the_rate_levels_anew_as_fineract_publishes_it(since: date) -> None:
    rates = RateHistory.of([(date(2024, 1, 1), Decimal("0.07")), (since, Decimal("0.04"))])
    terms = Terms(lent(("2024-01-01", "100")), rates, date(2024, 2, 1), 6, LEVEL, day_count=DayCount.THIRTY_360)
    found = [f"{each.principal} {each.interest} {each.balance}" for each in schedule(terms)]
    assert found == ["16.43 0.58 83.57", *RATE_CHANGES[since]]


# jdvelasq/cashflows, loan.py: 1,000 over ten quarters at 10 % a year; the payment is worked out anew where the rate
# moves. It rounds what it prints and not what it pays, so each figure is within a penny of ours.
QUARTERS = {
    "10 % throughout": (
        [("1900-01-01", "0.10")],
        ["25.00 89.26", "22.77 91.49", "20.48 93.78", "18.14 96.12", "15.73 98.52"],
        "114.26",
    ),
    "20 % from the fifth quarter on": (
        [("1900-01-01", "0.10"), ("2013-01-01", "0.20")],
        [
            *("25.00 89.26", "22.77 91.49", "20.48 93.78", "18.14 96.12"),
            *("31.47 92.53", "26.84 97.15", "21.98 102.01", "16.88 107.11", "11.53 112.47", "5.90 118.09"),
        ],
        "123.99",
    ),
}


@pytest.mark.parametrize("case", QUARTERS)
def test_quarters_at_a_rate_that_moves_are_as_cashflows_publishes_them(case: str) -> None:
    steps, printed, payment = QUARTERS[case]
    rates = RateHistory.of((date.fromisoformat(on), Decimal(rate)) for on, rate in steps)
    found = schedule(
        Terms(lent(("2012-01-01", "1000")), rates, date(2012, 4, 1), 10, LEVEL, 3, day_count=DayCount.THIRTY_360)
    )
    for each, told in zip(found, printed, strict=False):
        interest, principal = (Money.parse(part) for part in told.split())
        assert abs(each.interest - interest) <= Money(1), each
        assert abs(each.principal - principal) <= Money(1), each
    assert abs(found[4].payment - Money.parse(payment)) <= Money(1)
