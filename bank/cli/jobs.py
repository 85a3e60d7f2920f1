"""`bank job …`: what was asked for and how far it is, a failed one run again, and the worker that does what waits."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from bank.cli.answers import Format, FormatOption, show
from bank.cli.desk import desk, told_to_stop
from bank.jobs import commands, queries
from bank.jobs.queries import JobView

app = typer.Typer(help="Jobs: statements being published, step by step.", no_args_is_help=True)

JobArgument = Annotated[str, typer.Argument(metavar="JOB", help="The job's identifier, job_…")]

_COLUMNS = ("id", "kind", "state", "progress", "attempts", "asked_by_name", "asked_at", "result")
_READERS = ("fund-manager", "trustee")


@app.command("list")
def list_(
    context: typer.Context,
    *,
    limit: Annotated[int, typer.Option("--limit", min=1, max=500, help="How many, the latest first.")] = 50,
    form: FormatOption = Format.TABLE,
) -> None:
    """The jobs, the latest asked for first, and the state of each."""
    with desk(context, *_READERS) as here, here.reading() as session:
        show(queries.jobs(session, limit=limit), form, columns=_COLUMNS)


@app.command("show")
def show_(context: typer.Context, job: JobArgument, *, form: FormatOption = Format.TABLE) -> None:
    """One job: what was asked, each step of each attempt, what came of it, or the error that it failed with."""
    with desk(context, *_READERS) as here, here.reading() as session:
        show(queries.job(session, job), form)


@app.command("run-again")
def run_again(context: typer.Context, job: JobArgument, *, form: FormatOption = Format.TABLE) -> None:
    """Put a failed or stalled job back, for the worker to take up; what it had filed already is not filed again."""
    with desk(context) as here:
        show(commands.run_again(here, id=job), form)


@app.command()
def work(
    context: typer.Context,
    *,
    once: Annotated[bool, typer.Option("--once", help="Do what waits and end, instead of waiting for more.")] = False,
) -> None:
    """Do what waits, one job after the other, each as whoever asked for it; any number may run side by side.

    It seals and signs with the keys that this machine is set to. It ends with the job in hand on SIGTERM. With --once
    it ends with 1 when a job failed.
    """
    from bank.jobs.working import work_on_next, work_until  # noqa: PLC0415 -- only a worker needs the typesetter
    from bank.publishing.commands import press_of  # noqa: PLC0415 -- as above
    from bank.publishing.ordering import STATEMENT, Publisher  # noqa: PLC0415 -- as above
    from bank.publishing.vouching import notary_of  # noqa: PLC0415 -- as above
    from bank.settings import Settings  # noqa: PLC0415 -- as above

    settings = Settings.read()
    press = press_of(settings)
    with desk(context, "administrator") as here:
        acts = {STATEMENT: Publisher(notary_of(settings, here), press)}
        if not once:
            work_until(here, acts, told_to_stop(), told=_told, failed=_failed)
            return
        failed = False
        while (done := work_on_next(here, acts, _failed)) is not None:
            _told(done)
            failed = failed or done.state != "done"
    if failed:
        raise typer.Exit(1)


def _told(job: JobView) -> None:
    sys.stdout.write(f"{job.id} {job.state}{f': {job.result}' if job.result else ''}\n")
    sys.stdout.flush()


def _failed(job: str, problem: Exception) -> None:
    sys.stderr.write(f"{job} failed: {problem}\n")
    sys.stderr.flush()
