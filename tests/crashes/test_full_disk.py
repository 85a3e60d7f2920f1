"""A disk that is full refuses an act whole; once there is room the same act is done, and nothing needs mending."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import text

from bank.wiring import OPERATOR, prepare
from ledger.store import database as opening
from ledger.store.database import Database
from ledger.store.mishaps import NoRoom
from ledger.store.work import Desk
from ledger.verification import verify
from tests import databases, servers
from tests.crashes.acts import Act, Client, Course, Found, do, found

COURSE = Course("full", "client", 30)
MOST = 300
ROOM = 400_000
"""Bytes that are left on the small disk when the clients begin."""


def fill(desk: Desk, client: Client) -> Act:
    """Send acts until one is refused for want of room; answers which that was."""
    for number in count(len(client.acts)):
        assert number < MOST, "the disk is never full"
        act = COURSE.act(number)
        client.acts.append(act)
        try:
            client.answers[act.key] = do(desk, act)
        except NoRoom:
            return act
    raise AssertionError


def look(desk: Desk, client: Client) -> Found:
    with desk.reading() as session:
        seen = found(lambda question: [tuple(row) for row in session.execute(text(question))], [client])
        assert verify(session).holds
    return seen


def go_on(desk: Desk, client: Client, refused: Act) -> None:
    client.answers[refused.key] = do(desk, refused)
    further = COURSE.act(len(client.acts))
    client.acts.append(further)
    client.answers[further.key] = do(desk, further)
    seen = look(desk, client)
    assert (seen.faults, seen.there) == ([], len(client.acts))


def test_a_full_disk_under_sqlite_refuses_an_act_whole(run_of_tests: Path, tmp_path: Path) -> None:
    client = Client()
    with databases.prepared("sqlite", run_of_tests, tmp_path) as url:
        pages = (tmp_path / "bank.db").stat().st_size // 4096 + 40
        with pytest.MonkeyPatch.context() as patch:
            patch.setitem(opening._PRAGMAS, "max_page_count", pages)  # noqa: SLF001 -- as if the disk ended there
            full = Database.open(url)
        refused = fill(Desk(full, OPERATOR), client)
        with pytest.raises(NoRoom):
            do(Desk(full, OPERATOR), refused)
        seen = look(Desk(full, OPERATOR), client)
        assert (seen.faults, seen.there) == ([], len(client.acts) - 1)
        full.close()
        roomy = Database.open(url)
        go_on(Desk(roomy, OPERATOR), client, refused)
        roomy.close()


@contextmanager
def small_disk(home: Path) -> Iterator[None]:
    """A disk of a few megabytes in a directory."""
    home.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=32m", "tmpfs", str(home)], check=False)
    if mounted.returncode:
        pytest.skip("this machine lets nobody mount a small disk")
    try:
        shutil.chown(home, "nobody", servers.identity()["group"])
        yield
    finally:
        subprocess.run(["umount", "-l", str(home)], check=True)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root may mount a small disk")
@pytest.mark.skipif(servers.OWN_SERVER in os.environ, reason="the server given may be on another machine")
def test_a_full_disk_under_postgresql_refuses_an_act_whole(run_of_tests: Path) -> None:
    client, small, where = Client(), run_of_tests / "small disk", servers.server(run_of_tests)
    with small_disk(small):
        servers.run_on(where, f"CREATE TABLESPACE small LOCATION '{small}'", "CREATE DATABASE small TABLESPACE small")
        database = Database.open(where.set(database="small").render_as_string(hide_password=False))
        try:
            prepare(database)
            desk = Desk(database, OPERATOR)
            ballast = small / "ballast"
            ballast.write_bytes(bytes(shutil.disk_usage(small).free - ROOM))
            refused = fill(desk, client)
            seen = look(desk, client)
            assert (seen.faults, seen.there) == ([], len(client.acts) - 1)
            ballast.unlink()
            go_on(desk, client, refused)
        finally:
            database.close()
            servers.run_on(where, "DROP DATABASE small WITH (FORCE)", "DROP TABLESPACE small")
