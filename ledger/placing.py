"""Deferred sequencing: entries accepted without a place, and the worker that gives each its place in batches.

For PostgreSQL, and for more writers at once than one head row can serve. A writer puts its entry in and waits for
nobody; the worker takes the head, and moves into the journal what it can see waiting. It sees what has been committed,
and of two entries never the later without the earlier: so places follow the order of commits, and a transaction left
open somewhere, in this database or another, holds back nothing but its own entries.

An entry that waits has been checked like one that is placed, cannot be changed, and leaves only into the journal. A
row that cannot be placed all the same, such as one that no program of ours put in, stays where it is and is told of; it
holds up no other.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import islice
from threading import Event
from time import monotonic
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError

from ledger import trail
from ledger.entries import Entry
from ledger.refusals import Refusal
from ledger.seals import opening, parts
from ledger.store import cells, mishaps, writing
from ledger.store.database import ReadSession, may_be_tried_again
from ledger.store.raw import Raw
from ledger.store.server_side import MOST_AT_ONCE
from ledger.store.tables import WaitingEntry
from ledger.store.work import Desk, View, Work
from ledger.waiting import NoEntry, entry_of

MOST_AT_A_TIME: Final = 5_000
"""Entries the worker places in one transaction: a fraction of a second during which the head is held."""

LATE_AFTER: Final = timedelta(seconds=60)
"""An entry that has waited longer than this means that no worker is at work: the alarm."""

PAUSE: Final = timedelta(milliseconds=200)
"""How long the worker rests when nothing waits: what an entry waits at the most while a worker is at work."""

_ACCEPT: Final = (
    "INSERT INTO waiting_entry (actor, opening, text_before, text_between, accepted_at) "
    "VALUES (%(actor)s, %(opening)s, %(before)s, %(between)s, %(now)s::timestamptz) RETURNING id"
)
"""The number of the row: where something at the database's takes rows away, there is none, and nothing was accepted."""


_Row = tuple[int, str, str, str, str, str]
"""A waiting entry: its number, its key, who made it, and its canonical text in three parts."""


class OnlyInline(Refusal):
    """This database places every entry at once."""

    slug = "only-inline"
    status = 409


class NotKept(Refusal):
    """The database said that it took an entry in, and kept nothing."""

    slug = "not-kept"
    status = 503


class EntriesWait(Refusal):
    """An export is rebuilt only where no entry waits for its place."""

    slug = "entries-wait"
    status = 409


class CannotBePlaced(Refusal):
    """An entry of this key waits, and the journal does not take it."""

    slug = "cannot-be-placed"
    status = 409


class Lag(View):
    """How far the journal is behind what has been accepted: entries without a place, and how long the first waits."""

    waiting: int
    since: datetime | None
    seconds: int
    late: bool


class Faulty(View):
    """A row that waits and cannot be placed, by its number and the key it says it has, and why not."""

    row: int
    key: str
    fault: str

    @property
    def sentence(self) -> str:
        """The same in words."""
        return f"row {self.row} of what waits ({self.key!r:.80}) cannot be placed: {self.fault}"


class Placed(View):
    """What one turn of the worker came to. What is `faulty` still waits: whoever keeps the database looks at it."""

    placed: int
    waiting: int
    faulty: tuple[Faulty, ...] = ()


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
            _refuse_lost(raw.ask_named(_ACCEPT, _told(entry, work.actor.id, work.now)))
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
            _refuse_lost(raw.ask_straight(_ACCEPT, told))
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

    `told` hears of each turn that placed something or met a row that cannot be placed. Where nothing but such rows
    wait, they are tried again once in `LATE_AFTER`, so that nobody is held up for them. A turn that fails is given to
    `failed` and tried again after the rest, for what waits loses nothing by it, and the lag shows it. Refuses SQLite
    (`OnlyInline`) at once.
    """
    if desk.database.dialect == "sqlite":
        raise _only_inline()
    faulty: Collection[int] = ()
    looked = monotonic()
    while not stop.is_set():
        full = False
        try:
            if monotonic() - looked > LATE_AFTER.total_seconds():
                faulty = ()
            if _anything_waits(desk, faulty):
                turn = place_waiting(desk)
                faulty, looked = {row.row for row in turn.faulty}, monotonic()
                told(turn)
                full = turn.placed == MOST_AT_A_TIME
        except Exception as problem:  # noqa: BLE001 -- a worker outlives whatever befell one turn, and tells it
            failed(problem)
        if not full:
            stop.wait(pause.total_seconds())


def take_head_with_none_waiting(raw: Raw) -> writing.HeadRow:
    """Take the head to rebuild an export, where nothing waits; nothing is accepted until the rebuilding has ended.

    What waited would be counted beside an entry of the same key out of the export, and could never be placed.
    """
    if not raw.sqlite:
        # Before the head, as everyone does who wants both. Whoever is just accepting an entry is waited for.
        raw.tell("LOCK TABLE waiting_entry IN SHARE MODE")
    head = writing.take_head(raw)
    ((waiting,),) = raw.ask("SELECT count(*) FROM waiting_entry")
    if waiting:
        raise EntriesWait(
            f"Nothing was posted. Entries wait for their place here ({waiting}; see `bank ledger lag`), and what waits "
            "is of these books already: rebuild the export into an empty database, where nothing is accepted before it "
            "is whole",
            waiting=waiting,
        )
    return head


def take_head_past_the_waiting(work: Work, raw: Raw, entries: Sequence[Entry]) -> writing.HeadRow:
    """Take the head, with none of these entries' keys on its way by the other road.

    Refuses a key of which an entry waits that cannot be placed (`CannotBePlaced`): both would be counted.
    """
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
        rows = raw.ask(_WAITING + " WHERE w.id = ANY(?) ORDER BY w.id", [row[0] for row in waiting])
        _, faulty = _place(work, raw, head, rows)
        if faulty:
            raise CannotBePlaced(f"Nothing was posted: {faulty[0].sentence}", row=faulty[0].row, key=faulty[0].key)
        return writing.take_head(raw)
    return head


_WAITING: Final = "SELECT w.id, w.key, w.actor, w.opening, w.text_before, w.text_between FROM waiting_entry w"


def waiting_for_a_place(raw: Raw, entries: Sequence[Entry]) -> writing.There:
    """Which of these entries' keys have been accepted: place nought, and the content they were accepted with."""
    rows = raw.ask(
        "SELECT k.book, k.key, w.content_hash FROM unnest(?::text[], ?::text[]) k(book, key) "
        "JOIN book b ON b.code = k.book JOIN waiting_entry w ON w.book_id = b.id AND w.key = k.key",
        [entry.book for entry in entries],
        [entry.key for entry in entries],
    )
    return {(book, key): (0, bytes(content)) for book, key, content in rows}


