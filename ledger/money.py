"""Whole pence: what an amount is, how it is read and written, and how it is split without losing a penny."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from math import lcm
from operator import attrgetter
from typing import Any, Final, Self

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema

from ledger.refusals import Malformed
from ledger.wire import text_schema, text_shape

LIMIT_PENCE: Final = 9_000_000_000_000_000
"""The greatest magnitude of one amount on any wire: 90 trillion pounds. A thousand such sums still fit 64 bits."""

_TEXT: Final = re.compile(r"(-?)([0-9]{1,14})(?:\.([0-9]{1,2}))?", re.ASCII)
_TOO_LARGE: Final = re.compile(r"-?[1-9][0-9]{14,}(?:\.[0-9]*)?", re.ASCII)
_PENCE_PER_POUND: Final = 100
_PENCE: Final = attrgetter("pence")


class BadAmount(Malformed):
    """Text that is not an amount of pounds and pence."""

    slug = "bad-amount"


@dataclass(frozen=True, order=True, slots=True)
class Money:
    """A signed sum of whole pence, pounds sterling. A debit is positive. Never a float, never a bare number."""

    pence: int

    @classmethod
    def parse(cls, text: object) -> Self:
        """Read decimal pounds such as ``"1234.56"``: ASCII digits, at most two decimals, within the limit.

        Refuses numbers that are not text, signs other than a leading minus, exponents, separators, spaces,
        NaN, infinities, foreign digits, a third decimal and anything beyond the limit.
        """
        match = _TEXT.fullmatch(text) if isinstance(text, str) else None
        if match is None and isinstance(text, str) and _TOO_LARGE.fullmatch(text):
            raise _beyond(text)
        if match is None:
            raise BadAmount(
                f"{_shown(text)} is not an amount: write pounds as text with at most two decimals, like 1234.56",
                found=_shown(text),
            )
        sign, pounds, pennies = match.groups()
        pence = int(pounds) * _PENCE_PER_POUND + int((pennies or "").ljust(2, "0"))
        if pence > LIMIT_PENCE:
            raise _beyond(text)
        return cls(-pence if sign else pence)

    @classmethod
    def round_half_up(cls, exact_pence: Decimal | Fraction) -> Self:
        """The nearest whole penny, a half going away from zero: the one place where pence are rounded."""
        if isinstance(exact_pence, Fraction):
            whole = (2 * abs(exact_pence.numerator) + exact_pence.denominator) // (2 * exact_pence.denominator)
            return cls(whole if exact_pence >= 0 else -whole)
        return cls(int(exact_pence.quantize(Decimal(1), rounding=ROUND_HALF_UP)))

    @classmethod
    def total(cls, amounts: Iterable[Money]) -> Self:
        """The sum; nothing at all sums to zero."""
        return cls(sum(map(_PENCE, amounts)))

    def __add__(self, other: Money) -> Money:
        return Money(self.pence + other.pence)

    def __sub__(self, other: Money) -> Money:
        return Money(self.pence - other.pence)

    def __neg__(self) -> Money:
        return Money(-self.pence)

    def __abs__(self) -> Money:
        return Money(abs(self.pence))

    def __bool__(self) -> bool:
        return self.pence != 0

    def __str__(self) -> str:
        digits = str(self.pence).zfill(3 if self.pence >= 0 else 4)
        return f"{digits[:-2]}.{digits[-2:]}"

    @property
    def pounds(self) -> Decimal:
        """The same sum as exact decimal pounds, for arithmetic that is rounded once at its end."""
        return Decimal(self.pence).scaleb(-2)

    def times(self, factor: Fraction | Decimal) -> Money:
        """This sum times an exact factor, rounded once, half up."""
        return Money.round_half_up(Fraction(self.pence) * Fraction(factor))

    @classmethod
    def __get_pydantic_core_schema__(cls, source: type[Any], handler: GetCoreSchemaHandler) -> CoreSchema:
        """On every wire an amount is text; a JSON number is refused."""
        del source, handler
        return text_schema(cls, cls.parse)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """What OpenAPI says of an amount."""
        del schema, handler
        return text_shape(
            r"^-?[0-9]{1,14}(\.[0-9]{1,2})?$", "Pounds as decimal text with at most two decimals.", "1234.56"
        )


NOTHING: Final = Money(0)


def split(whole: Money, weights: Sequence[int | Fraction]) -> list[Money]:
    """Divide a sum by weights so that the parts add up to it exactly: largest remainder, ties to the earlier part.

    The sign of the whole is kept. Refuses no weights, a negative weight, and weights that are all zero.
    """
    apart = lcm(*(weight.denominator for weight in weights))
    exact = [weight.numerator * (apart // weight.denominator) for weight in weights]
    total = sum(exact)
    if not exact or min(exact) < 0 or total == 0:
        raise ValueError("a sum is split by one or more weights, none negative and not all zero")
    parts, rests = map(list, zip(*(divmod(abs(whole.pence) * weight, total) for weight in exact), strict=True))
    short = abs(whole.pence) - sum(parts)
    for place in sorted(range(len(parts)), key=lambda place: (-rests[place], place))[:short]:
        parts[place] += 1
    return [Money(part if whole.pence >= 0 else -part) for part in parts]


def _beyond(text: object) -> BadAmount:
    told = _shown(text)
    return BadAmount(f"{told} is beyond the limit of 90 trillion pounds: check how many digits it has", found=told)


def _shown(value: object) -> str:
    text = value if isinstance(value, str) else repr(value)
    return repr(text if len(text) <= 40 else text[:37] + "...")  # noqa: PLR2004 -- a sentence, not a dump
