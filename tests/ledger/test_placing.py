"""Entries that wait for their place: accepted for good, counted at once, placed in order, and never twice."""

from __future__ import annotations

import threading
import time
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from bank.wiring import OPERATOR
from ledger import commands, placing, queries, verification
from ledger.dates import Quarter, SetClock
from ledger.entries import Entry, Posting, Recorded
from ledger.money import Money
from ledger.periods import LATE_KINDS, GatesFailed, QuarterClosed
from ledger.store import server_side
from ledger.store.database import Database
from ledger.store.tables import EntryRow, WaitingEntry
from ledger.store.work import Desk

SERVED = pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
"""Only a served database has writers that wait for one another."""

DAY = date(2011, 8, 2)


FORGED = (
    "INSERT INTO waiting_entry (actor, opening, text_before, text_between, accepted_at) "
    "SELECT {actor}, opening, {text}, text_between, accepted_at FROM waiting_entry"
)


def entry(key: str, pence: int = 100, *, day: date = DAY, account: str = "1000", kind: str = "entry") -> Entry:
    return Entry(
        key=key,
        book="bank",
        effective_on=day,
        description=f"Fee {key}, £ and \\ and “quotes”",
        postings=(Posting(account, Money(pence)), Posting("4000", Money(-pence))),
        kind=kind,
    )


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database, OPERATOR)


def cash(desk: Desk, at: queries.Known | None = None) -> Money:
    with desk.reading() as session:
        return queries.balance_at(session, "bank", "1000", DAY, at)


def placed(desk: Desk) -> list[Recorded]:
    with desk.reading() as session:
        return queries.entries(session)


def waiting(desk: Desk) -> int:
    with desk.reading() as session:
        return placing.lag(session).waiting


def sound(desk: Desk) -> bool:
    with desk.reading() as session:
        return verification.verify(session).holds


@SERVED
def test_what_waits_is_counted_in_the_present_and_not_at_a_place(desk: Desk) -> None:
    commands.post(desk, entry("a", 500))
    commands.post_later(desk, entry("b", 70))
    with desk.reading() as session:
        then = queries.known(session, 1)
    assert cash(desk) == Money(570)
    assert cash(desk, then) == Money(500)
    assert len(placed(desk)) == 1


@SERVED
def test_the_worker_places_in_the_order_accepted_and_the_books_verify(desk: Desk) -> None:
    keys = [f"k{number}" for number in (5, 3, 9, 1)]
    for number, key in enumerate(keys, start=1):
        commands.post_later(desk, entry(key, number))
    assert placing.place_waiting(desk, 3) == placing.Placed(placed=3, waiting=1)
    assert placing.place_waiting(desk) == placing.Placed(placed=1, waiting=0)
    assert placing.place_waiting(desk) == placing.Placed(placed=0, waiting=0)
    assert [done.entry for done in placed(desk)] == [entry(key, number) for number, key in enumerate(keys, start=1)]
    assert cash(desk) == Money(10)
    assert sound(desk)


@SERVED
def test_a_replay_is_one_entry_wherever_the_first_stands(desk: Desk) -> None:
    commands.post_later(desk, entry("a"))
    commands.post_later(desk, entry("a"))
    placing.place_waiting(desk)
    commands.post_later(desk, entry("a"))
    assert (waiting(desk), len(placed(desk)), cash(desk)) == (0, 1, Money(100))


@SERVED
def test_a_replay_is_no_fault_when_the_quarter_has_been_closed_since(desk: Desk, clock: SetClock) -> None:
    clock.set(datetime(2012, 4, 20, 9, 0, tzinfo=UTC))
    commands.post_later(desk, entry("a"))
    placing.place_waiting(desk)
    with desk.writing() as work:
        commands.close_quarter(work, Quarter.of(DAY), hard=True)
    commands.post_later(desk, entry("a"))
    assert (waiting(desk), len(placed(desk)), cash(desk)) == (0, 1, Money(100))


@SERVED
def test_the_same_key_with_other_content_is_refused_wherever_the_first_stands(desk: Desk) -> None:
    commands.post_later(desk, entry("a"))
    with pytest.raises(commands.KeyTaken, match="without a place yet"):
        commands.post_later(desk, entry("a", 101))
    with pytest.raises(commands.KeyTaken):
        commands.post(desk, entry("a", 101))
    placing.place_waiting(desk)
    with pytest.raises(commands.KeyTaken, match="entry 1"):
        commands.post_later(desk, entry("a", 101))
    assert cash(desk) == Money(100)


@SERVED
def test_posting_what_waits_gives_it_its_place(desk: Desk) -> None:
    commands.post_later(desk, entry("a"))
    done = commands.post(desk, entry("a"))
    assert (done.seq, waiting(desk), cash(desk)) == (1, 0, Money(100))
    assert sound(desk)


