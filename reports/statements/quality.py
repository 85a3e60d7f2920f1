"""How far the figures can be relied on: returns on time, what is not answered or matched, and what was restated."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Final

from ledger.dates import Quarter
from ledger.money import Money
from reports import plots
from reports.document import Block, Chart, Listing, Pair, Print, Prose, Said, Section, Tabulated
from reports.figures import AnyValue, Column, Figure, Frozen, Provenance, Row, Table, Unit, Value
from reports.formatting import MINUS, write
from reports.statements import closing, findings
from reports.statements.inputs import FieldAnswers, Proof
from reports.statements.tables import answers, borrower_style, measures_of, part_answered, text
from reports.statements.telling import Bundle, begun, joined, plural


class LenderQuarters(Frozen):
    """What became of one lender's returns, quarter by quarter; a quarter without a return of its is `none`."""

    key: str
    name: str
    states: tuple[plots.State, ...]


class Restated(Frozen):
    """One figure of the last statement that is now known otherwise, and what moved it: numbers of the causes."""

    code: str
    title: str
    unit: Unit
    shown: AnyValue
    known: AnyValue
    causes: tuple[int, ...]


class Restatements(Frozen):
    """What of an earlier statement is known otherwise now, and each cause once, numbered from 1."""

    statement: str
    """The statement that the figures were shown in; empty where none was issued before."""
    quarter: Quarter | None
    lines: tuple[Restated, ...]
    causes: tuple[str, ...]
    provenance: Provenance


class Quality(Frozen):
    """Lateness, data quality and restatements."""

    quarters: tuple[Quarter, ...]
    lenders: tuple[LenderQuarters, ...]
    breaks: tuple[Figure, ...]
    """breaks, oldest_break, breaks_unowned, unexplained."""
    answers: tuple[FieldAnswers, ...]
    answers_provenance: Provenance
    restated: Restatements
    provenance: Provenance


MOST_ROWS: Final = 20
NOT_DRAWN: Final = "lateness-not-drawn"
_DUE: Final = ("on-time", "late", "missing")
_UNITS: Final[tuple[Unit, ...]] = ("money", "count", "share", "number", "rate", "days")


def tables(given: Quality) -> tuple[Table, ...]:
    """Every table of these pages."""
    least = answers(least_answered(given), given.answers_provenance, "least-answered")
    return (
        _lateness(given),
        *_not_drawn(given),
        _restated(given.restated),
        _values(given.restated),
        _asked(given),
        least,
    )


def _lateness(given: Quality) -> Table:
    columns = (text("name", "Lender"), *(text(str(quarter), str(quarter)) for quarter in given.quarters))
    rows = tuple(Row(key=one.key, cells=(one.name, *one.states)) for one in given.lenders)
    return Table(
        code="lateness", title="Returns by quarter", columns=columns, rows=rows, provenance=(given.provenance,)
    )


def _not_drawn(given: Quality) -> tuple[Table, ...]:
    """How many lenders have no strip, and what became of their returns; each is counted once, by the worst of them."""
    rest = _worst_first(given.lenders)[len(_drawn(given.lenders)) :]
    missing = sum("missing" in one.states for one in rest)
    late = sum("late" in one.states and "missing" not in one.states for one in rest)
    columns = (
        text("what", "What"),
        *(
            Column(code=code, title=title, unit="count")
            for code, title in (("lenders", "Lenders"), ("missing", "Missed one"), ("late", "Late and missed none"))
        ),
    )
    row = Row(key="all", cells=("Lenders that are not drawn", len(rest), missing, late))
    table = Table(
        code=NOT_DRAWN, title="Returns of others", columns=columns, rows=(row,), provenance=(given.provenance,)
    )
    return (table,) if rest else ()


