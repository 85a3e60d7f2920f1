"""Each way of making a loan look better is seen where it was done, and nothing is seen where it was not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intermediaries.returns.rows import Answer, LoanRow
from intermediaries.returns.signs import RULES, THRESHOLDS, Told, signs
from ledger.dates import Quarter
from ledger.money import NOTHING, Money

NOW: Final = Quarter(2012, 4)
PAST: Final = (Quarter(2012, 2), Quarter(2012, 3), NOW)
Change = dict[str, Any]


def row(**changed: object) -> LoanRow:
    return LoanRow.of(
        {
            "loan_ref": "L-1",
            "borrower_name": "Dockside Kitchen (invented)",
            "legal_form": "UNINC",
            "purpose": "workingCapital",
            "agreed_on": date(2011, 5, 2),
            "maturity_on": date(2016, 5, 2),
            "annual_rate": Decimal("0.07"),
            "amount_committed": Money.parse("9000.00"),
            **dict.fromkeys(
                ("drawn", "principal_received", "interest_received", "written_off", "recovered", "arrears_principal"),
                NOTHING,
            ),
            "principal_outstanding": Money.parse("9000.00"),
            "days_past_due": 0,
            "status": "performing",
            "our_share": Decimal(1),
            "outcome_area": "employment",
            "beneficiary_group": "poverty",
            "place_basis": "delivery",
            "local_authority": "E07000030",
            **changed,
        }
    )


def told(*changes: Change) -> list[Told]:
    """A loan's reports of the last quarters, each with something changed."""
    return [Told(quarter, row(**change)) for quarter, change in zip(PAST[-len(changes) :], changes, strict=True)]


def seen(history: list[Told], **others: list[Told]) -> list[tuple[str, str]]:
    histories = {"L-1": history, **{name.replace("_", "-"): each for name, each in others.items()}}
    whose = dict.fromkeys(histories, "one borrower")
    return [(sign.rule, sign.seen) for sign in signs(histories, NOW, whose) if sign.loan_ref == "L-1"]


LATE: Final[Change] = {"days_past_due": 45, "arrears_principal": Money.parse("500.00"), "status": "in-arrears"}


def restructured(day: date) -> Change:
    return {"status": "restructured", "restructured_on": day, "restructure_kind": "extension"}


def test_a_late_loan_restructured_days_before_the_quarter_ended_is_seen() -> None:
    assert seen(told(LATE, restructured(date(2012, 12, 20)))) == [
        (
            "terms-moved-just-before-the-quarter-ended",
            (
                "Restructured on 2012-12-20, 11 days before the quarter ended, when the return before had told of 45 "
                "days past due."
            ),
        )
    ]


def test_a_late_loan_given_a_later_day_without_a_word_is_seen() -> None:
    [(rule, words)] = seen(told(LATE, {"maturity_on": date(2018, 5, 2)}))
    assert rule == "terms-moved-just-before-the-quarter-ended"
    assert words.startswith("Its last day went from 2016-05-02 to 2018-05-02 and no restructuring of the quarter was")


@pytest.mark.parametrize(
    "changes",
    [
        (LATE, restructured(date(2012, 10, 20))),  # early in the quarter
        ({}, restructured(date(2012, 12, 20))),  # it was not late
        (LATE, {"maturity_on": Answer.NOT_APPLICABLE}),  # no day to compare
        (LATE, LATE),
    ],
)
def test_other_changes_of_terms_are_no_sign(changes: tuple[Change, ...]) -> None:
    assert seen(told(*changes)) == []


def test_another_outcome_area_is_seen() -> None:
    assert seen(told({}, {"outcome_area": "housing"})) == [
        ("outcome-area-switched", "It was for employment in 2012Q3, and is for housing now.")
    ]


@pytest.mark.parametrize("days", THRESHOLDS)
def test_exactly_at_a_threshold_three_times_is_seen_and_twice_is_not(days: int) -> None:
    at: Change = {"days_past_due": days, "status": "in-arrears"}
    assert [rule for rule, _ in seen(told(at, at, at))] == ["always-exactly-at-a-threshold"]
    assert seen(told(at, at)) == []
    assert seen(told(at, at, at | {"days_past_due": days + 1})) == []


