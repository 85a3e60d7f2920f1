"""Returns as lenders really send them: what a spreadsheet or a colleague did to a file is told, and how to mend it."""

from __future__ import annotations

import io
import json
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from bank.cli import main
from intermediaries.frontline.identifiers import problems_with
from intermediaries.returns.amounts import amount_below_zero, amount_meant, says_nothing_moved
from intermediaries.returns.checking import Checked, check
from intermediaries.returns.days import day_meant, day_remedy
from intermediaries.returns.garbled import before_it_was_garbled
from intermediaries.returns.raw import heading
from intermediaries.returns.workbook import number_text
from ledger.money import Money
from tests.intermediaries.returns_strategies import Written, a_loan

SOUND: Final = Written((a_loan(), a_loan("L-2")))
LOANS: Final = [dict(loan) for loan in SOUND.loans]
NAMES: Final = list(LOANS[0])


def text(separator: str = ",", *, above: str = "", below: str = "", quote: str = "") -> bytes:
    """The sound loans as text, their cells apart by a sign."""
    lines = [NAMES, *([loan.get(name, "") for name in NAMES] for loan in LOANS)]
    told = "\n".join(separator.join(f"{quote}{cell}{quote}" for cell in line) for line in lines)
    return f"{above}{told}\n{below}".encode()


