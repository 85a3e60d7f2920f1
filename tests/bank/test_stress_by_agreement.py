"""The projection reads each facility's own agreement and each placement's own terms, and not a rate for all of them."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import Any

from bank.allocations.commands import draw_down, record_event
from bank.allocations.instalments import schedule
from bank.allocations.terms.commands import approve_terms, propose_terms
from bank.stress.expecting import AtTheEnd, ByNothing, BySchedule, Flow
from bank.stress.queries import bank_stands
from bank.stress.rules import BankQuarter, bank_projection, repayments
from bank.treasury.placements.commands import accrue_treasury, place
from ledger.dates import Quarter
from ledger.money import NOTHING, Money
from tests.bank.small_bank import SmallBank, pounds
from tests.bank.test_stress import CALM

START = date(2012, 1, 10)
FIRST = Quarter(2012, 2)


def projected(bank: SmallBank) -> list[BankQuarter]:
    with bank.database.reading() as session:
        return bank_projection(bank_stands(session, START), CALM, FIRST)


def test_every_facility_pays_by_its_own_schedule(small_bank: SmallBank) -> None:
    """A levelled loan by its instalments, a bond by its coupons and face, shares by nothing; a deposit on its day."""
    bank = small_bank
    bank.at(START)
    bank.capital("100000.00")
    lender, away = bank.lender(), {"available_until": date(2012, 3, 31)}
    loan = bank.signed(lender, "12000.00", **away)
    told: dict[str, Any] = {"rate": Decimal("0.06"), "repayment": "level", "first_due_on": date(2012, 4, 10)}
    terms = propose_terms(bank.maya, facility=loan.id, from_on=START, every_months=3, instalments=8, key="t", **told)
    approve_terms(bank.tom, id=terms.id, key="a")
    draw_down(bank.maya, facility=loan.id, amount=pounds("12000.00"), on=START, key="d")
    bond = bank.signed(
        lender,
        "1000.00",
        product="charity-bond",
        annual_rate=Decimal("0.0365"),
        matures_on=date(2013, 1, 10),
        product_terms={"coupon_months": "6"},
        **away,
    )
    record_event(bank.maya, facility=bond.id, verb="buy", on=START, told={"amount": "1000.00"}, key="b")
    shares = bank.signed(
        lender, "500.00", product="equity", annual_rate=Decimal(0), product_terms={"share_class": "Ordinary"}, **away
    )
    record_event(bank.maya, facility=shares.id, verb="buy", on=START, told={"amount": "500.00"}, key="s")
    ends = date(2012, 7, 10)
    deposit = {"sort": "deposit", "counterparty": "Bank One", "rate": Decimal("0.01"), "matures_on": ends}
    place(bank.maya, amount=pounds("73000.00"), on=START, key="p", **deposit)  # type: ignore[arg-type]
    accrue_treasury(bank.maya, until=START, key="q")

    lines = projected(bank)
    principal: defaultdict[Quarter, Money] = defaultdict(lambda: NOTHING)
    interest: defaultdict[Quarter, Money] = defaultdict(lambda: NOTHING)
    with bank.database.reading() as session:
        stands = bank_stands(session, START)
        for each in schedule(session, loan.id).instalments:
            principal[Quarter.of(each.due_on)] += each.principal
            interest[Quarter.of(each.due_on)] += each.interest
    principal[Quarter(2013, 1)] += pounds("1000.00")
    interest[Quarter(2012, 3)] += pounds("18.20")  # 182 days to the tenth of July, and 184 to the end, at 0.10 a day
    interest[Quarter(2013, 1)] += pounds("18.40")
    for line in lines:
        assert (line.repayments, line.interest) == (principal[line.quarter], interest[line.quarter]), line.quarter
    assert {type(each.expecting) for each in stands.commitments} == {BySchedule, AtTheEnd, ByNothing}
    assert [(str(line.treasury), str(line.placed)) for line in lines[:3]] == [
        ("0.00", "73000.00"),
        ("364.00", "0.00"),
        ("0.00", "0.00"),
    ]
    assert lines[-1].cash == pounds("100000.00") - pounds("500.00") + pounds("364.00") + Money.total(interest.values())


def test_what_is_drawn_later_is_spread_over_the_instalments_still_to_come(small_bank: SmallBank) -> None:
    bank = small_bank
    bank.at(START)
    bank.capital("100000.00")
    loan = bank.signed(bank.lender(), "900.00", available_until=date(2012, 9, 30))
    told: dict[str, Any] = {"rate": Decimal(0), "repayment": "equal-principal", "first_due_on": date(2012, 6, 11)}
    terms = propose_terms(bank.maya, facility=loan.id, from_on=START, every_months=3, instalments=4, key="t", **told)
    approve_terms(bank.tom, id=terms.id, key="a")
    draw_down(bank.maya, facility=loan.id, amount=pounds("300.00"), on=START, key="d")
    lines = projected(bank)
    assert [(str(line.drawdowns), str(line.repayments)) for line in lines[:5]] == [
        ("300.00", "75.00"),
        ("300.00", "175.00"),
        ("0.00", "325.00"),
        ("0.00", "325.00"),
        ("0.00", "0.00"),
    ]


def test_what_is_overdue_is_expected_at_once_and_what_never_comes_is_left_out(small_bank: SmallBank) -> None:
    """A bullet of a year ago that has not come: all of it in the first quarter, less a fifth."""
    bank = small_bank
    bank.at(START)
    bank.capital("1000.00")
    made = bank.drawn(bank.lender(), "200.00", matures_on=date(2012, 2, 10), available_until=date(2012, 1, 31))
    bank.at(date(2012, 4, 12))
    with bank.database.reading() as session:
        (commitment,) = bank_stands(session, date(2012, 4, 12)).commitments
    assert commitment.expecting.coming([], date(2012, 4, 12)) == [Flow(date(2012, 4, 12), made.amount, NOTHING)]
    principal, interest = repayments(commitment, [NOTHING] * 20, Decimal("0.2"), date(2012, 4, 12), Quarter(2012, 3))
    assert [str(each) for each in principal[:2]] == ["160.00", "0.00"]
    assert not any(interest)
