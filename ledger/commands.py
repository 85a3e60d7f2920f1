"""The verbs of the books: open, post, reverse, close. Each joins the unit of work it is given and commits with it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import insert, select

from ledger import queries, trail
from ledger.chart import HOUSE_BOOKS, BookPlan, kind_of_code
from ledger.dates import Quarter
from ledger.entries import Entry, Posting, Recorded
from ledger.periods import GatesFailed, QuarterNotOver, QuarterState, refuse_closed
from ledger.refusals import Refusal
from ledger.store import journal
from ledger.store.tables import Account, Book, JournalHead, QuarterEvent
from ledger.store.work import Work


class KeyTaken(Refusal):
    """The entry's key is in the book with other content."""

    slug = "entry-key-taken"
    status = 409


class AlreadyReversed(Refusal):
    """An entry is reversed once."""

    slug = "already-reversed"
    status = 409


class BookTaken(Refusal):
    """The book is there already, as a book of another kind."""

    slug = "book-taken"
    status = 409


def open_house(work: Work) -> None:
    """Open the journal and the books every institution has; what is open already stays as it is."""
    if work.session.get(JournalHead, 1) is None:
        work.session.execute(insert(JournalHead).values(journal.first_head()))
    for plan in HOUSE_BOOKS:
        open_book(work, plan.kind, plan, name=plan.name)


def open_book(work: Work, code: str, plan: BookPlan, *, name: str) -> None:
    """Open a book with the accounts of its plan. Opened again by the same plan it stays as it is."""
    there = work.session.scalar(select(Book.kind).where(Book.code == code))
    if there == plan.kind:
        return
    if there is not None:
        raise BookTaken(f"The book {code!r} is there already, as a {there} book", book=code)
    book = Book(code=code, kind=plan.kind, name=name, opened_at=work.now)
    work.session.add(book)
    work.session.flush()
    for line in plan.lines:
        work.session.add(
            Account(
                book_id=book.id,
                code=line.code,
                name=line.name,
                kind=line.kind,
                mirror=line.mirror,
                opened_at=work.now,
            )
        )
    work.session.flush()
    trail.record(work, action="ledger.open-book", subject=code, kind=plan.kind, name=name)


def open_account(work: Work, book: str, code: str, *, name: str, mirror: str = "") -> None:
    """Open an account; its first figure says its kind. One that is there stays as it is; an unknown book is refused."""
    opened = _book_id(work, book)
    if (book, code) in journal.account_ids(work.session, {book: {code}}):
        return
    work.session.add(
        Account(book_id=opened, code=code, name=name, kind=kind_of_code(code), mirror=mirror, opened_at=work.now)
    )
    work.session.flush()


def sub_account(work: Work, book: str, code: str, *parts: str, name: str) -> str:
    """Open an account below another, such as ``1200:fac_…``, that shares its kind and its mirror; answers its code."""
    below = ":".join((code, *parts))
    sub_accounts(work, book, {below: name})
    return below


def sub_accounts(work: Work, book: str, named: Mapping[str, str]) -> None:
    """Open many accounts below others of a book, each by its full code and its name; those that are there stay."""
    opened = _book_id(work, book)
    there = journal.account_ids(work.session, {book: set(named)})
    wanted = {code: name for code, name in named.items() if (book, code) not in there}
    roots = {code.partition(":")[0] for code in wanted}
    found = work.session.execute(
        select(Account.code, Account.mirror).where(Account.book_id == opened, Account.code.in_(roots))
    )
    mirrors = {row.code: row.mirror for row in found}
    if roots - mirrors.keys():
        missing = ", ".join(sorted(roots - mirrors.keys()))
        raise queries.NoSuchAccount(f"The book {book!r} has no account {missing} to open another under")
    work.session.add_all(
        Account(
            book_id=opened,
            code=code,
            name=name,
            kind=kind_of_code(code),
            mirror=mirrors[code.partition(":")[0]],
            opened_at=work.now,
        )
        for code, name in wanted.items()
    )
    work.session.flush()


def post(work: Work, entry: Entry) -> Recorded:
    """Post one entry; see `post_many`."""
    return post_many(work, [entry])[0]


