"""What we hand out and send back: templates that are sound returns, and returns with the findings written into them."""

from __future__ import annotations

import csv
import io
import json
import tracemalloc
from dataclasses import replace
from datetime import date
from typing import Any, get_args

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intermediaries.outcomes.codes import CODE_LISTS
from intermediaries.returns.checking import check
from intermediaries.returns.findings import RISKY, findings_csv, findings_json, guarded, unguarded
from intermediaries.returns.layout import COLUMN, COLUMNS, HEADER_FIELDS, STATIC, Kind, Presence
from intermediaries.returns.marking import with_findings
from intermediaries.returns.raw import Format, RawCell
from intermediaries.returns.rows import OpenLoan, texts
from intermediaries.returns.template import FORMATS, MEDIA_TYPES, template
from intermediaries.returns.write_workbook import Sheets, as_workbook
from ledger.dates import Quarter
from ledger.money import Money
from tests.intermediaries.returns_strategies import PLANTS, Written, a_loan, before, valid_returns

NEXT = Quarter(2013, 1)


def open_loan(loan: dict[str, str]) -> OpenLoan:
    (row,) = Written((loan,)).checked().rows
    return OpenLoan(texts(row), row.principal_outstanding)


def opened(data: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(data))


@pytest.mark.parametrize("name", FORMATS)
def test_an_empty_template_is_a_sound_return_of_nothing_if_that_is_meant(name: Format) -> None:
    data = template(name, facility="fac_7Q", quarter=NEXT, cash_held=Money(5))
    checked = check(data, filename=f"return.{name}", content_type=MEDIA_TYPES[name], prior={})
    assert checked.findings == ()
    assert [one.rule for one in check(data, prior={}, filing=True).findings] == ["loans-are-there"]
    assert (checked.format, checked.row_count) == (name, 0)
    assert (checked.header.facility, checked.header.quarter, checked.header.cash_held) == ("fac_7Q", NEXT, Money(5))


@pytest.mark.parametrize("name", FORMATS)
def test_a_template_asks_for_the_news_of_each_open_loan_and_nothing_else(name: Format) -> None:
    loan = a_loan(
        maturity_on="-", note="Second tranche in June.", people_reached="12", people_unit="people", sdg="8;10"
    )
    data = template(name, facility="fac_7Q", quarter=NEXT, open_loans=[open_loan(loan)])
    found = check(data, prior={"L-1": before(loan, principal_outstanding=Money.parse("18750.00"))}).findings
    assert {one.rule for one in found} == {"required-cell"}
    assert {one.column for one in found} == {
        column.name for column in COLUMNS if column.presence is Presence.REQUIRED and column.name not in STATIC
    }


@settings(max_examples=15, deadline=None)
@given(valid_returns(max_loans=3))
def test_a_template_gives_back_every_standing_fact_unchanged(sound: Written) -> None:
    rows = sound.checked().rows
    loans = [OpenLoan(texts(row), row.principal_outstanding) for row in rows]
    given_back = json.loads(template("json", open_loans=loans))["loans"]
    for row, loan in zip(rows, given_back, strict=True):
        assert {name: loan[name] or "" for name in STATIC} == {name: texts(row).get(name, "") for name in STATIC}


def test_the_three_templates_say_the_same() -> None:
    loans = [open_loan(a_loan()), open_loan(a_loan("L-2", borrower_name="@Home CIC", annual_rate="-"))]
    checked = [check(template(name, facility="fac_7Q", quarter=NEXT, open_loans=loans)) for name in FORMATS]
    assert checked[0].findings == checked[1].findings == checked[2].findings
    assert checked[0].content_sha256 == checked[1].content_sha256 == checked[2].content_sha256


def test_the_workbook_offers_every_code_and_explains_every_column() -> None:
    book = opened(template("xlsx"))
    assert book.sheetnames == ["Return", "Loans", "Guide", "Codes"]
    assert [cell.value for cell in book["Loans"][1]] == list(COLUMN)
    assert [row[0].value for row in book["Guide"].iter_rows(min_row=2)] == list(COLUMN)
    offered = {next(iter(rule.sqref.ranges)).min_col: rule for rule in book["Loans"].data_validations.dataValidation}
    for place, column in enumerate(COLUMNS, 1):
        if column.kind is Kind.CODE:
            sheet, _, span = str(offered[place].formula1).partition("!")
            codes = [row[0].value for row in book[sheet][span.replace("$", "")]]
            assert tuple(codes) == (*CODE_LISTS[column.codes].names(), *column.answers)
        elif column.kind is Kind.YES_NO:
            assert offered[place].formula1 == '"yes,no,?,-"'
    assert all(cell.comment for cell in book["Loans"][1])


