"""What a product's terms promise is held to: notice, the cap on dividends, the grant line, a share caught up with."""

from __future__ import annotations

from datetime import date

import pytest

from bank.allocations.commands import approve
from bank.allocations.life.commands import describe
from bank.allocations.products.shape import BeyondTerms
from bank.limits.commands import decide_limit, propose_limit
from bank.limits.rules import LimitPassed
from tests.bank.small_bank import SmallBank, pounds
from tests.bank.test_products import START, TERMS, happens, posts, signed


@pytest.fixture
def lending(small_bank: SmallBank) -> SmallBank:
    small_bank.at(START)
    small_bank.capital("1000000.00")
    return small_bank


@pytest.mark.parametrize("product", ["fund-commitment", "property-fund-interest"])
def test_a_call_with_less_notice_than_agreed_is_refused_unless_that_is_waived(lending: SmallBank, product: str) -> None:
    """Ten business days from Thursday, 5 April 2012 end on Monday, 23 April: Easter lies between."""
    made = signed(lending, product, notice_days="10")
    noticed, due = date(2012, 4, 5), date(2012, 4, 23)
    lending.at(due)
    with pytest.raises(BeyondTerms, match="noticed_on"):
        happens(lending, made, "call", on=due, amount="400.00")
    with pytest.raises(BeyondTerms, match="from 2012-04-23 on"):
        happens(lending, made, "call", on=date(2012, 4, 20), amount="400.00", noticed_on=str(noticed))
    happens(lending, made, "call", on=due, amount="400.00", noticed_on=str(noticed))
    waived = happens(lending, made, "call", on=noticed, amount="100.00", notice_waived="A purchase closes tomorrow")
    assert waived.events[-1].told["notice_waived"] == "A purchase closes tomorrow"


def test_a_dividend_stays_within_the_cap_of_its_year(lending: SmallBank) -> None:
    """5 % of shares that cost 600.00 is 30.00 in a calendar year, however it is told apart."""
    made = signed(lending, "equity", dividend_cap="0.05")
    happens(lending, made, "buy", amount="600.00")
    lending.at(date(2013, 1, 2))
    posts(lending, happens(lending, made, "take-dividend", on=date(2012, 6, 1), amount="20.00"), "1000 4020 20.00")
    with pytest.raises(BeyondTerms, match=r"10\.01 is more than .*2012, which is 10\.00"):
        happens(lending, made, "take-dividend", on=date(2012, 3, 1), amount="10.01")
    happens(lending, made, "take-dividend", on=date(2012, 3, 1), amount="10.00")
    happens(lending, made, "take-dividend", on=date(2013, 1, 2), amount="30.00")
    with pytest.raises(BeyondTerms):
        happens(lending, made, "take-dividend", on=date(2012, 12, 31), amount="0.01")


def test_no_more_of_a_grant_is_taken_or_paid_than_its_line(lending: SmallBank) -> None:
    made = signed(lending, "blended-loan")
    line = pounds(TERMS["blended-loan"]["grant_amount"])
    happens(lending, made, "take-grant", amount="250.00")
    happens(lending, made, "pay-grant", amount="250.00")
    with pytest.raises(BeyondTerms, match=r"what is left of the grant line, which is 150\.00"):
        happens(lending, made, "take-grant", amount="150.01")
    happens(lending, made, "take-grant", amount=str(line - pounds("250.00")))
    happens(lending, made, "pay-grant", amount="150.00")
    with pytest.raises(BeyondTerms):
        happens(lending, made, "pay-grant", amount="0.01")
    assert lending.balance("bank", f"5200:{made.id}") == str(line)


def test_a_share_of_income_left_unpaid_may_be_caught_up_with_later(lending: SmallBank) -> None:
    """2 % of 20,000.00 is 400.00, of which 300.00 came; of the next 10,000.00 another 200.00 and the 100.00."""
    made = signed(lending, "quasi-equity")
    happens(lending, made, "buy", amount="1000.00")
    happens(lending, made, "take-share", amount="300.00", income="20000.00")
    with pytest.raises(BeyondTerms, match=r"which is 300\.00"):
        happens(lending, made, "take-share", amount="300.01", income="10000.00")
    posts(
        lending,
        happens(lending, made, "take-share", amount="300.00", income="10000.00"),
        "1000 1330 240.00\n1000 4000 60.00",
        "2110 1400 240.00",
    )


def test_a_loan_that_takes_losses_first_by_its_terms_counts_so_in_limits(lending: SmallBank) -> None:
    """And one of which neither its terms nor anybody says it is not known, which is never within."""
    made = propose_limit(
        lending.maya, kind="first-loss", amount=pounds("50.00"), from_on=START, basis="Example", key="limit"
    )
    decide_limit(lending.tom, limit=made.id, approve=True, key="decided")
    lender = lending.lender()
    first = lending.proposed(lender, "50.00", product="subordinated-loan", product_terms={"first_loss": "0.2"})
    assert approve(lending.tom, facility=first.id, key="1").state == "approved"
    for number, terms in enumerate(({"first_loss": "0.2"}, {})):
        second = lending.proposed(lender, "0.01", product="subordinated-loan", product_terms=terms)
        said = "not known" if not terms else r"50\.01 where at most 50\.00"
        with pytest.raises(LimitPassed, match=said):
            approve(lending.tom, facility=second.id, key=f"2 {number}")
    describe(lending.maya, facility=second.id, on=START, first_loss=False, key="described")
    assert approve(lending.tom, facility=second.id, key="3").state == "approved"
