"""An SQLite connection of the application: what it may not ask, whichever driver serves it, and what it still may."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import MetaData, inspect, text
from sqlalchemy.exc import DBAPIError

from bank.wiring import OPERATOR, metadata, prepare
from ledger import commands
from ledger.entries import Entry, Posting
from ledger.money import Money
from ledger.store import confinement
from ledger.store import database as opening
from ledger.store.database import Database
from ledger.store.work import Desk

SERVED: Any = vars(opening)["sqlite_driver"]
REFUSED = (sqlite3.DatabaseError, SERVED.DatabaseError)
ON_SQLITE = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


@pytest.fixture(params=[sqlite3, SERVED], ids=["the interpreter's own", "the one that serves"])
def connection(request: pytest.FixtureRequest) -> Iterator[Any]:
    """A table of each sort, on either driver, confined."""
    metadata()
    with closing(request.param.connect(":memory:", isolation_level=None)) as opened:
        opened.executescript(
            "CREATE TABLE account (id INTEGER PRIMARY KEY, code TEXT, name TEXT);"
            "CREATE TABLE mark (upto_seq INTEGER PRIMARY KEY);"
            "CREATE TABLE waiting_entry (id INTEGER PRIMARY KEY);"
            "CREATE TABLE stranger (x);"
            "INSERT INTO account VALUES (1, '1000', 'Cash')"
        )
        confinement.confine(opened)
        yield opened


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO mark VALUES (1)",
        "INSERT INTO mark VALUES (1) ON CONFLICT DO NOTHING",
        "SELECT count(*), max(name), json_extract('{}', '$') FROM account",
        "SELECT value FROM json_each('[1]')",
        "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 3) SELECT * FROM n",
        "UPDATE account SET name = 'Cash at bank'",
        "DELETE FROM waiting_entry",
        "SAVEPOINT one",
        "PRAGMA table_info(account)",
        "PRAGMA foreign_keys",
        "PRAGMA integrity_check",
    ],
)
def test_what_the_application_does_it_may_do(connection: Any, statement: str) -> None:
    connection.execute(statement).fetchall()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE account SET code = '1001'",
        "UPDATE account SET name = 'Cash', code = '1001'",
        "UPDATE mark SET upto_seq = 2",
        "UPDATE stranger SET x = 1",
        "DELETE FROM account",
        "DELETE FROM stranger",
        "INSERT INTO account (id, code) VALUES (1, 'x') ON CONFLICT (id) DO UPDATE SET code = 'x'",
        "INSERT INTO sqlite_schema VALUES ('table', 'x', 'x', 0, 'CREATE TABLE x (x)')",
        "PRAGMA foreign_keys = OFF",
        "PRAGMA foreign_keys(0)",
        "PRAGMA journal_mode = DELETE",
        "PRAGMA user_version = 7",
        "PRAGMA temp_store_directory = '/nowhere'",
        "DROP TABLE stranger",
        "DETACH DATABASE main",
    ],
)
def test_what_it_does_not_do_it_may_not_do(connection: Any, statement: str) -> None:
    with pytest.raises(REFUSED, match=r"not authorized|prohibited"):
        connection.execute(statement).fetchall()


@pytest.mark.parametrize("writable", ["OFF", "ON"])
@pytest.mark.parametrize("schema", ["sqlite_master", "sqlite_schema", "main.sqlite_master", "sqlite_temp_master"])
def test_nobody_writes_into_what_the_file_is_made_of(connection: Any, schema: str, writable: str) -> None:
    """Not even where the library itself would let it be written: whoever was confined cannot let it do so either."""
    confinement.release(connection)
    connection.execute(f"PRAGMA writable_schema = {writable}")
    confinement.confine(connection)
    for statement in (
        "UPDATE sqlite_master SET sql = 'CREATE TABLE mark (x)' WHERE name = 'mark'",
        "UPDATE sqlite_master SET type = 'x', name = 'x', tbl_name = 'x', rootpage = 2, sql = 'x'",
        "DELETE FROM sqlite_master WHERE name = 'mark'",
        "INSERT INTO sqlite_master VALUES ('table', 'x', 'x', 0, 'CREATE TABLE x (x)')",
        "WITH n AS (SELECT value FROM json_each('[1]')) UPDATE sqlite_master SET sql = (SELECT value FROM n)",
    ):
        with pytest.raises(REFUSED, match=r"not authorized|prohibited|may not be modified"):
            connection.execute(statement.replace("sqlite_master", schema)).fetchall()
    assert connection.execute("SELECT sql FROM sqlite_master WHERE name = 'mark'").fetchone() == (
        "CREATE TABLE mark (upto_seq INTEGER PRIMARY KEY)",
    )


@pytest.mark.parametrize("setting", ["writable_schema", "writable_schema = ON", "writable_schema = RESET"])
def test_nobody_asks_the_library_to_let_it_be_written(connection: Any, setting: str) -> None:
    for pragma in (setting, f"main.{setting}"):
        with pytest.raises(REFUSED, match=r"not authorized|prohibited"):
            connection.execute(f"PRAGMA {pragma}").fetchall()


@pytest.mark.parametrize("driver", [sqlite3, SERVED], ids=["the interpreter's own", "the one that serves"])
def test_a_list_can_be_asked_after_whatever_became_of_the_file(driver: Any, tmp_path: Path) -> None:
    """A table that a connection has met stays known to it: also when the schema is read anew."""
    with (
        closing(driver.connect(tmp_path / "bank.db", isolation_level=None)) as opened,
        closing(driver.connect(tmp_path / "bank.db", isolation_level=None)) as other,
    ):
        opened.execute("PRAGMA journal_mode = WAL")
        confinement.confine(opened)
        for statement in ("CREATE TABLE mark (upto_seq INTEGER)", "VACUUM", "DROP TABLE mark"):
            other.execute(statement)
            opened.execute("BEGIN")
            found = opened.execute("SELECT value FROM json_each('[7]')").fetchall()
            opened.execute("ROLLBACK")
            assert found == [(7,)]


def test_released_it_may_do_everything_again(connection: Any) -> None:
    confinement.release(connection)
    connection.execute("DROP TABLE stranger")


@ON_SQLITE
def test_every_connection_of_the_application_is_confined_but_for_what_is_lifted(database: Database) -> None:
    with database.engine.connect() as one, database.engine.connect() as other:
        for connection in (one, other):
            with pytest.raises(DBAPIError, match="not authorized"):
                connection.execute(text("DROP TRIGGER entry_is_sound"))
        with confinement.lifted(one):
            one.execute(text("CREATE TABLE for_a_while (x)"))
            one.execute(text("DROP TABLE for_a_while"))
        with pytest.raises(DBAPIError, match="not authorized"):
            one.execute(text("CREATE TABLE for_a_while (x)"))


@ON_SQLITE
def test_it_is_confined_again_when_what_was_lifted_ends_badly(database: Database) -> None:
    with database.engine.connect() as connection:
        with pytest.raises(RuntimeError, match="half way"), confinement.lifted(connection):
            raise RuntimeError("half way")
        with pytest.raises(DBAPIError, match="not authorized"):
            connection.execute(text("DROP TABLE posting"))


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_an_act_that_repeats_pays_nothing_for_it(empty_database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also in the process that has just prepared the database: each statement is compiled, and judged, once."""
    asked = Counter[str]()
    judged = confinement._judge  # noqa: SLF001 -- what is counted

    def counted(known: MetaData) -> Callable[..., int]:
        judge = judged(known)

        def count(*action: Any) -> int:
            asked["now"] += 1
            return judge(*action)

        return count

    monkeypatch.setattr(confinement, "_judge", counted)
    database = Database.open(empty_database_url)
    prepare(database)
    legs = (Posting("1200", Money(5)), Posting("1000", Money(-5)))
    for number in range(4):
        asked.clear()
        commands.post(Desk(database, OPERATOR), Entry(f"k{number}", "bank", date(2012, 1, 10), "Again", legs))
    database.close()
    assert asked["now"] == 0


def test_a_migration_can_still_look_at_everything(database: Database) -> None:
    with database.engine.connect() as connection:
        looking = inspect(connection)
        assert {"entry", "posting"} <= set(looking.get_table_names())
        assert looking.get_foreign_keys("mark")
