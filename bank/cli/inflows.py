"""`bank inflow …`: dormant money in, claims paid, the reserve, the surplus and the four nations."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated

import typer

from bank.cli import dormancy
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
    financial_year,
    key_of,
    rate,
)
from bank.inflows import commands, queries, standing
from bank.inflows.claims import queries as claimed
from bank.inflows.reference import CAUSES
from bank.inflows.rules import AMOUNTS, PERCENTAGES
from ledger.dates import FinancialYear
from ledger.money import NOTHING, Money
from ledger.queries import known
from ledger.whole_numbers import MOST_COUNTED

_CAUSES = tuple(each.code for each in CAUSES)

app = typer.Typer(help="Dormant money in: receipts, claims, the reserve, the four nations.", no_args_is_help=True)
app.add_typer(dormancy.app)


@app.command()
def record(
    context: typer.Context,
    *,
    participant: Annotated[str, typer.Option("--participant", help="Who transferred it: a name or identifier.")],
    amount: AmountOption,
    received_on: Annotated[date, typer.Option("--received-on", parser=day, metavar="YYYY-MM-DD")],
    consented_on: Annotated[date, typer.Option("--consented-on", parser=day, metavar="YYYY-MM-DD")],
    accounts: Annotated[
        int | None, typer.Option("--accounts", min=0, max=MOST_COUNTED, help="How many accounts.")
    ] = None,
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
    asset_class: Annotated[str, typer.Option("--asset-class", help="Of a batch.")] = "bank-account",
    accounts: Annotated[
        int | None, typer.Option("--accounts", min=0, max=MOST_COUNTED, help="How many accounts it is of.")
    ] = None,
    note: NoteOption = "",
    key: KeyOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Pay a claim, or a participant's batch of claims.

    It may exceed what was transferred: the right is to what the account would hold by now.
    """
    with desk(context) as here:
        done = commands.pay_reclaim(
            here,
            principal=principal,
            interest=interest,
            paid_on=paid_on,
            inflow=inflow,
            participant=participant,
            asset_class=asset_class,
            accounts=accounts,
            note=note,
            key=key_of(key),
        )
    show(done, form)


