"""Files that are not sound returns: each is refused with its reason, in bounded time and memory."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tracemalloc
import zipfile
from collections.abc import Callable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from intermediaries.returns.bounds import Limits
from intermediaries.returns.checking import Checked, check
from intermediaries.returns.days import day_counted, day_meant, days_meant
from intermediaries.returns.rules import CHECKS
from intermediaries.returns.structure import READING
from intermediaries.returns.workbook import number_text
from ledger.dates import CALENDAR_ENDS, CALENDAR_STARTS
from tests.intermediaries.returns_strategies import Written, a_loan

MIB: Final = 1024 * 1024
SOUND: Final = Written((a_loan(), a_loan("L-2")))
SHEET: Final = "xl/worksheets/sheet2.xml"


def workbook(
    changed: Mapping[str, bytes] | None = None, *, added: Mapping[str, bytes] | None = None, data: bytes | None = None
) -> bytes:
    """A sound workbook with some of its parts changed, taken out (b"") or added."""
    changed = changed or {}
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data or SOUND.as_xlsx())) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            if content := changed.get(name, old.read(name)):
                new.writestr(name, content)
        for name, content in (added or {}).items():
            new.writestr(name, content)
    return out.getvalue()


def part(name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(SOUND.as_xlsx())) as book:
        return book.read(name)


def sheet_with(cell: bytes) -> bytes:
    """The sheet of loans with one more row at its end."""
    return part(SHEET).replace(b"</sheetData>", cell + b"</sheetData>")


def lying_bomb() -> bytes:
    """A sheet of 300 MiB whose directory says that it has one kibibyte."""
    bomb = workbook({SHEET: b" " * (300 * MIB)})
    with zipfile.ZipFile(io.BytesIO(bomb)) as archive:
        size = archive.getinfo(SHEET).file_size
    return bomb.replace(size.to_bytes(4, "little"), (1024).to_bytes(4, "little"))


def encrypted() -> bytes:
    """A workbook whose directory says that a part is encrypted."""
    data = bytearray(SOUND.as_xlsx())
    place = data.rfind(b"PK\x01\x02")
    data[place + 8] |= 1
    return bytes(data)


def with_entities(before: bytes) -> bytes:
    laughs = b"".join(b'<!ENTITY l%d "%s">' % (step, b"&l%d;" % (step - 1) * 10) for step in range(1, 10))
    return before.replace(b"<worksheet", b'<!DOCTYPE w [<!ENTITY l0 "ha">' + laughs + b"]><worksheet", 1)


def foreign(before: bytes) -> bytes:
    return before.replace(b"<sst", b'<!DOCTYPE s [<!ENTITY x SYSTEM "file:///etc/hostname">]><sst', 1)


def macros() -> bytes:
    return workbook(added={"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0"})


def far(cell: bytes) -> bytes:
    return workbook({SHEET: sheet_with(b'<row><c r="%s"><v>1</v></c></row>' % cell)})


def unnamed_rows(rows: int) -> bytes:
    """Rows and cells without references, as the standard allows."""
    return workbook({SHEET: sheet_with(b"<row><c><v>1</v></c></row>" * rows)})


CSV: Final = SOUND.as_csv()
JSON: Final = SOUND.as_json()
FILES: Final[Mapping[str, tuple[str, Callable[[], bytes], dict[str, str]]]] = {
    "nothing at all": ("empty-file", lambda: b"", {}),
    "nothing but blanks": ("empty-file", lambda: b" \r\n\t\n", {}),
    "nothing but a mark": ("empty-file", lambda: b"\xef\xbb\xbf", {}),
    "50 MB of letters": ("file-too-large", lambda: b"a" * 50_000_000, {}),
    "50 MB said to be a workbook": ("file-too-large", lambda: b"PK\x03\x04" + bytes(50_000_000), {}),
    "a PDF under another name": ("not-what-it-claims", lambda: b"%PDF-1.7\n%", {"filename": "return.xlsx"}),
    "an old Excel file": (
        "not-what-it-claims",
        lambda: b"\xd0\xcf\x11\xe0\xa1\xb1" + bytes(600),
        {"filename": "r.xls"},
    ),
    "a gzip archive": ("not-what-it-claims", lambda: b"\x1f\x8b\x08\0" + bytes(60), {}),
    "a web page": ("not-what-it-claims", lambda: b"<!DOCTYPE html><title>Sign in</title>", {"filename": "return.csv"}),
    "a workbook named CSV": ("not-what-it-claims", SOUND.as_xlsx, {"filename": "return.csv"}),
    "CSV named workbook": ("not-what-it-claims", lambda: CSV, {"filename": "return.xlsx"}),
    "JSON sent as CSV": ("not-what-it-claims", lambda: JSON, {"content_type": "text/csv; charset=utf-8"}),
    "CSV sent as JSON": ("not-what-it-claims", lambda: CSV, {"content_type": "application/json"}),
    "CSV in the encoding of old Windows": (
        "wrong-encoding",
        lambda: CSV.replace(b"Harbour", "Caf\xe9".encode("cp1252")),
        {},
    ),
    "CSV in UTF-16": ("wrong-encoding", lambda: CSV.decode().encode("utf-16"), {}),
    "JSON that is not UTF-8": ("wrong-encoding", lambda: JSON.replace(b"Harbour", b"\xff"), {}),
    "CSV with semicolons": ("wrong-separator", lambda: CSV.replace(b",", b";"), {}),
    "CSV with tabs": ("wrong-separator", lambda: CSV.replace(b",", b"\t"), {}),
    "a quote that never closes": ("broken-csv", lambda: CSV.replace(b"L-2", b'"L-2'), {}),
    "a field of 300 kB": ("broken-csv", lambda: CSV.replace(b"L-2", b"x" * 300_000), {}),
    "a letter": ("no-headings", lambda: b"Dear Sir or Madam,\nplease find our figures below.\n", {}),
    "bytes at random": ("no-headings", lambda: bytes(range(1, 32)) * 20, {}),
    "ten million commas": ("too-many-rows", lambda: b"loan_ref" + b"," * 10_000_000, {}),
    "a million empty lines": ("too-many-rows", lambda: CSV + b"\n" * 1_000_000, {}),
    "more loans than anybody has": ("too-many-rows", lambda: b"loan_ref\n" + b"L\n" * 100_001, {}),
    "JSON cut off": ("broken-json", lambda: JSON[:-20], {}),
    "JSON nested without end": ("broken-json", lambda: b'{"loans": ' + b"[" * 100_000, {}),
    "JSON of a million lists": ("too-many-rows", lambda: b"[" + b"[]," * 1_000_000 + b"[]]", {}),
    "JSON of six million numbers": ("too-many-rows", lambda: b"[" + b"1," * 6_000_000 + b"1]", {}),
    "JSON with 100,000 names": (
        "too-many-rows",
        lambda: json.dumps({"loans": [{f"a{number}": "" for number in range(100_000)}]}).encode(),
        {},
    ),
    "a member twice": ("repeated-member", lambda: b'{"loans": [{"drawn": "1.00", "drawn": "2.00"}]}', {}),
    "a list of loans and nothing around": ("wrong-shape", lambda: json.dumps([a_loan()]).encode(), {}),
    "loans that are no objects": ("wrong-shape", lambda: b'{"loans": ["L-1"]}', {}),
    "a zip bomb": ("suspicious-workbook", lambda: workbook({SHEET: b" " * (300 * MIB)}), {}),
    "a zip bomb with a lying directory": ("broken-workbook", lying_bomb, {}),
    "a zip within": ("suspicious-workbook", lambda: workbook(added={"xl/embeddings/more.zip": b"PK"}), {}),
    "a thousand parts": (
        "suspicious-workbook",
        lambda: workbook(added={f"xl/media/{number}": b"" for number in range(1000)}),
        {},
    ),
    "a part outside": ("suspicious-workbook", lambda: workbook(added={"../../etc/cron.d/x": b"x"}), {}),
    "a part at the root": ("suspicious-workbook", lambda: workbook(added={"/etc/passwd": b"x"}), {}),
    "a workbook with a password": ("protected-workbook", encrypted, {}),
    "a workbook with macros": ("workbook-with-macros", macros, {}),
    "a million laughs": ("suspicious-workbook", lambda: workbook({SHEET: with_entities(part(SHEET))}), {}),
    "a file of ours within": (
        "suspicious-workbook",
        lambda: workbook({"xl/sharedStrings.xml": foreign(part("xl/sharedStrings.xml"))}),
        {},
    ),
    "a cell in the last corner": ("cells-too-far-out", lambda: far(b"XFD1048576"), {}),
    "a cell in the last row": ("cells-too-far-out", lambda: far(b"A1048576"), {}),
    "a cell in the last column": ("cells-too-far-out", lambda: far(b"XFD2"), {}),
    "150,000 rows without numbers": ("cells-too-far-out", lambda: unnamed_rows(150_000), {}),
    "a sheet that breaks off": ("broken-workbook", lambda: workbook({SHEET: part(SHEET)[:-200]}), {}),
    "a workbook cut off": ("broken-workbook", lambda: SOUND.as_xlsx()[:3000], {}),
    "only the first letters of a workbook": ("broken-workbook", lambda: b"PK\x03\x04", {}),
    "a text document": (
        "not-a-workbook",
        lambda: workbook({"xl/workbook.xml": b""}, added={"word/document.xml": b"<w/>"}),
        {},
    ),
    "a workbook without loans": (
        "no-loans-sheet",
        lambda: workbook({"xl/workbook.xml": part("xl/workbook.xml").replace(b'"Loans"', b'"Guide"')}),
        {},
    ),
}


def work_done() -> float:
    """Processor seconds of this process and of those it started, which a busy machine does not stretch."""
    return sum(os.times()[:4])


@pytest.mark.parametrize("name", FILES)
def test_a_hostile_or_mistaken_file_is_refused_for_its_reason_in_bounded_time_and_memory(name: str) -> None:
    rule, made, claim = FILES[name]
    data = made()
    tracemalloc.start()
    started = work_done()
    try:
        checked = check(data, **claim)  # type: ignore[arg-type]  # a claim is a name or a type
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert work_done() - started < 6
    assert peak < 160 * MIB
    assert [(one.rule, one.tier, one.row, one.column) for one in checked.findings] == [(rule, 1, None, None)]
    assert not checked.ok
    assert checked.rows == ()
    assert checked.findings[0].remedy
    assert checked.findings[0].expected


MEASURED: Final = """
import resource, sys
from intermediaries.returns.checking import check
assert check(sys.stdin.buffer.read()).findings[0].rule == "broken-workbook"
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def test_reading_a_bomb_needs_little_memory_in_the_process_that_reads_it() -> None:
    done = subprocess.run(
        [sys.executable, "-c", MEASURED],
        input=lying_bomb(),
        capture_output=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    assert int(done.stdout) * 1024 < 200 * MIB


def test_the_process_that_reads_a_workbook_begins_with_little() -> None:
    """Whoever sends a workbook waits for it to begin, and each module that it loads is one more to be trusted."""
    loads = "import sys, intermediaries.returns.workbook; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", loads], capture_output=True, check=True, text=True, cwd=Path(__file__).parents[2]
    )
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert "python_calamine" in loaded
    assert not loaded & {"pydantic", "sqlalchemy", "typer", "fastapi"}


