"""What a product's terms and events are told in: named fields of a few kinds, read from text and refused in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import Any, Final, Literal

from bank.treasury.rules import BadTerms, fraction, not_negative
from ledger.dates import parse_day
from ledger.money import NOTHING, Money
from ledger.refusals import Refusal

FieldKind = Literal["money", "rate", "count", "price", "day", "choice", "text"]

_LONGEST_TEXT: Final = 500
_LONGEST_NUMBER: Final = 24


@dataclass(frozen=True, slots=True)
class Field:
    """One thing that may be told: its name, its kind, what it means, and an example. A rate is a fraction."""

    name: str
    kind: FieldKind
    title: str
    example: str
    required: bool = True
    choices: tuple[str, ...] = ()

    @property
    def option(self) -> str:
        """As it is named on the command line."""
        return self.name.replace("_", "-")


@dataclass(frozen=True, slots=True)
class Told:
    """What was told, by field; a sum of money that was left out is nothing."""

    values: Mapping[str, Any]

    def money(self, name: str) -> Money:
        """A sum of money; nothing when it was left out."""
        found = self.values.get(name)
        return found if isinstance(found, Money) else NOTHING

    def number(self, name: str) -> Decimal:
        """A rate or a price; nought when it was left out."""
        found = self.values.get(name)
        return found if isinstance(found, Decimal) else Decimal(0)

    def count(self, name: str) -> int:
        """A count; nought when it was left out."""
        found = self.values.get(name)
        return found if isinstance(found, int) else 0

    def text(self, name: str) -> str:
        """Words, or one of the choices; empty when it was left out."""
        return str(self.values.get(name, ""))

    def day(self, name: str) -> date | None:
        """A day, if one was told."""
        found = self.values.get(name)
        return found if isinstance(found, date) else None

    def __contains__(self, name: str) -> bool:
        """Whether it was told at all."""
        return name in self.values

    def written(self) -> dict[str, str]:
        """As it is kept: every value as text."""
        return {name: str(value) for name, value in self.values.items()}


def read(fields: Sequence[Field], given: Mapping[str, str], of: str) -> Told:
    """What was told for some fields; refuses unknown names, what is missing, and what cannot be read."""
    known = {field.name: field for field in fields}
    faults = [f"{name!r:.40} is not one of its terms" for name in given if name not in known]
    faults += [
        f"{field.name} is missing: {field.title}" for field in fields if field.required and field.name not in given
    ]
    values: dict[str, Any] = {}
    for name, text in given.items():
        if name in known:
            try:
                values[name] = _KINDS[known[name].kind](known[name], text.strip())
            except Refusal as fault:
                faults.append(f"{name}: {fault.sentence}")
    if faults:
        expected = ", ".join(known) or "nothing"
        raise BadTerms(f"{of} is told in {expected}. {'; '.join(faults)}", faults=faults)
    return Told(MappingProxyType(values))


def _money(field: Field, text: str) -> Money:
    return not_negative(Money.parse(text), field.title)


def _rate(field: Field, text: str) -> Decimal:
    return fraction(_decimal(field, text), field.title)


def _price(field: Field, text: str) -> Decimal:
    found = _decimal(field, text)
    if not 0 <= found <= 1000:  # noqa: PLR2004 -- per hundred: ten times par is a slip of the keyboard
        raise BadTerms(f"{text} is no price per 100: it lies between 0 and 1000")
    return found


def _decimal(field: Field, text: str) -> Decimal:
    try:
        found = Decimal(text) if len(text) <= _LONGEST_NUMBER else None
    except InvalidOperation:
        found = None
    if found is None or not found.is_finite() or not text.isascii():
        raise BadTerms(f"{text[:40]!r} is no number, such as {field.example}", found=text[:40])
    return found


def _count(field: Field, text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < _LONGEST_NUMBER // 2):
        raise BadTerms(f"{text[:40]!r} is no whole number, such as {field.example}", found=text[:40])
    return int(text)


def _day(field: Field, text: str) -> date:
    del field
    return parse_day(text)


def _choice(field: Field, text: str) -> str:
    if text not in field.choices:
        raise BadTerms(f"{text[:40]!r} is none of {', '.join(field.choices)}", found=text[:40])
    return text


def _text(field: Field, text: str) -> str:
    if not 1 <= len(text) <= _LONGEST_TEXT:
        raise BadTerms(f"say {field.title.lower()}, in at most {_LONGEST_TEXT} characters")
    return text


_KINDS: Final[Mapping[FieldKind, Callable[[Field, str], Any]]] = MappingProxyType(
    {
        "money": _money,
        "rate": _rate,
        "count": _count,
        "price": _price,
        "day": _day,
        "choice": _choice,
        "text": _text,
    }
)
