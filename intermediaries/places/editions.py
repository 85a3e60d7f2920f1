"""Which editions of public data stand: every load as known then, but those that a later load has corrected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from intermediaries.places.areas import Index
from intermediaries.places.lines import Kind
from intermediaries.places.model import PlaceCorrection, PlaceFile, PlaceLoad
from ledger.queries import Known
from ledger.store.database import ReadSession


@dataclass(frozen=True, slots=True)
class Edition:
    """A load with the edition it is of, what it corrects, and what has corrected it as far as was known."""

    load: PlaceLoad
    name: str
    corrects: PlaceLoad | None = None
    corrected_by: PlaceLoad | None = None
    reason: str = ""
    """Why it was loaded in the place of the one that it corrects."""

    @property
    def number(self) -> int:
        """What its rows are known by."""
        return self.load.number

    @property
    def kind(self) -> Kind:
        """What its lines say."""
        return Kind(self.load.kind)

    @property
    def lsoa_vintage(self) -> int | None:
        """The year whose boundaries its LSOAs are of."""
        return self.load.lsoa_vintage

    @property
    def published_on(self) -> date:
        """The day on which it was published."""
        return self.load.published_on

    @property
    def stands(self) -> bool:
        """Whether nothing has corrected it."""
        return self.corrected_by is None

    @property
    def index(self) -> Index:
        """The index of deprivation that it holds."""
        return Index(self.name, "", self.load.nation or "", self.load.lsoa_vintage or 0, self.load.published_on)


def every_edition(session: ReadSession, at: Known | None = None) -> list[Edition]:
    """Every load, or every one made by then, the corrected ones among them: the newest published first.

    Of two that were published on one day the later loaded comes first.
    """
    query = select(PlaceLoad).order_by(PlaceLoad.published_on.desc(), PlaceLoad.number.desc())
    loads = session.scalars(query if at is None else query.where(PlaceLoad.loaded_at <= at.instant)).all()
    there = {load.number: load for load in loads}
    told = {one.load: one for one in session.scalars(select(PlaceCorrection)) if one.load in there}
    after = {one.corrects: there[one.load] for one in told.values()}
    return [
        Edition(
            load,
            one.edition if (one := told.get(load.number)) else load.edition,
            there[one.corrects] if one else None,
            after.get(load.number),
            one.reason if one else "",
        )
        for load in loads
    ]


def editions(session: ReadSession, at: Known | None = None) -> list[Edition]:
    """The editions in which places are looked up, as known then: of one that was corrected, the last correction."""
    return [one for one in every_edition(session, at) if one.stands]


def files_of(session: ReadSession, load: PlaceLoad) -> Sequence[PlaceFile]:
    """The files of a load, in the order in which they were given."""
    return session.scalars(select(PlaceFile).where(PlaceFile.load == load.number).order_by(PlaceFile.position)).all()
