"""A guarantee answers for what is claimed in its time, whenever paid; a notice runs by the right nation's days."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from bank.allocations.commands import approve, sign
from bank.allocations.life.commands import amend, describe
from bank.allocations.products.guarantee import ClaimedTooLate
from bank.allocations.products.shape import BeyondTerms
from bank.allocations.queries import FacilityView
from bank.approvals.commands import decide
from bank.approvals.rules import TooLate
from bank.treasury.rules import BadTerms
from tests.bank.small_bank import SmallBank, pounds
from tests.bank.test_products import START, TERMS, happens

ENDS = date(2012, 12, 31)
LATER = date(2013, 3, 1)
EMBEDDED = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
LOSS = {"loss": "200.00", "amount": "100.00"}


def guaranteed(bank: SmallBank, **terms: str) -> FacilityView:
    bank.at(START)
    bank.capital("10000.00")
    made = bank.signed(
        bank.lender(),
        "1000.00",
        product="guarantee",
        annual_rate=Decimal(0),
        available_until=date(2012, 6, 30),
        matures_on=ENDS,
        product_terms=TERMS["guarantee"] | terms,
    )
    happens(bank, made, "issue", amount="500.00")
    return made


def claims(bank: SmallBank, made: FacilityView, on: date = LATER, **told: str) -> object:
    return happens(bank, made, "pay-claim", on, **(LOSS | told))


def test_what_was_claimed_in_time_is_paid_whenever_and_what_was_not_is_refused(small_bank: SmallBank) -> None:
    made = guaranteed(small_bank)
    claims(small_bank, made, START)
    small_bank.at(LATER)
    with pytest.raises(ClaimedTooLate, match=r"ended on 2012-12-31.*claimed on 2013-03-01"):
        claims(small_bank, made)
    for day in (ENDS + timedelta(days=1), LATER):
        with pytest.raises(ClaimedTooLate):
            claims(small_bank, made, claimed_on=str(day))
    with pytest.raises(BadTerms, match="is not paid before"):
        claims(small_bank, made, claimed_on=str(LATER + timedelta(days=1)))
    claims(small_bank, made, claimed_on=str(ENDS))
    assert small_bank.balance("bank", f"9120:{made.id}") == "300.00"


@EMBEDDED
def test_a_loss_by_the_end_may_be_claimed_within_the_days_that_the_terms_give(small_bank: SmallBank) -> None:
    made = guaranteed(small_bank, claim_days="60")
    small_bank.at(date(2013, 6, 3))
    for claimed, lost, fits in (
        (LATER, ENDS, True),
        (LATER + timedelta(days=1), ENDS, False),
        (LATER, ENDS + timedelta(days=1), False),
    ):
        told: dict[str, Any] = {"claimed_on": str(claimed), "lost_on": str(lost), "on": date(2013, 6, 3)}
        if fits:
            claims(small_bank, made, **told)
        else:
            with pytest.raises(ClaimedTooLate, match="until 2013-03-01"):
                claims(small_bank, made, **told)
    with pytest.raises(BadTerms, match="the claim follows the loss"):
        claims(small_bank, made, date(2013, 6, 3), claimed_on=str(START), lost_on=str(ENDS))


@EMBEDDED
def test_a_guarantee_is_extended_while_it_lasts_and_not_afterwards(small_bank: SmallBank) -> None:
    made = guaranteed(small_bank)

    def extended(on: date) -> str:
        told = {"words": "A year more", "reason": "Asked for", "matures_on": date(2013, 12, 31)}
        return amend(small_bank.maya, facility=made.id, effective_on=on, key=small_bank.key(), **told).id  # type: ignore[arg-type]

    small_bank.at(ENDS)
    forgotten, agreed = extended(ENDS), extended(ENDS)
    decide(small_bank.tom, request=agreed, approve=True, key="a")
    small_bank.at(LATER)
    with pytest.raises(TooLate):
        decide(small_bank.tom, request=forgotten, approve=True, key="b")
    claims(small_bank, made)
    small_bank.at(date(2014, 1, 2))
    with pytest.raises(BadTerms, match="what has ended is not extended"):
        extended(date(2012, 12, 1))
    with pytest.raises(ClaimedTooLate, match="ended on 2013-12-31"):
        claims(small_bank, made, date(2014, 1, 2))


@EMBEDDED
@pytest.mark.parametrize(
    ("region", "terms", "payable"),
    [
        (None, {}, "2012-08-08"),
        ("London", {}, "2012-08-08"),
        ("Scotland", {}, "2012-08-09"),  # the first Monday of August is a bank holiday there
        ("Scotland", {"calendar": "ENG"}, "2012-08-08"),
        ("Northern Ireland", {}, "2012-08-08"),
        (None, {"calendar": "SCT"}, "2012-08-09"),
    ],
)
def test_a_calls_notice_runs_by_the_days_of_the_facilitys_own_nation(
    small_bank: SmallBank, region: str | None, terms: dict[str, str], payable: str
) -> None:
    """Noticed on Friday 3 August 2012, three business days before."""
    small_bank.at(START)
    small_bank.capital("10000.00")
    made = small_bank.proposed(
        small_bank.lender(),
        "1000.00",
        product="fund-commitment",
        annual_rate=Decimal(0),
        product_terms=TERMS["fund-commitment"] | {"notice_days": "3"} | terms,
    )
    if region:
        describe(small_bank.maya, facility=made.id, on=START, region=region, key="d")
    approve(small_bank.tom, facility=made.id, key="a")
    sign(small_bank.maya, facility=made.id, key="s")
    small_bank.at(date(2012, 8, 20))
    day = date.fromisoformat(payable)
    told = {"amount": "10.00", "noticed_on": "2012-08-03"}
    with pytest.raises(BeyondTerms, match=f"paid from {payable} on"):
        happens(small_bank, made, "call", day - timedelta(days=1), **told)
    happens(small_bank, made, "call", day, **told)
    assert small_bank.facility(made.id).figures.drawn == pounds("10.00")
