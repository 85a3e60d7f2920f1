"""`/v1/jobs`: how far what was asked for is, what came of it or why it failed, and a failed job put back."""

from __future__ import annotations

from fastapi import status

from bank.api.door import ActKey, FundManager, Page, Paged, TrusteeOrManager, router
from bank.jobs import commands, queries
from bank.jobs.queries import JobView

routes = router("/jobs", "jobs")


@routes.get("")
def jobs(desk: TrusteeOrManager, paged: Paged) -> Page[JobView]:
    """The jobs, the latest asked for first."""
    with desk.reading() as session:
        found = queries.jobs(session, after=paged.after, limit=paged.limit + 1)
    return paged.page(found, lambda one: one.id)


@routes.get("/{job}")
def job(desk: TrusteeOrManager, job: str) -> JobView:
    """One job: queued, running, stalled, done or failed; with its steps, and what came of it or the error."""
    with desk.reading() as session:
        return queries.job(session, job)


@routes.post("/{job}/run-again", status_code=status.HTTP_202_ACCEPTED)
def run_again(desk: FundManager, job: str, key: ActKey) -> JobView:
    """Put a failed or stalled job back, for a worker to take up."""
    return commands.run_again(desk, id=job, key=key)
