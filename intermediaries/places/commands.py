"""The verb of places: load an edition of a public file, whole or not at all, with where it came from."""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any, Final

from sqlalchemy import Table, func, insert, select, text

from intermediaries.places.areas import INDEX_NAMES, INDICES
from intermediaries.places.lines import Kind, Reading, Row, is_blank
from intermediaries.places.model import (
    PlaceArea,
    PlaceAuthority,
    PlaceDecile,
    PlaceFile,
    PlaceLoad,
    PlacePostcode,
    PlaceRurality,
)
from intermediaries.places.queries import register_codes
from intermediaries.places.reading import LONGEST_LINE, BadPlaceFile, Faults, PlaceSource, lines_of, vintage_of
from intermediaries.places.showing import PlaceLoadView, load_shown
from intermediaries.places.sorting import Found, Sorter
from ledger import trail
from ledger.refusals import Malformed, Refusal
from ledger.store.columns import Base
from ledger.store.work import Work, command

AT_ONCE: Final = 5_000
"""Lines that go into the database with one statement."""

_TABLES: Final[Mapping[Kind, Table]] = {
    kind: Base.metadata.tables[model.__tablename__]
    for kind, model in (
        (Kind.POSTCODES, PlacePostcode),
        (Kind.DEPRIVATION, PlaceDecile),
        (Kind.AREAS, PlaceArea),
        (Kind.AUTHORITIES, PlaceAuthority),
        (Kind.RURAL_URBAN, PlaceRurality),
    )
}
_EDITION: Final = re.compile(rf"({'|'.join(INDEX_NAMES)}) ([A-Z]+) ([12][0-9]{{3}})", re.ASCII)
_LONGEST_EDITION: Final = 60
_LONGEST_NAME: Final = 200
_LONGEST_TEXT: Final = 1_000
_VINTAGES: Final = range(1991, 2100)
_PIECE: Final = 1 << 20


class BadEdition(Malformed):
    """An edition that cannot be what it is said to be."""

    slug = "bad-place-edition"


class EditionDiffers(Refusal):
    """An edition of this name was loaded from other files."""

    slug = "place-edition-differs"


class Loaded(PlaceLoadView):
    """What a load came to; `already_there` when this very edition had been loaded before, and nothing was done."""

    already_there: bool


@dataclass(slots=True)
class _Counts:
    rows: int = 0
    blank: int = 0
    passed_over: int = 0


@command
def load_places(
    work: Work,
    files: Sequence[PlaceSource],
    *,
    kind: Kind,
    edition: str,
    published_on: date,
    source: str,
    licence: str,
    lsoa_vintage: int | None = None,
    columns: Mapping[str, str] | None = None,
) -> Loaded:
    """Load one edition of a kind of public data from one file or several: all of it, or nothing.

    Takes an administrator, a fund manager, or the operator at the machine. The same files under the same name of the
    edition are loaded once. Refuses other files under that name, an index under another name than its nation's, LSOAs
    of a year that the headings deny, and files with faulty lines, all of which are named. What was looked up earlier,
    in a return that was accepted, stays as it was.
    """
    work.actor.require("operator", "administrator", "fund-manager")
    nation = _sound(work, files, kind, edition, published_on, source, licence)
    seals = [_seal(file) for file in files]
    whole = seals[0] if len(seals) == 1 else hashlib.sha256("\n".join(sorted(seals)).encode()).hexdigest()
    before = work.session.scalar(select(PlaceLoad).where(PlaceLoad.kind == kind, PlaceLoad.edition == edition))
    if before is not None:
        return _again(work, before, whole)
    load = PlaceLoad(
        number=(work.session.scalar(select(func.max(PlaceLoad.number))) or 0) + 1,
        id=work.new_id("pla"),
        kind=kind,
        edition=edition,
        nation=nation,
        lsoa_vintage=_vintage(kind, edition, files, lsoa_vintage, published_on),
        published_on=published_on,
        sha256=whole,
        source=source.strip(),
        licence=licence.strip(),
        loaded_at=work.now,
        loaded_by=work.actor.id,
    )
    work.session.add(load)
    work.session.flush()
    counts = _take_in(work, load, files, seals, columns or {})
    trail.record(
        work,
        action="places.load",
        subject=load.id,
        reason=load.source,
        kind=kind,
        edition=edition,
        rows=counts,
        sha256=whole,
    )
    return Loaded(**dict(load_shown(work.session, load)), already_there=False)


def _again(work: Work, before: PlaceLoad, whole: str) -> Loaded:
    if before.sha256 != whole:
        raise EditionDiffers(
            f"{before.edition} was loaded as {before.kind} from other files, and stays: give what is new an edition of "
            "its own name",
            id=before.id,
            there=before.sha256,
            found=whole,
        )
    trail.record(work, action="places.load", subject=before.id, reason="already there", kind=before.kind)
    return Loaded(**dict(load_shown(work.session, before)), already_there=True)


def _sound(
    work: Work, files: Sequence[PlaceSource], kind: Kind, edition: str, published_on: date, source: str, licence: str
) -> str | None:
    """The nation whose index is loaded, if it is one; refuses what cannot be so before any file is looked at."""
    if not files:
        raise BadEdition("Give at least one file to load")
    if not edition.strip() or edition != edition.strip() or len(edition) > _LONGEST_EDITION:
        raise BadEdition(f"An edition has a name of at most {_LONGEST_EDITION} letters, like ONSPD May 2022")
    for called, said in (("source", source), ("licence", licence)):
        if not said.strip() or len(said) > _LONGEST_TEXT:
            raise BadEdition(f"Say the {called} of the file, in at most {_LONGEST_TEXT} letters: it is public data")
    if published_on > work.today:
        raise BadEdition(f"{edition} would be published on {published_on}, which is yet to come")
    if kind is not Kind.DEPRIVATION:
        return None
    found = _EDITION.fullmatch(edition)
    if found is None or INDEX_NAMES[found[1]] != found[2]:
        names = ", ".join(f"{nation} {name} 2019" for nation, name in INDEX_NAMES.items())
        raise BadEdition(
            f"{edition!r:.60} does not name an index of deprivation: they are named by nation, index and year, like "
            f"{names}"
        )
    return found[1]


