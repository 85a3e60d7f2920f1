"""What a loan is carried at by its effective rate, and what of its fees is therefore still to be earned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise

from bank.allocations.terms.rules import Agreed
from bank.allocations.terms.schedule import falling_due
from ledger.counting import Counting
from ledger.daycounts import DayCount
from ledger.instalments import Movement
from ledger.money import NOTHING, Money
from ledger.present_values import present_value
from ledger.rates import RateHistory
from ledger.yields import xirr


@dataclass(frozen=True, slots=True)
class Instalment:
    """One payment that is expected."""

    on: date
    principal: Money
    interest: Money


@dataclass(frozen=True, slots=True)
class Expected:
    """What is expected of a loan at the close of a day: its balance, the interest run up, and what is to come."""

    on: date
    balance: Money
    run_up: Fraction
    to_come: tuple[Instalment, ...]
    rate: RateHistory
    count: Counting

    def owed(self, day: date) -> Fraction:
        """Principal and interest by the contract at the close of a day, in pence, if all comes as expected."""
        past = [each for each in self.to_come if each.on <= day]
        balance = (self.balance - Money.total(each.principal for each in past)).pence
        since, run_up = (past[-1].on, Fraction(0)) if past else (self.on, self.run_up)
        return balance + run_up + balance * self.rate.growth(since, day, self.count)

    def flows(self, day: date) -> tuple[Movement, ...]:
        """The money still to come after a day."""
        return tuple((each.on, each.principal + each.interest) for each in self.to_come if each.on > day)

    def unamortised(self, effective: Decimal, day: date) -> Decimal:
        """What is owed on a day less what the money to come is worth then, in pence."""
        flows = self.flows(day)
        return _decimal(self.owed(day)) - _worth(flows, effective, day) if flows else Decimal(0)


@dataclass(frozen=True, slots=True)
class Value:
    """A loan valued by its effective rate, node by node: each day on which what is expected of it changes.

    The rate is found where money is lent or a fee is taken, and anew where the charged rate moves (IFRS 9, B5.4.5); a
    repayment ahead of its day or changed terms leave it, and what they do to the value counts at once (B5.4.6). Terms
    that replace the loan begin it anew: at its worth by the market's rate, or by its own where none was told.
    """

    rates: RateHistory
    day_count: DayCount
    terms: tuple[Agreed, ...]
    principal: tuple[Movement, ...]
    fees: tuple[Movement, ...]

    def unamortised(self, until: date) -> Money:
        """Fees and adjustments still to be earned at the close of a day; nothing once nothing more is to come."""
        return Money.round_half_up(self.at(until)[0])

    def at(self, until: date) -> tuple[Decimal, Decimal | None]:
        """What is unamortised at the close of a day, in pence and unrounded, and the effective rate then."""
        left, effective, seen = Decimal(0), None, None
        for day in self._nodes(until):
            if seen is not None and effective is not None:
                left = seen.unamortised(effective, day)
            now = self.expected(day)
            anew = next((each for each in self.terms if each.replaces and each.from_on == day), None)
            if anew is not None:
                effective = anew.market_rate
                left = Decimal(0) if effective is None else now.unamortised(effective, day)
            left += Money.total(amount for on, amount in self.fees if on == day).pence
            if effective is None or self._finds_a_rate_on(day):
                effective = _effective_rate(now.flows(day), Money.round_half_up(_decimal(now.owed(day)) - left), day)
                left = Decimal(0) if effective is None and now.to_come else left
            else:
                left = now.unamortised(effective, day)
            seen = now
        if seen is not None and effective is not None and seen.on < until:
            left = seen.unamortised(effective, until)
        return left, effective

    def expected(self, day: date) -> Expected:
        """What is expected at the close of a day, by the facts dated up to it, at the rate charged then for good."""
        moved = tuple((on, amount) for on, amount in self.principal if on <= day)
        known = tuple(each for each in self.terms if each.from_on <= day)
        return _expected(known, moved, _as_it_stands(self.rates, day), self.day_count, day)

    def _nodes(self, until: date) -> list[date]:
        """The days on which something changes, from the first money or fee on."""
        told = {day for day, _ in (*self.principal, *self.fees)}
        first = min(told, default=until)
        changes = {*self._moves, *(each.from_on for each in self.terms)}
        return sorted(day for day in told | {day for day in changes if day > first} if day <= until)

    def _finds_a_rate_on(self, day: date) -> bool:
        lent = any(on == day and amount > NOTHING for on, amount in self.principal)
        changed = any(each.from_on == day for each in self.terms)
        return lent or any(on == day for on, _ in self.fees) or (day in self._moves and not changed)

    @property
    def _moves(self) -> list[date]:
        """The days on which the charged rate is another than before; a step of the base below a floor moves nothing."""
        steps = zip(self.rates.days[1:], pairwise(self.rates.rates), strict=True)
        return [day for day, (before, after) in steps if before != after]


@lru_cache(maxsize=8192)
def _expected(
    known: tuple[Agreed, ...], moved: tuple[Movement, ...], rates: RateHistory, day_count: DayCount, day: date
) -> Expected:
    """What is expected by facts none of which lies after the day: kept, since later facts leave it as it is."""
    falling = falling_due(known, moved, rates, day_count)
    dues, count = falling.dues, falling.counting
    first = min((on for on, _ in moved), default=day)
    began = max((due.on for due in dues if due.on <= day), default=first)
    run_up = rates.accrued_on_movements(moved, began, day, count)
    open_ = [due for due in dues if due.on > day]
    balance = open_[0].principal + open_[0].left if open_ else NOTHING
    to_come, before, owed, running = [], day, balance, run_up
    for due in open_:
        running += owed.pence * rates.growth(before, due.on, count)
        to_come.append(Instalment(due.on, due.principal, Money.round_half_up(running)))
        before, owed, running = due.on, due.left, Fraction(0)
    return Expected(day, balance, run_up, tuple(to_come), rates, count)


@lru_cache(maxsize=8192)
def _as_it_stands(rates: RateHistory, day: date) -> RateHistory:
    """The rates up to a day, the last of them standing for good: nobody knows of a later one yet."""
    return RateHistory.of((on, rate) for on, rate in zip(rates.days, rates.rates, strict=True) if on <= day)


@lru_cache(maxsize=4096)
def _effective_rate(flows: Sequence[Movement], carried: Money, day: date) -> Decimal | None:
    """The rate at which the money to come is worth what the loan is carried at; none where there is no such rate."""
    return xirr([(day, -carried), *flows]).rate if flows and carried > NOTHING else None


@lru_cache(maxsize=16_384)
def _worth(flows: Sequence[Movement], effective: Decimal, day: date) -> Decimal:
    return present_value(flows, effective, day)


def _decimal(exact: Fraction) -> Decimal:
    return Decimal(exact.numerator) / Decimal(exact.denominator)
