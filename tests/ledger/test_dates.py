# ruff: noqa: RUF001 -- the corpora hold characters that only look like digits and signs
from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from ledger.dates import (
    CALENDAR_ENDS,
    CALENDAR_STARTS,
    BadDate,
    FinancialYear,
    Quarter,
    SetClock,
    SystemClock,
    instant_text,
    parse_day,
    parse_instant,
    quarters,
    within_calendar,
)

days = st.dates(CALENDAR_STARTS, CALENDAR_ENDS)
some_quarters = days.map(Quarter.of)

NOT_DAYS: tuple[object, ...] = (
    "",
    "2012",
    "2012-3-1",
    "2012-03",
    "2012-02-30",
    "2011-02-29",
    "2012-13-01",
    "2012-00-10",
    "2012-01-00",
    "20120331",
    "2012-W01-1",
    "2012-091",
    "31/03/2012",
    "31-03-2012",
    "2012/03/31",
    "2012-03-31 ",
    " 2012-03-31",
    "2012-03-31\n",
    "2012-03-31T00:00:00",
    "2012-03-31Z",
    "+2012-03-31",
    "-2012-03-31",
    "12012-03-31",
    "٢٠١٢-٠٣-٣١",
    "2012−03−31",
    "today",
    "NaN",
    "0000-01-01",
    20120331,
    40999,
    1.0,
    None,
    True,
    date(2012, 3, 31),
    b"2012-03-31",
)


@pytest.mark.parametrize("text", NOT_DAYS, ids=lambda text: repr(text)[:24])
def test_what_is_not_a_day_is_refused(text: object) -> None:
    with pytest.raises(BadDate):
        parse_day(text)


@given(days)
def test_a_day_survives_being_written_and_read(day: date) -> None:
    assert parse_day(day.isoformat()) == day


@pytest.mark.parametrize("text", ["2008-11-25", "2100-01-01", "1970-01-01", "0001-01-01", "9999-12-31"])
def test_a_day_outside_the_calendar_is_refused(text: str) -> None:
    with pytest.raises(BadDate, match="outside the bank's calendar"):
        parse_day(text)


def test_the_calendar_includes_both_its_ends() -> None:
    assert within_calendar(CALENDAR_STARTS) == CALENDAR_STARTS
    assert within_calendar(CALENDAR_ENDS) == CALENDAR_ENDS


@given(days)
def test_every_day_lies_in_its_quarter_and_in_no_neighbour(day: date) -> None:
    quarter = Quarter.of(day)
    assert day in quarter
    assert day not in quarter.next
    assert day not in quarter.previous
    assert quarter.starts_on <= day <= quarter.ends_on


@given(some_quarters)
def test_quarters_follow_one_another_without_a_gap(quarter: Quarter) -> None:
    assert quarter.next.previous == quarter == quarter.previous.next
    assert quarter.ends_on + timedelta(days=1) == quarter.next.starts_on
    assert quarter < quarter.next
    assert 90 <= (quarter.ends_on - quarter.starts_on).days + 1 <= 92


@given(some_quarters)
def test_a_quarter_survives_being_written_and_read(quarter: Quarter) -> None:
    if CALENDAR_STARTS <= quarter.ends_on <= CALENDAR_ENDS:
        assert Quarter.parse(str(quarter)) == quarter


@given(some_quarters, some_quarters)
def test_quarters_stand_in_the_order_of_their_days(one: Quarter, other: Quarter) -> None:
    assert (one < other) == (one.starts_on < other.starts_on) == (str(one) < str(other))


@given(some_quarters, st.integers(0, 60))
def test_a_run_of_quarters_has_every_one_once(first: Quarter, more: int) -> None:
    last = first
    for _ in range(more):
        last = last.next
    run = list(quarters(first, last))
    assert len(run) == more + 1
    assert run[0] == first
    assert run[-1] == last
    assert run == sorted(set(run))


