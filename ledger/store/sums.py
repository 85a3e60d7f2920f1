"""What went through accounts in a span of days, as known at a place: one statement, however long the journal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import lru_cache
from itertools import chain
from typing import Any, Final, NamedTuple, cast

from ledger.dates import CALENDAR_ENDS
from ledger.store import cells
from ledger.store.database import ReadSession
from ledger.store.raw import Raw
from ledger.store.spans import Block, Run, blocks, pieces, runs, window
from ledger.store.sum_texts import (
    CODES,
    FEW,
    HASHED,
    USUAL,
    Measure,
    of_few,
    of_many,
    settled,
)

NET: Final[tuple[Measure, ...]] = ("net",)
SIDES: Final[tuple[Measure, ...]] = ("debits", "credits")

_ROWS: Final = 8
"""SQLite is given so many runs, or twice or thrice as many: few texts, each understood once."""
_RUN: Final = "level, block, low, high, sign"
_NO_RUN: Final = Run(-1, -1, 0, 0, 0)
_NO_BLOCK: Final = Block(0, -1, 0)
_SIGN: Final = {1: "+", -1: "-"}
_FOR_EVER: Final = 2**62
_FIRST_DAY: Final = "0001-01-01"
_LAST_LETTER: Final = chr(0x10FFFF)

_UNNEST: Final = """(
  SELECT * FROM unnest(?::smallint[], ?::bigint[], ?::integer[], ?::integer[], ?::smallint[])
    AS run(level, block, low, high, sign)
)"""
_UNNEST_TOTAL: Final = """(
  SELECT * FROM unnest(?::smallint[], ?::bigint[], ?::smallint[]) AS total(level, block, sign)
)"""
_TABLES: Final = {"cells": "run", "total": "total"}
"""What the tables are called that say which cells a part reads."""
_KEPT: Final = "kept for the sums"
_HEAD: Final = "SELECT seq FROM journal_head"
_STANDING: Final = """
    SELECT (SELECT seq FROM journal_head),
           (SELECT max(ends_on) FROM quarter_event
             WHERE state = 'closed' AND ends_on <= ? AND upto_seq <= ? AND EXISTS (
               SELECT 1 FROM closing_balance WHERE closing_balance.ends_on = quarter_event.ends_on))
"""
_ACCOUNTS_THERE: Final = f"""
    FROM (SELECT count(*) AS many FROM (
      SELECT 1 FROM account WHERE book_id = (SELECT id FROM book WHERE code = ?) LIMIT {FEW + 1}) AS one_each) AS there
"""  # noqa: S608 -- a number of our own
_SETTLED: Final = settled(HASHED)
_STANDING_OF_ALL: Final = {True: _STANDING, False: f"{_STANDING}, {_SETTLED}"}
_STANDING_OF_BOOK: Final = {
    True: f"{_STANDING}, there.many {_ACCOUNTS_THERE}",
    False: f"{_STANDING}, there.many, CASE WHEN there.many > {FEW} THEN {_SETTLED} END {_ACCOUNTS_THERE}",
}
"""Settled only for a book with more than a few accounts: the sums of a few are planned as anything else is."""


class Sum(NamedTuple):
    """What went through one account, in pence: one number for each measure asked for."""

    book: str
    code: str
    name: str
    pence: tuple[int, ...]


_sum: Final = Sum._make
"""A sum of four values given together: half of the time where there are a thousand."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Accounts at or below a code (every code when it is empty) of a book, or of all; the days; and a place, or now.

    Also those at or below some more codes of the same book, so that they need not be asked for one by one.
    """

    book: str | None
    code: str
    since: date | None
    until: date | None
    place: int | None
    measures: tuple[Measure, ...] = NET
    also: tuple[str, ...] = ()

    @property
    def codes(self) -> tuple[str, ...]:
        """Every code asked for."""
        return (self.code, *self.also)


class _Part(NamedTuple):
    """One part of a sum: what it reads, the runs and values it reads by, and whether it is added or taken away."""

    kind: str
    runs: tuple[Run, ...] | tuple[Block, ...] = ()
    values: tuple[Any, ...] = ()
    sign: int = 1
    month: int = 0


class _Standing(NamedTuple):
    """Where the journal stands, and the last quarter closed for good by a day, as known at a place."""

    head: int
    closed: date | None


def sums(session: ReadSession, asked: Asked) -> list[Sum]:
    """What went through each account asked for, where there is any, in no order."""
    kept = _kept(session)
    if asked.book is not None and asked.code:
        found = _of_few(kept, asked.book, asked)
        return _of_many(kept.raw, asked, _standing(kept.raw, asked, None)[0]) if found is None else found
    standing, many = _standing(kept.raw, asked, asked.book)
    if asked.book is not None and many <= FEW:
        found = _of_few(kept, asked.book, asked)
        if found is not None:
            return found
    return _of_many(kept.raw, asked, standing)


@dataclass(slots=True)
class _Kept:
    """What is kept with a connection: a cursor, and what a sum last saw of the head, and of accounts that are busy."""

    raw: Raw
    head: int = 0
    busy: dict[tuple[str, str], int] = field(default_factory=dict)


def _kept(session: ReadSession) -> _Kept:
    """The same cursor for every sum asked of a connection: a new one would have to learn our values' types again."""
    session.flush()
    connection = session.connection()
    kept = connection.info.get(_KEPT)
    if kept is None:
        kept = connection.info[_KEPT] = _Kept(Raw.within(session))
    return cast("_Kept", kept)


