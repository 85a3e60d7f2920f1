"""The canonical bytes of an entry and its seal: a leaf hash over what never changes."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Final

from ledger.dates import instant_text
from ledger.entries import Entry
from ledger.merkle import leaf_hash

FORMULA: Final = "bsb-entry-1"
"""The version of the formula below. A new formula gets a new name, and old leaves keep theirs."""


def canonical_bytes(entry: Entry, seq: int, recorded_at: datetime, actor: str) -> bytes:
    """The bytes an entry is known by: JSON of text only, members sorted, no spaces, UTF-8.

    Account and book are in it by code, which never changes; their names and states may change, and are not in it.
    """
    content = {
        "formula": FORMULA,
        "seq": str(seq),
        "book": entry.book,
        "key": entry.key,
        "kind": entry.kind,
        "effective_on": entry.effective_on.isoformat(),
        "original_effective_on": _day(entry.original_effective_on),
        "recorded_at": instant_text(recorded_at),
        "actor": actor,
        "description": entry.description,
        "pair": entry.pair,
        "reverses": "" if entry.reverses is None else str(entry.reverses),
        "postings": [[leg.account, str(leg.amount)] for leg in entry.postings],
    }
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def seal_of(entry: Entry, seq: int, recorded_at: datetime, actor: str) -> bytes:
    """The leaf hash of an entry in the Merkle log."""
    return leaf_hash(canonical_bytes(entry, seq, recorded_at, actor))


def _day(day: date | None) -> str:
    return "" if day is None else day.isoformat()
