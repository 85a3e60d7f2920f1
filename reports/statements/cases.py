"""What became of single loans: case studies in the borrower's and lender's words, beside the sums of each."""

from __future__ import annotations

from typing import Final

from ledger.money import Money
from reports.document import Block, Listing, Pair, Said, Section, Tabulated
from reports.figures import Column, Row, Table
from reports.formatting import long_day
from reports.statements.inputs import CaseLine, CaseStudies, ImpactStatement
from reports.statements.tables import measured, text
from reports.statements.telling import Bundle, begun, joined, plural

CASES: Final = "cases"
_TEXTS: Final = "case-texts"
_RULE: Final = (
    "The rule: the newest by the day of the borrower's consent, one a loan and three at most, and one that failed "
    "whenever one is told. Each is told by its lender or a fund manager and approved by somebody else."
)


def tables(given: CaseStudies) -> tuple[Table, ...]:
    """What happened with the money of each, and the words of each, which the pages print under its title."""
    columns = (
        text("case", "Case study", 44),
        text("outcome", "Outcome", 14),
        measured("lent", "The bank lent", 14, "pounds"),
        measured("co_invested", "Others lent", 14, "pounds"),
        measured("repaid_by_borrower", "Repaid", 14, "pounds"),
        measured("onward_written_off", "Written off", 14, "pounds"),
        measured("onward_recovered", "Recovered", 14, "pounds"),
        measured("outstanding", "Still out", 14, "pounds"),
    )
    rows = tuple(Row(key=line.code, cells=(line.title, line.outcome, *_sums(line))) for line in given.lines)
    money = Table(code=CASES, title="Case studies", columns=columns, rows=rows, provenance=(given.provenance,))
    return money, _texts(given)


def _sums(line: CaseLine) -> tuple[Money, ...]:
    return line.lent, line.co_invested, line.repaid, line.written_off, line.recovered, line.outstanding


def _texts(given: CaseStudies) -> Table:
    columns: tuple[Column, ...] = (
        text("borrower", "Borrower"),
        text("told", "As told"),
        text("evidence", "Shown by"),
        Column(code="consented_on", title="Consent of", unit="date"),
    )
    rows = tuple(
        Row(key=line.code, cells=(line.borrower, line.text, line.evidence, line.consented_on)) for line in given.lines
    )
    return Table(code=_TEXTS, title="Case studies as told", columns=columns, rows=rows, provenance=(given.provenance,))


def section(given: ImpactStatement, bundle: Bundle) -> Section:
    """The case studies, each under its title, and what happened with the money of each."""
    return Section(
        code="cases",
        heading=finding(given.cases, bundle),
        lead=joined(Said(text=_RULE), lacking(given.cases)),
        blocks=_blocks(given.cases, bundle),
        new_page=True,
    )


def finding(given: CaseStudies, bundle: Bundle) -> Said:
    """How many of the loans told of failed; that none is told where none is."""
    if not given.lines:
        return bundle.tell("No borrower has consented yet to be told of")
    failed = sum(line.outcome == "failed" for line in given.lines)
    whole = (f"rows {CASES}", "number-word")
    if not failed:
        number = len(given.lines)
        loans, they = plural(number, "loan is", "loans are"), plural(number, "it did not fail", "none of them failed")
        return begun(bundle.tell(f"{{of}} {loans} told of with consent; {they}", of=whole))
    return begun(
        bundle.tell(
            f"{{failed}} of {{of}} {plural(len(given.lines), 'loan', 'loans')} told of with consent failed",
            failed=(f"count {CASES} outcome failed", "number-word"),
            of=whole,
        )
    )


def lacking(given: CaseStudies) -> Said:
    """That no failed loan is among them, which no reader should have to find out."""
    if any(line.outcome == "failed" for line in given.lines):
        return Said()
    return Said(text="No loan that failed has been told of with its borrower's consent, so none is shown.")


def _blocks(given: CaseStudies, bundle: Bundle) -> tuple[Block | Pair, ...]:
    if not given.lines:
        return ()
    return (
        *(_told(line) for line in given.lines),
        Tabulated(
            heading="What happened with the money",
            caption="To date, pounds and pence, from returns and books; the bank's share, and others' apart",
            table=bundle.tables[CASES],
            small=True,
        ),
    )


def _told(line: CaseLine) -> Listing:
    whose = f"{line.borrower}, named" if line.borrower else "Told without the borrower's name,"
    return Listing(
        heading=f"{line.title}: {line.outcome}",
        said=(
            Said(text=line.text),
            Said(text=f"{whose} by its consent of {long_day(line.consented_on)}. Shown by: {line.evidence}."),
        ),
    )
