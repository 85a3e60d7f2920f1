"""The command line: one file per room, each of which parses, calls one command or query, and shows the answer."""

from __future__ import annotations

import os
import sys
import traceback
from typing import Annotated, Final

import typer

from bank.cli import allocations, calc, demo, inflows, ledger, people, quarters, returns, statements
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
app.add_typer(people.person_app, name="person")
app.add_typer(people.key_app, name="key")
app.add_typer(inflows.app, name="inflow")
app.add_typer(allocations.intermediary_app, name="intermediary")
app.add_typer(allocations.app, name="allocation")
app.add_typer(returns.app, name="return")
app.add_typer(quarters.app, name="quarter")
app.add_typer(statements.app, name="statement")
app.add_typer(ledger.app, name="ledger")
app.add_typer(calc.app, name="calc")
app.command()(demo.demo)


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
    source = context.get_parameter_source("database")
    context.obj = Station(database, person, named=source is not None and source.name != "DEFAULT")


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


@app.command()
def serve(
    context: typer.Context,
    *,
    host: Annotated[str, typer.Option("--host", envvar="BANK_HOST", help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", envvar="BANK_PORT", min=0, max=65535, help="The port.")] = 8000,
) -> None:
    """Serve the HTTP API under /v1 until stopped."""
    import uvicorn  # noqa: PLC0415 -- only the server needs it

    from bank.api import create_app  # noqa: PLC0415 -- the same
    from bank.settings import Settings  # noqa: PLC0415 -- the same
    from bank.wiring import open_prepared  # noqa: PLC0415 -- the same

    station_: Station = context.obj
    database = open_prepared(station_.url)
    try:
        uvicorn.run(
            create_app(database, Settings.read()), host=host, port=port, server_header=False, log_level="warning"
        )
    finally:
        database.close()


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
