"""The journal as lines of JSON: read strictly, every faulty line named at once; written so that it rebuilds itself."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from ledger import commands, queries, trail
from ledger.chart import PLANS
from ledger.dates import parse_day, parse_instant
from ledger.entries import NAME_LONGEST, Entry, Posting, is_name
from ledger.money import Money
from ledger.refusals import Malformed
from ledger.store import journal, writing
from ledger.store.database import ReadSession
from ledger.store.raw import Raw
from ledger.store.tables import EntryRow
from ledger.store.work import View, Work, command
from ledger.strictjson import NotJson, read_json

LONGEST_LINE: Final = 4_000_000
MOST_LINES: Final = 2_000_000
_FAULTS_SHOWN: Final = 50

_REQUIRED: Final = frozenset({"key", "book", "effective_on", "description", "postings"})
_OPTIONAL: Final = frozenset(
    {"kind", "pair", "original_effective_on", "reverses", "seq", "recorded_at", "actor", "seal"}
)


class BadJournal(Malformed):
    """A journal file with faulty lines: nothing of it was posted, and every faulty line is named."""

    slug = "bad-journal"


class Imported(View):
    """What an import came to."""

    lines: int
    posted: int
    already_there: int
    rebuilt: bool
    head: str
    seq: int


@dataclass(slots=True)
class JournalLine:
    """One line, read: the entry, and, when it was exported, where it stood and what sealed it."""

    number: int
    entry: Entry
    recorded_at: datetime | None = None
    actor: str = ""
    seq: int | None = None
    seal: str = ""

    @property
    def was_exported(self) -> bool:
        """Whether the line says where the entry stood, and when."""
        return self.seq is not None and self.recorded_at is not None


@dataclass(slots=True)
class _Faults:
    """The faults of a file, each with its line."""

    found: list[dict[str, object]] = field(default_factory=list)

    def add(self, number: int, fault: str) -> None:
        self.found.append({"line": number, "fault": fault})


def lines(session: ReadSession, at: queries.Known | None = None) -> Iterator[dict[str, Any]]:
    """The whole journal as known then, an entry at a time, in order."""
    until = at or queries.known(session)
    for found in journal.recorded(session, EntryRow.seq <= until.seq):
        yield found.as_line()


def export(session: ReadSession, at: queries.Known | None = None) -> Iterator[str]:
    """The same as lines of JSON: the file that rebuilds an empty database."""
    for line in lines(session, at):
        yield json.dumps(line, ensure_ascii=False, separators=(",", ":"))


def read(raw_lines: Iterable[bytes], *, first: int = 1) -> list[JournalLine]:
    """Read a journal file; an empty line is passed over. Refuses the file with all its faulty lines named.

    `first` is the number of the first line, where a file is read a piece at a time.
    """
    faults = _Faults()
    found: list[JournalLine] = []
    for number, raw in enumerate(raw_lines, start=first):
        if number > MOST_LINES or len(raw) > LONGEST_LINE:
            faults.add(number, f"a file has at most {MOST_LINES} lines of at most {LONGEST_LINE} bytes")
            break
        if not raw.strip():
            continue
        try:
            found.append(_line(number, raw))
        except Malformed as fault:
            faults.add(number, fault.sentence)
    _same_key_twice(found, faults)
    if faults.found:
        shown = "; ".join(f"line {fault['line']}: {fault['fault']}" for fault in faults.found[:_FAULTS_SHOWN])
        more = len(faults.found) - _FAULTS_SHOWN
        raise BadJournal(
            f"Nothing was posted. {shown}{f'; and {more} more' if more > 0 else ''}", findings=faults.found
        )
    if not found:
        raise BadJournal("The file holds no journal line: nothing was posted")
    return found


@command
def import_journal(work: Work, lines: list[JournalLine], *, open_accounts: bool = False) -> Imported:
    """Post a journal file as one act: all of it, or nothing.

    Into an empty journal an exported file is rebuilt as it was, instants, actors and seals included, and the seals are
    compared. Otherwise each entry is posted now under its own key, and those already there are left alone.
    """
    if open_accounts:
        _open_what_is_missing(work, lines)
    before = queries.head(work.session).seq
    rebuilt = before == 0 and all(line.was_exported for line in lines)
    if rebuilt:
        _rebuild(work, lines)
    else:
        _refuse_reversals(work, lines)
        names = [f"line {line.number}" for line in lines]
        commands.post_many(work, [line.entry for line in lines], names=names)
    head = queries.head(work.session)
    trail.record(work, action="ledger.import", subject="journal", lines=len(lines), posted=head.seq - before)
    return Imported(
        lines=len(lines),
        posted=head.seq - before,
        already_there=len(lines) - (head.seq - before),
        rebuilt=rebuilt,
        head=head.root,
        seq=head.seq,
    )


@command
def continue_rebuild(work: Work, lines: list[JournalLine], *, open_accounts: bool = False) -> Imported:
    """Rebuild a journal with the next piece of an export, in an act of its own; pieces already there are compared.

    Refuses a piece that is not the next, and a journal that is not the beginning of this very export.
    """
    before = queries.head(work.session).seq
    there = [line for line in lines if line.seq is not None and line.seq <= before]
    _compare(work, there)
    fresh = lines[len(there) :]
    if open_accounts:
        _open_what_is_missing(work, fresh)
    if fresh:
        _rebuild(work, fresh, after=before)
    head = queries.head(work.session)
    trail.record(work, action="ledger.import", subject="journal", lines=len(lines), posted=len(fresh))
    return Imported(
        lines=len(lines), posted=len(fresh), already_there=len(there), rebuilt=True, head=head.root, seq=head.seq
    )


def first_seal(session: ReadSession) -> str:
    """The seal of the journal's first entry; nothing for an empty journal."""
    seal = session.scalar(select(EntryRow.seal).where(EntryRow.seq == 1))
    return seal.hex() if seal else ""


