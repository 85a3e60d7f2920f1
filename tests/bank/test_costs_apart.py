"""What lending through others costs: what the bank itself charged an intermediary is income of its own, and no cost."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from bank.allocations.commands import draw_down, repay, take_fee
from bank.figures.bounds import costs
from bank.figures.evidence import Evidence, Knowledge
from bank.figures.queries import figure, portfolio
from ledger.commands import post
from ledger.entries import Entry, Posting
from ledger.queries import known
from reports.statements.bounds import CostLine
from tests.bank.small_bank import SmallBank, pounds
from tests.bank.test_loan_journals import agreed
from tests.bank.test_products import happens, signed

START = date(2012, 1, 10)
LATE = START + timedelta(days=150)


@pytest.fixture
def lending(small_bank: SmallBank) -> SmallBank:
    small_bank.at(START)
    small_bank.capital("1000000.00")
    return small_bank


def told(bank: SmallBank) -> list[CostLine]:
    with bank.database.reading() as session:
        return list(costs(Evidence(Knowledge(session, known(session)), LATE)))


def apart(bank: SmallBank) -> list[tuple[str, str]]:
    return [(str(line.costs), str(line.charged)) for line in told(bank)]


def test_an_arrangement_fee_withheld_is_charged_and_no_cost(lending: SmallBank) -> None:
    made = lending.signed(lending.lender(), "100000.00")
    agreed(lending, made.id, arrangement_fee=pounds("1000.00"), fee_withheld=True)
    draw_down(lending.maya, facility=made.id, amount=made.amount, on=START, key="draw")
    assert apart(lending) == [("0.00", "1000.00")]
    with lending.maya.writing() as work:
        legs = (Posting(f"5300:{made.id}", pounds("400.00")), Posting(f"1000:{made.id}", -pounds("400.00")))
        post(work, Entry("surveyor", made.intermediary, START, "A surveyor's fee", legs, kind="adjustment"))
    assert apart(lending) == [("400.00", "1000.00")]
    with lending.database.reading() as session:
        (line,) = portfolio(session, as_at=LATE).costs
        assert (str(line.costs), str(line.charged), line.cost_share) == ("400.00", "1000.00", Decimal("0.0040"))
        assert figure(session, "cost_of_intermediation", as_at=LATE).figure.value == Decimal("0.0040")


def test_a_fee_paid_in_and_a_commitment_fee_are_charged_too(lending: SmallBank) -> None:
    made = lending.signed(lending.lender(), "36500.00").id
    agreed(lending, made, arrangement_fee=pounds("365.00"), commitment_fee=Decimal("0.02"))
    draw_down(lending.maya, facility=made, amount=pounds("18250.00"), on=START, key="draw")
    take_fee(lending.maya, facility=made, on=START, key="fee")
    lending.at(LATE)
    repay(lending.maya, facility=made, amount=pounds("100.00"), on=LATE, key="paid")
    (line,) = told(lending)
    assert str(line.costs) == "0.00"
    assert line.charged > pounds("365.00"), "and what of the payment went to the commitment fee"


def test_what_a_fund_calls_for_the_fees_of_its_manager_is_a_cost(lending: SmallBank) -> None:
    made = signed(lending, "fund-commitment")
    happens(lending, made, "call", amount="400.00", fees_inside="20.00", fees_outside="5.00")
    assert apart(lending) == [("20.00", "0.00")]
