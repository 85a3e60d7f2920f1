"""The books read from end to end: every row as the database keeps it, in order, streamed by the bare driver.

For the check of the whole journal and for proofs. Instants and days come as text on either database, so that what is
hashed again is what lies there, and nothing has been read into a value and written back on the way.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import chain, islice
from typing import Any, Final, NamedTuple

from sqlalchemy import text

from ledger.store.database import ReadSession

SQLITE: Final = "sqlite"
_AT_ONCE: Final = 5_000
"""Rows that PostgreSQL's cursor hands over at a time."""
_BLOCK: Final = 10_000
"""The same of a stretch, of which nothing is read ahead."""

Row = tuple[Any, ...]

_DAY: Final = {SQLITE: "{}", "postgresql": "{}::text"}
_INSTANT: Final = {
    SQLITE: "{}",
    "postgresql": """to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')""",
}


_LEGS: Final = """
    SELECT posting.entry_id, string_agg(posting.leg::text, ',' ORDER BY posting.leg),
           string_agg(posting.account_id || ' ' || posting.amount, ',' ORDER BY posting.leg),
           bool_and((posting.legs = entry.legs AND posting.book_id = entry.book_id
                     AND posting.effective_on = entry.effective_on AND posting.seq = entry.seq) IS TRUE)
    FROM (SELECT * FROM posting WHERE {postings}) AS posting
         LEFT JOIN (SELECT * FROM entry WHERE {entries}) AS entry ON entry.id = posting.entry_id
    GROUP BY posting.entry_id ORDER BY posting.entry_id
"""


class Span(NamedTuple):
    """A stretch of the journal: the places after one, up to another; without one, everything on that side.

    Between them all stretches of a journal hold every row, also one whose place is no number.
    """

    after: int | None = None
    upto: int | None = None


EVERYTHING: Final = Span()


class Unreadable(Exception):
    """The database fails to hand over a row: a broken file, or text that is none."""


def entries(session: ReadSession, span: Span = EVERYTHING) -> Iterator[Row]:
    """Every header of a stretch, by its number: all its columns in the order of the table."""
    return _stretch(
        session,
        f"SELECT id, seq, book_id, key, kind, description, {_day(session, 'effective_on')}, "  # noqa: S608 -- our own words
        f"{_day(session, 'original_effective_on')}, {_instant(session, 'recorded_at')}, actor, pair, reverses, legs, "
        f"gross, content_hash, seal FROM entry WHERE {_within(session, 'id', span)} ORDER BY id",
    )


def postings(session: ReadSession, span: Span = EVERYTHING) -> Iterator[Row]:
    """Every posting of a stretch, by entry and leg: all its columns in the order of the table."""
    return _stretch(session, _postings(session, f"WHERE {_within(session, 'entry_id', span)}"))


def legs(session: ReadSession, span: Span = EVERYTHING) -> Iterator[Row]:
    """The postings of every entry of a stretch as PostgreSQL puts them together, in half the time of so many rows.

    The number of the entry; those of its legs, such as "1,2"; account and pence of each, such as "12 500,7 -500"; and
    whether each repeats what its header says. What is compared here is compared by the database that keeps it.
    """
    postings_, entries_ = (_within(session, column, span) for column in ("entry_id", "id"))
    return _stretch(session, _LEGS.format(postings=postings_, entries=entries_))


def postings_of(session: ReadSession, entry: int) -> list[Row]:
    """The postings of one entry, by leg: all their columns in the order of the table."""
    return list(_rows(session, _postings(session, f"WHERE entry_id = {entry:d}")))


def count(session: ReadSession) -> int:
    """How many entries there are."""
    ((found,),) = list(_stretch(session, "SELECT count(*) FROM entry"))
    return int(found)


def recorded_at(session: ReadSession, place: int) -> Any:
    """When the entry at a place was recorded; None where there is no such entry."""
    asked = f"SELECT {_instant(session, 'recorded_at')} FROM entry WHERE id = {place:d}"  # noqa: S608 -- a number
    return next((at for (at,) in list(_stretch(session, asked))), None)


