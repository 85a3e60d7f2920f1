from __future__ import annotations

from fractions import Fraction

import pytest

from ledger.money import NOTHING, Money
from reports.document import Print, Said
from reports.figures import Movement
from reports.statements import closing, findings, proofs, tables
from reports.statements.inputs import Correction, MoneyPath, Proof, ReturnLine, ReturnStatus
from reports.statements.telling import Bundle, begun
from tests.reports import sample


def path_of(**boxes: tuple[int, int]) -> tuple[Movement, ...]:
    still = dict.fromkeys(MoneyPath.model_fields, (0, 0)) | boxes
    return tuple(sample.movement(code, opening, added) for code, (opening, added) in still.items())


def bundle_of(*statuses: ReturnStatus, **boxes: tuple[int, int]) -> Bundle:
    lines = tuple(
        ReturnLine(facility=f"fac_{place}", intermediary="A", due_on=sample.AS_AT, status=status)
        for place, status in enumerate(statuses)
    )
    proof = Proof(books=(), returns=lines, provenance=sample.source())
    return Bundle(movements=path_of(**boxes), tables=closing.tables(proof))


@pytest.mark.parametrize(
    ("boxes", "text"),
    [
        ({}, "No dormant money has been received yet"),
        ({"received": (0, 26_400_000)}, "£26.4m received from dormant accounts; nothing is committed"),
        (
            {"received": (0, 5), "in_principle": (0, 2_500_000)},
            "£2.5m is committed in principle; no agreement is signed yet",
        ),
        (
            {"received": (0, 5), "in_principle": (0, 4), "signed": (0, 3), "bank": (0, 4)},
            "75p of every pound in the bank is signed; none has reached the front line yet",
        ),
        (
            {"received": (0, 5), "in_principle": (0, 4), "signed": (0, 3), "bank": (0, 4), "lent": (0, 1)},
            "75p of every pound in the bank is signed; 25p has reached the front line",
        ),
        (
            {"received": (0, 5), "in_principle": (0, 9), "signed": (0, 8), "bank": (0, 4), "lent": (0, 1)},
            "£8 is signed and £1 has reached the front line",
        ),
        (
            {"received": (0, 5), "in_principle": (0, 9), "signed": (0, 3), "bank": (0, 4), "lent": (0, 6)},
            "£3 is signed and £6 has reached the front line",
        ),
        (
            {"received": (0, 5), "in_principle": (0, 9), "signed": (0, 8), "lent": (0, 1)},
            "£8 is signed and £1 has reached the front line",
        ),
    ],
)
def test_the_headline_of_the_portfolio(boxes: dict[str, tuple[int, int]], text: str) -> None:
    assert findings.portfolio_headline(bundle_of(**boxes)).text == text


def test_a_pound_in_the_bank_is_anybodys_who_paid_it_in() -> None:
    """The merchant banks' shares are lent from too: a share of the trust's money alone would say too much."""
    boxes = {"received": (0, 5), "in_principle": (0, 4), "signed": (0, 3), "bank": (0, 4), "b_shares": (0, 2)}
    assert findings.portfolio_headline(bundle_of(**boxes)).text.startswith("50p of every pound in the bank is signed")


@pytest.mark.parametrize(
    ("late", "behind"),
    [
        (0, ""),
        (3, ", all of it by late or corrected returns for earlier quarters"),
        (-2, ", late or corrected returns for earlier quarters counted in it"),
    ],
)
def test_lending_that_earlier_quarters_brought_is_told_as_theirs(late: int, behind: str) -> None:
    bundle = bundle_of(lent=(5, 3))
    said = findings.lending_change(bundle, Money(late * 100)).text
    assert said == f"Lending to the front line grew by £3 in the quarter{behind}."


