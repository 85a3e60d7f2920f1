"""What a placement may be, what it has earned by a day, and what of its cost is gone with a part of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Final

from bank.treasury.rules import BadTerms, fraction, not_negative, positive
from ledger.dates import within_calendar
from ledger.daycounts import DayCount
from ledger.money import NOTHING, Money
from ledger.refusals import Refusal

DEPOSIT: Final = "deposit"
GILT: Final = "gilt"
FUND: Final = "fund"

ACCRUAL: Final = "accrual"
INCOME: Final = "income"
REALISATION: Final = "realisation"


@dataclass(frozen=True, slots=True)
class Sort:
    """A sort of placement: its account, and whether it has a rate and must have a day on which it ends."""

    title: str
    account: str
    accrues: bool
    must_end: bool


SORTS: Final[Mapping[str, Sort]] = {
    DEPOSIT: Sort("Deposit", "1100", accrues=True, must_end=False),
    GILT: Sort("Short gilt", "1110", accrues=True, must_end=True),
    FUND: Sort("Money-market fund", "1120", accrues=False, must_end=False),
}
"""A deposit without a day of its own is repaid on demand; a fund pays income and can be sold on any day."""


class BeyondPlacement(Refusal):
    """More than is left of a placement."""

    slug = "beyond-placement"
    status = 409


@dataclass(frozen=True, slots=True)
class Terms:
    """A placement as it is made. Interest runs on the nominal, which for all but gilts is what was paid."""

    sort: str
    cost: Money
    nominal: Money
    interest_bought: Money
    rate: Decimal | None
    day_count: DayCount
    placed_on: date
    matures_on: date | None

    @property
    def account(self) -> str:
        """Where it stands in the bank's book, at cost."""
        return SORTS[self.sort].account

    @property
    def locked(self) -> bool:
        """Whether it cannot be had before its day: a deposit for a term. Gilts and funds can be sold."""
        return self.sort == DEPOSIT and self.matures_on is not None


@dataclass(frozen=True, slots=True)
class Gone:
    """A part of a placement that was turned into cash on a day."""

    on: date
    nominal: Money
    cost: Money


def sound_terms(terms: Terms) -> Terms:
    """The terms as they will stand; refuses what no placement of the sort can be."""
    if terms.sort not in SORTS:
        raise BadTerms(f"There is no placement of the sort {terms.sort!r:.40}: it is one of {', '.join(SORTS)}")
    sort = SORTS[terms.sort]
    positive(terms.cost, "What is placed")
    positive(terms.nominal, "The nominal")
    not_negative(terms.interest_bought, "The interest bought with it")
    if terms.sort != GILT and (terms.nominal != terms.cost or terms.interest_bought):
        raise BadTerms("Only a gilt has a nominal beside its price, and interest that is bought with it")
    if sort.accrues != (terms.rate is not None):
        raise BadTerms(
            f"{sort.title}: {'give its yearly rate' if sort.accrues else 'its income is told when it comes'}"
        )
    if terms.rate is not None:
        fraction(terms.rate, "The rate")
    if terms.matures_on is None:
        if sort.must_end:
            raise BadTerms(f"{sort.title}: give the day on which it is redeemed")
    elif within_calendar(terms.matures_on) <= terms.placed_on:
        raise BadTerms(f"It cannot end on {terms.matures_on}, when it begins on {terms.placed_on}")
    return terms


def earned(terms: Terms, gone: Iterable[Gone], until: date) -> Money:
    """The interest a placement has earned from the day it was made to a day, by what was left of it on each day.

    Counted from the whole, so that no penny is lost or gained over many accruals; nothing after it ends, and nothing
    where it has no rate.
    """
    if terms.rate is None:
        return NOTHING
    last = until if terms.matures_on is None else min(until, terms.matures_on)
    since, nominal, pence = terms.placed_on, terms.nominal, Fraction(0)
    for part in (*sorted(gone, key=lambda one: one.on), Gone(last, NOTHING, NOTHING)):
        day = min(part.on, last)
        if day > since:
            pence += nominal.pence * Fraction(terms.rate) * terms.day_count.fraction(since, day)
            since = day
        nominal -= part.nominal
    return Money(1).times(pence)


def left_of(terms: Terms, gone: Iterable[Gone]) -> tuple[Money, Money]:
    """What is left of a placement: nominal and cost."""
    parts = list(gone)
    return (
        terms.nominal - Money.total(part.nominal for part in parts),
        terms.cost - Money.total(part.cost for part in parts),
    )


def cost_of(part: Money, nominal: Money, cost: Money) -> Money:
    """What a part of the nominal that is left has cost, in proportion; the last part takes what is left of the cost."""
    positive(part, "What is turned into cash")
    if part > nominal:
        raise BeyondPlacement(f"{part} is more than the {nominal} that is left of this placement", left=str(nominal))
    return cost if part == nominal else cost.times(Fraction(part.pence, nominal.pence))


def interest_met(received: Money, accrued: Money) -> tuple[Money, Money]:
    """How interest received is told: what was accrued first, and what goes beyond it is income of the day."""
    met = min(received, max(accrued, NOTHING))
    return met, received - met
