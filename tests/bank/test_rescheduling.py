"""Overdue principal rescheduled: it falls due anew by the terms that take it in, and counts in the test of a tenth."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bank.allocations.commands import accrue, repay
from bank.allocations.course import Course
from bank.allocations.terms.queries import LoanTermsView, terms_of
from bank.allocations.terms.rules import Agreed, Plan, Repaying
from bank.allocations.terms.schedule import falling_due, settled_dues
from ledger.daycounts import DayCount
from ledger.money import NOTHING, Money
from ledger.rates import RateHistory
from ledger.verification import verify
from ledger.workdays import Roll
from tests.bank.small_bank import SmallBank, pounds
from tests.bank.test_loan_journals import added, agreed, loan
from tests.bank.test_loan_schedules import arrears_at, principals, schedule_of

START = date(2012, 1, 10)
CHANGED = date(2012, 3, 20)
FIRST_DUE = date(2012, 2, 10)
TENTH = Decimal("0.10")
WHY = "The intermediary fell behind, and agreed to catch up"


@pytest.fixture
def lending(small_bank: SmallBank) -> SmallBank:
    small_bank.at(START)
    small_bank.capital("1000000.00")
    return small_bank


def behind(bank: SmallBank) -> str:
    """36,500 at 10 % in four monthly parts, of which the first two are not paid; all the interest is."""
    terms: dict[str, Any] = {"repayment": "equal-principal", "first_due_on": date(2012, 2, 10), "roll": "none"}
    made = loan(bank, "36500.00", **terms, every_months=1, instalments=4, default_margin=Decimal("0.02"))
    bank.at(CHANGED)
    accrue(bank.maya, facility=made.id, until=CHANGED, key=bank.key())
    due = pounds(bank.balance("bank", f"1210:{made.id}"))
    repay(bank.maya, facility=made.id, interest=due, on=CHANGED, key=bank.key())
    return made.id


def stretched(bank: SmallBank, facility: str, **changed: Any) -> dict[str, str]:
    """What other terms do from the day of the change on, unless changed at the rate of before in ten monthly parts."""
    told: dict[str, Any] = {
        "from_on": CHANGED,
        "repayment": "equal-principal",
        "first_due_on": date(2012, 4, 10),
        "every_months": 1,
        "instalments": 10,
        "roll": "none",
        "default_margin": Decimal("0.02"),
        "reason": WHY,
    }
    return added(bank, lambda: agreed(bank, facility, **(told | changed)))


def last_terms(bank: SmallBank, facility: str) -> LoanTermsView:
    with bank.database.reading() as session:
        return terms_of(session, facility)[-1]


def test_overdue_principal_falls_due_anew_and_is_overdue_no_more(lending: SmallBank) -> None:
    made = behind(lending)
    assert str(arrears_at(lending, made, CHANGED).overdue_principal) == "18250.00"
    lost = stretched(lending, made, reschedules=True)
    assert set(lost) == {"1230", "5000"}
    assert 0 < Decimal(lost["5000"]) < 1, "at the rate of before, later money is worth the same but for odd months"
    assert principals(schedule_of(lending, made)) == ["0.00"] * 2 + ["3650.00"] * 10
    late = arrears_at(lending, made, CHANGED)
    assert (late.overdue_principal, late.overdue_since, late.days_past_due) == (NOTHING, None, 0)
    assert arrears_at(lending, made, CHANGED - timedelta(days=1)).days_past_due == 38
    lending.at(date(2012, 4, 19))
    accrue(lending.maya, facility=made, until=date(2012, 4, 19), key="1")
    late = arrears_at(lending, made, date(2012, 4, 19))
    assert (str(late.overdue_principal), late.days_past_due) == ("3650.00", 9)
    with lending.database.reading() as session:
        assert verify(session).holds


def test_a_schedule_adds_up_to_what_was_lent_and_shows_apart_what_was_rescheduled(lending: SmallBank) -> None:
    made = behind(lending)
    repay(lending.maya, facility=made, principal=pounds("5000.00"), on=CHANGED, key="some")
    stretched(lending, made, reschedules=True)
    shown = schedule_of(lending, made).instalments
    assert str(Money.total(each.principal for each in shown)) == "36500.00"
    assert Money.total(each.payment - each.interest for each in shown) == pounds("36500.00")
    assert [str(each.rescheduled) for each in shown] == ["4125.00", "9125.00", *["0.00"] * 10]
    assert [str(each.principal) for each in shown[:3]] == ["5000.00", "0.00", "3150.00"]
    assert [str(each.balance) for each in shown[:3]] == ["31500.00", "31500.00", "28350.00"]


def test_what_is_rescheduled_twice_is_due_once(lending: SmallBank) -> None:
    made = behind(lending)
    stretched(lending, made, reschedules=True)
    again = date(2012, 5, 20)
    lending.at(again)
    stretched(lending, made, reschedules=True, from_on=again, first_due_on=date(2012, 6, 10), instalments=5)
    shown = schedule_of(lending, made).instalments
    assert [str(each.principal) for each in shown] == ["0.00"] * 4 + ["7300.00"] * 5
    assert [str(each.rescheduled) for each in shown] == ["9125.00"] * 2 + ["3650.00"] * 2 + ["0.00"] * 5
    assert [str(each.balance) for each in shown[3:6]] == ["36500.00", "29200.00", "21900.00"]


def test_what_was_repaid_ahead_of_its_day_pays_no_later_instalment(lending: SmallBank) -> None:
    """36,500 less 6,000 ahead of the first day leaves four parts of 7,625, of which two are overdue.

    Of the interest paid, 48 days of 10 % on the 6,000 were not owed: 21.24 of it pays default interest, the rest the
    oldest part.
    """
    made = behind(lending)
    repay(lending.maya, facility=made, principal=pounds("6000.00"), on=date(2012, 2, 1), key="ahead")
    assert principals(schedule_of(lending, made)) == ["7625.00"] * 4
    late = arrears_at(lending, made, CHANGED)
    assert Money.round_half_up(Fraction(6000_00 * 48, 3650)) == pounds("21.24") + pounds("57.66")
    assert (str(late.overdue_principal), late.overdue_since) == (str(pounds("15250.00") - pounds("57.66")), FIRST_DUE)


def test_default_interest_runs_to_the_day_of_the_change_and_anew_on_what_is_then_unpaid(lending: SmallBank) -> None:
    made = behind(lending)
    before = lending.balance("bank", f"1220:{made}")
    stretched(lending, made, reschedules=True)
    lending.at(date(2012, 4, 10))
    accrue(lending.maya, facility=made, until=date(2012, 4, 10), key="1")
    assert lending.balance("bank", f"1220:{made}") == before != "0.00"


def test_without_a_word_of_it_what_is_overdue_stays_due(lending: SmallBank) -> None:
    made = behind(lending)
    stretched(lending, made)
    assert principals(schedule_of(lending, made)) == ["9125.00"] * 2 + ["1825.00"] * 10
    assert str(arrears_at(lending, made, CHANGED).overdue_principal) == "18250.00"


def test_a_payment_known_late_leaves_less_to_reschedule(lending: SmallBank) -> None:
    """The first part, and what the payment saves of 39 days' interest on it, 97.50, less 5.78 of default interest."""
    made = behind(lending)
    stretched(lending, made, reschedules=True)
    repay(lending.maya, facility=made, principal=pounds("9125.00"), on=date(2012, 2, 10), key="late")
    assert Money.round_half_up(Fraction(9125_00 * 39, 3650)) == pounds("91.72") + pounds("5.78")
    left = pounds("36500.00") - pounds("9125.00") - pounds("91.72")
    fell_due = principals(schedule_of(lending, made))
    assert (fell_due[:2], len(fell_due)) == (["9125.00", "91.72"], 12)
    assert Money.total(map(pounds, fell_due[2:])) == left
    assert set(fell_due[2:-1]) == {str(Money.round_half_up(Fraction(left.pence, 10)))}
    assert arrears_at(lending, made, CHANGED).overdue_principal == NOTHING


