"""The command line: one file per room, each of which parses, calls one command or query, and shows the answer."""

from __future__ import annotations

import os
import sys
import traceback
from typing import Annotated, Final

import typer

from bank.cli import calc, ledger
from bank.cli.desk import Station
from ledger.refusals import Refusal
from ledger.store.database import Database

REFUSED: Final = 1
FAILED: Final = 3

app = typer.Typer(
    name="bank",
    help="Big Society Bank: dormant money in, wholesale finance out, returns back, statements that can be checked.",
    epilog="Exit codes: 0 done, 1 refused (the sentence says why and how to mend it), 2 misused, 3 the system failed.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(ledger.app, name="ledger")
app.add_typer(calc.app, name="calc")


@app.callback()
def station(
    context: typer.Context,
    *,
    database: Annotated[
        str, typer.Option("--database", envvar="BANK_DATABASE_URL", help="Where the bank lives.")
    ] = "sqlite:///bank.db",
    person: Annotated[
        str | None,
        typer.Option("--as", envvar="BANK_AS", help="Who acts: a person's identifier or e-mail address."),
    ] = None,
) -> None:
    """Big Society Bank."""
    context.obj = Station(database, person)


@app.command()
def init(context: typer.Context) -> None:
    """Create the database, or upgrade it to this version; done again it changes nothing."""
    from bank.wiring import prepare  # noqa: PLC0415 -- Alembic is slow to import, and only this command needs it

    station_: Station = context.obj
    opened = Database.open(station_.url)
    try:
        prepare(opened)
    finally:
        opened.close()
    sys.stdout.write(f"The bank's database is ready: {station_.url.split('@')[-1]}\n")


def main() -> None:
    """Run one command line and end with its exit code; what was misused, Typer tells and codes itself."""
    try:
        app()
    except Refusal as refusal:
        _say(refusal.sentence)
        sys.exit(REFUSED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except Exception as failure:  # noqa: BLE001 -- the last door: whatever it is, it is told and coded
        _say(f"The system itself failed: {failure!r}. Nothing was done that is not in the books.")
        if os.environ.get("BANK_TRACE"):
            traceback.print_exc()
        sys.exit(FAILED)


def _say(sentence: str) -> None:
    sys.stderr.write(f"{sentence}\n")