def _compare(work: Work, lines: list[JournalLine]) -> None:
    """The seals of a piece that is there already: of another journal, nothing can be continued."""
    places = [line.seq for line in lines if line.seq is not None]
    rows = work.session.execute(
        select(EntryRow.seq, EntryRow.seal).where(EntryRow.seq.between(min(places, default=0), max(places, default=0)))
    )
    here = {row.seq: row.seal.hex() for row in rows}
    for line in lines:
        if here.get(line.seq or 0) != line.seal:
            raise BadJournal(
                f"Nothing was posted. line {line.number}: entry {line.seq} of these books is another one: an export "
                "is rebuilt into an empty journal, or into one that its own rebuilding left half done"
            )


def _rebuild(work: Work, lines: list[JournalLine], *, after: int = 0) -> None:
    if [line.seq for line in lines] != list(range(after + 1, after + len(lines) + 1)):
        raise BadJournal("The file is an export with places missing or out of order: give the whole of it, as exported")
    try:
        done = commands.restore(
            work, [(line.entry, line.recorded_at, line.actor) for line in lines if line.recorded_at is not None]
        )
    except IntegrityError as refused:
        said = str(refused.orig).partition("\n")[0]
        raise BadJournal(f"Nothing was posted. The file holds what no journal of ours could: {said}") from refused
    for line, placed in zip(lines, done, strict=True):
        if line.seal != placed.seal:
            raise BadJournal(
                f"Nothing was posted. line {line.number}: its content is not what was sealed: it was changed since"
            )


def _refuse_reversals(work: Work, lines: list[JournalLine]) -> None:
    """A reversal names a place, and places are this journal's own: one that is not here yet cannot be brought in."""
    for line in lines:
        entry = line.entry
        if entry.reverses and not writing.already_there(Raw.within(work.session), entry.book, [entry.key]):
            raise BadJournal(
                f"Nothing was posted. line {line.number}: it reverses entry {entry.reverses} of another journal: "
                "import the export into an empty database, or reverse the entry here"
            )


