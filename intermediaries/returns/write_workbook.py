"""How our workbook is written: the sheets Return, Loans, Guide and Codes, drop-downs, comments, and never a formula."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final

import xlsxwriter

from intermediaries.outcomes.codes import CODE_LISTS
from intermediaries.outcomes.lists import NOT_APPLICABLE, NOT_KNOWN
from intermediaries.returns.bounds import Form
from intermediaries.returns.findings import Answered, Finding, guarded
from intermediaries.returns.layout import (
    CASH_BEFORE,
    COLUMN,
    COLUMNS,
    HEADER_FIELDS,
    HEADER_SHEET,
    LOANS_SHEET,
    OPENING,
    Column,
    Kind,
    Presence,
)
from intermediaries.returns.raw import RawCell
from ledger.dates import CALENDAR_ENDS, CALENDAR_STARTS

Cells = Mapping[str, RawCell]

NUMERIC: Final = (Kind.MONEY, Kind.RATE, Kind.SHARE, Kind.COUNT, Kind.NUMBER)
_SHOWN_AS: Final[Mapping[Kind, str]] = {
    Kind.MONEY: "0.00",
    Kind.DATE: "yyyy-mm-dd",
    Kind.RATE: "0.0000",
    Kind.SHARE: "0.0000",
    Kind.COUNT: "0",
    Kind.NUMBER: "General",
}
_ROOM: Final = 500
"""Empty rows below the last loan that are ready with formats and drop-downs."""
_MADE: Final = datetime(2008, 11, 26, tzinfo=UTC)
"""A workbook says when it was made; ours always says this, so that the same content gives the same bytes."""
_SAID: Final[Mapping[str, str]] = {
    "facility": "The facility that the loans are made from.",
    "quarter": "The calendar quarter, like 2012Q4.",
    "cash_held": "Cash held for the facility at the end of the quarter, in pounds.",
    CASH_BEFORE: "Filled in by us: what our books leave in cash before the quarter's loans moved. With our share of "
    "what borrowers paid, and less our share of what they drew, it should come to cash_held.",
}
_AMOUNTS: Final = frozenset({"cash_held", CASH_BEFORE})
_OPENING_HELP: Final = "Filled in by us: what was owed when the quarter began. Nothing is taken from it."
_INK: Final = "#1F2937"
_REQUIRED: Final = "#D9E7F5"
_OTHER: Final = "#EEF1F4"
_WRONG: Final = "#F8C9C4"
_ASKED: Final = "#FBE7B2"
_FOUND: Final = {
    "severity": 10,
    "sheet": 9,
    "row": 6,
    "column": 22,
    "value": 24,
    "message": 60,
    "expected": 44,
    "remedy": 60,
    "rule": 28,
}
_ANSWERED: Final = {"answer": 60, "answered_by": 24, "answered_at": 22}
"""What a finding is told with, and how wide each column of it is."""
_YES_NO: Final = ("yes", "no", NOT_KNOWN, NOT_APPLICABLE)


@dataclass(frozen=True, slots=True)
class Sheets:
    """What is written into a workbook: the header, the headings, the numbered rows, and what is said beside them.

    The rows are gone through once, in the order of their numbers.
    """

    header: Mapping[str, str]
    columns: Sequence[str]
    rows: Iterable[tuple[int, Cells]]
    remarks: Mapping[tuple[int, str], str] = field(default_factory=dict)
    findings: Sequence[Finding] | None = None


def as_workbook(sheets: Sheets) -> bytes:
    """The workbook as bytes; the same content gives the same bytes. No cell of it is a formula.

    It is written row after row, and what is written is kept in a file: of a long return no two rows need be there at a
    time. Each sheet is therefore written from its top down.
    """
    out = io.BytesIO()
    asked = ("constant_memory", *("strings_to_formulas", "strings_to_urls", "strings_to_numbers"))
    options = {name: name == "constant_memory" for name in asked}
    with xlsxwriter.Workbook(out, options) as book:
        book.set_properties({"title": "Lending return", "created": _MADE})
        _Writer(book, sheets).write()
    return out.getvalue()


class _Writer:
    """One workbook in the making."""

    def __init__(self, book: Any, sheets: Sheets) -> None:
        self._book = book
        self._sheets = sheets
        self._formats: dict[tuple[tuple[str, object], ...], Any] = {}
        self._looks: dict[tuple[str, str | None], Any] = {}

    def write(self) -> None:
        """Every sheet, the loans in front of the reader."""
        header, loans = self._book.add_worksheet(HEADER_SHEET), self._book.add_worksheet(LOANS_SHEET)
        if self._sheets.findings is not None:
            self._findings(self._book.add_worksheet("Findings"), self._sheets.findings)
        guide, codes = self._book.add_worksheet("Guide"), self._book.add_worksheet("Codes")
        self._header(header)
        ranges = self._codes(codes)
        self._guide(guide)
        self._loans(loans, ranges)
        loans.activate()

    def _format(self, **properties: object) -> Any:
        key = tuple(sorted(properties.items()))
        if key not in self._formats:
            self._formats[key] = self._book.add_format({"font_name": "Calibri", "valign": "top", **properties})
        return self._formats[key]

    def _header(self, sheet: Any) -> None:
        sheet.set_column(0, 0, 14)
        sheet.set_column(1, 1, 30)
        sheet.set_column(2, 2, 70)
        for row, name in enumerate((*HEADER_FIELDS, *([CASH_BEFORE] if CASH_BEFORE in self._sheets.header else []))):
            sheet.write_string(row, 0, name, self._format(bold=True, bg_color=_REQUIRED))
            text = self._sheets.header.get(name, "")
            number = _float(text) if name in _AMOUNTS else None
            if number is not None:
                sheet.write_number(row, 1, number, self._format(num_format="0.00", align="left"))
            elif text:
                sheet.write_string(row, 1, guarded(text), self._format(num_format="@"))
            else:
                sheet.write_blank(row, 1, None, self._format(num_format="0.00" if name in _AMOUNTS else "@"))
            sheet.write_string(row, 2, _SAID[name], self._format(font_color=_INK, italic=True))

    def _codes(self, sheet: Any) -> dict[str, str]:
        """One pair of columns for each list, and the range that each drop-down points at."""
        ranges: dict[str, str] = {}
        told: list[list[tuple[str, str]]] = []
        for place, name in enumerate(dict.fromkeys(column.codes for column in COLUMNS if column.codes)):
            left, served = place * 2, CODE_LISTS[name]
            sheet.set_column(left, left, 22)
            sheet.set_column(left + 1, left + 1, 44)
            marks = ((NOT_KNOWN, "Not known"), (NOT_APPLICABLE, "Not applicable")) if _may_be_marked(name) else ()
            told.append([(name, served.version), *((code.code, code.title) for code in served.codes), *marks])
            ranges[name] = f"=Codes!${_letters(left)}$2:${_letters(left)}${len(told[-1])}"
        for row in range(max(map(len, told))):
            look = [self._format(bold=True, bg_color=_REQUIRED)] if row == 0 else []
            for place, lines in enumerate(told):
                for beside, text in enumerate(lines[row] if row < len(lines) else ()):
                    sheet.write_string(row, place * 2 + beside, text, *look)
        sheet.freeze_panes(1, 0)
        return ranges

    def _guide(self, sheet: Any) -> None:
        widths = (26, 24, 70, 60, 34)
        for place, (width, title) in enumerate(
            zip(widths, ("column", "filled", "what it means", "what to write", "example"), strict=True)
        ):
            sheet.set_column(place, place, width)
            sheet.write_string(0, place, title, self._format(bold=True, bg_color=_REQUIRED))
        for row, column in enumerate(COLUMNS, 1):
            texts = (column.name, column.presence.value, column.help, column.expected, column.example)
            for place, text in enumerate(texts):
                sheet.write_string(row, place, text, self._format(text_wrap=True, bold=place == 0))
        sheet.freeze_panes(1, 1)

    def _loans(self, sheet: Any, ranges: Mapping[str, str]) -> None:
        for place, name in enumerate(self._sheets.columns):
            self._heading(sheet, place, name, COLUMN.get(name))
        last, marks, remarks = 0, self._marks(), self._remarks()
        for number, cells in self._sheets.rows:
            last = number
            self._remark(sheet, remarks, number)
            for place, name in enumerate(self._sheets.columns):
                cell, fill = cells.get(name), marks.get((number, name)) or (_OTHER if name == OPENING else None)
                if cell is not None or fill is not None:
                    self._cell(sheet, (number, place), name, cell, fill)
        self._remark(sheet, remarks)
        for place, name in enumerate(self._sheets.columns):
            column = COLUMN.get(name)
            if column is not None:
                _limit(sheet, place, last + _ROOM, column, ranges)
            elif name == OPENING:
                only_ours = {"validate": "custom", "value": "=FALSE", "error_type": "stop"}
                told = {**only_ours, "error_title": name, "error_message": _OPENING_HELP}
                sheet.data_validation(1, place, last + _ROOM, place, told)
        sheet.freeze_panes(1, 1)

    def _remark(self, sheet: Any, remarks: dict[int, list[tuple[str, str]]], until: int | None = None) -> None:
        """Say beside cells what is said of the rows up to one, or of all: once a row is written, nothing can be."""
        width = {"x_scale": 2.4, "y_scale": 1.6, "author": "Big Society Bank"}
        while remarks and (until is None or next(iter(remarks)) <= until):
            number = next(iter(remarks))
            for name, remark in remarks.pop(number):
                if name in self._sheets.columns:
                    sheet.write_comment(number, self._sheets.columns.index(name), remark, width)

    def _heading(self, sheet: Any, place: int, name: str, column: Column | None) -> None:
        required = column is not None and column.presence is not Presence.OPTIONAL
        shown_as = _shown_as(name)
        sheet.set_column(place, place, max(12, len(name) + 3), self._format(num_format=shown_as))
        fill = _REQUIRED if required else _OTHER
        sheet.write_string(0, place, guarded(name), self._format(bold=True, bg_color=fill, border=1))

    def _cell(self, sheet: Any, at: tuple[int, int], name: str, cell: RawCell | None, fill: str | None) -> None:
        shown_as = _shown_as(name)
        if cell is None:
            sheet.write_blank(*at, None, self._look(shown_as, fill))
            return
        number = _float(cell.text) if cell.form in {Form.NUMBER, Form.BARE, Form.FORMULA} else None
        day = _day(cell.text) if cell.form is Form.DATE else None
        if number is not None:
            sheet.write_number(*at, number, self._look(shown_as, fill))
        elif day is not None:
            sheet.write_datetime(*at, day, self._look("yyyy-mm-dd", fill))
        else:
            sheet.write_string(*at, guarded(cell.text)[:32767], self._look("@", fill))

    def _look(self, shown_as: str, fill: str | None) -> Any:
        """How a cell of a loan looks: there are a dozen looks, and cells by the million."""
        if (shown_as, fill) not in self._looks:
            colour = {"bg_color": fill} if fill else {}
            self._looks[shown_as, fill] = self._format(num_format=shown_as, **colour)
        return self._looks[shown_as, fill]

    def _marks(self) -> dict[tuple[int, str], str]:
        """The colour of each cell that something was found in; an error outshines a question."""
        found = sorted(self._sheets.findings or (), key=lambda finding: finding.severity, reverse=True)
        return {
            (finding.row, finding.column): _WRONG if finding.severity == "error" else _ASKED
            for finding in found
            if finding.row is not None and finding.column is not None
        }

    def _remarks(self) -> dict[int, list[tuple[str, str]]]:
        """What is said beside cells, by row: the help beside each heading, and what was found beside each cell."""
        told = {(0, name): COLUMN[name].help for name in self._sheets.columns if name in COLUMN}
        told |= {(0, OPENING): _OPENING_HELP}
        told |= self._sheets.remarks
        for finding in self._sheets.findings or ():
            if finding.row is not None and finding.column is not None:
                at = (finding.row, finding.column)
                told[at] = "\n".join(filter(None, (told.get(at), f"{finding.message} {finding.remedy}")))
        by_row: dict[int, list[tuple[str, str]]] = {}
        for number, name in sorted(told, key=lambda at: at[0]):
            by_row.setdefault(number, []).append((name, told[number, name]))
        return by_row

    def _findings(self, sheet: Any, findings: Sequence[Finding]) -> None:
        titles, widths = [*_FOUND], [*_FOUND.values()]
        if any(isinstance(finding, Answered) for finding in findings):
            titles, widths = [*titles, *_ANSWERED], [*widths, *_ANSWERED.values()]
        for place, (title, width) in enumerate(zip(titles, widths, strict=True)):
            sheet.set_column(place, place, width)
            sheet.write_string(0, place, title, self._format(bold=True, bg_color=_REQUIRED))
        for row, finding in enumerate(findings, 1):
            fill = _WRONG if finding.severity == "error" else _ASKED
            for place, title in enumerate(titles):
                value = getattr(finding, title, "")
                look = self._format(text_wrap=True, **({"bg_color": fill} if place == 0 else {}))
                if isinstance(value, int):
                    sheet.write_number(row, place, value, look)
                elif value:
                    sheet.write_string(row, place, guarded(value), look)
        if not findings:
            sheet.write_string(1, 0, "Nothing was found.")
        sheet.freeze_panes(1, 0)


def _shown_as(name: str) -> str:
    if name == OPENING:
        return _SHOWN_AS[Kind.MONEY]
    return _SHOWN_AS.get(COLUMN[name].kind, "@") if name in COLUMN else "@"


def _limit(sheet: Any, place: int, last: int, column: Column, ranges: Mapping[str, str]) -> None:
    """What the spreadsheet itself offers or warns of while a cell is filled; our own checks have the last word."""
    about = {"error_type": "warning", "error_title": column.name, "error_message": column.expected[:255]}
    if column.codes:
        sheet.data_validation(1, place, last, place, {"validate": "list", "source": ranges[column.codes], **about})
    elif column.kind is Kind.YES_NO:
        sheet.data_validation(1, place, last, place, {"validate": "list", "source": list(_YES_NO), **about})
    elif column.kind is Kind.DATE:
        span = {"minimum": CALENDAR_STARTS, "maximum": CALENDAR_ENDS}
        sheet.data_validation(1, place, last, place, {"validate": "date", "criteria": "between", **span, **about})
    elif column.kind in {Kind.RATE, Kind.SHARE}:
        span_of_one = {"criteria": "between", "minimum": 0, "maximum": 1}
        sheet.data_validation(1, place, last, place, {"validate": "decimal", **span_of_one, **about})
    elif column.kind in {Kind.MONEY, Kind.COUNT}:
        kind = "decimal" if column.kind is Kind.MONEY else "integer"
        sheet.data_validation(1, place, last, place, {"validate": kind, "criteria": ">=", "value": 0, **about})


def _may_be_marked(codes: str) -> bool:
    return any(column.answers for column in COLUMNS if column.codes == codes)


def _letters(place: int) -> str:
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _float(text: str) -> float | None:
    """The spreadsheet number that means exactly this decimal text; None where none does, and text must stay text."""
    digits = text.removeprefix("-").replace(".", "", 1)
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 17:  # noqa: PLR2004 -- more digits no such number holds
        return None
    number = float(text)
    return number if Decimal(f"{number:.16G}") == Decimal(text) else None


def _day(text: str) -> datetime | None:
    try:
        return datetime.combine(date.fromisoformat(text), datetime.min.time())
    except ValueError:
        return None
