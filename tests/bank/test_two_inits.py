"""Two that make the same bank at once: one makes it, the other finds it made, and neither is told of a quarrel."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Timer

from sqlalchemy import select

from bank.wiring import open_prepared
from ledger.chart import HOUSE_BOOKS
from ledger.store import database as databases
from ledger.store.database import prepare_sqlite
from ledger.store.tables import Book
from tests.journeys.programs import Keyboard


def test_a_bank_made_twice_at_once_is_made_once(empty_database_url: str, tmp_path: Path) -> None:
    keyboard = Keyboard(tmp_path, empty_database_url)
    with ThreadPoolExecutor(2) as people:
        both = list(people.map(keyboard.beside, ("init", "init")))
    assert [each.code for each in both] == [0, 0], both
    database = open_prepared(empty_database_url)
    with database.reading() as session:
        assert sorted(session.scalars(select(Book.code))) == sorted(plan.kind for plan in HOUSE_BOOKS)
    database.close()


def test_a_file_that_another_is_making_is_waited_for_where_sqlite_does_not_wait(tmp_path: Path) -> None:
    where, driver = tmp_path / "bank.db", vars(databases)["sqlite_driver"]
    maker = driver.connect(where, isolation_level=None, check_same_thread=False)
    maker.execute("BEGIN EXCLUSIVE")
    other = driver.connect(where, timeout=0)
    done = Timer(0.2, maker.execute, ["COMMIT"])
    done.start()
    prepare_sqlite(other)
    done.join()
    assert other.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    other.close()
    maker.close()
