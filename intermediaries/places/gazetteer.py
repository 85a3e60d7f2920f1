"""The shipped extract of public place data, read once; what each file holds and where it is from stands beside it."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Protocol

from intermediaries.places.areas import INDICES, Authority, Index, index_of, index_on


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """A lower-layer super output area, a Scottish data zone or a Northern Irish one, with its published deciles."""

    lsoa: str
    ward: str | None
    authority: str
    """Empty where no table says in which it lies."""
    deciles: Mapping[str, int]
    """By name of the index; an index that lacks the area, or whose boundaries differ, is not among them."""
    lain_in: tuple[str, ...] = ()
    """Every authority that any table has it in: authorities are merged, and their areas stay."""


class Gazetteer(Protocol):
    """Somewhere that places can be looked up: the shipped extract, or fuller tables loaded by an operator."""

    def authority(self, code: str) -> Authority | None:
        """The authority of a code."""
        ...

    def authority_named(self, name: str) -> Authority | None:
        """The one authority of a name."""
        ...

    def every_authority(self) -> Iterable[Authority]:
        """Every authority, present and past."""
        ...

    def neighbourhood(self, lsoa: str, on: date | None = None) -> Neighbourhood | None:
        """The neighbourhood of a code, in the authority that was there on a day; without one, the latest told."""
        ...

    def lsoa_of(self, postcode: str, vintage: int | None = None) -> str | None:
        """The LSOA a postcode is allocated to, of the boundaries of a year where they are held.

        The postcode is written with one space.
        """
        ...

    def in_no_area(self, postcode: str) -> bool:
        """Whether a postcode is known, and lies in no LSOA: as those of the Channel Islands and the Isle of Man."""
        ...

    def index_on(self, nation: str, day: date) -> Index | None:
        """The index of a nation that was current on a day, if one is held."""
        ...


@dataclass(frozen=True, slots=True)
class Extract:
    """Place tables held in memory."""

    authorities: Mapping[str, Authority]
    neighbourhoods: Mapping[str, Neighbourhood]
    postcodes: Mapping[str, str]
    names: Mapping[str, str]
    """Authority codes by case-folded name; of several codes of one name, the last in force."""

    def authority(self, code: str) -> Authority | None:
        """The authority of a code."""
        return self.authorities.get(code)

    def authority_named(self, name: str) -> Authority | None:
        """The one authority of a name, whatever its capitals."""
        return self.authorities.get(self.names.get(name.casefold(), ""))

    def every_authority(self) -> Iterable[Authority]:
        """Every authority, present and past."""
        return self.authorities.values()

    def neighbourhood(self, lsoa: str, on: date | None = None) -> Neighbourhood | None:
        """The neighbourhood of a code; the extract knows the boundaries of one year only."""
        del on
        return self.neighbourhoods.get(lsoa)

    def lsoa_of(self, postcode: str, vintage: int | None = None) -> str | None:
        """The LSOA a postcode is allocated to; the extract knows those of 2011 only."""
        del vintage
        return self.postcodes.get(postcode)

    def in_no_area(self, postcode: str) -> bool:
        """Of the postcodes of the extract each lies in an area."""
        del postcode
        return False

    def index_on(self, nation: str, day: date) -> Index | None:
        """England's index of the day, its first before there was one; of the other nations none is held."""
        return index_on(day) if nation == INDICES[0].nation else index_of(INDICES, nation, day)


@cache
def shipped() -> Extract:
    """The extract that comes with the package: all authorities, some 1,650 neighbourhoods, some 830 postcodes."""
    authorities = {row["code"]: _authority(row) for row in _rows("authorities.csv")}
    return Extract(
        authorities=MappingProxyType(authorities),
        neighbourhoods=MappingProxyType({row["lsoa"]: _neighbourhood(row) for row in _rows("lsoas.csv")}),
        postcodes=MappingProxyType({row["postcode"]: row["lsoa"] for row in _rows("postcodes.csv")}),
        names=MappingProxyType(last_of_each_name(authorities.values())),
    )


def _rows(name: str) -> Iterator[dict[str, str]]:
    with files("intermediaries.places").joinpath("data", name).open(encoding="utf-8") as lines:
        yield from csv.DictReader(lines)


def _authority(row: dict[str, str]) -> Authority:
    return Authority(
        code=row["code"],
        name=row["name"],
        region=row["region"] or None,
        nation=row["nation"],
        valid_from=_day(row["valid_from"]),
        valid_to=_day(row["valid_to"]),
        replaced_by=row["replaced_by"] or None,
    )


def _neighbourhood(row: dict[str, str]) -> Neighbourhood:
    deciles = {index.name: int(row[index.column]) for index in INDICES if row[index.column]}
    return Neighbourhood(
        row["lsoa"], row["ward"] or None, row["authority"], MappingProxyType(deciles), (row["authority"],)
    )


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def last_of_each_name(authorities: Iterable[Authority]) -> dict[str, str]:
    """Codes change while names stay: a name means the code that no other has replaced."""
    lasting = sorted(authorities, key=lambda authority: (authority.replaced_by is None, authority.code))
    return {authority.name.casefold(): authority.code for authority in lasting}
