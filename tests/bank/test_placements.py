"""Liquid money placed, earning, and turned into cash again, in either book: each with its journal (row 27)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bank.allocations.commands import draw_down
from bank.inflows.commands import declare_surplus, pay_surplus
from bank.inflows.queries import position
from bank.inflows.surplus import NotEnoughSurplus
from bank.limits.commands import decide_limit, propose_limit
from bank.limits.queries import house_evaluation, house_evaluations
from bank.limits.rules import PLACE, Act, LimitPassed
from bank.people.rules import SamePerson
from bank.stress.queries import fund_stands
from bank.stress.rules import Assumptions, fund_failure, fund_projection
from bank.treasury.placements.bounds.commands import approve_bounds, propose_bounds
from bank.treasury.placements.bounds.queries import bounds_on, bounds_table
from bank.treasury.placements.commands import accrue_treasury, place, realise, take_income
from bank.treasury.placements.effective import a_year, carried, effective_rate
from bank.treasury.placements.queries import NoSuchPlacement, placement, placements
from bank.treasury.placements.rules import (
    AMORTISED,
    AT_COST,
    DEPOSIT,
    FUND,
    GILT,
    USUAL_BOUNDS,
    BeyondPlacement,
    Bounds,
    Gone,
    Terms,
    cost_of,
    earned,
    left_of,
    sound_bounds,
    sound_terms,
)
from bank.treasury.queries import headroom
from bank.treasury.rules import BadTerms, NotEnoughCash, NotEnoughHeadroom
from ledger.dates import Quarter
from ledger.daycounts import DayCount
from ledger.money import NOTHING, Money
from ledger.queries import entries_behind, known
from ledger.refusals import NotAllowed
from tests.bank import test_surplus as dormant
from tests.bank.small_bank import SmallBank, pounds

DAY = date(2012, 1, 10)
JULY = date(2012, 7, 10)
PENCE = st.integers(min_value=1, max_value=10**11).map(Money)


@pytest.fixture
def funded(small_bank: SmallBank) -> SmallBank:
    small_bank.at(DAY)
    small_bank.capital("100000.00")
    return small_bank


def deposit(bank: SmallBank, amount: str = "73000.00", with_whom: str = "Bank One", until: date | None = JULY) -> str:
    return place(
        bank.maya,
        sort=DEPOSIT,
        counterparty=with_whom,
        amount=pounds(amount),
        rate=Decimal("0.01"),
        matures_on=until,
        on=bank.clock.now().date(),
        key=bank.key(),
    ).id


def journal(bank: SmallBank, placed: str, book: str = "bank") -> list[str]:
    """Every leg on the placement's own accounts, in the order posted."""
    lines = []
    with bank.database.reading() as session:
        for code in ("1100", "1110", "1120", "1150", "4100", "4040", "5040"):
            lines += [
                (line.seq, f"{line.effective_on} {code} {line.amount}")
                for line in entries_behind(session, book, f"{code}:{placed}")
            ]
    return [text for _, text in sorted(lines)]


def test_a_deposit_earns_day_by_day_and_comes_home_with_its_interest(funded: SmallBank) -> None:
    """73,000.00 at one per cent earn 2.00 a day: Dr 1100 Cr cash; Dr 1150 Cr 4100; Dr cash Cr 1100, 1150."""
    made = deposit(funded)
    assert (funded.balance("bank", "1000"), funded.balance("bank", "1100")) == ("27000.00", "73000.00")
    funded.at(JULY)
    done = accrue_treasury(funded.maya, until=date(2012, 3, 31), key="1")
    assert (done.placements, str(done.accrued)) == (1, "162.00")
    assert str(accrue_treasury(funded.maya, until=date(2012, 3, 31), key="2").accrued) == "0.00"
    home = realise(
        funded.maya, placement=made, proceeds=pounds("73000.00"), interest=pounds("364.00"), on=JULY, key="3"
    )
    assert journal(funded, made) == [
        "2012-01-10 1100 73000.00",
        "2012-03-31 1150 162.00",
        "2012-03-31 4100 -162.00",
        "2012-07-10 1150 202.00",
        "2012-07-10 4100 -202.00",
        "2012-07-10 1100 -73000.00",
        "2012-07-10 1150 -364.00",
    ]
    assert [str(each) for each in (home.earned, home.received, home.interest_due, home.gain, home.carried)] == [
        "364.00",
        "364.00",
        "0.00",
        "0.00",
        "0.00",
    ]
    assert funded.balance("bank", "1000") == "100364.00"
    with pytest.raises(BadTerms, match="Nothing is left"):
        realise(funded.maya, placement=made, proceeds=pounds("1.00"), on=JULY, key="4")


