"""What loss is expected of a loan: when it may fail, what is owed then, what part is lost, and what that is worth now.

IFRS 9, 5.5.3 and 5.5.5: the failures of twelve months in stage 1, of the whole remaining life from stage 2 on; each is
discounted at the effective rate or an approximation of it (B5.5.44), with what of the undrawn commitment will have been
drawn by then (B5.5.31).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import count
from typing import Final, NamedTuple

from dateutil.relativedelta import relativedelta

from bank.allocations.course import Course
from bank.allocations.impaired import Foretold
from bank.allocations.products.shape import BeyondTerms
from bank.allocations.terms.rules import stepped
from ledger.impairment import PossibleDefault, Stage, expected_loss
from ledger.money import NOTHING, Money

_DIGITS: Final = 12
_HALF_A_PENNY: Final = Fraction(1, 2)


@dataclass(frozen=True, slots=True)
class Assumed:
    """What is assumed of a stage: how probable a failure is in each year ahead, what part is lost, what is drawn first.

    A year beyond those that are told has no failure in it. `conversion` is the part of an undrawn commitment that will
    have been drawn when the loan fails.
    """

    by_year: tuple[Decimal, ...]
    lost: Decimal
    conversion: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Exposed:
    """A loan as it may be lost: owed now, owed on each day to come, undrawn, and when the last of it falls due."""

    gross: Money
    owed: Callable[[date], Money]
    undrawn: Money
    ends_on: date
    effective: Decimal


def loss_expected(stage: Stage, assumed: Assumed, loan: Exposed, on: date) -> Money:
    """What is expected to be lost on a day of a loan and its undrawn commitment, rounded half up once.

    Never beyond what the loan is carried at and what may yet be drawn. A commitment counts from its signature on (IFRS
    9, 5.5.1 and 5.5.6), by what will be drawn of it (B5.5.30 and B5.5.31), at the rate the loan would have (B5.5.47).
    Refuses nothing: an assumption was made sound before.
    """
    most = max(loan.gross, NOTHING) + max(loan.undrawn, NOTHING)
    defaults = possible_defaults(stage, assumed, loan, on)
    return min(expected_loss(stage, defaults, loan.effective, on).amount, most)


def possible_defaults(stage: Stage, assumed: Assumed, loan: Exposed, on: date) -> list[PossibleDefault]:
    """The failures that may come: one for each year ahead, in its middle; a year that the loan ends in counts in part.

    A loan in stage 3 has failed, and one whose last day is past has nothing to wait for: both on the day itself. What
    is undrawn counts in every stage as far as it will have been drawn by then.
    """
    if stage is Stage.IMPAIRED or loan.ends_on <= on:
        probability = min(sum(assumed.by_year, Decimal(0)), Decimal(1))
        if stage is Stage.PERFORMING:
            probability = assumed.by_year[0]
        exposure = max(loan.gross, NOTHING) + loan.undrawn.times(assumed.conversion)
        return [PossibleDefault(on, probability, exposure, assumed.lost)]
    found = []
    for year, probability in zip(count(), assumed.by_year, strict=False):
        starts, full = on + relativedelta(years=year), on + relativedelta(years=year + 1)
        if starts >= loan.ends_on:
            break
        ends = min(full, loan.ends_on)
        part = Decimal((ends - starts).days) / (full - starts).days
        middle = starts + (ends - starts) // 2
        exposure = max(loan.owed(middle) + loan.undrawn.times(assumed.conversion), NOTHING)
        found.append(PossibleDefault(middle, probability * part, exposure, assumed.lost))
    return found


def exposed(course: Course, gross: Money, on: date, matures_on: date, undrawn: Money) -> Exposed:
    """A loan by its own schedule: what is owed on a day to come is what falls due after it, and what is late already.

    Without terms of repayment all of it is owed to its last day.
    """
    ahead = course.value.expected(on)
    if not ahead.to_come:
        return Exposed(gross, lambda _: gross, undrawn, matures_on, effective_rate(course, on))
    now = ahead.owed(on)

    def owed(day: date) -> Money:
        return Money.round_half_up(gross.pence + ahead.owed(day) - now)

    return Exposed(gross, owed, undrawn, ahead.to_come[-1].on, effective_rate(course, on))


def shortfall(course: Course, gross: Money, told: Foretold, on: date) -> Money:
    """What a loan is carried at beyond the worth of what is still expected of it (IFRS 9, 5.5.13 and B5.5.33).

    Below nothing where more is expected.
    """
    return gross - told.worth(effective_rate(course, on), on)


class Claimed(NamedTuple):
    """What a contract claims on a day: principal, with what may yet be drawn of it, and all else, in pence."""

    principal: Fraction
    beside: Fraction


def refuse_beyond_claims(courses: Sequence[Course], claimed: Claimed, told: Foretold) -> None:
    """Pass when no receipt is more than the contract would claim on its day, by one course of it at least.

    What is received is taken to pay interest first, all that is unpaid to bear the default margin, and each bill to be
    rounded up: the contract never claims more.
    """
    beyond = [_first_beyond(each, claimed, told) for each in courses]
    if not all(beyond):
        return
    day, amount, most = max((each for each in beyond if each is not None), key=lambda each: (each[0], each[2]))
    raise BeyondTerms(
        f"{amount} is expected on {day}, when the contract claims {most} at most after what is expected before: nobody "
        f"owes more. Expect no more than that, or propose first the terms by which more is owed",
        expected=str(amount),
        claimed=str(most),
        on=str(day),
    )


def _first_beyond(course: Course, claimed: Claimed, told: Foretold) -> tuple[date, Money, Money] | None:
    margins = stepped(course.terms, "default_margin")
    principal, beside = claimed
    since = told.from_on
    for day, amount in told.receipts:
        beside += principal * course.rates.growth(since, day, course.falling.counting) + _HALF_A_PENNY * sum(
            since < due.on <= day for due in course.dues
        )
        beside += (principal + beside) * margins.growth(since, day, course.day_count)
        most = Money.round_half_up(principal + beside)
        if amount > most:
            return day, amount, most
        interest = min(beside, Fraction(amount.pence))
        principal, beside, since = max(principal - (amount.pence - interest), Fraction(0)), beside - interest, day
    return None


def effective_rate(course: Course, on: date) -> Decimal:
    """The rate that losses are discounted at: found from the flows where fees or changes make it another than charged.

    Of a loan that began impaired, its credit-adjusted rate.

    Otherwise the rate of the contract, compounded as often as it is paid, which is the same but for a few days.
    """
    begun = course.began_impaired_by(on)
    if begun is not None:
        return begun.rate
    if course.fees or course.adjusted:
        found = course.value.at(on)[1]
        if found is not None:
            return found
    charged = course.rates.on(on)
    agreed = [each for each in course.terms if each.from_on <= on]
    times = Fraction(12, agreed[-1].plan.every_months) if agreed else Fraction(1)
    yearly = (1 + charged * times.denominator / times.numerator) ** (Decimal(times.numerator) / times.denominator) - 1
    return round(yearly, _DIGITS)
