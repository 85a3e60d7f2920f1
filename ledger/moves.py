"""Postings as plain rows and as sums, by the accounts they are on and by what was done: what nearly every act asks.

A reversal counts as the kind of what it takes back, and one of a reversal as the kind of what is done again by it: so
what is told of a kind is what was done, less what was undone. Only `net_by_kind` goes by what entries say themselves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Row,
    Select,
    and_,
    bindparam,
    case,
    func,
    not_,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.orm import aliased

from ledger.dates import CALENDAR_ENDS
from ledger.moments import Known
from ledger.money import NOTHING, Money
from ledger.store.columns import MoneyType
from ledger.store.database import ReadSession
from ledger.store.legs import REVERSAL, taken_back
from ledger.store.listed import Form, is_listed, listed, one_of
from ledger.store.tables import Account, Book, EntryRow, PostingRow

AnyQuery = Select[*tuple[Any, ...]]

PENCE: Final = type_coerce(PostingRow.amount, BigInteger)
"""The amount as the database adds it up."""

_DEEPEST: Final = 5
"""How far `stands` follows reversals of reversals: further than anybody has been seen to go."""

_HAPPENED_ON: Final = EntryRow.original_effective_on


def behind(*columns: Any) -> AnyQuery:
    """Postings, each with its account, its book and its entry."""
    return (
        select(*columns)
        .select_from(PostingRow)
        .join(Account, Account.id == PostingRow.account_id)
        .join(Book, Book.id == Account.book_id)
        .join(EntryRow, EntryRow.id == PostingRow.entry_id)
    )


_MOVES: Final = behind(PostingRow.seq, Account.code, PostingRow.effective_on, EntryRow.kind, PENCE, _HAPPENED_ON)
_NETS: Final = behind(Account.code, EntryRow.kind, func.sum(PENCE, type_=MoneyType).label("net"))
"""What nearly every act asks of the journal: put together once, and cut to each question."""


class Moved(NamedTuple):
    """One posting as those take it who count with many of them: where, when, by what, and how much.

    `happened_on` is the day it was true of the world: earlier than its own where it came too late for that day.
    """

    seq: int
    account: str
    effective_on: date
    kind: str
    amount: Money
    happened_on: date


def moves_of(session: ReadSession, book: str, codes: Sequence[str], at: Known | None = None) -> list[Moved]:
    """The postings of `lines_of`, in the same order, as plain rows: for whoever reads those of very many accounts."""
    told = listed(session, codes)
    asked = {"codes": told.value, **told_of(book, None, at)}
    rows = session.execute(_moves_listed(told.form, then=at is not None), asked)
    return _as_deeds(session, book, [_moved(row) for row in rows])


@cache
def _moves_listed(form: Form, *, then: bool) -> AnyQuery:
    return (
        cut_as_told(_MOVES, then=then)
        .where(is_listed(Account.code, form, "codes"))
        .order_by(PostingRow.seq, PostingRow.leg)
    )


def moves_summed(
    session: ReadSession,
    book: str,
    codes: Sequence[str],
    summed: Mapping[str, Sequence[str]],
    before: date,
    at: Known | None = None,
) -> list[Moved]:
    """The same, but what an account took of some kinds before a day is one sum for each, dated the last of its days.

    `summed` names for each of those kinds the accounts at or below which it is so told. For whoever asks of no earlier
    day, and of those kinds for nothing but what they come to: however many quarters have passed, no more is read.
    """
    these = (and_(EntryRow.kind == kind, or_(*map(_at_or_below, roots))) for kind, roots in summed.items())
    past = and_(PostingRow.effective_on < before, or_(*these))
    apart = case((past, 0), else_=PostingRow.seq), case((past, 0), else_=PostingRow.leg)
    last, sum_ = func.max(PostingRow.seq), func.sum(PENCE, type_=BigInteger)
    day, happened = func.max(PostingRow.effective_on), func.max(_HAPPENED_ON)
    query = (
        cut(behind(last, Account.code, day, EntryRow.kind, sum_, happened), book, None, at)
        .where(one_of(session, Account.code, codes))
        .group_by(Account.code, EntryRow.kind, *apart)
        .order_by(last)
    )
    return _as_deeds(session, book, [_moved(row) for row in session.execute(query)])


def _as_deeds(session: ReadSession, book: str, moved: list[Moved]) -> list[Moved]:
    """The same, each reversal by the kind of what it takes back: looked up only where there is one, which is seldom."""
    if all(one.kind != REVERSAL for one in moved):
        return moved
    undone = taken_back(book)
    kinds = dict(session.execute(select(undone.c.by, undone.c.kind)).all())
    return [one._replace(kind=kinds.get(one.seq, one.kind)) if one.kind == REVERSAL else one for one in moved]


def _moved(row: Row[int, str, date, str, int, date | None]) -> Moved:
    seq, code, day, kind, pence, happened = row
    return Moved(seq, code, day, kind, Money(int(pence)), happened or day)


def net_by_kind(
    session: ReadSession, book: str, codes: Sequence[str], as_at: date | None = None, at: Known | None = None
) -> dict[tuple[str, str], Money]:
    """Debits less credits of each account at or below some codes, apart for each kind of entry, in one question.

    By the entries' own kinds: what was undone is of the kind `reversal`.
    """
    meant = or_(*(_at_or_below(code) for code in codes))
    rows = session.execute(cut(_NETS, book, as_at, at).where(meant).group_by(Account.code, EntryRow.kind))
    return {(row.code, row.kind): row.net for row in rows}


def net_by_deed(
    session: ReadSession, book: str, codes: Sequence[str], as_at: date | None = None, at: Known | None = None
) -> dict[tuple[str, str], Money]:
    """The same, where a reversal counts as the kind of what it takes back: what was done, less what was undone.

    One that takes back a reversal counts as what that had taken back, which is done again by it.
    """
    undone = taken_back(book)
    deed = func.coalesce(undone.c.kind, EntryRow.kind)
    told = behind(Account.code, deed.label("deed"), func.sum(PENCE, type_=MoneyType).label("net"))
    told = told.outerjoin(undone, undone.c.by == EntryRow.seq).where(or_(*(_at_or_below(code) for code in codes)))
    rows = session.execute(cut(told, book, as_at, at).group_by(Account.code, deed))
    return {(row.code, row.deed): row.net for row in rows}


def nets_of(
    session: ReadSession, book: str, codes: Sequence[str], as_at: date | None = None, at: Known | None = None
) -> dict[tuple[str, str], Money]:
    """The same as `net_by_deed`, of some accounts themselves, and none of those below: no other is read."""
    told = listed(session, codes)
    asked = {"codes": told.value, **told_of(book, as_at, at)}
    rows = session.execute(_nets_listed(told.form, then=at is not None), asked)
    found = {(code, kind): net for code, kind, net in rows}
    undone = [code for code, kind in found if kind == REVERSAL]
    if undone:
        told_apart = cut(_MOVES, book, as_at, at).where(
            one_of(session, Account.code, undone), EntryRow.kind == REVERSAL
        )
        for code in undone:
            del found[code, REVERSAL]
        for one in _as_deeds(session, book, [_moved(row) for row in session.execute(told_apart)]):
            found[one.account, one.kind] = found.get((one.account, one.kind), NOTHING) + one.amount
    return found


@cache
def _nets_listed(form: Form, *, then: bool) -> AnyQuery:
    return (
        cut_as_told(_NETS, then=then)
        .where(is_listed(Account.code, form, "codes"))
        .group_by(Account.code, EntryRow.kind)
    )


def cut(query: AnyQuery, book: str, as_at: date | None, at: Known | None) -> AnyQuery:
    """Postings of a book, cut on both time axes."""
    query = query.where(Book.code == book, PostingRow.effective_on <= (as_at or CALENDAR_ENDS))
    return query if at is None else query.where(PostingRow.seq <= at.seq)


def cut_as_told(query: AnyQuery, *, then: bool) -> AnyQuery:
    """The same, for a statement that is made once: the book and the cuts are told when it is asked (see `told_of`)."""
    query = query.where(Book.code == bindparam("book"), PostingRow.effective_on <= bindparam("until"))
    return query.where(PostingRow.seq <= bindparam("place")) if then else query


def told_of(book: str, as_at: date | None, at: Known | None) -> dict[str, Any]:
    """The values of `cut_as_told`."""
    cuts = {"book": book, "until": as_at or CALENDAR_ENDS}
    return cuts if at is None else cuts | {"place": at.seq}


def _at_or_below(code: str) -> ColumnElement[bool]:
    below = f"{code}:"
    return or_(Account.code == code, func.substr(Account.code, 1, len(below)) == below)


def stands(place: Any, upto: Any = None, until: Any = None) -> ColumnElement[bool]:
    """The condition that the entry at a place has not been reversed, or that its reversal has been in its turn.

    By a place in the journal and a day, where they are told, as columns, parameters or values. It holds where the place
    itself is none. Reversals of reversals are followed five deep; what lies deeper is not looked at.
    """
    return not_(_reversed(place, upto, until, _DEEPEST - 1))


def _reversed(place: Any, upto: Any, until: Any, deeper: int) -> ColumnElement[bool]:
    by = aliased(EntryRow)
    known = [by.reverses == place]
    if upto is not None:
        known.append(by.seq <= upto)
    if until is not None:
        known.append(by.effective_on <= until)
    if deeper:
        known.append(not_(_reversed(by.seq, upto, until, deeper - 1)))
    return select(by.id).where(*known).exists()
