"""What statements say of lenders and facilities that are too many to be shown one by one: nothing is taken as read."""

from __future__ import annotations

import json
from typing import Final

import pytest

from ledger.money import NOTHING, Money
from reports.attached import WITHHELD
from reports.document import Chart, Document, Said, Tabulated
from reports.plots import State
from reports.statements import impact, portfolio, public, trustees
from reports.statements.inputs import AllocationLine, ReturnLine, ReturnStatus
from reports.statements.portfolio_inputs import PortfolioStatement
from reports.statements.public_inputs import PublicStatement
from reports.statements.quality import LenderQuarters
from reports.statements.telling import charts_in, flat
from reports.typeset import pdf
from reports.unaided import checks
from reports.verify import verify
from tests.reports import sample, sample_pages, sample_public
from tests.reports.reading import strangers
from tests.reports.sample_parts import pounds

MANY: Final = 30


def many(*told: tuple[ReturnStatus, int], promised: int = 100_000) -> tuple[AllocationLine, ...]:
    """So many facilities of each state of the return, a lender each, as they are gathered: the largest first."""
    states = [state for state, number in told for _ in range(number)]
    return tuple(
        AllocationLine(
            facility=f"fac_{at:02d}",
            intermediary=f"Lender {at:02d}",
            product="Senior loan facility",
            in_principle=pounds(promised - at),
            signed=pounds(promised - at),
            drawn=pounds(1_000),
            undrawn=pounds(promised - at - 1_000),
            repaid=NOTHING,
            outstanding=pounds(1_000),
            written_off=NOTHING,
            return_status=state,
            return_filed_on=sample.AS_AT if state in {"on-time", "late"} else None,
        )
        for at, state in enumerate(states)
    )


def lenders(*told: tuple[State, int]) -> tuple[LenderQuarters, ...]:
    """So many lenders of each state in the last of four quarters; on time in all before it."""
    states = [state for state, number in told for _ in range(number)]
    return tuple(
        LenderQuarters(key=f"int_{at:02d}", name=f"Lender {at:02d}", states=("none", "on-time", "on-time", state))
        for at, state in enumerate(states)
    )


def statement(lines: tuple[AllocationLine, ...], *strips: LenderQuarters) -> PortfolioStatement:
    """The sample with these facilities, their returns and the lenders' quarters."""
    returns = tuple(
        ReturnLine(
            facility=line.facility,
            intermediary=line.intermediary,
            due_on=sample.AS_AT,
            status=line.return_status,
            filed_on=line.return_filed_on,
            accepted_on=line.return_filed_on,
            loans=None,
        )
        for line in lines
    )
    return sample.portfolio(
        allocations=lines,
        quality=sample_pages.quality(lenders=strips),
        proof=sample.proof().model_copy(update={"returns": returns}),
    )


def who_filed(*told: tuple[State, int]) -> Chart:
    given = sample.portfolio(quality=sample_pages.quality(lenders=lenders(*told)))
    page = next(one for one in portfolio.compose(given).sections if one.code == "returns")
    return next(one for one in charts_in(page.blocks) if one.heading.startswith("Who filed when"))


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ([("on-time", 30)], "10 lenders that filed everything on time in these quarters are not drawn."),
        ([("on-time", 21)], "1 lender that filed everything on time in these quarters is not drawn."),
        ([("missing", 30)], "10 lenders are not drawn: of 10 a return is missing."),
        ([("late", 30)], "10 lenders are not drawn: 10 filed late."),
        ([("missing", 21)], "1 lender is not drawn: of one a return is missing."),
        (
            [("late", 5), ("missing", 25)],
            "10 lenders are not drawn: of five a return is missing and five more filed late.",
        ),
        (
            [("on-time", 3), ("late", 4), ("missing", 23)],
            (
                "10 lenders are not drawn: of three a return is missing and four more filed late; all others filed "
                "everything on time."
            ),
        ),
        (
            [("on-time", 5), ("late", 25)],
            "10 lenders are not drawn: five filed late; all others filed everything on time.",
        ),
        ([("on-time", 20)], ""),
    ],
)
def test_of_lenders_that_are_not_drawn_it_is_said_how_many_were_late_or_filed_nothing(
    told: list[tuple[State, int]], said: str
) -> None:
    chart = who_filed(*told)
    assert chart.note.text.endswith(said)
    assert ("not drawn" in chart.note.text) is bool(said)
    assert ("each lender" in chart.heading) is not bool(said)


