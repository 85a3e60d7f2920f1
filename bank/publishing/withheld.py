"""What a statement for the public may tell of onward loans and facilities, beside all those for the public before it.

All that it tells of a measure is a sum of blocks: the loans of one outcome area in one region, or all of an area's that
are not told by region, or all that are not told by area. The blocks of a measure have no loan in common, and each is of
as many borrowers as the floor says, at the least; so nothing that is added up or taken off from them is of fewer. The
rule of the rows, also beside earlier statements, is `bank.figures.disclosure`'s.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from bank.figures.beside import GROUND, above, to_bar, told_in
from bank.figures.breakdowns import region_of
from bank.figures.disclosure import Cell, Parts, Shown, changed, withheld
from bank.figures.withholding import Before
from intermediaries.loans.views import Lent
from ledger.dates import Quarter
from ledger.money import Money
from reports.attached import WITHHELD
from reports.statements.inputs import AllocationLine
from reports.statements.public_inputs import FACILITY_SUMS, Block

ALL: Final = "all"
MONEY: Final = ("/amount", "/settled", "/repaid")
"""How the quantities that are pounds end; loans are counted, and nobody is most of a count that enough are in."""

Tree = Mapping[str, Sequence[str]]
"""By a row that others add up to: those others. What is in it as no key adds up from no other row."""
Quantities = Mapping[str, Mapping[str, Parts]]
"""By quantity, and by row: what stands for each borrower's part of it; nobody whose part is nothing."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What is told of loans under one name, and whatever else could be worked out from it."""

    amount: Callable[[Lent], int]
    linked: Mapping[str, Callable[[Lent], int]]


def _drawn(state: Lent) -> int:
    return state.drawn.pence


def _owed(state: Lent) -> int:
    return state.outstanding.pence


def _lost(state: Lent) -> int:
    return state.written_off.pence


MEASURES: Final[Mapping[str, Measured]] = {
    "lent": Measured(_drawn, {}),
    "outstanding": Measured(_owed, {"settled": lambda state: _drawn(state) - _owed(state)}),
    "written_off": Measured(_lost, {"repaid": lambda state: _drawn(state) - _owed(state) - _lost(state)}),
}
"""In this order: whoever has a measure and those before it can also work out what is linked to it."""


def onward_blocks(
    states: Sequence[Lent], quarter: Quarter, fewest: int, before: Before, most: Fraction | None = None
) -> tuple[Block, ...]:
    """What may be told of the onward loans, measure by measure; a measure of which nothing may be told has no block."""
    found: list[Block] = []
    hidden = set[str]()
    places = _places(states, quarter, before)
    for name, measured in MEASURES.items():
        quantities = _quantities(name, measured, states, places)
        leaves = sorted({key for rows in quantities.values() for key in rows} | _told_before(before, quantities))
        tree: defaultdict[str, list[str]] = defaultdict(list)
        for leaf in leaves:
            tree[leaf.rpartition("/")[0]].append(leaf)
        whole = {ALL: sorted(tree), **tree}
        hidden = judged(before, quarter, quantities, whole, fewest=fewest, barred=hidden, most=most)
        found += _blocks(name, measured, states, places, hidden)
    return tuple(found)


def hidden_facilities(
    lines: Iterable[AllocationLine],
    states: Sequence[Lent],
    quarter: Quarter,
    fewest: int,
    before: Before,
    claims: Mapping[str, int],
) -> set[str]:
    """The facilities that are not told of by themselves: of those through which few borrowers owe, the sums are theirs.

    What is told of a facility is of the bank's own books, and changes as a whole, whoever owes through it: so its sums
    stand for as many of its own as the floor says, and beside them it is told from how many borrowers they come.
    Under a guarantee what was paid and is owed comes of its claims: it is of as many borrowers as claims were paid.
    """
    through: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for state in states:
        through[state.facility][state.organisation] = ""
    sums: dict[str, Parts] = {}
    behind: dict[str, Parts] = {}
    for line in lines:
        own = [f"{line.facility}/{place}" for place in range(fewest)]
        sums[line.facility] = dict.fromkeys(own, " ".join(str(getattr(line, name)) for name in FACILITY_SUMS))
        called = {f"{line.facility}/claim {number}": "" for number in range(claims.get(line.facility, 0))}
        behind[line.facility] = called or through[line.facility] or dict.fromkeys(own, "")
    quantities = {"facilities": sums}
    tree = {ALL: sorted({*sums, *_told_before(before, quantities)})}
    return judged(before, quarter, quantities, tree, fewest=fewest, behind=behind) - {ALL} if sums else set()


