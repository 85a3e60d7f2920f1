"""How entries come into the journal: one or many in an act, later when the head is not to be waited for, or undone.

Each joins the unit of work it is given and commits with it; given a desk, it is an act of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import date, datetime
from typing import Final

from sqlalchemy.exc import DBAPIError, IntegrityError

from ledger import placing, queries, trail
from ledger.dates import instant_text
from ledger.entries import BadEntry, Entry, Posting, Recorded
from ledger.periods import QuarterClosed, refuse_closed
from ledger.refusals import Refusal
from ledger.seals import content_hash
from ledger.store import cells, journal, writing
from ledger.store.foresight import Foresight
from ledger.store.journal import EPOCH
from ledger.store.legs import REVERSAL
from ledger.store.raw import Raw
from ledger.store.server_side import MOST_AT_ONCE
from ledger.store.work import Desk, Work

_FAULTS_SHOWN: Final = 50
_CODES_SHOWN: Final = 20

Faults = list[tuple[int, Refusal]]
"""What is wrong with which of the entries of an act, counted from nought."""
Codes = dict[str, set[str]]
"""The codes of accounts that entries name, by book."""


class KeyTaken(Refusal):
    """The entry's key is in the book with other content."""

    slug = "entry-key-taken"
    status = 409


class AlreadyReversed(Refusal):
    """An entry is reversed once."""

    slug = "already-reversed"
    status = 409


class EntriesRefused(Refusal):
    """Some of the entries of an act cannot be posted: each is named, and none was posted."""

    slug = "entries-refused"
    status = 422


def post(at: Work | Desk, entry: Entry) -> Recorded:
    """Post one entry; see `post_many`."""
    return post_many(at, [entry])[0]


def post_many(at: Work | Desk, entries: Sequence[Entry], *, names: Sequence[str] = ()) -> list[Recorded]:
    """Post entries in order, all or none, and answer each as it stands in the journal.

    An entry whose key is in its book with the same content is not posted again. Refuses a key with other content
    (`KeyTaken`), an account or book that is not there, a day in a closed quarter (`QuarterClosed`), and the reversal of
    what is not there, of another book, or reversed already (`AlreadyReversed`); where several entries are at fault,
    every one is named at once (`EntriesRefused`), by its name where `names` are given.
    """
    if not entries:
        return []
    if isinstance(at, Desk):
        return _by_themselves(at, entries, names)
    raw = Raw.within(at.session)
    return _plainly(raw, at.now, at.actor.id, entries) or _with_care(at, raw, entries, names)


def post_later(at: Work | Desk, entry: Entry) -> None:
    """Accept an entry that a worker will place (`ledger.placing`): for more writers than one head serves; PostgreSQL.

    Accepted is for good: the database has checked the entry as it checks one that is placed, reads of the present
    count it, and a quarter does not close over it. What it does not have yet is its place, and with that the instant
    from which the journal knows it. The same refusals as `post_many`.
    """
    if isinstance(at, Desk):
        placing.accept_by_itself(at, entry, refuse=lambda work: _refuse(work, [entry]))
    else:
        placing.accept(at, entry, refuse=lambda work: _refuse(work, [entry]))


def restore(work: Work, lines: Sequence[tuple[Entry, datetime, str]]) -> list[Recorded]:
    """Write the next of an exported journal, with the instants and actors it had: the same seals, the same head.

    Only for an empty journal, or one that holds the same export up to there; the caller compares the seals. Refuses
    lines recorded before the last entry that is there, before the line before them, or later than now; and any of them
    while entries wait for their place (`placing.EntriesWait`).
    """
    raw = Raw.within(work.session)
    head = placing.take_head_with_none_waiting(raw)
    if lines and lines[0][1] < head.recorded_at:
        raise Refusal("Only an empty journal can be rebuilt from an export: this one has later entries")
    _refuse_untimely(lines, work.now)
    entries = [entry for entry, _, _ in lines]
    codes = writing.codes_of(entries)
    ids = writing.account_ids(raw, codes)
    _raise(list(_unknown_accounts(entries, ids, codes)), entries, ())
    acts = [writing.Act(entry, actor, recorded_at) for entry, recorded_at, actor in lines]
    placed = writing.place(raw, head, acts, ids)
    cells.fold(work.session, head.seq, head.seq + len(placed))
    return placed


