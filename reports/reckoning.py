"""What a reference means: `signed.closing / received.closing` worked out exactly from the values a document carries.

A statement's headlines and its check use this same small arithmetic, so a number in a sentence can always be redone
from the attached data. The words of the language: a reference, sums and differences of references, one quotient,
`rows TABLE` and `count TABLE COLUMN VALUE`; operators stand between spaces.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Final

from ledger.money import Money
from ledger.refusals import Malformed
from reports.figures import Figure, Movement, Series, Table, Value

_TERMS: Final = re.compile(r" ([+-]) ")


class NoSuchValue(Malformed):
    """A reference to a value that the document does not carry."""

    slug = "no-such-value"


class Reckoner:
    """The values of one document by reference, and the arithmetic on them."""

    def __init__(self, values: Mapping[str, Value], columns: Mapping[str, Mapping[str, tuple[Value, ...]]]) -> None:
        self._values = values
        self._columns = columns

    @classmethod
    def of(
        cls,
        figures: Iterable[Figure] = (),
        movements: Iterable[Movement] = (),
        tables: Iterable[Table] = (),
        series: Iterable[Series] = (),
    ) -> Reckoner:
        """From what the document is made of."""
        tables = tuple(tables)
        values: dict[str, Value] = {}
        for figure in figures:
            values |= figure_values(figure)
        for movement in movements:
            values |= movement_values(movement)
        for one in series:
            values |= {f"{one.measure.code}@{point.quarter}": point.value for point in one.points}
        for table in tables:
            values |= {
                f"{table.code}.{row.key}.{column.code}": cell
                for row in table.every_row()
                for column, cell in zip(table.columns, row.cells, strict=True)
            }
        return cls(values, {table.code: columns_of(table) for table in tables})

    def worth(self, reference: str) -> Value:
        """The value that a reference stands for; a quotient by nothing, or with an unknown part, is not known."""
        above, slash, below = reference.partition(" / ")
        if not slash:
            return self._sum(above)
        top, bottom = _exact(self._sum(above)), _exact(self._sum(below))
        return top / bottom if top is not None and bottom else None

    def _sum(self, text: str) -> Value:
        first, *rest = _TERMS.split(text)
        whole = self._term(first)
        for sign, term in zip(rest[::2], rest[1::2], strict=True):
            part = self._term(term)
            whole = None if whole is None or part is None else _joined(whole, part, sign)
        return whole

    def _term(self, text: str) -> Value:
        words = text.split(" ")
        return self._counted(words) if words[0] in {"rows", "count"} else self._one(text)

    def _counted(self, words: list[str]) -> int:
        columns = self._columns.get(words[1])
        if columns is None:
            raise NoSuchValue(f"the document carries no table {words[1]!r}", reference=" ".join(words))
        if words[0] == "rows":
            return len(next(iter(columns.values()), ()))
        return columns[words[2]].count(" ".join(words[3:]))

    def _one(self, name: str) -> Value:
        if name not in self._values:
            raise NoSuchValue(f"the document carries no value {name!r}", reference=name)
        return self._values[name]


def figure_values(figure: Figure) -> dict[str, Value]:
    """A figure's own value and those of its coverage."""
    values: dict[str, Value] = {figure.code: figure.value}
    if figure.coverage is not None:
        values |= {f"{figure.code}.known": figure.coverage.known, f"{figure.code}.of": figure.coverage.of}
    return values


def movement_values(movement: Movement) -> dict[str, Value]:
    """The four parts of a movement, by name."""
    return {f"{movement.code}.{part}": getattr(movement, part) for part in ("opening", "added", "taken", "closing")}


def columns_of(table: Table) -> dict[str, tuple[Value, ...]]:
    """A table's columns without its total row."""
    return {column.code: tuple(row.cells[place] for row in table.rows) for place, column in enumerate(table.columns)}


def _joined(whole: Value, part: Value, sign: str) -> Value:
    if isinstance(whole, Money) and isinstance(part, Money):
        return whole + part if sign == "+" else whole - part
    if isinstance(whole, int) and isinstance(part, int):
        return whole + part if sign == "+" else whole - part
    raise NoSuchValue(f"{whole!r} and {part!r} are not two sums of money or two counts", reference=sign)


def _exact(value: Value) -> Fraction | None:
    if isinstance(value, Money):
        return Fraction(value.pence)
    return Fraction(value) if isinstance(value, (int, Decimal, Fraction)) else None
