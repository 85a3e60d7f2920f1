"""Rows that wait and cannot be placed: they hold up no other, are told of, and do not come in by a rebuilding."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from bank.wiring import OPERATOR
from ledger import commands, exchange, placing, queries, verification
from ledger.dates import SetClock
from ledger.entries import Entry, Posting
from ledger.money import Money
from ledger.store.database import Database
from ledger.store.work import Desk
from tests.servers import wait_until

pytestmark = pytest.mark.parametrize("engine", ["postgresql"], indirect=True)

DAY = date(2011, 7, 1)
FORGED = (
    "INSERT INTO waiting_entry (actor, opening, text_before, text_between, accepted_at) SELECT actor, opening, "
    "replace(replace(text_before, '\"{key}\"', '\"{new}\"'), 'Fee', '\\u0007'), text_between, accepted_at "
    "FROM waiting_entry WHERE key = '{key}'"
)
"""Another row beside one that waits: the database takes its words for text, and no journal line may hold them."""
_OFF = "ALTER TABLE waiting_entry DISABLE TRIGGER ALL"
_ON = [
    f"ALTER TABLE waiting_entry ENABLE ALWAYS TRIGGER waiting_{name}"
    for name in ("is_sound", "is_alone", "was_placed", "keeps_rows", "keeps_all")
]


def entry(key: str, pence: int = 100) -> Entry:
    return Entry(key, "bank", DAY, f"Fee {key}", (Posting("1000", Money(pence)), Posting("4000", Money(-pence))))


@pytest.fixture
def desk(database: Database, clock: SetClock) -> Desk:
    clock.set(datetime(2011, 7, 5, 9, tzinfo=UTC))
    return Desk(database, OPERATOR)


def told(desk: Desk, *statements: str) -> None:
    with desk.database.engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


@contextmanager
def unguarded(desk: Desk) -> Iterator[None]:
    """What an owner does to what waits, the guards being away meanwhile."""
    told(desk, _OFF)
    try:
        yield
    finally:
        told(desk, *_ON)


def exported(desk: Desk) -> list[Any]:
    with desk.reading() as session:
        return [line.encode() for line in exchange.export(session)]


def cash(desk: Desk) -> Money:
    with desk.reading() as session:
        return queries.balance_at(session, "bank", "1000")


def keys(desk: Desk) -> list[str]:
    with desk.reading() as session:
        return [done.entry.key for done in queries.entries(session)]


def line_of(key: str) -> list[Any]:
    """An export of one entry, as it would stand in an empty journal."""
    return exchange.read(
        [
            b'{"key":"%s","book":"bank","effective_on":"2011-07-01","description":"x","postings":'
            b'[{"account":"1000","amount":"1.00"},{"account":"4000","amount":"-1.00"}],"kind":"entry","seq":1,'
            b'"recorded_at":"2011-07-04T12:00:00.000000Z","actor":"o","seal":"00"}' % key.encode()
        ]
    )


@pytest.mark.parametrize("key", ["a", "b"])
def test_nothing_is_rebuilt_where_an_entry_waits(desk: Desk, key: str) -> None:
    commands.post_later(desk, entry("a"))
    with pytest.raises(placing.EntriesWait, match=r"\(1; see `bank ledger lag`\).*empty database"):
        exchange.import_journal(desk, line_of(key))
    with pytest.raises(placing.EntriesWait):
        exchange.continue_rebuild(desk, line_of(key))
    assert (cash(desk), keys(desk)) == (Money(100), [])


def test_a_rebuilding_waits_for_whoever_is_just_accepting_an_entry(desk: Desk) -> None:
    outcome: list[object] = []

    def rebuild() -> None:
        try:
            outcome.append(exchange.import_journal(desk, line_of("a")))
        except (placing.EntriesWait, exchange.BadJournal) as refused:
            outcome.append(refused)

    with desk.writing() as work:
        commands.post_later(work, entry("a"))
        second = threading.Thread(target=rebuild)
        second.start()
        second.join(0.5)
        assert not outcome, "it waits for the table"
    second.join()
    assert [type(one) for one in outcome] == [placing.EntriesWait]
    assert (cash(desk), keys(desk)) == (Money(100), [])


def test_what_the_journal_refuses_stays_and_holds_up_no_other(desk: Desk) -> None:
    """An entry that came into the journal beside one that waits under its key, as a rebuilding once let it."""
    commands.post(desk, entry("c"))
    for key in "abxde":
        commands.post_later(desk, entry(key))
    with unguarded(desk):
        told(
            desk,
            "UPDATE waiting_entry SET key = 'c', text_before = replace(text_before, '\"x\"', '\"c\"') WHERE key='x'",
        )
    turn = placing.place_waiting(desk)
    assert (turn.placed, turn.waiting, keys(desk)) == (4, 1, ["c", "a", "b", "d", "e"])
    assert [(row.key, "uq_entry_book_id_key" in row.fault) for row in turn.faulty] == [("c", True)]
    with pytest.raises(placing.CannotBePlaced, match="Nothing was posted"):
        commands.post(desk, entry("c", 500))
    assert placing.place_waiting(desk).faulty == turn.faulty


def test_rows_at_the_front_that_cannot_be_placed_take_no_place_from_those_behind(desk: Desk) -> None:
    commands.post_later(desk, entry("seed"))
    for number in range(3):
        told(desk, FORGED.format(key="seed", new=f"forged{number}"))
    placing.place_waiting(desk, 1)
    for key in "abc":
        commands.post_later(desk, entry(key))
    first = placing.place_waiting(desk, 1)
    assert (first.placed, first.waiting, [row.key for row in first.faulty]) == (
        1,
        5,
        ["forged0", "forged1", "forged2"],
    )
    assert placing.place_waiting(desk, 2).placed == 2
    assert keys(desk) == ["seed", "a", "b", "c"]


def test_a_text_that_python_cannot_read_at_all_holds_up_no_other(desk: Desk) -> None:
    commands.post_later(desk, entry("a"))
    deep = "[" * 3_000 + "]" * 3_000
    with unguarded(desk):
        told(desk, f'UPDATE waiting_entry SET text_between = \'","reverses":{deep},"seq":"\'')  # noqa: S608 -- our own text
    commands.post_later(desk, entry("b"))
    turn = placing.place_waiting(desk)
    assert (turn.placed, [row.fault for row in turn.faulty]) == (1, ["its text holds no entry"])


def test_a_key_of_which_a_row_waits_that_is_no_entry_is_not_posted_beside_it(desk: Desk) -> None:
    commands.post_later(desk, entry("a"))
    told(desk, FORGED.format(key="a", new="b"))
    with pytest.raises(placing.CannotBePlaced, match="cannot be placed: its text holds no entry"):
        commands.post(desk, entry("b"))
    assert (keys(desk), cash(desk)) == ([], Money(200))


def test_a_worker_tells_of_a_faulty_row_once_and_goes_on_with_the_others(desk: Desk) -> None:
    commands.post_later(desk, entry("seed"))
    told(desk, FORGED.format(key="seed", new="forged"))
    turns: list[placing.Placed] = []
    failures: list[Exception] = []
    stop = threading.Event()
    worker = threading.Thread(
        target=placing.place_until,
        args=(desk, stop, timedelta(milliseconds=5)),
        kwargs={"told": turns.append, "failed": failures.append},
    )
    worker.start()
    try:
        wait_until(lambda: len(turns) == 1, 30)
        assert not stop.wait(0.3)
        assert len(turns) == 1, "nothing but the faulty row waits"
        commands.post_later(desk, entry("a"))
        wait_until(lambda: keys(desk) == ["seed", "a"], 30)
    finally:
        stop.set()
        worker.join()
    assert not failures
    assert [(turn.placed, [row.key for row in turn.faulty]) for turn in turns] == [(1, ["forged"]), (1, ["forged"])]


def test_the_journal_verifies_after_a_turn_in_pieces(desk: Desk) -> None:
    commands.post(desk, entry("c"))
    for key in "abxdefghi":
        commands.post_later(desk, entry(key))
    with unguarded(desk):
        told(desk, "UPDATE waiting_entry SET content_hash = '\\x00' WHERE key IN ('x', 'h')")
    turn = placing.place_waiting(desk)
    assert (turn.placed, [row.key for row in turn.faulty]) == (7, ["x", "h"])
    assert ["leaves only into the journal" in row.fault for row in turn.faulty] == [True, True]
    with unguarded(desk):
        told(desk, "DELETE FROM waiting_entry")
    with desk.reading() as session:
        assert verification.verify(session).holds
        assert session.scalar(text("SELECT count(*) FROM entry")) == 8
