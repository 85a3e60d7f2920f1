"""What anybody works out for a loan is what a facility of its terms is billed, and accrues, and paying it settles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any, Final

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given, settings
from hypothesis import strategies as st

from bank.allocations.commands import accrue, draw_down, repay
from bank.allocations.course import Course
from bank.allocations.instalments import arrears, schedule
from bank.allocations.terms.rules import Agreed, Plan, Repaying
from ledger import calculators
from ledger.daycounts import DayCount
from ledger.money import NOTHING, Money
from ledger.rates import RateHistory
from ledger.schedules import Drawdown, Repayment, RepaymentKind, Terms
from ledger.schedules import schedule as worked_out
from ledger.workdays import Roll
from tests.bank.small_bank import SmallBank, pounds
from tests.bank.test_loan_journals import agreed

AMOUNTS = st.integers(1, 10**9).map(Money)
REPAYING: Final[Mapping[RepaymentKind, Repaying]] = {
    "level": Repaying.LEVEL,
    "bullet": Repaying.BULLET,
    "fixed-principal": Repaying.BESPOKE,
}


@st.composite
def any_terms(draw: st.DrawFn) -> Terms:
    """Loans of every convention: long and short first periods, month ends, further drawdowns, a rate that changes."""
    opening = draw(st.dates(date(2010, 1, 1), date(2016, 12, 31)))
    every_months = draw(st.sampled_from([1, 3, 12]))
    whole = opening + relativedelta(months=every_months)
    first_due_on = draw(
        st.sampled_from([whole, whole]) | st.integers(1, 500).map(lambda days: opening + timedelta(days))
    )
    instalments = draw(st.integers(1, 18))
    last = first_due_on + relativedelta(months=every_months * (instalments - 1))
    further = draw(st.lists(st.dates(opening, last - timedelta(days=1)), max_size=3))
    kind: RepaymentKind = draw(st.sampled_from(["level", "level", "bullet", "fixed-principal"]))
    rates = st.decimals(0, "0.4", places=5)
    steps = draw(st.dictionaries(st.dates(opening, last), rates, max_size=2))
    return Terms(
        [Drawdown(on, draw(AMOUNTS)) for on in [opening, *further]],
        RateHistory.of([(date(1900, 1, 1), draw(rates)), *steps.items()]),
        first_due_on,
        instalments,
        Repayment(kind, draw(AMOUNTS) if kind == "fixed-principal" else NOTHING),
        every_months,
        draw(st.sampled_from(DayCount)),
        draw(st.integers(0, instalments - 1)),
    )


def course_of(terms: Terms, paid: Sequence[tuple[date, Money]] = ()) -> Course:
    """A facility of these terms, its due days never moved to working days."""
    fixed = (terms.repayment.amount,) * terms.instalments if terms.repayment.kind == "fixed-principal" else ()
    plan = Plan(
        REPAYING[terms.repayment.kind],
        terms.first_due_on,
        terms.every_months,
        terms.instalments,
        terms.capital_holiday,
        fixed,
        roll=Roll.NONE,
    )
    lent = [(drawdown.on, drawdown.amount) for drawdown in terms.drawdowns]
    first = min(day for day, _ in lent)
    principal = (*lent, *((day, -amount) for day, amount in paid if amount))
    return Course(terms.rates, terms.day_count, (Agreed(first, None, Decimal(0), plan),), principal)


@given(any_terms())
@settings(max_examples=150, deadline=None)
def test_a_facility_paid_as_it_is_billed_is_billed_what_anybody_works_out(terms: Terms) -> None:
    lines = worked_out(terms)
    course = course_of(terms, [(line.due_on, line.principal) for line in lines])
    assert [(due.on, due.principal) for due in course.dues] == [(line.due_on, line.principal) for line in lines]
    assert course.billing.bills == [(line.due_on, line.interest) for line in lines]
    billed = NOTHING
    for line in lines:
        billed += line.interest
        assert course.interest(line.due_on) == course.claimed(line.due_on) == billed
    assert course.late(lines[-1].due_on + timedelta(days=400)).interest == billed


@given(any_terms(), st.lists(st.integers(0, 6000), min_size=2, max_size=8))
@settings(max_examples=80, deadline=None)
def test_interest_runs_up_from_day_to_day_and_never_back(terms: Terms, days: list[int]) -> None:
    """And between two bills it is what each day earns, never more than a penny from the whole."""
    lines = worked_out(terms)
    course = course_of(terms, [(line.due_on, line.principal) for line in lines])
    first = min(drawdown.on for drawdown in terms.drawdowns)
    asked = sorted(first + timedelta(days=number) for number in days)
    earned = [course.interest(day) for day in asked]
    assert all(before <= now for before, now in pairwise(earned))
    for day, amount in zip(asked, earned, strict=True):
        billed = Money.total(line.interest for line in lines if line.due_on <= day)
        assert billed <= amount <= billed + next((line.interest for line in lines if line.due_on > day), NOTHING)


@given(any_terms(), st.integers(1, 3000), st.decimals(0, "0.4", places=5))
@settings(max_examples=80, deadline=None)
def test_a_rate_that_comes_to_be_known_leaves_what_fell_due_before_it(terms: Terms, later: int, rate: Decimal) -> None:
    first = min(drawdown.on for drawdown in terms.drawdowns)
    day = max(first, *terms.rates.days) + timedelta(days=later)
    known = RateHistory.of([*zip(terms.rates.days, terms.rates.rates, strict=True), (day, rate)])
    paid = [(line.due_on, line.principal) for line in worked_out(terms)]
    before, after = course_of(terms, paid), course_of(replace(terms, annual_rate=known), paid)
    assert [due for due in after.dues if due.on <= day] == [due for due in before.dues if due.on <= day]
    assert [bill for bill in after.billing.bills if bill[0] <= day] == [
        bill for bill in before.billing.bills if bill[0] <= day
    ]


@given(any_terms(), st.integers(1, 1500), st.integers(1, 200), st.integers(0, 1500))
@settings(max_examples=80, deadline=None)
def test_terms_that_follow_leave_what_was_earned_before_them(terms: Terms, later: int, due: int, asked: int) -> None:
    before = course_of(terms)
    first = min(drawdown.on for drawdown in terms.drawdowns)
    on = first + timedelta(days=later)
    plan = Plan(Repaying.LEVEL, on + timedelta(days=due), 1, 3, roll=Roll.NONE)
    after = replace(before, terms=(*before.terms, Agreed(on, None, Decimal(0), plan)))
    for day in (on, min(on, first + timedelta(days=asked))):
        assert after.interest(day) == before.interest(day)
        assert after.claimed(day) == before.claimed(day)


@given(any_terms(), st.integers(0, 400))
@settings(max_examples=40, deadline=None)
def test_what_a_facility_is_carried_at_is_the_calculators_table_but_for_pennies(terms: Terms, fee: int) -> None:
    """The table rounds each line's interest and hands the pennies on; the books round what each day is worth.

    So the books are half a penny from the exact amount on any day. The table is half a penny further from it with each
    line, and what it was from it before has grown at the rate since; but never by more than the pound and the half
    penny from which on a line closes at the exact amount instead.
    """
    lent = min(terms.drawdowns, key=lambda each: each.on)
    rate = terms.rates.rates[0]
    terms = replace(terms, drawdowns=[lent], annual_rate=rate, day_count=DayCount.ACT_365F)
    taken = Money(lent.amount.pence * fee // 10_000)
    lines = worked_out(terms)
    flows = [{"on": str(lent.on), "amount": str(taken - lent.amount)}]
    flows += [{"on": str(line.due_on), "amount": str(line.payment)} for line in lines if line.payment]
    told: Any = calculators.eir({"flows": flows})
    course = replace(course_of(terms, [(line.due_on, line.principal) for line in lines]), fees=((lent.on, taken),))
    if told["rate"] is None or lines[-1].payment == NOTHING:
        return
    half, off, before = Decimal("0.5"), Decimal(0), lent.on
    for line in told["periods"]:
        day = date.fromisoformat(line["on"])
        off = min(off * (1 + Decimal(told["rate"])) ** (Decimal((day - before).days) / 365), Decimal(100)) + half
        carried = course.claimed(day) + Money.total(amount for on, amount in course.principal if on <= day)
        carried -= course.value.unamortised(day) + Money.total(each.interest for each in lines if each.due_on <= day)
        assert abs(carried.pence - Money.parse(line["closing"]).pence) <= off + half
        assert course.value.at(lent.on)[1] is not None
        before = day


CASES: Final[dict[str, dict[str, Any]]] = {
    # Apache Fineract, fineract-progressive-loan, LoanScheduleGeneratorTest.testGenerateLoanSchedule.
    "a part first month": {
        "drawdowns": [("2024-01-15", "192.22")],
        "annual_rate": "0.0999",
        "day_count": "30/360",
        "first_due_on": "2024-02-01",
    },
    # The same project's case of a second drawdown within a month.
    "a drawdown within a period": {
        "drawdowns": [("2024-01-01", "100.00"), ("2024-02-15", "100.00")],
        "annual_rate": "0.094822",
        "day_count": "30/360",
        "first_due_on": "2024-02-01",
    },
    "lent on the last of January": {
        "drawdowns": [("2023-01-31", "1000.00")],
        "annual_rate": "0.0725",
        "day_count": "act/365f",
        "first_due_on": "2023-02-28",
    },
}


@pytest.mark.parametrize("case", CASES)
def test_in_the_books_too_each_bill_is_the_calculators_and_paying_it_settles_all(
    small_bank: SmallBank, case: str
) -> None:
    told = CASES[case]
    document = told | {
        "drawdowns": [{"on": on, "amount": amount} for on, amount in told["drawdowns"]],
        "instalments": 6,
        "repayment": {"kind": "level"},
    }
    wanted = calculators.schedule(document)
    drawdowns = [(date.fromisoformat(on), pounds(amount)) for on, amount in told["drawdowns"]]
    bank, start, rate = small_bank, drawdowns[0][0], Decimal(told["annual_rate"])
    bank.at(start)
    bank.capital("1000000.00")
    whole = str(Money.total(amount for _, amount in drawdowns))
    changed = {"annual_rate": rate, "day_count": told["day_count"], "matures_on": date(2029, 1, 1)}
    made = bank.signed(bank.lender(), whole, **changed)
    first_due_on = date.fromisoformat(told["first_due_on"])
    agreed(
        bank, made.id, start, rate=rate, repayment="level", first_due_on=first_due_on, every_months=1, instalments=6,
        roll="none",
    )  # fmt: skip
    acts = [(on, "draw", amount) for on, amount in drawdowns]
    instalments: Any = wanted["instalments"]
    acts += [(date.fromisoformat(line["due_on"]), "pay", pounds(line["payment"])) for line in instalments]
    for on, act, amount in sorted(acts, key=lambda each: each[:2]):
        bank.at(on)
        if act == "draw":
            draw_down(bank.maya, facility=made.id, amount=amount, on=on, key=bank.key())
        else:
            repay(bank.maya, facility=made.id, amount=amount, on=on, key=bank.key())
    ended = accrue(bank.maya, facility=made.id, until=on, key=bank.key())
    with bank.database.reading() as session:
        shown = schedule(session, made.id).instalments
        late = arrears(session, made.id)
    assert [
        {name: str(getattr(each, name)) for name in ("number", "due_on", "principal", "interest", "payment")}
        for each in shown
    ] == [{name: str(line[name]) for name in line if name != "balance"} for line in instalments]
    assert str(ended.figures.interest_accrued) == wanted["total_interest"]
    assert (ended.figures.outstanding, ended.figures.interest_due, ended.figures.unapplied) == (NOTHING,) * 3
    assert late.days_past_due == 0


@given(any_terms(), st.integers(0, 900), st.integers(0, 900))
@settings(max_examples=30, deadline=None)
def test_a_step_of_the_base_that_leaves_the_charged_rate_as_it_is_leaves_the_effective_rate_too(
    terms: Terms, step_after: int, asked_after: int
) -> None:
    """Below a floor, or above a cap: only what moves the rate charged finds another effective rate (B5.4.5)."""
    value = course_of(terms).value
    first = min(drawdown.on for drawdown in terms.drawdowns)
    step, asked = first + timedelta(days=step_after), first + timedelta(days=asked_after)
    there = dict(zip(value.rates.days, value.rates.rates, strict=True))
    same = replace(value, rates=RateHistory.of({**there, step: value.rates.on(step)}.items()))
    assert same.at(asked) == value.at(asked)
