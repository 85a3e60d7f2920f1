"""How a database is opened: SQLite embedded or PostgreSQL served, each held to its safest settings and read back."""

from __future__ import annotations

import sqlite3
from collections import deque
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import partial
from time import monotonic, monotonic_ns, sleep
from typing import Any, Final, Self

from sqlalchemy import URL, Connection, Dialect, Engine, PoolProxiedConnection, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.orm import Session, sessionmaker

from ledger.dates import Clock, SystemClock
from ledger.identifiers import Identifiers, RandomIdentifiers
from ledger.refusals import Refusal
from ledger.store import mishaps
from ledger.store.confinement import confine
from ledger.store.foresight import Foresight
from ledger.store.heard import listen
from ledger.store.raw import Raw, forget_prepared, told

try:
    import pysqlite3.dbapi2 as sqlite_driver
except ImportError:
    # No build of it for this system: the interpreter's own SQLite serves, whatever its age.
    sqlite_driver = sqlite3

_PRAGMAS: Final = {
    "journal_mode": "wal",
    "synchronous": 2,
    "foreign_keys": 1,
    "recursive_triggers": 1,
    "trusted_schema": 0,
    "cell_size_check": 1,
    "cache_size": -16_384,
}
"""What each SQLite connection must answer. FULL, not NORMAL: an acknowledged entry survives a power cut. Recursive
triggers, or INSERT OR REPLACE would walk past the triggers that forbid deletion. 16 MiB of pages are kept, for with the
usual two an act of 100,000 entries reads the ends of its own indexes again and again."""

_LOOKING: Final = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
"""How PostgreSQL is told of a look: with the words that begin it, not in a round trip of its own."""

_SPEAKING: Final = {"client_encoding": "utf8"}
"""Whatever the role, the environment or the URL would have PostgreSQL speak: texts go to it and come from it so."""

_HELD_TO: Final = (
    "SET default_transaction_isolation = 'read committed'; SET DateStyle = 'ISO'; SET standard_conforming_strings = on"
)
"""What a connection to PostgreSQL is told at its beginning, whatever server, database, role or URL would have it do.

Days are written as we read them, and a backslash in a text is a backslash.

A writer that has waited for a lock must see what was committed meanwhile, and at any other isolation would not: entries
that were accepted would be closed over and never placed. Looks ask for theirs as they begin.
"""

_TO_THE_KEYS: Final = "; SET enable_seqscan = off; SET jit = off; SET plan_cache_mode = force_generic_plan"
"""Never read a whole table to post an entry.

A plan is made once for a connection, and one made while a table stood empty would read all of it for as long as that
plan lives, however far the table has grown. Nor is any compiled, or planned anew: these statements are over sooner, and
never vary.
"""

_BUSY_MS: Final = 20_000
_LOCKED_S: Final = 0.02
_KEPT: Final = 1_000
"""Statements that a connection keeps compiled or prepared: the bank has some hundreds, and the drivers would keep 128
on SQLite and 100 on PostgreSQL."""
_ASKED_BEFORE: Final = 1
"""How often PostgreSQL is asked a statement before it is to keep it: they do not vary, and to read one again takes it
as long as to answer."""
_REST_S: Final = 1.0
_READY: Final = 4
"""Connections kept at hand for acts of one statement: to hand one back and have it again is a third of our own work."""

_A_MAJOR_VERSION: Final = 10_000
"""PostgreSQL's driver tells of version 18.6 as 180006."""

_SPOKEN: Final[dict[tuple[str, Any], Dialect]] = {}


class DatabaseUnusable(Refusal):
    """The database cannot be opened, or will not hold the settings the books need."""

    slug = "database-unusable"
    status = 503


