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


def turnovers(
    journal: Iterable[Recorded], book: str, since: date, until: date, known_seq: int
) -> dict[str, tuple[Money, Money]]:
    """Debits and credits of every account that has any in a span of days, both ends included, by code."""
    debits: defaultdict[str, Money] = defaultdict(lambda: NOTHING)
    credits_: defaultdict[str, Money] = defaultdict(lambda: NOTHING)
    for recorded in _heard_of(journal, book, until, known_seq):
        for leg in recorded.entry.postings if recorded.entry.effective_on >= since else ():
            debits[leg.account] += max(leg.amount, NOTHING)
            credits_[leg.account] += max(-leg.amount, NOTHING)
    return {code: (debits[code], credits_[code]) for code in sorted(debits)}
