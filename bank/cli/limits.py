"""`bank limit …`: the limits, who let one be passed, and what each would read before a decision."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated

import typer

from bank.cli.answers import Format, FormatOption, show
from bank.cli.desk import STAFF, desk
from bank.cli.fields import (
    AmountOption,
    AsAtOption,
    FromOption,
    KeyOption,
    KnownAtOption,
    amount,
    at,
    day,
    key_of,
    number,
)
from bank.limits import commands, queries, waiving
from bank.limits.placing import sound_region
from bank.limits.rules import ACTS, KINDS, Act, Mark
from ledger.money import NOTHING, Money
from ledger.queries import known

app = typer.Typer(help="Limits: dated, hard or soft, shown before a decision.", no_args_is_help=True)

_On = Annotated[date | None, typer.Option("--on", parser=day, metavar="YYYY-MM-DD", help="Default today.")]
_Amount = Annotated[Money | None, typer.Option("--amount", parser=amount, metavar="POUNDS")]


@app.command()
def propose(
    context: typer.Context,
    kind: Annotated[str, typer.Argument(help=", ".join(KINDS))],
    *,
    from_on: FromOption,
    basis: Annotated[str, typer.Option("--basis", help="What it rests on.")],
    scope: Annotated[
        str, typer.Option("--scope", help="One intermediary, product, region or counterparty; else each.")
    ] = "",
    amount: _Amount = None,
    share: Annotated[Decimal | None, typer.Option("--share", parser=number, help="Like 0.15.")] = None,
    soft: Annotated[bool, typer.Option("--soft", help="Asks for a reason; a hard one refuses.")] = False,
    waivable_by: Annotated[str, typer.Option("--waivable-by", help="The role that may let it be passed.")] = "",
    key: KeyOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Propose a limit; with neither amount nor share, such a limit ends."""
    with desk(context) as here:
        done = commands.propose_limit(
            here,
            kind=kind,
            from_on=from_on,
            basis=basis,
            scope=scope,
            amount=amount,
            share=share,
            hard=not soft,
            waivable_by=waivable_by,
            key=key_of(key),
        )
    show(done, form)


@app.command()
def approve(
    context: typer.Context,
    limit: Annotated[str, typer.Argument(help="lim_…")],
    *,
    key: KeyOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Approve a limit that somebody else proposed."""
    with desk(context) as here:
        show(commands.decide_limit(here, limit=limit, approve=True, key=key_of(key)), form)


@app.command()
def reject(
    context: typer.Context,
    limit: Annotated[str, typer.Argument(help="lim_…")],
    *,
    reason: Annotated[str, typer.Option("--reason")],
    key: KeyOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Turn a limit down, or withdraw one's own."""
    with desk(context) as here:
        show(commands.decide_limit(here, limit=limit, approve=False, reason=reason, key=key_of(key)), form)


@app.command("pass")
def pass_(
    context: typer.Context,
    limit: Annotated[str, typer.Argument(help="lim_…")],
    facility: Annotated[str, typer.Argument(help="fac_…")],
    *,
    up_to: Annotated[str, typer.Option("--up-to", help="How far: pounds, or a plain number for a share.")],
    until: Annotated[
        date, typer.Option("--until", parser=day, metavar="YYYY-MM-DD", help="The last day on which it may.")
    ],
    reason: Annotated[str, typer.Option("--reason")],
    key: KeyOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Ask that a facility may pass a hard limit; whoever holds its role decides with `bank approval approve`."""
    with desk(context) as here:
        done = commands.ask_to_pass(
            here, limit=limit, facility=facility, up_to=up_to, until=until, reason=reason, key=key_of(key)
        )
    show(done, form)


@app.command()
def waivers(
    context: typer.Context,
    facility: Annotated[str, typer.Argument(help="fac_…")],
    *,
    as_at: AsAtOption = None,
    known_at: KnownAtOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """All leave that a facility was given to pass limits: how far, until when, by whom, and whether it still holds."""
    with desk(context, *STAFF) as here, here.reading() as session:
        found = waiving.waivers(session, facility, as_at=as_at, at=known(session, at(known_at)))
        show(found, form, columns=("request", "limit", "up_to", "ends", "holds", "agreed_by"))


@app.command("list")
def list_(
    context: typer.Context,
    *,
    as_at: AsAtOption = None,
    known_at: KnownAtOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Every limit that was proposed, and whether it holds."""
    with desk(context, *STAFF) as here, here.reading() as session:
        found = queries.limits_table(session, as_at=as_at, at=known(session, at(known_at)))
        columns = ("id", "kind", "scope", "amount", "share", "hard", "from_on", "decision", "in_force")
        show(found, form, columns=columns)


@app.command()
def evaluate(
    context: typer.Context,
    facility: Annotated[str, typer.Argument(help="fac_…")],
    action: Annotated[str, typer.Argument(help=", ".join(ACTS))],
    *,
    amount: _Amount = None,
    co_investors: Annotated[Money, typer.Option("--co-investors", parser=amount, metavar="POUNDS")] = NOTHING,
    region: Annotated[str | None, typer.Option("--region", help="To describe it so.")] = None,
    secured: Annotated[bool | None, typer.Option("--secured/--unsecured")] = None,
    first_loss: Annotated[bool | None, typer.Option("--first-loss/--no-first-loss")] = None,
    on: _On = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """What every limit would read if this were done on a day, by default now: looked at before it is."""
    with desk(context, *STAFF) as here, here.reading() as session:
        found = queries.evaluation(
            session,
            facility,
            action=action,
            amount=amount,
            co_investor_amount=co_investors,
            on=on,
            mark=Mark(sound_region(region), secured, first_loss),
        )
        show(found, form, rows="readings")


@app.command("evaluate-house")
def evaluate_house(
    context: typer.Context,
    action: Annotated[str, typer.Argument(help="subscribe-a, subscribe-b or place.")],
    *,
    amount: AmountOption,
    counterparty: Annotated[str, typer.Option("--counterparty", help="With whom money is to be placed.")] = "",
    book: Annotated[str, typer.Option("--book", help="Whose money: bank or, to place, reclaim-fund.")] = "bank",
    on: _On = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """What every limit on the bank's own money would read if this were done now, those from outside too."""
    with desk(context, *STAFF) as here, here.reading() as session:
        show(
            queries.house_evaluation(session, Act(action, amount, counterparty=counterparty, book=book), on=on),
            form,
            rows="readings",
        )


@app.command()
def decisions(
    context: typer.Context,
    subject: Annotated[str, typer.Argument(help="fac_…, or sub_… or plc_… of its own money.")],
    *,
    known_at: KnownAtOption = None,
    form: FormatOption = Format.JSON,
) -> None:
    """What every limit read before each decision on a facility, or on the bank's own money."""
    look = queries.evaluations if subject.startswith("fac_") else queries.house_evaluations
    with desk(context, *STAFF) as here, here.reading() as session:
        show(look(session, subject, known(session, at(known_at))), form)
