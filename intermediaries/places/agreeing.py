"""Whether all that one row gives can be one place: what the tables tell of each, and which two lie apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import Final

from intermediaries.places.areas import Authority
from intermediaries.places.gazetteer import Gazetteer
from intermediaries.places.rules import as_written, nation_of, nation_of_written, nation_told

_CALLED: Final = {"lsoa": "LSOA", "postcode": "postcode"}


@dataclass(frozen=True, slots=True)
class Said:
    """What is known of one place that is given: its nation, and every authority that it has lain in."""

    column: str
    text: str
    nation: str | None
    authorities: tuple[Authority, ...] = ()
    """The one of the day comes first."""

    def __str__(self) -> str:
        """It and where it lies, as in a sentence."""
        lies = [f"{one.name.strip()} ({one.code})" for one in self.authorities[:1]]
        where = ", ".join([*lies, *([self.nation] if self.nation else [])])
        if self.column in _CALLED:
            return f"the {_CALLED[self.column]} {self.text} lies in {where}"
        return f"the authority given is {where}"


def lie_apart(given: Sequence[tuple[str, str]], tables: Gazetteer, on: date | None) -> tuple[Said, Said] | None:
    """The first two of some places, by column and the finest first, that cannot be one; none where nothing tells.

    Those of two nations lie apart, and those of two authorities of which neither took the place of the other.
    """
    said = [_said(column, text, tables, on) for column, text in given]
    return next((pair for pair in combinations(said, 2) if _apart(*pair, tables)), None)


def came_before(authority: Authority, tables: Gazetteer) -> list[Authority]:
    """The authorities that one took the place of, as far as the list tells."""
    return [one for one in tables.every_authority() if authority.code in _heirs(one)]


def _said(column: str, text: str, tables: Gazetteer, on: date | None) -> Said:
    if column == "local_authority":
        named = tables.authority(text) or tables.authority_named(text)
        return Said(column, text, named.nation if named else nation_told(column, text), (named,) if named else ())
    written = as_written(column, text) or text
    lsoa = written if column == "lsoa" else tables.lsoa_of(written)
    if lsoa is None:
        return Said(column, written, nation_of_written(column, written))
    found = tables.neighbourhood(lsoa, on)
    codes = dict.fromkeys((found.authority, *found.lain_in)) if found else {}
    lies = tuple(one for code in codes if (one := tables.authority(code)) is not None)
    return Said(column, written, nation_of(lsoa), lies)


def _apart(one: Said, other: Said, tables: Gazetteer) -> bool:
    if one.nation is None or other.nation is None:
        return False
    if one.nation != other.nation:
        return True
    pairs = [(mine, its) for mine in one.authorities for its in other.authorities]
    return bool(pairs) and not any(_are_one(mine, its, tables) for mine, its in pairs)


def _are_one(one: Authority, other: Authority, tables: Gazetteer) -> bool:
    """Whether two codes are of one authority, or of one and what took its place: a change of code moves nothing."""
    if one.name.strip().casefold() == other.name.strip().casefold():
        return True
    return other.code in _after(one, tables) or one.code in _after(other, tables)


def _after(authority: Authority, tables: Gazetteer) -> set[str]:
    """The code of an authority, and of all that came after it."""
    found: set[str] = set()
    asked = [authority.code]
    while asked:
        code = asked.pop()
        if code not in found:
            found.add(code)
            heir = tables.authority(code)
            asked += _heirs(heir) if heir is not None else []
    return found


def _heirs(authority: Authority) -> list[str]:
    return [one.strip() for one in (authority.replaced_by or "").split(",") if one.strip()]