def _asked(given: Quality) -> Table:
    """How often the optional questions are answered at all, over all of them together."""
    columns = tuple(
        Column(code=code, title=title, unit="count")
        for code, title in (("answered", "Answered"), ("asked", "Asked"), ("blank", "Left blank"))
    )
    answered = sum(one.answered for one in given.answers)
    asked = sum(one.answered + one.not_known + one.blank for one in given.answers)
    blank = sum(one.blank for one in given.answers)
    rows = (Row(key="all", cells=(answered, asked, blank)),) if asked else ()
    return Table(code="asked", title="Questions", columns=columns, rows=rows, provenance=(given.answers_provenance,))


def _restated(given: Restatements) -> Table:
    columns = (
        text("title", "Figure", 44),
        text("shown", "Shown then", 16),
        text("known", "Known now", 16),
        text("change", "Change", 22),
        text("causes", "Because of", 14),
    )
    rows = tuple(
        Row(
            key=one.code,
            cells=(
                one.title,
                _written(one.unit, one.shown),
                _written(one.unit, one.known),
                _change(one),
                ", ".join(f"[{cause}]" for cause in one.causes),
            ),
        )
        for one in given.lines
    )
    return Table(code="restated", title="Restated", columns=columns, rows=rows, provenance=(given.provenance,))


def _written(unit: Unit, value: Value) -> str:
    return write(style_of(unit), value)


def style_of(unit: Unit) -> str:
    """How a restated figure is written: a sum to the penny, for its change may be small."""
    return "pounds" if unit == "money" else borrower_style(unit)


def _change(one: Restated) -> str:
    if isinstance(one.shown, Money) and isinstance(one.known, Money):
        return _signed(one.known.pence - one.shown.pence, write("pounds", one.known - one.shown))
    if isinstance(one.shown, int) and isinstance(one.known, int):
        return _signed(one.known - one.shown, write("count", one.known - one.shown))
    if isinstance(one.shown, Fraction) and isinstance(one.known, Fraction):
        return _points(one.known - one.shown)
    return ""


def _points(moved: Fraction) -> str:
    """How far a share moved; of less than is printed, or nearly all there is, in words: a sign before `<` misleads."""
    written = write("percent-number", abs(moved))
    if written[0] in "<>":
        return f"{'under' if written[0] == '<' else 'over'} {written[1:]} points {'up' if moved > 0 else 'down'}"
    return f"{'+' if moved > 0 else MINUS}{written} points" if moved else ""


def _signed(sign: int, written: str) -> str:
    return f"+{written}" if sign > 0 else written


def _values(given: Restatements) -> Table:
    """The same figures in their own units, for whoever checks the words."""
    columns = tuple(
        Column(code=f"{side}_{unit}", title=f"{side} ({unit})", unit=unit)
        for side in ("shown", "known")
        for unit in _UNITS
    )
    rows = tuple(
        Row(
            key=one.code,
            cells=tuple(value if one.unit == unit else None for value in (one.shown, one.known) for unit in _UNITS),
        )
        for one in given.lines
    )
    return Table(code="restated-values", title="Restated", columns=columns, rows=rows, provenance=(given.provenance,))


def section(given: Quality, proof: Proof, bundle: Bundle) -> Section:
    """The page of lateness and data quality."""
    return Section(
        code="returns",
        heading=findings.returns_finding(bundle),
        blocks=(*_strips(given, proof, bundle), *_known(given, proof, bundle)),
        new_page=True,
    )


def _strips(given: Quality, proof: Proof, bundle: Bundle) -> tuple[Block, ...]:
    if not given.lenders:
        return (
            Tabulated(
                caption="Returns by lender and quarter",
                table=bundle.tables["lateness"],
                empty="No facility has had to file a return yet.",
            ),
        )
    rows = [plots.Strip(one.name, one.states, _tally(one.states)) for one in _drawn(given.lenders)]
    names = [str(quarter)[2:] for quarter in given.quarters]
    spoken = " ".join(
        f"{row.label}: "
        + ", ".join(f"{name} {state}" for name, state in zip(names, row.states, strict=True) if state != "none")
        + "."
        for row in rows
    )
    waits = " Palest: not due yet." if any("not-due" in row.states for row in rows) else ""
    return (
        Chart(
            heading="Who filed when" + (": each lender, each quarter" if len(rows) == len(given.lenders) else ""),
            subtitle=f"Pale: on time. Blue: late. Wine: not filed. White: no return was due.{waits} "
            "Right: on time of all due.",
            svg=plots.strips(rows, names, f"Returns by lender and quarter. {spoken}"),
            note=joined(Said(text=closing.missing_note(proof)), _others_said(bundle)),
            behind=measures_of(("returns_due",)),
        ),
    )


