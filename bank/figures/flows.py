"""The cash that moved under facilities, and what is left there: by the books, and by events where those name none.

Postings are gone through once, however many facilities there are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from bank.figures.books import Selection
from ledger.chart import PLANS
from ledger.money import NOTHING, Money
from ledger.store.legs import Leg

_BANK: Final = "bank"
_CASH: Final = ("1000",)
"""The bank's own cash; the collection account holds grants of others."""
_HELD: Final = ("12", "13", "1510")
"""Accounts of what is lent and invested, with what is set against it: the value that is left in a facility."""
HELD: Final = Selection(_BANK, tuple(line.code for line in PLANS[_BANK].lines if line.code.startswith(_HELD)))
"""The same as a selection of postings."""


@dataclass(frozen=True, slots=True)
class Flows:
    """The cash that moved under some facilities, by day, and what is left there; and the entries that moved it."""

    dated: tuple[tuple[date, Money], ...]
    value: Money
    seqs: frozenset[int] = frozenset()

    @property
    def vintage(self) -> int | None:
        """The year in which the bank first paid; a fee received before that begins nothing."""
        return next((day.year for day, amount in self.dated if amount < NOTHING), None)

    @property
    def paid_in(self) -> Money:
        """What the bank paid."""
        return -Money.total(amount for _, amount in self.dated if amount < NOTHING)

    @property
    def paid_back(self) -> Money:
        """What came back to it."""
        return Money.total(amount for _, amount in self.dated if amount > NOTHING)


def flows(
    legs: Iterable[Leg], as_at: date, facilities: Iterable[str], told: Callable[[], Mapping[str, set[int]]]
) -> dict[str, Flows]:
    """For each facility, the bank's cash that its entries moved by the day, and the balance of what is held there.

    `told` gives the entries that each facility's own events name: it is asked only where cash moved and no account
    says for whom. What was reversed moved nothing: it counts with its reversal, on its own day.
    """
    wanted = set(facilities)
    cash: defaultdict[int, Money] = defaultdict(lambda: NOTHING)
    owners: defaultdict[int, set[str]] = defaultdict(set)
    days: dict[int, date] = {}
    held: defaultdict[str, int] = defaultdict(int)
    for seq, leg in _by_deed(legs, as_at):
        root, _, below = leg.account.partition(":")
        owner = below.partition(":")[0]
        if root in _CASH:
            cash[seq] += leg.amount
            days.setdefault(seq, leg.effective_on)
        elif owner in wanted:
            owners[seq].add(owner)
            if root.startswith(_HELD):
                held[owner] += leg.amount.pence
    left = {seq for seq in cash if not owners[seq]}
    for facility, named in told().items() if left else ():
        for seq in left & named if facility in wanted else ():
            owners[seq].add(facility)
    moved: defaultdict[str, dict[int, tuple[date, Money]]] = defaultdict(dict)
    for seq, amount in cash.items():
        if len(owners[seq]) == 1 and amount:
            moved[next(iter(owners[seq]))][seq] = (days[seq], amount)
    return {one: Flows(tuple(sorted(moved[one].values())), Money(held[one]), frozenset(moved[one])) for one in wanted}


def _by_deed(legs: Iterable[Leg], as_at: date) -> Iterator[tuple[int, Leg]]:
    """The postings of the bank's book by a day, each with the place it counts at: a reversal at what it takes back."""
    undone: dict[int, int] = {}
    for leg in legs:
        if leg.book == _BANK and leg.effective_on <= as_at:
            place = leg.seq
            if leg.reverses:
                place = undone.setdefault(place, undone.get(leg.reverses, leg.reverses))
            yield place, leg


def together(parts: Iterable[Flows]) -> Flows:
    """The flows of several facilities as those of one."""
    known = list(parts)
    return Flows(
        tuple(sorted(flow for part in known for flow in part.dated)),
        Money.total(one.value for one in known),
        frozenset(seq for part in known for seq in part.seqs),
    )
