"""Every rule of a return is broken on purpose in a sound file, and is then found once, where it stands, and alone."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings

from intermediaries.returns.bounds import LIMITS
from intermediaries.returns.checking import Against, check
from intermediaries.returns.layout import COLUMN
from intermediaries.returns.rules import CHECKS
from ledger.money import Money
from tests.intermediaries.returns_strategies import PLANTS, QUARTER, Written, a_loan, before, valid_returns

Found = tuple[str, int | None, str | None]
"""A rule, and the row and column of its finding."""


@dataclass(frozen=True)
class Broken:
    """A file in which one rule is broken, what else is told of it, and what has to be found: no more and no less."""

    data: bytes
    found: tuple[Found, ...]
    told: Mapping[str, Any] = field(default_factory=dict)

    def checked(self) -> list[Found]:
        return [(one.rule, one.row, one.column) for one in check(self.data, **self.told).findings]


Breaks = Callable[[Written], Broken]
FILES: Final[dict[str, Breaks]] = {}
"""How a sound return is made to break each rule that no single cell of a loan breaks."""


def breaks(rule: str) -> Callable[[Breaks], Breaks]:
    def keep(made: Breaks) -> Breaks:
        assert rule not in FILES
        FILES[rule] = made
        return made

    return keep


def whole(rule: str, of: Callable[[Written], bytes], **told: Any) -> None:
    """A file that cannot be read at all: that is the only finding, and it stands nowhere in it."""
    FILES[rule] = lambda sound: Broken(of(sound), ((rule, None, None),), told)


def _again(book: bytes, change: Callable[[dict[str, bytes]], None]) -> bytes:
    """A workbook with its parts changed."""
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    change(parts)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def _with(sound: Written, name: str, content: bytes = b"1") -> bytes:
    return _again(sound.as_xlsx(), lambda parts: parts.update({name: content}))


def _said(sound: Written, part: str, old: str, new: str) -> bytes:
    def change(parts: dict[str, bytes]) -> None:
        assert old.encode() in parts[part]
        parts[part] = parts[part].replace(old.encode(), new.encode(), 1)

    return _again(sound.as_xlsx(), change)


def _separated(sound: Written) -> bytes:
    return sound.as_csv().replace(b",", b";")


def _far_out(_: Written) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet("Loans")
        sheet.write_row(0, 0, list(COLUMN))
        sheet.write_string(1, 300, "x")
    return out.getvalue()


def _two_sheets(sound: Written) -> bytes:
    data = _said(sound, "xl/workbook.xml", 'name="Loans"', 'name="Lones"')
    return _again(
        data,
        lambda parts: parts.update(
            {"xl/workbook.xml": parts["xl/workbook.xml"].replace(b'name="Return"', b'name="Others"')}
        ),
    )


_PLAIN: Final = Written((a_loan("X-1"), a_loan("X-2")), {name: before(a_loan(name)) for name in ("X-1", "X-2")})
_A_DAY: Final = date(2012, 12, 3)
_OLE: Final = b"\xd0\xcf\x11\xe0" + bytes(600) + "EncryptedPackage".encode("utf-16-le")

whole("empty-file", lambda _: b" \r\n \t")
whole("file-too-large", Written.as_csv, limits=replace(LIMITS, max_bytes=100))
whole("not-what-it-claims", Written.as_csv, filename="return.xlsx")
whole("wrong-encoding", lambda sound: sound.as_csv().decode().encode("utf-16"))
whole("broken-csv", lambda sound: sound.as_csv() + b'"L-9,')
whole("wrong-separator", _separated)
whole("broken-json", lambda sound: sound.as_json()[:-1])
whole("repeated-member", lambda sound: sound.as_json().replace(b"{", b'{"facility": "fac_1", ', 1))
whole("wrong-shape", lambda sound: b"[" + sound.as_json() + b"]")
whole("not-a-workbook", lambda sound: _again(sound.as_xlsx(), dict.clear))
whole("broken-workbook", lambda sound: sound.as_xlsx()[:-60])
whole("protected-workbook", lambda _: _OLE)
whole("workbook-with-macros", lambda sound: _with(sound, "xl/vbaProject.bin"))
whole("suspicious-workbook", lambda sound: _with(sound, "xl/embeddings/more.zip"))
whole("no-loans-sheet", _two_sheets)
whole("cells-too-far-out", _far_out)
whole("too-many-rows", lambda _: _PLAIN.as_csv(), limits=replace(LIMITS, max_rows=1))
whole("no-headings", lambda _: _PLAIN.as_csv().partition(b"\n")[2])


@breaks("header-known")
def _header_known(sound: Written) -> Broken:
    return Broken(
        sound.as_json().replace(b"{", b'{"colour": "red", ', 1),
        (("header-known", None, "colour"),),
        {"prior": sound.prior},
    )


@breaks("header-readable")
def _header_readable(sound: Written) -> Broken:
    wrong = replace(sound, header={**sound.header, "cash_held": "-1.00"})
    return Broken(wrong.as_json(), (("header-readable", None, "cash_held"),), {"prior": sound.prior})


@breaks("header-agrees")
def _header_agrees(sound: Written) -> Broken:
    told = {"prior": sound.prior, "facility": "fac_other"}
    return Broken(sound.as_json(), (("header-agrees", None, "facility"),), told)


@breaks("header-missing")
def _header_missing(_: Written) -> Broken:
    nobody = replace(_PLAIN, header={name: text for name, text in _PLAIN.header.items() if name != "cash_held"})
    return Broken(nobody.as_json(), (("header-missing", None, "cash_held"),), {"prior": _PLAIN.prior, "filing": True})


@breaks("not-too-many-faults")
def _not_too_many_faults(_: Written) -> Broken:
    many = replace(_PLAIN, loans=tuple(loan | {"purpose": "fun"} for loan in _PLAIN.loans))
    found: tuple[Found, ...] = (("not-too-many-faults", None, None), ("code-on-the-list", 1, "purpose"))
    return Broken(many.as_csv(), found, {"prior": _PLAIN.prior, "limits": replace(LIMITS, max_faults=1)})


@breaks("not-too-many-questions")
def _not_too_many_questions(_: Written) -> Broken:
    many = replace(_PLAIN, loans=tuple(loan | {"annual_rate": "0.9"} for loan in _PLAIN.loans))
    found: tuple[Found, ...] = (("not-too-many-questions", None, None), ("rate-is-usual", 1, "annual_rate"))
    return Broken(many.as_csv(), found, {"prior": _PLAIN.prior, "limits": replace(LIMITS, max_faults=1)})


@breaks("headings-known")
def _headings_known(sound: Written) -> Broken:
    wrong = replace(sound, columns=(*sound.columns, "colour"))
    return Broken(wrong.as_csv(), (("headings-known", None, None),), {"prior": sound.prior})


@breaks("headings-complete")
def _headings_complete(sound: Written) -> Broken:
    wrong = replace(sound, columns=tuple(name for name in sound.columns if name != "purpose"))
    return Broken(wrong.as_csv(), (("headings-complete", None, None),), {"prior": sound.prior})


@breaks("headings-once")
def _headings_once(sound: Written) -> Broken:
    wrong = replace(sound, columns=(*sound.columns, "note"))
    return Broken(wrong.as_csv(), (("headings-once", None, None),), {"prior": sound.prior})


@breaks("cells-not-merged")
def _cells_not_merged(_: Written) -> Broken:
    merged = '</sheetData><mergeCells count="1"><mergeCell ref="A2:A3"/></mergeCells>'
    data = _said(_PLAIN, "xl/worksheets/sheet2.xml", "</sheetData>", merged)
    return Broken(data, (("cells-not-merged", None, None),), {"prior": _PLAIN.prior})


@breaks("loans-on-one-sheet")
def _loans_on_one_sheet(_: Written) -> Broken:
    data = _said(_PLAIN, "xl/workbook.xml", 'name="Return"', 'name="Loans (2)"')
    return Broken(data, (("loans-on-one-sheet", None, None),), {"prior": _PLAIN.prior, "quarter": QUARTER})


@breaks("nothing-hidden")
def _nothing_hidden(_: Written) -> Broken:
    data = _said(_PLAIN, "xl/worksheets/sheet2.xml", '<row r="3"', '<row r="3" hidden="1"')
    return Broken(data, (("nothing-hidden", None, None),), {"prior": _PLAIN.prior})


@breaks("rows-are-loans")
def _rows_are_loans(sound: Written) -> Broken:
    total = {"loan_ref": "Total", "drawn": "100.00", "principal_outstanding": "7.00"}
    wrong = replace(sound, loans=(*sound.loans, total))
    return Broken(wrong.as_csv(), (("rows-are-loans", len(wrong.loans), "loan_ref"),), {"prior": sound.prior})


@breaks("cells-under-headings")
def _cells_under_headings(_: Written) -> Broken:
    first, *rest = _PLAIN.as_csv().split(b"\r\n")
    data = b"\r\n".join([first, rest[0] + b",beside", *rest[1:]])
    return Broken(data, (("cells-under-headings", 1, None),), {"prior": _PLAIN.prior})


@breaks("lines-long-enough")
def _lines_long_enough(_: Written) -> Broken:
    lines = _PLAIN.as_csv().split(b"\r\n")
    lines[2] = b",".join(lines[2].split(b",")[:8])
    return Broken(b"\r\n".join(lines), (("lines-long-enough", 2, None),), {"prior": _PLAIN.prior})


@breaks("references-once")
def _references_once(sound: Written) -> Broken:
    wrong = replace(sound, loans=(*sound.loans, a_loan("X-1"), a_loan("X-1")))
    prior = {**(sound.prior or {}), "X-1": before(a_loan("X-1"))}
    return Broken(wrong.as_csv(), (("references-once", len(wrong.loans), "loan_ref"),), {"prior": prior})


@breaks("open-loans-are-reported")
def _open_loans_are_reported(sound: Written) -> Broken:
    prior = {**(sound.prior or {}), "X-1": before(a_loan("X-1"))}
    return Broken(sound.as_csv(), (("open-loans-are-reported", None, "loan_ref"),), {"prior": prior})


@breaks("text-where-text-belongs")
def _text_where_text_belongs(_: Written) -> Broken:
    data = _PLAIN.as_json().replace(b'"drawn": "0.00"', b'"drawn": 0.00', 1)
    return Broken(data, (("text-where-text-belongs", 1, "drawn"),), {"prior": _PLAIN.prior})


def _in_a_cell(column: str, write: Callable[[Any, int, int, Any], object]) -> bytes:
    """The plain return as a workbook, in which one cell of its second loan is written otherwise."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet("Loans")
        sheet.write_row(0, 0, list(COLUMN))
        for row, loan in enumerate(_PLAIN.loans, 1):
            for place, name in enumerate(COLUMN):
                if row == 2 and name == column:
                    write(sheet, row, place, book.add_format({"num_format": "yyyy-mm-dd"}))
                elif name in loan:
                    sheet.write_string(row, place, loan[name])
    return out.getvalue()


