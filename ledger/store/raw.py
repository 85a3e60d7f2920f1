"""The driver's own cursor inside a transaction: for the few statements whose cost is the cost of a posting.

An ORM is worth its price where rows have a life. An entry has none: it is written once, by six statements that never
vary. Everything else in the project speaks to the database through SQLAlchemy.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping, Sequence
from datetime import UTC, date, datetime
from functools import cache
from itertools import chain, count, islice
from typing import Any, Final
from weakref import WeakKeyDictionary

from sqlalchemy import Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from ledger.dates import instant_text, parse_instant
from ledger.store.heard import forget

ROWS_A_STATEMENT: Final = 20
"""Rows that SQLite is told of in one statement, where nothing else is to be done while it takes them in."""


class Raw:
    """A cursor that takes the same statements on either database, written with ``?`` for each value."""

    __slots__ = ("_cursor", "_driver", "_errors", "_info", "sqlite")

    def __init__(self, cursor: Any, dialect: Dialect, info: MutableMapping[Any, Any] | None = None) -> None:
        self._info = info
        self._cursor = cursor
        self._driver: Any = dialect.loaded_dbapi
        self._errors: type[Exception] = self._driver.Error
        self.sqlite = dialect.name == "sqlite"

    @classmethod
    def within(cls, session: Session) -> Raw:
        """The cursor of a session's own transaction; what the session still holds back is written first."""
        session.flush()
        connection = session.connection()
        return cls(connection.connection.cursor(), connection.dialect, connection.info)

    def ask(self, statement: str, *values: Any) -> list[Any]:
        """The rows of a question."""
        self.tell(statement, *values)
        rows: list[Any] = self._cursor.fetchall()
        return rows

    def tell(self, statement: str, *values: Any) -> None:
        """Run a statement. What the driver raises comes out as it does from every other part of the store."""
        forget(self._info, statement)
        try:
            if self.sqlite:
                self._cursor.execute(statement, values)
            else:
                self._cursor.execute(_percent(statement), values, prepare=True)
        except self._errors as problem:
            raise self._told(statement, problem) from problem

    def _told(self, statement: str, problem: Exception) -> DBAPIError:
        return told(statement, problem, self._errors)

    def ask_named(self, statement: str, values: Mapping[str, str | None]) -> list[Any]:
        """The rows of a statement of texts, each named in it as ``%(name)s`` and cast there; PostgreSQL only."""
        forget(self._info)
        try:
            self._cursor.execute(statement, values, prepare=True)
            rows: list[Any] = self._cursor.fetchall()
        except self._errors as problem:
            raise self._told(statement, problem) from problem
        return rows

    @property
    def commits_by_itself(self) -> bool:
        """Whether each statement is a transaction of its own; never on SQLite, where a round trip costs nothing."""
        return not self.sqlite and bool(self._cursor.connection.autocommit)

    def ask_straight(self, statement: str, values: Mapping[str, str | None]) -> list[list[str]]:
        """Rows of text, of a statement of texts, each named in it as ``%(name)s`` and cast there.

        Only on a connection whose statements commit by themselves: it goes by the driver's own binding of libpq. To
        turn values into types and back, which nobody needs here, would cost as much as all else that is done to post.
        """
        forget(self._info)
        try:
            return _straight(self._driver, self._cursor.connection, statement, values)
        except self._errors as problem:
            raise self._told(statement, problem) from problem

    def ask_again(self, statement: str, *values: Any) -> list[Any]:
        """The rows of a question that a connection is asked again and again: of texts, whole numbers and nothings.

        Where a transaction is open it goes by the driver's own binding of libpq, which saves a fifth of what such a
        question takes; the values go as texts, and the server knows what they are. The first time it goes the usual
        way: a driver that has statements prepared has the server forget all at once, ours too (`forget_prepared`).
        """
        known = None if self.sqlite or self._info is None else self._info.setdefault(_STRAIGHT, {})
        if known is None or self._cursor.connection.pgconn.transaction_status != _IN_TRANSACTION:
            return self.ask(statement, *values)
        if statement not in known:
            if len(known) < _MOST_STRAIGHT:
                known[statement] = b""
            return self.ask(statement, *values)
        given = [str(value).encode() for value in values]
        if any(b"\0" in one for one in given):
            return self.ask(statement, *values)  # libpq would read no further than that; the driver says so
        forget(self._info, statement)
        try:
            return _typed(self._driver, self._cursor.connection.pgconn, known, statement, given)
        except self._errors as problem:
            raise self._told(statement, problem) from problem

    def insert_each(
        self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]], together: int = ROWS_A_STATEMENT
    ) -> None:
        """Insert rows in their order; SQLite only, which does it without a round trip.

        A table with triggers is got ready to be put back before each statement, whatever that statement inserts, which
        costs more than the triggers: so a statement inserts some rows `together`, and only what is left over goes one
        by one.
        """
        forget(self._info)
        rest = iter(rows)
        few = list(islice(rest, together))
        left: list[Sequence[Any]] = []
        try:
            if len(few) == together:
                filled = _filled(chain(few, rest), left, together)
                self._cursor.executemany(_insert(table, tuple(columns), together), filled)
            else:
                left = few
            self._cursor.executemany(_insert(table, tuple(columns), 1), left)
        except self._errors as problem:
            raise self._told(f"INSERT INTO {table}", problem) from problem

    def copy(self, table: str, columns: str, lines: Iterable[str]) -> None:
        """Load lines in PostgreSQL's own text form, in blocks.

        Its keys are held against other tables once for each row, by plans that a connection keeps: one made when such
        a table was small reads it from end to end for every row, however long it has grown since in the very act that
        loads. Nothing but this connection knows yet that it has grown, so the plans are made anew.
        """
        forget(self._info)
        statement = f"COPY {table} ({columns}) FROM STDIN"
        rest = iter(lines)
        try:
            self._cursor.execute("DISCARD PLANS")
            with self._cursor.copy(statement) as stream:
                while block := "".join(islice(rest, _LINES_A_BLOCK)):
                    stream.write(block)
        except self._errors as problem:
            raise self._told(statement, problem) from problem

    def one_of(self, values: Iterable[Any]) -> Any:
        """A list as one value, to stand behind `listed`."""
        return json.dumps(list(values)) if self.sqlite else list(values)

    def listed(self, column: str) -> str:
        """The condition that a column is one of a list given as one value."""
        return f"{column} {_ONE_OF_JSON if self.sqlite else _ONE_OF_ARRAY}"

    def day(self, day: date | None) -> Any:
        """A day as the driver takes it."""
        return day.isoformat() if self.sqlite and day is not None else day

    def instant(self, instant: datetime) -> Any:
        """An instant as the driver takes it."""
        return instant_text(instant) if self.sqlite else instant

    def read_instant(self, value: Any) -> datetime:
        """An instant as the driver gave it."""
        return parse_instant(value) if self.sqlite else value.astimezone(UTC)


