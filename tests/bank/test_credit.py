"""Credit: stages, back-stops and rebuttals, and an allowance that is never more than the loan."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from bank.allocations.commands import (
    accrue,
    allow_for_all,
    allow_for_loss,
    approve_assumption,
    assume_loss,
    move_stage,
    rebut_backstop,
    repay,
    write_off,
)
from bank.allocations.credit.rules import BeyondGross, NoSuchAssumption, NothingToRebut
from bank.allocations.rules import WrongState
from bank.allocations.standing import CreditView, backstops, credit
from bank.people.rules import SamePerson
from bank.treasury.rules import BadTerms
from ledger.agreeing import AlreadyApproved
from ledger.commands import close_quarter
from ledger.dates import Quarter
from ledger.queries import known
from ledger.store import confinement
from tests.bank.small_bank import SmallBank, pounds
from tests.bank.test_loan_journals import assumed, loan

START = date(2012, 1, 10)
TERMS: dict[str, Any] = {
    "repayment": "equal-principal",
    "first_due_on": START + timedelta(days=31),
    "every_months": 1,
    "instalments": 10,
    "roll": "none",
}


@pytest.fixture
def lending(small_bank: SmallBank) -> SmallBank:
    small_bank.at(START)
    small_bank.capital("1000000.00")
    return small_bank


def credit_at(bank: SmallBank, facility: str, as_at: date) -> CreditView:
    with bank.database.reading() as session:
        return credit(session, facility, as_at=as_at)


def stages_passed(bank: SmallBank, as_at: date) -> list[int]:
    with bank.database.reading() as session:
        return [found.stage for found in backstops(session, as_at=as_at)]


def test_arrears_beyond_30_and_90_days_are_named_until_the_stage_is_moved_or_the_back_stop_rebutted(
    lending: SmallBank,
) -> None:
    made = loan(lending, "1000.00", **TERMS)
    due = START + timedelta(days=31)
    lending.at(due + timedelta(days=120))
    assert stages_passed(lending, due + timedelta(days=30)) == []
    on = due + timedelta(days=31)
    assert stages_passed(lending, on) == [2]
    with pytest.raises(BadTerms, match="evidence"):
        rebut_backstop(lending.maya, facility=made.id, stage=2, on=on, reason="", key="0")
    with pytest.raises(NothingToRebut):
        rebut_backstop(lending.maya, facility=made.id, stage=3, on=on, reason="x", key="1")
    rebut_backstop(lending.maya, facility=made.id, stage=2, on=on, reason="Paid into the wrong account", key="2")
    assert stages_passed(lending, on) == []
    assert stages_passed(lending, due + timedelta(days=91)) == [3]
    move_stage(lending.maya, facility=made.id, stage=3, on=due + timedelta(days=91), reason="90 days past due", key="3")
    assert stages_passed(lending, due + timedelta(days=91)) == []
    assert credit_at(lending, made.id, due + timedelta(days=91)).stage == 3
    assert credit_at(lending, made.id, due + timedelta(days=90)).stage == 1
    repay(lending.maya, facility=made.id, principal=pounds("100.00"), on=due, key="4")
    repay(lending.maya, facility=made.id, interest=pounds("8.49"), on=due, key="5")
    second = due + timedelta(days=29 + 31)
    assert stages_passed(lending, second) == [2], "the oldest day that waits is another one now"


def test_an_assumption_is_agreed_by_two_and_the_database_knows_it_too(lending: SmallBank) -> None:
    told: dict[str, Any] = {"loss_given_default": Decimal("0.5"), "from_on": START, "basis": "Invented"}
    made = assume_loss(lending.maya, stage=1, probability=Decimal("0.1"), key="1", **told)
    with pytest.raises(SamePerson):
        approve_assumption(lending.maya, id=made.id, key="2")
    forged = text(
        "INSERT INTO loss_assumption_approval "
        "SELECT id, proposed_by, proposed_by, recorded_at FROM loss_assumption WHERE id = :id"
    )
    with (
        pytest.raises(DBAPIError, match="is the outcome of its proposal"),
        lending.database.engine.begin() as raw,
        confinement.lifted(raw),
    ):
        raw.execute(forged, {"id": made.id})
    approve_assumption(lending.tom, id=made.id, key="3")
    with pytest.raises(AlreadyApproved):
        approve_assumption(lending.tom, id=made.id, key="4")
    sound: dict[str, Any] = {"stage": 1, "probability": Decimal("0.1")} | told
    for wrong in ({"stage": 4}, {"probability": Decimal(2)}, {"basis": " "}):
        with pytest.raises(BadTerms):
            assume_loss(lending.maya, key="5", **(sound | wrong))


def test_nothing_is_allowed_for_without_an_approved_assumption_or_beyond_the_loan(lending: SmallBank) -> None:
    made = loan(lending)
    with pytest.raises(NoSuchAssumption):
        allow_for_loss(lending.maya, facility=made.id, on=START, key="1")
    with pytest.raises(BadTerms, match="rests on"):
        allow_for_loss(lending.maya, facility=made.id, on=START, amount=pounds("1.00"), key="2")
    with pytest.raises(BeyondGross, match=r"100000\.01"):
        allow_for_loss(lending.maya, facility=made.id, on=START, amount=pounds("100000.01"), reason="Fraud", key="3")
    with pytest.raises(BadTerms, match="why"):
        move_stage(lending.maya, facility=made.id, stage=2, on=START, reason="", key="4")
    proposed = lending.proposed(lending.lender())
    with pytest.raises(WrongState):
        move_stage(lending.maya, facility=proposed.id, stage=2, on=START, reason="x", key="5")


def test_what_is_allowed_for_is_released_when_the_loan_is_repaid_below_it(lending: SmallBank) -> None:
    made = loan(lending)
    allow_for_loss(lending.maya, facility=made.id, on=START, amount=pounds("60000.00"), reason="An offer", key="1")
    day = START + timedelta(days=5)
    lending.at(day)
    repay(lending.maya, facility=made.id, principal=pounds("70000.00"), on=day, key="2")
    view = credit_at(lending, made.id, day)
    assert view.net == pounds("0.00")
    assert view.gross == view.stage_1_allowance
    assert credit_at(lending, made.id, START).stage_1_allowance == pounds("60000.00")
    write_off(lending.maya, facility=made.id, amount=pounds("30000.00"), on=day, reason="Wound up", key="3")
    assert credit_at(lending, made.id, day).stage_1_allowance == pounds("0.00")
    assert lending.balance("bank", f"5010:{made.id}") == "0.00"


def test_a_measurement_of_an_earlier_day_leaves_what_was_measured_later(lending: SmallBank) -> None:
    made = loan(lending)
    later, earlier = START + timedelta(days=20), START + timedelta(days=10)
    lending.at(later)
    for day, amount in ((later, "500.00"), (earlier, "800.00")):
        allow_for_loss(
            lending.maya, facility=made.id, on=day, amount=pounds(amount), reason="An assessment", key=amount
        )
    assert credit_at(lending, made.id, earlier).stage_1_allowance == pounds("800.00")
    assert credit_at(lending, made.id, later).stage_1_allowance == pounds("500.00")


def test_a_soft_closed_quarter_still_takes_its_allowances_and_its_figures_stand_as_known_before(
    lending: SmallBank,
) -> None:
    made = loan(lending)
    assumed(lending, 1, "0.02", "0.45")
    lending.at(date(2012, 4, 5))
    with lending.maya.writing() as work:
        close_quarter(work, Quarter(2012, 1), hard=False)
    with lending.database.reading() as session:
        before = known(session)
    accrue(lending.maya, facility=made.id, until=date(2012, 3, 31), key="1")
    run = allow_for_all(lending.maya, on=date(2012, 3, 31), key="2")
    owed = Decimal(100000) + round(Decimal(10000) * (81 + 182) / 365, 2)  # in the middle of the year ahead
    assert run.allowance == pounds(str(round(owed * Decimal("0.009") / Decimal("1.1") ** (Decimal(182) / 365), 2)))
    with lending.database.reading() as session:
        assert credit(session, made.id, as_at=date(2012, 3, 31), at=before).stage_1_allowance == pounds("0.00")
