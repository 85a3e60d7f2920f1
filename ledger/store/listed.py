"""A column that is one of very many values: told to the database as one value, not as thousands of them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Literal, NamedTuple

from sqlalchemy import ColumnElement, String, any_, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY

from ledger.store.database import ReadSession

Form = Literal["single", "json", "array"]
"""How a list is told: a list of one, which most are, has a form of its own, for to make the others takes as long as to
run them; SQLite is told a longer one as JSON, PostgreSQL as an array."""


class Listed(NamedTuple):
    """A list of texts as a database is told it: the form of the condition, and the value of its parameter."""

    form: Form
    value: str | list[str]


def listed(session: ReadSession, texts: Iterable[str]) -> Listed:
    """A list for a statement that was made before with `is_listed`."""
    told = list(texts)
    if len(told) == 1:
        return Listed("single", told[0])
    if session.get_bind().dialect.name == "sqlite":
        return Listed("json", json.dumps(told))
    return Listed("array", told)


def is_listed(column: Any, form: Form, name: str) -> ColumnElement[bool]:
    """The condition that a column of text is one of a list, whose value is told under a name when it is asked."""
    found: ColumnElement[bool]
    if form == "single":
        found = column == bindparam(name)
    elif form == "json":
        each = func.json_each(bindparam(name, type_=String)).table_valued("value")
        found = column.in_(select(each.c.value))
    else:
        found = column == any_(bindparam(name, type_=ARRAY(String)))
    return found


def one_of(session: ReadSession, column: Any, texts: Iterable[str]) -> ColumnElement[bool]:
    """The condition with its list, for a statement that is made anew each time it is asked."""
    told = listed(session, texts)
    found: ColumnElement[bool]
    if told.form == "single":
        found = column == told.value
    elif told.form == "json":
        each = func.json_each(bindparam(None, told.value, type_=String)).table_valued("value")
        found = column.in_(select(each.c.value))
    else:
        found = column == any_(bindparam(None, told.value, type_=ARRAY(String)))
    return found
