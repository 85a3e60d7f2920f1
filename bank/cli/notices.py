"""`bank notice …`: one page as a PDF on a drawdown, a return or an allocation, as known at a moment."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bank.cli.answers import Format, FormatOption, show
from bank.cli.desk import STAFF, desk
from bank.cli.fields import KnownAtOption, Point, at, write_new
from ledger.whole_numbers import FARTHEST_PLACE

if TYPE_CHECKING:
    from bank.publishing.notices.rules import Subject

app = typer.Typer(help="Notices: a drawdown, a return, an allocation, one page each as a PDF.", no_args_is_help=True)

FacilityArgument = Annotated[str, typer.Argument(metavar="FACILITY", help="A facility, fac_….")]
OutOption = Annotated[
    Path | None, typer.Option("--out", metavar="FILE.pdf", help="Where to write it; default by what it is of.")
]


@app.command()
def drawdown(
    context: typer.Context,
    facility: FacilityArgument,
    *,
    entry: Annotated[
        int | None,
        typer.Option(
            "--entry", min=1, max=FARTHEST_PLACE, help="The place of an entry it made; default the last drawdown."
        ),
    ] = None,
    known_at: KnownAtOption = None,
    out: OutOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """What was paid to whom, on what terms, what is left to draw, and the entries that prove it."""
    from bank.publishing.notices.rules import Subject  # noqa: PLC0415 -- only a notice needs the typesetter

    _write(context, Subject("drawdown", facility, entry), known_at, out, form)


@app.command()
def receipt(
    context: typer.Context,
    return_: Annotated[str, typer.Argument(metavar="RETURN", help="A version of a return, ret_….")],
    *,
    known_at: KnownAtOption = None,
    out: OutOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """That a return came, in time or late, who answers for it, what it comes to and what it was asked."""
    from bank.publishing.notices.rules import Subject  # noqa: PLC0415 -- as above

    _write(context, Subject("receipt", return_), known_at, out, form)


@app.command()
def allocation(
    context: typer.Context,
    facility: FacilityArgument,
    *,
    known_at: KnownAtOption = None,
    out: OutOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """What an allocation is and why: purpose, reasons, limits, terms and risks, who proposed and who agreed."""
    from bank.publishing.notices.rules import Subject  # noqa: PLC0415 -- as above

    _write(context, Subject("allocation", facility), known_at, out, form)


def _write(context: typer.Context, subject: Subject, known_at: Point | None, out: Path | None, form: Format) -> None:
    from bank.publishing.commands import press_of  # noqa: PLC0415 -- as above
    from bank.publishing.notices.queries import notice, sealed  # noqa: PLC0415 -- as above
    from bank.settings import Settings  # noqa: PLC0415 -- as above

    press = press_of(Settings.read())
    with desk(context, *STAFF, "intermediary") as here:
        made = notice(here, subject, at(known_at))
    if press is not None:
        made = sealed(made, press)
    target = out or Path(made.filename)
    write_new(target, made.pdf)
    show(made.told, form)
    sys.stderr.write(f"Written to {target}\n")
