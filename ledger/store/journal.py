"""The journal in the database: how entries are placed, sealed and read back. Only this file writes them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final

from sqlalchemy import insert, select, update

from ledger.dates import Quarter
from ledger.entries import Entry, Posting, Recorded
from ledger.merkle import Frontier
from ledger.periods import QuarterState
from ledger.seals import canonical_bytes, seal_of
from ledger.store.database import ReadSession, WriteSession
from ledger.store.tables import Account, Book, EntryRow, JournalHead, Mark, PostingRow, QuarterEvent

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_BATCH: Final = 2_000
_ENTRY_COLUMNS: Final = tuple(EntryRow.__table__.columns)


@dataclass(frozen=True, slots=True)
class HeadRow:
    """The place, instant and Merkle frontier that the next entry follows on."""

    seq: int
    recorded_at: datetime
    frontier: Frontier


def first_head() -> dict[str, Any]:
    """The head of an empty journal."""
    empty = Frontier()
    return {"id": 1, "seq": 0, "recorded_at": EPOCH, "frontier": empty.to_bytes(), "root": empty.root()}


def content_hash(entry: Entry) -> bytes:
    """What tells a replay from another entry under the same key: everything but place, instant and actor."""
    return hashlib.sha256(canonical_bytes(entry, 0, EPOCH, "")).digest()


def take_head(session: WriteSession) -> HeadRow:
    """Take the one head row until the end of the transaction: from here on the order is ours."""
    row = session.execute(
        select(JournalHead.seq, JournalHead.recorded_at, JournalHead.frontier).with_for_update()
    ).one()
    return HeadRow(row.seq, row.recorded_at, Frontier.from_bytes(row.frontier))


def account_ids(session: ReadSession, wanted: dict[str, set[str]]) -> dict[tuple[str, str], tuple[int, int]]:
    """Book and account ids by book code and account code, for those of the wanted codes that there are."""
    found: dict[tuple[str, str], tuple[int, int]] = {}
    for book, codes in wanted.items():
        ordered = sorted(codes)
        for start in range(0, len(ordered), _BATCH):
            rows = session.execute(
                select(Account.book_id, Account.id, Account.code)
                .join(Book, Book.id == Account.book_id)
                .where(Book.code == book, Account.code.in_(ordered[start : start + _BATCH]))
            )
            found.update({(book, row.code): (row.book_id, row.id) for row in rows})
    return found


def place(session: WriteSession, head: HeadRow, entries: Sequence[tuple[Entry, datetime, str]]) -> list[Recorded]:
    """Write entries after the head, in order: the mark, the new head, the postings, and the headers after all of these.

    The database takes a head that its mark stands for, and an entry that the head has come to: so whoever adds an
    entry has moved the one row that gives the places, and by that holds it.
    """
    ids = account_ids(session, _codes(entry for entry, _, _ in entries))
    placed: list[Recorded] = []
    frontier = head.frontier
    rows: list[dict[str, Any]] = []
    legs: list[dict[str, Any]] = []
    for seq, (entry, recorded_at, actor) in enumerate(entries, start=head.seq + 1):
        seal = seal_of(entry, seq, recorded_at, actor)
        frontier = frontier.append(seal)
        placed.append(Recorded(entry, seq, recorded_at, actor, seal.hex()))
        rows.append(_header(entry, seq, recorded_at, actor, seal, ids[entry.book, entry.postings[0].account][0]))
        legs.extend(_legs(entry, seq, ids))
    last = placed[-1]
    root = frontier.root()
    session.execute(insert(Mark).values(upto_seq=last.seq, recorded_at=last.recorded_at, root=root))
    session.execute(
        update(JournalHead).values(seq=last.seq, recorded_at=last.recorded_at, frontier=frontier.to_bytes(), root=root)
    )
    session.execute(insert(PostingRow), legs)
    session.execute(insert(EntryRow), rows)
    return placed


def already_there(session: ReadSession, book: str, keys: Sequence[str]) -> dict[str, tuple[int, bytes]]:
    """Place and content of those keys that the book holds."""
    found: dict[str, tuple[int, bytes]] = {}
    for start in range(0, len(keys), _BATCH):
        rows = session.execute(
            select(EntryRow.key, EntryRow.seq, EntryRow.content_hash)
            .join(Book, Book.id == EntryRow.book_id)
            .where(Book.code == book, EntryRow.key.in_(keys[start : start + _BATCH]))
        )
        found.update({row.key: (row.seq, row.content_hash) for row in rows})
    return found


def recorded(session: ReadSession, *conditions: Any) -> Iterator[Recorded]:
    """The entries that meet the conditions, in order of place, each with all its postings; read in batches."""
    query = (
        select(*_ENTRY_COLUMNS, Book.code.label("book"))
        .join(Book, Book.id == EntryRow.book_id)
        .where(*conditions)
        .order_by(EntryRow.seq)
    )
    after = 0
    while batch := session.execute(query.where(EntryRow.seq > after).limit(_BATCH)).all():
        postings = _postings_of(session, [row.id for row in batch])
        for row in batch:
            yield _as_recorded(row, postings.get(row.id, ()))
        after = batch[-1].seq


def quarter_states(session: ReadSession) -> tuple[date | None, dict[Quarter, QuarterState]]:
    """The sealed watermark, and the last state of every quarter that has had one."""
    rows = session.execute(
        select(QuarterEvent.quarter, QuarterEvent.ends_on, QuarterEvent.state).order_by(QuarterEvent.id)
    ).all()
    states: dict[Quarter, QuarterState] = {row.quarter: row.state for row in rows}
    closed = [row.ends_on for row in rows if row.state == "closed"]
    return max(closed, default=None), states


def _codes(entries: Iterable[Entry]) -> dict[str, set[str]]:
    codes: dict[str, set[str]] = {}
    for entry in entries:
        codes.setdefault(entry.book, set()).update(leg.account for leg in entry.postings)
    return codes


def _header(entry: Entry, seq: int, recorded_at: datetime, actor: str, seal: bytes, book_id: int) -> dict[str, Any]:
    return {
        "id": seq,  # inline sequencing: an entry is named by its place
        "seq": seq,
        "book_id": book_id,
        "key": entry.key,
        "kind": entry.kind,
        "description": entry.description,
        "effective_on": entry.effective_on,
        "original_effective_on": entry.original_effective_on,
        "recorded_at": recorded_at,
        "actor": actor,
        "pair": entry.pair,
        "reverses": entry.reverses,
        "legs": len(entry.postings),
        "gross": entry.gross,
        "content_hash": content_hash(entry),
        "seal": seal,
    }


def _legs(entry: Entry, seq: int, ids: dict[tuple[str, str], tuple[int, int]]) -> Iterator[dict[str, Any]]:
    for leg, posting in enumerate(entry.postings, start=1):
        book_id, account_id = ids[entry.book, posting.account]
        yield {
            "entry_id": seq,
            "leg": leg,
            "legs": len(entry.postings),
            "book_id": book_id,
            "account_id": account_id,
            "amount": posting.amount,
            "effective_on": entry.effective_on,
            "seq": seq,
        }


def _postings_of(session: ReadSession, entry_ids: Sequence[int]) -> dict[int, tuple[Posting, ...]]:
    query = (
        select(PostingRow.entry_id, Account.code, PostingRow.amount)
        .join(Account, Account.id == PostingRow.account_id)
        .where(PostingRow.entry_id.in_(entry_ids))
        .order_by(PostingRow.entry_id, PostingRow.leg)
    )
    legs: dict[int, list[Posting]] = {}
    for row in session.execute(query):
        legs.setdefault(row.entry_id, []).append(Posting(row.code, row.amount))
    return {entry_id: tuple(found) for entry_id, found in legs.items()}


def _as_recorded(row: Any, postings: tuple[Posting, ...]) -> Recorded:
    """Read an entry back as it lies in the database, sound or not: `verify` must be able to look at a broken one."""
    entry = object.__new__(Entry)
    for name, value in (
        ("key", row.key),
        ("book", row.book),
        ("effective_on", row.effective_on),
        ("description", row.description),
        ("postings", postings),
        ("kind", row.kind),
        ("pair", row.pair),
        ("original_effective_on", row.original_effective_on),
        ("reverses", row.reverses),
    ):
        object.__setattr__(entry, name, value)
    return Recorded(entry, row.seq, row.recorded_at, row.actor, row.seal.hex())
