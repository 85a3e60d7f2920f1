"""`bank organisation …`: those finally helped: who they are, what makes them eligible, and what locks their assets."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from bank.cli.answers import Format, FormatOption, show
from bank.cli.desk import STAFF, desk
from bank.cli.fields import AsAtOption, KeyOption, KnownAtOption, at, day, key_of
from intermediaries.frontline import commands, queries
from ledger.queries import known

app = typer.Typer(help="Frontline organisations: found by any identifier, joined, and tested.", no_args_is_help=True)

OrganisationArgument = Annotated[
    str, typer.Argument(metavar="ORGANISATION", help="org_… or any identifier of it, like GB-CHC-1164883.")
]
EvidenceOption = Annotated[str, typer.Option("--evidence", help="What was read, and where.")]


@app.command("show")
def show_(
    context: typer.Context,
    organisation: OrganisationArgument,
    *,
    as_at: AsAtOption = None,
    known_at: KnownAtOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """One organisation: every identifier, who named it, why it is eligible, and what locks its assets."""
    with desk(context, *STAFF) as here, here.reading() as session:
        then = known(session, at(known_at)).instant
        show(queries.organisation_named(session, organisation, then, as_at), form)


@app.command()
def join(
    context: typer.Context,
    kept: Annotated[str, typer.Argument(metavar="KEPT", help="org_…, which stays.")],
    absorbed: Annotated[str, typer.Argument(metavar="ABSORBED", help="org_…, found to be the same body.")],
    *,
    reason: Annotated[str, typer.Option("--reason", help="What shows that the two are one.")],
    key: KeyOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Record that two organisations are one body."""
    with desk(context) as here:
        show(commands.join_organisations(here, kept=kept, absorbed=absorbed, reason=reason, key=key_of(key)), form)


@app.command()
def decide(
    context: typer.Context,
    organisation: Annotated[str, typer.Argument(metavar="ORGANISATION", help="org_…")],
    *,
    passed: Annotated[bool, typer.Option("--passed/--failed", help="Whether its constitution makes it a social body.")],
    evidence: EvidenceOption,
    key: KeyOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Record whether an organisation's own constitution makes it eligible, where its form does not."""
    with desk(context) as here:
        done = commands.decide_governance_test(
            here, organisation_id=organisation, passed=passed, evidence=evidence, key=key_of(key)
        )
    show(done, form)


@app.command()
def lock(
    context: typer.Context,
    organisation: Annotated[str, typer.Argument(metavar="ORGANISATION", help="org_…")],
    *,
    kind: Annotated[str, typer.Option("--kind", help="statutory-society, articles, none, or not-known.")],
    from_on: Annotated[date, typer.Option("--from", parser=day, metavar="DATE", help="The day from which it holds.")],
    evidence: EvidenceOption,
    key: KeyOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Record what locks an organisation's assets, where its form and registers do not tell."""
    with desk(context) as here:
        done = commands.record_asset_lock(
            here, organisation_id=organisation, kind=kind, from_on=from_on, evidence=evidence, key=key_of(key)
        )
    show(done, form)
