"""`/v1/figures`: every measure with its definition, its value at both times, and the entries it rests on."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from bank.api.door import MOST_ITEMS, TrusteeOrManager, TwoTimes, router
from bank.figures import queries
from bank.figures.portfolio import PortfolioView
from bank.figures.queries import FigureDetail, FigureSheet

routes = router("/figures", "figures")


@routes.get("")
def figures(desk: TrusteeOrManager, times: TwoTimes) -> FigureSheet:
    """Every figure of a day, as known then."""
    with desk.reading() as session:
        return queries.figures(session, as_at=times.as_at(session), at=times.known(session))


@routes.get("/tables/portfolio")
def portfolio(desk: TrusteeOrManager, times: TwoTimes) -> PortfolioView:
    """Multiples, yields, concentration, undrawn ageing, days to money and costs, line by line."""
    with desk.reading() as session:
        return queries.portfolio(session, as_at=times.as_at(session), at=times.known(session))


@routes.get("/{code}")
def figure(
    desk: TrusteeOrManager,
    code: str,
    times: TwoTimes,
    after: Annotated[int, Query(ge=0, description="Entries after this place in the journal.")] = 0,
    limit: Annotated[int, Query(ge=1, le=MOST_ITEMS)] = 200,
) -> FigureDetail:
    """One figure: its definition, value and provenance down to the postings."""
    with desk.reading() as session:
        return queries.figure(
            session, code, as_at=times.as_at(session), at=times.known(session), after=after, limit=limit
        )
