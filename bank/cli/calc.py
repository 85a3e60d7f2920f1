"""`bank calc …`: the bank's arithmetic, open to anyone: no database, JSON in, JSON out."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from bank.cli.answers import print_json
from bank.inflows.documents import apportion_document
from ledger import calculators
from ledger.refusals import Malformed

app = typer.Typer(help="The bank's arithmetic: no database, JSON in, JSON out.", no_args_is_help=True)

FileArgument = Annotated[Path, typer.Argument(help="A JSON file; - reads standard input.", allow_dash=True)]


@app.command()
def apportion(file: FileArgument) -> None:
    """Split an amount among the four nations, after expenses, exact to the penny."""
    _calculate(apportion_document, file)


@app.command()
def schedule(file: FileArgument) -> None:
    """The repayment schedule of a loan."""
    _calculate(calculators.schedule, file)


@app.command()
def eir(file: FileArgument) -> None:
    """The effective interest rate of a set of flows, and its periods."""
    _calculate(calculators.eir, file)


@app.command()
def xirr(file: FileArgument) -> None:
    """The internal rate of return of dated flows, or the reason why there is none."""
    _calculate(calculators.xirr, file)


def _calculate(calculator: Callable[[Any], Mapping[str, object]], file: Path) -> None:
    print_json(calculator(calculators.read_document(_bytes(file))))


def _bytes(file: Path) -> bytes:
    """The file, or standard input for a dash; never more of it than the reader takes."""
    if str(file) == "-":
        return sys.stdin.buffer.read(calculators.MOST_BYTES + 1)
    try:
        with file.open("rb") as opened:
            return opened.read(calculators.MOST_BYTES + 1)
    except OSError as fault:
        raise Malformed(f"{file} cannot be read: {fault.strerror}") from fault
