"""How a file becomes a return as written: its size and kind are judged, then the reader of its format opens it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath
from types import MappingProxyType
from typing import Final

from intermediaries.returns.bounds import LIMITS, Limits, Unreadable, protected
from intermediaries.returns.raw import Format, RawReturn
from intermediaries.returns.read_csv import read_csv
from intermediaries.returns.read_json import read_json
from intermediaries.returns.read_workbook import read_workbook

MEDIA_TYPES: Final[Mapping[Format, str]] = MappingProxyType(
    {
        "csv": "text/csv",
        "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "json": "application/json",
    }
)
FORMATS: Final[tuple[Format, ...]] = ("xlsx", "csv", "json")

_NAMES: Final[Mapping[Format, str]] = MappingProxyType({"csv": "CSV", "xlsx": "an Excel workbook", "json": "JSON"})
_SUFFIXES: Final[Mapping[str, Format]] = MappingProxyType({".csv": "csv", ".xlsx": "xlsx", ".json": "json"})
_SEND: Final = "Send an Excel workbook (.xlsx), CSV in UTF-8, or JSON."
_OLD: Final = b"\xd0\xcf\x11\xe0"
_ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")
_FOREIGN: Final = (
    (b"%PDF", "a PDF document"),
    (_OLD, "an old Excel file (.xls)"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"MZ", "a program"),
    (b"\x7fELF", "a program"),
    (b"{\\rtf", "a text document"),
    (b"SQLite format 3", "a database"),
    (b"<", "a web page or XML"),
)


def read(
    data: bytes, *, filename: str | None = None, content_type: str | None = None, limits: Limits = LIMITS
) -> RawReturn:
    """The return as written, whatever its format.

    Refuses a file that is empty, too large, not what it claims to be, of a kind we do not take, or hostile; each in
    time and memory that do not depend on what the file says of itself.
    """
    refuse_size(len(data), limits)
    found = format_of(data)
    _refuse_other_claim(found, filename, content_type)
    if found == "xlsx":
        return read_workbook(data, limits)
    return read_json(data, limits) if found == "json" else read_csv(data, limits)


def refuse_size(size: int, limits: Limits = LIMITS) -> None:
    """Refuse an empty file and one beyond the limit; a door may ask before it has taken the whole file in."""
    if size == 0:
        raise Unreadable("empty-file", "The file is empty.", expected="a lending return", remedy=_SEND)
    if size > limits.max_bytes:
        most = limits.max_bytes // 1024 // 1024
        raise Unreadable(
            "file-too-large",
            f"The file has {size / 1024 / 1024:,.1f} MiB; a return may have {most} MiB.",
            expected=f"at most {most} MiB",
            remedy="Take out pictures and other sheets, or send the loans as CSV.",
        )


def format_of(data: bytes) -> Format:
    """What a file is by its own first bytes; refuses what is neither text nor a workbook."""
    if data.startswith(b"PK"):
        return "xlsx"
    if data.startswith(_OLD) and _ENCRYPTED in data:
        raise protected()
    begins = data[:512].removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n")
    for mark, kind in _FOREIGN:
        if begins.startswith(mark):
            raise Unreadable(
                "not-what-it-claims",
                f"The file is {kind}, not a lending return.",
                expected="an Excel workbook (.xlsx), CSV or JSON",
                remedy="Open it in the program that made it, and save it as .xlsx or as CSV in UTF-8.",
            )
    if not begins and not data.removeprefix(b"\xef\xbb\xbf").strip():
        raise Unreadable("empty-file", "The file holds nothing but blanks.", expected="a lending return", remedy=_SEND)
    return "json" if begins[:1] in {b"{", b"["} else "csv"


def _refuse_other_claim(found: Format, filename: str | None, content_type: str | None) -> None:
    claimed = _claimed(filename, content_type)
    if claimed is None or claimed == found:
        return
    raise Unreadable(
        "not-what-it-claims",
        f"The file claims to be {_NAMES[claimed]} but is {_written_like(found)}.",
        expected=_NAMES[claimed],
        remedy="Send it under the name and type of what it is, or save it again in the format meant.",
        value=filename or content_type or "",
    )


def _written_like(found: Format) -> str:
    return {"csv": "plain text", "xlsx": "an archive, like a workbook", "json": "JSON"}[found]


def _claimed(filename: str | None, content_type: str | None) -> Format | None:
    """The format that the name says, or else the media type. A name we do not know claims nothing."""
    suffix = PurePath(filename or "").suffix.lower()
    if suffix in _SUFFIXES:
        return _SUFFIXES[suffix]
    media = (content_type or "").partition(";")[0].strip().lower()
    return next((known for known, name in MEDIA_TYPES.items() if name == media), None)
