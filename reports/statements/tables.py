"""The tables of the statements: from what the books gave to columns and rows, with totals that are sums of the rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Final

from ledger.money import Money
from reports.figures import (
    Adding,
    Column,
    Coverage,
    Figure,
    Measure,
    Movement,
    Provenance,
    Row,
    Table,
    Unit,
    Value,
)
from reports.formatting import OWN_STYLE, short_day, write
from reports.statements.inputs import (
    AllocationLine,
    Arrears,
    Breakdown,
    FieldAnswers,
    ReturnStatus,
)
from reports.statements.measures import MEASURES

STATUS_WORDS: Final[dict[ReturnStatus, str]] = {
    "on-time": "on time",
    "late": "late",
    "missing": "missing",
    "not-due": "not due",
}
BUCKET_WORDS: Final = {
    "current": "Paid to date",
    "1-30": "1 to 30 days",
    "31-60": "31 to 60 days",
    "61-90": "61 to 90 days",
    "over-90": "Over 90 days",
}


def text(code: str, title: str, width: int = 30) -> Column:
    """A column of words."""
    return Column(code=code, title=title, unit="text", width=width)


def measured(code: str, title: str = "", width: int = 13, style: str = "", unknown: str = "not known") -> Column:
    """A column of one of the measures that are defined."""
    measure = MEASURES[code]
    return Column(code=code, title=title or measure.title, unit=measure.unit, width=width, style=style, unknown=unknown)


def summed(columns: Sequence[Column], rows: Iterable[Row], label: str) -> Row | None:
    """The total row: money and counts added up column by column, nothing in the others; None when there are no rows."""
    rows = tuple(rows)
    if not rows:
        return None
    cells: list[Value] = [label]
    for place, column in enumerate(columns[1:], start=1):
        cells.append(_column_sum(column, [row.cells[place] for row in rows]))
    return Row(key="total", cells=tuple(cells))


def _column_sum(column: Column, values: Sequence[Value]) -> Value:
    if column.unit == "money":
        return Money.total(value for value in values if isinstance(value, Money))
    if column.unit == "count":
        return sum(value for value in values if isinstance(value, int))
    return "" if column.unit == "text" else None


_FILED: Final = frozenset({"on-time", "late"})
_DUE: Final = frozenset({"on-time", "late", "missing"})


def allocations(lines: Sequence[AllocationLine], provenance: Provenance) -> Table:
    """One row a facility with its seven sums kept apart, and its return; of very many the smaller as one."""
    columns = (
        text("intermediary", "Intermediary", 36),
        text("product", "Product", 31),
        *(measured(code, title, 15 if at == 0 else 13) for at, (code, title) in enumerate(ALLOCATION_SUMS.items())),
        text("return", "Return filed", 16),
    )
    rest = left_out(lines)
    rows = tuple(
        _allocation(line, rest if rest and place == MOST_FACILITIES else (line,))
        for place, line in enumerate(folded(lines))
    )
    total = summed(columns, rows, "All facilities")
    if total is not None:
        total = total.model_copy(update={"cells": (*total.cells[:-1], _how_many_filed(lines))})
    return Table(
        code="allocations", title="Allocations", columns=columns, rows=rows, total=total, provenance=(provenance,)
    )


def _allocation(line: AllocationLine, of: Sequence[AllocationLine]) -> Row:
    """A row, and in its last cell what became of the return, or of the returns where several facilities are in it."""
    filed = _filed(line) if len(of) == 1 else _how_many_filed(of)
    missing = any(one.return_status == "missing" for one in of)
    cells = (line.intermediary, line.product, *_sums(line), filed)
    return Row(key=line.facility, cells=cells, mark="warn" if missing else "")


def _how_many_filed(lines: Sequence[AllocationLine]) -> str:
    filed, due = (sum(line.return_status in kind for line in lines) for kind in (_FILED, _DUE))
    return f"{filed} of {due}" if due else STATUS_WORDS["not-due"]


MOST_FACILITIES: Final = 24
"""Facilities that stand in a row of their own; those after them are one row, so that totals still add."""


def left_out(lines: Sequence[AllocationLine]) -> Sequence[AllocationLine]:
    """The lines that have no row of their own; one alone would take up as much room in a row called otherwise."""
    return lines[MOST_FACILITIES:] if len(lines) > MOST_FACILITIES + 1 else ()


def folded(lines: Sequence[AllocationLine]) -> tuple[AllocationLine, ...]:
    """The lines with all but the largest in one, so that a table stays short."""
    rest = left_out(lines)
    if not rest:
        return tuple(lines)
    kept = lines[:MOST_FACILITIES]
    names = ("in_principle", "signed", "drawn", "undrawn", "repaid", "outstanding", "written_off")
    sums = {name: Money.total(getattr(line, name) for line in rest) for name in names}
    smaller = max(line.in_principle for line in rest) < min(line.in_principle for line in kept)
    label = f"{len(rest)} {'smaller' if smaller else 'other'} facilities"
    return (*kept, AllocationLine(facility="others", intermediary=label, product="", **sums))


ALLOCATION_SUMS: Final = {
    "in_principle": "In principle",
    "signed": "Signed",
    "drawn": "Drawn",
    "undrawn": "Undrawn",
    "repaid": "Repaid",
    "owed": "Out",
    "written_off": "Written off",
}


def _sums(line: AllocationLine) -> tuple[Money, ...]:
    return (
        line.in_principle,
        line.signed,
        line.drawn,
        line.undrawn,
        line.repaid,
        line.outstanding,
        line.written_off,
    )


def _filed(line: AllocationLine) -> str:
    if line.return_filed_on is None:
        return STATUS_WORDS[line.return_status]
    day = short_day(line.return_filed_on)
    return f"{day}, late" if line.return_status == "late" else day


def breakdown(given: Breakdown) -> Table:
    """Loans, the bank's money and co-investors' money by one classification."""
    columns = (
        text("label", given.title),
        measured("loans", "Loans", 10),
        measured("lent", "The bank", 12),
        measured("co_invested", "Co-investors", 12),
    )
    rows = tuple(
        Row(
            key=part.code,
            cells=(part.label, part.loans, part.ours, part.others),
            mark="" if part.kind == "known" else "faint",
        )
        for part in given.slices
    )
    return Table(
        code=given.code,
        title=given.title,
        columns=columns,
        rows=rows,
        total=summed(columns, rows, "All"),
        provenance=(given.provenance,),
    )


def coverages(told: Mapping[str, Coverage], provenance: Provenance) -> Table:
    """How much of the lending each classification knows, for the notes under the drawings."""
    columns = (
        Column(code="known", title="Known", unit="count"),
        Column(code="of", title="Out of", unit="count"),
        Column(code="share", title="Share of money", unit="share"),
    )
    rows = tuple(Row(key=code, cells=(one.known, one.of, one.share_of_money)) for code, one in told.items())
    return Table(code="coverage", title="Coverage", columns=columns, rows=rows, provenance=(provenance,))


def placed(given: Breakdown) -> bool:
    """Whether an index could place any loan at all."""
    return any(part.loans for part in given.slices if part.kind == "known")


def unplaced(given: Sequence[Breakdown]) -> tuple[Table, ...]:
    """A table of the nations of which no index could place a loan, with what was lent there; none when all were."""
    columns = (
        text("nation", "Nation", 26),
        text("edition", "Index", 24),
        measured("loans", "Loans", 13),
        measured("lent", "The bank", 17),
        measured("co_invested", "Co-investors", 25),
    )
    without = [one for one in given if not placed(one)]
    if not without:
        return ()
    rows = tuple(
        Row(
            key=one.code,
            cells=(
                one.nation,
                one.edition,
                sum(part.loans for part in one.slices),
                Money.total(part.ours for part in one.slices),
                Money.total(part.others for part in one.slices),
            ),
        )
        for one in without
    )
    table = Table(
        code="unplaced",
        title="Not placed by deprivation",
        columns=columns,
        rows=rows,
        provenance=tuple(one.provenance for one in without),
    )
    return (table,)


def movements(
    boxes: Sequence[Movement], code: str = "movements", title: str = "The quarter, box by box", *, drawn: bool = True
) -> Table:
    """Opening, in, out, closing of every box; what is only data (`drawn` is false) need not add as it is rounded."""
    columns = (
        text("box", "Box", 44),
        *(Column(code=part, title=head, unit="money", width=16) for part, head in _PARTS),
    )
    rows = tuple(
        Row(key=box.code, cells=(box.measure.title, box.opening, box.added, box.taken, box.closing)) for box in boxes
    )
    told = {box.code for box in boxes}
    nations = (Adding(whole="distributed", parts=NATIONS),) if told.issuperset({"distributed", *NATIONS}) else ()
    forward = Adding(whole="closing", parts=("opening", "added"), less=("taken",), along="row")
    return Table(
        code=code,
        title=title,
        columns=columns,
        rows=rows,
        provenance=tuple(box.provenance for box in boxes),
        adding=(forward, *nations) if drawn else (),
    )


NATIONS: Final = ("england", "wales", "scotland", "northern_ireland")


_PARTS: Final = (("opening", "At the start"), ("added", "In"), ("taken", "Out"), ("closing", "At the end"))


def figures(
    given: Sequence[Figure], code: str, title: str, unit_style: str = "", adding: tuple[Adding, ...] = ()
) -> Table:
    """Figures of one unit, a line each, and which of them add."""
    unit = given[0].measure.unit if given else "money"
    columns = (text("measure", title, 34), Column(code="value", title="Value", unit=unit, width=16, style=unit_style))
    rows = tuple(Row(key=figure.code, cells=(figure.measure.title, figure.value)) for figure in given)
    return Table(
        code=code,
        title=title,
        columns=columns,
        rows=rows,
        provenance=tuple(figure.provenance for figure in given),
        adding=adding,
    )


def buckets(given: Arrears) -> Table:
    """Onward loans by days overdue."""
    columns = (
        text("bucket", "Oldest instalment overdue", 30),
        measured("loans", "Loans", 10),
        measured("bucket_outstanding", width=15),
        measured("bucket_restructured", "Of it restructured", 15),
    )
    rows = tuple(
        Row(key=part.code, cells=(BUCKET_WORDS[part.code], part.loans, part.outstanding, part.restructured))
        for part in given.buckets
    )
    return Table(
        code="arrears",
        title="Arrears",
        columns=columns,
        rows=rows,
        total=summed(columns, rows, "All loans"),
        provenance=(given.provenance,),
    )


def arrears_history(given: Arrears) -> Table:
    """Principal outstanding in each bucket at the end of each quarter."""
    columns = (
        text("quarter", "Quarter"),
        *(Column(code=code, title=title, unit="money") for code, title in BUCKET_WORDS.items()),
        Column(code="late", title="Overdue", unit="money"),
    )
    rows = tuple(
        Row(key=str(one.quarter), cells=(str(one.quarter), *one.amounts, Money.total(one.amounts[1:])))
        for one in given.history
    )
    return Table(
        code="arrears-history",
        title="Arrears by quarter",
        columns=columns,
        rows=rows,
        provenance=(given.provenance,),
        adding=(Adding(whole="late", parts=tuple(BUCKET_WORDS)[1:], along="row"),),
    )


def at_risk(given: Arrears) -> Table:
    """The share of principal at risk, by days overdue, without and with restructured loans."""
    columns = (
        text("days", "Share of principal", 24),
        Column(code="without", title="Overdue", unit="share", style="percent", width=16, unknown="none owed"),
        Column(
            code="with", title="Overdue or restructured", unit="share", style="percent", width=20, unknown="none owed"
        ),
    )
    rows = (
        Row(key="30", cells=("More than 30 days", given.at_risk_30.value, given.at_risk_30_restructured.value)),
        Row(key="90", cells=("More than 90 days", given.at_risk_90.value, given.at_risk_90_restructured.value)),
    )
    return Table(code="at-risk", title="At risk", columns=columns, rows=rows, provenance=(given.provenance,))


def borrowers(given: Sequence[Figure]) -> Table:
    """Figures of any unit on the borrowers, written out, with how many loans each rests on."""
    columns = (
        text("measure", "Measure", 40),
        Column(code="written", title="Value", unit="text", width=18),
        Column(code="known", title="Loans that say", unit="count", width=16),
        Column(code="of", title="Out of loans", unit="count", width=16),
        part_of_money("share", "Share of money, %", 18),
    )
    rows = tuple(
        Row(key=figure.code, cells=(figure.measure.title, _written(figure), *coverage_cells(figure.coverage)))
        for figure in given
    )
    return Table(
        code="borrowers",
        title="Borrowers",
        columns=columns,
        rows=rows,
        provenance=tuple(figure.provenance for figure in given),
    )


def _written(figure: Figure) -> str:
    return write(borrower_style(figure.measure.unit), figure.value)


def borrower_style(unit: Unit) -> str:
    """How a figure on borrowers is written where units stand under one another."""
    return {"money": "in-words", "share": "percent"}.get(unit, OWN_STYLE[unit])


def part_of_money(code: str, title: str, width: int = 13) -> Column:
    """A column of what part of the bank's money something covers: of none that was lent there is no part."""
    return Column(code=code, title=title, unit="share", width=width, unknown="none lent")