def test_a_gilt_is_bought_with_its_interest_pays_its_coupon_and_is_sold_in_part(funded: SmallBank) -> None:
    made = place(
        funded.maya,
        sort=GILT,
        counterparty="HM Treasury",
        amount=pounds("51000.00"),
        nominal=pounds("50000.00"),
        interest_bought=pounds("100.00"),
        rate=Decimal("0.0365"),
        measured="cost",
        matures_on=date(2013, 1, 10),
        on=DAY,
        key="1",
    ).id
    funded.at(JULY)
    take_income(funded.maya, placement=made, amount=pounds("912.50"), on=date(2012, 6, 30), key="2")
    realise(
        funded.maya,
        placement=made,
        nominal=pounds("20000.00"),
        proceeds=pounds("20300.00"),
        on=date(2012, 6, 30),
        key="3",
    )
    realise(funded.maya, placement=made, proceeds=pounds("31000.00"), interest=pounds("60.00"), on=JULY, key="4")
    assert journal(funded, made) == [
        "2012-01-10 1110 51000.00",
        "2012-01-10 1150 100.00",
        "2012-06-30 1150 860.00",
        "2012-06-30 4100 -860.00",
        "2012-06-30 1150 -912.50",
        "2012-06-30 1110 -20400.00",
        "2012-06-30 5040 100.00",
        "2012-07-10 1150 30.00",
        "2012-07-10 4100 -30.00",
        "2012-07-10 1110 -30600.00",
        "2012-07-10 1150 -77.50",
        "2012-07-10 4040 -400.00",
        "2012-07-10 4100 17.50",
    ]
    with funded.database.reading() as session:
        (shown,) = placements(session)
    assert [str(each) for each in (shown.earned, shown.received, shown.interest_due, shown.gain)] == [
        "872.50",
        "972.50",
        "0.00",
        "300.00",
    ]


def test_a_funds_income_is_told_when_it_comes(funded: SmallBank) -> None:
    made = place(funded.maya, sort=FUND, counterparty="A fund", amount=pounds("1000.00"), on=DAY, key="1").id
    funded.at(JULY)
    accrue_treasury(funded.maya, until=JULY, key="2")
    take_income(funded.maya, placement=made, amount=pounds("2.50"), on=JULY, key="3")
    realise(funded.maya, placement=made, proceeds=pounds("1000.40"), on=JULY, key="4")
    assert journal(funded, made) == [
        "2012-01-10 1120 1000.00",
        "2012-07-10 4100 -2.50",
        "2012-07-10 1120 -1000.00",
        "2012-07-10 4040 -0.40",
    ]


def test_interest_that_never_came_is_taken_back_and_more_of_it_is_income(funded: SmallBank) -> None:
    broken, kept = deposit(funded, "36500.00"), deposit(funded, "36500.00")
    funded.at(JULY)
    accrue_treasury(funded.maya, until=date(2012, 6, 30), key="1")
    realise(
        funded.maya,
        placement=broken,
        proceeds=pounds("36500.00"),
        interest=pounds("50.00"),
        on=date(2012, 2, 9),
        key="2",
    )
    realise(funded.maya, placement=kept, proceeds=pounds("36500.00"), interest=pounds("200.00"), on=JULY, key="3")
    assert funded.balance("bank", f"4100:{broken}") == "-50.00"
    assert funded.balance("bank", f"4100:{kept}") == "-200.00"
    assert funded.balance("bank", "1150") == "0.00"


