"""The portfolio statement: the trustees' questions, where the money is, how it does, what holds it, what proves it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from reports.document import BigFigures, Block, Document, Listing, Pair, Said, Section, Tabulated
from reports.figures import Coverage, Figure, Table
from reports.statements import (
    accounts,
    adequacy,
    bounds,
    closing,
    commitments,
    credit,
    findings,
    holdings,
    path,
    pictures,
    quality,
    tables,
    trustees,
)
from reports.statements.inputs import Breakdown
from reports.statements.portfolio_inputs import PortfolioStatement
from reports.statements.telling import Bundle, prints_in, prints_of

TITLE: Final = "Portfolio statement"


def compose(given: PortfolioStatement) -> Document:
    """The whole document: every number in it comes from `given` and nowhere else."""
    bundle = bundle_of(given)
    cover, pages = _cover(given, bundle), _pages(given, bundle)
    shown: tuple[Block | Pair, ...] = (*cover, *(block for page in pages for block in page.blocks))
    prints = (*prints_in(cover), *prints_of(pages))
    return bundle.bind(
        kind="portfolio",
        title=TITLE,
        issue=given.issue,
        headline=findings.portfolio_headline(bundle),
        standfirst=findings.portfolio_standfirst(bundle, given.lent_late),
        cover=cover,
        sections=(*pages, closing.definitions_section(bundle, given.issue, shown, prints, new_page=True)),
        measures=closing.measures_carried(bundle),
    )


def bundle_of(given: PortfolioStatement) -> Bundle:
    """Everything that the statement's sentences are told from."""
    losses = given.losses
    lost = (losses.onward_written_off, losses.onward_recovered, losses.bank_written_off, losses.bank_recovered)
    return Bundle(
        figures=_figures(given),
        movements=(*given.path.boxes(), *given.movements, *lost),
        series=given.history,
        tables=(
            tables.movements(given.path.boxes()),
            tables.movements(given.movements, "further", "Further boxes", drawn=False),
            tables.movements(lost, "losses", "Losses"),
            tables.allocations(given.allocations, given.allocations_provenance),
            *(tables.breakdown(one) for one in _breakdowns(given)),
            *tables.unplaced(given.onward.deprivation),
            tables.coverages(_coverages(given), given.arrears.provenance),
            tables.buckets(given.arrears),
            tables.at_risk(given.arrears),
            tables.arrears_history(given.arrears),
            path.path_table(given.path.boxes()),
            *path.headroom_table(given.liquidity),
            *_page_tables(given),
            *closing.tables(given.proof),
        ),
    )


def _figures(given: PortfolioStatement) -> tuple[Figure, ...]:
    arrears, held, judged = given.arrears, given.bounds, given.judged
    return (
        *given.liquidity,
        arrears.overdue,
        arrears.at_risk_30,
        arrears.at_risk_90,
        arrears.at_risk_30_restructured,
        arrears.at_risk_90_restructured,
        given.commitments.co_in_principle,
        given.commitments.co_signed,
        given.commitments.co_drawn,
        given.undrawn_over_a_year,
        *given.holdings.figures,
        held.cover,
        held.intermediation,
        held.days_to_money,
        *given.quality.breaks,
        judged.organisations,
        judged.deprived,
        judged.moved,
    )


def _breakdowns(given: PortfolioStatement) -> tuple[Breakdown, ...]:
    onward, judged = given.onward, given.judged
    return (
        onward.outcome_areas,
        onward.nations,
        onward.regions,
        *onward.deprivation,
        judged.eligibility,
        judged.asset_locks,
    )


def _coverages(given: PortfolioStatement) -> dict[str, Coverage]:
    return {one.code: one.coverage for one in _breakdowns(given)} | {"arrears": given.arrears.coverage}


