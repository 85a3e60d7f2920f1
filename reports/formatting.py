"""How a value is written on a page: half up, thousands comma, true minus; never blank, never locale, never a float."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Final

from ledger.dates import Quarter
from ledger.money import Money
from reports.figures import Column, Unit, Value

MINUS: Final = "\N{MINUS SIGN}"
NOT_KNOWN: Final = "not known"
_PENCE_PER_POUND: Final = 100
_MILLION_POUNDS: Final = 1_000_000_00
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MANY_TIMES: Final = 10
_NUMBER_WORDS: Final = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_LONG_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def rounded(value: Fraction | Decimal | int, places: int) -> Decimal:
    """The nearest decimal of that many places, a half going away from zero."""
    exact = Fraction(value)
    scaled = abs(exact) * 10**places
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return Decimal(whole if exact >= 0 else -whole).scaleb(-places)


def grouped(value: Decimal | int) -> str:
    """Digits with thousands commas and a true minus sign; nought has no sign."""
    text = f"{abs(value):,f}" if isinstance(value, Decimal) else f"{abs(value):,d}"
    return f"{MINUS}{text}" if value < 0 else text


def _signed(text: str, value: Fraction | Decimal | int) -> str:
    return f"+{text}" if value > 0 else text


LAST_DIGIT: Final[Mapping[str, Fraction]] = {
    "thousands": Fraction(1_000_00),
    "millions": Fraction(_MILLION_POUNDS, 10),
    "percent-number": Fraction(1, 1000),
}
"""What a unit of the last digit stands for, in pence or in parts of one: the styles in which cells are fitted."""


def digits(style: str, value: Value) -> Fraction:
    """How many units of the last digit a value is, exactly."""
    if isinstance(value, Money):
        return value.pence / LAST_DIGIT[style]
    if isinstance(value, (Fraction, int, Decimal)):
        return Fraction(value) / LAST_DIGIT[style]
    raise ValueError(f"{value!r:.40} has no digits in the style {style!r}")


def nearest(exact: Fraction) -> int:
    """The nearest whole number, a half going away from zero."""
    return int(rounded(exact, 0))


def in_digits(style: str, units: int, value: Money | Fraction) -> str:
    """So many units of the last digit for a value: what is more than nothing yet has none of them says so."""
    places = 0 if style == "thousands" else 1
    figure = Decimal(units).scaleb(-places)
    above = value.pence > 0 if isinstance(value, Money) else value > 0
    if value and not units:
        return f"{'<' if above else f'>{MINUS}'}{grouped(Decimal(1).scaleb(-places) if places else 1)}"
    if isinstance(value, Fraction) and value < 1 and units == _WHOLE:
        return ">99.9"
    return grouped(figure if places else units)


_WHOLE: Final = 1000
"""Tenths of a percent in the whole."""


def in_words(money: Money) -> str:
    """A sum for a sentence: `£96.4m` from a million up, whole pounds below, and pence under a pound."""
    if abs(money.pence) >= _MILLION_POUNDS:
        sign, figure = _sign_and_rest(rounded(Fraction(money.pence, _MILLION_POUNDS), 1))
        return f"{sign}£{figure}m"
    exact = 0 < abs(money.pence) < _PENCE_PER_POUND
    sign, figure = _sign_and_rest(money.pounds if exact else rounded(Fraction(money.pence, _PENCE_PER_POUND), 0))
    return f"{sign}£{figure}"


def _sign_and_rest(value: Decimal) -> tuple[str, str]:
    return (MINUS if value < 0 else ""), grouped(abs(value))


def change_in_words(money: Money) -> str:
    """A change for a sentence: `+£5.6m`, or with a true minus, or `no change`."""
    if not money:
        return "no change"
    return f"+{in_words(money)}" if money.pence > 0 else in_words(money)


def size_in_words(money: Money) -> str:
    """The size of a sum for a sentence that says itself which way it went."""
    return in_words(abs(money))


def thousands(money: Money) -> str:
    """A sum in thousands of pounds, no decimals; what is more than nothing yet rounds to it is written `<1`."""
    return in_digits("thousands", nearest(digits("thousands", money)), money)


def change_in_thousands(money: Money) -> str:
    """A change in thousands of pounds, with its sign."""
    return _signed(thousands(money), money.pence)


def pounds(money: Money) -> str:
    """A sum to the penny."""
    return grouped(money.pounds)


def millions(money: Money) -> str:
    """A sum in millions of pounds to one decimal, for a chart whose subtitle names the unit."""
    return in_digits("millions", nearest(digits("millions", money)), money)


def percent(share: Fraction | Decimal) -> str:
    """A share as a percentage to one decimal, with the sign."""
    return f"{percent_number(share)}%"


def percent_number(share: Fraction | Decimal) -> str:
    """A share in percent to one decimal, for a column whose head carries the sign; `<0.1` and `>99.9` stay honest."""
    return in_digits("percent-number", nearest(Fraction(share) * 1000), Fraction(share))


def whole_percent(share: Fraction | Decimal) -> str:
    """A share as whole percent for a headline; below one or just short of the whole it says so."""
    return _guarded(share, "%")


def pence_in_the_pound(share: Fraction | Decimal) -> str:
    """A share as pence of every pound."""
    return _guarded(share, "p")


def _guarded(share: Fraction | Decimal, sign: str) -> str:
    figure = int(rounded(Fraction(share) * 100, 0))
    if share > 0 and figure == 0:
        return f"under 1{sign}"
    if share < 1 and figure == 100:  # noqa: PLR2004 -- the same
        return f"over 99{sign}"
    return f"{grouped(figure)}{sign}"


def exact_rate(rate: Decimal) -> str:
    """A yearly rate as percent with every digit it was agreed with: a contract's rate is never rounded."""
    return f"{number(rate * 100)}%"