def named(session: ReadSession, place: int) -> tuple[Any, Any]:
    """The key of the entry at a place, and the number of its book."""
    asked = f"SELECT key, book_id FROM entry WHERE id = {place:d}"  # noqa: S608 -- a number
    ((key, book),) = list(_stretch(session, asked))[:1]
    return key, book


def snapshot(session: ReadSession) -> str:
    """A name under which others see on PostgreSQL what this session sees; empty where it cannot be given one."""
    asked = "SELECT CASE WHEN NOT pg_is_in_recovery() THEN pg_export_snapshot() END"
    ((found,),) = list(_stretch(session, asked))
    return found or ""


def look_through(session: ReadSession, shared: str) -> None:
    """See what another session saw that has given its snapshot this name. Before anything else is asked."""
    session.execute(text(f"SET TRANSACTION SNAPSHOT '{shared}'"))


def seals(session: ReadSession, upto: int) -> Iterator[bytes]:
    """The stored seal of every entry up to a place, in order."""
    for (seal,) in _rows(session, f"SELECT seal FROM entry WHERE id <= {upto:d} ORDER BY id"):  # noqa: S608 -- a number
        yield bytes(seal)


def marks(session: ReadSession) -> Generator[Row]:
    """Every mark, by its place: place, instant, root. To be closed by whoever may not come to the last of them."""
    yield from _rows(session, f"SELECT upto_seq, {_instant(session, 'recorded_at')}, root FROM mark ORDER BY upto_seq")  # noqa: S608 -- our own words


def quarter_events(session: ReadSession) -> Iterator[Row]:
    """Every event of a quarter in the order they were recorded: all its columns in the order of the table."""
    return _rows(
        session,
        f"SELECT id, quarter, {_day(session, 'ends_on')}, state, {_instant(session, 'recorded_at')}, actor, "  # noqa: S608 -- our own words
        "upto_seq, root, trial_balance FROM quarter_event ORDER BY id",
    )


def heads(session: ReadSession) -> list[Row]:
    """The journal's head, or what stands in its place: number, place, instant, frontier, root, chain."""
    return list(
        _rows(
            session,
            f"SELECT id, seq, {_instant(session, 'recorded_at')}, frontier, root, chain FROM journal_head ORDER BY id",  # noqa: S608 -- our own words
        )
    )


def waiting(session: ReadSession) -> Iterator[Row]:
    """Every row that waits for its place, and the place of an entry of its key in the journal, where there is one.

    Its number, who made it, its text in three parts, what is kept beside the text, and that place.
    """
    return _rows(
        session,
        "SELECT id, actor, opening, text_before, text_between, book_id, key, "  # noqa: S608 -- our own words
        f"{_day(session, 'effective_on')}, legs, postings, content_hash, "
        "(SELECT min(e.id) FROM entry AS e WHERE e.book_id = w.book_id AND e.key = w.key) "
        "FROM waiting_entry AS w ORDER BY id",
    )


def books(session: ReadSession) -> list[Row]:
    """Every book: number, code, kind."""
    return list(_rows(session, "SELECT id, code, kind FROM book ORDER BY id"))


def accounts(session: ReadSession) -> list[Row]:
    """Every account: number, number of its book, code, kind, mirror."""
    return list(_rows(session, "SELECT id, book_id, code, kind, mirror FROM account ORDER BY id"))


def keys_used_twice(session: ReadSession) -> list[int]:
    """The places of entries whose key an entry of their book before them has already."""
    twice = "SELECT book_id, key, min(id) AS first FROM entry GROUP BY book_id, key HAVING count(*) > 1"
    if not list(_rows(session, f"SELECT * FROM ({twice} LIMIT 1) AS one")):  # noqa: S608 -- our own words
        return []  # as good as always, and known without a look at every entry beside every key
    return [
        seq
        for (seq,) in _rows(
            session,
            f"SELECT later.id FROM ({twice}) AS twice JOIN entry AS later ON later.book_id = twice.book_id "  # noqa: S608 -- our own words
            "AND later.key = twice.key AND later.id > twice.first ORDER BY later.id",
        )
    ]


