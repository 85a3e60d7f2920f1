"""Drawings over time and of two sides: lines, migrations, strips of quarters, bullets and columns with a mark."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import Final, Literal

from reports.drawing import (
    BLUE,
    GREY,
    INK,
    NAVY,
    ORANGE,
    PALE,
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
    path,
    width_of,
    words,
)

LINE_INKS: Final = ((NAVY, ""), (BLUE, ""), (WINE, "5 3"), (GREY, "2 2"), (ORANGE, "8 3"))
"""Ink and dashes of each line: told apart without colour too."""
_APART: Final = 12
"""The least distance between two names at the right end."""


@dataclass(frozen=True, slots=True)
class Track:
    """One line: its name, its amounts from left to right (None is a gap), and what is written at its last point."""

    label: str
    amounts: tuple[int | None, ...]
    text: str


def tracks(
    given: Sequence[Track], ends: tuple[str, str], title: str, *, width: int = 696, high: int = 130, key: int = 190
) -> str:
    """Lines over the same quarters, named at their right ends; the line of nothing is drawn where one goes below it."""
    known = [amount for track in given for amount in track.amounts if amount is not None]
    most, least = max([*known, 1]), min([*known, 0])
    top, foot, room = 10, 16, width - key
    scale = Fraction(high, most - least)
    zero = top + most * scale
    marks = [line(0, zero, room, zero, INK)]
    places: list[tuple[Fraction, Track, str]] = []
    for track, (ink, dash) in zip(given, _cycled(len(given)), strict=True):
        points = _points(track, room, zero, scale)
        if not points:
            continue
        marks.append(path(points, ink, dash))
        x, y = points[-1]
        marks.append(box(x - 2, y - 2, 4, 4, ink))
        places.append((Fraction(y), track, ink))
    marks.extend(_names(places, room, top + high))
    marks.append(words(0, top + high + foot - 3, ends[0], size=SMALL, fill=GREY))
    marks.append(words(room, top + high + foot - 3, ends[1], size=SMALL, fill=GREY, anchor="end"))
    return drawing(width, top + high + foot, title, marks)


def _cycled(number: int) -> list[tuple[str, str]]:
    return [LINE_INKS[place % len(LINE_INKS)] for place in range(number)]


def _points(track: Track, room: int, zero: Fraction, scale: Fraction) -> list[tuple[Size, Size]]:
    step = Fraction(room - 4, max(len(track.amounts) - 1, 1))
    return [(place * step, zero - amount * scale) for place, amount in enumerate(track.amounts) if amount is not None]


def _names(places: Sequence[tuple[Fraction, Track, str]], room: int, low: int) -> Iterator[str]:
    """The names at the right, in the order of the lines' ends, pushed apart so that none covers another."""
    ranked = sorted(places, key=lambda one: one[0])
    heights: list[Fraction] = []
    for y, _, _ in ranked:
        heights.append(max(y, heights[-1] + _APART) if heights else max(y, Fraction(8)))
    over = heights[-1] - low if heights else Fraction(0)
    if over > 0:
        heights = [max(one - over, Fraction(8) + place * _APART) for place, one in enumerate(heights)]
    for (_, track, ink), y in zip(ranked, heights, strict=True):
        marks = "" if ink == ORANGE else ink
        yield words(room + 8, y + 4, track.text, size=SMALL, fill=marks or INK, bold=True)
        yield words(room + 14 + width_of(track.text, SMALL), y + 4, track.label, size=SMALL, fill=marks or INK)


@dataclass(frozen=True, slots=True)
class Square:
    """One field of a migration: what moved, how it is written, and whether it stayed, worsened or mended."""

    amount: int
    text: str
    turn: Literal["stayed", "worse", "better"]


_TURNS: Final = {"stayed": (SKY, INK), "worse": (ROSE, INK), "better": (PALE, INK)}


