"""`/v1/places/{code}`: a postcode, an LSOA or an authority: where it lies, and its published deciles by edition."""

from __future__ import annotations

from bank.api.door import AnyKey, TwoTimes, router
from intermediaries.places.showing import PlaceAnswer, place_shown

routes = router("/places", "places")


@routes.get("/{code}")
def place(desk: AnyKey, code: str, times: TwoTimes) -> PlaceAnswer:
    """A place as the tables knew it: by postcode, by the code of its LSOA, or by an authority's code or name."""
    with desk.reading() as session:
        return place_shown(session, code, as_at=times.as_at(session), at=times.asked(session))