class ReadSession(Session):
    """A session for looking: it refuses to write."""

    @property
    def now(self) -> datetime:
        """The present instant by the database's clock."""
        clock: Clock = self.info["clock"]
        return clock.now()

    @property
    def database(self) -> Database | None:
        """The database, where this session only looks: another session may look beside it. None where work is open."""
        found: Database | None = self.info.get("database")
        return found

    def flush(self, objects: Any = None) -> None:
        """Nothing to write, ever."""
        del objects
        if self.new or self.dirty or self.deleted:
            raise RuntimeError("a read session was asked to write")


class WriteSession(ReadSession):
    """A session inside one unit of work."""

    def flush(self, objects: Any = None) -> None:
        """Write what is pending."""
        Session.flush(self, objects)


class Database:
    """One database of the bank, with the clock and the identifiers that its commands use."""

    def __init__(self, engine: Engine, clock: Clock, identifiers: Identifiers) -> None:
        self.engine = engine
        self.clock = clock
        self.identifiers = identifiers
        self.foresight = Foresight()
        # Connections that commit every statement by themselves: to switch one over and back costs more than it does.
        self._by_itself = engine if engine.dialect.name == "sqlite" else _postgresql(engine.url, by_itself=True)
        self._ready: deque[tuple[PoolProxiedConnection, Raw, int]] = deque()
        about = {"clock": clock}
        looking = about | {"database": self}
        looks = engine if engine.dialect.name == "sqlite" else engine.execution_options(**_LOOKING)
        self._reading = sessionmaker(looks, class_=ReadSession, autoflush=False, expire_on_commit=False, info=looking)
        self._writing = sessionmaker(engine, class_=WriteSession, expire_on_commit=False, info=about)

    @classmethod
    def open(
        cls,
        url: str,
        *,
        clock: Clock | None = None,
        identifiers: Identifiers | None = None,
        compiled: MutableMapping[Any, Any] | None = None,
    ) -> Self:
        """Open by URL: ``sqlite:///bank.db`` or ``postgresql://user@host/name``.

        Whoever opens one database after another keeps in `compiled` what was compiled for those before.
        Refuses any other kind of database, and one that cannot be reached or will not hold our settings.
        """
        where = _understood(url)
        engine = _sqlite(where) if where.get_backend_name() == "sqlite" else _postgresql(where)
        if compiled is not None:
            engine.update_execution_options(compiled_cache=compiled)
        try:
            engine.connect().close()
            engine.dialect = _spoken_alike(engine.dialect)
        except (DBAPIError, sqlite_driver.Error) as problem:
            shown = where.render_as_string(hide_password=True)
            raise DatabaseUnusable(
                f"{shown} cannot be opened: {str(getattr(problem, 'orig', problem)).strip()}", url=shown
            ) from problem
        return cls(engine, clock or SystemClock(), identifiers or RandomIdentifiers())

    @property
    def dialect(self) -> str:
        """``sqlite`` or ``postgresql``."""
        return self.engine.dialect.name

    @contextmanager
    def reading(self) -> Iterator[ReadSession]:
        """One consistent look at the database.

        It ends like work that was done: PostgreSQL's driver forgets every statement it has prepared when it rolls back.
        """
        try:
            with self._reading() as session:
                yield session
                session.commit()
        except DBAPIError as problem:
            raise mishaps.told(problem) or problem from problem.orig

    @contextmanager
    def writing(self) -> Iterator[WriteSession]:
        """One unit of work: committed as a whole when the block ends well, otherwise not at all."""
        with self._writing() as session, session.begin():
            session.connection(execution_options={"writing": True})
            yield session

    @contextmanager
    def by_itself(self) -> Iterator[Raw]:
        """A transaction as short as it can be: on PostgreSQL one statement, which commits with its own round trip.

        On SQLite the write lock is held until the block ends; it is committed then, or rolled back by an exception.
        """
        connection, raw = self._at_hand()
        sound = False
        try:
            if raw.sqlite:
                raw.tell("BEGIN IMMEDIATE")
            yield raw
            if raw.sqlite:
                raw.tell("COMMIT")
            sound = not raw.sqlite
        finally:
            gone = getattr(connection.dbapi_connection, "closed", False)
            if gone:
                connection.invalidate()  # the server went away: nobody after us is to be handed what is left of it
            if sound and not gone and len(self._ready) < _READY:
                self._ready.append((connection, raw, monotonic_ns()))
            else:
                connection.close()

    def _at_hand(self) -> tuple[PoolProxiedConnection, Raw]:
        """A connection that commits by itself: the one used last, which is asked after a rest, or one of the pool's."""
        while self._ready:
            with suppress(IndexError):  # another thread was faster
                connection, raw, since = self._ready.pop()
                rested = monotonic_ns() - since > _REST_S * 10**9
                if not rested or _lives(self._by_itself.dialect, connection.dbapi_connection):
                    return connection, raw
                connection.invalidate()
                connection.close()
        errors = self.engine.dialect.loaded_dbapi.Error
        try:
            connection = self._by_itself.raw_connection()
        except errors as problem:
            raise told(None, problem, errors) from problem
        return connection, Raw(connection.cursor(), self.engine.dialect)

    def close(self) -> None:
        """Let go of every connection."""
        while self._ready:
            self._ready.pop()[0].close()
        self.engine.dispose()
        self._by_itself.dispose()


