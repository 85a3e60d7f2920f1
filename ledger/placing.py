"""Deferred sequencing: entries accepted without a place, and the worker that gives each its place in batches.

For PostgreSQL, and for more writers at once than one head row can serve. A writer puts its entry in and waits for
nobody; the worker takes the head, and moves into the journal what it can see waiting. It sees what has been committed,
and of two entries never the later without the earlier: so places follow the order of commits, and a transaction left
open somewhere, in this database or another, holds back nothing but its own entries.

An entry that waits has been checked like one that is placed, cannot be changed, and leaves only into the journal.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from threading import Event
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from ledger import trail
from ledger.dates import parse_day
from ledger.entries import Entry, Posting
from ledger.money import Money
from ledger.refusals import Malformed, Refusal
from ledger.seals import opening, parts
from ledger.store import cells, mishaps, writing
from ledger.store.database import ReadSession, may_be_tried_again
from ledger.store.raw import Raw
from ledger.store.server_side import MOST_AT_ONCE
from ledger.store.tables import WaitingEntry
from ledger.store.work import Desk, View, Work

MOST_AT_A_TIME: Final = 5_000
"""Entries the worker places in one transaction: a fraction of a second during which the head is held."""

LATE_AFTER: Final = timedelta(seconds=60)
"""An entry that has waited longer than this means that no worker is at work: the alarm."""

PAUSE: Final = timedelta(milliseconds=200)
"""How long the worker rests when nothing waits: what an entry waits at the most while a worker is at work."""

_ACCEPT: Final = (
    "INSERT INTO waiting_entry (actor, opening, text_before, text_between, accepted_at) "
    "VALUES (%(actor)s, %(opening)s, %(before)s, %(between)s, %(now)s::timestamptz)"
)


_Row = tuple[int, str, str, str, str]
"""A waiting entry: its number, who made it, and its canonical text in three parts."""


class OnlyInline(Refusal):
    """This database places every entry at once."""

    slug = "only-inline"
    status = 409


class Lag(View):
    """How far the journal is behind what has been accepted: entries without a place, and how long the first waits."""

    waiting: int
    since: datetime | None
    seconds: int
    late: bool


class Placed(View):
    """What one turn of the worker came to."""

    placed: int
    waiting: int


def lag(session: ReadSession) -> Lag:
    """What waits for its place at present. `late` is the alarm: the first has waited longer than `LATE_AFTER`."""
    count, since = session.execute(
        select(func.count(), func.min(WaitingEntry.accepted_at, type_=WaitingEntry.accepted_at.type))
    ).one()
    waited = max(session.now - since, timedelta()) if since else timedelta()
    return Lag(waiting=count, since=since, seconds=int(waited.total_seconds()), late=waited > LATE_AFTER)


def waiting_until(session: ReadSession, day: date) -> int:
    """How many entries that take effect on or before a day have no place yet."""
    return session.scalar(select(func.count()).where(WaitingEntry.effective_on <= day)) or 0


def accept(work: Work, entry: Entry, *, refuse: Callable[[Work], None]) -> None:
    """Take an entry in within a unit of work; `refuse` says why the database would not have it."""
    _refuse_reversal(entry)
    try:
        with work.session.begin_nested():
            raw = Raw.within(work.session)
            _refuse_sqlite(raw)
            raw.tell_named(_ACCEPT, _told(entry, work.actor.id, work.now))
    except DBAPIError as problem:
        if may_be_tried_again(problem) or mishaps.told(problem):
            raise
        _explain(work, entry, problem, refuse)


def accept_by_itself(desk: Desk, entry: Entry, *, refuse: Callable[[Work], None]) -> None:
    """Take an entry in as an act of its own, in one round trip."""
    _refuse_reversal(entry)
    try:
        with desk.database.by_itself() as raw:
            _refuse_sqlite(raw)
            told = _told(entry, desk.actor.id, desk.database.clock.now())
            raw.ask_straight(_ACCEPT, told)
    except DBAPIError:
        # Again with care: now the refusal can be put in words, or the race that was lost is run once more.
        desk.tried(lambda work: accept(work, entry, refuse=refuse))


def place_waiting(desk: Desk, most: int = MOST_AT_A_TIME) -> Placed:
    """One turn of the worker: place what waits, at most so many, in the order accepted. Any number may run at once."""
    return desk.tried(lambda work: _turn(work, most))


def place_until(
    desk: Desk,
    stop: Event,
    pause: timedelta = PAUSE,
    *,
    told: Callable[[Placed], None],
    failed: Callable[[Exception], None],
) -> None:
    """The worker: place what waits, rest, and look again, until told to stop; then end with the turn under way.

    `told` hears of each turn that placed something. A turn that fails is given to `failed` and tried again after the
    rest, for what waits loses nothing by it, and the lag shows it. Refuses SQLite (`OnlyInline`) at once.
    """
    if desk.database.dialect == "sqlite":
        raise _only_inline()
    while not stop.is_set():
        full = False
        try:
            if _anything_waits(desk):
                turn = place_waiting(desk)
                told(turn)
                full = turn.placed == MOST_AT_A_TIME
        except Exception as problem:  # noqa: BLE001 -- a worker outlives whatever befell one turn, and tells it
            failed(problem)
        if not full:
            stop.wait(pause.total_seconds())


def take_head_past_the_waiting(work: Work, raw: Raw, entries: Sequence[Entry]) -> writing.HeadRow:
    """Take the head, with none of these entries' keys on its way by the other road."""
    if raw.sqlite:
        return writing.take_head(raw)
    if len(entries) > MOST_AT_ONCE:
        raw.tell("LOCK TABLE waiting_entry IN SHARE MODE")
    else:
        raw.tell(
            # Shared: whoever else comes by this road waits at the head, and a ring of two keys cannot form.
            "SELECT pg_advisory_xact_lock_shared(hashtextextended(k.key, b.id)) "
            "FROM unnest(?::text[], ?::text[]) k(book, key) JOIN book b ON b.code = k.book ORDER BY k.key, b.id",
            [entry.book for entry in entries],
            [entry.key for entry in entries],
        )
    head = writing.take_head(raw)
    waiting = raw.ask(
        "SELECT w.id FROM unnest(?::text[], ?::text[]) k(book, key) JOIN book b ON b.code = k.book "
        "JOIN waiting_entry w ON w.book_id = b.id AND w.key = k.key",
        [entry.book for entry in entries],
        [entry.key for entry in entries],
    )
    if waiting:
        _place(work, raw, head, raw.ask(_WAITING + " WHERE w.id = ANY(?) ORDER BY w.id", [row[0] for row in waiting]))
        return writing.take_head(raw)
    return head


