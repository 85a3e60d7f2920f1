"""The looks at the books: balances, turnovers, trial balances and the entries behind them, on both time axes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import (
    Integer,
    String,
    and_,
    bindparam,
    case,
    func,
    literal_column,
    or_,
    select,
)

from ledger.account_statement import AccountStatement, BadPage, StatementLine, statement_of_account
from ledger.balance_queries import (
    Balance,
    Branch,
    Tree,
    TrialBalance,
    TrialBalanceLine,
    Turnover,
    balance,
    balance_at,
    balances_of,
    balances_under,
    tree,
    trial_balance,
    trial_balances,
    turnover,
    turnovers_under,
)
from ledger.dates import CALENDAR_STARTS, Quarter
from ledger.entries import Recorded
from ledger.merkle import Frontier
from ledger.moments import Known, NoSuchAccount, NoSuchBook, NoSuchPlace, NotYet, books, known, known_by, require_book
from ledger.money import Money
from ledger.moves import (
    PENCE,
    AnyQuery,
    Moved,
    behind,
    cut,
    cut_as_told,
    moves_of,
    moves_summed,
    net_by_deed,
    net_by_kind,
    nets_of,
    stands,
    told_of,
)
from ledger.periods import QuarterState
from ledger.refusals import NotFound
from ledger.store import journal
from ledger.store.columns import MoneyType
from ledger.store.database import ReadSession
from ledger.store.heard import heard
from ledger.store.raw import Raw
from ledger.store.tables import Account, Book, EntryRow, JournalHead, Mark, PostingRow, QuarterEvent
from ledger.store.work import View

__all__ = [
    "AccountStatement",
    "AccountView",
    "BadPage",
    "Balance",
    "Branch",
    "Head",
    "Known",
    "Line",
    "Moved",
    "NoSuchAccount",
    "NoSuchBook",
    "NoSuchPlace",
    "NotYet",
    "PairFault",
    "StatementLine",
    "Tree",
    "TrialBalance",
    "TrialBalanceLine",
    "Turnover",
    "accounts",
    "balance",
    "balance_at",
    "balances_of",
    "balances_under",
    "books",
    "closed_as_known",
    "closed_quarters",
    "entries",
    "entries_behind",
    "entry",
    "head",
    "known",
    "known_by",
    "moves_of",
    "moves_summed",
    "net_by_deed",
    "net_by_kind",
    "nets_of",
    "pairs_that_disagree",
    "quarter_state",
    "reversal_of",
    "stands",
    "statement_of_account",
    "tree",
    "trial_balance",
    "trial_balances",
    "turnover",
    "turnovers_under",
    "watermark",
]

_WATERMARK: Final = "watermark"

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
_UNPAIRED: Final = literal_column("''", String)
"""Written out, as the index of the pairs has it: no database looks there for a value that it is told."""


class Head(View):
    """The head of the books at a point of knowledge: one root that covers every entry up to a place."""

    seq: int
    root: str
    recorded_at: datetime


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


_LINES: Final = behind(PostingRow.amount, Account.code, *_LINE_COLUMNS)


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


def head(session: ReadSession, at: Known | None = None) -> Head:
    """The head of the books, now or at a point of knowledge."""
    if at is None:
        now = session.execute(select(JournalHead.seq, JournalHead.root, JournalHead.recorded_at)).one()
        return Head(seq=now.seq, root=now.root.hex(), recorded_at=now.recorded_at)
    mark = session.get(Mark, at.seq)
    if mark is not None:
        return Head(seq=at.seq, root=mark.root.hex(), recorded_at=mark.recorded_at)
    return _head_between_marks(session, at.seq)


def entries_behind(
    session: ReadSession,
    book: str,
    code: str,
    since: date | None = None,
    until: date | None = None,
    at: Known | None = None,
    *,
    after: int = 0,
) -> list[Line]:
    """The postings that make up a balance or a turnover, in the order the journal came to know them.

    All of them after a place: a page of so many could end within an entry, and the next would begin after it. For
    pages there is `statement_of_account`.
    """
    asked = {"code": code, "below": f"{code}:", "length": len(code) + 1, "since": since or CALENDAR_STARTS}
    asked |= {"after": after, **told_of(book, until, at)}
    return [_line(book, row) for row in session.execute(_lines_behind(then=at is not None), asked)]


@cache
def _lines_behind(*, then: bool) -> AnyQuery:
    first = func.substr(Account.code, 1, bindparam("length", type_=Integer))
    return (
        cut_as_told(_LINES, then=then)
        .where(
            or_(Account.code == bindparam("code"), first == bindparam("below", type_=String)),
            PostingRow.effective_on >= bindparam("since"),
            PostingRow.seq > bindparam("after"),
        )
        .order_by(PostingRow.seq, PostingRow.leg)
    )


def lines_of(session: ReadSession, book: str, codes: Sequence[str], at: Known | None = None) -> list[Line]:
    """The postings of some accounts of a book, in the order the journal came to know them; none of those below."""
    query = cut(_LINES, book, None, at).where(Account.code.in_(codes)).order_by(PostingRow.seq, PostingRow.leg)
    return [_line(book, row) for row in session.execute(query)]


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
    """Whole entries in order of place, after a place on; of one book or of all. Refuses a book that is not there."""
    query = select(EntryRow.seq).join(Book, Book.id == EntryRow.book_id).where(EntryRow.seq > after)
    if book is not None:
        require_book(session, book)
        query = query.where(Book.code == book)
    if at is not None:
        query = query.where(EntryRow.seq <= at.seq)
    places = session.scalars(query.order_by(EntryRow.seq).limit(limit)).all()
    return list(journal.recorded(session, EntryRow.seq.in_(places)))


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
    half = EntryRow.pair != _UNPAIRED, EntryRow.seq <= then.seq
    paired = select(EntryRow.id).where(*half)
    books_of = func.count(EntryRow.book_id.distinct())
    alone = select(EntryRow.pair).where(*half).group_by(EntryRow.pair).having(books_of < _TWO)
    rows = session.execute(
        select(
            EntryRow.pair,
            Account.mirror,
            func.sum(case((Account.mirror != "", PENCE), else_=0), type_=MoneyType).label("net"),
            func.min(Book.code).label("first"),
            func.max(Book.code).label("last"),
        )
        .join(PostingRow, PostingRow.entry_id == EntryRow.id)
        .join(Account, Account.id == PostingRow.account_id)
        .join(Book, Book.id == EntryRow.book_id)
        .where(PostingRow.entry_id.in_(paired))  # which are few: else all postings would be gone through
        .group_by(EntryRow.pair, Account.mirror)
        .having(or_(and_(Account.mirror != "", func.sum(PENCE) != 0), EntryRow.pair.in_(alone)))
        .order_by(EntryRow.pair, Account.mirror)
    )
    found: dict[str, list[PairFault]] = {}
    for row in rows:
        books = tuple(sorted({row.first, row.last}))
        told = found.setdefault(row.pair, [])
        told.append(PairFault(pair=row.pair, mirror=row.mirror, difference=row.net, books=books))
    # Of a half alone one line is enough: what it left open, and where that is nothing, that it is alone.
    return [fault for told in found.values() for fault in [one for one in told if one.difference] or told[:1]]


def quarter_state(session: ReadSession, quarter: Quarter) -> QuarterState:
    """Whether a quarter is open, soft-closed or closed; whatever the watermark covers is closed."""
    watermark, states = journal.quarter_states(session)
    if watermark is not None and quarter.ends_on <= watermark:
        return "closed"
    return states.get(quarter, "open")


def watermark(session: ReadSession) -> date | None:
    """The last day that is closed for good, and everything before it."""
    told = heard(session)
    if _WATERMARK not in told:
        ((last,),) = Raw.within(session).ask("SELECT max(ends_on) FROM quarter_event WHERE state = 'closed'")
        told[_WATERMARK] = date.fromisoformat(last) if isinstance(last, str) else last
    found: date | None = told[_WATERMARK]
    return found


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


def _head_between_marks(session: ReadSession, seq: int) -> Head:
    """The head inside one act's batch, or of the empty journal: folded again from the seals."""
    frontier = Frontier()
    recorded_at = journal.EPOCH
    for row in session.execute(
        select(EntryRow.seal, EntryRow.recorded_at).where(EntryRow.seq <= seq).order_by(EntryRow.seq)
    ):
        frontier, recorded_at = frontier.append(row.seal), row.recorded_at
    return Head(seq=frontier.size, root=frontier.root().hex(), recorded_at=recorded_at)
