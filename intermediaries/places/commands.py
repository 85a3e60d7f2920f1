"""The verb of places: load an edition of a public file, whole or not at all, with where it came from."""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from os import SEEK_END
from typing import Any, Final

from sqlalchemy import Table, func, insert, select, text

from intermediaries.places.areas import INDEX_NAMES, INDICES, NEWEST_NAMES
from intermediaries.places.coverage import areas_there
from intermediaries.places.gazetteer import shipped
from intermediaries.places.lines import COLUMNS, Kind, Reading, Row, is_blank
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
from intermediaries.places.queries import every_edition, register_codes
from intermediaries.places.reading import (
    LONGEST_LINE,
    BadPlaceFile,
    Faults,
    PlaceSource,
    lines_of,
    refuse_other_than_csv,
    vintage_of,
)
from intermediaries.places.showing import PlaceLoadView, edition_shown
from intermediaries.places.sorting import Found, Sorter
from intermediaries.places.standing import BadEdition, Correction, Said, named_columns, there_already, to_withdraw
from ledger import trail
from ledger.store.columns import Base
from ledger.store.holding import hold
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
_SUFFIX: Final = len(" [2147483647]")
"""What tells the name of a correction's load from that of the load it corrects."""
_LONGEST_NAME: Final = 200
_LONGEST_TEXT: Final = 1_000
_VINTAGES: Final = range(1991, 2100)
_PIECE: Final = 1 << 20


class Loaded(PlaceLoadView):
    """What a load came to; `already_there` when this very edition had been loaded before, and nothing was done."""

    already_there: bool


@dataclass(slots=True)
class _Counts:
    rows: int = 0
    blank: int = 0
    passed_over: int = 0
    cut: int = 0
    """The last line, where its end is missing and what it says could be the first half of something else."""


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
    correction: Correction | None = None,
) -> Loaded:
    """Load one edition of a kind of public data from one file or several: all of it, or nothing.

    Takes an administrator, a fund manager, or the operator at the machine. The same files under the same name of the
    edition are loaded once. Refuses other files under that name, and the same said to be of another day, source,
    licence or boundaries, unless they come as the correction of what stands under it; an index under another name than
    its nation's, or published before its year; LSOAs of a year that the headings or the codes deny; deciles that are
    not those known to be published; and files with faulty lines, all of which are named. What was looked up earlier, in
    a return that was accepted, stays as it was.
    """
    work.actor.require("operator", "administrator", "fund-manager")
    nation = _sound(work, files, kind, edition, published_on, source, licence)
    hold(work.session, "places")  # one load after another: each takes the next number
    seals = [_seal(file, kind) for file in files]
    whole = seals[0] if len(seals) == 1 else hashlib.sha256("\n".join(sorted(seals)).encode()).hexdigest()
    every = every_edition(work.session)
    before = [one for one in every if one.kind is kind and one.name == edition]
    read_by = named_columns(columns or {})
    said = Said(published_on, source, licence, lsoa_vintage, read_by)
    there = there_already(edition, every, before, whole, said, correction)
    if there is not None:
        trail.record(work, action="places.load", subject=there.load.id, reason="already there", kind=kind)
        return _told(work, there.load, already_there=True)
    number = _next(work)
    load = PlaceLoad(
        number=number,
        id=work.new_id("pla"),
        kind=kind,
        edition=_distinct(edition, number) if before else edition,
        nation=nation,
        lsoa_vintage=_vintage(kind, edition, files, lsoa_vintage, published_on),
        published_on=published_on,
        sha256=whole,
        source=source.strip(),
        licence=licence.strip(),
        columns=read_by,
        loaded_by=work.actor.id,
    )
    standing = next((one.load for one in before if one.stands), None)
    corrects = (
        PlaceCorrection(load=number, corrects=standing.number, edition=edition, reason=correction.reason.strip())
        if standing and correction
        else None
    )
    rows = _take_in(work, load, corrects, edition, list(zip(files, seals, strict=True)), columns or {})
    trail.record(
        work,
        action="places.load",
        subject=load.id,
        reason=corrects.reason if corrects else load.source,
        kind=kind,
        edition=edition,
        rows=rows,
        sha256=whole,
        **({"corrects": standing.id} if standing else {}),
    )
    return _told(work, load, already_there=False)


