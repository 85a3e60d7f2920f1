"""What is said of lending while a lender is silent: what is not known is told as such, never as nought or as all."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import pytest

from ledger.money import NOTHING, Money
from reports.document import Document, Tabulated
from reports.figures import Coverage
from reports.statements import closing, findings, impact, pictures, portfolio, reach, trustees
from reports.statements.inputs import Arrears, MoneyPath, Proof, ReturnLine, ReturnStatus
from reports.statements.portfolio_inputs import PortfolioStatement
from reports.statements.telling import Bundle
from tests.reports import sample, sample_pages
from tests.reports.sample_parts import AS_AT, figure, movement, pounds, source

ONE_IS_SILENT: Sequence[ReturnStatus] = ("on-time", "missing")
NOBODY_HAS_TIME_LEFT: Sequence[ReturnStatus] = ("on-time", "late")
NOBODY_HAS_FILED: Sequence[ReturnStatus] = ("missing",)


def filed(*statuses: ReturnStatus, **facts: Any) -> Proof:
    """The proof of books whose returns came so: whatever was filed was accepted, and ties."""
    lines = tuple(
        ReturnLine(
            facility=f"fac_{at}",
            intermediary="A",
            due_on=AS_AT,
            status=status,
            filed_on=AS_AT if status in {"on-time", "late"} else None,
            accepted_on=AS_AT if status in {"on-time", "late"} else None,
            loans=1 if status in {"on-time", "late"} else None,
        )
        for at, status in enumerate(statuses)
    )
    accepted = sum(line.accepted_on is not None for line in lines)
    told = {"books": sample.proof().books, "ties_checked": accepted, "returns": lines, "provenance": source()}
    return Proof.model_validate(told | facts)


def arrears(at_30: Fraction | None, at_90: Fraction | None, known: int = 3, of: int = 3) -> Arrears:
    left = NOTHING if at_30 is None else pounds(100 * of)
    return sample.arrears().model_copy(
        update={
            "at_risk_30": figure("at_risk_30", at_30),
            "at_risk_90": figure("at_risk_90", at_90),
            "coverage": Coverage(
                known=known, of=of, known_money=NOTHING if not left else pounds(100 * known), of_money=left
            ),
        }
    )


def nothing_lent() -> MoneyPath:
    boxes = {name: getattr(sample.path(), name) for name in MoneyPath.model_fields}
    return MoneyPath(**boxes | {code: movement(code, 0, 0) for code in ("lent", "outstanding")})


def headings(given: PortfolioStatement) -> dict[str, str]:
    return {one.code: one.heading.text for one in portfolio.compose(given).sections}


def standfirst(**facts: Any) -> str:
    return portfolio.compose(sample.portfolio(**facts)).standfirst.text


def answered(**facts: Any) -> dict[str, tuple[str, str]]:
    given = sample.portfolio(**facts)
    items = trustees.answers(given, portfolio.bundle_of(given)).items
    return {item.question: (item.mark, item.said.text) for item in items}


NONE: Fraction = Fraction(0)


@pytest.mark.parametrize(
    ("statuses", "known", "said"),
    [
        (NOBODY_HAS_TIME_LEFT, 3, "No loan is more than 90 days overdue."),
        (ONE_IS_SILENT, 3, "No loan is known to be more than 90 days overdue."),
        (ONE_IS_SILENT, 2, "No loan is known to be more than 90 days overdue (for 2 of 3 loans)."),
        (("on-time", "not-due"), 2, "No loan is known to be more than 90 days overdue (for 2 of 3 loans)."),
        (NOBODY_HAS_FILED, 0, "No loan is known to be more than 90 days overdue (for 0 of 3 loans)."),
    ],
)
def test_a_silent_lenders_loans_are_not_said_to_be_paid_to_date(
    statuses: Sequence[ReturnStatus], known: int, said: str
) -> None:
    told = standfirst(proof=filed(*statuses), arrears=arrears(NONE, NONE, known))
    assert told.endswith(said)


@pytest.mark.parametrize(
    ("statuses", "told", "said"),
    [
        (NOBODY_HAS_TIME_LEFT, arrears(NONE, NONE), "No loan is more than 30 days overdue; "),
        (
            ONE_IS_SILENT,
            arrears(NONE, NONE, 2),
            "No loan is known to be more than 30 days overdue (from 1 of 2 returns, for 2 of 3 loans); ",
        ),
        (
            ONE_IS_SILENT,
            arrears(Fraction(1, 8), NONE),
            "Loans more than 30 days overdue hold 12.5% of principal (from 1 of 2 returns); ",
        ),
        (NOBODY_HAS_TIME_LEFT, arrears(None, None, 0, 0), "Nothing is outstanding, so nothing is overdue; "),
        (NOBODY_HAS_FILED, arrears(None, None, 0, 0), "No loan is known to be outstanding (from 0 of 1 return); "),
    ],
)
def test_the_page_on_credit_says_which_returns_it_is_told_from(
    statuses: Sequence[ReturnStatus], told: Arrears, said: str
) -> None:
    """What was lost is told behind it, though nothing is outstanding any more: all may have been lost."""
    found = headings(sample.portfolio(proof=filed(*statuses), arrears=told))["credit"]
    assert found.startswith(f"{said}the bank has written off £85,000 ")


LOST_LEVELS = [
    (0, 0, "nothing has been written off", "nothing is known to have been written off"),
    (900, 0, "£900 has been written off", "£900 has been written off"),
    (
        0,
        700,
        "the bank has written off £700, lenders nothing",
        "the bank has written off £700, lenders nothing that is",
    ),
    (900, 700, "the bank has written off £700, lenders £900", "the bank has written off £700, lenders £900"),
]


@pytest.mark.parametrize(("onward", "own", "said", "while_one_is_silent"), LOST_LEVELS)
def test_what_the_bank_itself_wrote_off_is_never_told_as_nothing(
    onward: int, own: int, said: str, while_one_is_silent: str
) -> None:
    sums = {"onward_written_off": onward, "onward_recovered": 0, "bank_written_off": own, "bank_recovered": 0}
    codes = {"bank_written_off": "written_off"}
    lost = sample.losses().model_copy(
        update={name: movement(codes.get(name, name), 0, amount) for name, amount in sums.items()}
    )
    for statuses, words in ((NOBODY_HAS_TIME_LEFT, said), (ONE_IS_SILENT, while_one_is_silent)):
        found = headings(sample.portfolio(losses=lost, proof=filed(*statuses)))["credit"]
        assert words in found
        assert (" that is known of" in found) == ("nothing that is" in words)


def impact_said(**facts: Any) -> Document:
    return impact.compose(sample.impact(**facts))


@pytest.mark.parametrize(
    ("statuses", "lost", "said"),
    [
        (NOBODY_HAS_TIME_LEFT, 0, "None of what was lent on has been written off"),
        (ONE_IS_SILENT, 0, "None of what was lent on is known to have been written off (from 1 of 2 returns)"),
        (NOBODY_HAS_TIME_LEFT, 900, "Lenders wrote off £900"),
    ],
)
def test_the_impact_statement_tells_of_lenders_losses_alone(
    statuses: Sequence[ReturnStatus], lost: int, said: str
) -> None:
    """The bank's own loss of £85,000 is in its figures all the same, so nothing is not what was written off."""
    boxes = {"onward_written_off": lost, "onward_recovered": 0}
    losses = sample.losses().model_copy(update={code: movement(code, 0, sum_) for code, sum_ in boxes.items()})
    told = impact_said(losses=losses, proof=filed(*statuses))
    assert {one.code: one.heading.text for one in told.sections}["losses"] == said


