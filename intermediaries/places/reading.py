"""How a public file of places is read: as CSV, a line at a time, in little memory, with every faulty line named."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

from intermediaries.places.lines import COLUMNS, SAYS, BadLine, Column, Kind, Reading, Row
from ledger.refusals import Malformed

LONGEST_LINE: Final = 65_536
MOST_FAULTS: Final = 10_000
"""Faults of one load that are kept; a file with more of them is another file than was meant."""

_SHOWN: Final = 50
_UTF_16: Final = "It is text in UTF-16, such as a spreadsheet saves as Unicode text: save it as CSV in UTF-8"
_NOT_TEXT: Final = {
    b"PAR1": "It is a Parquet file, and CSV is read here. Any reader of Parquet makes CSV of it, such as DuckDB: "
    "COPY (SELECT * FROM 'file.parquet') TO 'file.csv' (HEADER)",
    b"PK\x03\x04": "It is an archive or a workbook, and CSV is read here: unpack it, or save its sheet as CSV",
    b"\x1f\x8b": "It is compressed, and CSV is read here: unpack it with gunzip",
    b"\xff\xfe": _UTF_16,
    b"\xfe\xff": _UTF_16,
}


_YEAR_TOLD: Final = re.compile(r"lsoa(\d\d)(?:cd|_?code|nm|_?name)?|lsoa (?:code|name) \((\d{4})\)", re.ASCII)
_OTHER_WAY_ROUND: Final = re.compile(
    r"\b10\b(?:%| per cent)?\s*(?:is|=|:|-|being)?\s*\(?(?:the )?most|\b1\b\s*(?:is|=|:|-|being)?\s*\(?(?:the )?least",
    re.ASCII,
)


class BadPlaceFile(Malformed):
    """A file, or several, with faulty lines: nothing of it was loaded, and every faulty line is named."""

    slug = "bad-place-file"


@dataclass(frozen=True, slots=True)
class PlaceSource:
    """A file as it was handed over: its name, and how to open it, which is done more than once."""

    name: str
    open: Callable[[], BinaryIO]

    @classmethod
    def at(cls, path: Path) -> PlaceSource:
        """The file that lies there."""
        return cls(path.name, lambda: path.open("rb"))


class Told(NamedTuple):
    """One line that says something, or, with no row, one that is sound and none of this kind's."""

    line: int
    row: Row | None


@dataclass(slots=True)
class Faults:
    """The faults of a load, each with its file and line."""

    found: list[dict[str, object]] = field(default_factory=list)

    def add(self, file: str, line: int, fault: str) -> None:
        """Name a faulty line; refuses at once when there are more than anybody would read."""
        self.found.append({"file": file, "line": line, "fault": fault})
        if len(self.found) >= MOST_FAULTS:
            self.refuse(f"; and the lines after the {MOST_FAULTS}th faulty one were not looked at")

    def refuse(self, also: str = "") -> None:
        """Refuse the load, naming what was found; nothing happens when nothing was."""
        if not self.found:
            return
        shown = "; ".join(f"{one['file']} line {one['line']}: {one['fault']}" for one in self.found[:_SHOWN])
        more = len(self.found) - _SHOWN
        raise BadPlaceFile(
            f"Nothing was loaded. {shown}{f'; and {more} more' if more > 0 else ''}{also}", findings=self.found
        )


def lines_of(
    stream: BinaryIO,
    kind: Kind,
    reading: Reading,
    *,
    name: str,
    faults: Faults,
    vintage: int | None = None,
    named: Mapping[str, str] | None = None,
) -> Iterator[Told]:
    """Read a file of a kind; what is faulty goes to `faults`, and the reading goes on behind it.

    `vintage` is the year whose boundaries its LSOAs are of; `named` are the headings of columns that go by another
    than the usual ones. Refuses what is not CSV, and headings among which a column is missing or may be either of two.
    """
    rows = _csv(stream, name, faults)
    heading = next(rows, None)
    if heading is None:
        faults.add(name, 1, "it holds no line at all")
        return
    places = columns_of(heading[1], kind, vintage=vintage, named=named or {}, name=name)
    width, says = len(heading[1]), SAYS[kind]
    for number, cells in rows:
        if len(cells) != width:
            if cells:
                faults.add(name, number, f"it has {len(cells)} cells, and the headings are {width}")
            continue
        cells.append("")  # where a column that may be missing is found
        try:
            yield Told(number, says([cells[at] for at in places], reading))
        except Malformed as fault:
            faults.add(name, number, fault.sentence)


