"""`/v1/capital`: who promised, was called, has paid, owns and votes how much; and the limits on all of it."""

from __future__ import annotations

from pydantic import BaseModel

from bank.api.door import TrusteeOrManager, TwoTimes, router
from bank.capital import queries
from bank.capital.queries import CallView, CapitalView

routes = router("/capital", "capital")


class Calls(BaseModel):
    """Every call on B shares."""

    items: list[CallView]


@routes.get("")
def capital(desk: TrusteeOrManager, times: TwoTimes) -> CapitalView:
    """The bank's capital, its holders with their parts of it and of the votes, and its limits, at both times."""
    with desk.reading() as session:
        return queries.capital(session, as_at=times.as_at(session), at=times.known(session))


@routes.get("/calls")
def calls(desk: TrusteeOrManager, times: TwoTimes) -> Calls:
    """Every call on B shares: paid and still owed."""
    with desk.reading() as session:
        return Calls(items=queries.calls(session, as_at=times.as_at(session), at=times.known(session)))
