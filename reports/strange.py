"""What no statement's file has in it: what a reader would do by itself, lay over a page, or show beside what is read.

Everything that the file's catalogue leads to is gone through, but for the tags and what pages are drawn with, for
nothing there does anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

_AUTOMATIC: Final = frozenset({"/AA", "/JavaScript", "/JS", "/OpenAction", "/PA", "/XFA"})
"""Entries under which something is done without being asked for, or in some other way than by a link."""
_ACTIONS: Final = frozenset(
    f"/{kind}"
    for kind in (
        *("GoTo", "GoToR", "GoToE", "GoTo3DView", "GoToDp", "Launch", "Thread", "URI", "Sound", "Movie", "Hide"),
        *("Named", "SubmitForm", "ResetForm", "ImportData", "JavaScript", "SetOCGState", "Rendition", "Trans"),
        *("RichMediaExecute",),
    )
)
"""Kinds of action (ISO 32000-2, table 201): a statement's links and headings lead to a place and have none."""
_LEFT_OUT: Final = frozenset({"/StructTreeRoot", "/SE", "/Resources", "/Contents", "/Metadata"})
_OF_A_LINK: Final = frozenset(
    {"/Type", "/Subtype", "/Rect", "/BS", "/Border", "/Contents", "/Dest", "/F", "/StructParent"}
)
_OF_A_SEAL: Final = frozenset({"/Type", "/Subtype", "/Rect", "/F", "/FT", "/P", "/T", "/V"})
_OF_A_SEALED_FORM: Final = frozenset({"/Fields", "/SigFlags"})


def strange(reader: Any, *, sealed: bool) -> Iterator[str]:
    """What a file has in it and no statement has, a sentence each. A sealed one has the one field of its seal."""
    root = reader.trailer["/Root"].get_object()
    parts = list(_parts(root))
    done = {name for part in parts for name in part.keys() & _AUTOMATIC}
    done |= {str(kind) for part in parts if (kind := _of(part, "/S")) in _ACTIONS}
    if done:
        kinds = ", ".join(sorted(name.lstrip("/") for name in done))
        yield f"the file would do something by itself when it is opened or used ({kinds}), and no statement does"
    yield from _form_faults(_of(root, "/AcroForm"), sealed=sealed)
    yield from _laid_over(reader, sealed=sealed)
    yield from _beside(root, [part for part in parts if "/EF" in part])


def _parts(root: Any) -> Iterator[Mapping[str, Any]]:
    """Every dictionary that the root leads to, once."""
    seen: set[int] = set()
    waiting = [root]
    while waiting:
        one = waiting.pop()
        number = getattr(one, "idnum", None)
        if number is not None:
            if number in seen:
                continue
            seen.add(number)
            one = one.get_object()
        if isinstance(one, dict):
            yield one
            waiting += [value for name, value in one.items() if name not in _LEFT_OUT]
        elif isinstance(one, list):
            waiting += one


def _of(part: Any, name: str) -> Any:
    """What a dictionary has under a name, itself and not where it is."""
    value = dict.get(part, name)
    return None if value is None else value.get_object()


def _form_faults(form: Any, *, sealed: bool) -> Iterator[str]:
    """A form to be filled in; the seal's is one of a single field, and can do nothing."""
    if form is None and not sealed:
        return
    if not sealed:
        yield "the file carries a form to be filled in, and no statement does"
    elif form is None or form.keys() - _OF_A_SEALED_FORM or len(_of(form, "/Fields")) != 1:
        yield "the file carries a form that is not its seal's alone, and no statement does"


def _laid_over(reader: Any, *, sealed: bool) -> Iterator[str]:
    """What was laid over a page, or pinned to it: a reader shows it, and it is not among the page's words.

    The one field that a seal needs shows nothing; that the seal holds is found before, but not whose it is.
    """
    seals = 0
    for number, page in enumerate(reader.pages, start=1):
        notes = [note.get_object() for note in _of(page, "/Annots") or ()]
        seals += sum(map(_is_a_seals, notes))
        kinds = {_kind(note) for note in notes if not (sealed and _is_a_seals(note))} - {""}
        if kinds:
            yield f"page {number} carries something laid over it ({min(kinds)}), and no statement does"
    if sealed and seals != 1:
        yield f"the file carries {seals} fields for a seal, and a sealed statement has one, which shows nothing"


def _kind(note: Any) -> str:
    """What an annotation is; empty for a plain link, which leads to a place and shows nothing of its own."""
    kind = str(_of(note, "/Subtype") or "/nothing")
    leads, told = _of(note, "/Dest"), _of(note, "/Contents")
    plain = note.keys() <= _OF_A_LINK and isinstance(leads, str) and told in {None, leads} and _has_no_border(note)
    return "" if kind == "/Link" and plain else kind.lstrip("/")


def _has_no_border(note: Any) -> bool:
    """Whether nothing is drawn around it; where nothing is said of a border, a reader draws one."""
    style, border = _of(note, "/BS"), _of(note, "/Border")
    plain = style is None or (style.keys() == {"/W"} and _of(style, "/W") == 0)
    return plain and (border is None or list(border) == [0, 0, 0]) and not style is border is None


def _is_a_seals(note: Any) -> bool:
    """Whether it is the field of a seal, which has no size and shows nothing."""
    left, bottom, right, top = _of(note, "/Rect") or (0, 0, 1, 1)
    return (
        (_of(note, "/Subtype"), _of(note, "/FT")) == ("/Widget", "/Sig")
        and note.keys() <= _OF_A_SEAL
        and (left, bottom) == (right, top)
    )


def _beside(root: Any, specs: list[Any]) -> Iterator[str]:
    """Files that a reader may show and that are not what is read here: by another name, in another place."""
    named = list(_names(_of(_of(root, "/Names") or {}, "/EmbeddedFiles") or {}, set()))
    for name, spec in named:
        names = {str(name), *(str(_of(spec, key)) for key in ("/F", "/UF", "/DOS", "/Unix", "/Mac") if key in spec)}
        held = {getattr(one, "idnum", id(one)) for one in _of(spec, "/EF").values()}
        if len(names) > 1 or len(held) != 1:
            yield f"the file carries {str(name)!r:.60} by another name or with other contents too"
    if len(specs) != len(named):
        yield f"the file carries {len(specs)} files, and only {len(named)} are attached to it by name"


def _names(node: Any, seen: set[int]) -> Iterator[tuple[Any, Any]]:
    """Each name of a tree of names with what it names."""
    if id(node) in seen:
        return
    seen.add(id(node))
    for kid in _of(node, "/Kids") or ():
        yield from _names(kid.get_object(), seen)
    told = _of(node, "/Names") or []
    for name, spec in zip(told[::2], list(told)[1::2], strict=True):
        yield name.get_object(), spec.get_object()
