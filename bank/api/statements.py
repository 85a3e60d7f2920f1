"""`/v1/statements`: the published statements, each as the PDF that was filed, and the order for another."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Query, Response, status
from pydantic import BaseModel, Field

from bank.api.door import ActKey, FundManager, In, TrusteeOrManager, example, point_of_knowledge, router
from bank.jobs.queries import JobView
from bank.publishing import ordering, queries
from bank.publishing.queries import StatementView
from ledger.dates import Quarter

routes = router("/statements", "statements")


class Statements(BaseModel):
    """The published statements by quarter, kind and number."""

    items: list[StatementView]
    next_cursor: None = None


class StatementIn(In):
    """Which statement to publish, and as known when; now unless told."""

    model_config = example(kind="portfolio", quarter="2012Q4", known_at="2013-02-15T17:00:00Z")

    kind: Literal["portfolio", "impact"]
    quarter: Annotated[str, Field(max_length=10, description="A closed calendar quarter, like 2012Q4.")]
    known_at: Annotated[str | None, Field(max_length=40)] = None


@routes.get("")
def statements(
    desk: TrusteeOrManager,
    kind: Literal["portfolio", "impact"] | None = None,
    quarter: Annotated[str | None, Query(description="A calendar quarter, like 2012Q4.")] = None,
) -> Statements:
    """Every published statement."""
    with desk.reading() as session:
        found = queries.statements(session, kind=kind, quarter=None if quarter is None else Quarter.parse(quarter))
    return Statements(items=found)


@routes.post("", status_code=status.HTTP_202_ACCEPTED)
def publish(desk: FundManager, order: StatementIn, response: Response, key: ActKey) -> JobView:
    """Order the statement of a closed quarter: the answer is the job, at `Location`, whose result is the statement."""
    job = ordering.order(
        desk,
        kind=order.kind,
        quarter=Quarter.parse(order.quarter),
        known_at=None if order.known_at is None else point_of_knowledge(order.known_at),
        key=key,
    )
    response.headers["Location"] = f"/v1/jobs/{job.id}"
    return job


@routes.get("/{statement}", response_class=Response, responses={200: {"content": {"application/pdf": {}}}})
def statement(desk: TrusteeOrManager, statement: str) -> Response:
    """One statement, byte for byte as it was filed, with its seal behind it where it is sealed."""
    with desk.reading() as session:
        filed = queries.statement(session, statement)
    headers = {"Content-Disposition": f'attachment; filename="{filed.filename}"'}
    return Response(filed.issued, media_type="application/pdf", headers=headers)