def test_a_deposit_brings_back_what_was_placed_and_interest_that_it_can_have_earned(funded: SmallBank) -> None:
    made = deposit(funded, "1000.00")
    funded.at(JULY)
    with pytest.raises(BeyondPlacement, match=r": 4\.99 is accrued, and one more year would bring 10\.00"):
        take_income(funded.maya, placement=made, amount=pounds("15.00"), on=JULY, key="1")
    with pytest.raises(BeyondPlacement, match=r"1000\.01 is more than the 1000\.00 of this deposit"):
        realise(funded.maya, placement=made, proceeds=pounds("1000.01"), on=JULY, key="2")
    with pytest.raises(BeyondPlacement, match=r"15\.00 is more interest than this placement can have earned"):
        realise(funded.maya, placement=made, proceeds=pounds("1000.00"), interest=pounds("15.00"), on=JULY, key="3")
    assert funded.balance("bank", "1000") == "99000.00"
    take_income(funded.maya, placement=made, amount=pounds("14.99"), on=JULY, key="4")
    realise(funded.maya, placement=made, proceeds=pounds("1000.00"), on=JULY, key="5")


@pytest.mark.parametrize(
    ("proceeds", "price"), [("999.00", "49.95"), ("4001.00", "200.05"), ("99999999.00", "4999999.95")]
)
def test_a_gilt_is_sold_at_a_price_that_there_can_be(funded: SmallBank, proceeds: str, price: str) -> None:
    told: dict[str, Any] = {
        "sort": GILT,
        "counterparty": "HM Treasury",
        "rate": Decimal("0.04"),
        "coupons": 2,
        "measured": AT_COST,
    }
    until = date(2013, 1, 10)
    cost = pounds("2000.00")
    made = place(funded.maya, **told, amount=cost, nominal=cost, matures_on=until, on=DAY, key="1").id
    with pytest.raises(BeyondPlacement, match=f"{price} per 100, which is no price between 50 and 200"):
        realise(funded.maya, placement=made, proceeds=pounds(proceeds), on=DAY, key="2")
    with pytest.raises(BeyondPlacement, match=r"0\.00 is accrued, and one more coupon would bring 40\.00"):
        take_income(funded.maya, placement=made, amount=pounds("40.01"), on=DAY, key="3")


def gilt(bank: SmallBank, until: date, on: date) -> str:
    told: dict[str, Any] = {"sort": GILT, "counterparty": "HM Treasury", "rate": Decimal("0.04"), "measured": AT_COST}
    cost = pounds("100.00")
    return place(bank.maya, **told, amount=cost, nominal=cost, matures_on=until, on=on, key=bank.key()).id


def test_what_a_short_gilt_is_and_costs_is_a_dated_policy_of_two_people(funded: SmallBank) -> None:
    """Eight years and a price of 40 are refused until bounds say otherwise, and again on days before they began."""
    later, eight = date(2012, 2, 1), date(2020, 1, 9)
    told: dict[str, Any] = {"longest_years": 9, "least_price": Decimal(40), "most_price": Decimal("120.5")}
    made = propose_bounds(funded.maya, **told, from_on=later, basis="Minute 14")
    funded.at(JULY)
    with pytest.raises(BadTerms, match="no short gilt, which ends within 7 years"):
        gilt(funded, eight, JULY)
    with pytest.raises(SamePerson):
        approve_bounds(funded.maya, id=made.id)
    approve_bounds(funded.tom, id=made.id)
    with pytest.raises(BadTerms, match="no short gilt, which ends within 7 years"):
        gilt(funded, eight, date(2012, 1, 31))
    held, older = gilt(funded, eight, later), gilt(funded, JULY, date(2012, 1, 12))
    with pytest.raises(BeyondPlacement, match=r"40\.00 per 100, which is no price between 50 and 200"):
        realise(funded.maya, placement=older, proceeds=pounds("40.00"), on=date(2012, 1, 31), key="then")
    with pytest.raises(BeyondPlacement, match=r"121\.00 per 100, which is no price between 40 and 120\.5"):
        realise(funded.maya, placement=held, proceeds=pounds("121.00"), on=JULY, key="much")
    realise(funded.maya, placement=held, proceeds=pounds("40.00"), on=JULY, key="now")
    with funded.database.reading() as session:
        (shown,) = bounds_table(session)
        assert bounds_on(session, DAY) == USUAL_BOUNDS
    assert {shown.proposed_by, shown.approved_by} == {funded.maya.actor.id, funded.tom.actor.id}