def post_many(work: Work, entries: Sequence[Entry]) -> list[Recorded]:
    """Post entries in order, all or none, and answer each as it stands in the journal.

    An entry whose key is in its book with the same content is not posted again. Refuses a key with other content
    (`KeyTaken`), an account or book that is not there, and a day in a closed quarter (`QuarterClosed`).
    """
    head = journal.take_head(work.session)
    there = _already_there(work, entries)
    fresh = [entry for entry in _once(entries) if (entry.book, entry.key) not in there]
    _refuse_unknown_accounts(work, fresh)
    _refuse_closed_days(work, fresh)
    recorded_at = max(work.now, head.recorded_at)
    placed = (
        journal.place(work.session, head, [(entry, recorded_at, work.actor.id) for entry in fresh]) if fresh else []
    )
    by_key = there | {(done.entry.book, done.entry.key): done for done in placed}
    return [by_key[entry.book, entry.key] for entry in entries]


def restore(work: Work, lines: Sequence[tuple[Entry, datetime, str]]) -> list[Recorded]:
    """Write an exported journal into an empty one, with the instants and actors it had: the same seals, the same head.

    Only for an empty journal; the caller compares the seals.
    """
    head = journal.take_head(work.session)
    if head.seq:
        raise Refusal("Only an empty journal can be rebuilt from an export")
    _refuse_unknown_accounts(work, [entry for entry, _, _ in lines])
    return journal.place(work.session, head, lines)


def reverse(work: Work, seq: int, *, key: str, effective_on: date, reason: str) -> Recorded:
    """Post the opposite of an entry, once: dated in an open quarter, the day of the entry it undoes kept beside it.

    Refuses an entry that has been reversed (`AlreadyReversed`) and a place where there is none.
    """
    undone = queries.entry(work.session, seq).entry
    before = queries.reversal_of(work.session, seq)
    if before is not None and before.entry.key != key:
        raise AlreadyReversed(f"Entry {seq} was reversed by entry {before.seq}", seq=seq, by=before.seq)
    done = post(
        work,
        Entry(
            key=key,
            book=undone.book,
            effective_on=effective_on,
            description=f"Reversal of entry {seq}: {reason}"[:1000],
            postings=tuple(Posting(leg.account, -leg.amount) for leg in undone.postings),
            kind="reversal",
            pair=undone.pair and f"{undone.pair}/reversed",
            original_effective_on=undone.effective_on if undone.effective_on != effective_on else None,
            reverses=seq,
        ),
    )
    trail.record(work, action="ledger.reverse", subject=f"entry {seq}", reason=reason, by=done.seq)
    return done


def close_quarter(work: Work, quarter: Quarter, *, hard: bool, gates: Iterable[str] = ()) -> QuarterState:
    """Soft-close a quarter, or close it and everything before it for good. Closed twice is closed once.

    `gates` are what the institution finds wanting; to them the books add their own. Any at all refuses a hard close
    (`GatesFailed`), each named. Refuses a quarter that has not ended (`QuarterNotOver`).
    """
    state = queries.quarter_state(work.session, quarter)
    wanted: QuarterState = "closed" if hard else "soft-closed"
    if state in {"closed", wanted}:
        trail.record(work, action="quarter.closed-already", subject=str(quarter), state=state)
        return state
    if work.today <= quarter.ends_on:
        raise QuarterNotOver(f"{quarter} ends on {quarter.ends_on}: it can be closed from the day after")
    failed = [*gates, *_own_gates(work)]
    if hard and failed:
        raise GatesFailed(f"{quarter} cannot be closed: {'; '.join(failed)}", quarter=str(quarter), gates=failed)
    _record_quarter(work, quarter, wanted)
    trail.record(work, action=f"quarter.{wanted}", subject=str(quarter), gates=failed)
    return wanted