@dataclass(frozen=True, slots=True)
class _Telling:
    """What is about to be told: rows and their parts, and what was told of the same quantities before."""

    tree: Tree
    now: Quantities
    earlier: Mapping[str, Sequence[Shown]]
    barred: frozenset[str]
    behind: Mapping[str, Parts] | None

    def cell(self, key: str) -> Cell:
        """A row with its parts; each quantity is held against nothing, for its own borrowers, and against each before.

        Where it is told who is `behind` a row, it is about them, and they are held against nothing before.
        """
        parts = tuple(map(self.cell, self.tree.get(key, ())))
        dark = [told for name in self.now for told in (False, *(key in one.hidden for one in self.earlier[name]))]
        if self.behind is not None:
            dark.append(False)
        if parts:
            moved = tuple(_all_of(one.moved[place] for one in parts) for place in range(len(dark)))
            return Cell(key, _all_of(one.borrowers for one in parts), parts, moved, tuple(dark), key in self.barred)
        own = {name: rows.get(key, {}) for name, rows in self.now.items()}
        moved = tuple(
            some
            for name, row in own.items()
            for some in (frozenset(row), *(changed(one.rows.get(key, {}), row) for one in self.earlier[name]))
        )
        # A row that everybody has left is about whoever left it: what was withheld with it has changed by them.
        borrowers = _all_of(map(frozenset, own.values())) or _all_of(moved)
        if self.behind is not None:
            borrowers = frozenset(self.behind.get(key, ())) or borrowers
            moved = (*moved, frozenset(self.behind.get(key, ())))
        return Cell(key, borrowers, (), moved, tuple(dark), key in self.barred)


def judged(
    before: Before,
    quarter: Quarter,
    quantities: Quantities,
    tree: Tree,
    *,
    fewest: int,
    barred: Iterable[str] = (),
    behind: Mapping[str, Parts] | None = None,
    most: Fraction | None = None,
) -> set[str]:
    """The rows that may not be told, in any of some quantities that are told together; the rest counts as told.

    A row is not told either where one borrower is more than the part `most` of it, or of what has changed of it, nor
    where it tells of few beside what was published otherwise. Of a quarter after which a later one was told, all stays
    as it was told, or nothing is told.
    """
    now = {name: {key: dict(parts) for key, parts in rows.items() if parts} for name, rows in quantities.items()}
    if before.last > str(quarter):
        then = [before.told.get((name, str(quarter))) for name in now]
        same = all(one is not None and one.rows == rows for one, rows in zip(then, now.values(), strict=True))
        return set(then[0].hidden) if same and then and then[0] is not None else _every_row(tree)
    earlier = {name: tuple(before.columns.get(name, ())) for name in now}
    dark = frozenset(barred)
    hidden = withheld(_Telling(tree, now, earlier, dark, behind).cell(ALL), fewest)
    while more := _dominated(now, earlier, hidden, most) or _told_beside(before, now, hidden, fewest):
        dark |= more
        hidden = withheld(_Telling(tree, now, earlier, dark, behind).cell(ALL), fewest)
    for name, rows in now.items():
        shown = Shown(rows, frozenset(hidden))
        before.columns.setdefault(name, []).append(shown)
        before.added.setdefault(name, []).append((str(quarter), shown))
    return hidden


def _told_beside(before: Before, now: Quantities, hidden: set[str], fewest: int) -> frozenset[str]:
    """The next row that is not told for what it would tell beside another publication; none where none would."""
    for name, rows in now.items():
        if not before.stands(name, rows, hidden):
            more = before.beside.barred(name, rows, hidden, fewest)
            if more:
                return frozenset(more)
    return frozenset()


def _dominated(
    now: Quantities, earlier: Mapping[str, Sequence[Shown]], hidden: set[str], most: Fraction | None
) -> frozenset[str]:
    """The next row that is not told since one borrower is nearly all of it, or of what has changed of it; or none."""
    for name, rows in now.items():
        if most is None or not name.endswith(MONEY):
            continue
        told = _as_told(name, rows, hidden)
        for node, parts in sorted(told.items()):
            changes = (
                {body: parts.get(body, 0) - then.get(body, 0) for body in parts.keys() | then.keys()}
                for one in earlier[name]
                if (then := _as_told(name, one.rows, one.hidden).get(node)) is not None
            )
            if any(_one_is_most(some, most) for some in (parts, *changes)):
                return frozenset({to_bar(name, node, rows, hidden)})
    return frozenset()


