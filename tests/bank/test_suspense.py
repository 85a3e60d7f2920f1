"""The stage bears on what is income and never on what is owed: a payment is divided by what the contract claims."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import accumulate
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bank.allocations.commands import accrue, allow_for_loss, draw_down, move_stage, repay, write_off
from bank.allocations.course import Course
from bank.allocations.instalments import arrears, schedule
from ledger.impairment import Stage
from ledger.instalments import Movement
from ledger.money import NOTHING, Money
from ledger.schedules import Terms
from ledger.schedules import schedule as worked_out
from ledger.verification import verify
from tests.bank.small_bank import SmallBank, pounds
from tests.bank.test_loan_journals import agreed
from tests.bank.test_one_schedule import any_terms, course_of
from tests.bank.test_reapplied import stands

START: Final = date(2012, 1, 10)

STAGES = st.lists(st.tuples(st.integers(0, 1000), st.sampled_from([*Stage, Stage.IMPAIRED])), max_size=6)
"""A part of the loan's life in thousandths, and the stage it is in from then on."""
ALLOWED = st.lists(st.tuples(st.integers(0, 1000), st.integers(-(10**9), 10**9).map(Money)), max_size=4)


def impaired(course: Course, terms: Terms, stages: Sequence[tuple[int, Stage]], allowed: Sequence[Any]) -> Course:
    """The loan with stages and allowances at parts of its life."""
    first = min(drawdown.on for drawdown in terms.drawdowns)
    length = max(line.due_on for line in worked_out(terms)) - first

    def day(part: int) -> date:
        return first + length * part // 1000

    return replace(
        course,
        stages=tuple((day(part), stage) for part, stage in stages),
        allowed=tuple((day(part), amount) for part, amount in allowed),
    )


def booked(course: Course, day: date) -> Money:
    """What stands on the account of interest, once everything is accrued."""
    return course.interest(day) + course.suspense.taken_up(day) + sum_by(course.settled, day)


def sum_by(moved: Sequence[Movement], day: date) -> Money:
    return Money.total(amount for on, amount in moved if on <= day)


@given(any_terms(), STAGES, ALLOWED)
@settings(max_examples=100, deadline=None)
def test_whoever_pays_every_bill_on_its_day_is_never_in_arrears_and_ends_owing_nothing(
    terms: Terms, stages: list[tuple[int, Stage]], allowed: list[tuple[int, Money]]
) -> None:
    """Whatever the stages are, on whatever days: and no account is left with anything, nor is anything in suspense."""
    lines = worked_out(terms)
    bills = tuple((line.due_on, -line.interest) for line in lines if line.interest)
    course = replace(course_of(terms, [(line.due_on, line.principal) for line in lines]), settled=bills)
    course = impaired(course, terms, stages, allowed)
    for line in lines:
        late = course.late(line.due_on)
        assert (late.principal, late.interest, late.since) == (NOTHING, NOTHING, None)
        assert (
            course.interest_owed(line.due_on) == course.suspended(line.due_on) == booked(course, line.due_on) == NOTHING
        )
    last = lines[-1].due_on
    assert sum_by(course.principal, last) == NOTHING
    assert course.interest(last) + course.suspense.taken_up(last) == Money.total(line.interest for line in lines)


