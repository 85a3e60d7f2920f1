"""Stress: the projection against a slow reckoning by hand, its properties, its scenarios, and the policy it makes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bank.allocations.commands import approve, sign
from bank.allocations.terms.rules import Agreed, Plan, Repaying
from bank.inflows.commands import (
    approve_reserve_rate,
    declare_surplus,
    distribute,
    propose_reserve_rate,
    record_receipt,
)
from bank.people.rules import SamePerson
from bank.stress.commands import approve_scenario, propose_scenario
from bank.stress.expecting import AtTheEnd, BySchedule, ByWhatIsTold, ByWhatItIsCarriedAt
from bank.stress.queries import NoSuchScenario, scenarios, scenarios_in_force, stress, told_of
from bank.stress.rules import (
    QUARTERS,
    Assumptions,
    Bank,
    BreachesStressPolicy,
    Commitment,
    Failure,
    Fund,
    Placed,
    bank_failure,
    bank_projection,
    drawdowns,
    fund_failure,
    fund_projection,
    must_hold,
    repayments,
    sound_assumptions,
)
from bank.treasury.commands import approve_liquidity_policy, propose_liquidity_policy
from bank.treasury.rules import BadTerms
from ledger.agreeing import AlreadyApproved
from ledger.dates import Quarter
from ledger.daycounts import DayCount
from ledger.money import NOTHING, Money, split
from ledger.queries import known
from ledger.rates import BEGINNING, RateHistory
from tests.bank.small_bank import SmallBank, pounds
from tests.bank.test_products import happens, signed

DAY = date(2012, 1, 10)
FIRST = Quarter(2012, 2)
CALM = Assumptions(
    claims_rate=Decimal(0),
    claims_interest=Decimal(0),
    receipts=NOTHING,
    drawn_over=20,
    repayment_shortfall=Decimal(0),
    treasury_rate=Decimal(0),
    costs=NOTHING,
    holds_for=0,
)

PENCE = st.integers(min_value=0, max_value=10**11).map(Money)
RATES = st.decimals(min_value=0, max_value=1, places=3)
DAYS = st.dates(min_value=date(2010, 1, 1), max_value=date(2025, 12, 31))
TOLD = st.builds(
    Assumptions,
    claims_rate=RATES,
    claims_interest=RATES,
    receipts=PENCE,
    drawn_over=st.integers(1, 20),
    repayment_shortfall=RATES,
    treasury_rate=RATES,
    costs=PENCE,
    holds_for=st.integers(0, 20),
)
FUNDS = st.builds(Fund, cash=PENCE, provision=PENCE, owed=PENCE, payable=PENCE, reserve_rate=RATES)
COMMITMENTS = st.builds(
    lambda outstanding, undrawn, one, other, rate, months: Commitment(
        undrawn,
        min(one, other),
        AtTheEnd(
            max(one, other),
            ((date(2010, 1, 1), outstanding),) if outstanding else (),
            rates=RateHistory.of([(BEGINNING, rate)]),
            every_months=months,
        ),
    ),
    PENCE,
    PENCE,
    DAYS,
    DAYS,
    RATES,
    st.sampled_from([0, 3, 6]),
)
PLACED = st.builds(
    lambda cost, rate, ends, locked, due: Placed(cost, cost, rate, DayCount.ACT_365F, ends, locked, due),
    PENCE,
    RATES,
    DAYS,
    st.booleans(),
    PENCE,
)
BANKS = st.builds(
    Bank,
    as_at=st.just(DAY),
    cash=PENCE,
    reserve=PENCE,
    commitments=st.lists(COMMITMENTS, max_size=3).map(tuple),
    placed=st.lists(PLACED, max_size=2).map(tuple),
)


def test_the_fund_reckoned_by_hand() -> None:
    """A thousand owed, two hundred provided; a twentieth of it claimed each quarter, a tenth on top."""
    fund = Fund(pounds("500.00"), pounds("110.00"), pounds("1000.00"), pounds("300.00"), Decimal("0.5"))
    told = replace(CALM, claims_rate=Decimal("0.2"), claims_interest=Decimal("0.1"), receipts=pounds("20.00"))
    lines = fund_projection(fund, told, FIRST)
    by_hand = [
        # claims, beyond the provision, cash, provision, owed
        ("55.00", "0.00", "165.00", "65.00", "970.00"),
        ("53.35", "0.00", "131.65", "21.65", "941.50"),
        ("51.79", "20.14", "99.86", "0.00", "914.42"),
        ("50.29", "40.29", "69.57", "0.00", "888.70"),
        ("48.88", "38.88", "40.69", "0.00", "864.26"),
        ("47.54", "37.54", "13.15", "0.00", "841.05"),
        ("46.25", "36.25", "-13.10", "0.00", "819.00"),
    ]
    assert [
        tuple(str(each) for each in (line.claims, line.beyond_provision, line.cash, line.provision, line.owed))
        for line in lines[:7]
    ] == by_hand
    assert [str(line.distributed) for line in lines[:2]] == ["300.00", "0.00"]
    assert fund_failure(lines) == Failure(Quarter(2012, 4), Quarter(2013, 4))


def test_the_bank_reckoned_by_hand() -> None:
    """A hundred drawn over two quarters, a bullet of 20.00 beside it; a deposit for a term; a tenth never comes."""
    rates = RateHistory.of([(BEGINNING, Decimal("0.0365"))])
    lent = ((date(2012, 1, 1), pounds("20.00")),)
    loan = Commitment(pounds("100.00"), date(2012, 9, 30), AtTheEnd(date(2013, 1, 1), lent, rates=rates))
    deposit = Placed(
        pounds("73.00"),
        pounds("73.00"),
        Decimal("0.01"),
        DayCount.ACT_365F,
        date(2012, 9, 30),
        locked=True,
        due=Money(4),
    )
    told = replace(CALM, repayment_shortfall=Decimal("0.1"), costs=pounds("1.00"), treasury_rate=Decimal("0.04"))
    lines = bank_projection(Bank(DAY, pounds("70.00"), pounds("15.00"), (loan,), (deposit,)), told, FIRST)
    by_hand = [
        # drawn, repaid, interest, treasury, cash, placed: the deposit earns 0.002 a day from the tenth of January on
        ("50.00", "0.00", "0.00", "0.70", "19.70", "73.00"),
        ("50.00", "0.00", "0.00", "0.77", "42.47", "0.00"),
        ("0.00", "0.00", "0.00", "0.42", "41.89", "0.00"),
        # 2.12 of interest: 20.00 for 366 days, 50.00 from the end of June and 50.00 from the end of September
        ("0.00", "108.00", "1.91", "0.42", "151.22", "0.00"),
        ("0.00", "0.00", "0.00", "1.51", "151.73", "0.00"),
    ]
    assert [
        tuple(
            str(each)
            for each in (line.drawdowns, line.repayments, line.interest, line.treasury, line.cash, line.placed)
        )
        for line in lines[:5]
    ] == by_hand
    assert bank_failure(lines) == Failure(None, None)
    thin = bank_projection(Bank(DAY, pounds("40.00"), pounds("65.00"), (loan,), (deposit,)), told, FIRST)
    assert [str(line.cash) for line in thin[:3]] == ["-10.60", "11.97", "11.09"]
    assert bank_failure(thin) == Failure(FIRST, FIRST)


def _level_hands(lent: Money, rate: Decimal, dues: list[date], first: date) -> list[tuple[date, Money, Money]]:
    """Equal principal by hand: a day at a time, each bill's interest rounded once, principal in whole pence."""
    day, left = first, lent
    flows = []
    for number, due in enumerate(dues):
        earned = Fraction(0)
        while day < due:
            earned += left.pence * Fraction(rate) / 365
            day = date.fromordinal(day.toordinal() + 1)
        part = left if number == len(dues) - 1 else min(left, Money.round_half_up(Fraction(lent.pence, len(dues))))
        flows.append((due, part, Money(int(earned + Fraction(1, 2)))))
        left -= part
    return flows