def _anything_waits(desk: Desk, faulty: Collection[int]) -> bool:
    """Whether there is work besides rows known to be faulty: looked up without the head, so that it holds up nobody."""
    with desk.reading() as session:
        found = session.scalars(select(WaitingEntry.id).order_by(WaitingEntry.id).limit(len(faulty) + 1))
        return any(row not in faulty for row in found)


def _turn(work: Work, most: int) -> Placed:
    raw = Raw.within(work.session)
    _refuse_sqlite(raw)
    # Before the head, as everyone does who wants both: a bulk import waits for the table first.
    raw.tell("LOCK TABLE waiting_entry IN ROW EXCLUSIVE MODE")
    placed, faulty = 0, list[Faulty]()
    while placed < most:
        # As many again as were found faulty: those at the front take no place from those behind them.
        head = writing.take_head(raw)
        rows = raw.ask(
            _WAITING + " WHERE w.id <> ALL(?::bigint[]) ORDER BY w.id LIMIT ?",
            [row.row for row in faulty],
            most - placed,
        )
        if not rows:
            break
        done, wrong = _place(work, raw, head, rows)
        placed += done
        faulty += wrong
        if not wrong:
            break
    if placed:
        trail.record(work, action="ledger.place", subject="journal", placed=placed)
    return Placed(placed=placed, waiting=lag(work.session).waiting, faulty=tuple(faulty))


def _place(work: Work, raw: Raw, head: writing.HeadRow, rows: Sequence[_Row]) -> tuple[int, list[Faulty]]:
    """Place what can be placed, and tell what cannot: that stays, and stays late, but holds up no other."""
    at = max(work.now, head.recorded_at)
    acts, faults = dict[int, writing.Act](), dict[int, str]()
    for row, _, actor, start, before, between in rows:
        try:
            acts[row] = writing.Act(entry_of(actor, start, before, between), actor, at)
        except NoEntry as fault:
            faults[row] = fault.sentence
    ids = writing.account_ids(raw, writing.codes_of(act.entry for act in acts.values()))
    for row, act in list(acts.items()):
        if any((act.entry.book, leg.account) not in ids for leg in act.entry.postings):
            faults[row] = "it names a book or an account that is not there"
            del acts[row]
    placed = _in_halves(work, acts, ids, faults)
    return placed, [Faulty(row=row, key=key, fault=faults[row]) for row, key, *_ in rows if row in faults]


def _in_halves(work: Work, acts: Mapping[int, writing.Act], ids: writing.Ids, faults: dict[int, str]) -> int:
    """Place entries at once; where the database refuses one of them, the halves by themselves, down to that one."""
    if not acts:
        return 0
    try:
        with work.session.begin_nested():
            return _moved(work, acts, ids)
    except (IntegrityError, DataError) as problem:
        if may_be_tried_again(problem):
            raise
        if len(acts) == 1:
            faults[next(iter(acts))] = str(problem.orig).partition("\n")[0]
            return 0
    rest = iter(acts.items())
    first = dict(islice(rest, len(acts) // 2))
    return _in_halves(work, first, ids, faults) + _in_halves(work, dict(rest), ids, faults)


def _moved(work: Work, acts: Mapping[int, writing.Act], ids: writing.Ids) -> int:
    """Move entries into the journal: each is written there, and its row goes."""
    raw = Raw.within(work.session)  # asked for here: the savepoint is set when the session is asked for its connection
    head = writing.take_head(raw)
    placed = writing.place(raw, head, list(acts.values()), ids)
    raw.tell("DELETE FROM waiting_entry WHERE id = ANY(?)", list(acts))
    cells.fold(work.session, head.seq, head.seq + len(placed))
    return len(placed)


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


def _refuse_lost(kept: Sequence[object]) -> None:
    if not kept:
        raise NotKept(
            "The database took the entry in and kept nothing: it was not accepted. Look for a rule or a trigger on the "
            "table waiting_entry that is not ours, and take it away"
        )


def _refuse_sqlite(raw: Raw) -> None:
    if raw.sqlite:
        raise _only_inline()


def _only_inline() -> OnlyInline:
    return OnlyInline("SQLite places every entry at once: post it, or use PostgreSQL to defer its place")
