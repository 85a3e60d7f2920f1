"""Entries put where the journal is expected to stand: the same as ever when it does, and nothing at all when not."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import make_url
from sqlalchemy.exc import DBAPIError

from bank.wiring import OPERATOR
from ledger import commands, placing, queries, verification
from ledger.dates import Quarter, SetClock
from ledger.entries import Entry, Posting, Recorded
from ledger.identifiers import CountedIdentifiers
from ledger.merkle import Frontier
from ledger.money import Money
from ledger.periods import QuarterClosed
from ledger.refusals import Refusal
from ledger.store import cells, foresight, writing
from ledger.store import database as database_module
from ledger.store.database import Database
from ledger.store.raw import Raw
from ledger.store.work import Desk
from tests import databases, servers

SERVED = pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
"""SQLite is here: there is nobody to ask, and so nothing to foresee."""

DAY = date(2012, 11, 5)


def entry(key: str, pence: int = 100, *legs: Posting, day: date = DAY) -> Entry:
    usual = (Posting("1000", Money(pence)), Posting("4000", Money(-pence)))
    return Entry(key=key, book="bank", effective_on=day, description=f"Fee {key}, £ and \\ ”", postings=legs or usual)


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database, OPERATOR)


@contextmanager
def another(desk: Desk) -> Iterator[Desk]:
    """Another process at the same books: it knows nothing of what this one expects."""
    opened = Database.open(desk.database.engine.url.render_as_string(hide_password=False), clock=desk.database.clock)
    try:
        yield Desk(opened, OPERATOR)
    finally:
        opened.close()


@contextmanager
def told_by_the_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The keys of the entries that the server places by itself while the block lasts: what was not foreseen."""
    asked: list[str] = []
    usual = writing._post_one  # noqa: SLF001 -- which of two roads was taken shows nowhere else

    def noted(raw: Raw, now: datetime, actor: str, one: Entry, span: int) -> list[Recorded]:
        asked.append(one.key)
        return usual(raw, now, actor, one, span)

    with monkeypatch.context() as patched:
        patched.setattr(writing, "_post_one", noted)
        yield asked


def journal(desk: Desk) -> list[Recorded]:
    """Every entry, the books having been found sound."""
    with desk.reading() as session:
        verdict = verification.verify(session)
        assert verdict.holds, verdict.fault
        return queries.entries(session)


@SERVED
def test_whoever_is_alone_at_the_books_asks_for_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    with told_by_the_server(monkeypatch) as asked:
        answered = [commands.post(desk, entry(f"k{number}", 100 + number)) for number in range(20)]
    assert asked == []
    assert journal(desk) == answered


