"""Rows of many kinds told at once, against the same rows told one by one by the library that knows every type."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Table, insert, select
from sqlalchemy.exc import DBAPIError

from bank.wiring import OPERATOR
from ledger.store.columns import Base
from ledger.store.database import Database
from ledger.store.many import _in_copy, insert_many, insert_unless_there
from ledger.store.work import Desk, Work

NOW: Final = datetime(2012, 4, 1, 9, 30, 0, 250_000, tzinfo=UTC)
SIGNS: Final = (
    "plain",
    "",
    "\t",
    "\n",
    "\r",
    "\\",
    r"\N",
    r"\.",
    "a\tb\\n",
    "£ é ü",
    "\u2028",
    "'\"",
    "%s ?",
    "{}",
    "NULL",
)


def _trail(number: int) -> dict[str, Any]:
    told = SIGNS[number % len(SIGNS)]
    return {
        "recorded_at": NOW + timedelta(microseconds=number),
        "actor_kind": "person",
        "actor": f"per_{number}",
        "actor_name": told,
        "credential": None if number % 3 else told,
        "action": "test",
        "subject": str(number),
        "reason": told * 2,
        "facts": {"said": told, "number": number, "nothing": None},
    }


def _policy(number: int) -> dict[str, Any]:
    return {
        "id": f"qup_{number:03d}",
        "stops": bool(number % 2),
        "from_on": date(2012, 1, 1) + timedelta(days=number),
        "basis": SIGNS[number % len(SIGNS)],
        "proposed_by": "per_1",
        "recorded_at": NOW,
    }


def _load(number: int) -> dict[str, Any]:
    return {
        "number": number + 1,
        "id": f"pla_{number}",
        "kind": "deprivation",
        "edition": f"Edition {number}",
        "nation": None,
        "lsoa_vintage": None if number % 2 else 2011,
        "published_on": date(2011, 3, 24),
        "sha256": "0" * 64,
        "source": SIGNS[number % len(SIGNS)],
        "licence": "OGL",
        "loaded_at": NOW,
        "loaded_by": "per_1",
    }


KINDS: Final = {"trail": _trail, "question_policy": _policy, "place_load": _load}


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database, OPERATOR)


def _table(name: str) -> Table:
    return Base.metadata.tables[name]


def _there(work: Work, table: Table, columns: Sequence[str]) -> list[Mapping[str, Any]]:
    asked = [table.c[name] for name in columns]
    return [dict(row) for row in work.session.execute(select(*asked).order_by(*table.primary_key.columns)).mappings()]


@pytest.mark.parametrize("name", KINDS)
def test_rows_told_at_once_are_those_told_one_by_one(desk: Desk, name: str) -> None:
    table = _table(name)
    with desk.database.writing() as session:
        work = Work(session, desk.database, OPERATOR, NOW)
        already = _there(work, table, list(KINDS[name](0)))
        for count in (1, 19, 20, 21, 64):
            rows = [KINDS[name](number) for number in range(count)]
            with session.begin_nested() as one_by_one:
                for row in rows:
                    session.execute(insert(table), [row])
                wanted = _there(work, table, list(rows[0]))
                one_by_one.rollback()
            with session.begin_nested() as at_once:
                insert_many(session, table, rows)
                assert _there(work, table, list(rows[0])) == wanted == already + rows
                at_once.rollback()


@pytest.mark.parametrize("count", [3, 47])
def test_what_somebody_has_taken_is_left_as_it_is_and_not_counted(desk: Desk, engine: str, count: int) -> None:
    """SQLite has one writer, who has looked: there the guard of the table says that the row is there already."""
    table, rows = _table("question_policy"), [_policy(number) for number in range(count)]
    taken = [rows[1] | {"basis": "as it was"}, rows[-1] | {"basis": "as it was"}]
    with desk.database.writing() as session:
        work = Work(session, desk.database, OPERATOR, NOW)
        session.execute(insert(table), taken)
        assert insert_unless_there(session, table, [_policy(900 + number) for number in range(count)]) == count
        if engine == "sqlite":
            with pytest.raises(DBAPIError, match="is already there"), session.begin_nested():
                insert_unless_there(session, table, rows)
            return
        assert insert_unless_there(session, table, rows) == count - 2
        assert insert_unless_there(session, table, rows) == 0
        assert _there(work, table, list(rows[0]))[:count] == [rows[0], taken[0], *rows[2:-1], taken[1]]


def test_nothing_is_told_of_no_rows(desk: Desk) -> None:
    table = _table("question_policy")
    with desk.database.writing() as session:
        insert_many(session, table, [])
        assert insert_unless_there(session, table, []) == 0
        assert session.execute(select(table)).all() == []


@pytest.mark.parametrize("count", [2, 40])
def test_one_wrong_row_lets_none_in(desk: Desk, count: int) -> None:
    table, rows = _table("question_policy"), [_policy(number) for number in range(count)]
    with desk.database.writing() as session:
        with pytest.raises(DBAPIError), session.begin_nested():
            insert_many(session, table, [*rows, rows[0]])
        assert session.execute(select(table)).all() == []


def test_rows_of_other_columns_are_refused(desk: Desk) -> None:
    table, rows = _table("question_policy"), [_policy(number) for number in range(30)]
    del rows[7]["basis"]
    with desk.database.writing() as session, pytest.raises(ValueError, match="question_policy that have not all"):
        insert_many(session, table, rows)
    rows[7]["other"] = ""
    with desk.database.writing() as session, pytest.raises(KeyError, match="basis"):
        insert_unless_there(session, table, rows)


_CELLS: Final = st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1), st.text(alphabet="a\\\t\n\rN."), st.binary())


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.lists(st.text(alphabet="ab\\\t\n\rN.")), st.lists(st.integers()), st.lists(_CELLS)))
def test_a_column_in_the_servers_own_text_reads_back_as_it_was(values: list[Any]) -> None:
    """Read back by the server's own rule: a backslash and what follows it, and nothing else, means something else."""
    plain = {"t": "\t", "n": "\n", "r": "\r", "\\": "\\"}
    for value, told in zip(values, _in_copy(values), strict=True):
        assert not {"\t", "\n", "\r"}.intersection(told)
        if value is None:
            assert told == r"\N"
            continue
        signs, read = iter(told), ""
        for sign in signs:
            read += plain[next(signs)] if sign == "\\" else sign
        assert read == (f"\\x{value.hex()}" if isinstance(value, bytes) else str(value))
