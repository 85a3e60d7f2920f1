"""`bank places …`: public data on places, loaded by edition with its source; and what it says of a place."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from bank.cli.answers import Format, FormatOption, show
from bank.cli.desk import STAFF, desk
from bank.cli.fields import AsAtOption, KnownAtOption, at, day
from intermediaries.places import commands, showing
from intermediaries.places.lines import Kind
from intermediaries.places.reading import PlaceSource
from intermediaries.places.standing import Correction
from ledger.queries import known
from ledger.whole_numbers import MOST_COUNTED

app = typer.Typer(help="Places: postcodes, areas, authorities and deprivation.", no_args_is_help=True)

_COLUMNS = (
    "kind",
    "edition",
    "lsoa_vintage",
    "published_on",
    "rows",
    "areas_there",
    "blank",
    "loaded_at",
    "id",
    "corrected_by",
    "withdrawn",
    "reason",
)


@app.command()
def load(
    context: typer.Context,
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE...", exists=True, dir_okay=False, help="CSV; several make one edition."),
    ],
    *,
    kind: Annotated[Kind, typer.Option("--kind", help="What the files hold.")],
    edition: Annotated[str, typer.Option("--edition", help="Its name, like 'ONSPD May 2022' or 'Wales WIMD 2019'.")],
    published_on: Annotated[date, typer.Option("--published", parser=day, metavar="YYYY-MM-DD")],
    source: Annotated[str, typer.Option("--source", help="Who published it, and where.")],
    licence: Annotated[str, typer.Option("--licence", help="Under which licence.")],
    lsoa_vintage: Annotated[
        int | None,
        typer.Option(
            "--lsoa-vintage",
            min=1,
            max=MOST_COUNTED,
            metavar="YEAR",
            help="The boundaries of its LSOAs, where no heading tells.",
        ),
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option("--column", metavar="NAME=HEADING", help="A column with an unusual heading; repeatable."),
    ] = None,
    corrects: Annotated[
        str | None,
        typer.Option(
            "--corrects", metavar="ID", help="The load in whose place this one is to stand, where it was wrong."
        ),
    ] = None,
    reason: Annotated[str, typer.Option("--reason", help="Why it is corrected.")] = "",
    form: FormatOption = Format.TABLE,
) -> None:
    """Load an edition of public data on places: all of it, or nothing and every faulty line named."""
    named = [one.partition("=") for one in column or ()]
    if not all(middle and name and heading for name, middle, heading in named):
        raise typer.BadParameter("write a column like decile=Decile2019", param_hint="--column")
    with desk(context) as here:
        done = commands.load_places(
            here,
            [PlaceSource.at(file) for file in files],
            kind=kind,
            edition=edition,
            published_on=published_on,
            source=source,
            licence=licence,
            lsoa_vintage=lsoa_vintage,
            columns={name: heading for name, _, heading in named},
            correction=None if corrects is None else Correction(corrects, reason),
        )
    show(done, form)


@app.command()
def withdraw(
    context: typer.Context,
    load: Annotated[str, typer.Argument(metavar="ID", help="The load that should not be there, as `list` shows it.")],
    *,
    reason: Annotated[str, typer.Option("--reason", help="Why; it stands beside the load.")],
    form: FormatOption = Format.TABLE,
) -> None:
    """Take back a load that no other file corrects; as known before, places are still looked up in it."""
    with desk(context) as here:
        done = commands.withdraw_places(here, load=load, reason=reason)
    show(done, form)


@app.command("show")
def show_(
    context: typer.Context,
    place: Annotated[str, typer.Argument(metavar="PLACE", help="A postcode, an LSOA, or an authority's code or name.")],
    *,
    as_at: AsAtOption = None,
    known_at: KnownAtOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Tell where a place lies, and its published deciles, each under its own nation's edition."""
    with desk(context) as here, here.reading() as session:
        then = None if known_at is None else known(session, at(known_at))
        show(showing.place_shown(session, place, as_at=as_at, at=then), form)


@app.command("list")
def list_(
    context: typer.Context,
    *,
    kind: Annotated[Kind | None, typer.Option("--kind", help="Of one kind; all when left out.")] = None,
    known_at: KnownAtOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Every edition that was loaded, what corrects it and why; as JSON also its files, source and licence.

    The sample that comes with the programs is not among them.
    """
    with desk(context, *STAFF) as here, here.reading() as session:
        then = None if known_at is None else known(session, at(known_at))
        show(showing.place_loads(session, kind, at=then), form, columns=_COLUMNS)