def test_the_workbook_reminds_of_what_was_owed() -> None:
    book = opened(template("xlsx", open_loans=[open_loan(a_loan())]))
    places = {cell.value: cell.column for cell in book["Loans"][1]}
    assert set(places) == {*COLUMN, "opening_balance"}
    assert places["opening_balance"] == places["drawn"] - 1
    owed = book["Loans"].cell(2, places["principal_outstanding"])
    assert "18750.00" in owed.comment.text
    assert owed.value is None
    assert book["Loans"].cell(2, places["opening_balance"]).value == 18750
    assert book["Loans"].cell(2, places["amount_committed"]).value == 50000
    stops = [one for one in book["Loans"].data_validations.dataValidation if one.type == "custom"]
    assert [next(iter(one.sqref.ranges)).min_col for one in stops] == [places["opening_balance"]]


@pytest.mark.parametrize("name", FORMATS)
def test_what_the_template_gives_lets_a_check_without_books_see_what_lacks(name: Format) -> None:
    loan = a_loan()
    thousand = Money.parse("1000.00")
    data = template(name, facility="fac_7Q", quarter=NEXT, cash_before=thousand, open_loans=[open_loan(loan)])
    assert check(data).header.cash_before == thousand
    moved = dict.fromkeys(("drawn", "written_off", "recovered", "arrears_principal"), "0.00")
    moved |= {"principal_received": "750.00", "interest_received": "10.00", "principal_outstanding": "18000.00"}
    told = Written(
        (loan | moved | {"opening_balance": "18750.00", "our_share": "0.5"},),
        header={"facility": "fac_7Q", "quarter": str(NEXT), "cash_held": "1380.00", "cash_before": "1000.00"},
        columns=(*COLUMN, "opening_balance"),
    )
    assert check(told.in_format(name), filing=name != "csv").findings == ()
    wrong = replace(told, header={**told.header, "cash_held": "1379.99"})
    assert [(one.rule, one.message) for one in check(wrong.as_json()).findings] == [
        ("cash-agrees-with-the-books", "Cash is short by 0.01: our books leave 1380.00, and 1379.99 is held.")
    ]
    off = replace(told, loans=(told.loans[0] | {"opening_balance": "18750.01"},))
    assert [one.rule for one in check(off.as_json()).findings] == ["rolls-forward"]
    assert check(off.as_json()).content_sha256 == check(told.as_json()).content_sha256


@pytest.mark.parametrize("typed", ["18750.01", "many", "0.00"])
def test_an_opening_balance_that_is_not_ours_is_asked_about_and_never_used(typed: str) -> None:
    loan = a_loan()
    state = {"L-1": before(loan)}
    given = str(state["L-1"].principal_outstanding)
    columns = (*COLUMN, "opening_balance")
    assert check(Written((loan | {"opening_balance": given},), columns=columns).as_json(), prior=state).findings == ()
    sent = Written((loan | {"opening_balance": f"9{typed}"},), columns=columns).as_json()
    (found,) = check(sent, prior=state).findings
    assert (found.rule, found.severity, found.column) == ("opening-balance-stands", "question", "opening_balance")
    back = with_findings(sent, [found], as_format="csv", filename="r.json")
    assert check(back, prior=state).findings == (found,)


def test_the_same_template_is_the_same_bytes() -> None:
    loans = [open_loan(a_loan())]
    assert template("xlsx", quarter=NEXT, open_loans=loans) == template("xlsx", quarter=NEXT, open_loans=loans)


FAULTY = Written(
    tuple(
        {name: text for name, text in {**a_loan(f"Z-{number}"), **plant.changes}.items() if text is not None}
        for number, plant in enumerate(PLANTS)
        if plant.prior == {} and plant.rule != "no-formula"
    )
)


@pytest.mark.parametrize("came_as", FORMATS)
@pytest.mark.parametrize("goes_as", ["xlsx", "csv"])
def test_a_return_sent_back_with_its_findings_says_the_same_when_it_comes_again(came_as: str, goes_as: Any) -> None:
    data = FAULTY.in_format(came_as)
    first = check(data)
    assert len(first.findings) > 40
    again = check(with_findings(data, first.findings, as_format=goes_as))
    assert again.findings == first.findings
    assert again.content_sha256 == first.content_sha256