def _refuse_untimely(lines: Sequence[tuple[Entry, datetime, str]], now: datetime) -> None:
    """A journal goes on from the last instant that it knows: one not yet come would be that of every later entry."""
    before = EPOCH
    for entry, recorded_at, _ in lines:
        if before <= recorded_at <= now:
            before = recorded_at
            continue
        named = f"{entry.key!r:.80} of the book {entry.book} was recorded at {instant_text(recorded_at)}"
        if recorded_at < before:
            raise BadEntry(f"Nothing was posted. {named}, and the entry before it at {instant_text(before)}")
        raise BadEntry(
            f"Nothing was posted. {named}, and by the clock of this machine it is {instant_text(now)}: the file is no "
            "export, or one of the two clocks is wrong; put this one right, or wait until that instant"
        )


def reverse(work: Work, seq: int, *, key: str, effective_on: date, reason: str) -> Recorded:
    """Post the opposite of an entry, once: dated in an open quarter, the day of the entry it undoes kept beside it.

    Refuses an entry that has been reversed (`AlreadyReversed`) and a place where there is none.
    """
    undone = queries.entry(work.session, seq).entry
    before = queries.reversal_of(work.session, seq)
    if before is not None and before.entry.key != key:
        raise _reversed_already(seq, before)
    undoing = Entry(
        key=key,
        book=undone.book,
        effective_on=effective_on,
        description=f"Reversal of entry {seq}: {reason}"[:1000],
        postings=tuple(Posting(leg.account, -leg.amount) for leg in undone.postings),
        kind=REVERSAL,
        pair=undone.pair and f"{undone.pair}/reversed",
        original_effective_on=undone.effective_on if undone.effective_on != effective_on else None,
        reverses=seq,
    )
    done = _post_unless_reversed(work, undoing, seq)
    trail.record(work, action="ledger.reverse", subject=f"entry {seq}", reason=reason, by=done.seq)
    return done


def _post_unless_reversed(work: Work, undoing: Entry, seq: int) -> Recorded:
    """Post a reversal. Somebody may have posted another since we looked: the database lets one of the two in."""
    try:
        with work.session.begin_nested():
            return post(work, undoing)
    except IntegrityError as lost:
        before = queries.reversal_of(work.session, seq)
        if before is None:
            raise
        raise _reversed_already(seq, before) from lost


def _reversed_already(seq: int, by: Recorded) -> AlreadyReversed:
    return AlreadyReversed(f"Entry {seq} was reversed by entry {by.seq}", seq=seq, by=by.seq)


def _by_themselves(desk: Desk, entries: Sequence[Entry], names: Sequence[str]) -> list[Recorded]:
    """An act of their own: at best in one round trip, commit included; with care where they need a closer look."""
    if len(entries) <= MOST_AT_ONCE:
        # Whatever goes wrong here, nothing was posted or the keys will tell: the road with care says it properly.
        with suppress(DBAPIError), desk.database.by_itself() as raw:
            done = _plainly(raw, desk.database.clock.now(), desk.actor.id, entries, desk.database.foresight)
            if done:
                return done
    return desk.tried(lambda work: post_many(work, entries, names=names))


