"""`bank trace`: one receipt followed to the front line, or a borrower's loans followed back to the receipts."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from bank.cli.answers import Format, FormatOption, print_head, print_json, show
from bank.cli.desk import STAFF, desk
from bank.cli.fields import AsAtOption, KnownAtOption, at
from bank.lineage.queries import look_through
from bank.lineage.views import Forward
from ledger.queries import known

_HEAD = ("id", "participant", "received_on", "as_at", "known_seq", "amount", "total_held", "total_left")
_HEAD_BACK = ("id", "what", "as_at", "known_seq", "lent", "repaid", "written_off", "outstanding")
_LOAN = ("loan", "borrower_name", "outcome_area", "lent", "repaid", "written_off", "outstanding")
_SOURCE = ("received_on", "origin", "what", "lent", "repaid", "written_off", "outstanding")


class Part(StrEnum):
    """What of a receipt's way is shown as a table."""

    WAY = "way"
    HELD = "held"
    LEFT = "left"
    FACILITIES = "facilities"
    LOANS = "loans"


def trace(
    context: typer.Context,
    name: Annotated[
        str,
        typer.Argument(
            metavar="ID", help="A receipt (inf_…), a loan (lon_… or its reference), an organisation or a facility."
        ),
    ],
    *,
    part: Annotated[
        Part | None, typer.Option("--part", help="Of a receipt: which part, else its way; as JSON all come together.")
    ] = None,
    as_at: AsAtOption = None,
    known_at: KnownAtOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Follow a receipt of dormant money to the loans it funds, or a borrower's loans back to the receipts."""
    with desk(context, *STAFF) as here, here.reading() as session:
        found = look_through(session, name, as_at=as_at, at=known(session, at(known_at)))
    if part is not None and not isinstance(found, Forward):
        raise typer.BadParameter(
            f"{name!r:.60} is no receipt, and only the way of a receipt (inf_…) has parts: leave it out",
            param_hint="--part",
        )
    if form is Format.JSON:
        print_json(found)
        return
    forward = isinstance(found, Forward)
    lines = getattr(found, (part or Part.WAY).value) if isinstance(found, Forward) else found.sources
    columns = _SOURCE if not forward else _LOAN if part is Part.LOANS else ()
    if form is Format.TABLE:
        print_head(found, _HEAD if forward else _HEAD_BACK)
    show(lines, form, columns=columns)
