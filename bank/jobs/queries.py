"""The looks at jobs: one with all that was said of it, the list, and those that wait for a worker."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime

from pydantic import JsonValue
from sqlalchemy import and_, or_, select

from bank.jobs.model import Job, JobAttempt, JobStep
from bank.jobs.rules import NoSuchJob, State, What, state_of, takes_by_itself
from bank.jobs.workers import is_gone
from ledger.refusals import BadCursor
from ledger.store.database import ReadSession
from ledger.store.work import View


class StepView(View):
    """One thing said of a job."""

    attempt: int
    what: What
    said: str
    at: datetime


class JobView(View):
    """A job: what was asked, how far it is, and what came of it or why it failed."""

    id: str
    kind: str
    arguments: dict[str, JsonValue]
    state: State
    progress: tuple[str, ...]
    """The steps that the last attempt has done, in their order."""
    result: str | None
    """What came of it, by its identifier, once it is done."""
    error: str | None
    """Why the last attempt failed, as long as the job has failed."""
    attempts: int
    worker: str | None
    """Who works on it, or did last, as `machine/process`."""
    asked_by: str
    asked_by_name: str
    asked_at: datetime
    heard_at: datetime
    """When the last was said of it."""
    history: tuple[StepView, ...]


def job(session: ReadSession, id: str, now: datetime | None = None) -> JobView:  # noqa: A002 -- what it is known by
    """One job as it stands."""
    row = session.get(Job, id)
    if row is None:
        raise NoSuchJob(f"There is no job {id!r:.80}")
    return next(_shown(session, [row], now or session.now))


def jobs(session: ReadSession, *, after: str | None = None, limit: int = 100) -> list[JobView]:
    """The jobs, the latest asked for first, from after one on."""
    query = select(Job).order_by(Job.asked_at.desc(), Job.id.desc()).limit(limit)
    if after is not None:
        last = session.get(Job, after)
        if last is None:
            raise BadCursor("This cursor is not one of ours: take next_cursor of the page before, unchanged")
        query = query.where(or_(Job.asked_at < last.asked_at, and_(Job.asked_at == last.asked_at, Job.id < last.id)))
    return list(_shown(session, list(session.scalars(query)), session.now))


def waiting(session: ReadSession) -> list[JobView]:
    """The jobs that a worker may take up unasked, the longest waiting first."""
    ended = select(JobStep.job).where(JobStep.what == "done")
    rows = session.scalars(select(Job).where(Job.id.not_in(ended)).order_by(Job.asked_at, Job.id))
    return [one for one in _shown(session, list(rows), session.now) if takes_by_itself(one.state, one.attempts)]


def _shown(session: ReadSession, rows: Sequence[Job], now: datetime) -> Iterator[JobView]:
    wanted = [row.id for row in rows]
    tries: defaultdict[str, list[JobAttempt]] = defaultdict(list)
    for one in session.scalars(select(JobAttempt).where(JobAttempt.job.in_(wanted)).order_by(JobAttempt.number)):
        tries[one.job].append(one)
    steps: defaultdict[str, list[JobStep]] = defaultdict(list)
    ordered = select(JobStep).where(JobStep.job.in_(wanted)).order_by(JobStep.attempt, JobStep.place)
    for step in session.scalars(ordered):
        steps[step.job].append(step)
    for row in rows:
        yield _view(row, tries[row.id], steps[row.id], now)


def _view(row: Job, tries: Sequence[JobAttempt], steps: Sequence[JobStep], now: datetime) -> JobView:
    last = tries[-1] if tries else None
    of_last = [step for step in steps if last is not None and step.attempt == last.number]
    heard = of_last[-1].said_at if of_last else row.asked_at if last is None else last.taken_at
    told = [StepView.model_validate(_step(step)) for step in steps]
    state = state_of(
        [step.what for step in told if last is not None and step.attempt == last.number],
        attempts=len(tries),
        heard_at=heard,
        gone=last is not None and is_gone(last.worker),
        now=now,
    )
    return JobView(
        id=row.id,
        kind=row.kind,
        arguments=row.arguments,
        state=state,
        progress=tuple(step.said for step in of_last if step.what == "step"),
        result=of_last[-1].said if state == "done" else None,
        error=of_last[-1].said if state == "failed" else None,
        attempts=len(tries),
        worker=None if last is None else last.worker,
        asked_by=row.asked_by,
        asked_by_name=row.asked_by_name,
        asked_at=row.asked_at,
        heard_at=heard,
        history=tuple(told),
    )


def _step(step: JobStep) -> dict[str, object]:
    return {"attempt": step.attempt, "what": step.what, "said": step.said, "at": step.said_at}
