"""A statement's PDF without a library: its objects by the cross-reference, its attachments, the words on its pages."""

from __future__ import annotations

import re
import zlib
from decimal import Decimal
from typing import Any

MOST_BYTES = 80_000_000


class Fault(Exception):
    """Something that does not hold."""


def require(holds: object, why: str) -> None:
    """Go on when it holds; otherwise say why not."""
    if not holds:
        raise Fault(why)


# A PDF: its objects by the cross-reference, as ISO 32000-1 writes them, and nothing guessed where they do not hold.

BLANK = b"\x00\t\n\x0c\r "
TOKEN = re.compile(
    rb"(?P<skip>[\x00\t\n\x0c\r ]+|%[^\r\n]*)|(?P<open><<|\[)|(?P<close>>>|\])"
    rb"|/(?P<name>[^\x00\t\n\x0c\r ()<>\[\]{}/%]*)"
    rb"|<(?P<hex>[0-9A-Fa-f\x00\t\n\x0c\r ]*)>|(?P<text>\()|(?P<word>[^\x00\t\n\x0c\r ()<>\[\]{}/%]+)"
)
ESCAPE = re.compile(rb"\\([0-7]{1,3}|\r\n|.)", re.DOTALL)
LETTERS = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f", b"\n": b"", b"\r": b"", b"\r\n": b""}


class Name(str):
    """A name such as ``/Type``, without its slash."""

    __slots__ = ()


class Word(str):
    """An operator, or another bare word."""

    __slots__ = ()


class Reference(tuple[int]):  # noqa: SLOT001 -- a number, and what tells it from a pair of numbers
    """Another object, by its number."""


class Reader:
    """Tokens of PDF syntax, put together to objects."""

    def __init__(self, raw: bytes, at: int = 0) -> None:
        self.raw, self.at = raw, at

    def next(self) -> Any:
        """The next object or operator; refuses what is neither, and the end."""
        while True:
            found = TOKEN.match(self.raw, self.at)
            require(found, "the file is not written as a PDF is")
            assert found is not None  # noqa: S101 -- for who reads the types
            self.at = found.end()
            if found["skip"] is None:
                break
        if found["open"]:
            return self._many(found["open"] == b"<<")
        if found["name"] is not None:
            told = re.sub(rb"#([0-9A-Fa-f]{2})", lambda one: bytes.fromhex(one[1].decode()), found["name"])
            return Name(told.decode("latin-1"))
        if found["hex"] is not None:
            digits = found["hex"].translate(None, BLANK).decode()
            return bytes.fromhex(digits + "0" * (len(digits) % 2))
        if found["text"]:
            return self._text()
        if found["close"]:
            return Word(found["close"].decode())
        return self._word(found["word"])

    def _word(self, word: bytes) -> Any:
        if re.fullmatch(rb"[+-]?[0-9]+", word):
            other = re.compile(rb"[\x00\t\n\x0c\r ]+[0-9]+[\x00\t\n\x0c\r ]+R(?![A-Za-z])").match(self.raw, self.at)
            if other:
                self.at = other.end()
                return Reference((int(word),))
            return int(word)
        if re.fullmatch(rb"[+-]?[0-9]*\.[0-9]*", word):
            return Decimal(word.decode()) if len(word.strip(b"+-.")) else Decimal(0)
        return {b"true": True, b"false": False, b"null": None}.get(word, Word(word.decode("latin-1")))

    def _many(self, pairs: bool) -> Any:  # noqa: FBT001 -- one of two, and nowhere else
        end, items = (">>" if pairs else "]"), []
        while True:
            one = self.next()
            if isinstance(one, Word) and one in {">>", "]"}:
                require(one == end, "a list of the PDF ends as another began")
                break
            items.append(one)
        return dict(zip(items[::2], items[1::2], strict=True)) if pairs else items

    def _text(self) -> bytes:
        depth, place = 1, self.at
        while depth:
            require(place < len(self.raw), "a text of the PDF has no end")
            byte = self.raw[place : place + 1]
            depth += (byte == b"(") - (byte == b")")
            place += 2 if byte == b"\\" else 1
        inner, self.at = self.raw[self.at : place - 1], place
        return ESCAPE.sub(lambda one: _escaped(one[1]), inner)


def _escaped(told: bytes) -> bytes:
    return bytes([int(told, 8) & 255]) if told[:1].isdigit() else LETTERS.get(told, told)


