"""A return as it was written, before anything is believed: one shape for what stands in CSV, Excel and JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Literal

from intermediaries.returns.layout import MARKING_COLUMN
from ledger.refusals import Malformed

Format = Literal["csv", "xlsx", "json"]


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of anything a return may hold. Beyond them a file is refused before it costs memory or time."""

    max_bytes: int = 20 * 1024 * 1024
    max_rows: int = 100_000
    max_columns: int = 256
    max_cells: int = 2_000_000
    max_faults: int = 5_000
    max_parts: int = 200
    max_inflated: int = 50 * 1024 * 1024
    max_ratio: int = 100
    memory_bytes: int = 768 * 1024 * 1024
    cpu_seconds: int = 10
    deadline_seconds: float = 20.0


LIMITS: Final = Limits()


class Form(StrEnum):
    """How a cell was written, where that matters to whether it may be believed. BARE is a JSON value without quotes."""

    TEXT = "text"
    NUMBER = "number"
    BARE = "bare"
    DATE = "date"
    FORMULA = "formula"
    ERROR = "error"
    NESTED = "nested"


@dataclass(frozen=True, slots=True)
class RawCell:
    """One filled cell: its exact text and its form. A spreadsheet number is its shortest exact decimal writing."""

    text: str
    form: Form = Form.TEXT


@dataclass(frozen=True, slots=True)
class RawRow:
    """One loan as written. `number` counts from 1 at the first line under the heading, empty lines included."""

    number: int
    cells: Mapping[str, RawCell]
    beyond: int = 0
    """Filled cells that stand under no heading."""
    short_of: int = 0
    """Cells missing at the end of a CSV line."""


@dataclass(frozen=True, slots=True)
class RawReturn:
    """A whole return as written. `header` holds all that was said of facility, quarter and cash held."""

    format: Format
    columns: tuple[str, ...]
    rows: tuple[RawRow, ...]
    header: Mapping[str, tuple[RawCell, ...]] = field(default_factory=dict)


class Unreadable(Malformed):
    """A file that cannot be read as a return at all: the rule it breaks, and what to do instead."""

    slug = "unreadable-return"

    def __init__(self, rule: str, message: str, *, expected: str, remedy: str, value: str = "") -> None:
        super().__init__(f"{message} {remedy}", rule=rule, expected=expected, remedy=remedy, found=value)
        self.rule = rule
        self.message = message
        self.expected = expected
        self.remedy = remedy
        self.value = value


def records(columns: Sequence[str], lines: Iterable[Sequence[RawCell | None]], limits: Limits) -> tuple[RawRow, ...]:
    """Lines of cells under their headings, empty lines left out but counted.

    Of a heading that stands twice the first counts. Our own writing on a return that we sent back is no cell. Refuses
    more rows or filled cells than the limits allow.
    """
    rows: list[RawRow] = []
    filled = 0
    for number, line in enumerate(lines, 1):
        row = _record(number, columns, line)
        if row is None:
            continue
        rows.append(row)
        filled += len(row.cells)
        if len(rows) > limits.max_rows or filled > limits.max_cells:
            raise too_many(limits)
    return tuple(rows)


def _record(number: int, columns: Sequence[str], line: Sequence[RawCell | None]) -> RawRow | None:
    cells: dict[str, RawCell] = {}
    for name, cell in zip(columns, line, strict=False):
        if cell is not None and name and name != MARKING_COLUMN:
            cells.setdefault(name, cell)
    beyond = sum(cell is not None for place, cell in enumerate(line) if place >= len(columns) or not columns[place])
    return RawRow(number, cells, beyond) if cells or beyond else None


def too_many(limits: Limits) -> Unreadable:
    """The refusal of a file with more loans than a return can have."""
    return Unreadable(
        "too-many-rows",
        f"The file has more than {limits.max_rows:,} rows or {limits.max_cells:,} filled cells.",
        expected=f"at most {limits.max_rows:,} loans",
        remedy="Delete what is not a loan below and beside the table, or ask us to take the return in parts.",
    )


def heading(text: str) -> str:
    """The name of a column as it is compared: without spaces around and in small letters."""
    return text.strip(" \u00a0").lower()
