"""A journal file posted a piece at a time: each piece an act of its own, and begun again where it was broken off."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from ledger import exchange
from ledger.exchange import BadJournal, Imported
from ledger.store.work import Desk

PIECE = 5_000
"""Lines posted in one act."""


def import_in_pieces(
    desk: Desk, raw_lines: Iterable[bytes], *, piece: int = PIECE, open_accounts: bool = False
) -> Iterator[Imported]:
    """Post a file of any length, piece after piece, answering after each; memory holds one piece.

    What was answered stays. A faulty piece is refused whole, every faulty line named, and ends the import: mended, the
    same file is given again, and what is there already is passed over by its keys. An export given from its first line
    rebuilds an empty journal, or goes on with one that such an import left half done.
    """
    lines, number, rebuilding = iter(raw_lines), 1, None
    while block := list(islice(lines, piece)):
        if not any(raw.strip() for raw in block):
            number += len(block)
            continue
        read = exchange.read(block, first=number)
        if rebuilding is None:  # the first piece that holds anything
            rebuilding = read[0].seq == 1 and _can_be_rebuilt(desk, read[0].seal)
        if rebuilding and not all(line.was_exported for line in read):
            raise BadJournal(f"Nothing was posted. line {read[0].number} and after: not all of it is an export's")
        run = exchange.continue_rebuild if rebuilding else exchange.import_journal
        yield run(desk, read, open_accounts=open_accounts)
        number += len(block)


def _can_be_rebuilt(desk: Desk, first_seal: str) -> bool:
    """Whether the journal is empty, or begins with the very entry that the export begins with."""
    with desk.reading() as session:
        return exchange.first_seal(session) in {"", first_seal}
