from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise

import pytest
import pyxirr
from hypothesis import example, given
from hypothesis import strategies as st

from ledger.daycounts import DayCount

days = st.dates(date(1990, 1, 1), date(2099, 12, 31))
counts = st.sampled_from(DayCount)
calendar_counts = counts.filter(lambda count: count.counts_calendar_days)


def periods() -> st.SearchStrategy[tuple[date, date]]:
    return st.tuples(days, days).map(lambda pair: (min(pair), max(pair)))


# The actual/actual (ISDA) cases of ISDA's memorandum "EMU and market conventions" (mktc1198), as QuantLib's test suite
# has them: test-suite/daycounters.cpp, testActualActual.
@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2003-11-01", "2004-05-01", "0.497724380567"),
        ("1999-02-01", "1999-07-01", "0.410958904110"),
        ("1999-07-01", "2000-07-01", "1.001377348600"),
        ("2002-08-15", "2003-07-15", "0.915068493151"),
        ("2003-07-15", "2004-01-15", "0.504004790778"),
        ("1999-07-30", "2000-01-30", "0.503892506924"),
        ("2000-01-30", "2000-06-30", "0.415300546448"),
    ],
)
def test_actual_actual_is_as_isda_works_it(start: str, end: str, expected: str) -> None:
    found = DayCount.ACT_ACT_ISDA.fraction(date.fromisoformat(start), date.fromisoformat(end))
    assert abs(found - Fraction(expected)) < Fraction(1, 10**11)


# ISDA's table "30/360 day count conventions" of 22 December 2008, as QuantLib's testThirty360_BondBasis and
# testThirty360_EurobondBasis have it: start, end, days on the bond basis, days on the Eurobond basis.
THIRTY_360 = [
    ("2006-08-20", "2007-02-20", 180, 180),
    ("2007-02-20", "2007-08-20", 180, 180),
    ("2007-08-20", "2008-02-20", 180, 180),
    ("2008-02-20", "2008-08-20", 180, 180),
    ("2008-08-20", "2009-02-20", 180, 180),
    ("2009-02-20", "2009-08-20", 180, 180),
    ("2006-08-31", "2007-02-28", 178, 178),
    ("2007-02-28", "2007-08-31", 183, 182),
    ("2007-08-31", "2008-02-29", 179, 179),
    ("2008-02-29", "2008-08-31", 182, 181),
    ("2008-08-31", "2009-02-28", 178, 178),
    ("2009-02-28", "2009-08-31", 183, 182),
    ("2006-01-31", "2006-02-28", 28, 28),
    ("2006-01-30", "2006-02-28", 28, 28),
    ("2006-02-28", "2006-03-03", 5, 5),
    ("2006-02-14", "2006-02-28", 14, 14),
    ("2006-09-30", "2006-10-31", 30, 30),
    ("2006-10-31", "2006-11-28", 28, 28),
    ("2007-08-31", "2008-02-28", 178, 178),
    ("2008-02-28", "2008-08-28", 180, 180),
    ("2008-02-28", "2008-08-30", 182, 182),
    ("2008-02-28", "2008-08-31", 183, 182),
    ("2007-02-26", "2008-02-28", 362, 362),
    ("2007-02-26", "2008-02-29", 363, 363),
    ("2008-02-29", "2009-02-28", 359, 359),
    ("2008-02-28", "2008-03-30", 32, 32),
    ("2008-02-28", "2008-03-31", 33, 32),
]


@pytest.mark.parametrize(("start", "end", "bond", "eurobond"), THIRTY_360)
def test_thirty_360_is_as_isda_tables_it(start: str, end: str, bond: int, eurobond: int) -> None:
    first, last = date.fromisoformat(start), date.fromisoformat(end)
    assert DayCount.THIRTY_360.days(first, last) == bond
    assert DayCount.THIRTY_E_360.days(first, last) == eurobond
    assert DayCount.THIRTY_360.fraction(first, last) == Fraction(bond, 360)


def test_actual_365_is_fixed_in_a_leap_year_too() -> None:
    assert DayCount.ACT_365F.fraction(date(2012, 1, 1), date(2013, 1, 1)) == Fraction(366, 365)
    assert DayCount.ACT_360.fraction(date(2011, 1, 1), date(2012, 1, 1)) == Fraction(365, 360)


@given(counts, days)
def test_no_time_is_no_part_of_a_year(count: DayCount, day: date) -> None:
    assert count.fraction(day, day) == 0


@given(calendar_counts, st.lists(days, min_size=2, max_size=6))
def test_the_parts_of_a_period_make_up_the_whole(count: DayCount, cuts: list[date]) -> None:
    cuts.sort()
    parts = sum(count.fraction(start, end) for start, end in pairwise(cuts))
    assert parts == count.fraction(cuts[0], cuts[-1])


@given(counts, periods(), st.integers(0, 400))
def test_time_never_runs_backwards(count: DayCount, period: tuple[date, date], later: int) -> None:
    start, end = period
    assert 0 <= count.fraction(start, end) <= count.fraction(start, end + timedelta(days=later))


@given(periods())
def test_all_counts_say_much_the_same(period: tuple[date, date]) -> None:
    start, end = period
    years = Fraction((end - start).days, 365)
    for count in DayCount:
        assert abs(count.fraction(start, end) - years) <= years / 50 + Fraction(4, 360)


@given(st.integers(1990, 2098), st.integers(1, 12), st.integers(1, 28), st.integers(0, 600))
def test_whole_months_count_thirty_days_each(year: int, month: int, day: int, months: int) -> None:
    start = date(year, month, day)
    end = date(year + (month - 1 + months) // 12, (month - 1 + months) % 12 + 1, day)
    assert DayCount.THIRTY_360.days(start, end) == DayCount.THIRTY_E_360.days(start, end) == 30 * months


@pytest.mark.parametrize("count", DayCount)
def test_a_period_that_ends_before_it_starts_is_refused(count: DayCount) -> None:
    with pytest.raises(ValueError, match="cannot end"):
        count.days(date(2012, 1, 2), date(2012, 1, 1))


# The same conventions by another hand: the library pyxirr has day counts of its own, in binary floating point.
ANOTHERS = {
    DayCount.ACT_365F: pyxirr.DayCount.ACT_365F,
    DayCount.ACT_360: pyxirr.DayCount.ACT_360,
    DayCount.THIRTY_360: pyxirr.DayCount.THIRTY_360_ISDA,
    DayCount.THIRTY_E_360: pyxirr.DayCount.THIRTY_E_360,
    DayCount.ACT_ACT_ISDA: pyxirr.DayCount.ACT_ACT_ISDA,
}


@given(counts, periods())
@example(DayCount.THIRTY_360, (date(2011, 8, 31), date(2012, 2, 29)))
@example(DayCount.THIRTY_E_360, (date(2007, 2, 28), date(2008, 2, 29)))
def test_another_hand_counts_the_same(count: DayCount, period: tuple[date, date]) -> None:
    theirs = pyxirr.year_fraction(*period, ANOTHERS[count])
    assert abs(count.fraction(*period) - Fraction(theirs)) < Fraction(1, 10**9)
