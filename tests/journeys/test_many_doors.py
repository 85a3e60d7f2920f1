"""Two servers and two keyboards on one database, all at once: everything told as done is there, and is there once."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx2 as httpx
import pytest

from bank.inflows import queries
from bank.people.commands import issue_key
from bank.wiring import OPERATOR
from ledger.dates import SetClock, SystemClock
from ledger.identifiers import RandomIdentifiers
from ledger.store import durability
from ledger.store.database import Database
from ledger.store.work import Desk
from ledger.verification import verify
from tests import databases
from tests.journeys import world as worlds
from tests.journeys.programs import Keyboard, Said
from tests.servers import PLAINLY

CALLERS, ACTS = 4, 3
RECEIPT = {"participant": "A bank (invented)", "consented_on": "2012-02-01", "received_on": "2012-02-08"}


@pytest.fixture
def url(engine: str, run_of_tests: Path, tmp_path: Path) -> Iterator[str]:
    with databases.prepared(engine, run_of_tests, tmp_path) as url:
        yield url


@contextmanager
def serving(keyboard: Keyboard, risks: Sequence[str]) -> Iterator[str]:
    """`bank serve`, a process of its own; it warns of a server that is set to be fast, as that of the tests is."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = keyboard.start("serve", "--port", str(port))
    address = f"http://127.0.0.1:{port}/v1"
    try:
        while True:
            assert server.poll() is None, server.communicate()
            try:
                if httpx.get(f"{address}/health/live", verify=PLAINLY).is_success:
                    break
            except httpx.TransportError:
                time.sleep(0.05)
        yield address
    finally:
        server.terminate()
        try:
            _, said = server.communicate(timeout=20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.communicate()
            raise
    assert said == "".join(f"Caution: {risk}\n" for risk in risks)


def test_everything_that_two_servers_and_two_keyboards_were_told_is_there_once(url: str, tmp_path: Path) -> None:
    clock = SetClock(databases.OPENING)
    database = Database.open(url, clock=clock, identifiers=RandomIdentifiers())
    worlds.staffed(database, clock)
    clock.set(SystemClock().now())  # the servers' own
    secret = issue_key(Desk(database, OPERATOR), person="fay@bank.example").secret
    with database.reading() as session:
        risks = durability.lacking(session)
        before = len(queries.inflows(session, limit=1000).items)
    keyboard = Keyboard(tmp_path, url, "fay@bank.example")
    with ExitStack() as opened, ThreadPoolExecutor(CALLERS + 2) as people:
        addresses = [opened.enter_context(serving(keyboard, risks)) for _ in range(2)]

        def call(number: int) -> list[tuple[int, str]]:
            """Every act is sent by two callers, one to each server; and once more to the other when it is done."""
            answers = []
            with ExitStack() as calling:
                doors = [
                    calling.enter_context(
                        httpx.Client(
                            base_url=each, headers={"Authorization": f"Bearer {secret}"}, timeout=60, verify=PLAINLY
                        )
                    )
                    for each in addresses
                ]
                for act in range(ACTS):
                    body = RECEIPT | {"amount": f"{1000 + number // 2}.{act:02}"}
                    named = {"Idempotency-Key": f"act-{number // 2}-{act}"}
                    for turn in range(2):
                        answer = doors[(number + turn) % 2].post("/inflows", json=body, headers=named)
                        answers.append((answer.status_code, answer.text))
            return answers

        def type_in(name: str) -> Said:
            words = [word for key, value in RECEIPT.items() for word in (f"--{key.replace('_', '-')}", value)]
            return keyboard.beside("inflow", "record", *words, "--amount", "7.00", "--key", name)

        called = [people.submit(call, number) for number in range(CALLERS)]
        typed = [people.submit(type_in, f"typed-{number // 2}") for number in range(4)]
        answers = [answer for each in called for answer in each.result()]
        assert {code for code, _ in answers} == {201}, [text for code, text in answers if code != 201][:3]
        assert {each.result().code for each in typed} == {0}, [each.result().err for each in typed]
    assert len({text for _, text in answers}) == CALLERS // 2 * ACTS, "a replay is answered with the first answer"
    with database.reading() as session:
        assert len(queries.inflows(session, limit=1000).items) - before == CALLERS // 2 * ACTS + 2
        assert verify(session).holds
    database.close()
