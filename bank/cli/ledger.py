"""`bank ledger …`: the journal in and out, its balances on both time axes, and the check of all of it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import Annotated

import typer

from bank.cli.answers import Format, FormatOption, show
from bank.cli.desk import STAFF, desk
from bank.cli.fields import KeyOption, OnOption, Point, at, day, key_of, point
from ledger import commands, exchange, plaintext, queries
from ledger.exchange import LONGEST_LINE
from ledger.verification import Checkpoint, verify

app = typer.Typer(help="The books: import, export, balances, and the check of the whole journal.", no_args_is_help=True)

BookOption = Annotated[str, typer.Option("--book", help="The book: bank, reclaim-fund, distributor, trust, or int_….")]
AsAtOption = Annotated[
    date | None,
    typer.Option("--as-at", parser=day, metavar="YYYY-MM-DD", help="Effective to this day, inclusive; default today."),
]
KnownAtOption = Annotated[
    Point | None,
    typer.Option(
        "--known-at",
        parser=point,
        metavar="INSTANT|PLACE",
        help="As known at this instant, or at this place in the journal; default now.",
    ),
]


class Journal(StrEnum):
    """The forms the journal can be written in."""

    JSONL = "jsonl"
    BEANCOUNT = "beancount"
    HLEDGER = "hledger"


@app.command("import")
def import_(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="Journal lines, one JSON object a line.", exists=True, dir_okay=False)],
    *,
    open_accounts: Annotated[bool, typer.Option("--open-accounts", help="Open codes that the chart lacks.")] = False,
    form: FormatOption = Format.TABLE,
) -> None:
    """Post a journal file as one act: all of it, or nothing with every faulty line named."""
    with file.open("rb") as opened:
        lines = exchange.read(_bounded(opened))
    with desk(context, "fund-manager") as here:
        show(exchange.import_journal(here, lines, open_accounts=open_accounts), form)


@app.command()
def export(
    context: typer.Context,
    *,
    form: Annotated[Journal, typer.Option("--format", help="jsonl rebuilds an empty database.")] = Journal.JSONL,
    known_at: KnownAtOption = None,
) -> None:
    """Write the whole journal to standard output."""
    with desk(context, *STAFF) as here, here.reading() as session:
        then = queries.known(session, at(known_at))
        if form is Journal.JSONL:
            sys.stdout.writelines(f"{line}\n" for line in exchange.export(session, then))
            return
        write = plaintext.beancount if form is Journal.BEANCOUNT else plaintext.hledger
        chart = {(found.book, found.code): (found.kind, found.name) for found in queries.accounts(session)}
        sys.stdout.writelines(f"{line}\n" for line in write(exchange.lines(session, then), chart))


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


@app.command("verify")
def verify_(
    context: typer.Context,
    *,
    checkpoint: Annotated[
        Path | None, typer.Option("--checkpoint", help="A checkpoint kept elsewhere.", exists=True, dir_okay=False)
    ] = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Compute every seal, balance and head again from the journal; name the first entry that does not hold."""
    kept = Checkpoint.parse(checkpoint.read_text("utf-8")) if checkpoint else None
    with desk(context, *STAFF) as here, here.reading() as session:
        verdict = verify(session, kept)
    show(verdict, form)
    if not verdict.holds:
        raise typer.Exit(1)


@app.command()
def reverse(
    context: typer.Context,
    place: Annotated[int, typer.Argument(min=1, help="The entry's place in the journal.")],
    *,
    on: OnOption,
    reason: Annotated[str, typer.Option("--reason", help="Why; kept in the entry and in the trail.")],
    key: KeyOption = None,
) -> None:
    """Post the opposite of an entry, once, dated in an open quarter; the day of the entry it undoes is kept."""
    with desk(context, "fund-manager") as here, here.writing() as work:
        done = commands.reverse(work, place, key=key_of(key), effective_on=on, reason=reason)
    sys.stdout.write(f"Entry {place} is reversed by entry {done.seq}, seal {done.seal}\n")


@app.command()
def head(context: typer.Context, *, known_at: KnownAtOption = None) -> None:
    """Print the checkpoint of the books: three lines to keep elsewhere, and to give to `verify --checkpoint`."""
    with desk(context, *STAFF) as here, here.reading() as session:
        found = queries.head(session, queries.known(session, at(known_at)))
    sys.stdout.write(f"big-society-bank\n{found.seq}\n{found.root}\n")


def _bounded(opened: object) -> Iterator[bytes]:
    """Lines of a file, none longer than the reader allows, so that no file can fill the memory."""
    read = opened.readline  # type: ignore[attr-defined]
    return islice(iter(lambda: read(LONGEST_LINE + 1), b""), exchange.MOST_LINES + 1)
