"""When a gilt pays its coupons, and how far one day lies from another when time is counted in their periods."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import lru_cache
from typing import Final

from ledger.daycounts import DayCount
from ledger.workdays import due_dates

A_YEAR: Final = (0, 1, 2, 4, 12)
"""How often coupons may come in a year, each period being whole months; British Government stock pays twice."""

_MONTHS: Final = 12


@dataclass(frozen=True, slots=True)
class Coupons:
    """The coupons of a gilt, on days counted back from its redemption, the last of them with it.

    Each earns an equal part of the year's interest, evenly over the days of its own period, whatever their number
    (United Kingdom Debt Management Office, Formulae for Calculating Gilt Prices from Yields, section three).
    """

    a_year: int
    placed_on: date
    matures_on: date
    count: DayCount

    @property
    def days(self) -> tuple[date, ...]:
        """The days of the coupons, from the last on or before the placement to the redemption."""
        return _days(self.a_year, self.placed_on, self.matures_on)

    def at(self, day: date) -> Fraction:
        """How many periods lie between the first of `days` and a day, to the redemption and no further."""
        days = self.days
        place = bisect_right(days, day) - 1
        if place >= len(days) - 1:
            return Fraction(len(days) - 1)
        begins, ends = days[place], days[place + 1]
        return place + Fraction(self.count.parts(begins, day), self.count.parts(begins, ends))

    def years(self, since: date, until: date) -> Fraction:
        """The part of a year's interest that is earned from one day to another."""
        return (self.at(until) - self.at(since)) / self.a_year


@lru_cache(maxsize=256)
def _days(a_year: int, placed_on: date, matures_on: date) -> tuple[date, ...]:
    most = (matures_on.year - placed_on.year + 1) * a_year + 1
    back = due_dates(matures_on, -_MONTHS // a_year, most)
    first = next(place for place, day in enumerate(back) if day <= placed_on)
    return tuple(reversed(back[: first + 1]))