class Stream:
    """A dictionary with bytes behind it."""

    def __init__(self, told: dict[str, Any], raw: bytes) -> None:
        self.told, self._raw = told, raw

    def content(self) -> bytes:
        """The bytes, unpacked. Refuses a packing other than Flate, and one that is spoilt."""
        filters = self.told.get("Filter", [])
        filters = filters if isinstance(filters, list) else [filters]
        require(filters in ([], ["FlateDecode"]), f"a part of the file is packed by {filters}, which is not read here")
        if not filters:
            return self._raw
        unpacked = zlib.decompressobj()
        content = unpacked.decompress(self._raw, MOST_BYTES)
        require(unpacked.eof, "a packed part of the file is spoilt or too large")
        parms = self.told.get("DecodeParms") or {}
        return unpredicted(content, parms["Columns"]) if parms.get("Predictor", 1) > 1 else content


def unpredicted(content: bytes, width: int) -> bytes:
    """Rows that were written as what each adds to the one above: the one prediction that lists of objects use."""
    above, out = bytes(width), bytearray()
    for at in range(0, len(content), width + 1):
        row = content[at : at + width + 1]
        require(
            len(row) == width + 1 and row[0] in {0, 2}, "a part of the file is packed in a way that is not read here"
        )
        above = row[1:] if row[0] == 0 else bytes((one + more) & 255 for one, more in zip(above, row[1:], strict=True))
        out += above
    return bytes(out)


AUTOMATIC = {"AA", "JavaScript", "JS", "OpenAction", "PA", "XFA"}
ACTIONS = {
    *("GoTo", "GoToR", "GoToE", "GoTo3DView", "GoToDp", "Launch", "Thread", "URI", "Sound", "Movie", "Hide", "Named"),
    *("SubmitForm", "ResetForm", "ImportData", "JavaScript", "SetOCGState", "Rendition", "Trans", "RichMediaExecute"),
}
LEFT_OUT = {"StructTreeRoot", "SE", "Resources", "Contents", "Metadata"}
OF_A_LINK = {"Type", "Subtype", "Rect", "BS", "Border", "Contents", "Dest", "F", "StructParent"}
OF_A_SEAL = {"Type", "Subtype", "Rect", "F", "FT", "P", "T", "V"}


