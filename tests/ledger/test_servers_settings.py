"""Whatever a server, a database or a role would have a connection do by itself: the books are kept alike."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import make_url, text

from bank.wiring import OPERATOR
from ledger import commands, placing, queries, verification
from ledger.dates import Quarter, SetClock
from ledger.entries import Entry, Posting
from ledger.identifiers import CountedIdentifiers
from ledger.money import Money
from ledger.periods import GatesFailed
from ledger.store.database import Database
from ledger.store.mishaps import ConnectionLost, OnlyForLooking, TookTooLong
from ledger.store.work import Desk, Work
from tests import databases, servers

NOW = datetime(2012, 4, 20, 10, tzinfo=UTC)


def entry(key: str, pence: int = 100) -> Entry:
    legs = (Posting("1200", Money(pence)), Posting("1000", Money(-pence)))
    return Entry(key, "bank", date(2012, 1, 5), "A \\ and a '", legs)


@contextmanager
def served(run: Path, home: Path, *settings: str) -> Iterator[str]:
    """The URL of a database that has settings of its own."""
    with databases.prepared("postgresql", run, home) as url:
        name = make_url(url).database
        servers.run_on(servers.server(run), *(f'ALTER DATABASE "{name}" SET {setting}' for setting in settings))
        yield url


@contextmanager
def desk_at(url: str) -> Iterator[Desk]:
    database = Database.open(url, clock=SetClock(NOW), identifiers=CountedIdentifiers("set"))
    yield Desk(database, OPERATOR)
    database.close()


@pytest.mark.parametrize("level", ["repeatable read", "serializable"])
def test_a_writer_sees_what_was_committed_while_it_waited_whatever_isolation_the_server_would_have(
    run_of_tests: Path, tmp_path: Path, level: str
) -> None:
    """Otherwise a quarter was closed over an entry that had been accepted, and the worker could never place it."""
    setting = f"default_transaction_isolation = '{level}'"
    with served(run_of_tests, tmp_path, setting) as url, desk_at(url) as desk, desk_at(url) as other:
        _close_while_another_is_accepted(desk, other, "first")
        with desk.reading() as session:  # a connection that was handed back is as one that is new
            queries.known(session)
        _close_while_another_is_accepted(desk, other, "second")
        with other.database.by_itself() as raw:
            assert raw.ask_straight("SELECT current_setting('transaction_isolation')", {}) == [["read committed"]]
        assert placing.place_waiting(desk).placed == 2
        with desk.reading() as session:
            assert verification.verify(session).holds
            assert queries.balance_at(session, "bank", "1200") == Money(200)


@pytest.mark.parametrize(
    "setting", ["DateStyle = 'SQL, DMY'", "DateStyle = 'German'", "standard_conforming_strings = off"]
)
def test_days_and_texts_are_read_alike_however_the_server_would_write_them(
    run_of_tests: Path, tmp_path: Path, setting: str
) -> None:
    with served(run_of_tests, tmp_path, setting) as url, desk_at(url) as desk:
        alone = commands.post(desk, entry("alone"))
        commands.post_many(desk, [entry("one"), entry("other")])
        commands.post_later(desk, entry("later"))
        placing.place_waiting(desk)
        with desk.writing() as work:
            commands.reverse(work, 1, key="undone", effective_on=date(2012, 1, 6), reason="A \\ and a '")
        with desk.reading() as session:
            assert verification.verify(session).holds
            entries = queries.entries(session)
            assert entries[0] == alone
            assert [done.entry.effective_on.day for done in entries] == [5, 5, 5, 5, 6]


def test_a_server_that_takes_no_writing_is_told_of_and_can_be_looked_at(run_of_tests: Path, tmp_path: Path) -> None:
    with (
        served(run_of_tests, tmp_path, "default_transaction_read_only = on") as url,
        desk_at(url) as desk,
    ):
        for post in (commands.post, commands.post_later):
            with pytest.raises(OnlyForLooking, match="takes no writing"):
                post(desk, entry("never"))
        with desk.reading() as session:
            assert queries.known(session).seq == 0


@pytest.mark.parametrize("setting", ["lock_timeout = '100ms'", "statement_timeout = '300ms'"])
def test_who_waited_longer_than_the_server_allows_is_told_so_and_may_send_the_same_again(
    run_of_tests: Path, tmp_path: Path, setting: str
) -> None:
    with served(run_of_tests, tmp_path, setting) as url, desk_at(url) as desk, desk_at(url) as other:
        with other.writing() as work:
            commands.post(work, entry("first"))
            with pytest.raises(TookTooLong, match=setting.split(maxsplit=1)[0]):
                commands.post(desk, entry("second"))
        assert commands.post(desk, entry("second")).seq == 2


def test_a_connection_cut_under_a_look_is_told_of_as_under_an_act(run_of_tests: Path, tmp_path: Path) -> None:
    with served(run_of_tests, tmp_path) as url, desk_at(url) as desk, desk_at(url) as other:
        with pytest.raises(ConnectionLost):
            _look_and_be_cut_off(desk, other)
        with desk.reading() as session:
            assert queries.known(session).seq == 0


def _look_and_be_cut_off(desk: Desk, other: Desk) -> None:
    with desk.reading() as session:
        mine = str(session.scalar(text("SELECT pg_backend_pid()")))
        with other.database.by_itself() as raw:
            raw.ask_straight("SELECT pg_terminate_backend(%(pid)s::int, 5000)::text", {"pid": mine})
        queries.known(session)


def _close_while_another_is_accepted(desk: Desk, other: Desk, key: str) -> None:
    def close(work: Work) -> None:
        queries.known(work.session)
        commands.post_later(other, entry(key))
        commands.close_quarter(work, Quarter(2012, 1), hard=True)

    with pytest.raises(GatesFailed):
        desk.tried(close)
