"""Balances from cells are those of a fold over every posting, at any day, as known at any place; on both databases."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from bank import migrations
from bank.wiring import OPERATOR
from ledger import balances, commands, queries, trail
from ledger.dates import CALENDAR_ENDS, CALENDAR_STARTS, Quarter, SetClock
from ledger.entries import Entry, Posting, Recorded
from ledger.identifiers import CountedIdentifiers
from ledger.money import Money
from ledger.periods import QuarterClosed
from ledger.posting import EntriesRefused
from ledger.store import cells, confinement, running, spans
from ledger.store.database import Database, ReadSession
from ledger.store.spans import Edge, blocks, runs, window
from ledger.store.sum_texts import USUAL
from ledger.store.sums import Asked, sums
from ledger.store.work import Desk, Work
from tests import databases

BELOW = ("fac_a", "fac_b", "fac_a:deep")
CODES = ("1000", "1200", "1200:fac_a", "1200:fac_b", "1200:fac_a:deep", "4000")
EDGES = (
    CALENDAR_STARTS,
    date(2009, 12, 31),
    date(2010, 1, 1),
    date(2011, 12, 31),
    date(2012, 1, 1),
    date(2012, 2, 29),
    date(2012, 6, 15),
    date(2012, 6, 16),
    CALENDAR_ENDS,
)
DAYS = st.sampled_from(EDGES) | st.dates(date(2011, 4, 1), date(2013, 5, 31))
SPANS = ((cells, "SPAN", 2), (cells, "FAN", 2), (spans, "FAN", 2))
"""So short that a few entries fill spans of several levels."""
THREES = ((cells, "SPAN", 1), (cells, "FAN", 3), (spans, "FAN", 3))
"""The same, where two spans of three are reached from the longer one less the third."""
BUSY = (*SPANS, (running, "BUSY", 1))
"""The same, where every account is busy from the first span on in whose last entry it has a posting."""
BUSY_IN_TWOS = ((cells, "SPAN", 4), (cells, "FAN", 2), (spans, "FAN", 2), (running, "BUSY", 2))
"""The same with stretches of two entries, and an account busy that has two postings in the last of a span."""


@dataclass(frozen=True)
class Act:
    """Entries posted together; then perhaps a quarter is closed for good."""

    entries: tuple[tuple[date, tuple[tuple[str, int], ...]], ...]
    close: Quarter | None


@st.composite
def legs(draw: st.DrawFn) -> tuple[tuple[str, int], ...]:
    """Balanced, often with several legs on one account."""
    pence = draw(st.lists(st.integers(-(10**9), 10**9).filter(bool), min_size=1, max_size=4).filter(sum))
    return tuple((draw(st.sampled_from(CODES)), amount) for amount in (*pence, -sum(pence)))


ACTS = st.builds(
    Act,
    st.lists(st.tuples(DAYS, legs()), min_size=1, max_size=7).map(tuple),
    st.none() | st.none() | st.sampled_from([Quarter(2011, 2), Quarter(2012, 1), Quarter(2012, 4)]),
)
CUTS = st.tuples(DAYS, DAYS, st.floats(0, 1))


@contextmanager
def short_spans(sizes: Sequence[tuple[ModuleType, str, int]]) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patched:
        for module, name, size in sizes:
            patched.setattr(module, name, size)
        yield


@contextmanager
def lived(kind: str, run: Path, acts: list[Act]) -> Iterator[ReadSession]:
    """A database in which all this has been done."""
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = stack.enter_context(databases.prepared(kind, run, home))
        clock = SetClock(datetime(2013, 7, 1, tzinfo=UTC))
        database = Database.open(url, clock=clock, identifiers=CountedIdentifiers("cells"), compiled=databases.COMPILED)
        stack.callback(database.close)
        desk = Desk(database, OPERATOR)
        open_accounts(desk)
        for number, act in enumerate(acts):
            do(desk, number, act)
        yield stack.enter_context(desk.reading())


def open_accounts(desk: Desk) -> None:
    with desk.writing() as work:
        commands.sub_accounts(work, "bank", {f"1200:{part}": part for part in BELOW})


def do(desk: Desk, number: int, act: Act) -> None:
    entries = [
        Entry(f"{number}/{at}", "bank", day, "cells", tuple(Posting(code, Money(pence)) for code, pence in made))
        for at, (day, made) in enumerate(act.entries)
    ]
    try:
        with desk.writing() as work:
            commands.post_many(work, entries)
    except (QuarterClosed, EntriesRefused):
        return
    if act.close is not None:
        with desk.writing() as work:
            commands.close_quarter(work, act.close, hard=True)


def compare(session: ReadSession, journal: list[Recorded], day: date, until: date, share: float) -> None:
    """Every balance and turnover at one pair of times."""
    at = queries.known(session, round(share * len(journal)))
    nets = balances.trial_balance(journal, "bank", day, at.seq)
    assert {
        line.code: line.debit - line.credit for line in queries.trial_balance(session, "bank", day, at).accounts
    } == nets
    (whole,) = (one for one in queries.trial_balances(session, day, at) if one.book == "bank")
    assert {line.code: line.debit - line.credit for line in whole.accounts} == nets
    for code in ("1200", "1200:fac_a", "1000", "1000", "4000", "4000"):  # once heard to be busy, asked as such
        assert queries.balance_at(session, "bank", code, day, at) == balances.balance(
            journal, "bank", code, day, at.seq
        )
    assert {
        code: (found.debits, found.credits)
        for code in ("1000", "1200", "4000")
        for code, found in queries.turnovers_under(session, "bank", code, day, until, at).items()
    } == balances.turnovers(journal, "bank", day, until, at.seq)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_every_balance_and_turnover_is_what_the_fold_gives(kind: str, run_of_tests: Path) -> None:
    @settings(
        max_examples=25 if kind == "sqlite" else 8,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    @given(
        st.sampled_from((SPANS, THREES, BUSY, BUSY_IN_TWOS)),
        st.lists(ACTS, min_size=1, max_size=8),
        st.lists(CUTS, min_size=1, max_size=8),
    )
    @example(
        SPANS,
        [Act(((date(2012, 1, 31), (("1000", 5), ("1000", -5))),) * 7, Quarter(2012, 1))],
        [(EDGES[4], EDGES[5], 1.0)],
    )
    @example(THREES, [Act(((date(2012, 1, 9), (("1000", 5), ("4000", -5))),) * 9, None)], [(EDGES[4], EDGES[5], 0.9)])
    def compared(sizes: Sequence[Any], acts: list[Act], cuts: list[tuple[date, date, float]]) -> None:
        with short_spans(sizes), lived(kind, run_of_tests, acts) as session:
            journal = queries.entries(session, limit=1_000)
            for day, until, share in [*cuts, (CALENDAR_ENDS, CALENDAR_ENDS, 1.0)]:
                compare(session, journal, day, until, share)
            assert queries.balances_under(session, "bank", "1200") == {
                code: net
                for code, net in balances.trial_balance(journal, "bank", CALENDAR_ENDS, len(journal)).items()
                if balances.within("1200", code)
            }
            assert list(cells.faults(session)) == []

    compared()


@given(
    st.none() | st.dates(date(2008, 1, 1), date(2101, 1, 1)), st.none() | st.dates(date(2008, 1, 1), date(2101, 1, 1))
)
def test_a_window_covers_each_of_its_days_once_and_no_other(since: date | None, until: date | None) -> None:
    first, last = max(since or CALENDAR_STARTS, CALENDAR_STARTS), min(until or CALENDAR_ENDS, CALENDAR_ENDS)
    if last < first:
        return
    found = window(since, until)
    for day in {first, last, *(d + timedelta(days=by) for d in (first, last) for by in range(-32, 33))}:
        if CALENDAR_STARTS <= day <= CALENDAR_ENDS:
            month = day.year * 100 + day.month
            times = int(found.after < month < found.before) + sum(_counted(edge, day) for edge in found.edges)
            assert times == int(first <= day <= last), day


def _counted(edge: Edge, day: date) -> int:
    return edge.sign if edge.first <= day <= edge.last else 0


@given(st.integers(0, 10**7), st.integers(0, 10**7), st.sampled_from([2, 3, 4, 8]))
def test_spans_come_to_the_first_so_many_and_none_of_them_is_beyond_what_is_there(
    full: int, more: int, fan: int
) -> None:
    with short_spans(((spans, "FAN", fan),)):
        found, plain = blocks(full, full + more), blocks(full, full)
    times = {0: 0}
    for level, number, sign in found:
        times[number * fan**level] = times.get(number * fan**level, 0) + sign
        times[(number + 1) * fan**level] = times.get((number + 1) * fan**level, 0) - sign
        assert (number + 1) * fan**level <= full + more
    counted = list(accumulate(times[edge] for edge in sorted(times)))
    assert [edge for edge in sorted(times) if times[edge]] == ([0, full] if full else [])
    assert set(counted) <= {0, 1}
    assert len(found) <= len(plain)


@pytest.mark.parametrize(
    ("full", "there", "told"),
    [
        (
            61,
            61,
            [(0, 56, 1), (0, 57, 1), (0, 58, 1), (0, 59, 1), (0, 60, 1), *((1, number, 1) for number in range(7))],
        ),
        (61, 64, [(0, 61, -1), (0, 62, -1), (0, 63, -1), (2, 0, 1)]),
        (60, 64, [(0, 56, 1), (0, 57, 1), (0, 58, 1), (0, 59, 1), (1, 7, -1), (2, 0, 1)]),
        (9, 64, [(0, 8, 1), (1, 0, 1)]),
    ],
)
def test_what_is_nearer_from_the_other_side_is_taken_from_a_longer_span(
    full: int, there: int, told: list[tuple[int, int, int]]
) -> None:
    assert list(blocks(full, there)) == told


@given(st.integers(1, 600), st.integers(0, 99), st.integers(2008, 2012), st.integers(1, 12), st.integers(0, 130))
def test_runs_take_each_month_of_a_span_once(full: int, more: int, year: int, number: int, months: int) -> None:
    def period(count: int) -> int:
        return count // 12 * 100 + count % 12 + 1

    def told_by(count: int) -> tuple[int, ...]:
        return (period(count), count // 12 * 10 + count % 12 // 3 + 1, count // 12, count // 48)

    start = year * 12 + number - 1
    found = runs(full, full + more, period(start), period(start + months + 1))
    for level, block, sign in blocks(full, full + more):
        mine = [run for run in found if (run.level, run.block, run.sign) == (level, block, sign)]
        for count in range(start - 13, start + months + 14):
            times = sum(run.after < told < run.before for run in mine for told in told_by(count))
            assert times == int(start < count <= start + months), (level, block, count)


def kept(session: ReadSession) -> dict[tuple[int, ...], tuple[int, int]]:
    rows = session.execute(text("SELECT level, block, period, account_id, debits, credits FROM cell")).all()
    return {tuple(row[:4]): (row[4], row[5]) for row in rows}


@pytest.fixture
def desk(database: Database, monkeypatch: pytest.MonkeyPatch, clock: SetClock) -> Desk:
    for module, name, size in SPANS:
        monkeypatch.setattr(module, name, size)
    clock.set(datetime(2013, 7, 1, tzinfo=UTC))
    desk = Desk(database, OPERATOR)
    open_accounts(desk)
    return desk


def act(*days: date, close: Quarter | None = None) -> Act:
    return Act(tuple((day, (("1200:fac_a", 100 + at), ("1000", -100 - at))) for at, day in enumerate(days)), close)


JANUARY, MARCH, APRIL = date(2012, 1, 20), date(2012, 3, 1), date(2012, 4, 30)


def test_an_entry_dated_back_changes_no_cell(desk: Desk) -> None:
    do(desk, 1, act(JANUARY, MARCH, MARCH, APRIL, APRIL, APRIL, APRIL, APRIL))
    with desk.reading() as session:
        before = kept(session)
    do(desk, 2, act(JANUARY, JANUARY, MARCH, JANUARY))
    with desk.reading() as session:
        after = kept(session)
    assert before.items() <= after.items()
    assert len(after) > len(before) > 0


def test_a_span_is_folded_by_the_act_that_fills_it_and_no_sooner(desk: Desk) -> None:
    do(desk, 1, act(JANUARY))
    with desk.reading() as session:
        assert kept(session) == {}
    do(desk, 2, act(MARCH))
    with desk.reading() as session:
        assert {(level, block, period) for level, block, period, _ in kept(session)} == {(0, 0, 201201), (0, 0, 201203)}


def test_an_act_that_fails_leaves_no_cell(desk: Desk) -> None:
    with desk.writing() as work:
        point = work.session.begin_nested()
        commands.post_many(work, [two_legs("k1"), two_legs("k2")])
        assert kept(work.session)
        point.rollback()
    with desk.reading() as session:
        assert kept(session) == {}


def two_legs(key: str) -> Entry:
    return Entry(key, "bank", JANUARY, "cells", (Posting("1000", Money(1)), Posting("1200", Money(-1))))


def test_a_closed_quarter_is_read_from_what_its_close_kept(desk: Desk) -> None:
    do(desk, 1, act(JANUARY, MARCH, JANUARY, close=Quarter(2012, 1)))
    do(desk, 2, act(APRIL, APRIL, APRIL))
    with desk.writing() as work, unguarded(work) as session:
        session.execute(text("UPDATE closing_balance SET debits = debits + 1000000"))
    with desk.reading() as session:
        books = {one.book: one for one in queries.trial_balances(session, date(2012, 3, 31))}
        assert books["bank"].total_debit > Money(1_000_000)
        before = {
            one.book: one for one in queries.trial_balances(session, date(2012, 3, 31), queries.known(session, 2))
        }
        assert before["bank"].total_debit == Money(201)
        assert [seq for seq, _ in cells.faults(session)] == [3, 3]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("UPDATE cell SET debits = debits + 1 WHERE level = 0 AND block = 1 AND debits > 0", "entries 3 to 4 "),
        ("UPDATE cell SET credits = credits + 1 WHERE level = 1 AND period = 2012 AND credits > 0", "entries 1 to 4 "),
        ("DELETE FROM cell WHERE level = 1 AND period = 201201 AND debits > 0", "entries 1 to 4 "),
        (
            "INSERT INTO cell SELECT 0, 1, 201101, account_id, 0, 0 FROM cell WHERE debits > 0 LIMIT 1",
            "entries 3 to 4 ",
        ),
        ("INSERT INTO cell SELECT 0, 9, 201201, account_id, 5, 5 FROM cell LIMIT 1", "not all there"),
        ("INSERT INTO cell SELECT 7, 0, 2012, account_id, 5, 5 FROM cell LIMIT 1", "not all there"),
        ("INSERT INTO cell VALUES (0, 0, 201201, 999999, 5, 5)", "account 999999, which there is not"),
        ("UPDATE closing_balance SET debits = debits + 1 WHERE debits > 0", "at the close of 2012-03-31"),
        ("UPDATE closing_balance SET upto_seq = 1", "no quarter was closed"),
        ("DELETE FROM closing_balance WHERE debits > 0", "at the close of 2012-03-31"),
        ("INSERT INTO closing_balance SELECT '2012-02-29', account_id, 3, 1, 1 FROM cell LIMIT 1", "2012-02-29"),
    ],
)
def test_a_sum_changed_by_hand_is_found(desk: Desk, change: str, told: str) -> None:
    do(desk, 1, act(JANUARY, MARCH, JANUARY, JANUARY, close=Quarter(2012, 1)))
    do(desk, 2, act(APRIL))
    with desk.writing() as work, unguarded(work) as session:
        assert list(cells.faults(session)) == []
        postgresql = change.replace("'2012-02-29'", "DATE '2012-02-29'")
        session.execute(text(change if work.database.dialect == "sqlite" else postgresql))
        found = list(cells.faults(session))
    assert found
    assert told in found[0][1]
    assert found[0][0] >= 1


@contextmanager
def unguarded(work: Work) -> Iterator[ReadSession]:
    """The owner's hand: it takes the guards away first."""
    connection = work.session.connection()
    with confinement.lifted(connection):
        for table in ("cell", "closing_balance"):
            if work.database.dialect == "postgresql":
                connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
                continue
            asked = text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :table")
            for name in connection.scalars(asked, {"table": table}).all():
                connection.execute(text(f"DROP TRIGGER {name}"))
        yield work.session


