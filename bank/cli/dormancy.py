"""`bank inflow dormancy-period`, `receipt-policy`, `classes`, `dormant`: what may come in, and how it is entered."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from bank.cli.answers import Format, FormatOption, show
from bank.cli.desk import STAFF, desk, spoken
from bank.cli.fields import OptionalFrom, day, past_day
from bank.inflows import commands
from bank.inflows.dormancy import Silence, dormancy
from bank.inflows.periods import queries as periods
from bank.inflows.recognition import queries as recognition
from bank.inflows.reference import DORMANCY_RULES, DormancyRule
from ledger.whole_numbers import MOST_COUNTED

app = typer.Typer()


@app.command("dormancy-period")
def dormancy_period(
    context: typer.Context,
    *,
    asset_class: Annotated[str | None, typer.Option("--asset-class", help="The class it is of.")] = None,
    years: Annotated[
        int | None, typer.Option("--years", min=1, max=MOST_COUNTED, help="Enter this many years.")
    ] = None,
    from_on: OptionalFrom = None,
    source: Annotated[str, typer.Option("--source", help="The law that sets it.")] = "",
    approve: Annotated[str | None, typer.Option("--approve", help="Approve another's entry.")] = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Enter a class's period of dormancy, approve another's entry, or with no option list the periods entered."""
    with desk(context, *STAFF) as here:
        if approve is not None:
            show(commands.approve_dormancy_period(here, id=approve), form)
        elif asset_class is not None and years is not None and from_on is not None:
            done = commands.propose_dormancy_period(
                here, asset_class=asset_class, years=years, from_on=from_on, source=source
            )
            show(done, form)
        elif spoken(context):
            raise typer.BadParameter("an entry needs --asset-class, --years, --from and --source")
        else:
            with here.reading() as session:
                columns = ("id", "asset_class", "years", "from_on", "source", "state")
                show(periods.dormancy_periods(session), form, columns=columns)


@app.command("receipt-policy")
def receipt_policy(
    context: typer.Context,
    *,
    method: Annotated[str | None, typer.Option("--method", help="income-first or liability-first.")] = None,
    from_on: OptionalFrom = None,
    basis: Annotated[str, typer.Option("--basis", help="What it rests on.")] = "",
    approve: Annotated[str | None, typer.Option("--approve", help="Approve another's policy.")] = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Propose by which journal money that comes is entered, approve another's, or with no option list the policies."""
    with desk(context, *STAFF) as here:
        if approve is not None:
            show(commands.approve_receipt_policy(here, id=approve), form)
        elif method is not None and from_on is not None:
            show(commands.propose_receipt_policy(here, method=method, from_on=from_on, basis=basis), form)
        elif spoken(context):
            raise typer.BadParameter("a policy needs --method, --from and --basis")
        else:
            with here.reading() as session:
                columns = ("id", "method", "from_on", "replaced_on", "in_force", "basis", "state")
                show(recognition.receipt_policies(session), form, columns=columns)


@app.command("classes")
def classes_(
    context: typer.Context,
    *,
    on: Annotated[date, typer.Option("--on", parser=day, metavar="YYYY-MM-DD", help="The rules of this day.")],
    form: FormatOption = Format.TABLE,
) -> None:
    """The classes of dormant asset and the rule of dormancy of each; without a database, those of the law alone."""
    columns = ("code", "title", "from_on", "dormancy_years", "taken_in", "source")
    show(periods.asset_classes(on, _rules(context)), form, columns=columns)


@app.command()
def dormant(
    context: typer.Context,
    *,
    opened_on: Annotated[date, typer.Option("--opened", parser=past_day, metavar="YYYY-MM-DD")],
    last_instruction_on: Annotated[
        date | None, typer.Option("--last-instruction", parser=past_day, help="By the holder, not the bank.")
    ] = None,
    term_ends_on: Annotated[date | None, typer.Option("--term-ends", parser=past_day, help="Of a fixed term.")] = None,
    child_born_on: Annotated[
        date | None, typer.Option("--child-born", parser=past_day, help="Child trust fund.")
    ] = None,
    no_mail: Annotated[bool, typer.Option("--no-mail", help="The holder asked for no mail.")] = False,
    asset_class: Annotated[str, typer.Option("--asset-class")] = "bank-account",
    as_at: Annotated[date, typer.Option("--as-at", parser=day, metavar="YYYY-MM-DD")],
    form: FormatOption = Format.TABLE,
) -> None:
    """Whether an account is dormant on a day, from which day, and why; without a database, by the law alone."""
    told = Silence(opened_on, last_instruction_on, term_ends_on, no_mail, child_born_on)
    show(dormancy(told, asset_class, as_at, _rules(context)), form)


def _rules(context: typer.Context) -> tuple[DormancyRule, ...]:
    """The rules of dormancy that the database knows; those of the law where nobody named one and none is there."""
    if not context.obj.stands():
        return DORMANCY_RULES
    with desk(context, *STAFF) as here, here.reading() as session:
        return periods.dormancy_rules(session)
