"""Day counts: what part of a year lies between two days, exactly, under the conventions a facility letter may name."""

from __future__ import annotations

from calendar import isleap
from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import Final

YEAR_PARTS: Final = 1_603_080
"""A year in parts, the fewest of which 360, 365 and 366 are all divisors: a day of any convention is a whole number."""

_MONTH: Final = 30
_BANKERS_YEAR: Final = 360
_FIXED_YEAR: Final = 365
_LEAP_YEAR: Final = 366
_THIRTY_FIRST: Final = 31


class DayCount(StrEnum):
    """A convention of the 2006 ISDA Definitions, section 4.16; sterling loans run `ACT_365F` unless agreed."""

    ACT_365F = "act/365f"
    """(d): days over 365, in leap years too."""
    ACT_360 = "act/360"
    """(e): days over 360."""
    THIRTY_360 = "30/360"
    """(f), the bond basis: a 31st counts as a 30th, at the end only when the period began on a 30th or 31st."""
    THIRTY_E_360 = "30e/360"
    """(g), the Eurobond basis: a 31st counts as a 30th at either end."""
    ACT_ACT_ISDA = "act/act-isda"
    """(b): days in leap years over 366 and days in other years over 365."""

    @property
    def counts_calendar_days(self) -> bool:
        """Whether every calendar day counts, so that the parts of a period make up the whole of it."""
        return self not in {DayCount.THIRTY_360, DayCount.THIRTY_E_360}

    def days(self, start: date, end: date) -> int:
        """The days of interest from `start` to `end`; the first counts and the last does not.

        Refuses an end before its start.
        """
        if end < start:
            raise ValueError(f"a period cannot end on {end}, before it starts on {start}")
        if self.counts_calendar_days:
            return (end - start).days
        first = min(start.day, _MONTH)
        last = end.day
        if last == _THIRTY_FIRST and (self is DayCount.THIRTY_E_360 or first == _MONTH):
            last = _MONTH
        return (end.year - start.year) * _BANKERS_YEAR + (end.month - start.month) * _MONTH + last - first

    def parts(self, start: date, end: date) -> int:
        """The part of a year from `start` to `end`, in `YEAR_PARTS` of a year: exact, and quickly added up."""
        days = self.days(start, end)
        match self:
            case DayCount.ACT_365F:
                return days * (YEAR_PARTS // _FIXED_YEAR)
            case DayCount.ACT_ACT_ISDA:
                return sum(each * (YEAR_PARTS // length) for each, length in _by_year(start, end))
            case _:
                return days * (YEAR_PARTS // _BANKERS_YEAR)

    def fraction(self, start: date, end: date) -> Fraction:
        """The part of a year from `start` to `end`, exactly."""
        return Fraction(self.parts(start, end), YEAR_PARTS)


def _by_year(start: date, end: date) -> Iterator[tuple[int, int]]:
    """The days of each calendar year in the period, with the length of that year."""
    for year in range(start.year, end.year + 1):
        first = max(start, date(year, 1, 1))
        last = end if year == end.year else date(year + 1, 1, 1)
        yield (last - first).days, _LEAP_YEAR if isleap(year) else _FIXED_YEAR
