"""Rural and urban: the class of each place in the one list of England and Wales, as it was loaded by then."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select

from intermediaries.places.lines import RURAL_URBAN_NATIONS, Kind
from intermediaries.places.model import PlaceRurality
from intermediaries.places.queries import loads_known
from ledger.queries import Known
from ledger.store.database import ReadSession

_AT_ONCE: Final = 5_000
"""Places asked for in one statement."""


@dataclass(frozen=True, slots=True)
class RuralUrban:
    """An edition of the classification: the class of each LSOA asked for, and the title of each class met."""

    edition: str
    classes: Mapping[str, str]
    titles: Mapping[str, str]

    @staticmethod
    def covers(nation: str | None) -> bool:
        """Whether the classification is of this nation; another has its own, and is never put on the same scale."""
        return nation in RURAL_URBAN_NATIONS


def rural_urban(session: ReadSession, lsoas: Collection[str], at: Known) -> RuralUrban | None:
    """The newest edition known then, for these LSOAs; none where none was loaded by then."""
    load = next((one for one in loads_known(session, at) if one.kind == Kind.RURAL_URBAN), None)
    if load is None:
        return None
    wanted = sorted(set(lsoas))
    classes: dict[str, str] = {}
    titles: dict[str, str] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        chunk = wanted[start : start + _AT_ONCE]
        query = select(PlaceRurality).where(PlaceRurality.load == load.number, PlaceRurality.lsoa.in_(chunk))
        for row in session.scalars(query):
            classes[row.lsoa] = row.code
            titles[row.code] = min(row.title, titles.get(row.code, row.title))
    return RuralUrban(load.edition, classes, titles)
