"""The checks of a single cell: whether its value is one that its column can take, and what that value is."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from types import MappingProxyType
from typing import Final

from intermediaries.frontline.identifiers import canonical, is_charity_as_company, problems_with
from intermediaries.places.rules import postcode_within
from intermediaries.returns.amounts import amount_below_zero, amount_meant, says_nothing_moved
from intermediaries.returns.bounds import Form
from intermediaries.returns.checks import CellTest, Check, Fault, named, sentence_of
from intermediaries.returns.days import day_remedy
from intermediaries.returns.findings import HIDDEN_CATEGORIES, HIDDEN_SIGNS, shown
from intermediaries.returns.garbled import before_it_was_garbled, without_joiners
from intermediaries.returns.layout import COLUMN, Column, Kind, Presence
from intermediaries.returns.plain_cells import Judged, plainly
from intermediaries.returns.raw import RawCell
from intermediaries.returns.rows import text_of, value_of
from ledger.dates import CALENDAR_ENDS, CALENDAR_STARTS, BadDate, parse_day
from ledger.money import BadAmount, Money

_NUMERIC: Final = frozenset({Kind.MONEY, Kind.RATE, Kind.SHARE, Kind.COUNT, Kind.NUMBER})
_BARE_MAY_STAND: Final = frozenset({Kind.RATE, Kind.SHARE, Kind.COUNT, Kind.NUMBER, Kind.YES_NO})
_MARKS: Final = frozenset({"?", "-"})

_DIGITS: Final = r"[0-9]{1,30}"
_PLAIN: Final = re.compile(rf"-?{_DIGITS}(?:\.([0-9]{{1,30}}))?", re.ASCII)
_DECIMAL_OTHERWISE: Final = re.compile(r"([0-9]{0,9})[.,]([0-9]{1,9})", re.ASCII)
_EXPONENT: Final = re.compile(r"[-+]?[0-9.]{1,40}[eE][-+]?[0-9]{1,10}", re.ASCII)
_NOT_FINITE: Final = re.compile(r"[-+]?(?:nan|inf|infinity)", re.ASCII | re.IGNORECASE)
_PERCENT: Final = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,8})?) ?%", re.ASCII)
_REFERENCE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._/-]{0,59}", re.ASCII)
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_POSTCODE: Final = re.compile(r"(?:GIR 0AA|(?:[A-Z]{1,2}[0-9][A-Z0-9]?|NPT) [0-9][ABD-HJLNP-UW-Z]{2})", re.ASCII)
_LSOA: Final = re.compile(r"(?:[EW]01[0-9]{6}|S01[0-9]{6}|N[0-9]{8}|95[A-Z]{2}[0-9]{2}[A-Z][0-9])", re.ASCII)
_AUTHORITY: Final = re.compile(r"(?:E0[6-9]|W06|S12|N09)[0-9]{6}", re.ASCII)
_GOAL: Final = re.compile(r"(?:1[0-7]|[1-9])(?:\.[0-9a-z]{1,2})?", re.ASCII)
_RATE_DECIMALS: Final = 10
_NUMBER_DECIMALS: Final = 6
_NUMBER_DIGITS: Final = 15
_PENNIES: Final = 2
_SHORT: Final = 60
_MOST: Final = 1_024
"""So many cells of a column are remembered."""


def no_formula(_: Column, cell: RawCell) -> Fault | None:
    """A cell holds a value: of a formula, the one that its program worked out."""
    if cell.form is Form.FORMULA:
        return Fault(
            "This cell holds a formula and no value: the program that wrote it did not work it out.",
            "Open the workbook in a spreadsheet program and save it, or paste the column in place as values.",
        )
    if cell.form is Form.TEXT and cell.text.startswith("="):
        return Fault(
            f"{shown(cell.text)} begins with = and would run as a formula.",
            "Write the value itself. Where a text truly begins with =, put an apostrophe before it.",
        )
    return None


def no_spreadsheet_error(column: Column, cell: RawCell) -> Fault | None:
    """A cell holds a value, not an error such as #REF!."""
    if cell.form is Form.ERROR or re.fullmatch(r"#(?:REF|DIV/0|VALUE|NAME|NUM|NULL)[!?]|#N/A", cell.text):
        return Fault("The spreadsheet shows an error here, not a value.", f"Write {column.expected}.")
    return None