def test_a_gilt_bought_without_its_next_coupon_earns_back_what_was_taken_off(funded: SmallBank) -> None:
    """5 % of 10,000 on 7 January and July, settled on 29 June: 174 of 182 days are gone, 250.00 x 8 / 182 come off.

    The debt office's formula for accrued interest after a gilt goes ex dividend: c / f x (t / s - 1).
    """
    told: dict[str, Any] = {"counterparty": "HM Treasury", "nominal": pounds("10000.00"), "rate": Decimal("0.05")}
    funded.at(date(2013, 1, 8))
    without = partial(place, funded.maya, sort=GILT, **told, amount=pounds("10000.00"), matures_on=date(2014, 7, 7))
    terms: dict[str, Any] = {"measured": AMORTISED, "coupons": 2}
    for on, off, said in (
        (date(2012, 6, 27), "10.99", "sold with its coupon of 2012-07-07"),
        (date(2012, 6, 29), "250.01", "more than the coupon of 250.00"),
    ):
        with pytest.raises(BadTerms, match=said):
            without(on=on, interest_rebated=pounds(off), key=funded.key(), **terms)
    with pytest.raises(BadTerms, match="not both"):
        without(
            on=date(2012, 6, 29), key="both", interest_bought=pounds("1.00"), interest_rebated=pounds("1.00"), **terms
        )
    made = without(on=date(2012, 6, 29), interest_rebated=pounds("10.99"), key="made", **terms)
    assert funded.balance("bank", "1000") == "90010.99"
    assert [str(each) for each in (made.interest_bought, made.interest_due, made.earned)] == [
        "-10.99",
        "-10.99",
        "0.00",
    ]
    assert made.effective_rate is not None
    assert round(made.effective_rate, 4) == Decimal("0.0506"), "2.5 per cent twice a year, compounded"
    with pytest.raises(BeyondPlacement, match=r"one more coupon would bring 0\.00"):
        take_income(funded.maya, placement=made.id, amount=pounds("250.00"), on=date(2012, 7, 7), key="not ours")
    for until, due, earned_by in ((date(2012, 7, 7), "0.00", "10.99"), (date(2013, 1, 7), "250.00", "260.99")):
        accrue_treasury(funded.maya, until=until, key=str(until))
        with funded.database.reading() as session:
            then = placement(session, made.id, as_at=until)
        assert (str(then.interest_due), str(then.earned)) == (due, earned_by)
        assert abs(then.carried - pounds("10000.00")) < pounds("0.20")
    take_income(funded.maya, placement=made.id, amount=pounds("250.00"), on=date(2013, 1, 7), key="coupon")
    assert funded.balance("bank", f"1150:{made.id}") == "0.00"


@pytest.mark.parametrize(
    ("years", "least", "most"),
    [(0, "50", "200"), (56, "50", "200"), (7, "100.1", "200"), (7, "50", "99"), (7, "NaN", "200")],
)
def test_bounds_that_cannot_be_meant_are_refused(years: int, least: str, most: str) -> None:
    assert sound_bounds(USUAL_BOUNDS) == USUAL_BOUNDS
    with pytest.raises(BadTerms):
        sound_bounds(Bounds(years, Decimal(least), Decimal(most)))


def test_what_is_placed_may_be_promised_but_only_cash_is_paid_out(funded: SmallBank) -> None:
    made = deposit(funded, "73000.00", until=None)
    with funded.database.reading() as session:
        now = headroom(session)
    assert [str(each) for each in (now.cash, now.treasury, now.headroom)] == ["27000.00", "73000.00", "100000.00"]
    facility = funded.signed(funded.lender(), "60000.00")
    with pytest.raises(NotEnoughHeadroom, match=r"27000\.00 is free, of 27000\.00 in cash and 73000\.00 in treasury"):
        draw_down(funded.maya, facility=facility.id, amount=pounds("60000.00"), on=DAY, key="1")
    realise(funded.maya, placement=made, nominal=pounds("33000.00"), proceeds=pounds("33000.00"), on=DAY, key="2")
    draw_down(funded.maya, facility=facility.id, amount=pounds("60000.00"), on=DAY, key="3")
    with pytest.raises(NotEnoughCash):
        deposit(funded, "0.01")


