"""`bank case …`: tell what became of an onward loan, approve it, keep that its consent is taken back, list them."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from bank.cases import commands, queries
from bank.cli.answers import Format, FormatOption, show
from bank.cli.desk import desk
from bank.cli.fields import KeyOption, KnownAtOption, at, day, key_of
from ledger.queries import known

app = typer.Typer(help="Case studies: what became of single onward loans.", no_args_is_help=True)

CaseArgument = Annotated[str, typer.Argument(metavar="CASE", help="The case study's identifier, cas_…")]

_COLUMNS = (
    "id", "loan_ref", "outcome", "title", "named", "consented_on", "consent_until", "withdrawn_at", "state",
)  # fmt: skip


@app.command()
def tell(
    context: typer.Context,
    intermediary: Annotated[str, typer.Argument(metavar="INTERMEDIARY", help="Whose loan it is, int_…")],
    loan_ref: Annotated[str, typer.Argument(metavar="LOAN", help="The lender's own reference of the loan.")],
    *,
    title: Annotated[str, typer.Option("--title", help="5 to 100 characters.")],
    text: Annotated[str, typer.Option("--text", help="One paragraph of 80 to 900 characters.")],
    outcome: Annotated[str, typer.Option("--outcome", help="succeeded, mixed or failed.")],
    evidence: Annotated[str, typer.Option("--evidence", help="The document, visit or minute that shows it.")],
    consent_by: Annotated[str, typer.Option("--consent-by", help="Who of the borrower gave it; never printed.")],
    consented_on: Annotated[
        date, typer.Option("--consented-on", parser=day, metavar="YYYY-MM-DD", help="The day of the consent.")
    ],
    consent_until: Annotated[
        date, typer.Option("--consent-until", parser=day, metavar="YYYY-MM-DD", help="The last day to print it.")
    ],
    named: Annotated[bool, typer.Option("--named/--anonymous", help="Whether the borrower may be named.")] = False,
    key: KeyOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Tell what became of a loan; the sums are drawn from the loan itself, and another approves it."""
    with desk(context) as here:
        done = commands.tell_case(
            here,
            intermediary=intermediary,
            loan_ref=loan_ref,
            title=title,
            text=text,
            outcome=outcome,
            evidence=evidence,
            consent_by=consent_by,
            consented_on=consented_on,
            consent_until=consent_until,
            named=named,
            key=key_of(key),
        )
        show(done, form)


@app.command()
def approve(
    context: typer.Context, case: CaseArgument, *, key: KeyOption = None, form: FormatOption = Format.TABLE
) -> None:
    """Approve a case study that somebody else told."""
    with desk(context) as here:
        show(commands.approve_case(here, id=case, key=key_of(key)), form)


@app.command("withdraw-consent")
def withdraw_consent(
    context: typer.Context,
    case: CaseArgument,
    *,
    reason: Annotated[str, typer.Option("--reason", help="Why, or that no reason was given.")],
    key: KeyOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Keep that the borrower takes its consent back: nothing issued from now on prints what was told of the loan."""
    with desk(context) as here:
        show(commands.withdraw_consent(here, id=case, reason=reason, key=key_of(key)), form)


@app.command("list")
def list_(context: typer.Context, *, known_at: KnownAtOption = None, form: FormatOption = Format.TABLE) -> None:
    """Every case study with its consent and its approval; to an intermediary those of its own loans."""
    with desk(context) as here, here.reading() as session:
        found = queries.cases(session, viewer=here.actor, at=known(session, at(known_at)))
        show(found, form, columns=_COLUMNS)
