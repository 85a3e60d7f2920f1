"""A small journal to attack, and three people who may try: set up once for many tests, and never changed by them."""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from time import sleep
from typing import Any, Final, NamedTuple
from uuid import uuid4

from sqlalchemy import URL, Connection, Engine, create_engine, make_url, text
from sqlalchemy.exc import DBAPIError

from bank.wiring import OPERATOR, metadata
from ledger import commands, trail
from ledger.dates import Quarter, SetClock
from ledger.entries import Entry, Posting
from ledger.money import Money
from ledger.posting import post, post_many, reverse
from ledger.store import confinement, keys
from ledger.store import database as opening
from ledger.store.database import Database, ReadSession, prepare_sqlite
from ledger.store.roles import grant_application
from ledger.store.work import Desk
from ledger.verification import Checkpoint, Verdict, verify
from tests import databases, servers
from tests.ledger.attacks import APPLICATION, KEYS, OUTSIDER, OWNER, POSTGRESQL, SQLITE

SQLITE_DRIVER: Final[Any] = vars(opening)["sqlite_driver"]
HASH: Final = bytes.fromhex("11" * 32)
_WORD: Final = "of-the-tests"
_HAND_OVER: Final = """
    DO $$
    DECLARE thing record;
    BEGIN
      FOR thing IN SELECT oid::regclass AS name, relkind FROM pg_class
                    WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' LOOP
        EXECUTE format('ALTER TABLE %%s OWNER TO {owner}', thing.name);
      END LOOP;
      FOR thing IN SELECT oid::regprocedure AS name FROM pg_proc WHERE pronamespace = 'public'::regnamespace LOOP
        EXECUTE format('ALTER FUNCTION %%s OWNER TO {owner}', thing.name);
      END LOOP;
      ALTER SCHEMA public OWNER TO {owner};
      EXECUTE format('ALTER DATABASE %%I OWNER TO {owner}', current_database());
    END $$
"""


_CONTROLS: Final = """
    SELECT tgname AS name, relname AS told FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
     WHERE NOT tgisinternal AND relnamespace = 'public'::regnamespace
    UNION ALL
    SELECT conname, relname FROM pg_constraint JOIN pg_class ON pg_class.oid = conrelid
     WHERE contype IN ('c', 'f', 'p', 'u') AND relnamespace = 'public'::regnamespace
"""
BOOKS: Final = frozenset({*KEYS, "waiting_entry"})


class Outcome(NamedTuple):
    """What became of an attack: the database's refusal, or what the check of the books then said."""

    refusal: str
    verdict: Verdict | None


