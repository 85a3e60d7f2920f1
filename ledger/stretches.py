"""The journal checked in stretches: each by itself, by whoever has a look at the same rows, and told in one answer.

A stretch is judged as if all before it held. Whoever puts the answers together in order takes the first fault, and sees
to what no stretch can tell by itself: the log over all seals, the marks, the quarters, what is undone twice.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import closing
from functools import cache
from itertools import pairwise
from typing import Any, Final, NamedTuple

from ledger.replay import NEVER, Chart, Replay
from ledger.store import scan
from ledger.store.database import ReadSession
from ledger.store.scan import Span

STRETCH = 8_192
"""Entries in a stretch: a tenth of a second's work, and some ten megabytes of rows."""

_LAST: Final = (2**63,)
"""A row beyond all rows."""

Fault = tuple[int | None, str]
"""The place of the first entry that does not hold, where it can be told, and why it does not."""


class Task(NamedTuple):
    """A stretch to check, and the end of the last quarter that was closed for good before it; empty while none was."""

    span: Span
    closed_to: str


class Found(NamedTuple):
    """What a stretch came to: its entries up to `size` hold; after them the first fault, or what is of no entry.

    `seals`, `instants`, `reversals` and `nets` are those of `ledger.replay.Replay`, of the entries that hold.
    """

    after: int
    size: int
    seals: bytes
    instants: list[tuple[int, str]]
    reversals: list[tuple[int, int]]
    nets: dict[str, dict[Any, int]]
    fault: Fault | None
    stray: Any


def tasks(count: int, events: Sequence[scan.Row]) -> list[Task]:
    """How a journal of so many entries is cut: evenly, and wherever a quarter's event was recorded.

    A quarter's event tells of all entries before it, and of which quarters those after it may not touch. An event that
    is not in its order is never come to: it is a fault, and so is no matter here.
    """
    closed = {0: ""}
    before = 0
    for _, _, ends_on, state, _, _, place, *_ in events:
        if type(place) is not int or place < before:
            break
        before, latest = place, closed[before]
        closed[place] = max(latest, ends_on) if state == "closed" and isinstance(ends_on, str) else latest
    cuts = sorted({*range(STRETCH, count, STRETCH), *(place for place in closed if 0 < place < count)})
    found, closed_to = [], closed[0]
    for after, upto in pairwise([None, *cuts, None]):
        closed_to = closed.get(after or 0, closed_to)
        found.append(Task(Span(after, upto), closed_to))
    return found


def check(session: ReadSession, chart: Chart, task: Task) -> Found:
    """Read a stretch again, to its first fault."""
    span, strays = task.span, list[scan.Row]()
    replay, fault = Replay(chart, after=span.after or 0), None
    try:
        begins = NEVER if span.after is None else scan.recorded_at(session, span.after)
        replay = Replay(chart, after=span.after or 0, recorded_at=begins, closed_to=task.closed_to)
        fault = _first_fault(session, chart, replay, span, strays)
    except scan.Unreadable as problem:
        fault = replay.size + 1, f"the database cannot be read from here on: {problem}"
    except TypeError:
        fault = replay.size + 1, "a place here is no number"
    stray = strays[0][0] if strays else None
    nets = {quarter: dict(nets) for quarter, nets in replay.nets.items()}
    after = span.after or 0
    return Found(after, replay.size, bytes(replay.seals), replay.instants, replay.reversals, nets, fault, stray)


def told(chart: Chart, place: int, key: Any, book: Any, fault: str) -> Fault:
    """The fault of an entry, with what it is known by."""
    return place, f"entry {place} ({key!r:.80} in the book {chart.codes.get(book, '?')}): {fault}"


def _first_fault(
    session: ReadSession, chart: Chart, replay: Replay, span: Span, strays: list[scan.Row]
) -> Fault | None:
    with closing(_paired(session, span, strays)) as pairs:
        for row, legs in pairs:
            place = row[0]
            if place != replay.size + 1:
                if place <= replay.size:
                    return place, f"two entries stand at place {place}"
                return replay.size + 1, f"place {replay.size + 1} is empty: the entry that stood there is missing"
            fault = replay.take(row, legs)
            if fault:
                if isinstance(legs, str):
                    fault = replay.take(row, scan.postings_of(session, place)) or fault
                return told(chart, place, row[3], row[2], fault)
    if span.upto is not None and replay.size != span.upto:
        return replay.size + 1, f"place {replay.size + 1} is empty: the entry that stood there is missing"
    return None


def _paired(
    session: ReadSession, span: Span, strays: list[scan.Row]
) -> Generator[tuple[scan.Row, list[scan.Row] | str]]:
    """Every entry with the postings that say they are its; what belongs nowhere is put aside."""
    by_server = session.connection().dialect.name != scan.SQLITE
    postings = scan.legs(session, span) if by_server else scan.postings(session, span)
    posting: scan.Row = next(postings, _LAST)
    for row in scan.entries(session, span):
        place, legs = row[0], list[scan.Row]()
        while posting[0] <= place:
            (legs if posting[0] == place else strays).append(posting)
            posting = next(postings, _LAST)
        if place < 1:
            strays.append(row)
        elif by_server and legs:
            ((_, numbers, as_text, repeats),) = legs
            yield row, as_text if repeats and _all_told(row[12], numbers, as_text) else scan.postings_of(session, place)
        else:
            yield row, legs
    if posting is not _LAST:
        strays.append(posting)


def _all_told(declared: Any, numbers: Any, as_text: Any) -> bool:
    """Whether legs put together are as many as their header declares, numbered from one.

    What has no value is left out where things are put together: a text is never held to itself.
    """
    return (
        isinstance(as_text, str)
        and as_text.count(",") + 1 == declared
        and isinstance(numbers, str)
        and numbers.count(",") + 1 == declared
        and numbers == _numbers(numbers.count(",") + 1)
    )


@cache
def _numbers(legs: int) -> str:
    """The numbers of so many legs, as the server tells them."""
    return ",".join(map(str, range(1, legs + 1)))
