"""What an allocation is told to be worth is what the books carry, wherever it is asked."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bank.allocations.commands import accrue, allow_for_loss, draw_down, move_stage
from bank.allocations.products.queries import PositionView, position
from bank.allocations.standing import backstops, credit
from ledger.money import NOTHING
from ledger.queries import balance_at
from tests.bank.small_bank import SmallBank, pounds
from tests.bank.test_begun_impaired import START as BEGINS
from tests.bank.test_begun_impaired import TWO, begun
from tests.bank.test_products import START, figures, happens, signed

LATER = START + timedelta(days=73)


@pytest.fixture
def lending(small_bank: SmallBank) -> SmallBank:
    small_bank.at(START)
    small_bank.capital("1000000.00")
    return small_bank


def seen(bank: SmallBank, facility: str) -> PositionView:
    """Its position, which carries it at what all its accounts of the bank's book come to, as `show` does."""
    with bank.database.reading() as session:
        found = position(session, facility)
        held = sum(
            balance_at(session, "bank", f"{root}:{facility}").pence
            for root in ("1200", "1210", "1230", "1242", "1310", "1311", "1320", "1321")
        )
    assert found.carrying_amount == bank.facility(facility).figures.carrying_amount
    assert found.carrying_amount.pence == held
    return found


def test_a_loan_is_worth_what_it_is_carried_at_less_what_is_allowed_for_its_loss(lending: SmallBank) -> None:
    made = signed(lending, "senior-loan")
    before = seen(lending, made.id)
    assert (before.value, before.value_is) == (NOTHING, "nothing-held")
    draw_down(lending.maya, facility=made.id, amount=pounds("1000.00"), on=START, key=lending.key())
    move_stage(lending.maya, facility=made.id, stage=3, on=START, reason="It pays nothing", key=lending.key())
    allow_for_loss(
        lending.maya, facility=made.id, on=START, amount=pounds("981.72"), reason="An offer", key=lending.key()
    )
    assert (str(seen(lending, made.id).value), seen(lending, made.id).value_is) == ("18.28", "amortised-cost")
    allow_for_loss(
        lending.maya, facility=made.id, on=START, amount=pounds("1000.00"), reason="No offer", key=lending.key()
    )
    lost = seen(lending, made.id)
    assert (lost.value, lost.value_is) == (NOTHING, "amortised-cost")
    assert figures(lost, "outstanding", "allowed") == ["1000.00", "1000.00"]


def test_a_value_told_is_carried_and_of_what_is_gone_there_is_none(lending: SmallBank) -> None:
    shares, bonds = signed(lending, "equity"), signed(lending, "charity-bond")
    for made in (shares, bonds):
        happens(lending, made, "buy", amount="1000.00")
    happens(lending, shares, "revalue", value="1080.00", source="Shares issued in June")
    happens(lending, bonds, "price", per_hundred="98", source="The fund's administrator")
    lending.at(LATER)
    accrue(lending.maya, facility=bonds.id, until=LATER, key=lending.key())
    assert str(seen(lending, shares.id).carrying_amount) == "1080.00"
    told = seen(lending, bonds.id)
    assert (str(told.value), told.value_is) == ("980.00", "told")
    assert str(told.carrying_amount) == "990.00", "with the coupon that has accrued"
    happens(lending, bonds, "lose", on=LATER, amount="1000.00", reason="The charity was wound up")
    happens(lending, bonds, "recover-bond", on=LATER, amount="300.00")
    lending.at(LATER + timedelta(days=200))
    gone = seen(lending, bonds.id)
    assert (gone.value, gone.value_is, gone.valued_on, gone.value_source) == (NOTHING, "nothing-held", None, "")
    assert figures(gone, "lost", "recovered") == ["1000.00", "300.00"]


def test_a_loan_that_began_impaired_stands_where_its_loss_is_allowed_for(lending: SmallBank) -> None:
    lending.at(BEGINS)
    made = begun(lending)
    lending.at(TWO)
    with lending.database.reading() as session:
        assert credit(session, made.id).stage == 3
        told = [each for each in backstops(session) if each.facility == made.id]
        assert [each.stage for each in credit(session, made.id).backstops] == [each.stage for each in told] == [3]
    assert (
        "it began impaired, so what is allowed for stays as it is, but put it on record in stage 3" in told[0].sentence
    )