def text_where_text_belongs(column: Column, cell: RawCell) -> Fault | None:
    """In JSON, amounts and texts stand in quotes, and no cell holds a list or an object."""
    if cell.form is Form.NESTED:
        return Fault("There is a list or an object where one value belongs.", f"Write {column.expected}.")
    if cell.form is Form.BARE and cell.text in {"true", "false"} and column.kind is not Kind.YES_NO:
        return Fault(f"{cell.text} says yes or no where that is no answer.", f"Write {column.expected}.")
    if cell.form is Form.BARE and column.kind not in _BARE_MAY_STAND:
        return Fault(
            f"{shown(cell.text)} stands without quotes; a program that reads it so may change it.",
            f'Write it as text, like "{column.example}".',
        )
    return None


def day_where_no_day_belongs(column: Column, cell: RawCell) -> Fault | None:
    """A spreadsheet has made no day of what is none: a reference such as 3-12, or an amount."""
    if cell.form is not Form.DATE or column.kind is Kind.DATE:
        return None
    return Fault(
        f"The spreadsheet holds the day {shown(cell.text)} here, though {column.name} is no day.",
        f"Make the cell a text in the spreadsheet, then write {column.expected}.",
    )


def letters_as_they_were(column: Column, cell: RawCell) -> Fault | None:
    """Text has come through every program that it went through with the letters it had."""
    if column.kind is not Kind.TEXT or (cell.text.isascii() and "&" not in cell.text and "_x" not in cell.text):
        return None
    if "\ufffd" in cell.text:
        return Fault(
            f"{shown(cell.text)} has lost a letter: a program put a stand-in (U+FFFD) in its place.",
            "Type the text anew, and save the file as an Excel workbook or as CSV in UTF-8.",
        )
    meant = before_it_was_garbled(cell.text)
    if meant == cell.text:
        return None
    return Fault(
        f"{shown(cell.text)} looks garbled: a program read it in another encoding than it was written in.",
        f"Write {shown(meant)}, if that is what it was, and save the file as CSV in UTF-8 or send the workbook.",
    )


def visible_signs_only(_: Column, cell: RawCell) -> Fault | None:
    """A cell holds signs that can be seen: no controls, line breaks, zero-width or direction marks."""
    if cell.text.isascii() and cell.text.isprintable():
        return None
    hidden = next((sign for sign in without_joiners(cell.text) if _hidden(sign)), None)
    if hidden is None:
        return None
    name = unicodedata.name(hidden, "a control sign").lower()
    return Fault(
        f"The text holds a sign that cannot be seen (U+{ord(hidden):04X}, {name}).",
        "Type the text anew, in one line, instead of pasting it.",
    )


def not_too_long(column: Column, cell: RawCell) -> Fault | None:
    """A cell is no longer than its column allows."""
    if len(cell.text) <= column.longest:
        return None
    return Fault(f"The text has {len(cell.text):,} signs; {column.name} may have {column.longest:,}.", "Shorten it.")


def answer_that_may_stand(column: Column, cell: RawCell) -> Fault | None:
    """The answers "?" (not known) and "-" (not applicable) stand only in columns that may go unanswered."""
    if cell.text not in _MARKS or cell.text in column.answers or column.name == "note":
        return None
    meaning = "not known" if cell.text == "?" else "not applicable"
    zero = " Where nothing happened, write 0.00." if column.kind is Kind.MONEY else ""
    return Fault(
        f'"{cell.text}" says "{meaning}", but {column.name} needs an answer.', f"Write {column.expected}.{zero}"
    )