def columns_of(
    heading: Sequence[str], kind: Kind, *, vintage: int | None, named: Mapping[str, str], name: str
) -> list[int]:
    """Where in a line each column of a kind stands; behind the last for one that may be missing, and is."""
    odd = sorted(set(named) - {column.name for column in COLUMNS[kind]})
    if odd:
        raise BadPlaceFile(
            f"A file of {kind} has no column {odd[0]!r:.60}: it has "
            f"{', '.join(column.name for column in COLUMNS[kind])}"
        )
    written = [cell.strip().casefold() for cell in heading]
    return [_place_of(column, written, vintage, named.get(column.name), name) for column in COLUMNS[kind]]


def vintage_of(heading: Sequence[str]) -> set[int]:
    """The years whose boundaries a file's headings speak of."""
    found = (_YEAR_TOLD.fullmatch(cell.strip().casefold()) for cell in heading)
    return {2000 + int(one[1]) if one[1] else int(one[2]) for one in found if one}


def _place_of(column: Column, written: Sequence[str], vintage: int | None, named: str | None, name: str) -> int:
    patterns = [re.escape(named.strip().casefold())] if named is not None else column.headings
    for pattern in patterns:
        wanted = pattern.replace("{vintage}", _digits(vintage)).replace("{year}", str(vintage or r"\d{4}"))
        there = [at for at, cell in enumerate(written) if re.fullmatch(wanted, cell, re.ASCII)]
        if len(there) > 1:
            either = " and ".join(repr(written[at])[:60] for at in there)
            raise BadPlaceFile(f"In {name}, {column.name} may be either of {either}: say which with --column")
        if there:
            return _one_most_deprived(column, written, there[0], name)
    if column.needed or named is not None:
        raise BadPlaceFile(
            f"In {name}, no heading is that of {column.name}"
            f"{f' by the boundaries of {vintage}' if vintage and column.name == 'lsoa' else ''}: there are "
            f"{', '.join(written)[:300]}; say which with --column {column.name}=HEADING"
        )
    return len(written)


def _one_most_deprived(column: Column, written: Sequence[str], at: int, name: str) -> int:
    """Where a column stands, unless its heading says that its tenths are counted from the least deprived on."""
    if column.name == "decile" and _OTHER_WAY_ROUND.search(written[at]):
        raise BadPlaceFile(
            f"In {name}, the deciles are counted the other way round, by their heading {written[at][:80]!r}: here 1 is "
            "the most deprived tenth, and deciles are kept as they were published; load the publisher's own"
        )
    return at


def _digits(vintage: int | None) -> str:
    return r"\d\d" if vintage is None else f"{vintage % 100:02d}"


def refuse_other_than_csv(first: bytes, name: str) -> None:
    """Refuse a file that is told by its first line to be no CSV in UTF-8, with the way to make it so."""
    for begins, sentence in _NOT_TEXT.items():
        if first.startswith(begins):
            raise BadPlaceFile(f"Nothing was loaded. {name}: {sentence}", file=name)
    if b"\r" in first.rstrip(b"\r\n"):
        raise BadPlaceFile(
            f"Nothing was loaded. {name}: its lines end in a carriage return alone, as on old Macintoshes: save it as "
            "CSV with line feeds",
            file=name,
        )


def _csv(stream: BinaryIO, name: str, faults: Faults) -> Iterator[tuple[int, list[str]]]:
    """The rows of a CSV file with the line each ends on. Where quotes do not close, the rest cannot be told apart."""
    first = stream.readline(LONGEST_LINE + 1)
    refuse_other_than_csv(first, name)
    if not first:
        return
    rest = iter(lambda: stream.readline(LONGEST_LINE + 1), b"")
    rows = csv.reader(_decoded(chain([first.removeprefix(b"\xef\xbb\xbf")], rest), name, faults), strict=True)
    try:
        for cells in rows:
            yield rows.line_num, cells
    except csv.Error as fault:
        faults.add(name, rows.line_num, f"it is not CSV, and what follows was not read: {fault}")
    except _Unreadable as fault:
        faults.add(name, rows.line_num + 1, fault.sentence)


class _Unreadable(BadLine):
    """A line after which nothing can be read."""

    slug = "unreadable-line"


def _decoded(raw: Iterable[bytes], name: str, faults: Faults) -> Iterator[str]:
    """The lines as text. One that is not UTF-8 is named, and read as an empty one."""
    for number, line in enumerate(raw, start=1):
        if len(line) > LONGEST_LINE:
            raise _Unreadable(f"a line has at most {LONGEST_LINE} bytes, and what follows was not read")
        text: str | None = None
        with suppress(UnicodeDecodeError):
            text = line.decode("utf-8")
        if text is None:
            faults.add(name, number, "it is not text in UTF-8: save the file as UTF-8 first")
        yield text or "\n"