def _one_is_most(parts: Mapping[str, int], most: Fraction) -> bool:
    """Whether one part is more than so much of all, whatever their signs."""
    sizes = [abs(one) for one in parts.values() if one]
    return bool(sizes) and max(sizes) > most * sum(sizes)


def _as_told(name: str, rows: Mapping[str, Parts], hidden: Collection[str]) -> dict[str, dict[str, int]]:
    """By row told, what is left of a row and every row above that is shown: each borrower's part."""
    dark = frozenset(hidden)
    found: defaultdict[str, defaultdict[str, int]] = defaultdict(lambda: defaultdict(int))
    for leaf, parts in rows.items():
        nodes = {told_in(name, leaf, dark), *(one for one in above(name, leaf) if one not in dark)} - {GROUND}
        for node in nodes:
            for body, said in parts.items():
                found[node][body] += int(said)
    return {node: dict(some) for node, some in found.items()}


def _all_of(some: Iterable[frozenset[str]]) -> frozenset[str]:
    return frozenset[str]().union(*some)


def _every_row(tree: Tree) -> set[str]:
    return {ALL, *tree, *(key for keys in tree.values() for key in keys)}


def _told_before(before: Before, quantities: Quantities) -> set[str]:
    """The rows that were something in an earlier statement: whoever left them has moved."""
    return {key for name in quantities for one in before.columns.get(name, ()) for key in one.rows}


def _places(states: Iterable[Lent], quarter: Quarter, before: Before) -> dict[str, str]:
    """Where each loan is told of: where it was when it was first told of, whatever was restated since.

    Else a loan that is found to be elsewhere would seem to change both places, and hide what one other changed in all.
    """
    found: dict[str, str] = {}
    for one in before.columns.get(_PLACES, ()):
        for leaf, loans in one.rows.items():
            found |= {loan: leaf for loan in loans if loan not in found}
    fresh: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for state in states:
        if state.id not in found:
            found[state.id] = f"{state.outcome_area}/{region_of(state.place)}"
            fresh[found[state.id]][state.id] = ""
    if fresh:
        before.added.setdefault(_PLACES, []).append((str(quarter), Shown(dict(fresh), frozenset())))
    return found


_PLACES: Final = "places"
"""The column that keeps where each loan was first told of."""


def _quantities(name: str, measured: Measured, states: Iterable[Lent], places: Mapping[str, str]) -> Quantities:
    told = {f"{name}/amount": measured.amount, **{f"{name}/{one}": each for one, each in measured.linked.items()}}
    sums: dict[str, defaultdict[tuple[str, str], int]] = {each: defaultdict(int) for each in (*told, f"{name}/loans")}
    for state in states:
        place = (places[state.id], state.organisation)
        for each, amount in told.items():
            sums[each][place] += amount(state)
        sums[f"{name}/loans"][place] += bool(measured.amount(state))
    found: dict[str, dict[str, dict[str, str]]] = {}
    for each, some in sums.items():
        found[each] = {}
        for (leaf, body), sum_ in some.items():
            if sum_:
                found[each].setdefault(leaf, {})[body] = str(sum_)
    return found


def _blocks(
    name: str, measured: Measured, states: Iterable[Lent], places: Mapping[str, str], hidden: set[str]
) -> Iterator[Block]:
    if ALL in hidden:
        return
    loans: defaultdict[tuple[str, str], int] = defaultdict(int)
    pence: defaultdict[tuple[str, str], int] = defaultdict(int)
    for state in states:
        if amount := measured.amount(state):
            leaf = places[state.id]
            area, _, region = leaf.rpartition("/")
            at = (WITHHELD if area in hidden else area, WITHHELD if {area, leaf} & hidden else region)
            loans[at] += 1
            pence[at] += amount
    for area, region in sorted(loans, key=lambda at: (at[0] == WITHHELD, at[0], at[1] == WITHHELD, at[1])):
        yield Block(
            measure=name,
            outcome_area=area,
            region=region,
            loans=loans[area, region],
            amount=Money(pence[area, region]),
        )
