"""Interest left out in stage 3: taken up when the loan is cured or paid in full, as a reversal of impairment."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bank.allocations.commands import accrue, allow_for_loss, capitalise, draw_down, move_stage, repay, write_off
from bank.allocations.course import Course
from bank.allocations.queries import FacilityView
from bank.allocations.rules import BeyondOutstanding
from bank.allocations.standing import credit
from ledger.daycounts import DayCount
from ledger.impairment import Stage
from ledger.money import NOTHING, Money
from ledger.rates import RateHistory
from ledger.verification import verify
from tests.bank.small_bank import SmallBank, pounds
from tests.bank.test_loan_journals import added, agreed

START = date(2012, 1, 10)
TEN, TWENTY, THIRTY = (START + timedelta(days=days) for days in (10, 20, 30))


@pytest.fixture
def lending(small_bank: SmallBank) -> SmallBank:
    small_bank.at(START)
    small_bank.capital("1000000.00")
    return small_bank


def impaired(bank: SmallBank, **changed: Any) -> FacilityView:
    """36,500 at 10 %, ten pounds a day; in stage 3 after ten days with half of it allowed for."""
    made = bank.signed(bank.lender(f"Lender {bank.key()}"), "36500.00", annual_rate=Decimal("0.10"))
    agreed(bank, made.id, **changed)
    draw_down(bank.maya, facility=made.id, amount=made.amount, on=START, key=bank.key())
    bank.at(THIRTY)
    move_stage(bank.maya, facility=made.id, stage=3, on=TEN, reason="Insolvent", key=bank.key())
    half = pounds("18300.00")
    allow_for_loss(bank.maya, facility=made.id, on=TEN, amount=half, reason="Half, with interest", key=bank.key())
    return made


def left_out(bank: SmallBank, facility: str, day: date) -> str:
    with bank.database.reading() as session:
        return str(credit(session, facility, as_at=day).interest_not_recognised)


def test_14c_on_a_cure_the_interest_left_out_is_a_reversal_of_impairment_and_no_income(lending: SmallBank) -> None:
    """Ten days of 36,500, ten of the net of 36,500 + 100 of interest - 18,300, and ten of 36,500 again."""
    made = impaired(lending)
    accrue(lending.maya, facility=made.id, until=TWENTY, key="1")
    assert left_out(lending, made.id, TWENTY) == "49.86"
    assert added(
        lending,
        lambda: move_stage(lending.maya, facility=made.id, stage=1, on=TWENTY, reason="Refinanced", key="2"),
    ) == {"1210": "49.86", "5000": "-49.86"} | _out_of_suspense("49.86")
    assert added(lending, lambda: accrue(lending.maya, facility=made.id, until=THIRTY, key="3")) == {
        "1210": "100.00",
        "4000": "-100.00",
    }
    assert str(lending.facility(made.id).figures.interest_due) == "300.00"
    assert str(lending.facility(made.id).figures.interest_accrued) == "300.00"
    assert left_out(lending, made.id, THIRTY) == "0.00"
    move_stage(lending.maya, facility=made.id, stage=3, on=TEN, reason="Confirmed", key="4")
    assert str(lending.facility(made.id).figures.interest_due) == "300.00"
    assert added(
        lending,
        lambda: repay(lending.maya, facility=made.id, amount=pounds("36800.00"), on=THIRTY, key="5"),
    ) == {"1000": "36800.00", "1200": "-36500.00", "1210": "-300.00"} | _released(18300)
    with lending.database.reading() as session:
        assert verify(session).holds


def _released(allowance: int) -> dict[str, str]:
    return {"1242": f"{allowance}.00", "5000": f"-{allowance}.00"}


def _out_of_suspense(amount: str) -> dict[str, str]:
    return {"9140": f"-{amount}", "9199": amount}


def test_14c_a_payment_in_stage_3_goes_to_all_the_interest_that_the_contract_claims(lending: SmallBank) -> None:
    """Of 200.00 claimed 150.14 is recognised: the rest stands in suspense, and is taken up by what pays it."""
    made = impaired(lending)
    assert added(lending, lambda: accrue(lending.maya, facility=made.id, until=TWENTY, key="1")) == {
        "1210": "50.14",
        "4000": "-50.14",
        "9140": "49.86",
        "9199": "-49.86",
    }
    with pytest.raises(BeyondOutstanding):
        repay(lending.maya, facility=made.id, interest=pounds("200.01"), on=TWENTY, key="2")
    assert added(
        lending, lambda: repay(lending.maya, facility=made.id, amount=pounds("170.00"), on=TWENTY, key="3")
    ) == {
        "1000": "170.00",
        "1210": "-150.14",
        "5000": "-19.86",
    } | _out_of_suspense("19.86")
    assert added(
        lending, lambda: repay(lending.maya, facility=made.id, amount=pounds("40.00"), on=TWENTY, key="4")
    ) == {
        "1000": "40.00",
        "1200": "-10.00",
        "5000": "-30.00",
    } | _out_of_suspense("30.00")
    assert left_out(lending, made.id, TWENTY) == "0.00"


def test_14c_paid_in_full_while_in_stage_3_all_that_was_left_out_is_taken_up(lending: SmallBank) -> None:
    made = impaired(lending)
    accrue(lending.maya, facility=made.id, until=TWENTY, key="1")
    paid = pounds("36700.00") + pounds("5.00")
    assert added(lending, lambda: repay(lending.maya, facility=made.id, amount=paid, on=TWENTY, key="4")) == {
        "1000": "36705.00",
        "1200": "-36500.00",
        "1210": "-150.14",
        "1242": "18300.00",
        "2300": "-5.00",
        "5000": f"-{pounds('18300.00') + pounds('49.86')}",
    } | _out_of_suspense("49.86")
    figures = lending.facility(made.id).figures
    assert (figures.interest_due, figures.outstanding) == (NOTHING, NOTHING)
    assert left_out(lending, made.id, TWENTY) == "0.00"


def test_16_interest_made_principal_in_stage_3_takes_what_is_in_suspense_along_and_is_no_income(
    lending: SmallBank,
) -> None:
    """200.00 is more principal, of which 49.86 was never recognised: so much more is allowed for."""
    made = impaired(lending)
    accrue(lending.maya, facility=made.id, until=TWENTY, key="1")
    assert added(
        lending, lambda: capitalise(lending.maya, facility=made.id, on=TWENTY, reason="Clause 8.2", key="2")
    ) == {"1200": "200.00", "1210": "-150.14", "1242": "-49.86"} | _out_of_suspense("49.86")
    assert left_out(lending, made.id, TWENTY) == "0.00"
    accrue(lending.maya, facility=made.id, until=THIRTY, key="3")
    net = Fraction(3650000 + 20000 - 1830000 - 4986) / 10 * 10 / 365
    assert str(lending.facility(made.id).figures.interest_due) == str(Money.round_half_up(net))


def test_19_a_write_off_takes_interest_in_suspense_along_and_loses_only_what_was_recognised(lending: SmallBank) -> None:
    made = impaired(lending)
    accrue(lending.maya, facility=made.id, until=TWENTY, key="1")
    lost = pounds("36650.14") - pounds("18300.00")
    assert added(
        lending,
        lambda: write_off(lending.maya, facility=made.id, amount=made.amount, on=TWENTY, reason="Wound up", key="2"),
    ) == {"1200": "-36500.00", "1210": "-150.14", "1242": "18300.00", "5010": str(lost)} | _out_of_suspense("49.86")
    assert (left_out(lending, made.id, THIRTY), left_out(lending, made.id, TWENTY)) == ("0.00", "0.00")
    assert str(lending.facility(made.id).figures.interest_written_off) == "200.00"


def test_default_interest_left_out_comes_back_with_the_cure_too(lending: SmallBank) -> None:
    due: dict[str, Any] = {"repayment": "equal-principal", "first_due_on": TEN, "every_months": 1, "instalments": 2}
    made = impaired(lending, **due, roll="none", default_margin=Decimal("0.02"))
    accrue(lending.maya, facility=made.id, until=TWENTY, key="1")
    assert lending.balance("bank", f"1220:{made.id}") == "0.00"
    move_stage(lending.maya, facility=made.id, stage=2, on=TWENTY, reason="Refinanced", key="2")
    overdue = Fraction(18250 + 100) * 2 / 100 * 10 / 365
    assert lending.balance("bank", f"1220:{made.id}") == str(Money.round_half_up(overdue * 100))


def test_nothing_of_a_loan_that_was_written_off_is_taken_up(lending: SmallBank) -> None:
    made = impaired(lending)
    write_off(lending.maya, facility=made.id, amount=made.amount, on=TWENTY, reason="Wound up", key="1")
    assert (
        added(lending, lambda: move_stage(lending.maya, facility=made.id, stage=1, on=THIRTY, reason="Closed", key="2"))
        == {}
    )


days = st.integers(0, 60)


@given(
    st.lists(st.tuples(days, st.sampled_from(Stage)), max_size=6),
    st.lists(st.tuples(days, st.integers(0, 30_000_00)), max_size=4),
    days,
)
def test_once_no_loan_is_in_stage_3_all_that_the_contract_claims_is_in_the_books(
    stages: list[tuple[int, Stage]], allowed: list[tuple[int, int]], until: int
) -> None:
    """To the penny, whatever the stages were; and in stage 3 never more than that is."""

    def day(number: int) -> date:
        return START + timedelta(days=number)

    course = Course(
        RateHistory.fixed(Decimal("0.0735")),
        DayCount.ACT_365F,
        principal=((START, Money(33_333_33)),),
        allowed=tuple((day(on), Money(amount)) for on, amount in allowed),
        stages=tuple((day(on), stage) for on, stage in stages),
    )
    lacking = course.claimed(day(until)) - course.interest(day(until)) - course.suspense.taken_up(day(until))
    in_stage_3 = any(start < day(until) < end for start, end in course.impaired)
    assert course.suspended(day(until)) == lacking
    assert in_stage_3 or lacking == NOTHING
    assert lacking >= NOTHING
