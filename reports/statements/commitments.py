"""Commitments: in principle, signed, drawn and undrawn, the bank's own and co-investors' apart, and their age."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from ledger.dates import Quarter
from ledger.money import NOTHING, Money
from reports import plots
from reports.document import Block, Chart, Pair, Print, Said, Section, Tabulated
from reports.figures import Adding, Column, Figure, Frozen, Movement, Provenance, Row, Table, Value
from reports.statements import findings, pictures
from reports.statements.inputs import AllocationLine, MoneyPath
from reports.statements.tables import measured, measures_of, summed, text
from reports.statements.telling import Bundle


class AgeLine(Frozen):
    """Signed and undrawn commitments by how long ago they were signed."""

    age: str
    facilities: int
    undrawn: Money


class DrawnYear(Frozen):
    """What was drawn in one year, of the bank's own money and of co-investors' beside it."""

    year: int
    ours: Money
    others: Money


class Commitments(Frozen):
    """What co-investors meant, signed and paid beside the bank, how undrawn money ages, and what was drawn by year."""

    co_in_principle: Figure
    co_signed: Figure
    co_drawn: Figure
    co_undrawn: Money
    """What they signed and have not paid, but where the bank's own commitment beside it has fallen away."""
    ages: tuple[AgeLine, ...]
    years: tuple[DrawnYear, ...]
    provenance: Provenance


def tables(given: Commitments, path: MoneyPath, undrawn: Movement) -> tuple[Table, ...]:
    """Every table of this page but that of the facilities."""
    return _stages(given, path, undrawn), _ages(given), _years(given)


def _stages(given: Commitments, path: MoneyPath, undrawn: Movement) -> Table:
    columns = (
        text("stage", "Stage, to date", 28),
        measured("own", width=16),
        measured("others", width=16),
        measured("together", width=16),
        measured("match", "Others to each £1 of ours", 18, "ratio", "none of ours"),
    )
    meant, co_signed, co_drawn = (_money(one.value) for one in (given.co_in_principle, given.co_signed, given.co_drawn))
    rows = (
        _stage("in-principle", "Committed in principle", path.in_principle.closing, meant),
        _stage("signed", "Signed", path.signed.closing, co_signed),
        _stage("drawn", "Drawn", path.drawn.closing, co_drawn),
        _stage("undrawn", "Signed and undrawn", undrawn.closing, given.co_undrawn),
    )
    return Table(
        code="stages",
        title="Stages",
        columns=columns,
        rows=rows,
        provenance=(given.provenance,),
        adding=(Adding(whole="together", parts=("own", "others"), along="row"),),
    )


def _money(value: Value) -> Money:
    return value if isinstance(value, Money) else NOTHING


def _stage(key: str, label: str, own: Money, others: Money) -> Row:
    ratio = Fraction(others.pence, own.pence) if own else None
    return Row(key=key, cells=(label, own, others, own + others, ratio))


def _ages(given: Commitments) -> Table:
    columns = (
        text("age", "Since it was signed", 30),
        Column(code="number", title="Facilities", unit="count", width=14),
        measured("undrawn", "Undrawn", 18),
    )
    rows = tuple(
        Row(key=f"age-{number}", cells=(one.age, one.facilities, one.undrawn))
        for number, one in enumerate(given.ages, start=1)
    )
    return Table(
        code="undrawn-ages",
        title="Undrawn by age",
        columns=columns,
        rows=rows,
        total=summed(columns, rows, "All undrawn"),
        provenance=(given.provenance,),
    )


def _years(given: Commitments) -> Table:
    columns = (text("year", "Year"), measured("own", "The bank's own"), measured("others", "Co-investors'"))
    rows = tuple(Row(key=str(one.year), cells=(str(one.year), one.ours, one.others)) for one in given.years)
    return Table(code="drawn-years", title="Drawn by year", columns=columns, rows=rows, provenance=(given.provenance,))


