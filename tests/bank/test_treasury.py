from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bank.allocations.commands import approve
from bank.capital.queries import subscriptions
from bank.people.rules import SamePerson
from bank.treasury.commands import (
    NoSuchPolicy,
    approve_liquidity_policy,
    hold_headroom,
    propose_liquidity_policy,
)
from bank.treasury.queries import headroom, liquidity_policies, lowest_balance
from bank.treasury.rules import BadTerms, NotEnoughHeadroom, Parts, lowest, refuse_over_headroom
from ledger.agreeing import AlreadyApproved
from ledger.money import Money
from ledger.queries import known
from ledger.refusals import NotAllowed
from tests.bank.small_bank import SmallBank, pounds

DAY = date(2012, 1, 10)
PENCE = st.integers(min_value=-(10**12), max_value=10**12).map(Money)


def policy(bank: SmallBank, fraction: str, from_on: date = DAY) -> str:
    made = propose_liquidity_policy(
        bank.maya, fraction=Decimal(fraction), from_on=from_on, basis="Minute 12 of the board"
    )
    approve_liquidity_policy(bank.tom, id=made.id)
    return made.id


@pytest.fixture
def funded(small_bank: SmallBank) -> SmallBank:
    small_bank.at(DAY)
    small_bank.capital("1000.00")
    return small_bank


def test_without_a_policy_the_reserve_is_nil_and_says_so(funded: SmallBank) -> None:
    with funded.database.reading() as session:
        view = headroom(session)
    assert (str(view.cash), str(view.reserve), str(view.headroom), view.policy) == ("1000.00", "0.00", "1000.00", None)
    assert "No liquidity policy is approved" in view.note


def test_headroom_is_cash_less_reserve_less_undrawn_with_every_part_shown(funded: SmallBank) -> None:
    made = policy(funded, "0.25")
    lender = funded.lender()
    funded.signed(lender, "300.00")
    funded.drawn(lender, "100.00")
    approve(funded.tom, facility=funded.proposed(lender, "50.00").id, key="1")
    with funded.database.reading() as session:
        view = headroom(session)
    assert (str(view.cash), str(view.reserve), str(view.undrawn_commitments), str(view.approved_in_principle)) == (
        "900.00",
        "250.00",
        "300.00",
        "50.00",
    )
    assert (str(view.headroom), str(view.free_to_approve), view.policy) == ("350.00", "300.00", made)


def test_a_policy_holds_from_its_day_and_the_later_one_from_its_own(funded: SmallBank) -> None:
    policy(funded, "0.1")
    policy(funded, "0.2", DAY + timedelta(days=30))
    with funded.database.reading() as session:
        assert str(headroom(session, DAY).reserve) == "100.00"
        assert str(headroom(session, DAY + timedelta(days=29)).reserve) == "100.00"
        assert str(headroom(session, DAY + timedelta(days=30)).reserve) == "200.00"
        assert headroom(session, DAY - timedelta(days=1)).reserve_fraction is None


def test_a_policy_approved_later_was_not_known_before(funded: SmallBank) -> None:
    with funded.database.reading() as session:
        before = known(session)
    funded.at(DAY + timedelta(days=1))
    policy(funded, "0.1")
    with funded.database.reading() as session:
        assert headroom(session, DAY, before).reserve_fraction is None
        assert headroom(session, DAY).reserve_fraction == Decimal("0.1")


def test_a_policy_takes_two_people(funded: SmallBank) -> None:
    made = propose_liquidity_policy(funded.maya, fraction=Decimal("0.1"), from_on=DAY, basis="Minute 12")
    with funded.database.reading() as session:
        assert headroom(session).policy is None
    with pytest.raises(SamePerson):
        approve_liquidity_policy(funded.maya, id=made.id)
    with pytest.raises(NotAllowed):
        approve_liquidity_policy(funded.desks["ada"], id=made.id)
    approve_liquidity_policy(funded.tom, id=made.id)
    with pytest.raises(AlreadyApproved):
        approve_liquidity_policy(funded.tom, id=made.id)
    with pytest.raises(NoSuchPolicy):
        approve_liquidity_policy(funded.tom, id="pol_none")
    with funded.database.reading() as session:
        assert [each.approved_by for each in liquidity_policies(session)] == [funded.tom.actor.id]


@pytest.mark.parametrize(("fraction", "basis"), [("1.01", "x"), ("-0.1", "x"), ("NaN", "x"), ("0.1", " ")])
def test_a_policy_that_cannot_be_meant_is_refused(funded: SmallBank, fraction: str, basis: str) -> None:
    with pytest.raises(BadTerms):
        propose_liquidity_policy(funded.maya, fraction=Decimal(fraction), from_on=DAY, basis=basis)


def test_the_reserve_keeps_approvals_back(funded: SmallBank) -> None:
    policy(funded, "0.4")
    made = funded.proposed(funded.lender(), "600.01")
    with pytest.raises(
        NotEnoughHeadroom,
        match=r"600\.00 is free, of 1000\.00 in cash and 0\.00 in treasury less 400\.00 kept in reserve",
    ):
        approve(funded.tom, facility=made.id, key="1")


def test_cash_that_came_later_is_not_there_before(funded: SmallBank) -> None:
    funded.at(DAY + timedelta(days=10))
    funded.capital("500.00")
    with funded.database.reading() as session:
        assert str(lowest_balance(session, "bank", "1000", DAY)) == "1000.00"
        assert str(lowest_balance(session, "bank", "1000", DAY - timedelta(days=1))) == "0.00"
        assert str(lowest_balance(session, "bank", "1000", DAY + timedelta(days=10))) == "1500.00"
        assert [str(each.amount) for each in subscriptions(session, as_at=DAY)] == ["1000.00"]


def test_holding_the_cash_twice_in_one_act_is_holding_it_once(funded: SmallBank) -> None:
    with funded.maya.writing() as work:
        hold_headroom(work)
        hold_headroom(work)


@given(PENCE, st.lists(PENCE))
def test_the_lowest_is_the_least_of_all_running_balances(start: Money, movements: list[Money]) -> None:
    running = list(accumulate((each.pence for each in movements), initial=start.pence))
    assert lowest(start, movements) == Money(min(running))


@given(PENCE, PENCE, PENCE, PENCE, st.decimals(min_value=0, max_value=1, places=3), PENCE)
def test_nothing_beyond_what_is_free_is_let_through(
    cash: Money, capital: Money, undrawn: Money, in_principle: Money, fraction: Decimal, amount: Money
) -> None:
    parts = Parts(cash, capital, fraction, undrawn, in_principle)
    assert parts.free_to_approve + in_principle == parts.headroom
    assert parts.headroom + undrawn + parts.reserve == cash
    if amount > parts.headroom:
        with pytest.raises(NotEnoughHeadroom):
            refuse_over_headroom(amount, parts.headroom, parts, "Approving")
    else:
        refuse_over_headroom(amount, parts.headroom, parts, "Approving")


def test_a_payment_of_pence_is_not_lost_in_the_reserve() -> None:
    parts = Parts(pounds("0.03"), pounds("0.05"), Decimal("0.5"), pounds("0.00"), pounds("0.00"))
    assert (str(parts.reserve), str(parts.headroom)) == ("0.03", "0.00")
