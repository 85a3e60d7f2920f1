"""The check of the books looks at what waits as well: balances of the present count it."""

from __future__ import annotations

from datetime import date
from typing import Final

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from bank.wiring import OPERATOR
from ledger import commands, placing
from ledger.entries import Entry, Posting
from ledger.money import Money
from ledger.store.database import Database
from ledger.store.work import Desk
from ledger.verification import Verdict, verify
from tests.ledger import tampering

pytestmark = pytest.mark.parametrize("engine", ["postgresql"], indirect=True)

CHANGES: Final = {
    "postings = replace(postings, ', 100]', ', 900]')": "the postings that are counted of it",
    "postings = '[]'": "the postings that are counted of it",
    "postings = postings || ' '": "the postings that are counted of it",
    "effective_on = '2011-08-03'": "its book, its key, its day or its legs",
    "book_id = 99": "its book, its key, its day or its legs",
    "key = 'b'": "its book, its key, its day or its legs",
    "legs = 3": "its book, its key, its day or its legs",
    "content_hash = '\\x00'": "the hash kept of its content",
    "actor = 'another'": "its text is not as the journal writes an entry",
    "text_before = replace(text_before, 'Fee', 'Free')": "the hash kept of its content",
    "text_before = replace(text_before, '1.00', '9.00')": "the postings that are counted of it",
    "text_before = replace(text_before, '\"1.00\"', '\"9.00\"')": "its text holds no entry: Entry 'a': it does not",
    "text_before = replace(text_before, '\"1000\"', '\"1999\"')": "one of its postings is to an account",
    "text_before = replace(text_before, '\"1.00\"', '\"1e13\"')": "its text holds no entry: '1e13' is not an amount",
    "text_between = replace(text_between, '\"\"', '\"1\"'), content_hash = "
    "books_content_hash(text_before, replace(text_between, '\"\"', '\"1\"'))": "it reverses an entry",
    "opening = '{'": "its text holds no entry",
}


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database, OPERATOR)


def entry(key: str, day: date = date(2011, 8, 2)) -> Entry:
    return Entry(key, "bank", day, f"Fee {key}", (Posting("1000", Money(100)), Posting("4000", Money(-100))))


def found(desk: Desk) -> Verdict:
    with desk.reading() as session:
        return verify(session)


def test_a_row_that_was_changed_while_it_waits_is_found(desk: Desk) -> None:
    commands.post(desk, entry("p"))
    commands.post_later(desk, entry("a"))
    assert found(desk).holds
    with tampering.behind_our_back(desk.database) as session:
        session.execute(text("ALTER TABLE waiting_entry DISABLE TRIGGER ALL"))
        for change, fault in CHANGES.items():
            session.execute(text("SAVEPOINT unchanged"))
            session.connection().exec_driver_sql(f"UPDATE waiting_entry SET {change}")  # noqa: S608 -- our own words
            verdict = verify(session)
            assert (verdict.holds, verdict.seq, fault in verdict.fault) == (False, None, True), (change, verdict)
            assert verdict.fault.startswith("row "), change
            session.execute(text("ROLLBACK TO SAVEPOINT unchanged"))
        assert verify(session).holds


def test_an_entry_of_the_journal_under_the_key_of_one_that_waits_is_found(desk: Desk) -> None:
    commands.post_later(desk, entry("a"))
    with desk.database.engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE kept AS SELECT * FROM waiting_entry")
    placing.place_waiting(desk)
    with desk.database.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE waiting_entry DISABLE TRIGGER ALL")
        connection.exec_driver_sql("INSERT INTO waiting_entry SELECT * FROM kept")
    assert "entry 1 of the journal has its key, and both are counted" in found(desk).fault


@pytest.mark.parametrize(
    "taken",
    [
        "CREATE RULE nothing AS ON INSERT TO waiting_entry DO INSTEAD NOTHING",
        (
            "CREATE FUNCTION let_go() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'; "
            "CREATE TRIGGER zz_let_go BEFORE INSERT ON waiting_entry FOR EACH ROW EXECUTE FUNCTION let_go()"
        ),
    ],
)
def test_what_the_database_takes_in_and_does_not_keep_is_not_accepted(desk: Desk, taken: str) -> None:
    with desk.database.engine.begin() as connection:
        connection.exec_driver_sql(taken)
    with pytest.raises((placing.NotKept, DBAPIError), match=r"kept nothing|INSERT RETURNING"):
        commands.post_later(desk, entry("a"))
    with pytest.raises((placing.NotKept, DBAPIError), match=r"kept nothing|INSERT RETURNING"), desk.writing() as work:
        commands.post_later(work, entry("a"))
