"""What an act leaves in the tables, row by row, against the same written out one value at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from bank.wiring import OPERATOR
from ledger import commands
from ledger.entries import Entry, Posting, Recorded
from ledger.money import Money
from ledger.seals import content_hash, seal_of
from ledger.store import rows, writing
from ledger.store.database import Database, ReadSession
from ledger.store.raw import Raw
from ledger.store.work import Desk
from ledger.verification import verify

FIRST: Final = date(2012, 1, 10)
LATE: Final = date(2011, 12, 30)


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database, OPERATOR)


def entry(number: int, *, late: date | None = None, reverses: int | None = None) -> Entry:
    """Two legs, or three; every other the other way round."""
    pence, day = 100 * number + 7, FIRST + timedelta(days=number)
    legs = [Posting("1200", Money(pence)), Posting("1000", Money(-pence - number % 2))]
    if number % 2:
        legs.append(Posting("4000", Money(1)))
    return Entry(
        f"k{number}",
        "bank",
        day,
        f"Entry {number}",
        tuple(legs[:: (-1) ** number]),
        kind="entry" if number % 3 else "other",
        pair="" if number % 4 else f"pair {number}",
        original_effective_on=late,
        reverses=reverses,
    )


def in_the_tables(session: ReadSession) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    headers = session.execute(
        text(
            "SELECT entry.id, seq, book.code, key, entry.kind, description, effective_on, original_effective_on, "
            "recorded_at, actor, pair, reverses, legs, gross, content_hash, seal FROM entry "
            "JOIN book ON book.id = book_id ORDER BY seq"
        )
    ).all()
    legs = session.execute(
        text(
            "SELECT entry_id, leg, legs, book.code, account.code, amount, effective_on, seq FROM posting "
            "JOIN account ON account.id = account_id JOIN book ON book.id = posting.book_id ORDER BY seq, leg"
        )
    ).all()
    return [tuple(map(plain, row)) for row in headers], [tuple(map(plain, row)) for row in legs]


def plain(value: Any) -> Any:
    """The same on either database."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    return bytes(value) if isinstance(value, bytes | memoryview) else value


def header(done: Recorded) -> tuple[Any, ...]:
    made = done.entry
    head = (done.seq, done.seq, made.book, made.key, made.kind, made.description, plain(made.effective_on))
    days = (plain(made.original_effective_on), plain(done.recorded_at), done.actor, made.pair, made.reverses)
    seal = seal_of(made, done.seq, done.recorded_at, done.actor)
    return (*head, *days, len(made.postings), made.gross.pence, content_hash(made), seal)


def legs(done: Recorded) -> list[tuple[Any, ...]]:
    made = done.entry
    return [
        (
            done.seq,
            leg,
            len(made.postings),
            made.book,
            one.account,
            one.amount.pence,
            plain(made.effective_on),
            done.seq,
        )
        for leg, one in enumerate(made.postings, start=1)
    ]


@pytest.mark.parametrize("late", [None, LATE])
@pytest.mark.parametrize("count", [1, 20, 41, 5_001])
def test_an_act_leaves_the_rows_of_its_entries_in_their_order(desk: Desk, count: int, late: date | None) -> None:
    """Fewer rows than go into one statement, just as many, and some left over; with an odd day among them or none.

    And so many that SQLite takes their postings in while they are sealed.
    """
    commands.post(desk, entry(9_999))
    done = commands.post_many(desk, [entry(1, late=late), *map(entry, range(2, count + 1))])
    undone = commands.post_many(desk, [entry(5_501), entry(5_500, reverses=1)])
    with desk.reading() as session:
        headers, postings = in_the_tables(session)
    placed = [*done, *undone]
    assert [one.seq for one in placed] == list(range(2, count + 4))
    assert headers[1:] == [header(one) for one in placed]
    assert postings[3:] == [leg for one in placed for leg in legs(one)]
    assert [one.seal for one in placed] == [row[-1].hex() for row in headers[1:]]


@pytest.mark.parametrize(("at", "before"), [(0, 0), (19, 0), (20, 20), (24, 24)])
def test_one_wrong_row_lets_in_none_of_its_statement(desk: Desk, engine: str, at: int, before: int) -> None:
    """Twenty rows go into one statement, and what is left over one by one."""
    if engine != "sqlite":
        pytest.skip("PostgreSQL copies rows")
    commands.post(desk, entry(1))
    columns = ("entry_id", "leg", "legs", "book_id", "account_id", "amount", "effective_on", "seq")
    with desk.writing() as work:
        raw = Raw.within(work.session)
        book, account = raw.ask("SELECT book_id, account_id FROM posting LIMIT 1")[0]
        rows = [(2, leg, 25, book, account, 5, "2012-01-10", 2) for leg in range(1, 26)]
        rows[at] = (1, 3, 3, book, account, 5, "2012-01-10", 1)
        with pytest.raises(DBAPIError, match="cannot be added to an entry already there"):
            raw.insert_each("posting", columns, rows)
        assert raw.ask("SELECT count(*) FROM posting WHERE seq = 1") == [(3,)]
        assert raw.ask("SELECT count(*) FROM posting WHERE seq = 2") == [(before,)]
        work.session.rollback()


def test_what_goes_wrong_beside_the_sealing_of_very_many_lets_nothing_in(desk: Desk, engine: str) -> None:
    """The postings are refused on another processor, or the entries cannot be sealed while they are taken in."""
    if engine != "sqlite":
        pytest.skip("PostgreSQL is told of the postings when the entries are sealed")
    commands.post(desk, entry(1))
    many = [entry(number) for number in range(2, 5_003)]
    with desk.writing() as work:
        raw = Raw.within(work.session)
        head = writing.take_head(raw)
        acts = [writing.Act(one, "somebody", head.recorded_at) for one in many]
        ids = writing.account_ids(raw, writing.codes_of(many))
        with pytest.raises(DBAPIError, match="cannot be added to an entry already there"):
            writing.place(raw, replace(head, seq=0), acts, ids)
        work.session.rollback()
    with desk.writing() as work:
        raw = Raw.within(work.session)
        nobodys: Any = None
        with pytest.raises(TypeError):
            writing.place(raw, head, [*acts[:-1], acts[-1]._replace(actor=nobodys)], ids)
        assert raw.ask("SELECT count(*) FROM posting WHERE seq > 1")[0][0] > 0
        work.session.rollback()
    with desk.reading() as session:
        headers, postings = in_the_tables(session)
    assert (len(headers), len(postings)) == (1, 3)
    assert commands.post_many(desk, many)[-1].seq == len(many) + 1


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_few_headers_of_a_very_long_act_are_alive_at_a_time(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those made while the postings are taken in, and no more: of a million entries they would be half a gigabyte."""
    made, before_them, ahead = Counter[str](), list[int](), 40
    told, moved = rows.headers_of, writing._move_on  # noqa: SLF001 -- when the headers' turn comes

    def counted(*given: Any) -> Iterator[Any]:
        for row in told(*given):
            made["headers"] += 1
            yield row

    def moving(*given: Any) -> None:
        before_them.append(made["headers"])
        moved(*given)

    for name, put in {
        "_VERY_MANY": 2,
        "_ROWS_BESIDE": 30,
        "_HEADERS_AHEAD": ahead,
        "headers_of": counted,
        "_move_on": moving,
    }.items():
        monkeypatch.setattr(writing, name, put, raising=name != "_HEADERS_AHEAD")
    commands.post_many(desk, [entry(number) for number in range(200)])
    assert (before_them, made["headers"]) == ([ahead], 200)
    with desk.reading() as session:
        assert verify(session).holds