@given(
    lent=st.integers(min_value=1, max_value=10**9).map(Money),
    rate=st.decimals(min_value=0, max_value="0.2", places=4),
    instalments=st.integers(1, 24),
    told=TOLD,
    cash=PENCE,
    reserve=PENCE,
    part=st.fractions(min_value=0, max_value=1, max_denominator=1000),
)
@settings(max_examples=30, deadline=None)
def test_a_slow_projection_by_hand_comes_to_the_same_penny(
    *, lent: Money, rate: Decimal, instalments: int, told: Assumptions, cash: Money, reserve: Money, part: Fraction
) -> None:
    """A loan with agreed terms beside a promise that is repaid at its end: every day and every penny by itself.

    And the same loan again, doubtful, allowed for in part and drawn on; and one of which 70.00 is told, 5.00 sooner.
    """
    plan = Plan(Repaying.EQUAL_PRINCIPAL, date(2012, 3, 30), 3, instalments)
    agreed = Agreed(DAY, None, rate, plan)
    course = BySchedule((agreed,), ((DAY, lent),), RateHistory.of([(BEGINNING, rate)]), DayCount.ACT_365F)
    promised, ends = pounds("1234.56"), date(2014, 8, 15)
    commitments = (
        Commitment(NOTHING, DAY, course),
        Commitment(promised, date(2013, 2, 1), AtTheEnd(ends)),
        Commitment(pounds("6.00"), FIRST.ends_on, ByWhatItIsCarriedAt(course, lent, lent.times(part)), course),
        Commitment(NOTHING, DAY, ByWhatIsTold(((date(2014, 2, 3), pounds("70.00")),), pounds("5.00"))),
    )
    lines = bank_projection(Bank(DAY, cash, reserve, commitments), told, FIRST)

    flows = _level_hands(lent, rate, plan.due_days(), DAY)
    claimed = sum(principal.pence + interest.pence for _, principal, interest in flows)
    left = Fraction(lent.times(part).pence, claimed)
    flows += [(due, Money(int(one.pence * left)), Money(int(other.pence * left))) for due, one, other in flows]
    flows += [(date(2014, 2, 3), pounds("65.00"), NOTHING)]
    parts = split(promised, [1] * min(told.drawn_over, 4))
    parts[0] += pounds("6.00")
    quarter, held = FIRST, cash
    for place, line in enumerate(lines):
        since = DAY if place == 0 else quarter.starts_on
        earned = max(held, NOTHING).times(told.treasury_rate / 4)
        for due, principal, interest in flows:
            if since <= due <= quarter.ends_on:
                held += principal - principal.times(told.repayment_shortfall)
                held += interest - interest.times(told.repayment_shortfall)
        if since <= ends <= quarter.ends_on:
            held += promised - promised.times(told.repayment_shortfall)
        held += earned - told.costs - (parts[place] if place < len(parts) else NOTHING)
        assert line.cash == held, line.quarter
        quarter = quarter.next