def book(fill: Callable[[Any, Any], None] | None = None, *, title: str = "Loans", row: int = 0) -> bytes:
    """The sound loans as a workbook made by hand, and whatever else is done to it."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as made:
        sheet = made.add_worksheet(title)
        for place, line in enumerate([NAMES, *([loan.get(name, "") for name in NAMES] for loan in LOANS)]):
            sheet.write_row(row + place, 0, line)
        if fill is not None:
            fill(made, sheet)
    return out.getvalue()


def archive(**parts: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, content in parts.items():
            made.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return out.getvalue()


def told(data: bytes, filename: str | None = None) -> list[tuple[str, str]]:
    """What is found in a file, each with all that is said of it."""
    return [(one.rule, f"{one.message} {one.remedy}") for one in check(data, filename=filename).findings]


def two_of_a_name(made: Any, _: Any) -> None:
    made.add_worksheet("Loans ")


def merged(_: Any, sheet: Any) -> None:
    sheet.merge_range(1, NAMES.index("borrower_name"), 2, NAMES.index("borrower_name"), "Both of them")


def hidden_row(_: Any, sheet: Any) -> None:
    sheet.set_row(2, None, None, {"hidden": True})


def hidden_column(_: Any, sheet: Any) -> None:
    sheet.set_column(1, 1, None, None, {"hidden": True})


def copied_sheet(made: Any, _: Any) -> None:
    for name in ("Return", "Loans (2)", "Notes"):
        made.add_worksheet(name)


def hidden_sheet(made: Any, sheet: Any) -> None:
    made.add_worksheet("Another").activate()
    sheet.hide()


def huge_cell(_: Any, sheet: Any) -> None:
    sheet.write(1, 1, "A")


def enlarged() -> bytes:
    """A workbook with a cell of five million signs, which no spreadsheet program could have written."""
    before, out = book(huge_cell), io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(before)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b"<t>A</t>", b"<t>" + b"ab" * 2_500_000 + b"</t>"))
    return out.getvalue()


FILES: Final[list[tuple[str, Callable[[], bytes], str, str]]] = [
    ("semicolons in quotes", lambda: text(";", quote='"'), "wrong-separator", "semicolons"),
    ("a line for the spreadsheet", lambda: text(";", above="sep=;\n"), "wrong-separator", "semicolons"),
    ("tabs", lambda: text("\t"), "wrong-separator", "tabs"),
    (
        "lines that became cells",
        lambda: b"\n".join(b'"%s"' % line for line in text().splitlines()),
        "wrong-separator",
        "Text to Columns",
    ),
    ("a quote never closed", lambda: text().replace(b"L-2", b'"L-2'), "broken-csv", "begins in line 3"),
    ("UTF-32", lambda: text().decode().encode("utf-32"), "wrong-encoding", "UTF-32"),
    ("a list as JSON", lambda: json.dumps(LOANS).encode(), "wrong-shape", "a list"),
    ("JSON without loans", lambda: b'{"loan": []}', "wrong-shape", 'no member "loans"'),
    ("a loan that is none", lambda: b'{"loans": [{}, 7]}', "wrong-shape", "Loan 2 of the file is a number"),
    (
        "a member in two writings",
        lambda: SOUND.as_json().replace(b'"loan_ref": "L-2"', b'"loan_ref": "L-2", "Loan Ref": "L-3"'),
        "repeated-member",
        "written two ways",
    ),
    ("two sheets of one name", lambda: book(two_of_a_name), "no-loans-sheet", "2 sheets called Loans"),
    ("merged cells", lambda: book(merged), "cells-not-merged", "Unmerge"),
    ("a hidden row", lambda: book(hidden_row), "nothing-hidden", "row 3"),
    ("a hidden column", lambda: book(hidden_column), "nothing-hidden", "column B"),
    ("a copy of the sheet", lambda: book(copied_sheet), "loans-on-one-sheet", "Beside the sheet of the loans there is"),
    ("a hidden sheet", lambda: book(hidden_sheet), "nothing-hidden", "the whole sheet"),
    ("a cell that no sheet can hold", enlarged, "suspicious-workbook", "5,000,000 signs"),
    ("OpenDocument", lambda: archive(mimetype="x", content_dot_xml="<a/>"), "not-a-workbook", "LibreOffice"),
    ("Numbers", lambda: archive(Index__Document_dot_iwa="x"), "not-a-workbook", "In Numbers"),
    ("a zip around it", lambda: archive(return_dot_xlsx="x"), "not-a-workbook", "return.xlsx"),
    (
        "a workbook that a password closes",
        lambda: b"\xd0\xcf\x11\xe0" + bytes(600) + "EncryptedPackage".encode("utf-16-le"),
        "protected-workbook",
        "password",
    ),
]


@pytest.mark.parametrize(("make", "rule", "says"), [one[1:] for one in FILES], ids=[one[0] for one in FILES])
def test_what_was_done_to_a_file_is_told_with_how_to_mend_it(make: Callable[[], bytes], rule: str, says: str) -> None:
    found = told(make())
    assert found[0][0] == rule
    assert says in found[0][1]


def test_blank_lines_above_the_headings_blanks_in_them_and_their_order_do_not_matter() -> None:
    assert told(text(above="\n , \n\n")) == []
    assert told(text().replace(b"loan_ref", b" Loan  Ref ").replace(b"our_share", b"OUR_SHARE\xc2\xa0")) == []
    assert heading("Annual\nRate") == "annual_rate"
    assert check(book(row=3)).ok


def test_a_total_a_signature_and_a_note_beside_the_table_are_one_finding_each() -> None:
    gaps = "," * (len(NAMES) - 1)
    for below in (f"Signed by J. Smith{gaps}\n", f"{gaps[:5]}200.00{gaps[5:]}\n", f"{gaps[:4]}1.00,2.00{gaps[5:]}\n"):
        assert [rule for rule, _ in told(text(below=below))] == ["rows-are-loans"]
    assert [rule for rule, _ in told(text(below=f"{gaps},see note\n"))] == ["cells-under-headings"]


def typed(column: str, value: object, *, as_day: bool = False) -> Checked:
    """The sound loans with one cell typed otherwise."""

    def fill(made: Any, sheet: Any) -> None:
        form = made.add_format({"num_format": "dd/mm/yyyy"}) if as_day else None
        sheet.write(1, NAMES.index(column), value, form)

    return check(book(fill))


@pytest.mark.parametrize("column", ["loan_ref", "drawn"])
def test_what_a_spreadsheet_made_a_day_of_is_not_taken_for_anything_else(column: str) -> None:
    assert [one.rule for one in typed(column, 40_739, as_day=True).findings] == ["day-where-no-day-belongs"]


def test_a_reference_that_became_a_number_is_taken_only_if_no_digit_can_be_lost() -> None:
    assert [one.rule for one in typed("loan_ref", 12345678901234567).findings] == ["reference-kept-whole"]
    assert [one.rule for one in typed("loan_ref", 1.1).findings] == ["reference-kept-whole"]
    assert typed("loan_ref", 417).ok


def test_the_last_bits_of_what_a_spreadsheet_worked_out_are_no_pennies() -> None:
    assert number_text(0.1 + 0.2) == "0.3"
    assert number_text(18_749.999999999996) == "18750"
    assert number_text(12_345_678_901_234.56) == "12345678901234.56"
    assert number_text(0.30000000000001) == "0.30000000000001"


@given(st.integers(0, 10**15), st.sampled_from(["{:,.2f}", "£{:,.2f}", "GBP {:.2f}", "{:.2f} ", "+{:.2f}"]))
def test_an_amount_written_for_people_is_told_as_we_write_it(pence: int, form: str) -> None:
    amount = Money(pence)
    written = form.format(pence // 100).replace(".00", f".{pence % 100:02d}")
    assert Money.parse(amount_meant(written) or "") == amount
    continental = written.translate(str.maketrans(",.", ".,"))
    assert Money.parse(amount_meant(continental) or "") == amount
    assert Money.parse(amount_below_zero(f"({written})") or "") == amount


def test_a_comma_is_never_read_a_hundredfold() -> None:
    assert amount_meant("100,00") == "100.00"
    assert amount_meant("1,234") == "1234"
    assert amount_meant("1,23,456.00") is None
    assert amount_meant("100k") is None
    assert amount_meant("€5.00") is None
    assert amount_meant("５０") == "50"  # noqa: RUF001 -- the full-width digits are meant
    assert amount_below_zero("−5.00") == amount_below_zero("5.00-") == "5.00"  # noqa: RUF001 -- the minus sign is meant
    assert says_nothing_moved(" N/A ")
    assert not says_nothing_moved("5")


@pytest.mark.parametrize(
    "written",
    [
        *("15th July 2011", "July 15, 2011", "Fri 15 July 2011", "Friday, 15 July 2011", "15 Jul. 2011", "20110715"),
        *("2011/07/15", "2011-7-15", "15\u00a0July\u00a02011", "15/07/2011 00:00", "15 Gorffennaf 2011"),
        *("2011-07-15 00:00:00", "2011-07-15T00:00:00Z"),
    ],
)
def test_a_day_in_the_words_of_people_is_that_day(written: str) -> None:
    assert day_meant(written) == "2011-07-15"


def test_a_day_that_cannot_be_taken_is_told_how_to_write_it() -> None:
    assert "without the time" in day_remedy("2011-07-15 12:30:00")
    assert "four digits" in day_remedy("15-Jul-11")
    assert "no such day" in day_remedy("30/02/2011")
    assert day_meant("15 juillet 2011") is None
    assert day_meant("2011-07-15 12:30:00") is None


def test_a_garbled_name_is_told_as_it_was_and_a_sound_one_is_left_alone() -> None:
    assert before_it_was_garbled("CaffÃ¨ â€“ TÅ· Gwyn") == "Caffè – Tŷ Gwyn"  # noqa: RUF001 -- as it was
    assert before_it_was_garbled("Smith &amp; Sons") == "Smith & Sons"
    for name in ("Caffè", "L’École", "CAFÉ’S", "Tŷ Gwyn & Co", "Señor", "£5 Club"):  # noqa: RUF001 -- as people write
        assert before_it_was_garbled(name) == name
    loans = [{**LOANS[0], "borrower_name": "Caff\ufffd"}]
    assert told(json.dumps({"loans": loans}).encode())[0][0] == "letters-as-they-were"


def test_a_company_number_with_a_letter_for_a_nought_is_found_and_one_of_two_registers_is_told_of_both() -> None:
    assert problems_with("GB-COH-O9506232") is not None
    assert problems_with("GB-COH-R0000123") is None
    both = problems_with("SC012345") or ""
    assert "GB-COH-SC012345" in both
    assert "GB-SC-SC012345" in both


def test_a_checked_file_is_written_once_more_with_what_was_found_beside_its_cells(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    sent, marked = tmp_path / "return.csv", tmp_path / "marked.xlsx"
    sent.write_bytes(text().replace(b"L-2", b"=L-2"))

    def checked(*words: object) -> str:
        said = ["bank", "return", "check", *map(str, words), "--quarter", "2012Q4"]
        monkeypatch.setattr(sys, "argv", said)
        with pytest.raises(SystemExit):
            main()
        return capsys.readouterr().out

    first = checked(sent, "--out", marked)
    assert "Error in sheet Loans, loan 2, column loan_ref" in first
    assert "Filing it also needs facility and cash_held" in first
    assert checked(marked) == first


@pytest.mark.parametrize("label", ["Total", "TOTALS:", "Grand total", "sub-total", "Total \u00a3", "Sum"])
@pytest.mark.parametrize("column", ["loan_ref", "borrower_name"])
def test_a_sum_under_the_loans_is_one_finding_wherever_it_is_called_one(column: str, label: str) -> None:
    row = {column: label, "drawn": "0.00", "principal_received": "2500.00"}
    below = ",".join(row.get(name, "") for name in NAMES)
    assert [(one.rule, one.row) for one in check(text(below=f"{below}\n")).findings] == [("rows-are-loans", 3)]


def test_a_borrower_with_such_a_name_is_a_loan_all_the_same() -> None:
    sent = Written((a_loan(borrower_name="Total"), a_loan("TOTAL", borrower_name="Total Care CIC")))
    assert sent.checked().findings == ()


def test_a_second_mark_of_utf_8_and_an_old_end_of_file_are_no_part_of_it() -> None:
    mark = b"\xef\xbb\xbf"
    sound = check(text())
    for sent in (mark + mark + text(), text() + b"\x1a", mark + mark + mark + text() + b"\x1a\x1a"):
        found = check(sent)
        assert (found.findings, found.content_sha256) == (sound.findings, sound.content_sha256)


@pytest.mark.parametrize(("written", "meant"), [("0,075", "0.075"), (".075", "0.075"), ("0,5", "0.5")])
def test_a_rate_with_a_comma_is_told_with_its_point(written: str, meant: str) -> None:
    (found,) = Written((a_loan(annual_rate=written),)).checked().findings
    assert (found.rule, found.remedy) == ("plain-digits", f"Write {meant}, if so much is meant.")


def test_what_a_workbook_writes_for_a_sign_it_cannot_hold_is_no_part_of_a_name() -> None:
    assert before_it_was_garbled("Harbour Kitchen_x000D_ CIC") == "Harbour Kitchen CIC"
    assert before_it_was_garbled("the_xylophone  band") == "the_xylophone  band"
    (found,) = Written((a_loan(borrower_name="Harbour_x000D_Kitchen"),)).checked().findings
    assert (found.rule, found.column) == ("letters-as-they-were", "borrower_name")
    assert "Harbour Kitchen" in found.remedy


@pytest.mark.parametrize(
    "written", ["L1-8JQ", "L1 8JQ.", "Liverpool L1 8JQ", "L1 8JQ, UK", "l1_8jq", "1 Quay St, L18JQ"]
)
def test_a_postcode_in_other_company_is_told_alone(written: str) -> None:
    (found,) = Written((a_loan(postcode=written),)).checked().findings
    assert (found.rule, found.remedy) == ("postcode-shaped", "Write L1 8JQ.")


@pytest.mark.parametrize(
    ("column", "written", "meant"),
    [
        ("legal_form", "CIC", "CIC-CLG or CIC-CLS"),
        ("legal_form", "cic clg", "CIC-CLG"),
        ("outcome_area", "Employment, training and education", "employment"),
        ("purpose", "working capital", "workingCapital"),
    ],
)
def test_a_code_in_other_words_is_told_as_what_it_may_mean(column: str, written: str, meant: str) -> None:
    (found,) = Written((a_loan(**{column: written}),)).checked().findings
    assert (found.rule, found.remedy.partition("?")[0]) == ("code-on-the-list", f"Did you mean {meant}")
