"""How time between two days is counted where interest is earned: by a day count alone, or over a schedule's periods."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from itertools import accumulate, pairwise
from typing import Protocol

from ledger.daycounts import DayCount


class Counting(Protocol):
    """Something that says what part of a year lies between two days."""

    def parts(self, start: date, end: date) -> int | Fraction:
        """The part of a year from `start` (which counts) to `end` (which does not), in `YEAR_PARTS` of a year."""
        ...


@dataclass(frozen=True, slots=True)
class Periods:
    """A 30/360 count over the periods of a schedule: any stretch is the sum of its parts.

    A whole period is counted as ISDA defines; a part of one is the whole one's fraction in proportion to its calendar
    days, which is how lending systems count a broken month (Apache Fineract, LoanScheduleGeneratorTest). Beyond the
    last of the periods, and before the first, days are counted from there as ISDA defines.
    """

    count: DayCount
    edges: tuple[date, ...]
    """The days on which the periods begin and end, in order."""
    _before: tuple[int, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        whole = (self.count.parts(*period) for period in pairwise(self.edges))
        object.__setattr__(self, "_before", tuple(accumulate(whole, initial=0)))

    def parts(self, start: date, end: date) -> Fraction:
        """As `Counting` says."""
        return self._at(end) - self._at(start)

    def _at(self, day: date) -> Fraction:
        first, last = self.edges[0], self.edges[-1]
        if day < first:
            return Fraction(-self.count.parts(day, first))
        if day >= last:
            return Fraction(self._before[-1] + self.count.parts(last, day))
        place = bisect_right(self.edges, day) - 1
        began, ends = self.edges[place], self.edges[place + 1]
        whole = self._before[place + 1] - self._before[place]
        return self._before[place] + whole * Fraction((day - began).days, (ends - began).days)


def counting(
    count: DayCount, lent_on: date, dues: Sequence[date], earlier: Callable[[int], Iterable[date]]
) -> Counting:
    """How interest is counted on money first lent on a day and due on others, which follow one another.

    Where every calendar day counts, that is the day count itself. `earlier` gives so many days on which periods would
    have ended before the first due day, the latest first: the money may be lent within any of them. A single due day
    has a single period, from the day of lending.
    """
    if count.counts_calendar_days or not dues:
        return count
    edges = list(dues)
    if len(edges) == 1 and lent_on < edges[0]:
        edges.insert(0, lent_on)
    asked = 1
    while edges[0] > lent_on:
        edges = sorted({*dues, *earlier(asked)})
        asked *= 2
    return Periods(count, tuple(edges))
