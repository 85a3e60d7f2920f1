"""What a statement's file says of itself beside its pages, without our code: the title, author and headline shown."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import Any
from xml.etree import ElementTree as ET

from reports.unaided.pages import squeezed
from reports.unaided.values import STYLES

RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
SCHEMAS = {
    "http://purl.org/dc/elements/1.1/": {"title": "Title", "creator": "Author", "description": "Subject"},
    "http://ns.adobe.com/xap/1.0/": {
        "CreatorTool": "Creator", "CreateDate": "CreationDate", "ModifyDate": "ModDate", "MetadataDate": "ModDate",
    },
    "http://ns.adobe.com/pdf/1.3/": {"Producer": "Producer"},
    "http://www.aiim.org/pdfa/ns/id/": {"part": "", "conformance": ""},
    "http://www.aiim.org/pdfua/ns/id/": {"part": ""},
    "http://www.aiim.org/pdfa/ns/extension/": {"schemas": ""},
}  # fmt: skip
OF_A_NUMBER = set("0123456789.,")
AT = re.compile(
    "(?:D:[0-9]{14}|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})(?:Z(?:00'?(?:00'?)?)?|[+-]00(?:[':]?00'?)?)"
)
UNSEEN = {f"{RDF}about", "{http://www.w3.org/XML/1998/namespace}lang"}
OF_A_STATEMENT = {name for schema in SCHEMAS.values() for name in schema.values()}
OF_A_STATEMENT |= {"figuressha256", "statement", "sealseq", "sealroot"}


def label_faults(told: Any, information: dict[str, str], xmp: bytes, pages: str) -> Any:
    """Each thing that the file says of itself and its figures or its pages do not, or that no statement says."""
    try:
        named = [*information.items(), *of_the_xmp(xmp)]
    except (ET.ParseError, ValueError) as fault:
        yield f"the file's XMP cannot be read: {fault}"[:200]
        return
    day = STYLES["long-day"](date.fromisoformat(told["as_at"]))
    title = f"{told['title']}, {day if 'subject' in told else told['quarter']}"
    own = {"Title": title, "Author": told["institution"], "Creator": told["institution"]}
    for name, value in named:
        if name not in OF_A_STATEMENT:
            yield f"the file says of itself {name!r:.60}: {value!r:.60}, and no statement does"
        elif name in own and not re.fullmatch(as_printed(own[name]), unicodedata.normalize("NFC", value)):
            yield f"the file says that its {name} is {value!r:.80}, and its figures say {own[name]!r:.80}"
        elif name == "Subject" and not stands_whole(squeezed(value), told, pages):
            yield f"the file says that its {name} is {value!r:.80}, which is not on its pages, or not whole"
        elif name == "CreationDate" and not (AT.fullmatch(value) and to_the_second(value, told["known_at"])):
            yield f"the file says that it is of {value!r:.40}, and its figures that they are of {told['known_at']}"


def of_the_xmp(xmp: bytes) -> Any:
    """Each value in the metadata, by the name that the same has in the file's information."""
    text = xmp.decode()
    if "<!" in text:
        raise ValueError("it declares entities or holds comments")
    found = ET.fromstring(text) if text else ET.Element("none")  # noqa: S314 -- without entities it grows to nothing
    for part in (one for top in found.iter(f"{RDF}RDF") for one in top):
        yield from ((name_of(name), value) for name, value in part.attrib.items() if name != f"{RDF}about")
        for child in part:
            said = [piece for piece in child.itertext() if piece.strip()]
            yield from ((name_of(child.tag), piece) for piece in said or [""])
            beside = [one for inner in child.iter() for one in inner.attrib.items() if one[0] not in UNSEEN]
            yield from ((beside_name(at, name_of(child.tag)), value) for at, value in beside)


def stands_whole(words: str, told: Any, pages: str) -> bool:
    """Whether a headline is on the pages, with neither a number nor a sentence going on beside it.

    Before it stands the moment of knowledge, a caution, or which statement this one replaces: each may end in a number.
    """
    if words not in pages or not words:
        return False
    day = STYLES["long-day"](date.fromisoformat(told["known_at"][:10]))
    ends = [squeezed(end)[-40:] for end in (day, told["caution"], f"{told['supersedes']}.") if end]
    after = "".join(f"|(?<={re.escape(end)})" for end in ends)
    begins = f"(?:(?<![0-9])(?<![0-9][.,]){after})" if words[0] in OF_A_NUMBER else ""
    goes_on = "[.,]?[0-9]|" if words[-1] in OF_A_NUMBER else ""
    return re.search(f"{begins}{re.escape(words)}(?!{goes_on}[a-z.,:;%)])", pages) is not None


def to_the_second(one: str, other: str) -> bool:
    """Whether two moments in universal time are of one second, however they are written."""
    digits, others = (re.sub("[^0-9]", "", each)[:14] for each in (one, other))
    return digits == others


def name_of(name: str) -> str:
    """What the information calls it; by its own name what no statement has."""
    schema, _, own = name[1:].partition("}")
    return SCHEMAS.get(schema, {}).get(own, name)


def beside_name(attribute: str, within: str) -> str:
    """What an attribute says of the file: RDF's own, or of what kind of PDF it is, says the same as what it is in."""
    called = name_of(attribute)
    return within if called == attribute and (attribute.startswith(RDF) or not within) else called


def as_printed(text: str) -> str:
    """A pattern of a text as it is set: what the letters at hand lack is left out, or something stands for it."""
    letters = unicodedata.normalize("NFC", text)
    return "".join(re.escape(one) if one.isascii() else f"({re.escape(one)}|\\[\\?\\]| |)" for one in letters)