@given(any_terms(), STAGES, ALLOWED, st.lists(st.tuples(st.integers(0, 1200), st.integers(0, 100)), max_size=6))
@settings(max_examples=100, deadline=None)
def test_what_is_recognised_and_what_is_in_suspense_are_together_what_the_contract_claims(
    terms: Terms, stages: list[tuple[int, Stage]], allowed: list[tuple[int, Money]], paid: list[tuple[int, int]]
) -> None:
    """On every day, whatever part of what was owed was paid, given up or made principal on whichever days."""
    lines = worked_out(terms)
    first = min(drawdown.on for drawdown in terms.drawdowns)
    length = lines[-1].due_on - first
    contract = course_of(terms, [(line.due_on, line.principal) for line in lines])
    settled: list[Movement] = []
    kinds: dict[str, list[Movement]] = {"paid": [], "given_up": [], "made_principal": []}
    for place, (part, share) in enumerate(sorted(paid)):
        day = first + length * part // 1000
        amount = Money((contract.claimed(day) + sum_by(settled, day)).pence * share // 100)
        settled.append((day, -amount))
        kinds[list(kinds)[(place + share) % 3]].append((day, amount))
    given_up, made = tuple(kinds["given_up"]), tuple(kinds["made_principal"])
    told = replace(contract, settled=tuple(settled), given_up=given_up, made_principal=made)
    course = impaired(told, terms, stages, allowed)
    for day in sorted({first + length * part // 1000 for part in range(0, 1201, 60)} | {day for day, _ in settled}):
        assert booked(course, day) + course.suspended(day) == course.interest_owed(day) >= NOTHING
        assert course.suspended(day) >= NOTHING
        assert booked(course, day) >= NOTHING
        assert sum_by(course.suspense.given_up, day) <= sum_by(given_up, day)
        assert sum_by(course.suspense.made_principal, day) <= sum_by(made, day)


MONTHLY: Final[dict[str, Any]] = {"every_months": 1, "roll": "none", "default_margin": Decimal("0.02")}
DUE: Final = [START + timedelta(days=31), *(date(2012, month, 10) for month in range(3, 8))]


def lent(bank: SmallBank, **changed: Any) -> str:
    """36,500 at 10 %, due in six equal parts on the tenth of each month."""
    made = bank.signed(bank.lender(f"Lender {bank.key()}"), "36500.00", annual_rate=Decimal("0.10")).id
    told = MONTHLY | {"repayment": "equal-principal", "first_due_on": DUE[0], "instalments": 6} | changed
    agreed(bank, made, START, **told)
    draw_down(bank.maya, facility=made, amount=pounds("36500.00"), on=START, key=bank.key())
    return made


def stage(bank: SmallBank, facility: str, number: int, on: date) -> None:
    move_stage(bank.maya, facility=facility, stage=number, on=on, reason="Reviewed", key=bank.key())


def allow(bank: SmallBank, facility: str, amount: str, on: date) -> None:
    allow_for_loss(bank.maya, facility=facility, amount=pounds(amount), on=on, reason="Assessed", key=bank.key())


def pay(bank: SmallBank, facility: str, amount: str, on: date) -> None:
    repay(bank.maya, facility=facility, amount=pounds(amount), on=on, key=bank.key())


def owed(bank: SmallBank, facility: str, day: date) -> dict[str, str]:
    """What stands under each head on a day, recognised or in suspense."""
    heads = {"1200": ("1200",), "1210": ("1210", "9140"), "1220": ("1220", "9141"), "2300": ("2300",)}
    return {
        head: str(Money.total(pounds(bank.balance("bank", f"{root}:{facility}", day)) for root in roots))
        for head, roots in heads.items()
    }


@pytest.fixture
def lending(small_bank: SmallBank) -> SmallBank:
    small_bank.at(START)
    small_bank.capital("1000000.00")
    return small_bank


def test_a_borrower_in_stage_3_who_pays_every_bill_is_never_in_arrears_and_ends_with_nothing_owed(
    lending: SmallBank,
) -> None:
    """Impaired on 1 March with half allowed for, and never cured: its payments are divided as a sound loan's are."""
    sound, failing = lent(lending), lent(lending)
    lending.at(DUE[-1] + timedelta(days=1))
    stage(lending, failing, 3, date(2012, 3, 1))
    allow(lending, failing, "15000.00", date(2012, 3, 1))
    with lending.database.reading() as session:
        bills = [(each.due_on, each.payment) for each in schedule(session, failing, as_at=START).instalments]
    assert [day for day, _ in bills] == DUE
    for day, amount in bills:
        for facility in (sound, failing):
            repay(lending.maya, facility=facility, amount=amount, on=day, key=lending.key())
        with lending.database.reading() as session:
            late = arrears(session, failing, as_at=day)
        assert (late.overdue_principal, late.overdue_interest, late.overdue_since) == (NOTHING, NOTHING, None)
        assert owed(lending, failing, day) == owed(lending, sound, day)
        assert owed(lending, failing, day)["1210"] == "0.00"
    left = {code: amount for code, amount in stands(lending, failing, DUE[-1]).items() if code.startswith("bank 1")}
    assert left == {}
    assert {lending.balance("bank", f"{memo}:{failing}") for memo in ("9140", "9141")} == {"0.00"}
    income, loss = (lending.balance("bank", code) for code in ("4000", f"5000:{failing}"))
    interest = lending.facility(sound).figures.interest_received
    assert pounds(income) + pounds(loss) == Money(-2 * interest.pence), "what is no income of it reverses impairment"
    assert pounds(loss) < NOTHING
    with lending.database.reading() as session:
        assert verify(session).holds


PAID: Final = [(date(2012, 2, 20), "3000.00"), (date(2012, 4, 2), "300.00"), (date(2012, 5, 10), "9000.00")]
TELLING: Final[dict[str, Any]] = {
    "impaired": lambda bank, one: stage(bank, one, 3, date(2012, 3, 1)),
    "allowed": lambda bank, one: allow(bank, one, "12000.00", date(2012, 3, 1)),
    "first": lambda bank, one: pay(bank, one, PAID[0][1], PAID[0][0]),
    "second": lambda bank, one: pay(bank, one, PAID[1][1], PAID[1][0]),
    "third": lambda bank, one: pay(bank, one, PAID[2][1], PAID[2][0]),
    "better": lambda bank, one: stage(bank, one, 2, date(2012, 5, 1)),
    "waived": lambda bank, one: write_off(
        bank.maya,
        facility=one,
        amount=NOTHING,
        interest=pounds("900.00"),
        on=date(2012, 4, 20),
        reason="Waived",
        key=bank.key(),
    ),
}
ORDERS: Final = (
    ("first", "impaired", "allowed", "second", "better", "third"),
    ("first", "second", "third", "impaired", "allowed", "better"),
    ("impaired", "better", "allowed", "third", "second", "first"),
    ("better", "second", "third", "impaired", "allowed", "first"),
)


def test_stages_and_payments_told_in_any_order_come_to_the_same_and_a_stage_divides_nothing(
    lending: SmallBank,
) -> None:
    made = [lent(lending) for _ in ORDERS]
    plain = lent(lending)
    end = DUE[-1] - timedelta(days=5)
    lending.at(end)
    for order, facility in zip(ORDERS, made, strict=True):
        for fact in order:
            TELLING[fact](lending, facility)
    for fact in ("first", "second", "third"):
        TELLING[fact](lending, plain)
    for facility in (*made, plain):
        accrue(lending.maya, facility=facility, until=end, key=lending.key())
    for day in [*(day for day, _ in PAID), end]:
        one, *others = (stands(lending, facility, day) for facility in made)
        assert all(other == one for other in others), day
        assert {str(owed(lending, facility, day)) for facility in made} == {str(owed(lending, plain, day))}, day
    assert lending.balance("bank", f"9140:{made[0]}", PAID[1][0]) != "0.00", "no comparison of nothing"


def test_a_waiver_loses_what_was_recognised_of_it_whether_the_stage_is_told_before_it_or_after(
    lending: SmallBank,
) -> None:
    before, after, sound = (lent(lending) for _ in range(3))
    end = DUE[-1] - timedelta(days=5)
    lending.at(end)
    for facility, facts in (
        (before, ("allowed", "impaired", "waived")),
        (after, ("allowed", "waived", "impaired")),
        (sound, ("waived",)),
    ):
        for fact in facts:
            TELLING[fact](lending, facility)
        accrue(lending.maya, facility=facility, until=end, key=lending.key())
    told = [stands(lending, facility, end)["bank 5010:interest"] for facility in (before, after, sound)]
    assert told[0] == told[1]
    assert (pounds(told[0]) < pounds("900.00"), told[2]) == (True, "900.00")
    assert owed(lending, before, end) == owed(lending, after, end) == owed(lending, sound, end)


def test_the_carrying_amount_of_who_pays_in_stage_3_is_the_principal_less_the_allowance(lending: SmallBank) -> None:
    """Interest paid as it is counted leaves the amount that the next is counted on: 20,500 at 10 % to the end."""
    made = lent(lending, repayment="bullet")
    lending.at(DUE[-1])
    stage(lending, made, 3, START)
    allow(lending, made, "16000.00", START)
    earned = []
    for before, day in zip([START, *DUE], DUE[:-1], strict=False):
        pay(lending, made, str(pounds("10.00").times(Decimal((day - before).days))), day)
        earned.append(-pounds(lending.balance("bank", "4000", day)))
    days = accumulate((day - before).days for before, day in zip([START, *DUE], DUE[:-1], strict=False))
    exact = [Decimal(20500) * 10 / 100 / 365 * each for each in days]
    assert all(abs(amount.pence - of * 100) < 1 for amount, of in zip(earned, exact, strict=True))
