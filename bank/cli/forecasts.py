"""`bank allocation propose-forecast`, `approve-forecast`, `forecasts`: what a facility is expected to bring in."""

from __future__ import annotations

from datetime import date
from typing import Annotated, NamedTuple

import typer

from bank.allocations import commands
from bank.allocations.forecasts import queries
from bank.cli.answers import Format, FormatOption, show
from bank.cli.desk import STAFF, desk
from bank.cli.fields import KeyOption, KnownAtOption, amount, at, day, key_of
from ledger.money import Money
from ledger.queries import known

app = typer.Typer()

_DAYS = "YYYY-MM-DD=POUNDS"


class Expected(NamedTuple):
    """A day, and what is expected on it."""

    on: date
    amount: Money


def _expected(text: str) -> Expected:
    """A day and a sum, as they are typed."""
    on, equals, pounds = text.partition("=")
    if not equals:
        raise typer.BadParameter(f"{text!r} is not a day and a sum: write it like 2014-12-31=2500.00")
    return Expected(day(on), amount(pounds))


@app.command("propose-forecast")
def propose_forecast(
    context: typer.Context,
    facility: Annotated[str, typer.Argument(metavar="FACILITY", help="The allocation's identifier, fac_…")],
    *,
    from_on: Annotated[date, typer.Option("--from", parser=day, metavar="YYYY-MM-DD", help="The day it is of.")],
    receive: Annotated[
        list[Expected] | None,
        typer.Option("--receive", parser=_expected, metavar=_DAYS, help="What is to come, and when; none: nothing."),
    ] = None,
    pay: Annotated[
        list[Expected] | None,
        typer.Option("--pay", parser=_expected, metavar=_DAYS, help="What is still to be paid under it, and when."),
    ] = None,
    basis: Annotated[str, typer.Option("--basis", help="What it rests on: a business plan, accounts, a letter.")],
    key: KeyOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Tell what a facility is expected to bring in after a day; another fund manager approves it."""
    with desk(context) as here:
        done = commands.propose_forecast(
            here,
            facility=facility,
            from_on=from_on,
            receive=tuple(receive or ()),
            pay=tuple(pay or ()),
            basis=basis,
            key=key_of(key),
        )
        show(done, form)


@app.command("approve-forecast")
def approve_forecast(
    context: typer.Context,
    forecast: Annotated[str, typer.Argument(metavar="FORECAST", help="The forecast's identifier, fct_…")],
    *,
    key: KeyOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Approve another's forecast; what it makes of the carrying amount is a gain or a loss of its day."""
    with desk(context) as here:
        show(commands.approve_forecast(here, id=forecast, key=key_of(key)), form)


@app.command("forecasts")
def forecasts_(
    context: typer.Context,
    facility: Annotated[str, typer.Argument(metavar="FACILITY", help="The allocation's identifier, fac_…")],
    *,
    known_at: KnownAtOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Every forecast of an allocation, the original effective rate, and what each did to the carrying amount."""
    with desk(context, *STAFF, "intermediary") as here, here.reading() as session:
        then = known(session, at(known_at))
        found = queries.forecasts(session, facility, at=then, intermediary=here.actor.intermediary)
    columns = ("id", "from_on", "expected", "rate", "carried", "caught_up", "basis")
    show(found, form, columns=columns)