def test_a_run_that_ends_before_it_starts_is_empty() -> None:
    assert list(quarters(Quarter(2012, 2), Quarter(2012, 1))) == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2012",
        "2012Q0",
        "2012Q5",
        "2012q4",
        "Q42012",
        "2012 Q4",
        "2012Q4 ",
        "2012Q4\n",
        "2012-Q4",
        "12Q4",
        "２０１２Q4",
        "2008Q3",
        "2100Q1",
        "0000Q1",
        "9999Q4",
        2012,
        None,
        Quarter(2012, 4),
    ],
    ids=lambda text: repr(text)[:24],
)
def test_what_is_not_a_quarter_is_refused(text: object) -> None:
    with pytest.raises(BadDate):
        Quarter.parse(text)


@given(days)
def test_a_financial_year_runs_from_april_to_march(day: date) -> None:
    year = FinancialYear.of(day)
    assert year.starts_on <= day <= year.ends_on
    assert (year.starts_on.month, year.starts_on.day) == (4, 1)
    assert FinancialYear.of(year.ends_on + timedelta(days=1)) == FinancialYear(year.starting + 1)


@given(st.integers(2009, 2098).map(FinancialYear))
def test_a_financial_year_is_read_as_it_is_written(year: FinancialYear) -> None:
    assert FinancialYear.parse(str(year)) == year


@pytest.mark.parametrize("text", ["2011", "2011/13", "2011-12", "11/12", "2011/2012", "0000/01", " 2011/12", None])
def test_a_year_that_is_written_otherwise_is_refused(text: object) -> None:
    with pytest.raises(BadDate):
        FinancialYear.parse(text)


def test_the_last_day_of_march_is_still_the_old_year() -> None:
    assert str(FinancialYear.of(date(2012, 3, 31))) == "2011/12"
    assert str(FinancialYear.of(date(2012, 4, 1))) == "2012/13"
    assert str(FinancialYear(2099)) == "2099/00"


class Filed(BaseModel):
    quarter: Quarter


@given(some_quarters.filter(lambda quarter: quarter.ends_on <= CALENDAR_ENDS))
def test_on_the_wire_a_quarter_is_text(quarter: Quarter) -> None:
    wire = Filed(quarter=quarter).model_dump_json()
    assert wire == f'{{"quarter":"{quarter}"}}'
    assert Filed.model_validate_json(wire).quarter == quarter


def test_on_the_wire_nothing_else_passes_for_a_quarter() -> None:
    with pytest.raises(ValidationError, match="is not a quarter"):
        Filed.model_validate_json('{"quarter": 20124}')


@given(st.datetimes(datetime(2009, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 -- bounds are naive
def test_an_instant_survives_being_written_and_read(instant: datetime) -> None:
    assert parse_instant(instant_text(instant)) == instant


def test_one_instant_has_one_writing() -> None:
    paris = timezone(timedelta(hours=1))
    assert instant_text(datetime(2013, 1, 21, 10, tzinfo=paris)) == "2013-01-21T09:00:00.000000Z"


@pytest.mark.parametrize("text", ["9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00"])
def test_an_instant_that_is_of_no_year_in_utc_is_refused(text: str) -> None:
    with pytest.raises(BadDate, match="is not an instant"):
        parse_instant(text)


@pytest.mark.parametrize("text", ["", "2013-01-21", "2013-01-21T09:00:00", "yesterday", None, 1358758800, 1.5])
def test_an_instant_without_a_zone_is_refused(text: object) -> None:
    with pytest.raises(BadDate):
        parse_instant(text)


def test_a_set_clock_stands_until_it_is_moved() -> None:
    first, second = datetime(2012, 4, 1, tzinfo=UTC), datetime(2012, 4, 2, tzinfo=UTC)
    clock = SetClock(first)
    assert clock.now() == clock.now() == first
    clock.set(second)
    assert clock.now() == second


def test_the_machines_clock_knows_its_zone() -> None:
    assert SystemClock().now().tzinfo is UTC
