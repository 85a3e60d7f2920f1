"""The books kept up from outside: what waits is told of and placed, and an import goes on where it broke off."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Final
from uuid import uuid4

import httpx2 as httpx
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import make_url
from sqlalchemy.exc import DBAPIError

from bank.api import create_app
from bank.wiring import OPERATOR
from ledger import commands, placing
from ledger.dates import SetClock
from ledger.entries import Entry, Posting
from ledger.money import Money
from ledger.store import durability
from ledger.store.database import Database
from ledger.store.work import Desk
from tests import servers
from tests.journeys.programs import Keyboard

SERVED = pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
_WORD: Final = "for the test"
EMBEDDED = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


@pytest.fixture
def keyboard(database_url: str, tmp_path: Path) -> Keyboard:
    return Keyboard(tmp_path, database_url)


def accept(database: Database, *keys: str) -> None:
    for key in keys:
        legs = (Posting("1000", Money(100)), Posting("4000", Money(-100)))
        commands.post_later(Desk(database, OPERATOR), Entry(key, "bank", date(2011, 7, 1), f"Fee {key}", legs))


def waiting(database: Database) -> int:
    with database.reading() as session:
        return placing.lag(session).waiting


@contextmanager
def at_work(keyboard: Keyboard, *words: str) -> Iterator[subprocess.Popen[str]]:
    """A program that goes on until it is told to stop."""
    with keyboard.start(*words) as program:
        try:
            yield program
        finally:
            program.kill()


def stopped(program: subprocess.Popen[str]) -> tuple[int, str, str]:
    program.send_signal(signal.SIGTERM)
    out, err = program.communicate(timeout=30)
    return program.returncode, out, err


@SERVED
def test_what_waits_is_told_of_and_placed_once_or_by_a_worker(database: Database, keyboard: Keyboard) -> None:
    accept(database, "a", "b", "c")
    behind = keyboard.here("ledger", "lag", "--format", "json")
    assert (behind.code, behind.json["waiting"], behind.json["late"]) == (1, 3, True)
    once = keyboard.here("ledger", "place", "--most", "2", "--format", "json")
    assert once.json == {"placed": 2, "waiting": 1, "faulty": []}
    with at_work(keyboard, "ledger", "place", "--watch") as worker:
        servers.wait_until(lambda: not waiting(database), 60)
        assert stopped(worker) == (0, "Placed 1; 0 wait.\n", "")
    assert keyboard.here("ledger", "lag").code == 0


@SERVED
def test_a_server_places_what_waits_beside_its_work(database: Database, keyboard: Keyboard) -> None:
    accept(database, "a")
    port = servers.free_port()
    with at_work(keyboard, "serve", "--port", str(port)) as server:
        servers.wait_until(lambda: not waiting(database), 60)
        servers.wait_until(lambda: answers(port), 60)
        assert httpx.get(f"http://127.0.0.1:{port}/v1/health/ready", verify=servers.PLAINLY).json()["status"] == "ok"
        code, _, err = stopped(server)
    with database.reading() as session:  # the tests' server flushes nothing, and of that alone it is told
        cautions = "".join(f"Caution: {risk}\n" for risk in durability.lacking(session))
    assert (code in {0, -signal.SIGTERM}, err) == (True, cautions)


def answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/v1/health/live", verify=servers.PLAINLY).is_success
    except httpx.TransportError:
        return False


@SERVED
def test_a_server_is_degraded_and_still_ready_while_entries_wait_too_long(database: Database, clock: SetClock) -> None:
    accept(database, "a", "b")
    with TestClient(create_app(database)) as caller:
        assert caller.get("/v1/health/ready").json()["status"] == "ok"
        clock.set(clock.now() + placing.LATE_AFTER + timedelta(seconds=1))
        found = caller.get("/v1/health/ready")
        assert (found.status_code, found.json()["status"]) == (200, "degraded")
        assert found.json()["lag"] == {"waiting": 2, "since": "2011-07-04T09:00:00Z", "seconds": 61, "late": True}
        placing.place_waiting(Desk(database, OPERATOR))
        assert caller.get("/v1/health/ready").json()["status"] == "ok"


@SERVED
def test_the_application_works_under_a_role_that_can_change_nothing(
    database_url: str, run_of_tests: Path, tmp_path: Path
) -> None:
    server, where = servers.server(run_of_tests), make_url(database_url)
    role = f"teller_{uuid4().hex[:8]}"
    servers.run_on(server, f"CREATE ROLE {role} LOGIN PASSWORD '{_WORD}'")
    try:
        owner = Keyboard(tmp_path, database_url)
        assert "is not there" in owner.here("init", "--app-role", "nobody").err
        assert owner.here("init", "--app-role", role).code == 0
        shown = owner.here("ledger", "roles", role).out
        assert f'GRANT SELECT, INSERT ON "public"."entry" TO "{role}";\n' in shown
        theirs = where.set(username=role, password=_WORD).render_as_string(hide_password=False)
        teller = Keyboard(tmp_path, theirs)
        assert teller.here("ledger", "verify").code == 0
        assert teller.here("init").code == 0
        assert teller.here("init", "--app-role", role).code != 0
        with pytest.raises(DBAPIError, match="permission denied"):
            servers.run_on(make_url(theirs).set(drivername="postgresql+psycopg"), "DELETE FROM entry")
    finally:
        servers.drop_database(server, where.database or "")
        servers.run_on(server, f"DROP ROLE {role}")


@EMBEDDED
@pytest.mark.parametrize("words", [(), ("--watch",)])
def test_where_nothing_can_wait_there_is_nothing_to_place(keyboard: Keyboard, words: tuple[str, ...]) -> None:
    refused = keyboard.here("ledger", "place", *words)
    assert (refused.code, "SQLite places every entry at once" in refused.err) == (1, True)


def test_an_import_in_pieces_keeps_what_was_posted_and_goes_on(keyboard: Keyboard) -> None:
    def lines(fault: int | None) -> str:
        return "".join(
            json.dumps(
                {
                    "key": f"k{number}",
                    "book": "bank",
                    "effective_on": "2012-01-31",
                    "description": f"Line {number}",
                    "postings": [
                        {"account": "1000", "amount": "1.00"},
                        {"account": "4000", "amount": "-1.005" if number == fault else "-1.00"},
                    ],
                }
            )
            + "\n"
            for number in range(1, 8)
        )

    (keyboard.folder / "j.jsonl").write_text(lines(fault=5))
    broken = keyboard.here("ledger", "import", "j.jsonl", "--pieces", "3")
    assert broken.code == 1
    assert "Piece 1: 3 of 3 entries posted" in broken.err
    assert "line 5" in broken.err
    (keyboard.folder / "j.jsonl").write_text(lines(fault=None))
    done = keyboard.here("ledger", "import", "j.jsonl", "--pieces", "3", "--format", "json")
    assert (done.code, done.json["lines"], done.json["posted"], done.json["already_there"]) == (0, 7, 4, 3)
    assert "Piece 3: 1 of 1 entries posted, 0 were there already. The journal has 7." in done.err
    assert keyboard.here("ledger", "balance", "1000", "--format", "json").json["balance"] == "7.00"
