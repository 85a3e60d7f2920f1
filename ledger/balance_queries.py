"""Balances, turnovers, trial balances and the tree of accounts, at any day and as known at any place."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from operator import attrgetter
from typing import Final

from pydantic import BaseModel
from sqlalchemy import select

from ledger.moments import Known, NoSuchAccount, books, known, require_book
from ledger.money import NOTHING, Money
from ledger.store import sums
from ledger.store.database import ReadSession
from ledger.store.tables import Account, Book
from ledger.store.work import View

_by_code: Final = attrgetter("code")
_blank: Final = BaseModel.__new__
_give: Final = object.__setattr__
_OF_A_LINE: Final = frozenset({"code", "name", "debit", "credit"})


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


class Branch(View):
    """An account in the tree: its own balance, and that with all below it. A mere heading has no name."""

    code: str
    name: str
    depth: int
    own: Money
    balance: Money


class Tree(View):
    """The accounts of a book at or below a code, each followed by those below it."""

    book: str
    as_at: date
    known_at: datetime
    known_seq: int
    accounts: tuple[Branch, ...]


def balance_at(session: ReadSession, book: str, code: str, as_at: date | None = None, at: Known | None = None) -> Money:
    """Debits less credits of an account and all below it, effective to a day inclusive, as known then.

    An account the book does not have yet has no balance: nothing, rather than a refusal (see `balance`). As known now,
    it counts what still waits for its place.
    """
    found = sums.sums(session, sums.Asked(book, code, None, as_at, None if at is None else at.seq))
    return Money(sum(one.pence[0] for one in found))


def balances_of(
    session: ReadSession, book: str, codes: Sequence[str], as_at: date | None = None, at: Known | None = None
) -> dict[str, Money]:
    """What `balance_at` tells of each of some accounts of a book, in one question."""
    first, *also = codes
    asked = sums.Asked(book, first, None, as_at, None if at is None else at.seq, also=tuple(also))
    found = sums.sums(session, asked)
    return {code: Money(sum(one.pence[0] for one in found if _within(code, one.code))) for code in codes}


def balance(session: ReadSession, book: str, code: str, as_at: date | None = None, at: Known | None = None) -> Balance:
    """The balance of an account that the book has, with both times echoed; refuses an unknown book or account."""
    require_book(session, book)
    require_account(session, book, code)
    then, day = at or known(session), as_at or session.now.date()
    return Balance(
        book=book,
        code=code,
        as_at=day,
        known_at=then.instant,
        known_seq=then.seq,
        balance=balance_at(session, book, code, day, at),
    )


def balances_under(
    session: ReadSession, book: str, code: str, as_at: date | None = None, at: Known | None = None
) -> dict[str, Money]:
    """The balance of each account at or below a code that has one, by its own code."""
    found = sums.sums(session, sums.Asked(book, code, None, as_at, None if at is None else at.seq))
    return {one.code: Money(one.pence[0]) for one in sorted(found, key=_by_code)}


def turnover(
    session: ReadSession, book: str, code: str, since: date | None, until: date | None, at: Known | None = None
) -> Turnover:
    """Debits and credits of an account and all below it, effective within a span of days, both ends included."""
    found = turnovers_under(session, book, code, since, until, at).values()
    return Turnover(debits=Money.total(one.debits for one in found), credits=Money.total(one.credits for one in found))


def turnovers_under(
    session: ReadSession, book: str, code: str, since: date | None, until: date | None, at: Known | None = None
) -> dict[str, Turnover]:
    """Debits and credits of each account at or below a code, by its own code."""
    if since is not None and until is not None and since > until:
        return {}
    asked = sums.Asked(book, code, since, until, None if at is None else at.seq, sums.SIDES)
    return {
        one.code: Turnover(debits=Money(one.pence[0]), credits=Money(one.pence[1]))
        for one in sorted(sums.sums(session, asked), key=_by_code)
    }


def trial_balance(session: ReadSession, book: str, as_at: date | None = None, at: Known | None = None) -> TrialBalance:
    """Every account of a book with a balance, on its side; refuses an unknown book."""
    then, day = at or known(session), as_at or session.now.date()
    found = sums.sums(session, sums.Asked(book, "", None, day, None if at is None else at.seq))
    if not found:  # a book that has balances is there
        require_book(session, book)
    return _trial_balance(book, day, then, found)


def trial_balances(session: ReadSession, as_at: date | None = None, at: Known | None = None) -> list[TrialBalance]:
    """The trial balance of every book, in the order they were opened, from one reading of the journal."""
    then, day = at or known(session), as_at or session.now.date()
    by_book: defaultdict[str, list[sums.Sum]] = defaultdict(list)
    for one in sums.sums(session, sums.Asked(None, "", None, day, None if at is None else at.seq)):
        by_book[one.book].append(one)
    return [_trial_balance(book, day, then, by_book[book]) for book in books(session)]


def tree(session: ReadSession, book: str, code: str = "", as_at: date | None = None, at: Known | None = None) -> Tree:
    """Every account of a book at or below a code, with its own balance and that of all below it.

    A level between two accounts that is no account itself is a heading. Refuses an unknown book or account.
    """
    require_book(session, book)
    if code:
        require_account(session, book, code)
    then, day = at or known(session), as_at or session.now.date()
    names = {name: row for name, row in _names(session, book).items() if _within(code, name)}
    found = sums.sums(session, sums.Asked(book, code, None, day, None if at is None else at.seq))
    return Tree(
        book=book,
        as_at=day,
        known_at=then.instant,
        known_seq=then.seq,
        accounts=tuple(_branches(code, names, {one.code: one.pence[0] for one in found})),
    )


def require_account(session: ReadSession, book: str, code: str) -> str:
    """The name of an account of a book, empty for a level between accounts; refuses none, and one that is not there."""
    if not code:
        raise NoSuchAccount("Name an account by its code, such as 1000: all of a book come to nothing, as they must")
    names = {name: title for name, title in _names(session, book, code).items() if _within(code, name)}
    if not names:
        raise NoSuchAccount(f"The book {book!r} has no account {code!r}: list its accounts with its trial balance")
    return names.get(code, "")


def _names(session: ReadSession, book: str, code: str = "") -> dict[str, str]:
    rows = session.execute(
        select(Account.code, Account.name)
        .join(Book, Book.id == Account.book_id)
        .where(Book.code == book, Account.code.startswith(code, autoescape=True))
    )
    return {row.code: row.name for row in rows}


def _branches(top: str, names: dict[str, str], pence: dict[str, int]) -> Iterable[Branch]:
    with_below: defaultdict[str, int] = defaultdict(int)
    for code in names:
        for level in _levels(top, code):
            with_below[level] += pence.get(code, 0)
    for code in sorted(with_below, key=lambda code: code.split(":")):
        yield Branch(
            code=code,
            name=names.get(code, ""),
            depth=code.count(":"),
            own=Money(pence.get(code, 0)),
            balance=Money(with_below[code]),
        )


def _levels(top: str, code: str) -> Iterable[str]:
    """An account's code, and those of all above it as far as the top."""
    parts = code.split(":")
    first = top.count(":") + 1 if top else 1
    return (":".join(parts[:depth]) for depth in range(first, len(parts) + 1))


