"""Whatever makes the bank promise more, have money later or tie it up is read against the stress policy."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from bank.allocations.commands import capitalise, draw_down
from bank.allocations.life.commands import amend
from bank.allocations.terms.commands import approve_terms, propose_terms
from bank.inflows.commands import (
    approve_dormancy_period,
    approve_reserve_rate,
    propose_dormancy_period,
    propose_reserve_rate,
    record_receipt,
)
from bank.proposals.commands import approve_proposal, decide
from bank.stress.expecting import BySchedule
from bank.stress.queries import bank_stands, stress
from bank.stress.rules import BreachesStressPolicy
from bank.treasury.placements.commands import place
from ledger.money import NOTHING, Money
from tests.bank.small_bank import SmallBank, pounds
from tests.bank.test_stress import DAY, funded, scenario

__all__ = ("funded",)
EMBEDDED = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
ENDS = date(2013, 1, 10)


def lent(bank: SmallBank, amount: str = "800.00") -> str:
    """A loan that comes back on one day of the fourth quarter ahead: until then 200 of the 1,000 is left in cash."""
    made = bank.signed(bank.lender(), amount, available_until=date(2012, 3, 31), matures_on=ENDS)
    draw_down(bank.maya, facility=made.id, amount=pounds(amount), on=DAY, key=bank.key())
    return made.id


def later(bank: SmallBank, facility: str, matures_on: date) -> str:
    return amend(
        bank.maya,
        facility=facility,
        effective_on=DAY,
        matures_on=matures_on,
        words="Longer",
        reason="Asked for",
        key=bank.key(),
    ).id


def costs(bank: SmallBank, **changed: Any) -> None:
    """Twenty a quarter: 200 lasts for five quarters above the 100 that is kept, if nothing comes home."""
    scenario(bank, costs=pounds("20.00"), drawn_over=1, **({"holds_for": 8} | changed))


def test_money_that_would_come_home_later_is_not_agreed_to_where_it_is_missed(funded: SmallBank) -> None:
    made = lent(funded)
    before = later(funded, made, date(2015, 1, 10))
    costs(funded)
    with pytest.raises(
        BreachesStressPolicy, match=r"cannot be amended so: .*'severe'.* be 80\.00 at the end of 2013Q3"
    ):
        later(funded, made, date(2015, 1, 10))
    with pytest.raises(BreachesStressPolicy, match="at the end of 2013Q3"):
        decide(funded.tom, on=before, approve=True, key=funded.key())
    sooner = later(funded, made, ENDS + timedelta(days=60))
    decide(funded.tom, on=sooner, approve=True, key=funded.key())
    assert str(funded.facility(made).matures_on) == "2013-03-11"


def terms(bank: SmallBank, facility: str, **changed: Any) -> str:
    told: dict[str, Any] = {"from_on": DAY, "repayment": "equal-principal", "first_due_on": date(2012, 4, 10)}
    told |= {"rate": Decimal(0), "every_months": 3, "instalments": 4, "reason": "Arrears"}
    return propose_terms(bank.maya, facility=facility, key=bank.key(), **(told | changed)).id


def test_terms_that_put_payments_off_are_not_agreed_to_where_they_are_missed(funded: SmallBank) -> None:
    made = funded.signed(funded.lender(), "800.00", available_until=date(2012, 3, 31), matures_on=date(2020, 1, 10)).id
    approve_terms(funded.tom, id=terms(funded, made), key=funded.key())
    draw_down(funded.maya, facility=made, amount=pounds("800.00"), on=DAY, key=funded.key())
    funded.at(date(2012, 1, 20))
    off = {"from_on": date(2012, 1, 20), "capital_holiday": 12, "instalments": 16}
    before = terms(funded, made, **off)
    costs(funded)
    with pytest.raises(BreachesStressPolicy, match=r"cannot be given these terms: .*'severe'"):
        terms(funded, made, **off)
    with pytest.raises(BreachesStressPolicy):
        approve_proposal(funded.tom, proposal=before, key=funded.key())
    a_little = terms(funded, made, from_on=date(2012, 1, 20), capital_holiday=1, instalments=5)
    approve_proposal(funded.tom, proposal=a_little, key=funded.key())


@EMBEDDED
def test_cash_is_not_tied_up_that_would_be_missed_and_what_can_be_had_at_once_is_none(funded: SmallBank) -> None:
    costs(funded, holds_for=4)
    tied: dict[str, Any] = {"counterparty": "Bank One", "on": DAY, "rate": Decimal(0), "sort": "deposit"}
    with pytest.raises(
        BreachesStressPolicy, match=r"925\.00 more cannot be placed so: .*be -5\.00 at the end of 2013Q1"
    ):
        place(funded.maya, amount=pounds("925.00"), matures_on=date(2014, 1, 10), key="a", **tied)
    place(funded.maya, amount=pounds("925.00"), matures_on=date(2012, 8, 10), key="b", **tied)
    place(funded.maya, amount=pounds("50.00"), key="c", **tied)  # repaid on demand


@EMBEDDED
def test_what_leaves_the_bank_no_less_is_not_refused_though_the_policy_is_breached(funded: SmallBank) -> None:
    """The bank fails without it as well: nobody is kept from having money sooner."""
    made = lent(funded, "880.00")
    funded.at(date(2012, 1, 20))
    scenario(funded, from_on=date(2012, 1, 20), costs=pounds("30.00"), drawn_over=1, holds_for=2)
    asked = amend(
        funded.maya,
        facility=made,
        effective_on=date(2012, 1, 20),
        matures_on=date(2012, 12, 10),
        words="Sooner",
        reason="Asked for",
        key=funded.key(),
    )
    decide(funded.tom, on=asked.id, approve=True, key=funded.key())
    assert str(funded.facility(made).matures_on) == "2012-12-10"


@EMBEDDED
def test_interest_made_principal_comes_later_and_does_not_come_twice(funded: SmallBank) -> None:
    made = funded.signed(
        funded.lender(),
        "800.00",
        available_until=date(2012, 3, 31),
        matures_on=date(2020, 1, 10),
        annual_rate=Decimal("0.1"),
    ).id
    told = {"rate": Decimal("0.2"), "every_months": 12, "first_due_on": date(2013, 1, 10), "instalments": 7}
    approve_terms(funded.tom, id=terms(funded, made, repayment="bullet", **told), key=funded.key())
    draw_down(funded.maya, facility=made, amount=pounds("800.00"), on=DAY, key=funded.key())
    funded.at(date(2012, 12, 31))

    def interest() -> Money:
        with funded.database.reading() as session:
            expecting = bank_stands(session, date(2012, 12, 31)).commitments[0].expecting
        assert isinstance(expecting, BySchedule)
        return expecting.coming([], date(2012, 12, 31))[0].interest

    def made_principal() -> object:
        return capitalise(funded.maya, facility=made, on=date(2012, 12, 31), reason="Clause 9", key=funded.key())

    scenario(funded, from_on=date(2012, 12, 31), costs=pounds("60.00"), holds_for=4)
    assert interest() == pounds("160.00") + pounds("0.44")
    with pytest.raises(BreachesStressPolicy, match=r"of interest cannot be made principal: .* of 2013Q2"):
        made_principal()
    funded.at(date(2012, 12, 31))
    scenario(funded, "severe", from_on=date(2012, 12, 31), costs=NOTHING, holds_for=4)
    made_principal()
    assert interest() < pounds("6.00")


@EMBEDDED
def test_what_will_come_is_reserved_at_each_classs_own_rate_as_approved_for_each_quarter(small_bank: SmallBank) -> None:
    """Three parts of accounts at 0.4 and one of insurance at 0.8, which is to be 0.6 from July on."""
    day = date(2023, 1, 10)
    small_bank.at(day)
    period = propose_dormancy_period(
        small_bank.maya, asset_class="insurance", years=7, from_on=day, source="Example order"
    )
    approve_dormancy_period(small_bank.tom, id=period.id)
    for name, part, from_on in (
        ("bank-account", "0.4", day),
        ("insurance", "0.8", day),
        ("insurance", "0.6", date(2023, 7, 1)),
    ):
        rate = propose_reserve_rate(
            small_bank.maya, asset_class=name, rate=Decimal(part), from_on=from_on, basis="Actuary's letter"
        )
        approve_reserve_rate(small_bank.tom, id=rate.id)
    told: dict[str, Any] = {"participant": "A bank", "consented_on": day, "received_on": day}
    record_receipt(small_bank.maya, amount=pounds("300.00"), key="1", **told)
    record_receipt(small_bank.maya, amount=pounds("100.00"), key="2", asset_class="insurance", **told)
    scenario(small_bank, "quiet", from_on=day, receipts=pounds("100.00"))
    with small_bank.database.reading() as session:
        (found,) = stress(session, scenario="quiet")
    held = [str(line.provision) for line in found.fund[:3]]
    assert held == ["250.00", "295.00", "340.00"]  # 200 now; 50, then 45 a quarter