def _worst_first(lenders: Sequence[LenderQuarters]) -> Sequence[LenderQuarters]:
    """All by name, or of very many first those that missed most returns, then those that were late most often."""
    if len(lenders) <= MOST_ROWS:
        return lenders
    return sorted(lenders, key=lambda one: (-one.states.count("missing"), -one.states.count("late"), one.name))


def _drawn(lenders: Sequence[LenderQuarters]) -> Sequence[LenderQuarters]:
    return _worst_first(lenders)[:MOST_ROWS]


_ON_TIME: Final = " - ".join(f"{NOT_DRAWN}.all.{code}" for code in ("lenders", "missing", "late"))


def _others_said(bundle: Bundle) -> Said:
    """How many lenders have no strip, and how many of them were late or filed nothing in one of the quarters."""
    if NOT_DRAWN not in bundle.tables:
        return Said()
    number, missing, late = (bundle.worth(f"{NOT_DRAWN}.all.{code}") for code in ("lenders", "missing", "late"))
    noun, verb = plural(number, "lender", "lenders"), plural(number, "is", "are")
    whole = (f"{NOT_DRAWN}.all.lenders", "count")
    if not missing and not late:
        return bundle.tell(
            f"{{number}} {noun} that filed everything on time in these quarters {verb} not drawn.", number=whole
        )
    told = (
        "of {missing} a return is missing" if missing else "",
        f"{{late}} {'more ' if missing else ''}filed late" if late else "",
    )
    rest = "; all others filed everything on time" if bundle.holds(_ON_TIME) else ""
    return bundle.tell(
        f"{{number}} {noun} {verb} not drawn: {' and '.join(filter(None, told))}{rest}.",
        number=whole,
        missing=(f"{NOT_DRAWN}.all.missing", "number-word"),
        late=(f"{NOT_DRAWN}.all.late", "number-word"),
    )


def _tally(states: Iterable[plots.State]) -> str:
    due = [state for state in states if state in _DUE]
    return f"{due.count('on-time')} of {len(due)}"


def _known(given: Quality, proof: Proof, bundle: Bundle) -> tuple[Block | Pair, ...]:
    said = [*_breaks_said(given, bundle), *_answers_said(bundle), *_placed_said(bundle)]
    del proof
    return (
        *((Listing(heading="What stands behind the figures, and what does not", said=tuple(said)),) if said else ()),
        *_least(given, bundle),
    )


LEAST: Final = 10
"""Questions shown, those that fewest loans answer."""
LEAST_BESIDE: Final = 6
"""And where figures restated stand on the page beneath them: four more would push what was corrected onto another."""


def least_answered(given: Quality) -> tuple[FieldAnswers, ...]:
    """The optional questions that the smallest part of loans answers, the least answered first."""
    told = [(share, one.field, one) for one in given.answers if (share := part_answered(one)) is not None and share < 1]
    most = LEAST_BESIDE if given.restated.lines else LEAST
    return tuple(one for _, _, one in sorted(told, key=lambda each: each[:2])[:most])


def _least(given: Quality, bundle: Bundle) -> tuple[Tabulated, ...]:
    if not least_answered(given):
        return ()
    return (
        Tabulated(
            heading="The questions that fewest loans answer",
            caption="Onward loans by what their last return says; those to which a question does not apply stand apart",
            table=bundle.tables["least-answered"],
            small=True,
        ),
    )


