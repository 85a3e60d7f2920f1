"""Pure folds over postings: balance and trial balance the slow way, the oracle for the fast reads."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from ledger.entries import Recorded
from ledger.money import NOTHING, Money


def within(code: str, account: str) -> bool:
    """Whether an account is the one of that code or stands below it."""
    return account == code or account.startswith(f"{code}:")


def balance(journal: Iterable[Recorded], book: str, code: str, as_at: date, known_seq: int) -> Money:
    """Debits less credits of an account and all below it, effective by a day, as the journal stood at a place."""
    return Money.total(
        leg.amount
        for recorded in _heard_of(journal, book, as_at, known_seq)
        for leg in recorded.entry.postings
        if within(code, leg.account)
    )


def trial_balance(journal: Iterable[Recorded], book: str, as_at: date, known_seq: int) -> dict[str, Money]:
    """The balance of every account that has one, by code."""
    sums: defaultdict[str, Money] = defaultdict(lambda: NOTHING)
    for recorded in _heard_of(journal, book, as_at, known_seq):
        for leg in recorded.entry.postings:
            sums[leg.account] += leg.amount
    return {code: sums[code] for code in sorted(sums) if sums[code]}


def _heard_of(journal: Iterable[Recorded], book: str, as_at: date, known_seq: int) -> Iterable[Recorded]:
    return (
        recorded
        for recorded in journal
        if recorded.entry.book == book and recorded.entry.effective_on <= as_at and recorded.seq <= known_seq
    )