class Pdf:
    """A file's objects by number."""

    def __init__(self, raw: bytes) -> None:
        require(len(raw) <= MOST_BYTES, f"{len(raw):,} bytes is more than any statement has")
        require(raw.startswith(b"%PDF-"), "the file is not a PDF")
        self.raw = raw
        self.places: dict[int, tuple[int, int, int]] = {}
        self.trailer: dict[str, Any] = {}
        self._read: dict[int, Any] = {}
        self._unpacked: dict[int, tuple[bytes, int, list[int]]] = {}
        last = re.compile(rb"startxref\s+([0-9]+)\s+%%EOF\s*\Z").search(raw, max(0, len(raw) - 200))
        require(last, "the file has no end: it was cut off, or something was added")
        self._sections(int(last[1]) if last else 0)

    def _sections(self, at: int) -> None:
        seen: set[int] = set()
        while at not in seen:
            seen.add(at)
            section = self._stream_at(at)
            require(section.told.get("Type") == "XRef", "the file's list of objects is not where it says")
            self._rows(section)
            self.trailer = {**section.told, **self.trailer}
            at = section.told.get("Prev", at)

    def _rows(self, section: Stream) -> None:
        told, raw = section.told, section.content()
        widths, index = told["W"], told.get("Index") or [0, told["Size"]]
        width = sum(widths)
        numbers = [first + more for first, many in zip(index[::2], index[1::2], strict=True) for more in range(many)]
        require(len(raw) == width * len(numbers), "the file's list of objects is not of its own length")
        for row, number in enumerate(numbers):
            ends = [sum(widths[: place + 1]) for place in range(3)]
            starts = [0, *ends[:2]]
            one = raw[row * width : (row + 1) * width]
            kind, second, third = (int.from_bytes(one[a:b], "big") for a, b in zip(starts, ends, strict=True))
            self.places.setdefault(number, (kind if widths[0] else 1, second, third))

    def _stream_at(self, at: int) -> Stream:
        found = self._object_at(at)
        require(isinstance(found, Stream), "the file's list of objects is not where it says")
        return found  # type: ignore[no-any-return]

    def _object_at(self, at: int, number: int | None = None) -> Any:
        reader = Reader(self.raw, at)
        head = [reader.next() for _ in range(3)]
        require(head[2] == "obj" and number in {None, head[0]}, f"object {number} is not where the file says")
        told = reader.next()
        if not isinstance(told, dict) or Reader(self.raw, reader.at).next() != "stream":
            return told
        begin = re.compile(rb"\s*?stream\r?\n").match(self.raw, reader.at)
        length = self.whole(told.get("Length"))
        require(begin and isinstance(length, int), f"object {number} has no length")
        start = begin.end() if begin else 0
        require(self.raw[start + length :].lstrip(BLANK)[:9] == b"endstream", f"object {number} is of another length")
        return Stream(told, self.raw[start : start + length])

    def whole(self, told: Any) -> Any:
        """What a reference stands for; anything else is itself."""
        if not isinstance(told, Reference):
            return told
        number = told[0]
        if number not in self._read:
            kind, second, third = self.places.get(number, (0, 0, 0))
            require(kind in {1, 2}, f"the file has no object {number}")
            self._read[number] = self._object_at(second, number) if kind == 1 else self._packed(second, third, number)
        return self._read[number]

    def _packed(self, inside: int, place: int, number: int) -> Any:
        if inside not in self._unpacked:
            many = self.whole(Reference((inside,)))
            raw, first = many.content(), many.told["First"]
            self._unpacked[inside] = raw, first, [int(one) for one in raw[:first].split()]
        raw, first, heads = self._unpacked[inside]
        require(heads[2 * place] == number, f"object {number} is not where the file says")
        return Reader(raw, first + heads[2 * place + 1]).next()

    def attached(self) -> dict[str, bytes]:
        """Every embedded file by its name."""
        root = self.whole(self.trailer["Root"])
        names = self.whole(self.whole(root.get("Names", {})).get("EmbeddedFiles", {}))
        found: dict[str, bytes] = {}
        for name, content in self._named(names):
            require(name not in found, f"the file carries {name!r:.60} twice")
            found[name] = content
        return found

    def strange(self, sealed: bool) -> Any:  # noqa: FBT001 -- whether it is, and nothing else
        """What no statement has: what is done by itself, laid over a page, or attached beside what is read."""
        root = self.whole(self.trailer["Root"])
        parts = list(self._parts(root))
        done = {name for part in parts for name in part.keys() & AUTOMATIC}
        done |= {str(kind) for part in parts if (kind := self._of(part, "S")) in ACTIONS and isinstance(kind, Name)}
        if done:
            kinds = ", ".join(sorted(done))
            yield f"the file would do something by itself when it is opened or used ({kinds}), and no statement does"
        form = self._of(root, "AcroForm")
        if form is not None and not sealed:
            yield "the file carries a form to be filled in, and no statement does"
        if sealed and (form is None or form.keys() - {"Fields", "SigFlags"} or len(self._of(form, "Fields")) != 1):
            yield "the file carries a form that is not its seal's alone, and no statement does"
        yield from self._laid_over(self._pages(self.whole(root["Pages"])), sealed)
        names = self._of(self._of(root, "Names") or {}, "EmbeddedFiles") or {}
        attached = sum(1 for _ in self._specs(names))
        found = sum("EF" in part for part in parts)
        if found != attached:
            yield f"the file carries {found} files, and only {attached} are attached to it by name"

    def _parts(self, root: Any) -> Any:
        """Every dictionary that the root leads to, once; not the tags, nor what pages are drawn with."""
        seen: set[int] = set()
        waiting = [root]
        while waiting:
            one = waiting.pop()
            if isinstance(one, Reference):
                if one[0] in seen:
                    continue
                seen.add(one[0])
                one = self.whole(one)
            one = one.told if isinstance(one, Stream) else one
            if isinstance(one, dict):
                yield one
                waiting += [value for name, value in one.items() if name not in LEFT_OUT]
            elif isinstance(one, list):
                waiting += one

    def _of(self, part: Any, name: str) -> Any:
        return self.whole(part.get(name))

    def _laid_over(self, pages: Any, sealed: bool) -> Any:  # noqa: FBT001 -- as above
        seals = 0
        for number, page in enumerate(pages, start=1):
            notes = [self.whole(one) for one in self._of(page, "Annots") or []]
            seals += sum(map(self._is_a_seals, notes))
            kinds = {self._kind(note) for note in notes if not (sealed and self._is_a_seals(note))} - {""}
            if kinds:
                yield f"page {number} carries something laid over it ({min(kinds)}), and no statement does"
        if sealed and seals != 1:
            yield f"the file carries {seals} fields for a seal, and a sealed statement has one, which shows nothing"

    def _kind(self, note: Any) -> str:
        """What an annotation is; nothing for a plain link, which leads to a place and has no border."""
        leads, told, style, border = (self._of(note, name) for name in ("Dest", "Contents", "BS", "Border"))
        plain = note.keys() <= OF_A_LINK and isinstance(leads, bytes) and told in (None, leads)
        plain = plain and (style is None or (style.keys() == {"W"} and self._of(style, "W") == 0))
        plain = plain and (border is None or border == [0, 0, 0]) and not style is border is None
        return "" if self._of(note, "Subtype") == "Link" and plain else str(self._of(note, "Subtype") or "nothing")

    def _is_a_seals(self, note: Any) -> bool:
        left, bottom, right, top = self._of(note, "Rect") or (0, 0, 1, 1)
        kind = (self._of(note, "Subtype"), self._of(note, "FT"))
        return kind == ("Widget", "Sig") and note.keys() <= OF_A_SEAL and (left, bottom) == (right, top)

    def _specs(self, node: Any) -> Any:
        for kid in self._of(node, "Kids") or []:
            yield from self._specs(self.whole(kid))
        listed = self._of(node, "Names") or []
        for name, spec in zip(listed[::2], listed[1::2], strict=True):
            yield text_of(self.whole(name)), self.whole(spec)

    def _named(self, node: Any) -> Any:
        for name, spec in self._specs(node):
            names = {name, *(text_of(self._of(spec, key)) for key in ("F", "UF", "DOS", "Unix", "Mac") if key in spec)}
            held = list(self._of(spec, "EF").values())
            same = len(names) == 1 and held and all(one == held[0] for one in held)
            require(same, f"the file carries {name!r:.60} by another name or with other contents too")
            yield name, self.whole(held[0]).content()

    def information(self, key: str) -> str:
        """A line of the file's own information."""
        told = self.whole(self.whole(self.trailer.get("Info")) or {}).get(key, b"")
        return text_of(self.whole(told))

    def says_of_itself(self) -> dict[str, str]:
        """All of the file's own information."""
        told = self.whole(self.trailer.get("Info")) or {}
        return {name: text_of(self.whole(value)) for name, value in told.items()}

    def metadata(self) -> bytes:
        """The file's XMP; nothing where it has none."""
        there = self.whole(self.whole(self.trailer["Root"]).get("Metadata"))
        return there.content() if isinstance(there, Stream) else b""

    def words(self) -> str:
        """All text of all pages, without any white space: a line may be broken anywhere."""
        root = self.whole(self.trailer["Root"])
        told = "".join(self._of_page(page) for page in self._pages(self.whole(root["Pages"])))
        return squeezed(told)

    def _pages(self, node: Any) -> Any:
        if node.get("Type") == "Page":
            yield node
        for kid in self.whole(node.get("Kids", [])):
            below = self.whole(kid)
            yield from self._pages({"Resources": node.get("Resources"), **below})

    def _of_page(self, page: Any) -> str:
        parts = self.whole(page.get("Contents", []))
        parts = parts if isinstance(parts, list) else [parts]
        raw = b"\n".join(self.whole(part).content() for part in parts)
        return "".join(self._shown(raw, self.whole(page.get("Resources") or {})))

    def _shown(self, raw: bytes, resources: Any) -> Any:
        fonts = {name: self._letters(one) for name, one in self.whole(resources.get("Font") or {}).items()}
        forms = self.whole(resources.get("XObject") or {})
        reader = Reader(raw.rstrip(BLANK))
        before: list[Any] = []
        letters: dict[bytes, str] = {}
        while reader.at < len(reader.raw):
            one = reader.next()
            if not isinstance(one, Word):
                before.append(one)
                continue
            if one == "Tf":
                letters = fonts[before[-2]]
            elif one in {"Tj", "TJ", "'", '"'}:
                shown = before[-1] if isinstance(before[-1], list) else [before[-1]]
                yield from (_spelt(part, letters) for part in shown if isinstance(part, bytes))
            elif one == "Do":
                form = self.whole(forms[before[-1]])
                if form.told.get("Subtype") == "Form":
                    yield from self._shown(form.content(), self.whole(form.told.get("Resources")) or resources)
            before = []

    def _letters(self, font: Any) -> dict[bytes, str]:
        table = self.whole(self.whole(font).get("ToUnicode"))
        require(isinstance(table, Stream), "a font of the file does not say what its letters are")
        return dict(read_letters(table.content()))