def migration(
    rows: Sequence[str],
    names: Sequence[str],
    fields: Sequence[Sequence[Square]],
    heads: tuple[str, str],
    title: str,
    width: int = 340,
) -> str:
    """Where each stage's money went: rows are where it was, columns where it is; an empty field is left white.

    A column's name may be of two lines, parted by `|`.
    """
    left, row, top = 128, 26, 32
    wide = Fraction(width - left, len(names))
    marks = [
        words(0, 10, heads[0], size=SMALL, fill=GREY),
        words(left, 10, heads[1], size=SMALL, fill=GREY),
        *(
            words(left + wide * at + wide / 2, 25 - SMALL * below, part, size=SMALL, anchor="middle")
            for at, name in enumerate(names)
            for below, part in enumerate(reversed(name.split("|")))
        ),
    ]
    for at, (name, across) in enumerate(zip(rows, fields, strict=True)):
        y = top + at * row
        marks.append(words(left - 10, y + 16, name, anchor="end", size=SMALL))
        for place, field in enumerate(across):
            fill, ink = _TURNS[field.turn] if field.amount else (WHITE, GREY)
            x = left + place * wide
            marks.append(box(x, y, wide - 2, row - 2, fill))
            marks.append(line(x, y + row - 2, x + wide - 2, y + row - 2, RULE))
            marks.append(
                words(x + wide / 2 - 1, y + 16, field.text, fill=ink, anchor="middle", bold=bool(field.amount))
            )
    return drawing(width, top + row * len(rows), title, marks)


State = Literal["on-time", "late", "missing", "not-due", "none"]
_STATES: Final[dict[State, tuple[str, str]]] = {
    "on-time": (SKY, ""),
    "late": (BLUE, "late"),
    "missing": (WINE, "none"),
    "not-due": (PALE, ""),
    "none": (WHITE, ""),
}
"""Fill and word of each; the word is what tells them apart without colour."""


@dataclass(frozen=True, slots=True)
class Strip:
    """One lender's quarters from left to right, and what is written at the end."""

    label: str
    states: tuple[State, ...]
    text: str = ""


def strips(
    rows: Sequence[Strip], quarters: Sequence[str], title: str, *, width: int = 696, label_room: int = 270
) -> str:
    """One row a lender, one field a quarter: pale filed on time, dark with a word late, wine with a word missing."""
    row, top, tail = 19, 16, 92
    wide = Fraction(width - label_room - tail, max(len(quarters), 1))
    marks = [
        words(label_room + wide * at + wide / 2, 10, name, size=SMALL, fill=GREY, anchor="middle")
        for at, name in enumerate(quarters)
    ]
    for at, strip in enumerate(rows):
        y = top + at * row
        marks.append(words(0, y + 12, clipped(strip.label, label_room - 8)))
        for place, state in enumerate(strip.states):
            fill, word = _STATES[state]
            marks.append(box(label_room + place * wide, y, wide - 2, row - 3, fill))
            if word:
                marks.append(
                    words(
                        label_room + place * wide + wide / 2 - 1, y + 12, word, size=SMALL, fill=WHITE, anchor="middle"
                    )
                )
        marks.append(words(width, y + 12, strip.text, size=SMALL, anchor="end"))
    return drawing(width, top + row * max(len(rows), 1), title, marks)


@dataclass(frozen=True, slots=True)
class Bullet:
    """One indicator: where it began, what was hoped, what was reached, in parts of a thousand of the longest."""

    label: str
    baseline: int
    target: int
    actual: int
    texts: tuple[str, ...]


_BULLET_COLUMN: Final = 54
_BETWEEN: Final = 12
_LEAST_BAR: Final = 80


def bullets(rows: Sequence[Bullet], heads: Sequence[str], title: str, width: int = 696, label_room: int = 290) -> str:
    """A bar for what was reached, pale up to where it began, with an upright mark at the target of each.

    A bar begins at nought, which stands within its room where a value is below it. The columns are as wide as the
    longest of what is written in them.
    """
    row, top, thick = 24, 16, 12
    written = [text for bullet in rows for text in bullet.texts]
    column = max([_BULLET_COLUMN, *(ceil(width_of(text)) + _BETWEEN for text in written)])
    end = width - column * len(heads)
    label_room = min(label_room, end - _LEAST_BAR)
    room = end - label_room - 14
    marks = [
        words(width - column * (len(heads) - 1 - at), 9, head, size=SMALL, fill=GREY, anchor="end")
        for at, head in enumerate(heads)
    ]
    for place, bullet in enumerate(rows):
        y = top + place * row
        values = (0, bullet.target, bullet.actual, bullet.baseline)
        least, most = min(values), max(values)
        scale = Fraction(room, max(most - least, 1))
        nought = label_room - least * scale
        marks.append(words(0, y + 11, clipped(bullet.label, label_room - 8)))
        marks.append(box(label_room, y + 1, room, thick + 2, PALE))
        marks.append(_from(nought, bullet.actual * scale, y + 3, thick - 2, NAVY))
        if bullet.baseline * bullet.actual > 0:
            there = bullet.baseline if abs(bullet.baseline) < abs(bullet.actual) else bullet.actual
            marks.append(_from(nought, there * scale, y + 3, thick - 2, SKY))
        marks.append(box(nought + bullet.target * scale - 2, y - 1, 3, thick + 6, WINE))
        marks.extend(
            words(width - column * (len(heads) - 1 - at), y + 11, text, anchor="end")
            for at, text in enumerate(bullet.texts)
        )
    return drawing(width, top + row * max(len(rows), 1), title, marks)


