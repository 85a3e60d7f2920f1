"""The statement of an account: what it stood at, every posting with the balance after it, and what it came to."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final, NamedTuple, Self

from sqlalchemy import ColumnElement, Select, func, or_, select, tuple_

from ledger.balance_queries import balance_at, require_account
from ledger.dates import CALENDAR_ENDS, CALENDAR_STARTS, parse_day
from ledger.moments import Known, known, require_book
from ledger.money import NOTHING, Money
from ledger.refusals import BadCursor, Malformed
from ledger.store.columns import MoneyType
from ledger.store.database import ReadSession
from ledger.store.tables import Account, Book, EntryRow, PostingRow
from ledger.store.work import View
from ledger.whole_numbers import place_in

_AnyQuery = Select[*tuple[Any, ...]]

_PAGE: Final = 100
_ORDER: Final = (PostingRow.effective_on, PostingRow.seq, PostingRow.leg)


class StatementLine(View):
    """One posting and the balance after it."""

    effective_on: date
    seq: int
    leg: int
    recorded_at: datetime
    account: str
    description: str
    key: str
    kind: str
    amount: Money
    balance: Money


class AccountStatement(View):
    """One page of an account's statement. `brought_forward` is the balance before its first line.

    `after` asks for the next page, of the same moment of knowledge; it is empty on the last.
    """

    book: str
    code: str
    name: str
    since: date
    until: date
    known_at: datetime
    known_seq: int
    opening: Money
    brought_forward: Money
    lines: tuple[StatementLine, ...]
    closing: Money
    after: str


class BadPage(BadCursor):
    """A page mark that no statement of this account has given out."""

    slug = "bad-page"


class NoDays(Malformed):
    """A statement that would end before it begins."""

    slug = "no-days"


class _Mark(NamedTuple):
    """The last posting of a page, and the knowledge the statement was begun with."""

    known_seq: int
    effective_on: date
    seq: int
    leg: int

    def text(self) -> str:
        written = ".".join(str(part) for part in self)
        return base64.urlsafe_b64encode(written.encode()).decode().rstrip("=")

    @classmethod
    def parse(cls, text: str) -> Self:
        try:
            written = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True).decode("ascii")
            known_seq, day, seq, leg = written.split(".")
            return cls(_place(known_seq), parse_day(day), _place(seq), _place(leg))
        except (binascii.Error, ValueError, Malformed) as problem:
            raise BadPage(f"{text!r:.60} is no page of this statement: ask again without it") from problem


def _place(text: str) -> int:
    place = place_in(text)
    if place is None:
        raise Malformed(f"{text!r:.40} is no place in the journal")
    return place


def statement_of_account(
    session: ReadSession,
    book: str,
    code: str,
    since: date | None = None,
    until: date | None = None,
    at: Known | None = None,
    *,
    after: str = "",
    limit: int = _PAGE,
) -> AccountStatement:
    """A page of the postings of an account and all below it, by effective day, then by place, then by leg.

    The balance runs on from page to page. Pages hang on the posting, not on the entry, so none is dropped or told twice
    where one entry has several legs on the account; and a statement begun now goes on with what was known then. Refuses
    an unknown book or account, days that end before they begin (`NoDays`), and a page mark that is not one of its own
    (`BadPage`).
    """
    require_book(session, book)
    name = require_account(session, book, code)
    mark = _Mark.parse(after) if after else None
    then = at or known(session, mark.known_seq if mark else None)
    first, last = since or CALENDAR_STARTS, until or CALENDAR_ENDS
    if first > last:
        raise NoDays(f"A statement from {first} until {last} has no days: say the earlier first")
    if mark is not None and (mark.known_seq != then.seq or not first <= mark.effective_on <= last):
        raise BadPage("This page belongs to a statement of other days or another moment: ask again without it")
    opening = _before(session, book, code, first, then)
    forward = opening if mark is None else _up_to(session, book, code, mark, then)
    rows = session.execute(_lines(book, code, (first, last), then, mark).limit(limit + 1)).mappings().all()
    lines = _running(rows[:limit], forward)
    return AccountStatement(
        book=book,
        code=code,
        name=name,
        since=first,
        until=last,
        known_at=then.instant,
        known_seq=then.seq,
        opening=opening,
        brought_forward=forward,
        lines=lines,
        closing=balance_at(session, book, code, last, then),
        after=_next(then, lines[-1]) if len(rows) > limit else "",
    )


def _before(session: ReadSession, book: str, code: str, day: date, then: Known) -> Money:
    """What an account stood at when a day began."""
    return NOTHING if day <= CALENDAR_STARTS else balance_at(session, book, code, day - timedelta(days=1), then)


def _up_to(session: ReadSession, book: str, code: str, mark: _Mark, then: Known) -> Money:
    """What an account stood at after a posting: the days before its own, and its own day as far as itself."""
    query = _cut(select(func.sum(PostingRow.amount, type_=MoneyType)), book, code, then).where(
        PostingRow.effective_on == mark.effective_on,
        tuple_(PostingRow.seq, PostingRow.leg) <= tuple_(mark.seq, mark.leg),
    )
    return _before(session, book, code, mark.effective_on, then) + (session.scalar(query) or NOTHING)


def _lines(book: str, code: str, days: tuple[date, date], then: Known, mark: _Mark | None) -> _AnyQuery:
    columns = (
        PostingRow.effective_on,
        PostingRow.seq,
        PostingRow.leg,
        EntryRow.recorded_at,
        Account.code.label("account"),
        EntryRow.description,
        EntryRow.key,
        EntryRow.kind,
        PostingRow.amount,
    )
    query = (
        _cut(select(*columns), book, code, then)
        .join(EntryRow, EntryRow.id == PostingRow.entry_id)
        .where(PostingRow.effective_on.between(*days))
        .order_by(*_ORDER)
    )
    return query if mark is None else query.where(tuple_(*_ORDER) > tuple_(mark.effective_on, mark.seq, mark.leg))


def _cut(query: _AnyQuery, book: str, code: str, then: Known) -> _AnyQuery:
    return (
        query.select_from(PostingRow)
        .join(Account, Account.id == PostingRow.account_id)
        .join(Book, Book.id == Account.book_id)
        .where(Book.code == book, _at_or_below(code), PostingRow.seq <= then.seq)
    )


def _at_or_below(code: str) -> ColumnElement[bool]:
    below = f"{code}:"
    return or_(Account.code == code, func.substr(Account.code, 1, len(below)) == below)


def _running(rows: Sequence[Any], forward: Money) -> tuple[StatementLine, ...]:
    lines = []
    for row in rows:
        forward += row.amount
        lines.append(StatementLine(**row, balance=forward))
    return tuple(lines)


def _next(then: Known, last: StatementLine) -> str:
    return _Mark(then.seq, last.effective_on, last.seq, last.leg).text()
