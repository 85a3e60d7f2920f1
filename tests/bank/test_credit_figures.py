"""The figures of credit, each worked out here another way: by days, by present values, and from the facilities."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from bank.allocations.commands import accrue_all, allow_for_all, draw_down, move_stage, repay, take_fee
from bank.allocations.queries import all_facilities
from bank.figures.queries import figures
from ledger.money import NOTHING, Money
from ledger.yields import effective_interest_by_date
from tests.bank.small_bank import SmallBank, pounds
from tests.bank.test_loan_journals import agreed, assumed

START, YEAR_ON = date(2013, 1, 10), date(2014, 1, 10)


@pytest.fixture
def lent(small_bank: SmallBank) -> SmallBank:
    """Two loans of 60,000 out of 100,000 at 10 %: the fee of one withheld, that of the other paid in."""
    bank = small_bank
    bank.at(START)
    bank.capital("1000000.00")
    for stage, probability in ((1, "0.02"), (3, "1")):
        assumed(bank, stage, probability, "0.45")
    for number, withheld in enumerate((True, False)):
        made = bank.signed(bank.lender(f"Lender {number}"), "100000.00", annual_rate=Decimal("0.10"))
        agreed(
            bank,
            made.id,
            START,
            first_due_on=YEAR_ON,
            instalments=3,
            roll="none",
            arrangement_fee=pounds("2000.00"),
            fee_withheld=withheld,
            commitment_fee=Decimal("0.01"),
        )
        draw_down(bank.maya, facility=made.id, amount=pounds("60000.00"), on=START, key=f"draw {number}")
        if not withheld:
            take_fee(bank.maya, facility=made.id, on=START, key="fee")
    bank.at(YEAR_ON)
    accrue_all(bank.maya, until=YEAR_ON, key="accrue")
    move_stage(bank.maya, facility=made.id, stage=3, on=YEAR_ON, reason="Insolvent", key="stage")
    repay(bank.maya, facility=made.id, interest=pounds("1000.00"), fees=pounds("100.00"), on=YEAR_ON, key="repay")
    allow_for_all(bank.maya, on=YEAR_ON, key="allow")
    return bank


def told(bank: SmallBank, as_at: date = YEAR_ON) -> dict[str, object]:
    with bank.database.reading() as session:
        return {one.code: one.value for one in figures(session, as_at=as_at).figures}


def test_the_figures_of_credit_are_what_days_and_present_values_come_to(lent: SmallBank) -> None:
    sheet = told(lent)
    assert sheet["arrangement_fees"] == pounds("4000.00")
    assert sheet["commitment_fees"] == pounds("800.00")  # a year of 1 % on 40,000, twice
    assert sheet["fees_due"] == pounds("700.00")
    assert sheet["interest_receivable"] == pounds("11000.00")  # a year of 10 % on 60,000, twice, less 1,000 paid
    flows = [
        (START, -pounds("58000.00")),
        *((YEAR_ON + timedelta(days=365 * year), pounds("6000.00")) for year in (0, 1)),
    ]
    table = effective_interest_by_date([*flows, (YEAR_ON + timedelta(days=730), pounds("66000.00"))])
    earned = table.periods[0].interest - pounds("6000.00")
    assert isinstance(sheet["fees_to_earn"], Money)
    assert abs(sheet["fees_to_earn"].pence - 2 * (pounds("2000.00") - earned).pence) <= 2


def test_the_allowance_is_the_sum_of_the_loans_and_its_cost_is_what_it_grew_by(lent: SmallBank) -> None:
    sheet = told(lent)
    with lent.database.reading() as session:
        held = [view.figures.loss_allowance for view in all_facilities(session, as_at=YEAR_ON)]
    assert all(amount > NOTHING for amount in held)
    assert sheet["loss_allowance"] == sheet["impairment"] == Money.total(held)
    # the one in stage 3 owes 60,000 and 5,000 of interest, less its fee still to be earned, and loses 45 % of it
    left = sheet["fees_to_earn"]
    assert isinstance(left, Money)
    gross = pounds("65000.00") - left.times(Decimal("0.5"))
    assert abs(max(held).pence - gross.times(Decimal("0.45")).pence) <= 1
    before = told(lent, YEAR_ON - timedelta(days=1))
    assert (before["loss_allowance"], before["impairment"]) == (NOTHING, NOTHING)
