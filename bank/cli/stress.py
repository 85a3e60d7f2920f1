"""`bank stress …`: the scenarios, and what each comes to over twenty quarters."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

import typer

from bank.cli.answers import Format, FormatOption, print_json, show
from bank.cli.desk import STAFF, desk, spoken
from bank.cli.fields import AsAtOption, KnownAtOption, OptionalFrom, amount, at, rate
from bank.stress import commands, queries
from ledger.money import NOTHING, Money
from ledger.queries import known
from ledger.whole_numbers import MOST_COUNTED

app = typer.Typer(help="Stress: five years of claims, drawdowns, repayments and treasury.", no_args_is_help=True)

_SUMMARY = (
    *("scenario", "holds_for", "holds"),
    *("fund_reserve_fails", "fund_liquidity_fails", "bank_reserve_fails", "bank_liquidity_fails"),
    "left_out",
)


@app.command()
def run(
    context: typer.Context,
    *,
    scenario: Annotated[str | None, typer.Option("--scenario", help="Only this one, quarter by quarter.")] = None,
    of_fund: Annotated[
        bool, typer.Option("--fund", help="Of one scenario, the fund's quarters; else the bank's.")
    ] = False,
    as_at: AsAtOption = None,
    known_at: KnownAtOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """The first quarter in which the reserve or the cash of the fund or of the bank fails, in each scenario.

    What is left out is what doubtful loans would bring in the twenty quarters by their contracts beyond what is counted
    on of them.
    """
    if of_fund and scenario is None:
        raise typer.BadParameter("of which scenario? Name it with --scenario", param_hint="--fund")
    with desk(context, *STAFF) as here, here.reading() as session:
        found = queries.stress(session, scenario=scenario, as_at=as_at, at=known(session, at(known_at)))
    if form is Format.JSON:
        print_json(found)
    elif scenario is None:
        show(found, form, columns=_SUMMARY)
    else:
        show(found[0].model_copy(update={"bank" if of_fund else "fund": ()}), form, rows="fund" if of_fund else "bank")


@app.command()
def scenario(
    context: typer.Context,
    *,
    name: Annotated[str, typer.Option("--name", help="A later one of the same name takes its place.")] = "",
    claims_rate: Annotated[
        Decimal | None, typer.Option("--claims-rate", parser=rate, help="Of balances owed, a year.")
    ] = None,
    claims_interest: Annotated[
        Decimal, typer.Option("--claims-interest", parser=rate, help="On top of what is claimed.")
    ] = Decimal(0),
    receipts: Annotated[Money, typer.Option("--receipts", parser=amount, help="Dormant money, a quarter.")] = NOTHING,
    drawn_over: Annotated[
        int, typer.Option("--drawn-over", min=1, max=MOST_COUNTED, help="Quarters within which commitments are drawn.")
    ] = 20,
    shortfall: Annotated[
        Decimal, typer.Option("--shortfall", parser=rate, help="Of repayments, what never comes.")
    ] = Decimal(0),
    treasury_rate: Annotated[
        Decimal, typer.Option("--treasury-rate", parser=rate, help="What cash earns, a year.")
    ] = Decimal(0),
    costs: Annotated[Money, typer.Option("--costs", parser=amount, help="Of the bank, a quarter.")] = NOTHING,
    holds_for: Annotated[
        int, typer.Option("--holds-for", min=0, max=MOST_COUNTED, help="Quarters in which nothing may fail.")
    ] = 0,
    from_on: OptionalFrom = None,
    basis: Annotated[str, typer.Option("--basis", help="What the assumptions rest on.")] = "",
    approve: Annotated[str | None, typer.Option("--approve", help="Approve another's proposal.")] = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Propose what a scenario assumes, approve another's proposal, or with no option list the scenarios."""
    with desk(context, *STAFF) as here:
        if approve is not None:
            show(commands.approve_scenario(here, id=approve), form)
        elif name and claims_rate is not None and from_on is not None:
            done = commands.propose_scenario(
                here,
                name=name,
                claims_rate=claims_rate,
                claims_interest=claims_interest,
                receipts=receipts,
                drawn_over=drawn_over,
                repayment_shortfall=shortfall,
                treasury_rate=treasury_rate,
                costs=costs,
                holds_for=holds_for,
                from_on=from_on,
                basis=basis,
            )
            show(done, form)
        elif spoken(context):
            raise typer.BadParameter("a proposal needs --name, --claims-rate, --from and --basis")
        else:
            with here.reading() as session:
                show(queries.scenarios(session), form)
