"""The canonical text of an entry, held to what the JSON library writes."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from ledger.dates import CALENDAR_ENDS, CALENDAR_STARTS, instant_text
from ledger.entries import Entry, Posting
from ledger.merkle import EMPTY_ROOT, Frontier, root_of
from ledger.money import LIMIT_PENCE, Money
from ledger.seals import (
    FORMULA,
    canonical_bytes,
    content_hash,
    hashes_of_parts,
    opening,
    parts,
    seal_of,
    seal_of_parts,
)

TEXTS = st.text(st.characters(exclude_categories=("Cc", "Cs", "Cf", "Zl", "Zp")), min_size=1, max_size=20).filter(
    lambda text: text.isprintable() and text.strip() != ""
)
DAYS = st.dates(CALENDAR_STARTS, CALENDAR_ENDS)
INSTANTS = st.datetimes(datetime(1970, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 -- bounds
PENCE = st.integers(1, LIMIT_PENCE)


@st.composite
def entries(draw: st.DrawFn) -> Entry:
    pence = draw(PENCE)
    return Entry(
        key=draw(TEXTS),
        book=draw(TEXTS),
        effective_on=draw(DAYS),
        description=draw(TEXTS),
        postings=(Posting("1200:a-b", Money(pence)), Posting("1000", Money(-pence))),
        kind=draw(TEXTS),
        pair=draw(st.one_of(st.just(""), TEXTS)),
        original_effective_on=draw(st.none() | DAYS),
        reverses=draw(st.none() | st.integers(1, 2**62)),
    )


def as_the_library_writes(entry: Entry, seq: int, recorded_at: datetime, actor: str) -> bytes:
    content = {
        "formula": FORMULA,
        "seq": str(seq),
        "book": entry.book,
        "key": entry.key,
        "kind": entry.kind,
        "effective_on": entry.effective_on.isoformat(),
        "original_effective_on": entry.original_effective_on.isoformat() if entry.original_effective_on else "",
        "recorded_at": instant_text(recorded_at),
        "actor": actor,
        "description": entry.description,
        "pair": entry.pair,
        "reverses": "" if entry.reverses is None else str(entry.reverses),
        "postings": [[leg.account, str(leg.amount)] for leg in entry.postings],
    }
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


@given(entries(), st.integers(1, 2**62), INSTANTS, TEXTS)
def test_the_canonical_text_is_what_the_json_library_writes(
    entry: Entry, seq: int, recorded_at: datetime, actor: str
) -> None:
    assert canonical_bytes(entry, seq, recorded_at, actor) == as_the_library_writes(entry, seq, recorded_at, actor)


@given(entries(), st.integers(1, 2**62), INSTANTS, TEXTS)
def test_a_seal_put_together_from_parts_is_the_seal(entry: Entry, seq: int, recorded_at: datetime, actor: str) -> None:
    put_together = seal_of_parts(actor, *parts(entry), instant_text(recorded_at), seq)
    expected = hashlib.sha256(b"\x00" + as_the_library_writes(entry, seq, recorded_at, actor)).digest()
    assert put_together == seal_of(entry, seq, recorded_at, actor) == expected


@given(entries(), st.integers(1, 2**62), INSTANTS, TEXTS)
def test_both_hashes_put_together_at_once_are_the_two(
    entry: Entry, seq: int, recorded_at: datetime, actor: str
) -> None:
    found = hashes_of_parts(opening(actor), *parts(entry), instant_text(recorded_at), seq)
    assert found == (seal_of(entry, seq, recorded_at, actor), content_hash(entry))


@given(st.integers(-1_000, 1_000) | st.integers(-LIMIT_PENCE, LIMIT_PENCE))
def test_an_amount_is_sealed_as_money_writes_it(pence: int) -> None:
    legs = (Posting("1000", Money(pence or 1)), Posting("1200", Money(-pence or -1)))
    before, _ = parts(Entry("k", "bank", CALENDAR_STARTS, "An entry", legs))
    assert f'"postings":[["1000","{legs[0].amount}"],["1200","{legs[1].amount}"]]' in before


@given(entries())
def test_the_content_is_the_same_whoever_records_it_wherever_and_whenever(entry: Entry) -> None:
    never = datetime(1970, 1, 1, tzinfo=UTC)
    assert content_hash(entry) == hashlib.sha256(as_the_library_writes(entry, 0, never, "")).digest()


@given(st.lists(st.binary(min_size=32, max_size=32), max_size=40), st.integers(0, 40))
def test_a_frontier_extended_in_one_go_is_the_tree_of_all_its_leaves(leaves: list[bytes], cut: int) -> None:
    grown = Frontier().extended(leaves[:cut]).extended(leaves[cut:])
    assert grown.root() == (root_of(leaves) if leaves else EMPTY_ROOT)
    assert grown == Frontier.from_bytes(grown.to_bytes())
