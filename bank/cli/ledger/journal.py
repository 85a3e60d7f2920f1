"""The journal in and out: a file posted as one act or in pieces, the whole of it exported, an entry reversed."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from bank.approvals.journal import Fingerprint, import_agreed, import_pieces_agreed, reverse_agreed
from bank.cli.answers import Format, FormatOption, show
from bank.cli.desk import STAFF, desk
from bank.cli.fields import KeyOption, KnownAtOption, OnOption, at, key_of
from ledger import exchange, plaintext, queries
from ledger.exchange import LONGEST_LINE, Imported
from ledger.store.work import Desk
from ledger.whole_numbers import FARTHEST_PLACE

app = typer.Typer()


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
    pieces: Annotated[
        int | None,
        typer.Option(
            "--pieces",
            min=1,
            max=exchange.MOST_LINES,
            metavar="LINES",
            help="So many lines an act; what was posted stays.",
        ),
    ] = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Post a journal file: as one act, all of it or nothing; or in pieces, each an act, given again to go on."""
    with file.open("rb") as opened, desk(context, "fund-manager") as here:
        if pieces is None:
            seen = Fingerprint()
            lines = exchange.read(islice(seen.of(_bounded(opened)), exchange.MOST_LINES + 1))
            show(import_agreed(here, lines, fingerprint=str(seen), open_accounts=open_accounts), form)
        else:
            show(_in_pieces(here, _bounded(opened), pieces, open_accounts=open_accounts), form)


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


@app.command()
def reverse(
    context: typer.Context,
    place: Annotated[int, typer.Argument(min=1, max=FARTHEST_PLACE, help="The entry's place in the journal.")],
    *,
    on: OnOption,
    reason: Annotated[str, typer.Option("--reason", help="Why; kept in the entry and in the trail.")],
    key: KeyOption = None,
) -> None:
    """Post the opposite of an entry, once, dated in an open quarter; the day of the entry it undoes is kept."""
    under = key_of(key)
    with desk(context, "fund-manager") as here:
        done = here.tried(lambda work: reverse_agreed(work, place, key=under, effective_on=on, reason=reason))
    sys.stdout.write(f"Entry {place} is reversed by entry {done.seq}, seal {done.seal}\n")


def _in_pieces(here: Desk, lines: Iterator[bytes], piece: int, *, open_accounts: bool) -> Imported:
    """Post piece after piece, telling of each as it is done; answers what all came to together."""
    whole: Imported | None = None
    for number, done in enumerate(import_pieces_agreed(here, lines, piece=piece, open_accounts=open_accounts), start=1):
        said = f"Piece {number}: {done.posted} of {done.lines} entries posted, {done.already_there} were there already"
        sys.stderr.write(f"{said}. The journal has {done.seq}.\n")
        whole = done if whole is None else _together(whole, done)
    if whole is None:
        raise exchange.BadJournal("The file holds no journal line: nothing was posted")
    return whole


def _together(earlier: Imported, later: Imported) -> Imported:
    return Imported(
        lines=earlier.lines + later.lines,
        posted=earlier.posted + later.posted,
        already_there=earlier.already_there + later.already_there,
        rebuilt=earlier.rebuilt and later.rebuilt,
        head=later.head,
        seq=later.seq,
    )


def _bounded(opened: BinaryIO) -> Iterator[bytes]:
    """Lines of a file, none longer than the reader allows, so that no file can fill the memory."""
    return iter(lambda: opened.readline(LONGEST_LINE + 1), b"")
