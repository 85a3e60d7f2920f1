"""The impact statement: who was reached, for what, where, whether it made a difference, and how much of it is known."""

from __future__ import annotations

from typing import Final

from reports.document import BigFigure, BigFigures, Block, Document, Pair, Said, Section, Tabulated
from reports.figures import Figure
from reports.statements import cases, closing, findings, impact_findings, pictures, reach, reach_tables, tables
from reports.statements.inputs import ImpactStatement
from reports.statements.telling import Bundle, plural, prints_in, prints_of

TITLE: Final = "Impact statement"


def compose(given: ImpactStatement) -> Document:
    """The whole document: every number in it comes from `given` and nowhere else."""
    bundle = bundle_of(given)
    cover, pages = _cover(given, bundle), _sections(given, bundle)
    shown: tuple[Block | Pair, ...] = (*cover, *(block for page in pages for block in page.blocks))
    prints = (*prints_in(cover), *prints_of(pages))
    return bundle.bind(
        kind="impact",
        title=TITLE,
        issue=given.issue,
        headline=impact_findings.impact_headline(bundle),
        standfirst=impact_findings.impact_standfirst(bundle, given.lent_late),
        cover=cover,
        sections=(*pages, closing.definitions_section(bundle, given.issue, shown, prints)),
        measures=closing.measures_carried(bundle),
    )


def bundle_of(given: ImpactStatement) -> Bundle:
    """Everything that the statement's sentences are told from."""
    onward, losses = given.onward, given.losses
    lost = (losses.onward_written_off, losses.onward_recovered)
    breakdowns = (
        onward.outcome_areas,
        onward.beneficiary_groups,
        onward.nations,
        onward.regions,
        *onward.deprivation,
        given.legal_forms,
        given.asset_locks,
        given.purposes,
        given.sizes,
        given.vanguard,
        *((given.rural_urban,) if given.rural_urban else ()),
    )
    return Bundle(
        figures=(given.loans, given.organisations, given.places, *given.borrowers),
        movements=(given.lent, given.co_invested, *lost),
        series=given.history,
        tables=(
            *(tables.breakdown(one) for one in breakdowns),
            *tables.unplaced(onward.deprivation),
            tables.movements((given.lent, given.co_invested), "money", "Money at the front line", drawn=False),
            tables.movements(lost, "losses", "Losses"),
            tables.borrowers(given.borrowers),
            reach_tables.people(given.people, given.people_provenance),
            *reach_tables.people_by_unit(given.people, given.people_provenance),
            reach_tables.indicators(given.indicators, given.indicators_provenance),
            reach_tables.rests(given.indicators, given.indicators_provenance),
            reach_tables.shown_by(given.indicators, given.indicators_provenance),
            tables.answers(given.answers, given.answers_provenance),
            tables.answers(reach.few_answers(given), given.answers_provenance, "few-answers"),
            tables.coverages({one.code: one.coverage for one in breakdowns}, given.people_provenance),
            *cases.tables(given.cases),
            *closing.tables(given.proof),
        ),
    )


def _cover(given: ImpactStatement, bundle: Bundle) -> tuple[Block | Pair, ...]:
    return (
        BigFigures(
            items=(
                _counted(
                    given.organisations, "Organisations helped", ("with {} loan", "with {} loans"), given.loans, bundle
                ),
                _counted(
                    given.places,
                    "Local areas reached",
                    ("by {} organisation", "by {} organisations"),
                    given.organisations,
                    bundle,
                ),
                pictures.big(given.lent, "The bank's money lent", given.history, bundle),
                pictures.big(given.co_invested, "Co-investors' money", given.history, bundle),
            )
        ),
        pictures.bars(given.onward.outcome_areas, bundle, "What the money is for: by outcome area"),
    )


def _counted(figure: Figure, label: str, under: tuple[str, str], beside: Figure, bundle: Bundle) -> BigFigure:
    return BigFigure(
        label=label,
        figure=bundle.tell("{count}", count=(figure.code, "count")),
        under=bundle.tell(plural(beside.value, *under).replace("{}", "{count}"), count=(beside.code, "count")),
    )


