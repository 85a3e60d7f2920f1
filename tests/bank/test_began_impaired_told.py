"""How statements and notices tell a loan that began impaired: apart from the stages, as it is shown everywhere else."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, Final

import pytest

from bank.allocations.commands import allow_for_loss, draw_down, move_stage
from bank.figures.evidence import Evidence, Knowledge
from bank.figures.registry import REGISTRY
from bank.figures.stages import stages
from bank.publishing.notices.allocation import allocation_notice
from bank.publishing.notices.gathering import Gathering
from ledger import queries
from ledger.money import NOTHING, Money
from ledger.queries import balance_at
from ledger.store.database import ReadSession
from reports.figures import Table
from reports.notices import allocation
from reports.statements import credit
from reports.statements.credit import BEGAN_IMPAIRED, Stages
from tests.bank.small_bank import SmallBank, pounds
from tests.bank.test_begun_impaired import ONE, START, THREE, TWO, begun, expected, promised
from tests.bank.test_loan_journals import agreed

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
BEFORE: Final = date(2013, 12, 31)
AFTER: Final = date(2014, 3, 31)


@pytest.fixture
def lending(small_bank: SmallBank) -> SmallBank:
    small_bank.at(START)
    small_bank.capital("1000000.00")
    return small_bank


def lent(bank: SmallBank) -> str:
    made = promised(bank)
    draw_down(bank.maya, facility=made.id, amount=made.amount, on=START, key=bank.key())
    return made.id


def evidence_of(session: ReadSession, day: date) -> Evidence:
    return Evidence(Knowledge(session, queries.known(session)), day)


def moved_in(found: Stages) -> dict[tuple[int, int], tuple[int, str]]:
    return {(one.was, one.now): (one.facilities, str(one.principal)) for one in found.moved}


def cells(table: Table, row: str) -> dict[str, Any]:
    (found,) = (one for one in table.every_row() if one.key == row)
    return {column.code: cell for column, cell in zip(table.columns, found.cells, strict=True)}


def test_what_began_impaired_is_told_apart_with_what_is_allowed_for_it(lending: SmallBank) -> None:
    """One that began so and less is expected of now, and one lent soundly, whatever stage either was put in."""
    began, sound = begun(lending).id, lent(lending)
    lending.at(ONE)
    expected(lending, began, ONE, (TWO, "80000.00"))
    move_stage(lending.maya, facility=sound, stage=2, on=ONE, reason="Late accounts", key=lending.key())
    told: dict[str, Any] = {"amount": pounds("500.00"), "reason": "Told"}
    allow_for_loss(lending.maya, facility=sound, on=ONE, key=lending.key(), **told)
    allow_for_loss(lending.maya, facility=began, on=ONE, key=lending.key())
    with lending.database.reading() as session:
        evidence = evidence_of(session, AFTER)
        found = stages(evidence)
        own = Money.total(-balance_at(session, "bank", f"{root}:{began}", AFTER) for root in ("1240", "1241", "1242"))
        whole = REGISTRY["loss_allowance"].work_out(evidence).value
        first = stages(evidence_of(session, date(2013, 3, 31)))
    assert moved_in(first) == {(0, 1): (1, "100000.00"), (0, BEGAN_IMPAIRED): (1, "100000.00")}
    assert moved_in(found) == {(1, 2): (1, "100000.00"), (4, BEGAN_IMPAIRED): (1, "100000.00")}
    assert found.allowances == (NOTHING, pounds("500.00"), NOTHING, own)
    assert own > NOTHING
    assert Money.total(found.allowances) == whole
    standing, migrated = credit.tables(found)
    assert cells(standing, "began-impaired")["in_stage"] == pounds("100000.00")
    assert cells(standing, "began-impaired")["allowed"] == own
    assert cells(standing, "stage-3")["facilities"] == 0
    assert cells(standing, "total")["facilities"] == 2
    assert cells(migrated, "from-began-impaired")["to-began-impaired"] == pounds("100000.00")
    assert cells(migrated, "total")["to-began-impaired"] == cells(standing, "began-impaired")["in_stage"]


def test_an_impaired_loan_that_ended_for_one_that_began_impaired_fell_no_further(lending: SmallBank) -> None:
    made = lent(lending)
    lending.at(date(2013, 11, 1))
    move_stage(lending.maya, facility=made, stage=3, on=date(2013, 11, 1), reason="Insolvent", key="3")
    lending.at(ONE)
    expected(lending, made, ONE, (THREE, "70000.00"), market="0.15")
    terms: dict[str, Any] = {"rate": Decimal("0.03"), "first_due_on": TWO, "instalments": 3, "roll": "none"}
    agreed(lending, made, from_on=ONE, reason="A plan", **terms)
    with lending.database.reading() as session:
        before, after = (stages(evidence_of(session, day)) for day in (BEFORE, AFTER))
    assert moved_in(before) == {(1, 3): (1, "100000.00")}
    assert moved_in(after) == {(3, BEGAN_IMPAIRED): (1, "100000.00")}
    assert before.places == (1, 2, 3)


def test_a_notice_of_its_allocation_says_stage_3_as_the_facility_itself_does(lending: SmallBank) -> None:
    began, sound = begun(lending).id, lent(lending)
    with lending.database.reading() as session:
        gathering = Gathering(session, queries.known(session), lending.maya.actor)
        told = [allocation.compose(allocation_notice(gathering, one)).model_dump_json() for one in (began, sound)]
    assert "Stage of expected loss: 3, for all its life, since it began impaired." in told[0]
    assert "Stage of expected loss: 1." in told[1]
