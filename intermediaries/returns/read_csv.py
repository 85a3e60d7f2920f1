"""How a CSV return is read: UTF-8, commas, headings in the first line."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from intermediaries.returns.cells import decoded, written
from intermediaries.returns.layout import COLUMN, HEADER_FIELDS
from intermediaries.returns.raw import Limits, RawCell, RawReturn, RawRow, Unreadable, heading, records, too_many

_OTHER_SEPARATORS: Final = ((";", "semicolons"), ("\t", "tabs"), ("|", "bars"))
_ENOUGH: Final = 3


def read_csv(data: bytes, limits: Limits) -> RawReturn:
    """The return in a CSV file; `facility`, `quarter` and `cash_held` may stand in columns of those names.

    Refuses text that is not UTF-8, other separators than commas, quotes that do not close, and a file without headings.
    """
    if data.count(b"\n") > 2 * limits.max_rows:
        raise too_many(limits)
    lines = _lines(decoded(data), limits)
    first = next(lines, [])
    columns = [heading(name) for name in first]
    _refuse_other_separator(first)
    lengths: dict[int, int] = {}
    rows = records(columns, _cells(lines, lengths), limits)
    rows = tuple(replace(row, short_of=max(0, len(columns) - lengths[row.number])) for row in rows)
    header = {name: found for name in HEADER_FIELDS if (found := _said(rows, name))}
    shown = tuple("" if name in HEADER_FIELDS else name for name in columns)
    return RawReturn("csv", shown, tuple(row for row in map(_without_header, rows) if row.cells or row.beyond), header)


def _lines(text: str, limits: Limits) -> Iterator[list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        for number, line in enumerate(reader):
            if number > 2 * limits.max_rows or len(line) > limits.max_columns:
                raise too_many(limits)
            yield line
    except csv.Error as broken:
        raise Unreadable(
            "broken-csv",
            f"Line {reader.line_num} of the file is not CSV: {broken}.",
            expected="cells with commas between, and a cell that holds a comma or a quote in double quotes",
            remedy="Save the file again from a spreadsheet program as CSV in UTF-8, or send the workbook itself.",
        ) from broken


def _cells(lines: Iterator[list[str]], lengths: dict[int, int]) -> Iterator[Sequence[RawCell | None]]:
    for number, line in enumerate(lines, 1):
        lengths[number] = len(line)
        yield [written(text) for text in line]


def _said(rows: Sequence[RawRow], name: str) -> tuple[RawCell, ...]:
    """What the lines say of the whole return: each different answer once."""
    return tuple(dict.fromkeys(row.cells[name] for row in rows if name in row.cells))


def _without_header(row: RawRow) -> RawRow:
    cells = {name: cell for name, cell in row.cells.items() if name not in HEADER_FIELDS}
    return replace(row, cells=cells)


def _refuse_other_separator(first: Sequence[str]) -> None:
    if len(first) >= _ENOUGH:
        return
    for sign, name in _OTHER_SEPARATORS:
        if sum(heading(part.strip('"')) in COLUMN for line in first for part in line.split(sign)) >= _ENOUGH:
            raise Unreadable(
                "wrong-separator",
                f"The cells of the file are separated by {name}.",
                expected="cells separated by commas",
                remedy="Save it as CSV with commas between the cells, or send the workbook itself.",
                value=first[0],
            )
