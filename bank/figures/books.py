"""Folds over the postings of one moment: what an account came to by a day, what went through it, and by which entries.

The postings are read once, and every figure of a statement is added up from them here.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from heapq import merge
from itertools import accumulate, pairwise, starmap
from typing import Final, NamedTuple

from ledger.balances import within
from ledger.money import NOTHING, Money
from ledger.store.leg_columns import LegColumns
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


Moves = tuple[int, int, int, int]
"""What an entry does to a selection: the day as its ordinal number, its place, and pence below nought and above."""


class Strand:
    """The entries behind one selection, by their days: what each does to it, on the side that counts up or the other.

    Kept as plain numbers, in pence and as running totals: to ask for a day is to look for it, however many there are.
    """

    __slots__ = ("_days", "_places", "_sides")

    def __init__(self, moved: Sequence[Moves]) -> None:
        """`moved` is what each entry does, in whatever order; one that is on several accounts may stand there twice."""
        days, places, *sides = zip(*sorted(moved), strict=True) if moved else ((), (), (), ())
        self._days, self._places = array("i", days), array("q", places)
        self._sides = tuple(array("q", accumulate(side, initial=0)) for side in sides)

    @property
    def days(self) -> Iterator[date]:
        """The days on which anything moved, each as often as an entry moved it, in order."""
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

    def of(self, seqs: frozenset[int]) -> Money:
        """What some entries do to it, by their places."""
        there = [at for at, place in enumerate(self._places) if place in seqs] if seqs else []
        return Money(sum(side[at + 1] - side[at] for side in self._sides for at in there))

    def seqs(self, until: date) -> list[int]:
        """The places of the entries that count by a day, each once."""
        return sorted(set(self._places[: self._there(until)]))

    def _there(self, day: date) -> int:
        return bisect_right(self._days, day.toordinal())


class InShort(NamedTuple):
    """A book by a day: its accounts with a balance, its entries, and the balances on either side."""

    accounts: int
    entries: int
    debits: Money
    credits: Money


class Books:
    """All postings known at one moment, ready to be asked many things."""

    def __init__(self, columns: LegColumns, partners: Iterable[str]) -> None:
        self.columns = columns
        self.partners = tuple(sorted(partners))
        self._found: dict[Selection, Strand] = {}
        self._legs: dict[str, list[Leg]] = {}
        self._counting: dict[tuple[frozenset[str], frozenset[str], bool], Sequence[bool | None]] = {}
        self._parted: dict[tuple[str, str], Mapping[str, Sequence[int]]] = {}
        self._balances: dict[date, Sequence[int]] = {}

    def legs(self, book: str) -> list[Leg]:
        """The postings of one book, each by itself: for the bank's own, which are few beside the front line's."""
        if book not in self._legs:
            heads = (there for (of, _), there in self.columns.heads.items() if of == book)
            self._legs[book] = list(self.columns.legs(merge(*heads)))
        return self._legs[book]

    def strand(self, selection: Selection) -> Strand:
        """The entries of a selection."""
        found = self._found.get(selection)
        if found is None:
            found = self._found[selection] = Strand(self._moves(selection))
        return found

    def taken(self, selection: Selection) -> Iterator[Leg]:
        """The postings of a selection themselves, of whatever day."""
        for places in self._places(selection):
            yield from filter(selection.takes, self.columns.legs(places))

    def balance(self, selection: Selection, day: date) -> Money:
        """What a selection comes to by a day."""
        return self.strand(selection).upto(day)

    def by_account(self, selection: Selection, day: date) -> Iterator[tuple[str, int]]:
        """The accounts of a selection that have a balance by a day, each with it in pence; a debit is positive."""
        codes, balances = self.columns.codes, self._balances_on(day)
        for book, code in self._apart(selection):
            head = code.partition(":")[0]
            for account in self.columns.under.get((book, head), ()):
                if balances[account] and (code == head or within(code, codes[account])):
                    yield codes[account], balances[account]

    def balance_under(self, book: str, code: str, day: date) -> Money:
        """What an account of a book and all below it come to by a day."""
        return Money(sum(pence for _, pence in self.by_account(Selection(book, (code,)), day)))

    def _balances_on(self, day: date) -> Sequence[int]:
        """What each account comes to by a day in pence, by its number: the postings are gone through once for a day."""
        if day not in self._balances:
            columns, until = self.columns, day.toordinal()
            sums = [0] * len(columns.codes)
            for account, on, pence in zip(columns.accounts, columns.days, columns.pence, strict=True):
                if on <= until:
                    sums[account] += pence
            self._balances[day] = sums
        return self._balances[day]

    def in_short(self, day: date) -> dict[str, InShort]:
        """Every book in which anything was posted by a day."""
        columns, until = self.columns, day.toordinal()
        by_then = {
            seq: account
            for seq, account, on in zip(columns.seqs, columns.accounts, columns.days, strict=True)
            if on <= until
        }
        entries = Counter(map(columns.books.__getitem__, by_then.values()))  # the postings of one are of one book
        balances: defaultdict[str, list[int]] = defaultdict(list)
        for book, pence in zip(columns.books, self._balances_on(day), strict=True):
            if pence:
                balances[book].append(pence)
        return {book: _in_short(balances[book], number) for book, number in entries.items()}

    def pairs(self) -> int:
        """How many linked pairs the journal holds."""
        return len({deed.pair for deed in self.columns.deed_of if deed.pair})

    def reversals(self, but: str) -> list[int]:
        """The places of the entries that take another back, in order; without those that take back one of a kind."""
        told = {number for number, deed in enumerate(self.columns.deed_of) if deed.reverses and deed.kind != but}
        return [seq for seq, number in enumerate(self.columns.deeds) if number in told] if told else []

    def moved_since(self, seq: int, until: date) -> bool:
        """Whether anything recorded behind a place in the journal is of a day or one before it."""
        first = bisect_right(self.columns.seqs, seq)
        return min(self.columns.days[first:], default=date.max.toordinal()) <= until.toordinal()

    def _moves(self, selection: Selection) -> list[Moves]:
        """What each entry of a selection does to it, one account or several under one head after the other.

        The postings of an entry stand together there, so they are added up as they come.
        """
        columns, sign, both_ways = self.columns, selection.sign, not selection.one_way
        debits_count_up, deeds = self._debits_count_up(selection), columns.deeds
        moved: list[Moves] = []
        for places in self._places(selection):
            last, day, down, up = 0, 0, 0, 0
            read = (map(column.__getitem__, places) for column in (columns.seqs, columns.days, columns.pence))
            for seq, on, pence in zip(*read, strict=True):
                counts = debits_count_up[deeds[seq]]
                if counts is None:
                    continue
                if seq != last:
                    if down or up:
                        moved.append((day, last, down, up))
                    last, day, down, up = seq, on, 0, 0
                if (pence > 0) == counts:
                    up += pence * sign
                elif both_ways:
                    down += pence * sign
            if down or up:
                moved.append((day, last, down, up))
        return moved

    def _debits_count_up(self, selection: Selection) -> Sequence[bool | None]:
        """For each deed whether a debit by it counts up, as `Selection.counts_up` has it; None where it does not count.

        The same for each facility's part of a figure.
        """
        told = selection.kinds, selection.but, selection.sign > 0
        if told not in self._counting:
            kinds, but, upwards = told
            self._counting[told] = [
                None if (kinds and deed.kind not in kinds) or deed.kind in but else deed.undoes != upwards
                for deed in self.columns.deed_of
            ]
        return self._counting[told]

    def _places(self, selection: Selection) -> Iterator[Sequence[int]]:
        """Where the postings on the accounts of a selection stand in the columns, each once."""
        return starmap(self._under, self._apart(selection))

    def _apart(self, selection: Selection) -> Iterator[tuple[str, str]]:
        """The books and accounts of a selection, without any that lies below another."""
        codes = dict.fromkeys(selection.accounts)
        apart = [code for code in codes if not any(within(other, code) for other in codes if other != code)]
        for book in self.partners if selection.book == PARTNERS else (selection.book,):
            for code in apart:
                yield book, code

    def _under(self, book: str, code: str) -> Sequence[int]:
        """The places of the postings on one account and all below it."""
        head, *below = code.split(":")
        if not below:
            return self.columns.heads.get((book, head), ())
        part = ":".join((head, below[0]))
        there = self._parts(book, head).get(part, ())
        if part == code:
            return there
        codes, accounts = self.columns.codes, self.columns.accounts
        return [place for place in there if within(code, codes[accounts[place]])]

    def _parts(self, book: str, head: str) -> Mapping[str, Sequence[int]]:
        """The places under one head by the first two parts of the account's code: each facility's own, once for all."""
        if (book, head) not in self._parted:
            found: defaultdict[str, array[int]] = defaultdict(lambda: array("i"))
            for place in self.columns.heads.get((book, head), ()):
                code = self.columns.codes[self.columns.accounts[place]]
                found[":".join(code.split(":", 2)[:2])].append(place)
            self._parted[book, head] = dict(found)
        return self._parted[book, head]


def _in_short(balances: Sequence[int], entries: int) -> InShort:
    debits = sum(pence for pence in balances if pence > 0)
    return InShort(len(balances), entries, Money(debits), Money(debits - sum(balances)))


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
