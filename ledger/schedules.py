"""Repayment schedules: when the instalments of a loan fall due, and how each divides into principal and interest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final, Literal

from ledger.daycounts import DayCount
from ledger.faults import Fault, Faulty
from ledger.instalments import Billing, Movement, Spread, Stretch, ahead, principal_due
from ledger.money import NOTHING, Money
from ledger.rates import RateHistory
from ledger.workdays import dates_before, due_dates

MOST_INSTALMENTS: Final = 600
"""Fifty years of monthly instalments."""
MOST_MONTHS: Final = 120
HIGHEST_RATE: Final = Decimal(10)
"""A thousand per cent: beyond it a percentage was written where a fraction belongs."""

RepaymentKind = Literal["fixed-principal", "level", "bullet"]
_SPREAD: Final[Mapping[RepaymentKind, Literal["fixed", "level", "bullet"]]] = {
    "fixed-principal": "fixed",
    "level": "level",
    "bullet": "bullet",
}


class BadTerms(Faulty):
    """Terms under which no schedule can be drawn up."""

    slug = "bad-terms"


@dataclass(frozen=True, slots=True)
class Drawdown:
    """Money lent on a day."""

    on: date
    amount: Money


@dataclass(frozen=True, slots=True)
class Repayment:
    """How principal comes back: a fixed amount a time, in level payments, or all at the end."""

    kind: RepaymentKind
    amount: Money = NOTHING
    """The principal of each instalment, where the kind is `fixed-principal`."""


@dataclass(frozen=True, slots=True)
class Terms:
    """All that a schedule depends on: the rate a yearly fraction, the capital holiday in interest-only instalments."""

    drawdowns: Sequence[Drawdown]
    annual_rate: Decimal | RateHistory
    """One rate, or dated ones, such as a base rate's with a margin added."""
    first_due_on: date
    instalments: int
    repayment: Repayment
    every_months: int = 1
    day_count: DayCount = DayCount.ACT_365F
    capital_holiday: int = 0

    @property
    def rates(self) -> RateHistory:
        """The rate as a history, of one step where it never changes."""
        return self.annual_rate if isinstance(self.annual_rate, RateHistory) else RateHistory.fixed(self.annual_rate)

    @property
    def stretch(self) -> Stretch:
        """The instalments as agreed together."""
        return Stretch(
            self.due_dates,
            Spread(_SPREAD[self.repayment.kind], self.repayment.amount),
            self.capital_holiday,
            earlier=lambda count: dates_before(self.first_due_on, self.every_months, count, self._lent_on),
        )

    @property
    def due_dates(self) -> list[date]:
        """The days on which the instalments fall due."""
        return due_dates(self.first_due_on, self.every_months, self.instalments, self._lent_on)

    @property
    def _lent_on(self) -> date | None:
        return min((drawdown.on for drawdown in self.drawdowns), default=None)


@dataclass(frozen=True, slots=True)
class Instalment:
    """One line of a schedule; `balance` is what is owed at the close of the day, a drawdown of that day included."""

    number: int
    due_on: date
    principal: Money
    interest: Money
    balance: Money

    @property
    def payment(self) -> Money:
        """Principal and interest together."""
        return self.principal + self.interest


def faults(terms: Terms) -> list[Fault]:
    """Everything that keeps a schedule from being drawn up under these terms, all at once."""
    return [*_faults_of_the_terms(terms), *_faults_of_the_drawdowns(terms)]


def schedule(terms: Terms) -> list[Instalment]:
    """The instalments under these terms. Refuses terms with faults, and names them all.

    Interest is counted on each day's balance and rounded half up once an instalment. Fixed principal repays its amount
    each time and what is left with the last; level payments are equal and the last absorbs the pennies; a bullet
    repays all with the last. The first `capital_holiday` instalments are interest only. A further drawdown counts from
    its day, and where payments are level those that follow it are levelled anew; so they are from the first instalment
    that a change of the rate touches, as if the rate of that instalment's last day stood for good.
    """
    found = faults(terms)
    if found:
        raise BadTerms(found)
    lent = [(drawdown.on, drawdown.amount) for drawdown in terms.drawdowns]
    falling = principal_due([terms.stretch], lent, terms.rates, terms.day_count)
    moved = ahead(falling.dues, lent, date.min)
    bills = Billing([due.on for due in falling.dues], moved, terms.rates, falling.counting).bills
    return [
        Instalment(number, due.on, due.principal, interest, _balance(moved, due.on))
        for number, (due, (_, interest)) in enumerate(zip(falling.dues, bills, strict=True), start=1)
    ]


def _balance(moved: Sequence[Movement], day: date) -> Money:
    return Money.total(amount for on, amount in moved if on <= day)


def _faults_of_the_terms(terms: Terms) -> list[Fault]:
    found = [
        _fault("/annual_rate", rate, "a yearly fraction from 0 to 10", "write 7.5% as 0.075")
        for rate in terms.rates.rates
        if not 0 <= rate <= HIGHEST_RATE
    ]
    if not 1 <= terms.instalments <= MOST_INSTALMENTS:
        expected = f"a whole number from 1 to {MOST_INSTALMENTS}"
        found.append(_fault("/instalments", terms.instalments, expected, "say how many payments there are"))
    if not 1 <= terms.every_months <= MOST_MONTHS:
        expected = f"a whole number from 1 to {MOST_MONTHS}"
        found.append(_fault("/every_months", terms.every_months, expected, "say how many months lie between payments"))
    if not 0 <= terms.capital_holiday < max(terms.instalments, 1):
        expected = "a whole number below the number of instalments"
        found.append(_fault("/capital_holiday", terms.capital_holiday, expected, "leave one instalment to repay with"))
    if terms.repayment.kind == "fixed-principal" and terms.repayment.amount.pence <= 0:
        expected = "a positive amount of principal"
        found.append(_fault("/repayment/amount", terms.repayment.amount, expected, "name what each instalment repays"))
    if terms.repayment.kind != "fixed-principal" and terms.repayment.amount:
        expected = f"no amount with {terms.repayment.kind}"
        found.append(_fault("/repayment/amount", terms.repayment.amount, expected, "leave the amount out"))
    return found


def _faults_of_the_drawdowns(terms: Terms) -> list[Fault]:
    if not terms.drawdowns:
        return [_fault("/drawdowns", "none", "at least one drawdown", "say when the money is lent")]
    found = [
        _fault(f"/drawdowns/{place}/amount", drawdown.amount, "a positive amount", "a repayment is not a drawdown")
        for place, drawdown in enumerate(terms.drawdowns)
        if drawdown.amount.pence <= 0
    ]
    first = min(drawdown.on for drawdown in terms.drawdowns)
    if first >= terms.first_due_on:
        expected = f"a day after the first drawdown of {first}"
        found.append(_fault("/first_due_on", terms.first_due_on, expected, "the first instalment follows the money"))
    if not 1 <= terms.instalments <= MOST_INSTALMENTS or not 1 <= terms.every_months <= MOST_MONTHS:
        return found
    try:
        last = terms.due_dates[-1]
    except (OverflowError, ValueError):
        expected = "a last due date before the year 10000"
        return [*found, _fault("/instalments", terms.instalments, expected, "take fewer or more frequent instalments")]
    found.extend(
        _fault(f"/drawdowns/{place}/on", drawdown.on, f"a day before the last due date, {last}", "move or drop it")
        for place, drawdown in enumerate(terms.drawdowns)
        if drawdown.on >= last
    )
    return found


def _fault(pointer: str, found: object, expected: str, remedy: str) -> Fault:
    return Fault(pointer, str(found), expected, remedy)
