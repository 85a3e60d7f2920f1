"""Credit quality: arrears and principal at risk at the front line, the stages of the bank's own loans, and losses."""

from __future__ import annotations

from fractions import Fraction
from typing import Final, Literal

from ledger.money import NOTHING, Money
from reports import plots
from reports.document import Block, Chart, Pair, Print, Said, Section, Tabulated
from reports.figures import Column, Frozen, Provenance, Row, Table
from reports.statements import findings, pictures
from reports.statements.inputs import Arrears
from reports.statements.tables import measured, measures_of, summed, text
from reports.statements.telling import Bundle

STAGES: Final = (1, 2, 3)
BEGAN_IMPAIRED: Final = 4
"""Where a loan stands that began impaired: apart from the stages that others move between (IFRS 7, 35M(c))."""


class StageMoved(Frozen):
    """Principal that stands in one stage now, by the stage it stood in at the quarter's start.

    0: nothing had been lent of it yet; `BEGAN_IMPAIRED`: among the loans that began impaired.
    """

    was: int
    now: int
    facilities: int
    principal: Money
    undrawn: Money
    """What may still be drawn under the loans among them: what is allowed for covers it too (IFRS 7, B8E)."""


class Stages(Frozen):
    """The bank's own loans and bonds by stage of credit, where they came from, and what is allowed for in each."""

    moved: tuple[StageMoved, ...]
    allowances: tuple[Money, Money, Money, Money]
    """What is allowed for in stages 1 to 3, and of loans that began impaired."""
    provenance: Provenance

    @property
    def places(self) -> tuple[int, ...]:
        """Where a loan of these may stand: in each stage, and apart where any began impaired."""
        any_began = self.allowances[-1] != NOTHING or any(BEGAN_IMPAIRED in {one.was, one.now} for one in self.moved)
        return (*STAGES, BEGAN_IMPAIRED) if any_began else STAGES


_WERE: Final = {
    0: "First lent in the quarter",
    1: "Stage 1",
    2: "Stage 2",
    3: "Stage 3",
    BEGAN_IMPAIRED: "Began impaired",
}
_HEADS: Final = {BEGAN_IMPAIRED: "Began|impaired"}
_CODES: Final = {0: "0", 1: "1", 2: "2", 3: "3", BEGAN_IMPAIRED: "began-impaired"}
_WORSE: Final = {1: 1, 2: 2, 3: 3, BEGAN_IMPAIRED: 3}
"""How far its credit has fallen: a loan that began impaired is in stage 3 for all its life (IFRS 9, 5.5.13)."""


def tables(given: Stages) -> tuple[Table, ...]:
    """The tables of the stages."""
    return _stages(given), _migration(given)


def _stages(given: Stages) -> Table:
    columns = (
        text("stage", "Stage of credit", 27),
        Column(code="facilities", title="Loans and bonds", unit="count", width=12),
        measured("in_stage", width=13),
        measured("to_be_drawn", width=17),
        measured("allowed", width=15),
        measured("covered", width=16, unknown="none"),
    )
    rows = []
    for stage in given.places:
        here = [one for one in given.moved if one.now == stage]
        principal, undrawn = (Money.total(getattr(one, sum_) for one in here) for sum_ in ("principal", "undrawn"))
        allowed = given.allowances[stage - 1]
        rows.append(
            Row(
                key=_CODES[stage] if stage == BEGAN_IMPAIRED else f"stage-{stage}",
                cells=(
                    _TITLES[stage],
                    sum(one.facilities for one in here),
                    principal,
                    undrawn,
                    allowed,
                    _part(allowed, principal + undrawn),
                ),
                mark="warn" if stage not in {1, 2} and principal else "",
            )
        )
    total = summed(columns, rows, "All")
    if total is not None:
        whole = Money.total(one.principal + one.undrawn for one in given.moved)
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


_TITLES: Final = {
    1: "1: performing",
    2: "2: risk has risen",
    3: "3: became impaired",
    BEGAN_IMPAIRED: "3: began impaired",
}


def _part(part: Money, whole: Money) -> Fraction | None:
    return Fraction(part.pence, whole.pence) if whole else None


def _migration(given: Stages) -> Table:
    columns = (
        text("was", "At the quarter's start"),
        *(
            Column(code=f"to-{_CODES[stage]}", title=f"{_WERE[stage]} now", unit="money", style="thousands")
            for stage in given.places
        ),
    )
    rows = tuple(
        Row(
            key=f"from-{_CODES[was]}",
            cells=(
                _WERE[was],
                *(
                    Money.total(one.principal for one in given.moved if (one.was, one.now) == (was, stage))
                    for stage in given.places
                ),
            ),
        )
        for was in (0, *given.places)
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
        heading=findings.restructured_finding(bundle, findings.arrears_finding(bundle)),
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
                note=_apart(given),
                small=True,
            ),
            equal=True,
        ),
    )


def _apart(given: Stages) -> Said:
    """Why some stand apart from the stages, where any does."""
    if BEGAN_IMPAIRED not in given.places:
        return Said()
    return Said(
        text="What began impaired (in IFRS 9 purchased or originated credit-impaired) stays in stage 3 for all its "
        "life and is told apart. What was not expected of it at first is in its rate; only what changed since is "
        "allowed for."
    )


def _matrix(given: Stages, bundle: Bundle) -> Chart:
    prints: list[Print] = []
    fields = []
    rows = (0, *given.places)
    for was in rows:
        across = []
        for stage in given.places:
            reference = f"stage-migration.from-{_CODES[was]}.to-{_CODES[stage]}"
            amount = bundle.worth(reference)
            shown = bundle.written(reference, "thousands")
            prints.append(shown)
            across.append(plots.Square(amount.pence if isinstance(amount, Money) else 0, shown.text, _turn(was, stage)))
        fields.append(across)
    spoken = " ".join(
        f"{_WERE[was]}: "
        + ", ".join(f"{field.text} now {_NOW[stage]}" for stage, field in zip(given.places, across, strict=True))
        + "."
        for was, across in zip(rows, fields, strict=True)
    )
    fell = any(_turn(one.was, one.now) == "worse" for one in given.moved)
    return Chart(
        heading="What fell to a worse stage" if fell else "Nothing fell to a worse stage",
        subtitle="The bank's loans and bonds, £ thousand; rows: where it stood; columns: where it stands",
        svg=plots.migration(
            tuple(_WERE[was] for was in rows),
            tuple(_HEADS.get(stage, _WERE[stage]) for stage in given.places),
            fields,
            ("At the start", "At the end"),
            f"Principal by stage of credit, £ thousand. {spoken}",
        ),
        prints=tuple(prints),
        behind=measures_of(("in_stage", "allowed")),
    )


_NOW: Final = {1: "in stage 1", 2: "in stage 2", 3: "in stage 3", BEGAN_IMPAIRED: "among what began impaired"}


def _turn(was: int, now: int) -> Literal["stayed", "worse", "better"]:
    """Which way a loan went. One in stage 3 that ended for another, which began impaired, is no worse than before."""
    if was == 0 or _WORSE[was] == _WORSE[now]:
        return "stayed"
    return "worse" if _WORSE[now] > _WORSE[was] else "better"
