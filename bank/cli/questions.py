"""`bank return findings`, `confirm`, `question-policy`, `rules`, `nil`: what is asked of a return and answered."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from bank.cli.answers import Format, FormatOption, as_csv, print_json, show
from bank.cli.desk import STAFF, desk, spoken
from bank.cli.fields import (
    KeyOption,
    KnownAtOption,
    OptionalFrom,
    QuarterArgument,
    amount,
    at,
    key_of,
    quarter,
    write_new,
)
from bank.cli.told import MarkedOption, marked_form, told_groups, told_receipt
from intermediaries.returns.findings import findings_json
from intermediaries.returns.grouping import grouped
from intermediaries.returns.marking import with_findings
from intermediaries.returns.rules import rules_of
from intermediaries.returns.rules_listed import rules_listed
from ledger.dates import Quarter
from ledger.money import Money
from ledger.whole_numbers import MOST_COUNTED

app = typer.Typer()

ReturnArgument = Annotated[str, typer.Argument(metavar="RETURN", help="The return's identifier, ret_…")]


@app.command("findings")
def findings_(
    context: typer.Context,
    return_id: ReturnArgument,
    *,
    whole: Annotated[bool, typer.Option("--all", help="Every finding; JSON and CSV always have all.")] = False,
    out: MarkedOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """What was found in a return that was filed, by rule, and what its filer answered."""
    from intermediaries.returns import queries  # noqa: PLC0415 -- listing the rules needs no database

    marked_as = out and marked_form(out)
    with desk(context) as here, here.reading() as session:
        found = queries.findings(session, return_id, viewer=here.actor)
        sent = queries.original(session, return_id, viewer=here.actor)
    if out is not None and marked_as:
        name, kind = sent.filename, sent.content_type
        write_new(out, with_findings(sent.data, found, as_format=marked_as, filename=name, content_type=kind))
    if form is Format.JSON:
        print_json(findings_json(found))
    elif form is Format.CSV:
        sys.stdout.write(as_csv(findings_json(found)))
    else:
        told_groups(grouped(found), found if whole else None)


@app.command()
def confirm(
    context: typer.Context,
    return_id: ReturnArgument,
    *,
    rule: Annotated[str, typer.Option("--rule", help="The rule that asks; all its questions unless narrowed.")],
    reason: Annotated[str, typer.Option("--reason", help="Why it is so, in a sentence.")],
    loan: Annotated[str | None, typer.Option("--loan", metavar="REF", help="Of this loan.")] = None,
    row: Annotated[
        int | None, typer.Option("--row", min=1, max=MOST_COUNTED, help="In this row, counted from 1.")
    ] = None,
    column: Annotated[str | None, typer.Option("--column", help="In this column.")] = None,
    key: KeyOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Confirm what a return's questions ask about, as whoever filed it (--as), each with its reason."""
    from intermediaries.returns.questions.commands import confirm_questions  # noqa: PLC0415 -- as above

    with desk(context) as here:
        done = confirm_questions(
            here,
            return_id=return_id,
            rule=rule,
            reason=reason,
            loan_ref=loan,
            row=row,
            column=column,
            key=key_of(key),
        )
    told_receipt(done, form)


@app.command("question-policy")
def question_policy(
    context: typer.Context,
    *,
    stops: Annotated[
        bool | None, typer.Option("--stops/--passes", help="Whether unanswered questions stop an attestation.")
    ] = None,
    from_on: OptionalFrom = None,
    basis: Annotated[str, typer.Option("--basis", help="What it rests on: an agreement, a minute.")] = "",
    approve: Annotated[str | None, typer.Option("--approve", help="Approve another's proposal.")] = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Propose what unanswered questions do from a day on, approve another's proposal, or list the policies."""
    from bank.approvals.questions import approve_question_policy  # noqa: PLC0415 -- as above
    from intermediaries.returns.questions import policies, queries  # noqa: PLC0415 -- as above

    with desk(context, *STAFF) as here:
        if approve is not None:
            show(approve_question_policy(here, id=approve), form)
        elif stops is not None and from_on is not None:
            show(policies.propose_question_policy(here, stops=stops, from_on=from_on, basis=basis), form)
        elif spoken(context):
            raise typer.BadParameter("needs --stops or --passes, --from and --basis")
        else:
            with here.reading() as session:
                show(queries.question_policies(session), form)


@app.command()
def rules(
    *,
    quarter: Annotated[Quarter | None, typer.Option("--quarter", parser=quarter, metavar="QUARTER")] = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """The rules that returns of a quarter are held to, each with its sentence; with none named, all there ever were."""
    if form is Format.TABLE:
        sys.stdout.write(f"Rules of {quarter or 'every quarter'}, version {rules_of(quarter).version}\n")
    show(rules_listed(quarter), form, columns=("rule", "tier", "severity", "sentence"))


@app.command()
def reminders(
    context: typer.Context,
    quarter: QuarterArgument,
    *,
    known_at: KnownAtOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Who is to be told what of each return that a quarter asks for and that was not filed. Nothing is sent."""
    from intermediaries.returns import queries  # noqa: PLC0415 -- as above
    from ledger.queries import known  # noqa: PLC0415 -- as above

    columns = ("facility", "due_on", "days_late", "since", "to", "sentence", "next_on")
    with desk(context) as here, here.reading() as session:
        found = queries.reminders(session, quarter, known(session, at(known_at)), viewer=here.actor)
        show(found, form, columns=columns)


@app.command("nil")
def nil_(
    context: typer.Context,
    *,
    facility: Annotated[str, typer.Option("--facility", help="fac_…")],
    quarter: Annotated[Quarter, typer.Option("--quarter", parser=quarter, metavar="QUARTER", help="Like 2012Q4.")],
    cash_held: Annotated[Money, typer.Option("--cash-held", parser=amount, metavar="POUNDS")],
    key: KeyOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """File a return that says that no loan was made yet, or that all have come to their end."""
    from intermediaries.returns.commands import file_nil_return  # noqa: PLC0415 -- as above

    with desk(context) as here:
        done = file_nil_return(here, facility=facility, quarter=quarter, cash_held=cash_held, key=key_of(key))
    told_receipt(done, form)
    if done.errors:
        raise typer.Exit(1)
