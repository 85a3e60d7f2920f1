"""What a facility has earned by a day, from its facts alone: interest, default interest, fees, and fees amortised.

Everything is counted afresh from the first fact, so the order in which facts came to be known cannot matter, and a
fact dated back simply has counted from its day. What is posted is the difference from what was posted before.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from typing import Final

from bank.allocations.effective import Value
from bank.allocations.terms.rules import Agreed, stepped
from bank.allocations.terms.schedule import Due, Late, Movement, contractual, interest_dues, late, principal_dues
from ledger.charges import default_interest
from ledger.daycounts import DayCount
from ledger.impairment import Stage
from ledger.money import NOTHING, Money
from ledger.rates import RateHistory

STREAMS: Final = ("interest", "default_interest", "commitment_fee", "amortised")


@dataclass(frozen=True, slots=True)
class Earned:
    """What has been earned to date, each rounded half up once; `amortised` is of fees and adjustments to the value."""

    interest: Money
    default_interest: Money
    commitment_fee: Money
    amortised: Money

    def of(self, stream: str) -> Money:
        """One of the streams."""
        amount: Money = getattr(self, stream)
        return amount


@dataclass(frozen=True)
class Course:
    """The facts of one facility, as far as they bear on what it earns.

    `principal`: drawn, capitalised (positive), repaid, written off (negative). `settled`: interest received, written
    off or capitalised (negative). `undrawn`: of the commitment. `fees`: arrangement fees taken (positive). `allowed`:
    the allowance for loss, positive as it grows. `adjusted`: modification losses (positive) and gains.
    """

    rates: RateHistory
    day_count: DayCount
    terms: tuple[Agreed, ...] = ()
    principal: tuple[Movement, ...] = ()
    settled: tuple[Movement, ...] = ()
    undrawn: tuple[Movement, ...] = ()
    fees: tuple[Movement, ...] = ()
    adjusted: tuple[Movement, ...] = ()
    allowed: tuple[Movement, ...] = ()
    stages: tuple[tuple[date, Stage], ...] = ()

    @cached_property
    def dues(self) -> list[Due]:
        """The principal that falls due, by all that is known."""
        return principal_dues(self.terms, self.principal, self.rates, self.day_count)

    @cached_property
    def interest_due(self) -> list[Movement]:
        """The interest that falls due by the contract."""
        return interest_dues([due.on for due in self.dues], self.principal, self.rates, self.day_count)

    @cached_property
    def value(self) -> Value:
        """The loan by its effective rate."""
        return Value(self.rates, self.day_count, self.terms, self.principal, self.fees)

    @cached_property
    def impaired(self) -> list[tuple[date, date]]:
        """The spans of days spent in stage 3; the last may have no end yet."""
        worst: dict[date, Stage] = {}
        for day, stage in self.stages:
            worst[day] = max(stage, worst.get(day, Stage.PERFORMING))
        steps = [*sorted(worst.items()), (date.max, Stage.PERFORMING)]
        return [(start, end) for (start, stage), (end, _) in pairwise(steps) if stage is Stage.IMPAIRED]

    def earned(self, until: date) -> Earned:
        """All that has been earned by a day, which itself does not earn yet."""
        return Earned(
            self.interest(until),
            self.default_interest(until),
            self.commitment_fee(until),
            self.amortised(until),
        )

    def interest(self, until: date) -> Money:
        """Interest recognised: by the contract on the gross amount, but in stage 3 on the net amount."""
        since = min((day for day, _ in self.principal), default=until)
        exact = self.rates.accrued_on_movements(self.principal, since, until, self.day_count)
        for start, end in self.impaired:
            first, last = max(start, since), min(end, until)
            if first < last:
                exact -= self.rates.accrued_on_movements(self.principal, first, last, self.day_count)
                exact += self.rates.accrued_on_movements(self._net(first), first, last, self.day_count)
        return Money.round_half_up(exact)

    def claimed(self, until: date) -> Money:
        """Interest by the contract, whatever of it is recognised."""
        return contractual(self.principal, self.rates, self.day_count, until)

    def default_interest(self, until: date) -> Money:
        """Interest at the default margin on what is overdue, principal and interest; none is recognised in stage 3."""
        rate = stepped(self.terms, "default_margin")
        if not any(rate.rates) or not self.principal:
            return NOTHING
        return Money.round_half_up(
            sum(
                (
                    default_interest(due, paid, rate, start, end, self.day_count)
                    for due, paid in self._owed_and_paid()
                    for start, end in self._unimpaired(until)
                ),
                Fraction(0),
            )
        )

    def commitment_fee(self, until: date) -> Money:
        """The fee on what was signed and not drawn, day by day."""
        rate = stepped(self.terms, "commitment_fee")
        since = min((day for day, _ in self.undrawn), default=until)
        if not any(rate.rates) or since >= until:
            return NOTHING
        return Money.round_half_up(rate.accrued_on_movements(self.undrawn, since, until, self.day_count))

    def amortised(self, until: date) -> Money:
        """Fees taken and adjustments made, less what of them is still to be earned by the effective rate."""
        taken = [*self.fees, *self.adjusted]
        if not any(day <= until for day, _ in taken):
            return NOTHING
        return Money.total(amount for day, amount in taken if day <= until) - self.value.unamortised(until)

    def late(self, as_at: date) -> Late:
        """What is due and unpaid at the close of a day."""
        (due, paid), (interest_due, interest_paid) = self._owed_and_paid()
        return late(due, _by(paid, as_at), interest_due, _by(interest_paid, as_at), as_at)

    def _owed_and_paid(self) -> tuple[tuple[list[Movement], list[Movement]], tuple[list[Movement], list[Movement]]]:
        repaid = [(day, -amount) for day, amount in self.principal if amount < NOTHING]
        settled = [(day, -amount) for day, amount in self.settled]
        return ([(due.on, due.principal) for due in self.dues], repaid), (self.interest_due, settled)

    def _unimpaired(self, until: date) -> list[tuple[date, date]]:
        """The spans up to a day that were not spent in stage 3."""
        edges = [min((day for day, _ in self.principal), default=until)]
        for start, end in self.impaired:
            edges += [start, end]
        spans = zip(edges[::2], [*edges[1::2], until], strict=True)
        return [(start, min(end, until)) for start, end in spans if start < min(end, until)]

    def _net(self, start: date) -> list[Movement]:
        """The net amount from the start of a span in stage 3: principal and interest unpaid then, less allowance."""
        carried = self.interest(start) + _by(self.settled, start)
        moved = [*self.principal, (start, carried), *((day, amount) for day, amount in self.settled if day > start)]
        moved += [(day, -amount) for day, amount in self.allowed]
        days = sorted({max(day, start) for day, _ in moved})
        balances = [max(Money.total(amount for day, amount in moved if max(day, start) <= on), NOTHING) for on in days]
        return [(day, now - before) for day, before, now in zip(days, [NOTHING, *balances], balances, strict=False)]


def _by(moved: Iterable[Movement], day: date) -> Money:
    return Money.total(amount for on, amount in moved if on <= day)
