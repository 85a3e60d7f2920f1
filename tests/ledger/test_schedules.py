from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from random import Random

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import example, given
from hypothesis import strategies as st

from ledger.daycounts import DayCount
from ledger.money import NOTHING, Money
from ledger.rates import RateHistory, RateNotKnown
from ledger.schedules import BadTerms, Drawdown, Instalment, Repayment, Terms, schedule
from ledger.workdays import due_dates
from tests.ledger.test_daycounts import THIRTY_360

LEVEL, BULLET = Repayment("level"), Repayment("bullet")


def lent(*drawdowns: tuple[str, str]) -> list[Drawdown]:
    return [Drawdown(date.fromisoformat(on), Money.parse(amount)) for on, amount in drawdowns]


def fixed(amount: str) -> Repayment:
    return Repayment("fixed-principal", Money.parse(amount))


def line(instalment: Instalment) -> str:
    return f"{instalment.due_on} {instalment.principal} {instalment.interest} {instalment.payment} {instalment.balance}"


@pytest.mark.parametrize(("start", "end", "bond", "eurobond"), THIRTY_360)
def test_a_loan_of_one_instalment_counts_as_isda_defines(start: str, end: str, bond: int, eurobond: int) -> None:
    for count, days in ((DayCount.THIRTY_360, bond), (DayCount.THIRTY_E_360, eurobond)):
        terms = Terms(lent((start, "36000.00")), Decimal(1), date.fromisoformat(end), 1, BULLET, day_count=count)
        assert schedule(terms)[0].interest == Money.parse(f"{100 * days}.00")


@pytest.mark.parametrize(("start", "end", "bond", "eurobond"), THIRTY_360)
def test_a_first_stub_that_is_no_part_of_one_month_counts_by_its_dates_as_isda_defines(
    start: str, end: str, bond: int, eurobond: int
) -> None:
    for count, days in ((DayCount.THIRTY_360, bond), (DayCount.THIRTY_E_360, eurobond)):
        lends = lent((start, "36000.00"))
        terms = Terms(lends, Decimal(1), date.fromisoformat(end), 2, BULLET, every_months=24, day_count=count)
        assert schedule(terms)[0].interest == Money.parse(f"{100 * days}.00")


@pytest.mark.parametrize(
    ("start", "end", "every", "hundreds"),
    [
        ("2012-01-10", "2012-05-01", 1, "11100.00"),  # 3 whole months and 21 days of the fourth
        ("2012-01-10", "2012-05-01", 3, "11100.00"),
        ("2012-04-18", "2012-05-01", 3, "1300.00"),
        ("2012-01-10", "2012-04-10", 3, "9000.00"),
        ("2012-01-15", "2012-02-01", 1, "1645.16"),  # 17 of the 31 days of a month of 30, as Fineract counts
    ],
)
def test_a_first_stub_counts_by_its_dates_and_a_part_of_one_month_by_its_calendar_days(
    start: str, end: str, every: int, hundreds: str
) -> None:
    lends, due = lent((start, "36000.00")), date.fromisoformat(end)
    terms = Terms(lends, Decimal(1), due, 6, BULLET, every_months=every, day_count=DayCount.THIRTY_360)
    assert str(schedule(terms)[0].interest) == hundreds
    assert str(schedule(terms)[1].interest) == f"{3000 * every}.00"