@given(FUNDS, TOLD, RATES, RATES, PENCE)
def test_more_claims_never_make_the_first_failing_quarter_later(
    fund: Fund, told: Assumptions, one: Decimal, other: Decimal, asked: Money
) -> None:
    """More claimed a year, more interest on it, more notified: each fails in the same quarter or an earlier one."""
    less = replace(told, claims_rate=min(one, other), claims_interest=min(told.claims_interest, one))
    more = replace(told, claims_rate=max(one, other), claims_interest=max(told.claims_interest, one))
    before = fund_failure(fund_projection(fund, less, FIRST))
    worse = [
        fund_failure(fund_projection(fund, more, FIRST)),
        fund_failure(fund_projection(replace(fund, notified=fund.notified + asked), less, FIRST)),
    ]
    for after in worse:
        for was, now in ((before.reserve, after.reserve), (before.liquidity, after.liquidity)):
            if was is not None:
                assert now is not None
                assert now <= was


@given(FUNDS, TOLD)
def test_every_penny_of_the_fund_is_accounted_for(fund: Fund, told: Assumptions) -> None:
    lines = fund_projection(fund, told, FIRST)
    assert [line.quarter for line in lines][:3] == [FIRST, FIRST.next, FIRST.next.next]
    assert len(lines) == QUARTERS
    cash, owed = fund.cash, fund.owed
    for line in lines:
        assert line.cash == cash + line.receipts + line.treasury - line.claims - line.distributed
        assert NOTHING <= line.owed <= owed + line.receipts
        assert line.provision >= NOTHING
        assert NOTHING <= line.beyond_provision <= line.claims
        cash, owed = line.cash, line.owed
    assert Money.total(line.distributed for line in lines) == fund.payable


