"""Which accounts hold money, and how the entries of the books move it between them, from outside and out for good.

Money lies at a bank, in a placement, with an intermediary, or with a borrower. What one house's book calls an asset
and another's a debt (a share, a facility's principal) is no second place of the same money: it lies where the other
book has it. Every flow is a posting's, and what an account holds is its balance, to the penny.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby
from operator import attrgetter
from typing import Final, NamedTuple, TypeVar

from ledger.chart import BANK, INTERMEDIARY, PLANS
from ledger.lineage import Lineage, Movement
from ledger.money import NOTHING, Money
from ledger.store.legs import Leg

CASH: Final = "1000"
GRANTS: Final = "1010"
PLACED: Final = ("1100", "1110", "1120")
LENT: Final = "1300"
OWN_USE: Final = "1400"
_GUARANTEED: Final = "5030"
_FEES_KEPT: Final = "2200"
_CALLED: Final = "claim"

PLACES: Final[Mapping[str, frozenset[str]]] = {
    "reclaim-fund": frozenset({CASH, *PLACED}),
    "distributor": frozenset({CASH}),
    "trust": frozenset({CASH}),
    "bank": frozenset({CASH, GRANTS, *PLACED}),
    "intermediary": frozenset({CASH, LENT, OWN_USE}),
}
"""The accounts of each kind of book that hold money, by the first part of their codes."""

_LOSES: Final[Mapping[tuple[str, str], str]] = {(INTERMEDIARY.kind, "5000"): LENT}
"""Which place a loss takes money from, where an entry has several; else the cash."""

_OTHERS: Final = frozenset({(INTERMEDIARY.kind, "1390"), (INTERMEDIARY.kind, "2390")})
"""Co-funders' money in the same onward loans: it is not ours to follow, and never mixed with ours."""

_WORDS: Final[Mapping[tuple[str, str], str]] = {
    ("reclaim-fund", "2000"): "Claims paid to owners",
    ("reclaim-fund", "2010"): "Claims paid to owners",
    ("reclaim-fund", "5000"): "Claims paid to owners",
    ("reclaim-fund", "5200"): "The reclaim fund's expenses",
    ("distributor", "2110"): "Paid to Wales",
    ("distributor", "2120"): "Paid to Scotland",
    ("distributor", "2130"): "Paid to Northern Ireland",
    ("distributor", "5000"): "The distributor's expenses",
    ("distributor", "5010"): "The Secretary of State's expenses",
    ("bank", "2200"): "Fees kept against guarantees",
    ("bank", "3010"): "Shares paid up by the merchant banks",
    ("bank", "3020"): "Shares paid up by the merchant banks",
    ("bank", "3200"): "Dividends paid",
    ("bank", "5100"): "The bank's operating costs",
    ("bank", "5110"): "Fund managers' fees",
    (INTERMEDIARY.kind, "2200"): "Intermediaries' own money",
    (INTERMEDIARY.kind, "5000"): "Onward loans written off",
    (INTERMEDIARY.kind, "2110"): "Lost by intermediaries in their own use",
    (INTERMEDIARY.kind, "5300"): "Costs and fees met from facilities",
}
"""What money that came from outside or left for good is called, by the kind of book and the account told beside it."""


class Place(NamedTuple):
    """Somewhere that money lies: an account of a book. Guarantees that were called hold what was paid on them."""

    book: str
    account: str

    def __str__(self) -> str:
        return f"{self.book}/{self.account}"

    @classmethod
    def read(cls, written: str) -> Place:
        """The place so written."""
        book, _, account = written.partition("/")
        return cls(book, account)

    @property
    def root(self) -> str:
        """The account's place in the plan."""
        return self.account.partition(":")[0]


class Outside(NamedTuple):
    """Where money comes from or goes to for good, told by the account on the other side."""

    kind: str
    root: str

    def __str__(self) -> str:
        return f"outside/{self.kind}/{self.root}"

    @property
    def words(self) -> str:
        """What it is called: by words of its own, or by the account's name in the plan."""
        if (self.kind, self.root) in _WORDS:
            return _WORDS[self.kind, self.root]
        return next((line.name for line in PLANS[self.kind].lines if line.code == self.root), self.root)