@SERVED
def test_later_refuses_what_at_once_refuses(desk: Desk, clock: SetClock) -> None:
    clock.set(datetime(2012, 4, 20, 9, 0, tzinfo=UTC))
    with pytest.raises(queries.NoSuchAccount):
        commands.post_later(desk, entry("a", account="1999"))
    with desk.writing() as work:
        commands.close_quarter(work, Quarter.parse("2011Q4"), hard=True)
        commands.close_quarter(work, Quarter.parse("2012Q1"), hard=False)
    with pytest.raises(QuarterClosed, match="2012-01-01"):
        commands.post_later(desk, entry("b"))
    with pytest.raises(QuarterClosed, match="soft-closed"):
        commands.post_later(desk, entry("c", day=date(2012, 3, 1)))
    for kind in sorted(LATE_KINDS):
        commands.post_later(desk, entry(kind, day=date(2012, 3, 1), kind=kind))
    assert waiting(desk) == len(LATE_KINDS)
    assert frozenset(server_side.LATE_KINDS) == LATE_KINDS


@SERVED
def test_a_reversal_cannot_wait(desk: Desk) -> None:
    commands.post(desk, entry("a"))
    back = Entry("r", "bank", DAY, "Back", (Posting("4000", Money(100)), Posting("1000", Money(-100))), reverses=1)
    with pytest.raises(placing.OnlyInline):
        commands.post_later(desk, back)


@SERVED
def test_a_quarter_does_not_close_over_what_waits(desk: Desk, clock: SetClock) -> None:
    commands.post_later(desk, entry("a"))
    clock.set(datetime(2011, 10, 3, 9, 0, tzinfo=UTC))
    with pytest.raises(GatesFailed, match="wait for their place"), desk.writing() as work:
        commands.close_quarter(work, Quarter.parse("2011Q3"), hard=True)
    placing.place_waiting(desk)
    with desk.writing() as work:
        assert commands.close_quarter(work, Quarter.parse("2011Q3"), hard=True) == "closed"
    assert sound(desk)


@SERVED
@pytest.mark.parametrize(
    "attack",
    [
        "DELETE FROM waiting_entry",
        "UPDATE waiting_entry SET actor = 'somebody'",
        "TRUNCATE waiting_entry",
        "UPDATE waiting_entry SET postings = '[]'",
        FORGED.format(actor="'another'", text="replace(text_before, '\"a\"', '\"b\"')"),
        FORGED.format(
            actor="actor", text="replace(replace(text_before, '\"a\"', '\"b\"'), 'entry\"', repeat('x', 41) || '\"')"
        ),
        FORGED.format(
            actor="actor", text="replace(replace(text_before, '\"a\"', '\"b\"'), '2011-08-02', '2007-08-02')"
        ),
        FORGED.format(actor="actor", text="replace(replace(text_before, '\"a\"', '\"b\"'), '\"1.00\"', '\"2.00\"')"),
        FORGED.format(actor="actor", text="replace(replace(text_before, '\"a\"', '\"b\"'), '\"1.00\"', '\"1.0\"')"),
    ],
)
def test_what_was_accepted_cannot_be_taken_back_changed_or_forged(desk: Desk, attack: str) -> None:
    commands.post_later(desk, entry("a"))
    with pytest.raises(DBAPIError, match="books:"), desk.database.engine.begin() as connection:
        connection.execute(text(attack))
    assert (waiting(desk), cash(desk)) == (1, Money(100))


@SERVED
@pytest.mark.parametrize(
    "text_before", ["replace(text_before, '\"kind', ' \"kind')", "replace(text_before, 'quotes', '\\u0007')"]
)
def test_a_row_that_no_program_of_ours_wrote_holds_up_no_other(desk: Desk, text_before: str) -> None:
    commands.post_later(desk, entry("a"))
    forged = FORGED.format(
        actor="actor", text=text_before.replace("text_before", "replace(text_before, '\"a\"', '\"b\"')")
    )
    with desk.database.engine.begin() as connection:
        connection.exec_driver_sql(forged)
    commands.post_later(desk, entry("c"))
    turn = placing.place_waiting(desk)
    assert (turn.placed, turn.waiting, [row.key for row in turn.faulty]) == (2, 1, ["b"])
    assert [done.entry.key for done in placed(desk)] == ["a", "c"]
    with desk.reading() as session:
        assert "of what waits ('b' in the book bank): its text" in verification.verify(session).fault