@pytest.mark.parametrize(
    ("statuses", "text"),
    [
        ((), "No return was due for the quarter"),
        (("not-due",), "No return for the quarter is due yet"),
        (("on-time",), "The one return due arrived on time"),
        (("on-time", "on-time", "not-due"), "Both returns due arrived on time; one more is not due yet"),
        (("late", "not-due", "not-due"), "The one return due came late; two more are not due yet"),
        (("on-time", "missing"), "One of two returns is missing"),
        (("missing",), "The one return due is missing"),
        (("late",), "The one return due came late"),
        (("missing", "missing"), "Both returns due are missing"),
        (("late", "late", "late"), "All three returns due came late"),
        (("late", "missing"), "One of two returns is missing and one came late"),
        (("on-time", "late"), "One of two returns came late"),
        (("late", "missing", "missing"), "Two of three returns are missing and one came late"),
    ],
)
def test_what_is_said_of_returns(statuses: tuple[ReturnStatus, ...], text: str) -> None:
    assert findings.returns_finding(bundle_of(*statuses)).text == text
    assert findings.returns_finding(bundle_of(*statuses), full_stop=True).text == text + "."


@pytest.mark.parametrize(
    ("boxes", "text"),
    [
        ({}, "No money has moved yet"),
        (
            {"received": (5, 0), "reserved": (2, 0)},
            "No dormant money came in this quarter; £2 is kept back for reclaims",
        ),
        (
            {"received": (5, 3), "reserved": (2, 0)},
            "£3 came in from dormant accounts this quarter; £2 is kept back for reclaims",
        ),
    ],
)
def test_what_is_said_of_the_path(boxes: dict[str, tuple[int, int]], text: str) -> None:
    assert findings.path_finding(bundle_of(**boxes)).text == text


def arrears_bundle(at_30: Fraction | None, at_90: Fraction | None, lost: int) -> Bundle:
    return Bundle(
        figures=(sample.figure("at_risk_30", at_30), sample.figure("at_risk_90", at_90)),
        movements=(sample.movement("onward_written_off", 0, lost), sample.movement("onward_recovered", 0, 0)),
    )


@pytest.mark.parametrize(
    ("at_30", "at_90", "lost", "text"),
    [
        (None, None, 0, "Nothing is outstanding, so nothing is overdue"),
        (Fraction(0), Fraction(0), 0, "No loan is more than 30 days overdue; nothing has been written off"),
        (
            Fraction(1, 8),
            Fraction(0),
            0,
            "Loans more than 30 days overdue hold 12.5% of principal; nothing has been written off",
        ),
        (
            Fraction(1, 8),
            Fraction(1, 16),
            900,
            "Loans more than 90 days overdue hold 6.3% of principal; £900 has been written off",
        ),
    ],
)
def test_what_is_said_of_arrears(at_30: Fraction | None, at_90: Fraction | None, lost: int, text: str) -> None:
    assert findings.arrears_finding(arrears_bundle(at_30, at_90, lost)).text == text


def breakdown_said(*parts: tuple[str, str, int, int, int]) -> Said:
    given = sample.sliced("outcome-area", "Outcome area", "", *parts)
    bundle = Bundle(tables=(tables.breakdown(given),))
    return findings.largest_finding(bundle, given, "{first} and {second} take {share}", "{first} takes {share}")


def test_what_is_said_of_the_largest_slices() -> None:
    housing, work, arts = ("h", "Housing", 1, 50, 0), ("w", "Work and UK skills", 1, 30, 0), ("a", "Arts", 1, 20, 0)
    assert breakdown_said().text == "None of the bank's money has been lent on"
    assert breakdown_said(housing).text == "Housing takes 100%"
    assert breakdown_said(arts, work, housing).text == "Housing and work and UK skills take 80%"
    unsaid = breakdown_said(("unavailable", "Not stated", 9, 900, 0)).text
    assert unsaid == "Outcome area is not known of any onward loan"


def test_money_of_co_investors_alone_takes_no_part_of_the_banks() -> None:
    theirs = ("h", "Housing", 1, 0, 40)
    assert breakdown_said(theirs).text == "None of the bank's money has been lent on"
    elsewhere = ("unmatched", "Not matched", 1, 9, 0)
    assert breakdown_said(theirs, elsewhere).text == "Outcome area is not known of any onward loan"


