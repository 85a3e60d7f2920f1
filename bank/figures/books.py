"""Folds over the postings of one moment: what an account came to by a day, what went through it, and by which entries.

The postings are read once, and every figure of a statement is added up from them here.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from itertools import accumulate, pairwise
from typing import Final

from ledger.balances import within
from ledger.money import NOTHING, Money
from ledger.store.legs import Leg

PARTNERS: Final = "every memorandum book"
"""Stands for the books of all intermediaries together."""

MOST_RUNS: Final = 60
"""Runs of entries named behind one figure: beyond it, the runs that lie nearest together are named as one."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Which postings make a figure: a book, accounts with all below them, and what was done.

    `sign` is 1 where a debit counts up and -1 where a credit does. `kinds` empty means whatever was done; `but` names
    what does not count. With `one_way`, only what counts up is meant, and what takes that back: money that went out
    without the money that came home.
    """

    book: str
    accounts: tuple[str, ...]
    sign: int = 1
    kinds: frozenset[str] = frozenset()
    but: frozenset[str] = frozenset()
    one_way: bool = False

    def takes(self, leg: Leg) -> bool:
        """Whether a posting of the right book is among those meant."""
        return (
            any(within(code, leg.account) for code in self.accounts)
            and (not self.kinds or leg.kind in self.kinds)
            and leg.kind not in self.but
            and (not self.one_way or self.counts_up(leg))
        )

    def counts_up(self, leg: Leg) -> bool:
        """Whether a posting is on the side that counts up; one that undoes another is on that other's side."""
        return ((leg.amount > NOTHING) != leg.undoes) == (self.sign > 0)

    def below(self, *parts: str) -> Selection:
        """The same for one sub-account of each account: one facility's part of a figure."""
        return replace(self, accounts=tuple(":".join((code, *parts)) for code in self.accounts))


OUR_PRINCIPAL: Final = Selection(PARTNERS, ("1300",))
"""What borrowers owe of the bank's money, loan by loan."""
THEIR_PRINCIPAL: Final = Selection(PARTNERS, ("1390",))
"""What they owe of co-investors' money in the same loans."""


class Strand:
    """The entries behind one selection, by their days: what each does to it, on the side that counts up or the other.

    Kept as plain numbers, in pence and as running totals: to ask for a day is to look for it, however many there are.
    """

    __slots__ = ("_days", "_places", "_sides")

    def __init__(self, does: Mapping[tuple[date, int, bool], int]) -> None:
        """`does` is what an entry of a day and a place comes to on either side, positive where it counts up."""
        moved = sorted((day.toordinal(), seq, up, pence) for (day, seq, up), pence in does.items() if pence)
        self._days = array("l", [day for day, *_ in moved])
        self._places = array("q", [seq for _, seq, *_ in moved])
        self._sides = tuple(
            array("q", accumulate((pence if side is up else 0 for *_, side, pence in moved), initial=0))
            for up in (False, True)
        )

    @property
    def days(self) -> Iterator[date]:
        """The days on which anything moved, each as often as it did, in order."""
        return map(date.fromordinal, self._days)

    def upto(self, day: date) -> Money:
        """What they come to by a day, inclusive."""
        there = self._there(day)
        return Money(sum(side[there] for side in self._sides))

    def moved(self, since: date, until: date) -> tuple[Money, Money]:
        """What went in and what went out in a span of days, both ends included; both as positive sums.

        A correction takes back on its own side; only where that leaves less than nothing does it count on the other.
        """
        first = bisect_left(self._days, since.toordinal())
        last = max(self._there(until), first)
        down, up = (Money(side[last] - side[first]) for side in self._sides)
        added, taken = up, -down
        return max(added, NOTHING) - min(taken, NOTHING), max(taken, NOTHING) - min(added, NOTHING)

    def seqs(self, until: date) -> list[int]:
        """The places of the entries that count by a day, each once."""
        return sorted(set(self._places[: self._there(until)]))

    def _there(self, day: date) -> int:
        return bisect_right(self._days, day.toordinal())


class Books:
    """All postings known at one moment, ready to be asked many things."""

    def __init__(self, legs: Sequence[Leg], partners: Iterable[str]) -> None:
        self.legs = legs
        self.partners = tuple(sorted(partners))
        self._found: dict[Selection, Strand] = {}

    @cached_property
    def _by_head(self) -> dict[tuple[str, str], list[Leg]]:
        """By book and the account's first part, so that a selection looks only where it can find something."""
        heads: defaultdict[tuple[str, str], list[Leg]] = defaultdict(list)
        for leg in self.legs:
            heads[leg.book, leg.account.partition(":")[0]].append(leg)
        return heads

    def strand(self, selection: Selection) -> Strand:
        """The entries of a selection."""
        found = self._found.get(selection)
        if found is None:
            found = self._found[selection] = Strand(_does(self.taken(selection), selection))
        return found

    def taken(self, selection: Selection) -> Iterator[Leg]:
        """The postings of a selection themselves, of whatever day."""
        books = self.partners if selection.book == PARTNERS else (selection.book,)
        heads = dict.fromkeys(code.partition(":")[0] for code in selection.accounts)
        for book in books:
            for head in heads:
                yield from filter(selection.takes, self._by_head.get((book, head), ()))

    def balance(self, selection: Selection, day: date) -> Money:
        """What a selection comes to by a day."""
        return self.strand(selection).upto(day)

    def pairs(self) -> int:
        """How many linked pairs the journal holds."""
        return len({leg.pair for leg in self.legs if leg.pair})


def _does(legs: Iterable[Leg], selection: Selection) -> Mapping[tuple[date, int, bool], int]:
    found: defaultdict[tuple[date, int, bool], int] = defaultdict(int)
    for leg in legs:
        found[leg.effective_on, leg.seq, selection.counts_up(leg)] += leg.amount.pence * selection.sign
    return found


def runs(seqs: Sequence[int], most: int = MOST_RUNS) -> tuple[tuple[int, int], ...]:
    """Places in ascending order as first and last of each unbroken run, at most so many.

    Beyond that the smallest gaps are closed, so a run may then hold entries of other figures; the count of entries
    that goes with the runs is always exact.
    """
    if not seqs:
        return ()
    gaps = sorted(
        (later - earlier, place) for place, (earlier, later) in enumerate(pairwise(seqs)) if later - earlier > 1
    )
    cuts = sorted(place for _, place in gaps[max(0, len(gaps) - most + 1) :])
    starts = [0, *(place + 1 for place in cuts)]
    ends = [*cuts, len(seqs) - 1]
    return tuple((seqs[start], seqs[end]) for start, end in zip(starts, ends, strict=True))
