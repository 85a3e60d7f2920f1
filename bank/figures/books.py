"""Folds over the postings of one moment: what an account came to by a day, what went through it, and by which entries.

The postings are read once, and every figure of a statement is added up from them here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import pairwise
from typing import Final, NamedTuple

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
    what does not count; `leave_out` names last parts of accounts that do not.
    """

    book: str
    accounts: tuple[str, ...]
    sign: int = 1
    kinds: frozenset[str] = frozenset()
    but: frozenset[str] = frozenset()
    leave_out: frozenset[str] = frozenset()

    def takes(self, leg: Leg) -> bool:
        """Whether a posting of the right book is among those meant."""
        return (
            any(within(code, leg.account) for code in self.accounts)
            and (not self.kinds or leg.kind in self.kinds)
            and leg.kind not in self.but
            and leg.account.rpartition(":")[2] not in self.leave_out
        )

    def below(self, *parts: str) -> Selection:
        """The same for one sub-account of each account: one facility's part of a figure."""
        accounts = tuple(":".join((code, *parts)) for code in self.accounts)
        return Selection(self.book, accounts, self.sign, self.kinds, self.but, self.leave_out)


class Net(NamedTuple):
    """What one entry does to a selection, its legs there taken together; positive where it counts up."""

    seq: int
    effective_on: date
    amount: Money


@dataclass(frozen=True, slots=True)
class Strand:
    """The entries behind one selection, in the journal's order; an entry that leaves it as it was is not among them."""

    nets: tuple[Net, ...]

    def upto(self, day: date) -> Money:
        """What they come to by a day, inclusive."""
        return Money.total(net.amount for net in self.nets if net.effective_on <= day)

    def moved(self, since: date, until: date) -> tuple[Money, Money]:
        """What counted up and what counted down in a span of days, both ends included; both as positive sums."""
        within_span = [net.amount for net in self.nets if since <= net.effective_on <= until]
        return (
            Money.total(amount for amount in within_span if amount > NOTHING),
            -Money.total(amount for amount in within_span if amount < NOTHING),
        )

    def seqs(self, until: date) -> list[int]:
        """The places of the entries that count by a day."""
        return [net.seq for net in self.nets if net.effective_on <= until]


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
            found = self._found[selection] = Strand(tuple(_netted(self._taken(selection), selection.sign)))
        return found

    def _taken(self, selection: Selection) -> Iterable[Leg]:
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


def _netted(legs: Iterable[Leg], sign: int) -> Iterable[Net]:
    pence: defaultdict[tuple[int, date], int] = defaultdict(int)
    for leg in legs:
        pence[leg.seq, leg.effective_on] += leg.amount.pence
    for (seq, day), debits in sorted(pence.items()):
        if debits:
            yield Net(seq, day, Money(debits * sign))


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