def _of_few(kept: _Kept, book: str, asked: Asked) -> list[Sum] | None:
    """Each account's own sum; None when there are too many accounts for that.

    Where the head was when last seen tells which spans are full, and what was last seen of the account whether it is
    busy. The answer says what they are, and so whether they were: they may not be, where what was last seen was never
    committed. What has come since is read as what lies beyond the spans.
    """
    raw = kept.raw
    place = (kept.head or _head(raw)) if asked.place is None else asked.place
    seen, since = kept.head, None if asked.also else kept.busy.get((book, asked.code))
    if since is None:
        upto = _nearest(place, seen)
        parts = list(_parts(raw, asked, place, upto, asked.since, seen, few=True))
    else:
        upto = 0
        parts = list(_parts_of_busy(raw, asked, place, since, seen))
    if not parts:
        return []
    rows = raw.ask_again(*_question(raw, book, asked, parts))
    if len(rows) > FEW:
        return None
    alone = rows[0][3] if len(rows) == 1 else None
    kept.head = rows[0][2] if rows else kept.head
    if alone is not None and not asked.also:
        kept.busy[book, asked.code] = alone
    elif since is not None:
        del kept.busy[book, asked.code]
    if rows and (kept.head < max(seen, upto) or (since is not None and since != alone)):
        # The present stays the present, with what waits in it; a place beyond the head is the head.
        return _of_few(kept, book, asked if asked.place is None else replace(asked, place=min(place, kept.head)))
    return [
        Sum(book, code, name, tuple(pence))
        for code, name, _, _, *pence in rows
        if any(pence) and _belongs(code, asked.codes)
    ]


def _question(raw: Raw, book: str, asked: Asked, parts: Sequence[_Part]) -> tuple[Any, ...]:
    """The statement that adds up parts for a few accounts, and its values."""
    values: list[Any] = [book, *chain.from_iterable(map(_letters, asked.codes))]
    for name in _TABLES:
        found = next((part.runs for part in parts if part.kind == name), ())
        values.extend(_columns(raw, found) if found else ())
    for _ in asked.measures:
        values.extend(_plain(raw, parts))
    shape = tuple((part.kind, part.sign, len(part.runs)) for part in parts)
    return (_few_text(raw.sqlite, asked.measures, shape, len(asked.codes)), *values)


