"""The verbs of the books: open, post, reverse, close. Each joins the unit of work it is given and commits with it."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, insert, select

from ledger import closings, queries, trail
from ledger.acts import after_quarter
from ledger.chart import HOUSE_BOOKS, INTERMEDIARY, BookPlan, kind_of_code
from ledger.dates import Quarter
from ledger.entries import NAME_LONGEST, BadEntry, is_name
from ledger.periods import GatesFailed, QuarterNotOver, QuarterState
from ledger.posting import (
    AlreadyReversed,
    EntriesRefused,
    KeyTaken,
    post,
    post_later,
    post_many,
    restore,
    reverse,
)
from ledger.refusals import Refusal
from ledger.store import cells, writing
from ledger.store.listed import Form, is_listed, listed
from ledger.store.many import insert_unless_there
from ledger.store.raw import Raw
from ledger.store.tables import Account, Book, JournalHead, QuarterEvent
from ledger.store.work import Work
from ledger.store.writing import HeadRow

__all__ = [
    "AlreadyReversed",
    "BookTaken",
    "EntriesRefused",
    "KeyTaken",
    "close_quarter",
    "open_account",
    "open_book",
    "open_house",
    "post",
    "post_later",
    "post_many",
    "reopen_quarter",
    "restore",
    "reverse",
    "sub_account",
    "sub_accounts",
    "trial_balance_digest",
]


class BookTaken(Refusal):
    """The book is there already, as a book of another kind."""

    slug = "book-taken"
    status = 409


def open_house(work: Work) -> None:
    """Open the journal and the books every institution has; a book that is there is given what its plan has gained."""
    if work.session.get(JournalHead, 1) is None:
        work.session.execute(insert(JournalHead).values(writing.first_head()))
    for plan in HOUSE_BOOKS:
        open_book(work, plan.kind, plan, name=plan.name)
    for code, kind in queries.books(work.session).items():
        if kind == INTERMEDIARY.kind:
            open_book(work, code, INTERMEDIARY, name=code)


def open_book(work: Work, code: str, plan: BookPlan, *, name: str) -> None:
    """Open a book with the accounts of its plan. Opened again, it is given the accounts that its plan has gained."""
    there = work.session.scalar(_kind_of_book(), {"code": code})
    if there == plan.kind:
        opened = _book_id(work, code)
        known = writing.account_ids(Raw.within(work.session), {code: {line.code for line in plan.lines}})
        gained = [line for line in plan.lines if (code, line.code) not in known]
        _open(work, [_account(work, opened, line.code, line.name, line.mirror) for line in gained])
        return
    if not is_name(code):
        raise BadEntry(f"A book is named by 1 to {NAME_LONGEST} printable characters, not {code!r:.60}")
    if there is not None:
        raise BookTaken(f"The book {code!r} is there already, as a {there} book", book=code)
    book = Book(code=code, kind=plan.kind, name=name, opened_at=work.now)
    work.session.add(book)
    work.session.flush()
    lines = [_account(work, book.id, line.code, line.name, line.mirror) | {"kind": line.kind} for line in plan.lines]
    work.session.execute(insert(Account), lines)
    trail.record(work, action="ledger.open-book", subject=code, kind=plan.kind, name=name)


def open_account(work: Work, book: str, code: str, *, name: str) -> None:
    """Open an account of any code; its first figure says its kind, and below another it shares that one's mirror.

    One that is there stays as it is; an unknown book is refused.
    """
    opened = _book_id(work, book)
    if (book, code) in writing.account_ids(Raw.within(work.session), {book: {code}}):
        return
    root = code.partition(":")[0]
    _open(work, [_account(work, opened, code, name, _mirrors(work, opened, {root}).get(root, ""))])


def sub_account(work: Work, book: str, code: str, *parts: str, name: str) -> str:
    """Open an account below another, such as ``1200:fac_…``, that shares its kind and its mirror; answers its code."""
    below = ":".join((code, *parts))
    sub_accounts(work, book, {below: name})
    return below


def sub_accounts(work: Work, book: str, named: Mapping[str, str]) -> None:
    """Open many accounts below others of a book, each by its full code and its name; those that are there stay."""
    raw = Raw.within(work.session)
    opened = _book_id(work, book)
    there = writing.account_ids(raw, {book: set(named)})
    wanted = {code: name for code, name in named.items() if (book, code) not in there}
    if not wanted:
        return
    roots = {code.partition(":")[0] for code in wanted}
    mirrors = _mirrors(work, opened, roots)
    if roots - mirrors.keys():
        missing = ", ".join(sorted(roots - mirrors.keys()))
        raise queries.NoSuchAccount(f"The book {book!r} has no account {missing} to open another under")
    # In one order, so that two who open the same accounts do not wait for each other in a ring.
    _open(
        work,
        [_account(work, opened, code, name, mirrors[code.partition(":")[0]]) for code, name in sorted(wanted.items())],
    )


@cache
def _kind_of_book() -> Select[str]:
    return select(Book.kind).where(Book.code == bindparam("code"))


def _mirrors(work: Work, book_id: int, codes: Collection[str]) -> dict[str, str]:
    """The mirrors of those of a book's accounts that are there."""
    told = listed(work.session, sorted(codes))
    return dict(work.session.execute(_mirrored(told.form), {"book": book_id, "codes": told.value}).all())


