"""`bank return …`: lending returns: the form, the check that needs no database, filing, attesting, accepting."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import Annotated, Final, Literal

import typer

from bank.cli import questions
from bank.cli.answers import Format, FormatOption, as_csv, print_head, print_json, show
from bank.cli.desk import STAFF, desk
from bank.cli.fields import KeyOption, KnownAtOption, QuarterArgument, amount, at, day, key_of, quarter, write_new
from bank.cli.told import MarkedOption, marked_form, told_findings, told_receipt
from intermediaries.returns.bounds import LIMITS
from intermediaries.returns.breaks.kinds import Category
from intermediaries.returns.checking import Checked, check
from intermediaries.returns.findings import counted, findings_json
from intermediaries.returns.marking import with_findings
from intermediaries.returns.template import template
from ledger.dates import Quarter
from ledger.money import Money
from ledger.refusals import Malformed

app = typer.Typer(help="Lending returns: template, check, submit, attest, accept.", no_args_is_help=True)
app.add_typer(questions.app)

_FORMS: Final[dict[str, Literal["xlsx", "csv", "json"]]] = {".xlsx": "xlsx", ".csv": "csv", ".json": "json"}

FileArgument = Annotated[Path, typer.Argument(metavar="FILE", help="A return as .xlsx, .csv or .json.")]
QuarterOption = Annotated[Quarter, typer.Option("--quarter", parser=quarter, metavar="QUARTER", help="Like 2012Q4.")]
FacilityOption = Annotated[str | None, typer.Option("--facility", help="fac_…, when the file does not say it.")]
CashOption = Annotated[
    Money | None,
    typer.Option("--cash-held", parser=amount, metavar="POUNDS", help="When the file does not say it."),
]
ReturnArgument = Annotated[str, typer.Argument(metavar="RETURN", help="The return's identifier, ret_…")]
BreakArgument = Annotated[str, typer.Argument(metavar="BREAK", help="The break's identifier, brk_…")]


@app.command("template")
def template_(
    context: typer.Context,
    *,
    quarter: QuarterOption,
    facility: Annotated[
        str | None, typer.Option("--facility", help="fac_…; left out, the form is empty and needs no database.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Where to write it; the ending says the form.")] = None,
) -> None:
    """Write the form to fill in; for a facility in the database every loan still open is already there."""
    target = out or Path(f"return-{quarter}.xlsx")
    form = _FORMS.get(target.suffix.lower())
    if form is None:
        raise typer.BadParameter("the file must end in .xlsx, .csv or .json", param_hint="--out")
    if facility is None:
        write_new(target, template(form, quarter=quarter))
        sys.stdout.write(f"{target}: {counted(0, 'open loan')} filled in\n")
        return
    from intermediaries.returns.acceptance import start_of  # noqa: PLC0415 -- an empty form needs no database

    with desk(context) as here, here.reading() as session:
        start = start_of(session, facility, quarter, viewer=here.actor)
    write_new(
        target, template(form, facility=facility, quarter=quarter, cash_before=start.cash, open_loans=start.loans)
    )
    since = f" as of the return for {start.until}" if start.until else ""
    sys.stdout.write(f"{target}: {counted(len(start.loans), 'open loan')} filled in{since}\n")
    if start.lacks:
        sys.stdout.write(
            f"The return for {start.lacks} is not attested yet, and what it changes is not in this form: "
            "attest it first, then take the form again.\n"
        )


@app.command("check")
def check_(
    file: FileArgument,
    *,
    quarter: QuarterOption,
    facility: FacilityOption = None,
    cash_held: CashOption = None,
    whole: Annotated[bool, typer.Option("--all", help="Every finding one by one, however many.")] = False,
    out: MarkedOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Check a return without a database: every finding at once, with its place and its remedy. Changes nothing."""
    data, marked_as = read(file), out and marked_form(out)
    checked = check(data, quarter=quarter, facility=facility, cash_held=cash_held, filename=file.name, prior=None)
    if out is not None and marked_as:
        write_new(out, with_findings(data, checked.findings, as_format=marked_as, filename=file.name))
    show_findings(checked, form, whole=whole)
    if form is Format.TABLE:
        wrong = {found.column for found in checked.findings if found.rule == "header-readable"}
        unsaid = [
            name for name in ("facility", "cash_held") if getattr(checked.header, name) is None and name not in wrong
        ]
        if checked.format is not None and unsaid:
            sys.stdout.write(f"Filing it also needs {' and '.join(unsaid)}, which the file does not say.\n")
    if not checked.ok:
        raise typer.Exit(1)