def _of_many(raw: Raw, asked: Asked, standing: _Standing) -> list[Sum]:
    """All accounts at once, beginning with the last closed quarter that tells all before it."""
    head, closed = standing
    place = head if asked.place is None else min(asked.place, head)
    since, parts = asked.since, []
    if closed is not None and since is None:
        parts.append(_Part("closing", values=(str(closed),)))
        since = closed + timedelta(days=1)
    upto = _nearest(place, head)
    parts.extend(_parts(raw, asked, place, upto, since, head, few=False))
    if not parts:
        if not raw.sqlite:
            raw.tell(f"SELECT {settled(USUAL)}")
        return []
    texts = of_many(asked.measures, sqlite=raw.sqlite)
    opening: list[str] = []
    legs: list[str] = []
    values: list[Any] = []
    for at, part in enumerate(parts):
        found = part.runs or (_of_month(upto, head, part.month) if raw.sqlite else ())
        if found:
            opening.append(_table(f"run_{at}", len(found), sqlite=raw.sqlite))
            values.extend(_columns(raw, found))
        legs.append(texts.part[part.kind, part.sign].format(run=f"run_{at}"))
    whole = texts.whole.format(
        opening=f"WITH {', '.join(opening)}" if opening else "",
        codes=CODES[asked.book is not None],
        legs=" UNION ALL ".join(legs),
    )
    end = (*_plain(raw, parts), *_letters("" if asked.also else asked.code))
    book = asked.book
    if book is None:
        rows = raw.ask(whole, *values, *end)
        return [_sum((row[0], row[1], row[2], tuple(row[3:]))) for row in rows if any(row[3:])]
    rows = [row for row in raw.ask(whole, *values, book, *end) if row[0]]
    if asked.code:
        rows = [row for row in rows if _belongs(row[0], asked.codes)]
    if len(asked.measures) == 1:
        return [_sum((book, code, name, (pence,))) for code, name, pence in rows if pence]
    return [_sum((book, row[0], row[1], row[2:])) for row in rows if any(row[2:])]


def _nearest(place: int, head: int) -> int:
    """The end of a full span that is nearest to a place, before it or after it: what lies between is read by itself."""
    before = place - place % cells.SPAN
    after = before + cells.SPAN
    return after if after <= head and after - place <= place - before else before