def _postings(session: ReadSession, which: str) -> str:
    return (
        "SELECT entry_id, leg, legs, book_id, account_id, amount, "  # noqa: S608 -- our own words
        f"{_day(session, 'effective_on')}, seq FROM posting {which} ORDER BY entry_id, leg"
    )


def _within(session: ReadSession, column: str, span: Span) -> str:
    """The condition that a place lies in a stretch; no place at all lies where the database sorts it to."""
    if span == EVERYTHING:
        return "TRUE"
    sides = [f"{column} > {span.after:d}"] if span.after is not None else []
    sides += [f"{column} <= {span.upto:d}"] if span.upto is not None else []
    nulls_first = session.connection().dialect.name == SQLITE
    has_nulls = span.after is None if nulls_first else span.upto is None
    return f"({' AND '.join(sides)}{f' OR {column} IS NULL' if has_nulls else ''})"


def _stretch(session: ReadSession, statement: str) -> Iterator[Row]:
    """The rows of a stretch: so few as a rule that one block holds them, and nothing is read ahead."""
    return _rows(session, statement, ahead=False)


def _rows(session: ReadSession, statement: str, *, ahead: bool = True) -> Iterator[Row]:
    """The rows of a question, as they come: neither the driver nor we hold more than some thousands of them."""
    connection = session.connection()
    driver, error = connection.connection.driver_connection, connection.dialect.loaded_dbapi.Error
    if driver is None:
        raise Unreadable("the connection to the database is lost")
    if connection.dialect.name == SQLITE:
        return _here(driver, statement, error)
    return chain.from_iterable(_there(driver, statement, error, ahead=ahead))


def _there(driver: Any, statement: str, error: type[Exception], *, ahead: bool) -> Iterator[list[Row]]:
    """The rows as PostgreSQL's cursor hands them over, block by block."""
    try:
        driver.execute("SET LOCAL datestyle = ISO")
        with driver.cursor(name=f"scan_{id(statement)}", binary=True) as cursor:
            cursor.execute(statement)
            yield from _ahead(cursor) if ahead else _blocks(cursor)
    except error as problem:
        raise Unreadable(str(problem).strip()) from problem


def _here(driver: Any, statement: str, error: type[Exception]) -> Iterator[Row]:
    """The rows as SQLite's driver gives them; where it meets text that is none, it goes on with what can be read of it.

    The driver is a row ahead, so that without this the row before such text would be lost with it. Whoever stops on the
    way lets go of the question at once: nothing waits within an exception, which would hold itself until rubbish is
    collected, and then end whatever question the driver asks by the same compiled statement at that time.
    """
    read = 0
    with closing(driver.cursor()) as cursor:
        try:
            for row in cursor.execute(statement):
                read += 1
                yield row
        except error:
            pass
        else:
            return
    usual, driver.text_factory = driver.text_factory, _whatever
    try:
        with closing(driver.cursor()) as cursor:
            yield from islice(cursor.execute(statement), read, None)
    except error as problem:
        raise Unreadable(str(problem).strip()) from problem
    finally:
        driver.text_factory = usual


def _whatever(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")


def _blocks(cursor: Any) -> Iterator[list[Row]]:
    while block := cursor.fetchmany(_BLOCK):
        yield block
        if len(block) < _BLOCK:
            return


def _ahead(cursor: Any) -> Iterator[list[Row]]:
    """The rows of a server's cursor: while one block is looked at, the server is at work on the next."""
    with ThreadPoolExecutor(1) as waiter:
        coming = waiter.submit(cursor.fetchmany, _AT_ONCE)
        while block := coming.result():
            coming = waiter.submit(cursor.fetchmany, _AT_ONCE)
            yield block


def _day(session: ReadSession, column: str) -> str:
    return _DAY[session.connection().dialect.name].format(column)


def _instant(session: ReadSession, column: str) -> str:
    return _INSTANT[session.connection().dialect.name].format(column)
