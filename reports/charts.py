"""The drawings of a statement, made by hand from values and written numbers: the same input gives the same text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, Literal

from reports.drawing import (
    BLUE,
    GREY,
    INK,
    NAVY,
    PALE,
    PLUM,
    ROSE,
    RULE,
    SKY,
    SMALL,
    WHITE,
    WINE,
    Size,
    box,
    clipped,
    drawing,
    line,
    width_of,
    words,
)

_GAP: Final = 1
"""White between neighbours, because two blues alone are too close to tell apart."""


@dataclass(frozen=True, slots=True)
class Step:
    """One bar of the cascade: its name, its amount with what the quarter added, and what is written beside it."""

    label: str
    amount: int
    text: str
    added: int = 0
    start: int = 0
    """Where the bar begins, for what is taken off the bar above."""
    remark: str = ""
    tone: Literal["kept", "off"] = "kept"
    parts: tuple[tuple[str, int], ...] = ()
    """For a bar that is divided: the names and amounts of its parts."""


def cascade(steps: Sequence[Step], title: str, width: int = 696, left: int = 178, tail: int = 190) -> str:
    """The money's path, one bar a step, longest first; what is taken off hangs from the end of the bar above."""
    row, thick = 29, 19
    room = width - left - tail
    most = max([step.start + step.amount for step in steps] + [1])
    marks = [line(left, 0, left, row * len(steps), INK)]
    for place, step in enumerate(steps):
        y = place * row + 3
        marks.append(words(left - 8, y + 14, step.label, anchor="end"))
        marks.extend(_cascade_bar(step, left, y, thick, Fraction(room, most)))
    return drawing(width, row * len(steps) + 2, title, marks)


def _cascade_bar(step: Step, left: int, y: int, thick: int, scale: Fraction) -> Iterator[str]:
    start, long = left + step.start * scale, step.amount * scale
    fresh = max(min(step.added, step.amount), 0) * scale
    if step.parts:
        yield from _divided_bar(step, left, y, thick, scale)
    elif step.tone == "off":
        yield box(start, y, long, thick, ROSE)
    else:
        yield box(left, y, long - fresh, thick, NAVY)
        yield box(left + long - fresh + (_GAP if fresh < long else 0), y, fresh - _GAP, thick, BLUE)
    end = start + long + 7
    yield words(end, y + 14, step.text, bold=True)
    if step.remark:
        yield words(end + width_of(step.text) + 9, y + 14, step.remark, size=SMALL, fill=GREY)