def _sections(given: ImpactStatement, bundle: Bundle) -> tuple[Section, ...]:
    return (
        _people(given, bundle),
        reach.progress(given, bundle),
        _groups(given, bundle),
        _places(given, bundle),
        _organisations(given, bundle),
        _borrowers(given, bundle),
        cases.section(given, bundle),
        reach.unknown(given, bundle),
        _lost(bundle),
        closing.returns_in_short(bundle, given.proof),
        closing.corrections_section(bundle, given.proof),
        closing.ties_in_short(bundle, given.proof),
    )


def _people(given: ImpactStatement, bundle: Bundle) -> Section:
    return Section(
        code="people",
        heading=impact_findings.people_finding(bundle, given),
        lead=Said(
            text="These are the borrowers' own reports, each in its own unit; units are never added up. What loans "
            "report is: whoever two of them reach is counted twice. Of a loan that others share, our part is by money "
            "alone: it is no claim that our money reached that part of the people."
        ),
        blocks=(
            *reach.people(given, bundle),
            *(
                Tabulated(
                    heading=one.heading,
                    caption="As borrowers report, to date, by the outcome area that comes first",
                    table=bundle.tables[one.code],
                    empty="No return has reported people reached yet.",
                    small=True,
                )
                for one in reach_tables.people_units(given.people)
            ),
        ),
        new_page=True,
    )


def _groups(given: ImpactStatement, bundle: Bundle) -> Section:
    return Section(
        code="groups",
        heading=findings.largest_finding(
            bundle,
            given.onward.beneficiary_groups,
            "{share} of the money serves two groups first: {inner}; {second}",
            "{share} of the money serves one group first: {inner}",
        ),
        blocks=(
            pictures.bars(given.onward.beneficiary_groups, bundle, "Whom it helps first"),
            pictures.bars(given.purposes, bundle, "By what the money buys"),
        ),
        new_page=True,
    )


def _organisations(given: ImpactStatement, bundle: Bundle) -> Section:
    return Section(
        code="organisations",
        heading=findings.largest_finding(
            bundle,
            given.legal_forms,
            "{share} of the money went to two legal forms: {inner}; {second}",
            "{share} of the money went to one legal form: {inner}",
        ),
        blocks=(
            pictures.bars(given.legal_forms, bundle, "By legal form"),
            pictures.bars(given.asset_locks, bundle, "Whether what the borrower owns is locked to its purpose"),
        ),
        new_page=True,
    )


def _places(given: ImpactStatement, bundle: Bundle) -> Section:
    onward = given.onward
    return Section(
        code="places",
        heading=findings.places_finding(bundle, onward.regions, onward.deprivation),
        blocks=(
            *pictures.places(onward, bundle),
            pictures.bars(given.vanguard, bundle, "The four vanguard areas", ranked=False, aside="elsewhere"),
            *((pictures.bars(given.rural_urban, bundle, "Rural and urban"),) if given.rural_urban else ()),
        ),
        new_page=True,
    )


def _borrowers(given: ImpactStatement, bundle: Bundle) -> Section:
    return Section(
        code="borrowers",
        heading=impact_findings.borrowers_finding(bundle, given),
        blocks=(
            *reach.sizes(given, bundle),
            Tabulated(
                heading="The borrowers",
                caption="From the returns, with the number of loans that answered",
                table=bundle.tables["borrowers"],
                prints=tuple(
                    bundle.written(figure.code, tables.borrower_style(figure.measure.unit))
                    for figure in given.borrowers
                ),
                empty="No return has answered these questions yet.",
                small=True,
            ),
        ),
    )


def _lost(bundle: Bundle) -> Section:
    return Section(
        code="losses",
        heading=findings.lost_finding(bundle),
        blocks=(
            Tabulated(
                caption="Onward loans, the bank's share, £ thousand",
                table=bundle.tables["losses"],
                small=True,
            ),
        ),
    )
