"""`bank capital …`: shares promised, called and paid, and the limits on them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

import typer

from bank.capital import commands, queries
from bank.cli import dividends
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
    key_of,
    rate,
)
from ledger.money import Money
from ledger.queries import known
from ledger.whole_numbers import MOST_COUNTED, count_in

app = typer.Typer(help="Shares: the trust's A shares, the merchant banks' B shares.", no_args_is_help=True)
app.add_typer(dividends.app)


@dataclass(frozen=True, slots=True)
class Ratio:
    """How many B shares go with how many A shares."""

    a_parts: int
    b_parts: int


def _ratio(text: str) -> Ratio:
    a_parts, b_parts = (count_in(part) for part in (*text.split(":"), "")[:2])
    if a_parts is None or b_parts is None or text.count(":") != 1:
        raise typer.BadParameter(
            f"{text!r:.60} is not a ratio of A to B shares: write two whole numbers up to {MOST_COUNTED}, like 60:10"
        )
    return Ratio(a_parts, b_parts)


@app.command("subscribe-a")
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


@app.command("subscribe-b")
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


@app.command()
def agreement(
    context: typer.Context,
    *,
    holder: Annotated[str, typer.Option("--holder", help="Who promises B shares.")] = "",
    commitment: Annotated[
        Money | None,
        typer.Option("--commitment", parser=amount, metavar="POUNDS", help="The most it may be called for."),
    ] = None,
    ratio: Annotated[
        Ratio | None,
        typer.Option("--ratio", parser=_ratio, metavar="A:B", help="Of A to this holder's B shares, like 60:10."),
    ] = None,
    vote_cap: Annotated[Decimal | None, typer.Option("--vote-cap", parser=rate, help="A fraction, like 0.05.")] = None,
    from_on: OptionalFrom = None,
    source: Annotated[str, typer.Option("--source", help="The agreement itself.")] = "",
    approve: Annotated[str | None, typer.Option("--approve", help="Approve another's entry.")] = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Enter a holder's promise of B shares, approve another's entry, or with no option list the agreements."""
    with desk(context, *STAFF) as here:
        if approve is not None:
            show(commands.approve_agreement(here, id=approve), form)
        elif commitment is not None and ratio is not None and vote_cap is not None and from_on is not None:
            done = commands.propose_agreement(
                here,
                holder=holder,
                commitment=commitment,
                a_parts=ratio.a_parts,
                b_parts=ratio.b_parts,
                vote_cap=vote_cap,
                from_on=from_on,
                source=source,
            )
            show(done, form)
        elif spoken(context):
            raise typer.BadParameter("needs --holder, --commitment, --ratio, --vote-cap, --from and --source")
        else:
            with here.reading() as session:
                show(queries.agreements(session), form)


@app.command("calls")
def calls_(
    context: typer.Context,
    *,
    as_at: AsAtOption = None,
    known_at: KnownAtOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Every call on B shares: paid and still owed."""
    with desk(context, *STAFF) as here, here.reading() as session:
        show(queries.calls(session, as_at=as_at, at=known(session, at(known_at))), form)


@app.command("pay-call")
def pay_call(
    context: typer.Context,
    call: Annotated[str, typer.Argument(help="The call, cal_…")],
    *,
    amount: Annotated[Money | None, typer.Option("--amount", parser=amount, help="A part; else all of it.")] = None,
    on: OnOption,
    key: KeyOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """A holder pays a call."""
    with desk(context) as here:
        show(commands.pay_call(here, call=call, amount=amount, on=on, key=key_of(key)), form)


@app.command("show")
def show_(
    context: typer.Context,
    *,
    limits: Annotated[bool, typer.Option("--limits", help="What the capital is limited to, and what is left.")] = False,
    as_at: AsAtOption = None,
    known_at: KnownAtOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Who promised, was called, has paid, owns how much of the capital, and casts how much of the vote."""
    with desk(context, *STAFF) as here, here.reading() as session:
        found = queries.capital(session, as_at=as_at, at=known(session, at(known_at)))
        show(found.limits if limits else found.holders, form)


@app.command("list")
def list_(context: typer.Context, *, form: FormatOption = Format.TABLE) -> None:
    """Every subscription."""
    with desk(context, *STAFF) as here, here.reading() as session:
        show(queries.subscriptions(session), form)