def finite_number(column: Column, cell: RawCell) -> Fault | None:
    """A number is a real one: not NaN and not infinite."""
    if not _NOT_FINITE.fullmatch(cell.text):
        return None
    return Fault(f"{shown(cell.text)} is no number that anything can be counted with.", f"Write {column.expected}.")


def no_exponent(_: Column, cell: RawCell) -> Fault | None:
    """A number is written out in digits, without an exponent."""
    if not _EXPONENT.fullmatch(cell.text):
        return None
    return Fault(f"{shown(cell.text)} is written with an exponent.", "Write the number out in digits, like 1234.56.")


def plain_digits(column: Column, cell: RawCell) -> Fault | None:
    """A number is written in plain digits: no currency sign, no comma, no space, no words."""
    if _PLAIN.fullmatch(cell.text):
        return None
    if column.kind is Kind.MONEY and (fault := _amount_otherwise(cell.text)):
        return fault
    meant = _DECIMAL_OTHERWISE.fullmatch(cell.text) if column.kind is not Kind.MONEY else None
    remedy = f"Write {meant[1] or 0}.{meant[2]}, if so much is meant." if meant else f"Write {column.expected}."
    return Fault(f"{shown(cell.text)} is not {column.expected}.", remedy)


def _amount_otherwise(text: str) -> Fault | None:
    """What is said of an amount in another writing, where it can be told what it means."""
    if (below := amount_below_zero(text)) is not None:
        return Fault(
            f"{shown(text)} is {below} below zero, in another writing of a minus.",
            f"Write {below} if it is an amount of its column. To take back what an earlier return said, correct that.",
        )
    if says_nothing_moved(text):
        return Fault(f"{shown(text)} is no amount.", "Write 0.00 where there was nothing, or the amount.")
    meant = amount_meant(text)
    if meant is None:
        return None
    return Fault(
        f"{shown(text)} holds a currency sign, comma, space or another sign.", f"Write {meant}, if so much is meant."
    )


def whole_pence(_: Column, cell: RawCell) -> Fault | None:
    """An amount has at most two decimals; we never round what you report."""
    match = _PLAIN.fullmatch(cell.text)
    if match is None or len(match[1] or "") <= _PENNIES:
        return None
    if cell.form is not Form.NUMBER and re.fullmatch(r"[0-9]{1,3}\.[0-9]{3}", cell.text, re.ASCII):
        thousands = cell.text.replace(".", "")
        return Fault(
            f"{shown(cell.text)} has three decimals.",
            f"Write {thousands}.00 if the point stands between thousands, or else the amount to the penny.",
        )
    return Fault(
        f"{shown(cell.text)} has more than two decimals.",
        "Write the amount to the penny. In a spreadsheet, round the value itself (ROUND), not only how it is shown.",
    )


def amount_within_limit(_: Column, cell: RawCell) -> Fault | None:
    """An amount is at most 90 trillion pounds."""
    try:
        Money.parse(cell.text)
    except BadAmount:
        return Fault(f"{shown(cell.text)} is beyond 90 trillion pounds.", "Write the amount in pounds.")
    return None


def not_negative(column: Column, cell: RawCell) -> Fault | None:
    """An amount, a rate, a share or a count is never below zero: each column has its own direction."""
    if not cell.text.startswith("-") or not cell.text.strip("-0."):
        return None
    return Fault(
        f"{shown(cell.text)} is below zero.",
        "Write it without the minus. To take back what an earlier return said, correct that return.",
        expected=f"{column.expected}, not below zero",
    )


def fraction_not_percentage(_: Column, cell: RawCell) -> Fault | None:
    """A rate or share is a fraction: 0.075, not 7.5 and not 7.5%."""
    percent = _PERCENT.fullmatch(cell.text)
    number = percent[1] if percent else cell.text
    if not percent and (not _PLAIN.fullmatch(number) or number.startswith("-") or _at_most_one(number)):
        return None
    return Fault(
        f"{shown(cell.text)} looks like a percentage.", f"Write it as a fraction: {_hundredth(number)} instead."
    )