@SERVED
def test_the_lag_is_seen_and_raises_the_alarm_when_no_worker_is_at_work(desk: Desk, clock: SetClock) -> None:
    with desk.reading() as session:
        assert placing.lag(session) == placing.Lag(waiting=0, since=None, seconds=0.0, late=False)
    began = clock.now()
    commands.post_later(desk, entry("a"))
    clock.set(began + timedelta(seconds=30))
    with desk.reading() as session:
        assert placing.lag(session) == placing.Lag(waiting=1, since=began, seconds=30.0, late=False)
    clock.set(began + placing.LATE_AFTER + timedelta(seconds=1))
    with desk.reading() as session:
        assert placing.lag(session).late


@SERVED
def test_many_writers_and_two_workers_place_every_entry_once(desk: Desk) -> None:
    stop = threading.Event()

    def write(writer: int) -> None:
        for number in range(25):
            commands.post_later(desk, entry(f"{writer}-{number}"))

    def work() -> None:
        while not stop.is_set() or waiting(desk):
            placing.place_waiting(desk, 7)

    writers = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    workers = [threading.Thread(target=work) for _ in range(2)]
    for thread in (*writers, *workers):
        thread.start()
    for thread in writers:
        thread.join()
    stop.set()
    for thread in workers:
        thread.join()
    with desk.reading() as session:
        assert session.scalar(select(func.count()).select_from(EntryRow)) == 100
        assert session.scalar(select(func.max(EntryRow.seq))) == 100
    assert cash(desk) == Money(100 * 100)
    assert sound(desk)


@SERVED
@pytest.mark.parametrize("other", [100, 101])
def test_one_key_on_both_roads_at_once_is_one_entry(desk: Desk, other: int) -> None:
    """A writer pauses between its insert and its commit, and the same key is posted at once meanwhile."""
    outcome: list[object] = []

    def at_once() -> None:
        try:
            outcome.append(commands.post(desk, entry("a", other)).entry)
        except commands.KeyTaken as taken:
            outcome.append(taken)

    with desk.writing() as work:
        commands.post_later(work, entry("a", 100))
        second = threading.Thread(target=at_once)
        second.start()
        time.sleep(0.3)
        assert not outcome  # it waits for the key
    second.join()
    placing.place_waiting(desk)
    assert cash(desk) == Money(100)
    assert len(placed(desk)) == 1
    assert isinstance(outcome[0], Entry) is (other == 100)


GROWING = ("account", "entry", "mark", "posting", "waiting_entry")


@SERVED
def test_no_posting_reads_a_whole_table_though_all_were_empty_when_it_was_planned(desk: Desk) -> None:
    with desk.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
    before = read_from_end_to_end(desk)
    for number in range(12):
        commands.post(desk, entry(f"a{number}"))
        commands.post_later(desk, entry(f"b{number}"))
    assert read_from_end_to_end(desk) == before
    with desk.reading() as session:
        session.execute(text("SET LOCAL enable_indexscan = off; SET LOCAL enable_indexonlyscan = off"))
        session.execute(text("SET LOCAL enable_bitmapscan = off"))
        assert session.scalar(select(func.count()).where(EntryRow.kind == "entry")) == 12
    assert read_from_end_to_end(desk)["entry"] > before["entry"], "the counter counts"


def read_from_end_to_end(desk: Desk) -> dict[str, int]:
    """How often each growing table was read as a whole: the server tells once every connection is closed."""
    desk.database.close()
    with desk.reading() as session:
        wanted = text("SELECT relname, seq_scan FROM pg_stat_user_tables WHERE relname = ANY(:tables)")
        return {row.relname: row.seq_scan for row in session.execute(wanted, {"tables": list(GROWING)})}


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_an_embedded_database_places_every_entry_at_once(desk: Desk) -> None:
    with pytest.raises(placing.OnlyInline):
        commands.post_later(desk, entry("a"))
    with pytest.raises(placing.OnlyInline):
        placing.place_waiting(desk)
    with desk.reading() as session:
        assert session.scalar(select(func.count()).select_from(WaitingEntry)) == 0


@SERVED
def test_a_close_bears_no_earlier_instant_than_what_was_posted_while_it_had_begun(desk: Desk, clock: SetClock) -> None:
    quarter, began = Quarter(2011, 3), datetime(2011, 10, 20, 10, tzinfo=UTC)
    clock.set(began)
    commands.post(desk, entry("before"))
    with desk.writing() as work:
        clock.set(began + timedelta(seconds=30))
        commands.post(desk, entry("meanwhile"))
        commands.close_quarter(work, quarter, hard=True)
    with desk.reading() as session:
        closed = queries.closed_as_known(session, quarter)
        assert closed == queries.known(session, clock.now())
    assert cash(desk, closed) == Money(200)
    assert sound(desk)
