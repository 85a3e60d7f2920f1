"""Places looked up in what an operator has loaded, newest edition first, with the shipped extract beneath."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final, NamedTuple

from intermediaries.places.areas import Authority, Index, index_of
from intermediaries.places.gazetteer import Extract, Neighbourhood, last_of_each_name, shipped
from intermediaries.places.rules import nation_of

_NO_DECILES: Final[Mapping[str, int | None]] = {}


class Allocated(NamedTuple):
    """An LSOA that one edition of the postcode lookup allocates a postcode to, and the year of its boundaries."""

    lsoa: str | None
    vintage: int | None


class Lies(NamedTuple):
    """What one edition of the lookup of areas says of an LSOA."""

    ward: str | None
    authority: str


@dataclass(frozen=True, slots=True)
class LoadedTables:
    """What the loaded tables say of the places that somebody asked for. Each list has the newest edition first."""

    indices: tuple[Index, ...] = ()
    authorities: Mapping[str, Authority] = field(default_factory=dict)
    postcodes: Mapping[str, tuple[Allocated, ...]] = field(default_factory=dict)
    areas: Mapping[str, tuple[Lies, ...]] = field(default_factory=dict)
    deciles: Mapping[str, Mapping[str, int | None]] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    beneath: Extract = field(default_factory=shipped)

    @classmethod
    def of(
        cls,
        *,
        indices: Iterable[Index],
        authorities: Mapping[str, Authority],
        postcodes: Mapping[str, tuple[Allocated, ...]],
        areas: Mapping[str, tuple[Lies, ...]],
        deciles: Mapping[str, Mapping[str, int | None]],
    ) -> LoadedTables:
        """The tables, with the names of the authorities set in order."""
        names = last_of_each_name(authorities.values())
        return cls(tuple(indices), authorities, postcodes, areas, deciles, names)

    def authority(self, code: str) -> Authority | None:
        """The authority of a code."""
        return self.authorities.get(code) or self.beneath.authority(code)

    def authority_named(self, name: str) -> Authority | None:
        """The one authority of a name, whatever its capitals."""
        return self.authorities.get(self.names.get(name.casefold(), "")) or self.beneath.authority_named(name)

    def every_authority(self) -> Iterable[Authority]:
        """Every authority, present and past; of one that both tell of, what was loaded."""
        return {**self.beneath.authorities, **self.authorities}.values()

    def neighbourhood(self, lsoa: str, on: date | None = None) -> Neighbourhood | None:
        """The neighbourhood of a code, in the authority that was there on a day; without one, the latest told.

        An area whose authority no edition has in force on the day is in the latest told, for it lies somewhere.
        """
        under = self.beneath.neighbourhood(lsoa)
        there = [*self.areas.get(lsoa, ()), *([Lies(under.ward, under.authority)] if under else [])]
        deciles = self.deciles.get(lsoa, _NO_DECILES)
        if not there and lsoa not in self.deciles:
            return None
        lies = next((one for one in there if self._in_force(one, on)), there[0] if there else Lies(None, ""))
        found = {name: decile for name, decile in deciles.items() if decile is not None}
        return Neighbourhood(
            lsoa,
            lies.ward,
            lies.authority,
            {**(under.deciles if under else {}), **found},
            tuple(one.authority for one in there),
        )

    def lsoa_of(self, postcode: str, vintage: int | None = None) -> str | None:
        """The LSOA a postcode is allocated to: by the newest lookup of that year's boundaries, else by the newest."""
        there = self.postcodes.get(postcode, ())
        drawn = next((one.lsoa for one in there if vintage is not None and one.vintage == vintage and one.lsoa), None)
        return drawn or next((one.lsoa for one in there if one.lsoa), None) or self.beneath.lsoa_of(postcode)

    def in_no_area(self, postcode: str) -> bool:
        """Whether a postcode is known, and no table has it in an LSOA."""
        return postcode in self.postcodes and self.lsoa_of(postcode) is None

    def index_on(self, nation: str, day: date) -> Index | None:
        """The index of a nation that was current on a day, of those loaded and those shipped."""
        under = self.beneath.index_on(nation, day)
        return index_of((*self.indices, *([under] if under else [])), nation, day) or under

    def _in_force(self, lies: Lies, on: date | None) -> bool:
        authority = self.authority(lies.authority)
        return on is None or (authority is not None and authority.valid_on(on))


def unregistered(code: str, name: str | None, region: str | None) -> Authority:
    """An authority that no register tells of, as the lookup of areas names it."""
    return Authority(code, name or code, region, nation_of(code))
