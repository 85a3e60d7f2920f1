"""What an area is: authorities and their days, regions, nations, vanguard areas, and the indices of deprivation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final

REGIONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "E12000001": "North East",
        "E12000002": "North West",
        "E12000003": "Yorkshire and the Humber",
        "E12000004": "East Midlands",
        "E12000005": "West Midlands",
        "E12000006": "East of England",
        "E12000007": "London",
        "E12000008": "South East",
        "E12000009": "South West",
    }
)
"""The nine regions of England; the other nations have none."""

NATIONS: Final = ("England", "Wales", "Scotland", "Northern Ireland")
"""In the order of the 2011 apportionment."""

OUTSIDE: Final = "no nation of the United Kingdom"
"""Where the postcodes of the Channel Islands and the Isle of Man lie."""
_AREAS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "England": "AL B BA BB BD BH BL BN BR BS CB CM CO CR CT CV DA DE DH DL DN DT DY E EC EN EX FY GU HA HD HG HP "
        "HU HX IG IP KT L LA LE LN LS LU M ME MK N NG NN NR NW OL OX PE PL PO PR RG RH RM S SE SG SK SL SM SN SO SP SR "
        "SS ST SW TA TN TQ TR TS TW UB W WA WC WD WF WN WS WV YO",
        "Wales": "CF SA",
        "Scotland": "AB DD EH FK G HS IV KA KW KY ML PA PH ZE",
        "Northern Ireland": "BT",
        OUTSIDE: "GY IM JE",
    }
)
POSTCODE_AREAS: Final[Mapping[str, str]] = MappingProxyType(
    {area: nation for nation, areas in _AREAS.items() for area in areas.split()}
)
"""The nation of each postcode area that lies wholly in one. Areas at a border, such as CA, CH, SY and TD, are not among
them, and none is guessed for them."""


@dataclass(frozen=True, slots=True)
class Area:
    """An official area: its code and its name."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Authority:
    """A local authority, the region and nation it lies in, and the days on which its code was in force.

    An end of None is "not recorded, or still open". `valid_to` is the first day without it.
    """

    code: str
    name: str
    region: str | None
    nation: str
    valid_from: date | None = None
    valid_to: date | None = None
    replaced_by: str | None = None

    def valid_on(self, day: date) -> bool:
        """Whether the code was in force on a day, as far as is recorded."""
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day < self.valid_to)


@dataclass(frozen=True, slots=True)
class Index:
    """One edition of one nation's index of deprivation. Editions and nations are never mixed in one figure.

    Deciles are read as published and never computed: editions have cut them by different formulas.
    """

    name: str
    column: str
    nation: str
    lsoa_vintage: int
    published_on: date


IMD_2010: Final = Index("England IMD 2010", "imd2010", "England", 2001, date(2011, 3, 24))
IMD_2015: Final = Index("England IMD 2015", "imd2015", "England", 2011, date(2015, 9, 30))
IMD_2019: Final = Index("England IMD 2019", "imd2019", "England", 2011, date(2019, 9, 26))
INDICES: Final = (IMD_2010, IMD_2015, IMD_2019)


def index_on(day: date) -> Index:
    """The English index that was current on a day; before the first of those held here, that first one."""
    return max((index for index in INDICES if index.published_on <= day), key=_published, default=IMD_2010)


def index_of(indices: Iterable[Index], nation: str, day: date) -> Index | None:
    """Of the indices held, the one of a nation that was current on a day: the last published by then.

    None where the nation's were all published later: what nobody could have looked up is not looked up.
    """
    there = (index for index in indices if index.nation == nation and index.published_on <= day)
    return max(there, key=_published, default=None)


def _published(index: Index) -> date:
    return index.published_on


INDEX_NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {"England": "IMD", "Wales": "WIMD", "Scotland": "SIMD", "Northern Ireland": "NIMDM"}
)
"""What each nation calls its index. They measure different things, and are never set on one scale."""
NEWEST_NAMES: Final = ("England IMD 2019", "Wales WIMD 2019", "Scotland SIMD 2020", "Northern Ireland NIMDM 2017")
"""Editions that there are, for examples: no two nations publish in the same years."""


@dataclass(frozen=True, slots=True)
class Deprivation:
    """A published decile, 1 the most deprived tenth, with the edition it is of and the LSOAs that edition used."""

    decile: int
    index: str
    lsoa_vintage: int


VANGUARD: Final[Mapping[str, str]] = MappingProxyType(
    {
        "E07000030": "Eden",
        "E08000012": "Liverpool",
        "E09000029": "Sutton",
        "E06000040": "Windsor and Maidenhead",
    }
)
"""The four areas named in July 2010 as the first to try the Big Society. Eden's code ceased on 1 April 2023."""
