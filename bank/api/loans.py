"""`/v1/loans`: onward loans, each with its history and its money. An intermediary sees its own and no other."""

from __future__ import annotations

from bank.api.door import CursorQuery, LimitQuery, ManagerOrIntermediary, TwoTimes, router
from intermediaries.loans import queries
from intermediaries.loans.views import LoanDetail, LoanPage

routes = router("/loans", "loans")


@routes.get("")
def loans(
    desk: ManagerOrIntermediary,
    times: TwoTimes,
    intermediary: str | None = None,
    facility: str | None = None,
    status: str | None = None,
    cursor: CursorQuery = None,
    limit: LimitQuery = 100,
) -> LoanPage:
    """Onward loans as last reported, at both times."""
    with desk.reading() as session:
        return queries.loans(
            session,
            viewer=desk.actor,
            as_at=times.as_at(session),
            known=times.known(session),
            intermediary=intermediary,
            facility=facility,
            status=status,
            cursor=cursor,
            limit=limit,
        )


@routes.get("/{loan}")
def loan(desk: ManagerOrIntermediary, loan: str, times: TwoTimes) -> LoanDetail:
    """One loan, with every report of it and the entries behind its money."""
    with desk.reading() as session:
        return queries.loan(session, loan, viewer=desk.actor, as_at=times.as_at(session), known=times.known(session))
