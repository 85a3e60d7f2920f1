"""The letters in a page's drawings, each text set as one: the typesetter by itself sets them letter by letter.

So set, a text in a drawing has no kerning, costs a layout a letter, and where it does not begin at its place becomes an
object of its own, which every reader of the file has to open. Here the whole text is laid out once, as text on a page
is, and moved by the width that it was found to have. Drawings here know no other text than ours: one line, at one
place, upright.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from math import inf
from typing import Any, Final
from xml.etree import ElementTree as ET

_TEXT: Final = "{http://www.w3.org/2000/svg}text"
_ANCHOR: Final = "text-anchor"
_OWN: Final = "stands-by-its"
"""The anchor under a name that the typesetter does not know: it would make an object of the text."""
_BEFORE: Final = {"start": Fraction(0), "middle": Fraction(1, 2), "end": Fraction(1)}
"""How much of a text stands before its place."""


def renamed(page: ET.Element) -> ET.Element:
    """The same page, its drawings' texts placed by an attribute of ours; to be set within `whole` alone."""
    for text in page.iter(_TEXT):
        if _ANCHOR in text.attrib:
            text.set(_OWN, text.attrib.pop(_ANCHOR))
    return page


class _Style(dict[str, Any]):
    """A style as the typesetter holds one: its properties, and the fonts that it may use."""

    font_config: Any = None


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of text as the typesetter draws one."""

    pango_layout: Any
    style: _Style
    baseline: Any

    @property
    def text(self) -> str:
        """What it says."""
        return str(self.pango_layout.text)


@contextmanager
def whole(library: Any) -> Iterator[None]:
    """Have the typesetter, given as the library it is, set the texts of drawings in one piece meanwhile."""
    kinds = library.svg.TAGS
    before = kinds["text"]
    kinds["text"] = partial(_set, library)
    try:
        yield
    finally:
        kinds["text"] = before


def _set(library: Any, svg: Any, node: Any, font_size: Any) -> None:
    """One text: laid out, moved to where it begins, and written into the stream of the page."""
    if not node.text:
        return
    style = _Style(library.css.properties.INITIAL_VALUES)
    style.font_config = svg.font_config
    style |= {
        "font_family": [node.get("font-family")],
        "font_weight": int(node.get("font-weight", 400)),
        "font_size": font_size,
    }
    split = library.text.line_break.split_first_line
    layout, _, _, width, height, baseline = split(node.text, style, svg.context, inf, 0)
    x, y = svg.point(node.get("x"), node.get("y"), font_size)
    x -= width * _BEFORE[node.get(_OWN, "start")]
    node.text_bounding_box = (x, y - baseline, width, height)
    svg.stream.push_state()
    fill, stroke = svg.set_graphical_state(node, font_size)
    svg.stream.begin_text()
    layout.reactivate(style)
    svg.fill_stroke(fill, stroke, text=True)
    place = library.matrix.Matrix(d=-1, e=x, f=y)
    library.draw.text.draw_first_line(svg.stream, _Line(layout, style, baseline), "none", "none", place)
    svg.stream.end_text()
    svg.stream.pop_state()
