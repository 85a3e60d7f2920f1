"""Figures of facilities that live as few do: cancelled beside a match, paid for before they pay, or days old."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import pytest

from bank.allocations.commands import draw_down, lapse
from bank.allocations.credit.commands import allow_for_loss
from bank.figures.commitments import commitments
from bank.figures.evidence import Evidence, Knowledge
from bank.figures.flows import Flows
from bank.figures.holdings import holdings
from bank.figures.portfolio import performance
from bank.figures.queries import portfolio
from bank.figures.stages import stages
from ledger.money import NOTHING, Money
from ledger.queries import known
from reports.statements import credit
from reports.statements.holdings import HoldingLine
from tests.bank.small_bank import SmallBank, pounds
from tests.bank.test_products import TERMS, happens

EMBEDDED = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
START, LATER = date(2012, 3, 1), date(2013, 6, 3)


@pytest.fixture
def bank(small_bank: SmallBank) -> SmallBank:
    small_bank.at(START)
    small_bank.capital("10000.00")
    return small_bank


def vintages(bank: SmallBank, day: date) -> Mapping[str, HoldingLine]:
    with bank.database.reading() as session:
        told = Evidence(Knowledge(session, known(session)), day)
        found = holdings(told)
        lines = {one.of: one for one in portfolio(session, as_at=day).performance if one.group == "vintage"}
    assert {key: (one.paid_in, one.paid_back) for key, one in lines.items()} == {
        one.key: (one.paid_in, one.paid_back) for one in found.vintages
    }
    assert [str(one.year) for one in found.courses] == [one.key for one in found.vintages if one.key.isdigit()]
    for sum_ in ("paid_in", "paid_back", "left"):
        assert Money.total(getattr(one, sum_) for one in found.vintages) == getattr(found.whole, sum_)
    return {one.key: one for one in found.vintages}


def test_what_others_signed_falls_away_with_the_last_of_ours_and_not_before(bank: SmallBank) -> None:
    """Ours is cancelled with theirs half paid; ours is drawn in full and theirs is not; ours still waits."""
    sums = {"others": pounds("150.00"), "of_them": pounds("50.00")}
    made = [bank.signed(bank.lender(name), "300.00", co_investor_amount=sums["others"]) for name in ("A", "B", "C")]
    for each, ours in zip(made, ("100.00", "300.00", "100.00"), strict=True):
        draw_down(
            bank.maya, facility=each.id, amount=pounds(ours), co_investor_amount=sums["of_them"], on=START,
            key=bank.key(),
        )  # fmt: skip

    def undrawn() -> Money:
        with bank.database.reading() as session:
            return commitments(Evidence(Knowledge(session, known(session)), START)).co_undrawn

    assert undrawn() == pounds("300.00")
    lapse(bank.maya, facility=made[0].id, on=START, reason="The lender has no more to lend for", key=bank.key())
    assert undrawn() == pounds("200.00")


@EMBEDDED
def test_a_vintage_begins_with_the_first_money_paid_and_not_with_a_fee_received(bank: SmallBank) -> None:
    made = bank.signed(
        bank.lender("A guarantor"), "1000.00", product="guarantee", annual_rate=Decimal(0),
        product_terms=TERMS["guarantee"],
    )  # fmt: skip
    bank.drawn(bank.lender("A lender"), "500.00")
    happens(bank, made, "issue", START, amount="800.00")
    happens(bank, made, "take-guarantee-fee", START, amount="30.00")
    before = vintages(bank, START)
    assert {key: (one.name, one.paid_in, one.paid_back) for key, one in before.items()} == {
        "2012": ("2012", pounds("500.00"), NOTHING),
        "unpaid": ("Nothing paid in yet", NOTHING, pounds("30.00")),
    }
    assert (before["unpaid"].dpi, before["unpaid"].xirr, before["unpaid"].reason) == (None, None, "nothing was paid in")
    bank.at(LATER)
    happens(bank, made, "pay-claim", LATER, loss="400.00", amount="200.00")
    after = vintages(bank, LATER)
    assert set(after) == {"2012", "2013"}
    assert (after["2013"].paid_in, after["2013"].paid_back) == (pounds("200.00"), pounds("30.00"))


DAYS = ((364, None), (365, Decimal("-0.0500000000")))


@pytest.mark.parametrize(("days", "rate"), DAYS)
def test_a_yield_is_told_of_a_year_at_least(days: int, rate: Decimal | None) -> None:
    """A pound of which ninety-five pence are left: five per cent are lost a year, and of three days nothing is said."""
    day = date.fromordinal(START.toordinal() + days)
    told = performance("", "", "", Flows(((START, -pounds("100.00")),), pounds("95.00")), day)
    assert (None if told.xirr is None else round(Decimal(told.xirr), 10)) == rate
    assert bool(told.reason) == (rate is None)
    assert (told.rvpi, told.tvpi) == (Decimal("0.9500"), Decimal("0.9500"))
    ended = performance("", "", "", Flows(((START, -pounds("100.00")), (day, pounds("95.00"))), NOTHING), LATER)
    assert ended.xirr == told.xirr


def test_what_is_allowed_for_is_measured_against_all_that_may_be_lost(bank: SmallBank) -> None:
    """A hundred of a thousand is drawn, and sixty is allowed for the whole: six in a hundred, not sixty."""
    made = bank.signed(bank.lender(), "1000.00")
    draw_down(bank.maya, facility=made.id, amount=pounds("100.00"), on=START, key=bank.key())
    allow_for_loss(bank.maya, facility=made.id, on=START, amount=pounds("60.00"), reason="By hand", key=bank.key())
    with bank.database.reading() as session:
        found = stages(Evidence(Knowledge(session, known(session)), START))
    table = next(one for one in credit.tables(found) if one.code == "credit-stages")
    cells = [str(cell) for cell in table.rows[0].cells]
    assert cells == ["1: performing", "1", "100.00", "900.00", "60.00", "3/50"]
    assert table.total is not None
    assert [str(cell) for cell in table.total.cells[1:]] == cells[1:]