def _plainly(
    raw: Raw, now: datetime, actor: str, entries: Sequence[Entry], foresight: Foresight | None = None
) -> list[Recorded]:
    """Post entries about which there is nothing to ask; none of them where there is."""
    if len(entries) > MOST_AT_ONCE or not _all_differ(entries):
        return []
    if any(entry.reverses is not None for entry in entries):
        return []
    if not raw.sqlite:
        return writing.post_on_the_server(raw, now, actor, entries, cells.SPAN, foresight)
    return writing.post_here(raw, now, actor, entries, cells.SPAN)


def _with_care(work: Work, raw: Raw, entries: Sequence[Entry], names: Sequence[str]) -> list[Recorded]:
    head = placing.take_head_past_the_waiting(work, raw, entries)
    there = _already_there(raw, entries)
    codes = writing.codes_of(entries)
    ids = writing.account_ids(raw, codes)
    plain = not there and _all_differ(entries)
    _raise(_faults(work, entries, there, ids, codes, plain=plain), entries, names)
    fresh = list(entries) if plain else _not_there(entries, there)
    at = max(work.now, head.recorded_at)
    placed = writing.place(raw, head, writing.ActsOfOne(fresh, work.actor.id, at), ids) if fresh else []
    cells.fold(work.session, head.seq, head.seq + len(placed))
    if len(placed) == len(entries):
        return placed
    by_key = {(done.entry.book, done.entry.key): done for done in placed}
    by_key |= {key: queries.entry(work.session, seq) for key, (seq, _) in there.items()}
    return [by_key[entry.book, entry.key] for entry in entries]


def _refuse(work: Work, entries: Sequence[Entry]) -> None:
    """Say what is wrong with entries that the database would not take."""
    raw = Raw.within(work.session)
    there = placing.waiting_for_a_place(raw, entries) | _already_there(raw, entries)
    codes = writing.codes_of(entries)
    ids = writing.account_ids(raw, codes)
    _raise(_faults(work, entries, there, ids, codes, plain=not there and _all_differ(entries)), entries, ())


def _faults(
    work: Work, entries: Sequence[Entry], there: writing.There, ids: writing.Ids, codes: Codes, *, plain: bool
) -> Faults:
    """Everything that is wrong with any of the entries, in their order; `plain` where each key is a new one."""
    found: Faults = [
        *(() if plain else _keys_taken(entries, there)),
        *_unknown_accounts(entries, ids, codes),
        *_closed_days(work, entries, there),
        *_reversed_wrongly(work, entries, there),
    ]
    return sorted(found, key=lambda fault: fault[0])


def _closed_days(work: Work, entries: Sequence[Entry], there: writing.There) -> Iterator[tuple[int, Refusal]]:
    watermark, states = journal.quarter_states(work.session)
    soft = frozenset(quarter for quarter, state in states.items() if state == "soft-closed")
    closed: dict[tuple[date, str], QuarterClosed] = {}
    for day, kind in {(entry.effective_on, entry.kind) for entry in entries}:
        try:
            refuse_closed(day, kind, watermark, soft)
        except QuarterClosed as refusal:
            closed[day, kind] = refusal
    for place, entry in enumerate(entries if closed else ()):
        refused = closed.get((entry.effective_on, entry.kind))
        if refused and (entry.book, entry.key) not in there:
            yield place, refused


def _reversed_wrongly(work: Work, entries: Sequence[Entry], there: writing.There) -> Iterator[tuple[int, Refusal]]:
    """An entry is reversed once, by an entry of its own book."""
    undone: set[int] = set()
    for place, entry in enumerate(entries):
        if entry.reverses is None or (entry.book, entry.key) in there:
            continue
        try:
            book = queries.entry(work.session, entry.reverses).entry.book
        except Refusal as refusal:
            yield place, refusal
            continue
        before = queries.reversal_of(work.session, entry.reverses)
        if book != entry.book:
            yield place, BadEntry(f"Entry {entry.reverses} is of the book {book}: it is reversed there", book=book)
        elif before is not None:
            yield place, _reversed_already(entry.reverses, before)
        elif entry.reverses in undone:
            yield place, AlreadyReversed(f"Two entries of one act reverse entry {entry.reverses}", seq=entry.reverses)
        undone.add(entry.reverses)