@app.command()
def submit(
    context: typer.Context,
    file: FileArgument,
    *,
    quarter: QuarterOption,
    facility: FacilityOption = None,
    cash_held: CashOption = None,
    only_changes: Annotated[
        bool,
        typer.Option("--only-changes", help="Open loans without a row go on as they were; else each must be there."),
    ] = False,
    key: KeyOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """File a return. With errors it is kept and queried, and nothing is posted."""
    from intermediaries.returns import commands  # noqa: PLC0415 -- the check beside it needs no database

    with desk(context) as here:
        done = commands.submit_return(
            here,
            data=read(file),
            filename=file.name,
            quarter=quarter,
            facility=facility,
            cash_held=cash_held,
            only_changes=only_changes,
            key=key_of(key),
        )
    told_receipt(done, form)
    if done.errors:
        raise typer.Exit(1)


@app.command()
def attest(
    context: typer.Context,
    return_id: ReturnArgument,
    *,
    name: Annotated[str, typer.Option("--name", help="Who answers for it.")],
    role: Annotated[str, typer.Option("--role", help="Their role at the intermediary.")],
    form: FormatOption = Format.TABLE,
) -> None:
    """Attest a return, as a person of the intermediary that filed it (--as)."""
    from intermediaries.returns import commands  # noqa: PLC0415 -- as above

    with desk(context) as here:
        told_receipt(commands.attest_return(here, return_id=return_id, name=name, role=role), form)


@app.command()
def accept(
    context: typer.Context,
    return_id: ReturnArgument,
    *,
    explanation: Annotated[str | None, typer.Option("--explanation", help="Of a difference to the facility.")] = None,
    key: KeyOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Accept an attested return: its movements are posted and tied to the facility."""
    from intermediaries.returns import commands  # noqa: PLC0415 -- as above

    with desk(context) as here:
        done = commands.accept_return(here, return_id=return_id, explanation=explanation, key=key_of(key))
    if form is Format.TABLE:
        told_receipt(done.accepted, form)
        print_head(done, ("tie", "posted", "reversed", "also_accepted"))
    else:
        show(done, form)


@app.command()
def reject(
    context: typer.Context,
    return_id: ReturnArgument,
    *,
    reason: Annotated[str, typer.Option("--reason", help="The intermediary reads it.")],
    key: KeyOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Turn down a return that has not been accepted."""
    from intermediaries.returns import commands  # noqa: PLC0415 -- as above

    with desk(context) as here:
        told_receipt(commands.reject_return(here, return_id=return_id, reason=reason, key=key_of(key)), form)


@app.command()
def breaks(
    context: typer.Context,
    *,
    quarter: Annotated[Quarter | None, typer.Option("--quarter", parser=quarter, metavar="QUARTER")] = None,
    owner: Annotated[
        str | None, typer.Option("--owner", help="What this person has in hand, per_… or address.")
    ] = None,
    known_at: KnownAtOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """What does not tie between returns and facilities, explained or not: how old it is, and who is to clear it."""
    from bank.people.queries import person  # noqa: PLC0415 -- as above
    from intermediaries.returns.breaks.queries import breaks as broken  # noqa: PLC0415 -- as above
    from ledger.queries import known  # noqa: PLC0415 -- as above

    columns = ("id", "facility", "quarter", "remaining", "state", "sentence", "first_seen", "quarters", "days")
    with desk(context, *STAFF) as here, here.reading() as session:
        whose = None if owner is None else person(session, owner).id
        then = None if known_at is None else known(session, at(known_at))
        found = broken(session, quarter=quarter, owner=whose, known=then)
        show(found, form, columns=(*columns, "owner_name", "clear_by"))


@app.command()
def assign(
    context: typer.Context,
    break_id: BreakArgument,
    *,
    to: Annotated[str, typer.Option("--to", help="Who is to clear it: per_… or their address.")],
    reason: Annotated[str, typer.Option("--reason", help="Why they.")],
    clear_by: Annotated[date | None, typer.Option("--by", parser=day, metavar="DATE")] = None,
    key: KeyOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Put a break into the hands of somebody of the bank, who is to clear it."""
    from bank.quarters.commands import assign_break  # noqa: PLC0415 -- as above

    with desk(context) as here:
        done = assign_break(here, break_id=break_id, to=to, reason=reason, clear_by=clear_by, key=key_of(key))
    show(done, form)


@app.command("tie")
def tie_(
    context: typer.Context,
    return_id: ReturnArgument,
    *,
    known_at: KnownAtOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """What the facility owes the bank against what is out on loan, with every reason why the two differ."""
    from intermediaries.returns.tying import tie  # noqa: PLC0415 -- as above
    from ledger.queries import known  # noqa: PLC0415 -- as above

    with desk(context) as here, here.reading() as session:
        show(tie(session, return_id, viewer=here.actor, known=known(session, at(known_at))), form)


@app.command()
def explain(
    context: typer.Context,
    break_id: BreakArgument,
    *,
    category: Annotated[Category, typer.Option("--category")],
    reason: Annotated[str, typer.Option("--reason")],
    part: Annotated[
        Money | None, typer.Option("--amount", parser=amount, metavar="POUNDS", help="A part; all when left out.")
    ] = None,
    key: KeyOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Explain a break, or a part of it, with others' agreement where a rule says so; fees and costs are posted."""
    from bank.quarters import commands  # noqa: PLC0415 -- as above

    with desk(context) as here:
        done = commands.explain_break(
            here, break_id=break_id, category=category, reason=reason, amount=part, key=key_of(key)
        )
    show(done, form)


@app.command()
def compare(
    context: typer.Context,
    return_id: ReturnArgument,
    *,
    form: FormatOption = Format.TABLE,
) -> None:
    """What a version changed, cell by cell and in total, against the one whose place it takes."""
    from intermediaries.returns.comparing import difference  # noqa: PLC0415 -- as above

    with desk(context) as here, here.reading() as session:
        found = difference(session, return_id, viewer=here.actor)
    if form is Format.TABLE:
        print_head(
            found,
            (
                "return_id",
                "against",
                "against_state",
                "added",
                "removed",
                "carried",
                "totals",
                "cash_held_before",
                "cash_held_after",
            ),
        )
        if found.lines:
            show(found.lines, form)
        else:
            sys.stdout.write("No cell of a loan was changed.\n")
    else:
        show(found, form, rows="lines")


@app.command("signs")
def signs_(
    context: typer.Context,
    return_id: ReturnArgument,
    *,
    form: FormatOption = Format.TABLE,
) -> None:
    """Signs that a loan may look better than it is; for the fund manager's eyes, and they prove nothing."""
    from intermediaries.returns.comparing import signs_in  # noqa: PLC0415 -- as above

    with desk(context) as here, here.reading() as session:
        show(
            signs_in(session, return_id, viewer=here.actor), form, columns=("loan_ref", "borrower_name", "rule", "seen")
        )


@app.command()
def due(
    context: typer.Context,
    quarter: QuarterArgument,
    *,
    known_at: KnownAtOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Every return a quarter asks for: when it was due, whether it came, and how many days late."""
    from intermediaries.returns import queries  # noqa: PLC0415 -- as above
    from ledger.queries import known  # noqa: PLC0415 -- as above

    columns = ("facility", "due_on", "filed_on", "accepted_on", "days_late", "status", "loans")
    with desk(context) as here, here.reading() as session:
        found = queries.lateness(session, quarter, known(session, at(known_at)), viewer=here.actor)
        show(found, form, columns=columns)


@app.command("show")
def show_(
    context: typer.Context,
    return_id: ReturnArgument,
    *,
    out: Annotated[
        Path | None, typer.Option("--out", help="Write the file here too, as it came: to correct it and send it again.")
    ] = None,
    known_at: KnownAtOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """One return that was filed: where it stands, why it was turned down if it was, and what can be done now."""
    from intermediaries.returns import queries  # noqa: PLC0415 -- as above
    from ledger.queries import known  # noqa: PLC0415 -- as above

    with desk(context) as here, here.reading() as session:
        then = None if known_at is None else known(session, at(known_at))
        found = queries.return_(session, return_id, viewer=here.actor, known=then)
        if out is not None:
            write_new(out, queries.original(session, return_id, viewer=here.actor).data)
    told_receipt(found, form)


@app.command("list")
def list_(
    context: typer.Context,
    *,
    quarter: Annotated[Quarter | None, typer.Option("--quarter", parser=quarter, metavar="QUARTER")] = None,
    facility: Annotated[str | None, typer.Option("--facility")] = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Returns filed, with their state."""
    from intermediaries.returns import queries  # noqa: PLC0415 -- as above

    with desk(context) as here, here.reading() as session:
        found = queries.returns(session, viewer=here.actor, quarter=quarter, facility=facility, limit=500)
        columns = ("id", "facility", "quarter", "version", "state", "loans", "errors", "questions", "unanswered")
        show(found.items, form, columns=(*columns, "received_at"))


def read(file: Path) -> bytes:
    """The file's bytes, one more than the limit at the most: a larger file is refused without being read."""
    try:
        with file.open("rb") as opened:
            return opened.read(LIMITS.max_bytes + 1)
    except OSError as fault:
        raise Malformed(f"{file} cannot be read: {fault.strerror}") from fault


def show_findings(checked: Checked, form: Format, *, whole: bool = False) -> None:
    """Print what a check found."""
    findings = findings_json(checked.findings)
    if form is Format.JSON:
        print_json({"rows": checked.row_count, "findings": findings})
    elif form is Format.CSV:
        sys.stdout.write(as_csv(findings))
    else:
        told_findings(checked.findings, whole=whole)
        found = ((checked.row_count, "loan"), (len(checked.errors), "error"), (len(checked.questions), "question"))
        sys.stdout.write(f"{', '.join(counted(number, what) for number, what in found)}.\n")
        if not checked.row_count and checked.ok:
            sys.stdout.write("Where no loan is open, file it as a nil return: bank return nil.\n")
