"""`bank capital …` and `bank treasury …`: share money in, and how far the bank's cash reaches."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated

import typer

from bank.capital import commands, queries
from bank.cli.answers import Format, FormatOption, show
from bank.cli.desk import STAFF, desk
from bank.cli.fields import AmountOption, AsAtOption, KeyOption, KnownAtOption, OnOption, at, day, key_of, rate
from bank.treasury import commands as treasury
from bank.treasury import queries as treasured
from ledger.queries import known

capital_app = typer.Typer(help="Shares: the trust's A shares, the merchant banks' B shares.", no_args_is_help=True)
treasury_app = typer.Typer(help="Cash: the headroom, and the policy that keeps some back.", no_args_is_help=True)


@capital_app.command("subscribe-a")
def subscribe_a(
    context: typer.Context,
    *,
    amount: AmountOption,
    on: OnOption,
    key: KeyOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """The trust subscribes A shares with England's money."""
    with desk(context) as here:
        show(commands.subscribe_a_shares(here, amount=amount, on=on, key=key_of(key)), form)


@capital_app.command("subscribe-b")
def subscribe_b(
    context: typer.Context,
    *,
    holder: Annotated[str, typer.Option("--holder", help="Who subscribes.")],
    amount: AmountOption,
    on: OnOption,
    key: KeyOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """A merchant bank subscribes B shares."""
    with desk(context) as here:
        show(commands.subscribe_b_shares(here, holder=holder, amount=amount, on=on, key=key_of(key)), form)


@capital_app.command("list")
def list_(context: typer.Context, *, form: FormatOption = Format.TABLE) -> None:
    """Every subscription."""
    with desk(context, *STAFF) as here, here.reading() as session:
        show(queries.subscriptions(session), form)


@treasury_app.command()
def headroom(
    context: typer.Context,
    *,
    as_at: AsAtOption = None,
    known_at: KnownAtOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Cash less the reserve less undrawn commitments, with every part."""
    with desk(context, *STAFF) as here, here.reading() as session:
        show(treasured.headroom(session, as_at, known(session, at(known_at))), form)


@treasury_app.command()
def policy(
    context: typer.Context,
    *,
    fraction: Annotated[Decimal | None, typer.Option("--fraction", parser=rate, help="Of paid-in capital.")] = None,
    from_on: Annotated[date | None, typer.Option("--from", parser=day, metavar="YYYY-MM-DD")] = None,
    basis: Annotated[str, typer.Option("--basis", help="What it rests on.")] = "",
    approve: Annotated[str | None, typer.Option("--approve", help="Approve another's proposal.")] = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Propose what part of capital is kept in cash, approve another's proposal, or with no option list them."""
    with desk(context, *STAFF) as here:
        if approve is not None:
            show(treasury.approve_liquidity_policy(here, id=approve), form)
        elif fraction is not None and from_on is not None:
            show(treasury.propose_liquidity_policy(here, fraction=fraction, from_on=from_on, basis=basis), form)
        elif fraction is not None or from_on is not None:
            raise typer.BadParameter("a proposal needs --fraction, --from and --basis")
        else:
            with here.reading() as session:
                show(treasured.liquidity_policies(session), form)
