"""An entry that waits for its place, read back from the canonical text that it was accepted with, and checked."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from ledger.dates import parse_day
from ledger.entries import Entry, Posting
from ledger.money import Money
from ledger.refusals import Malformed
from ledger.replay import Chart
from ledger.seals import content_hash_of, opening, parts

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


def faults(rows: Iterable[Sequence[Any]], chart: Chart, closed_to: str) -> Iterator[str]:
    """What is wrong with each row that waits and is not as it was accepted, as `ledger.store.scan.waiting` has it.

    Sums of the present count what is kept beside the text, so all of that is held to the text. A text that was changed
    together with everything beside it, and a row that is gone, nobody can tell from here: what waits has no seal yet.
    """
    ids = {account: number for number, account in chart.accounts.items()}
    for row in rows:
        try:
            fault = next(_faults(row, chart, ids, closed_to), "")
        except NoEntry as refused:
            fault = refused.sentence
        except _UNREADABLE:
            fault = "it holds a value of another kind than was accepted"
        if fault:
            yield f"row {row[0]} of what waits ({row[6]!r:.80} in the book {chart.codes.get(row[5], '?')}): {fault}"


def _faults(row: Sequence[Any], chart: Chart, ids: dict[tuple[int, str], int], closed_to: str) -> Iterator[str]:
    _, actor, start, before, between, book, key, day, legs, postings, content, place = row
    entry = entry_of(actor, start, before, between)
    numbers = [(ids.get((book, leg.account)), leg.amount.pence) for leg in entry.postings]
    if (chart.codes.get(book), key, day, legs) != (entry.book, entry.key, entry.effective_on.isoformat(), len(numbers)):
        yield "its book, its key, its day or its legs are not those of its text"
    if any(number is None for number, _ in numbers):
        yield "one of its postings is to an account that is not there"
    if postings != f"[{', '.join(f'[{number}, {pence}]' for number, pence in numbers)}]":
        yield "the postings that are counted of it are not those of its text"
    if content != content_hash_of(before, between):
        yield "the hash kept of its content is another"
    if entry.reverses is not None:
        yield "it reverses an entry, and no reversal waits"
    if day <= closed_to:
        yield "it takes effect in a quarter that is closed"
    if place is not None:
        yield f"entry {place} of the journal has its key, and both are counted"


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