def _vintage(
    kind: Kind, edition: str, files: Sequence[PlaceSource], said: int | None, published_on: date
) -> int | None:
    """The year whose boundaries the LSOAs are of: as said, or as the headings tell when nobody says."""
    if kind is Kind.AUTHORITIES:
        return None
    told = set().union(*(_headings_tell(file) for file in files))
    found = said if said is not None else told.pop() if len(told) == 1 else None
    if found is None or found not in _VINTAGES:
        raise BadEdition("Say the year of the boundaries that the LSOAs of this file are of, like --lsoa-vintage 2011")
    if told and found not in told and said is not None:
        raise BadEdition(
            f"The headings speak of LSOAs of {' and '.join(map(str, sorted(told)))}, and the file is said to hold "
            f"those of {found}"
        )
    known = next((index for index in INDICES if kind is Kind.DEPRIVATION and index.name == edition), None)
    if known is not None and (known.lsoa_vintage, known.published_on) != (found, published_on):
        raise BadEdition(
            f"{edition} was published on {known.published_on}, on the LSOAs of {known.lsoa_vintage}: this is said to "
            f"be of {published_on}, on those of {found}"
        )
    return found


def _headings_tell(file: PlaceSource) -> set[int]:
    with file.open() as stream:
        heading = stream.readline(LONGEST_LINE).decode("utf-8-sig", "replace")
    return vintage_of(next(csv.reader([heading]), []))


def _seal(file: PlaceSource) -> str:
    with file.open() as stream:
        found = hashlib.sha256()
        while piece := stream.read(_PIECE):
            found.update(piece)
    return found.hexdigest()


def _take_in(
    work: Work, load: PlaceLoad, files: Sequence[PlaceSource], seals: Sequence[str], columns: Mapping[str, str]
) -> int:
    """Read every line, then put them in; refuses when any was faulty, each of them named. Answers how many.

    They go in by the order of their keys: put in as they come, millions of them would touch every page of a table.
    """
    faults, rows = Faults(), 0
    with Sorter() as sorter:
        for position, (file, seal) in enumerate(zip(files, seals, strict=True), start=1):
            counts = _read(work, load, position, file, sorter, faults, columns)
            work.session.add(
                PlaceFile(
                    load=load.number,
                    position=position,
                    name=file.name[-_LONGEST_NAME:],
                    sha256=seal,
                    rows=counts.rows,
                    blank=counts.blank,
                    passed_over=counts.passed_over,
                )
            )
            rows += counts.rows
        fresh = _once(sorter.in_order(), files, faults)
        while batch := list(islice(fresh, AT_ONCE)):
            if not faults.found:
                _insert(work, load, batch)
    faults.refuse()
    work.session.flush()
    return rows


def _read(
    work: Work,
    load: PlaceLoad,
    position: int,
    file: PlaceSource,
    sorter: Sorter,
    faults: Faults,
    columns: Mapping[str, str],
) -> _Counts:
    kind, counts = Kind(load.kind), _Counts()
    reading = Reading(load.nation, register_codes(work.session) if kind is Kind.AREAS else {})
    with file.open() as stream:
        for line, row in lines_of(
            stream, kind, reading, name=file.name, faults=faults, vintage=load.lsoa_vintage, named=columns
        ):
            if row is None:
                counts.passed_over += 1
                continue
            counts.rows += 1
            counts.blank += is_blank(kind, row)
            sorter.add(Found(str(row[0]), position, line, row))
    if not counts.rows and not faults.found:
        raise BadPlaceFile(f"Nothing was loaded. {file.name} holds no line of {kind} below its headings")
    return counts


def _once(in_order: Iterator[Found], files: Sequence[PlaceSource], faults: Faults) -> Iterator[Row]:
    """Each key once; a line that says one again is named, with the line that says it first."""
    before: Found | None = None
    for found in in_order:
        if before is not None and found.key == before.key:
            first = f"{files[before.file - 1].name} line {before.line}"
            faults.add(files[found.file - 1].name, found.line, f"{found.key} stands on {first} already")
        else:
            before = found
            yield found.row


def _insert(work: Work, load: PlaceLoad, rows: Sequence[Row]) -> None:
    """Add rows of a load with one statement; PostgreSQL is handed each column as one array."""
    if not rows:
        return
    table = _TABLES[Kind(load.kind)]
    columns = [column for column in table.columns if column.name != "load"]
    if work.database.dialect == "sqlite":
        names = ["load", *(column.name for column in columns)]
        work.session.execute(insert(table), [dict(zip(names, (load.number, *row), strict=True)) for row in rows])
        return
    bound: dict[str, Any] = {
        column.name: list(one) for column, one in zip(columns, zip(*rows, strict=True), strict=True)
    }
    dialect = work.database.engine.dialect
    arrays = ", ".join(f"CAST(:{column.name} AS {column.type.compile(dialect)}[])" for column in columns)
    work.session.execute(
        text(
            f"INSERT INTO {table.name} (load, {', '.join(bound)}) SELECT :load, * FROM unnest({arrays})"  # noqa: S608 -- names of our own tables
        ),
        {**bound, "load": load.number},
    )
