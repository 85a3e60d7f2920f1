from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.daycounts import DayCount
from ledger.money import NOTHING, Money
from ledger.plans import BadPlan, Due, Plan, PlanLine, Prepaid, after_early_payment, drawn_up
from ledger.rates import RateHistory
from ledger.schedules import Drawdown, Repayment, Terms, schedule

START = date(2012, 1, 1)
TEN = RateHistory.fixed(Decimal("0.10"))


def told(*movements: tuple[str, str]) -> list[tuple[date, Money]]:
    return [(date.fromisoformat(on), Money.parse(amount)) for on, amount in movements]


def due(on: str, principal: str = "0.00", *, adds_interest: bool = False) -> Due:
    return Due(date.fromisoformat(on), Money.parse(principal), adds_interest)


def line(each: PlanLine) -> str:
    return f"{each.due_on} {each.principal} {each.interest} {each.added} {each.balance}"


def test_instalments_are_those_agreed_and_the_last_takes_what_is_left() -> None:
    plan = Plan(
        told(("2012-01-01", "36500.00")), TEN, [due("2012-01-11", "6500.00"), due("2012-03-01"), due("2012-12-31")]
    )
    assert [line(each) for each in drawn_up(plan)] == [
        "2012-01-11 6500.00 100.00 0.00 30000.00",
        "2012-03-01 0.00 410.96 0.00 30000.00",
        "2012-12-31 30000.00 2506.85 0.00 0.00",
    ]


def test_interest_that_is_added_bears_interest() -> None:
    plan = Plan(
        told(("2012-01-01", "36500.00")),
        TEN,
        [due("2012-01-11", adds_interest=True), due("2012-01-21"), due("2012-02-01")],
    )
    assert [line(each) for each in drawn_up(plan)] == [
        "2012-01-11 0.00 0.00 100.00 36600.00",
        "2012-01-21 0.00 100.27 0.00 36600.00",
        "2012-02-01 36600.00 110.30 0.00 0.00",
    ]


def test_a_rate_that_changes_within_a_period_counts_from_its_day() -> None:
    rates = RateHistory.of([(START, Decimal("0.10")), (date(2012, 1, 6), Decimal("0.20"))])
    plan = Plan(told(("2012-01-01", "36500.00")), rates, [due("2012-01-11")])
    assert [str(each.interest) for each in drawn_up(plan)] == ["150.00"]


@pytest.mark.parametrize(
    ("prepaid", "principals"),
    [
        (Prepaid.LAST_FIRST, ["100.00", "100.00", "50.00", "0.00"]),
        (Prepaid.NEXT_FIRST, ["0.00", "50.00", "100.00", "100.00"]),
        (Prepaid.PRO_RATA, ["62.50", "62.50", "62.50", "62.50"]),
    ],
)
def test_money_paid_early_takes_the_place_of_instalments(prepaid: Prepaid, principals: list[str]) -> None:
    dues = [due(f"2012-0{month}-01", "100.00") for month in (2, 3, 4)]
    plan = Plan(
        told(("2012-01-01", "400.00")),
        RateHistory.fixed(Decimal(0)),
        [*dues, due("2012-05-01")],
        early_payments=told(("2012-01-15", "150.00")),
        prepaid=prepaid,
    )
    assert [str(each.principal) for each in drawn_up(plan)] == principals


def test_interest_stops_on_what_is_paid_early_from_its_day() -> None:
    plan = Plan(
        told(("2012-01-01", "36500.00")), TEN, [due("2012-01-11")], early_payments=told(("2012-01-06", "18250.00"))
    )
    assert [line(each) for each in drawn_up(plan)] == ["2012-01-11 18250.00 75.00 0.00 0.00"]


def test_what_is_lent_or_paid_early_on_a_due_day_comes_after_its_instalment() -> None:
    plan = Plan(
        told(("2012-01-01", "365.00"), ("2012-01-11", "365.00")),
        TEN,
        [due("2012-01-11", "100.00"), due("2012-01-21")],
        early_payments=told(("2012-01-11", "30.00")),
    )
    assert [line(each) for each in drawn_up(plan)] == [
        "2012-01-11 100.00 1.00 0.00 600.00",
        "2012-01-21 600.00 1.64 0.00 0.00",
    ]


BAD_PLANS = {
    "": Plan([], TEN, [due("2012-02-01")]),
    "/dues/1/on": Plan(told(("2012-01-01", "1.00")), TEN, [due("2012-02-01"), due("2012-02-01")]),
    "/dues/0/on": Plan(told(("2012-01-01", "1.00")), TEN, [due("2012-01-01"), due("2012-02-01")]),
    "/dues/0/principal": Plan(told(("2012-01-01", "1.00")), TEN, [due("2012-02-01", "-1.00"), due("2012-03-01")]),
    "/dues/0": Plan(told(("2012-01-01", "1.00")), TEN, [due("2012-02-01", "1.00")]),
    "/drawdowns/0/amount": Plan(told(("2012-01-01", "-1.00")), TEN, [due("2012-02-01")]),
    "/drawdowns/1/on": Plan(told(("2012-01-01", "1.00"), ("2012-02-01", "1.00")), TEN, [due("2012-02-01")]),
    "/early_payments/0/on": Plan(
        told(("2012-01-01", "1.00")), TEN, [due("2012-02-01")], early_payments=told(("2011-12-31", "1.00"))
    ),
    "/early_payments": Plan(
        told(("2012-01-01", "1.00")), TEN, [due("2012-02-01")], early_payments=told(("2012-01-02", "1.01"))
    ),
}


@pytest.mark.parametrize("pointer", BAD_PLANS)
def test_plans_that_cannot_be_are_refused_by_name(pointer: str) -> None:
    with pytest.raises(BadPlan) as refused:
        drawn_up(BAD_PLANS[pointer])
    assert [fault.pointer for fault in refused.value.faults] == [pointer]