@app.command()
def notify(
    context: typer.Context,
    *,
    principal: Annotated[Money, typer.Option("--principal", parser=amount, metavar="POUNDS")],
    interest: Annotated[Money, typer.Option("--interest", parser=amount, metavar="POUNDS")] = NOTHING,
    on: OnOption,
    inflow: Annotated[str | None, typer.Option("--inflow", help="The receipt it belongs to, inf_…")] = None,
    participant: Annotated[str | None, typer.Option("--participant", help="Or the participant's batch.")] = None,
    asset_class: Annotated[str, typer.Option("--asset-class", help="Of a batch.")] = "bank-account",
    accounts: Annotated[
        int | None, typer.Option("--accounts", min=0, max=MOST_COUNTED, help="How many accounts it is of.")
    ] = None,
    note: NoteOption = "",
    key: KeyOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Enter claims a participant has told of and that are still to be paid: from then on they are owed."""
    with desk(context) as here:
        done = commands.notify_claims(
            here,
            principal=principal,
            interest=interest,
            notified_on=on,
            inflow=inflow,
            participant=participant,
            asset_class=asset_class,
            accounts=accounts,
            note=note,
            key=key_of(key),
        )
    show(done, form)


@app.command("pay-notified")
def pay_notified(
    context: typer.Context,
    claim: Annotated[str, typer.Argument(help="The notice, clm_…")],
    *,
    on: OnOption,
    principal: Annotated[Money | None, typer.Option("--principal", parser=amount, help="A part; else all.")] = None,
    interest: Annotated[Money | None, typer.Option("--interest", parser=amount, help="A part; else all.")] = None,
    accounts: Annotated[
        int | None, typer.Option("--accounts", min=0, max=MOST_COUNTED, help="How many accounts are paid.")
    ] = None,
    note: NoteOption = "",
    key: KeyOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Pay notified claims: all that is left of a notice, or a part of its principal and interest."""
    with desk(context) as here:
        done = commands.pay_notified(
            here,
            claim=claim,
            paid_on=on,
            principal=principal,
            interest=interest,
            accounts=accounts,
            note=note,
            key=key_of(key),
        )
    show(done, form)


@app.command("end-notified")
def end_notified(
    context: typer.Context,
    claim: Annotated[str, typer.Argument(help="The notice, clm_…")],
    outcome: Annotated[str, typer.Argument(help="withdrawn or rejected.")],
    *,
    on: OnOption,
    reason: Annotated[str, typer.Option("--reason", help="Why they are not paid.")],
    principal: Annotated[Money | None, typer.Option("--principal", parser=amount, help="A part; else all.")] = None,
    interest: Annotated[Money | None, typer.Option("--interest", parser=amount, help="A part; else all.")] = None,
    key: KeyOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """End notified claims without paying them: what was set aside for them goes back to the provision."""
    with desk(context) as here:
        done = commands.end_notified(
            here,
            claim=claim,
            outcome=outcome,
            on=on,
            reason=reason,
            principal=principal,
            interest=interest,
            key=key_of(key),
        )
    show(done, form)


@app.command()
def claims(
    context: typer.Context,
    *,
    as_at: AsAtOption = None,
    known_at: KnownAtOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Claims notified: what of each is paid, what fell away, and what is still owed."""
    columns = ("id", "participant", "on", "accounts", "amount", "paid", "withdrawn", "rejected", "unpaid")
    with desk(context, *STAFF) as here, here.reading() as session:
        show(claimed.claims(session, as_at=as_at, at=known(session, at(known_at))), form, columns=columns)


@app.command()
def reserve(
    context: typer.Context,
    *,
    asset_class: Annotated[str, typer.Option("--asset-class")] = "bank-account",
    rate: Annotated[Decimal | None, typer.Option("--rate", parser=rate, help="Propose this fraction.")] = None,
    from_on: OptionalFrom = None,
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
        elif spoken(context):
            raise typer.BadParameter("a proposal needs --rate, --from and --basis")
        else:
            with here.reading() as session:
                show(queries.reserve_rates(session), form)


@app.command("re-estimate")
def re_estimate(
    context: typer.Context,
    *,
    asset_class: Annotated[str, typer.Option("--asset-class")] = "bank-account",
    on: OnOption,
    key: KeyOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Bring a class's provision to the approved rate from a day on; what was charged before stays."""
    with desk(context) as here:
        show(commands.re_estimate_reserve(here, asset_class=asset_class, on=on, key=key_of(key)), form)


@app.command()
def declare(
    context: typer.Context,
    *,
    amount: Annotated[Money | None, typer.Option("--amount", parser=amount, metavar="POUNDS")] = None,
    on: Annotated[date | None, typer.Option("--on", parser=day, metavar="YYYY-MM-DD")] = None,
    basis: Annotated[str, typer.Option("--basis", help="What the declaration rests on.")] = "",
    key: KeyOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Commit surplus to the distributor, or with no option list what was declared and what of it is paid."""
    with desk(context, *STAFF) as here:
        if amount is not None and on is not None:
            show(commands.declare_surplus(here, amount=amount, on=on, basis=basis, key=key_of(key)), form)
        elif spoken(context):
            raise typer.BadParameter("a declaration needs --amount and --on")
        else:
            with here.reading() as session:
                show(queries.declarations(session), form)


@app.command("pay-surplus")
def pay_surplus(
    context: typer.Context,
    declaration: Annotated[str, typer.Argument(help="The declaration, dec_…")],
    *,
    amount: Annotated[Money | None, typer.Option("--amount", parser=amount, help="A part; else all of it.")] = None,
    on: OnOption,
    key: KeyOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Pay declared surplus to the distributor."""
    with desk(context) as here:
        done = commands.pay_surplus(here, declaration=declaration, amount=amount, on=on, key=key_of(key))
    show(done, form)


@app.command()
def distribute(
    context: typer.Context,
    *,
    amount: AmountOption,
    on: OnOption,
    key: KeyOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Declare surplus, never the reserve, and pay it to the distributor on the same day."""
    with desk(context) as here:
        show(commands.distribute(here, amount=amount, on=on, key=key_of(key)), form)


@app.command()
def apportion(
    context: typer.Context,
    *,
    on: OnOption,
    year: Annotated[
        FinancialYear | None,
        typer.Option(
            "--financial-year",
            parser=financial_year,
            metavar="YEAR",
            help="Like 2011/12: all that it brought and that is not shared yet.",
        ),
    ] = None,
    part: Annotated[
        Money | None, typer.Option("--amount", parser=amount, metavar="POUNDS", help="Or so much, of any year.")
    ] = None,
    distributor_expenses: Annotated[Money, typer.Option("--distributor-expenses", parser=amount)] = NOTHING,
    state_expenses: Annotated[Money, typer.Option("--secretary-of-state-expenses", parser=amount)] = NOTHING,
    key: KeyOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Split what was distributed among the four nations, after expenses, exact to the penny."""
    with desk(context) as here:
        done = commands.apportion(
            here,
            amount=part,
            financial_year=year,
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


@app.command()
def direction(
    context: typer.Context,
    *,
    percentage: Annotated[
        list[str],
        typer.Option("--percentage", metavar="CAUSE=PER CENT", help=f"Together 100. Causes: {', '.join(_CAUSES)}."),
    ] = [],  # noqa: B006 -- the option's own empty list
    sum_: Annotated[list[str], typer.Option("--sum", metavar="CAUSE=POUNDS", help="Or a sum for each cause.")] = [],  # noqa: B006 -- as above
    from_on: OptionalFrom = None,
    source: Annotated[str, typer.Option("--source", help="Where it is written.")] = "",
    approve: Annotated[str | None, typer.Option("--approve", help="Approve another's entry.")] = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Enter a direction on England's money, approve another's entry, or with no option list the directions."""
    shares = dict(_pair(each) for each in percentage or sum_)
    with desk(context, *STAFF) as here:
        if approve is not None:
            show(commands.approve_direction(here, id=approve), form)
        elif shares and from_on is not None and not (percentage and sum_):
            measure = PERCENTAGES if percentage else AMOUNTS
            done = commands.propose_direction(here, measure=measure, shares=shares, from_on=from_on, source=source)
            show(done, form)
        elif spoken(context):
            raise typer.BadParameter("a direction needs --percentage or --sum for each cause, --from and --source")
        else:
            with here.reading() as session:
                show(queries.directions(session), form)


@app.command()
def direct(
    context: typer.Context,
    *,
    amount: Annotated[Money | None, typer.Option("--amount", parser=amount, help="A part; else all of it.")] = None,
    on: OnOption,
    key: KeyOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Share what is held for England among the causes of the direction in force."""
    with desk(context) as here:
        show(commands.direct_england(here, amount=amount, on=on, key=key_of(key)), form)


@app.command("pay-nation")
def pay_nation(
    context: typer.Context,
    nation: Annotated[str, typer.Argument(help="england, wales, scotland or northern_ireland.")],
    *,
    amount: AmountOption,
    on: OnOption,
    recipient: Annotated[str, typer.Option("--recipient", help="Who is paid.")],
    cause: Annotated[str | None, typer.Option("--cause", help="Of England's money, which cause's.")] = None,
    key: KeyOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Pay a nation's money, or that of one of England's causes, to somebody outside our books."""
    with desk(context) as here:
        done = commands.pay_nation(
            here, nation=nation, amount=amount, on=on, recipient=recipient, cause=cause, key=key_of(key)
        )
    show(done, form)


@app.command()
def held(
    context: typer.Context,
    *,
    causes: Annotated[bool, typer.Option("--causes", help="England's money, cause by cause.")] = False,
    as_at: AsAtOption = None,
    known_at: KnownAtOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """What is held for each nation, year by year: money may wait for years."""
    with desk(context, *STAFF) as here, here.reading() as session:
        found = standing.held_by_cause if causes else standing.held_by_year
        show(found(session, as_at=as_at, at=known(session, at(known_at))), form)


@app.command()
def position(
    context: typer.Context,
    *,
    classes: Annotated[bool, typer.Option("--classes", help="Class by class: transferred, claimed, provided.")] = False,
    as_at: AsAtOption = None,
    known_at: KnownAtOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Where dormant money stands: received, claimed, kept back, declared, paid, shared."""
    with desk(context, *STAFF) as here, here.reading() as session:
        then = known(session, at(known_at))
        if classes:
            show(standing.class_standings(session, as_at=as_at, at=then), form)
        else:
            show(queries.position(session, as_at=as_at, at=then), form)


def _pair(text: str) -> tuple[str, str]:
    cause, equals, figure = text.partition("=")
    if not equals:
        raise typer.BadParameter(f"{text!r} is not CAUSE=FIGURE: write it like youth=48.2")
    return cause, figure


@app.command("list")
def list_(context: typer.Context, *, form: FormatOption = Format.TABLE) -> None:
    """The receipts, oldest first."""
    with desk(context, *STAFF) as here, here.reading() as session:
        columns = ("id", "participant_name", "received_on", "amount", "reserve", "scheme", "accounts")
        show(queries.inflows(session, limit=500).items, form, columns=columns)
