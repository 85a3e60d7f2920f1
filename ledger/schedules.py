"""Repayment schedules: when the instalments of a loan fall due, and how each divides into principal and interest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal, localcontext
from fractions import Fraction
from itertools import pairwise
from typing import Final, Literal

from dateutil.relativedelta import relativedelta

from ledger.daycounts import DayCount
from ledger.faults import Fault, Faulty
from ledger.money import NOTHING, Money
from ledger.rates import RateHistory

MOST_INSTALMENTS: Final = 600
"""Fifty years of monthly instalments."""
MOST_MONTHS: Final = 120
HIGHEST_RATE: Final = Decimal(10)
"""A thousand per cent: beyond it a percentage was written where a fraction belongs."""

_DIGITS: Final = 60
_ONE_DAY: Final = timedelta(days=1)
RepaymentKind = Literal["fixed-principal", "level", "bullet"]


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
    def due_dates(self) -> list[date]:
        """The days on which the instalments fall due."""
        lent_on = min((drawdown.on for drawdown in self.drawdowns), default=None)
        return due_dates(self.first_due_on, self.every_months, self.instalments, lent_on)


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


def due_dates(first: date, every_months: int, count: int, lent_on: date | None = None) -> list[date]:
    """The due dates, each stepped from the first one: after 31 January comes the end of February, then 31 March.

    Where money lent on the 29th, 30th or 31st falls due first at the end of a month too short for that number, one
    interval later, the number is still the loan's own and the later due dates go by it: lent on 31 January and first
    due on 28 February, it is next due on 31 March and 30 April, as in Apache Fineract's LoanMonthEndDueDateStrategy.
    """
    if lent_on and lent_on.day > first.day and lent_on + relativedelta(months=every_months) == first:
        return [lent_on + relativedelta(months=every_months * place) for place in range(1, count + 1)]
    return [first + relativedelta(months=every_months * place) for place in range(count)]


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
    walk = _Walk(terms)
    return [walk.next_instalment() for _ in range(terms.instalments)]


@dataclass(slots=True)
class _Walk:
    """The loan as it goes from one due date to the next; amounts in whole pence."""

    terms: Terms
    balance: int = 0
    place: int = 0
    level: int | None = None
    dues: list[date] = field(init=False)
    drawdowns: list[Drawdown] = field(init=False)
    first_lent_on: date = field(init=False)
    rates: RateHistory = field(init=False)

    def __post_init__(self) -> None:
        self.drawdowns = sorted(self.terms.drawdowns, key=lambda drawdown: drawdown.on)
        self.first_lent_on = self.drawdowns[0].on
        self.dues = self.terms.due_dates
        self.rates = self.terms.rates

    def next_instalment(self) -> Instalment:
        due = self.dues[self.place]
        exact = self._draw_until(due)
        interest = Money.round_half_up(exact)
        principal = self._principal(exact, interest.pence)
        self.balance -= principal
        self.place += 1
        self._draw_on(due)
        return Instalment(self.place, due, Money(principal), interest, Money(self.balance))

    def _draw_until(self, due: date) -> Fraction:
        """Take the drawdowns before the due date and give the exact interest, in pence, that falls due on it."""
        lent = [(self.dues[self.place - 1], self.balance)] if self.place else []
        while self.drawdowns and self.drawdowns[0].on < due:
            drawdown = self.drawdowns.pop(0)
            self.balance += drawdown.amount.pence
            lent.append((drawdown.on, drawdown.amount.pence))
            self.level = None
        changes = self._changes(lent[0][0])
        if changes:
            self.level = None
        return sum((pence * self._earned(since, changes) for since, pence in lent), Fraction(0))

    def _changes(self, since: date) -> list[date]:
        """The days of this instalment's period on which the rate changes; a first one may be the day it begins."""
        due = self.dues[self.place]
        steps = zip(self.rates.days[1:], pairwise(self.rates.rates), strict=True)
        return [day for day, (before, after) in steps if since <= day < due and before != after]

    def _earned(self, since: date, changes: Sequence[date]) -> Fraction:
        """What a penny earns from a day to this instalment's due date, each stretch of one rate by its part."""
        starts = [since, *(day for day in changes if day > since)]
        parts = [*map(self._fraction, starts), Fraction(0)]
        return sum(
            (
                Fraction(self.rates.on(start)) * (part - rest)
                for start, (part, rest) in zip(starts, pairwise(parts), strict=True)
            ),
            Fraction(0),
        )

    def _draw_on(self, due: date) -> None:
        while self.drawdowns and self.drawdowns[0].on == due:
            self.balance += self.drawdowns.pop(0).amount.pence
            self.level = None

    def _principal(self, exact: Fraction, interest: int) -> int:
        if self.place == len(self.dues) - 1:
            return self.balance
        if self.place < self.terms.capital_holiday:
            return 0
        match self.terms.repayment.kind:
            case "fixed-principal":
                return min(self.balance, self.terms.repayment.amount.pence)
            case "level":
                if self.level is None:
                    self.level = _level_payment(self.balance, exact, self._rates_to_come())
                return min(self.balance, max(0, self.level - interest))
            case "bullet":
                return 0

    def _rates_to_come(self) -> list[Fraction]:
        ends = self.dues[self.place :]
        rate = Fraction(self.rates.on(ends[0] - _ONE_DAY))
        return [rate * self.terms.day_count.fraction(*pair) for pair in pairwise(ends)]

    def _fraction(self, since: date) -> Fraction:
        """The part of a year from a day to this instalment's due date.

        Under the 30/360 counts a whole period between due dates is counted as ISDA defines, and a part of a period is
        the whole one's fraction in proportion to its calendar days, which is how lending systems count a broken month
        (Apache Fineract, LoanScheduleGeneratorTest). A loan of one instalment has one period, from its first drawdown.
        """
        count, due = self.terms.day_count, self.dues[self.place]
        if count.counts_calendar_days:
            return count.fraction(since, due)
        total, steps = Fraction(0), 0
        while due > since:
            steps += 1
            began = self._stepped_back(steps)
            whole = count.fraction(began, due)
            total += whole if began >= since else whole * Fraction((due - since).days, (due - began).days)
            due = began
        return total

    def _stepped_back(self, steps: int) -> date:
        """The day on which the period so many before this one's end began; before the first, as if it went on back."""
        if self.place >= steps:
            return self.dues[self.place - steps]
        if len(self.dues) == 1:
            return self.first_lent_on
        return self.terms.first_due_on + relativedelta(months=(self.place - steps) * self.terms.every_months)


