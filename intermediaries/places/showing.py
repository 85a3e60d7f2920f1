"""What is shown of places: a place with its deciles edition by edition, and the loads that it was looked up in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from intermediaries.places.areas import INDICES, Authority, Index
from intermediaries.places.coverage import areas_there
from intermediaries.places.gazetteer import Gazetteer
from intermediaries.places.lines import Kind
from intermediaries.places.queries import Edition, editions, every_edition, files_of, gazetteer
from intermediaries.places.rules import NOT_MATCHED, Place, as_written, is_authority, place_of
from ledger.queries import Known, known
from ledger.refusals import NotFound
from ledger.store.database import ReadSession
from ledger.store.work import View


class NoSuchPlace(NotFound):
    """No postcode, LSOA or authority that the tables know."""

    slug = "no-such-place"


class PlaceFileView(View):
    """One file of a load."""

    name: str
    sha256: str
    rows: int
    blank: int
    passed_over: int


class PlaceLoadView(View):
    """One edition of one kind of public data: what was loaded, from where, under which licence, when and by whom.

    `blank` are those of its rows that name a place and say nothing of it; `passed_over` are sound lines of the files
    that are none of this kind's, such as counties in a register of authorities. `areas_there` are all the areas that
    an index could tell of, where that is known: fewer rows that say something are a part of it, or half a file. What
    has been corrected is not looked up any more, and stays to be read; what is `withdrawn` has no lines, and takes away
    the one that it corrects.
    """

    id: str
    kind: str
    edition: str
    nation: str | None
    lsoa_vintage: int | None
    published_on: date
    rows: int
    areas_there: int | None
    blank: int
    passed_over: int
    sha256: str
    source: str
    licence: str
    loaded_at: datetime
    loaded_by: str
    corrects: str | None
    corrected_by: str | None
    withdrawn: bool
    reason: str
    files: tuple[PlaceFileView, ...]


class DecileView(View):
    """A published decile, or why there is none, with its edition and the LSOAs that edition is drawn on."""

    index: str
    published_on: date
    lsoa_vintage: int
    lsoa: str | None
    decile: int | None
    missing: str
    current: bool
    """Whether this is the edition that was current on the day asked about."""


class PlaceAnswer(View):
    """A place as the tables know it on a day: where it lies, and its deciles, each under its own edition."""

    given: str
    as_at: date
    known_at: datetime
    lsoa: str | None
    ward: str | None
    local_authority: str | None
    local_authority_name: str | None
    valid_from: date | None
    valid_to: date | None
    in_force: bool | None
    replaced_by: str | None
    region: str | None
    region_name: str | None
    nation: str | None
    vanguard: str | None
    deprivation_missing: str
    deciles: tuple[DecileView, ...]


def place_loads(session: ReadSession, kind: Kind | None = None, *, at: Known | None = None) -> list[PlaceLoadView]:
    """Every load of a kind or of all, as known then, by kind and with the newest edition first."""
    loads = [load for load in every_edition(session, at) if kind is None or load.kind is kind]
    return [edition_shown(session, load) for load in sorted(loads, key=lambda load: list(Kind).index(load.kind))]


def edition_shown(session: ReadSession, edition: Edition) -> PlaceLoadView:
    """One load with its files."""
    load, files = edition.load, files_of(session, edition.load)
    return PlaceLoadView(
        id=load.id,
        kind=load.kind,
        edition=edition.name,
        nation=load.nation,
        lsoa_vintage=load.lsoa_vintage,
        published_on=load.published_on,
        rows=sum(file.rows for file in files),
        areas_there=areas_there(load.nation, load.lsoa_vintage) if edition.kind is Kind.DEPRIVATION else None,
        blank=sum(file.blank for file in files),
        passed_over=sum(file.passed_over for file in files),
        sha256=load.sha256,
        source=load.source,
        licence=load.licence,
        loaded_at=load.loaded_at,
        loaded_by=load.loaded_by,
        corrects=edition.corrects.id if edition.corrects else None,
        corrected_by=edition.corrected_by.id if edition.corrected_by else None,
        withdrawn=edition.withdrawn,
        reason=edition.reason,
        files=tuple(
            PlaceFileView(
                name=file.name, sha256=file.sha256, rows=file.rows, blank=file.blank, passed_over=file.passed_over
            )
            for file in files
        ),
    )


def place_shown(session: ReadSession, text: str, *, as_at: date | None = None, at: Known | None = None) -> PlaceAnswer:
    """A postcode, an LSOA, or an authority by code or name, as the tables knew it then; refuses one they do not know.

    `as_at` tells which of the authorities that an area has lain in, and which edition is marked as current.
    """
    then = at or known(session)
    on = as_at or session.now.date()
    column = _column_of(text)
    asked = [text] if column != "local_authority" else []
    tables = gazetteer(
        session, postcodes=asked if column == "postcode" else (), lsoas=asked if column == "lsoa" else (), at=at
    )
    place = _looked_up(column, text, tables, on=on)
    if place is None or (place.lsoa is None and place.deprivation_missing == NOT_MATCHED):
        raise NoSuchPlace(
            f"No table here knows a place {text!r:.60}: give a postcode, an LSOA, or an authority by its code or name; "
            "`bank places list` shows what is loaded"
        )
    held = _held(session, place.nation, at) if place.lsoa else []
    return _answer(place, tables, on, then.instant, tuple(_deciles(column, text, tables, held, place.index)))


def _column_of(text: str) -> str:
    if not is_authority(text.strip().upper()):
        for column in ("lsoa", "postcode"):
            if as_written(column, text):
                return column
    return "local_authority"


def _looked_up(
    column: str, text: str, tables: Gazetteer, *, on: date | None = None, index: Index = INDICES[0]
) -> Place | None:
    if as_written(column, text) is None:
        return None
    place = place_of(**{column: text}, on=on, index=index, gazetteer=tables)
    known_area = place.lsoa is None or tables.neighbourhood(place.lsoa) is not None
    return place if known_area or column == "postcode" else None


def _held(session: ReadSession, nation: str | None, at: Known | None) -> list[Index]:
    """Every index of a nation, loaded or shipped, in the order of publication."""
    held = {index.name: index for index in INDICES if index.nation == nation}
    for one in editions(session, at):
        if one.kind is Kind.DEPRIVATION and one.index.nation == nation:
            held.setdefault(one.name, one.index)
    return sorted(held.values(), key=lambda index: (index.published_on, index.name))


def _deciles(column: str, text: str, tables: Gazetteer, held: list[Index], current: str) -> Iterator[DecileView]:
    for index in held:
        place = _looked_up(column, text, tables, index=index)
        found = place.deprivation if place else None
        yield DecileView(
            index=index.name,
            published_on=index.published_on,
            lsoa_vintage=index.lsoa_vintage,
            lsoa=place.lsoa if place else None,
            decile=found.decile if found else None,
            missing=place.deprivation_missing if place else "",
            current=index.name == current,
        )


def _answer(
    place: Place, tables: Gazetteer, on: date, instant: datetime, deciles: tuple[DecileView, ...]
) -> PlaceAnswer:
    authority: Authority | None = tables.authority(place.local_authority.code) if place.local_authority else None
    return PlaceAnswer(
        given=place.given,
        as_at=on,
        known_at=instant,
        lsoa=place.lsoa,
        ward=place.ward,
        local_authority=authority.code if authority else None,
        local_authority_name=authority.name if authority else None,
        valid_from=authority.valid_from if authority else None,
        valid_to=authority.valid_to if authority else None,
        in_force=authority.valid_on(on) if authority else None,
        replaced_by=authority.replaced_by if authority else None,
        region=place.region.code if place.region else None,
        region_name=place.region.name if place.region else None,
        nation=place.nation,
        vanguard=place.vanguard,
        deprivation_missing=place.deprivation_missing,
        deciles=deciles,
    )