def _parts(
    raw: Raw, asked: Asked, place: int, upto: int, since: date | None, head: int, *, few: bool
) -> Iterator[_Part]:
    """The parts of a sum over days, from one that may be later than was asked, as known at a place.

    The spans are those to the end of one; the entries from there to the place are added, or those after it taken away.
    """
    full = upto // cells.SPAN
    if since is not None and asked.until is not None and since > asked.until:
        return
    days = window(since, asked.until)
    if found := runs(full, head // cells.SPAN, days.after, days.before, few=few):
        yield _Part("cells", found)
    for edge in days.edges if full else ():
        yield _Part("edge", (), (str(edge.first), str(edge.last), upto), edge.sign, edge.month)
    yield from _parts_beyond(raw, asked, place, upto, since)


def _parts_of_busy(raw: Raw, asked: Asked, place: int, since: int, head: int) -> Iterator[_Part]:
    """The same for one account that has been busy since a stretch: its running totals, by the day.

    What came before it was busy is added up from spans.
    """
    if asked.since is not None and asked.until is not None and asked.since > asked.until:
        return
    span, short = cells.SPAN, cells.stretch()
    there, start = head // span * (span // short), since * short // span * (span // short)
    stop = max(min((place + short // 2) // short, there), start)
    early = min(start * short, _nearest(place, start * short))
    days = window(asked.since, asked.until)
    if found := runs(early // span, start * short // span, days.after, days.before, few=True):
        yield _Part("cells", found)
    for edge in days.edges if early else ():
        yield _Part("edge", (), (str(edge.first), str(edge.last), early), edge.sign, edge.month)
    upto = early
    if place >= start * short:
        upto = stop * short
        if totals := _totals(pieces(start, stop, there)):
            yield _Part("total", totals, (_number(asked.until or CALENDAR_ENDS),))
            if asked.since is not None:
                yield _Part("total", totals, (_number(asked.since) - 1,), -1)
    yield from _parts_beyond(raw, asked, place, upto, asked.since)


@lru_cache(maxsize=4096)
def _totals(found: tuple[Block, ...]) -> tuple[Block, ...]:
    """Pieces of the journal by the levels at which running totals are kept of them."""
    return tuple(Block(-1 - level, block, sign) for level, block, sign in found)


def _number(day: date) -> int:
    """A day as a running total keeps it."""
    return day.year * 10_000 + day.month * 100 + day.day


def _parts_beyond(raw: Raw, asked: Asked, place: int, upto: int, since: date | None) -> Iterator[_Part]:
    """What lies between a place up to which all is added up and the one that was asked for."""
    between = (_FIRST_DAY if since is None else str(since), str(asked.until or CALENDAR_ENDS))
    if asked.place is None or place > upto:
        yield _Part("rest", (), (upto, _FOR_EVER if asked.place is None else place, *between))
    elif place < upto:
        yield _Part("rest", (), (place, upto, *between), -1)
    if asked.place is None and not raw.sqlite:
        yield _Part("waiting", (), between)


@lru_cache(maxsize=1024)
def _few_text(
    sqlite: bool,  # noqa: FBT001 -- a key of the cache
    measures: tuple[Measure, ...],
    shape: tuple[tuple[str, int, int], ...],
    codes: int,
) -> str:
    """The statement for a few accounts, by the kinds, signs and numbers of runs of its parts, and how many codes."""
    texts = of_few(sqlite=sqlite)
    one = texts.one.format(codes=" OR ".join([texts.code] * codes))
    rows = {kind: rows for kind, _, rows in shape}
    opening = [one, *(_table(_TABLES[kind], rows[kind], sqlite=sqlite) for kind in _TABLES if kind in rows)]
    terms = (" ".join(f"{_SIGN[sign]} {texts.part[kind][name]}" for kind, sign, _ in shape) for name in measures)
    added_up = ", ".join(f"CAST({term} AS bigint)" for term in terms)
    return texts.whole.format(opening=", ".join(opening), sums=added_up)


def _of_month(upto: int, head: int, month: int) -> tuple[Run, ...]:
    """The cells of one month, which name the accounts that have postings in it; perhaps some that have them later."""
    found = blocks(upto // cells.SPAN, head // cells.SPAN) if month else ()
    return tuple(Run(level, number, month - 1, month + 1, sign) for level, number, sign in found if sign > 0)


def _plain(raw: Raw, parts: Sequence[_Part]) -> Iterator[Any]:
    """The values of the parts, as text for PostgreSQL: its driver makes another statement of each width of a number."""
    for value in chain.from_iterable(part.values for part in parts):
        yield value if raw.sqlite else str(value)


def _table(name: str, rows: int, *, sqlite: bool) -> str:
    """A table of runs, or of blocks."""
    if not sqlite:
        return f"{name} AS {_UNNEST_TOTAL if name == 'total' else _UNNEST}"
    columns, row = ("level, block, sign", "(?, ?, ?)") if name == "total" else (_RUN, "(?, ?, ?, ?, ?)")
    return f"{name}({columns}) AS (VALUES {', '.join([row] * (rows + -rows % _ROWS))})"


def _columns(raw: Raw, rows: tuple[Run, ...] | tuple[Block, ...]) -> tuple[Any, ...]:
    """The values of a table of runs, or of blocks."""
    return _rows(rows) if raw.sqlite else _arrays(rows)


@lru_cache(maxsize=4096)
def _rows(rows: tuple[Run, ...] | tuple[Block, ...]) -> tuple[int, ...]:
    none = _NO_RUN if isinstance(rows[0], Run) else _NO_BLOCK
    return tuple(chain.from_iterable([*rows, *[none] * (-len(rows) % _ROWS)]))


@lru_cache(maxsize=4096)
def _arrays(rows: tuple[Run, ...] | tuple[Block, ...]) -> tuple[str, ...]:
    return tuple(f"{{{','.join(map(str, column))}}}" for column in zip(*rows, strict=True))


def _letters(code: str) -> tuple[str, str]:
    """Between which letters a code and all below it stand; a longer number may stand there too (see `_belongs`)."""
    return (code, f"{code};") if code else ("", _LAST_LETTER)


def _belongs(code: str, asked: tuple[str, ...]) -> bool:
    return any(not one or code == one or code.startswith(f"{one}:") for one in asked)


def _head(raw: Raw) -> int:
    return int(raw.ask(_HEAD)[0][0])


def _standing(raw: Raw, asked: Asked, book: str | None) -> tuple[_Standing, int]:
    """Where the journal stands, and how many accounts a book has, where one is named, as far as it is few."""
    known = (str(asked.until or CALENDAR_ENDS), _FOR_EVER if asked.place is None else asked.place)
    if book is None:
        head, closed, *_ = raw.ask(_STANDING_OF_ALL[raw.sqlite], *known)[0]
        many = FEW + 1
    else:
        head, closed, many, *_ = raw.ask(_STANDING_OF_BOOK[raw.sqlite], *known, book)[0]
    return _Standing(int(head), date.fromisoformat(closed) if isinstance(closed, str) else closed), many