def coverage_cells(coverage: Coverage | None) -> tuple[Value, Value, Value]:
    """How many are known, out of how many, and the share of the money; not known where nothing is told."""
    return (None, None, None) if coverage is None else (coverage.known, coverage.of, coverage.share_of_money)


def answers(lines: Sequence[FieldAnswers], provenance: Provenance, code: str = "answers") -> Table:
    """How the optional questions of the return were answered."""
    columns = (
        text("title", "Question", 40),
        *(measured(code, width=14) for code in ("answered", "not_known", "not_applicable", "blank")),
        Column(code="share", title="Answered, %", unit="share", width=14),
    )
    rows = tuple(
        Row(
            key=line.field,
            cells=(line.title, line.answered, line.not_known, line.not_applicable, line.blank, part_answered(line)),
        )
        for line in lines
    )
    return Table(code=code, title="Answers", columns=columns, rows=rows, provenance=(provenance,))


def part_answered(line: FieldAnswers) -> Fraction | None:
    """The part of the loans that a question applies to which answer it; not known where it applies to none."""
    asked = line.answered + line.not_known + line.blank
    return Fraction(line.answered, asked) if asked else None


def measures_of(codes: Iterable[str]) -> tuple[Measure, ...]:
    """The measures by code, each once, in the order first met."""
    return tuple(MEASURES[code] for code in dict.fromkeys(codes) if code in MEASURES)