_WAITING: Final = "SELECT w.id, w.actor, w.opening, w.text_before, w.text_between FROM waiting_entry w"


def waiting_for_a_place(raw: Raw, entries: Sequence[Entry]) -> writing.There:
    """Which of these entries' keys have been accepted: place nought, and the content they were accepted with."""
    rows = raw.ask(
        "SELECT k.book, k.key, w.content_hash FROM unnest(?::text[], ?::text[]) k(book, key) "
        "JOIN book b ON b.code = k.book JOIN waiting_entry w ON w.book_id = b.id AND w.key = k.key",
        [entry.book for entry in entries],
        [entry.key for entry in entries],
    )
    return {(book, key): (0, bytes(content)) for book, key, content in rows}


def _anything_waits(desk: Desk) -> bool:
    """Whether there is work: looked up without the head, so that a worker at rest holds up nobody."""
    with desk.reading() as session:
        return session.scalar(select(WaitingEntry.id).limit(1)) is not None


def _turn(work: Work, most: int) -> Placed:
    raw = Raw.within(work.session)
    _refuse_sqlite(raw)
    # Before the head, as everyone does who wants both: a bulk import waits for the table first.
    raw.tell("LOCK TABLE waiting_entry IN ROW EXCLUSIVE MODE")
    head = writing.take_head(raw)
    rows = raw.ask(_WAITING + " ORDER BY w.id LIMIT ?", most)
    placed = _place(work, raw, head, rows) if rows else 0
    if placed:
        trail.record(work, action="ledger.place", subject="journal", placed=placed)
    return Placed(placed=placed, waiting=lag(work.session).waiting)


def _place(work: Work, raw: Raw, head: writing.HeadRow, rows: Sequence[_Row]) -> int:
    """Place what can be placed; a row that no program of ours put in stays, and stays late, but holds up no other."""
    at = max(work.now, head.recorded_at)
    acts = {row[0]: act for row in rows if (act := _act(row, at))}
    if not acts:
        return 0
    ids = writing.account_ids(raw, writing.codes_of(act.entry for act in acts.values()))
    placed = writing.place(raw, head, list(acts.values()), ids)
    raw.tell("DELETE FROM waiting_entry WHERE id = ANY(?)", list(acts))
    cells.fold(work.session, head.seq, head.seq + len(placed))
    return len(placed)


def _act(row: _Row, at: datetime) -> writing.Act | None:
    """The entry of a row, read back from its canonical text; none where it is no entry, or not the canonical text."""
    _, actor, start, before, between = row
    try:
        entry = _entry(start, before, between)
    except (Malformed, ValueError, KeyError, TypeError):
        return None
    return writing.Act(entry, actor, at) if (opening(actor), *parts(entry)) == (start, before, between) else None


def _entry(start: str, before: str, between: str) -> Entry:
    """An entry read back from its canonical text."""
    told = json.loads(f'{start}{before}{between}"}}')
    return Entry(
        key=told["key"],
        book=told["book"],
        effective_on=parse_day(told["effective_on"]),
        description=told["description"],
        postings=tuple(Posting(account, Money.parse(amount)) for account, amount in told["postings"]),
        kind=told["kind"],
        pair=told["pair"],
        original_effective_on=parse_day(told["original_effective_on"]) if told["original_effective_on"] else None,
        reverses=int(told["reverses"]) if told["reverses"] else None,
    )


def _told(entry: Entry, actor: str, now: datetime) -> dict[str, str | None]:
    before, between = parts(entry)
    return {"actor": actor, "opening": opening(actor), "before": before, "between": between, "now": now.isoformat()}


def _explain(work: Work, entry: Entry, problem: DBAPIError, refuse: Callable[[Work], None]) -> None:
    """Refuse in our words; an entry that is there already, with the same content, is no fault at all.

    Not even when it could not be accepted any more, its quarter having been closed since.
    """
    refuse(work)
    raw = Raw.within(work.session)
    if not (waiting_for_a_place(raw, [entry]) or writing.already_there(raw, entry.book, [entry.key])):
        raise problem


def _refuse_reversal(entry: Entry) -> None:
    """An entry is reversed once, and only the journal can say by which: a reversal is placed when it is made."""
    if entry.reverses is not None:
        raise OnlyInline(f"The reversal of entry {entry.reverses} cannot wait for its place: post it")


def _refuse_sqlite(raw: Raw) -> None:
    if raw.sqlite:
        raise _only_inline()


def _only_inline() -> OnlyInline:
    return OnlyInline("SQLite places every entry at once: post it, or use PostgreSQL to defer its place")
