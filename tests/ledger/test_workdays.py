from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.workdays import (
    Nation,
    OutsideHolidays,
    Roll,
    is_workday,
    last_workday,
    payment_days,
    rolled,
    workdays_on,
)

days = st.dates(date(2008, 1, 1), date(2060, 12, 31))
nations = st.sampled_from(Nation)
E, W, S, N = Nation.ENGLAND, Nation.WALES, Nation.SCOTLAND, Nation.NORTHERN_IRELAND


# Bank holidays as gov.uk publishes them, the once-only ones with their occasions.
@pytest.mark.parametrize(
    ("day", "nations_at_rest"),
    [
        ("2011-04-22", {E, W, S, N}),  # Good Friday
        ("2011-04-25", {E, W, N}),  # Easter Monday, which Scotland's banks keep as no bank holiday
        ("2011-04-29", {E, W, S, N}),  # the royal wedding
        ("2012-06-04", {E, W, S, N}),  # Spring bank holiday, moved for the jubilee
        ("2012-06-05", {E, W, S, N}),  # the Diamond Jubilee
        ("2012-03-19", {N}),  # St Patrick's day, in lieu
        ("2011-07-12", {N}),  # Battle of the Boyne
        ("2011-08-01", {S}),  # Summer bank holiday in Scotland
        ("2011-08-29", {E, W, N}),  # Summer bank holiday elsewhere
        ("2012-11-30", {S}),  # St Andrew's day
        ("2013-01-02", {S}),
        ("2020-05-08", {E, W, S, N}),  # Early May, moved for VE day
        ("2020-05-04", set()),
        ("2022-09-19", {E, W, S, N}),  # the funeral of Elizabeth II
        ("2023-05-08", {E, W, S, N}),  # the coronation
        ("2021-12-28", {E, W, S, N}),  # Boxing day, in lieu
        ("2012-05-28", set()),
    ],
)
def test_bank_holidays_are_those_of_the_nation(day: str, nations_at_rest: set[Nation]) -> None:
    assert {nation for nation in Nation if not is_workday(date.fromisoformat(day), nation)} == nations_at_rest


def test_april_2011_ends_on_the_day_before_the_royal_wedding() -> None:
    # The 30th was a Saturday and the 29th a holiday.
    assert last_workday(date(2011, 4, 1)) == date(2011, 4, 28)
    assert rolled(date(2011, 4, 30), Roll.MODIFIED_FOLLOWING) == date(2011, 4, 28)
    assert rolled(date(2011, 4, 30), Roll.PRECEDING) == date(2011, 4, 28)
    assert rolled(date(2011, 4, 30), Roll.FOLLOWING) == date(2011, 5, 3)
    assert rolled(date(2011, 4, 30), Roll.FOLLOWING, Nation.SCOTLAND) == date(2011, 5, 3)
    assert rolled(date(2011, 4, 30), Roll.NONE) == date(2011, 4, 30)


def test_payments_at_the_end_of_the_month_stay_there() -> None:
    found = payment_days(date(2011, 2, 28), 1, 4, Roll.MODIFIED_FOLLOWING, end_of_month=True)
    assert [str(day) for day in found] == ["2011-02-28", "2011-03-31", "2011-04-28", "2011-05-31"]
    unmoved = payment_days(date(2011, 2, 28), 1, 4, Roll.NONE, end_of_month=True)
    assert [str(day) for day in unmoved] == ["2011-02-28", "2011-03-31", "2011-04-30", "2011-05-31"]


def test_payments_keep_their_day_unless_the_month_is_too_short() -> None:
    found = payment_days(date(2012, 1, 31), 1, 4, Roll.FOLLOWING)
    assert [str(day) for day in found] == ["2012-01-31", "2012-02-29", "2012-04-02", "2012-04-30"]
    mid = payment_days(date(2011, 3, 29), 1, 3, Roll.MODIFIED_FOLLOWING, end_of_month=True)
    assert [str(day) for day in mid] == ["2011-03-29", "2011-04-28", "2011-05-31"]


def test_working_days_are_counted_over_holidays() -> None:
    assert workdays_on(date(2011, 4, 21), 1) == date(2011, 4, 26)
    assert workdays_on(date(2011, 4, 21), 4) == date(2011, 5, 3)
    assert workdays_on(date(2011, 5, 3), -4) == date(2011, 4, 21)
    assert workdays_on(date(2011, 4, 23), 0) == date(2011, 4, 23)


@pytest.mark.parametrize("year", [1871, 2200])
def test_a_year_of_which_no_holidays_are_known_is_refused(year: int) -> None:
    with pytest.raises(OutsideHolidays, match=str(year)):
        is_workday(next(day for n in range(1, 8) if (day := date(year, 6, n)).weekday() == 0))


@given(days, nations)
def test_a_rolled_day_is_the_nearest_on_its_side(day: date, nation: Nation) -> None:
    after, before = rolled(day, Roll.FOLLOWING, nation), rolled(day, Roll.PRECEDING, nation)
    assert before <= day <= after
    assert is_workday(before, nation)
    assert is_workday(after, nation)
    between = [before + timedelta(days=n) for n in range(1, (after - before).days)]
    assert not any(is_workday(each, nation) for each in between)
    modified = rolled(day, Roll.MODIFIED_FOLLOWING, nation)
    assert modified.month == day.month
    assert modified in {before, after}


@given(days, st.integers(-60, 60), nations)
def test_working_days_counted_there_and_back_come_home(day: date, count: int, nation: Nation) -> None:
    start = rolled(day, Roll.FOLLOWING, nation)
    assert workdays_on(workdays_on(start, count, nation), -count, nation) == start


@given(days, st.integers(1, 12), st.sampled_from(Roll), nations, st.booleans())
def test_payment_days_come_in_order(day: date, months: int, roll: Roll, nation: Nation, at_end: bool) -> None:
    found = payment_days(day, months, 8, roll, nation, end_of_month=at_end)
    assert all(one < other for one, other in pairwise(found))
    assert roll is Roll.NONE or all(is_workday(each, nation) for each in found)
