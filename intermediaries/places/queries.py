"""Looks at the loaded tables of places: what was loaded, and what the tables say of the places one asks for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Final, TypeVar

from sqlalchemy import select

from intermediaries.places.areas import Authority, Index
from intermediaries.places.gazetteer import Gazetteer, shipped
from intermediaries.places.lines import RURAL_URBAN_NATIONS, Kind
from intermediaries.places.loaded import Allocated, Lies, LoadedTables, unregistered
from intermediaries.places.model import (
    NO_FILE,
    PlaceArea,
    PlaceAuthority,
    PlaceCorrection,
    PlaceDecile,
    PlaceFile,
    PlaceLoad,
    PlacePostcode,
    PlaceRurality,
)
from intermediaries.places.rules import as_written
from ledger.queries import Known
from ledger.store.database import ReadSession

_AT_ONCE: Final = 5_000
"""Places asked for in one statement: either database takes six times as many."""

T = TypeVar("T")


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
    def withdrawn(self) -> bool:
        """Whether it only takes away what it corrects."""
        return self.load.sha256 == NO_FILE

    @property
    def index(self) -> Index:
        """The index of deprivation that it holds."""
        return Index(self.name, "", self.load.nation or "", self.load.lsoa_vintage or 0, self.load.published_on)


def gazetteer(
    session: ReadSession,
    *,
    postcodes: Iterable[str] = (),
    lsoas: Iterable[str] = (),
    at: Known | None = None,
) -> Gazetteer:
    """The tables loaded by now, or as known then, over the shipped extract: read for these places, and for no others.

    Every authority is there without being asked for. Text that is no postcode or LSOA is passed over.
    """
    loads = editions(session, at)
    if not loads:
        return shipped()
    ranks = {load.number: rank for rank, load in enumerate(loads)}
    asked = _written("postcode", postcodes)
    allocated = _allocated(session, asked, ranks, loads)
    wanted = _written("lsoa", lsoas)
    wanted |= {one.lsoa for there in allocated.values() for one in there if one.lsoa}
    wanted |= {lsoa for lsoa in map(shipped().lsoa_of, asked) if lsoa}
    areas, named = _areas(session, wanted, ranks)
    return LoadedTables.of(
        indices=[load.index for load in loads if load.kind is Kind.DEPRIVATION],
        authorities=_authorities(session, ranks, named),
        postcodes=allocated,
        areas=areas,
        deciles=_deciles(session, wanted, ranks, loads),
    )


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
    """The editions in which places are looked up, as known then: of one that was corrected, the last correction.

    One that was withdrawn is none of them: the edition before it is looked up again.
    """
    return [one for one in every_edition(session, at) if one.stands and not one.withdrawn]


def files_of(session: ReadSession, load: PlaceLoad) -> Sequence[PlaceFile]:
    """The files of a load, in the order in which they were given."""
    return session.scalars(select(PlaceFile).where(PlaceFile.load == load.number).order_by(PlaceFile.position)).all()


def register_codes(session: ReadSession) -> dict[str, str]:
    """The official code of each authority that a loaded register has a code of its own for."""
    standing = [one.number for one in editions(session) if one.kind is Kind.AUTHORITIES]
    query = select(PlaceAuthority.register_code, PlaceAuthority.code).order_by(PlaceAuthority.load)
    rows = session.execute(query.where(PlaceAuthority.load.in_(standing)))
    return {row.register_code: row.code for row in rows if row.register_code}


def _written(column: str, texts: Iterable[str]) -> set[str]:
    return {written for text in texts if (written := as_written(column, text))}


def _chunks(asked: Collection[T]) -> Iterator[list[T]]:
    rest = iter(asked)
    while chunk := list(islice(rest, _AT_ONCE)):
        yield chunk


def _allocated(
    session: ReadSession, postcodes: set[str], ranks: Mapping[int, int], loads: Sequence[Edition]
) -> dict[str, tuple[Allocated, ...]]:
    found: defaultdict[str, list[tuple[int, str | None]]] = defaultdict(list)
    for chunk in _chunks(postcodes):
        for row in session.execute(select(PlacePostcode).where(PlacePostcode.postcode.in_(chunk))).scalars():
            if row.load in ranks:
                found[row.postcode].append((ranks[row.load], row.lsoa))
    return {
        postcode: tuple(Allocated(lsoa, loads[rank].lsoa_vintage) for rank, lsoa in sorted(there))
        for postcode, there in found.items()
    }


def _areas(
    session: ReadSession, lsoas: set[str], ranks: Mapping[int, int]
) -> tuple[dict[str, tuple[Lies, ...]], dict[str, Authority]]:
    """Where the LSOAs lie, and the authorities as the lookup itself names them."""
    found: defaultdict[str, list[tuple[int, Lies]]] = defaultdict(list)
    named: dict[str, Authority] = {}
    for chunk in _chunks(lsoas):
        for row in session.execute(select(PlaceArea).where(PlaceArea.lsoa.in_(chunk))).scalars():
            if row.load in ranks:
                found[row.lsoa].append((ranks[row.load], Lies(row.ward, row.authority)))
                named[row.authority] = unregistered(row.authority, row.authority_name, row.region)
    return {lsoa: tuple(lies for _, lies in sorted(there)) for lsoa, there in found.items()}, named


def _deciles(
    session: ReadSession, lsoas: set[str], ranks: Mapping[int, int], loads: Sequence[Edition]
) -> dict[str, dict[str, int | None]]:
    found: defaultdict[str, dict[str, int | None]] = defaultdict(dict)
    for chunk in _chunks(lsoas):
        for row in session.execute(select(PlaceDecile).where(PlaceDecile.lsoa.in_(chunk))).scalars():
            if row.load in ranks:
                found[row.lsoa][loads[ranks[row.load]].name] = row.decile
    return found


def _authorities(
    session: ReadSession, ranks: Mapping[int, int], named: Mapping[str, Authority]
) -> dict[str, Authority]:
    """Every authority of the loaded registers, the newest edition's word counting; then those only a lookup names."""
    rows = [row for row in session.scalars(select(PlaceAuthority)) if row.load in ranks]
    rows.sort(key=lambda row: ranks[row.load], reverse=True)
    codes = {row.register_code: row.code for row in rows if row.register_code}
    told = {row.code: _authority(row, codes) for row in rows}
    return {code: one for code, one in named.items() if shipped().authority(code) is None} | told


def _authority(row: PlaceAuthority, codes: Mapping[str, str]) -> Authority:
    after = [codes.get(one.strip(), one.strip()) for one in (row.replaced_by or "").split(",")]
    return Authority(
        code=row.code,
        name=row.name,
        region=row.region,
        nation=row.nation,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        replaced_by=", ".join(one for one in after if one) or None,
    )


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
    load = next((one for one in editions(session, at) if one.kind is Kind.RURAL_URBAN), None)
    if load is None:
        return None
    classes: dict[str, str] = {}
    titles: dict[str, str] = {}
    for chunk in _chunks(sorted(set(lsoas))):
        query = select(PlaceRurality).where(PlaceRurality.load == load.number, PlaceRurality.lsoa.in_(chunk))
        for row in session.scalars(query):
            classes[row.lsoa] = row.code
            titles[row.code] = min(row.title, titles.get(row.code, row.title))
    return RuralUrban(load.name, classes, titles)
