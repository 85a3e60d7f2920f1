"""`/v1/ledger`: balances, an account's statement and the entries, for those who check the books."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Self

from fastapi import Query
from pydantic import BaseModel

from bank.api.door import AuditorOrManager, CursorQuery, Known, LimitQuery, Page, Paged, TwoTimes, router
from ledger import queries
from ledger.dates import parse_day
from ledger.money import Money
from ledger.queries import AccountStatement, Head, PairFault, StatementLine, Tree, TrialBalance
from ledger.refusals import BadCursor
from ledger.whole_numbers import place_in

routes = router("/ledger", "ledger")

BookQuery = Annotated[str, Query(description="bank, reclaim-fund, distributor, trust, or an intermediary's int_…")]
DayQuery = Annotated[str | None, Query(description="YYYY-MM-DD, that day included.")]


class AllBooks(BaseModel):
    """The trial balance of every book, at the same two times."""

    items: list[TrialBalance]


class DisagreeingPairs(BaseModel):
    """Every linked pair that disagrees; empty when all agree."""

    items: list[PairFault]


class StatementPage(BaseModel):
    """A page of an account's statement; the balance runs on from `brought_forward`."""

    book: str
    code: str
    name: str
    since: date
    until: date
    known_at: datetime
    known_seq: int
    opening: Money
    brought_forward: Money
    items: tuple[StatementLine, ...]
    closing: Money
    next_cursor: str | None

    @classmethod
    def of(cls, page: AccountStatement) -> Self:
        """The page as lists are answered here."""
        kept = {name: getattr(page, name) for name in cls.model_fields if name not in {"items", "next_cursor"}}
        return cls(**kept, items=page.lines, next_cursor=page.after or None)


@routes.get("/trial-balance")
def trial_balance(desk: AuditorOrManager, times: TwoTimes, book: BookQuery = "bank") -> TrialBalance:
    """Every account of a book with a balance, on its side, at both times."""
    with desk.reading() as session:
        return queries.trial_balance(session, book, times.as_at(session), times.asked(session))


@routes.get("/trial-balances")
def trial_balances(desk: AuditorOrManager, times: TwoTimes) -> AllBooks:
    """The trial balance of every book, at both times."""
    with desk.reading() as session:
        return AllBooks(items=queries.trial_balances(session, times.as_at(session), times.asked(session)))


@routes.get("/balances")
def balances(
    desk: AuditorOrManager,
    times: TwoTimes,
    book: BookQuery = "bank",
    code: Annotated[str, Query(description="Only this account and those below it.", max_length=200)] = "",
) -> Tree:
    """Every account of a book, with its own balance and that of all below it, at both times."""
    with desk.reading() as session:
        return queries.tree(session, book, code, times.as_at(session), times.asked(session))


@routes.get("/accounts/{code}/statement")
def statement(
    desk: AuditorOrManager,
    code: str,
    knowing: Known,
    book: BookQuery = "bank",
    since: DayQuery = None,
    until: DayQuery = None,
    cursor: CursorQuery = None,
    limit: LimitQuery = 100,
) -> StatementPage:
    """The postings of an account and all below it, each with the balance after it. `until` is today unless named."""
    first, last = (None if day is None else parse_day(day) for day in (since, until))
    with desk.reading() as session:
        page = queries.statement_of_account(
            session,
            book,
            code,
            first,
            last or session.now.date(),
            knowing.asked(session),
            after=cursor or "",
            limit=limit,
        )
    return StatementPage.of(page)


@routes.get("/pairs")
def pairs(desk: AuditorOrManager, knowing: Known) -> DisagreeingPairs:
    """Every linked pair, across all books, whose two sides disagree or that has lost its other half."""
    with desk.reading() as session:
        return DisagreeingPairs(items=queries.pairs_that_disagree(session, knowing.asked(session)))


@routes.get("/entries")
def entries(
    desk: AuditorOrManager, times: TwoTimes, paged: Paged, book: BookQuery | None = None
) -> Page[dict[str, Any]]:
    """Whole entries in order of place, as journal lines with place, instant, actor and seal."""
    after = 0 if paged.after is None else place_in(paged.after)
    if after is None:
        raise BadCursor("This cursor is not one of ours: take next_cursor of the page before, unchanged")
    with desk.reading() as session:
        found = queries.entries(session, book=book, after=after, limit=paged.limit + 1, at=times.known(session))
    return paged.page([entry.as_line() for entry in found], lambda line: line["seq"])


@routes.get("/head")
def head(desk: AuditorOrManager, times: TwoTimes) -> Head:
    """The head of the books: how many entries there are, and the one root that covers them all."""
    with desk.reading() as session:
        return queries.head(session, times.known(session))