@dataclass(frozen=True, slots=True)
class Flow:
    """Money that one deed moved: from a place or from outside, to a place or out for good."""

    key: str
    seq: int
    effective_on: date
    source: Place | Outside
    target: Place | Outside
    amount: Money
    receipt: str = ""
    """The transfer of dormant money that it is, if it is one."""
    undoes: str = ""
    """The flow of an earlier deed that it takes back."""

    @property
    def movement(self) -> Movement:
        """The flow as lineage follows it; all money from outside bears what it is called, a receipt its own name."""
        source = str(self.source) if isinstance(self.source, Place) else None
        target = str(self.target) if isinstance(self.target, Place) else None
        return Movement(self.key, source, target, self.amount, self.receipt or str(self.source), self.undoes)


def advanced_by(place: str) -> str | None:
    """Who advances what a place pays beyond what it holds: whoever holds it, until the next money comes in."""
    return f"advanced/{place}"


def flows(legs: Iterable[Leg], kinds: Mapping[str, str], receipts: Mapping[int, str]) -> list[Flow]:
    """Every flow of money in the postings, in an order in which it can have happened.

    Entries of several books that are one deed are taken together. Of one day, money comes before it goes, whatever the
    order in which it was written down. A deed that was taken back on its own day has moved nothing; one that was taken
    back later moved until then, and its flows go back as they came. `kinds` are the kinds of the books, `receipts` the
    transfers by their entries.
    """
    deeds: dict[object, list[Leg]] = defaultdict(list)
    for leg in legs:
        deeds[(leg.pair, leg.effective_on) if leg.pair else leg.seq].append(leg)
    taken_back = _taken_back(deeds)
    found: dict[object, list[Flow]] = {}
    for name, deed in _but_undone_at_once(deeds, taken_back):
        undone = found.get(taken_back.get(name))
        found[name] = list(_of_deed(deed, kinds, receipts) if undone is None else _back(deed, undone))
    ordered = sorted((flow for each in found.values() for flow in each), key=attrgetter("effective_on", "seq"))
    return list(_as_it_can_have_been(ordered))


def undone_by(flows: Iterable[Flow]) -> frozenset[str]:
    """The flows that take an earlier one back. One that takes back such a one does anew what the first had done."""
    undoes = {flow.key: flow.undoes for flow in flows}

    def times(key: str) -> int:
        count = 0
        while key := undoes.get(key, ""):
            count += 1
        return count

    return frozenset(key for key in undoes if times(key) % 2)


@dataclass(slots=True)
class Part:
    """What money of one origin did on one loan."""

    lent: Money = NOTHING
    repaid: Money = NOTHING
    written_off: Money = NOTHING

    @property
    def outstanding(self) -> Money:
        """What of it is still with the borrower."""
        return self.lent - self.repaid - self.written_off

    def enter(self, amount: Money, *, lost: bool, undoing: bool) -> None:
        """Money that goes into the loan: lent, or what was said to have been lost or repaid and was not."""
        if undoing and lost:
            back = min(amount, self.written_off)
            self.written_off -= back
        else:
            back = min(amount, self.repaid) if undoing else NOTHING
            self.repaid -= back
        self.lent += amount - back

    def leave(self, amount: Money, *, lost: bool, undoing: bool) -> None:
        """Money that goes out of the loan: lost, repaid, or what was said to have been lent and was not."""
        if lost and not undoing:
            self.written_off += amount
            return
        back = min(amount, self.lent) if undoing else NOTHING
        self.lent -= back
        self.repaid += amount - back


