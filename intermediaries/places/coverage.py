"""How many areas a nation has by the boundaries of a year, and which codes were given by then: what tells files apart.

Source: the counts and highest codes of the published lists themselves: ONS for England and Wales, the Scottish
Government for its data zones, NISRA for the super output areas of Northern Ireland.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_AREAS: Final[Mapping[tuple[str, int], int]] = MappingProxyType(
    {
        ("England", 2001): 32_482,
        ("England", 2011): 32_844,
        ("England", 2021): 33_755,
        ("Wales", 2001): 1_896,
        ("Wales", 2011): 1_909,
        ("Wales", 2021): 1_917,
        ("Scotland", 2001): 6_505,
        ("Scotland", 2011): 6_976,
        ("Northern Ireland", 2001): 890,
        ("Northern Ireland", 2011): 890,
    }
)
"""Northern Ireland drew no new super output areas after the census of 2011: an index is said to be of either year."""

_GIVEN: Final[Mapping[tuple[str, int], tuple[int, int]]] = MappingProxyType(
    {
        ("E01", 2001): (1, 32_482),
        ("W01", 2001): (1, 1_896),
        ("S01", 2001): (1, 6_505),
        ("E01", 2011): (1, 33_768),
        ("W01", 2011): (1, 1_958),
        ("S01", 2011): (6_506, 13_481),
    }
)
"""The numbers that were in use after a redrawing, by the first three signs. England and Wales keep the code of an area
that stays as it was, Scotland numbers all anew. What was drawn since is not bounded."""

_SIGNS: Final = 3


def areas_there(nation: str | None, vintage: int | None) -> int | None:
    """How many areas a nation has by the boundaries of a year; None where that is not known here."""
    return None if nation is None or vintage is None else _AREAS.get((nation, vintage))


def not_of(lsoa: str, vintage: int | None) -> str | None:
    """Why an area cannot be one of the boundaries of a year, as one sentence; None when it can."""
    given = None if vintage is None else _GIVEN.get((lsoa[:_SIGNS], vintage))
    if given is None or given[0] <= int(lsoa[_SIGNS:]) <= given[1]:
        return None
    first, last = (f"{lsoa[:_SIGNS]}{number:06}" for number in given)
    return f"{lsoa} is no area of {vintage}, whose codes are {first} to {last}: the file is of other boundaries"
