"""How days, rates and quarters are read from a body: text only, in the one writing of the contract."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Final

from pydantic import BeforeValidator, Field, WithJsonSchema

from ledger.dates import parse_day
from ledger.refusals import Malformed
from ledger.whole_numbers import FARTHEST_PLACE, MOST_COUNTED

_RATE_LONGEST: Final = 14
_NUMBER_LONGEST: Final = 30


def _day(value: object) -> date:
    try:
        return parse_day(value)
    except Malformed as fault:
        raise ValueError(fault.sentence) from fault


def _rate(value: object) -> Decimal:
    plain = isinstance(value, str) and value.isascii() and len(value) <= _RATE_LONGEST
    if not plain or not str(value).replace(".", "", 1).isdigit():
        raise ValueError('a rate is a fraction written as text, like "0.075"')
    rate = Decimal(str(value))
    if rate >= 1:
        raise ValueError('a rate is a fraction below one: write 7.5 per cent as "0.075"')
    return rate


def _share(value: object) -> Decimal:
    return Decimal(1) if isinstance(value, str) and value in {"1", "1.0", "1.00"} else _rate(value)


def _number(value: object) -> Decimal:
    plain = isinstance(value, str) and value.isascii() and len(value) <= _NUMBER_LONGEST
    if not plain or not str(value).removeprefix("-").replace(".", "", 1).isdigit():
        raise ValueError('a number is written as text, like "1.5"')
    return Decimal(str(value))


Count = Annotated[int, Field(ge=0, le=MOST_COUNTED)]
"""How many of something there are, or how many a rule allows: a room may bound it more narrowly, and says so itself."""
Place = Annotated[int, Field(ge=1, le=FARTHEST_PLACE)]
"""The place of an entry in the journal."""
Day = Annotated[date, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]
Rate = Annotated[
    Decimal, BeforeValidator(_rate), WithJsonSchema({"type": "string", "examples": ["0.075"], "pattern": r"^0?\.?\d+$"})
]
Share = Annotated[
    Decimal,
    BeforeValidator(_share),
    WithJsonSchema({"type": "string", "examples": ["0.45"], "pattern": r"^[01]?\.?\d+$"}),
]
"""A fraction from nothing to the whole."""
Number = Annotated[
    Decimal,
    BeforeValidator(_number),
    WithJsonSchema({"type": "string", "examples": ["1.5"], "pattern": r"^-?[\d.]+$"}),
]
