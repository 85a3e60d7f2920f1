"""The application under its own role on PostgreSQL: it does its whole work, and owns nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import text

from bank import migrations
from bank.people import commands as people
from bank.wiring import OPERATOR, metadata, prepare
from ledger import commands, placing
from ledger.dates import SetClock
from ledger.entries import Entry, Posting
from ledger.identifiers import CountedIdentifiers
from ledger.money import Money
from ledger.store.database import Database
from ledger.store.roles import NotForThisDatabase, grant_application, grants
from ledger.store.work import Desk
from ledger.verification import verify
from tests import databases
from tests.bank.institution import whole
from tests.ledger.stage import roles_of, taken_over


@pytest.fixture
def as_application(run_of_tests: Path, tmp_path: Path, clock: SetClock) -> Iterator[Database]:
    """A prepared database, opened by the role that may only do the application's work."""
    with (
        databases.prepared("postgresql", run_of_tests, tmp_path) as url,
        roles_of(url, run_of_tests) as roles,
    ):
        taken_over(roles)
        opened = Database.open(roles.application, clock=clock, identifiers=CountedIdentifiers("tests"))
        yield opened
        opened.close()


def test_the_whole_work_of_three_quarters_can_be_done_under_it(as_application: Database, clock: SetClock) -> None:
    bank = whole(as_application, clock)
    desk = Desk(as_application, OPERATOR)
    person = people.add_person(desk, name="Ada", email="ada@bank.example", roles=["auditor"])
    issued = people.issue_key(desk, person=person.id, label="hers", days=9)
    people.revoke_key(desk, id=issued.key.id, reason="lost")
    on = date(2012, 11, 1)
    commands.post_later(
        desk, Entry("later", "bank", on, "Later", (Posting("1200", Money(5)), Posting("1000", Money(-5))))
    )
    placing.place_waiting(desk)
    prepare(as_application)

    with bank.database.reading() as session:
        assert verify(session).holds
    assert migrations.current(as_application) == migrations.NEWEST


def test_the_rights_are_those_that_the_models_ask_for_and_no_more(as_application: Database) -> None:
    with as_application.engine.connect() as connection:
        held = {
            (row.table_name, row.privilege_type, row.column_name)
            for row in connection.execute(
                text(
                    "SELECT table_name, privilege_type, '' AS column_name FROM information_schema.table_privileges "
                    "WHERE grantee = current_user UNION ALL "
                    "SELECT table_name, privilege_type, column_name FROM information_schema.column_privileges "
                    "WHERE grantee = current_user AND privilege_type = 'UPDATE'"
                )
            )
        }
    wanted = {("alembic_version", "SELECT", "")}
    for table in metadata().tables.values():
        wanted |= {(table.name, "SELECT", ""), (table.name, "INSERT", "")}
        wanted |= {(table.name, "DELETE", "")} if table.info.get("goes") else set()
        changes = {*table.info.get("changes", ()), *table.info.get("held", ())}
        wanted |= {(table.name, "UPDATE", column) for column in changes}
    assert held == wanted
    assert {entry for entry in held if entry[0] == "posting"} == {("posting", "SELECT", ""), ("posting", "INSERT", "")}


def test_a_role_with_powers_of_its_own_is_no_role_for_the_application(run_of_tests: Path, tmp_path: Path) -> None:
    with databases.prepared("postgresql", run_of_tests, tmp_path) as url:
        database = Database.open(url)
        for role in ("bank", "nobody_of_this_name"):
            with pytest.raises(NotForThisDatabase, match="CREATE ROLE"):
                grant_application(database, role, metadata())
        database.close()


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_sqlite_has_no_roles(database: Database) -> None:
    with pytest.raises(NotForThisDatabase, match="no roles"):
        grant_application(database, "bank_app", metadata())


def test_a_name_cannot_end_a_statement_and_begin_another() -> None:
    said = grants('x"; DROP TABLE entry; --', metadata(), database="d", schema="s")
    assert all('"x""; DROP TABLE entry; --"' in statement for statement in said)
