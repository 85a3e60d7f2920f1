"""`/v1/figures`: every measure with its definition, its value at both times, and the entries it rests on."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Request, status
from pydantic import Field

from bank.api.door import (
    MOST_ITEMS,
    ActKey,
    FundManager,
    In,
    TrusteeOrManager,
    TwoTimes,
    example,
    point_of_knowledge,
    router,
)
from bank.figures import queries
from bank.figures.bridge import BridgeView
from bank.figures.bridge import bridge as bridge_of
from bank.figures.onward import OnwardRecord
from bank.figures.portfolio import PortfolioView
from bank.figures.publications.commands import publish_record
from bank.figures.publications.queries import PublicationLine, PublicationView, published_before
from bank.figures.publications.queries import publication as one
from bank.figures.publications.queries import publications as lines
from bank.figures.published import PublishedRecord, published
from bank.figures.queries import FigureDetail, FigureSheet
from ledger.dates import Quarter
from ledger.queries import known
from ledger.whole_numbers import FARTHEST_PLACE
from reports.statements.inputs import Breakdown

routes = router("/figures", "figures")


class PublicationIn(In):
    """Of which quarter the record is published, and as known when: an instant or a place in the journal; now."""

    model_config = example(quarter="2012Q4", known_at=None)

    quarter: Annotated[str, Field(max_length=10)]
    known_at: Annotated[str, Field(max_length=60)] | None = None


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


@routes.get("/tables/breakdowns")
def breakdowns(desk: TrusteeOrManager, times: TwoTimes) -> list[Breakdown]:
    """Onward lending to date from every side, each with what it rests on; deprivation nation by nation."""
    with desk.reading() as session:
        return queries.breakdowns(session, as_at=times.as_at(session), at=times.known(session))


@routes.get("/tables/breakdowns/{side}")
def breakdown(desk: TrusteeOrManager, side: str, times: TwoTimes) -> Breakdown:
    """Onward lending to date from one side."""
    with desk.reading() as session:
        return queries.breakdown(session, side, as_at=times.as_at(session), at=times.known(session))


@routes.get("/tables/onward")
def onward(desk: TrusteeOrManager, times: TwoTimes) -> OnwardRecord:
    """How onward loans do: at risk both ways, arrears, losses and recoveries, vintages, first-time borrowers, sizes."""
    with desk.reading() as session:
        return queries.onward(session, as_at=times.as_at(session), at=times.known(session))


@routes.get("/tables/published")
def record(desk: TrusteeOrManager, request: Request, times: TwoTimes) -> PublishedRecord:
    """The public record of loan performance: about no borrower by themselves, and nothing that would tell of one."""
    with desk.reading() as session:
        evidence = queries.evidence_at(session, times.as_at(session), times.known(session))
        return published(evidence, request.app.state.settings.fewest_shown, published_before(session))


@routes.post("/publications", status_code=status.HTTP_201_CREATED)
def publish(desk: FundManager, given: PublicationIn, request: Request, key: ActKey) -> PublicationView:
    """Publish the record of loan performance of a quarter, held against all that was published before."""
    return publish_record(
        desk,
        quarter=Quarter.parse(given.quarter),
        fewest=request.app.state.settings.fewest_shown,
        known_at=None if given.known_at is None else point_of_knowledge(given.known_at),
        key=key,
    )


@routes.get("/publications")
def publications(desk: TrusteeOrManager) -> list[PublicationLine]:
    """Every publication of the record, the first one first."""
    with desk.reading() as session:
        return lines(session)


@routes.get("/publications/{publication_id}")
def publication(desk: TrusteeOrManager, publication_id: str) -> PublicationView:
    """One publication, with the record as everybody was given it."""
    with desk.reading() as session:
        return one(session, publication_id)


@routes.get("/tables/bridge")
def bridge(
    desk: TrusteeOrManager,
    quarter: str,
    since: Annotated[str, Query(alias="from", description="What was known at this instant or place in the journal.")],
    until: Annotated[str | None, Query(alias="to", description="And at this later one; default now.")] = None,
) -> BridgeView:
    """What restatements did to a quarter's figures: each old figure, each new one, and the returns that moved it."""
    with desk.reading() as session:
        then = known(session, point_of_knowledge(since))
        now = known(session, None if until is None else point_of_knowledge(until))
        return bridge_of(session, Quarter.parse(quarter), then, now)


@routes.get("/{code}")
def figure(
    desk: TrusteeOrManager,
    code: str,
    times: TwoTimes,
    after: Annotated[int, Query(ge=0, le=FARTHEST_PLACE, description="Entries after this place in the journal.")] = 0,
    limit: Annotated[int, Query(ge=1, le=MOST_ITEMS)] = 200,
) -> FigureDetail:
    """One figure: its definition, value and provenance down to the postings."""
    with desk.reading() as session:
        return queries.figure(
            session, code, as_at=times.as_at(session), at=times.known(session), after=after, limit=limit
        )
