"""Whatever order a contract shares payments out in: what is due comes before what is not, by the books as by rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import permutations
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bank.allocations.commands import accrue, draw_down, repay
from bank.allocations.course import Course
from bank.allocations.divisions.queries import Divided
from bank.allocations.facts import Facts
from bank.allocations.instalments import arrears, schedule
from bank.allocations.resharing import HEADS, UNAPPLIED, shared_on
from ledger.money import NOTHING, Money
from ledger.schedules import Terms
from ledger.schedules import schedule as worked_out
from ledger.waterfalls import DEFAULT_INTEREST, FEES, INTEREST, PRINCIPAL, USUAL_ORDER
from tests.bank.small_bank import SmallBank, pounds
from tests.bank.test_loan_journals import agreed
from tests.bank.test_one_schedule import any_terms, course_of
from tests.bank.test_reapplied import stands

START: Final = date(2012, 1, 10)
ORDERS: Final = tuple(permutations(USUAL_ORDER))
FIRST: Final = (PRINCIPAL, INTEREST, DEFAULT_INTEREST, FEES)
DUE: Final = tuple(date(2012, month, 10) for month in (2, 3, 4))


def of_order(course: Course, order: Sequence[str]) -> Facts:
    """The facts of a loan whose contract names an order, nothing of it having been paid but what the course says."""
    terms = tuple(replace(each, waterfall=tuple(order)) for each in course.terms)
    return Facts({account: [] for account in (*HEADS.values(), UNAPPLIED)}, replace(course, terms=terms))


@given(any_terms(), st.permutations(ORDERS), st.integers(0, 10**6).map(Money))
@settings(max_examples=60, deadline=None)
def test_in_any_order_each_bill_paid_on_its_day_pays_itself_and_what_comes_beside_it_is_paid_ahead(
    terms: Terms, orders: Sequence[tuple[str, ...]], beside: Money
) -> None:
    lines = worked_out(terms)
    course = course_of(terms)
    for line, order in zip(lines, [*orders] * len(lines), strict=False):
        facts = of_order(course, order)
        bill = line.principal + line.interest
        for received, ahead in ((bill, NOTHING), (bill + beside, min(beside, line.balance))):
            shares = shared_on(facts, line.due_on, received, Divided())
            assert (shares.to(PRINCIPAL), shares.to(INTEREST)) == (line.principal + ahead, line.interest), order
            assert shares.left_over == received - bill - ahead
        course = replace(
            course,
            principal=(*course.principal, (line.due_on, -line.principal)),
            settled=(*course.settled, (line.due_on, -line.interest)),
        )
        late = course.late(line.due_on)
        assert (late.principal, late.interest, late.since) == (NOTHING, NOTHING, None)


@pytest.fixture
def lending(small_bank: SmallBank) -> SmallBank:
    small_bank.at(START)
    small_bank.capital("1000000.00")
    return small_bank


def lent(bank: SmallBank, order: Sequence[str], **changed: Any) -> str:
    """36,500 of 73,000 at 10 %, due in three parts on the tenth of each month; 10.00 a day until the first."""
    made = bank.signed(bank.lender(f"Lender {bank.key()}"), "73000.00", annual_rate=Decimal("0.10")).id
    told: dict[str, Any] = {"repayment": "equal-principal", "first_due_on": DUE[0], "every_months": 1, "roll": "none"}
    told |= {"instalments": 3, "default_margin": Decimal("0.02"), "commitment_fee": Decimal("0.01")}
    agreed(bank, made, START, waterfall=tuple(order), **(told | changed))
    draw_down(bank.maya, facility=made, amount=pounds("36500.00"), on=START, key=bank.key())
    return made


def pay(bank: SmallBank, facility: str, amount: Money, on: date) -> None:
    repay(bank.maya, facility=facility, amount=amount, on=on, key=bank.key())


def test_by_the_books_too_whoever_pays_each_bill_and_fee_on_its_day_is_never_in_arrears_and_ends_owing_nothing(
    lending: SmallBank,
) -> None:
    made = {order: lent(lending, order) for order in (FIRST, FIRST[::-1], FIRST[1:] + FIRST[:1], FIRST[2:] + FIRST[:2])}
    for day in DUE:
        lending.at(day)
        for order, facility in made.items():
            with lending.database.reading() as session:
                bill = next(each for each in schedule(session, facility, as_at=day).instalments if each.due_on == day)
            figures = accrue(lending.maya, facility=facility, until=day, key=lending.key()).figures
            pay(lending, facility, bill.payment + figures.fees_due, day)
            with lending.database.reading() as session:
                late = arrears(session, facility, as_at=day)
            assert (late.overdue_principal, late.overdue_interest, late.overdue_since) == (NOTHING, NOTHING, None), (
                order
            )
    for order, facility in made.items():
        left = {
            code: amount for code, amount in stands(lending, facility, DUE[-1]).items() if code.startswith("bank 1")
        }
        assert left == {}, order


DAY: Final = DUE[0] + timedelta(days=20)
"""Thirteen thousand or so is overdue, with interest of 31 days; it bore default interest, and fees ran up."""


def shares(bank: SmallBank, facility: str, amount: Money) -> dict[str, Money]:
    """What a payment of a day gives to each head."""

    def owed() -> dict[str, Money]:
        return {head: pounds(bank.balance("bank", f"{account}:{facility}", DAY)) for head, account in HEADS.items()}

    accrue(bank.maya, facility=facility, until=DAY, key=bank.key())
    before = owed()
    pay(bank, facility, amount, DAY)
    return {head: before[head] - left for head, left in owed().items() if before[head] != left}


def test_of_a_late_payer_each_head_has_its_place_and_principal_that_is_not_due_the_last(lending: SmallBank) -> None:
    """Whatever the place of principal: what is due of it is paid there, so that what is short is what comes after."""
    orders = [(*USUAL_ORDER[:place], PRINCIPAL, *USUAL_ORDER[place:3]) for place in range(4)]
    made = {order: lent(lending, order) for order in orders}
    lending.at(DAY)
    due, days = pounds("12166.67"), (DAY - START).days
    wanted = {
        FEES: Money.round_half_up(Decimal(36500_00) * days / 36500),
        INTEREST: pounds("10.00").times(Decimal(days)),
        DEFAULT_INTEREST: Money.round_half_up((due + pounds("310.00")).pence * Decimal("0.02") * 20 / 365),
        PRINCIPAL: due,
    }
    for order, facility in made.items():
        first, second, *_ = order
        half = Money(wanted[second].pence // 2)
        assert shares(lending, facility, wanted[first]) == {first: wanted[first]}
        assert shares(lending, facility, half) == {second: half}
        rest = wanted | {second: wanted[second] - half}
        del rest[first]
        assert shares(lending, facility, Money.total(rest.values())) == rest
        assert shares(lending, facility, Money(1)) == {PRINCIPAL: Money(1)}


def test_a_payment_is_shared_again_when_terms_of_another_order_or_principal_paid_by_hand_come_to_be_known(
    lending: SmallBank,
) -> None:
    """No head was paid more than it was owed; but what was due, and what came first, was other than it was thought."""
    told: dict[str, Any] = {"first_due_on": DUE[1], "instalments": 2, "reason": "Another order"}
    told |= {"repayment": "equal-principal", "every_months": 1, "roll": "none", "commitment_fee": Decimal("0.01")}
    late, knew, one, other = (lent(lending, FIRST) for _ in range(4))
    lending.at(DAY)
    pay(lending, late, pounds("12000.00"), DAY)
    assert stands(lending, late, DAY)["bank 1200"] == "24500.00", "all of it to what is overdue"
    agreed(lending, late, DUE[0] + timedelta(days=5), waterfall=USUAL_ORDER, **told)
    agreed(lending, knew, DUE[0] + timedelta(days=5), waterfall=USUAL_ORDER, **told)
    pay(lending, knew, pounds("12000.00"), DAY)
    assert stands(lending, late, DAY) == stands(lending, knew, DAY)
    assert "bank 1210" not in stands(lending, late, DAY)
    pay(lending, one, pounds("12300.00"), DAY)
    repay(lending.maya, facility=one, principal=pounds("9000.00"), on=DAY, key=lending.key())
    repay(lending.maya, facility=other, principal=pounds("9000.00"), on=DAY, key=lending.key())
    pay(lending, other, pounds("12300.00"), DAY)
    assert stands(lending, one, DAY) == stands(lending, other, DAY)
    assert "bank 1210" not in stands(lending, one, DAY), "3,166 was due of principal beside the 9,000"


def test_what_terms_take_into_their_schedule_at_the_close_of_a_day_is_due_on_it_still(lending: SmallBank) -> None:
    made = lent(lending, FIRST)
    lending.at(DAY)
    told: dict[str, Any] = {"first_due_on": DUE[2], "instalments": 2, "reason": "Relief", "reschedules": True}
    told |= {"repayment": "equal-principal", "every_months": 1, "roll": "none"}
    agreed(lending, made, DAY, waterfall=FIRST, **told)
    pay(lending, made, pounds("12000.00"), DAY)
    assert stands(lending, made, DAY)["bank 1200"] == "24500.00"
    with lending.database.reading() as session:
        assert arrears(session, made, as_at=DAY).overdue_principal == NOTHING
        assert schedule(session, made, as_at=DAY).instalments[-2].principal == pounds("12250.00")


def test_once_the_last_instalment_has_fallen_due_all_that_is_lent_is_due(lending: SmallBank) -> None:
    """1,000 is lent twenty days after the day on which all should have come back: no day is named for it."""
    made, sound = (lent(lending, FIRST, repayment="bullet", instalments=1) for _ in range(2))
    lending.at(DUE[0])
    pay(lending, sound, pounds("36810.00"), DUE[0])
    lending.at(DAY)
    for facility in (made, sound):
        draw_down(lending.maya, facility=facility, amount=pounds("1000.00"), on=DAY, key=lending.key())
    after = DAY + timedelta(days=73)
    with lending.database.reading() as session:
        late, now, then = (arrears(session, one, as_at=on) for one, on in ((made, DAY), (sound, DAY), (sound, after)))
        rows = [(each.due_on, str(each.principal)) for each in schedule(session, sound, as_at=DAY).instalments]
    assert rows == [(DUE[0], "36500.00"), (DAY, "1000.00")], "the instalments add up to what is lent"
    assert (late.overdue_principal, late.overdue_since, late.days_past_due) == (pounds("37500.00"), DUE[0], 20)
    assert (now.overdue_principal, now.overdue_since, now.days_past_due) == (pounds("1000.00"), DAY, 0)
    assert (then.overdue_principal, then.overdue_since, then.days_past_due) == (pounds("1000.00"), DAY, 73)
    assert shares(lending, made, pounds("37500.00")) == {PRINCIPAL: pounds("37500.00")}
    lending.at(after)
    accrue(lending.maya, facility=sound, until=after, key=lending.key())
    left = stands(lending, sound, after)
    assert (left["bank 1210"], left["bank 1220"]) == ("20.00", "4.00"), "a fifth of a year at 10 %, and at 2 % besides"


@given(any_terms(), st.lists(st.tuples(st.integers(1, 400), st.integers(1, 10**8)), max_size=2), st.data())
@settings(max_examples=80, deadline=None)
def test_what_is_due_to_a_payment_of_a_day_is_what_is_overdue_at_its_beginning_and_falls_due_on_it(
    terms: Terms, lent_late: Sequence[tuple[int, int]], data: st.DataObject
) -> None:
    """Money lent after the last instalment among it, and paid at whatever times in whatever parts."""
    course, last = course_of(terms), terms.due_dates[-1]
    first = min(each.on for each in terms.drawdowns)
    moved = [*course.principal, *((last + timedelta(days=days), Money(pence)) for days, pence in lent_late)]
    for day in sorted(data.draw(st.lists(st.dates(first, last + timedelta(days=500)), max_size=4, unique=True))):
        out = Money.total(amount for on, amount in moved if on <= day)
        moved.append((day, -Money(data.draw(st.integers(0, out.pence)))))
    whole = replace(course, principal=tuple(sorted(moved)))
    days = {*terms.due_dates, *(on for on, _ in moved)}
    for day in sorted(days | {on - timedelta(days=1) for on in days}):
        owed = Money.total(amount for on, amount in whole.principal if on <= day)
        assert min(owed, whole.principal_due(day)) == whole.late(day).principal, day
    assert whole.late(date(2100, 1, 1)).principal == Money.total(amount for _, amount in moved)
    assert Money.total(due.principal for due in whole.dues) + Money.total(
        amount for _, amount in whole.falling.ahead
    ) == Money.total(amount for _, amount in moved if amount > NOTHING)