def test_21_what_is_overdue_is_within_the_test_of_a_tenth(lending: SmallBank) -> None:
    """Half of 36,500 overdue. All of it free of interest in a year from then on is worth 36,500 / 1.1047 or so.

    By the old terms half is due at once and half keeps its worth at the loan's own rate, which simple interest paid
    monthly makes 10.47 % a year: 9.5 % less is below the threshold. In two years it is above it. Were the overdue half
    left out of either side, as it was before terms could take it in, nothing like that could be told.
    """
    made = behind(lending)
    free: dict[str, Any] = {"reschedules": True, "rate": Decimal(0), "repayment": "bullet", "instalments": 1}
    loss = stretched(lending, made, first_due_on=date(2013, 3, 20), **free)
    terms = last_terms(lending, made)
    assert terms.difference is not None
    yearly = (1 + Decimal("0.1") / 12) ** 12
    assert abs(terms.difference - (1 - 1 / yearly)) < Decimal("0.001")
    assert not terms.replaces
    assert abs(Decimal(loss["5000"]) - 36500 * (1 - 1 / yearly)) < 30
    assert loss["1230"] == f"-{loss['5000']}"
    other = behind_anew(lending)
    stretched(lending, other, first_due_on=date(2014, 3, 20), **free)
    terms = last_terms(lending, other)
    assert terms.difference is not None
    assert terms.replaces
    assert abs(terms.difference - (1 - 1 / yearly**2)) < Decimal("0.001")