@pytest.mark.parametrize(
    ("statuses", "mark", "said"),
    [
        ((), "yes", "Every book balances; there is no facility to tie"),
        (NOBODY_HAS_TIME_LEFT, "yes", "Every facility ties to its intermediary's own book"),
        (NOBODY_HAS_FILED, "watch", "Every book balances; no facility has a return to tie"),
        (("missing", "missing"), "watch", "Every book balances; no facility has a return to tie"),
        (ONE_IS_SILENT, "watch", "One of two facilities ties; one has no return to tie"),
        (
            (*["on-time"] * 8, "missing"),
            "watch",
            "Eight of nine facilities tie; one has no return to tie",
        ),
        (
            ("on-time", "on-time", "missing", "not-due"),
            "watch",
            "Two of four facilities tie; two have no return to tie",
        ),
    ],
)
def test_a_facility_without_a_return_is_not_said_to_tie(statuses: Sequence[ReturnStatus], mark: str, said: str) -> None:
    proof = filed(*statuses)
    assert findings.ties_finding(Bundle(tables=closing.tables(proof)), proof).text == said
    assert answered(proof=proof)["Well governed?"] == (mark, f"{said}. Both limits in force hold.")


def test_a_return_that_was_filed_and_not_accepted_ties_nothing() -> None:
    """It came in time, but nothing of it is in the books yet."""
    proof = filed("on-time", "on-time").model_copy(update={"ties_checked": 1})
    said = findings.ties_finding(Bundle(tables=closing.tables(proof)), proof).text
    assert said.startswith("One of two facilities ties")


