"""One rounding for all tables of a document: what is printed adds up as printed, and nothing is a unit from the truth.

Every amount is rounded half up, and then the parts of a printed total yield by one unit of their last digit where the
printed parts would not come to the printed total. This is controlled rounding (Cox, "A constructive procedure for
unbiased controlled rounding", JASA 82, 1987): each cell becomes one of its two neighbours, so that the sums down the
columns and along the rows hold together. Which cells yield is the cheapest flow between the sums: first parts, those
that lie nearest to the half; then amounts that another table shows already; then totals; and figures that the document
tells by themselves last. So the same amount reads the same wherever it can, and a table that cannot have it so is
fitted before the others.

Composing, setting and checking all ask this file, so that no page and no check can round otherwise.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final

from ledger.money import Money
from reports import flow
from reports.figures import Adding, Column, Row, Table, Value
from reports.formatting import LAST_DIGIT, OWN_STYLE, digits, nearest, write

PART, SUBTOTAL, SETTLED, TOTAL, HEADLINE = range(5)
"""How hard it is to make a cell yield: each costs more than all cells of the kinds before it together."""
_SCALE: Final = 10**12
"""Parts of a last digit that are told apart: a penny of a thousand pounds is ten million of them."""
_KIND: Final = 10**7
"""More cells than a table has."""

_DEAR: Final = _KIND**TOTAL * _SCALE
"""What it costs at the least to print a total, or a figure told by itself, otherwise than rounded by itself."""

_OF_MONEY: Final = ("thousands", "millions")

Amount = tuple[str, Fraction]
"""A style, and the size of an amount in its last digits."""
Key = tuple[str, Fraction, int]
"""The same, and which it is of such amounts among the parts of one sum, which need not all read the same."""


@dataclass(slots=True)
class _Cell:
    """One amount of a table that is printed in a rounded style."""

    name: str
    style: str
    exact: Fraction
    plain: int
    shown: int
    kind: int = PART
    twin: int = 0
    """How many equal amounts stand before it among the parts of one sum."""

    @property
    def key(self) -> Key:
        """What it must read the same as."""
        return self.style, abs(self.exact), self.twin

    @property
    def size(self) -> int:
        """What is shown of it, without a sign."""
        return self.shown if self.exact >= 0 else -self.shown

    @property
    def other(self) -> int:
        """The neighbour of the exact amount that is not shown; an exact unit has none."""
        low = self.exact.numerator // self.exact.denominator
        return self.shown if self.exact == low else 2 * low + 1 - self.shown


@dataclass(slots=True)
class _Sheet:
    """The cells of one table, and the sums among them that hold exactly."""

    cells: dict[str, _Cell] = field(default_factory=dict)
    sums: list[dict[str, int]] = field(default_factory=list)
    """By cell: 1 for the whole, which stands first, and for what is taken off, -1 for a part."""

    def differing(self) -> list[Key]:
        """The amounts that are shown in two ways."""
        first: dict[Key, int] = {}
        found = {cell.key: 0 for cell in self.cells.values() if first.setdefault(cell.key, cell.size) != cell.size}
        return list(found)


class Rounding:
    """What a document's tables print: each value by its reference."""

    def __init__(self, tables: Iterable[Table]) -> None:
        self._steps = {
            (f"{table.code}.{row.key}.{column.code}", style_of(column)): table.step(row, column)
            for table in tables
            for row in table.every_row()
            for column in table.columns
            if table.step(row, column)
        }

    def write(self, reference: str, style: str, value: Value) -> str:
        """A value as it is printed: as in its table where it is a cell of one in the same style."""
        return write(style, value, step=self._steps.get((reference, style), 0))


def style_of(column: Column) -> str:
    """How a column is written."""
    return column.style or OWN_STYLE[column.unit]