@dataclass(slots=True)
class Stage:
    """The stage on one kind of database: where it is, and what the attacks call things by."""

    kind: str
    url: str
    words: dict[str, str]
    home: Path
    engines: dict[str, Engine] = field(default_factory=dict)
    _shape: list[tuple[str, str, dict[str, str], dict[str, str]]] = field(default_factory=list)
    _copies: dict[str, tuple[Any, Path]] = field(default_factory=dict)

    def attempt(
        self,
        person: str,
        statements: Iterable[str],
        *,
        removing: Iterable[str] = (),
        looking: bool = True,
        kept: Checkpoint | None = None,
    ) -> Outcome:
        """Try statements in one transaction to its end, look at the books, and leave everything as it was.

        Before them the owner runs the statements of `removing`, to take controls away.
        """
        with self.opened(person, removing) as connection:
            try:
                for statement in statements:
                    run(connection, statement.format_map(self.words))
                self.finish(connection)
            except (DBAPIError, sqlite3.Error, SQLITE_DRIVER.Error) as problem:
                return Outcome(str(getattr(problem, "orig", problem)), None)
            return Outcome("", self.verdict(connection, kept) if looking else None)

    @contextmanager
    def opened(self, person: str, removing: Iterable[str] = ()) -> Iterator[Any]:
        """A transaction of this person, which is undone at the end."""
        if self.kind == SQLITE:
            with self._sqlite(person, removing) as connection:
                yield connection
            return
        with self.engines[person].connect() as connection:
            for statement in removing:
                run(connection, statement)
            if person == OUTSIDER:
                run(connection, "SET LOCAL session_replication_role = replica")
            yield connection
            connection.rollback()

    @contextmanager
    def _sqlite(self, person: str, removing: Iterable[str]) -> Iterator[Any]:
        """A copy that an attack has changed is thrown away; one that withstood it serves the next."""
        taking = tuple(removing)
        held = None if taking else self._copies.pop(person, None)
        connection, copy = held or self._fresh(person, taking)
        connection.execute("BEGIN IMMEDIATE")
        yield connection
        if connection.in_transaction and not taking:
            connection.rollback()
            self._copies[person] = (connection, copy)
        else:
            connection.close()
            copy.unlink()

    def _fresh(self, person: str, removing: Iterable[str]) -> tuple[Any, Path]:
        copy = Path(shutil.copy(self.url.removeprefix("sqlite:///"), self.home / f"{uuid4().hex}.db"))
        with closing(sqlite3.connect(copy, isolation_level=None)) as owner:
            for statement in removing:
                owner.executescript(statement)
        driver = sqlite3 if person == OUTSIDER else SQLITE_DRIVER
        connection = driver.connect(copy, isolation_level=None)
        if person == OUTSIDER:
            connection.executescript("PRAGMA foreign_keys = OFF; PRAGMA recursive_triggers = OFF")
        else:
            prepare_sqlite(connection)
        if person == OWNER:
            confinement.release(connection)
        return connection, copy

    def written(self, value: bytes) -> str:
        """Bytes as they are written in a statement."""
        return f"X'{value.hex()}'" if self.kind == SQLITE else f"'\\x{value.hex()}'::bytea"

    def controls(self) -> dict[str, str]:
        """Every trigger and constraint of the tables of the books, with its table, as the catalogue has them."""
        if self.kind == SQLITE:
            return {name: table for table, _, clauses, names in self._schema() for name in (*clauses, *names)}
        with self.engines[OWNER].connect() as connection:
            return {row.name: row.told for row in connection.execute(text(_CONTROLS)) if row.told in BOOKS}

    def removal(self, *names: str) -> list[str]:
        """The statements by which the owner takes controls away; a name that is nowhere is left out."""
        if self.kind == SQLITE:
            return [script for script in (self._rewritten(part, names) for part in self._schema()) if script]
        there = self.controls()
        return [
            f"ALTER TABLE {there[name]} DROP CONSTRAINT {name} CASCADE"
            if name[:3] in {"pk_", "uq_", "fk_", "ck_"}
            else f"DROP TRIGGER {name} ON {there[name]}"
            for name in names
            if name in there
        ]

    def _schema(self) -> list[tuple[str, str, dict[str, str], dict[str, str]]]:
        """For each table of the books on SQLite: its text, its constraints and its triggers, each by name."""
        if not self._shape:
            with closing(sqlite3.connect(self.url.removeprefix("sqlite:///"))) as looking:
                rows = looking.execute("SELECT type, name, tbl_name, sql FROM sqlite_master WHERE sql <> ''").fetchall()
            for kind, table, _, sql in rows:
                if kind == "table" and table in BOOKS:
                    about = {name: made for what, name, on, made in rows if on == table and what == "trigger"}
                    self._shape.append((table, sql, _clauses(sql), about))
        return self._shape

    def _rewritten(self, part: tuple[str, str, dict[str, str], dict[str, str]], names: Iterable[str]) -> str:
        """A table written again without some constraints, as SQLite has no way to drop one; or just its guards."""
        table, sql, clauses, guards = part
        drops = ";".join(f"DROP TRIGGER {name}" for name in names if name in guards)
        gone = [clauses[name] for name in names if name in clauses]
        if not gone:
            return drops
        for clause in gone:
            sql = sql.replace(clause, "")
            sql = sql.replace("WITHOUT ROWID", "") if "PRIMARY KEY" in clause else sql
        kept = ";".join(made for name, made in guards.items() if name not in names)
        return (
            f"PRAGMA foreign_keys = OFF; PRAGMA legacy_alter_table = ON; ALTER TABLE {table} RENAME TO before; {sql}; "  # noqa: S608 -- our own tables
            f"INSERT INTO {table} SELECT * FROM before; DROP TABLE before; {kept}"
        )

    def finish(self, connection: Any) -> None:
        """Come to the end of the transaction, where what was put off is checked."""
        run(connection, "COMMIT" if self.kind == SQLITE else "SET CONSTRAINTS ALL IMMEDIATE")

    def verdict(self, connection: Any, kept: Checkpoint | None = None) -> Verdict:
        """What the check of the books says of them as they now are."""
        if self.kind == POSTGRESQL:
            return verify(ReadSession(bind=connection, autoflush=False), kept)
        path = connection.execute("PRAGMA database_list").fetchone()[2]
        database = Database.open(f"sqlite:///{path}")
        try:
            with database.reading() as session:
                return verify(session, kept)
        finally:
            database.close()


