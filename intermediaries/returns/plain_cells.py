"""What a cell means that no check could find fault with, told by one look: most cells of most returns are of that kind.

The checks of `values` say what a cell may hold. Asking each of them of every cell takes most of the time that a long
return takes; so a cell in the plain writing of its column is recognised here, and the checks are asked of all others.
Whatever is recognised here, they would have passed with the same text and value: a test holds every column to that.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Final, NamedTuple

from intermediaries.returns.bounds import Form
from intermediaries.returns.checks import Fault
from intermediaries.returns.layout import COLUMNS, Column, Kind
from intermediaries.returns.raw import RawCell
from intermediaries.returns.rows import plain
from ledger.dates import CALENDAR_ENDS, CALENDAR_STARTS
from ledger.money import Money


class Judged(NamedTuple):
    """What became of a cell: its canonical text and its value, or the rule it breaks and the fault."""

    text: str
    value: object = None
    rule: str = ""
    fault: Fault | None = None


Look = Callable[[str], Judged | None]
"""What a text means in a column, where one look tells; None leaves it to the checks."""

_POUNDS: Final = re.compile(r"(0|[1-9][0-9]{0,12})(?:\.([0-9]{1,2}))?", re.ASCII)
_FRACTION: Final = re.compile(r"(?:0(?:\.[0-9]{1,10})?|1(?:\.0{1,10})?)", re.ASCII)
_WHOLE: Final = re.compile(r"[0-9]{1,9}", re.ASCII)
_NUMBER: Final = re.compile(r"(?:0|[1-9][0-9]{0,11})(?:\.[0-9]{1,6})?", re.ASCII)
_DAY: Final = re.compile(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}", re.ASCII)
_REFERENCE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._/-]{0,59}", re.ASCII)
_WORDS: Final = re.compile(r"[A-Za-z0-9(][A-Za-z0-9 .,;:()/'+-]{1,39}", re.ASCII)
_COMPANY: Final = re.compile(r"GB-COH-(?:(?!0{8})[0-9]{8}|(?:SC|NI|OC|CE|CS|IP|RS)(?!0{6})[0-9]{6})", re.ASCII)
_CHARITY: Final = re.compile(r"GB-CHC-[1-9][0-9]{5,6}|GB-SC-SC0(?!0{5})[0-9]{5}|GB-NIC-1[0-9]{5}", re.ASCII)
_POSTCODE: Final = re.compile(r"[A-Z]{1,2}[0-9][A-Z0-9]? [0-9][ABD-HJLNP-UW-Z]{2}", re.ASCII)
_LSOA: Final = re.compile(r"[EWS]01[0-9]{6}", re.ASCII)
_AUTHORITY: Final = re.compile(r"(?:E0[6-9]|W06|S12|N09)[0-9]{6}", re.ASCII)


def _amount(text: str) -> Judged | None:
    found = _POUNDS.fullmatch(text)
    if found is None:
        return None
    pounds, pennies = found.groups()
    told = f"{pounds}.{(pennies or '').ljust(2, '0')}"
    return Judged(told, Money(int(told[:-3] + told[-2:])))


def _fraction(text: str) -> Judged | None:
    return _decimal(text) if _FRACTION.fullmatch(text) else None


def _number(text: str) -> Judged | None:
    return _decimal(text) if _NUMBER.fullmatch(text) else None


def _decimal(text: str) -> Judged:
    value = Decimal(text)
    return Judged(plain(value), value)


def _count(text: str) -> Judged | None:
    if not _WHOLE.fullmatch(text):
        return None
    value = int(text)
    return Judged(str(value), value)


def _day(text: str) -> Judged | None:
    if not _DAY.fullmatch(text):
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return Judged(text, day) if CALENDAR_STARTS <= day <= CALENDAR_ENDS else None


def _identifiers(text: str) -> Judged | None:
    return Judged(text, (text,)) if _COMPANY.fullmatch(text) or _CHARITY.fullmatch(text) else None


def _matching(pattern: re.Pattern[str]) -> Look:
    def look(text: str) -> Judged | None:
        return Judged(text, text) if pattern.fullmatch(text) else None

    return look


_LOOKS: Final[Mapping[Kind, Look]] = MappingProxyType(
    {
        Kind.REFERENCE: _matching(_REFERENCE),
        Kind.TEXT: _matching(_WORDS),
        Kind.IDS: _identifiers,
        Kind.MONEY: _amount,
        Kind.DATE: _day,
        Kind.RATE: _fraction,
        Kind.SHARE: _fraction,
        Kind.COUNT: _count,
        Kind.NUMBER: _number,
        Kind.POSTCODE: _matching(_POSTCODE),
        Kind.LSOA: _matching(_LSOA),
        Kind.AUTHORITY: _matching(_AUTHORITY),
    }
)
"""Codes, goals and answers of yes or no are not here: of them there are few, which are judged once and remembered."""
_FORMS: Final[Mapping[Kind, frozenset[Form]]] = MappingProxyType(
    {
        **dict.fromkeys(_LOOKS, frozenset({Form.TEXT})),
        **dict.fromkeys(
            (Kind.RATE, Kind.SHARE, Kind.COUNT, Kind.NUMBER), frozenset({Form.TEXT, Form.NUMBER, Form.BARE})
        ),
        Kind.MONEY: frozenset({Form.TEXT, Form.NUMBER}),
        Kind.DATE: frozenset({Form.TEXT, Form.DATE}),
    }
)
_PLAINLY: Final[Mapping[str, tuple[Look, frozenset[Form]]]] = MappingProxyType(
    {column.name: (_LOOKS[column.kind], _FORMS[column.kind]) for column in COLUMNS if column.kind in _LOOKS}
)


def plainly(column: Column, cell: RawCell) -> Judged | None:
    """The cell judged by one look; None where the checks have to be asked."""
    look = _PLAINLY.get(column.name)
    return look[0](cell.text) if look is not None and cell.form in look[1] else None
