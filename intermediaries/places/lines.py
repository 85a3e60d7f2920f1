"""What one line of a public file of places says, by the kind of the file; what it cannot say is named as its fault."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Final, TypeAlias

from intermediaries.places.areas import NATIONS, REGIONS
from intermediaries.places.coverage import not_of
from intermediaries.places.rules import as_written, is_authority, is_lsoa, nation_of, problems_with
from ledger.dates import parse_any_day
from ledger.refusals import Malformed

Row: TypeAlias = tuple[str | int | date | None, ...]
"""What is kept of a line, its key first, in the order of the columns of its table."""


class Kind(StrEnum):
    """The kinds of public data on places."""

    POSTCODES = "postcodes"
    DEPRIVATION = "deprivation"
    AREAS = "areas"
    AUTHORITIES = "authorities"
    RURAL_URBAN = "rural-urban"


class BadLine(Malformed):
    """A line that cannot say what its kind says."""

    slug = "bad-line"


@dataclass(frozen=True, slots=True)
class Column:
    """One thing to find in a file: the headings it goes by in the files we have met, the likeliest first.

    `{vintage}` in a heading is two digits of the year whose boundaries it speaks of.
    """

    name: str
    headings: tuple[str, ...]
    needed: bool = True


@dataclass(frozen=True, slots=True)
class Reading:
    """What a line is read with: the nation of the index, and the authorities known by the code of a register.

    `vintage` is the year whose boundaries its LSOAs are of; `published` are deciles of this very edition that are
    known from elsewhere, by LSOA: a file that says otherwise is of another edition, or another of its columns is read.
    """

    nation: str | None = None
    registers: Mapping[str, str] = field(default_factory=dict)
    vintage: int | None = None
    published: Mapping[str, int] = field(default_factory=dict)


_LSOA_COLUMN: Final = Column(
    "lsoa",
    (
        r"lsoa{vintage}(?:cd|_?code)?",
        r"lsoa(?:cd|[ _]?code)?(?: \({year}\))?",
        r"(?:data[ _]?zone|dz)(?:{year})?(?:[ _]?code)?",
        r"soa(?:{year})?(?:[ _]?code)?",
    ),
)

COLUMNS: Final[Mapping[Kind, tuple[Column, ...]]] = {
    Kind.POSTCODES: (
        Column("postcode", ("pcds", "postcode", "pcd7", "pcd8", "pcd2", "pcd")),
        _LSOA_COLUMN,
    ),
    Kind.DEPRIVATION: (
        _LSOA_COLUMN,
        Column(
            "decile",
            (
                r"w?imd_?decile|simd\w*_decile|nimdm\w*_decile",
                r"decile",
                r".*imd\)? decile\b.*",
                r"w?imd \d{4} (?:overall )?decile\b.*",
            ),
        ),
    ),
    Kind.AREAS: (
        _LSOA_COLUMN,
        Column("ward", (r"wd\d\dcd", r"ward(?:_?code)?"), needed=False),
        Column("authority", (r"lad\d\dcd", r"ltla\d\dcd", r"authority(?:_?code)?", "local-authority-code")),
        Column("authority_name", (r"lad\d\dnm", r"ltla\d\dnm", "authority_name"), needed=False),
        Column("region", (r"rgn\d\dcd", r"region(?:_?code)?"), needed=False),
    ),
    Kind.AUTHORITIES: (
        Column("code", ("gss-code", "code")),
        Column("register_code", ("local-authority-code",), needed=False),
        Column("name", ("nice-name", "name", "official-name")),
        Column("nation", ("nation",), needed=False),
        Column("region", ("region",), needed=False),
        Column("valid_from", ("start-date", "valid_from"), needed=False),
        Column("valid_to", ("end-date", "valid_to"), needed=False),
        Column("replaced_by", ("replaced-by", "replaced_by"), needed=False),
    ),
    Kind.RURAL_URBAN: (
        _LSOA_COLUMN,
        Column("code", (r"ruc{vintage}cd", r"ruc(?:cd|_?code)")),
        Column("title", (r"ruc{vintage}(?:nm)?", r"ruc(?:nm|_?name|_?title)")),
    ),
}
"""What each kind of file holds, in the order in which its lines are read."""

_PSEUDO: Final = re.compile(r"[A-Z]9{8}", re.ASCII)
"""What the postcode directory writes where there is no area: in the Channel Islands, on the Isle of Man."""
_AS_KEPT: Final = re.compile(r"(?:[A-Z]{1,2}[0-9][A-Z0-9]?|NPT) [0-9][A-Z]{2}", re.ASCII)
"""Nearly every postcode stands in its file as it is kept, and there are millions."""
_WARD: Final = re.compile(r"[EWSN][0-9]{8}", re.ASCII)
_GSS: Final = re.compile(r"[A-Z][0-9]{8}", re.ASCII)
_DECILE: Final = re.compile(r"([1-9]|10)(?:\.0+)?(?: \((most|least) deprived\))?", re.ASCII)
_CLASS: Final = re.compile(r"[A-F][12]", re.ASCII)
_URBAN: Final = "ABC"
"""The letters of the urban classes of 2011: conurbations, major and minor, and cities and towns; D to F are rural."""
RURAL_URBAN_NATIONS: Final = NATIONS[:2]
"""England and Wales, which the classification is of. Scotland and Northern Ireland draw the line by their own rules."""
_ENDS: Final = {"most": "1", "least": "10"}
_REGIONS_BY_NAME: Final = {name.casefold(): code for code, name in REGIONS.items()}
_LONGEST_NAME: Final = 120
_LONGEST_TITLE: Final = 80
_LONGEST_REGISTER_CODE: Final = 20
_LONGEST_SUCCESSORS: Final = 80


def _postcode_line(cells: Sequence[str], reading: Reading) -> Row:
    postcode = cells[0]
    if not _AS_KEPT.fullmatch(postcode):
        written = as_written("postcode", postcode)
        if written is None:
            raise BadLine(str(problems_with("postcode", postcode)))
        postcode = written
    return postcode, _lsoa_or_none(cells[1], reading)


def _decile_line(cells: Sequence[str], reading: Reading) -> Row:
    lsoa, decile = _lsoa(cells[0], reading), cells[1].strip()
    if not decile:
        return lsoa, None
    found = _DECILE.fullmatch(decile)
    if found is None or _ENDS.get(found[2], found[1]) != found[1]:
        raise BadLine(f"{decile!r:.60} is not a decile: those are 1, the most deprived tenth, to 10")
    if nation_of(lsoa) != reading.nation:
        raise BadLine(f"{lsoa} lies in {nation_of(lsoa)}, of which the index of {reading.nation} publishes no decile")
    tenth = int(found[1])
    if reading.published.get(lsoa, tenth) != tenth:
        raise BadLine(
            f"{lsoa} was published in tenth {reading.published[lsoa]} of this index, and the file says {tenth}: it is "
            "another index, or another of its columns is read as the decile"
        )
    return lsoa, tenth


def _area_line(cells: Sequence[str], reading: Reading) -> Row:
    lsoa, ward, authority = _lsoa(cells[0], reading), cells[1].strip().upper(), cells[2].strip()
    code = authority.upper() if is_authority(authority.upper()) else reading.registers.get(authority)
    if code is None:
        raise BadLine(
            f"{authority!r:.60} is not the code of a local authority, and no register of authorities that is loaded "
            "knows it: load the register first"
        )
    if nation_of(code) != nation_of(lsoa):
        raise BadLine(f"{lsoa} lies in {nation_of(lsoa)}, and {code} is an authority of {nation_of(code)}")
    if ward and not _WARD.fullmatch(ward):
        raise BadLine(f"{ward!r:.60} is not the code of a ward: those are like E05001429")
    named = None if _PSEUDO.fullmatch(ward) else ward or None
    return lsoa, named, code, _short(cells[3], "name of an authority") or None, _region(cells[4], nation_of(code))


def _authority_line(cells: Sequence[str], reading: Reading) -> Row | None:
    """A local authority; none for a county, a combined authority or a council that never had an official code."""
    del reading
    code = cells[0].strip().upper()
    if code and not _GSS.fullmatch(code):
        raise BadLine(f"{code!r:.60} is not an official code: those are like E07000030")
    if not is_authority(code):
        return None
    nation = cells[3].strip() or nation_of(code)
    if nation not in NATIONS or nation != nation_of(code):
        raise BadLine(f"{code} is a code of {nation_of(code)}, and the line says {nation!r:.40}")
    name = _short(cells[2], "name of an authority")
    if not name:
        raise BadLine(f"{code} has no name")
    region = _region(cells[4], nation)
    begins, ends = _day(cells[5]), _first_day_without(_day(cells[6]))
    if begins is not None and ends is not None and begins >= ends:
        raise BadLine(f"{code} would end on {ends}, before it began on {begins}")
    register = _short(cells[1], "code of a register", _LONGEST_REGISTER_CODE) or None
    return code, register, name, nation, region, begins, ends, _successors(cells[7])


def _rurality_line(cells: Sequence[str], reading: Reading) -> Row:
    lsoa, code = _lsoa(cells[0], reading), cells[1].strip().upper()
    title = _short(cells[2], "title of a class", _LONGEST_TITLE)
    if nation_of(lsoa) not in RURAL_URBAN_NATIONS:
        raise BadLine(
            f"{lsoa} lies in {nation_of(lsoa)}, whose own classification has other classes: this one is of England and "
            "Wales"
        )
    if not _CLASS.fullmatch(code):
        raise BadLine(f"{code!r:.40} is not a class of the rural-urban classification of 2011: those are A1 to F2")
    side = "Urban" if code[0] in _URBAN else "Rural"
    if title.partition(" ")[0] != side:
        raise BadLine(f"{title!r:.60} is not the title of {code}, which is a class of {side.lower()} places")
    return lsoa, code, title


SAYS: Final[Mapping[Kind, Callable[[Sequence[str], Reading], Row | None]]] = {
    Kind.POSTCODES: _postcode_line,
    Kind.DEPRIVATION: _decile_line,
    Kind.AREAS: _area_line,
    Kind.AUTHORITIES: _authority_line,
    Kind.RURAL_URBAN: _rurality_line,
}
"""How a line of each kind is read. None is a line that is sound, and of something that this kind does not keep."""


def is_blank(kind: Kind, row: Row) -> bool:
    """Whether a line names its place and says nothing of it: a postcode in no LSOA, an LSOA without a decile."""
    return kind in {Kind.POSTCODES, Kind.DEPRIVATION} and row[1] is None


def _lsoa(text: str, reading: Reading) -> str:
    found = text.strip().upper()
    if not is_lsoa(found) or _PSEUDO.fullmatch(found):
        raise BadLine(str(problems_with("lsoa", text) or f"{found} stands for no area: leave its line out"))
    fault = not_of(found, reading.vintage)
    if fault is not None:
        raise BadLine(fault)
    return found


def _lsoa_or_none(text: str, reading: Reading) -> str | None:
    found = text.strip().upper()
    return None if not found or _PSEUDO.fullmatch(found) else _lsoa(found, reading)


def _region(text: str, nation: str) -> str | None:
    """The region's official code, by code or by name. The other nations have none, whatever stands in their lines."""
    if nation != NATIONS[0] or not text.strip():
        return None
    found = _REGIONS_BY_NAME.get(text.strip().casefold(), text.strip().upper())
    if found not in REGIONS:
        raise BadLine(f"{text!r:.60} is not a region of England: write one like E12000002 or North West")
    return found


def _short(text: str, called: str, longest: int = _LONGEST_NAME) -> str:
    found = text.strip()
    if len(found) > longest or "\0" in found:
        raise BadLine(f"{found!r:.60} is not the {called}: it is longer than {longest} letters, or not text")
    return found


def _day(text: str) -> date | None:
    return parse_any_day(text.strip()) if text.strip() else None


def _first_day_without(end: date | None) -> date | None:
    """The first day without the code. Councils change on the first of a month: the day before one is a last day."""
    if end is not None and (end + timedelta(days=1)).day == 1:
        return end + timedelta(days=1)
    return end


def _successors(text: str) -> str | None:
    return _short(text, "list of what replaced it", _LONGEST_SUCCESSORS) or None