def test_how_much_lies_with_one_counterparty_is_a_limit_read_before_and_kept(funded: SmallBank) -> None:
    for share, scope in (("0.5", ""), ("0.1", "Bank Two")):
        made = propose_limit(
            funded.maya, kind="counterparty", scope=scope, share=Decimal(share), from_on=DAY, basis="Policy", key=share
        )
        decide_limit(funded.tom, limit=made.id, approve=True, key=f"yes {share}")
    first = deposit(funded, "30000.00")
    act = Act(PLACE, pounds("20000.01"), counterparty="Bank One")
    with funded.database.reading() as session:
        read = house_evaluation(session, act)
        (kept,) = house_evaluations(session, first)
    assert [(line.before, line.after, line.bound, line.within) for line in read.readings] == [
        ("30000.00", "50000.01", "50000.00", False)
    ]
    assert [(line.before, line.after) for line in kept.readings] == [("0.00", "30000.00")]
    with pytest.raises(LimitPassed, match=r"Bank One\): 50000\.01 where at most 50000\.00 is allowed, and 30000\.00"):
        deposit(funded, "20000.01")
    with pytest.raises(LimitPassed, match=r"Bank Two\): 10000\.01 where at most 10000\.00"):
        deposit(funded, "10000.01", "Bank Two")
    deposit(funded, "10000.00", "Bank Two")


def test_a_placement_is_as_it_was_known(funded: SmallBank) -> None:
    made = deposit(funded)
    with funded.database.reading() as session:
        before = known(session)
    funded.at(JULY)
    realise(funded.maya, placement=made, proceeds=pounds("73000.00"), interest=pounds("364.00"), on=JULY, key="1")
    with funded.database.reading() as session:
        assert [str(each.carried) for each in placements(session, at=before)] == ["73000.00"]
        assert [str(each.carried) for each in placements(session, as_at=DAY)] == ["73000.00"]
        assert placements(session, open_only=True) == []
        with pytest.raises(NoSuchPlacement):
            placement(session, "plc_none")


def test_what_cannot_be_is_refused(funded: SmallBank) -> None:
    made = deposit(funded, "100.00")
    with pytest.raises(BadTerms, match="too early"):
        take_income(funded.maya, placement=made, amount=pounds("1.00"), on=date(2012, 1, 9), key="1")
    with pytest.raises(BeyondPlacement, match=r"100\.01 is more than the 100\.00"):
        realise(funded.maya, placement=made, nominal=pounds("100.01"), proceeds=NOTHING, on=DAY, key="2")
    with pytest.raises(NotAllowed):
        place(funded.desks["iris"], sort=FUND, counterparty="A fund", amount=pounds("1.00"), on=DAY, key="3")
    sound = Terms(DEPOSIT, Money(1), Money(1), NOTHING, Decimal("0.01"), DayCount.ACT_365F, DAY, None)
    assert sound_terms(sound) is sound
    for sort, nominal, rate, matures_on in (
        ("bond", Money(1), Decimal("0.01"), None),
        (DEPOSIT, Money(2), Decimal("0.01"), None),
        (DEPOSIT, Money(1), None, None),
        (FUND, Money(1), Decimal("0.01"), None),
        (GILT, Money(2), Decimal("0.01"), None),
        (DEPOSIT, Money(1), Decimal("0.01"), DAY),
    ):
        with pytest.raises(BadTerms):
            sound_terms(Terms(sort, Money(1), nominal, NOTHING, rate, DayCount.ACT_365F, DAY, matures_on))


def test_a_short_gilt_is_redeemed_within_seven_years() -> None:
    def ends(on: date) -> Terms:
        return sound_terms(Terms(GILT, Money(1), Money(1), NOTHING, Decimal("0.04"), DayCount.ACT_365F, DAY, on))

    assert ends(date(2019, 1, 10)).matures_on == date(2019, 1, 10)
    with pytest.raises(BadTerms, match="2019-01-11 is no short gilt, which ends within 7 years: by 2019-01-10"):
        ends(date(2019, 1, 11))


@given(
    PENCE,
    st.decimals(min_value=0, max_value=1, places=4),
    st.lists(st.tuples(st.integers(0, 500), st.integers(1, 100)), max_size=4),
    st.integers(0, 500),
)
def test_what_is_earned_is_what_each_day_earns_by_itself(
    nominal: Money, rate: Decimal, sales: list[tuple[int, int]], days: int
) -> None:
    """Against a slow reckoning, day by day; and no penny of the cost is lost in however many parts it is sold."""
    terms = Terms(DEPOSIT, nominal, nominal, NOTHING, rate, DayCount.ACT_365F, DAY, None)
    gone: list[Gone] = []
    for day, per_cent in sorted(sales):
        left, cost = left_of(terms, gone)
        part = left.times(Fraction(per_cent, 100))
        if part:
            gone.append(Gone(date.fromordinal(DAY.toordinal() + day), part, cost_of(part, left, cost)))
    pence = Fraction(0)
    for day in range(days):
        on = date.fromordinal(DAY.toordinal() + day)
        held = nominal - Money.total(one.nominal for one in gone if one.on <= on)
        pence += held.pence * Fraction(rate) / 365
    assert earned(terms, gone, date.fromordinal(DAY.toordinal() + days)) == Money(1).times(pence)
    nominal_left, carried = left_of(terms, gone)
    assert bool(nominal_left) == bool(carried) or nominal_left > NOTHING


