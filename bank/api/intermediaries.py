"""`/v1/intermediaries`: the social lenders that the bank's money reaches the front line through."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, status
from pydantic import Field

from bank.api.door import ActKey, CursorQuery, FundManager, In, LimitQuery, TwoTimes, example, router
from bank.api.fields import Day
from bank.approvals import partners
from intermediaries.register import commands, queries
from intermediaries.register.queries import IntermediaryPage, IntermediaryView

routes = router("/intermediaries", "intermediaries")


class IntermediaryIn(In):
    """An intermediary to register."""

    model_config = example(name="An invented lender", kind="community-development-lender", identifiers=[])

    name: Annotated[str, Field(min_length=1, max_length=300)]
    kind: str
    identifiers: list[str] = Field(default_factory=list, max_length=20)


class StandingIn(In):
    """How an intermediary stands from a day on, and why."""

    model_config = example(standing="suspended", on="2012-05-14", reason="Its auditor has resigned")

    standing: str
    on: Day
    reason: Annotated[str, Field(min_length=1, max_length=1000)]


@routes.post("", status_code=status.HTTP_201_CREATED)
def register(desk: FundManager, given: IntermediaryIn, key: ActKey) -> IntermediaryView:
    """Register an intermediary; its memorandum book is opened in the same act."""
    return commands.register_intermediary(
        desk, name=given.name, kind=given.kind, identifiers=tuple(given.identifiers), key=key
    )


@routes.get("")
def intermediaries(
    desk: FundManager,
    times: TwoTimes,
    kind: str | None = None,
    standing: Annotated[str | None, Query(description="active, suspended or failed")] = None,
    cursor: CursorQuery = None,
    limit: LimitQuery = 100,
) -> IntermediaryPage:
    """Every intermediary, with its standing at both times."""
    with desk.reading() as session:
        return queries.intermediaries(
            session,
            viewer=desk.actor,
            kind=kind,
            standing=standing,
            as_at=times.as_at(session),
            known=times.known(session),
            cursor=cursor,
            limit=limit,
        )


@routes.get("/{intermediary}")
def intermediary(desk: FundManager, intermediary: str, times: TwoTimes) -> IntermediaryView:
    """One intermediary, and what waits on it for somebody's word."""
    with desk.reading() as session:
        return partners.intermediary_as_asked(
            session, intermediary, viewer=desk.actor, as_at=times.as_at(session), known=times.known(session)
        )


@routes.post("/{intermediary}/standings", status_code=status.HTTP_201_CREATED)
def stands(desk: FundManager, intermediary: str, standing: StandingIn, key: ActKey) -> IntermediaryView:
    """Record how an intermediary stands from a day on: nothing is paid to one that is suspended or failed.

    Active again, or failed, takes agreement where a rule asks for it.
    """
    return partners.set_standing(desk, intermediary=intermediary, **dict(standing), key=key)
