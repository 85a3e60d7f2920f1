"""What statements say in the less usual states of the books: nothing that is so is called unknown, nor nought."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from ledger.money import NOTHING
from reports.document import Chart, Tabulated
from reports.drawing import width_of
from reports.figures import Coverage
from reports.rounding import row_texts
from reports.statements import bounds, findings, impact, portfolio, reach
from reports.statements.inputs import AllocationLine, Breakdown, IndicatorLine, Proof
from reports.statements.portfolio_inputs import PortfolioStatement
from reports.statements.telling import charts_in
from tests.reports import sample, sample_pages
from tests.reports.sample_parts import figure, pounds, source
from tests.reports.test_pages import answered, headings, indicator, said_of_impact


def bullets_of(*lines: IndicatorLine) -> Chart:
    given = sample.impact(indicators=lines)
    return charts_in(reach.progress(given, impact.bundle_of(given)).blocks)[0]


def test_an_indicator_that_is_to_stay_has_no_way_to_go_and_its_part_of_it_is_not_called_unknown() -> None:
    chart = bullets_of(indicator(45, 45, 40), indicator(0, 10, 5))
    assert "\N{EN DASH}" in chart.svg
    assert "not known" not in chart.svg
    assert [one.text for one in chart.prints] == ["45", "45", "40", "0", "10", "5", "50%"]


def test_the_numbers_of_a_bullet_never_run_into_each_other_and_none_stands_on_its_name() -> None:
    chart = bullets_of(indicator(-120_000_000, 1_250_000_000, -119_000_000), indicator(-10, -5, -12))
    tree = ET.fromstring(chart.svg)  # noqa: S314 -- a drawing of our own
    rows: dict[str, list[tuple[Fraction, Fraction]]] = {}
    for text in tree.iter("{http://www.w3.org/2000/svg}text"):
        long, x = width_of(text.text or "", int(text.attrib["font-size"])), Fraction(text.attrib["x"])
        rows.setdefault(text.attrib["y"], []).append((x - long, x) if "text-anchor" in text.attrib else (x, x + long))
    for spans in rows.values():
        assert all(end <= start for (_, end), (start, _) in pairwise(sorted(spans)))
    names = max(end for spans in rows.values() if len(spans) == 5 for _, end in [min(spans)])
    boxes = [Fraction(mark.attrib["x"]) for mark in tree.iter("{http://www.w3.org/2000/svg}rect")]
    assert min(boxes) >= names


def none_due() -> Proof:
    return Proof(books=(), provenance=source())


def theirs_alone(given: Breakdown) -> Breakdown:
    slices = tuple(part.model_copy(update={"ours": NOTHING}) for part in given.slices)
    coverage = given.coverage.model_copy(update={"known_money": NOTHING, "of_money": NOTHING})
    return given.model_copy(update={"slices": slices, "coverage": coverage})


def test_where_there_is_co_investors_money_alone_it_is_said_and_nothing_is_called_unknown() -> None:
    still, onward = sample.movement("lent", 0, 0), sample.onward()
    judged = sample_pages.judged(
        eligibility=theirs_alone(sample_pages.judged().eligibility),
        asset_locks=theirs_alone(sample_pages.judged().asset_locks),
        deprived=figure("deprived_half", None),
    )
    told = onward.model_copy(
        update={
            "regions": theirs_alone(onward.regions),
            "outcome_areas": theirs_alone(onward.outcome_areas),
            "beneficiary_groups": theirs_alone(onward.beneficiary_groups),
            "deprivation": tuple(map(theirs_alone, onward.deprivation)),
        }
    )
    given = sample.portfolio(
        path=sample.path().model_copy(update={"lent": still}), onward=told, judged=judged, proof=none_due()
    )
    answers = answered(given)
    assert answers["Social impact?"] == (
        "yes",
        (
            "361 organisations have borrowed, co-investors' money alone. 67% of like-for-like indicators have moved "
            "towards their target (298 of 407 loans)."
        ),
    )
    assert answers["True to its objects?"] == (
        "watch",
        "300 of 407 onward loans are to bodies shown to be social; none of the bank's money is in any.",
    )
    assert headings(given)["front-line"] == "None of the bank's money has been lent on"
    document = portfolio.compose(given)
    said = " ".join(
        one.text for page in document.sections for block in page.blocks for one in getattr(block, "said", ())
    )
    assert "The place is known of 360 of 377 onward loans." in said
    assert "not known of the money" not in document.model_dump_json()
    bare = tuple(
        one.model_copy(update={"coverage": Coverage(known=1, of=1, known_money=NOTHING, of_money=NOTHING)})
        for one in sample.impact().borrowers
    )
    table = impact.bundle_of(sample.impact(borrowers=bare)).tables["borrowers"]
    assert {row_texts(table, row)[-1] for row in table.rows} == {"none lent"}
    groups = said_of_impact(lent=still, onward=told, proof=none_due())
    assert groups["groups"] == groups["places"] == "None of the bank's money has been lent on"


def costs_of(*lines: bounds.CostLine) -> tuple[list[tuple[Any, ...]], str]:
    given = sample_pages.bounds(costs=lines)
    bundle = portfolio.bundle_of(sample.portfolio(bounds=given))
    (block,) = (
        one for one in bounds.section(given, bundle).blocks if isinstance(one, Tabulated) and one.table.code == "costs"
    )
    return [row.cells for row in block.table.rows], block.empty


def test_what_the_bank_itself_charged_is_no_cost_of_lending_through_others() -> None:
    line = bounds.CostLine(key="a", name="A", drawn=pounds(1_000), charged=pounds(25), costs=pounds(5), held=pounds(70))
    assert costs_of(line)[0] == [("A", pounds(1_000), pounds(5), Fraction(5, 1_000), pounds(25), pounds(70))]


def test_a_lender_left_over_alone_keeps_its_name_and_drawing_is_not_denied_for_want_of_costs() -> None:
    still = bounds.CostLine(key="a", name="Lent it all", drawn=pounds(100), costs=NOTHING, held=NOTHING)
    holds = bounds.CostLine(key="b", name="Holds some", drawn=pounds(300), costs=NOTHING, held=pounds(290))
    assert [cells[0] for cells in costs_of(holds, still)[0]] == ["Holds some", "Lent it all"]
    more = still.model_copy(update={"key": "c"})
    assert [cells[0] for cells in costs_of(holds, still, more)[0]] == ["Holds some", "2 others"]
    none = "No intermediary has met any costs from what it drew, and none holds cash of it."
    assert costs_of(still) == ([], none)
    assert costs_of() == ([], "No intermediary has drawn yet.")


def test_a_multiple_of_nothing_paid_in_is_none_as_its_yield_is_and_not_unknown() -> None:
    line = sample_pages.holding("int_1", "A", 0, 0, 0, None, 200)
    given = sample.portfolio(
        holdings=sample_pages.holdings(whole=line.model_copy(update={"key": "all"}), intermediaries=(line,))
    )
    table = portfolio.bundle_of(given).tables["by-intermediary"]
    assert table.total is not None
    for row in (*table.rows, table.total):
        assert row_texts(table, row)[-4:] == ("none", "none", "none", "none*")


def test_the_return_that_is_missing_is_named_with_its_quarter_and_of_several_facilities_with_that() -> None:
    lines = sample.allocations()
    (missing,) = (line for line in lines if line.return_status == "missing")

    def said(*more: AllocationLine) -> set[str]:
        page = next(
            one
            for one in portfolio.compose(sample.portfolio(allocations=(*lines, *more))).sections
            if one.code == "commitments"
        )
        return {block.heading for block in page.blocks if isinstance(block, Tabulated)}

    alone = f"By facility: {missing.intermediary} has filed no return for 2012Q4"
    assert alone in said()
    other = lines[0].model_copy(update={"facility": "fac_x", "intermediary": missing.intermediary})
    assert f"{alone} under {missing.product}" in said(other)


def test_a_box_whose_start_is_known_otherwise_says_where_its_two_amounts_are_told() -> None:
    """What was recorded of a quarter after its books were closed is in the next; what is known now is restated."""

    def note(known: int) -> str:
        line = sample_pages.restatements().lines[0].model_copy(update={"known": pounds(known)})
        restated = sample_pages.restatements(lines=(line,))
        given = sample.portfolio(quality=sample_pages.quality(restated=restated))
        blocks = portfolio.compose(given).sections[0].blocks
        return next(one.note.text for one in blocks if isinstance(one, Tabulated))

    opening = sample.path().outstanding.opening.pence // 100
    assert note(opening + 1_000) == (
        "What was recorded of 2012Q3 after its books were closed falls in this quarter: by what is known now, another "
        "amount stood then in: Outstanding with borrowers. See the figures restated, with their causes."
    )
    assert note(opening) == (
        "The statement for 2012Q3 showed another amount, since corrected, in: Outstanding with borrowers. See the "
        "figures restated, with their causes."
    )
    calm = sample.portfolio(quality=sample_pages.quality(restated=sample_pages.no_restatements()))
    blocks = portfolio.compose(calm).sections[0].blocks
    assert [one.note.text for one in blocks if isinstance(one, Tabulated)] == [""]


def sound_heading(given: PortfolioStatement) -> str:
    """What the heading on arrears says of what is overdue and lost."""
    return findings.arrears_finding(portfolio.bundle_of(given)).text


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (0, ""),
        (4, "; 40.0% of principal is on changed terms"),
        (10, "; all principal outstanding is on changed terms"),
    ],
)
def test_the_heading_on_arrears_does_not_hide_what_is_on_changed_terms(changed: int, said: str) -> None:
    arrears = sample.arrears()
    sound = {"loans": 0, "outstanding": NOTHING, "restructured": NOTHING}
    buckets = (
        arrears.buckets[0].model_copy(update={"outstanding": pounds(10), "restructured": pounds(changed)}),
        *(one.model_copy(update=sound) for one in arrears.buckets[1:]),
    )
    given = arrears.model_copy(
        update={
            "buckets": buckets,
            "at_risk_30": figure("at_risk_30", Fraction(0)),
            "at_risk_90": figure("at_risk_90", Fraction(0)),
        }
    )
    without = sound_heading(sample.portfolio(arrears=given))
    assert headings(sample.portfolio(arrears=given))["credit"] == without + said


def test_where_more_questions_are_hardly_answered_than_are_listed_it_is_said() -> None:
    one = sample.impact().answers[0]
    few = tuple(one.model_copy(update={"field": f"f{at}", "answered": 1, "blank": 300}) for at in range(9))
    for lines, there in ((few, True), (few[:6], False)):
        given = sample.impact(answers=lines)
        assert ("These are the six questions" in str(reach.unknown(given, impact.bundle_of(given)).blocks)) is there


def test_the_median_between_two_bands_is_in_neither_of_them() -> None:
    sizes = sample.sliced("size", "Size", "", ("low", "Up to £10,000", 1, 1, 0), ("high", "Over £250,000", 1, 1, 0))
    page = next(one for one in impact.compose(sample.impact(sizes=sizes)).sections if one.code == "borrowers")
    (chart,) = charts_in(page.blocks)
    assert chart.subtitle.endswith("all lenders together; median £24,500, half way between two bands")
    assert "median £24,500</text>" not in chart.svg
    assert "#12436D" not in chart.svg


def test_a_share_of_loans_is_of_those_of_which_it_is_known() -> None:
    assert said_of_impact()["borrowers"] == (
        "Of the loans of which it is known (298 of 407), 57% went to organisations that a bank had turned down"
    )
    first = tuple(one for one in sample.impact().borrowers if one.code != "declined")
    assert said_of_impact(borrowers=first)["borrowers"] == (
        "Of the loans of which it is known (298 of 407), 45% went to organisations that had never borrowed before"
    )


def test_people_are_said_to_be_counted_for_each_loan() -> None:
    page = impact.compose(sample.impact()).sections[0]
    assert "What loans report is: whoever two of them reach is counted twice." in page.lead.text
