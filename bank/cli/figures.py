"""`bank figure …`: every figure with its value, and the tables of the portfolio."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from bank.cli.answers import Format, FormatOption, print_head, show
from bank.cli.desk import STAFF, desk
from bank.cli.fields import (
    AsAtOption,
    KeyOption,
    KnownAtOption,
    Point,
    QuarterArgument,
    at,
    key_of,
    point,
    published_already,
    quarter,
    refuse_unwritable,
    write_new,
)
from bank.figures import queries
from bank.figures.bridge import bridge as bridge_of
from bank.figures.publications.commands import publish_record
from bank.figures.publications.queries import publications
from bank.figures.published import as_files
from bank.settings import Settings
from ledger.dates import Quarter
from ledger.queries import known
from ledger.refusals import Refusal

app = typer.Typer(help="Every figure, and how the bank's money has done.", no_args_is_help=True)


class Table(StrEnum):
    """The tables of the portfolio."""

    FUNNEL = "funnel"
    PERFORMANCE = "performance"
    CONCENTRATION = "concentration"
    UNDRAWN = "undrawn"
    COURSES = "courses"
    COSTS = "costs"


class Record(StrEnum):
    """The tables of the record of onward lending."""

    RISK = "risk"
    ARREARS = "arrears"
    LOSSES = "losses"
    VINTAGES = "vintages"
    FIRST_TIME = "first-time"
    SIZES = "sizes"


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
        if form is Format.TABLE:
            show(sheet.figures, form, columns=("code", "value", "title", "rests_on"))
        else:
            show(sheet, form, rows="figures")


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


@app.command()
def breakdown(
    context: typer.Context,
    side: Annotated[str, typer.Argument(metavar="SIDE", help="Such as outcome-area, region, legal-form, asset-lock.")],
    *,
    as_at: AsAtOption = None,
    known_at: KnownAtOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Onward lending to date from one side, with how many loans and how much of the money it rests on."""
    with desk(context, *STAFF) as here, here.reading() as session:
        found = queries.breakdown(session, side, as_at=as_at, at=known(session, at(known_at)))
    if form is Format.TABLE:
        print_head(found, ("title", "edition", "coverage"))
        show(found.slices, form)
    else:
        show(found, form, rows="slices")


@app.command()
def onward(
    context: typer.Context,
    table: Annotated[Record, typer.Argument(help="Which table; as JSON all come together.")] = Record.RISK,
    *,
    as_at: AsAtOption = None,
    known_at: KnownAtOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """How onward loans do: at risk both ways, arrears, losses and recoveries, vintages, first-time borrowers, sizes."""
    with desk(context, *STAFF) as here, here.reading() as session:
        found = queries.onward(session, as_at=as_at, at=known(session, at(known_at)))
        show(found if form is Format.JSON else getattr(found, table.value.replace("-", "_")), form)


@app.command()
def bridge(
    context: typer.Context,
    *,
    quarter: Annotated[Quarter, typer.Option("--quarter", parser=quarter, metavar="QUARTER", help="Like 2012Q4.")],
    since: Annotated[Point, typer.Option("--from", parser=point, metavar="INSTANT|SEQ", help="What was known then.")],
    until: Annotated[
        Point | None, typer.Option("--to", parser=point, metavar="INSTANT|SEQ", help="And later; default now.")
    ] = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """What restatements did to a quarter's figures: each old figure, each new one, and the returns that moved it."""
    with desk(context, *STAFF) as here, here.reading() as session:
        found = bridge_of(session, quarter, known(session, at(since)), known(session, at(until)))
        show(found, form, rows="lines", columns=("code", "old", "new", "change", "because"))


@app.command()
def publish(
    context: typer.Context,
    quarter: QuarterArgument,
    *,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where to write the files; none is written over.")],
    known_at: KnownAtOption = None,
    key: KeyOption = None,
) -> None:
    """Publish the record of loan performance and write it, a JSON file and a CSV for each table, about nobody alone."""
    fewest, key = Settings.read().fewest_shown, key_of(key)
    _refuse_without_room(out, quarter)
    with desk(context, *STAFF) as here:
        done = publish_record(here, quarter=quarter, fewest=fewest, known_at=at(known_at), key=key)
    with published_already(done.id, key):
        for name, content in as_files(done.record).items():
            write_new(out / name, content)
            typer.echo(out / name)


def _refuse_without_room(out: Path, quarter: Quarter) -> None:
    """Make the folder, and pass when every file of a quarter's record may be written there."""
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise Refusal(f"{out} cannot be made a folder: {fault.strerror}") from fault
    for target in (*sorted(out.glob(f"loan-performance-{quarter}*")), out / f"loan-performance-{quarter}.json"):
        refuse_unwritable(target)


@app.command("publications")
def publications_(context: typer.Context, *, form: FormatOption = Format.TABLE) -> None:
    """Every publication of the record of loan performance, the first one first."""
    columns = ("id", "quarter", "number", "known_at", "fewest_borrowers", "published_at", "published_by_name")
    with desk(context, *STAFF) as here, here.reading() as session:
        show(publications(session), form, columns=columns)
