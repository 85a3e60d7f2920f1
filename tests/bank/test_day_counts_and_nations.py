"""What facilities pay under each day count and by each nation's bank holidays, beside an oracle that counts the nights.

The bank holidays are those that were kept: Good Friday of 2012 was 6 April and Easter Monday 9 April; Scotland's banks
close on 30 November, Saint Andrew's Day; Northern Ireland's on 12 July; those of England and Wales on the last Mondays
of May and August, but in 2012 on 4 June for that of May (gov.uk/bank-holidays, and the proclamation for the jubilee).
"""

from __future__ import annotations

from calendar import isleap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any, Final

import pytest

from bank.allocations.commands import accrue, draw_down, repay
from bank.allocations.course import Course
from bank.allocations.instalments import schedule
from bank.allocations.terms.rules import Agreed, Plan, Repaying
from bank.rates.commands import approve_base_rate, propose_base_rate
from ledger.daycounts import DayCount
from ledger.money import Money
from ledger.rates import RateHistory
from tests.bank.small_bank import SmallBank, pounds
from tests.bank.test_loan_journals import agreed

FIRST: Final = date(2012, 1, 10)
STEP: Final = date(2012, 9, 17)
RATES: Final = (Decimal("0.07"), Decimal("0.085"))
"""Margin and base together, before the base moves and after."""
LATE: Final = Decimal("0.03")
PROMISED: Final = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Case:
    """A facility: how it counts, whose banks' holidays it keeps, when it is lent, and the days that come of it."""

    day_count: str
    nation: str
    roll: str
    first_due_on: date
    lent_on: date
    dues: tuple[date, ...]


CASES: Final = (
    Case(
        "act/act-isda",
        "ENG",
        "modified-following",
        date(2012, 4, 6),
        date(2012, 1, 31),
        (date(2012, 4, 10), date(2012, 7, 6), date(2012, 10, 8), date(2013, 1, 7), date(2013, 4, 8)),
    ),
    Case(
        "act/360",
        "SCT",
        "modified-following",
        date(2012, 5, 30),
        date(2012, 3, 31),
        (date(2012, 5, 30), date(2012, 8, 30), date(2012, 11, 29), date(2013, 2, 28), date(2013, 5, 30)),
    ),
    Case(
        "30/360",
        "NIR",
        "following",
        date(2012, 7, 12),
        date(2012, 5, 31),
        (date(2012, 7, 13), date(2012, 10, 12), date(2013, 1, 14), date(2013, 4, 12), date(2013, 7, 15)),
    ),
    Case(
        "30e/360",
        "WLS",
        "modified-following",
        date(2012, 8, 27),
        date(2012, 5, 31),
        (date(2012, 8, 28), date(2012, 11, 27), date(2013, 2, 27), date(2013, 5, 28), date(2013, 8, 27)),
    ),
    Case(
        "act/365f",
        "ENG",
        "preceding",
        date(2012, 4, 6),
        date(2012, 1, 31),
        (date(2012, 4, 5), date(2012, 7, 6), date(2012, 10, 5), date(2013, 1, 4), date(2013, 4, 5)),
    ),
)


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.day_count} {case.nation}")
def test_bills_accruals_and_charges_are_what_counting_the_nights_comes_to(small_bank: SmallBank, case: Case) -> None:
    moved = [
        (case.lent_on, pounds("6000.01")),
        (case.lent_on + timedelta(days=64), pounds("3000.00")),
        (case.lent_on + timedelta(days=130), pounds("-500.00")),
    ]
    facility, end = lived(small_bank, case, moved), case.dues[-1] + timedelta(days=23)
    bills = list(billed(case, moved))
    with small_bank.database.reading() as session:
        shown = schedule(session, facility, as_at=end).instalments
    assert [(each.due_on, each.interest) for each in shown] == list(zip(case.dues, bills, strict=True))
    for day in (case.lent_on + timedelta(days=100), date(2012, 12, 31), date(2013, 3, 31), end):
        accrue(small_bank.maya, facility=facility, until=day, key=small_bank.key())
        billed_by = [bill for due, bill in zip(case.dues, bills, strict=True) if due <= day]
        since = max((due for due in case.dues if due <= day), default=case.lent_on)
        owed = Money.total(billed_by) + rounded(run_up(case, moved, since, day))
        assert small_bank.balance("bank", f"1210:{facility}", day) == str(owed), day
    overdue = [*((each.due_on, each.principal + each.interest) for each in shown), moved[-1]]
    assert small_bank.balance("bank", f"1220:{facility}") == str(charged(case, overdue, LATE, end))
    undrawn = [(FIRST, pounds("10000.00")), *((day, -amount) for day, amount in moved[:2])]
    assert small_bank.balance("bank", f"1500:{facility}") == str(charged(case, undrawn, PROMISED, end))