def _page_tables(given: PortfolioStatement) -> Iterable[Table]:
    undrawn = next(box for box in given.movements if box.code == "undrawn")
    return (
        *adequacy.tables(given.adequacy),
        *commitments.tables(given.commitments, given.path, undrawn),
        *holdings.tables(given.holdings),
        *bounds.tables(given.bounds, given.liquidity),
        *credit.tables(given.stages),
        *quality.tables(given.quality),
        *trustees.tables(given),
        *accounts.tables(given.accounts),
    )


def _cover(given: PortfolioStatement, bundle: Bundle) -> tuple[Block | Pair, ...]:
    boxes, history = given.path, given.history
    return (
        BigFigures(
            items=(
                pictures.big(boxes.received, "Received to date", history, bundle),
                pictures.big(boxes.signed, "Signed", history, bundle),
                pictures.big(boxes.drawn, "Drawn", history, bundle),
                pictures.big(boxes.lent, "At the front line", history, bundle),
            )
        ),
        trustees.answers(given, bundle),
        Pair(
            left=Listing(
                heading="For trustees to decide or note", said=trustees.decisions(given, bundle), numbered=True
            ),
            right=Listing(heading="What the quarter changed", said=trustees.changes(given, bundle)),
            equal=True,
        ),
    )


def _pages(given: PortfolioStatement, bundle: Bundle) -> tuple[Section, ...]:
    return (
        _path(given, bundle),
        adequacy.section(given.adequacy, bundle),
        commitments.section(given.commitments, given.allocations, given.path, given.issue.quarter, bundle),
        holdings.section(given.holdings, bundle),
        bounds.section(given.bounds, bundle),
        _front_line(given, bundle),
        credit.section(given.stages, given.arrears, bundle),
        quality.section(given.quality, given.proof, bundle),
        quality.restated_section(given.quality.restated, bundle, given.proof),
        accounts.section(given.accounts, bundle),
        accounts.ties(bundle, given.proof),
    )


def _path(given: PortfolioStatement, bundle: Bundle) -> Section:
    return Section(
        code="path",
        heading=findings.path_finding(bundle),
        blocks=(
            *path.money_path(given.path, bundle),
            Tabulated(
                heading="The quarter, box by box",
                caption="What each box held at the quarter's start, what came in and went out, and what it holds now; "
                "to date, £ thousand",
                table=bundle.tables["movements"],
                note=_known_otherwise(given),
                small=True,
            ),
        ),
        new_page=True,
    )


def _known_otherwise(given: PortfolioStatement) -> Said:
    """Which boxes' amounts at the start are not what an earlier statement showed, or not what is known now.

    A quarter that is closed for good takes in nothing more: what is recorded of it later falls in a later quarter's
    books, and what is known of it now is told where figures are restated.
    """
    boxes = {box.code: box for box in given.path.boxes()}
    restated = [(boxes[one.code], one.known) for one in given.quality.restated.lines if one.code in boxes]
    if not restated:
        return Said()
    quarter = given.quality.restated.quarter
    later = [box.measure.title for box, known in restated if known != box.opening]
    moved = [box.measure.title for box, known in restated if known == box.opening]
    told = (
        f"What was recorded of {quarter} after its books were closed falls in this quarter: by what is known now, "
        f"another amount stood then in: {'; '.join(later)}."
        if later
        else "",
        f"The statement for {quarter} showed another amount, since corrected, in: {'; '.join(moved)}." if moved else "",
    )
    return Said(text=" ".join((*filter(None, told), "See the figures restated, with their causes.")))


def _front_line(given: PortfolioStatement, bundle: Bundle) -> Section:
    onward = given.onward
    return Section(
        code="front-line",
        heading=findings.places_finding(bundle, onward.regions, onward.deprivation),
        blocks=(
            pictures.bars(onward.outcome_areas, bundle, "By outcome area"),
            *pictures.places_in_short(onward, bundle),
            pictures.bars(given.judged.eligibility, bundle, "Whether the borrower is shown to be social"),
            pictures.bars(given.judged.asset_locks, bundle, "Whether what the borrower owns is locked to its purpose"),
        ),
        new_page=True,
    )