def test_whoever_filed_nothing_is_drawn_before_whoever_was_late_and_these_before_the_rest() -> None:
    rows = lenders(("on-time", 12), ("late", 12), ("missing", 6))
    twice = rows[12].model_copy(update={"states": ("late", "late", "late", "late")})
    given = sample.portfolio(quality=sample_pages.quality(lenders=(*rows[:12], twice, *rows[13:])))
    page = next(one for one in portfolio.compose(given).sections if one.code == "returns")
    chart = charts_in(page.blocks)[0]
    drawn = [name for name in (f"Lender {at:02d}" for at in range(MANY)) if f">{name}<" in chart.svg]
    assert drawn == ["Lender 00", "Lender 01", *(f"Lender {at}" for at in range(12, 30))]
    order = [chart.svg.index(f">Lender {at}<") for at in (24, 29, 12, 13)]
    assert order == sorted(order)


def test_a_return_that_is_not_due_yet_is_not_told_by_the_colour_of_one_that_came_on_time() -> None:
    assert "Palest: not due yet." in who_filed(("not-due", 2), ("on-time", 2)).subtitle
    assert "Palest" not in who_filed(("on-time", 2)).subtitle


@pytest.mark.parametrize(
    ("told", "filed", "whole", "mark"),
    [
        ([("missing", 30)], "0 of 6", "0 of 30", "warn"),
        ([("missing", 24), ("on-time", 6)], "6 of 6", "6 of 30", ""),
        ([("on-time", 26), ("late", 2), ("missing", 1), ("not-due", 1)], "4 of 5", "28 of 29", "warn"),
        ([("on-time", 24), ("not-due", 6)], "not due", "24 of 24", ""),
        ([("not-due", 30)], "not due", "not due", ""),
    ],
)
def test_in_the_row_of_the_other_facilities_it_is_told_how_many_of_their_returns_were_filed(
    told: list[tuple[ReturnStatus, int]], filed: str, whole: str, mark: str
) -> None:
    table = portfolio.bundle_of(statement(many(*told))).tables["allocations"]
    assert table.total is not None
    last = table.rows[-1]
    assert (last.cells[0], last.cells[-1], table.total.cells[-1], last.mark) == (
        "6 smaller facilities",
        filed,
        whole,
        mark,
    )


def test_facilities_as_large_as_those_shown_are_not_called_smaller_and_one_alone_keeps_its_name() -> None:
    alike = tuple(line.model_copy(update={"in_principle": pounds(5)}) for line in many(("missing", 30)))
    assert portfolio.bundle_of(statement(alike)).tables["allocations"].rows[-1].cells[0] == "6 other facilities"
    table = portfolio.bundle_of(statement(many(("missing", 25)))).tables["allocations"]
    assert [row.cells[0] for row in table.rows][-2:] == ["Lender 23", "Lender 24"]
    assert {row.cells[-1] for row in table.rows} == {"missing"}


def to_decide(given: PortfolioStatement) -> list[Said]:
    return list(trustees.decisions(given, portfolio.bundle_of(given)))


def test_trustees_are_told_of_every_lender_that_filed_nothing_and_may_draw() -> None:
    (all_, *_) = to_decide(statement(many(("missing", 30))))
    undrawn = Money.total(line.undrawn for line in many(("missing", 30)))
    assert all_.text == (
        "Decide: whether Lender 00, Lender 01 and 28 others may draw again before their returns are filed; £3.0m is "
        "undrawn."
    )
    bundle = portfolio.bundle_of(statement(many(("missing", 30))))
    assert [bundle.worth(one.reference) for one in all_.prints] == [28, undrawn]
    three = to_decide(statement(many(("missing", 3))))[0].text
    assert three.startswith("Decide: whether Lender 00, Lender 01 and one other may draw again before their returns ")


def test_a_lender_that_may_draw_is_asked_about_where_its_facility_has_no_row_of_its_own() -> None:
    assert to_decide(statement(many(("on-time", 29), ("missing", 1))))[0].text == (
        "Decide: whether Lender 29 may draw again before its return is filed; £98,971 is undrawn."
    )
    assert to_decide(statement(many(("on-time", 28), ("missing", 2))))[0].text == (
        "Decide: whether Lender 28 and Lender 29 may draw again before their returns are filed; £197,943 is undrawn."
    )
    none = tuple(line.model_copy(update={"undrawn": NOTHING}) for line in many(("missing", 30)))
    assert not any("may draw" in one.text for one in to_decide(statement(none)))


