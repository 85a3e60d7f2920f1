"""From what a return says of a place to the area it lies in; what cannot be known is said to be not matched."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from intermediaries.places.areas import (
    IMD_2010,
    POSTCODE_AREAS,
    REGIONS,
    VANGUARD,
    Area,
    Authority,
    Deprivation,
    Index,
)
from intermediaries.places.gazetteer import Gazetteer, Neighbourhood, shipped
from ledger.refusals import Malformed

NOT_MATCHED: Final = "not matched"
"""The place was given, and the tables here do not know it."""
NOT_AVAILABLE: Final = "not available"
"""The place is known, and has no published decile in this index: another nation, other boundaries, no LSOA given, or
a postcode that lies in none, as those of the Channel Islands."""

_POSTCODE: Final = re.compile(r"([A-Z]{1,2}[0-9][A-Z0-9]?|GIR|NPT)([0-9][A-Z]{2})", re.ASCII)
_LSOA: Final = re.compile(r"[EW]01[0-9]{6}|S01[0-9]{6}|95[A-Z]{2}[0-9]{2}[A-Z][0-9]|N(?:00|20|21)[0-9]{6}", re.ASCII)
_AUTHORITY: Final = re.compile(r"(E0[6-9]|W06|S12|N09)[0-9]{6}", re.ASCII)
_NATION_BY_LETTER: Final = {
    "E": "England",
    "W": "Wales",
    "S": "Scotland",
    "N": "Northern Ireland",
    "9": "Northern Ireland",
}


class BadPlace(Malformed):
    """Text that cannot be a postcode, an LSOA or an authority."""

    slug = "bad-place"


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is, as far as the tables know. None means not matched, never "nowhere"."""

    given: str
    lsoa: str | None = None
    ward: str | None = None
    local_authority: Area | None = None
    region: Area | None = None
    nation: str | None = None
    vanguard: str | None = None
    deprivation: Deprivation | None = None
    deprivation_missing: str = ""
    """Why there is no decile: NOT_MATCHED or NOT_AVAILABLE; empty when there is one."""
    index: str = ""
    """The edition in which the decile was looked for; empty where the nation has none here."""

    @property
    def matched(self) -> bool:
        """Whether the tables knew the place: its authority at least."""
        return self.local_authority is not None


def place_of(
    *,
    postcode: str | None = None,
    lsoa: str | None = None,
    local_authority: str | None = None,
    index: Index = IMD_2010,
    on: date | None = None,
    gazetteer: Gazetteer | None = None,
) -> Place:
    """The place named by the finest of the three that is given: LSOA before postcode before authority.

    Where no table tells the authority of the finest, the next one given tells the authority, region and nation, unless
    it lies in another nation; the decile stays what the finest has, and `given` says by which of them it was found.
    An authority is given by code or by exact name. Deciles are those of `index`, as published; with a day in `on`,
    those of the edition that the place's own nation had then, and the authority is the one that was there then.
    Refuses text of a shape that none of the three has (see `problems_with`); a well-shaped unknown gives a Place that
    is not matched, with the nation where the code itself tells it.
    """
    look = _Look(gazetteer if gazetteer is not None else shipped(), index, on)
    told = {"lsoa": lsoa, "postcode": postcode, "local_authority": local_authority}
    finest, *coarser = [(column, text) for column, text in told.items() if text is not None] or [("", "")]
    if not finest[0]:
        raise BadPlace("no place is given: give one of postcode, lsoa and local_authority")
    place = look.by(*finest)
    for column, text in coarser:
        if place.matched:
            break
        place = _filled(place, finest, look.by(column, text))
    return place


def problems_with(column: str, text: str) -> str | None:
    """What is wrong with the shape of a `postcode`, `lsoa` or `local_authority` cell, with a remedy, or None."""
    clean = re.sub(r"\s+", "", text).upper()
    if column == "postcode" and not _POSTCODE.fullmatch(clean):
        return f"{text!r:.60} is not a postcode: write it like LA10 5AB"
    if column == "lsoa" and not _LSOA.fullmatch(clean):
        return f"{text!r:.60} is not an LSOA or data zone: write its code, like E01006513 or S01006514"
    if column == "local_authority" and not text.strip():
        return "no authority is given: write its code, like E07000030, or its name"
    if column == "local_authority" and clean[:1] in "EWSN" and clean[1:].isdigit() and not _AUTHORITY.fullmatch(clean):
        return f"{text!r:.60} is not the code of a local authority: those are like E07000030 or W06000015"
    return None


def authority_on(code: str, day: date, gazetteer: Gazetteer | None = None) -> Authority | None:
    """The authority of a code if that code was in force on the day, as far as is recorded; None otherwise."""
    found = (gazetteer if gazetteer is not None else shipped()).authority(code)
    return found if found is not None and found.valid_on(day) else None


def written_postcode(text: str) -> str:
    """A postcode in capitals with its one space; refuses text that is no postcode."""
    return _checked("postcode", text)


def _checked(column: str, text: str) -> str:
    problem = problems_with(column, text)
    if problem:
        raise BadPlace(problem, column=column, found=text[:60])
    clean = re.sub(r"\s+", "", text).upper()
    if column == "local_authority":
        return clean if _AUTHORITY.fullmatch(clean) else text.strip()
    match = _POSTCODE.fullmatch(clean)
    return f"{match[1]} {match[2]}" if column == "postcode" and match else clean


def as_written(column: str, text: str) -> str | None:
    """A cell as the tables write it, or None where it cannot be what its column holds."""
    return None if problems_with(column, text) else _checked(column, text)


