"""`/v1/allocations/{id}/position`, `/calls`, `/distributions` …: an allocation by its product, and its events."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Final

import pydantic
from fastapi import status
from pydantic import create_model

from bank.allocations.commands import record_event
from bank.allocations.products.fields import Field
from bank.allocations.products.queries import JournalLine, PositionView
from bank.allocations.products.queries import journal as journal_of
from bank.allocations.products.queries import position as position_of
from bank.allocations.products.registry import VERBS
from bank.allocations.products.shape import Verb
from bank.api.door import ActKey, FundManager, In, ManagerOrIntermediary, TwoTimes, example, router
from bank.api.fields import Day
from ledger.money import NOTHING, Money

routes = router("/allocations", "positions")

_BESIDE: Final = ("on", "note", "evidence", "co_investor_amount")
_Words = Annotated[str, pydantic.Field(max_length=500)]


class EventIn(In):
    """What is told with every event, whatever its verb."""

    on: Day
    co_investor_amount: Money = NOTHING
    note: Annotated[str, pydantic.Field(max_length=1000)] = ""
    evidence: Annotated[str, pydantic.Field(max_length=1000)] = ""


class JournalOut(pydantic.BaseModel):
    """The journal of an allocation, whole."""

    items: list[JournalLine]
    next_cursor: None = None


@routes.get("/{facility}/position")
def position(desk: ManagerOrIntermediary, facility: str, times: TwoTimes) -> PositionView:
    """One allocation by its product: terms, value and what it rests on, figures, events."""
    with desk.reading() as session:
        return position_of(
            session,
            facility,
            as_at=times.as_at(session),
            at=times.known(session),
            intermediary=desk.actor.intermediary,
        )


@routes.get("/{facility}/journal")
def journal(desk: ManagerOrIntermediary, facility: str, times: TwoTimes) -> JournalOut:
    """Everything that was posted for one allocation, in the bank's book and in its intermediary's."""
    with desk.reading() as session:
        found = journal_of(
            session,
            facility,
            as_at=times.as_at(session),
            at=times.known(session),
            intermediary=desk.actor.intermediary,
        )
    return JournalOut(items=found)


def _body(verb: Verb) -> type[EventIn]:
    """The body of a verb: its own fields, as text each but sums and days, with the example of each."""
    members: dict[str, Any] = {
        field.name: (_kind(field), ...) if field.required else (_kind(field) | None, None) for field in verb.fields
    }
    name = "".join(word.title() for word in verb.name.split("-")) + "In"
    made: type[EventIn] = create_model(name, __base__=EventIn, __doc__=f"{verb.says}.", **members)
    made.model_config = {
        **made.model_config,
        **example(on="2013-03-28", **{field.name: field.example for field in verb.fields}),
    }
    made.model_rebuild(force=True)
    return made


def _kind(field: Field) -> Any:
    return Money if field.kind == "money" else Day if field.kind == "day" else _Words


def _route(verb: Verb) -> Callable[..., PositionView]:
    def happen(desk: FundManager, facility: str, event: Any, key: ActKey) -> PositionView:
        given = dict(event)
        told = {name: str(value) for name, value in given.items() if name not in _BESIDE and value is not None}
        return record_event(
            desk,
            facility=facility,
            verb=verb.name,
            on=event.on,
            told=told,
            co_investor_amount=event.co_investor_amount,
            note=event.note,
            evidence=event.evidence,
            key=key,
        )

    happen.__annotations__["event"] = _body(verb)
    happen.__doc__ = f"{verb.says}."
    happen.__name__ = verb.name.replace("-", "_")
    return happen


for _verb in VERBS.values():
    routes.post(f"/{{facility}}/{_verb.path}", status_code=status.HTTP_201_CREATED)(_route(_verb))