def reopen_quarter(work: Work, quarter: Quarter, *, reason: str) -> QuarterState:
    """Open a soft-closed quarter again, for a reason. A closed one stays closed."""
    state = queries.quarter_state(work.session, quarter)
    if state == "closed":
        raise GatesFailed(f"{quarter} is closed for good: enter the correction in an open quarter")
    if state == "soft-closed":
        _record_quarter(work, quarter, "open")
    trail.record(work, action="quarter.reopened", subject=str(quarter), reason=reason)
    return "open"


def trial_balance_digest(work: Work, until: date) -> bytes:
    """One hash over every balance of every book to a day: what a closed quarter came to."""
    digest = hashlib.sha256()
    for book in sorted(queries.books(work.session)):
        for line in queries.trial_balance(work.session, book, until).accounts:
            digest.update(f"{book} {line.code} {line.debit - line.credit}\n".encode())
    return digest.digest()


def _record_quarter(work: Work, quarter: Quarter, state: QuarterState) -> None:
    head = journal.take_head(work.session)
    work.session.execute(
        insert(QuarterEvent).values(
            quarter=quarter,
            ends_on=quarter.ends_on,
            state=state,
            recorded_at=work.now,
            actor=work.actor.id,
            upto_seq=head.seq,
            root=head.frontier.root(),
            trial_balance=trial_balance_digest(work, quarter.ends_on),
        )
    )


def _own_gates(work: Work) -> Iterable[str]:
    for book in queries.books(work.session):
        found = queries.trial_balance(work.session, book)
        if found.total_debit != found.total_credit:
            yield f"the book {book} does not balance: {found.total_debit} against {found.total_credit}"
    for fault in queries.pairs_that_disagree(work.session):
        yield f"the linked pair {fault.pair} differs by {fault.difference} on {fault.mirror or 'its other half'}"


def _book_id(work: Work, book: str) -> int:
    found = work.session.scalar(select(Book.id).where(Book.code == book))
    if found is None:
        raise queries.NoSuchBook(f"There is no book {book!r}: the books are {', '.join(queries.books(work.session))}")
    return found


def _once(entries: Iterable[Entry]) -> Iterable[Entry]:
    """Each key once; the same entry twice in one act is one entry, and two under one key are refused."""
    seen: dict[tuple[str, str], Entry] = {}
    for entry in entries:
        before = seen.setdefault((entry.book, entry.key), entry)
        if before is entry:
            yield entry
        elif before != entry:
            raise KeyTaken(f"Two different entries of the book {entry.book!r} are both called {entry.key!r}")


def _already_there(work: Work, entries: Sequence[Entry]) -> dict[tuple[str, str], Recorded]:
    found: dict[tuple[str, str], Recorded] = {}
    for book in {entry.book for entry in entries}:
        mine = {entry.key: entry for entry in entries if entry.book == book}
        for key, (seq, content) in journal.already_there(work.session, book, list(mine)).items():
            if journal.content_hash(mine[key]) != content:
                raise KeyTaken(
                    f"The book {book!r} has an entry called {key!r} with other content (entry {seq}): "
                    "to correct it, reverse it and post another",
                    key=key,
                    seq=seq,
                )
            found[book, key] = queries.entry(work.session, seq)
    return found


def _refuse_unknown_accounts(work: Work, entries: Iterable[Entry]) -> None:
    wanted: dict[str, set[str]] = {}
    for entry in entries:
        wanted.setdefault(entry.book, set()).update(leg.account for leg in entry.postings)
    there = journal.account_ids(work.session, wanted)
    missing = sorted((book, code) for book, codes in wanted.items() for code in codes if (book, code) not in there)
    if missing:
        named = ", ".join(f"{code} in {book}" for book, code in missing[:20])
        raise queries.NoSuchAccount(
            f"No such account: {named}{' and others' if len(missing) > 20 else ''}. "  # noqa: PLR2004 -- a sentence
            "Open it first, or import with --open-accounts",
            missing=[f"{book}/{code}" for book, code in missing],
        )


def _refuse_closed_days(work: Work, entries: Iterable[Entry]) -> None:
    watermark, states = journal.quarter_states(work.session)
    soft = frozenset(quarter for quarter, state in states.items() if state == "soft-closed")
    for entry in entries:
        refuse_closed(entry.effective_on, entry.kind, watermark, soft)