@pytest.mark.parametrize(
    ("statuses", "boxes", "said"),
    [
        (NOBODY_HAS_TIME_LEFT, (0, 0), "None of the bank's money had been lent on by the end of the quarter."),
        (
            NOBODY_HAS_FILED,
            (0, 0),
            "None of the bank's money is known to have been lent on by the end of the quarter (from 0 of 1 return).",
        ),
        (NOBODY_HAS_TIME_LEFT, (5, 0), "Onward lending stood still in the quarter."),
        (ONE_IS_SILENT, (5, 0), "No change in onward lending is known of in the quarter (from 1 of 2 returns)."),
        (ONE_IS_SILENT, (5, 3), "Lending to the front line grew by £3 in the quarter (from 1 of 2 returns)."),
    ],
)
def test_lending_that_was_not_reported_is_not_said_to_stand_still(
    statuses: Sequence[ReturnStatus], boxes: tuple[int, int], said: str
) -> None:
    bundle = Bundle(movements=(movement("lent", *boxes),), tables=closing.tables(filed(*statuses)))
    assert findings.lending_change(bundle).text == said


def test_before_any_return_no_heading_says_that_nothing_was_lent() -> None:
    given = sample.portfolio(
        proof=filed(*NOBODY_HAS_FILED),
        path=nothing_lent(),
        onward=sample.empty_onward(),
        judged=sample_pages.empty_judged(),
    )
    document = portfolio.compose(given)
    assert (
        document.headline.text
        == "73p of every pound in the bank is signed; none is known to have reached the front line yet"
    )
    assert trustees.answers(given, portfolio.bundle_of(given)).items[2].said.text == (
        "None of the bank's money is known to have been lent on (from 0 of 1 return)."
    )
    told = impact_said(
        lent=movement("lent", 0, 0), proof=filed(*NOBODY_HAS_FILED), onward=sample.empty_onward(), answers=()
    )
    assert told.headline.text == "None of the bank's money is known to have been lent on (from 0 of 1 return)"
    assert told.standfirst.text.endswith("The one return due is missing.")
    (table,) = (block for block in told.cover if isinstance(block, Tabulated))
    assert table.empty == "No onward loan is known to have been drawn yet."


def test_a_loan_of_others_money_alone_is_not_said_not_to_have_been_made() -> None:
    """An onward loan may be drawn to which the bank gave nothing."""
    told = impact_said(lent=movement("lent", 0, 0), loans=figure("loans", 1), proof=filed("on-time"))
    assert told.headline.text == "None of the bank's money has been lent on"


def test_organisations_are_in_at_least_as_many_areas_as_are_known() -> None:
    whole = filed(*NOBODY_HAS_TIME_LEFT)
    dark = figure("places", 118, Coverage(known=300, of=407))
    assert impact_said(proof=whole).headline.text == (
        "361 organisations in 118 areas have borrowed £14.7m of the bank's money"
    )
    assert impact_said(proof=whole, places=dark).headline.text.startswith(
        "361 organisations in at least 118 areas have"
    )
    none = figure("places", 0, Coverage(known=0, of=407))
    assert impact_said(proof=whole, places=none).headline.text.startswith("361 organisations have borrowed")


