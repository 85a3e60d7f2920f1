"""Liquid money placed, earning, and turned into cash again: each with its journal (row 27)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bank.allocations.commands import draw_down
from bank.limits.commands import decide_limit, propose_limit
from bank.limits.queries import house_evaluation, house_evaluations
from bank.limits.rules import PLACE, Act, LimitPassed
from bank.treasury.placements.commands import accrue_treasury, place, realise, take_income
from bank.treasury.placements.queries import NoSuchPlacement, placement, placements
from bank.treasury.placements.rules import (
    DEPOSIT,
    FUND,
    GILT,
    BeyondPlacement,
    Gone,
    Terms,
    cost_of,
    earned,
    left_of,
    sound_terms,
)
from bank.treasury.queries import headroom
from bank.treasury.rules import BadTerms, NotEnoughCash, NotEnoughHeadroom
from ledger.daycounts import DayCount
from ledger.money import NOTHING, Money
from ledger.queries import entries_behind, known
from ledger.refusals import NotAllowed
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


def journal(bank: SmallBank, placed: str) -> list[str]:
    """Every leg on the placement's own accounts, in the order posted."""
    lines = []
    with bank.database.reading() as session:
        for code in ("1100", "1110", "1120", "1150", "4100", "4040", "5040"):
            lines += [
                (line.seq, f"{line.effective_on} {code} {line.amount}")
                for line in entries_behind(session, "bank", f"{code}:{placed}")
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
    assert [str(each) for each in (home.earned, home.received, home.interest_due, home.gain, home.cost_left)] == [
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
        assert [str(each.cost_left) for each in placements(session, at=before)] == ["73000.00"]
        assert [str(each.cost_left) for each in placements(session, as_at=DAY)] == ["73000.00"]
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
    nominal_left, cost_left = left_of(terms, gone)
    assert bool(nominal_left) == bool(cost_left) or nominal_left > NOTHING
