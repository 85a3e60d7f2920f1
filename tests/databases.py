"""A prepared database for each test in a moment: it is prepared once for each kind, and each test gets a copy."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from filelock import FileLock
from sqlalchemy import URL

from ledger.dates import SetClock
from ledger.identifiers import CountedIdentifiers
from ledger.store.database import Database
from tests import servers

OPENING: Final = datetime(2011, 7, 4, 9, 0, tzinfo=UTC)
"""A Monday morning in the bank's first summer: when the books of every test were opened."""


COMPILED: Final[dict[Any, Any]] = {}
"""Statements compiled for one database, at hand for the next of its kind: a fifth of a test went into it."""


@contextmanager
def empty(kind: str, run: Path, home: Path) -> Iterator[str]:
    """The URL of a database with nothing in it; it is gone when the block ends."""
    if kind == "sqlite":
        yield _sqlite_url(home / "empty.db")
        return
    with _postgresql(run, "template1") as url:
        yield url


@contextmanager
def prepared(kind: str, run: Path, home: Path, *, staffed: bool = False) -> Iterator[str]:
    """The URL of a database that is ready to work in, with a small bank's people in it if wanted; gone at the end."""
    if kind == "sqlite":
        yield _sqlite_url(Path(shutil.copy(_sqlite_template(run, staffed=staffed), home / "bank.db")))
        return
    with _postgresql(run, _postgresql_template(run, staffed=staffed)) as url:
        yield url


def _sqlite_template(run: Path, *, staffed: bool) -> Path:
    made = run / f"{_template(staffed=staffed)}.db"
    if made.exists():
        return made
    with FileLock(made.with_suffix(".lock")):
        if not made.exists():
            draft = made.with_suffix(".draft")
            if staffed:
                shutil.copy(_sqlite_template(run, staffed=False), draft)
                _staff(_sqlite_url(draft))
            else:
                _prepare(_sqlite_url(draft))
            draft.rename(made)
    return made


def _postgresql_template(run: Path, *, staffed: bool) -> str:
    """The name of the run's template database, made by whoever asks first."""
    where = servers.server(run)
    name = f"{run.name}-{_template(staffed=staffed)}"
    made = run / f"{_template(staffed=staffed)}.postgresql"
    if made.exists():
        return name
    with FileLock(made.with_suffix(".postgresql-lock")):
        if not made.exists():
            if staffed:
                before = _postgresql_template(run, staffed=False)
                _staff(_text(servers.make_database(where, name, template=before)))
            else:
                _prepare(_text(servers.make_database(where, name)))
            made.touch()
    return name


def _template(*, staffed: bool) -> str:
    return "staffed" if staffed else "template"


def hang_up(run: Path) -> None:
    """Close this process's connection to the run's server, if it has come up."""
    if (run / "template.postgresql").exists():
        servers.hang_up(servers.server(run))


def clear_away(run: Path) -> None:
    """Remove the templates from a server that outlives the run."""
    for staffed in (False, True):
        made = run / f"{_template(staffed=staffed)}.postgresql"
        if made.exists() and servers.OWN_SERVER in os.environ:
            servers.drop_database(servers.server(run), _postgresql_template(run, staffed=staffed))


def _prepare(url: str) -> None:
    from bank.wiring import prepare  # noqa: PLC0415 -- tests of pure rules need not wait for Alembic

    database = Database.open(url, clock=SetClock(OPENING), identifiers=CountedIdentifiers("opening"))
    prepare(database)
    database.close()


def _staff(url: str) -> None:
    from tests.bank.small_bank import SmallBank  # noqa: PLC0415 -- tests of pure rules need not wait for the bank's rooms

    clock = SetClock(OPENING)
    database = Database.open(url, clock=clock, identifiers=CountedIdentifiers("staff"))
    SmallBank(database, clock).open()
    database.close()


@contextmanager
def _postgresql(run: Path, template: str) -> Iterator[str]:
    where = servers.server(run)
    name = f"{run.name}-{uuid4().hex[:12]}"
    try:
        with servers.telling_what_it_said(run):
            made = servers.make_database(where, name, template=template)
        yield _text(made)
    finally:
        with servers.telling_what_it_said(run):
            servers.drop_database(where, name)


def _sqlite_url(path: Path) -> str:
    return f"sqlite:///{path}"


def _text(url: URL) -> str:
    return url.render_as_string(hide_password=False)
