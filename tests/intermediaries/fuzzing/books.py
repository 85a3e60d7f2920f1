"""Workbooks made of tables of loans: written by a library, then broken part by part and byte by byte."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from random import Random
from typing import Any, Final

import xlsxwriter

from tests.intermediaries.fuzzing.text import ODD, spoiled_bytes, table

_SAFE: Final = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff\ud800-\udfff]")
_ATTRIBUTE: Final = re.compile(
    rb'\b(r|t|s|ref|count|uniqueCount|Id|r:id|Target|name|sheetId|numFmtId|formatCode)="[^"]*"'
)
_VALUE: Final = re.compile(rb"<(v|t|f)>[^<]*</")
_ELEMENT: Final = re.compile(rb"<(row|c|v|si|sheet|xf|Relationship|mergeCell)\b[^>]*>")
_SAID: Final = (
    *(
        b"",
        b"0",
        b"-1",
        b"1",
        b"99999999999999999999",
        b"2147483648",
        b"A1",
        b"A0",
        b"AAAA1",
        b"XFD1048576",
        b"1A",
        b"a1",
    ),
    *(
        b"A1:XFD1048576",
        b"s",
        b"str",
        b"inlineStr",
        b"e",
        b"b",
        b"d",
        b"n",
        b"z",
        b"rId1",
        b"../../x",
        b"Loans",
        b"Return",
    ),
    *(b"NaN", b"1e999", b"-1E-999", b"0.1e", b"&lt;", b"&#0;", b"&#x110000;", b"&unknown;", b"\xff", b"#REF!", b"14"),
    *(b"[$-F800]dddd", b"yyyy-mm-dd", b"0.00%", b"@", b"[h]:mm:ss", b"2012-03-31T00:00:00", b"x" * 40_000),
)


def as_workbook(chance: Random) -> bytes:
    """A workbook, sound or with parts of it broken, and then perhaps with wrong bytes in the archive itself."""
    data = _written(chance)
    if chance.random() < 0.8:
        data = _repacked(data, chance)
    return spoiled_bytes(data, chance) if chance.random() < 0.3 else data


def _written(chance: Random) -> bytes:
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_urls": False, "date_1904": chance.random() < 0.1}
    with xlsxwriter.Workbook(out, options) as book:
        book.set_properties({"created": datetime(2008, 11, 26, tzinfo=UTC)})  # or it would tell the second it was made
        for name in _names(chance):
            sheet = book.add_worksheet(name)
            down, right = chance.choice(((0, 0), (0, 0), (0, 0), (3, 0), (0, 2)))
            for row, line in enumerate(table(chance)):
                for place, text in enumerate(line):
                    with suppress(Exception):  # what the library cannot write is left empty
                        _cell(book, sheet, (row + down, place + right), _SAFE.sub("", text), chance)
            if chance.random() < 0.1:
                sheet.merge_range(0, 0, chance.choice((0, 1)), 2, "Loans of the quarter")
            if chance.random() < 0.1 and book.worksheets()[0] is not sheet:
                sheet.hide()
    return out.getvalue()


def _names(chance: Random) -> tuple[str, ...]:
    return chance.choice(
        (
            ("Return", "Loans"),
            ("Loans",),
            ("Sheet1",),
            ("Loans", "loans2"),
            ("Return", "Loans", "Guide", "Codes"),
            ("RETURN",),
        )
    )


def _cell(book: Any, sheet: Any, at: tuple[int, int], text: str, chance: Random) -> None:
    style = None
    if chance.random() < 0.2:
        shown = chance.choice(("0.00", "yyyy-mm-dd", "0.00%", "@", "dd/mm/yy", "[h]:mm", "£#,##0.00"))
        style = book.add_format({"num_format": shown})
    match chance.randrange(12):
        case 0:
            sheet.write_number(
                *at, chance.choice((0, -0.0, 0.1 + 0.2, 1e300, 41000, 41000.75, 1e-300, -1.5, 2958466)), style
            )
        case 1:
            sheet.write_formula(
                *at, chance.choice(("=1+1", "=A1", "=1/0", "=" + "(" * 60)), style, chance.choice((0, "", "#N/A"))
            )
        case 2:
            sheet.write_datetime(
                *at, datetime(2012, 3, 31, chance.choice((0, 9)), tzinfo=UTC).replace(tzinfo=None), style
            )
        case 3:
            sheet.write_boolean(*at, chance.random() < 0.5, style)
        case 4 if text:
            bold = book.add_format({"bold": True})
            sheet.write_rich_string(*at, bold, text[:1], text[1:] or "b", *([style] if style else []))
        case _:
            sheet.write_string(*at, text, style)


def _repacked(data: bytes, chance: Random) -> bytes:
    """The archive with some of its parts changed, left out or put in twice."""
    out = io.BytesIO()
    packing = chance.choice((zipfile.ZIP_DEFLATED, zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED, zipfile.ZIP_BZIP2))
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", packing) as new:
        names = old.namelist()
        broken = set(chance.sample(names, chance.choice((0, 1, 1, 2, 4))))
        if chance.random() < 0.7:
            broken |= {name for name in names if name.endswith(("sheet1.xml", "sheet2.xml"))}
        for name in names:
            content: bytes | None = old.read(name)
            if name in broken:
                content = chance.choice(_PARTS)(old.read(name), chance)
            if content is not None:
                new.writestr(name, content)
        if chance.random() < 0.05:
            new.writestr(chance.choice(("xl/vbaProject.bin", "a.zip", "/etc/x", "xl\\b", "x" * 300)), b"PK")
    return out.getvalue()


def _attribute(content: bytes, chance: Random) -> bytes:
    return _one(_ATTRIBUTE, content, chance, lambda found: found[1] + b'="' + chance.choice(_SAID) + b'"')


def _value(content: bytes, chance: Random) -> bytes:
    said = chance.choice((*_SAID, *(odd.encode() for odd in ODD)))
    return _one(_VALUE, content, chance, lambda found: b"<" + found[1] + b">" + said + b"</")


def _element(content: bytes, chance: Random) -> bytes:
    times = chance.choice((0, 2, 2, 500, 20_000))
    return _one(_ELEMENT, content, chance, lambda found: found[0] * times)


def _one(pattern: re.Pattern[bytes], content: bytes, chance: Random, made: Callable[[re.Match[bytes]], bytes]) -> bytes:
    for _ in range(chance.choice((1, 1, 3))):
        found = list(pattern.finditer(content))
        if found:
            place = chance.choice(found)
            content = content[: place.start()] + made(place) + content[place.end() :]
    return content


def _blown_up(content: bytes, chance: Random) -> bytes:
    place = chance.randrange(len(content) + 1)
    return content[:place] + chance.choice((b" ", b"<c/>", b"\0", b"a")) * 3_000_000 + content[place:]


def _gone(_: bytes, __: Random) -> None:
    """The part is left out."""


_PARTS: Final[tuple[Callable[[bytes, Random], bytes | None], ...]] = (
    *(_attribute,) * 6,
    *(_value,) * 4,
    *(_element,) * 2,
    *(spoiled_bytes,) * 3,
    _blown_up,
    _gone,
)