def test_every_refusal_of_a_whole_file_is_shown_by_a_file() -> None:
    assert {rule for rule, _, _ in FILES.values()} == set(READING)
    assert set(READING) < {one.name for one in CHECKS}


ROWS: Final = ([*a_loan()], [*a_loan().values()], [*a_loan("L-2").values()])


def as_csv(*rows: list[str]) -> bytes:
    return "\r\n".join(",".join(row) for row in rows).encode()


@pytest.mark.parametrize(
    ("data", "rule", "says"),
    [
        (as_csv(["Our return"], ["for 2012Q4"], *ROWS), "no-headings", "2 lines below"),
        (as_csv(["Loan", *[""] * 5, "Money"], *ROWS), "no-headings", "1 line below"),
        (b"sep=,\r\n" + as_csv(*ROWS), "no-headings", "1 line below"),
        (as_csv(*ROWS).replace(b"\r\n", b""), "broken-csv", "one single line"),
        (as_csv(*ROWS).decode().encode("utf-16-le"), "wrong-encoding", "UTF-16"),
        (b"\0" * 100_000, "wrong-encoding", "nothing but zeros"),
        (as_csv(*ROWS).replace(b"L-2", b"L\0-2"), "wrong-encoding", "zero bytes"),
        (as_csv(*ROWS, ["Total", *[""] * 9, "2500.00"]), "rows-are-loans", "a sum of other rows"),
        (as_csv(*ROWS[:2], ROWS[0], ROWS[2]), "rows-are-loans", "the headings once more"),
    ],
)
def test_a_file_as_people_make_them_is_told_its_one_fault(data: bytes, rule: str, says: str) -> None:
    found = [one for one in check(data).findings if one.rule != "lines-long-enough"]
    assert [one.rule for one in found] == [rule]
    assert says in found[0].message