def _clauses(sql: str) -> dict[str, str]:
    """The named constraints in the text of a table, each with the comma before it."""
    found: dict[str, str] = {}
    for begun in re.finditer(r",\s*CONSTRAINT (\w+) ", sql):
        depth, end = 0, begun.end()
        while depth or sql[end] not in ",)":
            depth += {"(": 1, ")": -1}.get(sql[end], 0)
            end += 1
        found[begun[1]] = sql[begun.start() : end]
    return found


def run(connection: Any, statement: str) -> Any:
    """Run one statement on whichever connection; what stands under a COPY is what is loaded."""
    if not isinstance(connection, Connection):
        return connection.execute(statement).fetchall()
    command, _, rows = statement.partition("\n")
    if not command.endswith("FROM STDIN"):
        return connection.exec_driver_sql(statement)
    driver: Any = connection.connection.driver_connection
    try:
        with driver.cursor().copy(command) as copy:
            copy.write(rows)
    except connection.dialect.loaded_dbapi.Error as problem:
        raise DBAPIError(command, (), problem) from problem
    return None


@contextmanager
def stage(kind: str, run_of_tests: Path, home: Path) -> Iterator[Stage]:
    """Set the stage, and clear it away."""
    with databases.prepared(kind, run_of_tests, home) as url:
        _play(url)
        if kind == SQLITE:
            yield Stage(kind, url, _words(url, {"hash": f"X'{HASH.hex()}'", "short": "X'11'"}), home)
            return
        literals = {"hash": f"'\\x{HASH.hex()}'::bytea", "short": "'\\x11'::bytea"}
        with roles_of(url, run_of_tests) as roles:
            taken_over(roles)
            words = _words(url, literals) | {"owner": roles.owner_name, "app": roles.application_name}
            set_up = Stage(kind, url, words, home)
            for person, where in ((OUTSIDER, url), (OWNER, roles.owner), (APPLICATION, roles.application)):
                set_up.engines[person] = create_engine(where, pool_size=2)
            yield set_up
            for engine in set_up.engines.values():
                engine.dispose()


class Roles(NamedTuple):
    """Two roles of the server, and the addresses at which each works in one database; `mighty` is a superuser's."""

    owner_name: str
    application_name: str
    owner: str
    application: str
    mighty: str


@contextmanager
def roles_of(url: str, run_of_tests: Path) -> Iterator[Roles]:
    """A role to own the tables, and one that the application works under; they go when the database does."""
    server, where = servers.server(run_of_tests), make_url(url).set(drivername="postgresql+psycopg")
    names = [f"{word}_{uuid4().hex[:8]}" for word in ("owner", "app")]
    servers.run_on(server, *(f"CREATE ROLE {name} LOGIN PASSWORD '{_WORD}'" for name in names))
    addresses = [where.set(username=name, password=_WORD).render_as_string(hide_password=False) for name in names]
    try:
        yield Roles(names[0], names[1], addresses[0], addresses[1], where.render_as_string(hide_password=False))
    finally:
        servers.drop_database(server, where.database or "")
        servers.run_on(server, *(f"DROP ROLE {name}" for name in reversed(names)))


def taken_over(roles: Roles) -> None:
    """Hand everything in the database to its owner, who then gives the application what it needs."""
    mighty = create_engine(roles.mighty)
    with mighty.begin() as connection:
        connection.exec_driver_sql(_HAND_OVER.format(owner=roles.owner_name))
    mighty.dispose()
    owned = Database.open(roles.owner)
    grant_application(owned, roles.application_name, metadata())
    owned.close()


def _play(url: str) -> None:
    """Four entries, one of them a reversal of the first; a quarter closed for good, and one soft-closed."""
    clock = SetClock(databases.OPENING)
    database = Database.open(url, clock=clock, compiled=databases.COMPILED)
    desk = Desk(database, OPERATOR)
    with desk.writing() as work:
        first = _entry("a", date(2011, 10, 3), "bank", "1200", "1000", 10_000)
        post_many(work, [first, _entry("b", date(2011, 11, 1), "reclaim-fund", "1000", "4000", 900)])
    clock.set(datetime(2012, 4, 20, 9, tzinfo=UTC))
    with desk.writing() as work:
        commands.close_quarter(work, Quarter(2011, 4), hard=True)
        commands.close_quarter(work, Quarter(2012, 1), hard=False)
        reverse(work, 1, key="undo", effective_on=date(2012, 4, 2), reason="entered twice")
    with desk.writing() as work:
        post(work, _entry("d", date(2012, 4, 10), "bank", "1200", "1000", 400))
        held = keys.claim(work.session, "somebody", "their key", "ab" * 32, work.now)
        keys.keep_answer(work.session, held, "{}")
        trail.record(work, action="test.set", subject="the stage")
    database.close()


