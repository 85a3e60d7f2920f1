"""Checking a return: sound ones pass, a planted fault is found once where it stands, and the format does not matter."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from intermediaries.places.areas import Authority
from intermediaries.places.gazetteer import shipped
from intermediaries.returns import structure
from intermediaries.returns.bounds import Limits
from intermediaries.returns.case import Case
from intermediaries.returns.checking import Totals, check
from intermediaries.returns.findings import Finding
from intermediaries.returns.layout import COLUMN, COLUMNS, MUST_HAVE
from intermediaries.returns.marking import with_findings
from intermediaries.returns.raw import RawCell, RawRow
from intermediaries.returns.reading import Reading
from intermediaries.returns.rows import Answer, LoanRow, PriorLoan, row_from_texts, texts
from intermediaries.returns.rules import CHECKS, ROW_CHECKS
from ledger.dates import Quarter
from ledger.money import Money
from tests.intermediaries.returns_strategies import (
    PLANTS,
    QUARTER,
    Plant,
    Written,
    a_loan,
    before,
    valid_returns,
)

FORMATS = ("json", "csv", "xlsx")
FEW = settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
SOME = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@SOME
@given(valid_returns())
def test_a_sound_return_has_no_finding(sound: Written) -> None:
    checked = sound.checked()
    assert checked.findings == ()
    assert checked.ok
    assert len(checked.rows) == checked.row_count == len(sound.loans)
    assert checked.header == structure.Header("fac_7Q", QUARTER, Money(125_040))


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: f"{plant.rule}-{plant.column}")
@FEW
@given(sound=valid_returns(max_loans=3), place=st.integers(0, 3))
def test_a_planted_fault_is_found_once_at_its_cell_and_nothing_else_is(
    plant: Plant, sound: Written, place: int
) -> None:
    written, row = plant.planted(sound, place)
    found = written.checked().findings
    assert [(one.rule, one.row, one.column) for one in found] == [(plant.rule, row, plant.column)]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(sound=valid_returns(max_loans=2), plants=st.lists(st.sampled_from(PLANTS), max_size=4), places=st.data())
def test_the_three_formats_give_the_same_rows_findings_and_fingerprint(
    sound: Written, plants: list[Plant], places: st.DataObject
) -> None:
    written = sound
    for number, plant in enumerate(plants):
        planted, row = plant.planted(written, places.draw(st.integers(0, 3)))
        loan = planted.loans[row - 1]
        renamed = {**loan, "loan_ref": loan["loan_ref"].replace("X", f"X{number}")}
        written = replace(planted, loans=(*planted.loans[: row - 1], renamed, *planted.loans[row:]))
    one, two, three = (written.checked(name) for name in FORMATS)
    assert one.findings == two.findings == three.findings
    assert one.rows == two.rows == three.rows
    assert one.content_sha256 == two.content_sha256 == three.content_sha256
    assert one.totals == two.totals == three.totals
    assert one.header == two.header == three.header


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(valid_returns(max_loans=3))
def test_numbers_and_days_of_a_spreadsheet_are_read_as_exactly_what_was_typed(sound: Written) -> None:
    typed = check(sound.as_xlsx(typed=True), prior=sound.prior)
    assert typed.findings == ()
    assert typed.rows == sound.checked().rows
    assert typed.content_sha256 == sound.checked().content_sha256


def test_all_faults_of_a_file_are_found_in_one_pass() -> None:
    loans = []
    wanted = Counter[str]()
    for number, plant in enumerate(PLANTS):
        if plant.prior == {} and "loan_ref" not in plant.changes:
            loan = {name: text for name, text in {**a_loan(f"Z-{number}"), **plant.changes}.items() if text is not None}
            loans.append(loan)
            wanted[plant.rule] += 1
    prior = {loan["loan_ref"]: before(a_loan(loan["loan_ref"])) for loan in loans}
    found = Written(tuple(loans), prior).checked().findings
    assert Counter(one.rule for one in found) == wanted
    assert len({(one.row, one.column) for one in found}) == len(found) > 40


def test_a_cell_that_cannot_be_read_sets_off_no_other_rule() -> None:
    garbled = {name: "§" for name in COLUMN if name not in {"borrower_name", "indicator", "indicator_unit", "note"}}
    loan = {**garbled, "borrower_name": "Harbour Kitchen", "indicator": "Places", "indicator_unit": "p", "note": "."}
    found = Written((loan,), {}).checked().findings
    assert sorted(one.column or "" for one in found) == sorted(garbled)
    assert {one.tier for one in found} == {2}


def _in(quarter: Quarter, written: Written) -> tuple[Finding, ...]:
    """What is found in a return that is of another quarter."""
    return replace(written, header={**written.header, "quarter": str(quarter)}).checked("csv").findings


ENDED = [one for one in shipped().authorities.values() if one.valid_to is not None]


@FEW
@given(ended=st.sampled_from(ENDED), later=st.integers(-3, 8), place=st.integers(0, 2))
def test_the_code_of_an_authority_that_had_ended_is_asked_about_once_at_its_cell(
    ended: Authority, later: int, place: int
) -> None:
    assert ended.valid_to is not None
    quarter = Quarter.of(ended.valid_to)
    for _ in range(abs(later)):
        quarter = quarter.next if later > 0 else quarter.previous
    lasts = {"agreed_on": "2018-05-14", "maturity_on": "2045-05-14"}
    loans = [a_loan(f"L-{number}", **lasts) for number in range(3)]
    loans[place] = a_loan(f"L-{place}", **lasts, lsoa=None, local_authority=ended.code)
    prior = {loan["loan_ref"]: before(loan) for loan in loans}
    found = _in(quarter, Written(tuple(loans), prior))
    if quarter.starts_on < ended.valid_to:
        assert found == ()
        return
    (one,) = found
    assert (one.rule, one.row, one.column, one.severity) == (
        "authority-still-stands",
        place + 1,
        "local_authority",
        "question",
    )
    assert str(ended.valid_to - timedelta(days=1)) in one.message
    assert ended.replaced_by is None or ended.replaced_by in one.message


def test_eden_is_named_with_the_day_it_ended_and_what_took_its_place() -> None:
    loan = a_loan("L-1", agreed_on="2018-05-14", maturity_on="2045-05-14", local_authority="E07000030")
    prior = {"L-1": before(loan)}
    (found,) = _in(Quarter(2023, 2), Written((loan,), prior))
    assert found.message == (
        "The code E07000030 (Eden) ended on 2023-03-31; E06000064 (Westmorland and Furness) took its place."
    )


def test_every_check_says_in_one_sentence_what_it_demands() -> None:
    for one in CHECKS:
        assert one.sentence.endswith(".")
        assert one.sentence[0].isupper()
        assert one.severity == ("question" if one.tier == 4 else "error")


class _Mine:
    """A value that must not be touched."""

    def _touched(self, *_: object) -> Any:
        raise AssertionError("a check looked at a cell that it does not name among its needs")

    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __add__ = __sub__ = __bool__ = _touched
    __hash__ = __str__ = __format__ = __radd__ = __mul__ = __iter__ = __len__ = _touched


@pytest.mark.parametrize("row_check", ROW_CHECKS, ids=lambda one: one.name)
def test_a_check_looks_only_at_the_cells_it_says_it_needs(row_check: Any) -> None:
    for plant in PLANTS:
        written, row = plant.planted(Written(()), 0)
        reading = Reading.of(
            RawRow(row, {name: RawCell(text) for name, text in written.loans[0].items()}), frozenset(COLUMN)
        )
        if not reading.doubtful.isdisjoint(row_check.needs):
            continue
        mined = {name: _Mine() for name in COLUMN if name not in row_check.needs}
        loan = LoanRow.of({**reading.values, **mined})
        for prior in (written.prior, {}, None):
            row_check.fault_in(loan, Case(QUARTER, prior))


def test_two_rows_with_one_reference_are_one_finding_at_the_second() -> None:
    written = Written(
        (a_loan("L-1"), a_loan("L-2"), a_loan("l-1")), {ref: before(a_loan(ref)) for ref in ("L-1", "L-2")}
    )
    found = written.checked().findings
    assert [(one.rule, one.row, one.column, one.value) for one in found] == [("references-once", 3, "loan_ref", "l-1")]


def test_an_open_loan_that_is_missing_is_named() -> None:
    prior = {ref: before(a_loan(ref)) for ref in ("L-1", "L-2", "L-3")}
    prior["L-3"] = replace(prior["L-3"], status="repaid")
    found = Written((a_loan("L-1"),), prior).checked().findings
    assert [(one.rule, one.row, one.value) for one in found] == [("open-loans-are-reported", None, "L-2")]


def test_without_the_earlier_return_a_loan_of_the_quarter_must_begin_at_nothing() -> None:
    loan = a_loan(agreed_on="2012-10-05", drawn="20000.00", principal_outstanding="18750.01")
    found = Written((loan,)).checked(quarter=QUARTER).findings
    assert [(one.rule, one.expected) for one in found] == [("rolls-forward", "18750.00")]


def test_without_the_earlier_return_an_older_loan_must_have_begun_somewhere_possible() -> None:
    impossible = a_loan(drawn="19000.00", principal_received="0.00")
    assert [one.rule for one in Written((impossible,)).checked().findings] == ["rolls-forward"]
    assert Written((a_loan(),)).checked().findings == ()


def test_a_recovery_may_still_come_on_a_loan_written_off_long_ago() -> None:
    loan = a_loan(
        status="written-off", principal_received="0.00", principal_outstanding="0.00", recovered="40.00", drawn="0.00"
    )
    prior = before(loan, status="written-off", written_off_to_date=Money(4000), drawn_to_date=Money(4000))
    assert Written((loan,), {"L-1": prior}).checked().findings == ()
    used_up = replace(prior, recovered_to_date=Money(1))
    assert [one.rule for one in Written((loan,), {"L-1": used_up}).checked().findings] == ["recovered-after-loss"]


def test_a_number_without_quotes_is_refused_for_money_and_taken_for_counts_and_rates() -> None:
    loan: dict[str, object] = {**a_loan(), "drawn": 0, "days_past_due": 0, "annual_rate": 0.075, "secured": True}
    found = check(json.dumps({"loans": [loan]}).encode()).findings
    assert [(one.rule, one.column, one.value) for one in found] == [("text-where-text-belongs", "drawn", "0")]


def test_nan_in_json_is_a_finding_at_its_cell() -> None:
    body = json.dumps({"loans": [{**a_loan(), "drawn": float("nan"), "our_share": float("inf")}]}).encode()
    found = check(body).findings
    assert [(one.rule, one.column, one.value) for one in found] == [
        ("text-where-text-belongs", "drawn", "NaN"),
        ("finite-number", "our_share", "Infinity"),
    ]


def test_a_list_or_an_object_in_a_cell_is_a_finding_except_where_several_are_asked_for() -> None:
    ids = ["GB-COH-09506232", "GB-CHC-1164883"]
    loan: dict[str, object] = {**a_loan(legal_form="CLG"), "borrower_ids": ids, "note": {"a": 1}}
    checked = check(json.dumps({"loans": [loan]}).encode())
    assert [(one.rule, one.column) for one in checked.findings] == [("text-where-text-belongs", "note")]


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("\u0645\u0646\u0632\u0644\u200c\u0647\u0627", []),  # Persian: a plural set apart
        ("\u0db4\u0dca\u200d\u0dbb\u0da2\u0dcf", []),  # Sinhala: two consonants joined
        ("\u5e0c\u671b\u793e\u533a\u4e2d\u5fc3", []),
        ("Co\u0300mhairle", []),
        ("Har\u200dbour", ["visible-signs-only"]),
        ("\u0645\u200c", ["visible-signs-only"]),
        ("\u0645\u200b\u0646", ["visible-signs-only"]),
    ],
)
def test_a_name_is_taken_as_its_script_is_spelled_and_what_hides_in_it_is_not(name: str, found: list[str]) -> None:
    checked = check(json.dumps({"loans": [{**a_loan(), "borrower_name": name}]}).encode())
    assert [one.rule for one in checked.findings] == found


def test_lone_surrogates_are_named_and_do_not_break_the_answer() -> None:
    checked = check(json.dumps({"loans": [{**a_loan(), "borrower_name": "A\ud800B"}]}).encode())
    assert [one.rule for one in checked.findings] == ["visible-signs-only"]
    assert checked.findings[0].value == "A\\ud800B"
    json.dumps([one.as_json() for one in checked.findings]).encode()


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_half_a_character_comes_back_as_the_sign_of_a_lost_letter_and_is_found_again(
    form: Literal["csv", "xlsx"],
) -> None:
    sent = json.dumps({"loans": [{**a_loan(), "borrower_name": "A\ud800B", "not\udfffe": "\udbff"}]}).encode()
    again = check(with_findings(sent, check(sent).findings, as_format=form))
    names = [one for one in again.findings if one.column == "borrower_name"]
    assert [(one.rule, "A\ufffdB" in one.message) for one in names] == [("letters-as-they-were", True)]


@pytest.mark.parametrize("name", FORMATS)
def test_headings_in_any_order_and_capitals_do_not_matter(name: str) -> None:
    plain = Written((a_loan(),))
    turned = replace(plain, columns=tuple(reversed(tuple(COLUMN))))
    assert turned.checked(name).rows == plain.checked(name).rows
    shouted = turned.as_csv().replace(b"loan_ref", b" LOAN_REF ")
    assert check(shouted).rows == plain.checked().rows


def test_a_misspelt_heading_is_one_finding_that_names_the_right_one() -> None:
    wrong = Written((a_loan(),)).as_csv().replace(b"amount_committed", b"ammount committed")
    found = check(wrong).findings
    assert [(one.rule, one.row, one.value, one.expected) for one in found] == [
        ("headings-known", None, "ammount committed", "amount_committed")
    ]


def test_a_heading_nobody_knows_is_to_be_deleted() -> None:
    found = check(Written((a_loan(),)).as_csv().replace(b"sdg", b"colour of the door")).findings
    assert [one.rule for one in found] == ["headings-known"]
    assert "Delete" in found[0].remedy


@pytest.mark.parametrize("missing", MUST_HAVE)
def test_a_missing_column_is_one_finding_for_the_file_and_none_for_its_rows(missing: str) -> None:
    columns = tuple(name for name in COLUMN if name != missing)
    written = Written((a_loan(), a_loan("L-2")), columns=columns)
    for name in FORMATS:
        found = written.checked(name).findings
        assert [(one.rule, one.row, one.value) for one in found] == [("headings-complete", None, missing)]
    cash = {**written.header, "cash_before": "1.00"}
    found = Written(written.loans, columns=columns, header=cash).checked("json").findings
    assert [one.rule for one in found] == [
        "headings-complete"
    ]  # the cash of loans that nobody could read is not asked about


def test_without_any_column_for_places_the_file_is_told_once() -> None:
    columns = tuple(name for name in COLUMN if name not in {"postcode", "lsoa", "local_authority"})
    found = Written((a_loan(), a_loan("L-2")), columns=columns).checked("csv").findings
    assert [(one.rule, one.row) for one in found] == [("headings-complete", None)]


def test_a_heading_that_stands_twice_is_named() -> None:
    found = Written((a_loan(),), columns=(*COLUMN, "drawn")).checked("csv").findings
    assert [(one.rule, one.value) for one in found] == [("headings-once", "drawn")]


def test_a_cell_under_no_heading_is_found_by_row() -> None:
    lines = Written((a_loan(), a_loan("L-2"))).as_csv().splitlines()
    lines[2] += b",stray"
    found = check(b"\r\n".join(lines)).findings
    assert [(one.rule, one.row) for one in found] == [("cells-under-headings", 2)]


def test_a_line_of_csv_that_breaks_off_is_one_finding() -> None:
    lines = Written((a_loan(), a_loan("L-2"))).as_csv().splitlines()
    lines[1] = b",".join(lines[1].split(b",")[:9])
    found = check(b"\r\n".join(lines)).findings
    assert [(one.rule, one.row) for one in found] == [("lines-long-enough", 1)]


def test_a_line_that_lacks_only_optional_cells_is_sound() -> None:
    lines = Written((a_loan(),)).as_csv().splitlines()
    lines[1] = b",".join(lines[1].split(b",")[:30])
    assert check(b"\r\n".join(lines)).findings == ()


@pytest.mark.parametrize("name", FORMATS)
def test_a_return_without_loans_is_a_return(name: str) -> None:
    checked = Written((), {}).checked(name)
    assert checked.ok
    assert checked.row_count == 0
    assert checked.totals == Totals()


def test_a_csv_return_without_loans_still_says_whose_it_is() -> None:
    assert check(b"facility,quarter,cash_held,loan_ref\r\nfac_7Q,2012Q4,9.00,\r\n").header == structure.Header(
        "fac_7Q", QUARTER, Money(900)
    )


def test_empty_rows_are_passed_over_but_counted() -> None:
    lines = Written((a_loan(status="lost"),)).as_csv().splitlines()
    assert [one.row for one in check(b"\r\n".join([lines[0], b"", lines[1], b"", b""])).findings] == [2]
    written = Written(({}, a_loan(status="lost")))
    assert [one.row for one in written.checked("xlsx").findings] == [2]


@pytest.mark.parametrize("name", FORMATS)
def test_a_file_for_another_quarter_or_facility_than_it_was_sent_for_is_refused(name: str) -> None:
    checked = Written((a_loan(),)).checked(name, quarter=Quarter(2013, 1), facility="fac_other")
    assert [(one.rule, one.sheet, one.column) for one in checked.errors] == [
        ("header-agrees", "Return", "facility"),
        ("header-agrees", "Return", "quarter"),
    ]


@pytest.mark.parametrize(
    ("name", "text"), [("quarter", "2012-Q4"), ("cash_held", "12.345"), ("cash_held", "-1.00"), ("quarter", "1999Q1")]
)
def test_what_a_return_says_of_itself_must_be_readable(name: str, text: str) -> None:
    for form in FORMATS:
        found = Written((a_loan(),), header={name: text}).checked(form).findings
        assert [(one.rule, one.sheet, one.column, one.value) for one in found] == [
            ("header-readable", "Return", name, text)
        ]


def test_only_filing_demands_that_a_return_says_whose_it_is() -> None:
    bare = Written((a_loan(),), header={})
    assert bare.checked(quarter=QUARTER).findings == ()
    found = bare.checked(quarter=QUARTER, filing=True).findings
    assert [(one.rule, one.column) for one in found] == [
        ("header-missing", "cash_held"),
        ("header-missing", "facility"),
    ]
    told = bare.checked(quarter=QUARTER, filing=True, facility="fac_7Q", cash_held=Money(0))
    assert told.findings == ()


def test_a_csv_that_names_two_quarters_is_asked_for_one() -> None:
    lines = Written((a_loan(), a_loan("L-2"))).as_csv().splitlines()
    lines[2] = lines[2].replace(b"2012Q4", b"2013Q1")
    found = check(b"\r\n".join(lines)).findings
    assert [(one.rule, one.column) for one in found] == [("header-agrees", "quarter")]


def test_an_unknown_member_beside_the_loans_is_named() -> None:
    found = check(json.dumps({"loans": [a_loan()], "quater": "2012Q4"}).encode()).findings
    assert [(one.rule, one.column) for one in found] == [("header-known", "quater")]


def test_not_known_and_not_applicable_are_kept_apart_from_each_other_and_from_empty() -> None:
    loan = a_loan(people_reached="?", grant_amount="-", turnover="0", maturity_on="-", note="-")
    (row,) = Written((loan,)).checked().rows
    assert row.people_reached is Answer.NOT_KNOWN
    assert row.grant_amount is Answer.NOT_APPLICABLE
    assert row.maturity_on is Answer.NOT_APPLICABLE
    assert row.turnover == Money(0)
    assert row.employees_fte is None
    assert row.note == "-"


@SOME
@given(valid_returns())
def test_a_row_survives_its_canonical_texts(sound: Written) -> None:
    for row in sound.checked().rows:
        assert row_from_texts(json.loads(json.dumps(texts(row)))) == row


def test_the_fields_of_a_row_are_the_columns_in_their_order() -> None:
    assert tuple(LoanRow.__dataclass_fields__) == tuple(COLUMN)


def test_the_examples_of_the_layout_are_themselves_sound() -> None:
    loan = {column.name: column.example for column in COLUMNS}
    prior = before(loan)
    assert Written((loan,), {loan["loan_ref"]: prior}).checked().findings == ()


def test_equal_content_has_one_fingerprint_however_it_is_typed() -> None:
    one = Written((a_loan(drawn="0", annual_rate="0.0750", our_share="0.50", lsoa="e01033757", secured="TRUE"),))
    two = Written((a_loan(secured="yes", borrower_ids="gb-coh-09506232"),))
    assert one.checked().content_sha256 == two.checked().content_sha256
    assert one.checked().content_sha256 != Written((a_loan(secured="no"),)).checked().content_sha256


def test_a_long_writing_of_a_code_is_taken_for_the_code() -> None:
    (row,) = Written((a_loan(legal_form="CLG - Company Limited by Guarantee"),)).checked().rows
    assert row.legal_form == "CLG"


def test_our_part_of_an_amount_is_rounded_half_up() -> None:
    (row,) = Written((a_loan(our_share="0.5"),)).checked().rows
    assert row.ours(Money(101)) == Money(51)


def test_the_state_after_a_row_carries_on_the_life_of_the_loan() -> None:
    (row,) = (
        Written((a_loan(drawn="10.00", recovered="0.00", written_off="3.00", principal_outstanding="18757.00"),))
        .checked()
        .rows
    )
    first = PriorLoan.after(row, None)
    second = PriorLoan.after(row, first)
    assert (first.drawn_to_date, second.drawn_to_date, second.written_off_to_date) == (
        Money(1000),
        Money(2000),
        Money(600),
    )
    assert second.agreed_on == date(2012, 5, 14)
    assert second.our_share == Decimal("0.5")


def test_a_return_that_is_wrong_everywhere_is_told_so_before_it_costs_too_much() -> None:
    written = Written(tuple(a_loan(f"L-{number}", agreed_on="05/06/2012") for number in range(50)))
    checked = written.checked(limits=Limits(max_faults=20))
    assert checked.row_count == 50
    assert Counter(one.rule for one in checked.findings) == {"day-as-we-write-it": 20, "not-too-many-faults": 1}
    assert checked.findings[0].rule == "not-too-many-faults"
    assert not checked.ok
    contradictory = Written(tuple(a_loan(f"L-{number}", status="repaid") for number in range(50)))
    assert len(contradictory.checked(limits=Limits(max_faults=20)).findings) == 21
    assert len(contradictory.checked().findings) == 50
