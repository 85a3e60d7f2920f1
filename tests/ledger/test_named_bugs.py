"""Twenty bugs that happened to real ledgers, each turned into the fact that must hold with ours."""

from __future__ import annotations

import itertools
import json
import random
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, event, func, select, text
from sqlalchemy.exc import DBAPIError

from bank.allocations.course import Course
from bank.wiring import OPERATOR
from ledger import commands, exchange, placing, queries, trail
from ledger.dates import CALENDAR_ENDS, CALENDAR_STARTS, Quarter, SetClock
from ledger.daycounts import DayCount
from ledger.entries import Entry, Posting, Unbalanced
from ledger.money import BadAmount, Money
from ledger.periods import QuarterClosed
from ledger.rates import RateHistory
from ledger.store import cells, confinement
from ledger.store.columns import Base
from ledger.store.database import Database
from ledger.store.guards import APPEND_ONLY_BOOKS
from ledger.store.raw import Raw
from ledger.store.server_side import MOST_AT_ONCE
from ledger.store.work import Desk, Work
from ledger.verification import Checkpoint, verify
from tests import databases
from tests.ledger.oracle import Oracle
from tests.ledger.twins import post_under_key

SERVED = pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
"""Only a served database has transactions that overlap, or entries that wait for their place."""

JANUARY, MARCH, MAY = date(2012, 1, 10), date(2012, 3, 5), date(2012, 5, 9)


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database, OPERATOR)


def entry(key: str, on: date, *pence: int, account: str = "1200", **more: Any) -> Entry:
    """Legs of one account, and what balances them in cash."""
    legs = [*(Posting(account, Money(amount)) for amount in pence), Posting("1000", Money(-sum(pence)))]
    return Entry(key, "bank", on, f"Entry {key}", tuple(legs), **more)


def post(desk: Desk, *entries: Entry) -> list[int]:
    return [done.seq for done in commands.post_many(desk, entries)]


def balance(desk: Desk, on: date, seq: int | None = None, account: str = "1200") -> int:
    with desk.reading() as session:
        return queries.balance_at(session, "bank", account, on, queries.known(session, seq)).pence


def close(desk: Desk, clock: SetClock, quarter: Quarter) -> None:
    clock.set(datetime.combine(quarter.next.ends_on, datetime.min.time(), UTC))
    desk.tried(lambda work: commands.close_quarter(work, quarter, hard=True))


@contextmanager
def in_another_thread(act: Callable[[], Any]) -> Iterator[Callable[[], Any]]:
    """Something that goes on meanwhile; call what is given to wait for its answer."""
    with ThreadPoolExecutor(1) as pool:
        yield pool.submit(act).result


# B1. pgledger: entries of one transaction tie on their time stamp, and the last of them told the balance: 10 for 80.
def test_each_entry_of_an_act_has_a_balance_of_its_own(desk: Desk) -> None:
    with desk.writing() as work:
        for number in range(1, 5):
            commands.post(work, entry(f"k{number}", JANUARY, number * 10))

    assert [balance(desk, JANUARY, seq) for seq in range(5)] == [0, 10, 30, 60, 100]
    with desk.reading() as session:
        instant = queries.known(session).instant
        assert queries.known(session, instant).seq == 4


# B2. pgledger: the stamp is of the transaction's start, and disagrees with the order in which balances were moved.
@SERVED
def test_who_began_first_and_posted_last_is_recorded_last(desk: Desk, clock: SetClock) -> None:
    begun = clock.now()
    with desk.writing() as slow:
        clock.set(begun + timedelta(hours=1))
        post(desk, entry("quick", JANUARY, 10))
        assert slow.now == begun
        commands.post(slow, entry("slow", JANUARY, 20))

    with desk.reading() as session:
        quick, late = queries.entries(session)
        assert (quick.entry.key, late.entry.key) == ("quick", "slow")
        assert quick.recorded_at <= late.recorded_at
        assert queries.known(session, begun + timedelta(minutes=30)).seq == 0
        assert queries.known(session, begun + timedelta(hours=1)).seq == 2


