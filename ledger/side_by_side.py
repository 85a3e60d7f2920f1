"""Stretches of a long journal checked by as many processes as there are processors, each with a connection of its own.

All see the same rows: on PostgreSQL through one snapshot, which the session that checks gives away; on SQLite because
the entries up to a place never change, and the stretch without an end is checked by that session itself. What somebody
changes behind our back meanwhile is found, or was not yet done.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import CancelledError, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any, Final

from ledger import stretches
from ledger.refusals import Refusal
from ledger.replay import Chart
from ledger.store import scan
from ledger.store.database import Database, DatabaseUnusable, ReadSession
from ledger.stretches import Found, Task

WORTH = 65_536
"""Entries from which another process is worth beginning: that takes as long as to check some tens of thousands."""

MOST: Final = 2
"""Processes, however many processors there are: a check is to stay below 300 MiB, and of a million postings two take
204 on PostgreSQL and 254 on SQLite."""
AHEAD = 64
"""Stretches checked before their turn: what they came to is held until it is."""


class CheckInterrupted(Refusal):
    """A process that took part in a check ended before it answered."""

    slug = "check-interrupted"
    status = 503


class _Helper:
    """What a process that helps is given once: where the books are, through whose eyes to look, and the chart."""

    def __init__(self, url: str, shared: str, books: Sequence[scan.Row], accounts: Sequence[scan.Row]) -> None:
        self._url = url
        self._shared = shared
        self._chart = Chart(books, accounts)
        self._database: Database | None = None

    def check(self, task: Task) -> Found:
        """Check a stretch in a transaction of its own."""
        self._database = self._database or Database.open(self._url)
        with self._database.reading() as session:
            if self._shared:
                scan.look_through(session, self._shared)
            return stretches.check(session, self._chart, task)


_helping: list[_Helper] = []


def in_order(
    session: ReadSession, books: Sequence[scan.Row], accounts: Sequence[scan.Row], cut: Sequence[Task]
) -> Generator[Found]:
    """What each stretch comes to, in the order of the journal; to be closed by whoever wants no more of it.

    Refuses with `CheckInterrupted` when a process dies.
    """
    chart = Chart(books, accounts)
    beside, shared = helpers(session, cut), ""
    if beside and session.connection().dialect.name != scan.SQLITE:
        shared = scan.snapshot(session)
        beside = beside if shared else 0
    if not beside or session.database is None:
        yield from (stretches.check(session, chart, task) for task in cut)
        return
    url = session.database.engine.url.render_as_string(hide_password=False)
    with ProcessPoolExecutor(
        beside, multiprocessing.get_context("spawn"), _begin, (url, shared, books, accounts)
    ) as pool:
        try:
            # The last stretch is ours, for it has no end: on SQLite, others might see what has been added since.
            asked = [_asked(pool, task) for task in cut[:-1]]
            yield from shared_out(lambda task: stretches.check(session, chart, task), cut, asked)
        except BrokenProcessPool as died:
            raise CheckInterrupted(
                "The check was not finished: a process that took part in it was ended from outside, as a machine "
                "does that runs out of memory. Nothing is known of the books from it: check them again"
            ) from died
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def helpers(session: ReadSession, cut: Sequence[Task]) -> int:
    """How many processes help this one: none with a short journal, in open work, or where none may be begun."""
    affinity: Callable[[int], Any] | None = getattr(os, "sched_getaffinity", None)
    processors = len(affinity(0)) if affinity else os.cpu_count() or 1
    if session.database is None or multiprocessing.current_process().daemon:
        return 0
    return min(processors, MOST, len(cut)) - 1 if (cut[-1].span.after or 0) >= WORTH else 0


def _begin(url: str, shared: str, books: Sequence[scan.Row], accounts: Sequence[scan.Row]) -> None:
    _helping.append(_Helper(url, shared, books, accounts))


def _check(task: Task) -> Found:
    return _helping[0].check(task)


def _asked(pool: ProcessPoolExecutor, task: Task) -> Future[Found]:
    """A stretch that waits for whoever takes it first; one that no process can be begun for is left to us."""
    try:
        return pool.submit(_check, task)
    except OSError:
        ours: Future[Found] = Future()
        return ours


def shared_out(check: Callable[[Task], Found], cut: Sequence[Task], asked: Sequence[Future[Found]]) -> Iterator[Found]:
    """Wait for nobody while there is a stretch that nobody has begun: check it here."""
    done: dict[int, Found] = {}
    begun = 0
    for number, task in enumerate(cut):
        while number not in done and number < len(asked) and not asked[number].done():
            while begun < min(len(asked), number + AHEAD) and not asked[begun].cancel():
                begun += 1
            if begun == min(len(asked), number + AHEAD):
                break
            done[begun] = check(cut[begun])
            begun += 1
        found = done.pop(number, None)
        if found is None and number < len(asked):
            try:
                found = asked[number].result()
            except (CancelledError, DatabaseUnusable):
                found = None  # whoever helps cannot open the books: we can
        yield check(task) if found is None else found
