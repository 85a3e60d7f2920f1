"""What is posted: a bank's accounts, a book of seeded entries over ten years, and the fold that knows each answer."""

from __future__ import annotations

import random
from array import array
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from typing import Final

from ledger.entries import Entry, Posting
from ledger.money import Money

BOOK: Final = "bank"
STARTS: Final = date(2012, 1, 1)
DAYS: Final = 3_653
"""Ten years."""

HOT: Final = "1000"
"""Cash at bank: one posting in ten is on it."""
WARM: Final = "1010"
"""The collection account: one posting in a hundred."""
COOL: Final = "9120"
"""Guarantees: one posting in a thousand, as on the thousand accounts by the middle."""

_FACILITIES: Final = 249
_PARTS: Final = (("1200", "principal"), ("1210", "accrued interest"), ("4000", "interest"), ("9100", "not yet drawn"))
LEAVES: Final = tuple(f"{code}:fac_{number:04}" for number in range(_FACILITIES) for code, _ in _PARTS)
CODES: Final = (HOT, WARM, COOL, "9199", *LEAVES)
"""The thousand accounts that are posted to."""

_BACK_DATED: Final = 0.05
_BACK_BY: Final = 400


def chance(name: str | int) -> random.Random:
    """A die that falls alike for the same name."""
    return random.Random(name)  # noqa: S311 -- a book to measure on, not a secret


def accounts() -> dict[str, str]:
    """The names of the accounts below those of the chart, by code."""
    return {
        f"{code}:fac_{number:04}": f"Facility {number}: {part}"
        for number in range(_FACILITIES)
        for code, part in _PARTS
    }


def entries(count: int, *, of: int, after: int = 0, seed: int = 7) -> Iterator[Entry]:
    """A span of the long book: `count` entries from a place on, in a book of `of` entries spread over ten years.

    The same place is the same entry, whatever the span it is asked for in. Days follow the places, but for one in
    twenty, which is dated back by up to 400 days.
    """
    for number in range(after, after + count):
        drawn = chance(seed * 1_000_003 + number)
        day = number * DAYS // of
        if drawn.random() < _BACK_DATED:
            day = max(0, day - drawn.randint(1, _BACK_BY))
        yield two_legs(f"k{number:09}", STARTS + timedelta(days=min(day, DAYS - 1)), drawn)


@cache
def act_of(count: int, *, of: int) -> Sequence[Entry]:
    """The first entries of the long book, made once for a run: whoever posts them in one act has them ready."""
    return tuple(entries(count, of=of))


@cache
def oracle_of(count: int, *, of: int) -> Oracle:
    """What those entries come to."""
    oracle = Oracle()
    oracle.note(act_of(count, of=of))
    return oracle


def late_entries(count: int, *, name: str, since: date, until: date) -> list[Entry]:
    """Entries dated anywhere in a span of days, in no order: what is posted long after its day."""
    drawn = chance(name)
    days = (until - since).days
    return [
        two_legs(f"{name}{number:09}", since + timedelta(days=drawn.randint(0, days)), drawn) for number in range(count)
    ]


def plain_entries(count: int, *, name: str, hot: bool | None = None) -> list[Entry]:
    """Entries of the last day for posting one by one; on the hot account always, never, or as it comes."""
    drawn = chance(name)
    made = []
    for number in range(count):
        first = pick(drawn) if hot is None else HOT if hot else drawn.choice(LEAVES)
        made.append(two_legs(f"{name}{number:09}", STARTS + timedelta(days=DAYS - 1), drawn, first))
    return made


def two_legs(key: str, day: date, drawn: random.Random, first: str = "") -> Entry:
    """An entry of two legs, as most are."""
    first = first or pick(drawn)
    other = drawn.choice(LEAVES)
    while other == first:
        other = drawn.choice(LEAVES)
    amount = Money(drawn.randint(1, 5_000_000))
    legs = (Posting(first, amount), Posting(other, -amount))
    return Entry(key, BOOK, day, f"Interest and principal, {day.isoformat()}", legs[:: drawn.choice((1, -1))])


def pick(drawn: random.Random) -> str:
    """An account, the hot ones as often as their share of the book has it."""
    at = drawn.random()
    if at < 0.2:
        return HOT
    if at < 0.22:
        return WARM
    if at < 0.222:
        return COOL
    return drawn.choice(LEAVES)


@dataclass
class Oracle:
    """Every posting, in order of place, and the balances that plain adding up gives."""

    account: array[int] = field(default_factory=lambda: array("l"))
    day: array[int] = field(default_factory=lambda: array("l"))
    seq: array[int] = field(default_factory=lambda: array("l"))
    pence: array[int] = field(default_factory=lambda: array("q"))
    number: dict[str, int] = field(default_factory=dict)
    places: int = 0

    def note(self, posted: Sequence[Entry]) -> None:
        """Add entries that were posted after all before."""
        for place, entry in enumerate(posted, start=self.places + 1):
            day = entry.effective_on.toordinal()
            for leg in entry.postings:
                self.account.append(self.number.setdefault(leg.account, len(self.number)))
                self.day.append(day)
                self.seq.append(place)
                self.pence.append(leg.amount.pence)
        self.places += len(posted)

    def balances(self, as_at: date, known: int) -> dict[str, int]:
        """The balance in pence of every account that has one."""
        sums: defaultdict[int, int] = defaultdict(int)
        upto, day = bisect_right(self.seq, known), as_at.toordinal()
        for account, effective, pence in zip(self.account[:upto], self.day[:upto], self.pence[:upto], strict=True):
            if effective <= day:
                sums[account] += pence
        names = {number: code for code, number in self.number.items()}
        return {names[number]: pence for number, pence in sums.items() if pence}

    def one(self, code: str) -> list[tuple[int, int, int]]:
        """Day, place and pence of every posting on one account."""
        number = self.number[code]
        return [
            (self.day[at], self.seq[at], self.pence[at]) for at, found in enumerate(self.account) if found == number
        ]