def _open_what_is_missing(work: Work, lines: list[JournalLine]) -> None:
    there = queries.books(work.session)
    for book in dict.fromkeys(line.entry.book for line in lines):
        if book not in there:
            plan = PLANS["intermediary"]
            commands.open_book(work, book, plan, name=f"Imported book {book}")
    known: set[tuple[str, str]] = {(found.book, found.code) for found in queries.accounts(work.session)}
    for line in lines:
        for leg in line.entry.postings:
            if (line.entry.book, leg.account) not in known:
                known.add((line.entry.book, leg.account))
                code = leg.account
                commands.open_account(work, line.entry.book, code, name=f"Imported account {code}")


def _line(number: int, raw: bytes) -> JournalLine:
    content = _object(raw)
    missing = sorted(_REQUIRED - content.keys())
    unknown = sorted(content.keys() - _REQUIRED - _OPTIONAL)
    if missing or unknown:
        raise Malformed(
            " and ".join(
                part
                for part in (
                    f"it lacks {', '.join(missing)}" if missing else "",
                    f"it has {', '.join(unknown)}, which no journal line has" if unknown else "",
                )
                if part
            )
        )
    return JournalLine(
        number,
        Entry(
            key=_text(content, "key"),
            book=_text(content, "book"),
            effective_on=parse_day(content["effective_on"]),
            description=_text(content, "description"),
            postings=tuple(_postings(content["postings"])),
            kind=_text(content, "kind", "entry"),
            pair=_text(content, "pair", ""),
            original_effective_on=_maybe_day(content, "original_effective_on"),
            reverses=_maybe_whole(content, "reverses"),
        ),
        recorded_at=parse_instant(content["recorded_at"]) if "recorded_at" in content else None,
        actor=_actor(content),
        seq=_maybe_whole(content, "seq"),
        seal=_text(content, "seal", ""),
    )


def _actor(content: dict[str, Any]) -> str:
    actor = _text(content, "actor", "")
    if actor and not is_name(actor):
        raise Malformed(f"its actor {actor!r:.60} must be named by 1 to {NAME_LONGEST} printable characters")
    return actor


def _object(raw: bytes) -> dict[str, Any]:
    try:
        content = read_json(raw)
    except NotJson as fault:
        raise Malformed(str(fault)) from fault
    if not isinstance(content, dict):
        raise Malformed("it is not a JSON object")
    return content


def _text(content: dict[str, Any], name: str, default: str | None = None) -> str:
    value = content.get(name, default)
    if not isinstance(value, str):
        raise Malformed(f"its {name} is not text")
    return value


def _maybe_day(content: dict[str, Any], name: str) -> date | None:
    return None if content.get(name) is None else parse_day(content[name])


def _maybe_whole(content: dict[str, Any], name: str) -> int | None:
    value = content.get(name)
    if value is not None and (not isinstance(value, int) or isinstance(value, bool) or not 0 < value < 2**63):
        raise Malformed(f"its {name} is not a place in the journal")
    return value


def _postings(value: object) -> Iterator[Posting]:
    if not isinstance(value, list):
        raise Malformed("its postings are not a list")
    for leg, posting in enumerate(value, start=1):
        if not isinstance(posting, dict) or posting.keys() != {"account", "amount"}:
            raise Malformed(f'its posting {leg} is not {{"account", "amount"}}')
        if not isinstance(posting["account"], str):
            raise Malformed(f"its posting {leg} names no account")
        try:
            yield Posting(posting["account"], Money.parse(posting["amount"]))
        except Malformed as fault:
            raise Malformed(f"its posting {leg}: {fault.sentence}") from fault


def _same_key_twice(lines: list[JournalLine], faults: _Faults) -> None:
    seen: dict[tuple[str, str], JournalLine] = {}
    for line in lines:
        before = seen.setdefault((line.entry.book, line.entry.key), line)
        if before is not line and before.entry != line.entry:
            faults.add(
                line.number, f"its key {line.entry.key!r:.80} is that of line {before.number}, with other content"
            )