@pytest.mark.parametrize(
    ("written", "remedy"),
    [
        ("05/06/2012", "Write 2012-06-05 for 5 June 2012, or 2012-05-06 for 6 May 2012: we do not guess which."),
        (
            "41043",
            "Where it is a spreadsheet's count of days it means 2012-05-14: write that, or make the cell a date.",
        ),
        *(
            (
                written,
                "Write the year first, then month and day, like 2012-03-31; in a spreadsheet the cell may be a date.",
            )
            for written in ("14 Ma 2012", "14 mays 2012", "14//2012")
        ),
        ("14/05/12", "Write the year with four digits, first, then month and day, like 2012-03-31."),
        ("31/02/2012", "There is no such day: correct the day or the month, and write it like 2012-03-31."),
        ("32/01/2012", "There is no such day: correct the day or the month, and write it like 2012-03-31."),
    ],
)
def test_a_day_that_could_be_another_is_told_what_it_may_mean_and_never_guessed(written: str, remedy: str) -> None:
    (found,) = Written((a_loan(agreed_on=written),)).checked().findings
    assert (found.rule, found.column, found.remedy) == ("day-as-we-write-it", "agreed_on", remedy)


@pytest.mark.parametrize(
    "written",
    ["14/05/2012", "14.5.2012", "05/14/2012", "14 May 2012", "14-May-2012", "14 september 2012", "05/05/2012"],
)
def test_a_day_written_otherwise_that_can_be_no_other_is_that_day(written: str) -> None:
    checked = Written((a_loan(agreed_on=written),)).checked()
    assert checked.findings == ()
    day = checked.rows[0].agreed_on
    assert (day.year, day.month in {5, 9}, day.day in {5, 14}) == (2012, True, True)


