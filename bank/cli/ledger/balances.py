"""Balances on both time axes: of an account, the tree below it, a book, all books; and the statement of an account."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import date
from typing import Annotated

import typer

from bank.cli.answers import Format, FormatOption, as_csv, show
from bank.cli.desk import STAFF, desk
from bank.cli.fields import AsAtOption, BookOption, KnownAtOption, Point, day
from ledger import queries
from ledger.queries import Known, TrialBalance
from ledger.store.database import ReadSession

app = typer.Typer()

CodeArgument = Annotated[str, typer.Argument(help="The account's code; accounts below it are included.")]

_MOST_LINES = 500


@app.command("trial-balance")
def trial_balance(
    context: typer.Context,
    *,
    book: BookOption = "bank",
    all_books: Annotated[bool, typer.Option("--all-books", help="Every book, whatever --book says.")] = False,
    as_at: AsAtOption = None,
    known_at: KnownAtOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Every account of a book with a balance, on its side; or what every book comes to."""
    with desk(context, *STAFF) as here, here.reading() as session:
        if not all_books:
            show(queries.trial_balance(session, book, as_at, _then(session, known_at)), form, rows="accounts")
            return
        found = queries.trial_balances(session, as_at, _then(session, known_at))
    if form is Format.CSV:
        sys.stdout.write(_of_all(found))
    else:
        show(found, form)


@app.command()
def balance(
    context: typer.Context,
    code: CodeArgument,
    *,
    book: BookOption = "bank",
    as_at: AsAtOption = None,
    known_at: KnownAtOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """The balance of one account; a debit balance is positive."""
    with desk(context, *STAFF) as here, here.reading() as session:
        show(queries.balance(session, book, code, as_at, _then(session, known_at)), form)


@app.command()
def tree(
    context: typer.Context,
    code: Annotated[str, typer.Argument(help="The account to begin with; the whole book when none is named.")] = "",
    *,
    book: BookOption = "bank",
    as_at: AsAtOption = None,
    known_at: KnownAtOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Every account at or below a code, with its own balance and that of all below it."""
    with desk(context, *STAFF) as here, here.reading() as session:
        show(queries.tree(session, book, code, as_at, _then(session, known_at)), form, rows="accounts")


@app.command()
def statement(
    context: typer.Context,
    code: CodeArgument,
    *,
    book: BookOption = "bank",
    since: Annotated[
        date | None,
        typer.Option("--since", parser=day, metavar="YYYY-MM-DD", help="From this day; default the first there is."),
    ] = None,
    until: Annotated[
        date | None, typer.Option("--until", parser=day, metavar="YYYY-MM-DD", help="To this day; default today.")
    ] = None,
    known_at: KnownAtOption = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=_MOST_LINES, help="Lines of a page.")] = 100,
    cursor: Annotated[str, typer.Option("--cursor", help="What the page before gave as `after`.")] = "",
    form: FormatOption = Format.TABLE,
) -> None:
    """The statement of an account: what it stood at, every posting with the balance after it, what it came to."""
    with desk(context, *STAFF) as here, here.reading() as session:
        found = queries.statement_of_account(
            session,
            book,
            code,
            since,
            until or session.now.date(),
            _then(session, known_at),
            after=cursor,
            limit=limit,
        )
    show(found, form, rows="lines", columns=("effective_on", "seq", "account", "description", "amount", "balance"))


@app.command()
def pairs(context: typer.Context, *, known_at: KnownAtOption = None, form: FormatOption = Format.TABLE) -> None:
    """Every linked pair, across all books, whose two sides disagree or that has lost its other half."""
    with desk(context, *STAFF) as here, here.reading() as session:
        show(queries.pairs_that_disagree(session, _then(session, known_at)), form)


def _then(session: ReadSession, known_at: Point | None) -> Known | None:
    """The point of knowledge that was named; with none, the present, in which what waits for its place counts."""
    return None if known_at is None else queries.known(session, known_at.named)


def _of_all(found: Sequence[TrialBalance]) -> str:
    return as_csv([{"book": one.book} | line.model_dump(mode="json") for one in found for line in one.accounts])