def _from(nought: Size, long: Size, y: Size, high: Size, ink: str) -> str:
    """A bar from nought to the right, or to the left where it is of less than nought."""
    left = min(Fraction(long), Fraction(0))
    return box(nought + left, y, max(Fraction(long), -left), high, ink)


@dataclass(frozen=True, slots=True)
class Column:
    """One upright column of two amounts, the bank's below and co-investors' above, with what is written on each."""

    label: str
    ours: int
    others: int
    texts: tuple[str, str]


def columns(row: Sequence[Column], names: tuple[str, str], title: str, width: int = 340, high: int = 104) -> str:
    """Columns of two parts side by side, each part with its own number: they are never one number."""
    top, foot = 26, 16
    most = max([one.ours + one.others for one in row] + [1])
    step = Fraction(width, max(len(row), 1))
    base = top + high
    thick = min(step - 8, Fraction(56))
    marks = [
        box(0, 2, 9, 9, NAVY),
        words(13, 10, names[0], size=SMALL),
        box(24 + width_of(names[0], SMALL), 2, 9, 9, SKY),
        words(37 + width_of(names[0], SMALL), 10, names[1], size=SMALL),
    ]
    for place, one in enumerate(row):
        middle = place * step + step / 2
        ours, others = Fraction(one.ours * high, most), Fraction(one.others * high, most)
        marks.append(box(middle - thick / 2, base - ours, thick, ours, NAVY))
        marks.append(box(middle - thick / 2, base - ours - others - 1, thick, others, SKY))
        if min(ours, others) > SMALL + 3:
            marks.append(words(middle, base - ours + 11, one.texts[0], size=SMALL, fill=WHITE, anchor="middle"))
            marks.append(words(middle, base - ours - others + 10, one.texts[1], size=SMALL, anchor="middle"))
        else:
            both = f"{one.texts[0]} + {one.texts[1]}"
            marks.append(words(middle, base - ours - others - 5, both, size=SMALL, anchor="middle"))
        marks.append(words(middle, base + 12, one.label, size=SMALL, anchor="middle"))
    marks.append(line(0, base, width, base, INK))
    return drawing(width, base + foot, title, marks)


@dataclass(frozen=True, slots=True)
class Band:
    """One band of a distribution: what stands under it, how many, and how that is written."""

    label: str
    number: int
    text: str
    holds_median: bool = False


def histogram(row: Sequence[Band], median: str, title: str, width: int = 340, high: int = 84) -> str:
    """How many in each band, touching columns; the band in which the median lies is dark and says so."""
    top, foot = 26, 28
    most = max([band.number for band in row] + [1])
    step = Fraction(width, max(len(row), 1))
    base = top + high
    marks: list[str] = []
    for place, band in enumerate(row):
        tall, x = Fraction(band.number * high, most), place * step
        marks.append(box(x, base - tall, step - 1, tall, NAVY if band.holds_median else SKY))
        marks.append(words(x + step / 2, base - tall - 4, band.text, size=SMALL, anchor="middle"))
        first, _, second = band.label.partition("|")
        marks.append(words(x + step / 2, base + 12, first, size=SMALL, anchor="middle"))
        marks.append(words(x + step / 2, base + 23, second, size=SMALL, anchor="middle"))
        if band.holds_median and median:
            middle = min(max(x + step / 2, Fraction(40)), Fraction(width - 40))
            marks.append(words(middle, 9, median, size=SMALL, bold=True, anchor="middle"))
    marks.append(line(0, base, width, base, INK))
    return drawing(width, base + foot, title, marks)


