"""How a loan's money is shared between the facility and its co-funders, and how late a loan is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Final, Protocol

from ledger.money import Money

BUCKETS: Final = ("0", "1-30", "31-60", "61-90", "91-180", "180+")
"""Days past due, as the onward-lending figures group them."""
_BUCKET_ENDS: Final = (0, 30, 60, 90, 180)


@dataclass(frozen=True, slots=True)
class Moved:
    """What a loan's principal did in a quarter: paid out, repaid and written off."""

    drawn: Money
    repaid: Money
    written_off: Money

    @property
    def net(self) -> Money:
        """By how much principal rose."""
        return self.drawn - self.repaid - self.written_off


@dataclass(frozen=True, slots=True)
class AtRisk:
    """Our share of outstanding principal, and how much of it stands in loans at risk.

    `past_due` is the whole balance of every loan more than the asked days behind (IRIS FP2635 and FP6373 at 30 and 90
    days); `with_restructured` counts restructured loans in even when they are up to date with their new terms.
    """

    outstanding: Money
    past_due: Money
    with_restructured: Money


class Late(Protocol):
    """As much of a loan as the portfolio at risk needs."""

    @property
    def outstanding(self) -> Money:
        """Our share of principal outstanding."""

    @property
    def days_past_due(self) -> int:
        """Days since the oldest unpaid instalment fell due."""

    @property
    def restructured(self) -> bool:
        """Whether its terms were changed in difficulty."""


@lru_cache(maxsize=4_096)
def bucket_of(days: int) -> str:
    """The bucket of a number of days past due."""
    return BUCKETS[sum(days > end for end in _BUCKET_ENDS)]


def is_restructured(status: str, restructured_on: date | str | None) -> bool:
    """Whether a loan's terms were changed in difficulty: it says so, or gives the day of it."""
    return status == "restructured" or isinstance(restructured_on, date)


def at_risk(loans: Iterable[Late], over: int = 30) -> AtRisk:
    """The portfolio at risk past a number of days. A written-off balance is in neither part: nothing of it stands."""
    outstanding = past_due = restructured = 0
    for loan in loans:
        pence = loan.outstanding.pence
        outstanding += pence
        if loan.days_past_due > over:
            past_due += pence
        elif loan.restructured:
            restructured += pence
    return AtRisk(Money(outstanding), Money(past_due), Money(past_due + restructured))


def ours(amount: Money, share: Decimal) -> Money:
    """Our share of an amount of the whole loan, rounded half up to the penny, as `Money.times` does with fractions."""
    if not amount.pence:
        return amount
    parts, of = _as_fraction(share)
    whole = (2 * abs(amount.pence) * parts + of) // (2 * of)
    return Money(whole if amount.pence >= 0 else -whole)


@lru_cache(maxsize=1_024)
def _as_fraction(share: Decimal) -> tuple[int, int]:
    return share.as_integer_ratio()


def our_part(moved: Moved, share: Decimal, before: Money, after: Money) -> Moved:
    """Our part of a quarter's movements of principal, such that our balance is always our rounded share of the whole.

    `before` and `after` are our share of principal at both ends of the quarter. Each movement is rounded by itself;
    what the roundings leave over goes to the greatest movement that can take it, so that no part is ever negative or
    more than its whole. It always fits: our balance never moves by more than the whole does.
    """
    parts = [ours(moved.drawn, share), ours(moved.repaid, share), ours(moved.written_off, share)]
    left = (after - before) - (parts[0] - parts[1] - parts[2])
    if not left:
        return Moved(*parts)
    wholes = (moved.drawn, moved.repaid, moved.written_off)
    for place in sorted(range(3), key=lambda place: -wholes[place].pence):
        sign = 1 if place == 0 else -1
        wanted = parts[place].pence + sign * left.pence
        taken = Money(min(max(wanted, 0), wholes[place].pence))
        left -= Money(sign * (taken.pence - parts[place].pence))
        parts[place] = taken
    if left:
        raise ValueError(f"our share cannot move by {after - before} while the whole moves by {moved.net}")
    return Moved(*parts)
