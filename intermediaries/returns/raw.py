"""A return as it was written, before anything is believed: one shape for what stands in CSV, Excel and JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple

from intermediaries.returns.bounds import Form, Limits, too_many
from intermediaries.returns.days import day_meant
from intermediaries.returns.layout import COLUMN, DAYS, HEADER_TOLD, MARKING_COLUMN, OPENING

SEPARATORS: Final = ((",", "commas"), (";", "semicolons"), ("\t", "tabs"), ("|", "bars"))
"""What stands between the cells of text, ours first."""

Format = Literal["csv", "xlsx", "json"]
_OURS: Final = len("2012-03-31")


class RawCell(NamedTuple):
    """One filled cell: its exact text and its form. A spreadsheet number is its shortest exact decimal writing."""

    text: str
    form: Form = Form.TEXT


class RawRow(NamedTuple):
    """One loan as written. `number` counts from 1 at the first line under the heading, empty lines included."""

    number: int
    cells: Mapping[str, RawCell]
    beyond: int = 0
    """Filled cells that stand under no heading."""
    short_of: int = 0
    """Cells missing at the end of a CSV line."""


@dataclass(frozen=True, slots=True)
class Records:
    """Lines of cells under their headings, empty lines left out but counted, read anew each time they are gone through.

    Of a heading that stands twice the first counts. Our own writing on a return that we sent back is no cell, and what
    stands under a heading that is `beside` the loans is none of theirs. Lines that are `uneven` say how many cells they
    lack. Refuses more rows or filled cells than the limits allow, once it comes to them.
    """

    columns: Sequence[str]
    lines: Callable[[], Iterable[Sequence[RawCell | None]]]
    limits: Limits
    beside: frozenset[str] = frozenset()
    uneven: bool = False

    def __iter__(self) -> Iterator[RawRow]:
        rows = filled = 0
        kept = [
            (place, name, name in DAYS)
            for place, name in enumerate(self.columns)
            if name and name != MARKING_COLUMN and name not in self.beside
        ]
        nameless = [place for place, name in enumerate(self.columns) if not name]
        for number, line in enumerate(self.lines(), 1):
            row = self._record(number, line, kept, nameless)
            if row is None:
                continue
            rows += 1
            filled += len(row.cells)
            if rows > self.limits.max_rows or filled > self.limits.max_cells:
                raise too_many(self.limits)
            yield row

    def __bool__(self) -> bool:
        return next(iter(self), None) is not None

    def _record(
        self,
        number: int,
        line: Sequence[RawCell | None],
        kept: Sequence[tuple[int, str, bool]],
        nameless: Sequence[int],
    ) -> RawRow | None:
        cells: dict[str, RawCell] = {}
        wide, long = len(self.columns), len(line)
        for place, name, is_a_day in kept:
            if place >= long:
                break
            cell = line[place]
            if cell is not None:
                cells.setdefault(name, _as_a_day(cell) if is_a_day else cell)
        beyond = sum(line[place] is not None for place in (*nameless, *range(wide, long)) if place < long)
        short = max(0, wide - long) if self.uneven else 0
        return RawRow(number, cells, beyond, short) if cells or beyond else None


def _as_a_day(cell: RawCell) -> RawCell:
    """A day written otherwise than we do, where it can mean no other."""
    if cell.form is not Form.TEXT or _is_ours(cell.text) or (day := day_meant(cell.text)) is None:
        return cell
    return RawCell(day, Form.DATE)


def _is_ours(text: str) -> bool:
    return len(text) == _OURS and text[4] == "-" and text[7] == "-"


@dataclass(frozen=True, slots=True)
class RawReturn:
    """A whole return as written. `header` holds all that was said of facility, quarter and cash held."""

    format: Format
    columns: tuple[str, ...]
    rows: Records
    """May be gone through more than once; of a long file they are never all there at a time."""
    header: Mapping[str, tuple[RawCell, ...]] = field(default_factory=dict)
    hidden: str = ""
    """What of the loans nobody sees who looks at the sheet, in words."""
    merged: str = ""
    """Which cells of the loans were made one."""
    beside: str = ""
    """Other sheets that are named as the loans' is, and are not read."""


def heading(text: str) -> str:
    """The name of a column as it is compared: in small letters, without blanks around; "Loan Ref" is loan_ref too."""
    name = text.strip().lower()
    if name in COLUMN or name.isidentifier():
        return name
    joined = "_".join(name.split())
    return joined if joined in COLUMN or joined in {*HEADER_TOLD, OPENING} else name