@settings(max_examples=10, deadline=None)
@given(valid_returns(max_loans=3))
def test_a_spreadsheet_sent_back_keeps_its_numbers_and_days(sound: Written) -> None:
    data = sound.as_xlsx(typed=True)
    again = check(with_findings(data, (), as_format="xlsx"), prior=sound.prior)
    assert again.rows == check(data).rows
    assert again.findings == ()


def test_faulty_cells_are_coloured_and_carry_what_was_found() -> None:
    data = Written((a_loan(), a_loan("L-2", status="lost", annual_rate="0.75"))).as_csv()
    checked = check(data)
    book = opened(with_findings(data, checked.findings, as_format="xlsx"))
    status = book["Loans"].cell(3, list(COLUMN).index("status") + 1)
    rate = book["Loans"].cell(3, list(COLUMN).index("annual_rate") + 1)
    assert "not a code" in status.comment.text
    assert status.fill.fgColor.rgb != rate.fill.fgColor.rgb != book["Loans"].cell(2, 1).fill.fgColor.rgb
    table = [[cell.value for cell in row] for row in book["Findings"].iter_rows(min_row=2)]
    assert [(row[0], row[2], row[3], row[4]) for row in table] == [
        ("question", 2, "annual_rate", "0.75"),
        ("error", 2, "status", "lost"),
    ]


def test_the_csv_sent_back_says_at_the_end_of_each_line_what_was_found() -> None:
    data = Written((a_loan(), a_loan("L-2", status="lost"))).as_csv()
    back = with_findings(data, check(data).findings, as_format="csv").decode("utf-8-sig")
    lines = list(csv.DictReader(io.StringIO(back)))
    assert lines[0]["findings"] == ""
    assert lines[1]["findings"].startswith("status: lost is not a code")


@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_of_a_file_that_could_not_be_read_only_the_findings_come_back(form: Any) -> None:
    data = b"%PDF-1.7"
    back = with_findings(data, check(data).findings, as_format=form)
    text = str([[cell.value for cell in row] for row in opened(back)["Findings"]]) if form == "xlsx" else back.decode()
    assert "a PDF document" in text


TEXTS = st.text(alphabet=st.sampled_from("=+-@'\t\r\n ＝＋ab1."), max_size=6)  # noqa: RUF001 -- full-width on purpose


@given(TEXTS)
def test_no_guarded_text_could_run_in_a_spreadsheet(text: str) -> None:
    safe = guarded(text)
    number = safe.removeprefix("-").replace(".", "", 1).isdigit()
    assert safe[:1] not in RISKY or safe in {"-", "?"} or number
    assert unguarded(safe) == text or text.startswith("'")


@given(TEXTS)
def test_a_guard_can_be_taken_off_again(text: str) -> None:
    assert unguarded(guarded(unguarded(text))) == unguarded(text)


@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_a_name_that_looks_like_a_formula_is_disarmed_on_its_way_out_and_whole_when_it_returns(form: Any) -> None:
    data = Written((a_loan(borrower_name="@SUM(A1)", note="+44 151 000"),)).as_json()
    back = with_findings(data, (), as_format=form)
    raw = str([cell.value for cell in opened(back)["Loans"][2]]) if form == "xlsx" else back.decode()
    assert "'@SUM(A1)" in raw
    assert "'+44 151 000" in raw
    (row,) = check(back).rows
    assert (row.borrower_name, row.note) == ("@SUM(A1)", "+44 151 000")


def test_no_cell_we_write_is_a_formula() -> None:
    data = Written((a_loan(note="=HYPERLINK(1)"),)).as_json()
    empty = template("xlsx", open_loans=[open_loan(a_loan())])
    for part in (
        empty,
        with_findings(data, check(data).findings, as_format="xlsx"),
    ):
        for sheet in opened(part):
            assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)


def test_findings_go_out_as_a_table_that_no_spreadsheet_runs() -> None:
    found = check(Written((a_loan(note="=1+1"),)).as_json()).findings
    lines = list(csv.reader(io.StringIO(findings_csv(found).decode("utf-8-sig"))))
    assert lines[0][:5] == ["rule", "tier", "severity", "sheet", "row"]
    assert lines[1][:7] == ["no-formula", "2", "error", "Loans", "1", "note", "'=1+1"]
    assert findings_json(found)[0]["value"] == "=1+1"


