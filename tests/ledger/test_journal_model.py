"""The journal against an oracle of a few lines, on both databases at once; and proof that the search would find a bug.

The search that runs with the suite is short. The long one is ``python -m tests.ledger.soak --steps 200000 --seed 1``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from ledger import posting, queries
from ledger.store import cells, sums, writing
from ledger.store.cells import _POSTINGS
from ledger.store.raw import Raw
from ledger.store.spans import Window, window
from ledger.store.sums import _FOR_EVER, Asked, _Part, _parts_beyond
from ledger.store.writing import _CLEAR_HERE
from tests.ledger.machine import search
from tests.ledger.soak import KEPT
from tests.ledger.twins import Twins

SCRIPTS = sorted(KEPT.glob("*.json"))

Planting = Callable[[pytest.MonkeyPatch], None]


def test_the_journal_is_what_the_oracle_says_on_both_databases(run_of_tests: Path) -> None:
    before = Twins.taken
    found = search(run_of_tests, 1, examples=6)
    if found:
        raise AssertionError(json.dumps(found.script)) from found.fault
    assert Twins.taken - before > 150


def test_so_it_is_where_two_entries_are_taken_for_very_many(
    run_of_tests: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whose postings SQLite takes in beside their sealing: the search makes no act of thousands."""
    monkeypatch.setattr(writing, "_VERY_MANY", 2)
    monkeypatch.setattr(writing, "_ROWS_BESIDE", 3)
    monkeypatch.setattr(writing, "_HEADERS_AHEAD", 1)
    monkeypatch.setattr(writing, "_SEALED_AT_A_TIME", 1)
    found = search(run_of_tests, 2, examples=3)
    if found:
        raise AssertionError(json.dumps(found.script)) from found.fault


@pytest.mark.parametrize("kept", SCRIPTS, ids=[kept.stem for kept in SCRIPTS])
def test_what_a_search_once_found_stays_mended(kept: Path, run_of_tests: Path) -> None:
    twins = Twins(run_of_tests)
    try:
        for step in json.loads(kept.read_text("utf-8"))["steps"]:
            twins.take(step)
    finally:
        twins.close()


def dated_back_is_not_folded(monkeypatch: pytest.MonkeyPatch) -> None:
    text = _POSTINGS.replace("WHERE", "WHERE effective_on >= '2012-01-01' AND")
    monkeypatch.setattr(cells, "_POSTINGS", text)


def the_tail_is_cut_by_day_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    _change_rest(monkeypatch, lambda upto, _, *days: (upto, _FOR_EVER, *days))


def the_last_entry_of_a_span_is_counted_again(monkeypatch: pytest.MonkeyPatch) -> None:
    _change_rest(monkeypatch, lambda upto, place, *days: (max(upto - 1, 0), place, *days))


def a_span_is_taken_for_full_one_entry_early(monkeypatch: pytest.MonkeyPatch) -> None:
    fold = cells.fold
    monkeypatch.setattr(cells, "fold", lambda session, before, upto: fold(session, before, upto - 1))


def the_last_day_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def shorter(since: date | None, until: date | None) -> Window:
        return window(since, until and until - timedelta(days=1))

    monkeypatch.setattr(sums, "window", shorter)


def _change_rest(monkeypatch: pytest.MonkeyPatch, change: Callable[..., tuple[Any, ...]]) -> None:
    def changed(raw: Raw, asked: Asked, place: int, upto: int, since: date | None) -> Iterator[_Part]:
        for part in _parts_beyond(raw, asked, place, upto, since):
            yield part._replace(values=change(*part.values)) if part.kind == "rest" else part

    monkeypatch.setattr(sums, "_parts_beyond", changed)


def a_replay_is_posted_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posting, "_already_there", lambda *_: {})
    monkeypatch.setattr(writing, "_CLEAR_HERE", _CLEAR_HERE.replace("e.key = ?", "e.key = ? AND 0"))


def an_entry_is_reversed_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "reversal_of", lambda *_: None)


def closed_days_take_entries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posting, "refuse_closed", lambda *_: None)


def opened_accounts_are_remembered_past_a_rollback(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, remembered = writing.account_ids, dict[tuple[str, str], tuple[int, int]]()

    def account_ids(raw: Raw, wanted: dict[str, set[str]]) -> writing.Ids:
        remembered.update(asked(raw, wanted) if raw.sqlite else {})
        return remembered if raw.sqlite else asked(raw, wanted)

    monkeypatch.setattr(writing, "account_ids", account_ids)


PLANTED: list[Planting] = [
    dated_back_is_not_folded,
    the_tail_is_cut_by_day_alone,
    the_last_entry_of_a_span_is_counted_again,
    a_span_is_taken_for_full_one_entry_early,
    the_last_day_is_left_out,
    a_replay_is_posted_again,
    an_entry_is_reversed_twice,
    closed_days_take_entries,
    opened_accounts_are_remembered_past_a_rollback,
]


@pytest.mark.parametrize("plant", PLANTED, ids=[plant.__name__ for plant in PLANTED])
def test_the_search_finds_a_bug_that_was_put_in(
    plant: Planting, run_of_tests: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(monkeypatch)
    assert search(run_of_tests, 1, examples=60, steps=25, shrink=False)  # it ends with the first that finds the bug
