"""How much of a promise is called, whose the capital is, how far each vote reaches, and which limit holds on a day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Final

from bank.capital.reference import LIMITS, CapitalLimit
from ledger.money import NOTHING, Money

_SIX_DECIMALS: Final = Decimal("0.000001")
_ALL: Final = Decimal(1)


def to_call(a_shares: Money, a_parts: int, b_parts: int, commitment: Money, called: Money) -> Money:
    """What is called of a holder, so that its calls follow the A shares in proportion and never pass its promise.

    `a_shares` is all that was subscribed under the agreement, this time included, and `called` what was called of it
    before; counted from the whole, so that no penny is lost or gained over many calls.
    """
    due = min(a_shares.times(Fraction(b_parts, a_parts)), commitment)
    return max(due - called, NOTHING)


def economic_shares(trust: Money, holders: Mapping[str, Money]) -> tuple[Decimal, dict[str, Decimal]]:
    """The part of the capital that is the trust's and each holder's, to six decimals; together they are one."""
    whole = trust + Money.total(holders.values())
    if not whole:
        return Decimal(0), dict.fromkeys(holders, Decimal(0))
    parts = {name: _rounded(Fraction(paid.pence, whole.pence)) for name, paid in holders.items()}
    return _ALL - sum(parts.values()), parts


def voting_shares(
    trust: Money, holders: Mapping[str, Money], caps: Mapping[str, Decimal]
) -> tuple[Decimal, dict[str, Decimal]]:
    """The part of the votes: each holder's part of the capital, but no more than its cap; the rest is the trust's."""
    _, parts = economic_shares(trust, holders)
    votes = {name: min(part, caps.get(name, _ALL)) for name, part in parts.items()}
    if not trust and not any(parts.values()):
        return Decimal(0), votes
    return _ALL - sum(votes.values()), votes


def limit_on(code: str, on: date) -> CapitalLimit | None:
    """The limit of a code in force on a day."""
    found = [
        each
        for each in LIMITS
        if each.code == code and each.from_on <= on and (each.until_on is None or on <= each.until_on)
    ]
    return max(found, key=lambda each: each.from_on, default=None)


def _rounded(part: Fraction) -> Decimal:
    return (Decimal(part.numerator) / Decimal(part.denominator)).quantize(_SIX_DECIMALS, ROUND_HALF_UP)
