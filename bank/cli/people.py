"""`bank person …` and `bank key …`: who may act, and the keys they act with."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from bank.cli.answers import Format, FormatOption, show
from bank.cli.desk import STAFF, desk
from bank.people import commands, queries
from bank.people.rules import ROLES

person_app = typer.Typer(help="People and their roles.", no_args_is_help=True)
key_app = typer.Typer(help="Keys: shown once, stored only as a hash.", no_args_is_help=True)

_PEOPLE = ("id", "name", "email", "roles", "intermediary", "added_at")
_KEYS = ("id", "person", "intermediary", "label", "scopes", "last_four", "issued_at", "expires_at", "revoked_at")

RoleOption = Annotated[list[str] | None, typer.Option("--role", help=f"Once or more: {', '.join(sorted(ROLES))}.")]
IntermediaryOption = Annotated[str | None, typer.Option("--intermediary", help="The intermediary they belong to.")]


@person_app.command()
def add(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Full name.")],
    email: Annotated[str, typer.Argument(help="E-mail address.")],
    *,
    role: RoleOption = None,
    intermediary: IntermediaryOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Add a person with one or more roles, or a person of an intermediary."""
    with desk(context) as here:
        show(commands.add_person(here, name=name, email=email, roles=role or (), intermediary=intermediary), form)


@person_app.command()
def roles(
    context: typer.Context,
    person: Annotated[str, typer.Argument(help="Identifier or e-mail address.")],
    *,
    role: RoleOption = None,
    reason: Annotated[str, typer.Option("--reason")],
    form: FormatOption = Format.TABLE,
) -> None:
    """Give a person other roles from now on; their keys follow at once."""
    with desk(context) as here:
        show(commands.set_roles(here, person=person, roles=role or (), reason=reason), form)


@person_app.command("list")
def list_(context: typer.Context, *, form: FormatOption = Format.TABLE) -> None:
    """Everybody."""
    with desk(context, *STAFF) as here, here.reading() as session:
        show(queries.people(session), form, columns=_PEOPLE)


@key_app.command()
def issue(
    context: typer.Context,
    *,
    person: Annotated[str | None, typer.Option("--person", help="Whose key: identifier or e-mail address.")] = None,
    intermediary: IntermediaryOption = None,
    days: Annotated[int, typer.Option("--days", min=1, max=730, help="Days until it expires.")] = 365,
    label: Annotated[str, typer.Option("--label", help="What it is for.")] = "",
    form: FormatOption = Format.TABLE,
) -> None:
    """Issue a key. Its secret is printed now and never again."""
    with desk(context) as here:
        issued = commands.issue_key(here, person=person, intermediary=intermediary, days=days, label=label)
    if form is Format.JSON:
        show(issued, form)
        return
    show(issued.key, form)
    sys.stdout.write(f"\nThe key, shown this once: {issued.secret}\n")


@key_app.command()
def revoke(
    context: typer.Context,
    key: Annotated[str, typer.Argument(help="The key's identifier, key_…")],
    *,
    reason: Annotated[str, typer.Option("--reason", help="Why.")] = "",
    form: FormatOption = Format.TABLE,
) -> None:
    """Revoke a key: from the next request on it opens nothing."""
    with desk(context) as here:
        show(commands.revoke_key(here, id=key, reason=reason), form)


@key_app.command("list")
def keys(context: typer.Context, *, form: FormatOption = Format.TABLE) -> None:
    """Every key, without its secret."""
    with desk(context, *STAFF) as here, here.reading() as session:
        show(queries.keys(session), form, columns=_KEYS)
