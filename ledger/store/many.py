"""Very many rows of one table at once, past the library that makes a statement of each row and reads its answer.

PostgreSQL's driver sends what is told it many times as so many statements, each parsed, bound and answered for itself:
a return of 100,000 loans would be 700,000 of them. Here a few thousand rows are one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import Dialect, Table, insert
from sqlalchemy.orm import Session

from ledger.store.raw import Raw

_FEW: Final = 20
"""Fewer rows than so many are told as any others are: what is set up for many would cost more than it saves."""

_SIGNS: Final = {"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"}
_ESCAPED: Final = str.maketrans(_SIGNS)
"""What stands for a sign that means something else in PostgreSQL's own text form of a row."""

Rows = Sequence[Mapping[str, Any]]
"""Each with the same columns, by their names; a column that none has is filled by the database."""


def insert_many(session: Session, table: Table, rows: Rows) -> None:
    """Insert rows in their order. What the session still holds back is written first."""
    if len(rows) < _FEW:
        if rows:
            session.flush()
            session.execute(insert(table), list(rows))
        return
    raw, names = Raw.within(session), tuple(rows[0])
    columns = _columns(table, names, rows, session.get_bind().dialect)
    if raw.sqlite:
        raw.insert_each(table.name, names, zip(*columns, strict=True))
    else:
        told = zip(*map(_in_copy, columns), strict=True)
        raw.copy(table.name, ", ".join(names), ("\t".join(row) + "\n" for row in told))


def insert_unless_there(session: Session, table: Table, rows: Rows) -> int:
    """Insert those of the rows whose keys nobody has taken, in their order; answers how many they were.

    Where another transaction is about to take a key, it is waited for. SQLite has one writer, who has looked: there a
    key that is taken is refused.
    """
    dialect = session.get_bind().dialect
    if dialect.name == "sqlite" or not rows:
        insert_many(session, table, rows)
        return len(rows)
    raw, names = Raw.within(session), tuple(rows[0])
    told = zip(*_columns(table, names, rows, dialect), strict=True)
    columns = ", ".join(names)
    types = ", ".join(f"{name} {table.c[name].type.compile(dialect)}" for name in names)
    told_as_one = json.dumps([dict(zip(names, row, strict=True)) for row in told], default=_in_json)
    placed = raw.ask(
        f"WITH placed AS (INSERT INTO {table.name} ({columns}) "  # noqa: S608 -- names of our own tables
        f"SELECT {columns} FROM json_to_recordset(?::json) AS told({types}) "
        "ON CONFLICT DO NOTHING RETURNING 1) SELECT count(*) FROM placed",
        told_as_one,
    )
    return int(placed[0][0])


def _columns(table: Table, names: Sequence[str], rows: Rows, dialect: Dialect) -> list[list[Any]]:
    """The values of each column as the driver takes them; rows that have not the same columns are refused."""
    if any(len(row) != len(names) for row in rows):
        raise ValueError(f"rows for {table.name} that have not all the columns {', '.join(names)}")
    return [_bound([row[name] for row in rows], _binder(table, name, dialect)) for name in names]


def _binder(table: Table, name: str, dialect: Dialect) -> Callable[[Any], Any] | None:
    return table.c[name].type.dialect_impl(dialect).bind_processor(dialect)


def _bound(values: list[Any], bind: Callable[[Any], Any] | None) -> list[Any]:
    return [bind(value) for value in values] if bind else values


def _in_json(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is not told to a table in JSON")


def _in_copy(values: list[Any]) -> list[str]:
    """A column in PostgreSQL's own text form. Most hold one kind of value, and no sign that means something else."""
    kinds = set(map(type, values))
    if kinds == {str}:
        whole = "".join(values)
        return [value.translate(_ESCAPED) for value in values] if any(sign in whole for sign in _SIGNS) else values
    return [str(value) for value in values] if kinds == {int} else [_escaped(value) for value in values]


def _escaped(value: Any) -> str:
    if value is None:
        return r"\N"
    if isinstance(value, bytes):
        return rf"\\x{value.hex()}"
    return str(value).translate(_ESCAPED)
