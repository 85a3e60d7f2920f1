"""How entries are written into the journal. Only this file, and the server's own `books_post`, writes them.

The order is the database's own demand: each header after its postings, when the database can count and add them up,
and after the mark and the head that come to its place.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, groupby, islice
from operator import attrgetter
from threading import Event
from typing import Any, Final

from ledger.acts import after_mark_as_text, chain_start
from ledger.dates import instant_text, parse_instant
from ledger.entries import Entry, Recorded
from ledger.merkle import Frontier
from ledger.refusals import Refusal
from ledger.seals import content_hash_of, opening, parts
from ledger.store.foresight import Foresight
from ledger.store.journal import EPOCH
from ledger.store.raw import Raw, as_array
from ledger.store.rows import POSTING, Act, Acts, ActsOfOne, Ids, Row, Sealed, columns_of, headers_of, legs_of, sealed
from ledger.store.server_in_one import POST_ONE, SETTLED
from ledger.store.server_side import MOST_AT_ONCE

__all__ = [
    "Act",
    "ActsOfOne",
    "HeadRow",
    "Ids",
    "NotInitialised",
    "There",
    "account_ids",
    "already_there",
    "codes_of",
    "first_head",
    "keep_chain",
    "place",
    "post_here",
    "post_on_the_server",
    "take_head",
]

_LEG_LINE: Final = "%d\t%d\t%d\t%d\t%d\t%d\t%s\t%d\n"
_VERY_MANY: Final = 5_000
"""Entries that are sealed while their postings are taken in: for fewer a second thread is not worth its while."""
_ROWS_BESIDE: Final = 4_000
"""Postings in a statement meanwhile: between two of them SQLite waits until Python lets its thread go on, so few.
Eight values each, they stay below the 32,766 that a statement may have."""
_HEADERS_AHEAD: Final = 100_000
"""Headers made before the postings are all in: each takes half a kilobyte until it is in too."""
_SEALED_AT_A_TIME: Final = 1_000
"""Entries that are sealed before anybody looks whether they are still wanted."""
_RECORDED_AT: Final = attrgetter("recorded_at")

_CLEAR_HERE: Final = """
    SELECT a.book_id, a.id, a.code,
           EXISTS (SELECT 1 FROM entry e WHERE e.book_id = b.id AND e.key = ?)
           OR EXISTS (SELECT 1 FROM quarter_event q WHERE q.ends_on >= ?)
      FROM book b JOIN account a ON a.book_id = b.id
     WHERE b.code = ? AND a.code IN (SELECT value FROM json_each(?))
