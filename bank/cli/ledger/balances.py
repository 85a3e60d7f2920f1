"""Balances on both time axes: of one account, and of a whole book."""

from __future__ import annotations

from typing import Annotated

import typer

from bank.cli.answers import Format, FormatOption, show
from bank.cli.desk import STAFF, desk
from bank.cli.fields import AsAtOption, BookOption, KnownAtOption, at
from ledger import queries

app = typer.Typer()


@app.command("trial-balance")
def trial_balance(
    context: typer.Context,
    *,
    book: BookOption = "bank",
    as_at: AsAtOption = None,
    known_at: KnownAtOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Every account of a book with a balance, on its side."""
    with desk(context, *STAFF) as here, here.reading() as session:
        show(queries.trial_balance(session, book, as_at, queries.known(session, at(known_at))), form, rows="accounts")


@app.command()
def balance(
    context: typer.Context,
    code: Annotated[str, typer.Argument(help="The account's code; accounts below it are included.")],
    *,
    book: BookOption = "bank",
    as_at: AsAtOption = None,
    known_at: KnownAtOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """The balance of one account; a debit balance is positive."""
    with desk(context, *STAFF) as here, here.reading() as session:
        show(queries.balance(session, book, code, as_at, queries.known(session, at(known_at))), form)
