"""A statement's PDF opened: what is attached to it, its information and its words, and what in it no statement has."""

from __future__ import annotations

import logging
import re
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from typing import Any, Final

from pypdf import PdfReader, apply_configuration
from pypdf.errors import DependencyError, FileNotDecryptedError, PyPdfError

from reports.seal_check import looks_sealed
from reports.strange import strange

MOST_BYTES: Final = 80_000_000
"""A statement has a few hundred thousand, and its list of a hundred thousand loans twenty-four million when unpacked;
what is beyond this is not read at all."""
_WORK: Final[dict[str, Any]] = {
    "zlib_maximum_recovery_input_length": 1,  # a spoilt stream is a finding, not something to be guessed at
    "zlib_maximum_output_length": MOST_BYTES,
    "maximum_declared_stream_length": MOST_BYTES,
    "stream_decoding_work_maximum_length": 5 * MOST_BYTES,
    "page_tree_maximum_entries": 1_000,
    "page_tree_maximum_page_entries": 10_000,
}
"""How much work the reader may do over one file."""
_BROKEN: Final = (
    *(PyPdfError, DependencyError, zlib.error, ValueError, KeyError, TypeError, AttributeError, IndexError, OSError),
    *(ArithmeticError, AssertionError, EOFError, RuntimeError),
)
"""What a reader meets in a file that is not a PDF, or is a broken one, or is packed in a way that it does not know."""
_HEAD: Final = b"%PDF-"
_END: Final = b"%%EOF"
_NEAR_THE_END: Final = 1_024
_SPACE: Final = re.compile(r"\s+")


class Unreadable(Exception):
    """A file that cannot be read as a PDF; the text says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Opened:
    """What is in a file. `strange` is what no statement has in it: each in a sentence."""

    files: Mapping[str, bytes]
    information: Mapping[str, str]
    xmp: bytes | None
    """Its metadata; none where it has none."""
    pages: str
    strange: tuple[str, ...]


def not_a_whole_pdf(pdf: bytes) -> str:
    """Why a file is no PDF, or not all of one, as far as its ends tell; empty where it may be one."""
    if not pdf:
        return "the file is empty: it has not a single byte. Fetch it again"
    if _HEAD not in pdf[:_NEAR_THE_END]:
        return f"the file is no PDF: a PDF begins with {_HEAD.decode()}, and this begins with {pdf[:12]!r}"
    if _END not in pdf[-_NEAR_THE_END:]:
        return (
            f"the file was cut off, or its end was spoilt: a PDF ends with {_END.decode()}, and these {len(pdf):,} "
            "bytes do not. Fetch it again"
        )
    return ""


def opened(pdf: bytes) -> Opened:
    """Open a file. Refuses (`Unreadable`) what is too large for a statement, and what cannot be read."""
    if len(pdf) > MOST_BYTES:
        raise Unreadable(f"the file has {len(pdf):,} bytes, more than any statement has")
    try:
        with apply_configuration(**_WORK), _quietly():
            return _read(pdf)
    except FileNotDecryptedError as fault:
        raise Unreadable("the file is locked with a password, and no statement is issued so") from fault
    except _BROKEN as fault:
        raise Unreadable(
            f"the file is spoilt, and cannot be read as a statement ({type(fault).__name__}: {fault!s:.120}). "
            "Fetch it again"
        ) from fault


def squeezed(text: str) -> str:
    """The text without any white space: a line may be broken anywhere on a page."""
    return _SPACE.sub("", text.replace("\N{SOFT HYPHEN}", ""))


@contextmanager
def _quietly() -> Iterator[None]:
    """What the library would say of a broken file on its way, it keeps to itself: what comes of it is told once."""
    log = logging.getLogger("pypdf")
    before = log.level
    log.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        log.setLevel(before)


@lru_cache(maxsize=2)
def _read(pdf: bytes) -> Opened:
    """The file's parts; kept for the next who asks, as one check asks three times."""
    reader = PdfReader(BytesIO(pdf), strict=False)
    attached = {name: contents for name, contents in reader.attachments.items() if contents}
    information = {key.lstrip("/"): str(value) for key, value in (reader.metadata or {}).items()}
    return Opened(
        files={name: contents[0] for name, contents in attached.items()},
        information=information,
        xmp=_metadata(reader),
        pages=squeezed("\n".join(page.extract_text() for page in reader.pages)),
        strange=(
            *(f"the file carries {name!r:.60} twice" for name, contents in attached.items() if len(contents) > 1),
            *strange(reader, sealed=looks_sealed(pdf)),
        ),
    )


def _metadata(reader: PdfReader) -> bytes | None:
    root: Any = reader.trailer["/Root"]
    there = root.get("/Metadata")
    return None if there is None else there.get_object().get_data()
