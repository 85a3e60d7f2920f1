"""A prepared database for each test in a moment: it is prepared once for each kind, and each test gets a copy."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Literal
from uuid import uuid4

from filelock import FileLock
from sqlalchemy import URL

from ledger.dates import SetClock
from ledger.identifiers import CountedIdentifiers
from ledger.store.database import Database
from tests import servers
from tests.reused import Reused

Began = Literal["opened", "staffed", "one-quarter", "two-quarters", "three-quarters"]
"""What a database begins with: the house's books; a small bank's people; so many quarters of the institution."""

OPENING: Final = datetime(2011, 7, 4, 9, 0, tzinfo=UTC)
"""A Monday morning in the bank's first summer: when the books of every test were opened."""

CLOCK: Final = SetClock(OPENING)
"""The clock of every test of this process: a database that one test after another works in goes by it."""

COMPILED: Final[dict[Any, Any]] = {}
"""Statements compiled for one database, at hand for the next of its kind: a fifth of a test went into it."""

QUARTERS: Final[Sequence[Began]] = ("opened", "one-quarter", "two-quarters", "three-quarters")
"""What a database begins with in which the institution of the tests has lived through so many quarters."""

_BEFORE: Final[Mapping[Began, Began]] = {"staffed": "opened", **dict(zip(QUARTERS[1:], QUARTERS, strict=False))}


@contextmanager
def empty(kind: str, run: Path, home: Path) -> Iterator[str]:
    """The URL of a database with nothing in it; it is gone when the block ends."""
    if kind == "sqlite":
        yield _sqlite_url(home / "empty.db")
        return
    with _postgresql(run, "template1") as url:
        yield url


@contextmanager
def prepared(kind: str, run: Path, home: Path, began: Began = "opened") -> Iterator[str]:
    """The URL of a database of its own that is ready to work in, and holds what it began with; gone at the end."""
    if kind == "sqlite":
        yield _sqlite_url(Path(shutil.copy(_sqlite_template(run, began), home / "bank.db")))
        return
    with _postgresql(run, _postgresql_template(run, began)) as url:
        yield url


@contextmanager
def opened(kind: str, run: Path, home: Path, began: Began = "opened") -> Iterator[Database]:
    """The same, opened, and going by the tests' clock; on PostgreSQL it may have been worked in before."""
    if kind == "sqlite":
        with prepared(kind, run, home, began) as url:
            database = Database.open(url, clock=CLOCK, identifiers=CountedIdentifiers("tests"), compiled=COMPILED)
            yield database
            database.close()
        return
    reused = _KEPT.pop(began, None) or made_to_be_reused(run, began)
    sound = False
    try:
        yield reused.begin()
        sound = reused.is_as_it_was()
    finally:
        if sound and began not in _KEPT:
            _KEPT[began] = reused
        else:
            throw_away(run, reused)


_KEPT: Final[dict[Began, Reused]] = {}
"""What lies ready for the next test of this process, by what it began with."""


def made_to_be_reused(run: Path, began: Began) -> Reused:
    """A new database of PostgreSQL, for one test after another."""
    template = _postgresql_template(run, began)
    with servers.telling_what_it_said(run):
        made = servers.make_database(servers.server(run), _a_name(run), template=template)
    return Reused(made, CLOCK, COMPILED)


def throw_away(run: Path, reused: Reused) -> None:
    """Let go of one, and remove it."""
    reused.close()
    with servers.telling_what_it_said(run):
        servers.drop_database(servers.server(run), reused.name)


def _sqlite_template(run: Path, began: Began) -> Path:
    made = run / f"{began}.db"
    if made.exists():
        return made
    with FileLock(made.with_suffix(".lock")):
        if not made.exists():
            draft = made.with_suffix(".draft")
            if before := _BEFORE.get(began):
                shutil.copy(_sqlite_template(run, before), draft)
            _make(run, began, _sqlite_url(draft))
            draft.rename(made)
    return made


def _postgresql_template(run: Path, began: Began) -> str:
    """The name of the run's template database, made by whoever asks first."""
    where, name, made = servers.server(run), f"{run.name}-{began}", run / f"{began}.postgresql"
    if made.exists():
        return name
    with FileLock(made.with_suffix(".postgresql-lock")):
        if not made.exists():
            before = _BEFORE.get(began)
            template = {"template": _postgresql_template(run, before)} if before else {}
            _make(run, began, _text(servers.make_database(where, name, **template)))
            made.touch()
    return name


def hang_up(run: Path) -> None:
    """Close this process's connections to the run's server, if it has come up."""
    while _KEPT:
        throw_away(run, _KEPT.popitem()[1])
    if (run / "opened.postgresql").exists():
        servers.hang_up(servers.server(run))


def clear_away(run: Path) -> None:
    """Remove the templates from a server that outlives the run."""
    if servers.OWN_SERVER in os.environ:
        for made in run.glob("*.postgresql"):
            servers.drop_database(servers.server(run), f"{run.name}-{made.stem}")


def _make(run: Path, began: Began, url: str) -> None:
    """Put into a template what it has beyond the one that it was copied from."""
    clock = SetClock(OPENING)
    database = Database.open(url, clock=clock, identifiers=CountedIdentifiers(began))
    if began == "opened":
        from bank.wiring import prepare  # noqa: PLC0415 -- tests of pure rules need not wait for Alembic

        prepare(database)
    elif began == "staffed":
        from tests.bank.small_bank import SmallBank  # noqa: PLC0415 -- nor for the bank's rooms

        SmallBank(database, clock).open()
    else:
        from tests.bank import institution  # noqa: PLC0415 -- the same

        institution.live(database, clock, run, QUARTERS.index(began))
    database.close()


@contextmanager
def _postgresql(run: Path, template: str) -> Iterator[str]:
    where = servers.server(run)
    name = _a_name(run)
    try:
        with servers.telling_what_it_said(run):
            made = servers.make_database(where, name, template=template)
        yield _text(made)
    finally:
        with servers.telling_what_it_said(run):
            servers.drop_database(where, name)


def _a_name(run: Path) -> str:
    return f"{run.name}-{uuid4().hex[:12]}"


def _sqlite_url(path: Path) -> str:
    return f"sqlite:///{path}"


def _text(url: URL) -> str:
    return url.render_as_string(hide_password=False)
