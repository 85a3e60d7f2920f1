"""How time between two days is counted where interest is earned: by a day count alone, or over a schedule's periods."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from itertools import accumulate, pairwise
from typing import Final, Protocol

from dateutil.relativedelta import relativedelta

from ledger.daycounts import DayCount

_ABOUT_A_MONTH: Final = relativedelta(months=1, days=15)
"""Longer than any month, wherever its days are moved to when banks do not work, and shorter than any two."""


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
    last of the periods, and before the first, days are counted from there as ISDA defines: so are those of a first
    stub of another length than a part of one month, each to the due day that ends it.
    """

    count: DayCount
    edges: tuple[date, ...]
    """The days on which the periods begin and end, in order."""
    cut: tuple[tuple[date, date], ...] = ()
    """The edges at which a period was cut short by other terms, each with the day on which it would have ended.

    That day is the edge itself where the periods were over, and days were counted from the last of them.
    """
    stub_ends: date | None = None
    """The day to which days before the first edge are counted: the edge itself, unless other terms cut the stub."""
    _before: tuple[int | Fraction, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        wholes = (self._whole(*period) for period in pairwise(self.edges))
        object.__setattr__(self, "_before", tuple(accumulate(wholes, initial=Fraction(0))))

    def _whole(self, began: date, ends: date) -> int | Fraction:
        """What a period counts; of one that was cut short, its part of what it would have counted."""
        meant = dict(self.cut).get(ends)
        if meant is None:
            return self.count.parts(began, ends)
        return self.count.parts(began, meant) * Fraction((ends - began).days, (meant - began).days)

    def parts(self, start: date, end: date) -> Fraction:
        """As `Counting` says."""
        return self._at(end) - self._at(start)

    def _at(self, day: date) -> Fraction:
        first, last = self.edges[0], self.edges[-1]
        if day < first:
            ends = self.stub_ends or first
            return Fraction(self.count.parts(first, ends) - self.count.parts(day, ends))
        if day >= last:
            return Fraction(self._before[-1] + self.count.parts(last, day))
        place = bisect_right(self.edges, day) - 1
        began, ends = self.edges[place], self.edges[place + 1]
        if (ends, ends) in self.cut:
            return Fraction(self._before[place] + self.count.parts(began, day))
        whole = self._before[place + 1] - self._before[place]
        return self._before[place] + whole * Fraction((day - began).days, (ends - began).days)


class Dues(Protocol):
    """The due days of terms that stand until others follow."""

    @property
    def days(self) -> Sequence[date]:
        """All of them, in order."""
        ...

    @property
    def until(self) -> date:
        """The last day that is theirs."""
        ...

    @property
    def earlier(self) -> Callable[[int], Iterable[date]]:
        """So many days on which periods would have ended before the first due day, the latest first."""
        ...


def counting(count: DayCount, lent_on: date, told: Sequence[Dues]) -> Counting:
    """How interest is counted on money first lent on a day and due on others, by terms that follow one another.

    Where every calendar day counts, that is the day count itself. The money may be lent within any period before the
    first due day. A single due day has a single period, from the day of lending. Terms that move the next due day cut
    the period short that they come in: what was earned before them stays what it was.
    """
    if count.counts_calendar_days or not any(each.days for each in told):
        return count
    edges: list[date] = []
    cut: list[tuple[date, date]] = []
    ends = [sorted(each.days) for each in told]
    ends[0] = _begun(told[0], lent_on)
    for place, (each, own) in enumerate(zip(told, ends, strict=True)):
        edges += [day for day in own if day <= each.until]
        following = ends[place + 1][:1] if place + 1 < len(ends) else []
        meant = next((day for day in own if day > each.until), each.until)
        if following and lent_on < each.until and each.until not in edges and meant not in following:
            edges.append(each.until)
            cut.append((each.until, meant))
    return Periods(count, tuple(sorted(set(edges))), tuple(cut), _stub(told[0], ends[0]))


def _stub(first: Dues, begun: Sequence[date]) -> date | None:
    """The due day that ends a first stub which is counted by its dates, where there is one."""
    due = min(first.days, default=None)
    return due if due == begun[0] else None


def _begun(first: Dues, lent_on: date) -> list[date]:
    """The due days of the first terms, after those on which periods would have ended since the money was lent.

    Money lent on one of these days begins a period, and money lent within a month before the first due day is lent for
    a part of that month. Any other stub is no part of a period, but counts by its own dates: then there are the due
    days alone.
    """
    days = sorted(first.days)
    if len(days) == 1:
        return [min(lent_on, days[0]), *(day for day in days if day > lent_on)]
    before: list[date] = []
    asked = 1
    while days and min([*before, days[0]]) > lent_on:
        before = [day for day in first.earlier(asked) if day < days[0]]
        asked *= 2
    begun = max((day for day in before if day <= lent_on), default=lent_on)
    part_of_a_month = begun == max(before, default=lent_on) and begun + _ABOUT_A_MONTH > days[0]
    return sorted({*before, *days}) if begun == lent_on or part_of_a_month else days
