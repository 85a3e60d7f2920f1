"""Credit quality: arrears and principal at risk at the front line, the stages of the bank's own loans, and losses."""

from __future__ import annotations

from fractions import Fraction
from typing import Final

from ledger.money import NOTHING, Money
from reports import plots
from reports.document import Block, Chart, Pair, Print, Section, Tabulated
from reports.figures import Column, Frozen, Provenance, Row, Table
from reports.statements import findings, pictures
from reports.statements.inputs import Arrears
from reports.statements.tables import measured, measures_of, summed, text
from reports.statements.telling import Bundle


class StageMoved(Frozen):
    """Principal that stands in one stage now, by the stage it stood in at the quarter's start (0: not yet lent)."""

    was: int
    now: int
    facilities: int
    principal: Money


class Stages(Frozen):
    """The bank's own loans and bonds by stage of credit, where they came from, and what is allowed for in each."""

    moved: tuple[StageMoved, ...]
    allowances: tuple[Money, Money, Money]
    provenance: Provenance


STAGES: Final = (1, 2, 3)
_WERE: Final = {0: "Lent in the quarter", 1: "Stage 1", 2: "Stage 2", 3: "Stage 3"}


def tables(given: Stages) -> tuple[Table, ...]:
    """The tables of the stages."""
    return _stages(given), _migration(given)


def _stages(given: Stages) -> Table:
    columns = (
        text("stage", "Stage of credit", 40),
        Column(code="facilities", title="Loans and bonds", unit="count", width=14),
        measured("in_stage", width=16),
        measured("allowed", width=16),
        Column(code="cover", title="Allowed, %", unit="share", width=14, unknown="none owed"),
    )
    rows = []
    for stage in STAGES:
        here = [one for one in given.moved if one.now == stage]
        principal, allowed = Money.total(one.principal for one in here), given.allowances[stage - 1]
        rows.append(
            Row(
                key=f"stage-{stage}",
                cells=(
                    _TITLES[stage],
                    sum(one.facilities for one in here),
                    principal,
                    allowed,
                    _part(allowed, principal),
                ),
                mark="warn" if stage > 2 and principal else "",  # noqa: PLR2004 -- the third stage is impaired
            )
        )
    total = summed(columns, rows, "All")
    if total is not None:
        whole = Money.total(one.principal for one in given.moved)
        cover = _part(Money.total(given.allowances), whole)
        total = total.model_copy(update={"cells": (*total.cells[:-1], cover)})
    return Table(
        code="credit-stages",
        title="Stages",
        columns=columns,
        rows=tuple(rows),
        total=total,
        provenance=(given.provenance,),
    )


_TITLES: Final = {1: "1: performing", 2: "2: risk has risen", 3: "3: impaired"}


def _part(part: Money, whole: Money) -> Fraction | None:
    return Fraction(part.pence, whole.pence) if whole else None


def _migration(given: Stages) -> Table:
    columns = (
        text("was", "At the quarter's start"),
        *(Column(code=f"to-{stage}", title=f"Stage {stage} now", unit="money", style="thousands") for stage in STAGES),
    )
    rows = tuple(
        Row(
            key=f"from-{was}",
            cells=(
                name,
                *(
                    Money.total(one.principal for one in given.moved if (one.was, one.now) == (was, stage))
                    for stage in STAGES
                ),
            ),
        )
        for was, name in _WERE.items()
    )
    return Table(
        code="stage-migration",
        title="Migration",
        columns=columns,
        rows=rows,
        total=summed(columns, rows, "At the end"),
        provenance=(given.provenance,),
    )


def section(given: Stages, arrears: Arrears, bundle: Bundle) -> Section:
    """The page."""
    losses = Tabulated(
        heading="What was written off and what came back",
        caption="To date, £ thousand; a recovery never lessens what is shown as written off",
        table=bundle.tables["losses"],
        small=True,
    )
    outstanding = any(bucket.loans for bucket in arrears.buckets)
    shown = (*_overdue(arrears, bundle), *_staged(given, bundle), losses)
    return Section(
        code="credit",
        heading=findings.arrears_finding(bundle),
        blocks=shown if outstanding or arrears.history else (*_staged(given, bundle), losses),
        new_page=True,
    )


def _overdue(arrears: Arrears, bundle: Bundle) -> tuple[Block | Pair, ...]:
    return (
        Pair(
            left=pictures.arrears_stack(arrears, bundle),
            right=Tabulated(
                heading="Principal at risk",
                caption="Whole principal of the loans concerned, as a share of all that is outstanding",
                table=bundle.tables["at-risk"],
                note=pictures.covered_note("arrears", arrears.coverage, bundle, "From returns that cover"),
            ),
        ),
        Tabulated(
            heading="Onward loans by days overdue",
            caption="On the day, the bank's share, £ thousand",
            table=bundle.tables["arrears"],
            small=True,
        ),
    )


def _staged(given: Stages, bundle: Bundle) -> tuple[Block | Pair, ...]:
    if not given.moved:
        return ()
    return (
        Pair(
            left=_matrix(given, bundle),
            right=Tabulated(
                heading="Each stage, and what is allowed for",
                caption="£ thousand, on the day",
                table=bundle.tables["credit-stages"],
                small=True,
            ),
            equal=True,
        ),
    )


def _matrix(given: Stages, bundle: Bundle) -> Chart:
    prints: list[Print] = []
    fields = []
    for was in _WERE:
        across = []
        for stage in STAGES:
            reference = f"stage-migration.from-{was}.to-{stage}"
            amount = bundle.worth(reference)
            shown = bundle.written(reference, "thousands")
            prints.append(shown)
            turn = "stayed" if was in {0, stage} else "worse" if stage > was else "better"
            across.append(plots.Square(amount.pence if isinstance(amount, Money) else 0, shown.text, turn))  # type: ignore[arg-type]  # one of three words
        fields.append(across)
    spoken = " ".join(
        f"{name}: "
        + ", ".join(f"{field.text} now in stage {stage}" for stage, field in zip(STAGES, across, strict=True))
        + "."
        for name, across in zip(_WERE.values(), fields, strict=True)
    )
    moved = Money.total(one.principal for one in given.moved if one.was and one.now > one.was)
    return Chart(
        heading="Nothing fell to a worse stage" if moved == NOTHING else "What fell to a worse stage",
        subtitle="The bank's loans and bonds, £ thousand; rows: where it stood; columns: where it stands",
        svg=plots.migration(
            tuple(_WERE.values()),
            tuple(_WERE.values())[1:],
            fields,
            ("At the start", "At the end"),
            f"Principal by stage of credit, £ thousand. {spoken}",
        ),
        prints=tuple(prints),
        behind=measures_of(("in_stage", "allowed")),
    )
