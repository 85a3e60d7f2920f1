"""A return is checked at length once: what is told in one look is what the checks say, and an outcome is used again."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.orm.attributes import set_committed_value

from intermediaries.returns import acceptance, commands, grounds
from intermediaries.returns.bounds import Form
from intermediaries.returns.case import Case
from intermediaries.returns.checking import Checked, check, header_in
from intermediaries.returns.commands import submit_return
from intermediaries.returns.grounds import grounds_of
from intermediaries.returns.layout import COLUMN, COLUMNS, Column, Kind
from intermediaries.returns.model import Return, ReturnRun
from intermediaries.returns.plain_cells import plainly
from intermediaries.returns.queries import prior_state, told_by
from intermediaries.returns.raw import RawCell, RawRow
from intermediaries.returns.reading import Reading
from intermediaries.returns.rows import Answer, PriorLoan, row_from_texts, texts, value_of
from intermediaries.returns.rules import ROW_CHECKS, rules_of
from intermediaries.returns.structure import Header
from intermediaries.returns.values import judged, judged_by_checks
from ledger.dates import SetClock
from ledger.money import Money
from ledger.store.database import Database
from tests.intermediaries.lending import Q3, Q4, House, loan
from tests.intermediaries.returns_strategies import QUARTER, Written, valid_returns

_PIECES: Final = st.sampled_from(
    [
        *(
            "0",
            "00",
            "1",
            "9",
            "12",
            "999",
            "9007199254740993",
            ".",
            "..",
            ",",
            "-",
            "+",
            "e",
            "E5",
            "%",
            "£",
            "(",
            ")",
        ),
        *(
            "2012",
            "-02-30",
            "-02-29",
            "-10-01",
            "2008-11-25",
            "2100-01-01",
            "GB-COH-",
            "GB-CHC-",
            "gb-coh-",
            "GB-SC-SC0",
        ),
        *("GB-NIC-1", "00000000", "09506232", "1164883", "RS007783", ";", " ", "\t", "\u00a0", "L1", " 8JQ", "GIR 0AA"),
        *(
            "E01033757",
            "e01033757",
            "E08000012",
            "é",
            "Ã©",
            "&amp;",
            "\u200b",
            "#REF!",
            "=1",
            "'",
            "yes",
            "No",
            "?",
            "NaN",
        ),
        *("performing", "Performing", "true", "Harbour Kitchen CIC", "\u0660"),
    ]
)
_EXAMPLES: Final = st.sampled_from([column.example for column in COLUMNS])
_TEXTS: Final = st.one_of(
    _EXAMPLES,
    st.lists(_PIECES, min_size=1, max_size=4).map("".join),
    st.tuples(_EXAMPLES, _PIECES).map("".join),
    st.text(min_size=1, max_size=70),
    st.from_regex(r"-?[0-9]{1,16}(\.[0-9]{1,11})?", fullmatch=True),
)
CELLS: Final = st.builds(RawCell, _TEXTS, st.sampled_from(Form))


@settings(max_examples=800, deadline=None)
@given(st.sampled_from(COLUMNS), CELLS)
def test_what_one_look_tells_of_a_cell_is_what_every_check_says(column: Column, cell: RawCell) -> None:
    told = plainly(column, cell)
    by_checks = judged_by_checks(column, cell)
    if told is not None:
        assert told == by_checks
        assert type(told.value) is type(by_checks.value)
    assert judged(column, cell) == by_checks
    assert judged(column, cell) == by_checks, "remembered"


@pytest.mark.parametrize("column", [one for one in COLUMNS if one.kind not in {Kind.CODE, Kind.YES_NO, Kind.GOALS}])
def test_one_look_tells_of_the_example_of_each_column(column: Column) -> None:
    example = "GB-COH-09506232" if column.kind is Kind.IDS else column.example
    assert plainly(column, RawCell(example)) is not None


@settings(max_examples=60, deadline=None)
@given(valid_returns(max_loans=4))
def test_a_loan_reads_back_as_what_it_was(made: Written) -> None:
    for row in made.checked().rows:
        facts = texts(row)
        assert row_from_texts(facts) == row
        for name, text in facts.items():
            assert getattr(row, name) == value_of(name, text)


@settings(max_examples=60, deadline=None)
@given(valid_returns(max_loans=3), st.sampled_from(sorted(COLUMN)), _TEXTS)
def test_a_loan_without_a_fault_is_one_that_no_check_alone_finds_fault_with(
    made: Written, column: str, text: str
) -> None:
    """All checks at once, which is quick, against one after another, each where its cells are beyond doubt."""
    for facts in made.loans:
        cells = {name: RawCell(told) for name, told in (facts | {column: text}).items() if told}
        one = Reading.of(RawRow(1, cells), frozenset(COLUMN))
        doubtful, found = set(one.doubtful), []
        case = Case(QUARTER, made.prior)
        for rule in ROW_CHECKS:
            if doubtful.isdisjoint(rule.needs) and (fault := rule.test(one.loan, Case(QUARTER, made.prior))):
                doubtful.add(fault.column or rule.blames)
                found.append((rule.name, fault.message))
        before = len(one.findings)
        one.compare(case, ROW_CHECKS)
        assert [(each.rule, each.message) for each in one.findings[before:]] == found


@pytest.fixture
def house(database: Database, clock: SetClock) -> House:
    return House.opened(database, clock)


@pytest.mark.parametrize("form", ["json", "csv", "xlsx"])
def test_a_file_that_says_itself_whose_it_is_is_checked_once(
    house: House, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = {"facility": house.facility, "quarter": str(Q3), "cash_held": "99500.00"}
    meant = Written((loan(drawn="1000.00", principal_outstanding="1000.00"),), None, said)
    data, looks = meant.in_format(form), list[str]()

    def look(*given: Any, **more: Any) -> Checked:
        looks.append(form)
        return check(*given, **more)

    monkeypatch.setattr(commands, "check", look)
    filed = submit_return(house.lender, data=data, key="file")
    assert (filed.facility, filed.quarter, filed.state, looks) == (house.facility, Q3, "checked", [form])
    assert header_in(data, Header()) == meant.checked(form).header


@pytest.mark.parametrize("data", [b"", b"PK no workbook", b"{", b"loan_ref\nL-1\n", b"1,2\n3,4\n"])
def test_of_a_file_that_does_not_say_whose_it_is_only_what_is_told_with_it_is_known(data: bytes) -> None:
    for told in (Header(), Header("fac_1"), Header(quarter=Q3, cash_held=Money(1))):
        assert header_in(data, told) == told == check(data, **_as_said(told)).header


def _as_said(told: Header) -> dict[str, Any]:
    return {"facility": told.facility, "quarter": told.quarter, "cash_held": told.cash_held}


@settings(max_examples=40, deadline=None)
@given(valid_returns(max_loans=2), st.sampled_from(["json", "csv"]), st.integers(0, 3000), _PIECES)
def test_what_a_broken_file_says_of_itself_is_what_a_whole_check_reads(
    made: Written, form: str, at: int, piece: str
) -> None:
    data = made.in_format(form)
    at %= len(data)
    broken = data[:at] + piece.encode() + data[at:]
    found = check(broken)
    if found.format is not None:
        assert header_in(broken, Header()) == found.header


DRAWN: Final = loan(drawn="1000.00", principal_outstanding="1000.00")


def test_a_return_on_whose_grounds_nothing_changed_is_not_read_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    filed = house.attest(house.submit(DRAWN, cash_held="99500.00").id)
    with house.bank.reading() as session:
        row = session.get_one(Return, filed.id)
        anew = acceptance.recheck(session, row, prior_state(session, house.facility, Q3))
        kept = acceptance.follows(session, row, prior_state(session, house.facility, Q3))
        assert isinstance(kept, acceptance.Kept)
        assert list(kept) == [texts(one) for one in anew.rows] == list(told_by(session, row))
    monkeypatch.setattr(acceptance, "recheck", lambda *_: pytest.fail("it was read again"))
    assert house.accept(filed.id).posted == 1


def test_the_grounds_of_a_later_return_with_a_loan_elsewhere_are_found_unchanged_too(house: House) -> None:
    other = house.sign(house.intermediary, drawn="500.00")
    house.accept(house.attest(house.submit(loan("M-1"), facility=other, cash_held="500.00").id).id)
    house.accepted(DRAWN, cash_held="99500.00")
    house.move_on(datetime(2012, 1, 25, tzinfo=UTC))
    later = house.submit(loan(principal_outstanding="1000.00"), quarter=Q4, cash_held="99500.00")
    with house.bank.reading() as session:
        row, prior = session.get_one(Return, later.id), prior_state(session, house.facility, Q4)
        assert list(prior) == ["L-1"]
        assert acceptance.elsewhere(session, house.facility, house.intermediary) == {"M-1"}
        assert isinstance(acceptance.follows(session, row, prior), acceptance.Kept)
        set_committed_value(row, "errors", 1)
        assert not isinstance(acceptance.follows(session, row, prior), acceptance.Kept)


def test_a_return_is_checked_again_where_a_loan_was_left_otherwise_since(house: House) -> None:
    house.accepted(DRAWN, cash_held="99500.00")
    house.move_on(datetime(2012, 1, 25, tzinfo=UTC))
    later = house.attest(house.submit(loan(principal_outstanding="1000.00"), quarter=Q4, cash_held="99500.00").id)
    house.accepted(loan(drawn="900.00", principal_outstanding="900.00"), cash_held="99550.00")
    with house.bank.reading() as session:
        row = session.get_one(Return, later.id)
        found = acceptance.follows(session, row, prior_state(session, house.facility, Q4))
    assert isinstance(found, Checked)
    assert [one.rule for one in found.errors] == ["rolls-forward"]


def test_a_return_is_checked_again_by_a_program_that_was_mended_since(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    filed = house.submit(DRAWN, cash_held="99500.00")
    with house.bank.reading() as session:
        row = session.get_one(Return, filed.id)
        prior = prior_state(session, house.facility, Q3)
        assert isinstance(acceptance.follows(session, row, prior), acceptance.Kept)
        monkeypatch.setattr(grounds, "program", lambda: "another")
        assert isinstance(acceptance.follows(session, row, prior), acceptance.Anew)


def test_a_return_kept_before_grounds_were_is_checked_again(house: House) -> None:
    filed = house.submit(DRAWN, cash_held="99500.00")
    with house.bank.reading() as session:
        row, run = session.get_one(Return, filed.id), session.get_one(ReturnRun, filed.id)
        assert run.grounds_sha256 == grounds_of(Q3, {}, ())
        set_committed_value(run, "grounds_sha256", None)
        assert isinstance(acceptance.follows(session, row, {}), acceptance.Anew)


BEFORE: Final = PriorLoan.after(row_from_texts(loan(drawn="7.00", principal_outstanding="7.00")), None)
OTHERWISE: Final[dict[str, Any]] = {
    "loan_ref": "L-2",
    "agreed_on": date(2011, 7, 14),
    "maturity_on": Answer.NOT_APPLICABLE,
    "our_share": Decimal("0.25"),
    "status": "drawing",
    "borrower_name": "Another",
}


def test_the_grounds_are_otherwise_with_the_quarter_every_fact_of_every_loan_and_every_reference_elsewhere() -> None:
    others = [OTHERWISE.get(one.name, Money(1)) for one in fields(PriorLoan)]
    changed = [replace(BEFORE, **{one.name: other}) for one, other in zip(fields(PriorLoan), others, strict=True)]
    seen = [grounds_of(Q3, {"L-1": one}, ()) for one in (BEFORE, *changed)]
    seen += [grounds_of(Q4, {"L-1": BEFORE}, ()), grounds_of(Q3, {}, ()), grounds_of(Q3, {"L-2": BEFORE}, ())]
    seen += [grounds_of(Q3, {"L-1": BEFORE}, (one,)) for one in ("L-1", "L-9")]
    assert len(set(seen)) == len(seen)
    assert grounds_of(Q3, {"L-1": replace(BEFORE)}, frozenset()) == seen[0]


def test_the_grounds_are_the_same_in_whatever_order_they_are_told() -> None:
    loans = {ref: replace(BEFORE, loan_ref=ref) for ref in ("L-1", "L-2", "L-3")}
    other_way = dict(reversed(loans.items()))
    assert grounds_of(Q3, loans, ("M-1", "M-2")) == grounds_of(Q3, other_way, ("M-2", "M-1"))


def test_what_stands_in_one_fact_is_not_taken_for_a_part_of_the_next() -> None:
    told = [replace(BEFORE, status=status, borrower_name=name) for status, name in (("ab", "c"), ("a", "bc"))]
    assert len({grounds_of(Q3, {"L-1": one}, ()) for one in told}) == 2
    assert grounds_of(Q3, {}, ("a", "b")) != grounds_of(Q3, {}, ("ab",))


def test_the_grounds_are_otherwise_with_the_rules_of_the_quarter(monkeypatch: pytest.MonkeyPatch) -> None:
    before = grounds_of(Q3, {}, ())
    of_now = rules_of(Q3)
    monkeypatch.setattr(grounds, "rules_of", lambda _: replace(of_now, version="another"))
    assert grounds_of(Q3, {}, ()) != before


def test_the_program_is_another_with_any_file_of_it_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grounds, "files", lambda _: tmp_path)
    kept = {name: tmp_path / name for name in ("rules.py", "lists/codes.json", "lists/places.csv", "lists/read.me")}
    for path in kept.values():
        path.parent.mkdir(exist_ok=True)
        path.write_text("one")
    seen = [program_anew()]
    for name in ("rules.py", "lists/codes.json", "lists/places.csv"):
        kept[name].write_text("two")
        seen.append(program_anew())
    kept["rules.py"].rename(tmp_path / "others.py")
    seen.append(program_anew())
    assert len(set(seen)) == len(seen)
    kept["lists/read.me"].write_text("two")
    assert program_anew() == seen[-1]
    monkeypatch.undo()
    assert program_anew() not in seen


def program_anew() -> str:
    """The fingerprint of the program, not the one that is remembered."""
    grounds.program.cache_clear()
    return grounds.program()
