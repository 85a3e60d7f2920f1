"""The tables of what lending reached: people, each way of counting apart, and indicators with what they rest on."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from reports.figures import Column, Frozen, Provenance, Row, Table
from reports.statements.inputs import IndicatorLine, PeopleReached
from reports.statements.tables import coverage_cells, measured, part_of_money, text


def people(lines: Sequence[PeopleReached], provenance: Provenance) -> Table:
    """People reached by outcome area, each in its own unit, never added up; the share of money where known."""
    columns = (
        text("label", "Outcome area", 38),
        text("unit", "Counted as", 46),
        measured("people", "People reached", 13),
        measured("people_ours", "Our funded share", 13),
        Column(code="rests", title="Rests on, loans", unit="text", width=16),
        part_of_money("share", "Of the money, %", 12),
    )
    rows = tuple(
        Row(
            key=f"{line.code}-{number}",
            cells=(
                line.label,
                line.unit,
                line.people,
                line.ours,
                f"{line.coverage.known:,} of {line.coverage.of:,}",
                line.coverage.share_of_money,
            ),
        )
        for number, line in enumerate(lines, start=1)
    )
    return Table(code="people", title="People reached", columns=columns, rows=rows, provenance=(provenance,))


class PeopleUnit(Frozen):
    """One way in which people are counted: the table of its lines, and its words as a heading."""

    code: str
    heading: str
    unit: str


def people_units(lines: Sequence[PeopleReached]) -> tuple[PeopleUnit, ...]:
    """The ways in which people were counted, the one of most loans first; one without lines where nobody was."""
    loans: dict[str, int] = {}
    for line in lines:
        loans[line.unit] = loans.get(line.unit, 0) + line.loans
    ranked = sorted(loans, key=lambda unit: (-loans[unit], unit)) or [""]
    return tuple(
        PeopleUnit(code=f"people-unit-{at}", heading=unit or "People reached", unit=unit)
        for at, unit in enumerate(ranked, start=1)
    )


def people_by_unit(lines: Sequence[PeopleReached], provenance: Provenance) -> tuple[Table, ...]:
    """The same people, a table for each way of counting, so that none stands under another: the most reached first."""
    columns = (
        text("label", "Outcome area", 66),
        measured("people", "Reported", 22),
        measured("people_ours", "Our funded share", 24),
        Column(code="known", title="Loans that say", unit="count", width=20),
        Column(code="of", title="Out of loans", unit="count", width=20),
        part_of_money("share", "Of the money, %", 22),
    )
    return tuple(
        Table(
            code=one.code,
            title=one.heading,
            columns=columns,
            rows=tuple(
                Row(key=line.code, cells=(line.label, line.people, line.ours, *coverage_cells(line.coverage)))
                for line in sorted(lines, key=lambda line: (-line.people, line.code))
                if line.unit == one.unit
            ),
            provenance=(provenance,),
        )
        for one in people_units(lines)
    )


def rests(lines: Sequence[IndicatorLine], provenance: Provenance) -> Table:
    """What each indicator rests on: how much of its outcome area."""
    columns = (
        text("indicator", "Indicator", 72),
        text("outcome_area", "Outcome area", 62),
        measured("loans", "Loans that say", 18),
        Column(code="of", title="Out of loans", unit="count", width=17),
        part_of_money("covered", "Of the money, %", 20),
    )
    rows = tuple(
        Row(key=str(number), cells=(line.indicator, line.outcome_area, *coverage_cells(line.coverage)))
        for number, line in enumerate(lines, start=1)
    )
    return Table(code="rests", title="What indicators rest on", columns=columns, rows=rows, provenance=(provenance,))


def shown_by(lines: Sequence[IndicatorLine], provenance: Provenance) -> Table:
    """How many loans bring each kind of evidence for an indicator: the data of a drawing."""
    kinds = [name for name, _ in lines[0].evidence] if lines else []
    columns = (
        text("indicator", "Indicator"),
        *(Column(code=kind_code(name), title=name, unit="count") for name in kinds),
    )
    rows = tuple(
        Row(key=str(number), cells=(line.indicator, *(loans for _, loans in line.evidence)))
        for number, line in enumerate(lines, start=1)
    )
    return Table(code="shown-by", title="What shows it", columns=columns, rows=rows, provenance=(provenance,))


def kind_code(name: str) -> str:
    """The column of a kind of evidence."""
    return name.replace(" ", "-")


def _in_words(evidence: Sequence[tuple[str, int]]) -> str:
    return ", ".join(f"{loans} {name}" for name, loans in evidence if loans) or "nothing said"


def way_gone(line: IndicatorLine) -> Fraction | None:
    """The part gone of the way from where an indicator began to its target, exact, whether it is to rise or to fall.

    Below nothing where it went the other way. What it began with is no part of it: whoever began near the target would
    have reached most of it before anything was lent. Not known without all three values; none with nowhere to go.
    """
    if line.baseline is None or line.target is None or line.actual is None:
        return None
    way = Fraction(line.target) - Fraction(line.baseline)
    return (Fraction(line.actual) - Fraction(line.baseline)) / way if way else None


def indicators(lines: Sequence[IndicatorLine], provenance: Provenance) -> Table:
    """Where each indicator began, what was hoped and reached, over how much of the lending: the data of a drawing."""
    columns = (
        text("indicator", "Indicator", 40),
        text("unit", "Unit"),
        text("outcome_area", "Outcome area"),
        measured("baseline"),
        measured("target"),
        measured("actual"),
        measured("of_way", style="whole-percent", unknown="none to tell"),
        measured("loans", "Loans that say"),
        Column(code="of", title="Out of loans", unit="count"),
        part_of_money("covered", "Share of money, %"),
        text("evidence", "What shows it"),
    )
    rows = tuple(
        Row(
            key=str(number),
            cells=(
                line.indicator,
                line.unit,
                line.outcome_area,
                line.baseline,
                line.target,
                line.actual,
                way_gone(line),
                *coverage_cells(line.coverage),
                _in_words(line.evidence),
            ),
        )
        for number, line in enumerate(lines, start=1)
    )
    return Table(code="indicators", title="Indicators", columns=columns, rows=rows, provenance=(provenance,))
