"""`bank demo`: a whole institution in a folder of its own, and what to try with it."""

from __future__ import annotations

import shlex
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from bank.cli.desk import interrupts_heeded

if TYPE_CHECKING:
    from bank.demo.building import Built
    from bank.demo.play import Progress as Told
    from bank.demo.play import Step

_ROOT_SHOWN = 16


def demo(
    *,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="A folder that is not there yet.")] = Path("demo"),
) -> None:
    """Build a whole institution in a new folder: its books from the first day, and the statements of every quarter."""
    from bank.demo.building import build, refuse_taken  # noqa: PLC0415 -- only this command plays

    refuse_taken(out)
    with _watched() as told, interrupts_heeded() as heed:

        def step_told(step: Step) -> None:
            heed()
            told(step)

        built = build(out, step_told)
    sys.stdout.write("\n".join(_account(built)) + "\n")
    if built.untypeset:
        sys.stderr.write(_unpublished(built))
        raise typer.Exit(1)


@contextmanager
def _watched() -> Iterator[Told]:
    """A bar for whoever watches; for a file or a pipe one line a quarter."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _quarterly
        return
    columns = (TextColumn("{task.description:<44.44}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("Opening the books")
        yield lambda step: bar.update(
            task, description=f"{step.at.date()}  {step.what}", completed=step.done, total=step.of
        )


def _quarterly(step: Step) -> None:
    if step.closes is not None:
        sys.stderr.write(f"{step.closes} closed on {step.at.date()}: {step.done} of {step.of} acts played\n")
        sys.stderr.flush()


def _account(built: Built) -> Iterator[str]:
    """What stands where, what the books come to, and three commands that can be copied as they are."""
    first, last = built.quarters[0], built.quarters[-1]
    equal = "equal" if built.debits == built.credits else "DO NOT EQUAL"
    yield f"The database:    {built.database}"
    if not built.untypeset:
        yield f"The statements:  {built.directory / 'statements'}, {first} to {last}, one of them for the public"
        yield f"Their seal:      {built.directory / 'seal.pem'}, of a key made for this demonstration and nobody's"
        yield f"Their head:      signed with a key of the same kind; {built.directory / 'checkpoint-key.txt'} checks it"
    yield (
        f"Trial balance:   debits {built.debits} {equal} credits {built.credits} over {built.books} books, "
        f"{built.entries} entries, head {built.root[:_ROOT_SHOWN]}…"
    )
    quarters = f"{built.stress[0].fund[0].quarter} to {built.stress[0].fund[-1].quarter}"
    yield f"Under stress, {quarters}, by assumptions that are invented:"
    yield from (f"  {result.told()}" for result in built.stress)
    yield from built.decided
    yield "Lenders, borrowers and people in it are invented; the dormant money follows the figures that were published."
    key = f"{_bank(built)} key issue --person {built.manager}"
    yield f"No keys are issued; one for the HTTP API comes with:  {key}"
    yield "To try next:"
    yield from (f"  {line}" for line in _to_try(built))


def _to_try(built: Built) -> Iterator[str]:
    bank, broken = _bank(built), built.broken
    yield (
        f"{bank} return submit {shlex.quote(str(broken.file))} --facility {broken.facility} --quarter {broken.quarter} "
        f"--cash-held {broken.cash_held}"
    )
    yield f"{bank} ledger balance 1200 --as-at 2012-12-31"
    yield f"{bank} stress run"
    yield f"{bank} ledger verify"


def _unpublished(built: Built) -> str:
    first = built.quarters[0]
    return (
        f"The books are complete, the statements are not: {built.untypeset}. After that, publish each, beginning with "
        f"`{_bank(built)} statement publish portfolio {first}`.\n"
    )


def _bank(built: Built) -> str:
    """How this program is told to work on what was built."""
    return f"{_program()} --database {shlex.quote(f'sqlite:///{built.database}')}"


def _program() -> str:
    """This program as it can be typed again: by its name where that finds it, otherwise by the way it was called."""
    called = Path(sys.argv[0])
    found = shutil.which(called.name)
    if found is None or not called.exists() or not called.samefile(found):
        return shlex.quote(str(called))
    return called.name
