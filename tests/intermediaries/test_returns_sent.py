"""How a return may be sent: whole, as changes alone, or nil; and by which rules of which quarter it is judged."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intermediaries.returns.bounds import Limits
from intermediaries.returns.checking import Against, Checked, check
from intermediaries.returns.findings import Answered, Finding, counted, what_is_asked
from intermediaries.returns.grouping import EXAMPLES, grouped
from intermediaries.returns.packing import BLOCK, Packer, canonical_json, told
from intermediaries.returns.rows import PriorLoan, texts
from intermediaries.returns.rules import CHECKS, ROW_CHECKS, RuleSet, rules_of
from ledger.dates import Quarter
from ledger.money import Money
from tests.intermediaries.returns_strategies import QUARTER, Loan, Written, a_loan, before, valid_returns

STILL = {"drawn": "0.00", "principal_received": "0.00", "interest_received": "0.00"}


def unmoved(ref: str, **changed: str) -> Loan:
    return a_loan(ref, **{**STILL, **changed})


def of_changes(*sent: Loan, open_loans: tuple[Loan, ...], **prior: Any) -> Checked:
    """What is found in a file of changes, while these loans are open as they stood."""
    state = {loan["loan_ref"]: before(loan, **prior) for loan in open_loans}
    carried = {loan["loan_ref"]: loan for loan in open_loans}
    return check(Written(sent).as_json(), against=Against(state, "only-changes", carried), filing=True)


def rules_in(checked: Checked) -> list[tuple[str, int | None, str]]:
    return [(one.rule, one.row, one.loan_ref) for one in checked.findings]


def test_an_open_loan_without_a_row_goes_on_as_it_was() -> None:
    loans = (unmoved("L-1"), unmoved("L-2"), unmoved("L-3"))
    moved = a_loan("L-2", principal_received="750.00", principal_outstanding="18000.00")
    checked = of_changes(moved, open_loans=loans)
    assert checked.findings == ()
    assert checked.carried == ("L-1", "L-3")
    assert (checked.row_count, checked.totals.loans) == (3, 3)
    assert checked.totals.principal_received == Money.parse("750.00")
    assert checked.totals.principal_outstanding == Money.parse("55500.00")


def test_the_same_content_has_one_fingerprint_however_it_was_sent() -> None:
    loans = (unmoved("L-1"), unmoved("L-2"))
    state = {loan["loan_ref"]: before(loan) for loan in loans}
    whole = check(Written((loans[1], loans[0])).as_csv(), prior=state)
    changes = of_changes(loans[1], open_loans=loans)
    assert whole.content_sha256 == changes.content_sha256


@pytest.mark.parametrize(
    ("told_last", "why"),
    [
        ({"status": "in-arrears", "days_past_due": "14", "arrears_principal": "50.00"}, "14 days late"),
        ({"status": "defaulted"}, "defaulted"),
        ({"maturity_on": "2012-11-30"}, "2012-11-30"),
    ],
)
def test_a_loan_that_is_late_or_over_is_not_carried_in_silence(told_last: dict[str, str], why: str) -> None:
    checked = of_changes(open_loans=(unmoved("L-1", **told_last),))
    assert ("carried-loans-have-nothing-due", None, "L-1") in rules_in(checked)
    assert why in checked.errors[0].message


def test_a_file_that_does_not_say_so_is_asked_for_every_open_loan() -> None:
    state = {"L-1": before(unmoved("L-1")), "L-2": before(unmoved("L-2"))}
    assert rules_in(check(Written((unmoved("L-2"),)).as_json(), prior=state)) == [
        ("open-loans-are-reported", None, "L-1")
    ]


def test_an_empty_file_is_asked_whether_it_is_meant_and_a_nil_return_says_so() -> None:
    empty = Written(()).as_json()
    assert check(empty).findings == ()
    (found,) = check(empty, against=Against({}), filing=True).findings
    assert (found.rule, found.severity) == ("loans-are-there", "error")
    assert "bank return nil" in found.remedy
    assert check(empty, against=Against({}, "nil"), filing=True).findings == ()
    short = check(empty, against=Against({}, "nil", cash=Money.parse("1250.41")), filing=True).findings
    assert [(one.rule, one.message[:22]) for one in short] == [("cash-agrees-with-the-books", "Cash is short by 0.01:")]


def test_a_nil_return_is_no_answer_while_loans_are_open() -> None:
    state = {f"L-{number}": before(unmoved(f"L-{number}")) for number in range(5)}
    found = check(Written(()).as_json(), against=Against(state, "nil"), filing=True).findings
    said = [one for one in found if one.rule == "loans-are-there"]
    assert [one.value for one in said] == ["5"]
    assert "L-0, L-1, L-2 and 2 more" in said[0].message
    closed = {ref: replace(one, status="repaid", principal_outstanding=Money(0)) for ref, one in state.items()}
    assert check(Written(()).as_json(), against=Against(closed, "nil"), filing=True).ok


def test_a_loan_of_another_facility_is_found_at_its_row_also_below_an_empty_line() -> None:
    lines = Written((a_loan("L-1"), a_loan("L-2"))).as_csv().splitlines()
    data = b"\r\n".join([*lines[:2], b"", b",,,", lines[2]])
    found = check(data, against=Against(elsewhere=frozenset({"L-2"})))
    assert rules_in(found) == [("loan-of-another-facility", 4, "L-2")]


def test_questions_beyond_count_are_not_asked_one_by_one() -> None:
    loans = tuple(a_loan(f"L-{number}", annual_rate="0.9") for number in range(30))
    checked = check(Written(loans).as_csv(), limits=Limits(max_faults=10))
    assert checked.ok
    assert len(checked.rows) == 30
    asked = [one.rule for one in checked.findings]
    assert asked.count("rate-is-usual") == 10
    assert asked[0] == "not-too-many-questions"


@settings(max_examples=40, deadline=None)
@given(valid_returns(max_loans=4))
def test_loans_come_out_of_their_packing_as_they_went_in(made: Written) -> None:
    rows = made.checked().rows
    packer = Packer()
    for number in range(BLOCK + 3 if rows else 0):
        row = rows[number % len(rows)]
        packer.add(row, canonical_json(texts(row)))
    packed = packer.rows()
    assert list(packed) == [rows[number % len(rows)] for number in range(len(packed))]
    if rows:
        assert len(packed) == BLOCK + 3
        assert packed[BLOCK + 1] == rows[(BLOCK + 1) % len(rows)]
        assert packed[-2:] == [packed[BLOCK + 1], packed[BLOCK + 2]]
        assert list(told(packed)) == [texts(row) for row in packed]


def test_a_rule_is_asked_of_the_quarters_that_it_is_in_force_for() -> None:
    usual = next(row for row in ROW_CHECKS if row.name == "rate-is-usual")
    dated = replace(usual, since=Quarter(2013, 1), until=Quarter(2013, 4))
    for quarter, asked in ((Quarter(2012, 4), False), (Quarter(2013, 4), True), (Quarter(2014, 1), False)):
        found = RuleSet.of(quarter, (dated.check,), (dated,))
        assert (found.rows == (dated,)) is asked
        assert bool(found.checks) is asked


def test_the_version_of_the_rules_changes_with_what_they_say() -> None:
    now = rules_of(QUARTER)
    assert now.version == rules_of(QUARTER.next).version == check(Written((a_loan(),)).as_json()).rules_version
    other = [replace(CHECKS[0], sentence="A return has something in it, always."), *CHECKS[1:]]
    assert RuleSet.of(QUARTER, other, ROW_CHECKS).version != now.version
    assert RuleSet.of(QUARTER, CHECKS[1:], ROW_CHECKS).version != now.version


def test_findings_are_told_by_rule_with_a_count_a_sentence_and_examples() -> None:
    loans = [a_loan(f"L-{number}", annual_rate="0.9") for number in range(5)]
    loans += [a_loan("L-9", drawn="1.005"), a_loan("L-10", drawn="x", purpose="x")]
    checked = Written(tuple(loans)).checked()
    groups = grouped(checked.findings)
    assert [(one.rule, one.severity, one.count) for one in groups] == [
        ("code-on-the-list", "error", 1),
        ("plain-digits", "error", 1),
        ("whole-pence", "error", 1),
        ("rate-is-usual", "question", 5),
    ]
    asked = groups[-1]
    assert asked.sentence == "A yearly rate is not above 30%."
    assert [one.loan_ref for one in asked.examples] == ["L-0", "L-1", "L-2"][:EXAMPLES]
    assert asked.remedy.startswith("Confirm it.")


def test_one_of_a_thing_is_told_as_one() -> None:
    assert [counted(number, "loan") for number in (0, 1, 2, 100_000)] == [
        "0 loans",
        "1 loan",
        "2 loans",
        "100,000 loans",
    ]


def test_what_mends_one_place_is_not_told_of_another_of_its_rule() -> None:
    loan = a_loan("L-0", purpose="working capital", people_reached="5", people_unit="persons")
    (group,) = grouped(Written((loan,)).checked().findings)
    assert (group.count, group.remedy) == (2, "")
    assert [one.remedy for one in group.examples] == [
        "Did you mean workingCapital? Write one of the codes exactly.",
        'Write one of people, households, contacts or "?" where it is not known or "-" where it does not apply.',
    ]


@pytest.mark.parametrize(
    ("name", "written", "remedy"),
    [
        ("cash_held", "£45,570.25", "Write 45570.25, if so much is meant."),
        ("cash_held", 442125, 'Write it as text, like "442125".'),
        ("cash_held", "enough", "Write the amount in pounds, like 1234.56."),
        ("quarter", "the last one", "Write the year and the quarter of the calendar, like 2012Q4"),
        ("quarter", "Q4 2012", "Write 2012Q4 for October to December 2012, if those months are meant."),
        ("quarter", " 2012-q1 ", "Write 2012Q1 for January to March 2012, if those months are meant."),
        ("quarter", "Quarter 5 2012", "Write the year and the quarter of the calendar, like 2012Q4"),
    ],
)
def test_what_the_head_of_a_return_says_wrongly_comes_back_with_how_to_say_it(
    name: str, written: str | int, remedy: str
) -> None:
    (found,) = check(json.dumps({name: written, "loans": [a_loan()]}).encode()).findings
    assert (found.rule, found.column) == ("header-readable", name)
    assert found.remedy.startswith(remedy)


def test_a_question_is_the_same_where_loan_cell_value_and_what_it_is_held_to_are() -> None:
    asked = Finding("name-stands", 4, "question", "Loans", 3, "borrower_name", "B", "It was A.", "A", "Confirm.", "L-1")
    assert what_is_asked(asked) == what_is_asked(replace(asked, row=7))
    assert what_is_asked(asked) == what_is_asked(Answered(**asked.as_json(), answer="So it is"))  # type: ignore[arg-type]  # its own members
    others = ({"value": "C"}, {"loan_ref": "L-2"}, {"message": "It was Z."}, {"column": "note"}, {"rule": "x"})
    for other in others:
        assert what_is_asked(Finding(**{**asked.as_json(), **other})) != what_is_asked(asked)  # type: ignore[arg-type]  # its own members


def test_a_prior_loan_is_what_a_carried_one_is_compared_with() -> None:
    """Where the last return was corrected meanwhile, what was carried on from it does not follow any more."""
    loan = unmoved("L-1")
    state: dict[str, PriorLoan] = {"L-1": replace(before(loan), principal_outstanding=Money(1))}
    checked = check(Written(()).as_json(), against=Against(state, "only-changes", {"L-1": loan}), filing=True)
    assert [one.rule for one in checked.errors] == ["rolls-forward"]


@given(st.permutations(["L-1", "L-2", "L-3"]), st.integers(0, 3))
def test_whatever_is_sent_and_whatever_carried_every_open_loan_is_there_once(refs: list[str], sent: int) -> None:
    loans = tuple(unmoved(ref) for ref in refs)
    checked = of_changes(*loans[:sent], open_loans=loans)
    assert checked.ok
    assert sorted(row.loan_ref for row in checked.rows) == ["L-1", "L-2", "L-3"]
    assert len(checked.carried) == 3 - sent