def test_what_is_not_known_counts_in_the_whole_but_never_as_the_largest() -> None:
    lost = ("unavailable", "Not stated", 9, 100, 0)
    assert breakdown_said(("h", "Housing", 1, 100, 0), lost).text == "Housing takes 50%"


def test_the_places_heading_names_the_region_and_the_poorest_tenths() -> None:
    given = sample.onward()
    told = (given.regions, *given.deprivation)
    known = tables.coverages({one.code: one.coverage for one in told}, given.regions.provenance)
    bundle = Bundle(tables=[*(tables.breakdown(one) for one in told), known])
    text = findings.places_finding(bundle, given.regions, given.deprivation).text
    assert text == (
        "The North West has 19% of the money; in England, 54% of the money placed is in the three most deprived "
        "tenths of areas (known for 194 of 203 loans)"
    )
    assert findings.places_finding(bundle, given.regions, ()).text == "The North West has 19% of the money"


def test_corrections_are_counted_as_such_and_not_as_figures_restated() -> None:
    of = sample.proof()
    one = of.corrections[0]
    entry = one.model_copy(update={"what": "Entry 7: a payment"})
    particulars = one.model_copy(update={"before": None, "after": None})

    def said(*lines: Correction) -> str:
        proof = of.model_copy(update={"corrections": lines})
        return findings.corrections_finding(Bundle(tables=closing.tables(proof)), proof).text

    assert said(one, one) == "Two corrections were made to sums in returns of earlier quarters"
    assert said(particulars) == "One correction was made to a return of an earlier quarter"
    assert said(entry) == "One correction was made to an entry of an earlier quarter"
    assert said(one, entry) == "Two corrections were made to returns and entries of earlier quarters"


def test_a_correction_without_a_reason_says_so() -> None:
    proof = sample.proof()
    bare = proof.model_copy(update={"corrections": (proof.corrections[0].model_copy(update={"reason": ""}),)})
    (row,) = proofs.corrections(bare).rows
    assert str(row.cells[-1]).endswith(": no reason given")


def test_money_of_unknown_place_is_no_part_of_the_deprived_share() -> None:
    given = sample.sliced(
        "dep", "Tenth", "", ("1", "1", 1, 38, 0), ("9", "9", 1, 42, 0), ("unavailable", "?", 1, 20, 0)
    )
    given = given.model_copy(update={"nation": "England"})
    known = tables.coverages({"dep": given.coverage}, given.provenance)
    text = findings.deprived_finding(Bundle(tables=(tables.breakdown(given), known)), (given,)).text
    assert text.startswith("in England, 48% of the money placed is in the three most deprived tenths of areas (known ")


def test_a_book_that_does_not_balance_comes_before_everything_else() -> None:
    proof = sample.proof()
    crooked = proof.books[0].model_copy(update={"credits": NOTHING})
    proof = proof.model_copy(update={"books": (crooked, *proof.books[1:])})
    assert findings.ties_finding(Bundle(tables=closing.tables(proof)), proof).text == "One book does not balance"


def test_every_number_in_a_sentence_is_noted_with_what_it_refers_to() -> None:
    boxes = {"received": (0, 5), "in_principle": (0, 4), "signed": (0, 3), "bank": (0, 4), "lent": (0, 1)}
    said = findings.portfolio_headline(bundle_of(**boxes))
    assert [(one.reference, one.text) for one in said.prints] == [
        ("signed.closing / bank.closing", "75p"),
        ("lent.closing / bank.closing", "25p"),
    ]


def test_a_number_in_words_that_begins_a_sentence_is_printed_as_it_stands_there() -> None:
    told = Said(text="six of nine are late", prints=(Print(reference="rows a", style="number-word", text="six"),))
    assert begun(told).text == "Six of nine are late"
    assert begun(told).prints == (Print(reference="rows a", style="number-word-first", text="Six"),)
    assert begun(Said(text="of six", prints=told.prints)).prints == told.prints