GILT_BELOW = Terms(
    GILT,
    pounds("1000.00"),
    pounds("1250.00"),
    NOTHING,
    Decimal("0.0472"),
    DayCount.ACT_365F,
    date(2011, 1, 1),
    date(2016, 1, 1),
    AMORTISED,
    1,
)
"""Fifty-nine pounds a year on 1,250, bought for 1,000: the standard's own example of amortised cost."""


def test_amortised_cost_as_the_standards_own_example_has_it() -> None:
    """IAS 39 guidance on implementing, B.26, kept beside IFRS 9: 10 per cent, and 1,041, 1,086, 1,136, 1,190, 1,250."""
    rate = effective_rate(GILT_BELOW)
    assert rate is not None
    assert round(rate, 3) == Decimal("0.100")
    stood = [carried(GILT_BELOW, rate, [], date(year, 1, 1)) for year in range(2011, 2017)]
    assert [round(Decimal(str(each))) for each in stood] == [1000, 1041, 1086, 1136, 1190, 1250]


def test_the_effective_rate_is_the_yield_that_spreadsheets_publish() -> None:
    """Microsoft's example of YIELD: 5.75 % twice a year at 95.04287, from 15 February 2008 to 15 November 2016: 6.5 %.

    And IFRS Community's of a bond of 1,000 at 5 % bought between coupons for 910: 7.8 %, then 907, 928, 950, 974.
    """
    quoted = Terms(
        GILT,
        pounds("950428.70"),
        pounds("1000000.00"),
        pounds("14375.00"),
        Decimal("0.0575"),
        DayCount.THIRTY_360,
        date(2008, 2, 15),
        date(2016, 11, 15),
        AMORTISED,
        2,
    )
    rate = effective_rate(quoted)
    assert rate is not None
    assert round(2 * rate, 6) == Decimal("0.065000")
    assert round(a_year(rate, 2), 8) == Decimal("0.06605626")
    days = (date(2011, 5, 1), date(2015, 12, 31))
    between = Terms(
        GILT,
        pounds("893.42"),
        pounds("1000.00"),
        pounds("16.58"),
        Decimal("0.05"),
        DayCount.ACT_365F,
        *days,
        AMORTISED,
        1,
    )
    rate = effective_rate(between)
    assert rate is not None
    assert round(rate, 3) == Decimal("0.078")
    stood = [carried(between, rate, [], date(year, 12, 31)) for year in range(2011, 2015)]
    assert [round(Decimal(str(each))) for each in stood] == [907, 928, 950, 974]


@settings(max_examples=30, deadline=None)
@given(
    st.integers(8_000, 12_000),
    st.sampled_from([(0, "0"), (1, "0.03"), (2, "0.0475"), (4, "0.01")]),
    st.integers(30, 1500),
    st.integers(0, 1600),
    st.integers(1, 100),
)
def test_a_price_above_or_below_the_nominal_comes_to_the_nominal(
    price: int, pays: tuple[int, str], lasts: int, days: int, per_cent: int
) -> None:
    """It begins at the cost, ends at the nominal, lies between them on the way; and so does each part that is left."""
    coupons, rate = pays
    ends = date.fromordinal(DAY.toordinal() + lasts)
    cost, nominal = Money(price * 1000), Money(10_000_000)
    terms = Terms(GILT, cost, nominal, NOTHING, Decimal(rate), DayCount.ACT_365F, DAY, ends, AMORTISED, coupons)
    found = effective_rate(sound_terms(terms))
    on = date.fromordinal(DAY.toordinal() + days)
    stands = carried(terms, found, [], on)
    assert (carried(terms, found, [], DAY), carried(terms, found, [], ends)) == (cost, nominal)
    assert coupons or min(cost, nominal) <= stands <= max(cost, nominal)
    part = Gone(DAY, nominal.times(Fraction(per_cent, 100)), NOTHING)
    left = carried(terms, found, [part], on)
    assert abs(left.pence - stands.pence * (100 - per_cent) / 100) <= 1


