"""What each kind of facility is expected to pay on which day: by its own agreement, or by less where that is doubtful.

A loan pays by its agreed schedule, a bond its coupons and its face at the end. What only may come back, from shares,
funds and results, has no day and is not counted on; nor is what the contract of a doubtful loan claims beyond what the
bank itself expects of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple, Protocol

from bank.allocations.terms.rules import Agreed
from bank.allocations.terms.schedule import falling_due
from ledger.daycounts import DayCount
from ledger.instalments import Billing, Movement, ahead
from ledger.money import NOTHING, Money
from ledger.rates import RateHistory
from ledger.workdays import due_dates

_MOST_DAYS: Final = 400
"""More days of interest than any bond has: a century of quarters."""
_NEVER: Final = date(1900, 1, 1)
"""Before anything was ever lent."""


class Flow(NamedTuple):
    """Money expected on a day."""

    on: date
    principal: Money
    interest: Money


class Expecting(Protocol):
    """How a facility pays."""

    def coming(self, drawn: Sequence[Movement], after: date) -> list[Flow]:
        """All that is expected after a day, if so much more is drawn on those days."""
        ...


@dataclass(frozen=True, slots=True)
class ByNothing:
    """No day is agreed on which anything comes back."""

    def coming(self, drawn: Sequence[Movement], after: date) -> list[Flow]:
        """Nothing."""
        del drawn, after
        return []


@dataclass(frozen=True, slots=True)
class BySchedule:
    """A loan with agreed terms: the schedule that its own facts make, and interest as the contract charges it.

    What is drawn later is spread over the instalments still to come, as the terms say. Principal that is overdue
    already is expected at once; interest that is overdue is not counted on. What of later interest was settled before
    it fell due, paid early or made principal, does not come again: `paid` is all interest that was settled.
    """

    terms: tuple[Agreed, ...]
    moved: tuple[Movement, ...]
    rates: RateHistory
    count: DayCount
    paid: Money = NOTHING

    def coming(self, drawn: Sequence[Movement], after: date) -> list[Flow]:
        """Its instalments."""
        now = falling_due(self.terms, self.moved, self.rates, self.count).dues
        to_come = Money.total(due.principal for due in now if due.on > after)
        overdue = Money.total(amount for _, amount in self.moved) - to_come
        lent = [*self.moved, *drawn]
        falling = falling_due(self.terms, lent, self.rates, self.count)
        days, expected = [due.on for due in falling.dues], ahead(falling.dues, lent, after)
        bills = Billing(days, expected, self.rates, falling.counting).bills
        first = [Flow(after, overdue, NOTHING)] if overdue > NOTHING else []
        ahead_of = max(self.paid - Money.total(earned for on, earned in bills if on <= after), NOTHING)
        for due, (_, earned) in zip(falling.dues, bills, strict=True):
            if due.on > after:
                had = min(ahead_of, earned)
                ahead_of -= had
                first.append(Flow(due.on, due.principal, earned - had))
        return first


@dataclass(frozen=True, slots=True)
class AtTheEnd:
    """All principal on one day, and interest with it or, with `every_months`, on days counted back from that one.

    `paid` is the interest that has been settled; what has been earned beyond it comes with the next.
    """

    on: date
    moved: tuple[Movement, ...] = ()
    paid: Money = NOTHING
    rates: RateHistory | None = None
    count: DayCount = DayCount.ACT_365F
    every_months: int = 0

    def coming(self, drawn: Sequence[Movement], after: date) -> list[Flow]:
        """Its interest, and its principal with the last of it; what is past its day is expected at once."""
        lent = [*self.moved, *drawn]
        whole = Money.total(amount for _, amount in lent)
        if self.on <= after:
            return [Flow(after, whole, NOTHING)]
        flows, before = list[Flow](), self.paid
        for day in sorted(day for day in self._days() if day > after):
            now = max(self._interest(lent, day), before)
            flows.append(Flow(day, whole if day == self.on else NOTHING, now - before))
            before = now
        return flows

    def _interest(self, lent: Sequence[Movement], until: date) -> Money:
        return NOTHING if self.rates is None else Billing((), lent, self.rates, self.count).by(until)

    def _days(self) -> list[date]:
        """The days of interest, from the last back to before anything was lent."""
        first = min((on for on, _ in self.moved), default=_NEVER)
        back = due_dates(self.on, -self.every_months, _MOST_DAYS) if self.every_months else [self.on]
        return [self.on, *(day for day in back[1:] if day > first)]


@dataclass(frozen=True, slots=True)
class ByWhatIsTold:
    """An impaired loan of which two people agreed what is to be expected: that, each receipt whole on its day.

    `sooner` is what came before it was expected: so much of the next does not come again. What was expected by now and
    has not come is not counted on, nor that more money lent would bring any more than was told.
    """

    receipts: tuple[Movement, ...]
    sooner: Money = NOTHING

    def coming(self, drawn: Sequence[Movement], after: date) -> list[Flow]:
        """The receipts still to come, not divided into principal and interest."""
        del drawn
        flows, sooner = list[Flow](), self.sooner
        for on, amount in sorted(self.receipts):
            if on > after:
                had = min(sooner, amount)
                sooner -= had
                flows.append(Flow(on, amount - had, NOTHING))
        return flows


@dataclass(frozen=True, slots=True)
class ByWhatItIsCarriedAt:
    """A doubtful loan of which nothing was told: what falls due yet, each pound for what is left of it on the books.

    IFRS 9 allows for the loss of a credit-impaired loan so that what is left is the worth of what is expected of it,
    and not of what its contract claims (B5.5.33). On which days that comes the books do not say: the rule here is the
    bank's own, and a cautious one. Of each pound that falls due on a day to come `net` counts to the greater of `gross`
    and all that falls due, rounded down, so that no more than the net amount is counted on altogether. What is overdue
    has no day any more, and what is still drawn brings nothing: both wait until somebody tells what to expect.
    """

    contract: Expecting
    gross: Money
    net: Money

    def coming(self, drawn: Sequence[Movement], after: date) -> list[Flow]:
        """Its instalments on days to come, each in part."""
        del drawn
        due = [flow for flow in self.contract.coming([], after) if flow.on > after]
        whole = max(self.gross, Money.total(flow.principal + flow.interest for flow in due)).pence
        left = max(self.net, NOTHING).pence
        if whole <= 0:
            return []
        return [
            Flow(flow.on, Money(flow.principal.pence * left // whole), Money(flow.interest.pence * left // whole))
            for flow in due
        ]