def test_21_interest_run_up_since_the_last_instalment_is_owed_by_the_old_terms_as_by_the_new(
    lending: SmallBank,
) -> None:
    """36,500 due after 31 days, and 409 days later terms that take it in as it was: some 4,100 of interest is owed.

    More than a tenth of what was to come, had the old terms not claimed it. They do: a month later by the new ones,
    it costs a month's worth of itself, and the loan goes on.
    """
    terms: dict[str, Any] = {"repayment": "bullet", "first_due_on": FIRST_DUE, "roll": "none", "every_months": 1}
    made = loan(lending, "36500.00", **terms, instalments=1).id
    changed = FIRST_DUE + timedelta(days=409)
    lending.at(changed)
    lost = stretched(
        lending, made, from_on=changed, first_due_on=changed + timedelta(days=31), instalments=1, reschedules=True
    )
    found = last_terms(lending, made)
    assert not found.replaces
    assert found.difference is not None
    assert 0 < found.difference < Decimal("0.002")
    assert 20 < Decimal(lost["5000"]) < 45


def behind_anew(bank: SmallBank) -> str:
    bank.at(START)
    return behind(bank)


days = st.integers(0, 400).map(lambda number: START + timedelta(days=number))
plans = st.builds(
    lambda repaying, instalments, first: Plan(repaying, first, 1, instalments, roll=Roll.NONE),
    st.sampled_from([Repaying.EQUAL_PRINCIPAL, Repaying.LEVEL, Repaying.BULLET]),
    st.integers(1, 14),
    st.integers(1, 90).map(lambda number: START + timedelta(days=number)),
)


@settings(max_examples=50)
@given(
    before=plans,
    after=st.tuples(st.integers(30, 300), st.integers(1, 12), st.integers(1, 60)),
    paid=st.lists(st.tuples(days, st.integers(1, 90_000).map(Money)), max_size=5),
    order=st.randoms(use_true_random=False),
)
def test_all_that_is_lent_falls_due_once_whatever_is_rescheduled(
    before: Plan, after: tuple[int, int, int], paid: list[tuple[date, Money]], order: Any
) -> None:
    """What fell due less what was taken in again, what is still to fall due, and what was repaid ahead make the whole.

    On the day of the change nothing is overdue, and the order in which payments are told does not matter.
    """
    changed_on = START + timedelta(days=after[0])
    later = Plan(Repaying.EQUAL_PRINCIPAL, changed_on + timedelta(days=after[2]), 1, after[1], roll=Roll.NONE)
    terms = (Agreed(START, None, TENTH, before), Agreed(changed_on, None, TENTH, later, reschedules=True))
    lent = Money(500_000)
    told = [(START, lent), *((day, -amount) for day, amount in paid)]

    def course(moved: list[tuple[date, Money]]) -> Course:
        rates = RateHistory.fixed(TENTH)
        return Course(rates, DayCount.ACT_365F, terms=terms, principal=tuple(moved))

    made = course(told)
    assert made.late(changed_on).principal == NOTHING
    again = falling_due(terms, told, made.rates, made.day_count).rescheduled
    fell_due = Money.total(due.principal for due in made.dues) - Money.total(amount for _, amount in again)
    assert Money.total(due.principal - moved for due, moved, _ in settled_dues(made.dues, again)) == fell_due
    assert all(NOTHING <= moved <= due.principal for due, moved, _ in settled_dues(made.dues, again))
    assert NOTHING <= lent - fell_due <= max(Money.total(amount for _, amount in paid), NOTHING)
    assert made.dues[-1].left == NOTHING
    order.shuffle(told)
    assert course(told).dues == made.dues
    end = START + timedelta(days=1200)
    assert course(told).late(end) == made.late(end)


@pytest.mark.parametrize("replaced", [False, True])
def test_a_payment_before_a_change_makes_the_same_loss_told_before_or_after_it(
    lending: SmallBank, replaced: bool
) -> None:
    """And leaves the same income: a late payment is put right in the loss of the change, not in what is earned."""
    first, second = behind(lending), behind_anew(lending)
    rate = Decimal(0) if replaced else Decimal("0.08")
    told: dict[str, Any] = {"reschedules": True, "rate": rate, "instalments": 40 if replaced else 10}
    told |= {"market_rate": TENTH} if replaced else {}
    early = date(2012, 2, 15)

    def paid(facility: str) -> None:
        repay(lending.maya, facility=facility, principal=pounds("6000.00"), on=early, key=lending.key())

    one = [added(lending, lambda: paid(first)), stretched(lending, first, **told)]
    two = [stretched(lending, second, **told), added(lending, lambda: paid(second))]
    assert last_terms(lending, first).replaces is last_terms(lending, second).replaces is replaced
    assert one[1]["5000"] != two[0]["5000"]

    def sums(acts: list[dict[str, str]]) -> dict[str, Decimal]:
        codes = sorted({*acts[0], *acts[1]})
        return {code: sum((Decimal(act.get(code, "0")) for act in acts), Decimal(0)) for code in codes}

    assert sums(one) == sums(two)
    end = date(2012, 6, 30)
    lending.at(end)
    for made in (first, second):
        accrue(lending.maya, facility=made, until=end, key=lending.key())
    for code in ("1200", "1210", "1220", "1230", "5000"):
        assert lending.balance("bank", f"{code}:{first}") == lending.balance("bank", f"{code}:{second}")
    with lending.database.reading() as session:
        assert verify(session).holds