def test_what_was_known_at_an_instant_is_always_a_beginning_of_the_journal(desk: Desk, clock: SetClock) -> None:
    for number, hours in enumerate([0, 5, -7, 2, -1]):
        clock.set(clock.now() + timedelta(hours=hours))
        post(desk, entry(f"k{number}", JANUARY, 1))

    with desk.reading() as session:
        stamps = [found.recorded_at for found in queries.entries(session)]
        assert stamps == sorted(stamps)
        for seq, stamp in enumerate(stamps, 1):
            assert queries.known(session, stamp).seq >= seq
            assert queries.known(session, stamp - timedelta(microseconds=1)).seq < seq


# B3. django-hordak issue 142, AI-Horde issue 536: a high-water mark by id or time skips a writer that commits late.
def test_a_writer_that_pauses_before_its_commit_is_lost_to_nobody(desk: Desk) -> None:
    post(desk, entry("before", JANUARY, 1))
    inserted, may_commit = threading.Event(), threading.Event()

    def slowly() -> int:
        with desk.writing() as work:
            seq = commands.post(work, entry("slow", JANUARY, 10)).seq
            inserted.set()
            assert may_commit.wait(30)
        return seq

    with in_another_thread(slowly) as slow:
        assert inserted.wait(30)
        with desk.reading() as session:
            seen = queries.known(session).seq
            cash_then = queries.balance_at(session, "bank", "1200", JANUARY).pence
        with in_another_thread(lambda: post(desk, entry("next", JANUARY, 100))) as after:
            may_commit.set()
            assert (slow(), after()) == (2, [3])

    assert (seen, cash_then) == (1, 1)
    assert [balance(desk, JANUARY, seq) for seq in range(1, 4)] == [1, 11, 111]


@SERVED
def test_an_entry_that_commits_after_later_ones_were_placed_is_placed_next(desk: Desk) -> None:
    with desk.writing() as slow:
        commands.post_later(slow, entry("slow", JANUARY, 10))
        commands.post_later(desk, entry("quick", JANUARY, 100))
        assert placing.place_waiting(desk).placed == 1
        assert balance(desk, JANUARY, 1) == 100
    assert placing.place_waiting(desk).placed == 1

    assert [balance(desk, JANUARY, seq) for seq in range(3)] == [0, 100, 110]


# B4. Blnk: a snapshot of what was recorded plus a tail by effective date counts late entries never, others twice.
def test_what_is_folded_and_what_is_not_add_up_on_both_axes(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cells, "SPAN", 4)
    days = [MARCH, date(2012, 6, 30), JANUARY, date(2012, 12, 31), date(2011, 12, 31), MARCH, date(2012, 7, 1)]
    posted = [entry(f"k{number}", days[number % 7], 10**number, account="1210") for number in range(11)]
    for one in posted:
        post(desk, one)

    oracle = Oracle(set(), posted)
    edges = sorted({day + timedelta(days=beside) for day in days for beside in (-1, 0, 1)})
    with desk.reading() as session:
        for day, seq in itertools.product(edges, range(12)):
            known = queries.known(session, seq)
            found = queries.balance_at(session, "bank", "1210", day, known).pence
            assert found == oracle.balance("bank", "1210", day, seq), (day, seq)


# B5. Formance rewrites every later row for a back-dated one; whisper-money (pull request 682) left them stale.
def test_an_entry_dated_back_touches_no_more_rows_than_one_of_today(desk: Desk) -> None:
    post(desk, *(entry(f"k{number}", MARCH + timedelta(days=number), 5) for number in range(60)))
    before = balance(desk, CALENDAR_ENDS, 60)

    touched = [_rows_touched(desk, entry(f"now {day}", day, 5)) for day in (date(2012, 6, 1), CALENDAR_STARTS)]
    assert touched[0] == touched[1]
    assert balance(desk, CALENDAR_ENDS, 60) == before
    assert balance(desk, CALENDAR_STARTS) == 5
    assert balance(desk, CALENDAR_STARTS, 61) == 0


# Not of another's ledger: a plan kept from when the chart was small made each leg of a long return read all of it.
@SERVED
def test_a_load_looks_its_accounts_up_one_by_one_though_the_chart_has_grown_in_the_same_act(desk: Desk) -> None:
    many, names = MOST_AT_ONCE + 1, [f"1200:{number:04}" for number in range(1_000)]
    with desk.writing() as work:
        commands.post_many(work, [entry(f"first {number}", MARCH, 5) for number in range(many)])
        commands.sub_accounts(work, "bank", dict.fromkeys(names, "Loan"))
        before = _read_from_end_to_end(work)
        commands.post_many(work, [entry(f"then {name}", MARCH, 5, account=name) for name in names])
        assert _read_from_end_to_end(work) - before < 10
        work.session.execute(text("SET LOCAL enable_indexscan = off; SET LOCAL enable_bitmapscan = off"))
        work.session.scalar(text("SELECT count(*) FROM account WHERE code > '1'"))
        assert _read_from_end_to_end(work) > before, "the counter counts"


