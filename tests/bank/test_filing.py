"""Filing at once: one statement however many file it, and a number of its own for each that differs."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from bank.publishing.commands import Draft, Wanted, drafted, file_statement
from bank.publishing.queries import StatementView, statement, statements
from ledger.dates import SetClock
from ledger.store.database import Database
from tests import databases
from tests.bank import institution
from tests.bank.institution import Q1, Institution

_AT_ONCE = 6


@pytest.fixture
def began() -> databases.Began:
    return "one-quarter"


@pytest.fixture
def bank(database: Database, clock: SetClock, run_of_tests: Path) -> Institution:
    """The institution with its first quarter closed."""
    return institution.after_one_quarter(database, clock, run_of_tests)


def at_once(acts: list[Callable[[], StatementView]]) -> list[StatementView]:
    with ThreadPoolExecutor(len(acts)) as pool:
        return [done.result() for done in [pool.submit(act) for act in acts]]


def draft(bank: Institution, seconds_ago: int = 0) -> Draft:
    with bank.database.reading() as session:
        return drafted(session, Wanted("impact", Q1, bank.clock.now() - timedelta(seconds=seconds_ago)))


def test_one_statement_filed_by_many_at_once_is_one(bank: Institution) -> None:
    made, desk = draft(bank), bank.desk("fay")
    filed = at_once([lambda: file_statement(desk, made, b"the pages")] * _AT_ONCE)
    assert len({view.model_dump_json() for view in filed}) == 1
    with bank.database.reading() as session:
        assert [view.id for view in statements(session)] == [made.id]
        assert statement(session, made.id).pdf == b"the pages"


def test_statements_of_one_quarter_filed_at_once_have_each_a_number(bank: Institution) -> None:
    desk = bank.desk("fay")
    made = [draft(bank, seconds) for seconds in range(_AT_ONCE)]
    filed = at_once([lambda one=one: file_statement(desk, one, b"the pages") for one in made])  # type: ignore[misc]
    assert sorted(view.number for view in filed) == list(range(1, _AT_ONCE + 1))
    assert len({view.id for view in filed}) == _AT_ONCE