def few_decimals(column: Column, cell: RawCell) -> Fault | None:
    """A rate has at most ten decimals, another number at most six, and none too many digits."""
    whole, _, decimals = cell.text.lstrip("-").partition(".")
    most = _NUMBER_DECIMALS if column.kind is Kind.NUMBER else _RATE_DECIMALS
    if len(decimals) <= most and len(whole) <= _NUMBER_DIGITS:
        return None
    return Fault(f"{shown(cell.text)} has too many digits.", f"Round it to {most} decimals or fewer.")


def whole_number(column: Column, cell: RawCell) -> Fault | None:
    """A count is a whole number of at most nine digits."""
    if re.fullmatch(r"-?[0-9]{1,9}", cell.text, re.ASCII):
        return None
    return Fault(f"{shown(cell.text)} is not a whole number.", f"Write {column.expected}.")


def day_as_we_write_it(_: Column, cell: RawCell) -> Fault | None:
    """A day is a real one and written YYYY-MM-DD, or so that nobody can confuse day and month."""
    if not _DAY.fullmatch(cell.text):
        return Fault(f"{shown(cell.text)} is not a day written YYYY-MM-DD.", day_remedy(cell.text))
    try:
        date.fromisoformat(cell.text)
    except ValueError:
        return Fault(f"There is no day {cell.text}.", "Correct the day or the month.")
    return None


def day_within_calendar(_: Column, cell: RawCell) -> Fault | None:
    """A day lies in the bank's calendar, which begins with the Act of 26 November 2008."""
    try:
        parse_day(cell.text)
    except BadDate:
        return Fault(
            f"{shown(cell.text)} is outside of the bank's calendar.",
            "Correct the year.",
            expected=f"a day from {CALENDAR_STARTS} to {CALENDAR_ENDS}",
        )
    return None


def code_on_the_list(column: Column, cell: RawCell) -> Fault | None:
    """A code is one of its list, written as the list writes it."""
    if column.code_list.find(cell.text) is not None:
        return None
    meant = " or ".join(column.code_list.near(cell.text))
    remedy = f"Did you mean {meant}? Write one of the codes exactly." if meant else f"Write {column.expected}."
    return Fault(f"{shown(cell.text)} is not a code of the list {column.codes}.", remedy)


def yes_or_no(column: Column, cell: RawCell) -> Fault | None:
    """A question of yes or no is answered yes or no."""
    if cell.text.lower() in _YES_NO:
        return None
    return Fault(f"{shown(cell.text)} is neither yes nor no.", f"Write {column.expected}.")


def reference_kept_whole(_: Column, cell: RawCell) -> Fault | None:
    """A spreadsheet has not cut a reference short by making a number of it."""
    if cell.form is not Form.NUMBER or (cell.text.isdigit() and len(cell.text) <= _NUMBER_DIGITS):
        return None
    return Fault(
        f"The spreadsheet holds the number {shown(cell.text)} here, and a number may have lost digits of a reference.",
        "Make the column of references a column of text in the spreadsheet, and type the reference anew.",
    )


def reference_in_plain_signs(column: Column, cell: RawCell) -> Fault | None:
    """A loan's reference is made of letters, digits and . _ / - only."""
    if _REFERENCE.fullmatch(cell.text):
        return None
    return Fault(f"{shown(cell.text)} holds signs that a reference cannot have.", f"Write {column.expected}.")


def no_charity_number_as_company(column: Column, cell: RawCell) -> Fault | None:
    """No number of a charity is filed as that of a company."""
    part = next((part.strip() for part in cell.text.split(";") if is_charity_as_company(part)), None)
    if part is None:
        return None
    problem = problems_with(part) or ""
    return Fault(f"{problem[:1].upper()}{problem[1:]}.", f"Write {column.expected}.")


