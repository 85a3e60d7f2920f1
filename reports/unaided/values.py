"""The figures of a statement without our code: what each reference comes to, and how it is written."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from reports.unaided.pages import require

MINUS = "\u2212"

# Values and how they are written: half up, thousands comma, true minus.


MOST_PENCE = 9_000_000_000_000_000
MOST_COUNTED = 10**60


class Pence(int):
    """A sum of money."""


def pence(text: Any) -> Pence:
    """An amount such as ``-1234.50``; refuses any other writing."""
    found = re.fullmatch(r"(-?)([0-9]{1,14})(?:\.([0-9]{1,2}))?", text, re.ASCII) if isinstance(text, str) else None
    require(found, f"{text!r:.40} is no amount")
    assert found is not None  # noqa: S101 -- for who reads the types
    size = int(found[2]) * 100 + int((found[3] or "").ljust(2, "0"))
    require(size <= MOST_PENCE, f"{text!r:.40} is more than any amount")
    return Pence(-size if found[1] else size)


def counted(told: Any) -> int:
    """A whole number; refuses one that no statement counts to."""
    fits = isinstance(told, int) and not isinstance(told, bool) and abs(told) < MOST_COUNTED
    require(fits, f"{told!r:.40} is not a count as a statement writes one")
    return int(told)


def as_written(pattern: str, read: Any) -> Any:
    """A reader of text that is written like this, and of no other: an exponent could keep it for ever."""

    def one(told: Any) -> Any:
        fits = isinstance(told, str) and re.fullmatch(pattern, told, re.ASCII | re.DOTALL)
        require(fits, f"{told!r:.60} is not written as a statement writes such a value")
        return read(told)

    return one


SHARE = as_written("-?[0-9]{1,60}(/0{0,59}[1-9][0-9]{0,59})?", Fraction)
DECIMAL = as_written(r"-?[0-9]{1,60}(\.[0-9]{1,60})?", Decimal)
READ: dict[str, Any] = {
    "money": pence, "count": counted, "share": SHARE, "rate": DECIMAL, "days": counted, "number": DECIMAL,
    "text": as_written(".*", str), "date": as_written("[0-9]{4}-[0-9]{2}-[0-9]{2}", date.fromisoformat),
}  # fmt: skip
OWN = {
    "money": "thousands", "count": "count", "share": "percent-number", "rate": "rate", "days": "days",
    "number": "number", "text": "text", "date": "day",
}  # fmt: skip
LAST_DIGIT = {"thousands": Fraction(100_000), "millions": Fraction(10_000_000), "percent-number": Fraction(1, 1000)}
MONTHS = ("January", "February", "March", "April", "May", "June",
          "July", "August", "September", "October", "November", "December")  # fmt: skip
WORDS = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def nearest(value: Any) -> int:
    """The nearest whole number, a half going away from nought."""
    exact = Fraction(value)
    size = (2 * abs(exact).numerator + exact.denominator) // (2 * exact.denominator)
    return size if exact >= 0 else -size


def grouped(units: int, places: int = 0) -> str:
    """So many units of the last decimal place, with thousands commas and a true minus."""
    whole, rest = divmod(abs(units), 10**places)
    tail = f".{rest:0{places}d}" if places else ""
    return f"{MINUS if units < 0 else ''}{whole:,d}{tail}"


def fitted(style: str, value: Any, step: int) -> str:
    """A value in a style whose cells may yield by a step, so that sums add as printed."""
    units, places = nearest(Fraction(value) / LAST_DIGIT[style]) + step, 0 if style == "thousands" else 1
    if value and not units:
        return f"{'<' if value > 0 else '>' + MINUS}{grouped(1, places)}"
    return ">99.9" if style == "percent-number" and value < 1 and units == 1000 else grouped(units, places)  # noqa: PLR2004


def in_words(money: int) -> str:
    """`£96.4m` from a million up, whole pounds below, pence under a pound."""
    sign, size = (MINUS if money < 0 else ""), abs(money)
    if size >= 100_000_000:  # noqa: PLR2004 -- pence in a million pounds
        return f"{sign}£{grouped(nearest(Fraction(size, 10_000_000)), 1)}m"
    small = 0 < size < 100  # noqa: PLR2004 -- pence in a pound
    figure = grouped(size, 2) if small else grouped(nearest(Fraction(size, 100)))
    return f"{sign if small or nearest(Fraction(size, 100)) else ''}£{figure}"


def guarded(share: Any, sign: str) -> str:
    """Whole hundredths, and never nothing for something nor the whole for less."""
    units = nearest(Fraction(share) * 100)
    if share > 0 and not units:
        return f"under 1{sign}"
    return f"over 99{sign}" if share < 1 and units == 100 else f"{grouped(units)}{sign}"  # noqa: PLR2004


def plain(value: Decimal) -> str:
    """A decimal as it was given, without noughts that say nothing."""
    told = value.normalize()
    sign, digits, exponent = told.as_tuple()
    places = max(0, -int(exponent))
    units = int("".join(map(str, digits))) * 10 ** max(0, int(exponent))
    return grouped(-units if sign else units, places)


def times(share: Any) -> str:
    """How many times over: to one decimal, whole from ten on."""
    if abs(share) >= 10:  # noqa: PLR2004 -- from where decimals say nothing
        return grouped(nearest(share))
    units = nearest(Fraction(share) * 10)
    return "<0.1" if share > 0 and not units else grouped(units, 1)


def plus(text: str, value: Any) -> str:
    """A change with its sign."""
    return f"+{text}" if value > 0 else text


STYLES: dict[str, Any] = {
    "in-words": in_words,
    "size-in-words": lambda value: in_words(abs(value)),
    "change-in-words": lambda value: plus(in_words(value), value) if value else "no change",
    "change-in-thousands": lambda value: plus(fitted("thousands", value, 0), value),
    "pounds": lambda value: grouped(value, 2),
    "percent": lambda value: f"{fitted('percent-number', Fraction(value), 0)}%",
    "whole-percent": lambda value: guarded(value, "%"),
    "pence-in-the-pound": lambda value: guarded(value, "p"),
    "times": times,
    "ratio": lambda value: grouped(nearest(Fraction(value) * 100), 2),
    "beside": lambda value: f"£{grouped(nearest(Fraction(value) * 100), 2)}",
    "rate": lambda value: f"{fitted('percent-number', Fraction(value), 0)}%",
    "exact-rate": lambda value: f"{plain(value * 100)}%",
    "long-day": lambda value: f"{value.day} {MONTHS[value.month - 1]} {value.year}",
    "day": lambda value: f"{value.day} {MONTHS[value.month - 1][:3]} {value.year}",
    "multiple": lambda value: grouped(nearest(Fraction(value) * 100), 2),
    "pound-multiple": lambda value: f"£{grouped(nearest(Fraction(value) * 100), 2)}",
    "count": grouped,
    "number-word": lambda value: WORDS[value] if 0 <= value < len(WORDS) else grouped(value),
    "number-word-first": lambda value: STYLES["number-word"](value).capitalize(),
    "days": grouped,
    "number": plain,
    "text": str,
}


def write(
    style: str, value: Any, unknown: str = "not known", step: int = 0, *, former: bool = False, signed: bool = False
) -> str:
    """A value as it is printed. In the former format a share that is hardly less than nothing was written `0.0`.

    Where it is `signed`, by earlier versions, a sign stood before the `<` of whatever is hardly less than nothing.
    """
    if value is None:
        return unknown
    require(style in STYLES or style in LAST_DIGIT, f"there is no style {style!r:.40}")
    told = fitted(style, value, step) if style in LAST_DIGIT else str(STYLES[style](value))
    told = told.replace(f">{MINUS}", f"{MINUS}<") if former or signed else told
    return told.replace(f"{MINUS}<0.1", "0.0") if former and style in {"percent", "percent-number", "rate"} else told


# What the figures say, and what follows from them.


def rows_of(table: Any) -> list[Any]:
    """The rows of a table, its total last."""
    return [*table["rows"], *([table["total"]] if table["total"] else [])]


class Figures:
    """The values of a statement by reference, and sums, differences, one quotient and counts of them."""

    def __init__(self, data: Any) -> None:
        self.values: dict[str, Any] = {}
        self.columns: dict[str, dict[str, list[Any]]] = {}
        for one in data["figures"]:
            self.values[one["code"]] = self._read(one["unit"], one["value"])
            for part in ("known", "of") if one["coverage"] else ():
                self.values[f"{one['code']}.{part}"] = counted(one["coverage"][part])
        for one in data["movements"]:
            parts = {part: pence(one[part]) for part in ("opening", "added", "taken", "closing")}
            self.values.update({f"{one['code']}.{part}": value for part, value in parts.items()})
        for table in data["tables"]:
            codes = [column["code"] for column in table["columns"]]
            units = [column["unit"] for column in table["columns"]]
            cells = [list(map(self._read, units, row["cells"])) for row in rows_of(table)]
            for row, values in zip(rows_of(table), cells, strict=True):
                below = f"{table['code']}.{row['key']}"
                self.values.update({f"{below}.{code}": value for code, value in zip(codes, values, strict=True)})
            inner = cells[: len(table["rows"])]
            self.columns[table["code"]] = {code: [row[at] for row in inner] for at, code in enumerate(codes)}

    def _read(self, unit: str, told: Any) -> Any:
        return None if told is None else READ[unit](told)

    def worth(self, reference: str) -> Any:
        """The value that a reference stands for; none where a part is not known."""
        above, slash, below = reference.partition(" / ")
        if not slash:
            return self._sum(above)
        top, bottom = self._sum(above), self._sum(below)
        return None if top is None or not bottom else Fraction(top) / Fraction(bottom)

    def _sum(self, text: str) -> Any:
        first, *rest = re.split(r" ([+-]) ", text)
        whole = self._term(first)
        for sign, term in zip(rest[::2], rest[1::2], strict=True):
            part = self._term(term)
            if whole is None or part is None:
                whole = None
                continue
            require(type(whole) is type(part) and isinstance(part, int), f"{text!r:.80} adds what does not add")
            whole = type(part)(whole + part if sign == "+" else whole - part)
        return whole

    def _term(self, text: str) -> Any:
        words = text.split(" ")
        if words[0] == "rows":
            return len(next(iter(self.columns[words[1]].values()), []))
        if words[0] == "count":
            return self.columns[words[1]][words[2]].count(" ".join(words[3:]))
        require(text in self.values, f"the statement carries no value {text!r:.80}")
        return self.values[text]