@given(BANKS, TOLD)
def test_every_penny_of_the_bank_is_accounted_for(bank: Bank, told: Assumptions) -> None:
    lines = bank_projection(bank, told, FIRST)
    whole = bank.cash + Money.total(each.cost for each in bank.placed)
    for line in lines:
        came = line.repayments + line.interest + line.treasury
        assert line.cash + line.placed == whole + came - line.drawdowns - line.costs
        assert NOTHING <= line.placed <= Money.total(each.cost for each in bank.placed if each.locked)
        whole = line.cash + line.placed
    undrawn = Money.total(each.undrawn for each in bank.commitments)
    assert Money.total(line.drawdowns for line in lines) <= undrawn
    outstanding = Money.total(
        amount
        for each in bank.commitments
        if isinstance(each.expecting, AtTheEnd)
        for _, amount in each.expecting.moved
    )
    assert Money.total(line.repayments for line in lines) <= undrawn + outstanding


@given(COMMITMENTS, st.integers(1, 20), RATES)
def test_what_is_promised_is_drawn_in_time_and_repaid_on_its_day(
    loan: Commitment, over: int, shortfall: Decimal
) -> None:
    """Against a slow reckoning: which quarters lie in the window, each asked by itself."""
    drawn = drawdowns(loan, over, FIRST)
    principal, interest = repayments(loan, drawn, shortfall, DAY, FIRST)
    quarter, window = FIRST, []
    for _ in range(QUARTERS):
        window.append(quarter == FIRST or quarter <= Quarter.of(loan.available_until))
        quarter = quarter.next
    for place, amount in enumerate(drawn):
        assert not amount or (window[place] and place < over)
    assert Money.total(drawn) == loan.undrawn
    assert isinstance(loan.expecting, AtTheEnd)
    ends = max(Quarter.of(loan.expecting.on), FIRST)
    whole = loan.undrawn + Money.total(amount for _, amount in loan.expecting.moved)
    expected = whole - whole.times(shortfall)
    assert [amount for amount in principal if amount] == ([expected] if expected and ends <= _last(FIRST) else [])
    assert all(amount >= NOTHING for amount in interest)


def _last(quarter: Quarter) -> Quarter:
    for _ in range(QUARTERS - 1):
        quarter = quarter.next
    return quarter


@given(BANKS, TOLD, PENCE, DAYS, DAYS)
def test_no_further_promise_ever_leaves_more_cash(
    bank: Bank, told: Assumptions, amount: Money, one: date, other: date
) -> None:
    until = max(min(one, other), FIRST.ends_on)
    further = Commitment(amount, until, AtTheEnd(max(one, other, until)))
    without = bank_projection(bank, told, FIRST)
    beside = bank_projection(replace(bank, commitments=(*bank.commitments, further)), told, FIRST)
    assert all(more.cash <= less.cash for more, less in zip(beside, without, strict=True))
    held, holds = bank_failure(without), bank_failure(beside)
    if held.first is not None:
        assert holds.first is not None
        assert holds.first <= held.first


@given(FUNDS, TOLD, PENCE)
def test_no_further_declaration_ever_leaves_more_cash(fund: Fund, told: Assumptions, amount: Money) -> None:
    without = fund_projection(fund, told, FIRST)
    beside = fund_projection(replace(fund, payable=fund.payable + amount), told, FIRST)
    assert all(more.cash <= less.cash for more, less in zip(beside, without, strict=True))
    assert fund_failure(beside).reserve == fund_failure(without).reserve


