"""`bank capital dividend-policy`, `pay-dividend`, `dividends`, `distributable`: what is paid to the shareholders."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated

import typer

from bank.capital.dividends import commands, queries
from bank.cli.answers import Format, FormatOption, show
from bank.cli.desk import STAFF, desk, spoken
from bank.cli.fields import (
    AmountOption,
    AsAtOption,
    KeyOption,
    KnownAtOption,
    OnOption,
    OptionalFrom,
    amount,
    at,
    day,
    key_of,
    number,
)
from ledger.money import NOTHING, Money
from ledger.queries import known

app = typer.Typer()

_COLUMNS = (
    "id",
    "part",
    "classes",
    "a_cap",
    "b_cap",
    "reserve_kept",
    "liquidity_kept",
    "from_on",
    "approved_at",
    "state",
)


@app.command("dividend-policy")
def dividend_policy(
    context: typer.Context,
    *,
    part: Annotated[
        Decimal | None, typer.Option("--part", parser=number, help="The most of the reserve in a financial year.")
    ] = None,
    classes: Annotated[str, typer.Option("--classes", help="Which shares take part: A, B or AB.")] = "AB",
    a_cap: Annotated[Decimal | None, typer.Option("--a-cap", parser=number, help="Of what is paid up, a year.")] = None,
    b_cap: Annotated[Decimal | None, typer.Option("--b-cap", parser=number, help="Of what is paid up, a year.")] = None,
    reserve_kept: Annotated[
        Money, typer.Option("--reserve-kept", parser=amount, metavar="POUNDS", help="What stays of the reserve.")
    ] = NOTHING,
    liquidity_kept: Annotated[
        Money, typer.Option("--liquidity-kept", parser=amount, metavar="POUNDS", help="Free cash that stays.")
    ] = NOTHING,
    from_on: OptionalFrom = None,
    basis: Annotated[str, typer.Option("--basis", help="What it rests on: the articles, a minute.")] = "",
    approve: Annotated[str | None, typer.Option("--approve", help="Approve another's proposal.")] = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Propose what lets a dividend be paid, approve another's proposal, or with no option list the policies."""
    with desk(context, *STAFF) as here:
        if approve is not None:
            show(commands.approve_dividend_policy(here, id=approve), form)
        elif part is not None and from_on is not None:
            done = commands.propose_dividend_policy(
                here,
                part=part,
                classes=classes,
                a_cap=a_cap,
                b_cap=b_cap,
                reserve_kept=reserve_kept,
                liquidity_kept=liquidity_kept,
                from_on=from_on,
                basis=basis,
            )
            show(done, form)
        elif spoken(context):
            raise typer.BadParameter("needs --part, --from and --basis")
        else:
            with here.reading() as session:
                show(queries.dividend_policies(session), form, columns=_COLUMNS)


@app.command("pay-dividend")
def pay_dividend(
    context: typer.Context,
    *,
    amount: AmountOption,
    on: OnOption,
    key: KeyOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Pay a dividend to everybody who has paid up shares, if the law and the policy in force let so much go."""
    with desk(context) as here:
        show(commands.pay_dividend(here, amount=amount, on=on, key=key_of(key)), form)


@app.command("dividends")
def dividends_(
    context: typer.Context,
    *,
    as_at: AsAtOption = None,
    known_at: KnownAtOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Every dividend paid, and each holder's part of it."""
    with desk(context, *STAFF) as here, here.reading() as session:
        found = queries.dividends(session, as_at=as_at, at=known(session, at(known_at)))
        if form is Format.TABLE:
            show([line for each in found for line in queries.lines_of(each)], form)
        else:
            show(found, form)


@app.command("distributable")
def distributable(
    context: typer.Context,
    *,
    on: Annotated[
        date | None, typer.Option("--on", parser=day, metavar="YYYY-MM-DD", help="Today unless told.")
    ] = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """What may be paid as a dividend by the law and by the policy in force, and every part of the reckoning."""
    with desk(context, *STAFF) as here, here.reading() as session:
        show(queries.distributable(session, on=on), form)