@given(st.dates(CALENDAR_STARTS, CALENDAR_ENDS))
def test_a_day_as_written_here_is_never_taken_for_another(day: date) -> None:
    either = {day} | ({date(day.year, day.day, day.month)} if day.day <= 12 else set())
    for written in (f"{day:%d/%m/%Y}", f"{day.day}.{day.month}.{day.year}", f"{day:%m/%d/%Y}"):
        assert set(days_meant(written)) == either
        assert day_meant(written) == (str(day) if len(either) == 1 else None)
    assert day_meant(f"{day:%d %B %Y}") == day_meant(f"{day:%-d-%b-%Y}") == str(day)
    since_1900, since_1904 = (day - date(1899, 12, 30)).days, (day - date(1904, 1, 1)).days
    assert day_counted(str(since_1900)) == day_counted(str(since_1904), since_1904=True) == str(day)


def test_the_first_byte_that_is_not_utf8_is_named_with_its_line() -> None:
    data = CSV.replace(b"L-2", b"L-2\xa3")
    (found,) = check(data).findings
    place = data.index(b"\xa3")
    assert f"byte {place} (line 3)" in found.message


def checked_sheet(fill: Callable[[Any, Any, dict[str, int]], None]) -> Checked:
    """What is found in a workbook of one sound loan into which something is written."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Loans")
        loan = a_loan()
        places = {name: place for place, name in enumerate((*loan, "note", "secured"))}
        for name, place in places.items():
            sheet.write_string(0, place, name)
            sheet.write_string(1, place, loan.get(name, ""))
        fill(book, sheet, places)
    return check(out.getvalue())


def rules_of(checked: Checked) -> list[tuple[str, int | None, str | None]]:
    return [(one.rule, one.row, one.column) for one in checked.findings]


def test_a_formula_is_read_as_the_value_that_was_worked_out() -> None:
    def fill(book: Any, sheet: Any, at: dict[str, int]) -> None:
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        sheet.write_formula(1, at["drawn"], "=1000*2", None, 2000)
        sheet.write_formula(1, at["note"], '=IF(1=1,"Two","never")', None, "Two")
        sheet.write_formula(1, at["agreed_on"], "=DATE(2012,5,14)", day, 41043)

    checked = checked_sheet(fill)
    assert checked.findings == ()
    row = checked.rows[0]
    assert (str(row.drawn), row.agreed_on, row.note) == ("2000.00", date(2012, 5, 14), "Two")


def test_a_formula_that_nobody_worked_out_is_found_at_its_cell() -> None:
    loans = part(SHEET)
    start = loans.index(b'<c r="H2"')
    end = loans.index(b"</c>", start) + 4
    for written, rule in (
        (b'<c r="H2"><f>0.05+0.01</f></c>', "no-formula"),
        (b'<c r="H2"><f>0.05+0.01</f><v></v></c>', "no-formula"),
        (b'<c r="H2" t="str"><f>IF(1=1,"","")</f><v></v></c>', "required-cell"),
    ):
        checked = check(workbook({SHEET: loans[:start] + written + loans[end:]}, data=SOUND.as_xlsx()))
        assert rules_of(checked) == [(rule, 1, "annual_rate")]
        assert ("save it" in checked.findings[0].remedy) is (rule == "no-formula")


def test_a_formula_that_shows_an_error_is_one_finding() -> None:
    checked = checked_sheet(lambda _, sheet, at: sheet.write_formula(1, at["drawn"], "=1/0", None, "#DIV/0!"))
    assert rules_of(checked) == [("no-spreadsheet-error", 1, "drawn")]


def test_an_error_in_a_cell_is_found_at_its_cell() -> None:
    data = checked_data = SOUND.as_xlsx()
    loans = part(SHEET)
    start = loans.index(b'<c r="H2"')
    end = loans.index(b"</c>", start) + 4
    broken = loans[:start] + b'<c r="H2" t="e"><v>#REF!</v></c>' + loans[end:]
    checked = check(workbook({SHEET: broken}, data=data))
    assert rules_of(checked) == [("no-spreadsheet-error", 1, "annual_rate")]
    assert check(checked_data).ok


def test_a_third_decimal_behind_what_the_spreadsheet_shows_is_found() -> None:
    def fill(book: Any, sheet: Any, at: dict[str, int]) -> None:
        sheet.write_number(1, at["drawn"], 0.004, book.add_format({"num_format": "0.00"}))

    checked = checked_sheet(fill)
    assert rules_of(checked) == [("whole-pence", 1, "drawn")]
    assert checked.findings[0].value == "0.004"


def test_a_day_of_the_spreadsheet_is_a_day_and_a_time_of_day_is_not() -> None:
    def fill(book: Any, sheet: Any, at: dict[str, int]) -> None:
        style = book.add_format({"num_format": "dd/mm/yyyy hh:mm"})
        sheet.write_datetime(1, at["agreed_on"], datetime(2012, 5, 14), style)  # noqa: DTZ001 -- spreadsheets have no zones
        sheet.write_datetime(1, at["maturity_on"], datetime(2017, 5, 14, 9, 30), style)  # noqa: DTZ001 -- the same

    checked = checked_sheet(fill)
    assert rules_of(checked) == [("day-as-we-write-it", 1, "maturity_on")]


@pytest.mark.parametrize(("epoch", "count"), [(False, 41043), (True, 39581)])
def test_a_number_where_a_day_belongs_is_a_day_as_its_workbook_counts_them(epoch: bool, count: int) -> None:
    out = io.BytesIO()
    loan = a_loan()
    with xlsxwriter.Workbook(out, {"in_memory": True, "date_1904": epoch}) as book:
        sheet = book.add_worksheet("Loans")
        for place, (name, text) in enumerate(loan.items()):
            sheet.write_string(0, place, name)
            sheet.write_string(1, place, text)
        sheet.write_number(1, list(loan).index("agreed_on"), count)
    checked = check(out.getvalue())
    assert checked.findings == ()
    assert checked.rows[0].agreed_on == date(2012, 5, 14)


def test_a_number_that_counts_no_day_of_the_bank_is_none() -> None:
    checked = checked_sheet(lambda _, sheet, at: sheet.write_number(1, at["agreed_on"], 20120514))
    assert rules_of(checked) == [("day-as-we-write-it", 1, "agreed_on")]


@pytest.mark.parametrize(("number", "shown"), [(-1e300, "yyyy-mm-dd"), (1e300, "[h]:mm"), (-1e9, "[h]:mm")])
def test_a_number_shown_as_a_day_beyond_every_calendar_is_told_with_its_row(number: float, shown: str) -> None:
    def fill(book: Any, sheet: Any, at: dict[str, int]) -> None:
        sheet.write_number(1, at["agreed_on"], number, book.add_format({"num_format": shown}))

    (found,) = checked_sheet(fill).findings
    assert found.rule == "broken-workbook"
    assert 'Row 2 of the sheet "Loans"' in found.message


def test_true_in_a_spreadsheet_is_yes() -> None:
    checked = checked_sheet(lambda _, sheet, at: sheet.write_boolean(1, at["secured"], True))
    assert checked.findings == ()
    assert checked.rows[0].secured is True


def test_cells_that_are_only_coloured_do_not_count() -> None:
    def fill(book: Any, sheet: Any, at: dict[str, int]) -> None:
        sheet.write_blank(1_048_575, 16_383, None, book.add_format({"bg_color": "#FF0000"}))
        assert at

    assert checked_sheet(fill).findings == ()


def test_the_only_sheet_of_a_workbook_may_have_any_name() -> None:
    names = part("xl/workbook.xml").replace(b'"Loans"', b'"Sheet1"')
    assert check(workbook({"xl/workbook.xml": names})).ok


def test_headings_may_stand_below_empty_rows() -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet("LOANS")
        for place, (name, text) in enumerate(a_loan(status="lost").items()):
            sheet.write_string(4, place + 1, name)
            sheet.write_string(5, place + 1, text)
    assert rules_of(check(out.getvalue())) == [("code-on-the-list", 1, "status")]


@settings(max_examples=200)
@given(st.integers(-(10**15), 10**15))
def test_a_number_of_pence_comes_out_of_a_spreadsheet_as_it_went_in(pence: int) -> None:
    whole, rest = divmod(abs(pence), 100)
    text = f"{'-' if pence < 0 else ''}{whole}.{rest:02d}"
    assert number_text(float(text)) == (text.rstrip("0").rstrip("."))


def test_a_huge_or_tiny_number_of_a_spreadsheet_is_written_out() -> None:
    assert number_text(1e22) == "1" + "0" * 22
    assert number_text(1e-7) == "0.0000001"
    assert number_text(0.1234567890123456) == "0.1234567890123456"


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.binary(max_size=400), st.binary(max_size=300).map(lambda tail: CSV[:900] + tail)))
def test_whatever_the_bytes_the_check_answers(data: bytes) -> None:
    checked = check(data if not data.startswith(b"PK") else data[1:])
    assert checked.findings
    json.dumps([one.as_json() for one in checked.findings]).encode()


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 12_000), st.integers(0, 255))
def test_whatever_byte_of_a_workbook_is_wrong_the_check_answers(place: int, value: int) -> None:
    data = bytearray(SOUND.as_xlsx())
    data[place % len(data)] = value
    json.dumps([one.as_json() for one in check(bytes(data)).findings]).encode()


@settings(max_examples=100, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=5),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=5), inner),
    )
)
def test_whatever_json_the_check_answers(value: object) -> None:
    for body in (value, {"loans": value}, {"loans": [{**a_loan(), "drawn": value}], "quarter": value}):
        checked = check(json.dumps(body).encode())
        json.dumps([one.as_json() for one in checked.findings]).encode()


def test_limits_can_be_drawn_closer_by_the_door_that_asks() -> None:
    tight = Limits(max_bytes=100)
    assert rules_of(check(CSV, limits=tight)) == [("file-too-large", None, None)]
    few = Limits(max_rows=1)
    assert rules_of(check(CSV, limits=few)) == [("too-many-rows", None, None)]
    assert date(2012, 5, 14) == check(CSV).rows[0].agreed_on


def test_a_usual_workbook_is_checked_in_well_under_a_second() -> None:
    data = Written(tuple(a_loan(f"L-{number}") for number in range(60))).as_xlsx()
    started = work_done()
    assert check(data).ok
    assert work_done() - started < 1
