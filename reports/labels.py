"""What a file says of itself beside its pages: the title, author and headline that a window or a catalogue shows.

They stand in the file twice, in its information (ISO 32000-1, 14.3.3) and as XMP (14.3.2). Where a file has no seal
anybody can write others in: each is held against the figures, or against the pages, and what else is there is named.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any, Final
from xml.etree import ElementTree as ET

from ledger.dates import parse_day, parse_instant
from reports.formatting import long_day
from reports.opened import squeezed
from reports.seal import KEY_DIGEST

_RDF: Final = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_DUBLIN: Final = "{http://purl.org/dc/elements/1.1/}"
_XMP: Final = "{http://ns.adobe.com/xap/1.0/}"
_NAMES: Final = {
    f"{_DUBLIN}title": "Title",
    f"{_DUBLIN}creator": "Author",
    f"{_DUBLIN}description": "Subject",
    f"{_XMP}CreatorTool": "Creator",
    f"{_XMP}CreateDate": "CreationDate",
    f"{_XMP}ModifyDate": "ModDate",
    f"{_XMP}MetadataDate": "ModDate",
    "{http://ns.adobe.com/pdf/1.3/}Producer": "Producer",
    "{http://www.aiim.org/pdfa/ns/id/}part": "",
    "{http://www.aiim.org/pdfa/ns/id/}conformance": "",
    "{http://www.aiim.org/pdfua/ns/id/}part": "",
    "{http://www.aiim.org/pdfa/ns/extension/}schemas": "",
}
"""What a statement's XMP has, by the name that the same has in its information; the last four say only of what kind
of PDF it is."""
_INFORMATION: Final = frozenset({*filter(None, _NAMES.values()), KEY_DIGEST, "statement", "sealseq", "sealroot"})
_DIGITS_OF_AN_INSTANT: Final = 14
"""Year to second."""
_OF_A_NUMBER: Final = frozenset("0123456789.,")
_NEAR: Final = 40
"""Letters before a headline that are looked at."""
_INSTANT: Final = re.compile(
    "(?:D:[0-9]{14}|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})(?:Z(?:00'?(?:00'?)?)?|[+-]00(?:[':]?00'?)?)"
)
"""A moment as the information writes it, or as XMP does, in universal time alone: an offset would make it another."""
_SAYS_NOTHING: Final = frozenset({f"{_RDF}about", "{http://www.w3.org/XML/1998/namespace}lang"})
"""Attributes of a value in XMP that no reader shows."""


def label_faults(
    statement: Mapping[str, Any], information: Mapping[str, str], xmp: bytes | None, pages: str
) -> Iterator[str]:
    """Whatever a file says of itself that its figures or its pages do not, and what no statement says of itself.

    `pages` are their words without white space. When it was last changed, and by which program, is not judged: a seal
    changes both.
    """
    named = [("information", name, value) for name, value in information.items()]
    try:
        named += [("XMP", name, value) for name, value in _told(xmp or b"")]
    except (ET.ParseError, ValueError) as fault:
        yield f"the file's XMP cannot be read: {fault!s:.120}"
    when = long_day(parse_day(statement["as_at"])) if "subject" in statement else statement["quarter"]
    own = {
        "Title": f"{statement['title']}, {when}",
        "Author": statement["institution"],
        "Creator": statement["institution"],
    }
    for where, name, value in named:
        if name not in _INFORMATION and name:
            yield f"the file's {where} has {name!r:.60}, {value!r:.60}, and no statement's has"
        elif name in own and not _as_set(own[name]).fullmatch(unicodedata.normalize("NFC", value)):
            yield f"the file's {where} names {value!r:.80} as its {name}, and its figures {own[name]!r:.80}"
        elif name == "Subject" and not _stands_whole(value, statement, pages):
            yield f"the file's {where} names {value!r:.80} as its {name}, which is not on its pages, or not whole"
        elif name == "CreationDate" and not _is_of(value, statement["known_at"]):
            yield f"the file's {where} dates it {value!r:.40}, and its figures are as known at {statement['known_at']}"


def _told(xmp: bytes) -> Iterator[tuple[str, str]]:
    """Each value in the metadata with the name that it has in the information, or its own where it has none there."""
    text = xmp.decode("utf-8")
    if "<!" in text:
        raise ValueError("it declares entities or holds comments, and no statement's does")
    found = ET.fromstring(text) if text else ET.Element("none")  # noqa: S314 -- without entities it grows to nothing
    for description in (each for rdf in found.iter(f"{_RDF}RDF") for each in rdf):
        for name, value in description.attrib.items():
            if name != f"{_RDF}about":
                yield _NAMES.get(name, name), value
        for child in description:
            name = _NAMES.get(child.tag, child.tag)
            for value in [part for part in child.itertext() if part.strip()] or [""]:
                yield name, value
            for told, value in (one for part in child.iter() for one in part.attrib.items()):
                if told not in _SAYS_NOTHING:
                    yield _NAMES.get(told, name if told.startswith(_RDF) or not name else told), value


def _stands_whole(headline: str, statement: Mapping[str, Any], pages: str) -> bool:
    """Whether a headline is on the pages with neither a number nor a sentence going on beside it.

    The figures do not hold the headline. On the pages it comes after the moment of knowledge or a caution, and the
    number that one of those may end with is none of the headline's; after it a sentence begins.
    """
    words = squeezed(headline)
    if words not in pages or not words:
        return False
    ends = (long_day(parse_instant(statement["known_at"]).date()), statement["caution"], f"{statement['supersedes']}.")
    after = "".join(f"|(?<={re.escape(squeezed(end)[-_NEAR:])})" for end in ends if end)
    begins = f"(?:(?<![0-9])(?<![0-9][.,]){after})" if words[0] in _OF_A_NUMBER else ""
    goes_on = "[.,]?[0-9]|" if words[-1] in _OF_A_NUMBER else ""
    return re.search(f"{begins}{re.escape(words)}(?!{goes_on}[a-z.,:;%)])", pages) is not None


def _is_of(value: str, instant: str) -> bool:
    """Whether a moment is written in universal time, and is that of the figures to the second."""
    return _INSTANT.fullmatch(value) is not None and _digits(value) == _digits(instant)


def _as_set(text: str) -> re.Pattern[str]:
    """A text as it is typeset: what the fonts lack is taken out, or something stands for it."""
    letters = unicodedata.normalize("NFC", text)
    either = (re.escape(one) if one.isascii() else f"({re.escape(one)}|\\[\\?\\]| |)" for one in letters)
    return re.compile("".join(either))


def _digits(instant: str) -> str:
    return re.sub(r"\D", "", instant)[:_DIGITS_OF_AN_INSTANT]
