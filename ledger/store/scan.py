"""The books read from end to end: every row as the database keeps it, in order, streamed by the bare driver.

For the check of the whole journal and for proofs. Instants and days come as text on either database, so that what is
hashed again is what lies there, and nothing has been read into a value and written back on the way.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import chain, islice
from typing import Any, Final

from ledger.store.database import ReadSession

SQLITE: Final = "sqlite"
_AT_ONCE: Final = 5_000
"""Rows that PostgreSQL's cursor hands over at a time."""

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
    FROM posting LEFT JOIN entry ON entry.id = posting.entry_id
    GROUP BY posting.entry_id ORDER BY posting.entry_id
"""


class Unreadable(Exception):
    """The database fails to hand over a row: a broken file, or text that is none."""


def entries(session: ReadSession) -> Iterator[Row]:
    """Every header, by its number: all its columns in the order of the table."""
    return _rows(
        session,
        f"SELECT id, seq, book_id, key, kind, description, {_day(session, 'effective_on')}, "  # noqa: S608 -- our own words
        f"{_day(session, 'original_effective_on')}, {_instant(session, 'recorded_at')}, actor, pair, reverses, legs, "
        "gross, content_hash, seal FROM entry ORDER BY id",
    )


def postings(session: ReadSession) -> Iterator[Row]:
    """Every posting, by entry and leg: all its columns in the order of the table."""
    return _rows(session, _postings(session, ""))


def legs(session: ReadSession) -> Iterator[Row]:
    """The postings of every entry as PostgreSQL puts them together, in half the time of so many rows.

    The number of the entry; those of its legs, such as "1,2"; account and pence of each, such as "12 500,7 -500"; and
    whether each repeats what its header says. What is compared here is compared by the database that keeps it.
    """
    return _rows(session, _LEGS)


def postings_of(session: ReadSession, entry: int) -> list[Row]:
    """The postings of one entry, by leg: all their columns in the order of the table."""
    return list(_rows(session, _postings(session, f"WHERE entry_id = {entry:d}")))


def seals(session: ReadSession, upto: int) -> Iterator[bytes]:
    """The stored seal of every entry up to a place, in order."""
    for (seal,) in _rows(session, f"SELECT seal FROM entry WHERE id <= {upto:d} ORDER BY id"):  # noqa: S608 -- a number
        yield bytes(seal)


def marks(session: ReadSession) -> Iterator[Row]:
    """Every mark, by its place: place, instant, root."""
    return _rows(session, f"SELECT upto_seq, {_instant(session, 'recorded_at')}, root FROM mark ORDER BY upto_seq")  # noqa: S608 -- our own words


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


def _rows(session: ReadSession, statement: str) -> Iterator[Row]:
    """The rows of a question, as they come: neither the driver nor we hold more than some thousands of them."""
    connection = session.connection()
    driver, error = connection.connection.driver_connection, connection.dialect.loaded_dbapi.Error
    if driver is None:
        raise Unreadable("the connection to the database is lost")
    if connection.dialect.name == SQLITE:
        return _here(driver, statement, error)
    return chain.from_iterable(_there(driver, statement, error))


def _there(driver: Any, statement: str, error: type[Exception]) -> Iterator[list[Row]]:
    """The rows as PostgreSQL's cursor hands them over, block by block."""
    try:
        driver.execute("SET LOCAL datestyle = ISO")
        with driver.cursor(name=f"scan_{id(statement)}", binary=True) as cursor:
            yield from _ahead(cursor.execute(statement))
    except error as problem:
        raise Unreadable(str(problem).strip()) from problem


def _here(driver: Any, statement: str, error: type[Exception]) -> Iterator[Row]:
    """The rows as SQLite's driver gives them; where it meets text that is none, it goes on with what can be read of it.

    The driver is a row ahead, so that without this the row before such text would be lost with it.
    """
    read = 0
    try:
        for row in driver.execute(statement):
            read += 1
            yield row
    except error:
        usual, driver.text_factory = driver.text_factory, _whatever
        try:
            yield from islice(driver.execute(statement), read, None)
        except error as problem:
            raise Unreadable(str(problem).strip()) from problem
        finally:
            driver.text_factory = usual


def _whatever(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")


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
