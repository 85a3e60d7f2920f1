"""`bank quarter …`: the gates, the soft close and the close for good."""

from __future__ import annotations

from typing import Annotated

import typer

from bank.cli.answers import Format, FormatOption, show
from bank.cli.desk import STAFF, desk
from bank.cli.fields import QuarterArgument
from bank.quarters import commands, queries

app = typer.Typer(help="Close a quarter, or look at what stands in the way.", no_args_is_help=True)


@app.command()
def close(
    context: typer.Context,
    quarter: QuarterArgument,
    *,
    hard: Annotated[bool, typer.Option("--hard", help="For good: no entry by any route, ever.")] = False,
    accept_missing: Annotated[
        str, typer.Option("--accept-missing", help="Why to close though returns are missing; the statement says so.")
    ] = "",
    form: FormatOption = Format.TABLE,
) -> None:
    """Run the gates, name what fails, and close."""
    with desk(context) as here:
        show(commands.close(here, quarter=quarter, hard=hard, accept_missing=accept_missing), form)


@app.command()
def reopen(
    context: typer.Context,
    quarter: QuarterArgument,
    *,
    reason: Annotated[str, typer.Option("--reason")],
    form: FormatOption = Format.TABLE,
) -> None:
    """Open a soft-closed quarter again."""
    with desk(context) as here:
        show(commands.reopen(here, quarter=quarter, reason=reason), form)


@app.command("show")
def show_(context: typer.Context, quarter: QuarterArgument, *, form: FormatOption = Format.TABLE) -> None:
    """The state of a quarter, and every gate that would stop its close."""
    with desk(context, *STAFF) as here, here.reading() as session:
        show(queries.quarter(session, quarter), form)