@pytest.fixture
def fund(small_bank: SmallBank) -> SmallBank:
    """A hundred thousand pounds of dormant money in the reclaim fund, and two fifths of it provided for claims."""
    small_bank.at(DAY)
    dormant.rate(small_bank, "0.4", DAY)
    dormant.receive(small_bank, "100000.00")
    return small_bank


def of_the_fund(bank: SmallBank, **told: Any) -> str:
    return place(bank.maya, book="reclaim-fund", on=DAY, key=bank.key(), **told).id


def gilt_of_the_fund(bank: SmallBank) -> str:
    return of_the_fund(
        bank,
        sort=GILT,
        counterparty="HM Treasury",
        amount=pounds("51000.00"),
        nominal=pounds("50000.00"),
        rate=Decimal("0.05"),
        coupons=2,
        measured=AMORTISED,
        matures_on=date(2013, 1, 10),
    )


def test_the_reclaim_fund_places_its_own_cash_and_a_gilt_comes_to_its_nominal(fund: SmallBank) -> None:
    """Dr 1110 Cr cash; Dr 1150 Cr 1110 (what of the premium is gone) Cr 4100; Dr cash Cr 1150; Dr cash Cr 1110."""
    made = gilt_of_the_fund(fund)
    fund.at(date(2013, 1, 10))
    accrue_treasury(fund.maya, until=date(2012, 3, 31), key="1")
    take_income(fund.maya, placement=made, amount=pounds("1250.00"), on=JULY, key="2")
    home = realise(
        fund.maya,
        placement=made,
        proceeds=pounds("50000.00"),
        interest=pounds("1250.00"),
        on=date(2013, 1, 10),
        key="3",
    )
    assert journal(fund, made, "reclaim-fund") == [
        "2012-01-10 1110 51000.00",
        "2012-03-31 1110 -222.26",
        "2012-03-31 1150 556.32",
        "2012-03-31 4100 -334.06",
        "2012-07-10 1110 -274.07",
        "2012-07-10 1150 693.68",
        "2012-07-10 4100 -419.61",
        "2012-07-10 1150 -1250.00",
        "2013-01-10 1110 -503.67",
        "2013-01-10 1150 1250.00",
        "2013-01-10 4100 -746.33",
        "2013-01-10 1110 -50000.00",
        "2013-01-10 1150 -1250.00",
    ]
    assert [str(each) for each in (home.gain, home.earned, home.amortised, home.carried)] == [
        "0.00",
        "2500.00",
        "-1000.00",
        "0.00",
    ]
    assert home.effective_rate == Decimal("0.029773965470")
    assert fund.balance("reclaim-fund", "1000") == "101500.00"
    assert fund.balance("bank", "1110") == "0.00"


def test_what_the_fund_has_placed_may_be_declared_but_only_its_cash_is_paid(fund: SmallBank) -> None:
    made = of_the_fund(fund, sort=FUND, counterparty="A fund", amount=pounds("80000.00"))
    with fund.database.reading() as session:
        now, bank = position(session), headroom(session)
    assert [str(each) for each in (now.cash, now.placed, now.surplus)] == ["20000.00", "80000.00", "60000.00"]
    assert (str(bank.cash), str(bank.treasury)) == ("0.00", "0.00")
    with pytest.raises(NotEnoughSurplus, match=r"cash of 20000\.00 and 80000\.00 placed"):
        declare_surplus(fund.maya, amount=pounds("60000.01"), on=DAY, key="1")
    declared = declare_surplus(fund.maya, amount=pounds("60000.00"), on=DAY, key="2").id
    with pytest.raises(NotEnoughCash, match=r"20000\.00 to pay 60000\.00"):
        pay_surplus(fund.maya, declaration=declared, on=DAY, key="3")
    realise(fund.maya, placement=made, nominal=pounds("40000.00"), proceeds=pounds("40000.00"), on=DAY, key="4")
    pay_surplus(fund.maya, declaration=declared, on=DAY, key="5")
    with pytest.raises(NotEnoughCash, match="The bank has"):
        place(fund.maya, sort=FUND, counterparty="A fund", amount=pounds("0.01"), on=DAY, key="6")
    with pytest.raises(BadTerms, match="'trust' places no cash: bank and reclaim-fund do"):
        place(fund.maya, sort=FUND, counterparty="A fund", amount=pounds("0.01"), on=DAY, book="trust", key="7")


