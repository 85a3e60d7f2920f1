"""What a demonstration is made of: acts, each at its own instant, done by somebody of the cast in one database."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from typing import Final

from ledger.dates import Quarter, SetClock
from ledger.store.database import Database
from ledger.store.work import Actor, Desk

OPENS_ON: Final = date(2011, 3, 28)
"""The day on which the reclaim fund began to operate: the books of the demonstration open with it."""

_BETWEEN: Final = timedelta(minutes=1)


@dataclass(slots=True)
class Stage:
    """Where everything happens: the database, its clock, who is who, and what the story's names are called in it."""

    database: Database
    clock: SetClock
    actors: dict[str, Actor] = field(default_factory=dict)
    partners: dict[str, str] = field(default_factory=dict)
    facilities: dict[str, str] = field(default_factory=dict)
    enquiries: dict[str, str] = field(default_factory=dict)
    placements: dict[int, str] = field(default_factory=dict)
    notices: dict[int, str] = field(default_factory=dict)
    refused: str = ""
    """What a hard limit said when it refused."""
    no_dividend: str = ""
    """What was said to a dividend that was not allowed."""
    filed: dict[tuple[str, Quarter, int], str] = field(default_factory=dict)

    def desk(self, who: str) -> Desk:
        """The desk of somebody of the cast."""
        return Desk(self.database, self.actors[who])


@dataclass(frozen=True, slots=True)
class Act:
    """One thing done on a day. Acts of a day follow each other by hour, and within an hour as they are listed."""

    on: date
    hour: int
    what: str
    do: Callable[[Stage], object]
    closes: Quarter | None = None
    """The quarter that this closes for good."""


def in_order(acts: Iterable[Act]) -> Iterator[tuple[datetime, Act]]:
    """Every act with its own instant, a minute after the one before it in the same hour."""
    ordered = sorted(acts, key=lambda act: (act.on, act.hour))
    for (on, hour), together in groupby(ordered, key=lambda act: (act.on, act.hour)):
        begins = datetime.combine(on, time(hour), UTC)
        for place, act in enumerate(together):
            yield begins + place * _BETWEEN, act
