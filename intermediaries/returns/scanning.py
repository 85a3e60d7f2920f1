"""What a sheet of a workbook holds before a cell of it is read: how far it reaches, and what is not as it looks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from intermediaries.returns.bounds import Limits, Unreadable, too_many

_REFERENCE: Final = re.compile(r"([A-Z]{1,3})([0-9]{1,7})", re.ASCII)
_FEW: Final = 8
"""So many hidden rows, columns and merged ranges are named."""
_LONGEST_RANGE: Final = 20


@dataclass
class Scan:
    """What a sheet holds before a single cell is read: how far it reaches, and which cells are errors or bare formulas.

    A formula may be worth a text without a letter; one that was never worked out has no value at all.
    """

    limits: Limits
    title: str
    row: int = 0
    column: int = 0
    kind: str = ""
    last_row: int = 0
    last_column: int = 0
    filled: int = 0
    seen: int = 0
    farthest: str = ""
    formulas: set[tuple[int, int]] = field(default_factory=set)
    errors: set[tuple[int, int]] = field(default_factory=set)
    letters: dict[str, int] = field(default_factory=dict)
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: set[int] = field(default_factory=set)
    hidden_filled: set[int] = field(default_factory=set)
    first_row: int = 0
    merged: list[str] = field(default_factory=list)
    unseen: bool = False

    def refuse_too_wide(self) -> None:
        """Refuse a sheet that would take more room than a return can."""
        if self.last_row * self.last_column > self.limits.max_cells * 3:
            raise self.too_far()

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """One element begins. Only a cell with something in it counts."""
        name = tag.rpartition(" ")[2]
        if name == "c":
            self.seen += 1
            if self.seen > self.limits.max_cells * 3 // 2:
                raise too_many(self.limits)
            self._cell(attributes.get("r"), attributes.get("t", ""))
        elif name in {"v", "is"}:
            self._fill()
            if self.kind == "str":
                self.formulas.discard((self.row, self.column))
        elif name == "f":
            self._fill()
            self.formulas.add((self.row, self.column))
        elif name == "row":
            number = attributes.get("r", "")
            self.row = int(number) if number.isascii() and number.isdigit() and len(number) <= 7 else self.row + 1  # noqa: PLR2004 -- a sheet has 1,048,576 rows
            self.column = 0
            self.unseen = attributes.get("hidden", "0") not in {"0", "false"}
        elif name == "col" and attributes.get("hidden", "0") not in {"0", "false"}:
            self._hide(attributes.get("min", ""), attributes.get("max", ""))
        elif name == "mergeCell" and len(self.merged) < _FEW:
            self.merged.append(attributes.get("ref", "")[:_LONGEST_RANGE])

    def _hide(self, first: str, last: str) -> None:
        if first.isdigit() and last.isdigit() and len(first) < _FEW and len(last) < _FEW:
            self.hidden_columns.update(range(int(first), min(int(last), self.limits.max_columns) + 1))

    def kept_from_sight(self) -> Iterator[str]:
        """Which filled rows and columns nobody sees who looks at the sheet."""
        if self.hidden_rows:
            more = " and more" if len(self.hidden_rows) > _FEW else ""
            yield f"row {', '.join(map(str, self.hidden_rows[:_FEW]))}{more}"
        if self.hidden_filled:
            more = " and more" if len(self.hidden_filled) > _FEW else ""
            yield f"column {', '.join(map(_letters, sorted(self.hidden_filled)[:_FEW]))}{more}"

    def _cell(self, reference: str | None, kind: str) -> None:
        self.kind = kind
        match = _REFERENCE.fullmatch(reference) if reference else None
        if match is None:
            self.column += 1
            return
        letters = match[1]
        if letters not in self.letters:
            self.letters[letters] = _column_number(letters)
        self.column = self.letters[letters]
        self.row = int(match[2])

    def _fill(self) -> None:
        self.filled += 1
        self.first_row = self.first_row or self.row
        if self.unseen and len(self.hidden_rows) <= _FEW and self.row not in self.hidden_rows:
            self.hidden_rows.append(self.row)
        if self.column in self.hidden_columns and self.row > self.first_row:
            self.hidden_filled.add(self.column)
        if self.row > self.last_row:
            self.last_row, self.farthest = self.row, self.name
        if self.column > self.last_column:
            self.last_column, self.farthest = self.column, self.name
        if self.kind == "e":
            self.errors.add((self.row, self.column))
        if (
            self.last_row > self.limits.max_rows + 1
            or self.last_column > self.limits.max_columns
            or self.filled > self.limits.max_cells
        ):
            raise self.too_far()

    @property
    def name(self) -> str:
        """The present cell as a spreadsheet names it."""
        letters = next((letters for letters, number in self.letters.items() if number == self.column), "")
        return f"{letters}{self.row}"

    def too_far(self) -> Unreadable:
        """The refusal of cells beyond the reach of a return."""
        return Unreadable(
            "cells-too-far-out",
            f"Sheet {self.title} has a filled cell at {self.farthest}, far outside of what a return can hold.",
            expected=f"at most {self.limits.max_rows:,} loans in the columns of the template",
            remedy="Clear that cell and everything else outside of the table, or send the return as CSV.",
            value=self.farthest,
        )


def _letters(number: int) -> str:
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number