def _raise(faults: Faults, entries: Sequence[Entry], names: Sequence[str]) -> None:
    """Refuse with all that is wrong; where it is all of one kind, under that kind, so that a problem keeps its type."""
    if not faults:
        return
    if not names and len({refusal.sentence for _, refusal in faults}) == 1:
        raise faults[0][1]
    told = [{"entry": _named(entries, names, place), "at": place, "fault": no.sentence} for place, no in faults]
    shown = "; ".join(f"{fault['entry']}: {fault['fault']}" for fault in told[:_FAULTS_SHOWN])
    more = len(told) - _FAULTS_SHOWN
    kinds = {type(refusal) for _, refusal in faults}
    kind = EntriesRefused if names or len(kinds) > 1 else kinds.pop()
    raise kind(f"Nothing was posted. {shown}{f'; and {more} more' if more > 0 else ''}", findings=told) from faults[0][
        1
    ]


def _named(entries: Sequence[Entry], names: Sequence[str], place: int) -> str:
    return names[place] if names else f"{entries[place].key!r:.80} of the book {entries[place].book}"


def _once(entries: Iterable[Entry]) -> Iterator[Entry]:
    """Each key once: the same entry twice in one act is one entry."""
    seen: set[tuple[str, str]] = set()
    for entry in entries:
        if (entry.book, entry.key) not in seen:
            seen.add((entry.book, entry.key))
            yield entry


def _not_there(entries: Sequence[Entry], there: writing.There) -> list[Entry]:
    return [entry for entry in _once(entries) if (entry.book, entry.key) not in there]


def _all_differ(entries: Sequence[Entry]) -> bool:
    """Whether no two of the entries have the same key in the same book."""
    return len({(entry.book, entry.key) for entry in entries}) == len(entries)


def _already_there(raw: Raw, entries: Sequence[Entry]) -> writing.There:
    keys: dict[str, list[str]] = {}
    for entry in entries:
        keys.setdefault(entry.book, []).append(entry.key)
    return {
        (book, key): found
        for book, wanted in keys.items()
        for key, found in writing.already_there(raw, book, wanted).items()
    }


def _keys_taken(entries: Sequence[Entry], there: writing.There) -> Iterator[tuple[int, Refusal]]:
    seen: dict[tuple[str, str], Entry] = {}
    for place, entry in enumerate(entries):
        if seen.setdefault((entry.book, entry.key), entry) != entry:
            yield (
                place,
                KeyTaken(
                    f"Two different entries of the book {entry.book!r} are both called {entry.key!r}", key=entry.key
                ),
            )
        found = there.get((entry.book, entry.key))
        if found and content_hash(entry) != found[1]:
            where = f"entry {found[0]}" if found[0] else "without a place yet"
            yield (
                place,
                KeyTaken(
                    f"The book {entry.book!r} has an entry called {entry.key!r} with other content ({where}): "
                    "to correct it, reverse it and post another",
                    key=entry.key,
                    seq=found[0],
                ),
            )


def _unknown_accounts(entries: Sequence[Entry], ids: writing.Ids, codes: Codes) -> Iterator[tuple[int, Refusal]]:
    if all((book, code) in ids for book, wanted in codes.items() for code in wanted):
        return
    for place, entry in enumerate(entries):
        missing = sorted({leg.account for leg in entry.postings if (entry.book, leg.account) not in ids})
        if missing:
            named = ", ".join(f"{code} in {entry.book}" for code in missing[:_CODES_SHOWN])
            yield (
                place,
                queries.NoSuchAccount(
                    f"No such account: {named}{' and others' if len(missing) > _CODES_SHOWN else ''}. "
                    "Open it first, or import with --open-accounts",
                    missing=[f"{entry.book}/{code}" for code in missing],
                ),
            )