def identifiers_of_registers(column: Column, cell: RawCell) -> Fault | None:
    """Each identifier names a register and a number of the shape that this register gives."""
    parts = [part.strip() for part in cell.text.split(";")]
    problem = next((problem for part in parts if (problem := problems_with(part))), None)
    if problem is not None:
        return Fault(f"{problem[0].upper()}{problem[1:]}.", f"Write {column.expected}.")
    if len({canonical(part) for part in parts}) < len(parts):
        return Fault("The same identifier stands twice.", "Write each identifier once.")
    return None


def goals_by_number(column: Column, cell: RawCell) -> Fault | None:
    """A goal is given by its number from 1 to 17, or a target by its own number."""
    parts = [part.strip() for part in cell.text.split(";")]
    wrong = next((part for part in parts if not _GOAL.fullmatch(part)), None)
    if wrong is None:
        return None
    return Fault(f"{shown(wrong)!r} is not the number of a goal.", f"Write {column.expected}.")


def postcode_shaped(column: Column, cell: RawCell) -> Fault | None:
    """A postcode has the shape of one."""
    if _POSTCODE.fullmatch(_spaced(cell.text)):
        return None
    remedy = f"Write {postcode_within(cell.text) or column.expected}."
    return Fault(f"{shown(cell.text)} does not have the shape of a postcode.", remedy)


def small_area_shaped(column: Column, cell: RawCell) -> Fault | None:
    """A small area is given by its code: E01…, W01…, S01… or a Northern Irish one."""
    if _LSOA.fullmatch(cell.text.upper()):
        return None
    return Fault(f"{shown(cell.text)} is not the code of a small area.", f"Write {column.expected}, not its name.")


def authority_shaped(column: Column, cell: RawCell) -> Fault | None:
    """A local authority is given by its code: E06… to E09…, W06…, S12… or N09…."""
    if _AUTHORITY.fullmatch(cell.text.upper()):
        return None
    return Fault(f"{shown(cell.text)} is not the code of a local authority.", f"Write {column.expected}, not its name.")


_YES_NO: Final[Mapping[str, str]] = MappingProxyType(
    {"yes": "yes", "y": "yes", "true": "yes", "no": "no", "n": "no", "false": "no"}
)
_ANY: Final[tuple[CellTest, ...]] = (
    no_formula,
    no_spreadsheet_error,
    text_where_text_belongs,
    day_where_no_day_belongs,
    not_too_long,
    visible_signs_only,
    letters_as_they_were,
    answer_that_may_stand,
)
_NUMBERS: Final[tuple[CellTest, ...]] = (finite_number, no_exponent)
_BY_KIND: Final[Mapping[Kind, tuple[CellTest, ...]]] = MappingProxyType(
    {
        Kind.REFERENCE: (reference_kept_whole, reference_in_plain_signs),
        Kind.TEXT: (),
        Kind.IDS: (no_charity_number_as_company, identifiers_of_registers),
        Kind.CODE: (code_on_the_list,),
        Kind.MONEY: (*_NUMBERS, plain_digits, whole_pence, amount_within_limit, not_negative),
        Kind.DATE: (day_as_we_write_it, day_within_calendar),
        Kind.RATE: (*_NUMBERS, fraction_not_percentage, plain_digits, not_negative, few_decimals),
        Kind.SHARE: (*_NUMBERS, fraction_not_percentage, plain_digits, not_negative, few_decimals),
        Kind.COUNT: (*_NUMBERS, whole_number, not_negative),
        Kind.NUMBER: (*_NUMBERS, plain_digits, few_decimals),
        Kind.YES_NO: (yes_or_no,),
        Kind.POSTCODE: (postcode_shaped,),
        Kind.LSOA: (small_area_shaped,),
        Kind.AUTHORITY: (authority_shaped,),
        Kind.GOALS: (goals_by_number,),
    }
)