def _entry(key: str, on: date, book: str, debit: str, credit: str, pence: int) -> Entry:
    return Entry(key, book, on, f"Entry {key}", (Posting(debit, Money(pence)), Posting(credit, Money(-pence))))


def _words(url: str, literals: Mapping[str, str]) -> dict[str, str]:
    """What the attacks speak of: the numbers of books and accounts, a later instant, hashes of nothing."""
    database = Database.open(url)
    with database.engine.connect() as connection:
        books: dict[str, int] = {row.code: row.id for row in connection.execute(text("SELECT id, code FROM book"))}
        accounts = {
            (row.book_id, row.code): row.id for row in connection.execute(text("SELECT id, book_id, code FROM account"))
        }
        root: bytes = connection.scalar(text("SELECT root FROM journal_head"))
    database.close()
    return {
        "now": "'2012-05-01T09:00:00.000000Z'",
        "root": literals["hash"].replace(HASH.hex(), bytes(root).hex()),
        "bank": str(books["bank"]),
        "fund": str(books["reclaim-fund"]),
        "cash": str(accounts[books["bank"], "1000"]),
        "loans": str(accounts[books["bank"], "1200"]),
        "theirs": str(accounts[books["reclaim-fund"], "1000"]),
        **literals,
    }


@dataclass(slots=True)
class Hand:
    """One connection that does what it is told, a step at a time."""

    engine: Engine
    words: Mapping[str, str]
    connection: Any = None

    def begin(self, *, snapshot: bool = False) -> None:
        """Begin; with a snapshot, look around first and hold on to what was seen."""
        opened = self.engine.raw_connection()
        self.connection = opened.driver_connection
        opened.detach()
        served = self.engine.dialect.name == POSTGRESQL
        if served:
            self.connection.autocommit = True
        if snapshot:
            self.run("BEGIN ISOLATION LEVEL REPEATABLE READ" if served else "BEGIN", "SELECT count(*) FROM entry")
        else:
            self.run("BEGIN")

    def close(self) -> None:
        """Let go."""
        if self.connection is not None:
            self.connection.close()

    def run(self, *statements: str) -> None:
        """Run statements."""
        try:
            for statement in statements:
                self.connection.execute(statement.format_map(self.words)).close()
        except self.engine.dialect.loaded_dbapi.Error as problem:
            raise DBAPIError("", (), problem) from problem

    def whole(self, statements: Iterable[str]) -> str:
        """A transaction from its beginning to its end; what it was refused with, or nothing."""
        self.begin()
        return self.rest(statements)

    def rest(self, statements: Iterable[str]) -> str:
        """The rest of a transaction that has begun, to its end."""
        try:
            self.run(*statements, "COMMIT")
        except DBAPIError as problem:
            self.run("ROLLBACK")
            return str(problem.orig)
        return ""


@dataclass(slots=True)
class Pair:
    """Two hands at one copy of the stage."""

    kind: str
    url: str
    first: Hand
    second: Hand

    def wait_for_second(self) -> None:
        """Wait until the second waits for the first. On SQLite it asks and asks again, and need not be waited for."""
        if self.kind == SQLITE:
            return
        with self.first.engine.connect() as looking:
            for _ in range(40):
                if looking.scalar(text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")):
                    return
                sleep(0.02)

    def verdict(self) -> Verdict:
        """What the check of the books says."""
        database = Database.open(self.url)
        try:
            with database.reading() as session:
                return verify(session)
        finally:
            database.close()


@contextmanager
def pair(scene: Stage, run_of_tests: Path, home: Path) -> Iterator[Pair]:
    """A copy of the stage of its own for two who do not give way to each other."""
    for engine in scene.engines.values():
        engine.dispose()
    with ExitStack() as stack:
        if scene.kind == SQLITE:
            copy = Path(shutil.copy(scene.url.removeprefix("sqlite:///"), home / "pair.db"))
            url = f"sqlite:///{copy}"
        else:
            server, name = servers.server(run_of_tests), f"pair-{uuid4().hex[:12]}"
            made = servers.make_database(server, name, template=make_url(scene.url).database or "")
            stack.callback(servers.drop_database, server, name)
            url = _shown(made)
        database = Database.open(url)
        stack.callback(database.close)
        first, second = Hand(database.engine, scene.words), Hand(database.engine, scene.words)
        stack.callback(first.close)
        stack.callback(second.close)
        yield Pair(scene.kind, url, first, second)


def _shown(where: URL) -> str:
    return where.render_as_string(hide_password=False)