def _read_from_end_to_end(work: Work) -> int:
    """How often this act has read all accounts, by the server's own count."""
    asked = text("SELECT seq_scan FROM pg_stat_xact_user_tables WHERE relname = 'account'")
    return int(work.session.scalar(asked) or 0)


def _rows_touched(desk: Desk, *entries: Entry) -> tuple[int, int]:
    """Rows that a posting inserts, and rows it changes or removes, by the database's own count."""
    with desk.writing() as work:
        before = _counted(work)
        commands.post_many(work, entries)
        after = _counted(work)
    return after[0] - before[0], after[1] - before[1]


def _counted(work: Work) -> tuple[int, int]:
    if work.database.dialect == "sqlite":
        driver: Any = work.session.connection().connection.driver_connection
        rows = sum(work.session.scalar(text(f"SELECT count(*) FROM {name}")) or 0 for name in _books())  # noqa: S608 -- our tables
        return rows, driver.total_changes - rows
    work.session.flush()
    counted = "SELECT sum(n_tup_ins), sum(n_tup_upd + n_tup_del) FROM pg_stat_xact_user_tables"
    inserted, changed = work.session.execute(text(counted)).one()
    return int(inserted or 0), int(changed or 0)


def _books() -> list[str]:
    return [name for name in Base.metadata.tables if name in {*APPEND_ONLY_BOOKS, "cell", "closing_balance"}]


