"""What can be read: the contrast of every text with what lies behind it, and of neighbours in print without colours."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from reports import charts, plots
from reports.document import BigFigures, Document
from reports.drawing import NAVY, SKY, width_of
from reports.statements import impact, portfolio
from reports.statements.telling import charts_in, flat
from reports.typeset import html
from tests.reports import sample

AA = 4.5
"""What WCAG 2.2 demands of text at level AA (1.4.3), of any size: no text of ours is large enough for less."""
APART = 1.4
"""How far neighbours must be from each other in grey: a step that is seen beside a white gap."""
WARNED = "#F6E9F0"
"""Behind a row that is marked, the one ground on a page that is not white."""


def luminance(colour: str) -> float:
    """The relative luminance of WCAG 2.2."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """From 1, of a colour with itself, to 21, of black on white."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_the_contrast_is_that_of_the_guidelines_own_examples() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)
    assert contrast("#767676", "#FFFFFF") == pytest.approx(4.54, abs=0.01)


def test_every_text_of_the_pages_stands_out_from_white_and_from_a_marked_row() -> None:
    sheet = html.stylesheet()
    inks = set(re.findall(r"[{;\s]color: (#[0-9A-Fa-f]{6})", sheet))
    grounds = set(re.findall(r"background: (#[0-9A-Fa-f]{6})", sheet))
    assert len(inks) >= 3
    assert grounds == {WARNED}
    for ink in inks:
        assert min(contrast(ink, ground) for ground in ("#FFFFFF", *grounds)) >= AA, ink


def drawn(documents: Iterable[Document]) -> Iterator[tuple[str, ET.Element]]:
    """Every drawing of some documents, with its message."""
    for document in documents:
        blocks = [*document.cover, *(block for section in document.sections for block in section.blocks)]
        sparks = [item.spark for one in flat(blocks) if isinstance(one, BigFigures) for item in one.items if item.spark]
        for svg in (*(chart.svg for chart in charts_in(blocks)), *sparks):
            root = ET.fromstring(svg)  # noqa: S314 -- our own drawing
            yield root[0].text or "", root


def named(mark: ET.Element) -> str:
    return mark.tag.rpartition("}")[2]


def behind(root: ET.Element, text: ET.Element) -> str:
    """The colour under the middle of a text: that of the last box drawn before it that holds the place, or white."""
    said, size = "".join(text.itertext()), float(text.get("font-size", "12"))
    wide = float(width_of(said, int(size)))
    shift = {"start": wide / 2, "middle": 0.0, "end": -wide / 2}[text.get("text-anchor", "start")]
    x, y = float(text.get("x", "0")) + shift, float(text.get("y", "0")) - size / 3
    found = "#FFFFFF"
    for mark in root.iter():
        if mark is text:
            return found
        if named(mark) == "rect":
            left, top, width, height = (float(mark.get(one, "0")) for one in ("x", "y", "width", "height"))
            if left <= x <= left + width and top <= y <= top + height:
                found = mark.get("fill", "#000000")
    raise AssertionError(f"{said!r} is not in its drawing")


def test_every_text_of_a_drawing_stands_out_from_what_lies_behind_it(
    portfolio_document: Document, impact_document: Document, public_document: Document
) -> None:
    met, inside = 0, 0
    for message, root in drawn((portfolio_document, impact_document, public_document)):
        for text in (mark for mark in root.iter() if named(mark) == "text"):
            ground = behind(root, text)
            assert contrast(text.get("fill", "#000000"), ground) >= AA, (message, "".join(text.itertext()), ground)
            met, inside = met + 1, inside + (ground != "#FFFFFF")
    assert met > 300
    assert inside > 20, "some stand in coloured fields"


def test_what_is_told_apart_by_its_ink_is_told_apart_without_colours_too() -> None:
    """A stack's layers, the bank's money beside others', and lines, which are dashed where they are alike in grey."""
    ramp = [fill for fill, _ in plots.RAMP[:-1]]
    for one, other in (*pairwise(charts.STACK_INKS), (NAVY, SKY), *pairwise(ramp)):
        assert contrast(one, other) >= APART, (one, other)
    for (one, dashed), (other, otherwise) in pairwise(plots.LINE_INKS):
        assert contrast(one, other) >= APART or dashed != otherwise, (one, other)


def heard(called: set[str], name: str, made: Callable[..., str]) -> Callable[..., str]:
    def made_and_heard(*given: Any, **more: Any) -> str:
        called.add(name)
        return made(*given, **more)

    return made_and_heard


def test_there_are_fifteen_kinds_of_drawing_in_the_two_statements() -> None:
    """Told apart by the function that makes them: each is called for these two statements."""
    kinds = ("cascade", "funnel", "bars", "tiles", "pillars", "stack", "spark")
    others = ("tracks", "migration", "strips", "bullets", "columns", "histogram", "panels", "parted")
    called: set[str] = set()
    with pytest.MonkeyPatch.context() as patch:
        for module, names in ((charts, kinds), (plots, others)):
            for name in names:
                patch.setattr(module, name, heard(called, name, getattr(module, name)))
        portfolio.compose(sample.portfolio())
        impact.compose(sample.impact())
    assert called == {*kinds, *others}