def _level_payment(balance: int, interest: Fraction, rates: Sequence[Fraction]) -> int:
    """The equal payment, in whole pence, that clears a balance and its first interest over the rates to come.

    The exact payment rounded half up may leave the last one far off, for each instalment's interest is rounded too:
    then the payment is shifted by its part of that difference, as long as this brings the last one nearer (the
    convention of Apache Fineract's ProgressiveEMICalculator).
    """
    count = len(rates) + 1
    payment = _exact_level_payment(balance, interest, rates)
    gap = _last_payment(payment, balance, interest, rates) - payment
    while abs(gap) > count // 2:
        nearer = payment + Money.round_half_up(Fraction(gap, count)).pence
        new_gap = _last_payment(nearer, balance, interest, rates) - nearer
        if abs(new_gap) >= abs(gap):
            break
        payment, gap = nearer, new_gap
    return payment


def _exact_level_payment(balance: int, interest: Fraction, rates: Sequence[Fraction]) -> int:
    """What is owed, grown to the end, over what a penny paid each time grows to; rounded half up."""
    with localcontext() as context:
        context.prec = _DIGITS
        owed, paid = Decimal(balance) + _decimal(interest), Decimal(1)
        for rate in rates:
            growth = 1 + _decimal(rate)
            owed, paid = owed * growth, paid * growth + 1
        return Money.round_half_up(owed / paid).pence


def _last_payment(payment: int, balance: int, interest: Fraction, rates: Sequence[Fraction]) -> int:
    for rate in rates:
        due = Money.round_half_up(interest).pence
        balance -= min(balance, max(0, payment - due))
        interest = balance * rate
    return balance + Money.round_half_up(interest).pence


def _decimal(exact: Fraction) -> Decimal:
    return Decimal(exact.numerator) / Decimal(exact.denominator)


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
