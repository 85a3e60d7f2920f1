"""The finishing of a file's tags just before it is written: what the typesetter leaves that a screen reader trips over.

It leaves a table that runs over pages as one table a page, headings of tables that do not say what they head, page
numbers read out between two paragraphs, and each attachment named twice. All of that is mended in the tree of tags
and in the marks around the text; no letter moves, and nothing that is seen or read changes. Last, all is compressed.
"""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from reports.contents import Packed, pains

_FURNITURE: Final = {"Type": "/Pagination"}
"""What PDF calls things of the page rather than of the text (ISO 32000-1, 14.8.2.2.2)."""
_CELLS: Final = ("/TH", "/TD")
_GROUPS: Final = ("/THead", "/TBody", "/TFoot")


def finish(document: Any, pdf: Any, *, files: Mapping[str, Packed]) -> None:
    """Mend the tags of a file about to be written, and put what is attached into it, by name.

    `document` is the typesetter's own, with its pages' boxes.
    """
    _name_attachments_once(pdf)
    _fill(pdf, files)
    tree = _Tree(pdf)
    tree.mute_what_hangs_nowhere()
    for fragments in _tables(document):
        tree.join(fragments)
    tree.say_what_is_headed()
    tree.index_names()
    pack_once(pdf)


def pack_once(pdf: Any) -> None:
    """Compress each stream now: the typesetter would do it twice, to write it and for the digest of the file.

    It takes most pains over each, which for the list of a hundred thousand loans takes seven times the usual time.
    """
    for part in pdf.objects:
        if getattr(part, "compress", False) and all(isinstance(piece, bytes) for piece in part.stream):
            content = b"\n".join(part.stream)
            _pack(part, zlib.compress(content, pains(len(content))))


def _pack(stream: Any, deflated: bytes) -> None:
    stream.stream = [deflated]
    stream.extra["Filter"] = "/FlateDecode"
    stream.compress = False


def _fill(pdf: Any, files: Mapping[str, Packed]) -> None:
    """Put each file into the stream that the typesetter made for it. Refuses (`ValueError`) where one has none."""
    named = {part["UF"].string: part for part in pdf.objects if isinstance(part, dict) and "EF" in part}
    if named.keys() != files.keys():
        raise ValueError(f"the file has room for {sorted(named)}, and is to carry {sorted(files)}")
    for name, packed in files.items():
        stream = pdf.objects[int(named[name]["EF"]["F"].split()[0])]
        told = stream.extra["Params"]
        told |= {"CheckSum": f"<{packed.md5}>", "Size": packed.size}
        if not packed.md5:
            del told["CheckSum"]
        _pack(stream, packed.deflated)


def _name_attachments_once(pdf: Any) -> None:
    if "AF" in pdf.catalog:
        unique = list(dict.fromkeys(pdf.catalog["AF"]))
        pdf.catalog["AF"][:] = unique


def _tables(document: Any) -> list[list[Any]]:
    """For each table of the page's source, one cell's tag from each page that it stands on, in order.

    The typesetter keeps each cell's tag at its box; the boxes of one table share the element that they come from.
    """
    found: defaultdict[int, list[Any]] = defaultdict(list)
    for page in document.pages:
        for box in _boxes(page._page_box):  # noqa: SLF001 -- the only place where boxes can be had
            if getattr(box, "is_table_wrapper", False) and box.element is not None:
                cell = next((inner.mark for inner in _boxes(box) if hasattr(inner, "mark")), None)
                if cell is not None:
                    found[id(box.element)].append(cell)
    return list(found.values())


def _boxes(box: Any) -> Iterator[Any]:
    inner = getattr(box, "_box", box)  # what is placed absolutely stands behind a placeholder
    yield inner
    for child in getattr(inner, "children", ()):
        yield from _boxes(child)


