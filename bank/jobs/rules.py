"""What state a job is in, and when it may be taken up: decided from what was said of it, and from the clock."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, Literal

from ledger.refusals import NotFound, Refusal

State = Literal["queued", "running", "stalled", "done", "failed"]
What = Literal["step", "done", "failed", "again"]

ASKERS: Final = ("fund-manager", "operator")
"""Who may ask for a failed job to be run again."""

STALLED_AFTER: Final = timedelta(minutes=10)
"""A worker that has said nothing for so long is taken for dead. The longest step, typesetting, is given up after four
minutes."""
TRIED_UNASKED: Final = 3
"""So often a job is taken up again by itself when its worker died. One that kills each worker waits for a person."""


class NoSuchJob(NotFound):
    """No job of this id."""

    slug = "no-such-job"


class JobAtWork(Refusal):
    """A worker has the job in hand."""

    slug = "job-at-work"
    status = 409


class JobTakenOver(Refusal):
    """A worker that was taken for dead goes on with a job that another has taken up since."""

    slug = "job-taken-over"
    status = 409


def state_of(said: Sequence[What], *, attempts: int, heard_at: datetime, gone: bool, now: datetime) -> State:
    """The state of a job: `said` is what was said of its last attempt, the last of it at `heard_at`.

    `gone` tells that the worker is known to be dead, for whoever can see its process; others wait for `STALLED_AFTER`.
    """
    last = said[-1] if said else "step"
    if attempts == 0 or last == "again":
        return "queued"
    if last in {"done", "failed"}:
        return last
    return "stalled" if gone or now - heard_at > STALLED_AFTER else "running"


def takes_by_itself(state: State, attempts: int) -> bool:
    """Whether a worker takes the job up unasked: it waits, or its worker died, and not each time."""
    return state == "queued" or (state == "stalled" and attempts < TRIED_UNASKED)


def refuse_at_work(job: str, state: State, worker: str) -> None:
    """Pass for a job that nobody works on."""
    if state == "running":
        raise JobAtWork(
            f"{job} is being done by {worker}: look at it with `bank job show {job}`; should the worker be dead, it "
            f"can be run again {STALLED_AFTER.seconds // 60} minutes after it was last heard of",
            job=job,
            worker=worker,
        )
