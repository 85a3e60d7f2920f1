"""One entry posted where this process expects the journal to stand: PostgreSQL is asked for nothing but to agree.

Whoever is alone at the books knows the head without looking: it is what the last post left. Place, instant, seal, mark
and head are then worked out here, as they are for SQLite, and one statement writes them if the head's chain is the one
they follow on. The chain is over every mark and every quarter's event, each with its root, so that where it agrees all
the rest does. Where it does not, nothing is written, the server works them out itself (`ledger.store.server_in_one`),
and for a while nothing is expected: among many writers it would mostly be in vain.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any, Final, NamedTuple

from ledger.acts import after_mark_as_text
from ledger.dates import instant_text, parse_instant
from ledger.entries import Entry, Recorded
from ledger.merkle import Frontier
from ledger.seals import content_hash_of, parts, seal_of_parts
from ledger.store.raw import Raw, as_array

_MOST_LEGS: Final = 8
"""Of an entry that is posted so: each number of legs is a statement of its own, which the connection keeps prepared."""

_LONGEST_REST: Final = 64
"""Posts for which nothing is expected, at most, after expectations were wrong."""

_KEPT_IN: Final = """concat_ws(' ', extract(epoch FROM pg_postmaster_start_time()),
       pg_relation_filepath('book'::regclass), pg_relation_filepath('account'::regclass))"""
"""Which run of which server answers, and in which files it keeps books and accounts.

While these are the same, no account has changed its number: nobody can remove one there. A database that is restored
under a running process, be it dropped and made anew, emptied and filled, or with its whole server, has other files or
is another run; the accounts opened since the backup are gone there, and others may bear their numbers, which the chain
does not tell of. To ask this costs the server a hundredth of a post, and to look up three codes a tenth.
"""

_HEAD: Final = f"""
SELECT seq::text, to_char(recorded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), encode(frontier, 'hex'),
       encode(chain, 'hex'), {_KEPT_IN}
  FROM journal_head WHERE id = 1
"""  # noqa: S608 -- our own words

_AT_ONCE: Final = 2_000
"""Accounts of a book that are looked up with the first of them: an extra question for each would cost a fifth of what
posting to it does."""

_FIRST_OF_ITS_BOOK: Final = f"""
WITH here AS MATERIALIZED (SELECT {_KEPT_IN} AS kept_in)
SELECT b.id::text, a.id::text, a.code, here.kept_in
  FROM book b JOIN account a ON a.book_id = b.id CROSS JOIN here
 WHERE b.code = %(book)s
 ORDER BY a.code LIMIT %(most)s::bigint
"""  # noqa: S608 -- our own words

_ACCOUNTS: Final = f"""
WITH here AS MATERIALIZED (SELECT {_KEPT_IN} AS kept_in)
SELECT b.id::text, a.id::text, a.code, here.kept_in
  FROM book b JOIN account a ON a.book_id = b.id CROSS JOIN here
 WHERE b.code = %(book)s AND a.code = ANY (%(codes)s::text[])
"""  # noqa: S608 -- our own words

_WRITE: Final = """
WITH head AS MATERIALIZED (
  SELECT id FROM journal_head
   WHERE id = 1 AND chain = decode(%(chain)s, 'hex') AND {kept_in} = %(kept_in)s
     AND books_clear(%(book)s::bigint, %(key)s::text, %(day)s::date)
     FOR UPDATE
), known AS (
  INSERT INTO mark (upto_seq, recorded_at, root)
    SELECT %(seq)s::bigint, %(at)s::timestamptz, decode(%(root)s, 'hex') FROM head RETURNING upto_seq
), moved AS (
  UPDATE journal_head
     SET seq = known.upto_seq, recorded_at = %(at)s::timestamptz, frontier = decode(%(frontier)s, 'hex'),
         root = decode(%(root)s, 'hex'), chain = decode(%(grown)s, 'hex')
    FROM known WHERE journal_head.id = 1
), kept AS (
  INSERT INTO posting (entry_id, leg, legs, book_id, account_id, amount, effective_on, seq)
    SELECT %(seq)s::bigint, l.leg, %(legs)s::int, %(book)s::bigint, l.account_id, l.amount, %(day)s::date,
           %(seq)s::bigint
      FROM head, (VALUES {legs}) l(leg, account_id, amount)
), entered AS (
  INSERT INTO entry (id, seq, book_id, key, kind, description, effective_on, original_effective_on, recorded_at,
                     actor, pair, legs, gross, content_hash, seal)
    SELECT %(seq)s::bigint, %(seq)s::bigint, %(book)s::bigint, %(key)s::text, %(kind)s::text, %(description)s::text,
           %(day)s::date, %(original)s::date, %(at)s::timestamptz, %(actor)s::text, %(pair)s::text, %(legs)s::int,
           %(gross)s::bigint, decode(%(content)s, 'hex'), decode(%(seal)s, 'hex')
      FROM head
)
SELECT FROM head
"""
"""Answers one row of nothing; or no row, and nothing is written, where the head is another or a closer look is needed.

