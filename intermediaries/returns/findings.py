"""What a finding is: one fault or question, where it stands, what was found, what was expected and how to mend it."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Final, Literal

from intermediaries.returns.layout import COLUMN, LOANS_SHEET

Severity = Literal["error", "question"]

_SHOWN: Final = 80
_PLACE: Final = {name: place for place, name in enumerate(COLUMN)}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found in a return. An error stops it; a question asks somebody to look and confirm.

    `row` counts the loans from 1 and is None for the file as a whole; `loan_ref` is the loan of that row, where it
    could be read. The same data gives the same findings in every format, so `sheet` is "Loans" or "Return" in CSV and
    JSON too.
    """

    rule: str
    tier: int
    severity: Severity
    sheet: str
    row: int | None
    column: str | None
    value: str
    message: str
    expected: str
    remedy: str
    loan_ref: str = ""

    def as_json(self) -> dict[str, object]:
        """The finding as it goes over the wire."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @property
    def place(self) -> tuple[int, str, int, str, str]:
        """Where it sorts: the file first, then row by row in the order of the columns."""
        return (self.row or 0, self.sheet, _PLACE.get(self.column or "", -1), self.column or "", self.rule)

    @property
    def where(self) -> str:
        """The place in words."""
        parts = [f"sheet {self.sheet}"]
        parts += [f"row {self.row}"] if self.row is not None else []
        parts += [f"column {self.column}"] if self.column is not None else []
        return ", ".join(parts)


@dataclass(frozen=True, slots=True)
class Answered(Finding):
    """A finding of a return that was filed, with what the filer confirmed of it, and by whom and when."""

    answer: str = ""
    answered_by: str = ""
    answered_at: str = ""


def what_is_asked(finding: Finding) -> tuple[str, ...]:
    """What makes two findings of two files the same: rule, loan, cell and value, and what the value is held against."""
    return (finding.rule, finding.loan_ref, finding.column or "", finding.value, finding.message)


def findings_json(findings: Iterable[Finding]) -> list[dict[str, object]]:
    """Findings as a list of plain objects."""
    return [finding.as_json() for finding in findings]


def findings_csv(findings: Sequence[Finding]) -> bytes:
    """Findings as a table for a spreadsheet: UTF-8 with a mark, and no cell that could run as a formula."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    names = [field.name for field in fields(findings[0] if findings else Finding)]
    writer.writerow(names)
    for finding in findings:
        cells = (getattr(finding, name) for name in names)
        writer.writerow(["" if cell is None else guarded(str(cell)) for cell in cells])
    return out.getvalue().encode("utf-8-sig")


def on_file(
    rule: str, message: str, *, expected: str, remedy: str, value: str = "", sheet: str = LOANS_SHEET
) -> Finding:
    """An error of the first tier that concerns the file as a whole."""
    return Finding(rule, 1, "error", sheet, None, None, shown(value), message, expected, remedy)


def counted(number: int, one: str) -> str:
    """So many of a thing: "1 loan", "2 loans"; for things of which many are told by an s."""
    return f"{number:,} {one}{'' if number == 1 else 's'}"


def shown(text: str) -> str:
    """Text as a finding may quote it: short, on one line, and with every sign visible."""
    clear = "".join(letter if _visible(letter) else f"\\u{ord(letter):04x}" for letter in text[: _SHOWN + 1])
    return clear if len(clear) <= _SHOWN else f"{clear[: _SHOWN - 3]}..."


def _visible(letter: str) -> bool:
    return unicodedata.category(letter) not in HIDDEN_CATEGORIES and letter not in HIDDEN_SIGNS


HIDDEN_CATEGORIES: Final = frozenset({"Cc", "Cs", "Co", "Cn", "Cf", "Zl", "Zp"})
"""Controls, surrogates, private and unassigned signs, bidirectional and zero-width marks, separators of lines."""
HIDDEN_SIGNS: Final = frozenset("\u034f\u115f\u1160\u2800\u3164\uffa0")
"""Letters by category that nevertheless print as nothing."""

RISKY: Final = frozenset("=+-@\t\r\n\0＝＋－＠")  # noqa: RUF001 -- the full-width signs are meant: spreadsheets run them too
_MARKS: Final = frozenset({"-", "?"})


def guarded(text: str) -> str:
    """Text that a spreadsheet will not run: an apostrophe is put before a sign that would start a formula.

    An answer "-" and a negative number stay as they are. `unguarded` takes the apostrophe off again.
    """
    bare = text.lstrip("'")
    if bare[:1] not in RISKY or text in _MARKS or _is_number(text):
        return text
    return f"'{text}"


def unguarded(text: str) -> str:
    """Text without the apostrophe that guards it against being run as a formula."""
    return text[1:] if text[:1] == "'" and text.lstrip("'")[:1] in RISKY else text


def _is_number(text: str) -> bool:
    digits = text.removeprefix("-").replace(".", "", 1)
    return digits.isascii() and digits.isdigit()