@breaks("day-where-no-day-belongs")
def _day_where_no_day_belongs(_: Written) -> Broken:
    data = _in_a_cell("note", lambda sheet, row, place, day: sheet.write_datetime(row, place, _A_DAY, day))
    told = {"prior": _PLAIN.prior, "quarter": QUARTER}
    return Broken(data, (("day-where-no-day-belongs", 2, "note"),), told)


@breaks("reference-kept-whole")
def _reference_kept_whole(_: Written) -> Broken:
    data = _in_a_cell("loan_ref", lambda sheet, row, place, _: sheet.write_number(row, place, 12345678901234567890))
    prior = {"X-1": before(a_loan("X-1"))}
    return Broken(data, (("reference-kept-whole", 2, "loan_ref"),), {"prior": prior, "quarter": QUARTER})


@breaks("authority-still-stands")
def _authority_still_stands(_: Written) -> Broken:
    loan = a_loan("X-1", agreed_on="2018-05-14", maturity_on="2045-05-14", local_authority="E07000030")
    one = Written((loan,), header={**_PLAIN.header, "quarter": "2023Q2"})
    return Broken(one.as_json(), (("authority-still-stands", 1, "local_authority"),), {"prior": {"X-1": before(loan)}})


@breaks("loans-are-there")
def _loans_are_there(sound: Written) -> Broken:
    none = replace(sound, loans=())
    return Broken(none.as_json(), (("loans-are-there", None, None),), {"prior": {}, "filing": True})


