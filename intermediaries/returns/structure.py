"""The checks of a file as a whole: whether its columns are the return's, and what it says of itself agrees."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import islice
from types import MappingProxyType
from typing import Final

from intermediaries.returns.amounts import amount_meant
from intermediaries.returns.bounds import Form, Unreadable
from intermediaries.returns.checks import Check, Fault, FileTest, named, sentence_of
from intermediaries.returns.findings import shown
from intermediaries.returns.layout import (
    CASH_BEFORE,
    COLUMN,
    HEADER_FIELDS,
    HEADER_SHEET,
    HEADER_TOLD,
    LOANS_SHEET,
    MARKING_COLUMN,
    MUST_HAVE,
    OPENING,
    PLACES,
)
from intermediaries.returns.raw import SEPARATORS, RawCell, RawReturn, RawRow, heading
from ledger.dates import BadDate, Quarter
from ledger.money import BadAmount, Money

_OURS: Final = frozenset({MARKING_COLUMN, OPENING})
"""Columns that we write ourselves and ask nobody for."""
_LONGEST_HEADING: Final = 40
_ENOUGH_HEADINGS: Final = 3
_A_SUM: Final = re.compile(r"(?:(?:grand|sub)[ -]?)?totals?[^a-z]*|sum(?: total)?[^a-z0-9]*", re.IGNORECASE)
_NAMING: Final = frozenset({"loan_ref", "borrower_name"})
_LOOKED_THROUGH: Final = 20
_NO_COLUMN: Final = "Take the headings from our template; their order does not matter."


def headings_known(raw: RawReturn) -> Iterator[Fault]:
    """Every heading is a column of the return."""
    for name in dict.fromkeys(raw.columns):
        if name and name not in COLUMN and name not in _OURS:
            near = _nearest(name, raw)
            remedy = f"Did you mean {near}? Correct the heading." if near else f"Delete the column. {_NO_COLUMN}"
            yield Fault(
                f"There is no column {shown(name)!r} in a return.",
                remedy,
                expected=near or "a heading of the template",
                value=name,
            )


def headings_complete(raw: RawReturn) -> Iterator[Fault]:
    """Every required column has its heading, and at least one of the three places."""
    present = {*raw.columns, *(_nearest(name, raw) for name in raw.columns if name not in COLUMN and name not in _OURS)}
    if not raw.rows and raw.format == "json":
        return
    for name in MUST_HAVE:
        if name not in present:
            yield Fault(
                f"The column {name} is missing.",
                f"Add it: {COLUMN[name].help}",
                expected=COLUMN[name].expected,
                value=name,
            )
    if present.isdisjoint(PLACES):
        yield Fault(
            "There is no column for the place of a loan.",
            f"Add one of {', '.join(PLACES)}.",
            expected=f"one of {', '.join(PLACES)}",
            value=PLACES[0],
        )


def headings_once(raw: RawReturn) -> Iterator[Fault]:
    """No heading stands twice."""
    for name, times in Counter(raw.columns).items():
        if times > 1 and name:
            yield Fault(
                f"The heading {shown(name)} stands {times} times.",
                "Keep one of the columns and delete the others.",
                expected="each heading once",
                value=name,
            )


def cells_not_merged(raw: RawReturn) -> Iterator[Fault]:
    """No cells of the loans are merged into one: only the first of them would hold anything."""
    if raw.merged:
        yield Fault(
            f"Cells of the loans are merged into one: {raw.merged}.",
            "Mark them, choose Unmerge Cells, and fill in each of them.",
            expected="a cell for each value",
            value=raw.merged,
        )


def nothing_hidden(raw: RawReturn) -> Iterator[Fault]:
    """What is in a return can be seen by whoever looks at it: nothing is hidden or filtered away."""
    if raw.hidden:
        yield Fault(
            f"Of the loans something is hidden and is read all the same: {raw.hidden}.",
            "Show it and look at it (mark all, choose Unhide, and clear the filters): confirm it, or delete it.",
            expected="rows and columns that can be seen",
            value=raw.hidden,
        )


def loans_on_one_sheet(raw: RawReturn) -> Iterator[Fault]:
    """No other sheet is named as that of the loans is: what stands in it would not be read."""
    if raw.beside:
        yield Fault(
            f"Beside the sheet of the loans there is {shown(raw.beside)}, of which nothing is read.",
            "Put every loan into the one sheet and delete the other; or confirm that no loan of this return is in it.",
            expected="one sheet of loans",
            value=raw.beside,
        )


def cells_under_headings(_: RawReturn, row: RawRow) -> Fault | None:
    """Every filled cell stands under a heading."""
    if not row.beyond:
        return None
    return Fault(
        f"Under no heading stand filled cells of this row: {row.beyond} of them.",
        "Clear what stands beside the table. In CSV, put a cell that holds a comma into double quotes.",
        expected="no cell beyond the last heading",
        row=row.number,
    )


def rows_are_loans(raw: RawReturn, row: RawRow) -> Fault | None:
    """A row is a loan: not a sum of those above it, and not the headings once more."""
    cells = row.cells
    if _is_a_sum(cells):
        what, how = "looks like a sum of other rows", "Delete it: we add up ourselves."
    elif _holds_headings(cells):
        what, how = "holds the headings once more", "Delete it, and keep the headings in the first line alone."
    elif len(cells) == 1 < len(raw.columns):
        what, how = "holds a single filled cell, and is no loan", "Delete it, or fill in the row."
    elif cells and _NAMING.isdisjoint(cells) and _NAMING.issubset(raw.columns):
        what, how = "names neither a loan nor a borrower", "Delete it, or fill in loan_ref and borrower_name."
    else:
        return None
    return Fault(f"This row {what}.", how, expected="one loan in each row", row=row.number, column="loan_ref")


def _is_a_sum(cells: Mapping[str, RawCell]) -> bool:
    """Whether the one thing that a row names, be it a loan or a borrower, is that it is a sum."""
    naming = [cells[name] for name in ("loan_ref", "borrower_name") if name in cells]
    return len(naming) == 1 and _A_SUM.fullmatch(naming[0].text) is not None


def _holds_headings(cells: Mapping[str, RawCell]) -> bool:
    alike = [name for name, cell in cells.items() if cell.text[:3].lower() == name[:3]]
    return len(alike) >= _ENOUGH_HEADINGS and (
        sum(heading(cells[name].text) == name for name in alike) >= _ENOUGH_HEADINGS
    )


def lines_long_enough(raw: RawReturn, row: RawRow) -> Fault | None:
    """A line of CSV reaches at least to the last required column."""
    if not cut_short(raw, row.short_of):
        return None
    return Fault(
        f"This line has {row.short_of} cell{'s' * (row.short_of > 1)} fewer than there are headings.",
        "Write every cell of the line, also the empty ones, with commas between.",
        expected=f"{len(raw.columns)} cells",
        row=row.number,
    )


def cut_short(raw: RawReturn, missing: int) -> bool:
    """Whether a line that lacks so many cells at its end lacks a required one."""
    return missing > 0 and not set(MUST_HAVE).isdisjoint(raw.columns[len(raw.columns) - missing :])


_TESTS: Final[tuple[FileTest, ...]] = (
    headings_known,
    headings_complete,
    headings_once,
    cells_not_merged,
)
_QUESTIONS: Final[tuple[FileTest, ...]] = (nothing_hidden, loans_on_one_sheet)
_ROW_TESTS: Final[tuple[Callable[[RawReturn, RawRow], Fault | None], ...]] = (
    rows_are_loans,
    cells_under_headings,
    lines_long_enough,
)

READING: Final[Mapping[str, str]] = MappingProxyType(
    {
        "empty-file": "A return has something in it.",
        "file-too-large": "A file is no larger than a return can be.",
        "not-what-it-claims": "A file is what its name and its type say it is.",
        "wrong-encoding": "Text is written in UTF-8.",
        "broken-csv": "A CSV file can be taken apart into cells.",
        "wrong-separator": "The cells of a CSV file are separated by commas.",
        "broken-json": "A JSON file is JSON, and not nested deeper than a return.",
        "repeated-member": "No member stands twice in one JSON object.",
        "wrong-shape": "A JSON return is an object with a list of loans.",
        "not-a-workbook": "An archive is an Excel workbook.",
        "broken-workbook": "A workbook is whole, and can be read in the memory and time that a return needs.",
        "protected-workbook": "A workbook opens without a password.",
        "workbook-with-macros": "A workbook carries no macros.",
        "suspicious-workbook": "A workbook is not built to harm whoever opens it.",
        "no-loans-sheet": "A workbook has a sheet Loans.",
        "cells-too-far-out": "A sheet has no cells far outside of its table.",
        "too-many-rows": "A return has no more rows and cells than we can take.",
        "no-headings": "The first line of the loans holds the headings of the columns.",
    }
)
"""What is demanded of a file before any cell of it is looked at. Where one of these fails, it is the only finding."""


def has_headings(raw: RawReturn) -> bool:
    """Whether the first line holds headings at all; an empty JSON list of loans needs none."""
    return any(name in COLUMN for name in raw.columns) or (raw.format == "json" and not raw.rows)


def refuse_lines_in_one_cell(raw: RawReturn) -> None:
    """Refuse a table of which each line stands in one cell, as when text is pasted or a CSV was saved once more."""
    filled = [name for name in raw.columns if name]
    if len(filled) > _ENOUGH_HEADINGS:
        return
    for sign, name in SEPARATORS:
        if any(
            sum(heading(part.strip("\"'")) in COLUMN for part in one.split(sign)) >= _ENOUGH_HEADINGS for one in filled
        ):
            raise Unreadable(
                "wrong-separator",
                f"Each line of the loans stands as a whole in one cell, with {name} within.",
                expected="a cell for each heading and value",
                remedy="In Excel, mark the column and choose Data, Text to Columns; or send the file it came from.",
                value=filled[0][:80],
            )


def refuse_one_long_line(raw: RawReturn) -> None:
    """Refuse a CSV whose lines have all run into the first, so that its loans stand among the headings."""
    if raw.format != "csv" or raw.rows:
        return
    odd = [name for name in raw.columns if name and name not in COLUMN]
    lost = tuple(COLUMN.keys() - set(raw.columns))
    last_and_first = any(name.startswith(lost) for name in odd)
    if last_and_first and len(odd) > _ENOUGH_HEADINGS:
        raise Unreadable(
            "broken-csv",
            "The file is one single line: the ends of its lines were lost on the way.",
            expected="a line of headings, and a line for each loan",
            remedy="Send the file as it was saved, byte for byte: by curl with --data-binary @FILE, not with -d @FILE.",
        )


def headings_below(raw: RawReturn) -> int | None:
    """How many lines below the first filled one the headings stand, where they stand there."""
    for number, line in enumerate(islice(raw.rows.lines(), _LOOKED_THROUGH), 1):
        if sum(cell is not None and heading(cell.text) in COLUMN for cell in line) >= _ENOUGH_HEADINGS:
            return number
    return None


@dataclass(frozen=True, slots=True)
class Header:
    """Whose return it is, of which quarter, and the cash held for the facility at its end; None where nobody said.

    `cash_before` is what our template said of the cash that the books leave; below nothing, money that was not ours.
    """

    facility: str | None = None
    quarter: Quarter | None = None
    cash_held: Money | None = None
    cash_before: Money | None = None


def header_of(raw: RawReturn | None, told: Header) -> tuple[Header, tuple[tuple[str, Fault], ...]]:
    """What the file and the caller together say of the return, and every disagreement, with the name of its rule."""
    cells = raw.header if raw else {}
    faults = [
        ("header-known", _about(name, f"There is no member {shown(name)!r} in a return.", "Delete it."))
        for name in cells
        if name not in HEADER_TOLD
    ]
    known: dict[str, object] = {}
    for name in HEADER_TOLD:
        value, found = _one(name, cells.get(name, ()), getattr(told, name))
        known[name] = value
        faults += found
    facility, quarter, cash_held, cash_before = (known[name] for name in HEADER_TOLD)
    return (
        Header(
            facility if isinstance(facility, str) else None,
            quarter if isinstance(quarter, Quarter) else None,
            cash_held if isinstance(cash_held, Money) else None,
            cash_before if isinstance(cash_before, Money) else None,
        ),
        tuple(faults),
    )


def _one(name: str, cells: tuple[RawCell, ...], told: object) -> tuple[object, list[tuple[str, Fault]]]:
    if len(cells) > 1:
        return told, [("header-agrees", _about(name, f"The file gives more than one {name}.", "Give it once."))]
    if not cells:
        return told, []
    value, fault = _read(name, cells[0])
    if fault is not None:
        return told, [("header-readable", fault)]
    if told is not None and told != value:
        message = f"The file is for {name} {value}, but it was sent for {told}."
        return told, [("header-agrees", _about(name, message, "Send the right file, or correct it.", str(told), value))]
    return value, []


def _not_negative(amount: Money) -> Money:
    if amount.pence < 0:
        raise BadAmount(f"{amount} is below zero")
    return amount


_READ: Final[Mapping[str, Callable[[str], object]]] = MappingProxyType(
    {
        "quarter": Quarter.parse,
        "cash_held": lambda text: _not_negative(Money.parse(text)),
        CASH_BEFORE: Money.parse,
    }
)
_AMOUNTS: Final = frozenset({"cash_held", CASH_BEFORE})


def _read(name: str, cell: RawCell) -> tuple[object, Fault | None]:
    text = shown(cell.text)
    bare = cell.form is Form.BARE and name in _AMOUNTS
    if bare or cell.form in {Form.FORMULA, Form.ERROR, Form.NESTED}:
        remedy = f'Write it as text, like "{text}".' if bare else "Write the value itself."
        return None, _about(name, f"{name} is not written as plain text.", remedy, value=text)
    try:
        if name in _READ:
            return _READ[name](cell.text), None
    except BadDate as bad:
        return None, _about(name, f"{bad.sentence[0].upper()}{bad.sentence[1:]}.", _quarter_meant(text), value=text)
    except BadAmount as bad:
        meant = amount_meant(cell.text)
        remedy = f"Write {meant}, if so much is meant." if meant else "Write the amount in pounds, like 1234.56."
        return None, _about(name, f"{bad.sentence[0].upper()}{bad.sentence[1:]}.", remedy, value=text)
    if cell.text.isprintable() and len(cell.text) <= 60:  # noqa: PLR2004 -- longer than any identifier of ours
        return cell.text, None
    return None, _about(name, "This is not the identifier of a facility.", "Write it as we gave it.", value=text)


def _quarter_meant(text: str) -> str:
    """How to write a quarter; where another writing is plain, such as Q2 2024, with the months that we take it for.

    Somebody's financial year may begin in April: it is theirs to say whether those months are meant.
    """
    found = _YEAR_FIRST.fullmatch(text.strip()) or _NUMBER_FIRST.fullmatch(text.strip())
    if found is None:
        return "Write the year and the quarter of the calendar, like 2012Q4 for October to December 2012."
    year, number = found["year"], int(found["number"])
    return f"Write {year}Q{number} for {_MONTHS[number - 1]} {year}, if those months are meant."


_MONTHS: Final = ("January to March", "April to June", "July to September", "October to December")


_BETWEEN: Final = r"[ ./_-]*"
_QUARTER_TOLD: Final = r"(?:Q|QTR|quarter)[ .]*(?P<number>[1-4])"
_YEAR_TOLD: Final = r"(?P<year>(?:19|20)[0-9]{2})"
_YEAR_FIRST: Final = re.compile(_YEAR_TOLD + _BETWEEN + _QUARTER_TOLD, re.ASCII | re.IGNORECASE)
_NUMBER_FIRST: Final = re.compile(_QUARTER_TOLD + _BETWEEN + _YEAR_TOLD, re.ASCII | re.IGNORECASE)
_SAID: Final = {
    "facility": "the identifier of the facility, like fac_…",
    "quarter": "a quarter, like 2012Q4",
    "cash_held": "pounds with at most two decimals, like 1234.56",
    CASH_BEFORE: "what our template said, or nothing",
}


def _about(name: str, message: str, remedy: str, expected: str = "", value: object = "") -> Fault:
    return Fault(
        message, remedy, expected or _SAID.get(name, ""), column=name, value=str(value) or None, sheet=HEADER_SHEET
    )


def missing_from(header: Header) -> Iterator[Fault]:
    """What a return that is filed must say of itself and does not."""
    for name in HEADER_FIELDS:
        if getattr(header, name) is None:
            yield _about(
                name,
                f"Nobody said the {name} of this return.",
                f'Write it in the sheet "{HEADER_SHEET}" or beside the file.',
            )


def _nearest(name: str, raw: RawReturn) -> str:
    """The column that a wrong heading was probably meant to be, if that column has no heading of its own.

    A heading much longer than any of ours is meant to be none: to compare texts takes time with the square of them.
    """
    if len(name) > _LONGEST_HEADING:
        return ""
    headed = frozenset(raw.columns)
    free = [column for column in COLUMN if column not in headed]
    return next(iter(get_close_matches(name.replace(" ", "_").replace("-", "_"), free, n=1, cutoff=0.75)), "")


HEADER_RULES: Final = (
    Check("not-too-many-faults", 1, "error", "A return has no more faults than somebody can mend at once."),
    Check("not-too-many-questions", 4, "question", "A return has no more questions than somebody can answer."),
    Check("header-known", 1, "error", "A return says nothing of itself that we do not know."),
    Check("header-readable", 1, "error", "Facility, quarter and cash held can be read."),
    Check("header-agrees", 1, "error", "The file is for the facility and quarter that it was sent for."),
    Check("header-missing", 1, "error", "A return that is filed says its facility, quarter and cash held."),
)


def checks() -> tuple[Check, ...]:
    """The checks of the first tier, each once."""
    reading = (Check(name, 1, "error", sentence) for name, sentence in READING.items())
    tests: tuple[Callable[..., object], ...] = (*_TESTS, *_ROW_TESTS)
    asked = (Check(named(test), 4, "question", sentence_of(test), test=test) for test in _QUESTIONS)
    faults = (Check(named(test), 1, "error", sentence_of(test), test=test) for test in tests)
    return (*reading, *HEADER_RULES, *faults, *asked)


def file_faults(raw: RawReturn) -> Iterator[tuple[str, Fault]]:
    """Everything wrong with the file as a whole, with the names of the rules."""
    for test in _TESTS:
        for fault in test(raw):
            yield named(test), fault


def file_questions(raw: RawReturn) -> Iterator[tuple[str, Fault]]:
    """What somebody should look at in the file as a whole, with the names of the rules."""
    for test in _QUESTIONS:
        for fault in test(raw):
            yield named(test), fault


def line_faults(raw: RawReturn, row: RawRow) -> Iterator[tuple[str, Fault]]:
    """Everything wrong with a line as it stands in the file, with the names of the rules."""
    for test in _ROW_TESTS:
        if fault := test(raw, row):
            yield named(test), fault


__all__ = [
    "LOANS_SHEET",
    "Header",
    "checks",
    "cut_short",
    "file_faults",
    "file_questions",
    "has_headings",
    "header_of",
    "headings_below",
    "line_faults",
    "missing_from",
]
