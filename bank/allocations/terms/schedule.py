"""A facility's instalments as its terms and its own movements make them: what falls due when, and what is overdue."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from bank.allocations.terms.rules import Agreed, Repaying, chapters
from ledger.daycounts import DayCount
from ledger.instalments import Billing, Due, FallingDue, Movement, Spread, Stretch, bill_days, principal_due
from ledger.money import NOTHING, Money
from ledger.rates import RateHistory

_SPREAD: Final[Mapping[Repaying, Literal["equal", "level", "bullet", "listed"]]] = {
    Repaying.EQUAL_PRINCIPAL: "equal",
    Repaying.LEVEL: "level",
    Repaying.BULLET: "bullet",
    Repaying.BESPOKE: "listed",
}


@dataclass(frozen=True, slots=True)
class Late:
    """What is due and unpaid at the close of a day, and since when the oldest of it is."""

    principal: Money
    interest: Money
    since: date | None

    def days(self, as_at: date) -> int:
        """Days past due."""
        return 0 if self.since is None else (as_at - self.since).days


def falling_due(terms: Sequence[Agreed], moved: Sequence[Movement], rates: RateHistory, count: DayCount) -> FallingDue:
    """What principal falls due on each day, from the facts as they are, and how time is counted between the days.

    Each terms' instalments stand until later ones follow; `principal_due` says the rest.
    """
    return principal_due(_stretches(terms, moved), moved, rates, count)


def billing(terms: Sequence[Agreed], moved: Sequence[Movement], rates: RateHistory, count: DayCount) -> Billing:
    """The interest of a facility as it is billed on those days, whatever principal falls due with it."""
    days, counted = bill_days(_stretches(terms, moved), moved, count)
    return Billing(days, moved, rates, counted)


def _stretches(terms: Sequence[Agreed], moved: Sequence[Movement]) -> list[Stretch]:
    lent_on = min((day for day, amount in moved if amount > NOTHING), default=None)
    return [_stretch(each, until, lent_on) for each, until in chapters(terms)]


def _stretch(agreed: Agreed, until: date, lent_on: date | None) -> Stretch:
    plan = agreed.plan
    return Stretch(
        plan.due_days(lent_on),
        Spread(_SPREAD[plan.repaying], amounts=plan.bespoke),
        plan.capital_holiday,
        until,
        agreed.from_on if agreed.reschedules else None,
        lambda count: plan.days_before(count, lent_on),
    )


def settled_dues(dues: Sequence[Due], again: Iterable[Movement]) -> list[tuple[Due, Money, Money]]:
    """Each due with what of it was rescheduled, and what of it and those before it was, which is to fall due after it.

    Payments settle the oldest first, so what is overdue on a day, and taken in again, is what fell due last by then.
    """
    parts, after = [NOTHING] * len(dues), [NOTHING] * len(dues)
    for day, amount in again:
        left, fell_due = amount, [place for place, due in enumerate(dues) if due.on <= day]
        for place in reversed(fell_due):
            after[place] += left
            part = min(left, dues[place].principal - parts[place])
            parts[place] += part
            left -= part
    return list(zip(dues, parts, after, strict=True))


def late(
    principal: Iterable[Movement], paid: Money, interest: Iterable[Movement], paid_interest: Money, as_at: date
) -> Late:
    """What of the dues by a day is not paid by what has been paid by then; payments settle the oldest first.

    Among the dues, what was rescheduled takes away from its day on.
    """
    one, since_one = _unpaid(principal, paid, as_at)
    two, since_two = _unpaid(interest, paid_interest, as_at)
    days = [day for day in (since_one, since_two) if day is not None]
    return Late(one, two, min(days, default=None))


def _unpaid(dues: Iterable[Movement], paid: Money, as_at: date) -> tuple[Money, date | None]:
    owed, since = -paid, None
    for day, amount in sorted(dues):
        if day <= as_at:
            owed += amount
            since = (since or day) if owed > NOTHING else None
    return max(owed, NOTHING), since