def told(statement: str | None, problem: Exception, errors: type[Exception]) -> DBAPIError:
    """What a driver raised, as every other part of the store raises it."""
    wrapped = DBAPIError.instance(statement, None, problem, errors)
    if not isinstance(wrapped, DBAPIError):
        raise problem
    return wrapped


def as_array(texts: Iterable[str]) -> str:
    """Texts as PostgreSQL writes an array of them."""
    escaped = (text.replace("\\", "\\\\").replace('"', '\\"') for text in texts)
    return "{" + ",".join(f'"{text}"' for text in escaped) + "}"


_ONE_OF_JSON: Final = "IN (SELECT value FROM json_each(?))"
_ONE_OF_ARRAY: Final = "= ANY(?)"
_LINES_A_BLOCK: Final = 2_000


@cache
def _insert(table: str, columns: tuple[str, ...], rows: int) -> str:
    one = f"({', '.join('?' * len(columns))})"
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES {', '.join([one] * rows)}"  # noqa: S608 -- our own names


def _filled(rows: Iterable[Sequence[Any]], left: list[Sequence[Any]], together: int) -> Iterator[tuple[Any, ...]]:
    """The values of as many rows as one statement inserts, again and again; the rows that are left over are put by."""
    rest = iter(rows)
    while len(some := list(islice(rest, together))) == together:
        yield tuple(chain.from_iterable(some))
    left.extend(some)


_prepared: Final[WeakKeyDictionary[Any, dict[str, bytes]]] = WeakKeyDictionary()
"""The statements that each connection keeps prepared, by their text."""


def _straight(driver: Any, connection: Any, statement: str, values: Mapping[str, str | None]) -> list[list[str]]:
    held = _prepared.setdefault(connection, {})
    name = held.get(statement)
    if name is None:
        name = b"straight_%d" % len(held)
        numbered = statement % {name: f"${number}" for number, name in enumerate(values, start=1)}
        _sound(driver, connection.pgconn.prepare(name, numbered.encode()))
        held[statement] = name
    if "\0" in "".join(filter(None, values.values())):
        raise driver.DataError("PostgreSQL text fields cannot contain NUL (0x00) bytes")  # as the driver itself does
    given = [None if value is None else value.encode() for value in values.values()]
    found = _sound(driver, connection.pgconn.exec_prepared(name, given))
    columns = range(found.nfields)
    return [[found.get_value(row, column).decode() for column in columns] for row in range(found.ntuples)]


def _typed(
    driver: Any, server: Any, prepared: dict[str, bytes], statement: str, given: Sequence[bytes]
) -> list[tuple[Any, ...]]:
    name = prepared[statement]
    if not name:
        name = b"again_%d" % next(_numbers)
        first, *rest = statement.split("?")
        numbered = first + "".join(f"${number}{text}" for number, text in enumerate(rest, start=1))
        _sound(driver, server.prepare(name, numbered.encode()))
        prepared[statement] = name
    found = _sound(driver, server.exec_prepared(name, given))
    columns = [(column, _NUMBERS.get(found.ftype(column), bytes.decode)) for column in range(found.nfields)]
    return [
        tuple(None if (value := found.get_value(row, column)) is None else read(value) for column, read in columns)
        for row in range(found.ntuples)
    ]


def forget_prepared(info: MutableMapping[Any, Any] | None, statement: str = "ROLLBACK") -> None:
    """Hear of a statement after which the driver has the server forget every statement that it was told to prepare."""
    if info and _FORGETS(statement):
        info.pop(_STRAIGHT, None)


def _sound(driver: Any, result: Any) -> Any:
    if result.status not in _DONE:
        raise driver.errors.error_from_result(result)
    return result


_STRAIGHT: Final = "prepared to be asked again"
_MOST_STRAIGHT: Final = 200
_numbers: Final = count()
_IN_TRANSACTION: Final = 2
"""`INTRANS`, as libpq tells of a transaction that is open and sound."""
_FORGETS: Final = re.compile(r"\s*(DROP|ALTER|ROLLBACK|DISCARD\s+ALL|DEALLOCATE)\b", re.ASCII | re.IGNORECASE).match
_NUMBERS: Final[dict[int, Callable[[bytes], Any]]] = {20: int, 21: int, 23: int}
"""Whole numbers of eight, two and four bytes, as the server numbers its types; all else is text."""
_DONE: Final = (1, 2)
"""`COMMAND_OK` and `TUPLES_OK`, as libpq counts its answers."""


@cache
def _percent(statement: str) -> str:
    return statement.replace("?", "%s")