def lived(bank: SmallBank, case: Case, moved: list[tuple[date, Money]]) -> str:
    """A facility over a base that moves, drawn twice, of which a part of the first instalment is paid and no more."""
    bank.at(FIRST)
    bank.capital("100000.00")
    for rate, on in (("0.02", FIRST), ("0.035", STEP)):
        made = propose_base_rate(bank.maya, base="test", rate=Decimal(rate), from_on=on, source="A", key=bank.key())
        approve_base_rate(bank.tom, id=made.id, key=bank.key())
    facility = bank.signed(bank.lender(), "10000.00", day_count=case.day_count).id
    terms: dict[str, Any] = {"base": "test", "rate": Decimal("0.05"), "default_margin": LATE}
    terms |= {"commitment_fee": PROMISED, "repayment": "equal-principal", "instalments": 5, "every_months": 3}
    agreed(bank, facility, FIRST, first_due_on=case.first_due_on, nation=case.nation, roll=case.roll, **terms)
    bank.at(case.dues[-1] + timedelta(days=30))
    for day, amount in moved[:2]:
        draw_down(bank.maya, facility=facility, amount=amount, on=day, key=bank.key())
    repay(bank.maya, facility=facility, principal=-moved[2][1], on=moved[2][0], key=bank.key())
    return facility


def billed(case: Case, moved: list[tuple[date, Money]]) -> Iterator[Money]:
    """The interest of each instalment, rounded by itself."""
    for since, due in pairwise([case.lent_on, *case.dues]):
        yield rounded(run_up(case, moved, since, due))


def run_up(case: Case, moved: Iterable[tuple[date, Money]], since: date, until: date) -> Fraction:
    """Night by night: the balance, the rate of the day, and what part of a year the night is."""
    told = list(moved)
    return sum(
        (
            sum(amount.pence for on, amount in told if on <= day) * Fraction(RATES[day >= STEP]) * night(case, day)
            for day in nights(since, until)
        ),
        Fraction(0),
    )


def nights(since: date, until: date) -> Iterator[date]:
    """Each day after which a night comes."""
    return (since + timedelta(days=passed) for passed in range((until - since).days))


def night(case: Case, day: date) -> Fraction:
    """What part of a year a night is: where months have 30 days, an even part of the period it lies in.

    The first stub is none: there a night is what its first day counts to the due day beyond what its second does.
    """
    if not case.day_count.startswith("30"):
        return part(case, day, day + timedelta(days=1))
    edges = case.dues
    if day < edges[0]:
        return part(case, day, edges[0]) - part(case, day + timedelta(days=1), edges[0])
    for began, ends in pairwise(edges):
        if began <= day < ends:
            return part(case, began, ends) / (ends - began).days
    since = edges[-1]
    return part(case, since, day + timedelta(days=1)) - part(case, since, day)


def part(case: Case, start: date, end: date) -> Fraction:
    """The part of a year between two days."""
    if case.day_count == "act/act-isda":
        return sum((Fraction(1, 366 if isleap(day.year) else 365) for day in nights(start, end)), Fraction(0))
    if case.day_count.startswith("act"):
        return Fraction((end - start).days, 360 if case.day_count == "act/360" else 365)
    counted = place(end) - place(start)
    if case.day_count == "30/360" and end.day == 31 and start.day < 30:
        counted += 1  # there a 31st is a day of its own, unless the count began at the end of a month
    return Fraction(counted, 360)


def place(day: date) -> int:
    """A day's place in a calendar of twelve months of 30 days, where a 31st is the 30th."""
    return 360 * day.year + 30 * day.month + min(day.day, 30)


def charged(case: Case, balances: Iterable[tuple[date, Money]], rate: Decimal, end: date) -> Money:
    """A yearly charge on what stands from each day on, to a day."""
    return rounded(sum((amount.pence * Fraction(rate) * part(case, day, end) for day, amount in balances), Fraction(0)))


def rounded(pence: Fraction) -> Money:
    """To the penny, half up."""
    return Money((pence + Fraction(1, 2)).__floor__())


def test_a_commitment_fee_counts_its_own_days_where_its_terms_say_so() -> None:
    """A year of 2 % on 3,650.00 undrawn: by the interest's count, and by 360 to a year where told."""
    plan = Plan(Repaying.BULLET, date(2013, 3, 1), 12, 1)
    terms = Agreed(date(2011, 3, 1), None, Decimal(0), plan, commitment_fee=Decimal("0.02"))
    undrawn = ((date(2011, 3, 1), Money(365_000)),)

    def fee(*agreed: Agreed) -> str:
        course = Course(RateHistory.fixed(Decimal(0)), DayCount.ACT_365F, agreed, undrawn=undrawn)
        return str(course.commitment_fee(date(2012, 2, 29)))

    own = replace(terms, fee_count=DayCount.ACT_360)
    assert fee(terms) == "73.00"
    assert fee(own) == "74.01"  # 365 / 360 of 73.00 is 74.0139
    half = replace(terms, from_on=date(2011, 8, 30))
    assert fee(own, half) == "73.51"  # 182 days by one, 183 by the other: 36.9056 and 36.60
