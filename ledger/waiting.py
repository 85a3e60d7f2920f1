"""An entry that waits for its place, read back from the canonical text that it was accepted with."""

from __future__ import annotations

import json
from typing import Any, Final

from ledger.dates import parse_day
from ledger.entries import Entry, Posting
from ledger.money import Money
from ledger.refusals import Malformed
from ledger.seals import opening, parts

_UNREADABLE: Final = (ValueError, LookupError, TypeError, AttributeError, RecursionError)
"""What reading raises of a text that has the form of no entry."""


class NoEntry(Malformed):
    """A row that waits and holds no entry, or one in words that no program of ours writes."""

    slug = "no-entry"


def entry_of(actor: str, start: str, before: str, between: str) -> Entry:
    """The entry of a row that waits, from who made it and its canonical text in three parts.

    Refuses what is no entry (`NoEntry`), and an entry whose canonical text is another: sealed, it would be another too.
    """
    try:
        entry = _entry(json.loads(f'{start}{before}{between}"}}'))
        written = (opening(actor), *parts(entry))
    except Malformed as fault:
        raise NoEntry(f"its text holds no entry: {fault.sentence}") from fault
    except _UNREADABLE as fault:
        raise NoEntry("its text holds no entry") from fault
    if written != (start, before, between):
        raise NoEntry("its text is not as the journal writes an entry")
    return entry


def _entry(told: dict[str, Any]) -> Entry:
    return Entry(
        key=told["key"],
        book=told["book"],
        effective_on=parse_day(told["effective_on"]),
        description=told["description"],
        postings=tuple(Posting(account, Money.parse(amount)) for account, amount in told["postings"]),
        kind=told["kind"],
        pair=told["pair"],
        original_effective_on=parse_day(told["original_effective_on"]) if told["original_effective_on"] else None,
        reverses=int(told["reverses"]) if told["reverses"] else None,
    )