@given(FUNDS, BANKS, TOLD, st.integers(0, 20))
def test_the_first_failure_is_the_first(fund: Fund, bank: Bank, told: Assumptions, holds_for: int) -> None:
    of_fund, of_bank = fund_projection(fund, told, FIRST), bank_projection(bank, told, FIRST)
    bad = [line.beyond_provision > NOTHING or line.cash < NOTHING for line in of_fund]
    assert must_hold(fund_failure(of_fund), FIRST, holds_for) == (not any(bad[:holds_for]))
    bad = [line.cash + line.placed < line.reserve or line.cash < NOTHING for line in of_bank]
    assert must_hold(bank_failure(of_bank), FIRST, holds_for) == (not any(bad[:holds_for]))


@pytest.mark.parametrize(
    "changed",
    [
        {"claims_rate": Decimal("1.1")},
        {"treasury_rate": Decimal("-0.1")},
        {"receipts": Money(-1)},
        {"costs": Money(-1)},
        {"drawn_over": 0},
        {"drawn_over": 21},
        {"holds_for": 21},
        {"holds_for": -1},
    ],
)
def test_assumptions_that_cannot_be_meant_are_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(BadTerms):
        sound_assumptions(replace(CALM, **changed))


def test_a_failure_is_told_in_words() -> None:
    assert told_of("Bank", Failure(None, None)) == "Bank: reserve and cash hold"
    assert told_of("Bank", Failure(FIRST, None)) == "Bank: reserve fails in 2012Q2, cash holds"
    assert told_of("Fund", Failure(None, FIRST)) == "Fund: reserve holds, cash fails in 2012Q2"


def scenario(bank: SmallBank, name: str = "severe", *, from_on: date = DAY, **changed: Any) -> str:
    told = {each: getattr(CALM, each) for each in CALM.__slots__} | changed
    made = propose_scenario(bank.maya, name=name, from_on=from_on, basis="Minute 4 of the board", **told)
    approve_scenario(bank.tom, id=made.id)
    return made.id


@pytest.fixture
def funded(small_bank: SmallBank) -> SmallBank:
    small_bank.at(DAY)
    small_bank.capital("1000.00")
    policy = propose_liquidity_policy(small_bank.maya, fraction=Decimal("0.1"), from_on=DAY, basis="Minute 1")
    approve_liquidity_policy(small_bank.tom, id=policy.id)
    return small_bank


def test_a_scenario_takes_two_people_and_a_later_one_takes_its_place(funded: SmallBank) -> None:
    told = {each: getattr(CALM, each) for each in CALM.__slots__}
    made = propose_scenario(funded.maya, name="severe", from_on=DAY, basis="Minute 4", **told)
    with pytest.raises(SamePerson):
        approve_scenario(funded.maya, id=made.id)
    with funded.database.reading() as session:
        assert stress(session) == []
        with pytest.raises(NoSuchScenario):
            stress(session, scenario="severe")
    approve_scenario(funded.tom, id=made.id)
    with pytest.raises(AlreadyApproved):
        approve_scenario(funded.tom, id=made.id)
    with pytest.raises(NoSuchScenario):
        approve_scenario(funded.tom, id="scn_none")
    with pytest.raises(BadTerms, match="rest on"):
        propose_scenario(funded.maya, name="severe", from_on=DAY, basis="", **told)
    later = scenario(funded, from_on=date(2012, 1, 20))
    with funded.database.reading() as session:
        assert [each.id for each in scenarios_in_force(session, DAY)] == [made.id]
        assert [each.id for each in scenarios_in_force(session, date(2012, 1, 20))] == [later]
        assert len(scenarios(session)) == 2


def test_a_promise_that_would_breach_the_policy_is_refused_with_the_figures(funded: SmallBank) -> None:
    """900.00 of the 1000.00 may be promised by headroom; the scenario's costs leave less."""
    lender = funded.lender()
    first = funded.proposed(lender, "500.00")
    second = funded.proposed(lender, "390.00")
    scenario(funded, costs=pounds("5.00"), drawn_over=2, holds_for=8)
    approve(funded.tom, facility=first.id, key="1")
    with funded.database.reading() as session:
        before = known(session)
    with pytest.raises(
        BreachesStressPolicy,
        match=r"390\.00 more .*'severe' .* be 95\.00 at the end of 2012Q4, with 0\.00 placed, below the 100\.00",
    ):
        approve(funded.tom, facility=second.id, key="2")
    with funded.database.reading() as session:
        assert known(session) == before
        (found,) = stress(session)
    assert (found.holds, found.bank_reserve_fails, str(found.bank[1].cash)) == (True, None, "490.00")
    approve(funded.tom, facility=funded.proposed(lender, "300.00").id, key="3")
    signed = sign(funded.maya, facility=first.id, key="4")
    assert signed.state == "signed"


