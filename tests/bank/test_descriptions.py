"""What sort of risk a facility is decides its limits: told freely while it is proposed, by two people from then on."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from bank.allocations.commands import approve, reject
from bank.allocations.life.commands import describe
from bank.allocations.life.queries import profiles
from bank.allocations.rules import WrongState
from bank.approvals.commands import decide
from bank.limits.commands import ask_to_pass
from bank.limits.queries import evaluation, evaluations
from bank.limits.rules import (
    DESCRIBE,
    Act,
    Limit,
    LimitPassed,
    Mark,
    Position,
    Stake,
    redescribed,
)
from bank.people.rules import SamePerson
from bank.proposals.commands import approve_proposal, reject_proposal
from bank.proposals.queries import waiting
from bank.treasury.rules import BadTerms
from ledger import trail
from ledger.money import Money
from tests.bank.small_bank import SmallBank, pounds
from tests.bank.test_approvals import rule
from tests.bank.test_limits import limit

DAY = date(2012, 3, 1)
UNTIL = date(2012, 3, 31)


@pytest.fixture
def bank(small_bank: SmallBank) -> SmallBank:
    small_bank.at(DAY)
    small_bank.capital("1000.00")
    return small_bank


def told(bank: SmallBank, facility: str, **what: Any) -> str:
    """Maya says something of a facility; the id of her proposal, if it is one."""
    words: dict[str, Any] = {"on": DAY, "reason": "The charge fell away"} | what
    describe(bank.maya, facility=facility, key=bank.key(), **words)
    with bank.database.reading() as session:
        lines = list(trail.lines(session, subject=facility, action="allocation.propose-description"))
    return str(lines[-1].facts["description"]) if lines else ""


def stands(bank: SmallBank, facility: str) -> tuple[str | None, bool | None, bool | None]:
    with bank.database.reading() as session:
        kept = profiles(session, [facility]).get(facility)
        return (None, None, None) if kept is None else (kept.region, kept.secured, kept.first_loss)


def signed(bank: SmallBank, amount: str = "100.00", **what: Any) -> str:
    """A facility described while it was proposed, and signed since."""
    made = bank.proposed(bank.lender(), amount)
    told(bank, made.id, **({"region": "Wales", "secured": True, "first_loss": False} | what))
    approve(bank.tom, facility=made.id, key=bank.key())
    return made.id


def test_past_its_proposal_a_facility_is_described_otherwise_once_another_agrees(bank: SmallBank) -> None:
    made = signed(bank)
    with pytest.raises(BadTerms, match="why it is described otherwise"):
        told(bank, made, secured=False, reason=" ")
    with pytest.raises(BadTerms, match="described already"):
        told(bank, made, secured=True)
    asked = told(bank, made, secured=False)
    assert stands(bank, made) == ("Wales", True, False)
    assert "it waits for a fund manager" in bank.facility(made).pending[0]
    with bank.database.reading() as session:
        assert [(one.id, one.about) for one in waiting(session)] == [(asked, made)]
    with pytest.raises(SamePerson):
        approve_proposal(bank.maya, proposal=asked, key=bank.key())
    approve_proposal(bank.tom, proposal=asked, key=bank.key())
    assert stands(bank, made) == ("Wales", False, False)
    turned = told(bank, made, region="Scotland")
    assert reject_proposal(bank.tom, proposal=turned, reason="Not so", key=bank.key()).state == "rejected"
    assert stands(bank, made) == ("Wales", False, False)
    assert bank.facility(made).pending == ()


def test_every_limit_is_read_before_and_kept_and_a_hard_one_refuses_unless_let_be_passed(bank: SmallBank) -> None:
    hard = limit(bank, "unsecured", amount=pounds("50.00"), waivable_by="trustee")
    made = signed(bank)
    asked = told(bank, made, secured=False)
    with bank.database.reading() as session:
        before = evaluation(session, made, action="describe", mark=Mark(None, False, None))
    assert [(one.before, one.after, one.within) for one in before.readings] == [("0.00", "100.00", False)]
    with pytest.raises(LimitPassed, match=r"describe of 100\.00 would pass .*100\.00 where at most 50\.00"):
        approve_proposal(bank.tom, proposal=asked, key=bank.key())
    leave = ask_to_pass(
        bank.maya, limit=hard, facility=made, up_to="100.00", until=UNTIL, reason="A charge follows", key=bank.key()
    )
    decide(bank.desks["iris"], request=leave.id, approve=True, key=bank.key())
    approve_proposal(bank.tom, proposal=asked, key=bank.key())
    with bank.database.reading() as session:
        (kept,) = (one for one in evaluations(session, made) if one.action == "describe")
    assert (kept.action, kept.amount, kept.reason) == ("describe", pounds("100.00"), "The charge fell away")
    assert [(one.after, one.waived_by_request) for one in kept.readings] == [("100.00", leave.id)]
    assert stands(bank, made)[1] is False


def test_moving_a_facility_to_another_region_is_held_to_that_regions_limit(bank: SmallBank) -> None:
    limit(bank, "region", scope="Scotland", amount=pounds("99.99"))
    limit(bank, "region", scope="London", amount=pounds("10.00"), hard=False)
    made = signed(bank)
    with pytest.raises(LimitPassed, match=r"Scotland.*100\.00 where at most 99\.99"):
        approve_proposal(bank.tom, proposal=told(bank, made, region="Scotland"), key=bank.key())
    soft = told(bank, made, region="London", reason="Its office moves")
    approve_proposal(bank.tom, proposal=soft, key=bank.key())
    with bank.database.reading() as session:
        kept = [one.reason for one in evaluations(session, made) if one.action == "describe"]
    assert kept == ["Its office moves"]


def test_what_is_no_worse_than_before_may_be_told_where_the_limit_is_passed_already(bank: SmallBank) -> None:
    made = signed(bank, "100.00", secured=False, first_loss=True)
    limit(bank, "unsecured", amount=pounds("10.00"))
    limit(bank, "first-loss", amount=pounds("10.00"))
    approve_proposal(bank.tom, proposal=told(bank, made, secured=True), key=bank.key())
    assert stands(bank, made) == ("Wales", True, True)


def test_whoever_told_what_risk_it_is_does_not_approve_the_facility(bank: SmallBank) -> None:
    made = bank.proposed(bank.lender(), "100.00")
    describe(bank.tom, facility=made.id, on=DAY, secured=True, key=bank.key())
    with pytest.raises(SamePerson, match="What sort of risk"):
        approve(bank.tom, facility=made.id, key=bank.key())
    assert approve(bank.person("flo", "fund-manager"), facility=made.id, key=bank.key()).state == "approved"


def test_once_somebody_has_agreed_to_a_facility_its_description_takes_another_too(bank: SmallBank) -> None:
    rule(bank, "approve", "fund-manager", "trustee")
    made = bank.proposed(bank.lender(), "100.00")
    approve(bank.tom, facility=made.id, key=bank.key())
    with pytest.raises(WrongState, match="its match stays"):
        describe(bank.maya, facility=made.id, on=DAY, match_at_signing=Decimal(0), key=bank.key())
    asked = told(bank, made.id, secured=True)
    assert stands(bank, made.id) == (None, None, None)
    approve_proposal(bank.tom, proposal=asked, key=bank.key())
    assert stands(bank, made.id) == (None, True, None)
    reject(bank.tom, facility=made.id, reason="The case is thin", key=bank.key())
    with pytest.raises(WrongState):
        told(bank, made.id, secured=False)


def test_the_database_itself_refuses_a_description_approved_by_whoever_proposed_it(bank: SmallBank) -> None:
    asked = told(bank, signed(bank), secured=False)
    forged = "INSERT INTO facility_description_approval VALUES (:id, :by, :by, '2012-03-01T09:00:00.000000Z')"
    with pytest.raises(DBAPIError, match=r"two_people|outcome of its proposal"), bank.database.writing() as session:
        session.execute(text(forged), {"id": asked, "by": bank.maya.actor.id})


def test_a_figure_that_comes_to_be_known_is_held_to_its_bound_and_one_still_dark_is_no_worse() -> None:
    """Two facilities of which nobody has said whether they are secured."""
    bound = Limit("lim_1", "unsecured", "", Money(50), None, hard=True, waivable_by="", from_on=DAY)

    def read(other: bool | None, new: bool) -> list[tuple[str, bool]]:
        dark, beside = Stake("a", "i", "p", Money(60)), Stake("b", "i", "p", Money(60), secured=other)
        lit = Stake("a", "i", "p", Money(60), secured=new)
        was, will = Position((dark, beside), of=dark), Position((lit, beside), of=lit)
        found = redescribed([bound], was, will, Act(DESCRIBE, Money(60)))
        return [(str(one.after), one.within) for one in found]

    assert read(other=None, new=False) == [("None", True)]
    assert read(other=True, new=False) == [("0.60", False)]
    assert read(other=True, new=True) == [("0.00", True)]
