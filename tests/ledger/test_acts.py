"""The chain over the acts: each act counts, each part of it, and their order."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from ledger.acts import after_mark, after_quarter, chain_start

NOW = datetime(2012, 4, 2, 9, 0, tzinfo=UTC)
ROOT = bytes(range(32))
EVENT: dict[str, Any] = {
    "event_id": 1,
    "quarter": "2012Q1",
    "ends_on": date(2012, 3, 31),
    "state": "closed",
    "recorded_at": NOW,
    "actor": "operator",
    "upto_seq": 7,
    "root": ROOT,
    "trial_balance": ROOT,
}


def test_a_mark_is_hashed_as_canonical_json_after_the_chain_before_it() -> None:
    act = {"act": "mark", "upto_seq": "7", "recorded_at": "2012-04-02T09:00:00.000000Z", "root": ROOT.hex()}
    written = json.dumps(act, sort_keys=True, separators=(",", ":")).encode()
    assert after_mark(chain_start(), 7, NOW, ROOT) == hashlib.sha256(b"\x02" + chain_start() + written).digest()


@pytest.mark.parametrize(
    ("part", "other"),
    [
        ("event_id", 2),
        ("quarter", "2012Q2"),
        ("ends_on", date(2012, 6, 30)),
        ("state", "open"),
        ("recorded_at", NOW.replace(hour=10)),
        ("actor", "someone"),
        ("upto_seq", 8),
        ("root", bytes(32)),
        ("trial_balance", bytes(32)),
    ],
)
def test_every_part_of_a_quarters_event_is_in_the_chain(part: str, other: object) -> None:
    assert after_quarter(chain_start(), **EVENT) != after_quarter(chain_start(), **EVENT | {part: other})


def test_the_order_of_acts_is_in_the_chain() -> None:
    one_way = after_quarter(after_mark(chain_start(), 7, NOW, ROOT), **EVENT)
    other_way = after_mark(after_quarter(chain_start(), **EVENT), 7, NOW, ROOT)
    assert one_way != other_way
    assert chain_start() not in {one_way, other_way}
