"""Each way of making a loan look better is seen where it was done, and nothing is seen where it was not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any, Final

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given
from hypothesis import strategies as st

from intermediaries.returns.rows import Answer, LoanRow
from intermediaries.returns.signs import RULES, THRESHOLDS, Told, signs
from ledger.dates import Quarter
from ledger.money import NOTHING, Money
from ledger.workdays import Roll, rolled

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


PAYING: Final[Change] = {"status": "in-arrears", "principal_received": Money.parse("10.00")}
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


def test_arrears_that_fall_by_more_than_was_paid_are_seen_and_by_what_was_paid_are_not() -> None:
    for change, words in (
        ({}, "Arrears of 500.00 in 2012Q3 are 0.00 now, and 0.00 was paid or written off since."),
        (
            {"principal_received": Money.parse("400.00")},
            "Arrears of 500.00 in 2012Q3 are 0.00 now, and 400.00 was paid or written off since.",
        ),
        (
            LATE | {"days_past_due": 20},
            "It was 45 days past due in 2012Q3 and is 20 now, and nothing at all was paid since.",
        ),
    ):
        assert seen(told(LATE, change)) == [("arrears-gone-without-money", words)]
    for change in (
        {"principal_received": Money.parse("499.00")},
        {"written_off": Money.parse("500.00")},
        LATE | {"days_past_due": 20, "interest_received": Money.parse("5.00")},
        restructured(date(2012, 10, 20)),
    ):
        assert seen(told(LATE, change)) == []
    old = restructured(date(2011, 11, 2))
    assert len(seen(told(LATE | old, old))) == 1, "restructured once does not clear what fell due since"
    skipped = [Told(Quarter(2012, 2), row(**LATE)), Told(NOW, row())]
    assert seen(skipped) == [], "what was paid in the quarter between is not told"


@pytest.mark.parametrize(
    ("counts", "leaps"),
    [
        ((100, 120, 360), True),
        ((100, 120, 359), False),
        ((29, 29, 300), False),  # few come and go
        ((0, 0, 300), False),  # a place that opens
        ((50, 100, 300), False),  # one that grows
        ((300, 310, 100), False),
    ],
)
def test_one_leap_from_a_level_is_seen(counts: tuple[int, ...], *, leaps: bool) -> None:
    reached: list[Change] = [{"people_reached": count, "people_unit": "people"} for count in counts]
    leap = "people-leap-with-no-new-money"
    assert ((leap in dict(seen(told(*reached)))), dict(seen(told(*reached))).get(leap, "")[:19]) == (
        leaps,
        "People reached went" if leaps else "",
    )
    assert leap not in dict(seen(told(reached[0] | {"drawn": Money.parse("1.00")}, *reached[1:])))
    assert leap not in dict(seen(told(*reached[:2], reached[2] | {"people_unit": "households"})))


def test_twice_in_three_at_a_threshold_is_seen_unless_one_due_day_comes_to_both() -> None:
    """30 days before the ends of the quarters are 31 May, 31 August and 1 December; 90: 1 April, 2 July, 2 October."""

    def late(*days: int) -> list[str]:
        return [rule for rule, _ in seen(told(*(PAYING | {"days_past_due": each} for each in days)))]

    seen_here = ["at-a-threshold-by-no-due-day"]
    assert late(30, 60, 30) == seen_here, "1 December 2012 is a Saturday: nothing due on the last is moved to it"
    assert late(60, 30, 30) == seen_here
    assert late(60, 90, 30) == seen_here
    assert late(60, 90, 90) == [], "due on the 2nd"
    assert late(60, 30, 90) == [], "due on the 1st of September, a Saturday, and paid on the day before it"
    assert late(30, 60, 90) == [], "due on the 3rd, by a lender who counts the due day: 1 June, and 3 October"
    assert late(30, 30, 60) == []
    assert late(30, 60, 91) == []
    assert late(30, 30) == []


MADE_UP: Final = {"arrears-gone-without-money", "people-leap-with-no-new-money", "at-a-threshold-by-no-due-day"}


@given(st.data())
def test_who_tells_the_truth_of_a_late_payer_and_of_people_gives_none_of_these_signs(data: st.DataObject) -> None:
    """A loan due monthly, paid whenever and however little; people by a place that opens, grows, or stays as it is."""
    due_day, roll = data.draw(st.integers(1, 31)), data.draw(st.sampled_from(Roll))
    in_pounds, counted_too = data.draw(st.booleans()), data.draw(st.integers(0, 1))
    first = Quarter(2012, data.draw(st.integers(1, 4)))
    months = [first.starts_on + relativedelta(months=more) for more in range(24)]
    dues = [rolled(month + relativedelta(day=due_day), roll) for month in months]
    paid, opening = 0, data.draw(st.integers(0, 7))
    start, growth = data.draw(st.integers(1, 400)), data.draw(st.sampled_from((0.9, 1.0, 1.2, 1.4, 2.5)))
    history, quarter = [], first
    for number in range(8):
        received = data.draw(st.sampled_from((0, 7_500, 10_000, 20_000, 30_000, 30_049, 60_000)))
        lost = data.draw(st.sampled_from((0, 0, 0, 0, 5_000)))
        so_far = [day for day in dues if day <= quarter.ends_on]
        received, paid = min(received, len(dues) * 10_000 - paid), min(paid + received + lost, len(dues) * 10_000)
        unpaid = so_far[paid // 10_000 :]
        owed = max(0, 10_000 * len(so_far) - paid)
        history.append(
            Told(
                quarter,
                row(
                    principal_received=Money(received),
                    written_off=Money(lost),
                    arrears_principal=Money(round(owed, -2) if in_pounds else owed),
                    days_past_due=(quarter.ends_on - unpaid[0]).days + counted_too if unpaid else 0,
                    people_reached=0 if number < opening else int(start * growth ** (number - opening)),
                ),
            )
        )
        told_of = {sign.rule for sign in signs({"L-1": list(history)}, quarter, {"L-1": "one"})}
        assert not told_of & MADE_UP
        quarter = quarter.next


CLEAN: Final[Change] = {}
PLANTED: Final[dict[str, Callable[[], list[Change]]]] = {
    "terms-moved-just-before-the-quarter-ended": lambda: [CLEAN, LATE, restructured(date(2012, 12, 24))],
    "outcome-area-switched": lambda: [CLEAN, CLEAN, {"outcome_area": "arts"}],
    "always-exactly-at-a-threshold": lambda: [{"days_past_due": 90, "status": "defaulted"}] * 3,
    "people-rise-with-no-new-money": lambda: [{"people_reached": count} for count in (1, 2, 3)],
    "arrears-gone-without-money": lambda: [CLEAN, LATE, CLEAN],
    "people-leap-with-no-new-money": lambda: [{"people_reached": count} for count in (120, 110, 360)],
    "at-a-threshold-by-no-due-day": lambda: [PAYING | {"days_past_due": days} for days in (30, 60, 30)],
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