def unknown(**facts: Any) -> tuple[str, list[str]]:
    given = sample.impact(**facts)
    section = reach.unknown(given, impact.bundle_of(given))
    pair = section.blocks[0]
    told = getattr(pair, "left")  # noqa: B009 -- a pair or a block: whichever has a left side
    return section.heading.text, [one.text for one in told.said]


def test_questions_that_nobody_was_asked_are_not_said_to_be_answered() -> None:
    unasked = tuple(
        one.model_copy(update={"answered": 0, "not_known": 0, "not_applicable": 0, "blank": 0})
        for one in sample.impact().answers
    )
    heading, said = unknown(answers=unasked, onward=sample.empty_onward(), proof=filed("on-time"))
    assert heading == "What we do not know: nothing has been reported yet"
    assert said == ["No return has told of a loan yet, so nothing has been answered."]


def test_a_silent_lender_is_the_first_of_what_is_not_known() -> None:
    _, said = unknown(proof=filed(*ONE_IS_SILENT))
    assert said[0] == (
        "One of two returns for the quarter is not accepted: of its loans only what was told before is known."
    )
    _, whole = unknown(proof=filed(*NOBODY_HAS_TIME_LEFT))
    assert whole == said[1:]


@pytest.mark.parametrize(
    ("statuses", "of_loans", "of_all"),
    [
        (NOBODY_HAS_TIME_LEFT, "No loan is outstanding.", "No loan has been made yet."),
        (NOBODY_HAS_FILED, "No loan is known to be outstanding.", "No loan is known of yet."),
    ],
)
def test_loans_that_were_all_lost_are_not_said_never_to_have_been_made(
    statuses: Sequence[ReturnStatus], of_loans: str, of_all: str
) -> None:
    bundle, none = Bundle(tables=closing.tables(filed(*statuses))), Coverage(known=0, of=0)
    assert pictures.covered_note("arrears", none, bundle, "From returns that cover").text == of_loans
    assert pictures.covered_note("region", none, bundle).text == of_all


def test_what_stands_for_a_missing_return_is_nothing_where_there_never_was_one() -> None:
    assert closing.missing_note(filed(*NOBODY_HAS_FILED)).endswith("where none was ever accepted, nothing does.")
    assert closing.missing_note(filed("on-time")) == ""


def test_what_the_quarter_changed_says_from_how_many_returns_it_is_told() -> None:
    def changed(*statuses: ReturnStatus) -> list[str]:
        given = sample.portfolio(proof=filed(*statuses))
        return [one.text for one in trustees.changes(given, portfolio.bundle_of(given))]

    assert any("Loans over 30 days late hold 8.3% of principal" in one for one in changed())
    assert changed(*ONE_IS_SILENT) == [*changed(*NOBODY_HAS_TIME_LEFT), "Lending is told from 1 of 2 returns."]


@pytest.mark.parametrize(
    ("statuses", "said"),
    [
        (NOBODY_HAS_TIME_LEFT, "No loan is over 30 days late, as before."),
        (ONE_IS_SILENT, "No loan is known to be over 30 days late, as before."),
    ],
)
def test_no_part_of_principal_is_told_as_no_loan(statuses: Sequence[ReturnStatus], said: str) -> None:
    history = tuple(
        one.model_copy(update={"amounts": (one.amounts[0], *([NOTHING] * 4))}) for one in sample.arrears().history
    )
    whole = arrears(NONE, NONE, 2 + (statuses is NOBODY_HAS_TIME_LEFT))
    given = sample.portfolio(proof=filed(*statuses), arrears=whole.model_copy(update={"history": history}))
    assert said in [one.text for one in trustees.changes(given, portfolio.bundle_of(given))]


def test_every_number_of_what_a_sentence_rests_on_is_noted() -> None:
    bundle = Bundle(movements=(movement("lent", 5, 3),), tables=closing.tables(filed(*ONE_IS_SILENT)))
    said = findings.lending_change(bundle, Money(0))
    assert [(one.reference, one.text) for one in said.prints] == [
        ("lent.closing - lent.opening", "£3"),
        ("checks.all.ties", "1"),
        ("rows returns", "2"),
    ]
