"""What two tables of the same borrowers tell together that neither tells alone, and what is withheld for it.

Statements for the public tell of loans by outcome area and region, the public record by quarter of first drawing, by
intermediary and by days overdue. Each is held against all before it of its own kind; here one kind is held against the
other. Whoever has both can take sums of the one from sums of the other: what is left is about the borrowers in whom the
two differ, and those may be few although every row is about many.

It is a question of cuts. Take the rows of both as the nodes of a graph, and a borrower as a tie between the rows that
they are in; one node more, the ground, stands for what is told nowhere. A sum of rows of the one less a sum of rows of
the other gives every row a factor; a borrower drops out of it where all their rows have the same factor, and a borrower
whose part has changed between the two, or who is in one alone, only where it is nought, as the ground's is. So what can
be worked out of two tables is about fewer borrowers than so many exactly where ties of fewer part the graph in two, and
the least cut between a row and the ground finds it.

A borrower in several rows is counted at less than one in each, so that a cut never counts more borrowers than there are
in it: what is let pass is safe, and now and then something is withheld that need not be. Two tables are compared at a
time; that nothing follows from more of them is tried by an attacker in the tests, and not proved.

Source of the risk: the Government Statistical Service's guidance on disclosure control of tables from administrative
sources, on linked tables and on differencing.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final, TypeAlias

from bank.figures.disclosure import Parts, Shown
from intermediaries.loans.rules import BUCKETS

GROUND: Final = ""
"""The node of what is told nowhere."""
BANDS: Final = {"to-30": BUCKETS[:2], "31-90": BUCKETS[2:4], "over-90": BUCKETS[4:]}
"""The bands of arrears as the portfolio at risk adds them up."""

_ONE: Final = 720_720
"""A borrower, in parts that many numbers divide; what is left over is left out, so that no cut counts too many."""

Rows = Mapping[str, Parts]
Worth = Callable[[str], int]
Weights = dict[str, dict[str, int]]


def _pence(said: str) -> int:
    """The sum of what is said of a borrower: one number for each intermediary that they borrow from."""
    return sum(int(part) for word in said.split() for part in word.split("/"))


def _there(said: str) -> int:
    return bool(said)


_SAME: Final[tuple[Mapping[str, Worth], ...]] = (
    {"lent/amount": _pence, "cohorts/": _pence, "lenders/": _pence},
    {"lent/loans": _there, "cohorts/": _there, "lenders/": _there},
    {"outstanding/amount": _pence, "cohorts/outstanding": _pence, "lenders/outstanding": _pence, "lateness": _pence},
    {"outstanding/loans": _there, "cohorts/outstanding": _there, "lenders/outstanding": _there, "lateness": _there},
    {"outstanding/settled": _pence, "cohorts/settled": _pence, "lenders/settled": _pence},
    {"written_off/amount": _pence, "cohorts/written_off": _pence, "lenders/written_off": _pence},
    {"written_off/loans": _there, "cohorts/written_off": _there, "lenders/written_off": _there},
    {"written_off/repaid": _pence, "cohorts/received": _pence, "lenders/received": _pence},
)
"""Columns that are of the same money, or of the same loans, and what each says of a borrower."""


def above(column: str, leaf: str) -> tuple[str, ...]:
    """The rows that a row of a column adds up to, the nearest first."""
    kind, _, name = leaf.partition("/")
    if column.startswith("lateness"):
        return (*(f"band/{band}" for band, days in BANDS.items() if name in days), "balances")
    return ("all",) if column.startswith(("cohorts/", "lenders/")) else (kind, "all")


def told_in(column: str, leaf: str, hidden: Iterable[str]) -> str:
    """The row that a row is told in: itself, what is left of the nearest above it that is shown, or the ground."""
    dark = hidden if isinstance(hidden, (set, frozenset)) else set(hidden)
    if leaf not in dark:
        return leaf
    return next((f"rest of {one}" for one in above(column, leaf) if one not in dark), GROUND)


def to_bar(column: str, node: str, rows: Rows, hidden: Iterable[str]) -> str:
    """What to withhold so that a row is told otherwise: itself; beside a rest one row more, or what it is left of."""
    whole = node.removeprefix("rest of ")
    if whole == node:
        return node
    dark = set(hidden)
    inner = [
        ((leaf, *above(column, leaf))[at - 1], parts)
        for leaf, parts in rows.items()
        for at, one in enumerate((leaf, *above(column, leaf)))
        if one == whole
    ]
    borrowers: defaultdict[str, set[str]] = defaultdict(set)
    for key, parts in inner:
        if key not in dark:
            borrowers[key].update(parts)
    return min(borrowers, key=lambda key: (len(borrowers[key]), key), default=whole)


@dataclass(frozen=True, slots=True)
class Beside:
    """What was told by the other kind of publication, column by column."""

    columns: Mapping[str, Sequence[Shown]] = field(default_factory=dict)

    def barred(self, column: str, rows: Rows, hidden: set[str], fewest: int) -> set[str]:
        """Rows about to be told that must not be, for beside an earlier table they tell of fewer than so many."""
        for same in _SAME:
            if column not in same or fewest <= 1:
                continue
            mine = _by_borrower(column, rows, hidden, same[column])
            for other, worth in same.items():
                for shown in self.columns.get(other, ()) if other != column else ():
                    found = few_between(mine, _by_borrower(other, shown.rows, shown.hidden, worth), fewest)
                    if found:
                        return {self._first(column, found, mine, rows, hidden)}
        return set()

    def _first(
        self, column: str, found: set[str], mine: Mapping[str, Mapping[str, int]], rows: Rows, hidden: set[str]
    ) -> str:
        """Of what lies on one side of the cut the smallest row; where all lie there, what all of them add up to."""
        borrowers: defaultdict[str, int] = defaultdict(int)
        for nodes in mine.values():
            for node in nodes:
                borrowers[node] += 1
        if found == borrowers.keys() - {GROUND}:
            return above(column, next(iter(rows)))[-1]
        return to_bar(column, min(found, key=lambda one: (borrowers[one], one)), rows, hidden)


def _by_borrower(column: str, rows: Rows, hidden: Iterable[str], worth: Worth) -> dict[str, dict[str, int]]:
    """By borrower and row told: their part of it."""
    dark = frozenset(hidden)
    found: defaultdict[str, defaultdict[str, int]] = defaultdict(lambda: defaultdict(int))
    for leaf, parts in rows.items():
        node = told_in(column, leaf, dark)
        for borrower, said in parts.items():
            if amount := worth(said):
                found[borrower][node] += amount
    return {borrower: dict(nodes) for borrower, nodes in found.items()}


def few_between(
    mine: Mapping[str, Mapping[str, int]], theirs: Mapping[str, Mapping[str, int]], fewest: int
) -> set[str]:
    """My rows on one side of a cut of fewer borrowers than so many; nothing where there is no such cut.

    Both tables are given by borrower, and by row as it is told; what is told nowhere is the ground's.
    """
    alike: Counter[tuple[frozenset[str], int]] = Counter()
    for borrower in mine.keys() | theirs.keys():
        groups = list(_groups(mine.get(borrower, {}), theirs.get(borrower, {})))
        alike.update((group, len(groups)) for group in groups)
    ties: defaultdict[str, defaultdict[str, int]] = defaultdict(lambda: defaultdict(int))
    for (group, of), number in alike.items():
        weight = number * (_ONE // (of * max((len(group) // 2) * ((len(group) + 1) // 2), 1)))
        for one in group:
            for other in group - {one}:
                ties[one][other] += weight
    graph = {one: dict(others) for one, others in ties.items()}
    return _least(graph, fewest * _ONE, frozenset(one for nodes in mine.values() for one in nodes) - {GROUND})


def _groups(mine: Mapping[str, int], theirs: Mapping[str, int]) -> Iterator[frozenset[str]]:
    """The rows of one borrower that have one factor where the borrower drops out: those of one loan, as far as told."""
    left = {_marked(node): amount for node, amount in theirs.items()}
    rest: set[str] = set()
    loose = False
    for node, amount in sorted(mine.items()):
        match = next((other for other, one in sorted(left.items()) if one == amount), None)
        if match is None:
            rest.add(node)
            loose = True
        else:
            del left[match]
            yield frozenset({node, match})
    if rest or left:
        known = sum(mine[node] for node in rest) == sum(left.values()) if loose else False
        yield frozenset({*rest, *left, *(() if known else (GROUND,))})


def _marked(node: str) -> str:
    return f"other: {node}" if node else GROUND


def _least(graph: Weights, least: int, mine: frozenset[str]) -> set[str]:
    """My rows on one side of a cut of fewer than so much, that parts them from the ground or from others of mine."""
    for part in _parts(graph):
        merged = _contracted({one: graph[one] for one in sorted(part)}, least)
        ends = sorted(
            (one for one in merged if one & mine or GROUND in one), key=lambda one: (GROUND not in one, min(one))
        )
        for one in ends[1:]:
            side = _side(merged, one, ends[0], least)
            if side:
                return set(side & mine)
    return set()


def _parts(graph: Mapping[str, Mapping[str, int]]) -> Iterator[set[str]]:
    left = set(graph)
    while left:
        part, waiting = set[str](), [min(left)]
        while waiting:
            one = waiting.pop()
            if one not in part:
                part.add(one)
                waiting.extend(graph[one])
        left -= part
        yield part


Merged: TypeAlias = dict[frozenset[str], dict[frozenset[str], int]]


def _contracted(graph: Weights, least: int) -> Merged:
    """The graph with every two rows in one that no cut of so few can part."""
    whole: Merged = {
        frozenset({one}): {frozenset({other}): weight for other, weight in others.items()}
        for one, others in graph.items()
    }
    again = True
    while again:
        again = False
        for one in sorted(whole, key=min):
            close = next((other for other, weight in whole[one].items() if weight >= least), None)
            if close is not None:
                _merge(whole, one, close)
                again = True
                break
    return whole


def _merge(graph: Merged, one: frozenset[str], other: frozenset[str]) -> frozenset[str]:
    both = one | other
    ties: defaultdict[frozenset[str], int] = defaultdict(int)
    for end in (one, other):
        for near, weight in graph.pop(end).items():
            if near not in (one, other):
                ties[near] += weight
                del graph[near][end]
    graph[both] = dict(ties)
    for near, weight in ties.items():
        graph[near][both] = weight
    return both


def _side(graph: Merged, start: frozenset[str], end: frozenset[str], least: int) -> frozenset[str]:
    """The rows on the side of one of two in a cut between them of less than so much; nothing where there is none.

    By the ways along which ties lead from the one to the other (Edmonds and Karp, "Theoretical improvements in
    algorithmic efficiency for network flow problems", Journal of the ACM 19, 1972), until there are enough of them.
    """
    left = {one: dict(ties) for one, ties in graph.items()}
    flow = 0
    while flow < least:
        came = _ways(left, start)
        if end not in came:
            return frozenset[str]().union(*came)
        way = [end]
        while way[-1] != start:
            way.append(came[way[-1]])
        steps = list(pairwise(reversed(way)))
        much = min(left[one][other] for one, other in steps)
        for one, other in steps:
            left[one][other] -= much
            left[other][one] += much
        flow += much
    return frozenset()


def _ways(left: Merged, start: frozenset[str]) -> dict[frozenset[str], frozenset[str]]:
    """By row that can still be reached, the row before it."""
    came = {start: start}
    waiting = deque([start])
    while waiting:
        one = waiting.popleft()
        for other, much in left[one].items():
            if much and other not in came:
                came[other] = one
                waiting.append(other)
    return came