@dataclass(frozen=True, slots=True)
class Cell:
    """One bar of a panel: how long it is, how much of it is ours, and what is written at its end."""

    amount: int
    ours: int
    text: str


@dataclass(frozen=True, slots=True)
class Panel:
    """One way of counting: its name, and a bar for each row; a row that nobody counted so has none."""

    name: str
    cells: tuple[Cell | None, ...]


_MOST_LABEL: Final = 264


def panels(rows: Sequence[str], each: Sequence[Panel], title: str, width: int = 696) -> str:
    """The same rows in panels side by side, each on its own scale; ours is the dark part of a bar.

    The name of a panel stands above it, on two lines where it has a comma.
    """
    row, top, thick, tail, apart = 15, 34, 10, 40, 14
    label_room = min(max((int(width_of(name)) for name in rows), default=0) + 12, _MOST_LABEL)
    wide = Fraction(width - label_room, max(len(each), 1))
    marks = [words(0, top + at * row + 10, clipped(name, label_room - 10)) for at, name in enumerate(rows)]
    for place, panel in enumerate(each):
        x = label_room + place * wide
        first, comma, second = panel.name.partition(", ")
        marks += [
            words(x, 12, f"{first}{comma.strip()}", size=SMALL, bold=True),
            words(x, 24, clipped(second, int(wide) - apart, SMALL), size=SMALL, bold=True),
        ]
        most = max([1, *(cell.amount for cell in panel.cells if cell is not None)])
        scale = Fraction(wide - tail - apart, most)
        for at, cell in enumerate(panel.cells):
            y = top + at * row
            if cell is None:
                marks.append(words(x + 5, y + 10, "none told", size=SMALL, fill=GREY))
                continue
            dark, long = cell.ours * scale, cell.amount * scale
            marks.append(box(x, y + 1, dark, thick, NAVY))
            marks.append(box(x + dark + 1, y + 1, max(long - dark - 1, Fraction(0)), thick, SKY))
            marks.append(words(x + long + 5, y + 10, cell.text, size=SMALL))
        marks.append(line(x, top - 2, x, top + row * len(rows) - 2, INK))
    return drawing(width, top + row * max(len(rows), 1), title, marks)


RAMP: Final = ((NAVY, WHITE), (BLUE, WHITE), (SKY, INK), (PALE, INK), (WHITE, INK))
"""From the strongest kind to the weakest: each paler than the one before, and so told apart in grey."""


@dataclass(frozen=True, slots=True)
class Parted:
    """One bar that is a whole of parts, in the order of the ramp, with what is written in each and at its end."""

    label: str
    parts: tuple[int, ...]
    texts: tuple[str, ...]
    total: str


def parted(
    rows: Sequence[Parted], names: Sequence[str], head: str, title: str, width: int = 696, label_room: int = 290
) -> str:
    """Bars of one length, each divided as its parts are to each other; the names of those that occur stand above.

    Each kind of part has its own ink, whichever others there are. What is too narrow for its number has none in it.
    """
    row, top, thick, tail = 19, 22, 15, 56
    room, x = width - label_room - tail, label_room
    marks: list[str] = []
    for kind, ((fill, _), name) in enumerate(zip(RAMP, names, strict=False)):
        if any(each.parts[kind] for each in rows):
            marks += [box(x, 2, 9, 9, fill), line(x, 11, x + 9, 11), words(x + 13, 10, name, size=SMALL)]
            x += 29 + int(width_of(name, SMALL))
    marks.append(words(width, 10, head, size=SMALL, fill=GREY, anchor="end"))
    for place, each in enumerate(rows):
        y, at, whole = top + place * row, Fraction(label_room), max(sum(each.parts), 1)
        marks.append(words(0, y + 12, clipped(each.label, label_room - 8)))
        for (fill, ink), part, text in zip(RAMP, each.parts, each.texts, strict=False):
            if part:
                long = max(Fraction(room * part, whole) - 1, Fraction(1))
                marks += [box(at, y, long, thick, fill), line(at, y + thick, at + long, y + thick)]
                if long > width_of(text, SMALL):
                    marks.append(words(at + long / 2, y + 11, text, size=SMALL, fill=ink, anchor="middle"))
                at += Fraction(room * part, whole)
        marks.append(words(width, y + 12, each.total, anchor="end"))
    return drawing(width, top + row * max(len(rows), 1), title, marks)
