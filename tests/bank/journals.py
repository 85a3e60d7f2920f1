"""Journals as tables: what an act posted, read back as lines of debit, credit and amount."""

from __future__ import annotations

from collections.abc import Iterable

from ledger.queries import entry
from ledger.store.database import ReadSession


def journal(session: ReadSession, seqs: Iterable[int], book: str = "bank") -> list[tuple[str, str, str]]:
    """The entries of one book among some places: the account debited, the one credited, and how much."""
    lines = []
    for seq in seqs:
        found = entry(session, seq).entry
        if found.book == book:
            debit, credit = sorted(found.postings, key=lambda leg: -leg.amount.pence)
            lines.append((debit.account.split(":")[0], credit.account.split(":")[0], str(debit.amount)))
    return lines


def legs(session: ReadSession, seqs: Iterable[int], book: str) -> list[str]:
    """The same of entries with more than two legs: Dr or Cr, the account, how much."""
    found = [one for one in (entry(session, seq).entry for seq in seqs) if one.book == book]
    return [
        f"{'Dr' if leg.amount.pence > 0 else 'Cr'} {leg.account.split(':')[0]} {abs(leg.amount)}"
        for one in found
        for leg in one.postings
    ]


def table(text: str) -> list[tuple[str, str, str]]:
    """A journal as it is written in a test: one line each, debit, credit and amount."""
    return [(debit, credit, amount) for debit, credit, amount in (line.split() for line in text.strip().splitlines())]