def test_a_limit_on_a_counterparty_holds_for_each_book_by_itself(fund: SmallBank) -> None:
    fund.capital("1000.00")
    made = propose_limit(
        fund.maya, kind="counterparty", scope="", share=Decimal("0.5"), from_on=DAY, basis="Policy", key="1"
    )
    decide_limit(fund.tom, limit=made.id, approve=True, key="2")
    of_the_fund(fund, sort=FUND, counterparty="A fund", amount=pounds("50000.00"))
    act = Act(PLACE, pounds("0.01"), counterparty="A fund", book="reclaim-fund")
    with fund.database.reading() as session:
        (line,) = house_evaluation(session, act).readings
        (other,) = house_evaluation(session, Act(PLACE, pounds("500.00"), counterparty="A fund")).readings
    assert (line.before, line.after, line.bound, line.within) == ("50000.00", "50000.01", "50000.00", False)
    assert (other.before, other.after, other.bound, other.within) == ("0.00", "500.00", "500.00", True)


def test_what_the_fund_has_placed_for_a_term_does_not_meet_claims_before_its_day(fund: SmallBank) -> None:
    """Under stress: cash runs out in the quarter of the claims, unless what is placed can be had."""
    assumed = Assumptions(Decimal("0.4"), Decimal(0), NOTHING, 1, Decimal(0), Decimal(0), NOTHING, 4)
    ends = date(2012, 12, 31)
    of_the_fund(
        fund, sort=DEPOSIT, counterparty="A bank", amount=pounds("95000.00"), rate=Decimal("0.01"), matures_on=ends
    )
    with fund.database.reading() as session:
        stands = fund_stands(session, DAY)
    lines = fund_projection(stands, assumed, Quarter(2012, 2))
    assert [(str(line.cash), str(line.placed)) for line in lines[:3]] == [
        ("-5000.00", "95000.00"),
        ("-14000.00", "95000.00"),
        ("73826.58", "0.00"),
    ]
    assert fund_failure(lines).liquidity == Quarter(2012, 2)


@pytest.mark.parametrize("told_late", [False, True])
def test_days_told_in_either_order_leave_the_same_on_every_day(fund: SmallBank, *, told_late: bool) -> None:
    """A part sold in February, told before or after the quarter's end was accrued: the same stands on each day."""
    made = gilt_of_the_fund(fund)
    fund.at(JULY)
    quarter = partial(accrue_treasury, fund.maya, until=date(2012, 3, 31))
    if told_late:
        quarter(key="early")
    realise(
        fund.maya,
        placement=made,
        nominal=pounds("20000.00"),
        proceeds=pounds("20300.00"),
        interest=pounds("80.00"),
        on=date(2012, 2, 9),
        key="sold",
    )
    quarter(key="late")
    stood = {
        date(2012, 2, 9): ("30550.46", "126.04", "-123.47"),
        date(2012, 3, 31): ("30466.64", "336.21", "-249.82"),
    }
    for day, there in stood.items():
        assert tuple(fund.balance("reclaim-fund", f"{code}:{made}", day) for code in ("1110", "1150", "4100")) == there
    assert fund.balance("reclaim-fund", f"5040:{made}") == "66.97"


def test_how_a_gilt_is_measured_is_told(fund: SmallBank) -> None:
    cash = {"sort": GILT, "counterparty": "HM Treasury", "amount": pounds("9.00"), "nominal": pounds("10.00")}
    gilt = cash | {"rate": Decimal("0.05"), "matures_on": JULY}
    for told, refused in (
        (gilt, "say how it is measured, cost or amortised-cost"),
        (gilt | {"measured": "fair-value"}, "is measured at cost or amortised-cost"),
        (gilt | {"measured": AMORTISED}, "how many coupons"),
        (gilt | {"measured": AT_COST, "coupons": 3}, "1, 2, 4, 12 times a year"),
        ({"sort": FUND, "counterparty": "A", "amount": pounds("9.00"), "measured": AMORTISED}, "Only a gilt"),
    ):
        with pytest.raises(BadTerms, match=refused):
            of_the_fund(fund, **told)
