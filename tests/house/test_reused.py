"""A database that one test after another works in is as new for each of them, or is thrown away."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import psycopg
import pytest

from tests import databases
from tests.bank.small_bank import SmallBank
from tests.reused import Reused


@pytest.fixture
def reused(run_of_tests: Path) -> Iterator[Reused]:
    made = databases.made_to_be_reused(run_of_tests, "staffed")
    yield made
    databases.throw_away(run_of_tests, made)


def connected(reused: Reused) -> psycopg.Connection:
    return psycopg.connect(reused.url.replace("postgresql+psycopg", "postgresql"), autocommit=True)


def held(reused: Reused) -> dict[str, object]:
    """All that is in it: the rows of every table, and where every sequence stands."""
    of_kind = "SELECT oid::regclass::text FROM pg_class WHERE relkind = %s AND relnamespace = 'public'::regnamespace"
    with connected(reused) as looking:
        tables, sequences = (looking.execute(of_kind, [kind]).fetchall() for kind in "rS")
        asked = {name: f"SELECT row_to_json(each)::text FROM {name} AS each ORDER BY 1" for (name,) in tables}  # noqa: S608 -- a table's own name
        asked |= {name: f"SELECT last_value, is_called FROM {name}" for (name,) in sequences}  # noqa: S608 -- the same
        found = {name: looking.execute(question.encode()).fetchall() for name, question in asked.items()}
    return {name: rows for name, rows in found.items() if rows}


def a_year_of_work(reused: Reused) -> str:
    """What moves nearly every table that a small bank has, an account and a person of the template's among them."""
    databases.CLOCK.set(databases.OPENING)
    bank = SmallBank(reused.begin(), databases.CLOCK)
    bank.open()
    bank.person("eve", "trustee")
    bank.capital("1000.00")
    made = bank.drawn(bank.lender(), "100.00")
    bank.at(date(2012, 7, 2))
    return f"{made.id} {bank.balance('bank', '1000')}"


def test_what_a_test_wrote_is_taken_out_and_the_next_finds_what_it_found(reused: Reused) -> None:
    before = held(reused)
    came_to = a_year_of_work(reused)
    assert len(held(reused)) > len(before) + 10
    assert reused.is_as_it_was()
    assert held(reused) == before
    assert a_year_of_work(reused) == came_to


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE entry DISABLE TRIGGER ALL",
        "DROP TRIGGER entry_keeps_rows ON entry",
        "CREATE OR REPLACE FUNCTION books_only_added_to() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END'",
        "CREATE OR REPLACE FUNCTION books_clear(book_ bigint, key_ text, day date) RETURNS boolean RETURN true",
        "GRANT UPDATE ON entry TO PUBLIC",
        "ALTER TABLE entry DROP CONSTRAINT ck_entry_gross",
        "ALTER TABLE posting ADD COLUMN more int",
        "CREATE INDEX more ON posting (amount)",
        "CREATE TABLE more (one int)",
        "CREATE SCHEMA more",
        "ANALYZE person",
    ],
)
def test_one_that_is_made_otherwise_is_thrown_away(reused: Reused, statement: str) -> None:
    with connected(reused) as otherwise:
        otherwise.execute(statement.encode())
    assert not reused.is_as_it_was()


def test_one_that_somebody_is_still_connected_to_is_thrown_away(reused: Reused) -> None:
    with connected(reused):
        assert not reused.is_as_it_was()
    assert reused.is_as_it_was()
