"""The chain over the acts of the journal: one running hash that no mark and no quarter's event can leave unnoticed.

The Merkle log holds the entries. What was done with them, where each act ended and what became of each quarter, hangs
on this chain: every act is hashed onto the hash of all acts before it, and the journal's head keeps the last. The order
is that of the marks, each followed by the quarter's events that were recorded while it was the last.
"""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any, Final

from ledger.dates import instant_text

_ACT: Final = b"\x02"
"""Leaves of the log are hashed after a nought and nodes after a one: an act can pass for neither."""


def chain_start() -> bytes:
    """The chain of a journal in which nothing has been done."""
    return hashlib.sha256(_ACT).digest()


def after_mark(chain: bytes, upto_seq: int, recorded_at: datetime, root: bytes) -> bytes:
    """The chain with one more mark: the act that brought the journal to this place and this root."""
    return after_mark_as_text(chain, upto_seq, instant_text(recorded_at), root)


def after_mark_as_text(chain: bytes, upto_seq: int, recorded_at: str, root: bytes) -> bytes:
    """The same, for whoever has the instant as text already."""
    # Nothing here needs escaping, so that the text can be put together as canonical JSON would write it.
    act = f'{{"act":"mark","recorded_at":"{recorded_at}","root":"{root.hex()}","upto_seq":"{upto_seq}"}}'
    return hashlib.sha256(_ACT + chain + act.encode()).digest()


def after_quarter(
    chain: bytes,
    *,
    event_id: int,
    quarter: str,
    ends_on: date,
    state: str,
    recorded_at: datetime,
    actor: str,
    upto_seq: int,
    root: bytes,
    trial_balance: bytes,
) -> bytes:
    """The chain with one more event of a quarter, all that its row holds included."""
    row = (
        event_id,
        quarter,
        ends_on.isoformat(),
        state,
        instant_text(recorded_at),
        actor,
        upto_seq,
        root,
        trial_balance,
    )
    return after_quarter_as_text(chain, row)


def after_quarter_as_text(chain: bytes, row: Sequence[Any]) -> bytes:
    """The same, of a row of the table with its day and its instant as text."""
    event_id, quarter, ends_on, state, recorded_at, actor, upto_seq, root, trial_balance = row
    act = {
        "act": "quarter",
        "id": str(event_id),
        "quarter": quarter,
        "ends_on": ends_on,
        "state": state,
        "recorded_at": recorded_at,
        "actor": actor,
        "upto_seq": str(upto_seq),
        "root": root.hex(),
        "trial_balance": trial_balance.hex(),
    }
    written = json.dumps(act, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(_ACT + chain + written.encode()).digest()


def chains(marks: Iterable[Sequence[Any]], events: Iterable[Sequence[Any]]) -> Iterator[tuple[int, bytes]]:
    """The chain after every act, each with the place at which the journal then stood, beginning with the empty one.

    Both are rows of their tables, in order, with days and instants as text.
    """
    chain = chain_start()
    yield 0, chain
    waiting = iter(events)
    event = next(waiting, None)
    for place, recorded_at, root in itertools.chain([(0, "", b"")], marks):
        if place:
            chain = after_mark_as_text(chain, place, recorded_at, root)
            yield place, chain
        while event is not None and event[6] == place:
            chain = after_quarter_as_text(chain, event)
            yield place, chain
            event = next(waiting, None)
