"""`/v1/statements`: the published statements, each as the PDF that was filed, and the order for another."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Query, Response, status
from pydantic import BaseModel, Field

from bank.api.door import ActKey, BankStaff, FundManager, In, Known, example, point_of_knowledge, router
from bank.api.fields import Day, Rate
from bank.jobs.queries import JobView
from bank.publishing import ordering, queries
from bank.publishing.floors import commands
from bank.publishing.floors.queries import FloorView, disclosure_floors
from bank.publishing.queries import StatementView
from bank.publishing.rules import forms_open_to
from ledger.dates import Quarter

Words = Annotated[str, Field(min_length=1, max_length=1000)]

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
    form: Literal["trustees", "whole", "public"] = "trustees"
    known_at: Annotated[str | None, Field(max_length=40)] = None


class FloorIn(In):
    """Of how many borrowers a group is, at the least, that a form tells of from a day on."""

    model_config = example(
        form="public", fewest=10, most_of_one="0.85", from_on="2012-04-01", basis="Minute 12 of the trustees"
    )

    form: Literal["trustees", "public"]
    fewest: Annotated[int, Field(ge=2, le=1000)]
    most_of_one: Rate | None = None
    from_on: Day
    basis: Words


class Floors(BaseModel):
    """Every floor proposed, and what became of it."""

    items: list[FloorView]


@routes.get("")
def statements(
    desk: BankStaff,
    kind: Literal["portfolio", "impact"] | None = None,
    quarter: Annotated[str | None, Query(description="A calendar quarter, like 2012Q4.")] = None,
) -> Statements:
    """Every published statement of a form that is for whoever asks."""
    with desk.reading() as session:
        found = queries.statements(
            session,
            kind=kind,
            quarter=None if quarter is None else Quarter.parse(quarter),
            forms=forms_open_to(desk.actor.roles),
        )
    return Statements(items=found)


@routes.post("", status_code=status.HTTP_202_ACCEPTED)
def publish(desk: FundManager, order: StatementIn, response: Response, key: ActKey) -> JobView:
    """Order the statement of a closed quarter: the answer is the job, at `Location`, whose result is the statement."""
    job = ordering.order(
        desk,
        kind=order.kind,
        quarter=Quarter.parse(order.quarter),
        form=order.form,
        known_at=None if order.known_at is None else point_of_knowledge(order.known_at),
        key=key,
    )
    response.headers["Location"] = f"/v1/jobs/{job.id}"
    return job


@routes.get("/floors")
def floors(desk: BankStaff, knowing: Known) -> Floors:
    """Every floor of the forms that withhold small groups, and what became of it."""
    with desk.reading() as session:
        return Floors(items=disclosure_floors(session, at=knowing.of(session)))


@routes.post("/floors", status_code=status.HTTP_201_CREATED)
def propose_floor(desk: FundManager, floor: FloorIn, key: ActKey) -> FloorView:
    """Propose of how few borrowers a form may tell; another fund manager approves it."""
    return commands.propose_floor(desk, **dict(floor), key=key)


@routes.get("/{statement}", response_class=Response, responses={200: {"content": {"application/pdf": {}}}})
def statement(desk: BankStaff, statement: str) -> Response:
    """One statement, byte for byte as it was filed, with its seal behind it where it is sealed.

    Refuses one of a form that is not for the caller's role.
    """
    with desk.reading() as session:
        filed = queries.statement(session, statement, roles=desk.actor.roles)
    headers = {"Content-Disposition": f'attachment; filename="{filed.filename}"'}
    return Response(filed.issued, media_type="application/pdf", headers=headers)
