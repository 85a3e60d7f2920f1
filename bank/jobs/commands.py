"""A job is asked for, taken up by one worker, told of step by step, and ends; one that failed is put back."""

from __future__ import annotations

from typing import Any

from bank.jobs.model import Job, JobAttempt, JobStep
from bank.jobs.queries import JobView, job
from bank.jobs.rules import ASKERS, JobTakenOver, What, refuse_at_work
from ledger import trail
from ledger.store.holding import hold
from ledger.store.work import Work, command

_MOST_SAID = 4_000
"""Characters of an error that are kept."""


@command
def ask(work: Work, *, kind: str, arguments: dict[str, Any], key: str | None = None) -> JobView:
    """Ask for a job. Whoever offers it has checked that the actor may, and that it can be done as things stand."""
    del key
    row = Job(
        id=work.new_id("job"),
        kind=kind,
        arguments=arguments,
        asked_by_kind=work.actor.kind,
        asked_by=work.actor.id,
        asked_by_name=work.actor.name,
        asked_at=work.now,
    )
    work.session.add(row)
    work.session.flush()
    trail.record(
        work, action="job.ask", subject=row.id, kind=kind, **{f"of_{name}": arguments[name] for name in arguments}
    )
    return job(work.session, row.id, work.now)


@command
def take(work: Work, *, id: str, worker: str) -> JobView:  # noqa: A002 -- what it is known by
    """Take a job up: from now on it is this worker's. Refuses one that somebody works on; one done stays as it is."""
    hold(work.session, id)
    found = job(work.session, id, work.now)
    refuse_at_work(id, found.state, found.worker or "")
    if found.state == "done":
        trail.record(work, action="job.done-already", subject=id)
        return found
    work.session.add(JobAttempt(job=id, number=found.attempts + 1, worker=worker, taken_at=work.now))
    work.session.flush()
    trail.record(work, action="job.take", subject=id, attempt=found.attempts + 1, worker=worker, was=found.state)
    return job(work.session, id, work.now)


@command
def say(work: Work, *, id: str, attempt: int, what: What, said: str) -> JobView:  # noqa: A002 -- as above
    """Keep what a worker says of its attempt. Refuses one whose job was taken up by another meanwhile."""
    hold(work.session, id)
    found = job(work.session, id, work.now)
    if found.attempts != attempt:
        raise JobTakenOver(
            f"{id} was taken up again by {found.worker}: what attempt {attempt} does is no longer counted", job=id
        )
    _add(work, found, what, said)
    return job(work.session, id, work.now)


@command
def run_again(work: Work, *, id: str, key: str | None = None) -> JobView:  # noqa: A002 -- as above
    """Put a failed or stalled job back for a worker. One that waits already stays as it is, and so does one done.

    Takes a fund manager or the operator. Refuses a job that somebody works on.
    """
    del key
    work.actor.require(*ASKERS)
    hold(work.session, id)
    found = job(work.session, id, work.now)
    refuse_at_work(id, found.state, found.worker or "")
    if found.state in {"queued", "done"}:
        trail.record(work, action=f"job.{found.state}-already", subject=id)
        return found
    _add(work, found, "again", work.actor.name)
    return job(work.session, id, work.now)


def _add(work: Work, found: JobView, what: What, said: str) -> None:
    place = 1 + sum(step.attempt == found.attempts for step in found.history)
    work.session.add(
        JobStep(job=found.id, attempt=found.attempts, place=place, what=what, said=said[:_MOST_SAID], said_at=work.now)
    )
    work.session.flush()
    trail.record(work, action=f"job.{what}", subject=found.id, attempt=found.attempts, said=said[:_MOST_SAID])
