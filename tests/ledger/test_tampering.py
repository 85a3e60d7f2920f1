"""The check of the journal finds whatever an owner changes behind our back: every field of every row, and every row.

The nine entries are checked in stretches of two, so that every fault lies at an edge or beside one; on SQLite, where
that costs little, in a single stretch as well, and both must say the same.
"""

from __future__ import annotations

import gc
import inspect
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import text

from ledger import side_by_side, stretches, verification
from ledger.dates import SetClock
from ledger.identifiers import CountedIdentifiers
from ledger.store import cells, scan, writing
from ledger.store.database import Database, ReadSession
from ledger.store.raw import Raw
from ledger.verification import Verdict
from tests import databases
from tests.ledger import tampering
from tests.ledger.tampering import TABLES, behind_our_back, columns, put, put_in, rows, take_out

FREE: Final = {("book", "name"), ("book", "opened_at"), ("account", "name"), ("account", "opened_at")}
"""What may change without a figure changing is sealed nowhere: what a book or an account is called, and since when."""

LOOKING: Final = {module.__file__ for module in (scan, side_by_side, stretches, verification)}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def laid_open(
    request: pytest.FixtureRequest, run_of_tests: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """Books that have seen everything, without a single guard; every change to them is taken back."""
    with databases.prepared(request.param, run_of_tests, tmp_path_factory.mktemp("laid_open")) as url:
        clock = SetClock(databases.OPENING)
        opened = Database.open(
            url, clock=clock, identifiers=CountedIdentifiers("laid open"), compiled=databases.COMPILED
        )
        with pytest.MonkeyPatch.context() as small:
            small.setattr(cells, "SPAN", 4)
            tampering.lived_in(opened, clock)
            tampering.take_guards_away(opened)
            yield opened
        opened.close()


def verify(session: ReadSession) -> Verdict:
    """What the check says, in short stretches; in one, it must say the same."""
    with pytest.MonkeyPatch.context() as short:
        short.setattr(stretches, "STRETCH", 2)
        verdict = verification.verify(session)
    if session.connection().dialect.name == "sqlite":
        assert verification.verify(session) == verdict
    return verdict


def others(value: Any, column: str) -> Iterator[Any]:
    """Values that are not this one, as near to it as can be, and as far."""
    if value is None:
        yield "2012-01-01" if column.endswith("_on") else 1
    elif isinstance(value, int):
        yield from (value + 1, -value if value else 7, value + 100)
    elif isinstance(value, datetime):
        yield value + timedelta(microseconds=1)
    elif isinstance(value, date):
        yield value + timedelta(days=1)
    elif isinstance(value, bytes | memoryview):
        raw = bytes(value)
        yield from (raw[:-1] + bytes([raw[-1] ^ 1]), bytes([raw[0] ^ 128]) + raw[1:], raw[:-1])
    elif column.endswith(("_on", "_at")):
        yield value[:9] + ("1" if value[9] != "1" else "2") + value[10:]
    else:
        yield from (f"{value[:-1]}~", value[1:] or "y")


def unlocatable(session: ReadSession, table: str, row: dict[str, Any], column: str) -> bool:
    """Whether nothing in the books refers to what is changed: the number of an account that nothing was posted to."""
    if (table, column) != ("account", "id"):
        return False
    used = session.scalar(text("SELECT count(*) FROM posting WHERE account_id = :id"), {"id": row["id"]})
    return not used


def named_for(session: ReadSession, table: str, row: dict[str, Any], column: str, value: Any) -> set[int | None] | None:
    """The places that may be named for a change of this field; None when any, or none, may be."""
    named: set[int | None] | None = None
    if table == "entry":
        named = {row["id"], value} if column == "id" else {row["id"]}
    elif table == "posting":
        moved_ahead = column == "entry_id" and 0 < value < row["entry_id"]
        named = {value if moved_ahead else row["entry_id"]}
    elif (table == "mark" and column != "upto_seq") or (
        table == "quarter_event" and column in {"root", "trial_balance"}
    ):
        named = {row["upto_seq"]}
    elif (table, column) in {("account", "id"), ("account", "book_id"), ("account", "code")}:
        named = {session.scalar(text("SELECT min(entry_id) FROM posting WHERE account_id = :id"), {"id": row["id"]})}
    elif (table, column) in {("book", "id"), ("book", "code")}:
        first = text("SELECT min(id) FROM entry WHERE book_id = :id")
        named = {session.scalar(first, {"id": number}) for number in {row["id"], value} if isinstance(number, int)}
    return named


def tried_rows(session: ReadSession, table: str) -> list[dict[str, Any]]:
    """Every row; of the many accounts that nothing was posted to, some."""
    used = set(session.scalars(text("SELECT account_id FROM posting")))
    return [row for row in rows(session, table) if table != "account" or row["id"] in used or row["id"] % 7 == 0]


def test_the_books_hold_before_anything_is_done_to_them(laid_open: Database) -> None:
    with behind_our_back(laid_open) as session:
        verdict = verify(session)
        found = {table: len(rows(session, table)) for table in TABLES}
    assert verdict.holds, verdict
    assert found["entry"] == 9
    assert min(found.values()) > 0, found


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE posting SET leg = NULL WHERE entry_id = 2 AND leg = 2",
        "UPDATE posting SET leg = NULL WHERE entry_id = 2",
        "UPDATE posting SET account_id = NULL WHERE entry_id = 2 AND leg = 2",
        "UPDATE posting SET amount = NULL WHERE entry_id = 2 AND leg = 2",
        (
            "INSERT INTO posting (entry_id, leg, legs, book_id, account_id, amount, effective_on, seq) "
            "SELECT entry_id, NULL, legs, book_id, account_id, 0, effective_on, seq FROM posting WHERE entry_id = 2"
        ),
    ],
)
def test_a_leg_without_a_value_is_found_though_it_falls_out_of_what_is_put_together(
    laid_open: Database, change: str
) -> None:
    with behind_our_back(laid_open) as session:
        session.execute(text(change))
        verdict = verify(session)
    assert (verdict.holds, verdict.seq) == (False, 2), verdict


