"""What is posted straight into the journal, past the rooms, as agreed: a file of lines, the reversal of an entry."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from hashlib import sha256

from bank.approvals.commands import refuse_unapproved
from bank.approvals.queries import roles_may_be_wanted
from bank.approvals.rules import IMPORT, JOURNAL, REVERSE, ApprovalNeeded
from ledger import commands, exchange, queries
from ledger.chunks import import_in_pieces
from ledger.entries import Entry, Recorded
from ledger.exchange import Imported, JournalLine
from ledger.money import NOTHING, Money
from ledger.store.work import Desk, Work, command


class Fingerprint:
    """The SHA-256 of a file, taken as its lines go by: what `sha256sum` says of it."""

    def __init__(self) -> None:
        self._sum = sha256()

    def of(self, lines: Iterable[bytes]) -> Iterator[bytes]:
        """The lines, unchanged."""
        for line in lines:
            self._sum.update(line)
            yield line

    def __str__(self) -> str:
        return self._sum.hexdigest()


@command
def import_agreed(work: Work, lines: list[JournalLine], *, fingerprint: str, open_accounts: bool = False) -> Imported:
    """Post a journal file as one act, where nobody else's agreement is needed or its maker has it for this very file.

    The amount that a rule asks about is the sum of the file's debits.
    """
    if roles_may_be_wanted(work.session, IMPORT, work.today):
        debits = Money.total(debits_of(line.entry) for line in lines)
        refuse_unapproved(work, IMPORT, JOURNAL, debits, fingerprint)
    return exchange.import_journal(work, lines, open_accounts=open_accounts)


def import_pieces_agreed(desk: Desk, lines: Iterable[bytes], *, piece: int, open_accounts: bool) -> Iterator[Imported]:
    """The same a piece at a time, each an act of its own; refused where a rule would have the whole file agreed to."""
    with desk.reading() as session:
        if roles_may_be_wanted(session, IMPORT, session.now.date()):
            raise ApprovalNeeded(
                "A rule asks for agreement to a file of journal lines, and it is agreed to as a whole: leave --pieces "
                "out, and the refusal names what to ask for"
            )
    yield from import_in_pieces(desk, lines, piece=piece, open_accounts=open_accounts)


def reverse_agreed(work: Work, place: int, *, key: str, effective_on: date, reason: str) -> Recorded:
    """Reverse an entry, where nobody else's agreement is needed or its maker has it for this very entry."""
    undone = queries.entry(work.session, place).entry
    refuse_unapproved(work, REVERSE, JOURNAL, debits_of(undone), str(place))
    return commands.reverse(work, place, key=key, effective_on=effective_on, reason=reason)


def debits_of(entry: Entry) -> Money:
    """What an entry moves."""
    return Money.total(leg.amount for leg in entry.postings if leg.amount > NOTHING)
