"""The command line: one file per room, each of which parses, calls one command or query, and shows the answer."""

from __future__ import annotations

import gc
import os
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from typing import Annotated, Any, Final

import typer
from typer.core import TyperGroup
from typer.main import get_command

from bank.cli.desk import Station
from ledger.refusals import Refusal, own_words
from ledger.words import readable

REFUSED: Final = 1
LOOKED_AFTER: Final = (20_000, 20, 20)
"""After how many more objects made than gone garbage is looked for, and how much more rarely among the older ones."""
FAILED: Final = 3

_LOOKED_AFTER: Final = 100_000
"""New objects after which cycles are looked for: most commands end before, and what a start imports stays. To look as
often as the interpreter would takes a tenth of a command's time."""

ROOMS: Final = {
    "person": "people:person_app",
    "key": "people:key_app",
    "inflow": "inflows:app",
    "capital": "capital:app",
    "treasury": "treasury:app",
    "stress": "stress:app",
    "intermediary": "allocations:intermediary_app",
    "allocation": "allocations:app",
    "rate": "rates:app",
    "life": "life:app",
    "limit": "limits:app",
    "approval": "approvals:app",
    "return": "returns:app",
    "organisation": "organisations:app",
    "places": "places:app",
    "case": "cases:app",
    "figure": "figures:app",
    "quarter": "quarters:app",
    "statement": "statements:app",
    "notice": "notices:app",
    "job": "jobs:app",
    "ledger": "ledger:app",
    "calc": "calc:app",
}
"""The first word of a command, and where its room stands. A room is only imported when its word is said: a command
should answer before its reader wonders, and most of a start would go into rooms it never enters."""

ALONE: Final = {"init": ":init", "serve": ".serve:serve", "demo": ".demo:demo", "trace": ".lineage:trace"}
"""The commands of one word, and where they stand; each is imported like a room, when it is said."""


class Program(TyperGroup):
    """All commands. What any of them cannot read is told in our words alone, wherever in the line it stands."""

    def make_context(self, *given: Any, **named: Any) -> Any:
        """What stands before the first word."""
        with _in_own_words():
            return super().make_context(*given, **named)

    def invoke(self, ctx: Any) -> Any:
        """What stands behind it."""
        with _in_own_words():
            return super().invoke(ctx)


@contextmanager
def _in_own_words() -> Iterator[None]:
    try:
        yield
    except typer.BadParameter as wrong:
        wrong.message = own_words(wrong.message)
        raise


def program(word: str | None = None) -> typer.Typer:
    """The command line: all of it, or only the room or the command that a first word names."""
    whole = typer.Typer(
        name="bank",
        cls=Program,
        help="Big Society Bank: dormant money in, wholesale finance out, returns back, statements that can be checked.",
        epilog="Exit codes: 0 done, 1 refused (the sentence says why and how to mend it), 2 misused, 3 the system "
        "failed.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    whole.callback()(station)
    wanted = (word,) if word in ROOMS or word in ALONE else (*ROOMS, *ALONE)
    for name in wanted:
        if name in ROOMS:
            whole.add_typer(_standing(f".{ROOMS[name]}"), name=name)
        else:
            whole.command(name)(_standing(ALONE[name]))
    return whole


def _standing(where: str) -> Any:
    module, _, attribute = where.partition(":")
    return getattr(import_module(f"{__name__}{module}"), attribute)


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


def init(
    context: typer.Context,
    *,
    app_role: Annotated[
        str | None,
        typer.Option("--app-role", metavar="NAME", help="PostgreSQL: the role that the application will work under."),
    ] = None,
) -> None:
    """Create the database, or upgrade it to this version; done again it changes nothing."""
    from bank.wiring import metadata, prepare  # noqa: PLC0415 -- only what needs a database waits for its import
    from ledger.store.database import Database  # noqa: PLC0415 -- the same
    from ledger.store.roles import grant_application  # noqa: PLC0415 -- the same

    station_: Station = context.obj
    opened = Database.open(station_.url)
    try:
        prepare(opened)
        if app_role is not None:
            grant_application(opened, app_role, metadata())
    finally:
        opened.close()
    sys.stdout.write(f"The bank's database is ready: {station_.url.split('@')[-1]}\n")


def main() -> None:
    """Run one command line and end with its exit code; what was misused, Typer tells and codes itself."""
    gc.set_threshold(_LOOKED_AFTER)
    try:
        word = _first_word(sys.argv[1:])
        assembled(word if word in ROOMS or word in ALONE else None)()
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


@cache
def assembled(room: str | None) -> Callable[[], object]:
    """The program of a room, of one command, or of all, kept for whoever runs several command lines in one process.

    It is put together without looking for garbage: what is imported stays, and looking takes time. What is there then
    is never looked at again, and what a command makes less often: in a long return that is a fifth of the time.
    """
    gc.disable()
    try:
        return get_command(program(room))
    finally:
        gc.freeze()
        gc.set_threshold(*LOOKED_AFTER)
        gc.enable()


def _first_word(words: Sequence[str]) -> str | None:
    """The first word that is neither an option nor the value of one."""
    rest = iter(words)
    for word in rest:
        if word in {"--database", "--as"}:
            next(rest, None)
        elif not word.startswith("-"):
            return word
    return None


def _say(sentence: str) -> None:
    sys.stderr.write(f"{readable(sentence)}\n")