"""
"""The accounts of an entry, and whether it needs a closer look: its key is there, or a quarter that ends no earlier."""

_HEAD: Final = "SELECT seq, recorded_at, frontier, chain FROM journal_head WHERE id = 1"
_HEAD_HELD: Final = f"{_HEAD} FOR UPDATE"

There = dict[tuple[str, str], tuple[int, bytes]]
"""Place and content hash of entries that are there already, by book and key."""


class NotInitialised(Refusal):
    """There is no journal yet."""

    slug = "no-journal"
    status = 503


@dataclass(frozen=True, slots=True)
class HeadRow:
    """The place, instant, Merkle frontier and chain that the next entry follows on."""

    seq: int
    recorded_at: datetime
    frontier: Frontier
    chain: bytes


def first_head() -> dict[str, Any]:
    """The head of an empty journal."""
    empty = Frontier()
    return {
        "id": 1,
        "seq": 0,
        "recorded_at": EPOCH,
        "frontier": empty.to_bytes(),
        "root": empty.root(),
        "chain": chain_start(),
    }


def take_head(raw: Raw) -> HeadRow:
    """Take the one head row until the end of the transaction: from here on the order is ours."""
    found = raw.ask(_HEAD if raw.sqlite else _HEAD_HELD)
    if not found:
        raise NotInitialised("The books are not open yet: run `bank init`")
    seq, recorded_at, frontier, chain = found[0]
    return HeadRow(seq, raw.read_instant(recorded_at), Frontier.from_bytes(bytes(frontier)), bytes(chain))


def keep_chain(raw: Raw, chain: bytes) -> None:
    """Put the chain of an act that placed nothing, such as a close, into the head that has been taken."""
    raw.tell("UPDATE journal_head SET chain = ? WHERE id = 1", chain)


def account_ids(raw: Raw, wanted: dict[str, set[str]]) -> Ids:
    """Book and account ids for those of the wanted codes that there are."""
    found: Ids = {}
    for book, codes in wanted.items():
        rows = raw.ask(
            "SELECT a.book_id, a.id, a.code FROM account a JOIN book b ON b.id = a.book_id "  # noqa: S608 -- no value
            f"WHERE b.code = ? AND {raw.listed('a.code')}",
            book,
            raw.one_of(codes),
        )
        found.update({(book, code): (book_id, account_id) for book_id, account_id, code in rows})
    return found


def already_there(raw: Raw, book: str, keys: Sequence[str]) -> dict[str, tuple[int, bytes]]:
    """Place and content of those keys that the book holds."""
    rows = raw.ask(
        "SELECT e.key, e.seq, e.content_hash FROM entry e JOIN book b ON b.id = e.book_id "  # noqa: S608 -- no value
        f"WHERE b.code = ? AND {raw.listed('e.key')}",
        book,
        raw.one_of(keys),
    )
    return {key: (seq, bytes(content)) for key, seq, content in rows}


def codes_of(entries: Iterable[Entry]) -> dict[str, set[str]]:
    """The account codes that entries name, by book."""
    codes: dict[str, set[str]] = {}
    for entry in entries:
        mine = codes.setdefault(entry.book, set())
        for leg in entry.postings:
            mine.add(leg.account)
    return codes


def place(raw: Raw, head: HeadRow, acts: Acts, ids: Ids) -> list[Recorded]:
    """Seal entries and write them after the head that has been taken, in order."""
    if raw.sqlite:
        return _place_here(raw, head, acts, ids)
    made = sealed(head.seq, acts)
    _move_on(raw, head, made)
    columns = columns_of(made)
    raw.copy("posting", ", ".join(POSTING), map(_LEG_LINE.__mod__, legs_of(acts, head.seq, ids)))
    raw.copy("entry", ", ".join(columns), map(_header_line, headers_of(made, ids, columns, bytes)))
    return made.placed


def _place_here(raw: Raw, head: HeadRow, acts: Acts, ids: Ids) -> list[Recorded]:
    """The same on SQLite, whose guards ask of a posting only that its entry be new: so the postings are first.

    Where they are very many, the entries are sealed on one processor while SQLite takes the postings in on another: it
    works in this process, and needs nothing of Python's for as long as a statement takes. What is done beside has no
    connection: whatever breaks off the act, be it a key pressed twice, nothing writes into the next one.
    """
    postings = legs_of(acts, head.seq, ids)
    if len(acts) < _VERY_MANY:
        raw.insert_each("posting", POSTING, postings)
        made = sealed(head.seq, acts)
        headers = headers_of(made, ids, columns_of(made), bytearray)
    else:
        with _sealing_beside(head.seq, acts, ids) as beside:
            raw.insert_each("posting", POSTING, postings, _ROWS_BESIDE)
            made, headers = beside.result()
    _move_on(raw, head, made)
    # The driver looks for a way to write bytes and nothings, and finds none, at ten times what it takes to bind them:
    # it has no such doubts about a bytearray, and the columns that stay empty are not named.
    raw.insert_each("entry", columns_of(made), headers)
    return made.placed


@contextmanager
def _sealing_beside(after: int, acts: Acts, ids: Ids) -> Iterator[Future[tuple[Sealed, Iterator[Row]]]]:
    """Have entries sealed by a thread until the block ends; it is not waited for when nobody wants them any more."""
    stop, beside = Event(), ThreadPoolExecutor(1)

    def seal() -> tuple[Sealed, Iterator[Row]]:
        made = sealed(after, chain.from_iterable(_while_wanted(acts, stop)))
        headers = headers_of(made, ids, columns_of(made), bytearray)
        return made, chain(list(islice(headers, _HEADERS_AHEAD)), headers)

    try:
        yield beside.submit(seal)
    finally:
        stop.set()
        beside.shutdown(wait=False)


def _while_wanted(acts: Acts, stop: Event) -> Iterator[list[tuple[Entry, str, datetime]]]:
    rest = iter(acts)
    while not stop.is_set() and (some := list(islice(rest, _SEALED_AT_A_TIME))):
        yield some


def _move_on(raw: Raw, head: HeadRow, made: Sealed) -> None:
    """Move the head to the marks of sealed entries."""
    grown = _marked(raw, head, made)
    raw.tell(
        "UPDATE journal_head SET seq = ?, recorded_at = ?, frontier = ?, root = ?, chain = ? WHERE id = 1",
        grown.seq,
        raw.instant(grown.recorded_at),
        grown.frontier.to_bytes(),
        grown.frontier.root(),
        grown.chain,
    )


def post_on_the_server(
    raw: Raw, now: datetime, actor: str, entries: Sequence[Entry], span: int, foresight: Foresight | None = None
) -> list[Recorded]:
    """Have PostgreSQL place a few entries, in one round trip; nothing is placed where any of them needs a closer look.

    A closer look is what an unknown account, a key already there, a day in or before a quarter that has been closed,
    and the last entry of a span of cells call for. One entry that commits by itself is first put where the journal is
    expected to stand, if anybody expects it.
    """
    if raw.sqlite or len(entries) > MOST_AT_ONCE:
        return []
    if len(entries) == 1 and raw.commits_by_itself:
        foreseen = foresight.post(raw, now, actor, entries[0], span) if foresight else []
        return foreseen or _post_one(raw, now, actor, entries[0], span)
    found = raw.ask(
        "SELECT first_seq, placed_at, seals FROM books_post(?, ?, ?, ?::jsonb, ?)",
        now,
        actor,
        opening(actor),
        json.dumps([parts(entry) for entry in entries], ensure_ascii=False),
        span,
    )
    if not found:
        return []
    first, placed_at, seals = found[0]
    at = raw.read_instant(placed_at)
    return [
        Recorded(entry, seq, at, actor, bytes(seal).hex())
        for seq, (entry, seal) in enumerate(zip(entries, seals, strict=True), start=first)
    ]


def _post_one(raw: Raw, now: datetime, actor: str, entry: Entry, span: int) -> list[Recorded]:
    before, between = parts(entry)
    original = entry.original_effective_on
    amounts = [leg.amount.pence for leg in entry.postings]
    told = {
        "book": entry.book,
        "accounts": as_array([leg.account for leg in entry.postings]),
        "amounts": f"{{{','.join(map(str, amounts))}}}",
        "key": entry.key,
        "day": entry.effective_on.isoformat(),
        "now": now.isoformat(),
        "span": str(span),
        "before": opening(actor) + before,
        "between": between,
        "kind": entry.kind,
        "description": entry.description,
        "original": original.isoformat() if original else None,
        "actor": actor,
        "pair": entry.pair,
        "gross": str(sum(pence for pence in amounts if pence > 0)),
        "content": content_hash_of(before, between).hex(),
    }
    placed = [
        Recorded(entry, int(seq), parse_instant(placed_at), actor, seal)
        for seq, placed_at, seal, _ in raw.ask_straight(POST_ONE, told)
    ]
    if placed:
        raw.ask_straight(SETTLED, {})
    return placed


def post_here(raw: Raw, now: datetime, actor: str, entries: Sequence[Entry], span: int) -> list[Recorded]:
    """The same on SQLite, which is here: a statement costs no round trip, and the transaction is the only writer."""
    head = take_head(raw)
    if (head.seq + len(entries)) // span != head.seq // span:
        return []
    earliest = min(entry.effective_on for entry in entries).isoformat()
    ids: Ids = {}
    for entry in entries:
        codes = {leg.account for leg in entry.postings}
        found = raw.ask(_CLEAR_HERE, entry.key, earliest, entry.book, raw.one_of(codes))
        if len(found) < len(codes) or found[0][3]:
            return []
        ids.update({(entry.book, code): (book_id, account_id) for book_id, account_id, code, _ in found})
    at = max(now, head.recorded_at)
    return place(raw, head, [Act(entry, actor, at) for entry in entries], ids)


def _marked(raw: Raw, head: HeadRow, made: Sealed) -> HeadRow:
    """A mark for every instant at which something was recorded, and the head that the last of them makes."""
    done = 0
    for recorded_at, together in groupby(made.placed, key=_RECORDED_AT):
        count = sum(1 for _ in together)
        frontier = head.frontier.extended(made.seals[done : done + count])
        done += count
        seq, root = head.seq + count, frontier.root()
        raw.tell("INSERT INTO mark (upto_seq, recorded_at, root) VALUES (?, ?, ?)", seq, raw.instant(recorded_at), root)
        chain = after_mark_as_text(head.chain, seq, instant_text(recorded_at), root)
        head = HeadRow(seq, recorded_at, frontier, chain)
    return head


def _header_line(row: tuple[Any, ...]) -> str:
    return "\t".join([_in_copy(value) for value in row]) + "\n"


def _in_copy(value: Any) -> str:
    """A value in the text form of COPY; no text of an entry holds a control character, so only backslashes escape."""
    if value is None:
        return r"\N"
    if isinstance(value, bytes):
        return rf"\\x{value.hex()}"
    return value.replace("\\", "\\\\") if isinstance(value, str) else str(value)