@pytest.mark.parametrize("table", TABLES)
def test_any_field_changed_is_found_and_its_entry_named(laid_open: Database, table: str) -> None:
    missed: list[str] = []
    tried, tries = (
        0,
        3 if laid_open.dialect == "sqlite" else 1,
    )  # the check is one, and there each takes ten times as long
    with behind_our_back(laid_open) as session:
        for row in tried_rows(session, table):
            for column in columns(table):
                if (table, column) in FREE or unlocatable(session, table, row, column):
                    continue
                for value in islice(others(row[column], column), tries):
                    tried += 1
                    named = named_for(session, table, row, column, value)
                    verdict = changed(session, table, row, column, value)
                    if verdict.holds or (named is not None and verdict.seq not in named):
                        missed.append(f"{table}.{column} of {row} to {value!r}: {verdict}")
    assert missed == []
    assert tried > 0


def changed(session: ReadSession, table: str, row: dict[str, Any], column: str, value: Any) -> Verdict:
    """What the check says while one field of one row is another."""
    with session.begin_nested() as here:
        put(session, table, row["row_id"], column, value)
        verdict = verify(session)
        here.rollback()
    return verdict


@pytest.mark.parametrize("place", [2**62, -1, -(2**62)])
def test_a_head_beyond_all_that_there_is_or_below_nothing_is_found_and_not_followed(
    laid_open: Database, place: int
) -> None:
    with behind_our_back(laid_open) as session:
        (row,) = rows(session, "journal_head")
        verdict = changed(session, "journal_head", row, "seq", place)
    assert not verdict.holds


def test_a_last_entry_and_a_head_that_were_both_put_far_away_are_found_and_not_followed(laid_open: Database) -> None:
    with behind_our_back(laid_open) as session:
        (row,) = rows(session, "journal_head")
        last = max(rows(session, "entry"), key=lambda entry: entry["seq"])
        put(session, "entry", last["row_id"], "seq", 2**52)
        verdict = changed(session, "journal_head", row, "seq", 2**52)
    assert not verdict.holds


@pytest.mark.parametrize("table", TABLES)
def test_any_row_removed_or_there_twice_is_found(laid_open: Database, table: str) -> None:
    missed: list[str] = []
    with behind_our_back(laid_open) as session:
        for row in tried_rows(session, table):
            with session.begin_nested() as here:
                take_out(session, table, row["row_id"])
                gone = verify(session)
                here.rollback()
            with session.begin_nested() as here:
                put_in(session, table, row)
                twice = verify(session)
                here.rollback()
            if table in {"entry", "posting"}:
                place = row["id" if table == "entry" else "entry_id"]
                missed += [f"{row} named as {found.seq}" for found in (gone, twice) if found.seq != place]
            missed += [f"{row}: {found}" for found in (gone, twice) if found.holds]
    assert missed == []


