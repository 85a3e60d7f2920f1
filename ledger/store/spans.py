"""How balances are kept and found again: the journal cut into spans, time into months and years, and a read into both.

The journal is cut into spans of `cells.SPAN` consecutive entries, every `FAN` spans make one of the level above, and so
on without end. For each full span there is a cell for every account and month it touched, and from the second level on
for every quarter, every year and every four of them. So what is known at a place is a few spans and the entries after
them; what took effect up to a day is some fours of years, some years, quarters and months, and the days of one month.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from functools import lru_cache
from typing import Final, NamedTuple

from ledger.dates import CALENDAR_ENDS, CALENDAR_STARTS

FAN: Final = 8
"""Spans in a span of the level above. It is how the cells lie in the database: to change it is to fold anew."""

_MONTHS: Final = 12
_PERIODS: Final = (1, 3, 12, 48)
"""Months in the periods that have a cell of their own: a month, a quarter, a year and four years."""
_OF_FEW: Final = (1, 12)
"""Those of them that one account is read by: to look for a place in the index is as much as some ten rows there."""
_HALF: Final = 15
"""From the other side it is fewer days to the end of the month."""


class Block(NamedTuple):
    """One span: its level, its number there, and whether what it came to is added or taken away."""

    level: int
    number: int
    sign: int


class Run(NamedTuple):
    """Cells to add up, or to take away: those of one span whose period lies between two, neither included."""

    level: int
    block: int
    after: int
    before: int
    sign: int


class Edge(NamedTuple):
    """Days of one month, to add to the whole months of a window, or to take from them."""

    month: int
    first: date
    last: date
    sign: int


class Window(NamedTuple):
    """Days as periods: the months between two, neither included, put right by the days at the edges."""

    after: int
    before: int
    edges: tuple[Edge, ...]


def blocks(full: int, there: int) -> tuple[Block, ...]:
    """The fewest spans that come to the first so many spans of the lowest level, where there are so many in all."""
    return _blocks(full, there, FAN)


def pieces(start: int, stop: int, there: int) -> tuple[Block, ...]:
    """The spans that come to those of the lowest level from one place up to another, where there are so many in all.

    None begins before the first place: what is nearer from the other side is taken from a longer one only at the end.
    """
    return _pieces(start, stop, there, FAN)


def runs(full: int, there: int, after: int, before: int, *, few: bool = False) -> tuple[Run, ...]:
    """The runs of cells that come to the months between two, over the first `full` spans of the lowest level.

    As few rows as can be for all accounts; for `few` of them rather as few runs.
    """
    return _runs(full, there, after, before, FAN, _OF_FEW if few else _PERIODS)


@lru_cache(maxsize=4096)
def window(since: date | None, until: date | None) -> Window:
    """A span of days, both ends included and open where there is none, the shorter way from a whole month."""
    after, head = (0, ()) if since is None or since <= CALENDAR_STARTS else _from(since)
    before, tail = _to(until or CALENDAR_ENDS)
    return Window(after, before, (*head, *tail))


@lru_cache(maxsize=1024)
def _blocks(full: int, there: int, fan: int) -> tuple[Block, ...]:
    found: list[Block] = []
    level = 0
    while full:
        above, over = divmod(full, fan)
        if over >= fan - over + 1 and above < there // fan:
            found.extend(Block(level, number, -1) for number in range(full, (above + 1) * fan))
            above += 1
        else:
            found.extend(Block(level, number, 1) for number in range(above * fan, full))
        level, full, there = level + 1, above, there // fan
    return tuple(found)


@lru_cache(maxsize=1024)
def _pieces(start: int, stop: int, there: int, fan: int) -> tuple[Block, ...]:
    found: list[Block] = []
    level = 0
    while start < stop:
        begin = -(-start // fan) * fan
        above, over = divmod(stop, fan)
        if over >= fan - over + 1 and above < there // fan and above * fan >= begin:
            found.extend(Block(level, number, -1) for number in range(stop, (above + 1) * fan))
            above += 1
        else:
            found.extend(Block(level, number, 1) for number in range(max(above * fan, start), stop))
        if above * fan > start:
            found.extend(Block(level, number, 1) for number in range(start, min(begin, above * fan)))
        level, start, stop, there = level + 1, begin // fan, above, there // fan
    return tuple(found)


@lru_cache(maxsize=4096)
def _runs(full: int, there: int, after: int, before: int, fan: int, periods: tuple[int, ...]) -> tuple[Run, ...]:
    return tuple(
        Run(level, number, low, high, sign)
        for level, number, sign in _blocks(full, there, fan)
        for low, high in (_longest(after, before, periods) if level else ((after, before),))
    )


@lru_cache(maxsize=4096)
def _longest(after: int, before: int, periods: tuple[int, ...]) -> tuple[tuple[int, int], ...]:
    """The months between two as the longest periods that there are cells of, each as two numbers it lies between."""
    first = _count(after) + 1 if after else _count(_month_of(CALENDAR_STARTS)) // periods[-1] * periods[-1]
    last = _count(before)
    found: list[tuple[int, int]] = []
    for length, longer in zip(periods, (*periods[1:], 0), strict=True):
        begin, end = (-(-first // longer) * longer, last // longer * longer) if longer else (last, last)
        pieces = ((first, begin), (end, last)) if begin < end else ((first, last),)
        found.extend(
            (_number(low, length) - 1, _number(high - length, length) + 1) for low, high in pieces if low < high
        )
        if begin >= end:
            break
        first, last = begin, end
    return tuple(found)


def _number(count: int, length: int) -> int:
    """How a period is numbered that begins with a month: 201203 a month, 20121 a quarter, 2012 a year, 503 four years.

    The numbers of one length never reach into those of another.
    """
    year, month = divmod(count, _MONTHS)
    return {1: year * 100 + month + 1, 3: year * 10 + month // 3 + 1, 12: year, 48: year // 4}[length]


def _count(month: int) -> int:
    """The months before one, since the year nought."""
    return month // 100 * _MONTHS + month % 100 - 1


def _month_of(day: date) -> int:
    return day.year * 100 + day.month


def _from(since: date) -> tuple[int, tuple[Edge, ...]]:
    month = since.year * 100 + since.month
    first = since.replace(day=1)
    if since == first:
        return _step(month, -1), ()
    if since.day <= _HALF:
        return _step(month, -1), (Edge(month, first, since.replace(day=since.day - 1), -1),)
    return month, (Edge(month, since, _end_of(since), 1),)


def _to(until: date) -> tuple[int, tuple[Edge, ...]]:
    month = until.year * 100 + until.month
    end = _end_of(until)
    if until == end:
        return _step(month, 1), ()
    if until.day > _HALF:
        return _step(month, 1), (Edge(month, until.replace(day=until.day + 1), end, -1),)
    return month, (Edge(month, until.replace(day=1), until, 1),)


def _step(month: int, by: int) -> int:
    year, number = divmod(month // 100 * _MONTHS + month % 100 - 1 + by, _MONTHS)
    return year * 100 + number + 1


def _end_of(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])
