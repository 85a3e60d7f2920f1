"""The few marks every chart is drawn with: boxes, lines and real text, as SVG attributes only, no ids, no styles."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from html import escape
from typing import Final, Literal

NAVY: Final = "#12436D"
BLUE: Final = "#2073BC"
SKY: Final = "#A9C6E3"
PALE: Final = "#E3EBF3"
WINE: Final = "#801650"
PLUM: Final = "#3D0A26"
"""A wine that is darker in grey than navy too."""
ROSE: Final = "#C98BAA"
ORANGE: Final = "#F46A25"
GREY: Final = "#595959"
RULE: Final = "#B8BFC6"
INK: Final = "#1D2226"
WHITE: Final = "#FFFFFF"

SANS: Final = "Bank Sans"
PER_MM: Final = 4
"""Drawing units in a millimetre."""
SMALL: Final = 10
"""Units: 7.1 points, the smallest text a statement prints."""
BODY: Final = 12

_WIDE: Final = 62
_PLAIN: Final = 46
"""Hundredths of the size that a letter takes, on the average of running text."""

Size = int | Fraction
Anchor = Literal["start", "middle", "end"]


def coordinate(value: Size) -> str:
    """A length in drawing units to one decimal, half up, without noughts that say nothing."""
    tenths = (20 * Fraction(value).numerator + Fraction(value).denominator) // (2 * Fraction(value).denominator)
    whole, rest = divmod(abs(tenths), 10)
    sign = "-" if tenths < 0 else ""
    return f"{sign}{whole}.{rest}" if rest else f"{sign}{whole}"


def box(x: Size, y: Size, width: Size, height: Size, fill: str) -> str:
    """A filled rectangle; one without width or height is not drawn at all."""
    if width <= 0 or height <= 0:
        return ""
    return (
        f'<rect x="{coordinate(x)}" y="{coordinate(y)}" width="{coordinate(width)}" '
        f'height="{coordinate(height)}" fill="{fill}"/>'
    )


def line(x1: Size, y1: Size, x2: Size, y2: Size, stroke: str = RULE, width: Size = 1) -> str:
    """A straight line."""
    return (
        f'<line x1="{coordinate(x1)}" y1="{coordinate(y1)}" x2="{coordinate(x2)}" y2="{coordinate(y2)}" '
        f'stroke="{stroke}" stroke-width="{coordinate(width)}"/>'
    )


def path(points: Iterable[tuple[Size, Size]], stroke: str, dashes: str = "", width: Size = 2) -> str:
    """A line through points, whole or in dashes."""
    told = " ".join(f"{coordinate(x)},{coordinate(y)}" for x, y in points)
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return f'<polyline points="{told}" fill="none" stroke="{stroke}" stroke-width="{coordinate(width)}"{dashed}/>'


def words(
    x: Size, y: Size, text: str, *, size: int = BODY, fill: str = INK, anchor: Anchor = "start", bold: bool = False
) -> str:
    """Real text on its baseline, so that it can be read out, searched and copied."""
    weight = ' font-weight="600"' if bold else ""
    place = f' text-anchor="{anchor}"' if anchor != "start" else ""
    return (
        f'<text x="{coordinate(x)}" y="{coordinate(y)}" font-size="{size}" fill="{fill}"{weight}{place}>'
        f"{escape(text, quote=False)}</text>"
    )


def clipped(text: str, room: int, size: int = BODY) -> str:
    """The text, or as much of its beginning as the room holds, with an ellipsis: a chart's label has one line."""
    if width_of(text, size) <= room:
        return text
    kept = text[: 2 * room // size]
    while kept and width_of(kept, size) + size > room:
        kept = kept[:-1]
    return kept.rstrip() + "\N{HORIZONTAL ELLIPSIS}"


def width_of(text: str, size: int = BODY) -> Fraction:
    """About how wide the text is, capitals being wider: enough to decide whether it fits."""
    return Fraction(sum(_WIDE if letter.isupper() or letter in "@%&MWmw" else _PLAIN for letter in text) * size, 100)


def drawing(width: int, height: Size, title: str, marks: Iterable[str]) -> str:
    """The whole picture; its title says in words all that it shows, for whoever cannot see it."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{coordinate(Fraction(width, PER_MM))}mm" '
        f'height="{coordinate(Fraction(height) / PER_MM)}mm" viewBox="0 0 {width} {coordinate(height)}" '
        f'font-family="{SANS}"><title>{escape(title, quote=False)}</title>{"".join(marks)}</svg>'
    )