def test_more_than_is_to_come_cannot_be_paid_early() -> None:
    with pytest.raises(BadPlan, match=r"still to come"):
        after_early_payment([Money(1)], Money(2), Prepaid.LAST_FIRST)
    assert after_early_payment([NOTHING], NOTHING, Prepaid.PRO_RATA) == [NOTHING]


amounts = st.integers(1, 10**10).map(Money)
rates = st.lists(
    st.tuples(st.dates(date(2012, 1, 1), date(2016, 1, 1)), st.decimals(0, "0.3", places=6)),
    max_size=4,
    unique_by=lambda step: step[0],
).map(lambda steps: RateHistory.of([*steps, (date(2000, 1, 1), Decimal("0.05"))]))


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    gaps = draw(st.lists(st.integers(1, 200), min_size=1, max_size=8))
    days = [START + timedelta(days=sum(gaps[: place + 1])) for place in range(len(gaps))]
    dues = [Due(day, draw(st.integers(0, 10**10).map(Money)), draw(st.booleans())) for day in days[:-1]]
    within = st.dates(START, days[-1] - timedelta(days=1))
    opening = draw(amounts)
    further = draw(st.lists(st.tuples(within, amounts), max_size=3))
    early: list[tuple[date, Money]] = []
    if draw(st.booleans()):
        # On the first day the whole of the opening drawdown is surely owed.
        early = [(START, draw(st.integers(1, opening.pence).map(Money)))]
    return Plan(
        [(START, opening), *further],
        draw(rates),
        [*dues, Due(days[-1])],
        draw(st.sampled_from([DayCount.ACT_365F, DayCount.ACT_360, DayCount.ACT_ACT_ISDA])),
        early,
        draw(st.sampled_from(Prepaid)),
    )


@given(plans())
def test_what_is_lent_and_added_is_repaid_and_no_more(plan: Plan) -> None:
    lines = drawn_up(plan)
    lent = Money.total(amount for _, amount in plan.drawdowns) + Money.total(each.added for each in lines)
    early = Money.total(amount for _, amount in plan.early_payments)
    assert Money.total(each.principal for each in lines) + early == lent
    assert lines[-1].balance == NOTHING
    assert min(min(each.balance, each.principal, each.interest, each.added) for each in lines) >= NOTHING


@given(plans())
def test_each_lines_interest_is_that_of_each_day_rounded_once(plan: Plan) -> None:
    lines = drawn_up(plan)
    since = START
    owed = NOTHING
    for each in lines:
        moved = [*plan.drawdowns, *((on, -amount) for on, amount in plan.early_payments)]
        exact, day = Fraction(0), since
        while day < each.due_on:
            inside = Money.total(amount for on, amount in moved if (since < on or since == START) and on <= day)
            following = day + timedelta(days=1)
            part = plan.day_count.fraction(day, following)
            exact += (owed + inside).pence * Fraction(plan.rates.on(day)) * part
            day = following
        assert each.interest + each.added == Money.round_half_up(exact)
        since, owed = each.due_on, each.balance


@given(plans(), st.randoms(use_true_random=False))
def test_the_order_of_the_facts_does_not_matter(plan: Plan, chance: Random) -> None:
    shuffled = list(plan.drawdowns)
    chance.shuffle(shuffled)
    again = Plan(shuffled, plan.rates, plan.dues, plan.day_count, plan.early_payments, plan.prepaid)
    assert drawn_up(again) == drawn_up(plan)


@given(
    st.lists(st.tuples(st.integers(0, 300), amounts), min_size=1, max_size=4),
    st.decimals(0, "0.4", places=5),
    st.integers(1, 24),
    st.one_of(st.just(Repayment("bullet")), amounts.map(lambda amount: Repayment("fixed-principal", amount))),
    st.sampled_from([DayCount.ACT_365F, DayCount.ACT_360, DayCount.ACT_ACT_ISDA]),
    st.integers(0, 23),
)
def test_a_plan_of_regular_instalments_is_the_schedule(
    lent: list[tuple[int, Money]],
    rate: Decimal,
    instalments: int,
    repayment: Repayment,
    count: DayCount,
    holiday: int,
) -> None:
    drawdowns = [(START, Money(10**6)), *((START + timedelta(days=at), amount) for at, amount in lent)]
    holiday = min(holiday, instalments - 1)
    terms = Terms(
        [Drawdown(on, amount) for on, amount in drawdowns],
        rate,
        date(2012, 11, 15),
        instalments,
        repayment,
        1,
        count,
        holiday,
    )
    dues = [Due(day, repayment.amount if at >= holiday else NOTHING) for at, day in enumerate(terms.due_dates[:-1])]
    plan = Plan(drawdowns, RateHistory.fixed(rate), [*dues, Due(terms.due_dates[-1])], count)
    assert [(each.due_on, each.principal, each.interest, each.balance) for each in drawn_up(plan)] == [
        (each.due_on, each.principal, each.interest, each.balance) for each in schedule(terms)
    ]


@given(st.lists(st.integers(0, 10**9).map(Money), min_size=1, max_size=12), st.data(), st.sampled_from(Prepaid))
def test_instalments_fall_by_exactly_what_is_paid_early(
    instalments: list[Money], data: st.DataObject, prepaid: Prepaid
) -> None:
    paid = data.draw(st.integers(0, Money.total(instalments).pence).map(Money))
    reduced = after_early_payment(instalments, paid, prepaid)
    assert Money.total(instalments) - Money.total(reduced) == paid
    assert all(NOTHING <= less <= amount for less, amount in zip(reduced, instalments, strict=True))