@cache
def _mirrored(form: Form) -> Select[str, str]:
    return select(Account.code, Account.mirror).where(
        Account.book_id == bindparam("book"), is_listed(Account.code, form, "codes")
    )


def _account(work: Work, book_id: int, code: str, name: str, mirror: str) -> dict[str, Any]:
    about = {"book_id": book_id, "code": code, "name": name, "mirror": mirror}
    return about | {"kind": kind_of_code(code), "opened_at": work.now}


def _open(work: Work, rows: Sequence[Mapping[str, Any]]) -> None:
    """Open accounts; where somebody else opens one of them at this moment, theirs is the one."""
    insert_unless_there(work.session, Account.metadata.tables[Account.__tablename__], rows)


def close_quarter(work: Work, quarter: Quarter, *, hard: bool, gates: Iterable[str] = ()) -> QuarterState:
    """Soft-close a quarter, or close it and everything before it for good. Closed twice is closed once.

    `gates` are what the institution finds wanting; to them the books add their own. Any at all refuses a hard close
    (`GatesFailed`), each named. Refuses a quarter that has not ended (`QuarterNotOver`).
    """
    raw, head = _held(work)
    state = queries.quarter_state(work.session, quarter)
    wanted: QuarterState = "closed" if hard else "soft-closed"
    if state in {"closed", wanted}:
        trail.record(work, action="quarter.closed-already", subject=str(quarter), state=state)
        return state
    if work.today <= quarter.ends_on:
        raise QuarterNotOver(f"{quarter} ends on {quarter.ends_on}: it can be closed from the day after")
    failed = [*gates, *closings.gates(work.session, quarter)]
    if hard and failed:
        raise GatesFailed(f"{quarter} cannot be closed: {'; '.join(failed)}", quarter=str(quarter), gates=failed)
    _record_quarter(work, raw, head, quarter, wanted)
    trail.record(work, action=f"quarter.{wanted}", subject=str(quarter), gates=failed)
    return wanted


def reopen_quarter(work: Work, quarter: Quarter, *, reason: str) -> QuarterState:
    """Open a soft-closed quarter again, for a reason. A closed one stays closed."""
    raw, head = _held(work)
    state = queries.quarter_state(work.session, quarter)
    if state == "closed":
        raise GatesFailed(f"{quarter} is closed for good: enter the correction in an open quarter")
    if state == "soft-closed":
        _record_quarter(work, raw, head, quarter, "open")
    trail.record(work, action="quarter.reopened", subject=str(quarter), reason=reason)
    return "open"


def trial_balance_digest(work: Work, until: date, at: queries.Known) -> bytes:
    """One hash over every balance of every book to a day, as known then: what a closed quarter came to."""
    digest = hashlib.sha256()
    for book in sorted(queries.books(work.session)):
        for line in queries.trial_balance(work.session, book, until, at).accounts:
            digest.update(f"{book} {line.code} {line.debit - line.credit}\n".encode())
    return digest.digest()


def _held(work: Work) -> tuple[Raw, HeadRow]:
    """The journal held still: no entry is placed or accepted, and no quarter changes, until the act is over."""
    raw = Raw.within(work.session)
    if not raw.sqlite:
        raw.tell("LOCK TABLE waiting_entry IN SHARE MODE")
    return raw, writing.take_head(raw)


def _record_quarter(work: Work, raw: Raw, head: HeadRow, quarter: Quarter, state: QuarterState) -> None:
    at = max(work.now, head.recorded_at)  # others may have posted since this act began: they are sealed with the rest
    row: dict[str, Any] = {
        "quarter": quarter,
        "ends_on": quarter.ends_on,
        "state": state,
        "recorded_at": at,
        "actor": work.actor.id,
        "upto_seq": head.seq,
        "root": head.frontier.root(),
        "trial_balance": trial_balance_digest(work, quarter.ends_on, queries.Known(head.seq, at)),
    }
    event = work.session.scalars(insert(QuarterEvent).values(row).returning(QuarterEvent.id)).one()
    if state == "closed":
        cells.close(work.session, quarter.ends_on, head.seq)
    writing.keep_chain(raw, after_quarter(head.chain, event_id=event, **row | {"quarter": str(quarter)}))


def _book_id(work: Work, book: str) -> int:
    found = Raw.within(work.session).ask("SELECT id FROM book WHERE code = ?", book)
    if not found:
        raise queries.NoSuchBook(f"There is no book {book!r}: the books are {', '.join(queries.books(work.session))}")
    return int(found[0][0])