def fault_in(column: Column, cell: RawCell) -> tuple[str, Fault] | None:
    """The first thing wrong with a cell, with the name of the rule; None where its value can be taken."""
    for test in _ANY:
        if fault := test(column, cell):
            return named(test), fault
    if cell.text in column.answers:
        return None
    for test in _BY_KIND[column.kind]:
        if fault := test(column, cell):
            return named(test), fault
    return None


def judged(column: Column, cell: RawCell) -> Judged:
    """The cell, judged. A return repeats itself, so short cells are judged once and remembered."""
    known = _REMEMBERED[column.name]
    found = known.get(cell)
    if found is None:
        found = plainly(column, cell) or judged_by_checks(column, cell)
        if len(cell.text) <= _SHORT:
            if len(known) >= _MOST:
                known.clear()
            known[cell] = found
    return found


def judged_by_checks(column: Column, cell: RawCell) -> Judged:
    """The cell, judged by asking every check of it."""
    if found := fault_in(column, cell):
        rule, fault = found
        expected = fault.expected or column.expected
        return Judged(cell.text, rule=rule, fault=replace(fault, column=column.name, expected=expected))
    text = canonical_text(column, cell.text)
    value = value_of(column.name, text)
    return Judged(text_of(value), value)


_REMEMBERED: Final[Mapping[str, dict[RawCell, Judged]]] = MappingProxyType({name: {} for name in COLUMN})


def canonical_text(column: Column, text: str) -> str:  # noqa: PLR0911 -- one line for each kind of column
    """The one writing of a value that has passed its checks."""
    if text in column.answers:
        return text
    match column.kind:
        case Kind.CODE:
            found = column.code_list.find(text)
            return found.code if found else text
        case Kind.YES_NO:
            return _YES_NO[text.lower()]
        case Kind.IDS:
            return ";".join(canonical(part) for part in text.split(";"))
        case Kind.GOALS:
            return ";".join(part.strip() for part in text.split(";"))
        case Kind.POSTCODE:
            return _spaced(text)
        case Kind.LSOA | Kind.AUTHORITY:
            return text.upper()
        case Kind.TEXT:
            return unicodedata.normalize("NFC", re.sub(r"\s", " ", text))
        case _:
            return text


def _hidden(sign: str) -> bool:
    return unicodedata.category(sign) in HIDDEN_CATEGORIES or sign in HIDDEN_SIGNS


def _at_most_one(number: str) -> bool:
    whole, _, decimals = number.partition(".")
    return int(whole) == 0 or (int(whole) == 1 and not decimals.strip("0"))


def _hundredth(number: str) -> str:
    whole, _, decimals = number.partition(".")
    padded = whole.zfill(3)
    return f"{int(padded[:-2])}.{padded[-2:]}{decimals}".rstrip("0").rstrip(".")


def _spaced(postcode: str) -> str:
    joined = "".join(postcode.upper().split())
    return f"{joined[:-3]} {joined[-3:]}"


def checks() -> tuple[Check, ...]:
    """The checks of single cells, each once, in the order in which they are tried."""
    tests = dict.fromkeys((*_ANY, *(test for group in _BY_KIND.values() for test in group)))
    required = Check("required-cell", 2, "error", "A cell of a required column is filled.")
    return (required, *(Check(named(test), 2, "error", sentence_of(test), test=test) for test in tests))


def required_fault(column: Column) -> Fault:
    """What is said of an empty cell that must be filled."""
    zero = " Where nothing happened, write 0.00." if column.kind is Kind.MONEY else ""
    return Fault(f"{column.name} is empty.", f"Fill it in: {column.help[0].lower()}{column.help[1:]}{zero}")


def must_be_filled(column: Column) -> bool:
    """Whether an empty cell of this column is a fault by itself."""
    return column.presence is Presence.REQUIRED
