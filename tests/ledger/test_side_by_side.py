"""A journal checked by several processes is judged as by one, and a process that dies is never taken for an answer."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from pathlib import Path
from typing import Any, NoReturn

import pytest

from ledger import side_by_side, stretches
from ledger.dates import SetClock
from ledger.side_by_side import CheckInterrupted
from ledger.store.database import Database, DatabaseUnusable
from ledger.store.scan import Span
from ledger.stretches import Found, Task
from ledger.verification import Verdict, verify
from tests import databases
from tests.ledger import tampering
from tests.ledger.tampering import changed_for_all


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def laid_open(
    request: pytest.FixtureRequest, run_of_tests: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """Books of nine entries without a single guard."""
    with databases.prepared(request.param, run_of_tests, tmp_path_factory.mktemp("side_by_side")) as url:
        clock = SetClock(databases.OPENING)
        opened = Database.open(url, clock=clock, compiled=databases.COMPILED)
        tampering.lived_in(opened, clock)
        tampering.take_guards_away(opened)
        yield opened
        opened.close()


@pytest.fixture
def checked_here(monkeypatch: pytest.MonkeyPatch) -> list[Task]:
    """Stretches of two entries, each but the last left to another process; which were checked here after all."""
    checked: list[Task] = []
    check = stretches.check

    def noted(session: Any, chart: Any, task: Task) -> Found:
        checked.append(task)
        return check(session, chart, task)

    monkeypatch.setattr(stretches, "STRETCH", 2)
    monkeypatch.setattr(stretches, "check", noted)
    monkeypatch.setattr(side_by_side, "WORTH", 0)
    monkeypatch.setattr(side_by_side, "AHEAD", 0)
    monkeypatch.setattr(side_by_side, "helpers", lambda *_: 1)
    return checked


def by_one(database: Database) -> Verdict:
    with pytest.MonkeyPatch.context() as alone, database.reading() as session:
        alone.setattr(side_by_side, "helpers", lambda *_: 0)
        return verify(session)


CHANGES = [
    ("UPDATE entry SET key = 'b' WHERE id = 3", "UPDATE entry SET key = 'b0' WHERE id = 3", 3),
    (
        "UPDATE posting SET entry_id = 3 WHERE entry_id = 4 AND leg = 2",
        "UPDATE posting SET entry_id = 4 WHERE entry_id = 3 AND effective_on = '2012-01-10'",
        3,
    ),
    ("UPDATE entry SET id = 99 WHERE id = 5", "UPDATE entry SET id = 5 WHERE id = 99", 5),
    ("UPDATE book SET name = 'nobody seals it'", "UPDATE book SET name = 'nor this'", None),
]


@pytest.mark.parametrize(("change", "back", "place"), CHANGES)
def test_several_processes_name_the_same_first_entry(
    laid_open: Database, checked_here: list[Task], change: str, back: str, place: int | None
) -> None:
    with changed_for_all(laid_open, change, back):
        alone = by_one(laid_open)
        checked_here.clear()
        with laid_open.reading() as session:
            together = verify(session)
    assert together == alone
    assert (together.holds, together.seq) == (place is None, place)
    assert [task.span.upto for task in checked_here] == ([] if place else [None])


def test_a_process_that_dies_is_no_answer(
    laid_open: Database, checked_here: list[Task], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(side_by_side, "_check", tampering.killed)
    with laid_open.reading() as session, pytest.raises(CheckInterrupted, match="check them again"):
        verify(session)
    assert checked_here == []


def test_where_no_process_can_be_begun_one_does_it_all(
    laid_open: Database, checked_here: list[Task], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> NoReturn:
        raise OSError("no more processes")

    monkeypatch.setattr(side_by_side, "AHEAD", 64)
    monkeypatch.setattr(ProcessPoolExecutor, "submit", refused)
    with laid_open.reading() as session:
        verdict = verify(session)
    assert (verdict.holds, verdict.entries) == (True, 9)
    assert [task.span.upto for task in checked_here][-1] is None
    assert len(checked_here) >= 5


def test_every_stretch_is_told_once_and_in_order() -> None:
    """Whatever became of it: taken back before it was begun, done elsewhere already, or refused there."""

    def found(task: Task) -> Found:
        return Found(task.span.after or 0, task.span.upto or 0, b"", [], [], {}, None, None)

    cut = [Task(Span(after, after + 1), "") for after in range(6)]
    asked: list[Future[Found]] = [Future() for _ in cut[:-1]]
    asked[1].set_result(found(cut[1]))
    asked[2].set_exception(DatabaseUnusable("too many connections"))
    here = []

    def check(task: Task) -> Found:
        here.append(task)
        return found(task)

    told = list(side_by_side.shared_out(check, cut, asked))
    assert told == [found(task) for task in cut]
    assert sorted(here) == [cut[0], *cut[2:]]


def test_a_short_journal_and_open_work_are_left_to_one(laid_open: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda _: set(range(64)), raising=False)
    long = [Task(Span(None, 70_000), ""), *(Task(Span(70_000 + each, None), "") for each in range(9))]
    with laid_open.reading() as session, laid_open.writing() as work:
        assert side_by_side.helpers(session, long) == side_by_side.MOST - 1
        assert side_by_side.helpers(session, long[:1]) == 0
        assert side_by_side.helpers(work, long) == 0


def test_a_journal_is_cut_evenly_and_where_quarters_were_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each stretch is told what was closed before it; an event that comes out of its order closes nothing."""
    monkeypatch.setattr(stretches, "STRETCH", 4)
    events: list[tuple[Any, ...]] = [
        (1, "2012Q1", "2012-03-31", "soft-closed", "", "", 3),
        (2, "2012Q1", "2012-03-31", "closed", "", "", 5),
        (3, "2012Q2", "2012-06-30", "closed", "", "", 9),
        (4, "2012Q3", "2012-09-30", "closed", "", "", 2),
    ]
    first, second = "2012-03-31", "2012-06-30"
    cut = [(None, 3, ""), (3, 4, ""), (4, 5, ""), (5, 8, first), (8, 9, first), (9, None, second)]
    assert stretches.tasks(10, events) == [Task(Span(after, upto), closed) for after, upto, closed in cut]