def test_people_rising_with_no_new_money_are_seen() -> None:
    counts: list[Change] = [{"people_reached": count, "people_unit": "people"} for count in (10, 20, 3000)]
    assert seen(told(*counts)) == [
        (
            "people-rise-with-no-new-money",
            "People reached went from 10 to 3,000 since 2012Q2; nothing was drawn since.",
        )
    ]
    with_money: list[Change] = [*counts[:2], counts[2] | {"drawn": Money.parse("1.00")}]
    assert seen(told(*with_money)) == []
    one_unknown: list[Change] = [counts[0], {"people_reached": Answer.NOT_KNOWN}, counts[2]]
    assert seen(told(*one_unknown)) == []


def test_lent_again_after_a_loss_is_seen() -> None:
    lost = [Told(Quarter(2012, 3), row(loan_ref="L-2", written_off=Money.parse("700.00"), status="written-off"))]
    new = told({"drawn": Money.parse("800.00")})
    assert seen(new, L_2=lost) == [
        (
            "lent-again-after-a-loss",
            "800.00 was lent to Dockside Kitchen (invented), of whose loan L-2 700.00 was written off in 2012Q3.",
        )
    ]
    assert seen(told({}, {"drawn": Money.parse("800.00")}), L_2=lost) == [], "a further drawdown is no new loan"
    assert list(signs({"L-1": new, "L-2": lost}, NOW, {"L-1": "one", "L-2": "another"})) == []


def test_lent_again_by_a_loan_that_was_signed_before_or_by_the_lost_one_itself_is_seen() -> None:
    lost = [Told(Quarter(2012, 3), row(loan_ref="L-2", written_off=Money.parse("700.00"), status="written-off"))]
    undrawn: Change = {"principal_outstanding": NOTHING, "status": "signed-undrawn"}
    drawn: Change = {"drawn": Money.parse("800.00")}
    assert [rule for rule, _ in seen(told(undrawn, drawn), L_2=lost)] == ["lent-again-after-a-loss"]
    gone: Change = {"written_off": Money.parse("9000.00"), "principal_outstanding": NOTHING, "status": "written-off"}
    assert [what for _, what in seen(told({}, gone, drawn))] == [
        "800.00 was lent to Dockside Kitchen (invented), of whose loan L-1 9000.00 was written off in 2012Q3."
    ]
    assert seen(told({}, {"written_off": Money.parse("1.00")}, drawn)) == [], "of what still runs more may be drawn"
    assert seen(told(undrawn, drawn)) == [], "nothing was lost"


def test_a_loan_restructured_once_cannot_be_given_later_days_in_silence() -> None:
    later = restructured(date(2011, 11, 2)) | {"maturity_on": date(2018, 5, 2)}
    ((rule, words),) = seen(told(LATE | restructured(date(2011, 11, 2)), later))
    assert rule == "terms-moved-just-before-the-quarter-ended"
    assert words.endswith("was told, when the return before had told of 45 days past due.")


def test_a_loan_that_the_quarter_does_not_tell_of_gives_no_sign() -> None:
    before = [Told(told_.quarter.previous, told_.row) for told_ in told({}, {"outcome_area": "housing"})]
    assert list(signs({"L-1": before}, NOW, {"L-1": "one"})) == []


CLEAN: Final[Change] = {}
PLANTED: Final[dict[str, Callable[[], list[Change]]]] = {
    "terms-moved-just-before-the-quarter-ended": lambda: [CLEAN, LATE, restructured(date(2012, 12, 24))],
    "outcome-area-switched": lambda: [CLEAN, CLEAN, {"outcome_area": "arts"}],
    "always-exactly-at-a-threshold": lambda: [{"days_past_due": 90, "status": "defaulted"}] * 3,
    "people-rise-with-no-new-money": lambda: [{"people_reached": count} for count in (1, 2, 3)],
}


@given(st.lists(st.sampled_from([None, *PLANTED]), min_size=1, max_size=8))
def test_each_planted_sign_is_found_once_at_its_loan_and_nothing_else_is(plan: list[str | None]) -> None:
    histories = {
        f"L-{number}": [
            Told(each.quarter, each.row) for each in told(*(PLANTED[rule]() if rule else [CLEAN, CLEAN, CLEAN]))
        ]
        for number, rule in enumerate(plan)
    }
    found = [(sign.loan_ref, sign.rule) for sign in signs(histories, NOW, {ref: ref for ref in histories})]
    assert found == [(f"L-{number}", rule) for number, rule in enumerate(plan) if rule]


def test_every_sign_has_its_sentence() -> None:
    assert set(RULES) == {*PLANTED, "lent-again-after-a-loss"}
    assert all(sentence.endswith(".") for sentence in RULES.values())