def read_letters(raw: bytes) -> Any:
    """The letters of a font's ToUnicode table, by their codes of two bytes."""
    for many in re.findall(rb"beginbfchar(.*?)endbfchar", raw, re.DOTALL):
        for code, told in re.findall(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]*)>", many):
            yield bytes.fromhex(code.decode()), bytes.fromhex(told.decode()).decode("utf-16-be")
    for many in re.findall(rb"beginbfrange(.*?)endbfrange", raw, re.DOTALL):
        for first, last, told in re.findall(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>", many):
            size, start = len(first) // 2, int(told, 16)
            for more in range(int(last, 16) - int(first, 16) + 1):
                yield (int(first, 16) + more).to_bytes(size, "big"), chr(start + more)


def _spelt(codes: bytes, letters: dict[bytes, str]) -> str:
    return "".join(letters.get(codes[place : place + 2], "\ufffd") for place in range(0, len(codes), 2))


def text_of(raw: Any) -> str:
    """A text of the file, in either of the two writings."""
    if not isinstance(raw, bytes):
        return str(raw)
    return raw[2:].decode("utf-16-be") if raw.startswith(b"\xfe\xff") else raw.decode("latin-1")


def squeezed(text: str) -> str:
    """The text without white space and soft hyphens."""
    return re.sub(r"\s+", "", text.replace("\u00ad", ""))