class _Tree:
    """The structure tree of one file, by reference, with the marks in the pages' content that hang on it."""

    def __init__(self, pdf: Any) -> None:
        self._pdf = pdf
        self._elements = {part.reference: part for part in pdf.objects if _is_element(part)}
        self._root = self._object(pdf.catalog["StructTreeRoot"])
        numbers = self._object(self._root["ParentTree"])["Nums"]
        pages = pdf.pages["Kids"][::3]
        self._parents = {page: numbers[2 * place + 1] for place, page in enumerate(pdf.page_references)}
        self._content = {page: self._object(self._object(page)["Contents"]) for page in pdf.page_references}
        self._marks = {page: _marks(stream) for page, stream in self._content.items()}
        if len(self._parents) != len(pages):
            raise ValueError("the pages of the file are not those that its tags were made for")

    def mute_what_hangs_nowhere(self) -> None:
        """Make what was set into the margins, whose tags hang on no tree, furniture of its page."""
        hanging = {element.reference for top in self._root["K"] for element in self._below(self._elements[top])}
        tops = [
            element
            for reference, element in self._elements.items()
            if reference not in hanging and element["P"] in hanging
        ]
        for element in tops:
            self._mute(element)

    def join(self, cells: Iterable[Any]) -> None:
        """Make one table of its fragments, each given by one of its cells; a heading repeated becomes furniture."""
        first, *rest = [self._table_of(cell) for cell in cells]
        for fragment in rest:
            self._take_rows(first, fragment)
            self._take_away(fragment)

    def say_what_is_headed(self) -> None:
        """Give each heading of a table its scope."""
        for element in self._elements.values():
            if element.get("S") == "/TH":
                group = self._elements[self._elements[element["P"]]["P"]]
                element["A"]["Scope"] = "/Column" if group["S"] == "/THead" else "/Row"

    def index_names(self) -> None:
        """Write the index of named elements, which a tree with names must have (ISO 32000-1, table 322)."""
        named = sorted((e["ID"].string, e["ID"], ref) for ref, e in self._elements.items() if "ID" in e)
        if named:
            index = _dictionary(self._root, {"Names": _array(self._root["K"], [])})
            for _, name, reference in named:
                index["Names"].extend((name, reference))
            self._pdf.add_object(index)
            self._root["IDTree"] = index.reference

    def _object(self, reference: bytes) -> Any:
        return self._pdf.objects[int(reference.split()[0])]

    def _kids(self, element: Any, *kinds: str) -> list[Any]:
        kids = [self._elements[kid] for kid in element.get("K", ()) if kid in self._elements]
        return [kid for kid in kids if not kinds or kid["S"] in kinds]

    def _below(self, element: Any) -> Iterator[Any]:
        """The element and all that hangs on it."""
        yield element
        for kid in self._kids(element):
            yield from self._below(kid)

    def _table_of(self, cell: Any) -> Any:
        element = cell
        while element["S"] != "/Table":
            element = self._elements[element["P"]]
        return element

    def _take_rows(self, first: Any, fragment: Any) -> None:
        renamed = dict(zip(self._column_names(fragment), self._column_ids(first), strict=False))
        bodies = self._kids(first, "/TBody")
        for group in self._kids(fragment):
            if group["S"] != "/TBody":
                self._mute(group)
                continue
            self._point_to(renamed, group)
            if bodies:
                self._hang(self._kids(group, "/TR"), bodies[-1])
                group["K"][:] = []
            else:
                self._hang([group], first)
                bodies = [group]

    def _column_ids(self, table: Any) -> list[Any]:
        heads = [cell for group in self._kids(table, "/THead") for cell in self._below(group) if cell["S"] == "/TH"]
        return [cell["ID"] for cell in heads]

    def _column_names(self, table: Any) -> list[str]:
        return [name.string for name in self._column_ids(table)]

    def _point_to(self, renamed: dict[str, Any], group: Any) -> None:
        for cell in self._below(group):
            headers = cell.get("A", {}).get("Headers", [])
            headers[:] = [renamed.get(name.string, name) for name in headers]

    def _hang(self, elements: list[Any], parent: Any) -> None:
        for element in elements:
            element["P"] = parent.reference
            parent["K"].append(element.reference)

    def _take_away(self, element: Any) -> None:
        """Take an element out of the tree, and whatever is left empty above it."""
        for part in list(self._below(element)):
            if part is not element and part["S"] not in _GROUPS:
                raise ValueError(f"a part of a table, {part['S']}, would be lost with its fragment")
        parent = self._elements.get(element["P"])
        self._forget(element)
        if parent is not None:
            parent["K"].remove(element.reference)
            if not parent["K"] and parent["S"] not in _CELLS:
                self._take_away(parent)

    def _mute(self, element: Any) -> None:
        """Turn an element's content into furniture of its page, and forget the element."""
        for part in list(self._below(element)):
            for kid in part["K"]:
                if isinstance(kid, int):
                    place = self._marks[part["Pg"]][kid]
                    operators = self._content[part["Pg"]].stream
                    operators[place - 1 : place + 1] = "/Artifact", _dictionary(operators[place], _FURNITURE)
                    self._parents[part["Pg"]][kid] = "null"
        parent = self._elements.get(element["P"])
        if parent is not None and element.reference in parent["K"]:
            parent["K"].remove(element.reference)
        self._forget(element)

    def _forget(self, element: Any) -> None:
        for part in list(self._below(element)):
            del self._elements[part.reference]
            part.clear()


def _marks(stream: Any) -> dict[int, int]:
    """Where in a page's content each numbered mark has its number."""
    placed = enumerate(stream.stream)
    return {part["MCID"]: place for place, part in placed if isinstance(part, dict) and "MCID" in part}


def _is_element(part: Any) -> bool:
    return isinstance(part, dict) and "S" in part and "P" in part and "K" in part


def _dictionary(like: Any, content: dict[str, Any]) -> Any:
    """A new dictionary of the same kind as one of the typesetter's."""
    return type(like)(content)


def _array(like: Any, content: list[Any]) -> Any:
    return type(like)(content)
