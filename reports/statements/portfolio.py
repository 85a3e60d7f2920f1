"""The portfolio statement: where the money is, who owes it, how it is repaid, and what proves it."""

from __future__ import annotations

from typing import Final

from reports.document import BigFigures, Block, Document, Listing, Pair, Said, Section, Tabulated
from reports.statements import closing, findings, pictures, tables
from reports.statements.inputs import PortfolioStatement
from reports.statements.telling import Bundle

TITLE: Final = "Portfolio statement"


def compose(given: PortfolioStatement) -> Document:
    """The whole document: every number in it comes from `given` and nowhere else."""
    bundle = _bundle(given)
    return bundle.bind(
        kind="portfolio",
        title=TITLE,
        issue=given.issue,
        headline=findings.portfolio_headline(bundle),
        standfirst=findings.portfolio_standfirst(bundle),
        cover=_cover(given, bundle),
        sections=_sections(given, bundle),
        measures=closing.measures_printed(bundle),
    )


def _bundle(given: PortfolioStatement) -> Bundle:
    onward, losses, arrears = given.onward, given.losses, given.arrears
    lost = (losses.onward_written_off, losses.onward_recovered, losses.bank_written_off, losses.bank_recovered)
    boxes = (*given.path.boxes(), *given.movements, *lost)
    breakdowns = (onward.outcome_areas, onward.beneficiary_groups, onward.nations, onward.regions, *onward.deprivation)
    return Bundle(
        figures=(
            *given.liquidity,
            arrears.overdue,
            arrears.at_risk_30,
            arrears.at_risk_90,
            arrears.at_risk_30_restructured,
            arrears.at_risk_90_restructured,
        ),
        movements=boxes,
        series=given.history,
        tables=(
            tables.movements((*given.path.boxes(), *given.movements)),
            tables.movements(lost, "losses", "Losses"),
            tables.allocations(given.allocations, given.allocations_provenance),
            tables.figures(given.liquidity, "liquidity", "Cash and headroom"),
            *(tables.breakdown(one) for one in breakdowns),
            *tables.unplaced(onward.deprivation),
            tables.buckets(arrears),
            tables.at_risk(arrears),
            tables.arrears_history(arrears),
            *closing.tables(given.proof),
        ),
    )


def _cover(given: PortfolioStatement, bundle: Bundle) -> tuple[Block | Pair, ...]:
    path, history = given.path, given.history
    return (
        BigFigures(
            items=(
                pictures.big(path.received, "Received to date", history, bundle),
                pictures.big(path.signed, "Signed", history, bundle),
                pictures.big(path.drawn, "Drawn", history, bundle),
                pictures.big(path.lent, "At the front line", history, bundle),
            )
        ),
        pictures.money_path(path, bundle),
        Listing(heading="For trustees to decide or note", said=findings.for_trustees(bundle, given), numbered=True),
        closing.notes(given.issue),
    )


def _sections(given: PortfolioStatement, bundle: Bundle) -> tuple[Section, ...]:
    return (
        _path(bundle),
        _allocations(given, bundle),
        _purposes(given, bundle),
        _places(given, bundle),
        _arrears(given, bundle),
        closing.returns_section(bundle, given.proof),
        closing.ties_section(bundle, given.proof),
        closing.corrections_section(bundle, given.proof),
        closing.definitions_section(bundle),
    )


def _path(bundle: Bundle) -> Section:
    return Section(
        code="path",
        heading=findings.path_finding(bundle),
        blocks=(
            Tabulated(
                caption="What each box held at the quarter's start, what came in and went out, and what it holds now; "
                "to date, £ thousand",
                table=bundle.tables["movements"],
                small=True,
            ),
        ),
        new_page=True,
    )


def _stages(given: PortfolioStatement, bundle: Bundle) -> Block | Pair:
    liquidity = Tabulated(
        heading="What may still be committed",
        caption="On the day, £ thousand",
        table=bundle.tables["liquidity"],
        empty="The bank has no account yet.",
    )
    if not given.path.in_principle.closing:
        return liquidity
    return Pair(left=pictures.commitment_funnel(given.path, bundle), right=liquidity)


def _allocations(given: PortfolioStatement, bundle: Bundle) -> Section:
    return Section(
        code="allocations",
        heading=findings.allocations_finding(bundle, given),
        blocks=(
            _stages(given, bundle),
            Tabulated(
                heading="By facility",
                caption="To date, £ thousand; the sums are stages of the same money and are never added across",
                table=bundle.tables["allocations"],
                empty="No allocation has been approved yet.",
                small=True,
            ),
        ),
    )


def _purposes(given: PortfolioStatement, bundle: Bundle) -> Section:
    onward = given.onward
    return Section(
        code="purposes",
        heading=findings.largest_finding(
            bundle,
            onward.outcome_areas,
            "{share} of the bank's money at the front line serves two outcome areas: {inner}; {second}",
            "{share} of the bank's money at the front line serves one outcome area: {inner}",
        ),
        blocks=(
            pictures.bars(onward.outcome_areas, bundle, "By outcome area"),
            pictures.bars(onward.beneficiary_groups, bundle, "By whom it helps first"),
        ),
    )


def _places(given: PortfolioStatement, bundle: Bundle) -> Section:
    onward = given.onward
    return Section(
        code="places",
        heading=findings.places_finding(bundle, onward.regions, onward.deprivation),
        blocks=pictures.places(onward, bundle),
    )


def _arrears(given: PortfolioStatement, bundle: Bundle) -> Section:
    losses = Tabulated(
        heading="What was written off and what came back",
        caption="To date, £ thousand; a recovery never lessens what is shown as written off",
        table=bundle.tables["losses"],
    )
    outstanding = any(bucket.loans for bucket in given.arrears.buckets)
    return Section(
        code="arrears",
        heading=findings.arrears_finding(bundle),
        blocks=(*_overdue(given, bundle), losses) if outstanding or given.arrears.history else (losses,),
    )


def _overdue(given: PortfolioStatement, bundle: Bundle) -> tuple[Block | Pair, ...]:
    return (
        Pair(
            left=pictures.arrears_stack(given.arrears, bundle),
            right=Tabulated(
                heading="Principal at risk",
                caption="Whole principal of the loans concerned, as a share of all that is outstanding",
                table=bundle.tables["at-risk"],
                note=_covered(given),
            ),
        ),
        Tabulated(
            heading="By days overdue",
            caption="Onward loans on the day, the bank's share, £ thousand",
            table=bundle.tables["arrears"],
        ),
    )


def _covered(given: PortfolioStatement) -> Said:
    coverage = given.arrears.coverage
    if not coverage.of:
        return Said(text="No loan is outstanding.")
    return Said(text=f"From returns that cover {coverage.known:,} of {coverage.of:,} {coverage.what} outstanding.")
