"""Upkeep: entries that wait for their place, and the role that the application works under."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from bank.cli.answers import Format, FormatOption, show
from bank.cli.desk import STAFF, desk, told_to_stop
from bank.wiring import metadata
from ledger import placing
from ledger.placing import MOST_AT_A_TIME, Placed
from ledger.store.roles import statements_for

app = typer.Typer()


@app.command()
def place(
    context: typer.Context,
    *,
    watch: Annotated[bool, typer.Option("--watch", help="Go on until told to stop: the worker.")] = False,
    most: Annotated[
        int, typer.Option("--most", min=1, max=MOST_AT_A_TIME, help="Entries at most, without --watch.")
    ] = MOST_AT_A_TIME,
    form: FormatOption = Format.TABLE,
) -> None:
    """Give entries that wait their place in the journal: once, or with --watch until interrupted. PostgreSQL only."""
    with desk(context, "fund-manager", "administrator") as here:
        if watch:
            placing.place_until(here, told_to_stop(), told=_told, failed=_failed)
        else:
            show(placing.place_waiting(here, most), form)


@app.command()
def lag(context: typer.Context, *, form: FormatOption = Format.TABLE) -> None:
    """What waits for its place, and since when. Ends with 1 when it has waited too long: no worker is at work."""
    with desk(context, *STAFF) as here, here.reading() as session:
        found = placing.lag(session)
    show(found, form)
    if found.late:
        raise typer.Exit(1)


@app.command()
def roles(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="ROLE", help="The role that the application works under.")],
) -> None:
    """Print the SQL by which `bank init --app-role` gives a role what the application needs, and nothing else."""
    with desk(context, "administrator") as here:
        found = statements_for(here.database, name, metadata())
    sys.stdout.writelines(f"{statement};\n" for statement in found)


def _told(turn: Placed) -> None:
    sys.stdout.write(f"Placed {turn.placed}; {turn.waiting} wait.\n")
    sys.stdout.flush()
    if turn.faulty:
        sys.stderr.write(f"{len(turn.faulty)} cannot be placed; the first: {turn.faulty[0].sentence}\n")
        sys.stderr.flush()


def _failed(problem: Exception) -> None:
    sys.stderr.write(f"This turn failed and is tried again: {problem}\n")
    sys.stderr.flush()