@breaks("carried-loans-have-nothing-due")
def _carried_loans_have_nothing_due(sound: Written) -> Broken:
    late = a_loan("X-1", days_past_due="3", arrears_principal="1.00", status="in-arrears", principal_received="0.00")
    late |= {"interest_received": "0.00"}
    against = Against({**(sound.prior or {}), "X-1": before(late)}, "only-changes", {"X-1": late})
    found: tuple[Found, ...] = (("carried-loans-have-nothing-due", None, "loan_ref"),)
    return Broken(sound.as_json(), found, {"against": against})


@breaks("loan-of-another-facility")
def _loan_of_another_facility(_: Written) -> Broken:
    against = Against(_PLAIN.prior, elsewhere=frozenset({"X-2"}))
    return Broken(_PLAIN.as_csv(), (("loan-of-another-facility", 2, "loan_ref"),), {"against": against})


@breaks("cash-agrees-with-the-books")
def _cash_agrees_with_the_books(_: Written) -> Broken:
    # Half of two loans' 1250.00 and 340.25 came in, of which the file says that 1250.40 is held.
    against = Against(_PLAIN.prior, cash=Money.parse("100.00"))
    return Broken(_PLAIN.as_csv(), (("cash-agrees-with-the-books", None, "cash_held"),), {"against": against})


@breaks("opening-balance-stands")
def _opening_balance_stands(_: Written) -> Broken:
    columns = (*_PLAIN.columns, "opening_balance")
    loans = tuple(loan | {"opening_balance": "20000.00"} for loan in _PLAIN.loans)
    wrong = replace(_PLAIN, columns=columns, loans=(loans[0], loans[1] | {"opening_balance": "20000.01"}))
    return Broken(wrong.as_csv(), (("opening-balance-stands", 2, "opening_balance"),), {"prior": _PLAIN.prior})


def test_every_rule_is_planted() -> None:
    """A new rule has to be broken on purpose, here or by a planted cell, before it may be demanded of anybody."""
    planted = {plant.rule for plant in PLANTS}
    assert {one.name for one in CHECKS} == planted | FILES.keys()
    assert planted.isdisjoint(FILES)
    assert len({one.name for one in CHECKS}) == len(CHECKS)


@pytest.mark.parametrize("rule", FILES)
@settings(max_examples=2, deadline=None, suppress_health_check=list(HealthCheck))
@given(sound=valid_returns(max_loans=2))
def test_a_rule_broken_by_a_file_is_found_once_where_it_stands_and_alone(rule: str, sound: Written) -> None:
    broken = FILES[rule](sound)
    assert [one for one, *_ in broken.found].count(rule) == 1
    assert broken.checked() == list(broken.found)