@SERVED
def test_the_accounts_of_a_book_are_asked_for_once_and_those_opened_since_as_they_come(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def open_accounts(first: int) -> None:
        with desk.writing() as work:
            commands.sub_accounts(work, "bank", {f"1000:{number}": "Cash" for number in range(first, first + 5)})

    def post_to(*numbers: int) -> list[str]:
        asked: list[str] = []
        usual = Raw.ask_straight

        def noted(raw: Raw, statement: str, values: Mapping[str, str | None]) -> list[list[str]]:
            asked.append(statement)
            return usual(raw, statement, values)

        with monkeypatch.context() as patched:
            patched.setattr(Raw, "ask_straight", noted)
            for number in numbers:
                legs = Posting(f"1000:{number}", Money(100)), Posting("4000", Money(-100))
                commands.post(desk, entry(f"to {number}", 100, *legs))
        return [statement for statement in asked if "FROM book b JOIN account a" in statement]

    open_accounts(0)
    assert len(post_to(0, 1, 2, 3, 4)) == 1
    open_accounts(5)
    assert len(post_to(5, 6)) == 2
    assert len(journal(desk)) == 7


def test_both_roads_and_both_databases_seal_alike(
    run_of_tests: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heads = set()
    for kind, foreseen in (("sqlite", True), ("postgresql", True), ("postgresql", False)):
        with databases.prepared(kind, run_of_tests, tmp_path) as url, monkeypatch.context() as patched:
            if not foreseen:
                patched.setattr(foresight.Foresight, "post", lambda *_: [])
            clock = SetClock(datetime(2012, 11, 6, 9, tzinfo=UTC))
            database = Database.open(url, clock=clock, identifiers=CountedIdentifiers("alike"))
            desk = Desk(database, OPERATOR)
            for number in range(9):
                clock.set(clock.now() + timedelta(microseconds=number % 3 * 1_000 + number % 2))
                legs = [Posting("1000", Money(-700)), *(Posting("4000", Money(100)) for _ in range(7))][: 2 + number]
                balanced = (replace(legs[0], amount=-Money.total(leg.amount for leg in legs[1:])), *legs[1:])
                commands.post(desk, entry(f"k{number}", 1, *balanced))
            with desk.reading() as session:
                verdict = verification.verify(session)
            assert verdict.holds, verdict.fault
            heads.add((verdict.head, verdict.acts))
            database.close()
    assert len(heads) == 1


@SERVED
def test_what_somebody_else_has_posted_meanwhile_is_gone_past(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    with another(desk) as other, told_by_the_server(monkeypatch) as asked:
        keys = [f"k{number}" for number in range(12)]
        for number, key in enumerate(keys):
            commands.post(other if number % 3 == 0 else desk, entry(key))
        assert [done.entry.key for done in journal(desk)] == keys
    assert asked


@SERVED
def test_whoever_expects_in_vain_rests_longer_and_longer_and_expects_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands.post(desk, entry("first"))
    with another(desk) as other:
        with told_by_the_server(monkeypatch) as asked:
            for number in range(20):
                commands.post(other, entry(f"other{number}"))
                commands.post(desk, entry(f"ours{number}"))
        # Every head that was remembered was wrong; after a rest it is looked at anew, and then it is right.
        assert asked[:3] == ["ours0", "other1", "ours1"]
        assert len(asked) > 20
    with told_by_the_server(monkeypatch) as asked:
        for number in range(50):
            commands.post(desk, entry(f"alone{number}"))
    assert len(asked) < 10, "alone again, and nothing is expected any more"
    assert len(journal(desk)) == 91


@SERVED
def test_an_older_or_another_history_of_the_same_length_is_not_continued_as_ours(desk: Desk, other_url: str) -> None:
    """As after a restored backup behind a running server: place and instant alone would agree."""
    elsewhere = Desk(Database.open(other_url, clock=desk.database.clock), OPERATOR)
    commands.post(desk, entry("ours", 500))
    commands.post(elsewhere, entry("theirs", 700))
    elsewhere.database.foresight = desk.database.foresight
    commands.post(elsewhere, entry("next", 900))
    assert [done.entry.key for done in journal(elsewhere)] == ["theirs", "next"]
    elsewhere.database.close()


def test_accounts_bear_other_numbers_after_a_restore_under_a_running_process(
    run_of_tests: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Opened anew in another order, each has the number of the other: the chain agrees, and tells of no numbers."""
    where = servers.server(run_of_tests)
    with databases.prepared("postgresql", run_of_tests, tmp_path) as url:
        name = str(make_url(url).database)
        servers.make_database(where, f"{name}-backup", template=name)
        desk = Desk(Database.open(url, clock=databases.CLOCK), OPERATOR)
        _open_and_post(desk, "first", "second")
        servers.drop_database(where, name)
        servers.make_database(where, name, template=f"{name}-backup")
        servers.drop_database(where, f"{name}-backup")
        monkeypatch.setattr(database_module, "_REST_S", -1.0)  # as after a while: the connections were cut
        _open_and_post(desk, "second", "first")
        with desk.reading() as session:
            found = [queries.balance_at(session, "bank", f"1200:{part}") for part in ("first", "second")]
        assert found == [Money(400), Money(800)]
        assert len(journal(desk)) == 8
        desk.database.close()


@SERVED
def test_numbers_are_not_gone_by_where_accounts_are_kept_elsewhere_under_the_very_same_chain(
    desk: Desk, other_url: str
) -> None:
    elsewhere = Desk(Database.open(other_url, clock=desk.database.clock), OPERATOR)
    _open_and_post(desk, "first", "second")
    _open_and_post(elsewhere, "second", "first", posted=("first", "second"))
    with desk.reading() as ours, elsewhere.reading() as theirs:
        assert verification.verify(ours).acts == verification.verify(theirs).acts
    elsewhere.database.foresight = desk.database.foresight
    for number in range(4):
        commands.post(elsewhere, _to("first", f"more {number}", 1))
    with elsewhere.reading() as session:
        assert queries.balance_at(session, "bank", "1200:first") == Money(404)
    assert len(journal(elsewhere)) == 12
    elsewhere.database.close()


def _open_and_post(desk: Desk, *opened: str, posted: tuple[str, ...] = ("first", "second")) -> None:
    """Open accounts in an order, and post four entries to each: the first fail, where expectations are wrong."""
    for part in opened:
        with desk.writing() as work:
            commands.sub_account(work, "bank", "1200", part, name=part)
    for number in range(4):
        for pence, part in enumerate(posted, start=1):
            commands.post(desk, _to(part, f"{part} {number}", 100 * pence))


def _to(part: str, key: str, pence: int) -> Entry:
    return entry(key, pence, Posting(f"1200:{part}", Money(pence)), Posting("1000", Money(-pence)))


@SERVED
def test_a_quarter_closed_by_another_is_not_posted_into(desk: Desk, clock: SetClock) -> None:
    quarter = Quarter(2012, 3)
    clock.set(datetime(2012, 10, 2, 9, tzinfo=UTC))
    commands.post(desk, entry("before", day=quarter.ends_on))
    with another(desk) as other, other.writing() as work:
        commands.close_quarter(work, quarter, hard=True)
    with pytest.raises(QuarterClosed):
        commands.post(desk, entry("late", day=quarter.ends_on))
    commands.post(desk, entry("after"))
    assert [done.entry.key for done in journal(desk)] == ["before", "after"]


@SERVED
def test_a_key_is_posted_once_whether_it_was_foreseen_or_waits(desk: Desk) -> None:
    first = commands.post(desk, entry("twice"))
    commands.post(desk, entry("between"))
    assert commands.post(desk, entry("twice")) == first
    commands.post_later(desk, entry("waits"))
    commands.post(desk, entry("waits"))
    placing.place_waiting(desk)
    assert sorted(done.entry.key for done in journal(desk)) == ["between", "twice", "waits"]


@SERVED
def test_an_account_that_is_not_there_is_refused_as_ever_and_one_opened_since_is_found(desk: Desk) -> None:
    legs = (Posting("1000:new", Money(5)), Posting("4000", Money(-5)))
    with pytest.raises(Refusal, match="1000:new"):
        commands.post(desk, entry("early", 5, *legs))
    with desk.writing() as work:
        commands.sub_account(work, "bank", "1000", "new", name="New")
    commands.post(desk, entry("early", 5, *legs))
    commands.post(desk, entry("later", 5, *legs))
    assert [done.entry.key for done in journal(desk)] == ["early", "later"]


@SERVED
def test_the_last_entry_of_a_span_is_left_to_whoever_folds_it(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cells, "SPAN", 4)
    with told_by_the_server(monkeypatch) as asked:
        for number in range(1, 10):
            commands.post(desk, entry(f"k{number}"))
    assert asked == ["k4", "k8"]


@SERVED
def test_threads_that_share_what_is_expected_lose_nothing(desk: Desk) -> None:
    def post(thread: int) -> None:
        for number in range(24):
            commands.post(desk, entry(f"{thread}-{number}"))

    threads = [threading.Thread(target=post, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({done.entry.key for done in journal(desk)}) == 96


@SERVED
def test_nothing_is_written_where_another_head_is_expected(desk: Desk) -> None:
    """The statement asks for the chain, not for the place: with that condition gone this would be written."""
    commands.post(desk, entry("there"))
    expected = desk.database.foresight
    head = expected._head  # noqa: SLF001 -- a wrong expectation cannot be come by honestly
    assert head is not None
    expected._head = head._replace(chain=bytes(32), frontier=Frontier(1, (bytes(32),)))  # noqa: SLF001
    with desk.database.by_itself() as raw:
        assert expected.post(raw, desk.database.clock.now(), OPERATOR.id, entry("here"), cells.SPAN) == []
    assert [done.entry.key for done in journal(desk)] == ["there"]


@SERVED
def test_a_connection_at_hand_is_asked_after_a_rest_whether_it_lives(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server may have been started anew behind it: nothing of that is to reach whoever posts."""
    commands.post(desk, entry("before"))
    with desk.database.by_itself() as raw:
        ((mine,),) = raw.ask_straight("SELECT pg_backend_pid()::text", {})
    with another(desk) as other, other.database.by_itself() as raw:
        raw.ask_straight("SELECT pg_terminate_backend(%(pid)s::int)::text", {"pid": mine})
    monkeypatch.setattr(database_module, "_REST_S", -1.0)
    with desk.database.by_itself() as raw:
        ((anew,),) = raw.ask_straight("SELECT pg_backend_pid()::text", {})
    assert anew != mine
    commands.post(desk, entry("after"))
    assert [done.entry.key for done in journal(desk)] == ["before", "after"]


@SERVED
def test_a_connection_that_failed_is_handed_back_and_one_that_did_not_is_kept_at_hand(desk: Desk) -> None:
    ready = desk.database._ready  # noqa: SLF001 -- that it saves a third of the work shows nowhere else
    commands.post(desk, entry("first"))
    assert len(ready) == 1
    with pytest.raises(DBAPIError), desk.database.by_itself() as raw:
        raw.ask_straight("SELECT nothing_of_this_name", {})
    assert not ready
    with desk.database.by_itself(), desk.database.by_itself() as raw:
        raw.ask_straight("SELECT 1::text", {})
    assert len(ready) == 2
    commands.post(desk, entry("second"))
    desk.database.close()
    assert not ready


@SERVED
def test_an_entry_whose_answer_was_lost_behind_its_commit_is_answered_by_its_key(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.database.foresight._resting = 10  # noqa: SLF001 -- as among many, where the disk is waited for afterwards
    with monkeypatch.context() as patched:
        patched.setattr(writing, "SETTLED", "SELECT pg_terminate_backend(pg_backend_pid())::text")
        done = commands.post(desk, entry("once"))
    assert journal(desk) == [done]
