"""`bank serve`: the HTTP door, and beside it the worker that places what waits."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Event, Thread
from typing import TYPE_CHECKING, Annotated

import typer

from bank.cli.desk import Station

if TYPE_CHECKING:
    # Whoever asks for another command should not wait for a database to be imported.
    from ledger.store.database import Database


def serve(
    context: typer.Context,
    *,
    host: Annotated[str, typer.Option("--host", envvar="BANK_HOST", help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", envvar="BANK_PORT", min=0, max=65535, help="The port.")] = 8000,
) -> None:
    """Serve the HTTP API under /v1 until stopped; warns of a server that could lose what it has answered for."""
    import uvicorn  # noqa: PLC0415 -- only the server needs it

    from bank.api import create_app  # noqa: PLC0415 -- the same
    from bank.settings import Settings  # noqa: PLC0415 -- the same
    from bank.wiring import open_prepared  # noqa: PLC0415 -- the same

    station: Station = context.obj
    settings = Settings.read()
    database = open_prepared(station.url)
    try:
        _warn_of_risks(database)
        with _worker(database, settings.place_every_ms):
            uvicorn.run(create_app(database, settings), host=host, port=port, server_header=False, log_level="warning")
    finally:
        database.close()


def _warn_of_risks(database: Database) -> None:
    from ledger.store import durability  # noqa: PLC0415 -- as above

    with database.reading() as session:
        for risk in durability.lacking(session):
            sys.stderr.write(f"Caution: {risk}\n")
        sys.stderr.flush()


@contextmanager
def _worker(database: Database, every_ms: int) -> Iterator[None]:
    """A worker beside the server, where entries can wait for their place; it ends with its turn when the block does."""
    from bank.wiring import OPERATOR  # noqa: PLC0415 -- as above
    from ledger.placing import place_until  # noqa: PLC0415 -- the same
    from ledger.store.work import Desk  # noqa: PLC0415 -- the same

    if database.dialect == "sqlite" or not every_ms:
        yield
        return
    stop = Event()
    thread = Thread(
        target=place_until,
        args=(Desk(database, OPERATOR), stop, timedelta(milliseconds=every_ms)),
        kwargs={"told": lambda _: None, "failed": _say_failure},
        name="placing",
    )
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _say_failure(problem: Exception) -> None:
    sys.stderr.write(f"Placing what waits failed and is tried again: {problem}\n")
    sys.stderr.flush()