Whether anything is to be asked (`books_clear`) is asked as the server does when it works out the rest: before it waits
for the head.
"""


class _Head(NamedTuple):
    """Where the next entry goes, if nobody else has been there."""

    seq: int
    recorded_at: datetime
    instant: str
    frontier: Frontier
    chain: bytes


class _Numbers(NamedTuple):
    """The numbers of books and accounts by their codes, and where they are kept: elsewhere they tell nothing."""

    kept_in: str
    books: dict[str, str]
    accounts: dict[tuple[str, str], str]


class Foresight:
    """What one process expects of the books of one database. Wrong expectations cost time, never truth.

    May be shared among threads: each replaces what is expected as a whole, and the server decides.
    """

    __slots__ = ("_head", "_numbers", "_rest", "_resting")

    def __init__(self) -> None:
        self._head: _Head | None = None
        self._numbers = _Numbers("", {}, {})
        self._rest = 0
        self._resting = 0

    def post(self, raw: Raw, now: datetime, actor: str, entry: Entry, span: int) -> list[Recorded]:
        """Post an entry where the journal is expected to stand; nothing where it stands elsewhere, or is not expected.

        Nothing either for what calls for a closer look: an unknown account, a key already there, a day in or before a
        quarter that has been closed, more than eight legs, and the last entry of a span of cells. `raw` commits each
        statement by itself. Accounts never change their numbers and are never removed, so they are looked up once
        for as long as they are kept where they were.
        """
        if self._resting:
            self._resting -= 1
            return []
        if len(entry.postings) > _MOST_LEGS:
            return []
        head, self._head = self._head, None
        head = head or self._read(raw)
        numbers = self._numbers_of(raw, entry)
        if head is None or numbers is None or (head.seq + 1) % span == 0:
            return []
        told, done, grown = _told(head, numbers, now, actor, entry)
        if not raw.ask_straight(_statement(len(entry.postings)), told):
            self._rest = self._resting = min(2 * self._rest + 1, _LONGEST_REST)
            return []
        self._head, self._rest = grown, 0
        return [done]

    def _read(self, raw: Raw) -> _Head | None:
        """The head as it is, held by nobody; numbers of accounts that are kept elsewhere by now are forgotten."""
        found: Sequence[Sequence[Any]] = raw.ask_straight(_HEAD, {})
        if not found:
            return None
        seq, instant, frontier, chain, kept_in = found[0]
        if self._numbers.kept_in != kept_in:
            self._numbers = _Numbers(kept_in, {}, {})
        peaks = Frontier.from_bytes(bytes.fromhex(frontier))
        return _Head(int(seq), parse_instant(instant), instant, peaks, bytes.fromhex(chain))

    def _numbers_of(self, raw: Raw, entry: Entry) -> _Numbers | None:
        """The numbers, if the book and every account of the entry are among them, by now."""
        numbers = self._numbers
        if entry.book not in numbers.books:
            most = {"book": entry.book, "most": str(_AT_ONCE)}
            numbers = self._learn(entry.book, raw.ask_straight(_FIRST_OF_ITS_BOOK, most))
        missing = {leg.account for leg in entry.postings if (entry.book, leg.account) not in numbers.accounts}
        if missing:
            codes = as_array(sorted(missing))
            numbers = self._learn(entry.book, raw.ask_straight(_ACCOUNTS, {"book": entry.book, "codes": codes}))
        known = entry.book in numbers.books and all(
            (entry.book, leg.account) in numbers.accounts for leg in entry.postings
        )
        return numbers if known else None

    def _learn(self, book: str, found: Sequence[Sequence[str]]) -> _Numbers:
        numbers = self._numbers
        if found and found[0][-1] != numbers.kept_in:
            numbers = self._numbers = _Numbers(found[0][-1], {}, {})
        for book_id, account_id, code, _ in found:
            numbers.accounts[book, code] = account_id
            numbers.books[book] = book_id
        return numbers


def _told(
    head: _Head, numbers: _Numbers, now: datetime, actor: str, entry: Entry
) -> tuple[dict[str, str | None], Recorded, _Head]:
    """All that the statement is told, what the caller is answered, and the head that comes of it."""
    seq, later = head.seq + 1, now > head.recorded_at
    recorded_at, at = (now, instant_text(now)) if later else (head.recorded_at, head.instant)
    before, between = parts(entry)
    seal = seal_of_parts(actor, before, between, at, seq)
    frontier = head.frontier.append(seal)
    root = frontier.root()
    chain = after_mark_as_text(head.chain, seq, at, root)
    original = entry.original_effective_on
    amounts = [leg.amount.pence for leg in entry.postings]
    told: dict[str, str | None] = {
        "chain": head.chain.hex(),
        "kept_in": numbers.kept_in,
        "book": numbers.books[entry.book],
        "key": entry.key,
        "day": entry.effective_on.isoformat(),
        "seq": str(seq),
        "at": at,
        "root": root.hex(),
        "frontier": frontier.to_bytes().hex(),
        "grown": chain.hex(),
        "legs": str(len(amounts)),
        "kind": entry.kind,
        "description": entry.description,
        "original": original.isoformat() if original else None,
        "actor": actor,
        "pair": entry.pair,
        "gross": str(sum(pence for pence in amounts if pence > 0)),
        "content": content_hash_of(before, between).hex(),
        "seal": seal.hex(),
    }
    for number, (leg, pence) in enumerate(zip(entry.postings, amounts, strict=True), start=1):
        told[f"account{number}"] = numbers.accounts[entry.book, leg.account]
        told[f"amount{number}"] = str(pence)
    done = Recorded(entry, seq, recorded_at, actor, seal.hex())
    return told, done, _Head(seq, recorded_at, at, frontier, chain)


@cache
def _statement(legs: int) -> str:
    """The statement for an entry of so many legs."""
    each = (f"({leg}, %(account{leg})s::bigint, %(amount{leg})s::bigint)" for leg in range(1, legs + 1))
    return _WRITE.replace("{kept_in}", _KEPT_IN).replace("{legs}", ", ".join(each))