def test_a_guarantee_may_be_called_as_well_once_it_is_issued_as_before(funded: SmallBank) -> None:
    made = signed(funded, "guarantee", "500.00")
    scenario(funded, costs=pounds("5.00"), drawn_over=2, holds_for=8)
    loan = funded.proposed(funded.lender(), "390.00")
    for number, issue in enumerate((False, True)):
        if issue:
            happens(funded, made, "issue", on=DAY, amount="500.00", beneficiary="A lender")
        with funded.database.reading() as session:
            (found,) = stress(session)
        assert Money.total(quarter.drawdowns for quarter in found.bank) == pounds("500.00"), issue
        with pytest.raises(BreachesStressPolicy):
            approve(funded.tom, facility=loan.id, key=f"try {number}")


def test_what_was_approved_before_the_policy_is_refused_at_the_signature(funded: SmallBank) -> None:
    made = funded.proposed(funded.lender(), "890.00")
    approve(funded.tom, facility=made.id, key="1")
    scenario(funded, costs=pounds("6.00"), drawn_over=1, holds_for=4)
    with pytest.raises(BreachesStressPolicy, match=r"98\.00 at the end of 2012Q3"):
        sign(funded.maya, facility=made.id, key="2")
    funded.at(date(2012, 1, 11))
    scenario(funded, from_on=date(2012, 1, 11), costs=pounds("6.00"), drawn_over=1, holds_for=1)
    sign(funded.maya, facility=made.id, key="3")


def test_a_scenario_that_is_only_shown_refuses_nothing(funded: SmallBank) -> None:
    scenario(funded, costs=pounds("900.00"))
    made = funded.proposed(funded.lender(), "890.00")
    approve(funded.tom, facility=made.id, key="1")
    with funded.database.reading() as session:
        (found,) = stress(session)
    assert (found.holds, found.bank_reserve_fails, found.bank_liquidity_fails) == (None, FIRST, Quarter(2012, 3))


def test_surplus_that_claims_may_need_is_not_declared(small_bank: SmallBank) -> None:
    small_bank.at(DAY)
    rate = propose_reserve_rate(
        small_bank.maya, asset_class="bank-account", rate=Decimal("0.4"), from_on=DAY, basis="Actuary's letter"
    )
    approve_reserve_rate(small_bank.tom, id=rate.id)
    record_receipt(
        small_bank.maya,
        participant="A bank",
        amount=pounds("1000.00"),
        consented_on=DAY,
        received_on=DAY,
        key="1",
    )
    scenario(small_bank, "run", claims_rate=Decimal("0.8"), holds_for=2)
    declare_surplus(small_bank.maya, amount=pounds("600.00"), on=DAY, key="2")
    with small_bank.database.reading() as session:
        (found,) = stress(session, scenario="run")
    told = (found.fund_reserve_fails, found.fund_liquidity_fails, found.holds)
    assert told == (Quarter(2012, 4), Quarter(2012, 4), True)
    assert [str(line.claims) for line in found.fund[:3]] == ["200.00", "160.00", "128.00"]
    small_bank.at(date(2012, 1, 11))
    scenario(small_bank, "run", claims_rate=Decimal("0.8"), holds_for=3)
    record_receipt(
        small_bank.maya, participant="A bank", amount=pounds("0.10"), consented_on=DAY, received_on=DAY, key="4"
    )
    for act in (declare_surplus, distribute):
        with pytest.raises(BreachesStressPolicy, match=r"of that quarter's 128\.0\d in claims would go beyond"):
            act(small_bank.maya, amount=pounds("0.01"), on=DAY, key="5")
