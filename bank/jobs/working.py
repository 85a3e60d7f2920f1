"""A worker: takes a job up, does it as whoever asked for it, says each step, and keeps what came of it or the error."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from threading import Event
from typing import Any, Final

from bank.jobs import commands, queries
from bank.jobs.model import Job
from bank.jobs.queries import JobView
from bank.jobs.rules import JobAtWork
from bank.jobs.workers import this_worker
from bank.people.queries import actor_of_person
from bank.wiring import OPERATOR
from ledger.refusals import Refusal
from ledger.store.work import Desk
from ledger.words import readable

Say = Callable[[str], None]
"""Told each step once it is done."""
Act = Callable[[Desk, Mapping[str, Any], Say], str]
"""Does a job at the desk of whoever asked for it, and answers what came of it by its identifier.

It may be begun again after it was broken off anywhere, and must then come to the same, once.
"""

REST_S: Final = 2.0
"""How long a worker rests when nothing waits, in seconds."""


def work_on(desk: Desk, id: str, act: Act, *, heard: Say | None = None) -> JobView:  # noqa: A002 -- what it is known by
    """Take one job up and do it; `heard` is told each step as well. Its answer is the job as it ended: done.

    An error is kept with the job, which has then failed, and raised again. Refuses a job that somebody works on.
    """
    taken = commands.take(desk, id=id, worker=this_worker())
    return taken if taken.state == "done" else _done(desk, taken, act, heard)


def _done(desk: Desk, taken: JobView, act: Act, heard: Say | None = None) -> JobView:
    """Do a job that this worker has taken up, to its end."""
    attempt = taken.attempts

    def say(step: str) -> None:
        commands.say(desk, id=taken.id, attempt=attempt, what="step", said=step)
        if heard is not None:
            heard(step)

    try:
        came_of_it = act(_desk_of_asker(desk, taken.id), taken.arguments, say)
    except Exception as fault:
        told = readable(fault.sentence if isinstance(fault, Refusal) else f"{type(fault).__name__}: {fault}")
        commands.say(desk, id=taken.id, attempt=attempt, what="failed", said=told)
        raise
    return commands.say(desk, id=taken.id, attempt=attempt, what="done", said=came_of_it)


def work_on_next(desk: Desk, acts: Mapping[str, Act], failed: Callable[[str, Exception], None]) -> JobView | None:
    """Do the job that has waited longest, if any does; `failed` is told of one that did not come to its end.

    A job that another worker takes first, or has done meanwhile, is left to it.
    """
    with desk.reading() as session:
        waiting = [one for one in queries.waiting(session) if one.kind in acts]
    for one in waiting:
        try:
            taken = commands.take(desk, id=one.id, worker=this_worker())
        except JobAtWork:
            continue
        if taken.state == "done":
            continue
        try:
            return _done(desk, taken, acts[one.kind])
        except Exception as fault:  # noqa: BLE001 -- whatever it is, it is kept with the job, and the worker goes on
            failed(one.id, fault)
            with desk.reading() as session:
                return queries.job(session, one.id)
    return None


def work_until(
    desk: Desk,
    acts: Mapping[str, Act],
    stop: Event,
    *,
    told: Callable[[JobView], None],
    failed: Callable[[str, Exception], None],
) -> None:
    """Do whatever waits until told to stop; the job in hand is then done to its end."""
    while not stop.is_set():
        done = work_on_next(desk, acts, failed)
        if done is None:
            stop.wait(REST_S)
        else:
            told(done)


def _desk_of_asker(desk: Desk, id: str) -> Desk:  # noqa: A002 -- as above
    """A desk at which whoever asked for the job sits, with the roles they have today."""
    with desk.reading() as session:
        row = session.get_one(Job, id)
        return Desk(
            desk.database, OPERATOR if row.asked_by_kind == "operator" else actor_of_person(session, row.asked_by)
        )
