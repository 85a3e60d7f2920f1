"""What a loan facility may agree, what rate that makes on each day, and how a proposal of terms is made sound."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise
from typing import Final

from bank.treasury.rules import BadTerms, fraction, not_negative
from ledger.dates import CALENDAR_ENDS, within_calendar
from ledger.daycounts import DayCount
from ledger.money import NOTHING, Money
from ledger.present_values import SUBSTANTIAL
from ledger.rates import BEGINNING, RateHistory
from ledger.schedules import MOST_INSTALMENTS, MOST_MONTHS
from ledger.waterfalls import USUAL_ORDER
from ledger.workdays import Nation, Roll, dates_before, payment_days, rolled


class Repaying(StrEnum):
    """How principal comes back."""

    EQUAL_PRINCIPAL = "equal-principal"
    """The same part of the principal each time; the last instalment takes the pennies."""
    LEVEL = "level"
    """Equal payments of principal and interest together, levelled anew when the rate or the balance changes."""
    BULLET = "bullet"
    """All of it with the last instalment; interest with each."""
    BESPOKE = "bespoke"
    """The amounts of principal that the agreement lists; the last instalment takes what is left."""


@dataclass(frozen=True, slots=True)
class Plan:
    """When a facility pays, and how its principal is spread over the days."""

    repaying: Repaying
    first_due_on: date
    every_months: int
    instalments: int
    capital_holiday: int = 0
    bespoke: tuple[Money, ...] = ()
    nation: Nation = Nation.ENGLAND
    roll: Roll = Roll.MODIFIED_FOLLOWING

    def due_days(self, lent_on: date | None = None) -> list[date]:
        """The days on which instalments fall due, each moved to a day on which banks work.

        Money first lent one interval before the first of them, on a day of the month that its month is too short for,
        keeps its own number: `due_dates` says how.
        """
        return payment_days(
            self.first_due_on, self.every_months, self.instalments, self.roll, self.nation, lent_on=lent_on
        )

    def days_before(self, count: int, lent_on: date | None = None) -> list[date]:
        """So many days on which instalments would have fallen due before the first, the latest first.

        Where the due days keep the number of the day of lending, that day is the latest of them, as it is.
        """
        dates = dates_before(self.first_due_on, self.every_months, count, lent_on)
        return [day if day == lent_on else rolled(day, self.roll, self.nation) for day in dates]


@dataclass(frozen=True, slots=True)
class Agreed:
    """Terms in force from a day on, until later ones follow. Rates are yearly fractions."""

    from_on: date
    base: str | None
    rate: Decimal
    plan: Plan
    floor: Decimal | None = None
    cap: Decimal | None = None
    default_margin: Decimal = Decimal(0)
    commitment_fee: Decimal = Decimal(0)
    fee_count: DayCount | None = None
    """How the days of the commitment fee are counted; as the facility's interest where not told."""
    arrangement_fee: Money = NOTHING
    fee_withheld: bool = False
    waterfall: tuple[str, ...] = USUAL_ORDER
    market_rate: Decimal | None = None
    """The yearly rate at which others would lend on these terms, where it is not theirs: told with a change."""
    replaces: bool = False
    """Whether these terms differ so much from those before that the loan was taken to end and another to begin."""
    reschedules: bool = False
    """Whether principal that is overdue at the close of their first day is taken into their schedule."""


@dataclass(frozen=True, slots=True)
class Threshold:
    """From what part of difference on changed terms make another loan, since when, and where that comes from."""

    part: Decimal
    from_on: date
    source: str


BY_THE_STANDARD: Final = Threshold(SUBSTANTIAL, BEGINNING, "IFRS 9, B3.3.6, which financial assets follow by analogy")
"""What holds until two people agree another."""


def sound_threshold(part: Decimal, source: str) -> Decimal:
    """A part between nothing and the whole, with its source."""
    if not fraction(part, "The threshold"):
        raise BadTerms("A threshold of nothing would end a loan whenever a word of it changes: tell a part like 0.10")
    if not source.strip():
        raise BadTerms("Say where the threshold comes from: a standard's paragraph, a policy, an auditor's letter")
    return part


