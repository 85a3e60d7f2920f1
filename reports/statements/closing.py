"""The last pages of every statement: returns, ties, corrections, trial balances and what each measure means."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from reports.document import Block, Definitions, Pair, Print, Prose, Said, Section, Tabulated
from reports.figures import Measure, Table
from reports.statements import findings
from reports.statements.inputs import Issue, Proof
from reports.statements.proofs import books, breaks, checks, corrections, returns
from reports.statements.tables import measures_of
from reports.statements.telling import Bundle, charts_in, joined, plural, tables_in


def tables(proof: Proof) -> tuple[Table, ...]:
    """Every table of the closing pages."""
    return returns(proof), breaks(proof), corrections(proof), books(proof), checks(proof)


def returns_in_short(bundle: Bundle, proof: Proof) -> Section:
    """How punctual the quarter's returns were, and each where they are not many; the portfolio statement shows all."""
    few = 0 < len(proof.returns) <= MOST_RETURNS
    table = Tabulated(
        caption="Each facility's return for the quarter, by its lender", table=bundle.tables["returns"], small=True
    )
    return Section(
        code="returns",
        heading=findings.returns_finding(bundle),
        lead=Said(text=missing_note(proof) or EVERY_RETURN),
        blocks=(table,) if few else (),
    )


MOST_RETURNS: Final = 16
"""Returns that are told of one by one on a page on which they are not what matters most."""
EVERY_RETURN: Final = "Every figure of lending rests on the last accepted return of each facility."


def missing_note(proof: Proof) -> str:
    """What stands in the figures where a return is missing, and why the quarter was closed without it."""
    if all(line.status != "missing" for line in proof.returns):
        return ""
    why = f" The quarter was closed without it: {proof.closed_over}" if proof.closed_over else ""
    return (
        "Where a return is missing, the last accepted one stands in every figure of lending; where none was ever "
        f"accepted, nothing does.{why}"
    )


def corrections_section(bundle: Bundle, proof: Proof) -> Section:
    """What is now known otherwise than an earlier statement showed; where nothing is, that in a sentence."""
    table = Tabulated(
        caption="Restatements and corrections recorded since the last statement, pounds and pence",
        table=bundle.tables["corrections"],
        small=True,
    )
    return Section(
        code="corrections",
        heading=findings.corrections_finding(bundle, proof),
        lead=Said() if proof.corrections else Said(text=NOTHING_CORRECTED),
        blocks=(table,) if proof.corrections else (),
    )


NOTHING_CORRECTED: Final = "No return of an earlier quarter was corrected and no entry of one was reversed."


def ties_in_short(bundle: Bundle, proof: Proof) -> Section:
    """The same in one sentence, for a statement that is not about the books; breaks are still shown in full."""
    return Section(
        code="ties",
        heading=findings.ties_finding(bundle, proof),
        lead=joined(compared(bundle), Said(text="The portfolio statement shows the trial balances.")),
        blocks=breaks_shown(bundle, proof),
    )


def compared(bundle: Bundle) -> Said:
    """How many linked accounts were compared, and how many of them differ."""
    if not bundle.holds("checks.all.pairs") and not bundle.holds("checks.all.ties"):
        return bundle.tell("There are no linked accounts to compare yet.")
    worth = {name: bundle.worth(f"checks.all.{name}") for name in ("pairs", "ties", "differing")}
    pairs = plural(worth["pairs"], "pair of accounts was", "pairs of accounts were")
    ties = plural(
        worth["ties"], "facility was tied to its intermediary's", "facilities were tied to their intermediaries'"
    )
    differing = f"{{differing}} {plural(worth['differing'], 'pair', 'pairs')}" if worth["differing"] else "no pair"
    return bundle.tell(
        f"{{pairs}} linked {pairs} compared and {{ties}} {ties} books; {differing} disagreed.",
        pairs=("checks.all.pairs", "count"),
        ties=("checks.all.ties", "count"),
        differing=("checks.all.differing", "count"),
    )


def breaks_shown(bundle: Bundle, proof: Proof) -> tuple[Tabulated, ...]:
    """The facilities that do not tie, in full; nothing where all do."""
    if not proof.breaks:
        return ()
    return (
        Tabulated(
            heading="Breaks in the tie",
            caption="What is owed by our book and by theirs, pounds and pence",
            table=bundle.tables["breaks"],
            small=True,
        ),
    )


def definitions_section(
    bundle: Bundle, issue: Issue, shown: Iterable[Block | Pair], prints: Iterable[Print], *, new_page: bool = False
) -> Section:
    """What every measure printed or drawn means, in the order they are met; the drawings link to it.

    Where they are many they have a page of their own.
    """
    return Section(
        code="definitions",
        heading=Said(text="What each measure means, and its name in figures.json"),
        blocks=(notes(issue), Definitions(measures=measures_printed(bundle, shown, prints))),
        new_page=new_page,
    )


def measures_printed(bundle: Bundle, shown: Iterable[Block | Pair], prints: Iterable[Print]) -> tuple[Measure, ...]:
    """The measures of what stands on the pages: numbers in words, rows and columns of tables, drawings; each once."""
    blocks = tuple(shown)
    tables = tables_in(blocks)
    wanted = {name for one in prints for name in _NAMES.findall(one.reference)}
    wanted |= {row.key for table in tables for row in table.rows}
    wanted |= {column.code for table in tables for column in table.columns}
    drawn = {measure.code: measure for chart in charts_in(blocks) for measure in chart.behind}
    carried = {measure.code: measure for measure in measures_carried(bundle)} | drawn
    return tuple(measure for code, measure in carried.items() if code in wanted | drawn.keys())


_NAMES: Final = re.compile(r"[a-z_0-9]+")


def measures_carried(bundle: Bundle) -> tuple[Measure, ...]:
    """Every measure of the statement's figures, movements and columns, printed or only attached, each once."""
    met: dict[str, Measure] = {box.code: box.measure for box in bundle.movements}
    met |= {figure.code: figure.measure for figure in bundle.figures}
    columns = (column.code for table in bundle.tables.values() for column in table.columns)
    for measure in measures_of(columns):
        met.setdefault(measure.code, measure)
    return tuple(met.values())


def notes(issue: Issue) -> Prose:
    """How to read the numbers."""
    until = "" if issue.head.recorded_at is None else " The seal covers every entry up to the one it names."
    return Prose(
        said=(
            Said(
                text="Amounts are rounded half up when they are printed and not before; changes are worked out before "
                "rounding. Tables add as printed: totals, and figures told by themselves, keep their own rounding, and "
                "where the parts would miss them, parts nearest to the half are printed one last digit up or down, "
                "never a whole one from the truth. figures.json has every exact value and marks each such part. "
                "Nought is printed 0; what rounds to it is printed <1 and counts as 0; what is not known says so."
                + until
            ),
        ),
        tone="note",
    )
