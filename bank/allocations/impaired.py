"""A loan that was impaired when it began: what is expected to be received of it, and what it earns by that.

IFRS 9, 5.4.1(a): such a loan earns its credit-adjusted effective rate on its amortised cost for all its life, whatever
its contract claims and whatever stage it would be in. That rate makes the receipts that were expected at the beginning,
losses and all, worth what was lent (Appendix A), so that nothing is allowed for on that day; afterwards only what
changes of the losses expected is (5.5.13), and a change for the better is a gain (5.5.14).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from bank.allocations.terms.rules import Agreed
from ledger.instalments import Movement
from ledger.money import NOTHING, Money
from ledger.present_values import interest_at, present_value
from ledger.yields import xirr

_TELLS_NOTHING: Final = Decimal("1e-6")
"""In pence: a receipt worth no more than this when the money is lent does not bear on the rate that is found."""


@dataclass(frozen=True, slots=True)
class Foretold:
    """What two people agreed is to be expected of a loan from a day on: each receipt with its day."""

    from_on: date
    receipts: tuple[Movement, ...]
    market_rate: Decimal | None = None
    """The yearly rate at which others would take the loan on; not told where what is lent is what it is worth."""

    def after(self, day: date) -> tuple[Movement, ...]:
        """The receipts still to come after a day."""
        return tuple((on, amount) for on, amount in self.receipts if on > day)

    def worth(self, rate: Decimal, day: date) -> Money:
        """What is still to come after a day is worth then, rounded half up once."""
        return Money.round_half_up(present_value(self.after(day), rate, day))

    def rate(self, lent: Money, day: date) -> Decimal | None:
        """The rate at which what is to come is worth what is lent on a day; none where there is no such rate."""
        if self.market_rate is not None:
            return self.market_rate
        flows = self.after(day)
        return xirr([(day, -lent), *flows]).rate if flows and lent > NOTHING else None

    def bears(self, rate: Decimal, day: date) -> bool:
        """Whether the last receipt bears on a rate that was found, being worth anything by it on the day of lending.

        One worth nothing to a millionth of a penny does not: what comes within days made that rate alone, and the loan
        would earn nothing by it for what comes afterwards. That is asked before money is lent, and not of a loan that
        is on the books: what it earned so far rests on the rate that it began at.
        """
        flows = self.after(day)
        last = max((on for on, amount in flows if amount), default=day)
        return present_value([each for each in flows if each[0] == last], rate, day) > _TELLS_NOTHING

    def fair(self, lent: Money, day: date) -> Money:
        """What the loan begins at: its worth at the market's rate where that was told, and otherwise what is lent."""
        return lent if self.market_rate is None else self.worth(self.market_rate, day)


@dataclass(frozen=True, slots=True)
class Begun:
    """A loan that began impaired on a day: at what rate, from what amount, and what but interest moved that since."""

    on: date
    rate: Decimal
    cost: Money
    moved: tuple[Movement, ...]
    anew: bool
    """Whether it took another loan's place; otherwise it began with its first money."""

    def income(self, until: date) -> Money:
        """The interest earned from the first day to another, which itself does not earn yet; rounded half up once."""
        return Money.round_half_up(interest_at(self.rate, [(self.on, self.cost), *self.moved], until))


def in_force(foretold: Iterable[Foretold], day: date) -> Foretold | None:
    """What is expected as at a day."""
    return max((each for each in foretold if each.from_on <= day), key=lambda each: each.from_on, default=None)


def began(
    foretold: Sequence[Foretold], terms: Iterable[Agreed], first: date, impaired: Iterable[tuple[date, date]]
) -> tuple[date, bool] | None:
    """The last day on which a loan began impaired, and whether it took another's place then; none where it never did.

    With its first money, if what is expected of it was told for that day; and with terms that end an impaired loan and
    begin another (B5.5.26), if what is expected of that one was told for their day, with the market's rate.
    """
    spans = list(impaired)
    found = (first, False) if in_force(foretold, first) else None
    for each in sorted(terms, key=lambda each: each.from_on):
        day = each.from_on
        told = any(one.from_on == day and one.market_rate is not None for one in foretold)
        bad = found is not None or any(start <= day < end for start, end in spans)
        if each.replaces and told and bad and day > first:
            found = (day, True)
    return found