def on_loans(flows: Sequence[Flow], lineage: Lineage) -> dict[str, dict[str, Part]]:
    """What went into each loan and out of it, by origin. What was taken back, and that again, counts once."""
    found: defaultdict[str, defaultdict[str, Part]] = defaultdict(lambda: defaultdict(Part))
    undoing = undone_by(flows)
    for flow in flows:
        into, out = _loan_of(flow.target), _loan_of(flow.source)
        for origin, amount in lineage.behind(flow.key).items() if into or out else ():
            if into:
                found[into][origin].enter(amount, lost=isinstance(flow.source, Outside), undoing=flow.key in undoing)
            if out:
                found[out][origin].leave(amount, lost=isinstance(flow.target, Outside), undoing=flow.key in undoing)
    return {loan: dict(parts) for loan, parts in found.items()}


def _loan_of(place: Place | Outside) -> str:
    return place.account.rpartition(":")[2] if isinstance(place, Place) and place.root == LENT else ""


def _taken_back(deeds: Mapping[object, Sequence[Leg]]) -> dict[object, object]:
    """The deeds that take a whole earlier one back, with that one: every entry of it, to the penny."""
    by_entry = {leg.seq: name for name, deed in deeds.items() for leg in deed}
    found = {}
    for name, deed in deeds.items():
        undone = {by_entry.get(leg.reverses) for leg in deed}
        other = undone.pop() if len(undone) == 1 else None
        if other is not None and _summed(deed) == {at: -pence for at, pence in _summed(deeds[other]).items()}:
            found[name] = other
    return found


def _summed(deed: Iterable[Leg]) -> dict[Place, int]:
    found: defaultdict[Place, int] = defaultdict(int)
    for leg in deed:
        found[Place(leg.book, leg.account)] += leg.amount.pence
    return {at: pence for at, pence in found.items() if pence}


def _but_undone_at_once(
    deeds: Mapping[object, Sequence[Leg]], taken_back: Mapping[object, object]
) -> Iterator[tuple[object, Sequence[Leg]]]:
    """The deeds but those that were taken back on their own day, and what took them back; the last word first."""
    without: set[object] = set()
    for name in sorted(taken_back, key=lambda name: -deeds[name][0].seq):
        undone = taken_back[name]
        if name not in without and deeds[undone][0].effective_on == deeds[name][0].effective_on:
            without |= {name, undone}
    return ((name, deed) for name, deed in deeds.items() if name not in without)


def _back(deed: Sequence[Leg], undone: Iterable[Flow]) -> Iterator[Flow]:
    """The flows of a deed that was taken back, each the other way."""
    seq = max(leg.seq for leg in deed)
    for number, flow in enumerate(undone):
        there = Flow(f"{seq}/{number}", seq, deed[0].effective_on, flow.target, flow.source, flow.amount)
        yield replace(there, undoes=flow.key)


def _of_deed(deed: Sequence[Leg], kinds: Mapping[str, str], receipts: Mapping[int, str]) -> Iterator[Flow]:
    moved = _Moved.of(deed, kinds)
    if not (moved.outs or moved.ins):
        return
    seq = max(leg.seq for leg in deed)
    for number, (source, target, pence) in enumerate(moved.matched(paired=bool(deed[0].pair))):
        is_receipt = isinstance(source, Outside) and isinstance(target, Place)
        receipt = receipts.get(seq, "") if is_receipt else ""
        yield Flow(f"{seq}/{number}", seq, deed[0].effective_on, source, target, Money(pence), receipt)


_Key = TypeVar("_Key", Place, Outside)


