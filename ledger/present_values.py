"""What money to come is worth on a day at an effective rate, and what a change of its dates or amounts costs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext
from typing import Final

from ledger.faults import Fault, Faulty
from ledger.money import NOTHING, Money

DAYS_A_YEAR: Final = 365
SUBSTANTIAL: Final = Decimal("0.10")
"""The tenth part by which changed terms differ substantially (IFRS 9, B3.3.6)."""
_DIGITS: Final = 50
_LEFT_BY_ROUNDING: Final = Decimal("1e-9")
"""In pence: so little is no money, but at a rate without bounds it would soon be more than there is."""


class CannotDiscount(Faulty):
    """Money or a rate of which no present value can be told."""

    slug = "cannot-discount"


def discount(effective_rate: Decimal, since: date, until: date) -> Decimal:
    """What a pound of `until` is worth on `since`, at a yearly effective rate, Actual/365, to fifty digits."""
    with localcontext() as context:
        context.prec = _DIGITS
        return (1 + effective_rate) ** (-Decimal((until - since).days) / DAYS_A_YEAR)


def present_value(flows: Iterable[tuple[date, Money]], effective_rate: Decimal, on: date) -> Decimal:
    """The worth of flows on a day, in pence, unrounded: each discounted from its own day, Actual/365.

    Refuses flows before the day, which are no longer to come, and a rate of -100 % or less.
    """
    told = list(flows)
    wrong = [
        Fault(f"/flows/{place}/on", str(day), f"no day before {on}", "leave out what has already been paid")
        for place, (day, _) in enumerate(told)
        if day < on
    ]
    if not effective_rate > -1:
        wrong.append(Fault("/rate", str(effective_rate), "a rate above -1", "write 7.5% as 0.075"))
    if wrong:
        raise CannotDiscount(wrong)
    with localcontext() as context:
        context.prec = _DIGITS
        return sum((amount.pence * discount(effective_rate, on, day) for day, amount in told), Decimal(0))


def interest_at(effective_rate: Decimal, moved: Iterable[tuple[date, Money]], until: date) -> Decimal:
    """The interest, in pence and unrounded, that an amount earns at a yearly effective rate to a day, Actual/365.

    The amount is what has moved by each day and the interest on it: what is lent adds, what is received takes away. The
    last day does not earn yet, and an amount below nothing earns nothing; nor does what only the last digit of the rate
    leaves of one that was repaid. Refuses a rate of -100 % or less.
    """
    if not effective_rate > -1:
        raise CannotDiscount([Fault("/rate", str(effective_rate), "a rate above -1", "write 7.5% as 0.075")])
    told = sorted((day, amount.pence) for day, amount in moved if day < until)
    with localcontext() as context:
        context.prec = _DIGITS
        earned, held = Decimal(0), Decimal(0)
        for place, (day, pence) in enumerate(told):
            held += pence
            end = told[place + 1][0] if place + 1 < len(told) else until
            left = held if held > _LEFT_BY_ROUNDING else Decimal(0)
            growth = left * (1 / discount(effective_rate, day, end) - 1) if end > day else Decimal(0)
            earned += growth
            held += growth
        return earned


@dataclass(frozen=True, slots=True)
class Modification:
    """What changed terms do to a loan that stays on the books: carried before, carried after, and the difference."""

    before: Money
    after: Money
    """The present value of the changed flows at the original effective rate."""
    costs: Money
    """What the change cost the lender less what the borrower paid for it: carried too, and amortised from here."""

    @property
    def gain(self) -> Money:
        """What goes to income at once; a loss is negative."""
        return self.after - self.before

    @property
    def carried(self) -> Money:
        """What the loan is carried at from here on, costs included: its new effective rate starts from this."""
        return self.after + self.costs


def modified(
    carried: Money,
    changed_flows: Iterable[tuple[date, Money]],
    original_rate: Decimal,
    on: date,
    costs: Money = NOTHING,
) -> Modification:
    """The gain or loss when flows are changed and the loan is not replaced (IFRS 9, 5.4.3 and B5.4.6).

    The gross carrying amount becomes the present value of the changed flows at the original effective rate, rounded
    half up once. Refuses as `present_value` does.
    """
    return Modification(carried, Money.round_half_up(present_value(changed_flows, original_rate, on)), costs)


def difference(
    old_flows: Iterable[tuple[date, Money]],
    new_flows: Iterable[tuple[date, Money]],
    original_rate: Decimal,
    on: date,
) -> Decimal:
    """By what part of their worth changed terms differ from the old ones, to fifty digits (IFRS 9, B3.3.6).

    Both sets of flows at the original effective rate; fees between borrower and lender belong to the new ones.
    Refuses old flows that are worth nothing.
    """
    old = present_value(old_flows, original_rate, on)
    if not old:
        raise CannotDiscount([Fault("/old_flows", "a worth of nothing", "money still to come", "name what was owed")])
    with localcontext() as context:
        context.prec = _DIGITS
        return abs(present_value(new_flows, original_rate, on) - old) / abs(old)


def is_substantial(
    old_flows: Iterable[tuple[date, Money]],
    new_flows: Iterable[tuple[date, Money]],
    original_rate: Decimal,
    on: date,
) -> bool:
    """Whether the changed terms differ by a tenth or more, so that the old loan ends and another begins (B3.3.6)."""
    return difference(old_flows, new_flows, original_rate, on) >= SUBSTANTIAL