# B6. doubleentry before 0.5.0: an earlier period that was never opened, or never sealed, still took entries.
def test_nothing_goes_in_before_the_last_closed_day_though_earlier_quarters_were_never_closed(
    desk: Desk, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    post(desk, entry("early", date(2011, 8, 1), 7))
    close(desk, clock, Quarter(2012, 3))
    for day in (CALENDAR_STARTS, date(2011, 8, 1), date(2012, 6, 30), date(2012, 9, 30)):
        with pytest.raises(QuarterClosed):
            post(desk, entry(f"late {day}", day, 1, kind="adjustment"))

    monkeypatch.setattr("ledger.posting.refuse_closed", lambda *_: None)
    for day in (CALENDAR_STARTS, date(2012, 9, 30)):
        with pytest.raises(DBAPIError, match="the quarter is closed"):
            post(desk, entry(f"late {day}", day, 1))
    assert post(desk, entry("first open day", date(2012, 10, 1), 1)) == [2]


# B7. doubleentry before 0.5.0: what was sealed covered account names, and closing an account broke every proof.
def test_no_change_of_an_account_touches_what_was_sealed(desk: Desk) -> None:
    post(desk, entry("k", JANUARY, 100))
    with desk.reading() as session:
        head = queries.head(session)
        line = next(exchange.lines(session))
    with desk.writing() as work:
        commands.sub_account(work, "bank", "1200", "fac_new", name="Opened later")
        work.session.execute(text("UPDATE account SET name = 'Another name' WHERE code = '1200'"))

    with desk.reading() as session:
        assert queries.head(session) == head
        assert next(exchange.lines(session)) == line
        assert verify(session, Checkpoint(seq=head.seq, root=head.root)).holds


# B8. python-accounting 2.0: the chain restarts at every gap, so that whole transactions can be deleted unnoticed.
@pytest.mark.parametrize("place", [1, 3, 5])
def test_a_whole_entry_cannot_be_gone_without_a_trace(desk: Desk, place: int) -> None:
    for number in range(5):
        post(desk, entry(f"k{number}", JANUARY, number + 1))
    with desk.reading() as session:
        kept = queries.head(session)
    _unguarded(
        desk,
        "DELETE FROM posting WHERE entry_id = :place",
        "DELETE FROM entry WHERE id = :place",
        "DELETE FROM mark WHERE upto_seq = :place",
        place=place,
    )

    with desk.reading() as session:
        for verdict in (verify(session), verify(session, Checkpoint(seq=kept.seq, root=kept.root))):
            assert not verdict.holds
            assert verdict.seq in {place, None}  # the last leaves no gap: then the head tells


def _unguarded(desk: Desk, *statements: str, **values: int) -> None:
    """Run statements with every trigger and key of the tables out of force, as only their owner can."""
    sqlite = desk.database.dialect == "sqlite"
    with desk.database.engine.connect() as connection, confinement.lifted(connection):
        if sqlite:
            connection.execute(text("PRAGMA defer_foreign_keys = ON"))
            for name in connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
                connection.execute(text(f'DROP TRIGGER "{name}"'))
        else:
            for table in _books():
                connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER ALL"))
        for statement in statements:
            connection.execute(text(statement), values)
        connection.commit()


# B9. doubleentry before 0.5.0: a statement paged by entry dropped the other legs of the entry a page ended with.
@pytest.mark.parametrize("limit", [1, 2, 3, 5, 100])
def test_the_pages_of_a_statement_hold_every_posting_once(desk: Desk, limit: int) -> None:
    several = [entry(f"k{number}", day, 10, 20, -5, 20) for number, day in enumerate([MARCH, JANUARY, MARCH, MAY])]
    post(desk, *several)

    lines: list[queries.StatementLine] = []
    after = None
    with desk.reading() as session:
        while after != "":
            page = queries.statement_of_account(session, "bank", "1200", after=after or "", limit=limit)
            assert page.brought_forward == (lines[-1].balance if lines else Money(0))
            lines, after = [*lines, *page.lines], page.after

    assert len(lines) == 16
    assert [(line.effective_on, line.seq, line.leg) for line in lines] == sorted(
        (one.effective_on, seq, leg) for seq, one in enumerate(several, 1) for leg in range(1, 5)
    )
    assert [line.balance.pence for line in lines] == list(itertools.accumulate(line.amount.pence for line in lines))


# B10. doubleentry before 0.5.0: open items sorted by id and not by age, so that first in was not first out.
def test_interest_goes_by_the_day_of_each_movement_and_not_by_the_order_of_posting(desk: Desk) -> None:
    moved = {MARCH: 90_000, JANUARY: 50_000, MAY: -40_000, date(2012, 2, 29): 11}
    post(desk, *(entry(f"k{number}", day, pence) for number, (day, pence) in enumerate(moved.items())))
    with desk.reading() as session:
        lines = queries.entries_behind(session, "bank", "1200")
    told = [(line.effective_on, line.amount) for line in lines]

    assert [day for day, _ in told] == list(moved)
    rate = RateHistory.fixed(Decimal("0.05"))
    by_age = Course(rate, DayCount.ACT_365F, principal=tuple(sorted(told))).interest(date(2012, 9, 30))
    for order in itertools.permutations(told):
        assert Course(rate, DayCount.ACT_365F, principal=order).interest(date(2012, 9, 30)) == by_age


# B11. Formance issue 1684: accounts written outside the transaction outlived its rollback.
def test_an_act_that_is_taken_back_leaves_no_row_anywhere(desk: Desk, clock: SetClock) -> None:
    clock.set(datetime(2012, 6, 1, tzinfo=UTC))
    post(desk, entry("k", MAY, 100))
    before = _everything(desk)

    def act(work: Work) -> None:
        code = commands.sub_account(work, "bank", "1200", "fac_gone", name="Gone")
        post_under_key(work, entry("keyed", MAY, 5, account=code), key="act")
        commands.post_many(work, [entry(f"many {number}", MAY, 5) for number in range(80)])
        commands.reverse(work, 1, key="undo", effective_on=MAY, reason="gone")
        commands.close_quarter(work, Quarter(2012, 1), hard=True)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        desk.tried(act)
    assert _everything(desk) == before

    assert post_under_key(desk, entry("keyed", MAY, 5), key="act").seq == 2


def _everything(desk: Desk) -> dict[str, list[tuple[Any, ...]]]:
    with desk.reading() as session:
        return {
            name: sorted((tuple(row) for row in session.execute(select(table))), key=repr)
            for name, table in Base.metadata.tables.items()
        }


# B12. python-accounting 2.0: numbered by COUNT(*) + 1, about 400 of 472 posts collided among eight clients.
def test_eight_who_post_at_once_are_numbered_without_gap_or_collision(desk: Desk) -> None:
    with ThreadPoolExecutor(8) as pool:
        seqs = list(pool.map(lambda number: post(desk, entry(f"k{number}", JANUARY, 1))[0], range(64)))
    assert sorted(seqs) == list(range(1, 65))


# B13. pgledger: a row per balance, updated once for each entry of an act: 100,000 in one call took for ever.
def test_the_rows_an_act_touches_grow_with_its_entries_and_it_changes_one(desk: Desk) -> None:
    def act(count: int) -> tuple[int, int]:
        return _rows_touched(desk, *(entry(f"{count}/{number}", JANUARY, 5) for number in range(count)))

    (few, few_changed), (many, many_changed) = act(50), act(200)
    assert few_changed == many_changed == 1  # the head, once
    assert many <= 4 * few


# B14. django-ledger 0.8.5: a difference within a tolerance is "corrected" by moving a leg picked at random.
def test_an_entry_that_is_off_by_a_penny_is_refused_and_not_mended(desk: Desk) -> None:
    pence = [10_000, -3_333, -3_333, -3_333]
    for leg in range(4):
        legs = tuple(Posting("1200", Money(amount + 2 * (place == leg))) for place, amount in enumerate(pence))
        with pytest.raises(Unbalanced, match=r"come to 0\.03"):
            Entry("k", "bank", JANUARY, "off", legs)
    exact = entry("k", JANUARY, 10_000, -3_333, -3_333)
    post(desk, exact)

    with desk.reading() as session:
        assert queries.entry(session, 1).entry == exact


# B15. beancount, hledger before 1.44, ledger: a tolerance inferred from the digits lets 100.00 balance 100.004.
@pytest.mark.parametrize("amount", ["-100.004", "-99.996", "-100.0000001", "-1e2", "-99.99", "-100.01"])
def test_nothing_but_the_same_pence_balances(desk: Desk, amount: str) -> None:
    legs = [{"account": "1200", "amount": "100.00"}, {"account": "1000", "amount": amount}]
    about = {"key": "k", "book": "bank", "effective_on": "2012-01-10", "description": "close", "postings": legs}
    with pytest.raises((BadAmount, exchange.BadJournal)):
        exchange.import_journal(desk, exchange.read([json.dumps(about).encode()]))
    with desk.reading() as session:
        assert queries.head(session).seq == 0


# B16. python-accounting 2.0: a default evaluated at import gave 26 rows of 1.5 seconds one time stamp.
def test_each_act_is_stamped_when_it_happens(engine: str, run_of_tests: Path, tmp_path: Path) -> None:
    with databases.prepared(engine, run_of_tests, tmp_path) as url:
        database = Database.open(url)
        desk = Desk(database, OPERATOR)
        for number in range(3):
            post(desk, entry(f"k{number}", JANUARY, 1))
        with database.reading() as session:
            stamps = [found.recorded_at for found in queries.entries(session)]
        database.close()
    assert len(set(stamps)) == 3
    assert stamps == sorted(stamps)
    assert not [
        str(column)
        for table in Base.metadata.tables.values()
        for column in table.columns
        if column.default is not None and isinstance(getattr(column.default, "arg", None), (date, datetime))
    ]


# B17. Blnk sql/1781162328: `NEW.x = OLD.x` is not true of NULLs, and nothing spoke of DELETE.
def test_no_column_of_the_books_is_changed_from_nothing_to_something_or_back(desk: Desk, clock: SetClock) -> None:
    post(desk, entry("k", MAY, 100), entry("m", MAY, 100, original_effective_on=JANUARY))
    post_under_key(desk, entry("keyed", MAY, 5), key="act")
    close(desk, clock, Quarter(2011, 2))

    for table in (Base.metadata.tables[name] for name in APPEND_ONLY_BOOKS):
        with desk.reading() as session:
            assert session.scalar(select(func.count()).select_from(table)), table.name
        for attack in _changes(table):
            with (
                pytest.raises(DBAPIError, match=r"books:|datatype mismatch"),
                desk.database.writing() as session,
                confinement.lifted(session.connection()),
            ):
                session.execute(text(attack))


def _changes(table: Table) -> Iterator[str]:
    yield f"DELETE FROM {table.name}"  # noqa: S608 -- our tables, here and below
    for column in table.columns:
        yield f"UPDATE {table.name} SET {column.name} = NULL"  # noqa: S608 -- as above
        yield f"UPDATE {table.name} SET {column.name} = {column.name}"  # noqa: S608 -- as above
        if column.nullable:
            value = "1" if column.name == "reverses" else "'2012-01-01'"
            yield f"UPDATE {table.name} SET {column.name} = {value} WHERE {column.name} IS NULL"  # noqa: S608 -- as above
            yield f"DELETE FROM {table.name} WHERE {column.name} IS NULL"  # noqa: S608 -- as above


# B18. TigerBeetle, as Jepsen found it: a query with two conditions missed rows that met both.
def test_every_combination_of_conditions_finds_what_meets_them_all(desk: Desk) -> None:
    chance = random.Random(18)  # noqa: S311 -- a book, not a secret
    days = [JANUARY, MARCH, MAY]
    codes = ["1210", "4000", "1220"]
    posted = [entry(f"k{n}", chance.choice(days), n + 1, account=chance.choice(codes)) for n in range(40)]
    post(desk, *posted)

    oracle = Oracle(set(), posted)
    some_days = [None, *days]
    with desk.reading() as session:
        for code, since, until, seq, after in itertools.product(codes, some_days, some_days, (None, 25), (0, 13)):
            known = None if seq is None else queries.known(session, seq)
            found = queries.entries_behind(session, "bank", code, since, until, known, after=after)
            meeting = oracle.lines("bank", code, since or date.min, until or date.max, seq or 40)
            expected = [(place, leg.amount) for place, leg in meeting if place > after]
            assert [(line.seq, line.amount) for line in found] == expected, (code, since, until, seq, after)


def test_every_combination_of_conditions_finds_its_lines_of_the_trail(desk: Desk) -> None:
    with desk.writing() as work:
        for number in range(12):
            trail.record(work, action=f"a{number % 2}", subject=f"s{number % 3}", number=number)
    with desk.reading() as session:
        whole = trail.lines(session)
        for subject, action, after in itertools.product([None, "s0", "s2"], [None, "a0", "a1"], [0, whole[7].id]):
            found = trail.lines(session, subject=subject, action=action, after=after)
            assert found == [
                line
                for line in whole
                if subject in {None, line.subject} and action in {None, line.action} and line.id > after
            ]


# B19. A sequencer that waits for the oldest open transaction of the whole cluster: 0 of 20,000 entries were placed.
@SERVED
def test_a_long_foreign_transaction_stops_no_entry_from_being_placed(
    desk: Desk, run_of_tests: Path, tmp_path: Path
) -> None:
    with databases.prepared("postgresql", run_of_tests, tmp_path) as url:
        elsewhere = Database.open(url)
        with elsewhere.writing() as foreign, desk.writing() as idle, desk.writing() as slow:
            for work in (foreign, idle.session):
                work.execute(text("CREATE TABLE bulk_load AS SELECT pg_current_xact_id()::text AS id"))
            commands.post_later(slow, entry("slow", JANUARY, 1_000))
            for number in range(20):
                commands.post_later(desk, entry(f"k{number}", JANUARY, 1))
            turn = placing.place_waiting(desk)
            assert (turn.placed, turn.waiting) == (20, 0)
            assert balance(desk, JANUARY, 20) == 20
        assert placing.place_waiting(desk).placed == 1
        elsewhere.close()

    assert balance(desk, JANUARY, 21) == 1_020
    with desk.reading() as session:
        assert verify(session).holds


# B20. Formance issue 1363: posting one by one became faster, and at ten at once a third of all requests failed.
def test_eight_at_once_need_no_more_statements_than_one_after_another(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = itertools.count()
    tell = Raw.tell

    def counting(raw: Raw, statement: str, *values: Any) -> None:
        next(counted)
        tell(raw, statement, *values)

    monkeypatch.setattr(Raw, "tell", counting)

    def heard(*_: object) -> None:
        next(counted)

    event.listen(desk.database.engine, "before_cursor_execute", heard)
    post(desk, entry("warm", JANUARY, 1))

    before = next(counted)
    for number in range(48):
        post(desk, entry(f"one {number}", JANUARY, 1))
    alone = next(counted) - before
    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(lambda number: post(desk, entry(f"at once {number}", JANUARY, 1))[0], range(48)))
    together = next(counted) - before - alone
    event.remove(desk.database.engine, "before_cursor_execute", heard)

    assert sorted(done) == list(range(50, 98))
    assert together <= alone * 1.25
