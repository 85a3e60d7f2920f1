"""What a facility is counted on to pay: what its contract claims, or less once it is doubtful that it will come.

The rule is the bank's own. A loan is doubtful in stage 3, when it began impaired, and when any of it is past due for
longer than the back-stop of stage 3 (IFRS 9, B5.5.37), whether or not that was rebutted: who rebuts it says that the
money will come, and not that it comes next quarter. Of a doubtful loan that is counted on which two people agreed to
expect of it, as its loss is measured by that too; and where they told nothing, what it is carried at, as it falls due.
"""

from __future__ import annotations

from datetime import date
from typing import Final, NamedTuple

from bank.allocations.course import Course
from bank.allocations.credit.rules import BACKSTOPS, stage_at
from bank.allocations.facts import ALLOWANCES, GROSS, Facts
from bank.allocations.impaired import Foretold
from bank.allocations.rules import INTEREST_PAID, PAYMENT_AGAIN, PAYMENT_BACK, REPAYMENT
from bank.stress.expecting import AtTheEnd, BySchedule, ByWhatIsTold, ByWhatItIsCarriedAt, Expecting
from ledger.impairment import Stage
from ledger.money import NOTHING, Money

_PAID_ON: Final = ("1200", "1210", "1220", "1500")
_PAYING: Final = frozenset({REPAYMENT, INTEREST_PAID, PAYMENT_BACK, PAYMENT_AGAIN})


class Counted(NamedTuple):
    """How a facility is counted on to pay, and how its contract would have it pay where that is more."""

    expecting: Expecting
    contract: Expecting | None = None


def counted_on(facts: Facts, course: Course, day: date, matures_on: date, coupon_months: int) -> Counted:
    """How a facility that earns pays after a day, on a course of its own or on another that it would take."""
    contract: Expecting = (
        BySchedule(course.terms, course.principal, course.rates, course.day_count, _settled(course))
        if course.terms
        else AtTheEnd(
            matures_on, course.principal, _settled(course), course.rates, course.day_count, every_months=coupon_months
        )
    )
    impaired = course.began_impaired_by(day) is not None or stage_at(course.stages, day) is Stage.IMPAIRED
    told = course.foretold_on(day)
    if told is not None and (impaired or not course.principal):
        return Counted(ByWhatIsTold(told.after(day), _sooner(facts, told, day)), contract)
    if impaired or _days_past_due(course, day, matures_on) > BACKSTOPS[Stage.IMPAIRED]:
        gross = facts.balance(GROSS, day)
        return Counted(ByWhatItIsCarriedAt(contract, gross, gross + facts.balance(ALLOWANCES, day)), contract)
    return Counted(contract)


def _settled(course: Course) -> Money:
    return -Money.total(amount for _, amount in course.settled)


def _days_past_due(course: Course, day: date, matures_on: date) -> int:
    """Without terms, all that is out falls due on the last day."""
    if course.terms:
        return course.late(day).days(day)
    return (day - matures_on).days if Money.total(amount for _, amount in course.principal) > NOTHING else 0


def _sooner(facts: Facts, told: Foretold, day: date) -> Money:
    """What was received since it was told what is expected, beyond what was expected by now."""
    lines = (line for root in _PAID_ON for line in facts.lines[root] if line.kind in _PAYING)
    came = -Money.total(line.amount for line in lines if told.from_on < line.happened_on <= day)
    return max(came - Money.total(amount for on, amount in told.receipts if on <= day), NOTHING)