def _divided_bar(step: Step, left: int, y: int, thick: int, scale: Fraction) -> Iterator[str]:
    x: Size = left
    for place, (_, amount) in enumerate(step.parts):
        yield box(x, y, amount * scale - _GAP, thick, (NAVY, BLUE, SKY, GREY)[place % 4])
        x += amount * scale


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of the funnel: its name, what it holds, and what share of the stage above came so far."""

    label: str
    amount: int
    text: str
    share: str = ""


def funnel(stages: Sequence[Stage], title: str, width: int = 432) -> str:
    """From a promise to a loan: centred bars, each as wide as the money that came so far, named at the left."""
    row, thick, left = 40, 23, 110
    middle, room = Fraction(left + width, 2), width - left
    most = max([stage.amount for stage in stages] + [1])
    marks: list[str] = []
    for place, stage in enumerate(stages):
        y, wide = place * row, Fraction(room * stage.amount, most)
        inside = wide > width_of(stage.text) + 16
        marks.append(words(left - 10, y + 15, stage.label, anchor="end"))
        marks.append(box(middle - wide / 2, y, wide, thick, NAVY if place else BLUE))
        if inside or not stage.amount:
            ink = WHITE if inside else INK
            marks.append(words(middle, y + 15, stage.text, fill=ink, anchor="middle", bold=True))
        else:
            marks.append(words(middle + wide / 2 + 6, y + 15, stage.text, bold=True))
        if stage.share:
            marks.append(words(middle, y - 6, stage.share, size=SMALL, fill=GREY, anchor="middle"))
    return drawing(width, row * len(stages) - row + thick + 2, title, marks)


@dataclass(frozen=True, slots=True)
class Bar:
    """One line of a bar chart: its name, two amounts that share a bar, and the numbers written at its right."""

    label: str
    ours: int
    others: int
    texts: tuple[str, ...]
    faint: bool = False
    """For what is not known: drawn in grey, since it is no finding."""
    total: bool = False
    """For what the others add to: a line of numbers without a bar, under a rule."""


BAR_COLUMN: Final = 66
"""Units that a column of numbers beside bars takes."""


def bars(
    rows: Sequence[Bar], heads: Sequence[str], title: str, width: int = 696, label_room: int = 190, row: int = 21
) -> str:
    """Ranked horizontal bars, the bank's money dark, co-investors' light, and a column for each number at the right."""
    thick, column, top = min(row - 6, 12), BAR_COLUMN, 18
    end = width - column * len(heads)
    most = max([bar.ours + bar.others for bar in rows] + [1])
    scale = Fraction(end - label_room - 14, most)
    marks = [
        words(width - column * (len(heads) - 1 - at), 9, head, size=SMALL, fill=GREY, anchor="end")
        for at, head in enumerate(heads)
    ]
    for place, bar in enumerate(rows):
        y = top + place * row
        ink = GREY if bar.faint else INK
        marks.append(words(0, y + 9, clipped(bar.label, label_room - 6), fill=ink, bold=bar.total))
        if bar.total:
            marks.append(line(0, y - 4, width, y - 4, INK))
        marks.append(box(label_room, y, bar.ours * scale, thick, GREY if bar.faint else NAVY))
        marks.append(
            box(label_room + bar.ours * scale + _GAP, y, bar.others * scale, thick, RULE if bar.faint else SKY)
        )
        marks.extend(
            words(width - column * (len(heads) - 1 - at), y + 9, text, fill=ink, anchor="end", bold=bar.total)
            for at, text in enumerate(bar.texts)
        )
    drawn = sum(not bar.total for bar in rows)
    marks.append(line(label_room, top - 3, label_room, top + row * max(drawn, 1) - 6, INK))
    return drawing(width, top + row * max(len(rows), 1), title, marks)


@dataclass(frozen=True, slots=True)
class Tile:
    """One region on the tile map: its place on the grid, a short name, the amount and how it is written."""

    column: int
    row: int
    label: str
    amount: int
    text: str


def tiles(regions: Sequence[Tile], title: str, side: int = 52) -> str:
    """Twelve equal squares in about their places, darker for more money, the number written in each."""
    most = max([tile.amount for tile in regions] + [1])
    marks: list[str] = []
    for tile in regions:
        fill, ink = _shade(Fraction(tile.amount, most))
        x, y = tile.column * side, tile.row * side
        marks.append(box(x, y, side - 3, side - 3, fill))
        marks.append(words(x + Fraction(side - 3, 2), y + 20, tile.label, size=SMALL, fill=ink, anchor="middle"))
        marks.append(words(x + Fraction(side - 3, 2), y + 35, tile.text, fill=ink, anchor="middle", bold=True))
    wide = max([tile.column for tile in regions] + [0]) + 1
    high = max([tile.row for tile in regions] + [0]) + 1
    return drawing(wide * side, high * side, title, marks)


def _shade(share: Fraction) -> tuple[str, str]:
    for least, fill, ink in ((Fraction(2, 3), NAVY, WHITE), (Fraction(1, 3), BLUE, WHITE), (Fraction(1, 12), SKY, INK)):
        if share >= least:
            return fill, ink
    return PALE, INK


@dataclass(frozen=True, slots=True)
class Pillar:
    """One upright column: what stands under it, its two amounts, and what is written on top."""

    label: str
    ours: int
    others: int
    text: str
    faint: bool = False


def pillars(
    row: Sequence[Pillar], title: str, ends: tuple[str, str] = ("", ""), width: int = 340, halved: str = ""
) -> str:
    """Upright columns side by side, the bank's money dark and below, co-investors' light and above.

    `halved` is written at a line through the middle of what is known.
    What is not known stands apart at the right, in grey, with room for its longer name on two lines.
    """
    high, foot, top = 96, 32, 16
    most = max([pillar.ours + pillar.others for pillar in row] + [1])
    known = sum(not pillar.faint for pillar in row)
    step = Fraction(width) / max(known + 2 * (len(row) - known), 1)
    base = top + high
    marks: list[str] = []
    x = Fraction(0)
    for pillar in row:
        wide = 2 * step if pillar.faint else step
        marks.extend(_pillar(pillar, x + wide / 2, step - 4, base, Fraction(high, most)))
        x += wide
    marks.append(line(0, base, width, base, INK))
    if halved and known:
        half = known * step / 2
        marks.append(line(half, top, half, base, WINE))
        marks.append(words(half + 4, top + 6, halved, size=SMALL, fill=WINE))
    if known and ends[0]:
        marks.append(words(2, base + 26, ends[0], size=SMALL, fill=GREY))
        marks.append(words(known * step - 2, base + 26, ends[1], size=SMALL, fill=GREY, anchor="end"))
    return drawing(width, base + foot, title, marks)


def _pillar(pillar: Pillar, middle: Fraction, thick: Fraction, base: int, scale: Fraction) -> Iterator[str]:
    left = middle - thick / 2
    ours, others = pillar.ours * scale, pillar.others * scale
    yield box(left, base - ours, thick, ours, GREY if pillar.faint else NAVY)
    yield box(left, base - ours - others - _GAP, thick, others, RULE if pillar.faint else SKY)
    yield words(middle, base - ours - others - 5, pillar.text, size=SMALL, anchor="middle")
    ink = GREY if pillar.faint else INK
    first, _, second = pillar.label.partition(" ")
    yield words(middle, base + 12, first, size=SMALL, fill=ink, anchor="middle")
    if second:
        yield words(middle, base + 23, second, size=SMALL, fill=ink, anchor="middle")


@dataclass(frozen=True, slots=True)
class Layer:
    """One quarter of a stack: its name and its amounts, the best first, and what is written above."""

    label: str
    amounts: tuple[int, ...]
    text: str


STACK_INKS: Final = (SKY, BLUE, NAVY, PLUM)
"""From the least to the worst, each darker in grey than the one before."""


def stack(quarters: Sequence[Layer], names: Sequence[str], title: str, width: int = 420) -> str:
    """A stacked column a quarter with its key at the right; the worst lies at the foot, where it can be compared."""
    high, top, key = 110, 16, 108
    most = max([sum(layer.amounts) for layer in quarters] + [1])
    step = Fraction(width - key, max(len(quarters), 1))
    base = top + high
    marks: list[str] = []
    for place, layer in enumerate(quarters):
        x, y = place * step + 3, Fraction(base)
        for amount, ink in reversed(list(zip(layer.amounts, STACK_INKS, strict=True))):
            tall = Fraction(amount * high, most)
            marks.append(box(x, y - tall, step - 6, tall - (_GAP if tall > 2 * _GAP else 0), ink))
            y -= tall
        marks.append(words(x + (step - 6) / 2, y - 4, layer.text, size=SMALL, anchor="middle"))
        marks.append(words(x + (step - 6) / 2, base + 13, layer.label, size=SMALL, anchor="middle"))
    marks.append(line(0, base, width - key, base, INK))
    for place, (name, ink) in enumerate(zip(names, STACK_INKS, strict=True)):
        marks.append(box(width - key + 12, top + place * 20, 11, 11, ink))
        marks.append(words(width - key + 29, top + place * 20 + 9, name, size=SMALL))
    return drawing(width, base + 18, title, marks)


def spark(amounts: Sequence[int | None], title: str, width: int = 62, high: int = 26) -> str:
    """Small bars, a quarter each, the last one dark; an unknown quarter leaves its place empty."""
    most = max([amount for amount in amounts if amount is not None] + [1])
    step = Fraction(width, max(len(amounts), 1))
    marks = [
        box(place * step, high - tall, step - _GAP, tall, NAVY if place == len(amounts) - 1 else SKY)
        for place, amount in enumerate(amounts)
        if amount is not None
        for tall in [max(Fraction(amount * (high - 1), most), Fraction(1, 2))]
    ]
    return drawing(width, high, title, [*marks, line(0, high, width, high, RULE)])
