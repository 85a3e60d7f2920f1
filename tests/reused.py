"""A database of PostgreSQL that one test after another works in, each finding it as the first did.

Whoever connects to a database anew has the server learn its tables and plan every statement again: half of what a test
of the bank cost. So each process of the run keeps a database, and its connections, and when a test is over all that it
wrote is taken out. Where anything else is not as it was, be it a trigger, a grant or somebody still connected, the
database is thrown away, and the next test gets a new one.
"""

from __future__ import annotations

import time
from collections.abc import MutableMapping, Sequence
from typing import Any, Final

import psycopg
from sqlalchemy import URL

from ledger.dates import SetClock
from ledger.identifiers import CountedIdentifiers
from ledger.store.database import Database
from ledger.store.foresight import Foresight

_WAITS_MS: Final = 2_000
_LEAVES_WITHIN_S: Final = 2.0
"""How long whoever hung up may take to be gone: the server ends a connection after its client has."""
_TIMES: Final = 40
"""How many tests work in one: what was taken out is still passed over, and nobody sweeps it up."""

_CATALOGUES: Final = (
    "pg_attrdef",
    "pg_attribute",
    "pg_class",
    "pg_constraint",
    "pg_db_role_setting",
    "pg_default_acl",
    "pg_event_trigger",
    "pg_extension",
    "pg_index",
    "pg_namespace",
    "pg_policy",
    "pg_proc",
    "pg_rewrite",
    "pg_sequence",
    "pg_statistic",
    "pg_trigger",
    "pg_type",
)
"""Where the server notes what a database is made of, and who may do what in it."""

_HERE: Final = "setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())"
_NO_GUARDS: Final = "oid NOT IN (SELECT tgfoid FROM pg_trigger WHERE tgenabled = 'A')"
_OF_THEM: Final = {"pg_db_role_setting": _HERE, "pg_proc": _NO_GUARDS}
"""Which rows of a catalogue are looked at, where not all are: the guards are compared by their text."""

_GUARDS: Final = """
    SELECT p.oid::regproc::text, pg_get_functiondef(p.oid), against_taking_out
      FROM (SELECT tgfoid, bool_or(tgtype & 8 = 8) AS against_taking_out
              FROM pg_trigger WHERE tgenabled = 'A' AND NOT tgisinternal GROUP BY tgfoid) AS guard
      JOIN pg_proc p ON p.oid = tgfoid ORDER BY 1
"""
"""The functions of the triggers that nothing puts to sleep, and whether they guard against taking rows out."""

_LETS_GO: Final = "CREATE OR REPLACE FUNCTION {}() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END'"
_TABLES: Final = """
    SELECT oid::regclass::text FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1
"""
_SEQUENCES: Final = "SELECT oid::regclass::text FROM pg_class WHERE relkind = 'S' ORDER BY 1"
_OTHERS: Final = """
    SELECT count(*) FROM pg_stat_activity
     WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
"""