def test_what_an_older_database_holds_is_folded_when_it_is_brought_up(desk: Desk) -> None:
    """As a migration does it, for a journal and closed quarters that were there before the tables."""
    do(desk, 1, act(JANUARY, MARCH, JANUARY, JANUARY, close=Quarter(2012, 1)))
    do(desk, 2, act(APRIL, APRIL, APRIL, APRIL, APRIL, close=Quarter(2012, 2)))
    with desk.writing() as work, unguarded(work) as session:
        rows = (kept(session), closings(session))
        session.execute(text("DELETE FROM cell"))
        session.execute(text("DELETE FROM closing_balance"))
        cells.rebuild(session.connection())
        assert (kept(session), closings(session)) == rows
        assert all(rows)


def test_an_older_database_without_the_longer_periods_is_given_them_once(desk: Desk) -> None:
    do(desk, 1, act(*[date(2010 + number // 3, 1 + number % 12, 5) for number in range(16)]))
    with desk.writing() as work, unguarded(work) as session:
        rows = kept(session)
        session.execute(text("DELETE FROM cell WHERE period < 1000 OR (period > 9999 AND period < 100000)"))
        assert list(cells.faults(session))
        for _ in range(2):
            cells.lengthen(session.connection())
            assert kept(session) == rows
    assert {len(str(period)) for _, _, period, _ in rows} == {3, 4, 5, 6}


@pytest.fixture
def busy(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Where an account is busy from the first span on in whose last entry it has a posting."""
    monkeypatch.setattr(running, "BUSY", 1)
    return desk


def totals_by_hand(journal: list[Recorded], span: int, fan: int, enough: int) -> dict[tuple[Any, ...], tuple[int, int]]:
    """The running totals that a journal comes to, the slow way: level, block, day and account code to both sides."""
    short, full = span // fan if span % fan == 0 else span, len(journal) // span * span
    since: dict[str, int] = {}
    for end in range(span, full + 1, span):
        last = [leg.account for one in journal[end - short : end] for leg in one.entry.postings]
        for code in set(last):
            if last.count(code) >= enough:
                since.setdefault(code, end - span)
    found: dict[tuple[Any, ...], tuple[int, int]] = {}
    size, level = short, -1
    while size <= full:
        for code, start in since.items():
            for first in range(-(-start // size) * size, full - size + 1, size):
                legs_ = [
                    (one.entry.effective_on, leg.amount.pence)
                    for one in journal[first : first + size]
                    for leg in one.entry.postings
                    if leg.account == code
                ]
                for day in {day for day, _ in legs_}:
                    upto = [pence for when, pence in legs_ if when <= day]
                    sides = sum(max(pence, 0) for pence in upto), sum(max(-pence, 0) for pence in upto)
                    found[level, first // size, int(day.strftime("%Y%m%d")), code] = sides
        size, level = size * fan, level - 1
    return found


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_the_running_totals_kept_are_those_that_a_fold_by_hand_gives(kind: str, run_of_tests: Path) -> None:
    seen: set[int] = set()

    @settings(max_examples=20 if kind == "sqlite" else 6, deadline=None, database=None, derandomize=True)
    @given(st.sampled_from((BUSY, BUSY_IN_TWOS)), st.lists(ACTS, min_size=1, max_size=8))
    @example(BUSY, [Act(((date(2012, 1, 9), (("1000", 5), ("4000", -5))),) * 9, None)])
    def compared(sizes: Sequence[Any], acts: list[Act]) -> None:
        with short_spans(sizes), lived(kind, run_of_tests, acts) as session:
            journal = queries.entries(session, limit=1_000)
            asked = (
                "SELECT level, block, period, code, debits, credits FROM cell JOIN account ON account.id = account_id"
            )
            rows = session.execute(text(f"{asked} WHERE level < 0")).all()
            wanted = totals_by_hand(journal, cells.SPAN, spans.FAN, running.BUSY)
            assert {tuple(row[:4]): (row[4], row[5]) for row in rows} == wanted
            seen.update(level for level, *_ in wanted)

    compared()
    assert seen >= {-1, -2, -3}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("UPDATE cell SET debits = debits + 1 WHERE level = -1 AND block = 1 AND debits > 0", "entries 2 to 2 "),
        ("UPDATE cell SET period = period + 1 WHERE level = -2 AND block = 1 AND credits > 0", "entries 3 to 4 "),
        ("DELETE FROM cell WHERE level = -3 AND debits > 0", "entries 1 to 4 "),
        ("DELETE FROM cell WHERE level < 0 AND debits > 0", "entries 1 to 1 "),
        ("INSERT INTO cell SELECT -1, 1, 20120101, account_id, 0, 0 FROM cell WHERE debits > 0 LIMIT 1", "entries 2 "),
        ("INSERT INTO cell SELECT -1, 9, 20120101, account_id, 5, 5 FROM cell LIMIT 1", "entries 10 to 10, which"),
        ("INSERT INTO cell SELECT -2, 9, 20120101, account_id, 5, 5 FROM cell LIMIT 1", "entries 19 to 20, which"),
        ("INSERT INTO cell SELECT -7, 0, 20120101, account_id, 5, 5 FROM cell LIMIT 1", "entries 1 to 64, which"),
        ("INSERT INTO cell VALUES (-1, 0, 20120101, 999999, 5, 5)", "account 999999, which there is not"),
    ],
)
def test_a_running_total_changed_by_hand_is_found(busy: Desk, change: str, told: str) -> None:
    do(busy, 1, act(JANUARY, MARCH, JANUARY, JANUARY, APRIL))
    with busy.writing() as work, unguarded(work) as session:
        assert list(cells.faults(session)) == []
        session.execute(text(change))
        found = [sentence for _, sentence in cells.faults(session)]
    assert any(told in sentence for sentence in found), found


def test_an_older_database_without_running_totals_is_given_them(busy: Desk) -> None:
    do(busy, 1, act(JANUARY, MARCH, JANUARY, JANUARY, APRIL, APRIL, JANUARY, MARCH, MARCH))
    with busy.writing() as work, unguarded(work) as session:
        rows = kept(session)
        session.execute(text("DELETE FROM cell WHERE level < 0"))
        assert list(cells.faults(session))
        cells.run_on(session.connection())
        assert kept(session) == rows
    assert {level for level, *_ in rows} == {-4, -3, -2, -1, 0, 1, 2}


def test_every_day_of_a_busy_account_is_told_at_every_place_from_whichever_day(busy: Desk) -> None:
    days = [JANUARY, MARCH, APRIL, date(2012, 2, 29), date(2012, 2, 28), MARCH, date(2012, 2, 1)]
    do(busy, 1, act(*days, *reversed(days)))
    with busy.reading() as session:
        journal = queries.entries(session, limit=100)
        assert queries.balance_at(session, "bank", "1000") == Money(-sum(100 + at for at in range(len(journal))))
        for place in range(len(journal) + 1):
            at = queries.Known(place, session.now)
            for day in sorted(set(days)):
                found = queries.balance_at(session, "bank", "1000", day, at)
                assert found == balances.balance(journal, "bank", "1000", day, place), (day, place)
                told = queries.turnover(session, "bank", "1000", day, APRIL, at)
                wanted = balances.turnovers(journal, "bank", day, APRIL, place).get("1000", (Money(0), Money(0)))
                assert (told.debits, told.credits) == wanted, (day, place)


def test_an_account_once_seen_busy_by_an_act_that_failed_is_read_as_it_is(busy: Desk) -> None:
    do(busy, 1, act(JANUARY))
    with busy.writing() as work:
        point = work.session.begin_nested()
        commands.post_many(work, [two_legs("k1"), two_legs("k2"), two_legs("k3")])
        assert [queries.balance_at(work.session, "bank", "1000") for _ in range(2)] == [Money(-97)] * 2
        point.rollback()
        assert queries.balance_at(work.session, "bank", "1000") == Money(-100)


def test_accounts_opened_below_a_busy_one_are_added_to_it(busy: Desk) -> None:
    do(busy, 1, act(JANUARY, MARCH, MARCH))
    with busy.writing() as work:
        assert [queries.balance_at(work.session, "bank", "1000") for _ in range(2)] == [Money(-303)] * 2
        commands.sub_accounts(work, "bank", {"1000:till": "Till"})
        legs_ = (Posting("1000:till", Money(7)), Posting("4000", Money(-7)))
        commands.post_many(work, [Entry("till", "bank", MARCH, "cells", legs_)])
        assert [queries.balance_at(work.session, "bank", "1000") for _ in range(2)] == [Money(-296)] * 2


def closings(session: ReadSession) -> list[tuple[Any, ...]]:
    asked = "SELECT ends_on, account_id, upto_seq, debits, credits FROM closing_balance ORDER BY ends_on, account_id"
    return [tuple(row) for row in session.execute(text(asked)).all()]


def test_the_migration_folds_what_is_there(empty_database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for module, name, size in SPANS:
        monkeypatch.setattr(module, name, size)
    database = Database.open(empty_database_url)
    migrations.upgrade(database, "0004")
    with database.writing() as session:
        for statement in _an_old_book():
            session.execute(text(statement))
    migrations.upgrade(database, "0005")
    with database.reading() as session:
        assert sum(debits for (level, *_), (debits, _) in kept(session).items() if level == 0) == 10
        assert [tuple(row[1:]) for row in closings(session)] == [(1, 3, 6, 0), (2, 3, 0, 6)]
        assert list(cells.faults(session)) == []
    database.close()


_AT = "'2012-04-02T00:00:00.000000Z'"
_BLANK = "'" + "0" * 32 + "'"
_OLD = (
    "INSERT INTO book VALUES (1, 'bank', 'bank', 'Bank', <at>)",
    "INSERT INTO account VALUES (1, 1, '1000', 'Cash', 'asset', '', <at>)",
    "INSERT INTO account VALUES (2, 1, '4000', 'Income', 'income', '', <at>)",
    "INSERT INTO journal_head (id, seq, recorded_at, frontier, root) VALUES (1, 5, <at>, <blank>, <blank>)",
)
_OLD_CLOSE = (
    "INSERT INTO quarter_event (quarter, ends_on, state, recorded_at, actor, upto_seq, root, trial_balance) "
    "VALUES ('2012Q1', '2012-03-31', 'closed', <at>, 'x', 3, <blank>, <blank>)"
)
_OLD_ENTRY = (
    "INSERT INTO posting VALUES (<n>, 1, 2, 1, 1, <n>, '<day>', <n>), (<n>, 2, 2, 1, 2, -<n>, '<day>', <n>)",
    """INSERT INTO entry VALUES
       (<n>, <n>, 1, 'k<n>', 'entry', 'old', '<day>', NULL, <at>, 'x', '', NULL, 2, <n>, <blank>, <blank>)""",
)


def _an_old_book() -> Iterator[str]:
    """Five entries of 1 to 5 pence; the first quarter of 2012 was closed after the third."""
    lines = list(_OLD)
    for number, month in enumerate((1, 2, 3, 5, 6), start=1):
        lines += [_OLD_CLOSE] if number == 4 else []
        lines += [line.replace("<n>", str(number)).replace("<day>", f"2012-0{month}-15") for line in _OLD_ENTRY]
    return (line.replace("<at>", _AT).replace("<blank>", _BLANK) for line in lines)


def test_an_account_whose_sides_are_equal_is_in_no_trial_balance_and_keeps_its_turnover(desk: Desk) -> None:
    there_and_back = (("4000", 5), ("4000", -5))
    do(desk, 1, Act(((JANUARY, there_and_back), (MARCH, there_and_back), (APRIL, there_and_back)), None))
    with desk.reading() as session:
        assert [one.accounts for one in queries.trial_balances(session)] == [()] * len(queries.books(session))
        assert queries.trial_balance(session, "bank").accounts == ()
        assert queries.turnover(session, "bank", "4000", JANUARY, MARCH).debits == Money(10)


def test_the_balances_of_some_accounts_together_are_those_of_each(desk: Desk) -> None:
    do(desk, 1, act(JANUARY, MARCH, MARCH, APRIL, JANUARY))
    few, many = ("1000", "1200", "1200:fac_a", "4000", "12"), ("1200", "", "1000")
    with desk.reading() as session:
        for codes in (few, many, ("1000",)):
            for day in (None, JANUARY, MARCH):
                for at in (None, queries.known(session, 0), queries.known(session, 3)):
                    each = {code: queries.balance_at(session, "bank", code, day, at) for code in codes}
                    assert queries.balances_of(session, "bank", codes, day, at) == each


@pytest.mark.parametrize("month", [date(2011, 2, 28), date(2012, 2, 29), date(2012, 4, 30), date(2012, 5, 31)])
def test_every_day_of_a_month_is_told_at_every_place_with_late_entries_and_early(desk: Desk, month: date) -> None:
    days = [month.replace(day=day) for day in (1, 14, 15, 16, 17, month.day - 1, month.day)]
    days += [month.replace(day=1) - timedelta(days=1), month + timedelta(days=1)]
    do(desk, 1, act(*days, *reversed(days), *days[::2]))
    with desk.reading() as session:
        journal = queries.entries(session, limit=100)
        for place in range(len(journal) + 1):
            for day in sorted(days):
                found = queries.balance_at(session, "bank", "1000", day, queries.known(session, place))
                assert found == balances.balance(journal, "bank", "1000", day, place), (day, place)
            compare(session, journal, days[place % len(days)], month, place / len(journal))


def test_a_span_seen_full_by_an_act_that_failed_is_not_read(desk: Desk) -> None:
    do(desk, 1, act(JANUARY, JANUARY))
    with desk.writing() as work:
        point = work.session.begin_nested()
        commands.post_many(work, [two_legs("k1"), two_legs("k2")])
        assert queries.balance_at(work.session, "bank", "1000") == Money(-199)
        point.rollback()
        commands.post_many(work, [two_legs("k3")])
        at = queries.Known(3, work.now)
        assert queries.balance_at(work.session, "bank", "1000", at=at) == Money(-200)


@pytest.mark.parametrize("engine", ["postgresql"])
def test_what_waits_is_counted_too_where_a_span_was_seen_full_by_an_act_that_failed(desk: Desk, engine: str) -> None:
    del engine  # the one that lets entries wait
    do(desk, 1, act(JANUARY, JANUARY, JANUARY))
    with desk.writing() as work:
        before = queries.balance_at(work.session, "bank", "1000")
        commands.post_later(work, two_legs("waiting"))
        point = work.session.begin_nested()
        commands.post_many(work, [two_legs("k1")])
        assert queries.balance_at(work.session, "bank", "1000") == before + Money(2)
        point.rollback()
        assert queries.balance_at(work.session, "bank", "1000") == before + Money(1)


@pytest.mark.parametrize("engine", ["postgresql"])
def test_what_is_asked_again_is_answered_after_whatever_has_the_server_forget_it(desk: Desk, engine: str) -> None:
    del engine  # the one that prepares what it is asked
    desk.database.engine.dispose()  # what the tests before this one had prepared is counted by nobody
    do(desk, 1, act(JANUARY, MARCH, MARCH))
    ours = text(
        "SELECT count(*) FROM pg_prepared_statements "
        "WHERE (name LIKE 'again%' OR statement LIKE '%AS run(%') AND statement NOT LIKE '%pg_prepared_statements%'"
    )

    def asked(session: ReadSession) -> None:
        for day, held in ((JANUARY, -100), (MARCH, -303)):
            at = queries.Known(3, session.now)
            found = {queries.balance_at(session, "bank", "1000", day, at) for _ in range(4)}
            assert found == {Money(held)}
        assert session.scalar(ours) == 2 * len({JANUARY.day > 15, MARCH.day > 15})

    for _ in range(2):
        with desk.reading() as session:
            asked(session)
        with suppress(ZeroDivisionError), desk.writing() as work:
            asked(work.session)
            point = work.session.begin_nested()
            asked(work.session)
            point.rollback()
            asked(work.session)
            for statement in ("CREATE TEMPORARY TABLE passing (one int)", "DROP TABLE passing", "DISCARD PLANS"):
                work.session.execute(text(statement))
                asked(work.session)
            raise ZeroDivisionError
        with desk.reading() as session:
            asked(session)


@pytest.mark.parametrize("engine", ["postgresql"])
def test_what_is_asked_again_is_told_the_same_way_whatever_the_machine_speaks(
    desk: Desk, engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    del engine
    monkeypatch.setenv("PGCLIENTENCODING", "LATIN1")
    other = Database.open(desk.database.engine.url.render_as_string(hide_password=False), clock=desk.database.clock)
    with closing(other):
        there = Desk(other, desk.actor)
        with there.writing() as work:
            commands.sub_accounts(work, "bank", {"1200:x": "Café £"})
            commands.post_many(
                work, [Entry("k", "bank", MARCH, "t", (Posting("1200:x", Money(5)), Posting("1000", Money(-5))))]
            )
            trail.record(work, action="test", subject="x")
        with there.reading() as session:
            found = [sums(session, Asked("bank", "1200:x", None, None, None)) for _ in range(4)]
    assert [[one.name for one in each] for each in found] == [["Café £"]] * 4


@pytest.mark.parametrize("engine", ["postgresql"])
def test_a_text_with_a_nul_is_not_read_as_what_comes_before_it(desk: Desk, engine: str) -> None:
    del engine
    for book, code in (("bank\0x", "1200"), ("bank", "1200\0x")):
        with desk.reading() as session:
            for _ in range(3):
                queries.balance_at(session, "bank", "1200")
            with pytest.raises(DBAPIError, match="NUL"):
                queries.balance_at(session, book, code)


@pytest.mark.parametrize("engine", ["postgresql"])
def test_the_sums_of_all_accounts_leave_the_planner_as_it_was(desk: Desk, engine: str) -> None:
    del engine  # the one that plans by settings
    do(desk, 1, act(JANUARY, MARCH, MARCH))
    asked = text("SELECT name || ' ' || setting FROM pg_settings WHERE name = ANY(:names) ORDER BY name")
    with desk.reading() as session:
        session.execute(text("SET LOCAL plan_cache_mode = auto"))  # as a server has it that is not the tests'
        before = session.scalars(asked, {"names": list(USUAL)}).all()
        for place in (0, 2, None):
            at = None if place is None else queries.known(session, place)
            (bank,) = (one for one in queries.trial_balances(session, at=at) if one.book == "bank")
            assert bool(bank.accounts) == (place != 0)
            assert session.scalars(asked, {"names": list(USUAL)}).all() == before
    assert before == [f"{name} {value}" for name, value in sorted(USUAL.items())]


@pytest.mark.parametrize("engine", ["postgresql"])
def test_what_waits_for_its_place_is_known_now_and_at_no_place(desk: Desk, engine: str) -> None:
    del engine  # the one that lets entries wait
    do(desk, 1, act(JANUARY, MARCH, MARCH))
    with desk.writing() as work:
        commands.post_later(work, two_legs("waiting"))
    with desk.reading() as session:
        placed = queries.known(session)
        for when, waiting in ((placed, 0), (None, 1)):
            held = Money(-100 - 101 - 102 + waiting)
            assert queries.balance_at(session, "bank", "1000", at=when) == held
            assert queries.turnover(session, "bank", "1000", None, None, when).net == held
            (bank,) = (one for one in queries.trial_balances(session, at=when) if one.book == "bank")
            assert {line.code: line.debit - line.credit for line in bank.accounts}["1000"] == held
        assert queries.balance_at(session, "bank", "1000", JANUARY - timedelta(days=1)) == Money(0)
