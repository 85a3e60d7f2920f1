"""A column that is one of very many values: told to the database as one value, not as thousands of them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, String, any_, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY

from ledger.store.database import ReadSession


def one_of(session: ReadSession, column: Any, texts: Iterable[str]) -> ColumnElement[bool]:
    """The condition that a column of text is one of a list: the same statement however long the list is.

    A list of one, which most are, has a statement of its own: to make the other takes as long as to run it.
    """
    told = list(texts)
    found: ColumnElement[bool]
    if len(told) == 1:
        found = column == told[0]
    elif session.get_bind().dialect.name == "sqlite":
        each = func.json_each(bindparam(None, json.dumps(told), type_=String)).table_valued("value")
        found = column.in_(select(each.c.value))
    else:
        found = column == any_(bindparam(None, told, type_=ARRAY(String)))
    return found