@dataclass(slots=True)
class _Moved:
    """What a deed takes from places and puts into places, and what the accounts on the other side say of it; pence."""

    outs: dict[Place, int]
    ins: dict[Place, int]
    goes: dict[Outside, int]
    comes: dict[Outside, int]

    @classmethod
    def of(cls, deed: Iterable[Leg], kinds: Mapping[str, str]) -> _Moved:
        found = cls({}, {}, {}, {})
        for leg in deed:
            kind, root = kinds[leg.book], leg.account.partition(":")[0]
            pence = leg.amount.pence
            place = _place(leg, kind, root)
            if place is not None:
                _add(found.ins if pence > 0 else found.outs, place, abs(pence))
            elif (kind, root) not in _OTHERS and not root.startswith("9"):
                _add(found.goes if pence > 0 else found.comes, Outside(kind, root), abs(pence))
        return found

    def matched(self, *, paired: bool) -> Iterator[tuple[Place | Outside, Place | Outside, int]]:
        """Each flow once: what goes for good, what comes from outside, and all the rest from place to place."""
        out, into = sum(self.outs.values()), sum(self.ins.values())
        goes, comes = sum(self.goes.values()), sum(self.comes.values())
        # Where books mirror each other, or no money moved for a part, both sides say it: it neither came nor went.
        mirrored = min(goes, comes) if paired else max(goes - out, comes - into, 0)
        yield from self._gone(_less(self.goes, mirrored))
        yield from self._come(_less(self.comes, mirrored))
        yield from self._between()

    def _gone(self, goes: Mapping[Outside, int]) -> Iterator[tuple[Place, Outside, int]]:
        for outside, wanted in goes.items():
            first = _LOSES.get((outside.kind, outside.root), CASH)
            for place, pence in _taken(self.outs, wanted, first):
                yield place, outside, pence

    def _come(self, comes: Mapping[Outside, int]) -> Iterator[tuple[Outside, Place, int]]:
        for outside, wanted in comes.items():
            for place, pence in _taken(self.ins, wanted, CASH):
                yield outside, place, pence

    def _between(self) -> Iterator[tuple[Place, Place, int]]:
        """From place to place; money that an entry takes from a place and puts back into it has not moved."""
        for place in [place for place in self.outs if place in self.ins]:
            others = sum(self.ins.values()) - self.ins[place]
            stays = max(self.outs[place] - others, 0)
            self.outs[place] -= stays
            self.ins[place] -= stays
        for source in list(self.outs):
            for target in sorted(self.ins, key=lambda place: place not in self.outs):
                pence = min(self.outs[source], self.ins[target]) if source != target else 0
                if pence:
                    self.outs[source] -= pence
                    self.ins[target] -= pence
                    yield source, target, pence


def _place(leg: Leg, kind: str, root: str) -> Place | None:
    if root in PLACES[kind]:
        return Place(leg.book, leg.account)
    # What was paid on a guarantee lies there until a claim is taken over for it, or it comes back.
    if kind == BANK.kind and (root == _GUARANTEED or (root == _FEES_KEPT and leg.kind == _CALLED)):
        return Place(leg.book, f"{_GUARANTEED}:{leg.account.partition(':')[2]}")
    return None


def _taken(there: dict[Place, int], wanted: int, first: str) -> Iterator[tuple[Place, int]]:
    """Take an amount from what places give or get in a deed, beginning with those of one kind."""
    for place in sorted(there, key=lambda place: place.root != first):
        pence = min(there[place], wanted)
        if pence:
            there[place] -= pence
            wanted -= pence
            yield place, pence


def _less(amounts: Mapping[Outside, int], off: int) -> dict[Outside, int]:
    left = {}
    for outside, pence in amounts.items():
        cut = min(pence, off)
        off -= cut
        left[outside] = pence - cut
    return left


def _add(amounts: dict[_Key, int], key: _Key, pence: int) -> None:
    amounts[key] = amounts.get(key, 0) + pence


def _as_it_can_have_been(found: Iterable[Flow]) -> Iterator[Flow]:
    """The flows of each day, so ordered that a place gets money before it gives it, where there is such an order."""
    holds: defaultdict[str, int] = defaultdict(int)

    def covered(flow: Flow) -> bool:
        return isinstance(flow.source, Outside) or holds[str(flow.source)] >= flow.amount.pence

    for _, day in groupby(found, key=attrgetter("effective_on")):
        waiting = list(day)
        while waiting:
            short = []
            for flow in waiting:
                if not covered(flow):
                    short.append(flow)
                    continue
                _carry(holds, flow)
                yield flow
            if len(short) == len(waiting):
                # Nothing that the day still brings covers it: whoever holds the place advances it.
                _carry(holds, short[0])
                yield short.pop(0)
            waiting = short


def _carry(holds: dict[str, int], flow: Flow) -> None:
    holds[str(flow.source)] -= flow.amount.pence
    holds[str(flow.target)] += flow.amount.pence
