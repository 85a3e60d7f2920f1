"""`/v1/ledger`: the trial balance and the entries, for those who check the books."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query

from bank.api.door import AuditorOrManager, Page, Paged, TwoTimes, router
from ledger import queries
from ledger.queries import Head, TrialBalance
from ledger.refusals import BadCursor

routes = router("/ledger", "ledger")

BookQuery = Annotated[str, Query(description="bank, reclaim-fund, distributor, trust, or an intermediary's int_…")]


@routes.get("/trial-balance")
def trial_balance(desk: AuditorOrManager, times: TwoTimes, book: BookQuery = "bank") -> TrialBalance:
    """Every account of a book with a balance, on its side, at both times."""
    with desk.reading() as session:
        return queries.trial_balance(session, book, times.as_at(session), times.known(session))


@routes.get("/entries")
def entries(
    desk: AuditorOrManager, times: TwoTimes, paged: Paged, book: BookQuery | None = None
) -> Page[dict[str, Any]]:
    """Whole entries in order of place, as journal lines with place, instant, actor and seal."""
    if paged.after is not None and not paged.after.isdecimal():
        raise BadCursor("This cursor is not one of ours: take next_cursor of the page before, unchanged")
    with desk.reading() as session:
        found = queries.entries(
            session, book=book, after=int(paged.after or 0), limit=paged.limit + 1, at=times.known(session)
        )
    return paged.page([entry.as_line() for entry in found], lambda line: line["seq"])


@routes.get("/head")
def head(desk: AuditorOrManager, times: TwoTimes) -> Head:
    """The head of the books: how many entries there are, and the one root that covers them all."""
    with desk.reading() as session:
        return queries.head(session, times.known(session))
