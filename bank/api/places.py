"""`/v1/places/{code}`: a postcode, an LSOA or an authority: where it lies, and its published deciles by edition."""

from __future__ import annotations

from typing import Annotated

from fastapi import status
from pydantic import Field

from bank.api.door import ActKey, AnyKey, In, ManagerOrAdministrator, TwoTimes, example, router
from intermediaries.places import commands
from intermediaries.places.showing import PlaceAnswer, PlaceLoadView, place_shown

routes = router("/places", "places")


class WithdrawalIn(In):
    """A load that should not be there, and why."""

    model_config = example(load="pla_aaaaaaaaaaaaaaaa", reason="A draft that was never published")

    load: Annotated[
        str,
        Field(max_length=80, description="The id of the load that should not be there, from `bank places list`."),
    ]
    reason: Annotated[
        str,
        Field(min_length=1, max_length=4000, description="Why it is taken back; it stands beside the load."),
    ]


@routes.post("/withdrawals", status_code=status.HTTP_201_CREATED)
def withdraw(desk: ManagerOrAdministrator, given: WithdrawalIn, key: ActKey) -> PlaceLoadView:
    """Take back a load that no other file corrects; as known before, places are still looked up in it."""
    return commands.withdraw_places(desk, load=given.load, reason=given.reason, key=key)


@routes.get("/{code}")
def place(desk: AnyKey, code: str, times: TwoTimes) -> PlaceAnswer:
    """A place as the tables knew it: by postcode, by the code of its LSOA, or by an authority's code or name."""
    with desk.reading() as session:
        return place_shown(session, code, as_at=times.as_at(session), at=times.asked(session))
