"""Postings and entries: frozen, and balanced from birth."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, NamedTuple

from ledger.dates import instant_text, within_calendar
from ledger.money import LIMIT_PENCE, NOTHING, Money
from ledger.refusals import Malformed

MOST_POSTINGS: Final = 10_000
"""Legs of one entry at the most: more is a batch, and belongs in several entries."""

_KEY_LONGEST: Final = 255
NAME_LONGEST: Final = 80
"""Letters in the code of a book and in the name of whoever acts: as many as the database keeps."""
_CODE: Final = re.compile(r"[A-Za-z0-9_.\-]+(:[A-Za-z0-9_.\-]+)*", re.ASCII)
_CODE_LONGEST: Final = 200
_DESCRIPTION_LONGEST: Final = 1_000
_KIND_LONGEST: Final = 40
_PAIR_LONGEST: Final = 200
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


class BadEntry(Malformed):
    """An entry that cannot be one: what is wrong is in the sentence, all of it at once."""

    slug = "bad-entry"


class Unbalanced(BadEntry):
    """Debits do not equal credits."""

    slug = "unbalanced"


@dataclass(frozen=True, slots=True)
class Posting:
    """One leg: an account of the entry's book, and an amount that is a debit when positive, a credit when negative."""

    account: str
    amount: Money


@dataclass(frozen=True, slots=True)
class Entry:
    """A balanced entry in one book, not yet in the journal.

    `key` is its name for ever within the book: posted again with the same content it is already there, with other
    content it is refused. `pair` joins it to its mirror entries in other books. `original_effective_on` keeps the day
    a late fact was true of the world when its own quarter no longer takes entries.
    """

    key: str
    book: str
    effective_on: date
    description: str
    postings: tuple[Posting, ...]
    kind: str = "entry"
    pair: str = ""
    original_effective_on: date | None = None
    reverses: int | None = None

    def __post_init__(self) -> None:
        faults = list(faults_of(self))
        if faults:
            unbalanced = len(faults) == 1 and self.off_by
            raise (Unbalanced if unbalanced else BadEntry)(
                f"Entry {self.key!r:.80}: {'; '.join(faults)}", faults=faults
            )

    @property
    def off_by(self) -> Money:
        """Debits less credits; nothing, once the entry exists."""
        return Money.total(posting.amount for posting in self.postings)

    @property
    def gross(self) -> Money:
        """The sum of the debits."""
        return Money.total(posting.amount for posting in self.postings if posting.amount > NOTHING)


class Recorded(NamedTuple):
    """An entry as it stands in the journal: its place, its instant, who made it, and its seal.

    A tuple, because an import makes one for each entry: a frozen record takes four times as long to make.
    """

    entry: Entry
    seq: int
    recorded_at: datetime
    actor: str
    seal: str

    def as_line(self) -> dict[str, Any]:
        """The journal line of the exchange format: the file that rebuilds an empty database."""
        entry = self.entry
        line: dict[str, Any] = {
            "key": entry.key,
            "book": entry.book,
            "effective_on": entry.effective_on.isoformat(),
            "description": entry.description,
            "postings": [{"account": leg.account, "amount": str(leg.amount)} for leg in entry.postings],
            "kind": entry.kind,
            "pair": entry.pair or None,
            "original_effective_on": entry.original_effective_on and entry.original_effective_on.isoformat(),
            "reverses": entry.reverses,
        }
        line = {name: value for name, value in line.items() if value is not None}
        return line | {
            "seq": self.seq,
            "recorded_at": instant_text(self.recorded_at),
            "actor": self.actor,
            "seal": self.seal,
        }


def faults_of(entry: Entry) -> Iterable[str]:
    """Everything that is wrong with an entry, in words; nothing when it may be posted."""
    yield from faults_of_text(entry.key, entry.description, entry.kind, entry.pair)
    if not is_name(entry.book):
        yield f"its book {entry.book!r:.60} must be named by 1 to {NAME_LONGEST} printable characters"
    if not 1 <= len(entry.kind) <= _KIND_LONGEST or len(entry.pair) > _PAIR_LONGEST:
        yield f"its kind must be 1 to {_KIND_LONGEST} characters, and its pair at most {_PAIR_LONGEST}"
    for day in (entry.effective_on, entry.original_effective_on):
        yield from _faults_of_day(day) if day else ()
    yield from _faults_of_postings(entry)


def faults_of_text(key: str, description: str, kind: str, pair: str) -> Iterable[str]:
    """What is wrong with an entry's words, whatever its day and its postings are."""
    if not 1 <= len(key) <= _KEY_LONGEST or not key.isprintable():
        yield f"its key must be 1 to {_KEY_LONGEST} printable characters"
    if not description.strip() or len(description) > _DESCRIPTION_LONGEST:
        yield f"its description must be 1 to {_DESCRIPTION_LONGEST} characters that say what happened"
    if any(_CONTROL.search(text) for text in (key, description, kind, pair)):
        yield "its text holds control characters, which no journal line may"


def is_name(code: str) -> bool:
    """Whether a book, or whoever acts, may be called so: what is printed as it stands, and fits where it is kept."""
    return 0 < len(code) <= NAME_LONGEST and code.isprintable()


def _faults_of_day(day: date) -> Iterable[str]:
    try:
        within_calendar(day)
    except Malformed as outside:
        yield outside.sentence


def _faults_of_postings(entry: Entry) -> Iterable[str]:
    if not 2 <= len(entry.postings) <= MOST_POSTINGS:  # noqa: PLR2004 -- double entry
        yield f"it has {len(entry.postings)} postings, and an entry has 2 to {MOST_POSTINGS}"
    for leg, posting in enumerate(entry.postings, start=1):
        if not posting.amount:
            yield f"posting {leg} to {posting.account!r:.60} is of nothing"
        if abs(posting.amount.pence) > LIMIT_PENCE:
            yield f"posting {leg} to {posting.account!r:.60} is beyond the limit of 90 trillion pounds"
        if not _CODE.fullmatch(posting.account) or len(posting.account) > _CODE_LONGEST:
            yield f"posting {leg} names {posting.account!r:.60}, which cannot be an account's code"
    if sum(posting.amount.pence for posting in entry.postings if posting.amount.pence > 0) > LIMIT_PENCE:
        yield "its debits come to more than the limit of 90 trillion pounds"
    if entry.off_by:
        yield f"it does not balance: debits less credits come to {entry.off_by}, and must come to 0.00"
