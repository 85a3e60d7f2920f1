"""`bank figure …`: every figure with its value, and the tables of the portfolio."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from bank.cli.answers import Format, FormatOption, show
from bank.cli.desk import STAFF, desk
from bank.cli.fields import AsAtOption, KnownAtOption, at
from bank.figures import queries
from ledger.queries import known

app = typer.Typer(help="Every figure, and how the bank's money has done.", no_args_is_help=True)


class Table(StrEnum):
    """The tables of the portfolio."""

    FUNNEL = "funnel"
    PERFORMANCE = "performance"
    CONCENTRATION = "concentration"
    UNDRAWN = "undrawn"
    COURSES = "courses"
    COSTS = "costs"


@app.command("list")
def list_(
    context: typer.Context,
    *,
    as_at: AsAtOption = None,
    known_at: KnownAtOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Every figure of a day, as known then."""
    with desk(context, *STAFF) as here, here.reading() as session:
        sheet = queries.figures(session, as_at=as_at, at=known(session, at(known_at)))
        show(sheet.figures if form is Format.TABLE else sheet, form, columns=("code", "value", "title"))


@app.command()
def portfolio(
    context: typer.Context,
    table: Annotated[Table, typer.Argument(help="Which table; as JSON all come together.")] = Table.PERFORMANCE,
    *,
    as_at: AsAtOption = None,
    known_at: KnownAtOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """The four investment numbers, multiples and yields, concentration, undrawn ageing, days to money, costs."""
    with desk(context, *STAFF) as here, here.reading() as session:
        found = queries.portfolio(session, as_at=as_at, at=known(session, at(known_at)))
        show(found if form is Format.JSON else getattr(found, table.value), form)