@pytest.mark.parametrize("table", ["entry", "posting"])
def test_a_field_swapped_between_two_rows_is_found(laid_open: Database, table: str) -> None:
    missed: list[str] = []
    with behind_our_back(laid_open) as session:
        found = rows(session, table)
        pairs = [(one, other) for index, one in enumerate(found) for other in found[index + 1 :: 4]]
        for column in columns(table):
            for one, other in pairs:
                if one[column] == other[column]:
                    continue
                with session.begin_nested() as here:
                    put(session, table, one["row_id"], column, other[column])
                    put(session, table, other["row_id"], column, one[column])
                    verdict = verify(session)
                    here.rollback()
                first = min(row["id" if table == "entry" else "entry_id"] for row in (one, other))
                if verdict.holds or verdict.seq != first:
                    missed.append(f"{column} of {one} and {other}: {verdict}")
    assert missed == []


@pytest.mark.parametrize("value", ["CAST(x'ff41' AS TEXT)", "x'0041'", "7", "1.5", "NULL"])
def test_a_value_of_another_kind_is_a_fault_and_never_a_crash(laid_open: Database, value: str) -> None:
    if laid_open.dialect != "sqlite":
        pytest.skip("PostgreSQL holds every column to its type")
    missed: list[str] = []
    with behind_our_back(laid_open) as session:
        for table in TABLES:
            row = rows(session, table)[-1]
            for column in columns(table):
                if (table, column) in FREE or unlocatable(session, table, row, column):
                    continue
                before = session.scalar(text(f"SELECT {column} FROM {table} WHERE rowid = {row['row_id']}"))  # noqa: S608 -- our tables' names
                with session.begin_nested() as here:
                    session.execute(text(f"UPDATE {table} SET {column} = {value} WHERE rowid = {row['row_id']}"))  # noqa: S608 -- our tables' names
                    verdict = verify(session)
                    here.rollback()
                same = (value, before) in {("7", 7), ("NULL", None)}
                missed += [f"{table}.{column}: {verdict}"] if verdict.holds and not same else []
    assert missed == []


@pytest.mark.parametrize("table", ["posting", "quarter_event"])
def test_a_check_that_ended_early_leaves_no_question_open(laid_open: Database, table: str) -> None:
    """Left to the collector of rubbish, it would end at any later time, and with it what the next check asks."""
    if laid_open.dialect != "sqlite":
        pytest.skip("PostgreSQL gives every question a cursor of its own, and holds every column to its type")
    gc.collect()
    gc.disable()
    try:
        with behind_our_back(laid_open) as session:
            first, last = (rows(session, table)[end] for end in (0, -1))
            for column, row in ((column, row) for column in columns(table) for row in (first, last)):
                with session.begin_nested() as here:
                    no_text = f"UPDATE {table} SET {column} = CAST(x'ff41' AS TEXT) WHERE rowid = {row['row_id']}"  # noqa: S608 -- our tables' names
                    session.execute(text(no_text))
                    holds = verify(session).holds
                    asked = [one for one in gc.get_objects() if inspect.isgenerator(one) and one.gi_frame]
                    assert [one for one in asked if one.gi_code.co_filename in LOOKING] == [], column
                    assert not holds, column
                    here.rollback()
    finally:
        gc.enable()


@pytest.mark.parametrize("entries", [1, 2])
def test_a_second_reversal_is_found_however_well_it_was_sealed(laid_open: Database, entries: int) -> None:
    """Whoever can put one in can seal it as it should be, and move the head: only that it is the second is wrong."""
    with behind_our_back(laid_open) as session:
        undone = session.scalar(text("SELECT reverses FROM entry WHERE reverses IS NOT NULL"))
        between = [tampering.entry(f"more {number}", date(2012, 7, 2), 3) for number in range(1, entries)]
        again = replace(
            tampering.entry("again", date(2012, 7, 2), -7), kind="reversal", reverses=undone, description="Undone again"
        )
        raw = Raw.within(session)
        head = writing.take_head(raw)
        acts = [writing.Act(one, "somebody", head.recorded_at + timedelta(days=1)) for one in (*between, again)]
        writing.place(raw, head, acts, writing.account_ids(raw, writing.codes_of([again])))
        verdict = verify(session)
    assert (verdict.holds, verdict.seq) == (False, 9 + entries)
    assert "was reversed already" in verdict.fault