def _within(code: str, account: str) -> bool:
    return not code or account == code or account.startswith(f"{code}:")


def _trial_balance(book: str, day: date, then: Known, found: Iterable[sums.Sum]) -> TrialBalance:
    """Made from plain rows in one go: a record at a time takes longer than the database does."""
    lines: list[TrialBalanceLine] = []
    debit = credit = 0
    for _, code, name, (pence,) in sorted(found, key=_by_code):
        if pence > 0:
            debit += pence
            lines.append(_line(code, name, Money(pence), NOTHING))
        else:
            credit -= pence
            lines.append(_line(code, name, NOTHING, Money(-pence)))
    return TrialBalance(
        book=book,
        as_at=day,
        known_at=then.instant,
        known_seq=then.seq,
        accounts=tuple(lines),
        total_debit=Money(debit),
        total_credit=Money(credit),
    )


def _line(code: str, name: str, debit: Money, credit: Money) -> TrialBalanceLine:
    """`TrialBalanceLine.model_construct` at a third of its price: what the database told needs no second reading."""
    made = _blank(TrialBalanceLine)
    _give(made, "__dict__", {"code": code, "name": name, "debit": debit, "credit": credit})
    _give(made, "__pydantic_fields_set__", set(_OF_A_LINE))
    _give(made, "__pydantic_extra__", None)
    _give(made, "__pydantic_private__", None)
    return made
