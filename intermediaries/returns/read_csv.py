"""How a CSV return is read: UTF-8, commas, headings in the first line."""

from __future__ import annotations

import csv
import io
import re
from codecs import BOM_UTF8
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Final

from intermediaries.returns.bounds import Limits, Unreadable, too_many
from intermediaries.returns.cells import refuse_other_encoding, written
from intermediaries.returns.layout import COLUMN, HEADER_TOLD
from intermediaries.returns.raw import SEPARATORS, RawCell, RawReturn, Records, heading

_ENOUGH: Final = 3
_BEGINS: Final = 4096
_END_OF_FILE: Final = b"\x1a"
_FAULTS: Final = (
    ("unexpected end of data", "a double quote opens a cell and is never closed"),
    ("expected after", "something stands between the double quote that closes a cell and the next comma"),
    ("field larger than", "a cell is far longer than any of a return"),
)
"""What the reader of CSV finds fault with, and how we say it."""


def read_csv(data: bytes, limits: Limits) -> RawReturn:
    """The return in a CSV file; `facility`, `quarter` and `cash_held` may stand in columns of those names.

    Refuses text that is not UTF-8, other separators than commas, quotes that do not close, and a file without headings.
    """
    if data.count(b"\n") > 2 * limits.max_rows:
        raise too_many(limits)
    data = _without_marks(data)
    refuse_other_encoding(data)
    _refuse_other_separator(data)
    first = next(_lines(data, limits), [])
    columns = [heading(name) for name in first]
    rows = Records(columns, lambda: _loans(data, limits), limits, frozenset(HEADER_TOLD), uneven=True)
    shown = tuple("" if name in HEADER_TOLD else name for name in columns)
    return RawReturn("csv", shown, rows, _said(columns, lambda: _lines(data, limits)))


def _without_marks(data: bytes) -> bytes:
    """The file without a second mark of UTF-8 at its beginning, and without the old sign for the end of a file."""
    while data.startswith(2 * BOM_UTF8):
        data = data[len(BOM_UTF8) :]
    return data.rstrip(_END_OF_FILE) if data.endswith(_END_OF_FILE) else data


def _lines(data: bytes, limits: Limits) -> Iterator[list[str]]:
    # The text is decoded as it is read: a file of the greatest size would take four times its bytes as a whole.
    reader = csv.reader(io.TextIOWrapper(io.BytesIO(data), "utf-8-sig", newline=""), strict=True)
    before, begun = 0, False
    try:
        for number, line in enumerate(reader):
            if number > 2 * limits.max_rows or len(line) > limits.max_columns:
                raise too_many(limits)
            before = reader.line_num
            begun = begun or any(map(str.strip, line))
            if begun:  # lines above the headings that hold nothing are no lines of the table
                yield line
    except csv.Error as broken:
        said = next((ours for theirs, ours in _FAULTS if theirs in str(broken)), str(broken))
        raise Unreadable(
            "broken-csv",
            f"What begins in line {before + 1} of the file is not CSV: {said}.",
            expected="cells with commas between, and a cell that holds a comma or a quote in double quotes",
            remedy="Mend that line, or save the file again from a spreadsheet program as CSV in UTF-8.",
        ) from broken


def _loans(data: bytes, limits: Limits) -> Iterator[Sequence[RawCell | None]]:
    """The lines below the headings."""
    for line in islice(_lines(data, limits), 1, None):
        yield [written(text) for text in line]


def _said(columns: Sequence[str], lines: Callable[[], Iterator[list[str]]]) -> dict[str, tuple[RawCell, ...]]:
    """What the lines say of the whole return: each different answer once."""
    places = {name: columns.index(name) for name in HEADER_TOLD if name in columns}
    said: dict[str, dict[RawCell, None]] = {name: {} for name in places}
    for line in islice(lines(), 1, None) if places else ():
        for name, place in places.items():
            if place < len(line) and (cell := written(line[place])) is not None:
                said[name][cell] = None
    return {name: tuple(found) for name, found in said.items() if found}


def _refuse_other_separator(data: bytes) -> None:
    """Refuse headings that other signs than commas stand between, whether or not they stand in quotes."""
    begins = data[:_BEGINS].decode("utf-8-sig", errors="ignore").lstrip("\r\n")
    told = re.match(r"sep=(.)[\r\n]+", begins, re.IGNORECASE)
    line = begins[told.end() :] if told else begins
    first = next(iter(line.splitlines()), "")
    if first.count(",") >= _ENOUGH:
        return
    for sign, name in SEPARATORS[1:]:
        if sum(heading(part.strip("\"'")) in COLUMN for part in first.split(sign)) >= _ENOUGH:
            raise Unreadable(
                "wrong-separator",
                f"The cells of the file are separated by {name}.",
                expected="cells separated by commas",
                remedy="Save it as CSV with commas between the cells, or send the workbook itself.",
                value=first[:80],
            )
