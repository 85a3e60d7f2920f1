"""The check of the whole journal: all seals and heads computed again, and the first entry that does not hold."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from sqlalchemy import func, select

from ledger.entries import Recorded, faults_of
from ledger.merkle import Frontier
from ledger.refusals import Malformed
from ledger.seals import seal_of
from ledger.store import journal
from ledger.store.database import ReadSession
from ledger.store.tables import Account, Book, EntryRow, JournalHead, Mark, PostingRow, QuarterEvent
from ledger.store.work import View


class Checkpoint(View):
    """A head of the books that somebody kept: how many entries there were, and the root over them."""

    seq: int
    root: str

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        """Read the three lines of a checkpoint: its origin, the number of entries, and the root in hexadecimal."""
        lines = [line.strip() for line in text.strip().splitlines()]
        if len(lines) < 3 or not lines[1].isdecimal() or len(lines[2]) != 64:  # noqa: PLR2004 -- a SHA-256 in hex
            raise Malformed(
                "This is not a checkpoint: three lines, a name, the number of entries, and 64 hexadecimal figures"
            )
        return cls(seq=int(lines[1]), root=lines[2].lower())


class Verdict(View):
    """What the check found: when the books do not hold, the first entry that does not (`seq`), and why (`fault`)."""

    holds: bool
    entries: int
    head: str
    seq: int | None = None
    fault: str = ""


def verify(session: ReadSession, checkpoint: Checkpoint | None = None) -> Verdict:
    """Compute the journal again from its postings, in order, and compare all that was written down of it.

    Finds a field changed, a row removed, put in, swapped or dated into a closed quarter, a head or mark that does not
    follow, and a checkpoint, kept elsewhere, that these books do not continue.
    """
    frontier = Frontier()
    previous: datetime | None = None
    roots: dict[int, str] = {0: frontier.root().hex()}
    marks = {row.upto_seq: row for row in session.scalars(select(Mark))}
    closes = _closes(session)
    strays = _strays(session)
    wanted = {checkpoint.seq} if checkpoint else set()
    for found in journal.recorded(session):
        fault = next(_faults(found, frontier.size, previous, closes), "") or strays.get(found.seq, "")
        if not fault:
            frontier = frontier.append(bytes.fromhex(found.seal))
            previous = found.recorded_at
            if found.seq in marks or found.seq in wanted:
                roots[found.seq] = frontier.root().hex()
            mark = marks.pop(found.seq, None)
            if mark is not None and (mark.root.hex(), mark.recorded_at) != (roots[found.seq], found.recorded_at):
                fault = "the mark kept at this place has another root or instant"
        if fault:
            return Verdict(
                holds=False, entries=frontier.size, head=frontier.root().hex(), seq=found.seq, fault=_told(found, fault)
            )
    return _ending(session, frontier, roots, marks, strays, checkpoint)


def _faults(found: Recorded, before: int, previous: datetime | None, closes: list[tuple[int, date]]) -> Iterator[str]:
    """What is wrong with one entry, the plainest thing first."""
    if found.seq != before + 1:
        yield f"the entry before it is missing: place {before + 1} is empty"
    yield from faults_of(found.entry)
    if seal_of(found.entry, found.seq, found.recorded_at, found.actor).hex() != found.seal:
        yield "its content is not what was sealed"
    if previous is not None and found.recorded_at < previous:
        yield "it was recorded before the entry before it"
    if any(found.seq > upto and found.entry.effective_on <= ends_on for upto, ends_on in closes):
        yield "it takes effect in a quarter that was closed before it was recorded"


def _ending(
    session: ReadSession,
    frontier: Frontier,
    roots: dict[int, str],
    marks: dict[int, Mark],
    strays: dict[int, str],
    checkpoint: Checkpoint | None,
) -> Verdict:
    """What remains to compare when every entry holds by itself."""
    root = frontier.root().hex()
    found = next(_ending_faults(session, frontier.size, roots | {frontier.size: root}, marks, strays, checkpoint), None)
    if found is None:
        return Verdict(holds=True, entries=frontier.size, head=root)
    seq, fault = found
    return Verdict(holds=False, entries=frontier.size, head=root, seq=seq, fault=fault)


def _ending_faults(
    session: ReadSession,
    size: int,
    roots: dict[int, str],
    marks: dict[int, Mark],
    strays: dict[int, str],
    checkpoint: Checkpoint | None,
) -> Iterator[tuple[int | None, str]]:
    head = session.execute(select(JournalHead.seq, JournalHead.root)).one()
    if (head.seq, head.root.hex()) != (size, roots[size]):
        yield (
            None,
            f"the head says {head.seq} entries and root {head.root.hex()}, and the journal does not come to that",
        )
    if marks:
        yield min(marks), f"there is a mark at place {min(marks)}, where no entry is"
    if strays:
        yield min(strays), f"postings without an entry: {next(iter(strays.values()))}"
    if checkpoint and checkpoint.seq > size:
        yield None, f"the checkpoint covers {checkpoint.seq} entries, and these books have only {size}"
    if checkpoint and checkpoint.seq <= size and roots.get(checkpoint.seq) != checkpoint.root:
        yield checkpoint.seq, f"the first {checkpoint.seq} entries are not those of the checkpoint"
    for event in session.scalars(select(QuarterEvent).order_by(QuarterEvent.id)):
        if roots.get(event.upto_seq, event.root.hex()) != event.root.hex():
            yield event.upto_seq, f"the close of {event.quarter} kept another root"


def _strays(session: ReadSession) -> dict[int, str]:
    """Postings whose copies of the header disagree with it, or that hang on another book's account or on nothing."""
    rows = session.execute(
        select(PostingRow.entry_id, PostingRow.leg, PostingRow.seq)
        .outerjoin(EntryRow, EntryRow.id == PostingRow.entry_id)
        .outerjoin(Account, Account.id == PostingRow.account_id)
        .outerjoin(Book, Book.id == PostingRow.book_id)
        .where(
            func.coalesce(
                (PostingRow.seq != EntryRow.seq)
                | (PostingRow.effective_on != EntryRow.effective_on)
                | (PostingRow.book_id != EntryRow.book_id)
                | (PostingRow.legs != EntryRow.legs)
                | (Account.book_id != EntryRow.book_id)
                | Book.id.is_(None),
                True,
            )
        )
        .limit(100)
    )
    return {row.seq: f"posting {row.leg} of entry {row.entry_id} does not match its entry" for row in rows}


def _closes(session: ReadSession) -> list[tuple[int, date]]:
    rows = session.execute(select(QuarterEvent.upto_seq, QuarterEvent.ends_on).where(QuarterEvent.state == "closed"))
    return [(row.upto_seq, row.ends_on) for row in rows]


def _told(found: Recorded, fault: str) -> str:
    return f"entry {found.seq} ({found.entry.key!r:.80} in the book {found.entry.book}): {fault}"