@command
def withdraw_places(work: Work, *, load: str, reason: str, key: str | None = None) -> PlaceLoadView:
    """Take back a load that should not be there at all, where no other file could stand in its place.

    Takes who may load. From then on places are looked up as if it had not been loaded; as known before, it still is,
    and both are listed with the reason. What was looked up in it, in a return that was accepted, stays as it was.
    Refuses a load that is not there (`NoSuchLoad`), one that does not stand any more (`NothingToCorrect`), and to
    withdraw without a reason.
    """
    del key
    work.actor.require("operator", "administrator", "fund-manager")
    if not reason.strip():
        raise BadEdition("Say why it is withdrawn: the reason stands beside it")
    hold(work.session, "places")
    wrong = to_withdraw(every_edition(work.session), load)
    number = _next(work)
    taken = PlaceLoad(
        number=number,
        id=work.new_id("pla"),
        kind=wrong.kind,
        edition=_distinct(wrong.name, number),
        nation=wrong.load.nation,
        lsoa_vintage=wrong.load.lsoa_vintage,
        published_on=wrong.load.published_on,
        sha256=NO_FILE,
        source=wrong.load.source,
        licence=wrong.load.licence,
        loaded_at=work.database.clock.now(),
        loaded_by=work.actor.id,
    )
    work.session.add(taken)
    work.session.flush()
    work.session.add(PlaceCorrection(load=number, corrects=wrong.number, edition=wrong.name, reason=reason.strip()))
    work.session.flush()
    trail.record(
        work,
        action="places.withdraw",
        subject=taken.id,
        reason=reason.strip(),
        kind=wrong.kind,
        edition=wrong.name,
        corrects=wrong.load.id,
    )
    return edition_shown(work.session, next(one for one in every_edition(work.session) if one.number == number))


def _next(work: Work) -> int:
    return (work.session.scalar(select(func.max(PlaceLoad.number))) or 0) + 1


def _distinct(edition: str, number: int) -> str:
    """A name for the load that takes the place of another of the edition."""
    return f"{edition[: _LONGEST_EDITION - _SUFFIX]} [{number}]"


def _told(work: Work, load: PlaceLoad, *, already_there: bool) -> Loaded:
    found = next(one for one in every_edition(work.session) if one.number == load.number)
    return Loaded(**dict(edition_shown(work.session, found)), already_there=already_there)


def _sound(
    work: Work, files: Sequence[PlaceSource], kind: Kind, edition: str, published_on: date, source: str, licence: str
) -> str | None:
    """The nation whose index is loaded, if it is one; refuses what cannot be so before any file is looked at."""
    if not files:
        raise BadEdition("Give at least one file to load")
    if not edition.strip() or edition != edition.strip() or len(edition) > _LONGEST_EDITION:
        raise BadEdition(f"An edition has a name of at most {_LONGEST_EDITION} letters, like ONSPD May 2022")
    if edition.endswith("]"):
        raise BadEdition("The name of an edition does not end with ]: so are the loads of corrections told apart")
    for called, said in (("source", source), ("licence", licence)):
        if not said.strip() or len(said) > _LONGEST_TEXT:
            raise BadEdition(f"Say the {called} of the file, in at most {_LONGEST_TEXT} letters: it is public data")
    if published_on > work.today:
        raise BadEdition(f"{edition} would be published on {published_on}, which is yet to come")
    if kind is not Kind.DEPRIVATION:
        return None
    found = _EDITION.fullmatch(edition)
    if found is None or INDEX_NAMES[found[1]] != found[2]:
        raise BadEdition(
            f"{edition!r:.60} does not name an index of deprivation: they are named by nation, index and year, like "
            f"{', '.join(NEWEST_NAMES)}"
        )
    if published_on.year < int(found[3]):
        raise BadEdition(f"{edition} cannot have been published on {published_on}, before its year")
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
        first = stream.readline(LONGEST_LINE)
    refuse_other_than_csv(first, file.name)
    return vintage_of(next(csv.reader([first.decode("utf-8-sig", "replace")]), []))


