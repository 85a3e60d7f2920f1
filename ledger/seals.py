"""The canonical bytes of an entry and its seal: a leaf hash over what never changes."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime
from functools import lru_cache
from json.encoder import encode_basestring as _quoted
from typing import Final

from ledger.dates import instant_text
from ledger.entries import Entry, Posting
from ledger.merkle import leaf_hash

FORMULA: Final = "bsb-entry-1"
"""The version of the formula below. A new formula gets a new name, and old leaves keep theirs."""

_NOBODY: Final = '{"actor":""'
_PENCE_PER_POUND: Final = 100
_NEVER: Final = instant_text(datetime(1970, 1, 1, tzinfo=UTC))


def canonical_bytes(entry: Entry, seq: int, recorded_at: datetime, actor: str) -> bytes:
    """The bytes an entry is known by: JSON of text only, members sorted, no spaces, UTF-8.

    Account and book are in it by code, which never changes; their names and states may change, and are not in it.
    """
    return _joined(actor, *parts(entry), instant_text(recorded_at), seq)


def seal_of(entry: Entry, seq: int, recorded_at: datetime, actor: str) -> bytes:
    """The leaf hash of an entry in the Merkle log."""
    return leaf_hash(canonical_bytes(entry, seq, recorded_at, actor))


def content_hash(entry: Entry) -> bytes:
    """What tells a replay from another entry under the same key: everything but place, instant and actor."""
    return content_hash_of(*parts(entry))


def parts(entry: Entry) -> tuple[str, str]:
    """The canonical text of an entry but for what the journal adds: from the actor to the instant, then to the place.

    Written out member by member, because it is the one thing done to every entry of an import; a test holds it to
    what the JSON library writes.
    """
    # The code of an account holds nothing that JSON escapes (`ledger.entries`).
    postings = _two(*entry.postings) if len(entry.postings) == 2 else ",".join(map(_leg, entry.postings))  # noqa: PLR2004 -- the two of nearly every entry
    original = entry.original_effective_on
    before = (
        f',"book":{_quoted(entry.book)},"description":{_quoted(entry.description)},'
        f'"effective_on":"{day_text(entry.effective_on)}","formula":"{FORMULA}","key":{_quoted(entry.key)},'
        f'"kind":{_quoted(entry.kind)},"original_effective_on":"{original.isoformat() if original else ""}",'
        f'"pair":{_quoted(entry.pair)},"postings":[{postings}],"recorded_at":"'
    )
    return before, f'","reverses":"{"" if entry.reverses is None else entry.reverses}","seq":"'


def content_hash_of(before: str, between: str) -> bytes:
    """`content_hash` of an entry whose parts are at hand: as if nobody had recorded it at the first place of 1970."""
    return hashlib.sha256(_joined("", before, between, _NEVER, 0)).digest()


def seal_of_parts(actor: str, before: str, between: str, recorded_at: str, seq: int) -> bytes:
    """`seal_of` an entry whose parts are at hand."""
    return hashlib.sha256(b"\x00" + _joined(actor, before, between, recorded_at, seq)).digest()


def hashes_of_parts(begins: str, before: str, between: str, recorded_at: str, seq: int) -> tuple[bytes, bytes]:
    """`seal_of_parts` and `content_hash_of` together, for whoever has what `opening` gives for the actor."""
    seal = f'\0{begins}{before}{recorded_at}{between}{seq}"}}'
    content = f'{_NOBODY}{before}{_NEVER}{between}0"}}'
    return hashlib.sha256(seal.encode()).digest(), hashlib.sha256(content.encode()).digest()


def opening(actor: str) -> str:
    """How the canonical text begins: with who made the entry."""
    return f'{{"actor":{_quoted(actor)}'


@lru_cache(maxsize=65_536)
def day_text(day: date) -> str:
    """A day as it is written, for very many entries of few days."""
    return day.isoformat()


def _leg(leg: Posting) -> str:
    return f'["{leg.account}","{_pounds(leg.amount.pence)}"]'


def _two(one: Posting, other: Posting) -> str:
    """Two legs that balance: the same amount, once with a minus; its figures are worked out once."""
    pence = one.amount.pence
    if pence != -other.amount.pence:
        return f"{_leg(one)},{_leg(other)}"
    amount = _pounds(abs(pence))
    first, second = ("-", "") if pence < 0 else ("", "-")
    return f'["{one.account}","{first}{amount}"],["{other.account}","{second}{amount}"]'


def _pounds(pence: int) -> str:
    """An amount as `Money` writes it."""
    digits = str(pence)
    if -_PENCE_PER_POUND < pence < _PENCE_PER_POUND:
        digits = f"{pence:04d}" if pence < 0 else f"{pence:03d}"
    return f"{digits[:-2]}.{digits[-2:]}"


def _joined(actor: str, before: str, between: str, recorded_at: str, seq: int) -> bytes:
    return f'{{"actor":{_quoted(actor)}{before}{recorded_at}{between}{seq}"}}'.encode()