def charged(terms: Sequence[Agreed], bases: Mapping[str, RateHistory], before: Decimal) -> RateHistory:
    """The rate of each day: what was agreed with the facility until its first terms, and then what each terms say."""
    if not terms:
        return _fixed(format(before, "f"))
    steps: dict[date, Decimal] = {BEGINNING: before}
    for now, until in chapters(terms):
        if now.base is None:
            steps[now.from_on] = _within(now.rate, now.floor, now.cap)
            continue
        history = bases[now.base].with_margin(now.rate, floor=now.floor, cap=now.cap)
        steps[now.from_on] = history.on(now.from_on)
        steps |= {day: rate for day, rate in zip(history.days, history.rates, strict=True) if now.from_on < day < until}
    return RateHistory.of(steps.items())


def stepped(terms: Sequence[Agreed], of: str) -> RateHistory:
    """A rate that terms name, `default_margin` or `commitment_fee`, day by day; nothing before the first terms."""
    if not terms:
        return _fixed("0")
    steps: dict[date, Decimal] = {BEGINNING: Decimal(0)}
    steps |= {each.from_on: Decimal(getattr(each, of)) for each in terms}
    return RateHistory.of(steps.items())


def chapters(terms: Sequence[Agreed]) -> list[tuple[Agreed, date]]:
    """Each terms with the day on which the next follow: what falls due on that very day is still the former's."""
    ordered = sorted(terms, key=lambda each: each.from_on)
    ends = [later.from_on for _, later in pairwise(ordered)] + [CALENDAR_ENDS + timedelta(days=1)]
    return list(zip(ordered, ends, strict=True)) if ordered else []


def in_force(terms: Iterable[Agreed], day: date) -> Agreed | None:
    """The terms of a day."""
    return max((each for each in terms if each.from_on <= day), key=lambda each: each.from_on, default=None)


def sound(agreed: Agreed, matures_on: date) -> Agreed:
    """The terms, or a refusal that says what cannot be meant."""
    plan = agreed.plan
    within_calendar(agreed.from_on)
    for rate, what in ((agreed.default_margin, "The default margin"), (agreed.commitment_fee, "The commitment fee")):
        fraction(rate, what)
    fraction(agreed.rate, "The rate or margin")
    if agreed.market_rate is not None:
        fraction(agreed.market_rate, "The market's rate")
    not_negative(agreed.arrangement_fee, "An arrangement fee")
    if agreed.floor is not None and agreed.cap is not None and agreed.floor > agreed.cap:
        raise BadTerms(f"The floor of {agreed.floor} is above the cap of {agreed.cap}: turn the two round")
    if not 1 <= plan.instalments <= MOST_INSTALMENTS or not 1 <= plan.every_months <= MOST_MONTHS:
        raise BadTerms(
            f"A schedule has 1 to {MOST_INSTALMENTS} instalments, 1 to {MOST_MONTHS} months apart, not "
            f"{plan.instalments} every {plan.every_months} months"
        )
    if not 0 <= plan.capital_holiday < plan.instalments:
        raise BadTerms(f"A capital holiday leaves an instalment to repay with: {plan.capital_holiday} is too long")
    if len(plan.bespoke) != (plan.instalments if plan.repaying is Repaying.BESPOKE else 0):
        raise BadTerms("A bespoke schedule, and no other, lists the principal of every instalment")
    days = plan.due_days()
    if days[0] <= agreed.from_on or days[-1] > matures_on + timedelta(days=7):
        raise BadTerms(
            f"Instalments from {days[0]} to {days[-1]} do not lie after {agreed.from_on} and by the maturity of "
            f"{matures_on}: move the first, or take fewer"
        )
    if sorted(agreed.waterfall) != sorted(USUAL_ORDER):
        raise BadTerms(f"A payment is shared out among {', '.join(USUAL_ORDER)}, each once, in the contract's order")
    return agreed


@lru_cache(maxsize=1024)
def _fixed(rate: str) -> RateHistory:
    """By its text: 0.05 and 0.050 are the same rate, and are shown as they were agreed."""
    return RateHistory.fixed(Decimal(rate))


def _within(rate: Decimal, floor: Decimal | None, cap: Decimal | None) -> Decimal:
    bounded = rate if floor is None else max(rate, floor)
    return bounded if cap is None else min(bounded, cap)
