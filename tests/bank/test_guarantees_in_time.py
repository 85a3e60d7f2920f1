"""A guarantee answers for what is claimed in its time, whenever paid; a notice runs by the right nation's days."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from bank.allocations.commands import approve, sign
from bank.allocations.life.commands import amend, describe, lapse_due
from bank.allocations.products.guarantee import ClaimedTooLate
from bank.allocations.products.queries import claims_paid, position
from bank.allocations.products.shape import BeyondTerms
from bank.allocations.queries import FacilityView, all_facilities
from bank.approvals.commands import decide
from bank.approvals.rules import TooLate
from bank.figures.queries import figures
from bank.limits.queries import exposures
from bank.quarters.commands import close
from bank.quarters.queries import gates
from bank.stress.queries import bank_stands
from bank.treasury.queries import headroom
from bank.treasury.rules import BadTerms
from ledger.dates import Quarter
from ledger.money import NOTHING, Money
from ledger.queries import balance_at, known, pairs_that_disagree
from ledger.verification import verify
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


@EMBEDDED
def test_the_claims_that_were_paid_are_counted_by_day_and_by_what_was_known(small_bank: SmallBank) -> None:
    made = guaranteed(small_bank)
    with small_bank.database.reading() as session:
        before = known(session)
    for _ in range(2):
        claims(small_bank, made, START)
    with small_bank.database.reading() as session:
        then = known(session)
        assert claims_paid(session, START, then) == {made.id: 2}
        assert claims_paid(session, START, before) == {}
        assert claims_paid(session, START - timedelta(days=1), then) == {}


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


def counted(bank: SmallBank, made: FacilityView, day: date) -> tuple[str, ...]:
    """What is guaranteed on a day, wherever it is counted: at risk, promised, in the figures, shown, and stressed."""
    with bank.database.reading() as session:
        told = {one.code: one.value for one in figures(session, as_at=day).figures}
        shown = {one.code: one.amount for one in position(session, made.id, as_at=day).figures}
        looks = (
            exposures(session, day).get(made.id, NOTHING),
            headroom(session, day).undrawn_commitments,
            told["guarantees"],
            told["undrawn_commitments"],
            shown["outstanding"],
            Money.total(each.undrawn for each in bank_stands(session, day).commitments),
        )
    return tuple(map(str, looks))


@pytest.mark.parametrize("claim_days", [0, 60])
def test_what_is_guaranteed_counts_nowhere_after_its_last_day_and_the_close_enters_that_it_ended(
    small_bank: SmallBank, claim_days: int
) -> None:
    made = guaranteed(small_bank, claim_days=str(claim_days))
    happens(small_bank, made, "take-guarantee-fee", amount="12.00")
    last = ENDS + timedelta(days=claim_days)
    quarter = Quarter.of(last + timedelta(days=1))
    small_bank.at(quarter.ends_on + timedelta(days=1))
    assert counted(small_bank, made, last) == ("500.00",) * 6
    after = last + timedelta(days=1)
    assert counted(small_bank, made, after) == ("0.00",) * 6
    stands = [(seen.state, seen.stage) for seen in (small_bank.facility(made.id, day) for day in (ENDS, last, after))]
    assert stands == [("drawing", "repaying"), ("drawing", "repaying"), ("repaid", "matured")]
    with small_bank.database.reading() as session:
        assert [each.state for each in all_facilities(session, as_at=after)] == ["repaid"]
        assert position(session, made.id, as_at=after).state == "repaid"
        said = [gate.sentence for gate in gates(session, quarter) if gate.gate == "lapse"]
    assert any(f"500.00 guaranteed under {made.name}" in one and f"until {last}" in one for one in said)
    for before in (Quarter.of(START), Quarter.of(START).next):
        assert before.ends_on < last
    close(small_bank.maya, quarter=quarter)
    assert small_bank.balance("bank", f"9120:{made.id}", last) == "500.00"
    assert small_bank.balance("bank", f"9120:{made.id}", after) == "0.00"
    assert small_bank.balance("bank", f"4010:{made.id}", after) == "-12.00", "what was kept of fees is earned"
    assert counted(small_bank, made, after) == ("0.00",) * 6
    seen = small_bank.facility(made.id)
    assert (seen.state, seen.stage, str(seen.figures.undrawn)) == ("repaid", "matured", "0.00")
    with small_bank.database.reading() as session:
        assert [one.verb for one in position(session, made.id).events][-1] == "end"
        assert pairs_that_disagree(session) == []
        assert verify(session).holds


def test_a_claim_that_is_noted_stays_guaranteed_past_the_end_until_it_is_paid_or_released(
    small_bank: SmallBank,
) -> None:
    made = guaranteed(small_bank)
    small_bank.at(ENDS)
    happens(small_bank, made, "note-claim", ENDS, amount="100.00")
    small_bank.at(LATER)
    with pytest.raises(ClaimedTooLate):
        happens(small_bank, made, "note-claim", LATER, amount="100.00")
    assert counted(small_bank, made, LATER) == ("100.00",) * 6
    assert small_bank.facility(made.id).state == "drawing", "what a claim asks for has not ended"
    lapse_due(small_bank.maya, on=LATER, key="due")
    assert small_bank.balance("bank", f"9120:{made.id}") == "100.00"
    claims(small_bank, made, claimed_on=str(ENDS), amount="60.00")
    assert counted(small_bank, made, LATER)[0] == "40.00"
    happens(small_bank, made, "release", LATER, amount="40.00")
    assert counted(small_bank, made, LATER) == ("0.00",) * 6
    assert small_bank.facility(made.id).state == "written-off", "a claim was paid, and nothing is guaranteed any more"


@EMBEDDED
def test_a_claim_in_time_that_is_told_after_the_end_was_entered_is_paid_all_the_same(small_bank: SmallBank) -> None:
    made = guaranteed(small_bank)
    claims(small_bank, made, START)
    small_bank.at(LATER)
    lapse_due(small_bank.maya, on=LATER, key="due")
    assert small_bank.balance("bank", f"9120:{made.id}") == "0.00"
    with pytest.raises(ClaimedTooLate):
        claims(small_bank, made)
    with pytest.raises(BeyondTerms, match=r"what is guaranteed, which is 400\.00"):
        claims(small_bank, made, claimed_on=str(ENDS), loss="900.00", amount="400.01")
    claims(small_bank, made, claimed_on=str(ENDS))
    happens(small_bank, made, "note-claim", ENDS, amount="50.00")
    assert counted(small_bank, made, LATER)[0] == "50.00"
    with small_bank.database.reading() as session:
        memo = [balance_at(session, "bank", code) for code in ("9100", "9110", "9120", "9130", "9199")]
        assert Money.total(memo) == NOTHING