def fitted(tables: Sequence[Table], headlines: Iterable[Value] = ()) -> tuple[Table, ...]:
    """The tables with the steps by which cells yield so that all sums of each add as printed.

    `headlines` are amounts that the document tells by themselves: they yield last. Deterministic: the same tables in
    the same order give the same steps, and tables that are fitted already are given back as they are.
    """
    order = list(range(len(tables)))
    told = {(style, abs(digits(style, one))) for one in headlines if isinstance(one, Money) for style in _OF_MONEY}
    sheets = [_sheet(table, told) for table in tables]
    for _ in tables:
        shown: dict[Key, int] = {}
        clashes = []
        for place in order:
            cells = _fit(sheets[place], shown).cells.values()
            if any(shown.setdefault(cell.key, cell.size) != cell.size for cell in cells):
                clashes.append(place)
        if not clashes or clashes[0] == order[0]:
            break
        order.remove(clashes[0])
        order.insert(0, clashes[0])
    return tuple(
        table.model_copy(update={"fitted": {cell.name: step for cell in sheet.cells.values() if (step := _step(cell))}})
        for table, sheet in zip(tables, sheets, strict=True)
    )


def _step(cell: _Cell) -> int:
    return cell.shown - cell.plain


def _fit(sheet: _Sheet, shown: Mapping[Key, int]) -> _Sheet:
    """Settle one table as others show its amounts, and each of its own amounts in one way where that can be."""
    pins = dict(shown)
    _settle(sheet, pins)
    tried: set[Key] = set()
    while new := [key for key in sheet.differing() if key not in tried]:
        key = new[0]
        tried.add(key)
        sizes = dict.fromkeys(cell.size for cell in sheet.cells.values() if cell.key == key)
        costs = {size: (_settle(sheet, pins | {key: size}), len(sheet.differing())) for size in sizes}
        pins[key] = min(costs, key=lambda size: (costs[size][0] // _DEAR, costs[size][1], costs[size][0]))
        _settle(sheet, pins)
    return sheet


def _sheet(table: Table, told: Collection[Amount] = ()) -> _Sheet:
    """The rounded cells of a table and the sums among them; each cell with how hard it is to move."""
    sheet = _Sheet()
    for place, column in enumerate(table.columns):
        style = style_of(column)
        for row in table.every_row() if style in LAST_DIGIT else ():
            value = row.cells[place]
            if value is not None:
                exact = digits(style, value)
                name = f"{row.key}.{column.code}"
                sheet.cells[name] = _Cell(name, style, exact, nearest(exact), nearest(exact))
    for adding in table.every_adding():
        sheet.sums.extend(one for one in _instances(adding, table) if _holds(one, sheet.cells))
    wholes = Counter(next(iter(one)) for one in sheet.sums)
    for one in sheet.sums:
        met: Counter[tuple[str, Fraction]] = Counter()
        for name in [*one][1:]:
            cell = sheet.cells[name]
            cell.twin = max(cell.twin, met[cell.style, cell.exact])
            met[cell.style, cell.exact] += 1
            cell.kind = SUBTOTAL if wholes[name] else PART
    for name, cell in sheet.cells.items():
        if (cell.style, abs(cell.exact)) in told:
            cell.kind = HEADLINE + wholes[name]
        elif wholes[name] and cell.kind == PART:
            cell.kind = TOTAL
    return sheet


def _instances(adding: Adding, table: Table) -> Iterator[dict[str, int]]:
    """A sum among rows in each column, or a sum among columns in each row."""
    names = [(adding.whole, 1), *((part, -1) for part in adding.parts), *((part, 1) for part in adding.less)]
    if adding.along == "column":
        for column in table.columns:
            yield {f"{row}.{column.code}": sign for row, sign in names}
    else:
        for row in table.every_row():
            yield {f"{row.key}.{column}": sign for column, sign in names}


def _holds(one: Mapping[str, int], cells: Mapping[str, _Cell]) -> bool:
    """Whether every amount of the sum is known and rounded, and the exact amounts add: nothing else is promised."""
    return one.keys() <= cells.keys() and not sum(sign * cells[name].exact for name, sign in one.items())


def _settle(sheet: _Sheet, pins: Mapping[Key, int]) -> int:
    """Move the cells between their neighbours, at the least cost, until every sum holds as shown. Gives the cost."""
    for cell in sheet.cells.values():
        size = pins.get(cell.key)
        cell.shown = cell.plain if size is None else size if cell.exact >= 0 else -size
    pinned = sum(_of_kind(cell.kind) for cell in sheet.cells.values() if cell.shown != cell.plain)
    excess = [sum(sign * sheet.cells[name].shown for name, sign in one.items()) for one in sheet.sums]
    if not any(excess):
        return pinned
    turned = _turned(sheet.sums)
    places: defaultdict[str, list[int]] = defaultdict(list)
    for at, one in enumerate(sheet.sums):
        for name in one:
            places[name].append(at)
    ground = len(sheet.sums)
    arcs, movable = [], []
    for order, (name, beside) in enumerate(places.items()):
        cell = sheet.cells[name]
        move = cell.other - cell.shown
        if not move:
            continue
        gains = {where: turned[where] * sheet.sums[where][name] * move for where in beside}
        up = next((where for where, gain in gains.items() if gain > 0), ground)
        down = next((where for where, gain in gains.items() if gain < 0), ground)
        arcs.append(flow.Arc(down, up, _cost(cell, order, settled=cell.key in pins)))
        movable.append(cell)
    amounts = [sign * much for sign, much in zip(turned, excess, strict=True)]
    used = flow.cheapest([*amounts, -sum(amounts)], arcs)
    for at in used:
        movable[at].shown = movable[at].other
    return pinned + sum(arcs[at].cost for at in used)


def _cost(cell: _Cell, order: int, *, settled: bool) -> int:
    kind = max(cell.kind, SETTLED) if settled else cell.kind
    farther = abs(cell.other - cell.exact) - abs(cell.shown - cell.exact)
    return _of_kind(kind) + int(farther * _SCALE) + order


def _of_kind(kind: int) -> int:
    return _KIND**kind * _SCALE if kind else 0


def _turned(sums: Sequence[Mapping[str, int]]) -> list[int]:
    """A sign for each sum so that a cell in two of them adds to one and takes from the other, as a flow does."""
    met: defaultdict[str, list[int]] = defaultdict(list)
    for at, one in enumerate(sums):
        for name in one:
            met[name].append(at)
    beside: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
    for name, places in met.items():
        if len(places) > 2:  # noqa: PLR2004 -- a flow runs from one sum to another
            raise ValueError(f"{name} stands in more than two sums of its table")
        if len(places) == 2:  # noqa: PLR2004 -- the same
            first, second = places
            alike = sums[first][name] * sums[second][name]
            beside[first].append((second, -alike))
            beside[second].append((first, -alike))
    signs: dict[int, int] = {}
    for start in range(len(sums)):
        waiting = [(start, signs.get(start, 1))]
        while waiting:
            at, sign = waiting.pop()
            if signs.setdefault(at, sign) != sign:
                raise ValueError("the sums of a table cross in a way that no rounding can be promised for")
            waiting.extend((near, sign * turn) for near, turn in beside[at] if near not in signs)
    return [signs[at] for at in range(len(sums))]


def printed_sums(table: Table, texts: Mapping[str, str]) -> Iterator[tuple[str, int]]:
    """Each sum of a table that is exact, by its whole, with what its printed cells miss it by: read from the texts."""
    sheet = _sheet(table)
    for one in sheet.sums:
        yield f"{table.code}.{next(iter(one))}", sum(sign * read_digits(texts[name]) for name, sign in one.items())


def read_digits(text: str) -> int:
    """How many units of its last digit a rounded text stands for: `<1` and `>-1` for none, `>99.9` for the whole."""
    sign = -1 if text.startswith("\N{MINUS SIGN}") else 1
    plain = text.removeprefix("\N{MINUS SIGN}")
    if plain.startswith(("<", ">\N{MINUS SIGN}")):
        return 0
    number = int(plain.removeprefix(">").replace(",", "").replace(".", ""))
    return sign * (number + 1 if plain.startswith(">") else number)


def row_texts(table: Table, row: Row) -> tuple[str, ...]:
    """A row's cells as they are printed."""
    return tuple(
        write(style_of(column), value, column.unknown, table.step(row, column))
        for column, value in zip(table.columns, row.cells, strict=True)
    )
