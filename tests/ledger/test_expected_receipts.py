"""Receipts that are an estimate: income at the original rate, revisions caught up at it, by the standard's example."""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal, localcontext
from itertools import pairwise

from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from ledger.expected_receipts import Expectations, Forecast, Move, Standing
from ledger.money import NOTHING, Money

START = date(2013, 1, 1)
DAYS = st.integers(1, 60).map(lambda months: START + timedelta(days=30 * months))
PENCE = st.integers(10_000, 10**6).map(Money)
RECEIPTS = st.lists(st.tuples(DAYS, PENCE), min_size=1, max_size=6, unique_by=lambda flow: flow[0])
PAID = Money(10**6)
"""At rates that anybody would forecast: receipts come in months, and are to what is paid as a hundredth to all."""


def year(number: int) -> date:
    """The end of a year of 365 days."""
    return START + timedelta(days=365 * number)


def flow(number: int, amount: str) -> tuple[date, Money]:
    return year(number), Money.parse(amount)


def paid(amount: Money, on: date = START) -> Move:
    return Move(on, amount, amount)


def received(on: date, amount: Money) -> Move:
    return Move(on, -amount, -amount)


def whole(pence: Decimal) -> int:
    """Whole currency units, as the example prints them."""
    return int((pence / 100).to_integral_value())


def rate_of(standing: Standing, places: int = 12) -> Decimal:
    assert standing.rate is not None
    return round(standing.rate, places)


COUPON, HALF = "58.75", "29.37"
TO_THE_END = Forecast(START, (*(flow(number, COUPON) for number in range(1, 5)), flow(5, "1308.75")))
HALF_SOONER = Forecast(year(2), (flow(3, "683.75"), flow(4, HALF), flow(5, "654.38")))
PREPAID = Expectations(
    (paid(Money(1_000_00)), received(*flow(1, COUPON)), received(*flow(2, COUPON))), (TO_THE_END, HALF_SOONER)
)
"""Guidance on implementing IFRS 9, B.26: bought at 1,000, 4.7 % of 1,250 a year, 1,250 at the end of the fifth; on the
first day of the third year (here the close of the second) half the principal is expected at that year's end."""


def test_the_standards_example_of_a_revised_estimate_comes_out_as_printed() -> None:
    """Guidance on implementing IFRS 9, B.26; IAS 39 before it. Printed in whole units, at a rate printed as 10 %."""
    before = Expectations(PREPAID.moves, PREPAID.forecasts[:1])
    found = before.on_days(map(year, range(3)))
    assert [whole(found[year(number)].carried) for number in range(3)] == [1000, 1041, 1086]
    assert rate_of(found[START], 3) == Decimal("0.100")
    revised = PREPAID.at(year(2))
    assert whole(revised.carried) == 1138
    assert whole(revised.caught_up) == 52


def test_the_example_goes_on_at_the_original_rate_after_the_revision() -> None:
    """The standard's second table: 1,138, 568, 595, then nothing; its interest adds up what is rounded to the unit."""
    receipts = tuple(received(*one) for one in HALF_SOONER.flows)
    after = Expectations((*PREPAID.moves, *receipts), PREPAID.forecasts)
    found = after.on_days(map(year, range(2, 6)))
    assert [whole(found[year(number)].carried) for number in (2, 3, 4, 5)] == [1138, 568, 595, 0]
    earned = [found[year(number)].earned for number in (2, 3, 4, 5)]
    interest = [later - sooner for sooner, later in pairwise(earned)]
    assert all(abs(found - printed * 100) < 100 for found, printed in zip(interest, (114, 57, 60), strict=True))
    assert {standing.rate for standing in found.values()} == {found[year(2)].rate}


@given(RECEIPTS)
@settings(deadline=None)  # finding a rate for the first time takes its time
def test_with_receipts_as_forecast_income_is_what_came_beyond_what_was_paid(receipts: list[tuple[date, Money]]) -> None:
    forecast = Forecast(START, tuple(receipts))
    course = Expectations((paid(PAID), *(received(*one) for one in receipts)), (forecast,))
    assume(course.at(START).rate is not None)  # a hundredth back in a month is no return that a yearly rate can tell
    end = course.at(forecast.ends_on)
    earned, caught_up = end.posted
    assert earned == Money.total(one for _, one in receipts) - PAID
    assert (Money.round_half_up(end.carried), caught_up) == (NOTHING, NOTHING)


