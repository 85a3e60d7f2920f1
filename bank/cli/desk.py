"""Where the command line works: the database it was pointed at, and who sits at the keyboard."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event, current_thread, main_thread
from types import FrameType
from typing import TYPE_CHECKING, Any, Final

import typer

if TYPE_CHECKING:
    # A check or a calculation needs no database, and should not wait for one to be imported.
    from ledger.store.work import Desk


@dataclass(slots=True)
class Station:
    """What stands before the command: the database's URL, and the person who acts, if one is named."""

    url: str
    person: str | None
    named: bool = False
    """Whether somebody named the database, or it is only the usual one."""

    def stands(self) -> bool:
        """Whether there is a database to ask: one that somebody named, or the usual one where it is."""
        return self.named or Path(self.url.partition(":///")[2]).exists()


_APPROVE: Final = "--approve"

_COMPILED: Final[dict[Any, Any]] = {}
"""Statements compiled for one command, at hand for the next in the same process."""

STAFF: Final = ("fund-manager", "trustee", "auditor", "administrator")
"""The bank's own people: who may look at what is no intermediary's business."""


_BESIDES: Final = frozenset({"form", "key"})
"""How an act is answered and told from another: no part of what is to be done."""


def spoken(context: typer.Context) -> list[str]:
    """The options and arguments that this command was given, as they are written, without how it is to answer."""
    return [
        one.opts[0]
        for one in context.command.params
        if one.name not in {None, *_BESIDES} and _said(context, str(one.name))
    ]


def _said(context: typer.Context, name: str) -> bool:
    source = context.get_parameter_source(name)
    return source is not None and source.name != "DEFAULT"


def _approves_alone(context: typer.Context) -> None:
    """Refuse an approval beside terms: what was proposed is approved as it stands, and other terms would be lost."""
    others = [name for name in spoken(context) if name != _APPROVE]
    if others and _said(context, "approve"):
        raise typer.BadParameter(
            f"a proposal is approved as it stands: leave out {', '.join(others)}, or propose anew without {_APPROVE}",
            param_hint=_APPROVE,
        )


@contextmanager
def desk(context: typer.Context, *may: str) -> Iterator[Desk]:
    """The desk of this command: the person named with --as, or the operator at the machine.

    Refuses, before any database is opened, an approval beside the terms of a proposal.
    `may` are the roles that may look here; a command that writes asks for its own roles itself. The operator holds
    the database file, so nothing in it can be kept from them by us.
    """
    _approves_alone(context)
    from bank.people import queries as people  # noqa: PLC0415 -- see above
    from bank.wiring import OPERATOR, open_prepared  # noqa: PLC0415 -- see above
    from ledger.store.work import Desk  # noqa: PLC0415 -- see above

    station: Station = context.obj
    database = open_prepared(station.url, compiled=_COMPILED)
    try:
        actor = OPERATOR
        if station.person is not None:
            with database.reading() as session:
                actor = people.actor_of_person(session, station.person)
        if may and actor is not OPERATOR:
            actor.require(*may)
        yield Desk(database, actor)
    finally:
        database.close()


def told_to_stop() -> Event:
    """What is set when the system or somebody at the keyboard asks this program to end."""
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop


@contextmanager
def interrupts_heeded() -> Iterator[Callable[[], None]]:
    """What to call between the steps of a long work, so that an interrupt ends it even where Python dropped it.

    An interrupt is raised wherever the program happens to be, and is lost in what can raise nothing to anybody: a
    destructor, the end of a weak reference, of which every import has some. Where interrupts are not Python's own
    affair (ignored, or heeded otherwise) they are left alone, and so they are outside the main thread.
    """
    usual, came = signal.getsignal(signal.SIGINT), Event()
    if usual is not signal.default_int_handler or current_thread() is not main_thread():
        yield lambda: None
        return

    def heard(number: int, frame: FrameType | None) -> None:
        came.set()
        signal.default_int_handler(number, frame)

    def heed() -> None:
        if came.is_set():
            raise KeyboardInterrupt

    signal.signal(signal.SIGINT, heard)
    try:
        yield heed
    finally:
        signal.signal(signal.SIGINT, usual)