def _seal(file: PlaceSource, kind: Kind) -> str:
    """The seal of a file; refuses one in which there is nothing, before anything else is asked about it."""
    blank, found = True, hashlib.sha256()
    with file.open() as stream:
        while piece := stream.read(_PIECE):
            found.update(piece)
            blank = blank and not piece.removeprefix(b"\xef\xbb\xbf").strip()
    if blank:
        headings = ", ".join(column.name for column in COLUMNS[kind] if column.needed)
        raise BadPlaceFile(
            f"Nothing was loaded. {file.name} is empty: a file of {kind} has a line of headings, such as {headings}, "
            "and lines below it; fetch it again",
            file=file.name,
        )
    return found.hexdigest()


def _ended(file: PlaceSource) -> bool:
    """Whether the last line of a file has its end."""
    with file.open() as stream:
        stream.seek(-1, SEEK_END)
        return stream.read(1) in b"\r\n"


def _take_in(
    work: Work,
    load: PlaceLoad,
    corrects: PlaceCorrection | None,
    edition: str,
    files: Sequence[tuple[PlaceSource, str]],
    columns: Mapping[str, str],
) -> int:
    """Read every line, then put them in; refuses when any was faulty, each of them named. Answers how many.

    They go in by the order of their keys: put in as they come, millions of them would touch every page of a table.
    Nothing is written before all is read, and the load is known from then on: reading may take a minute.
    """
    faults, told = Faults(), list[PlaceFile]()
    cut: list[tuple[str, int]] = []
    with Sorter() as sorter:
        for position, (file, seal) in enumerate(files, start=1):
            counts = _read(work, load, edition, position, file, sorter, faults, columns)
            cut += [(file.name, counts.cut)] if counts.cut else []
            told.append(
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
        rows = sum(one.rows for one in told)
        _whole(load, edition, rows - sum(one.blank for one in told), cut, faults)
        load.loaded_at = work.database.clock.now()
        work.session.add(load)
        work.session.flush()
        work.session.add_all([*told, *([corrects] if corrects else [])])
        fresh = _once(sorter.in_order(), [file for file, _ in files], faults)
        while batch := list(islice(fresh, AT_ONCE)):
            if not faults.found:
                _insert(work, load, batch)
    faults.refuse()
    work.session.flush()
    return rows


def _whole(load: PlaceLoad, edition: str, said: int, cut: Sequence[tuple[str, int]], faults: Faults) -> None:
    """Refuse more lines than there are areas, and name a last line that may have been cut off: "10" reads as 1 then."""
    there = areas_there(load.nation, load.lsoa_vintage) if load.kind == Kind.DEPRIVATION else None
    if there is not None and said > there and not faults.found:
        raise BadPlaceFile(
            f"Nothing was loaded. {load.nation} has {there:,} areas by the boundaries of {load.lsoa_vintage}, and the "
            f"files tell of {said:,}: they are not {edition}, or one was given twice"
        )
    if load.kind == Kind.DEPRIVATION and said == there:
        return
    for name, line in cut if not faults.found else ():
        faults.add(
            name,
            line,
            "the file ends within this line, and may have been cut off: fetch it again, or end the line if it is whole",
        )


def _read(
    work: Work,
    load: PlaceLoad,
    edition: str,
    position: int,
    file: PlaceSource,
    sorter: Sorter,
    faults: Faults,
    columns: Mapping[str, str],
) -> _Counts:
    kind, counts, last = Kind(load.kind), _Counts(), 0
    reading = Reading(
        load.nation,
        register_codes(work.session) if kind is Kind.AREAS else {},
        load.lsoa_vintage,
        _published(edition) if kind is Kind.DEPRIVATION else {},
    )
    with file.open() as stream:
        for line, row in lines_of(
            stream, kind, reading, name=file.name, faults=faults, vintage=load.lsoa_vintage, named=columns
        ):
            if row is None:
                counts.passed_over += 1
                continue
            counts.rows += 1
            counts.blank += is_blank(kind, row)
            last = line if kind is Kind.DEPRIVATION or (kind is Kind.POSTCODES and row[1] is None) else 0
            sorter.add(Found(str(row[0]), position, line, row))
    counts.cut = last if last and not _ended(file) else 0
    if not counts.rows and not faults.found:
        raise BadPlaceFile(f"Nothing was loaded. {file.name} holds no line of {kind} below its headings")
    return counts


def _published(edition: str) -> dict[str, int]:
    """The deciles of an edition that are known without any file: those of the shipped extract."""
    return {one.lsoa: one.deciles[edition] for one in shipped().neighbourhoods.values() if edition in one.deciles}


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
