"""`bank serve`: the HTTP door, and beside it the worker that places what waits."""

from __future__ import annotations

import asyncio
import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Event, Thread
from typing import TYPE_CHECKING, Annotated, Final

import typer

from bank.cli.desk import Station
from ledger.refusals import Refusal

if TYPE_CHECKING:
    # Whoever asks for another command should not wait for a database to be imported.
    from ledger.placing import Placed
    from ledger.store.database import Database


_USUAL_PORT: Final = 8000
_FOR_ANYBODY: Final = 1024
_LAST_PORT: Final = 65_535


class CannotListen(Refusal):
    """The address or the port cannot be had."""

    slug = "cannot-listen"


def serve(
    context: typer.Context,
    *,
    host: Annotated[str, typer.Option("--host", envvar="BANK_HOST", help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", envvar="BANK_PORT", min=0, max=_LAST_PORT, help="The port.")
    ] = _USUAL_PORT,
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
        _refuse_unless_free(host, port)
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


def _refuse_unless_free(host: str, port: int) -> None:
    """Pass when this program can listen there: the server itself would only tell the number of the system's fault."""
    try:
        asyncio.run(_listened(host, port))
    except OSError as fault:
        raise _cannot_listen(host, port, fault) from fault


async def _listened(host: str, port: int) -> None:
    """Listen as the server will, and let go at once."""
    server = await asyncio.get_running_loop().create_server(asyncio.Protocol, host, port)
    server.close()
    await server.wait_closed()


def _cannot_listen(host: str, port: int, fault: OSError) -> CannotListen:
    other = port + 1 if _FOR_ANYBODY <= port < _LAST_PORT else _USUAL_PORT
    choose = f"another port with --port or BANK_PORT, such as --port {other}"
    if fault.errno == errno.EADDRINUSE:
        told = f"Port {port} of {host} is taken by another program: stop that one, or choose {choose}"
    elif fault.errno == errno.EACCES:
        told = f"Port {port} of {host} may not be taken by this user: choose {choose}"
    else:
        why = os.strerror(fault.errno) if fault.errno is not None and fault.errno > 0 else fault.strerror
        told = (
            f"Nobody can listen at {host!r:.80} on this machine ({why}): choose one of its addresses with "
            "--host or BANK_HOST, such as 127.0.0.1"
        )
    return CannotListen(told, host=host, port=port)


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
        kwargs={"told": _say_faulty, "failed": _say_failure},
        name="placing",
    )
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _say_faulty(turn: Placed) -> None:
    if turn.faulty:
        sys.stderr.write(f"{len(turn.faulty)} entries cannot be placed; the first: {turn.faulty[0].sentence}\n")
        sys.stderr.flush()


def _say_failure(problem: Exception) -> None:
    sys.stderr.write(f"Placing what waits failed and is tried again: {problem}\n")
    sys.stderr.flush()
