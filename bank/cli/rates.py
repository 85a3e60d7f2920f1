"""`bank rate …`: the history of base rates, each step proposed with its source and approved by another."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

import typer

from bank.cli.answers import Format, FormatOption, show
from bank.cli.desk import STAFF, desk
from bank.cli.fields import FromOption, KeyOption, KnownAtOption, at, key_of, rate
from bank.rates import commands, queries
from ledger.queries import known

app = typer.Typer(help="Base rates: what they were from which day on.", no_args_is_help=True)


@app.command()
def propose(
    context: typer.Context,
    *,
    base: Annotated[str, typer.Option("--base", help="Its name, like bank-rate.")],
    value: Annotated[Decimal, typer.Option("--rate", parser=rate, help="A fraction, like 0.005.")],
    from_on: FromOption,
    source: Annotated[str, typer.Option("--source", help="Where it is published.")],
    key: KeyOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Propose what a base rate is from a day on."""
    with desk(context) as here:
        done = commands.propose_base_rate(here, base=base, rate=value, from_on=from_on, source=source, key=key_of(key))
    show(done, form)


@app.command()
def approve(
    context: typer.Context,
    step: Annotated[str, typer.Argument(metavar="STEP", help="bas_…")],
    *,
    key: KeyOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Approve another's step; it counts from its day."""
    with desk(context) as here:
        show(commands.approve_base_rate(here, id=step, key=key_of(key)), form)


@app.command("list")
def list_(
    context: typer.Context,
    *,
    base: Annotated[str | None, typer.Option("--base", help="One base rate; all when left out.")] = None,
    known_at: KnownAtOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Every step, with its source and who proposed and approved it."""
    with desk(context, *STAFF) as here, here.reading() as session:
        found = queries.base_rates(session, base, at=known(session, at(known_at)))
        show(found, form, columns=("id", "base", "from_on", "rate", "proposed_by", "approved_by", "state"))