def nation_of(code: str) -> str:
    """The nation that the code of an LSOA, a data zone or an authority tells by its first letter."""
    return _NATION_BY_LETTER[code[0]]


def is_authority(text: str) -> bool:
    """Whether text has the shape of the code of a local authority: a district, borough, unitary or council area."""
    return bool(_AUTHORITY.fullmatch(text))


def is_lsoa(text: str) -> bool:
    """Whether text has the shape of the code of an LSOA, a data zone or a Northern Irish area."""
    return bool(_LSOA.fullmatch(text))


@dataclass(frozen=True, slots=True)
class _Look:
    """One look into tables: which index to read, or on which day."""

    tables: Gazetteer
    index: Index
    on: date | None

    def by(self, column: str, text: str) -> Place:
        """By what stands in one of the three columns."""
        written = _checked(column, text)
        if column == "lsoa":
            return self.by_lsoa(text.strip(), written)
        return self.by_postcode(written) if column == "postcode" else self.by_authority(written)

    def by_postcode(self, written: str) -> Place:
        """By the LSOA of the boundaries that the nation's index is drawn on, where that is held; else by the latest."""
        found = self.tables.lsoa_of(written)
        if found is None:
            unmatched = _unmatched(written, None)
            known = self.tables.in_no_area(written)
            return replace(unmatched, deprivation_missing=NOT_AVAILABLE) if known else unmatched
        index = self._index(nation_of(found))
        drawn = self.tables.lsoa_of(written, index.lsoa_vintage) if index else None
        return self.by_lsoa(written, drawn or found)

    def by_lsoa(self, given: str, lsoa: str) -> Place:
        nation = nation_of(lsoa)
        index = self._index(nation)
        found = self.tables.neighbourhood(lsoa, self.on)
        if found is None:
            return _unmatched(given, nation, lsoa, index)
        authority = self.tables.authority(found.authority)
        decile = found.deciles.get(index.name) if index else None
        deprivation = Deprivation(decile, index.name, index.lsoa_vintage) if index and decile else None
        return _placed(given, authority, found, deprivation, index)

    def by_authority(self, given: str) -> Place:
        authority = self.tables.authority(given) or self.tables.authority_named(given)
        if authority is None:
            return _unmatched(given, nation_of(given) if is_authority(given) else None)
        return _placed(given, authority, None, None, self._index(authority.nation))

    def _index(self, nation: str) -> Index | None:
        if self.on is not None:
            return self.tables.index_on(nation, self.on)
        return self.index if self.index.nation == nation else None


def _placed(
    given: str,
    authority: Authority | None,
    found: Neighbourhood | None,
    deprivation: Deprivation | None,
    index: Index | None,
) -> Place:
    region = authority.region if authority else None
    lain_in = (*([authority.code] if authority else []), *(found.lain_in if found else ()))
    return Place(
        given=given,
        lsoa=found.lsoa if found else None,
        ward=found.ward if found else None,
        local_authority=Area(authority.code, authority.name) if authority else None,
        region=Area(region, REGIONS[region]) if region else None,
        nation=authority.nation if authority else nation_of(found.lsoa) if found else None,
        vanguard=next((VANGUARD[code] for code in lain_in if code in VANGUARD), None),
        deprivation=deprivation,
        deprivation_missing="" if deprivation else NOT_AVAILABLE,
        index=index.name if index else "",
    )


def _filled(place: Place, finest: tuple[str, str], coarser: Place) -> Place:
    """A place without an authority, with what the next one given in its row tells; as it is, if they cannot be one.

    Of the finest nothing else becomes known: neither its ward nor its decile, for they are of the finest alone.
    """
    nation = place.nation or nation_told(*finest)
    if coarser.nation is None or nation not in {None, coarser.nation}:
        return place
    if coarser.local_authority is None and place.nation is not None:
        return place
    column, text = finest
    why = "not matched" if place.deprivation_missing == NOT_MATCHED else "in no authority"
    return replace(
        place,
        given=f"{text.strip() if column == 'lsoa' else _checked(column, text)}, {why}; by {coarser.given}",
        local_authority=coarser.local_authority,
        region=coarser.region,
        nation=coarser.nation,
        vanguard=coarser.vanguard,
        index=place.index or coarser.index,
    )


def nation_told(column: str, text: str) -> str | None:
    """The nation that what is given tells by itself, without any table of places; None where it does not.

    An LSOA and an authority tell it by their first letter, a postcode by its area, where that lies in one nation.
    """
    written = as_written(column, text)
    return None if written is None else nation_of_written(column, written)


def nation_of_written(column: str, written: str) -> str | None:
    """The same of a place that is written as the tables write it."""
    if column == "postcode":
        area = re.match("[A-Z]+", written)
        return POSTCODE_AREAS.get(area[0]) if area else None
    return nation_of(written) if column == "lsoa" or is_authority(written) else None


def _unmatched(given: str, nation: str | None, lsoa: str | None = None, index: Index | None = None) -> Place:
    return Place(
        given=given, lsoa=lsoa, nation=nation, deprivation_missing=NOT_MATCHED, index=index.name if index else ""
    )


def postcode_within(text: str) -> str | None:
    """The one postcode that a longer text holds, or that is joined by another sign than a blank; None of several."""
    found = _WITHIN.findall(text.upper())
    return " ".join(found[0]) if len(found) == 1 else None


_WITHIN: Final = re.compile(r"\b([A-Z]{1,2}[0-9][A-Z0-9]?)[ .,_-]?([0-9][ABD-HJLNP-UW-Z]{2})(?![A-Z0-9])", re.ASCII)