def test_half_years_at_the_end_of_august_and_february_count_as_isda_tables_them() -> None:
    # Example 2 of ISDA's table "30/360 day count conventions", Eurobond basis, as one loan.
    terms = Terms(
        lent(("2006-02-28", "36000.00")),
        Decimal(1),
        date(2006, 8, 31),
        12,
        BULLET,
        every_months=6,
        day_count=DayCount.THIRTY_E_360,
    )
    days = [182, 178, 182, 179, 181, 178, 182, 178, 182, 178, 182, 179]
    assert [each.interest.pence // 10_000 for each in schedule(terms)] == days


def test_months_are_stepped_from_the_original_day() -> None:
    assert [str(day) for day in due_dates(date(2012, 1, 31), 1, 4)] == [
        "2012-01-31",
        "2012-02-29",
        "2012-03-31",
        "2012-04-30",
    ]
    assert [str(day) for day in due_dates(date(2011, 11, 30), 3, 3)] == ["2011-11-30", "2012-02-29", "2012-05-30"]


def test_a_bullet_repays_all_at_the_end() -> None:
    terms = Terms(lent(("2012-04-01", "1000.00")), Decimal("0.0365"), date(2012, 7, 1), 4, BULLET, every_months=3)
    assert [line(each) for each in schedule(terms)] == [
        "2012-07-01 0.00 9.10 9.10 1000.00",
        "2012-10-01 0.00 9.20 9.20 1000.00",
        "2013-01-01 0.00 9.20 9.20 1000.00",
        "2013-04-01 1000.00 9.00 1009.00 0.00",
    ]


def test_fixed_principal_stops_when_nothing_is_left() -> None:
    terms = Terms(lent(("2012-01-01", "100.00")), Decimal(0), date(2012, 2, 1), 4, fixed("60.00"))
    assert [str(each.principal) for each in schedule(terms)] == ["60.00", "40.00", "0.00", "0.00"]


BAD_TERMS = {
    "/annual_rate": Terms(lent(("2012-01-01", "1.00")), Decimal(-1), date(2012, 2, 1), 1, LEVEL),
    "/instalments": Terms(lent(("2012-01-01", "1.00")), Decimal(0), date(2012, 2, 1), 601, LEVEL),
    "/every_months": Terms(lent(("2012-01-01", "1.00")), Decimal(0), date(2012, 2, 1), 1, LEVEL, every_months=0),
    "/capital_holiday": Terms(lent(("2012-01-01", "1.00")), Decimal(0), date(2012, 2, 1), 1, LEVEL, capital_holiday=1),
    "/repayment/amount": Terms(lent(("2012-01-01", "1.00")), Decimal(0), date(2012, 2, 1), 1, fixed("0.00")),
    "/drawdowns": Terms([], Decimal(0), date(2012, 2, 1), 1, LEVEL),
    "/drawdowns/0/amount": Terms(lent(("2012-01-01", "-1.00")), Decimal(0), date(2012, 2, 1), 1, LEVEL),
    "/drawdowns/1/on": Terms(
        lent(("2012-01-01", "1.00"), ("2012-02-01", "1.00")), Decimal(0), date(2012, 2, 1), 1, LEVEL
    ),
    "/first_due_on": Terms(lent(("2012-02-01", "1.00")), Decimal(0), date(2012, 2, 1), 2, LEVEL),
}


@pytest.mark.parametrize("pointer", BAD_TERMS)
def test_terms_that_cannot_be_are_refused_by_name(pointer: str) -> None:
    with pytest.raises(BadTerms) as refused:
        schedule(BAD_TERMS[pointer])
    assert [fault.pointer for fault in refused.value.faults] == [pointer]


def test_all_faults_are_named_at_once() -> None:
    with pytest.raises(BadTerms) as refused:
        schedule(Terms([], Decimal(11), date(2012, 2, 1), 0, Repayment("bullet", Money(1)), every_months=121))
    assert [fault.pointer for fault in refused.value.faults] == [
        "/annual_rate",
        "/instalments",
        "/every_months",
        "/repayment/amount",
        "/drawdowns",
    ]


def test_a_schedule_beyond_the_last_year_is_refused() -> None:
    with pytest.raises(BadTerms, match="before the year 10000"):
        schedule(Terms(lent(("9990-01-01", "1.00")), Decimal(0), date(9990, 2, 1), 600, LEVEL, every_months=120))


@st.composite
def all_terms(draw: st.DrawFn) -> Terms:
    first_due_on = draw(st.dates(date(2010, 1, 1), date(2020, 12, 31)))
    instalments = draw(st.integers(1, 40))
    every_months = draw(st.sampled_from([1, 2, 3, 6, 12]))
    last = first_due_on + relativedelta(months=every_months * (instalments - 1))
    opening = draw(st.dates(first_due_on - relativedelta(months=30), first_due_on - relativedelta(days=1)))
    further = draw(st.lists(st.dates(opening, last - relativedelta(days=1)), max_size=4))
    amounts = st.integers(1, 10**10).map(Money)
    repayment = draw(
        st.one_of(st.just(LEVEL), st.just(BULLET), amounts.map(lambda amount: Repayment("fixed-principal", amount)))
    )
    return Terms(
        [Drawdown(on, draw(amounts)) for on in [opening, *further]],
        draw(st.decimals(0, 2, places=5)),
        first_due_on,
        instalments,
        repayment,
        every_months,
        draw(st.sampled_from(DayCount)),
        draw(st.integers(0, instalments - 1)),
    )


@given(all_terms())
def test_what_is_drawn_is_repaid_and_no_more(terms: Terms) -> None:
    lines = schedule(terms)
    assert len(lines) == terms.instalments
    assert Money.total(each.principal for each in lines) == Money.total(each.amount for each in terms.drawdowns)
    assert lines[-1].balance == NOTHING
    assert min(each.balance for each in lines) >= NOTHING
    assert min(each.principal for each in lines) >= NOTHING
    assert min(each.interest for each in lines) >= NOTHING


@given(all_terms(), st.randoms(use_true_random=False))
def test_the_order_of_the_drawdowns_does_not_matter(terms: Terms, chance: Random) -> None:
    shuffled = list(terms.drawdowns)
    chance.shuffle(shuffled)
    again = Terms(
        shuffled,
        terms.annual_rate,
        terms.first_due_on,
        terms.instalments,
        terms.repayment,
        terms.every_months,
        terms.day_count,
        terms.capital_holiday,
    )
    assert schedule(again) == schedule(terms)


def with_rates(terms: Terms, rates: RateHistory) -> Terms:
    return replace(terms, annual_rate=rates)


def test_a_rate_that_is_not_known_from_the_first_day_is_refused() -> None:
    late = RateHistory.of([(date(2012, 1, 2), Decimal("0.05"))])
    with pytest.raises(RateNotKnown, match="2012-01-01 is not known"):
        schedule(Terms(lent(("2012-01-01", "1.00")), late, date(2012, 2, 1), 1, LEVEL))


@given(all_terms(), st.dates(date(2010, 1, 1), date(2030, 1, 1)))
def test_a_step_to_the_same_rate_changes_nothing(terms: Terms, step: date) -> None:
    rate = terms.rates.rates[0]
    stepped = RateHistory.of([(date(1990, 1, 1), rate), (step, rate)])
    assert schedule(with_rates(terms, stepped)) == schedule(terms)


@given(
    all_terms().filter(lambda terms: terms.day_count.counts_calendar_days),
    st.lists(st.tuples(st.dates(date(2010, 1, 1), date(2030, 1, 1)), st.decimals(0, 1, places=5)), max_size=5),
)
def test_at_rates_that_change_all_is_repaid_and_each_interest_is_exact(
    terms: Terms, steps: list[tuple[date, Decimal]]
) -> None:
    rates = RateHistory.of({date(1990, 1, 1): Decimal("0.05"), **dict(steps)}.items())
    lines = schedule(with_rates(terms, rates))
    assert Money.total(each.principal for each in lines) == Money.total(each.amount for each in terms.drawdowns)
    opened, start = NOTHING, min(each.on for each in terms.drawdowns)
    for each in lines:
        moves = [(start, opened)]
        moves += [
            (drawdown.on, drawdown.amount)
            for drawdown in terms.drawdowns
            if (start < drawdown.on or each.number == 1) and drawdown.on < each.due_on
        ]
        exact = rates.accrued_on_movements(moves, start, each.due_on, terms.day_count)
        assert each.interest == Money.round_half_up(exact)
        opened, start = each.balance, each.due_on


@given(all_terms())
def test_a_capital_holiday_is_interest_only(terms: Terms) -> None:
    for each in schedule(terms)[: terms.capital_holiday]:
        assert each.principal == NOTHING


@given(all_terms().filter(lambda terms: terms.day_count.counts_calendar_days))
def test_each_instalments_interest_is_the_exact_interest_rounded_once(terms: Terms) -> None:
    lines = schedule(terms)
    opened, start = NOTHING, min(each.on for each in terms.drawdowns)
    for each in lines:
        during = [drawdown for drawdown in terms.drawdowns if start <= drawdown.on < each.due_on]
        if each.number > 1:
            during = [drawdown for drawdown in during if drawdown.on > start]
        exact = opened.pence * terms.day_count.fraction(start, each.due_on)
        exact += sum(drawdown.amount.pence * terms.day_count.fraction(drawdown.on, each.due_on) for drawdown in during)
        assert each.interest == Money.round_half_up(Fraction(exact) * Fraction(terms.rates.on(start)))
        opened, start = each.balance, each.due_on


@given(
    st.integers(100, 10**10).map(Money),
    st.decimals(0, "0.5", places=4),
    st.integers(2, 60),
    st.sampled_from(DayCount),
)
@example(Money(2109837), Decimal("0.4999"), 56, DayCount.ACT_365F)  # a pound and two pence
def test_level_payments_are_equal_and_the_last_takes_what_rounding_comes_to(
    amount: Money, rate: Decimal, instalments: int, count: DayCount
) -> None:
    """A payment and its interest are each rounded by half a penny at most, and what that leaves bears interest on."""
    terms = Terms([Drawdown(date(2012, 1, 15), amount)], rate, date(2012, 2, 15), instalments, LEVEL, day_count=count)
    lines = schedule(terms)
    payments = [each.payment for each in lines]
    regular = [payment for payment in payments[:-1] if payment]
    rounded = Fraction(0)
    for before, after in pairwise([date(2012, 1, 15), *(each.due_on for each in lines)]):
        rounded = rounded * (1 + Fraction(rate) * count.fraction(before, after)) + 1
    # A payment of a few pence can be smaller than its own interest's rounding; from a pound on, all are equal.
    if min(regular, default=NOTHING) > Money(100):
        assert len(set(regular)) == 1
        assert abs((payments[-1] - regular[0]).pence) <= rounded + 1


LENT_AT_THE_END = ((5, 30), (3, 30), (1, 28))


@pytest.mark.parametrize("count", [DayCount.THIRTY_360, DayCount.THIRTY_E_360])
@pytest.mark.parametrize(("month", "first"), LENT_AT_THE_END)
def test_a_loan_of_the_31st_is_first_due_after_a_whole_period_as_isda_counts_it(
    count: DayCount, month: int, first: int
) -> None:
    """Lent on 31 May and due on 30 June: thirty days of 360, not 30 of 31 parts of a month from 30 May."""
    lent_on, due = date(2013, month, 31), date(2013, month + 1, first)
    terms = Terms(lent((lent_on.isoformat(), "36000.00")), Decimal("0.10"), due, 6, BULLET, day_count=count)
    made = schedule(terms)
    assert made[0].interest == Money(1000 * count.days(lent_on, due))
    assert made[1].interest == Money(1000 * count.days(due, made[1].due_on))
    assert made[1].due_on.day in {30, 31}


@pytest.mark.parametrize(
    ("instalments", "rate"), [(480, "0.10"), (480, "0.11"), (480, "0.12"), (360, "0.15"), (300, "0.18")]
)
def test_a_level_payment_that_a_long_months_interest_passes_lasts_to_the_end(instalments: int, rate: str) -> None:
    """A hundred thousand pounds over forty years: the interest of 31 days is more than the payment at first.

    A penny more in each of so many payments is tens of pounds less in the last.
    """
    terms = Terms(lent(("2013-01-01", "100000.00")), Decimal(rate), date(2013, 2, 1), instalments, LEVEL)
    made = schedule(terms)
    level = min(line.payment for line in made[:-1])
    assert made[-1].balance == NOTHING
    assert NOTHING < made[-1].payment < level + level.times(Fraction(1, 10))
    assert all(line.payment == level or not line.principal for line in made[:-1])
    assert Money.total(line.principal for line in made) == Money.parse("100000.00")
