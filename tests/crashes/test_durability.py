"""A server that does not keep what it says it keeps is told by its own settings."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from ledger.store.database import Database
from ledger.store.durability import lacking
from tests.journeys.programs import Keyboard

SETTINGS = ("data_checksums", "fsync", "full_page_writes", "synchronous_commit")


def test_what_is_off_is_told_and_nothing_else(database: Database) -> None:
    with database.reading() as session:
        off = [name for name in SETTINGS if database.dialect == "postgresql" and _setting(database, name) == "off"]
        assert [fault.partition(" with ")[2].partition("=")[0] for fault in lacking(session)] == off


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
@pytest.mark.parametrize("setting", ["on", "off"])
def test_a_session_that_does_not_wait_for_its_commit_is_told(database: Database, setting: str) -> None:
    with database.reading() as session:
        session.execute(text(f"SET LOCAL synchronous_commit = {setting}"))
        told = [fault for fault in lacking(session) if "synchronous_commit=off" in fault]
    assert bool(told) == (setting == "off")


def test_whoever_verifies_the_books_is_warned(database: Database, database_url: str, tmp_path: Path) -> None:
    with database.reading() as session:
        risks = lacking(session)
    said = Keyboard(tmp_path, database_url).here("ledger", "verify")
    assert said.code == 0
    assert [line.removeprefix("Warning: ") for line in said.err.splitlines()] == risks


def _setting(database: Database, name: str) -> str:
    with database.reading() as session:
        return str(session.scalar(text(f"SHOW {name}")))
