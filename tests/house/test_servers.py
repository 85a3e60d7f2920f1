"""The server the tests run on is a real one, and it never outlives them."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import URL, create_engine, text

from tests import servers
from tests.house.tree import ROOT

_A_RUN = """
from tests import servers
with servers.run_of_tests() as run:
    where = servers.server(run)
    print(run, where.host, where.port, flush=True)
    input()
"""


def _answers(host: str, port: int) -> bool:
    with socket.socket() as door:
        return door.connect_ex((host, port)) == 0


def _soon(true: Callable[[], bool]) -> bool:
    ends = time.monotonic() + 20
    while not true() and time.monotonic() < ends:
        time.sleep(0.05)
    return true()


def test_a_run_that_is_killed_leaves_no_server() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _A_RUN], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as run:
        assert run.stdout is not None
        directory, host, port = run.stdout.readline().split()
        assert _answers(host, int(port))
        run.kill()
    assert _soon(lambda: not _answers(host, int(port)))
    assert _soon(lambda: not Path(directory).exists())


def _asked(where: URL, question: str) -> str:
    engine = create_engine(where)
    with engine.connect() as connection:
        answer = connection.scalar(text(question))
    engine.dispose()
    return str(answer)


def test_the_tests_meet_a_postgresql_of_this_decade(run_of_tests: Path) -> None:
    where = servers.server(run_of_tests)
    assert int(_asked(where, "SHOW server_version_num")) >= 150_000
