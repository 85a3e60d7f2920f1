"""Where the measuring is done: databases of our own, as durable as the bank's, made for one run and then removed."""

from __future__ import annotations

import secrets
import shutil
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Final

from sqlalchemy import URL, inspect, make_url, text

from ledger import commands
from ledger.store.database import Database
from ledger.store.work import Desk
from tests import servers
from tests.benchmarks.ledger import drivers, material

DURABLE: Final[Mapping[str, str]] = MappingProxyType(
    {
        "fsync": "on",
        "full_page_writes": "on",
        "synchronous_commit": "on",
        "wal_level": "replica",
        "shared_buffers": "1GB",
        "max_wal_size": "4GB",
        "checkpoint_timeout": "15min",
        "autovacuum": "on",
        "jit": "off",
        "max_connections": "100",
        "logging_collector": "on",  # into its own files: what is printed is the table
        "log_min_messages": "fatal",
        "timezone": "UTC",
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": "",
    }
)
"""How the server we start is set: nothing that is acknowledged can be lost, and memory enough for the whole book."""

SHOWN: Final = ("server_version", "fsync", "synchronous_commit", "full_page_writes", "shared_buffers", "max_wal_size")


class Refused(Exception):
    """The database named on the command line is not one to measure in."""


class Place(ABC):
    """One kind of database, and the scratch databases of this run in it."""

    engine: str

    def prepare(self) -> None:
        """Make the database that all others are copied from: migrated, the house's books and our accounts open."""
        from bank import wiring  # noqa: PLC0415 -- the clients of W2 and the check of W7 need not load all rooms

        url = self._empty("template")
        database = Database.open(url)
        wiring.prepare(database)
        with Desk(database, wiring.OPERATOR).writing() as work:
            commands.sub_accounts(work, material.BOOK, material.accounts())
        database.close()
        self._template = url

    def fresh(self, name: str) -> str:
        """A database with every guard and no entry."""
        return self.copy(self._template, name)

    def bare(self, name: str) -> str:
        """The same tables with the same keys, indexes and checks, and without our triggers."""
        url = self.fresh(name)
        with drivers.connected(url) as bare:
            bare.take_triggers_off()
        return url

    @abstractmethod
    def copy(self, url: str, name: str) -> str:
        """A copy of a database of ours that nobody is connected to."""

    @abstractmethod
    def drop(self, url: str) -> None:
        """Remove a database of ours."""

    @abstractmethod
    def settings(self) -> str:
        """How this kind of database is set, for the head of the table."""

    @abstractmethod
    def _empty(self, name: str) -> str: ...


class SqlitePlace(Place):
    """Files in one directory."""

    engine = "sqlite"

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def copy(self, url: str, name: str) -> str:
        """Copy the file; what is still in its write-ahead log is first written home."""
        with drivers.connected(url) as bare:
            bare.ask("PRAGMA wal_checkpoint(TRUNCATE)")
        copied = self._empty(name)
        shutil.copy(url.removeprefix("sqlite:///"), copied.removeprefix("sqlite:///"))
        return copied

    def drop(self, url: str) -> None:
        """Remove the file and its logs."""
        for end in ("", "-wal", "-shm"):
            Path(url.removeprefix("sqlite:///") + end).unlink(missing_ok=True)

    def settings(self) -> str:
        """The library's version, and the settings that `ledger.store.database` holds each connection to."""
        with drivers.connected(self._template) as bare:
            version = bare.ask("SELECT sqlite_version()")[0][0]
        return f"SQLite {version}, journal_mode=wal synchronous=FULL, on {filesystem(self._directory)}"

    def _empty(self, name: str) -> str:
        return f"sqlite:///{self._directory / f'{name}.db'}"


class PostgresqlPlace(Place):
    """Databases on one server."""

    engine = "postgresql"

    def __init__(self, server: URL, opened: ExitStack) -> None:
        self._server = server
        self._token = f"bench-{secrets.token_hex(3)}"
        self._opened = opened

    def copy(self, url: str, name: str) -> str:
        """Copy it on the server."""
        made = servers.make_database(self._server, self._named(name), template=str(make_url(url).database))
        self._opened.callback(servers.drop_database, self._server, self._named(name))
        return _text(made)

    def drop(self, url: str) -> None:
        """Remove it, whoever is connected."""
        servers.drop_database(self._server, str(make_url(url).database))

    def settings(self) -> str:
        """The settings that decide what a commit costs."""
        with drivers.connected(self._template) as bare:
            found = {name: bare.ask(f"SHOW {name}")[0][0] for name in SHOWN}
        return "PostgreSQL " + " ".join([found.pop("server_version"), *(f"{k}={v}" for k, v in found.items())])

    def _empty(self, name: str) -> str:
        return self.copy(_text(self._server.set(database="template1")), name)

    def _named(self, name: str) -> str:
        return f"{self._token}-{name}"


@contextmanager
def places(url: str | None) -> Iterator[list[Place]]:
    """The databases to measure: the one named, or SQLite and a PostgreSQL of our own."""
    with ExitStack() as opened:
        home = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="bank-bench-", ignore_cleanup_errors=True)))
        found = _named(url, opened) if url else [SqlitePlace(home), _own_server(home, opened)]
        for place in found:
            place.prepare()
        yield found


def _own_server(home: Path, opened: ExitStack) -> Place:
    home.chmod(0o755)  # PostgreSQL refuses to run as root, and its lesser user must pass through here
    data = home / "server"
    data.mkdir()
    return PostgresqlPlace(opened.enter_context(servers.own_server(data, DURABLE)), opened)


def _named(url: str, opened: ExitStack) -> list[Place]:
    """The place named on the command line, when nobody's books are in it."""
    database = Database.open(url)
    try:
        with database.engine.connect() as connection:
            if inspect(connection).has_table("entry") and connection.scalar(text("SELECT count(*) FROM entry")):
                raise Refused(f"There are entries in {url}: name an empty database, never one that holds books")
    finally:
        database.close()
    where = make_url(url)
    if where.get_backend_name() != "sqlite":
        return [PostgresqlPlace(where.set(drivername="postgresql+psycopg"), opened)]
    beside = Path(str(where.database)).parent
    scratch = opened.enter_context(tempfile.TemporaryDirectory(prefix="bank-bench-", dir=beside))
    return [SqlitePlace(Path(scratch))]


def filesystem(directory: Path) -> str:
    """The kind of file system a directory is on, where the system tells."""
    mounts = Path("/proc/mounts")
    if not mounts.exists():
        return "an unnamed file system"
    lines = [line.split() for line in mounts.read_text().splitlines()]
    held = [(len(at), kind) for _, at, kind, *_ in lines if directory.resolve().is_relative_to(at)]
    return max(held)[1]


def _text(url: URL) -> str:
    return url.render_as_string(hide_password=False)
