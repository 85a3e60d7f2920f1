"""`bank inflow …`: dormant money in, claims paid, the reserve, the surplus and the four nations."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated

import typer

from bank.cli.answers import Format, FormatOption, show
from bank.cli.desk import STAFF, desk
from bank.cli.fields import AmountOption, KeyOption, NoteOption, OnOption, amount, day, key_of, rate
from bank.inflows import commands, queries
from ledger.money import NOTHING, Money

app = typer.Typer(help="Dormant money in: receipts, claims, the reserve, the four nations.", no_args_is_help=True)


@app.command()
def record(
    context: typer.Context,
    *,
    participant: Annotated[str, typer.Option("--participant", help="Who transferred it: a name or identifier.")],
    amount: AmountOption,
    received_on: Annotated[date, typer.Option("--received-on", parser=day, metavar="YYYY-MM-DD")],
    consented_on: Annotated[date, typer.Option("--consented-on", parser=day, metavar="YYYY-MM-DD")],
    accounts: Annotated[int | None, typer.Option("--accounts", min=0, help="How many accounts.")] = None,
    asset_class: Annotated[str, typer.Option("--asset-class")] = "bank-account",
    scheme: Annotated[str, typer.Option("--scheme", help="main or alternative.")] = "main",
    whole_balance: Annotated[
        Money | None, typer.Option("--whole-balance", parser=amount, metavar="POUNDS", help="Alternative scheme.")
    ] = None,
    note: NoteOption = "",
    key: KeyOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Record a receipt; the reserve is set aside at the approved rate in the same act."""
    with desk(context) as here:
        done = commands.record_receipt(
            here,
            participant=participant,
            amount=amount,
            received_on=received_on,
            consented_on=consented_on,
            accounts=accounts,
            asset_class=asset_class,
            scheme=scheme,
            whole_balance=whole_balance,
            note=note,
            key=key_of(key),
        )
    show(done, form)


@app.command()
def reclaim(
    context: typer.Context,
    *,
    principal: Annotated[Money, typer.Option("--principal", parser=amount, metavar="POUNDS")],
    interest: Annotated[Money, typer.Option("--interest", parser=amount, metavar="POUNDS")] = NOTHING,
    paid_on: Annotated[date, typer.Option("--paid-on", parser=day, metavar="YYYY-MM-DD")],
    inflow: Annotated[str | None, typer.Option("--inflow", help="The receipt it belongs to, inf_…")] = None,
    participant: Annotated[str | None, typer.Option("--participant", help="Or the participant's batch.")] = None,
    accounts: Annotated[int | None, typer.Option("--accounts", min=0)] = None,
    note: NoteOption = "",
    key: KeyOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Pay a claim. It may exceed what was transferred: the right is to what the account would hold by now."""
    with desk(context) as here:
        done = commands.pay_reclaim(
            here,
            principal=principal,
            interest=interest,
            paid_on=paid_on,
            inflow=inflow,
            participant=participant,
            accounts=accounts,
            note=note,
            key=key_of(key),
        )
    show(done, form)


@app.command()
def reserve(
    context: typer.Context,
    *,
    asset_class: Annotated[str, typer.Option("--asset-class")] = "bank-account",
    rate: Annotated[Decimal | None, typer.Option("--rate", parser=rate, help="Propose this fraction.")] = None,
    from_on: Annotated[date | None, typer.Option("--from", parser=day, metavar="YYYY-MM-DD")] = None,
    basis: Annotated[str, typer.Option("--basis", help="What the rate rests on.")] = "",
    approve: Annotated[str | None, typer.Option("--approve", help="Approve another's proposal.")] = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Propose a reserve rate, approve another's, or with no option list the rates."""
    with desk(context, *STAFF) as here:
        if approve is not None:
            show(commands.approve_reserve_rate(here, id=approve), form)
        elif rate is not None and from_on is not None:
            done = commands.propose_reserve_rate(here, asset_class=asset_class, rate=rate, from_on=from_on, basis=basis)
            show(done, form)
        elif rate is not None or from_on is not None:
            raise typer.BadParameter("a proposal needs --rate, --from and --basis")
        else:
            with here.reading() as session:
                show(queries.reserve_rates(session), form)


@app.command()
def distribute(
    context: typer.Context,
    *,
    amount: AmountOption,
    on: OnOption,
    key: KeyOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Pay surplus, never the reserve, to the distributor."""
    with desk(context) as here:
        show(commands.distribute(here, amount=amount, on=on, key=key_of(key)), form)


@app.command()
def apportion(
    context: typer.Context,
    *,
    amount: AmountOption,
    on: OnOption,
    distributor_expenses: Annotated[Money, typer.Option("--distributor-expenses", parser=amount)] = NOTHING,
    state_expenses: Annotated[Money, typer.Option("--secretary-of-state-expenses", parser=amount)] = NOTHING,
    key: KeyOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Split what was distributed among the four nations, after expenses, exact to the penny."""
    with desk(context) as here:
        done = commands.apportion(
            here,
            amount=amount,
            on=on,
            distributor_expenses=distributor_expenses,
            secretary_of_state_expenses=state_expenses,
            key=key_of(key),
        )
    show(done, form)


@app.command("pay-england")
def pay_england(
    context: typer.Context,
    *,
    amount: AmountOption,
    on: OnOption,
    key: KeyOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Pay England's share to the trust."""
    with desk(context) as here:
        show(commands.pay_england_to_trust(here, amount=amount, on=on, key=key_of(key)), form)


@app.command("list")
def list_(context: typer.Context, *, form: FormatOption = Format.TABLE) -> None:
    """The receipts, oldest first."""
    with desk(context, *STAFF) as here, here.reading() as session:
        columns = ("id", "participant_name", "received_on", "amount", "reserve", "scheme", "accounts")
        show(queries.inflows(session, limit=500).items, form, columns=columns)
