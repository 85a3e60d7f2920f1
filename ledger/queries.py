"""The looks at the books: balances, turnovers, trial balances and the entries behind them, on both time axes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, Select, and_, case, func, or_, select, type_coerce

from ledger.dates import CALENDAR_ENDS, CALENDAR_STARTS, Quarter
from ledger.entries import Recorded
from ledger.merkle import Frontier
from ledger.money import NOTHING, Money
from ledger.periods import QuarterState
from ledger.refusals import NotFound
from ledger.store import journal
from ledger.store.columns import MoneyType
from ledger.store.database import ReadSession
from ledger.store.tables import Account, Book, EntryRow, JournalHead, Mark, PostingRow, QuarterEvent
from ledger.store.work import View

_AnyQuery = Select[*tuple[Any, ...]]

_PENCE: Final = type_coerce(PostingRow.amount, BigInteger)
"""The amount as the database adds it up."""

_LINE_COLUMNS: Final = (
    EntryRow.seq,
    EntryRow.effective_on,
    EntryRow.recorded_at,
    EntryRow.description,
    EntryRow.key,
    EntryRow.kind,
)
"""What a line tells of its entry."""
_TWO: Final = 2
"""Halves of a linked pair."""


@dataclass(frozen=True, slots=True)
class Known:
    """A point of knowledge: everything up to a place in the journal, and the instant at which that was all we knew."""

    seq: int
    instant: datetime


class Head(View):
    """The head of the books at a point of knowledge: one root that covers every entry up to a place."""

    seq: int
    root: str
    recorded_at: datetime


class TrialBalanceLine(View):
    """One account with a balance, on its side."""

    code: str
    name: str
    debit: Money
    credit: Money


class TrialBalance(View):
    """Every balance of a book; both totals are equal, or the books are broken."""

    book: str
    as_at: date
    known_at: datetime
    known_seq: int
    accounts: tuple[TrialBalanceLine, ...]
    total_debit: Money
    total_credit: Money


class Balance(View):
    """The balance of one account and all below it; a debit balance is positive."""

    book: str
    code: str
    as_at: date
    known_at: datetime
    known_seq: int
    balance: Money


class Turnover(View):
    """What went through an account in a span of days."""

    debits: Money
    credits: Money

    @property
    def net(self) -> Money:
        """Debits less credits."""
        return self.debits - self.credits


class Line(View):
    """One posting, with what its entry says of it."""

    seq: int
    effective_on: date
    recorded_at: datetime
    book: str
    account: str
    description: str
    key: str
    kind: str
    amount: Money


class AccountView(View):
    """An account of a book."""

    book: str
    code: str
    name: str
    kind: str


class PairFault(View):
    """A linked pair whose mirror accounts do not agree, or that has lost its other half."""

    pair: str
    mirror: str
    difference: Money
    books: tuple[str, ...]


class NoSuchBook(NotFound):
    """No book of this code."""

    slug = "no-such-book"


class NoSuchAccount(NotFound):
    """No account of this code in the book."""

    slug = "no-such-account"


def known(session: ReadSession, at: datetime | int | None = None) -> Known:
    """Resolve a point of knowledge: an instant (all that was recorded by then), a place in the journal, or now.

    A place beyond the end means the end; a place knows what was recorded beside the journal until its own instant.
    """
    if isinstance(at, datetime):
        seq = session.scalar(select(func.max(Mark.upto_seq)).where(Mark.recorded_at <= at))
        return Known(seq or 0, at)
    newest = session.execute(select(JournalHead.seq, JournalHead.recorded_at)).one()
    if at is None:
        return Known(newest.seq, max(session.now, newest.recorded_at))
    seq = min(max(at, 0), newest.seq)
    instant = session.scalar(select(EntryRow.recorded_at).where(EntryRow.seq == seq))
    return Known(seq, instant or journal.EPOCH)


def head(session: ReadSession, at: Known | None = None) -> Head:
    """The head of the books, now or at a point of knowledge."""
    if at is None:
        now = session.execute(select(JournalHead.seq, JournalHead.root, JournalHead.recorded_at)).one()
        return Head(seq=now.seq, root=now.root.hex(), recorded_at=now.recorded_at)
    mark = session.get(Mark, at.seq)
    if mark is not None:
        return Head(seq=at.seq, root=mark.root.hex(), recorded_at=mark.recorded_at)
    return _head_between_marks(session, at.seq)


def balance_at(session: ReadSession, book: str, code: str, as_at: date | None = None, at: Known | None = None) -> Money:
    """Debits less credits of an account and all below it, effective to a day inclusive, as known then.

    An account the book does not have yet has no balance: nothing, rather than a refusal (see `balance`).
    """
    total = session.scalar(
        _cut(select(func.sum(PostingRow.amount, type_=MoneyType)), book, as_at, at).where(_at_or_below(code))
    )
    return total or NOTHING


def balance(session: ReadSession, book: str, code: str, as_at: date | None = None, at: Known | None = None) -> Balance:
    """The balance of an account that the book has, with both times echoed; refuses an unknown book or account."""
    _require_book(session, book)
    there = session.scalar(
        select(Account.id).join(Book, Book.id == Account.book_id).where(Book.code == book, _at_or_below(code)).limit(1)
    )
    if there is None:
        raise NoSuchAccount(f"The book {book!r} has no account {code!r}: list its accounts with its trial balance")
    then, day = at or known(session), as_at or session.now.date()
    return Balance(
        book=book,
        code=code,
        as_at=day,
        known_at=then.instant,
        known_seq=then.seq,
        balance=balance_at(session, book, code, day, then),
    )


def balances_under(
    session: ReadSession, book: str, code: str, as_at: date | None = None, at: Known | None = None
) -> dict[str, Money]:
    """The balance of each account at or below a code that has one, by its own code."""
    rows = session.execute(
        _cut(select(Account.code, func.sum(PostingRow.amount, type_=MoneyType).label("net")), book, as_at, at)
        .where(_at_or_below(code))
        .group_by(Account.code)
    )
    return {row.code: row.net for row in sorted(rows, key=lambda row: str(row.code)) if row.net}


def turnover(
    session: ReadSession, book: str, code: str, since: date | None, until: date | None, at: Known | None = None
) -> Turnover:
    """Debits and credits of an account and all below it, effective within a span of days, both ends included."""
    total = session.execute(
        _cut(select(_debits().label("debits"), _credits().label("credits")), book, until, at).where(
            _at_or_below(code), PostingRow.effective_on >= (since or CALENDAR_STARTS)
        )
    ).one()
    return Turnover(debits=total.debits or NOTHING, credits=total.credits or NOTHING)


def turnovers_under(
    session: ReadSession, book: str, code: str, since: date | None, until: date | None, at: Known | None = None
) -> dict[str, Turnover]:
    """Debits and credits of each account at or below a code, by its own code."""
    rows = session.execute(
        _cut(select(Account.code, _debits().label("debits"), _credits().label("credits")), book, until, at)
        .where(_at_or_below(code), PostingRow.effective_on >= (since or CALENDAR_STARTS))
        .group_by(Account.code)
    )
    return {
        row.code: Turnover(debits=row.debits, credits=row.credits) for row in sorted(rows, key=lambda r: str(r.code))
    }


def trial_balance(session: ReadSession, book: str, as_at: date | None = None, at: Known | None = None) -> TrialBalance:
    """Every account of a book with a balance, on its side; refuses an unknown book."""
    _require_book(session, book)
    then, day = at or known(session), as_at or session.now.date()
    rows = session.execute(
        _cut(
            select(Account.code, Account.name, func.sum(PostingRow.amount, type_=MoneyType).label("net")),
            book,
            day,
            then,
        ).group_by(Account.code, Account.name)
    )
    lines = tuple(
        TrialBalanceLine(code=row.code, name=row.name, debit=max(row.net, NOTHING), credit=max(-row.net, NOTHING))
        for row in sorted(rows, key=lambda row: str(row.code))
        if row.net
    )
    return TrialBalance(
        book=book,
        as_at=day,
        known_at=then.instant,
        known_seq=then.seq,
        accounts=lines,
        total_debit=Money.total(line.debit for line in lines),
        total_credit=Money.total(line.credit for line in lines),
    )


def entries_behind(
    session: ReadSession,
    book: str,
    code: str,
    since: date | None = None,
    until: date | None = None,
    at: Known | None = None,
    *,
    after: int = 0,
    limit: int | None = None,
) -> list[Line]:
    """The postings that make up a balance or a turnover, in the order the journal came to know them."""
    query = (
        _cut(select(PostingRow.amount, Account.code, *_LINE_COLUMNS), book, until, at)
        .join(EntryRow, EntryRow.id == PostingRow.entry_id)
        .where(_at_or_below(code), PostingRow.effective_on >= (since or CALENDAR_STARTS), PostingRow.seq > after)
        .order_by(PostingRow.seq, PostingRow.leg)
        .limit(limit)
    )
    return [_line(book, row) for row in session.execute(query)]


def net_by_kind(
    session: ReadSession, book: str, codes: Sequence[str], as_at: date | None = None, at: Known | None = None
) -> dict[tuple[str, str], Money]:
    """Debits less credits of each account at or below some codes, apart for each kind of entry, in one question."""
    rows = session.execute(
        _cut(select(Account.code, EntryRow.kind, func.sum(_PENCE, type_=MoneyType).label("net")), book, as_at, at)
        .join(EntryRow, EntryRow.id == PostingRow.entry_id)
        .where(or_(*(_at_or_below(code) for code in codes)))
        .group_by(Account.code, EntryRow.kind)
    )
    return {(row.code, row.kind): row.net for row in rows}


def entry(session: ReadSession, seq: int) -> Recorded:
    """One entry by its place; refuses a place where there is none."""
    for found in journal.recorded(session, EntryRow.seq == seq):
        return found
    raise NotFound(f"There is no entry at place {seq} of the journal")


def reversal_of(session: ReadSession, seq: int) -> Recorded | None:
    """The entry that reversed another, if one did."""
    return next(journal.recorded(session, EntryRow.reverses == seq), None)


def entries(
    session: ReadSession, *, book: str | None = None, after: int = 0, limit: int = 100, at: Known | None = None
) -> list[Recorded]:
    """Whole entries in order of place, after a place on."""
    query = select(EntryRow.seq).join(Book, Book.id == EntryRow.book_id).where(EntryRow.seq > after)
    if book is not None:
        query = query.where(Book.code == book)
    if at is not None:
        query = query.where(EntryRow.seq <= at.seq)
    places = session.scalars(query.order_by(EntryRow.seq).limit(limit)).all()
    return list(journal.recorded(session, EntryRow.seq.in_(places)))


def books(session: ReadSession) -> dict[str, str]:
    """The kind of every book, by code, in the order they were opened."""
    return {row.code: row.kind for row in session.execute(select(Book.code, Book.kind).order_by(Book.id))}


def accounts(session: ReadSession, book: str | None = None) -> list[AccountView]:
    """Every account, of one book or of all."""
    query = select(Book.code.label("book"), Account.code, Account.name, Account.kind).join(
        Account, Account.book_id == Book.id
    )
    rows = session.execute(query if book is None else query.where(Book.code == book))
    found = [AccountView(book=row.book, code=row.code, name=row.name, kind=row.kind) for row in rows]
    return sorted(found, key=lambda account: (account.book, account.code))


def pairs_that_disagree(session: ReadSession, at: Known | None = None) -> list[PairFault]:
    """Every linked pair whose mirror accounts do not come to nothing, and every half without its other half."""
    then = at or known(session)
    rows = session.execute(
        select(
            EntryRow.pair,
            Account.mirror,
            func.sum(case((Account.mirror != "", _PENCE), else_=0), type_=MoneyType).label("net"),
            func.count(EntryRow.book_id.distinct()).label("books"),
            func.min(Book.code).label("first"),
            func.max(Book.code).label("last"),
        )
        .join(PostingRow, PostingRow.entry_id == EntryRow.id)
        .join(Account, Account.id == PostingRow.account_id)
        .join(Book, Book.id == EntryRow.book_id)
        .where(EntryRow.pair != "", EntryRow.seq <= then.seq)
        .group_by(EntryRow.pair, Account.mirror)
        .having(
            or_(
                and_(Account.mirror != "", func.sum(_PENCE) != 0),
                func.count(EntryRow.book_id.distinct()) < _TWO,
            )
        )
        .order_by(EntryRow.pair)
    )
    return [
        PairFault(pair=row.pair, mirror=row.mirror, difference=row.net, books=tuple(sorted({row.first, row.last})))
        for row in rows
        if row.mirror != "" or row.books < _TWO
    ]


def quarter_state(session: ReadSession, quarter: Quarter) -> QuarterState:
    """Whether a quarter is open, soft-closed or closed; whatever the watermark covers is closed."""
    watermark, states = journal.quarter_states(session)
    if watermark is not None and quarter.ends_on <= watermark:
        return "closed"
    return states.get(quarter, "open")


def watermark(session: ReadSession) -> date | None:
    """The last day that is closed for good, and everything before it."""
    return journal.quarter_states(session)[0]


def closed_quarters(session: ReadSession) -> list[Quarter]:
    """The quarters that were closed for good, each by its own act, in order."""
    found = session.scalars(select(QuarterEvent.quarter).where(QuarterEvent.state == "closed"))
    return sorted(set(found))


def closed_as_known(session: ReadSession, quarter: Quarter) -> Known | None:
    """The point of knowledge at which a quarter was closed for good."""
    row = session.execute(
        select(QuarterEvent.upto_seq, QuarterEvent.recorded_at)
        .where(QuarterEvent.quarter == quarter, QuarterEvent.state == "closed")
        .order_by(QuarterEvent.id)
    ).first()
    return None if row is None else Known(row.upto_seq, row.recorded_at)


def _cut(query: _AnyQuery, book: str, as_at: date | None, at: Known | None) -> _AnyQuery:
    """Postings of a book, cut on both time axes."""
    query = (
        query.select_from(PostingRow)
        .join(Account, Account.id == PostingRow.account_id)
        .join(Book, Book.id == Account.book_id)
        .where(Book.code == book, PostingRow.effective_on <= (as_at or CALENDAR_ENDS))
    )
    return query if at is None else query.where(PostingRow.seq <= at.seq)


def _at_or_below(code: str) -> ColumnElement[bool]:
    below = f"{code}:"
    return or_(Account.code == code, func.substr(Account.code, 1, len(below)) == below)


def _debits() -> ColumnElement[Money]:
    return func.sum(case((_PENCE > 0, _PENCE), else_=0), type_=MoneyType)


def _credits() -> ColumnElement[Money]:
    return func.sum(case((_PENCE < 0, -_PENCE), else_=0), type_=MoneyType)


def _line(book: str, row: Any) -> Line:
    return Line(
        seq=row.seq,
        effective_on=row.effective_on,
        recorded_at=row.recorded_at,
        book=book,
        account=row.code,
        description=row.description,
        key=row.key,
        kind=row.kind,
        amount=row.amount,
    )


def _require_book(session: ReadSession, book: str) -> None:
    if session.scalar(select(Book.id).where(Book.code == book)) is None:
        there = ", ".join(books(session)) or "none yet"
        raise NoSuchBook(f"There is no book {book!r}: the books are {there}")


def _head_between_marks(session: ReadSession, seq: int) -> Head:
    """The head inside one act's batch, or of the empty journal: folded again from the seals."""
    frontier = Frontier()
    recorded_at = journal.EPOCH
    for row in session.execute(
        select(EntryRow.seal, EntryRow.recorded_at).where(EntryRow.seq <= seq).order_by(EntryRow.seq)
    ):
        frontier, recorded_at = frontier.append(row.seal), row.recorded_at
    return Head(seq=frontier.size, root=frontier.root().hex(), recorded_at=recorded_at)
