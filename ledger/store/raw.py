"""The driver's own cursor inside a transaction: for the few statements whose cost is the cost of a posting.

An ORM is worth its price where rows have a life. An entry has none: it is written once, by six statements that never
vary. Everything else in the project speaks to the database through SQLAlchemy.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from functools import cache
from itertools import islice
from typing import Any, Final

from sqlalchemy import Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from ledger.dates import instant_text, parse_instant


class Raw:
    """A cursor that takes the same statements on either database, written with ``?`` for each value."""

    __slots__ = ("_cursor", "_errors", "sqlite")

    def __init__(self, cursor: Any, dialect: Dialect) -> None:
        self._cursor = cursor
        self._errors: type[Exception] = dialect.loaded_dbapi.Error
        self.sqlite = dialect.name == "sqlite"

    @classmethod
    def within(cls, session: Session) -> Raw:
        """The cursor of a session's own transaction; what the session still holds back is written first."""
        session.flush()
        connection = session.connection()
        return cls(connection.connection.cursor(), connection.dialect)

    def ask(self, statement: str, *values: Any) -> list[Any]:
        """The rows of a question."""
        self.tell(statement, *values)
        rows: list[Any] = self._cursor.fetchall()
        return rows

    def tell(self, statement: str, *values: Any) -> None:
        """Run a statement. What the driver raises comes out as it does from every other part of the store."""
        try:
            if self.sqlite:
                self._cursor.execute(statement, values)
            else:
                self._cursor.execute(_percent(statement), values, prepare=True)
        except self._errors as problem:
            raise self._told(statement, problem) from problem

    def _told(self, statement: str, problem: Exception) -> DBAPIError:
        return told(statement, problem, self._errors)

    def tell_each(self, statement: str, rows: Iterable[Sequence[Any]]) -> None:
        """Run a statement once for each row of values; SQLite only, which does it without a round trip."""
        try:
            self._cursor.executemany(statement, rows)
        except self._errors as problem:
            raise self._told(statement, problem) from problem

    def copy(self, table: str, columns: str, lines: Iterable[str]) -> None:
        """Load lines in PostgreSQL's own text form, in blocks."""
        statement = f"COPY {table} ({columns}) FROM STDIN"
        rest = iter(lines)
        try:
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


_ONE_OF_JSON: Final = "IN (SELECT value FROM json_each(?))"
_ONE_OF_ARRAY: Final = "= ANY(?)"
_LINES_A_BLOCK: Final = 2_000


@cache
def _percent(statement: str) -> str:
    return statement.replace("?", "%s")
