"""`bank treasury …`: how far cash reaches, what is kept back of it, and what is placed while it waits."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated

import typer

from bank.cli.answers import Format, FormatOption, show
from bank.cli.desk import STAFF, desk, spoken
from bank.cli.fields import (
    AmountOption,
    AsAtOption,
    KeyOption,
    KnownAtOption,
    NoteOption,
    OnOption,
    OptionalFrom,
    amount,
    at,
    day,
    key_of,
    number,
    rate,
)
from bank.treasury import commands, queries
from bank.treasury.placements import commands as placing
from bank.treasury.placements import queries as placed
from bank.treasury.placements.bounds import commands as bounding
from bank.treasury.placements.bounds.queries import bounds_table
from ledger.daycounts import DayCount
from ledger.money import NOTHING, Money
from ledger.queries import known
from ledger.whole_numbers import MOST_COUNTED

app = typer.Typer(help="Cash: the headroom, what is kept back, and what is placed to earn.", no_args_is_help=True)

_PlacementArgument = Annotated[str, typer.Argument(help="The placement, plc_…")]
_OfBookOption = Annotated[str | None, typer.Option("--book", help="Of bank or reclaim-fund alone; default both.")]


@app.command("place")
def place(
    context: typer.Context,
    sort: Annotated[str, typer.Argument(help="deposit, gilt or fund.")],
    *,
    counterparty: Annotated[str, typer.Option("--counterparty", help="With whom.")],
    amount: AmountOption,
    on: OnOption,
    book: Annotated[str, typer.Option("--book", help="Whose cash: bank or reclaim-fund.")] = "bank",
    rate: Annotated[Decimal | None, typer.Option("--rate", parser=rate, help="A year; of a gilt, its coupon.")] = None,
    matures_on: Annotated[date | None, typer.Option("--matures-on", parser=day, metavar="YYYY-MM-DD")] = None,
    nominal: Annotated[Money | None, typer.Option("--nominal", parser=amount, help="Of a gilt.")] = None,
    interest_bought: Annotated[
        Money, typer.Option("--interest-bought", parser=amount, help="Of a gilt, on top of its price.")
    ] = NOTHING,
    interest_rebated: Annotated[
        Money, typer.Option("--interest-rebated", parser=amount, help="Of a gilt bought without its next coupon.")
    ] = NOTHING,
    day_count: Annotated[DayCount, typer.Option("--day-count")] = DayCount.ACT_365F,
    measured: Annotated[str | None, typer.Option("--measured", help="Of a gilt: cost or amortised-cost.")] = None,
    coupons: Annotated[
        int, typer.Option("--coupons", min=0, max=MOST_COUNTED, help="Of a gilt: how many a year; most pay 2.")
    ] = 0,
    note: NoteOption = "",
    key: KeyOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Place cash: on deposit, in a short gilt, or in a money-market fund."""
    with desk(context) as here:
        done = placing.place(
            here,
            sort=sort,
            counterparty=counterparty,
            amount=amount,
            on=on,
            book=book,
            rate=rate,
            matures_on=matures_on,
            nominal=nominal,
            interest_bought=interest_bought,
            interest_rebated=interest_rebated,
            day_count=day_count,
            measured=measured,
            coupons=coupons,
            note=note,
            key=key_of(key),
        )
    show(done, form)