def section(
    given: Commitments, lines: Sequence[AllocationLine], path: MoneyPath, quarter: Quarter, bundle: Bundle
) -> Section:
    """The page."""
    return Section(
        code="commitments",
        heading=finding(given, path, bundle),
        blocks=(
            *_funnel(path, given, bundle),
            Pair(
                left=Tabulated(
                    heading="Each stage with its match",
                    caption="£ thousand, to date. Stages hold the same money in turn: they are never added together",
                    table=bundle.tables["stages"],
                    small=True,
                ),
                right=Tabulated(
                    heading="How long the undrawn has waited",
                    caption="£ thousand, on the day",
                    table=bundle.tables["undrawn-ages"],
                    empty="Nothing signed is undrawn.",
                    small=True,
                ),
            ),
            Tabulated(
                heading=_by_facility(lines, quarter),
                caption="To date, £ thousand, the bank's own money; the sums are stages and are never added across",
                table=bundle.tables["allocations"],
                empty="No allocation has been approved yet.",
                small=True,
            ),
        ),
        new_page=True,
    )


def finding(given: Commitments, path: MoneyPath, bundle: Bundle) -> Said:
    """How much of what is signed is drawn, and what stands beside it of others; less where there is less to say."""
    if not path.in_principle.closing:
        return bundle.tell("No allocation has been made yet")
    if not path.signed.closing:
        return findings.portfolio_headline(bundle)
    if not path.drawn.closing:
        return bundle.tell("{signed} is signed, and none of it is drawn", signed=("signed.closing", "in-words"))
    drawn = "drawn.closing / signed.closing"
    if not _money(given.co_drawn.value):
        return bundle.tell(
            "{share} of what is signed is drawn; {left} is still undrawn",
            share=(drawn, "whole-percent"),
            left=("undrawn.closing", "in-words"),
        )
    return bundle.tell(
        "{share} of what is signed is drawn, and co-investors have paid in {others} beside each pound of it",
        share=(drawn, "whole-percent"),
        others=("co_drawn / drawn.closing", "beside"),
    )


def _funnel(path: MoneyPath, given: Commitments, bundle: Bundle) -> tuple[Block | Pair, ...]:
    if not path.in_principle.closing:
        return ()
    funnel = pictures.commitment_funnel(path, bundle)
    drawn = [one for one in given.years if one.ours or one.others]
    return (Pair(left=funnel, right=_by_year(drawn, bundle)),) if drawn else (funnel,)


def _by_year(years: Sequence[DrawnYear], bundle: Bundle) -> Chart:
    """What was drawn in each year, the bank's part and co-investors' on top of it."""
    prints: list[Print] = []
    row = []
    for one in years:
        shown = [bundle.written(f"drawn-years.{one.year}.{column}", "millions") for column in ("own", "others")]
        prints.extend(shown)
        row.append(
            plots.Column(
                str(one.year), max(one.ours.pence, 0), max(one.others.pence, 0), (shown[0].text, shown[1].text)
            )
        )
    spoken = " ".join(f"{one.label}: the bank {one.texts[0]}, co-investors {one.texts[1]}." for one in row)
    return Chart(
        heading="Drawn in each year",
        subtitle="£ million, by intermediaries",
        svg=plots.columns(row, ("the bank", "co-investors"), f"Drawn in each year, £ million. {spoken}", width=240),
        prints=tuple(prints),
        behind=measures_of(("drawn", "co_drawn")),
    )


def _by_facility(lines: Sequence[AllocationLine], quarter: Quarter) -> str:
    """The heading, with the return of the quarter that was not filed, where it is one."""
    missing = [line for line in lines if line.return_status == "missing"]
    if len(missing) != 1:
        return "By facility"
    (line,) = missing
    several = sum(one.intermediary == line.intermediary for one in lines) > 1
    under = f" under {line.name or line.product}" if several else ""
    return f"By facility: {line.intermediary} has filed no return for {quarter}{under}"
