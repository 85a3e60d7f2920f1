"""What each page of the portfolio statement says, on every turn its rules can take."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from ledger.dates import Quarter
from ledger.money import NOTHING, Money
from reports.document import Chart, Document
from reports.drawing import width_of
from reports.figures import Coverage
from reports.rounding import read_digits, row_texts
from reports.statements import (
    adequacy,
    bounds,
    impact,
    path,
    pictures,
    portfolio,
    quality,
    reach,
    reach_tables,
    trustees,
)
from reports.statements.credit import BEGAN_IMPAIRED
from reports.statements.inputs import IndicatorLine, Losses, MoneyPath, Proof
from reports.statements.portfolio_inputs import PortfolioStatement
from reports.statements.quality import Restated
from reports.statements.telling import charts_in
from tests.reports import sample, sample_pages
from tests.reports.sample_parts import figure, movement, pounds, source


def headings(given: PortfolioStatement) -> dict[str, str]:
    return {one.code: one.heading.text for one in portfolio.compose(given).sections}


def answered(given: PortfolioStatement) -> dict[str, tuple[str, str]]:
    items = trustees.answers(given, portfolio.bundle_of(given)).items
    return {item.question: (item.mark, item.said.text) for item in items}


def decided(given: PortfolioStatement) -> list[str]:
    return [one.text for one in trustees.decisions(given, portfolio.bundle_of(given))]


def test_the_five_questions_are_answered_in_their_order_from_the_figures() -> None:
    assert answered(sample.portfolio()) == {
        "Well governed?": (
            "watch",
            "One facility does not tie to the intermediary's own book. Both limits in force hold.",
        ),
        "On plan?": (
            "watch",
            (
                "The one scenario that must hold does, for as long as it must. £1.03 has come back or is left of each "
                "£1 paid in. £8.4m has waited over a year to be drawn."
            ),
        ),
        "Social impact?": (
            "yes",
            (
                "361 organisations are known to have borrowed £14.7m. 72% of England's placed "
                "money is in the most deprived half of its areas (known for 320 of 331 loans). 67% of like-for-like "
                "indicators have moved towards their target (298 of 407 loans)."
            ),
        ),
        "Transparent?": (
            "watch",
            (
                "One of eight returns is missing and one came late. 2 figures shown before are restated here, each "
                "with its cause."
            ),
        ),
        "True to its objects?": (
            "watch",
            (
                "300 of 407 onward loans are to bodies shown to be social, 74.9% of the money. 61% of the money is "
                "with bodies whose assets are locked to their purpose."
            ),
        ),
    }


def crooked() -> Proof:
    proof = sample.proof()
    return proof.model_copy(update={"books": (proof.books[0].model_copy(update={"credits": NOTHING}),)})


def broken() -> adequacy.Adequacy:
    line = sample_pages.adequacy().stress[0]
    return sample_pages.adequacy(stress=(line.model_copy(update={"holds": False, "bank_cash": Quarter(2013, 2)}),))


KEPT = "39p of every pound received is kept back for reclaims"
BREACHED = sample_pages.bounds(limits=(sample_pages.limit("lim_1", pounds(9), pounds(8), within=False),))


@pytest.mark.parametrize(
    ("question", "facts", "mark"),
    [
        ("Well governed?", {"proof": Proof(books=(), provenance=source())}, "yes"),
        ("Well governed?", {"proof": crooked()}, "no"),
        ("Well governed?", {"proof": Proof(books=(), provenance=source()), "bounds": BREACHED}, "watch"),
        ("On plan?", {"undrawn_over_a_year": figure("undrawn_over_a_year", NOTHING)}, "yes"),
        ("On plan?", {"adequacy": broken()}, "no"),
        ("On plan?", {"liquidity": (figure("headroom", pounds(-1)),)}, "no"),
        ("Social impact?", {"judged": sample_pages.judged(moved=figure("moved_on", None))}, "watch"),
        ("Transparent?", {"proof": Proof(books=(), provenance=source())}, "yes"),
        ("True to its objects?", {"judged": sample_pages.empty_judged()}, "not known"),
    ],
)
def test_a_mark_follows_from_the_figures(question: str, facts: dict[str, Any], mark: str) -> None:
    assert answered(sample.portfolio(**facts))[question][0] == mark


def on_plan(worth: str | None, stress: adequacy.Adequacy) -> tuple[str, str]:
    told = (figure("tvpi", None if worth is None else Decimal(worth)), figure("xirr", None))
    nothing = figure("undrawn_over_a_year", NOTHING)
    given = sample.portfolio(holdings=sample_pages.holdings(figures=told), adequacy=stress, undrawn_over_a_year=nothing)
    return answered(given)["On plan?"]


def test_a_bank_that_lost_money_or_has_no_scenario_to_hold_is_not_said_to_be_on_plan() -> None:
    must, shown, none = scenarios((4, False)), scenarios((0, False)), scenarios()
    holds = "The one scenario that must hold does, for as long as it must."
    lacks = "No scenario that must hold is approved."
    assert on_plan("1.00", must) == ("yes", f"{holds} £1.00 has come back or is left of each £1 paid in.")
    assert on_plan("0.87", must) == ("watch", f"{holds} £0.87 has come back or is left of each £1 paid in.")
    assert on_plan("0.9991", must) == (
        "watch",
        f"{holds} Just under £1.00 has come back or is left of each £1 paid in.",
    )
    assert on_plan("1.2", shown) == ("not known", f"{lacks} £1.20 has come back or is left of each £1 paid in.")
    assert on_plan("0.5", none) == ("watch", f"{lacks} £0.50 has come back or is left of each £1 paid in.")
    assert on_plan(None, none) == ("not known", f"{lacks} Nothing has been paid out under a facility yet.")
    two = scenarios((4, False), (2, True))
    assert on_plan("1.1", two)[1].startswith("Every scenario that must hold does, for as long as it must.")


def changed(**facts: Any) -> list[str]:
    given = sample.portfolio(**facts)
    return [one.text for one in trustees.changes(given, portfolio.bundle_of(given))]


def moved(**boxes: tuple[int, int, int]) -> list[str]:
    """What is said where only these boxes moved: what each held, what came in and what went out."""
    path_ = {name: movement(name, 0, 0) for name in MoneyPath.model_fields}
    path_ |= {name: movement(name, *boxes[name]) for name in path_.keys() & boxes.keys()}
    further = [movement(name, *boxes.get(name, (0, 0, 0))) for name in ("repaid", "undrawn", "cash")]
    lost = {
        name: movement(code, *boxes.get(code, (0, 0, 0)))
        for name, code in (
            ("onward_written_off", "onward_written_off"),
            ("onward_recovered", "onward_recovered"),
            ("bank_written_off", "written_off"),
            ("bank_recovered", "bank_recovered"),
        )
    }
    return changed(
        path=MoneyPath(**path_),
        movements=tuple(further),
        losses=Losses(**lost),
        arrears=sample.arrears().model_copy(update={"history": ()}),
        proof=Proof(books=(), provenance=source()),
    )


@pytest.mark.parametrize(
    ("boxes", "said"),
    [
        ({"received": (9, 0, 2)}, ["What had come in from dormant accounts fell by £2."]),
        ({"in_principle": (9, 0, 4)}, ["What is committed in principle fell by £4."]),
        (
            {"signed": (9, 0, 4), "drawn": (9, 0, 1)},
            ["What is signed fell by £4.", "What intermediaries drew fell by £1."],
        ),
        ({"lent": (9, 0, 3)}, ["What was lent to the front line fell by £3."]),
        ({"outstanding": (9, 1, 3)}, ["What borrowers owe of the bank's money fell by £2."]),
        ({"onward_written_off": (9, 0, 3)}, ["What lenders wrote off fell by £3."]),
        ({"repaid": (0, 5, 0), "drawn": (9, 0, 0)}, ["Intermediaries repaid £5."]),
        ({"repaid": (0, 5, 0), "drawn": (0, 9, 0)}, ["Intermediaries drew £9 more and repaid £5."]),
        (
            {"repaid": (5, 0, 1), "drawn": (0, 9, 0)},
            ["Intermediaries drew £9 more.", "What intermediaries repaid fell by £1."],
        ),
        ({"written_off": (0, 5, 0)}, ["The bank wrote £5 off."]),
        ({"written_off": (0, 5, 0), "onward_written_off": (0, 7, 0)}, ["The bank wrote £5 off, and lenders £7."]),
        ({"cash": (0, 5, 0)}, ["Nothing was received, signed, drawn, repaid, lent on or written off in the quarter."]),
        ({}, ["Nothing moved in the quarter."]),
    ],
)
def test_what_fell_in_the_quarter_is_told_as_well_as_what_rose(
    boxes: dict[str, tuple[int, int, int]], said: list[str]
) -> None:
    assert moved(**boxes) == said


def test_money_that_came_in_and_was_taken_back_is_told_so_on_the_path() -> None:
    path_ = {name: getattr(sample.path(), name) for name in MoneyPath.model_fields}
    fell = MoneyPath(**path_ | {"received": movement("received", 9, 0, 2)})
    assert headings(sample.portfolio(path=fell))["path"] == (
        "What had come in from dormant accounts fell by £2 this quarter; £37.6m is kept back for reclaims"
    )
    none = MoneyPath(**path_ | {"received": movement("received", 0, 0)})
    assert headings(sample.portfolio(path=none))["path"] == "No dormant money has come in"


def test_before_any_lending_the_questions_say_what_is_not_known() -> None:
    marks = {question: mark for question, (mark, _) in answered(sample.empty_portfolio()).items()}
    assert marks["Social impact?"] == marks["True to its objects?"] == "not known"


def test_trustees_are_told_of_what_is_missing_and_of_commitments_beyond_cash() -> None:
    said = decided(sample.portfolio(liquidity=(figure("headroom", pounds(-2_000_000)),), bounds=BREACHED))
    assert said[0].startswith("Decide: whether Cymru Enterprise Guarantee may draw again")
    assert said[1] == "Decide: what to do about the limit on risk lim_1, which is breached."
    assert said[2] == "Decide: whether to keep open the £8.4m that was signed over a year ago and is not drawn."
    assert said[3] == "Decide: headroom is \N{MINUS SIGN}£2.0m; commitments and the reserve exceed cash and treasury."


def test_whether_a_lender_may_draw_is_asked_only_where_something_is_undrawn_and_of_which_facility() -> None:
    given = sample.portfolio()
    missing = next(line for line in given.allocations if line.return_status == "missing")
    other = missing.model_copy(update={"facility": "fac_other", "name": "A second loan", "return_status": "on-time",
                                       "return_filed_on": sample.AS_AT})  # fmt: skip
    both = (missing.model_copy(update={"name": "A first loan"}), other)
    said = decided(sample.portfolio(allocations=both))[0]
    assert said.startswith(f"Decide: whether {missing.intermediary} may draw again under A first loan before its ")
    drawn = missing.model_copy(update={"undrawn": NOTHING})
    assert not any("may draw again" in one for one in decided(sample.portfolio(allocations=(drawn,))))


def test_when_there_is_nothing_to_decide_trustees_are_told_so() -> None:
    nothing = {"undrawn_over_a_year": figure("undrawn_over_a_year", NOTHING), "liquidity": ()}
    given = sample.portfolio(allocations=(), proof=Proof(books=(), provenance=source()), **nothing)
    assert decided(given) == ["Note: nothing this quarter calls for a decision."]


@pytest.mark.parametrize(
    ("stress", "said"),
    [
        ((), KEPT),
        (
            (0,),
            f"{KEPT}; every scenario leaves the fund and the bank standing",
        ),
    ],
)
def test_what_is_said_of_the_reserve(stress: tuple[int, ...], said: str) -> None:
    lines = tuple(sample_pages.adequacy().stress[at] for at in stress)
    assert headings(sample.portfolio(adequacy=sample_pages.adequacy(stress=lines)))["adequacy"] == said


def scenarios(*lines: tuple[int, bool]) -> adequacy.Adequacy:
    """For how many quarters each must hold, and whether it would break the bank after them."""
    one = sample_pages.adequacy().stress[0]
    return sample_pages.adequacy(
        stress=tuple(
            one.model_copy(update={"must_hold": must, "bank_cash": Quarter(2015, 1) if breaks else None})
            for must, breaks in lines
        )
    )


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (((4, True),), "the one scenario would break the fund or bank, but not while it must hold"),
        (((0, True),), "the one scenario would break the fund or bank, but need not hold"),
        (
            ((4, True), (0, False), (0, False)),
            "one of three scenarios would break the fund or bank, but not while it must hold",
        ),
        (
            ((4, True), (0, True), (0, True)),
            "all three scenarios would break the fund or bank, but none while it must hold",
        ),
        (((4, True), (8, True)), "both scenarios would break the fund or bank, but none while"),
        (
            ((4, False), (0, True), (0, True)),
            "two of three scenarios would break the fund or bank, but need not hold",
        ),
        (((4, False), (0, False)), "every scenario leaves the fund and the bank standing"),
    ],
)
def test_a_scenario_that_must_hold_for_a_time_is_not_said_to_be_free_to_fail(
    lines: tuple[tuple[int, bool], ...], said: str
) -> None:
    assert headings(sample.portfolio(adequacy=scenarios(*lines)))["adequacy"].startswith(f"{KEPT}; {said}")


def test_a_scenario_that_must_hold_and_does_not_is_said_first_of_all() -> None:
    assert headings(sample.portfolio(adequacy=broken()))["adequacy"].endswith("a scenario that must hold does not")


def test_a_breached_limit_makes_the_heading_and_its_row_is_marked() -> None:
    given = sample.portfolio(bounds=BREACHED)
    assert headings(given)["limits"] == "The one limit in force is breached"
    assert [row.mark for row in portfolio.bundle_of(given).tables["limits"].rows] == ["warn"]


def test_a_limit_on_what_is_not_known_is_never_within_and_shows_no_figure() -> None:
    dark = sample_pages.limit("lim_9", None, Fraction(3, 10), within=False)
    (row,) = bounds.tables(sample_pages.bounds(limits=(dark,)), ())[0].rows
    assert row.cells[2:] == ("not known", "at most 0.3 times", None, "breached")


@pytest.mark.parametrize(
    ("tvpi", "xirr", "said"),
    [
        (None, None, "Nothing has been paid out under a facility yet"),
        (Decimal("0.9"), None, "£0.90 has come back or is left of each £1 paid in"),
        (
            Decimal("1.2"),
            Decimal("-0.0123"),
            "£1.20 has come back or is left of each £1 paid in: a yield of \N{MINUS SIGN}1.2% a year",
        ),
    ],
)
def test_what_is_said_of_the_holdings(tvpi: Decimal | None, xirr: Decimal | None, said: str) -> None:
    told = (figure("dpi", None), figure("rvpi", None), figure("tvpi", tvpi), figure("xirr", xirr))
    assert headings(sample.portfolio(holdings=sample_pages.holdings(figures=told)))["holdings"] == said


def test_a_line_without_a_yield_says_why() -> None:
    text = portfolio.compose(sample.portfolio()).data.decode()
    assert '"none*"' in text
    blocks = next(one for one in portfolio.compose(sample.portfolio()).sections if one.code == "holdings").blocks
    assert "* No yield. Guarantee: more than one rate balances these flows." in str(blocks)


def test_a_quarter_that_cost_more_than_it_earned_is_told_by_its_size() -> None:
    lost = sample_pages.accounts(income=(sample_pages.line("result", "Result", -1_200_000, -5, total=True),))
    assert headings(sample.portfolio(accounts=lost))["accounts"].startswith(
        "The quarter cost £1.2m more than it earned;"
    )


def test_restated_figures_stand_with_their_change_and_the_return_that_caused_it() -> None:
    table = quality.tables(sample_pages.quality())[1]
    assert [row.cells for row in table.rows] == [
        ("Outstanding with borrowers", "9,975,300.00", "10,020,300.00", "+45,000.00", "[1]"),
        ("At risk, more than 30 days", "8.3%", "9.1%", "+0.8 points", "[1]"),
    ]


@pytest.mark.parametrize(
    ("moved", "said"),
    [
        (Fraction(0), ""),
        (Fraction(1, 100), "+1.0 points"),
        (Fraction(-1, 100), "\N{MINUS SIGN}1.0 points"),
        (Fraction(1, 10_000), "under 0.1 points up"),
        (Fraction(-1, 10_000), "under 0.1 points down"),
        (Fraction(-99_999, 100_000), "over 99.9 points down"),
    ],
)
def test_a_share_restated_by_less_than_is_printed_is_told_in_words(moved: Fraction, said: str) -> None:
    first, second = Fraction(moved < 0), Fraction(moved < 0) + moved
    line = Restated(code="at_risk_30", title="At risk", unit="share", shown=first, known=second, causes=(1,))
    told = sample_pages.quality(restated=sample_pages.restatements(lines=(line,)))
    assert quality.tables(told)[1].rows[0].cells[3] == said


def test_match_is_shown_beside_the_banks_own_at_every_stage() -> None:
    table = portfolio.bundle_of(sample.portfolio()).tables["stages"]
    rows = {row.key: row.cells[1:] for row in table.rows}
    assert rows["in-principle"] == (pounds(34_200_000), pounds(24_000_000), pounds(58_200_000), Fraction(240, 342))
    assert rows["signed"] == (pounds(29_600_000), pounds(22_200_000), pounds(51_800_000), Fraction(222, 296))
    assert rows["undrawn"][1] == pounds(5_700_000)


def test_stages_now_are_the_sums_of_where_they_came_from() -> None:
    told = portfolio.bundle_of(sample.portfolio()).tables
    for place, row in enumerate(told["credit-stages"].rows, start=1):
        came = [one.cells[place] for one in told["stage-migration"].rows]
        assert row.cells[2] == Money.total(amount for amount in came if isinstance(amount, Money))


def test_what_began_impaired_has_a_row_and_a_column_of_its_own_only_where_there_is_any() -> None:
    told = portfolio.bundle_of(sample.portfolio()).tables
    assert told["credit-stages"].rows[-1].cells[:3] == ("3: began impaired", 1, pounds(250_000))
    assert told["stage-migration"].columns[-1].title == "Began impaired now"
    given = sample_pages.stages()
    sound = tuple(one for one in given.moved if BEGAN_IMPAIRED not in {one.was, one.now})
    without = given.model_copy(update={"moved": sound, "allowances": (*given.allowances[:3], NOTHING)})
    found = portfolio.bundle_of(sample.portfolio(stages=without)).tables
    assert [row.key for row in found["credit-stages"].rows] == ["stage-1", "stage-2", "stage-3"]
    assert [column.code for column in found["stage-migration"].columns] == ["was", "to-1", "to-2", "to-3"]
    ended = given.model_copy(update={"moved": (given.moved[-1].model_copy(update={"was": 3}),)})
    blocks = [block for page in portfolio.compose(sample.portfolio(stages=ended)).sections for block in page.blocks]
    assert "Nothing fell to a worse stage" in {chart.heading for chart in charts_in(blocks)}


def test_many_facilities_and_lenders_are_folded_and_the_totals_still_add() -> None:
    lines = tuple(line.model_copy(update={"facility": f"fac_{at}"}) for at, line in enumerate(sample.allocations() * 6))
    table = portfolio.bundle_of(sample.portfolio(allocations=lines)).tables["allocations"]
    assert len(table.rows) == 25
    assert table.rows[-1].cells[0] == "24 other facilities"  # as large as those shown
    assert table.total is not None
    assert table.total.cells[3] == Money.total(line.signed for line in lines)
    assert table.total.cells[-1] == "42 of 48"


def test_every_chart_links_to_the_figures_behind_it(portfolio_document: Document) -> None:
    charts = charts_in([block for page in portfolio_document.sections for block in page.blocks])
    assert len(charts) >= 12
    assert all(chart.behind for chart in charts)


def said_of_impact(**facts: Any) -> dict[str, str]:
    return {one.code: one.heading.text for one in impact.compose(sample.impact(**facts)).sections}


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (0, "No indicator can be set against its target yet"),
        (1, "Jobs sustained 26 weeks has come 71% of the way to its target"),
        (3, "Indicators have come between 71% and 86% of the way to their targets"),
    ],
)
def test_what_is_said_of_indicators(number: int, said: str) -> None:
    assert said_of_impact(indicators=sample.impact().indicators[:number])["progress"] == said


@pytest.mark.parametrize(
    ("three", "said"),
    [
        ((10, 5, 7), "Calls has come 60% of the way to its target"),
        ((10, 5, 4), "Calls has come 120% of the way to its target"),
        ((10, 5, 12), "Calls stands further from its target than where it began"),
        ((10, 0, 5), "Calls has come 50% of the way to its target"),
        ((-10, -5, -7), "Calls has come 60% of the way to its target"),
        ((90, 100, 90), "Calls stands where it began"),
        ((90, 100, 95), "Calls has come 50% of the way to its target"),
        ((45, 45, 40), "No indicator can be set against its target yet"),
        ((None, 5, 4), "No indicator can be set against its target yet"),
        ((0, 0, 0), "No indicator can be set against its target yet"),
    ],
)
def test_an_indicator_is_told_by_the_way_it_has_come_and_not_by_what_it_began_with(
    three: tuple[int | None, ...], said: str
) -> None:
    values = dict(zip(("baseline", "target", "actual"), three, strict=True))
    line = (
        sample.impact()
        .indicators[0]
        .model_copy(
            update={"indicator": "Calls"}
            | {code: None if one is None else Decimal(one) for code, one in values.items()}
        )
    )
    assert said_of_impact(indicators=(line,))["progress"] == said


def indicator(baseline: int, target: int, actual: int) -> IndicatorLine:
    values = {"baseline": Decimal(baseline), "target": Decimal(target), "actual": Decimal(actual)}
    return sample.impact().indicators[0].model_copy(update=values)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (
            (indicator(0, 10, 7), indicator(10, 5, 12)),
            (
                "Indicators have come at most 70% of the way to their targets, and not every one is nearer than "
                "where it began"
            ),
        ),
        ((indicator(90, 100, 90), indicator(10, 5, 12)), "No indicator stands nearer its target than where it began"),
        ((indicator(0, 10, 5), indicator(10, 0, 5)), "Indicators have come 50% of the way to their targets"),
    ],
)
def test_of_indicators_none_is_said_to_be_reached_that_went_the_other_way(
    lines: tuple[IndicatorLine, ...], said: str
) -> None:
    assert said_of_impact(indicators=lines)["progress"] == said


def test_what_is_least_known_is_told_first_and_what_is_never_asked_is_told_too() -> None:
    few = sample.impact().answers[0].model_copy(update={"answered": 10, "blank": 200})
    document = impact.compose(sample.impact(answers=(few, *sample.impact().answers[1:])))
    page = next(one for one in document.sections if one.code == "unknown")
    assert (
        page.heading.text == "What we do not know: one of three questions is answered for fewer than two loans in three"
    )
    assert "People reached: answered for 4% of the loans it applies to; 200 left it blank." in str(page.blocks)
    assert "Whether a place is rural or urban" in str(page.blocks)


def test_the_funded_share_stands_beside_the_gross_claim_with_what_it_rests_on() -> None:
    table = impact.bundle_of(sample.impact()).tables["people"]
    assert [column.title for column in table.columns[2:5]] == ["People reached", "Our funded share", "Rests on, loans"]
    assert table.rows[0].cells[2:5] == (7340, 5138, "298 of 407")


def test_the_median_loan_lies_in_the_dark_band_of_the_histogram() -> None:
    page = next(one for one in impact.compose(sample.impact()).sections if one.code == "borrowers")
    (chart,) = charts_in(page.blocks)
    assert "median £24,500" in chart.svg
    assert chart.svg.count("#12436D") == 1


def test_people_are_drawn_area_by_area_with_the_ways_of_counting_side_by_side() -> None:
    given = sample.impact()
    visits = given.people[0].model_copy(update={"unit": "Visits", "people": 9_000, "loans": 1, "code": "more"})
    told = sample.impact(people=(*given.people, visits))
    (chart,) = reach.people(told, impact.bundle_of(told))
    texts = ["".join(mark.itertext()) for mark in ET.fromstring(chart.svg).iter() if mark.tag.endswith("text")]  # noqa: S314
    areas = [text for text in texts if text in {line.label for line in told.people}]
    assert areas == [
        "Employment, training and education", "Mental health and well-being", "Housing and local facilities",
    ]  # fmt: skip
    assert texts.count("none told") == 3 * 3 - len(told.people)
    assert {one.text for one in chart.prints} == {"7,340", "2,260", "1,214", "9,000"}
    many = tuple(visits.model_copy(update={"code": f"c{at}"}) for at in range(reach.MOST_LINES + 1))
    for none in ((), many):
        some = sample.impact(people=none)
        assert reach.people(some, impact.bundle_of(some)) == (), "the tables leave no room for it, or are empty"


def test_what_shows_an_indicator_is_drawn_by_how_strong_it_is() -> None:
    given = sample.impact()
    blocks = reach.progress(given, impact.bundle_of(given)).blocks
    (chart,) = (one for one in charts_in(blocks) if "evidence" in one.heading)
    assert (
        "checked: by somebody else; recorded: the borrower keeps records; told: the borrower says so" in chart.subtitle
    )
    assert "studied" not in chart.svg
    assert [one.text for one in chart.prints] == ["40", "21", "298", "22", "298", "12", "298"]


def test_each_way_of_counting_people_stands_in_a_table_of_its_own_and_no_line_is_lost() -> None:
    given = sample.impact()
    first = given.people[0]
    visits = first.model_copy(update={"unit": "Visits", "people": 9_000, "loans": 1})
    bundle = impact.bundle_of(sample.impact(people=(*given.people, visits)))
    units = reach_tables.people_units((*given.people, visits))
    assert units[-1].heading == "Visits"
    tables = [bundle.tables[one.code] for one in units]
    told = [
        (one.heading, row.cells[0], row.cells[1])
        for one, table in zip(units, tables, strict=True)
        for row in table.rows
    ]
    assert sorted(told) == sorted((line.unit, line.label, line.people) for line in (*given.people, visits))
    for table in tables:
        people = [row.cells[1] for row in table.rows]
        assert people == sorted(people, key=lambda one: -int(str(one)))
    assert reach_tables.people_by_unit((), given.people_provenance)[0].rows == ()


def test_bars_are_ranked_with_what_is_not_known_last_and_their_total_under_a_rule() -> None:
    given = sample.impact()
    chart = pictures.bars(given.onward.outcome_areas, impact.bundle_of(given), "By outcome area")
    assert isinstance(chart, Chart)
    told = [part for part in given.onward.outcome_areas.slices if part.kind == "known" and part.loans]
    ranked = sorted(told, key=lambda part: -(part.ours + part.others).pence)
    places = [chart.svg.rindex(f">{part.label}<") for part in ranked]
    assert places == sorted(places)
    whole = [one.text for one in chart.prints if ".total." in one.reference]
    assert len(whole) == 3
    assert all(f">{text}<" in chart.svg[max(places) :] for text in ("All", *whole))


def test_what_is_overdue_is_drawn_without_what_is_paid_to_date_and_adds_up() -> None:
    given = sample.portfolio()
    table = portfolio.bundle_of(given).tables["arrears-history"]
    for row in table.rows:
        read = dict(zip((column.code for column in table.columns), row_texts(table, row), strict=True))
        parts = [read_digits(read[code]) for code in ("1-30", "31-60", "61-90", "over-90")]
        assert sum(parts) == read_digits(read["late"])
    page = next(one for one in portfolio.compose(given).sections if one.code == "credit")
    assert "Paid to date" not in charts_in(page.blocks)[0].svg


def test_the_questions_that_fewest_loans_answer_come_first_and_no_others() -> None:
    lines = sample.impact().answers
    few = [
        lines[0].model_copy(update={"field": f"f{at}", "answered": at, "blank": 20 - at}) for at in range(20, -1, -1)
    ]
    told = sample_pages.quality(answers=tuple(few))
    sound = told.model_copy(update={"restated": told.restated.model_copy(update={"lines": ()})})
    for given, most in ((sound, quality.LEAST), (told, quality.LEAST_BESIDE)):
        assert [one.field for one in quality.least_answered(given)] == [f"f{at}" for at in range(most)]


def test_the_path_is_drawn_in_two_scales() -> None:
    given = sample.portfolio()
    into, out = path.money_path(given.path, portfolio.bundle_of(given))
    assert "Subscribed to the bank" in into.svg
    assert "Committed in principle" not in into.svg
    assert "Outstanding with borrowers" in out.svg


def beyond(svg: str) -> list[str]:
    """The texts of a drawing that do not end within it, by nine tenths of the widths that are reckoned with."""
    tree = ET.fromstring(svg)  # noqa: S314 -- a drawing of our own
    wide = Fraction(tree.attrib["viewBox"].split()[2])
    found = []
    for text in tree.iter("{http://www.w3.org/2000/svg}text"):
        long = width_of(text.text or "", int(text.attrib["font-size"])) * Fraction(9, 10)
        before = {"start": Fraction(0), "middle": long / 2, "end": long}[text.get("text-anchor", "start")]
        left = Fraction(text.attrib["x"]) - before
        if left < -4 or left + long > wide + 4:
            found.append(text.text or "")
    return found


def test_no_text_of_a_drawing_runs_out_of_it(impact_document: Document, long_portfolio_document: Document) -> None:
    lent_again = sample.path().model_copy(update={"lent": sample.movement("lent", 33_000_000, 1_000_000)})
    again = portfolio.compose(sample.portfolio(path=lent_again))
    drawn = [
        chart.svg
        for document in (impact_document, long_portfolio_document, again)
        for chart in charts_in([*document.cover, *(one for page in document.sections for one in page.blocks)])
    ]
    assert sum("lent again" in svg for svg in drawn) == 2
    assert [text for svg in drawn for text in beyond(svg)] == []


def test_one_of_a_thing_is_told_as_one() -> None:
    one = Coverage(known=1, of=1, known_money=pounds(10), of_money=pounds(10))
    given = sample.portfolio()
    judged = given.judged.model_copy(
        update={
            "organisations": figure("organisations", 1),
            "eligibility": given.judged.eligibility.model_copy(update={"coverage": one}),
        }
    )
    areas = given.onward.outcome_areas.model_copy(update={"coverage": one})
    told = portfolio.compose(
        given.model_copy(update={"judged": judged, "onward": given.onward.model_copy(update={"outcome_areas": areas})})
    )
    said = str(told.model_dump(exclude={"data"}))
    assert "1 organisation is known to have borrowed" in said
    assert "1 of 1 onward loan is to bodies shown to be social" in said
    assert "Known for 1 of 1 loan, 100.0% of the money." in said
    assert not re.findall(r"\b1 (?:loans|organisations|facilities|pairs|transfers)\b", said)
