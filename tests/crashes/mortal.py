"""A PostgreSQL that flushes as in production, and that a test may kill: all of it at once, or one connection's part."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from random import Random
from typing import Final

import psycopg
from sqlalchemy import URL

from tests import servers

DURABLE: Final = {
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "checkpoint_timeout": "30s",
    "max_wal_size": "16MB",
    "min_wal_size": "4MB",
    "shared_buffers": "16MB",
    "max_connections": "40",
    "jit": "off",
    "timezone": "UTC",
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
}
"""As in production, but small, and at a checkpoint often."""

_START_S: Final = 60
_STARTS_TO_TRY: Final = 3
_STOP_S: Final = 20


class Mortal:
    """A server on a directory. It is started and killed as often as one likes, and keeps its address."""

    def __init__(self, home: Path, settings: Mapping[str, str] = DURABLE) -> None:
        self.home = home
        self.where = URL.create("postgresql+psycopg", "bank", secrets.token_hex(8), "127.0.0.1", 0, "postgres")
        self._settings = dict(settings)
        self._who = servers.identity()
        self._programs = servers.programs(home / "programs", self._who)
        self._postgres: subprocess.Popen[bytes] | None = None

    def lay_out(self) -> None:
        """Make the server's files; small segments of its log, so that it comes to the end of one now and then."""
        servers.lay_out(self._programs, self.home, str(self.where.password), self._who, "--wal-segsize=1")

    def start(self, data: Path | None = None, lesser: Mapping[str, str] | None = None) -> None:
        """Start it, on its own files or on others laid out alike, and wait until it takes connections."""
        self.where = self.where.set(port=self.where.port or servers.free_port())
        chosen = {**self._settings, **(lesser or {}), "port": str(self.where.port)}
        settings = [f"--{name}={value}" for name, value in chosen.items()]
        for _ in range(_STARTS_TO_TRY):
            self._postgres = self._begun(data or self.home / "data", settings)
            servers.wait_until(lambda: self._ended() or self._answers(), _START_S)
            if not self._ended():
                return
            time.sleep(0.5)  # something that it left may still be going away
        raise servers.NoServer(f"PostgreSQL did not come up:\n{self.log()}")

    def wait_until_it_answers(self) -> None:
        """Wait out a recovery: the others may have been answered once more before the server sent them away."""
        servers.wait_until(self._answers, _START_S)

    def log(self) -> str:
        """The last that the server said."""
        return (self.home / "log").read_text(errors="replace")[-4000:]

    def kill(self) -> None:
        """Kill the postmaster and all its children with SIGKILL, as a machine without memory would."""
        if self._postgres is None:
            return
        children = _children(self._postgres.pid)
        self._postgres.kill()
        for child in children:
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        self._postgres.wait()
        servers.wait_until(lambda: not any(map(_alive, children)), _STOP_S)
        self._postgres = None

    def kill_one(self, chance: Random) -> bool:
        """Kill the process of one client's connection; the server then sends everybody away, and recovers."""
        if self._postgres is None:
            return False
        serving = [child for child in _children(self._postgres.pid) if _called(child).startswith(b"bank ")]
        with suppress(ProcessLookupError):
            os.kill(chance.choice(serving), signal.SIGKILL) if serving else None
        return bool(serving)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Shut it down in order, so that nothing of it stays in memory; SIGQUIT does so without a checkpoint."""
        if self._postgres is not None:
            self._postgres.send_signal(how)
            try:
                self._postgres.wait(_STOP_S)
            except subprocess.TimeoutExpired:
                self.kill()
            self._postgres = None

    def _begun(self, data: Path, settings: list[str]) -> subprocess.Popen[bytes]:
        with (self.home / "log").open("ab") as log:
            return subprocess.Popen(
                [self._programs / "postgres", "-D", data, *settings], stdout=log, stderr=log, **self._who
            )

    def _ended(self) -> bool:
        return self._postgres is None or self._postgres.poll() is not None

    def _answers(self) -> bool:
        where = self.where.set(drivername="postgresql")
        try:
            psycopg.connect(where.render_as_string(hide_password=False)).close()
        except psycopg.OperationalError:
            return False
        return True


@contextmanager
def mortal(home: Path, settings: Mapping[str, str] = DURABLE) -> Iterator[Mortal]:
    """A server that was laid out and started; it is gone when the block ends."""
    home.chmod(0o755)  # its lesser user must pass through here
    server = Mortal(home, settings)
    server.lay_out()
    server.start()
    try:
        yield server
    finally:
        server.stop(signal.SIGQUIT)
        shutil.rmtree(home, ignore_errors=True)


def database(where: URL, name: str) -> str:
    """The URL of a database of the server, as text that a program can be given."""
    return where.set(database=name).render_as_string(hide_password=False)


def _children(parent: int) -> list[int]:
    listed = Path(f"/proc/{parent}/task/{parent}/children")
    return [int(child) for child in listed.read_text().split()] if listed.exists() else []


def _alive(process: int) -> bool:
    with suppress(OSError):
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    return False


def _called(process: int) -> bytes:
    with suppress(OSError):
        return Path(f"/proc/{process}/cmdline").read_bytes().rpartition(b"postgres: ")[2]
    return b""