def times(share: Fraction | Decimal) -> str:
    """How many times one thing covers another: to one decimal, whole from ten on; `<0.1` stays honest."""
    exact = Fraction(share)
    if abs(exact) >= _MANY_TIMES:
        return grouped(int(rounded(exact, 0)))
    figure = rounded(exact, 1)
    return "<0.1" if exact > 0 and not figure else grouped(figure)


def beside(share: Fraction | Decimal) -> str:
    """Pounds and pence beside each pound, as a sum of money to the penny: `£1.88`."""
    return f"£{grouped(rounded(Fraction(share), 2))}"


def ratio(share: Fraction | Decimal) -> str:
    """A ratio to two decimals, noughts and all."""
    return grouped(rounded(Fraction(share), 2))


def multiple(value: Decimal) -> str:
    """A multiple of what was paid in, to two decimals, noughts and all."""
    return grouped(rounded(value, 2))


def pound_multiple(value: Decimal) -> str:
    """A multiple of each pound paid in, as a sum of money: `£1.02`."""
    return f"£{multiple(value)}"


def number(value: Decimal) -> str:
    """A decimal as it was given, without noughts that say nothing."""
    plain = value.normalize()
    return grouped(plain if plain.as_tuple().exponent < 0 else int(plain))  # type: ignore[operator]


def day(value: date) -> str:
    """`21 Jan 2013`."""
    return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"


def short_day(value: date) -> str:
    """`21 Jan`, where the year is plain from its surroundings."""
    return f"{value.day} {_MONTHS[value.month - 1]}"


def long_day(value: date) -> str:
    """`21 January 2013`."""
    return f"{value.day} {_LONG_MONTHS[value.month - 1]} {value.year}"


def instant(value: datetime) -> str:
    """`09:00 UTC on 21 January 2013`; an instant that is not on a whole minute keeps its seconds."""
    clock = value.strftime("%H:%M" if not value.second else "%H:%M:%S")
    return f"{clock} UTC on {long_day(value.date())}"


def quarter_in_words(quarter: Quarter) -> str:
    """`October to December 2012`."""
    first, last = quarter.starts_on.month, quarter.ends_on.month
    return f"{_LONG_MONTHS[first - 1]} to {_LONG_MONTHS[last - 1]} {quarter.year}"


def number_word(value: int) -> str:
    """A small count in words, as a sentence wants it; from ten on in digits."""
    return _NUMBER_WORDS[value] if 0 <= value < len(_NUMBER_WORDS) else grouped(value)


def number_word_first(value: int) -> str:
    """The same where it begins a sentence."""
    return number_word(value).capitalize()


def _text(value: str) -> str:
    return value


STYLES: Final[Mapping[str, tuple[Unit, Callable[..., str]]]] = {
    "in-words": ("money", in_words),
    "size-in-words": ("money", size_in_words),
    "change-in-words": ("money", change_in_words),
    "thousands": ("money", thousands),
    "change-in-thousands": ("money", change_in_thousands),
    "pounds": ("money", pounds),
    "millions": ("money", millions),
    "percent": ("share", percent),
    "percent-number": ("share", percent_number),
    "whole-percent": ("share", whole_percent),
    "pence-in-the-pound": ("share", pence_in_the_pound),
    "times": ("share", times),
    "ratio": ("share", ratio),
    "beside": ("share", beside),
    "rate": ("rate", percent),
    "exact-rate": ("rate", exact_rate),
    "long-day": ("date", long_day),
    "multiple": ("number", multiple),
    "pound-multiple": ("number", pound_multiple),
    "count": ("count", grouped),
    "number-word": ("count", number_word),
    "number-word-first": ("count", number_word_first),
    "days": ("days", grouped),
    "number": ("number", number),
    "day": ("date", day),
    "text": ("text", _text),
}
"""Every way a value may be written, by name, with the unit it is for. The check of a document uses the same table."""

OWN_STYLE: Final[Mapping[Unit, str]] = {
    "money": "thousands",
    "count": "count",
    "share": "percent-number",
    "rate": "rate",
    "days": "days",
    "number": "number",
    "text": "text",
    "date": "day",
}


def write(style: str, value: Value, unknown: str = NOT_KNOWN, step: int = 0) -> str:
    """The value in that style; what is not known says so in words.

    `step` is how many units of the last digit it is printed above or below its nearest rounding, where sums ask for it.
    """
    if value is None:
        return unknown
    if step and isinstance(value, (Money, Fraction)):
        return in_digits(style, nearest(digits(style, value)) + step, value)
    return STYLES[style][1](value)


def cell(column: Column, value: Value, step: int = 0) -> str:
    """A table's cell in its column's style."""
    return write(column.style or OWN_STYLE[column.unit], value, column.unknown, step)
