"""What a unit of work has heard it is not told twice, until it writes, waits for another, or begins anew."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import text

from bank.wiring import OPERATOR
from ledger import commands, queries
from ledger.dates import Quarter, SetClock
from ledger.entries import Entry, Posting
from ledger.money import Money
from ledger.store.database import Database
from ledger.store.heard import heard
from ledger.store.work import Desk

DAY = date(2012, 1, 20)


def two_legs(key: str) -> Entry:
    return Entry(key, "bank", DAY, "heard", (Posting("1000", Money(1)), Posting("4000", Money(-1))))


@pytest.fixture
def desk(database: Database, clock: SetClock) -> Desk:
    clock.set(datetime(2012, 7, 1, tzinfo=UTC))
    return Desk(database, OPERATOR)


def test_a_head_that_moves_and_a_quarter_that_is_closed_are_seen_in_the_same_act(desk: Desk) -> None:
    with desk.writing() as work:
        before = queries.known(work.session)
        assert queries.known(work.session) is not before
        assert queries.known(work.session) == before
        assert queries.watermark(work.session) is None
        commands.post(work, two_legs("k1"))
        assert queries.known(work.session).seq == before.seq + 1
        commands.close_quarter(work, Quarter(2012, 1), hard=True)
        assert queries.watermark(work.session) == date(2012, 3, 31)


def test_an_act_taken_back_to_a_savepoint_knows_no_more_what_it_did_since(desk: Desk) -> None:
    with desk.writing() as work:
        before = queries.known(work.session)
        point = work.session.begin_nested()
        commands.post(work, two_legs("k1"))
        assert queries.known(work.session).seq == before.seq + 1
        point.rollback()
        assert queries.known(work.session) == before


def test_each_transaction_hears_for_itself(desk: Desk) -> None:
    with desk.reading() as session:
        before = queries.known(session)
    commands.post(desk, two_legs("k1"))
    with desk.reading() as session:
        assert queries.known(session).seq == before.seq + 1
    with desk.writing() as work:
        assert queries.known(work.session).seq == before.seq + 1


@pytest.mark.parametrize(
    ("statement", "kept"),
    [
        ("SELECT count(*) FROM entry", True),
        (" WITH one AS (SELECT 1 AS seq) SELECT seq FROM one", True),
        ("UPDATE account SET name = name WHERE id = -1", False),
        ("SAVEPOINT here", False),
    ],
)
def test_a_question_leaves_what_was_heard_and_everything_else_forgets_it(
    desk: Desk, statement: str, *, kept: bool
) -> None:
    with desk.writing() as work:
        heard(work.session)["told"] = 1
        work.session.execute(text(statement))
        assert heard(work.session) == ({"told": 1} if kept else {})


@pytest.mark.parametrize("engine", ["postgresql"])
@pytest.mark.parametrize(
    "statement",
    [
        "SELECT seq FROM journal_head FOR UPDATE",
        "SELECT seq FROM journal_head FOR SHARE",
        "SELECT id FROM book FOR NO KEY UPDATE",
        "SELECT pg_advisory_xact_lock(1)",
        "LOCK TABLE waiting_entry IN SHARE MODE",
    ],
)
def test_a_lock_forgets(desk: Desk, engine: str, statement: str) -> None:
    del engine  # the one on which somebody else may write meanwhile
    with desk.writing() as work:
        heard(work.session)["told"] = 1
        work.session.execute(text(statement))
        assert heard(work.session) == {}


def test_what_was_heard_is_the_answer(desk: Desk) -> None:
    with desk.writing() as work:
        assert queries.watermark(work.session) is None
        heard(work.session)["watermark"] = date(2012, 3, 31)
        assert queries.watermark(work.session) == date(2012, 3, 31)
