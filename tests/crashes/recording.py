"""SQLite over a file system that writes everything down: the driver's own interface, spoken by apsw.

The bank opens SQLite through a DB-API module. This is one more such module: the engine, the pragmas, the statements
and the transactions are those of the bank, and only the file system beneath them is ours.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import apsw

from tests.crashes.disk import Create, Note, Operation, Sync, SyncNames, Truncate, Unlink, Write

_CHANGES_ROWS: Final = re.compile(r"\s*(INSERT|UPDATE|DELETE|REPLACE)\b", re.IGNORECASE)


class _Seen(apsw.VFSFile):
    """A file whose writes, cuts and syncs are written down before they are done."""

    def __init__(self, recorder: Recorder, name: str | apsw.URIFilename, flags: list[int], number: int) -> None:
        self._recorder = recorder
        self._number = number
        super().__init__("", name, flags)

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802 -- SQLite's name for it
        """Write."""
        self._recorder.operations.append(Write(self._number, offset, bytes(data)))
        super().xWrite(data, offset)

    def xTruncate(self, newsize: int) -> None:  # noqa: N802 -- SQLite's name for it
        """Cut."""
        self._recorder.operations.append(Truncate(self._number, newsize))
        super().xTruncate(newsize)

    def xSync(self, flags: int) -> None:  # noqa: N802 -- SQLite's name for it
        """Sync. SQLite on Unix syncs the directory with the first sync of a journal it made."""
        super().xSync(flags)
        self._recorder.operations.append(Sync(self._number, names=True))


class Recorder(apsw.VFS):
    """A file system for one directory that keeps, in order, all that a power cut could undo."""

    def __init__(self, home: Path, files: dict[str, int]) -> None:
        self.operations: list[Operation] = []
        self.name = f"recorder of {home}"
        self._home = home
        self._numbers = dict(files)
        self._made = 0
        super().__init__(self.name, "")

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> apsw.VFSFile:  # noqa: N802 -- SQLite's name for it
        """Open; a file without a name lasts no longer than its connection, and is not written down."""
        if name is None:
            return apsw.VFSFile("", None, flags)
        path = Path(name.filename() if isinstance(name, apsw.URIFilename) else name)
        made = not path.exists()
        if made:
            self._made += 1
            self._numbers[path.name] = self._made
        file = _Seen(self, name, flags, self._numbers[path.name])
        if made:
            self.operations.append(Create(path.name, self._numbers[path.name]))
        return file

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: N802 -- SQLite's name for it
        """Delete."""
        self.operations.append(Unlink(Path(filename).name))
        super().xDelete(filename, syncdir)
        if syncdir:
            self.operations.append(SyncNames(""))

    def note(self, text: str) -> None:
        """Write down what somebody outside was told."""
        self.operations.append(Note(text))


@contextmanager
def _our_errors() -> Iterator[None]:
    try:
        yield
    except apsw.ConstraintError as problem:
        raise sqlite3.IntegrityError(str(problem)) from problem
    except apsw.BusyError as problem:
        raise sqlite3.OperationalError("database is locked") from problem
    except apsw.Error as problem:
        raise sqlite3.OperationalError(str(problem)) from problem


class Cursor:
    """A cursor that holds all its rows from the start."""

    arraysize = 1

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.description: tuple[tuple[Any, ...], ...] | None = None
        self.rowcount = -1
        self.lastrowid = 0
        self._rows: Iterator[tuple[Any, ...]] = iter(())

    def execute(self, sql: str, values: Sequence[Any] = ()) -> Cursor:
        """Run one statement."""
        self._rows = iter(self._run(sql, values))
        self.rowcount = self.connection.apsw.changes() if _CHANGES_ROWS.match(sql) else -1
        self.lastrowid = self.connection.apsw.last_insert_rowid()
        return self

    def executemany(self, sql: str, many: Iterable[Sequence[Any]]) -> Cursor:
        """Run one statement with many rows of values."""
        self.rowcount = 0
        for values in many:
            self._run(sql, values)
            self.rowcount += self.connection.apsw.changes()
        return self

    def _run(self, sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        self.description = None
        with _our_errors():
            cursor = self.connection.apsw.cursor()
            cursor.exec_trace = self._describe
            return list(cursor.execute(sql, values))

    def _describe(self, cursor: apsw.Cursor, sql: str, values: object) -> bool:
        del sql, values
        named = cursor.get_description()
        self.description = tuple((name, *[None] * 6) for name, *_ in named) or None
        return True

    def fetchone(self) -> tuple[Any, ...] | None:
        """The next row."""
        return next(self._rows, None)

    def fetchmany(self, size: int | None = None) -> list[tuple[Any, ...]]:
        """Some rows."""
        wanted = self.arraysize if size is None else size
        return [row for _, row in zip(range(wanted), self._rows, strict=False)]

    def fetchall(self) -> list[tuple[Any, ...]]:
        """All further rows."""
        return list(self._rows)

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        return self._rows

    def close(self) -> None:
        """Let go."""
        self._rows = iter(())


class Connection:
    """A connection that begins and ends transactions only when told."""

    isolation_level: str | None = None

    def __init__(self, path: str, vfs: str, busy_s: float) -> None:
        with _our_errors():
            self.apsw = apsw.Connection(path, vfs=vfs)
        self.apsw.set_busy_timeout(int(busy_s * 1000))

    def set_authorizer(self, judge: Any) -> None:
        """Ask `judge` about whatever a statement would do; nobody, when it is none."""
        self.apsw.set_authorizer(judge)

    def cursor(self) -> Cursor:
        """A cursor."""
        return Cursor(self)

    def execute(self, sql: str, values: Sequence[Any] = ()) -> Cursor:
        """Run one statement on a cursor of its own."""
        return self.cursor().execute(sql, values)

    def executemany(self, sql: str, many: Iterable[Sequence[Any]]) -> Cursor:
        """Run one statement with many rows of values on a cursor of its own."""
        return self.cursor().executemany(sql, many)

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open."""
        return self.apsw.in_transaction

    def commit(self) -> None:
        """Commit what is open."""
        if self.in_transaction:
            self.execute("COMMIT")

    def rollback(self) -> None:
        """Undo what is open."""
        if self.in_transaction:
            self.execute("ROLLBACK")

    def create_function(self, name: str, arguments: int, does: Callable[..., Any], **about: bool) -> None:
        """Give SQL a function."""
        self.apsw.create_scalar_function(name, does, arguments, **about)

    def close(self) -> None:
        """Hang up."""
        with _our_errors():
            self.apsw.close()


class Driver:
    """The DB-API module of one recorder; its errors are those of the standard library's driver."""

    paramstyle = "qmark"
    sqlite_version = apsw.sqlite_lib_version()
    sqlite_version_info = tuple(int(part) for part in apsw.sqlite_lib_version().split("."))
    PARSE_COLNAMES = 2
    PARSE_DECLTYPES = 1
    Binary = bytes
    Warning = sqlite3.Warning
    Error = sqlite3.Error
    InterfaceError = sqlite3.InterfaceError
    DatabaseError = sqlite3.DatabaseError
    DataError = sqlite3.DataError
    IntegrityError = sqlite3.IntegrityError
    InternalError = sqlite3.InternalError
    NotSupportedError = sqlite3.NotSupportedError
    OperationalError = sqlite3.OperationalError
    ProgrammingError = sqlite3.ProgrammingError

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder

    def connect(self, path: str, *, timeout: float = 5.0, **ignored: object) -> Connection:
        """Open a file over the recorder."""
        del ignored
        return Connection(path, self._recorder.name, timeout)
