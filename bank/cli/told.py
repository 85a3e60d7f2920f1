"""How a return is told of at the terminal: its receipt, and what was found in it, by rule where there is much."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Final, Literal

import typer
from rich.console import Console
from rich.text import Text

from bank.cli.answers import Format, print_head, show
from intermediaries.returns.findings import Answered, Finding
from intermediaries.returns.grouping import Group, grouped
from intermediaries.returns.views import ReturnView
from ledger.words import readable

MarkedOption = Annotated[
    Path | None,
    typer.Option("--out", help="Write the return here too (.xlsx, .csv), with what was found in its cells."),
]

FEW: Final = 9
"""So many findings are told one by one; more are told by rule."""
_RECEIPT: Final = (
    *("id", "facility", "quarter", "version", "supersedes", "state", "manner", "loans", "sent", "carried"),
    *("errors", "questions", "answered", "unanswered", "cash_held", "totals", "content_sha256", "rules_version"),
    *("received_at", "submitted_by_name", "attested_at", "attested_by", "attested_role", "due_on", "days_late"),
)


def told_receipt(done: ReturnView, form: Format) -> None:
    """Print the receipt of a return, and below it what was found."""
    if form is not Format.TABLE:
        show(done, form)
        return
    print_head(done, _RECEIPT)
    if done.findings:
        told_findings([Answered(**found.model_dump()) for found in done.findings])
    for line in _next_steps(done):
        Console(highlight=False, soft_wrap=True).print(_said(line))


def _next_steps(done: ReturnView) -> Iterator[str]:
    """What whoever filed a return can do now, in the words to type: a form once a quarter is nobody's daily work."""
    if done.state == "queried":
        yield "Nothing of it counts yet: mend the file, and file it again."
    elif done.state == "rejected":
        said = done.events[-1]
        yield f"{said.actor_name} turned it down: {said.reason}. Mend the file, and file it again."
    elif done.state == "superseded" and done.superseded_by:
        yield f"{done.superseded_by} took its place."
    if done.state not in {"checked", "attested"}:  # what is asked of a file with errors may be asked because of them
        return
    asking = dict.fromkeys(found.rule for found in done.findings if found.severity == "question" and not found.answer)
    for rule in asking:
        yield f"Where it is as it stands: bank return confirm {done.id} --rule {rule} --reason …"
    if done.state == "checked":
        yield f"Then a person of the intermediary attests it: bank return attest {done.id} --name … --role …"
    elif done.state == "attested":
        yield "It waits for a fund manager of the bank, who accepts it or says why not."


def marked_form(target: Path) -> Literal["xlsx", "csv"]:
    """The form that a return is given back in, with the findings written into it, as the ending of the name says."""
    forms: dict[str, Literal["xlsx", "csv"]] = {".xlsx": "xlsx", ".csv": "csv"}
    form = forms.get(target.suffix.lower())
    if form is None:
        raise typer.BadParameter("the file must end in .xlsx or .csv", param_hint="--out")
    return form


def told_findings(findings: Sequence[Finding], *, whole: bool = False) -> None:
    """Print findings: a few one by one, many by rule unless all are asked for."""
    if len(findings) > FEW and not whole:
        told_groups(grouped(findings), None)
    else:
        _one_by_one(findings)


def told_groups(groups: Sequence[Group], findings: Sequence[Finding] | None) -> None:
    """Print findings by rule with the first few places of each, or every one of them where they are given."""
    console = Console(highlight=False, soft_wrap=True)
    if not groups:
        console.print(_said("Nothing was found."))
    for group in groups:
        answered = f", {group.answered} answered" if group.severity == "question" else ""
        often = f"{group.count:,} time{'s' * (group.count > 1)}{answered}"
        console.print(_said(f"{group.severity.capitalize()} {group.rule}: {often}. {group.sentence}"))
        for one in () if findings is not None else group.examples:
            console.print(_said(f"    {_place(one.sheet, one.row, one.column, one.loan_ref)}: {one.message}"))
            if not group.remedy:
                console.print(_said(f"        to mend it: {one.remedy}"))
            if one.answer:
                console.print(_said(f"        answered: {one.answer} ({one.answered_by})"))
        if findings is None and group.count > len(group.examples):
            console.print(_said(f"    and {group.count - len(group.examples):,} more, told by --all"))
        if group.remedy:
            console.print(_said(f"    to mend it: {group.remedy}"))
    if findings is not None:
        _one_by_one(findings)


def _one_by_one(findings: Sequence[Finding]) -> None:
    console = Console(highlight=False, soft_wrap=True)
    for found in findings:
        place = _place(found.sheet, found.row, found.column, found.loan_ref)
        console.print(_said(f"{found.severity.capitalize()} in {place}: {found.message}"))
        answer = f"{found.answer} ({found.answered_by})" if isinstance(found, Answered) and found.answer else ""
        for label, said in (("expected", found.expected), ("to mend it", found.remedy), ("answered", answer)):
            if said:
                console.print(_said(f"    {label}: {said}"))


def _place(sheet: str, row: int | None, column: str | None, loan_ref: str) -> str:
    counted = f"loan {row}{f' ({loan_ref})' if loan_ref else ''}" if row else ""
    loan = counted or (f"loan {loan_ref}" if loan_ref else "")  # one carried on, or missing, has no row
    parts = (sheet and f"sheet {sheet}", loan, column and f"column {column}")
    return ", ".join(part for part in parts if part) or "the file"


def _said(text: str) -> Text:
    return Text(readable(text))
