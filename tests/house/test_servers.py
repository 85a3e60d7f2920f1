"""The server the tests run on is a real one, and it never outlives them."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from threading import Timer

import pytest
from sqlalchemy import URL, create_engine, text
from sqlalchemy.exc import InternalError, ProgrammingError

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


def test_a_checkpoint_that_fails_at_anothers_file_is_asked_for_again_but_not_for_ever(
    run_of_tests: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Changes to a file are in memory, and its folder is not there: until it is, no checkpoint can end."""
    home = run_of_tests / "a-server-that-lacks-a-folder"
    home.mkdir()
    settings = {"listen_addresses": "127.0.0.1", "unix_socket_directories": "", "bgwriter_lru_maxpages": "0"}
    with servers.own_server(home, settings) as where:
        other = create_engine(servers.make_database(where, "other"))
        with other.begin() as connection:
            connection.execute(text("CREATE TABLE noted AS SELECT 1 AS one"))
            oid = connection.scalar(text("SELECT oid FROM pg_database WHERE datname = current_database()"))
        other.dispose()
        folder = home / "data" / "base" / str(oid)
        away = folder.rename(home / "away")
        with monkeypatch.context() as twice:
            twice.setattr(servers, "_CHECKPOINTS_TO_TRY", 2)  # the server rests for a second after each that failed
            with pytest.raises(InternalError, match="checkpoint request failed"):
                servers.make_database(where, "ours")
        coming = Timer(0.15, away.rename, [folder])
        coming.start()
        assert servers.make_database(where, "ours").database == "ours"
        coming.join()
        servers.drop_database(where, "ours")


def test_what_the_server_said_is_told_beside_what_it_refused(run_of_tests: Path) -> None:
    where = servers.server(run_of_tests)
    with pytest.raises(ProgrammingError) as refused, servers.telling_what_it_said(run_of_tests):
        servers.run_on(where, "SELECT nothing_of_this_name")
    assert any("nothing_of_this_name" in note for note in refused.value.__notes__)