def test_every_limit_that_is_breached_is_counted_and_no_point_is_left_out_for_want_of_room() -> None:
    limit = sample_pages.bounds().limits[0]
    breached = tuple(
        limit.model_copy(update={"key": f"lim_{at}", "title": f"limit {at}", "within": False}) for at in range(4)
    )
    given = statement(many(("missing", 2))).model_copy(update={"bounds": sample_pages.bounds(limits=breached)})
    said = [one.text for one in to_decide(given)]
    assert said[:2] == [
        "Decide: whether Lender 00 and Lender 01 may draw again before their returns are filed; £197,999 is undrawn.",
        "Decide: what to do about the limits on limit 0, limit 1 and two others, which are breached.",
    ]
    assert [one.split(" ")[0] for one in said[2:]] == ["Decide:", "Note:", "Note:", "Note:"]
    both = given.model_copy(update={"bounds": sample_pages.bounds(limits=breached[:2])})
    assert [one.text for one in to_decide(both)][1] == (
        "Decide: what to do about the limits on limit 0 and limit 1, which are breached."
    )


@pytest.mark.parametrize(
    ("number", "promised", "note"),
    [
        (30, 1, "10 smaller intermediaries are in the total alone."),
        (30, 0, "10 other intermediaries are in the total alone."),
        (21, 1, ""),
    ],
)
def test_intermediaries_in_the_total_alone_are_called_smaller_only_where_they_are(
    number: int, promised: int, note: str
) -> None:
    lines = tuple(
        sample_pages.holding(f"int_{at}", f"Lender {at}", 100, 0, 100, None, 200 - at * promised)
        for at in range(number)
    )
    given = sample.portfolio(holdings=sample_pages.holdings(intermediaries=lines))
    page = next(one for one in portfolio.compose(given).sections if one.code == "holdings")
    (block,) = (one for one in flat(page.blocks) if isinstance(one, Tabulated) and one.table.code == "by-intermediary")
    assert block.note.text == note
    assert len(block.table.rows) == (20 if note else number)


def test_where_some_facilities_share_a_row_the_public_is_not_told_that_each_has_its_own() -> None:
    house = sample_public.house()

    def heading(lines: tuple[AllocationLine, ...]) -> str:
        told = house.model_copy(update={"facilities": lines, "facilities_withheld": 0})
        given = PublicStatement(
            issue=sample.issue(form="public", fewest=5), lending=sample_public.lending(), house=told
        )
        document = public.compose("portfolio", given)
        return next(one for one in document.sections if one.code == "facilities").heading.text

    lines = tuple(line for line in house.facilities if line.facility != WITHHELD)
    assert heading(lines) == "Each facility, with its own sums"
    assert heading(many(("not-due", 30))) == "Facilities, the small ones together"


def test_where_people_are_counted_in_more_ways_than_are_drawn_the_drawing_does_not_speak_of_each() -> None:
    one = sample.impact().people[0]

    def drawn(units: int) -> Chart:
        lines = tuple(
            one.model_copy(update={"code": f"p{at}", "label": f"Area {at}", "unit": f"unit {at}", "loans": 9 - at})
            for at in range(units)
        )
        page = impact.compose(sample.impact(people=lines)).sections[0]
        return charts_in(page.blocks)[0]

    assert drawn(3).heading == "Who was reached, in each way of counting"
    assert drawn(4).heading == "Who was reached, in the three ways of counting that most loans use"
    assert "Area 2" in drawn(4).svg
    assert "Area 3" not in drawn(4).svg


@pytest.fixture(scope="module")
def crowded() -> tuple[Document, bytes]:
    """Thirty lenders of whom some are late and most filed nothing, with as many points as there can be."""
    limit = sample_pages.bounds().limits[0]
    breached = tuple(
        limit.model_copy(update={"key": f"lim_{at}", "title": f"risk lim_{at}", "within": False}) for at in range(3)
    )
    lines = many(("on-time", 2), ("missing", 24), ("late", 2), ("not-due", 2))
    strips = lenders(("on-time", 2), ("missing", 24), ("late", 2), ("not-due", 2))
    given = statement(lines, *strips).model_copy(update={"bounds": sample_pages.bounds(limits=breached)})
    document = portfolio.compose(given)
    return document, pdf.render(document)


def test_a_statement_of_many_lenders_holds_by_both_checks_and_tells_every_figure(
    crowded: tuple[Document, bytes],
) -> None:
    document, blob = crowded
    assert verify(blob).faults == ()
    assert checks.Found(blob, []).faults == []
    assert strangers(blob, json.loads(document.data), document)[1] == []
