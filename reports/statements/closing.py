"""The last pages of every statement: returns, ties, corrections, trial balances and what each measure means."""

from __future__ import annotations

from collections.abc import Iterable

from reports.document import Definitions, Prose, Said, Section, Tabulated
from reports.figures import Measure, Table
from reports.statements import findings
from reports.statements.inputs import Issue, Proof
from reports.statements.tables import books, breaks, corrections, measures_of, returns
from reports.statements.telling import Bundle


def tables(proof: Proof) -> tuple[Table, ...]:
    """Every table of the closing pages."""
    return returns(proof), breaks(proof), corrections(proof), books(proof)


def returns_section(bundle: Bundle, proof: Proof) -> Section:
    """Which returns were due and what became of them."""
    return Section(
        code="returns",
        heading=findings.returns_finding(bundle),
        blocks=(
            Tabulated(
                caption="Returns due for the quarter, by intermediary",
                table=bundle.tables["returns"],
                empty="No facility had to file a return for this quarter.",
                note=_missing_note(proof),
                small=True,
            ),
        ),
    )


def _missing_note(proof: Proof) -> Said:
    if all(line.status != "missing" for line in proof.returns):
        return Said()
    why = f" The quarter was closed without it: {proof.closed_over}" if proof.closed_over else ""
    return Said(text=f"Where a return is missing, the last accepted one stands in every figure of lending.{why}")


def corrections_section(bundle: Bundle, proof: Proof) -> Section:
    """What is now known otherwise than an earlier statement showed."""
    return Section(
        code="corrections",
        heading=findings.corrections_finding(bundle, proof),
        blocks=(
            Tabulated(
                caption="Restatements and corrections recorded since the last statement, pounds and pence",
                table=bundle.tables["corrections"],
                empty="No return of an earlier quarter was corrected and no entry of one was reversed.",
                small=True,
            ),
        ),
    )


def ties_section(bundle: Bundle, proof: Proof) -> Section:
    """Whether the two sides of every facility agree, and every book in itself."""
    return Section(
        code="ties",
        heading=findings.ties_finding(bundle, proof),
        lead=Said(text=_compared(proof)),
        blocks=(
            *_breaks(bundle, proof),
            Tabulated(
                heading="Every book in one line",
                caption="Trial balances as at the day of this statement, pounds and pence",
                table=bundle.tables["books"],
                empty="No book has been opened yet.",
                small=True,
            ),
        ),
    )


def ties_in_short(bundle: Bundle, proof: Proof) -> Section:
    """The same in one sentence, for a statement that is not about the books; breaks are still shown in full."""
    return Section(
        code="ties",
        heading=findings.ties_finding(bundle, proof),
        lead=Said(text=f"{_compared(proof)} The portfolio statement shows the trial balance of every book."),
        blocks=_breaks(bundle, proof),
    )


def _compared(proof: Proof) -> str:
    if not proof.pairs_checked and not proof.ties_checked:
        return "There are no linked accounts to compare yet."
    pairs = f"{proof.pairs_checked:,} linked pairs of accounts were compared"
    ties = f"{proof.ties_checked:,} facilities were tied to their intermediaries' books"
    differing = f"{proof.pairs_that_disagree:,} pairs" if proof.pairs_that_disagree else "no pair"
    return f"{pairs} and {ties}; {differing} disagreed."


def _breaks(bundle: Bundle, proof: Proof) -> tuple[Tabulated, ...]:
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


def definitions_section(bundle: Bundle, further: Iterable[str] = ()) -> Section:
    """What every measure printed means, in the order they are met."""
    return Section(
        code="definitions",
        heading=Said(text="What each measure means"),
        blocks=(Definitions(measures=measures_printed(bundle, further)),),
    )


def measures_printed(bundle: Bundle, further: Iterable[str] = ()) -> tuple[Measure, ...]:
    """Every measure of the statement's figures, movements and columns, each once."""
    met: dict[str, Measure] = {box.code: box.measure for box in bundle.movements}
    met |= {figure.code: figure.measure for figure in bundle.figures}
    columns = (column.code for table in bundle.tables.values() for column in table.columns)
    for measure in measures_of([*further, *columns]):
        met.setdefault(measure.code, measure)
    return tuple(met.values())


def notes(issue: Issue) -> Prose:
    """How to read the numbers."""
    until = "" if issue.head.recorded_at is None else " The seal covers every entry up to the one it names."
    return Prose(
        said=(
            Said(
                text="Amounts are rounded half up when they are printed and not before; changes are worked out before "
                "rounding, so a column may differ from its total by its last digit. Nought is printed 0; less than "
                "half a thousand is printed <1; what is not known says so." + until
            ),
        ),
        tone="note",
    )