REQUIRED = """
loan_ref borrower_name borrower_ids legal_form purpose agreed_on maturity_on annual_rate amount_committed drawn
principal_received interest_received written_off recovered principal_outstanding arrears_principal days_past_due status
our_share outcome_area beneficiary_group place_basis postcode lsoa local_authority
"""
OPTIONAL = """
product secured capital_holiday_months restructured_on restructure_kind interest_arrears turnover employees_fte
first_time_borrower declined_by_bank grant_amount people_reached people_unit indicator baseline target actual
indicator_unit evidence_level sdg note
"""


def test_the_layout_is_the_contract() -> None:
    required = REQUIRED.split()
    optional = OPTIONAL.split()
    assert [column.name for column in COLUMNS] == [*required, *optional]
    assert [column.name for column in COLUMNS if column.presence is Presence.OPTIONAL] == optional
    assert HEADER_FIELDS == ("facility", "quarter", "cash_held")
    assert set(get_args(Format)) == set(FORMATS) == set(MEDIA_TYPES)


def test_every_column_explains_itself_and_says_which_marks_it_takes() -> None:
    for column in COLUMNS:
        assert column.help.endswith(".")
        assert column.expected
        assert ('"?"' in column.expected) == ("?" in column.answers)
        assert not column.codes or column.codes in CODE_LISTS
        assert set(column.answers) <= {"?", "-"}


def test_a_template_filled_in_by_another_program_is_read_as_it_was_filled() -> None:
    book = opened(template("xlsx", facility="fac_7Q", quarter=Quarter(2012, 4)))
    book["Return"]["B3"] = 1250.4
    loan = a_loan()
    for place, name in enumerate(COLUMN, 1):
        if name in loan:
            kind, text = COLUMN[name].kind, loan[name]
            cell = book["Loans"].cell(2, place)
            if kind is Kind.DATE:
                cell.value = date.fromisoformat(text)
            else:
                cell.value = float(text) if kind in {Kind.MONEY, Kind.RATE, Kind.SHARE, Kind.COUNT} else text
    out = io.BytesIO()
    book.save(out)
    checked = check(out.getvalue(), filing=True)
    assert checked.findings == ()
    assert checked.rows == Written((loan,)).checked().rows
    assert checked.content_sha256 == Written((loan,)).checked().content_sha256


def test_the_header_sheet_may_have_its_labels_in_one_row() -> None:
    book = opened(Written((a_loan(),)).as_xlsx())
    sheet = book["Return"]
    sheet.delete_rows(1, 3)
    sheet.append(["Facility", "Quarter", "Cash_held"])
    sheet.append(["fac_7Q", "2012Q4", "1250.40"])
    out = io.BytesIO()
    book.save(out)
    assert check(out.getvalue()).header == Written((a_loan(),)).checked().header


def test_a_workbook_sent_back_is_written_row_after_row_and_none_is_kept() -> None:
    """However long a return is, what it takes to mark it does not grow: five times the loans, as much memory."""
    taken = {}
    columns = list(COLUMN)[:8]
    for count in (200, 1_000):
        rows = ((number, {name: RawCell(f"{name} {number}") for name in columns}) for number in range(1, count + 1))
        tracemalloc.start()
        try:
            book = as_workbook(Sheets({}, columns, rows, findings=()))
            taken[count] = tracemalloc.get_traced_memory()[1] - len(book)
        finally:
            tracemalloc.stop()
    assert taken[1_000] < taken[200] + 200_000, "800 rows take more than a kilobyte each where they are kept"


def test_a_long_return_sent_back_says_the_same_and_shows_what_was_found_in_its_place() -> None:
    loans = tuple(a_loan(f"L-{number}") for number in range(1, 1_201))
    loans = (*loans[:900], loans[900] | {"purpose": "fun"}, *loans[901:])
    sent = Written(loans, columns=tuple(loans[0]))
    checked = sent.checked("csv")
    back = with_findings(sent.as_csv(), checked.findings, as_format="xlsx")
    again = check(back)
    assert (again.content_sha256, again.findings) == (checked.content_sha256, checked.findings)
    sheet = opened(back)["Loans"]
    place = list(loans[0]).index("purpose") + 1
    assert sheet.cell(902, place).value == "fun"
    assert "not a code" in sheet.cell(902, place).comment.text
    assert [cell.value for cell in opened(back)["Codes"]["A"]][:2] == ["legal_form", "CIO"]