@app.command("accrue")
def accrue(
    context: typer.Context,
    *,
    until: Annotated[date, typer.Option("--until", parser=day, metavar="YYYY-MM-DD", help="To this day.")],
    book: _OfBookOption = None,
    key: KeyOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Accrue what every placement has earned to a day; only what is missing is posted."""
    with desk(context) as here:
        show(placing.accrue_treasury(here, until=until, book=book, key=key_of(key)), form)


@app.command("take-income")
def take_income(
    context: typer.Context,
    placement: _PlacementArgument,
    *,
    amount: AmountOption,
    on: OnOption,
    note: NoteOption = "",
    key: KeyOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Take in what a placement pays while it lasts: interest, a coupon, a fund's income."""
    with desk(context) as here:
        show(placing.take_income(here, placement=placement, amount=amount, on=on, note=note, key=key_of(key)), form)


@app.command("realise")
def realise(
    context: typer.Context,
    placement: _PlacementArgument,
    *,
    proceeds: Annotated[Money, typer.Option("--proceeds", parser=amount, metavar="POUNDS", help="For the capital.")],
    interest: Annotated[Money, typer.Option("--interest", parser=amount, help="What came beside it.")] = NOTHING,
    nominal: Annotated[Money | None, typer.Option("--nominal", parser=amount, help="A part; else all of it.")] = None,
    on: OnOption,
    note: NoteOption = "",
    key: KeyOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Turn a placement into cash, at its end or before it: beyond what it stands at is a gain."""
    with desk(context) as here:
        done = placing.realise(
            here,
            placement=placement,
            proceeds=proceeds,
            interest=interest,
            nominal=nominal,
            on=on,
            note=note,
            key=key_of(key),
        )
    show(done, form)


@app.command("placements")
def placements(
    context: typer.Context,
    *,
    book: _OfBookOption = None,
    as_at: AsAtOption = None,
    known_at: KnownAtOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """What is placed with whom, what is left of it, and what it has earned, paid and gained."""
    columns = (
        *("id", "book", "sort", "counterparty", "rate", "placed_on", "matures_on", "carried"),
        *("earned", "received", "interest_due", "gain"),
    )
    with desk(context, *STAFF) as here, here.reading() as session:
        found = placed.placements(session, book=book, as_at=as_at, at=known(session, at(known_at)))
        show(found, form, columns=columns)


@app.command()
def headroom(
    context: typer.Context,
    *,
    as_at: AsAtOption = None,
    known_at: KnownAtOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Cash less the reserve less undrawn commitments, with every part."""
    with desk(context, *STAFF) as here, here.reading() as session:
        show(queries.headroom(session, as_at, known(session, at(known_at))), form)


@app.command()
def policy(
    context: typer.Context,
    *,
    fraction: Annotated[Decimal | None, typer.Option("--fraction", parser=rate, help="Of paid-in capital.")] = None,
    from_on: OptionalFrom = None,
    basis: Annotated[str, typer.Option("--basis", help="What it rests on.")] = "",
    approve: Annotated[str | None, typer.Option("--approve", help="Approve another's proposal.")] = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Propose what part of capital is kept in cash, approve another's proposal, or with no option list them."""
    with desk(context, *STAFF) as here:
        if approve is not None:
            show(commands.approve_liquidity_policy(here, id=approve), form)
        elif fraction is not None and from_on is not None:
            show(commands.propose_liquidity_policy(here, fraction=fraction, from_on=from_on, basis=basis), form)
        elif spoken(context):
            raise typer.BadParameter("a proposal needs --fraction, --from and --basis")
        else:
            with here.reading() as session:
                show(queries.liquidity_policies(session), form)


@app.command()
def bounds(
    context: typer.Context,
    *,
    years: Annotated[
        int | None, typer.Option("--years", min=1, max=MOST_COUNTED, help="To a short gilt's end at the most.")
    ] = None,
    least: Annotated[Decimal | None, typer.Option("--least-price", parser=number, help="Per 100 of nominal.")] = None,
    most: Annotated[Decimal | None, typer.Option("--most-price", parser=number, help="Per 100 of nominal.")] = None,
    from_on: OptionalFrom = None,
    basis: Annotated[str, typer.Option("--basis", help="What they rest on.")] = "",
    approve: Annotated[str | None, typer.Option("--approve", help="Approve another's proposal.")] = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Propose what a short gilt is and may cost, approve another's proposal, or with no option list them."""
    with desk(context, *STAFF) as here:
        if approve is not None:
            show(bounding.approve_bounds(here, id=approve), form)
        elif years is not None and least is not None and most is not None and from_on is not None:
            done = bounding.propose_bounds(
                here, longest_years=years, least_price=least, most_price=most, from_on=from_on, basis=basis
            )
            show(done, form)
        elif spoken(context):
            raise typer.BadParameter("a proposal needs --years, --least-price, --most-price, --from and --basis")
        else:
            with here.reading() as session:
                show(bounds_table(session), form)