def may_be_tried_again(problem: DBAPIError) -> bool:
    """Whether the database asks for the whole unit of work to be run again: a lost race, not a fault of ours."""
    state = getattr(problem.orig, "sqlstate", None)
    return state in {"40001", "40P01"} or "database is locked" in str(problem.orig)


def names_what_is_there(problem: DBAPIError) -> bool:
    """Whether a row came in under a name that another took first, after both had looked; SQLite has one writer."""
    return getattr(problem.orig, "sqlstate", None) == "23505"


def _understood(url: str) -> URL:
    try:
        where = make_url(url)
    except Exception as problem:
        raise DatabaseUnusable(
            f"{url!r} is not a database URL: write sqlite:///bank.db or postgresql://user@host/name"
        ) from problem
    if where.get_backend_name() == "postgresql":
        return where.set(drivername="postgresql+psycopg")
    if where.drivername in {"sqlite", "sqlite+pysqlite"} and where.database not in {None, "", ":memory:"}:
        return where.set(drivername="sqlite")
    raise DatabaseUnusable(
        f"{where.render_as_string(hide_password=True)} is not a database the bank can live in: "
        "write sqlite:///bank.db (a file) or postgresql://user@host/name"
    )


def _sqlite(where: URL) -> Engine:
    engine = create_engine(
        where, module=sqlite_driver, connect_args={"timeout": _BUSY_MS / 1000, "cached_statements": _KEPT}
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    listen(engine)
    return engine


def _spoken_alike(dialect: Dialect) -> Dialect:
    """The dialect that this process speaks to databases of a kind and version: what it has compiled goes by it.

    The library makes one for every database; to a second one it would compile everything anew.
    """
    return _SPOKEN.setdefault((dialect.name, dialect.server_version_info), dialect)


def _prepare_sqlite(connection: Any, record: object) -> None:
    del record
    prepare_sqlite(connection)


def prepare_sqlite(connection: Any) -> None:
    """Set each pragma and read it back, for a setting that did not take is a refusal, not a hope; then confine it."""
    connection.isolation_level = None  # SQLAlchemy begins; the driver must not
    for name, value in _PRAGMAS.items():
        _set_sqlite(connection, name, value)
        found = connection.execute(f"PRAGMA {name}").fetchone()[0]
        if found != value:
            raise DatabaseUnusable(f"SQLite answered {found!r} for {name}, and the books need {value!r}")
    confine(connection)


def _set_sqlite(connection: Any, name: str, value: object) -> None:
    """Give a connection a setting, and wait while another makes the same file.

    SQLite waits by itself, but not where it fears that two would wait for each other: then it answers at once that the
    file is locked.
    """
    until = monotonic() + _BUSY_MS / 1000
    while True:
        try:
            connection.execute(f"PRAGMA {name}={value}")
        except sqlite_driver.OperationalError as problem:
            if "locked" not in str(problem) or monotonic() > until:
                raise
            sleep(_LOCKED_S)
        else:
            return


def _begin_sqlite(connection: Any) -> None:
    """Take the write lock at the beginning: a read that turns into a write would fail without waiting."""
    writing = connection.get_execution_options().get("writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def _postgresql(where: URL, *, by_itself: bool = False) -> Engine:
    try:
        engine = (
            create_engine(
                where,
                isolation_level="AUTOCOMMIT",
                pool_reset_on_return=None,
                use_native_hstore=False,
                connect_args=_SPEAKING,
            )
            if by_itself
            else create_engine(
                where, use_native_hstore=False, connect_args=_SPEAKING | {"prepare_threshold": _ASKED_BEFORE}
            )
        )
    except ModuleNotFoundError as missing:
        raise DatabaseUnusable(
            "PostgreSQL needs its driver: install the project with its postgres extra, "
            "pip install 'big-society-bank[postgres]'"
        ) from missing
    # First of all: what the library asks at a first connection, it goes by ever after.
    event.listen(engine, "connect", _hold_to_the_keys if by_itself else _hold_and_keep_prepared, insert=True)
    _ask_once(engine)
    listen(engine)
    event.listen(engine, "rollback", _forgets)
    event.listen(engine, "before_cursor_execute", _perhaps_forgets)
    event.listen(engine, "reset", _is_reset)
    event.listen(engine, "checkin", _rests)
    event.listen(engine, "checkout", partial(_asked_after_rest, engine.dialect))
    return engine


def _ask_once(engine: Engine) -> None:
    """Ask what a server of its version is like for the first database of this process, and not for each."""
    dialect = engine.dialect
    ask = dialect.initialize

    def initialize(connection: Connection) -> None:
        driver: Any = connection.connection.driver_connection
        spoken = _SPOKEN.get((dialect.name, divmod(driver.info.server_version, _A_MAJOR_VERSION)))
        if spoken is None:
            ask(connection)
        else:
            dialect.server_version_info = spoken.server_version_info

    dialect.initialize = initialize  # type: ignore[method-assign]


def _hold_to_the_keys(connection: Any, record: object) -> None:
    del record
    _hold(connection, _HELD_TO + _TO_THE_KEYS)


def _hold_and_keep_prepared(connection: Any, record: object) -> None:
    del record
    _hold(connection, _HELD_TO)
    connection.prepared_max = _KEPT


def _hold(connection: Any, settings: str) -> None:
    """In one round trip, and outside of any transaction: one that is rolled back would take its settings with it."""
    connection.autocommit = True
    connection.execute(settings, prepare=False)
    connection.autocommit = False


def _forgets(connection: Connection) -> None:
    if not connection.invalidated:  # one that is lost has nothing prepared, and nothing to tell
        forget_prepared(connection.info)


def _perhaps_forgets(connection: Connection, cursor: Any, statement: str, *_: Any) -> None:
    del cursor
    forget_prepared(connection.info, statement)


def _is_reset(connection: Any, record: Any, state: Any) -> None:
    del state
    if connection.pgconn.transaction_status:  # one that is open is rolled back now; none is after a commit
        forget_prepared(record.info)


def _rests(connection: Any, record: Any) -> None:
    del connection
    record.info["rests_since"] = monotonic()


def _asked_after_rest(dialect: Dialect, connection: Any, record: Any, proxy: object) -> None:
    """Ask a connection whether it still lives, when it has rested a while: not before every unit of work."""
    del proxy
    if monotonic() - record.info.get("rests_since", monotonic()) > _REST_S and not _lives(dialect, connection):
        raise DisconnectionError


def _lives(dialect: Dialect, connection: Any) -> bool:
    try:
        return dialect.do_ping(connection)
    except dialect.loaded_dbapi.Error:
        return False
