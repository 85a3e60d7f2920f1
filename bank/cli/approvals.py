"""`bank approval …`: the table of who must agree to what, and what is asked for, agreed to and turned down."""

from __future__ import annotations

from typing import Annotated

import typer

from bank.allocations.life import commands as life
from bank.approvals import commands, partners, queries
from bank.approvals.reckoning import reckoning
from bank.approvals.rules import A_MONTH, ACTIONS, CARRIED_OUT, OF_THE_HOUSE, ON_AN_INTERMEDIARY
from bank.cli.answers import Format, FormatOption, show
from bank.cli.desk import STAFF, desk
from bank.cli.fields import AmountOption, FromOption, KeyOption, KnownAtOption, amount, at, key_of
from bank.proposals import commands as proposals
from bank.proposals import queries as proposed
from ledger.money import NOTHING, Money
from ledger.queries import known
from ledger.whole_numbers import MOST_COUNTED

app = typer.Typer(help="Who must agree to what; the maker is never the checker.", no_args_is_help=True)

_LINE = ("id", "holds", "action", "from_amount", "roles", "from_on", "within_days", "basis")

RequestArgument = Annotated[str, typer.Argument(metavar="ID", help="req_…, or of a proposal its id, like trm_…")]
ReasonOption = Annotated[str, typer.Option("--reason")]


@app.command()
def rule(
    context: typer.Context,
    action: Annotated[str, typer.Argument(help=", ".join(ACTIONS))],
    *,
    role: Annotated[list[str] | None, typer.Option("--role", help="One person each; none: nobody.")] = None,
    from_amount: Annotated[Money, typer.Option("--from-amount", parser=amount, metavar="POUNDS")] = NOTHING,
    from_on: FromOption,
    basis: Annotated[str, typer.Option("--basis", help="What it rests on.")],
    within_days: Annotated[
        int,
        typer.Option(
            "--within-days", min=0, max=MOST_COUNTED, help="Acts of so many days count together; 0: each by itself."
        ),
    ] = A_MONTH,
    key: KeyOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Propose a line of the table: from an amount and a day on, an action takes one person for each role."""
    with desk(context) as here:
        done = commands.propose_rule(
            here,
            action=action,
            from_amount=from_amount,
            roles=tuple(role or ()),
            from_on=from_on,
            basis=basis,
            within_days=within_days,
            key=key_of(key),
        )
    show(done, form)


@app.command()
def rules(context: typer.Context, *, known_at: KnownAtOption = None, form: FormatOption = Format.TABLE) -> None:
    """The table: every line that was proposed, and what became of it."""
    with desk(context, *STAFF) as here, here.reading() as session:
        show(queries.rules_table(session, known(session, at(known_at))), form, columns=_LINE)


@app.command()
def ask(
    context: typer.Context,
    action: Annotated[str, typer.Argument(help=", ".join(CARRIED_OUT))],
    subject: Annotated[str, typer.Argument(help="fac_…, int_…; or the book that pays or is paid, or the journal.")],
    *,
    amount: AmountOption,
    reason: ReasonOption,
    to: Annotated[str, typer.Option("--to", help="Whom or what it is for, where there is a choice.")] = "",
    key: KeyOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Ask for the agreement that an act takes; once it is given, do it yourself, for exactly this amount."""
    with desk(context) as here:
        under = key_of(key)
        if action in OF_THE_HOUSE:
            done = commands.ask_for_house(
                here, action=action, subject=subject, amount=amount, reason=reason, to=to, key=under
            )
        elif action in ON_AN_INTERMEDIARY:
            done = partners.ask_for_partner(
                here, action=action, intermediary=subject, amount=amount, reason=reason, to=to, key=under
            )
        else:
            done = life.ask_approval(
                here, action=action, facility=subject, amount=amount, reason=reason, to=to, key=under
            )
    show(done, form)


@app.command()
def evaluate(
    context: typer.Context,
    action: Annotated[str, typer.Argument(help=", ".join(CARRIED_OUT))],
    subject: Annotated[str, typer.Argument(help="fac_…, int_…; or the book that pays or is paid, or the journal.")],
    *,
    amount: AmountOption,
    to: Annotated[str, typer.Option("--to", help="Whom or what it is for, where there is a choice.")] = "",
    known_at: KnownAtOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """What an act would come to by the table if it were done now: what counts with it, and whose agreement it takes."""
    with desk(context, *STAFF) as here, here.reading() as session:
        show(reckoning(session, action, subject, amount, to=to, at=known(session, at(known_at))), form, rows="steps")


@app.command()
def approve(
    context: typer.Context, request: RequestArgument, *, key: KeyOption = None, form: FormatOption = Format.TABLE
) -> None:
    """Agree to what somebody else asked for or proposed, whatever it is."""
    with desk(context) as here:
        show(proposals.decide(here, on=request, approve=True, key=key_of(key)), form)


@app.command()
def reject(
    context: typer.Context,
    request: RequestArgument,
    *,
    reason: ReasonOption,
    key: KeyOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Turn down what somebody else asked for or proposed, whatever it is; the reason is kept."""
    with desk(context) as here:
        show(proposals.decide(here, on=request, approve=False, reason=reason, key=key_of(key)), form)


@app.command()
def withdraw(
    context: typer.Context,
    request: RequestArgument,
    *,
    reason: ReasonOption,
    key: KeyOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Take back what you have asked for or proposed, whatever it is; the reason is kept."""
    with desk(context) as here:
        show(proposals.withdraw(here, what=request, reason=reason, key=key_of(key)), form)


@app.command()
def waiting(context: typer.Context, *, known_at: KnownAtOption = None, form: FormatOption = Format.TABLE) -> None:
    """Everything that waits for somebody's word, in whatever room, and for whose."""
    with desk(context, *STAFF) as here, here.reading() as session:
        found = proposed.waiting(session, at=known(session, at(known_at)))
        show(found, form, columns=("id", "title", "about", "amount", "terms", "asked_by_name", "waits_for"))


@app.command("show")
def show_(
    context: typer.Context,
    request: RequestArgument,
    *,
    known_at: KnownAtOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """What is decided on under an id, whatever it is: where it stands, and why it was turned down, if it was."""
    with desk(context, *STAFF) as here, here.reading() as session:
        show(proposed.whatever(session, request, at=known(session, at(known_at))), form)


@app.command("list")
def list_(
    context: typer.Context,
    *,
    on: Annotated[
        str | None,
        typer.Option("--on", help="What it is about, fac_…, int_…, a book or the journal; all when left out."),
    ] = None,
    known_at: KnownAtOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """What was asked for, and where it stands; rejections stay."""
    with desk(context, *STAFF) as here, here.reading() as session:
        found = queries.requests(session, subjects=None if on is None else [on], at=known(session, at(known_at)))
        columns = ("id", "action", "subject", "amount", "requested_by", "state", "waits_for")
        show(found, form, columns=columns)