def _breaks_said(given: Quality, bundle: Bundle) -> list[Said]:
    values = {figure.code: figure.value for figure in given.breaks}
    if not values.get("breaks"):
        return [bundle.tell("No difference between an accepted return and the books is left unexplained.")]
    said = begun(
        bundle.tell(
            "{count} {noun} between accepted returns and the books {verb} not wholly explained: {sum} in all.",
            count=("breaks", "number-word"),
            noun=plural(values["breaks"], "difference", "differences"),
            verb=plural(values["breaks"], "is", "are"),
            sum=("unexplained", "in-words"),
        )
    )
    if values.get("oldest_break") is None:
        return [said]
    return [said, bundle.tell("The oldest of them has stood for {days} days.", days=("oldest_break", "days"))]


def _answers_said(bundle: Bundle) -> list[Said]:
    if not bundle.tables["asked"].rows:
        return []
    return [
        bundle.tell(
            "Of the optional questions of the return {share} are answered; {blank} answers are left blank.",
            share=("asked.all.answered / asked.all.asked", "percent"),
            blank=("asked.all.blank", "count"),
        )
    ]


def _placed_said(bundle: Bundle) -> list[Said]:
    said = []
    for code, what in (("region", "The place"), ("outcome-area", "The outcome area")):
        row = f"coverage.{code}"
        if any(one.key == code and one.cells[1] for one in bundle.tables["coverage"].rows):
            ours = bundle.worth(f"{row}.share") is not None
            said.append(
                bundle.tell(
                    f"{{what}} is known of {{known}} of {{of}} {{noun}}{', {share} of the money' if ours else ''}.",
                    what=what,
                    noun=plural(bundle.worth(f"{row}.of"), "onward loan", "onward loans"),
                    known=(f"{row}.known", "count"),
                    of=(f"{row}.of", "count"),
                    share=(f"{row}.share", "percent"),
                )
            )
    return said


def restated_section(given: Restatements, bundle: Bundle, proof: Proof) -> Section:
    """What was published and is now known otherwise, figure by figure, and the movements that returns corrected."""
    return Section(
        code="corrections",
        heading=_restated_finding(given, bundle, proof),
        blocks=(*_restated_blocks(given, bundle), *_movements(bundle, proof)),
    )


def _restated_finding(given: Restatements, bundle: Bundle, proof: Proof) -> Said:
    if not given.lines:
        return findings.corrections_finding(bundle, proof)
    return begun(
        bundle.tell(
            "{count} {noun} of the statement for {quarter} {verb} now known otherwise",
            count=("rows restated", "number-word"),
            noun=plural(len(given.lines), "figure", "figures"),
            quarter=str(given.quarter),
            verb=plural(len(given.lines), "is", "are"),
        )
    )


def _restated_blocks(given: Restatements, bundle: Bundle) -> tuple[Block, ...]:
    if not given.lines:
        return ()
    prints: list[Print] = []
    for one in given.lines:
        prints.extend(
            bundle.written(f"restated-values.{one.code}.{side}_{one.unit}", style_of(one.unit))
            for side in ("shown", "known")
            if getattr(one, side) is not None
        )
        if isinstance(one.shown, (Money, int)) and isinstance(one.known, (Money, int)):
            row = f"restated-values.{one.code}"
            prints.append(bundle.written(f"{row}.known_{one.unit} - {row}.shown_{one.unit}", style_of(one.unit)))
    return (
        Tabulated(
            heading="Figure by figure: shown then, known now",
            caption=f"Figures of {given.statement}, of {given.quarter}, worked out again as known now; sums in pounds",
            table=bundle.tables["restated"],
            prints=tuple(prints),
            small=True,
        ),
        Prose(said=tuple(Said(text=f"[{at}] {cause}") for at, cause in enumerate(given.causes, start=1)), tone="note"),
    )


def _movements(bundle: Bundle, proof: Proof) -> tuple[Tabulated, ...]:
    del proof
    return (
        Tabulated(
            heading="What the corrected returns changed",
            caption="Restatements and corrections recorded since the last statement, pounds and pence",
            table=bundle.tables["corrections"],
            empty=closing.NOTHING_CORRECTED,
            small=True,
        ),
    )
