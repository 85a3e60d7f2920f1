"""The migrations make exactly the tables that the rooms describe, from nothing, on both databases."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from bank import migrations, wiring
from ledger.store import confinement
from ledger.store.columns import Base
from ledger.store.database import Database
from tests.house.tree import ROOT, modules


def test_the_migrated_tables_are_those_of_the_models(database: Database) -> None:
    def is_here(found: Any, *_: object) -> bool:
        return bool(found.info.get("only_on", database.dialect) == database.dialect)

    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_object": is_here})
        assert compare_metadata(context, wiring.metadata()) == []


def test_an_empty_database_is_brought_up_and_coming_again_changes_nothing(empty_database_url: str) -> None:
    database = Database.open(empty_database_url)
    assert migrations.current(database) is None
    for _ in range(2):
        migrations.upgrade(database)
        assert migrations.current(database) == migrations.NEWEST
    database.close()


def test_books_opened_earlier_get_their_sides_of_the_pairs_that_came_later(empty_database_url: str) -> None:
    """What is payable by the fund, and what the bank retains; guarded again afterwards, in their mirrors as in all."""
    database = Database.open(empty_database_url)
    migrations.upgrade(database, "0011")
    now = "2011-03-28T08:00:00.000000Z"
    with (
        database.engine.connect().execution_options(writing=True) as connection,
        connection.begin(),
        confinement.lifted(connection),
    ):
        connection.execute(
            text(
                "INSERT INTO book (id, code, kind, name, opened_at) "
                "VALUES (1, 'old', 'reclaim-fund', 'Old', :now), (2, 'early', 'bank', 'Early', :now)"
            ),
            {"now": now},
        )
        for number, code in enumerate(("2000", "2100", "2100:part", "3200"), start=1):
            connection.execute(
                text(
                    "INSERT INTO account (id, book_id, code, name, kind, mirror, opened_at) "
                    "VALUES (:id, :book, :code, :code, 'liability', '', :now)"
                ),
                {"id": number, "book": 2 if code == "3200" else 1, "code": code, "now": now},
            )
    migrations.upgrade(database)
    with database.engine.connect() as connection:
        found = connection.execute(text("SELECT code, mirror FROM account ORDER BY id")).all()
    assert [tuple(row) for row in found] == [
        *(("2000", ""), ("2100", "distribution"), ("2100:part", "distribution"), ("3200", "dividend"))
    ]
    with (
        pytest.raises(DBAPIError, match="is called by never changes"),
        database.engine.connect().execution_options(writing=True) as connection,
        connection.begin(),
        confinement.lifted(connection),
    ):
        connection.execute(text("UPDATE account SET mirror = '' WHERE code = '2100'"))
    database.close()


def test_what_was_approved_earlier_is_told_to_have_been(empty_database_url: str) -> None:
    database = Database.open(empty_database_url)
    migrations.upgrade(database, "0034")
    with (
        database.engine.connect().execution_options(writing=True) as connection,
        connection.begin(),
        confinement.lifted(connection),
    ):
        for statement in (
            "INSERT INTO base_rate VALUES ('bas_1', 'bank-rate', '0.005', '2009-03-05', 'Published', 'maya', :now)",
            "INSERT INTO base_rate VALUES ('bas_2', 'bank-rate', '0.006', '2009-03-06', 'Published', 'maya', :now)",
            "INSERT INTO base_rate_approval VALUES ('bas_1', 'maya', 'tom', :now)",
        ):
            connection.execute(text(statement), {"now": "2011-03-28T08:00:00.000000Z"})
    migrations.upgrade(database)
    with database.engine.connect() as connection:
        found = connection.execute(text("SELECT proposal_id, proposed_by, decided_by, decision FROM proposal_outcome"))
        assert [tuple(row) for row in found] == [("bas_1", "maya", "tom", "approved")]
    database.close()


def test_there_is_one_line_of_history_and_each_step_is_numbered() -> None:
    history = _history()
    assert history.get_heads() == [migrations.NEWEST]
    steps = [Path(step.path).name for step in reversed(list(history.walk_revisions()))]
    assert [name[:4] for name in steps] == [f"{number:04d}" for number in range(1, len(steps) + 1)]


def test_every_table_has_been_seen_by_the_migrations() -> None:
    """A room's `model.py` that nobody imports would be missing from the comparison above, and so would its tables."""
    wiring.metadata()
    seen = {mapper.class_.__module__ for mapper in Base.registry.mappers}
    rooms = {path for path in modules("bank", "intermediaries", "ledger") if path.stem == "model"}
    assert {".".join(path.relative_to(ROOT).with_suffix("").parts) for path in rooms} <= seen


def _history() -> ScriptDirectory:
    return ScriptDirectory(str(ROOT / "bank" / "migrations"))
