"""The three faces a statement is set in: static weights cut once from the variable fonts that come as packages.

The typesetter does not honour every weight of a variable font, so each weight is cut to a font of its own, with only
the letters of Latin scripts (Welsh, Gaelic and the rest of Europe included). Cutting takes some seconds; the result is
kept in the user's cache under a name made of its source and recipe, and is checked against its digest when read.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Final

import fontpkg_source_sans_3
import fontpkg_source_serif_4

RECIPE: Final = "1"
"""Raised whenever the way of cutting changes, so that older cuts are left alone."""

_LETTERS: Final = (
    *range(0x20, 0x7F), *range(0xA0, 0x250), *range(0x1E00, 0x1F00), *range(0x2010, 0x2028), *range(0x2030, 0x205F),
    *range(0x20A0, 0x20C0), *range(0x2190, 0x2194), 0x2116, 0x2122, 0x2212, 0x2260, 0x2264, 0x2265,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Face:
    """One static face: its name among the assets, the family and weight the style sheet knows it by, and its source."""

    name: str
    family: str
    weight: int
    source: Path
    axes: tuple[tuple[str, int], ...]


_SANS: Final = fontpkg_source_sans_3.ROOT / "files" / "SourceSans3[wght].ttf"
_SERIF: Final = fontpkg_source_serif_4.ROOT / "files" / "SourceSerif4[opsz,wght].ttf"

FACES: Final = (
    Face("sans-400.ttf", "Bank Sans", 400, _SANS, (("wght", 400),)),
    Face("sans-600.ttf", "Bank Sans", 600, _SANS, (("wght", 600),)),
    Face("serif-600.ttf", "Bank Serif", 600, _SERIF, (("opsz", 24), ("wght", 600))),
)


@lru_cache(maxsize=1)
def faces() -> Mapping[str, bytes]:
    """Every face by name: from the cache when it is sound, cut afresh otherwise."""
    folder = cache_folder()
    kept = read(folder)
    if kept is None:
        kept = {face.name: cut(face) for face in FACES}
        keep(folder, kept)
    return kept


@lru_cache(maxsize=1)
def letters() -> frozenset[int]:
    """The characters that every face can print."""
    from fontTools.ttLib import TTFont  # noqa: PLC0415 -- only the typesetter pays for the font tools

    maps = [set(TTFont(BytesIO(data), lazy=True).getBestCmap()) for data in faces().values()]
    return frozenset(set.intersection(*maps))


def cut(face: Face) -> bytes:
    """The static font of that weight, Latin letters only, the same bytes every time."""
    from fontTools.ttLib import TTFont  # noqa: PLC0415 -- the same
    from fontTools.varLib.instancer import instantiateVariableFont  # noqa: PLC0415 -- the same

    static = instantiateVariableFont(TTFont(BytesIO(_of_latin(face.source)), recalcTimestamp=False), dict(face.axes))
    out = BytesIO()
    static.save(out)
    return out.getvalue()


@lru_cache(maxsize=1)
def _of_latin(source: Path) -> bytes:
    """A variable font with only the letters of Latin scripts: two faces are cut from one."""
    from fontTools import subset  # noqa: PLC0415 -- the same
    from fontTools.ttLib import TTFont  # noqa: PLC0415 -- the same

    options = subset.Options(
        layout_features=["kern", "mark", "mkmk", "ccmp", "locl", "lnum", "tnum"],
        hinting=False,
        notdef_outline=True,
        recalc_timestamp=False,
        name_IDs=[1, 2, 3, 4, 6],
    )
    smaller = BytesIO()
    with TTFont(source, recalcTimestamp=False, lazy=True) as font:
        cutter = subset.Subsetter(options)
        cutter.populate(unicodes=_LETTERS)
        cutter.subset(font)
        font.save(smaller)
    return smaller.getvalue()


def _key() -> str:
    digest = sha256(RECIPE.encode())
    for face in FACES:
        digest.update(repr((face.name, face.axes)).encode())
        digest.update(sha256(face.source.read_bytes()).digest())
    return digest.hexdigest()[:16]


def cache_folder() -> Path:
    """Where cut faces are kept: a folder of the user's own, named by source and recipe."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "big-society-bank" / f"faces-{_key()}"


def read(folder: Path) -> Mapping[str, bytes] | None:
    """The faces kept in the folder, or nothing when one is missing or not what it was."""
    try:
        digests = json.loads((folder / "digests.json").read_text(encoding="utf-8"))
        kept = {face.name: (folder / face.name).read_bytes() for face in FACES}
    except (OSError, ValueError):
        return None
    return kept if {name: sha256(data).hexdigest() for name, data in kept.items()} == digests else None


def keep(folder: Path, kept: Mapping[str, bytes]) -> None:
    """Write the faces for next time; a cache that cannot be written costs time and nothing else."""
    digests = {name: sha256(data).hexdigest() for name, data in kept.items()}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in {**kept, "digests.json": json.dumps(digests).encode()}.items():
            with tempfile.NamedTemporaryFile(dir=folder, delete=False) as draft:
                draft.write(data)
            Path(draft.name).replace(folder / name)
    except OSError:
        return