FORECASTS = st.builds(Forecast, DAYS, RECEIPTS.map(tuple)).map(lambda one: Forecast(one.on, one.after(one.on)))
MOVES = st.builds(
    lambda on, amount, back: received(on, amount) if back else paid(amount, on), DAYS, PENCE, st.booleans()
)


@given(st.lists(MOVES, max_size=6), st.lists(FORECASTS, max_size=3, unique_by=lambda one: one.on), DAYS, st.randoms())
@example(
    [],
    [
        Forecast(date(2013, 1, 31), ()),
        Forecast(date(2013, 3, 2), ((date(2013, 4, 1), Money(100_00)),)),
        Forecast(date(2013, 4, 1), ((date(2013, 8, 29), Money(100_00)),)),
    ],
    date(2013, 4, 1),
    random.Random(1),  # noqa: S311 -- a repeatable order, not a secret
)
@settings(deadline=None)
def test_the_order_of_facts_does_not_matter_and_every_penny_is_somewhere(
    moves: list[Move], forecasts: list[Forecast], day: date, chance: random.Random
) -> None:
    course = Expectations((paid(PAID), *moves), tuple(forecasts))
    shuffled, told = list(course.moves), list(forecasts)
    chance.shuffle(shuffled)
    chance.shuffle(told)
    now = course.at(day)
    assert Expectations(tuple(shuffled), tuple(told)).at(day) == now
    assert now.carried >= 0
    since = now.since
    if since is None:
        assert now.earned == now.caught_up == 0
        return
    began = Standing(carried=course.at(since).carried)
    put_in = sum(move.amount.pence for move in course.moves if since < move.on <= day)
    with localcontext(prec=60):  # 28 digits would round such sums as these can be
        assert abs(began.carried + put_in + now.earned + now.caught_up - now.carried) < Decimal("1e-15")
    earned, caught_up = now.posted
    assert abs(earned.pence + caught_up.pence - now.earned - now.caught_up) <= Decimal("0.5")


@given(RECEIPTS, DAYS)
@settings(deadline=None)
def test_a_forecast_that_says_the_same_again_changes_nothing(receipts: list[tuple[date, Money]], again: date) -> None:
    once = Expectations((paid(PAID), *(received(*one) for one in receipts)), (Forecast(START, tuple(receipts)),))
    same = Forecast(again, once.forecasts[0].after(again))
    twice = Expectations(once.moves, (*once.forecasts, same))
    assert abs(twice.at(again).caught_up) < Decimal("0.001")


def test_what_is_late_earns_nothing_and_what_comes_beyond_what_is_carried_is_income() -> None:
    course = Expectations((paid(Money(1_000_00)),), (Forecast(START, (flow(1, "1100"),)),))
    assert [whole(course.at(year(number)).carried) for number in (1, 2)] == [1100, 1100]
    came = Expectations((*course.moves, received(year(3), Money(1_250_00))), course.forecasts).at(year(3))
    assert whole(came.earned) == 250
    assert came.carried == 0


def test_money_still_to_be_paid_is_part_of_what_is_expected() -> None:
    """Two payments a year apart, by one rate from the first day: nothing is caught up when the second is made."""
    plan = Forecast(START, (flow(1, "-500"), flow(2, "1155")))
    course = Expectations((paid(Money(500_00)), paid(Money(500_00), year(1))), (plan,))
    assert rate_of(course.at(START)) == Decimal("0.1")
    assert whole(course.at(year(1)).carried) == 1050
    assert course.at(year(2)).posted == (Money(155_00), NOTHING)


def test_no_rate_is_found_before_money_is_out_and_the_first_that_can_be_stays() -> None:
    early = Forecast(START, (flow(2, "1210"),))
    course = Expectations((paid(Money(1_000_00), year(1)),), (early,))
    assert course.at(START).rate is None
    now = course.at(year(1))
    assert (now.since, rate_of(now)) == (year(1), Decimal("0.21"))
    nothing = Expectations(course.moves, (early, Forecast(year(1) + timedelta(days=1), ())))
    gone = nothing.at(year(2))
    assert gone.carried == 0
    assert gone.rate == now.rate
    assert whole(gone.earned + gone.caught_up) == -1000