class Reused:
    """One database, its connections, and what it held when it was new."""

    def __init__(self, where: URL, clock: SetClock, compiled: MutableMapping[Any, Any]) -> None:
        self._where = where
        self._times = 0
        plain = where.set(drivername="postgresql").render_as_string(hide_password=False)
        self._hand = psycopg.connect(plain, autocommit=True, prepare_threshold=0)
        tables = [row[0] for row in self._asks(_TABLES)]
        there = dict(zip(tables, self._asks(_any_in(tables))[0], strict=True))
        self._empty = [table for table in tables if not there[table]]
        self._filled = {table: self._copied(table) for table in tables if there[table]}
        self._sequences = [row[0] for row in self._asks(_SEQUENCES)]
        self._numbers = self._asks(_numbers_of(self._sequences))[0]
        self._written = self._asks(_last_written_in(self._filled))[0]
        (began,) = self._asks("SELECT pg_current_xact_id()::text")[0]
        self._look = _how_made(began)
        self._made, self._guards = self._asks(self._look), self._asks(_GUARDS)
        self._database = Database.open(
            self.url, clock=clock, identifiers=CountedIdentifiers("tests"), compiled=compiled
        )

    @property
    def name(self) -> str:
        """What the server calls it."""
        return str(self._where.database)

    @property
    def url(self) -> str:
        """Its URL in full."""
        return self._where.render_as_string(hide_password=False)

    def begin(self) -> Database:
        """The database, opened for the next test: its identifiers come in the order in which they did for the last."""
        self._database.identifiers = CountedIdentifiers("tests")
        self._database.foresight = Foresight()
        return self._database

    def is_as_it_was(self) -> bool:
        """Take out all that was written since it was new; whether it is then what it was, to the last trigger."""
        self._times += 1
        try:
            if self._times == _TIMES or self._somebody_is_left() or self._is_otherwise_made():
                return False
            self._take_out()
            self._forget()
        except Exception:  # noqa: BLE001 -- whatever it is, nobody works in this one again
            return False
        return True

    def close(self) -> None:
        """Let go of every connection."""
        self._hand.close()
        self._database.close()

    def _somebody_is_left(self) -> bool:
        """Whether anybody else is connected, or one of our own connections is in use, or gone."""
        held: Any = self._database
        pools, ready = (held.engine.pool, held._by_itself.pool), len(held._ready)  # noqa: SLF001 -- no other way in
        in_use = sum(pool.checkedout() for pool in pools) - ready
        ours = sum(pool.checkedin() for pool in pools) + ready
        until = time.monotonic() + _LEAVES_WITHIN_S
        while not in_use and self._asks(_OTHERS) != [(ours,)]:
            if time.monotonic() > until:
                return True
            time.sleep(0.01)
        return bool(in_use)

    def _is_otherwise_made(self) -> bool:
        return self._asks(self._look) != self._made or self._asks(_GUARDS) != self._guards

    def _take_out(self) -> None:
        """Empty what was empty, and fill again what was filled; the guards let go of rows meanwhile."""
        filled = [table for table, there in zip(self._empty, self._asks(_any_in(self._empty))[0], strict=True) if there]
        written = zip(self._filled, self._asks(_last_written_in(self._filled))[0], self._written, strict=True)
        changed = [table for table, now, before in written if now != before]
        guards = [(name, text) for name, text, against_taking_out in self._guards if against_taking_out]
        with self._hand.transaction():
            self._tells(f"SET LOCAL lock_timeout = {_WAITS_MS}")
            self._tells("SET LOCAL session_replication_role = replica")
            for name, _ in guards:
                self._tells(_LETS_GO.format(name))
            for table in (*filled, *changed):
                self._tells(f"DELETE FROM {table}")  # noqa: S608 -- a table's own name
            for _, text in guards:
                self._tells(text)
            for table in changed:
                with self._hand.cursor().copy(f"COPY {table} FROM STDIN".encode()) as rows:
                    rows.write(self._filled[table])
            self._tells(_put_back(self._sequences, self._numbers))
        self._written = self._asks(_last_written_in(self._filled))[0]

    def _forget(self) -> None:
        """Have the connection know nothing of what was there; of many that a test had at once, none is kept.

        It ends like work that was done: at a rollback the server would be told to forget what it has prepared.
        """
        rests: Any = self._database.engine.pool
        if rests.checkedin() > 1:
            self._database.engine.dispose()
            return
        with self._database.engine.connect() as connection:
            connection.info.clear()
            connection.exec_driver_sql("SELECT pg_advisory_unlock_all()")
            connection.exec_driver_sql("RESET ROLE")
            connection.exec_driver_sql("RESET ALL")
            connection.commit()

    def _copied(self, table: str) -> bytes:
        with self._hand.cursor().copy(f"COPY {table} TO STDOUT".encode()) as rows:
            return b"".join(map(bytes, rows))

    def _asks(self, question: str) -> list[tuple[Any, ...]]:
        return self._hand.execute(question.encode()).fetchall()

    def _tells(self, statement: str) -> None:
        self._hand.execute(statement.encode())


def _any_in(tables: Sequence[str]) -> str:
    return f"SELECT {', '.join(f'EXISTS (SELECT FROM {table})' for table in tables)}"  # noqa: S608 -- tables' own names


def _last_written_in(tables: MutableMapping[str, bytes]) -> str:
    """How many rows each holds, and which act of the server's wrote the last of them."""
    each = (f"(SELECT (count(*), max(xmin::text::bigint))::text FROM {table})" for table in tables)  # noqa: S608 -- the same
    return f"SELECT {', '.join(each)}"


def _numbers_of(sequences: Sequence[str]) -> str:
    return f"SELECT {', '.join(f'(SELECT (last_value, is_called)::text FROM {each})' for each in sequences)}"  # noqa: S608 -- the same


def _put_back(sequences: Sequence[str], numbers: Sequence[str]) -> str:
    pairs = (number.strip("()").split(",") for number in numbers)
    each = (f"setval('{name}', {last}, '{told}')" for name, (last, told) in zip(sequences, pairs, strict=True))
    return f"SELECT {', '.join(each)}"


def _how_made(began: str) -> str:
    """How many there are of all that a database is made of, and how many were changed since an act of the server's."""
    each = (
        f"(SELECT (count(*), count(*) FILTER (WHERE age(xmin) < age('{began}'::xid)))::text"  # noqa: S608 -- the same
        f" FROM {name} WHERE {_OF_THEM.get(name, 'true')})"
        for name in _CATALOGUES
    )
    return f"SELECT {', '.join(each)}"
