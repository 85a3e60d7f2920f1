"""From what a return says of a place to the area it lies in; what cannot be known is said to be not matched."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

from intermediaries.places.areas import (
    IMD_2010,
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
"""The place is known, and has no published decile in this index: another nation, other boundaries, or no LSOA given."""

_POSTCODE: Final = re.compile(r"([A-Z]{1,2}[0-9][A-Z0-9]?|GIR)([0-9][A-Z]{2})", re.ASCII)
_LSOA: Final = re.compile(r"[EW]01[0-9]{6}|S01[0-9]{6}|95[A-Z]{2}[0-9]{2}[SW][0-9]|N[0-9]{8}", re.ASCII)
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
    gazetteer: Gazetteer | None = None,
) -> Place:
    """The place named by the finest of the three that is given: LSOA before postcode before authority.

    An authority is given by code or by exact name. Deciles are those of `index`, as published. Refuses text of a
    shape that none of the three has (see `problems_with`); a well-shaped unknown gives a Place that is not matched,
    with the nation where the code itself tells it.
    """
    tables = gazetteer if gazetteer is not None else shipped()
    if lsoa is not None:
        return _by_lsoa(lsoa.strip(), _checked("lsoa", lsoa).upper(), index, tables)
    if postcode is not None:
        written = _checked("postcode", postcode)
        found = tables.lsoa_of(written)
        return _by_lsoa(written, found, index, tables) if found else _unmatched(written, None)
    if local_authority is not None:
        return _by_authority(_checked("local_authority", local_authority), tables)
    raise BadPlace("no place is given: give one of postcode, lsoa and local_authority")


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


def _by_lsoa(given: str, lsoa: str, index: Index, tables: Gazetteer) -> Place:
    found = tables.neighbourhood(lsoa)
    authority = tables.authority(found.authority) if found else None
    if found is None or authority is None:
        return _unmatched(given, _NATION_BY_LETTER[lsoa[0]], lsoa)
    decile = found.deciles.get(index.name)
    return _placed(given, authority, found, Deprivation(decile, index.name, index.lsoa_vintage) if decile else None)


def _by_authority(given: str, tables: Gazetteer) -> Place:
    authority = tables.authority(given) or tables.authority_named(given)
    if authority is None:
        return _unmatched(given, _NATION_BY_LETTER[given[0]] if _AUTHORITY.fullmatch(given) else None)
    return _placed(given, authority, None, None)


def _placed(given: str, authority: Authority, found: Neighbourhood | None, deprivation: Deprivation | None) -> Place:
    return Place(
        given=given,
        lsoa=found.lsoa if found else None,
        ward=found.ward if found else None,
        local_authority=Area(authority.code, authority.name),
        region=Area(authority.region, REGIONS[authority.region]) if authority.region else None,
        nation=authority.nation,
        vanguard=VANGUARD.get(authority.code),
        deprivation=deprivation,
        deprivation_missing="" if deprivation else NOT_AVAILABLE,
    )


def _unmatched(given: str, nation: str | None, lsoa: str | None = None) -> Place:
    return Place(given=given, lsoa=lsoa, nation=nation, deprivation_missing=NOT_MATCHED)
