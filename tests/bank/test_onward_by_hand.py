"""A few loans of one lender, seen by what their place is the place of, and by how late they are."""

from __future__ import annotations

import pytest

from bank.figures.queries import breakdown, onward
from ledger.dates import SetClock
from ledger.store.database import Database
from tests.intermediaries.lending import Q3, Q4, House, loan

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


def test_what_the_place_of_each_loan_is_the_place_of_is_told(database: Database, clock: SetClock) -> None:
    """A registered office and the place of benefit are different facts."""
    house = House.opened(database, clock)
    house.accepted(
        loan("L-1", drawn="10.00", principal_outstanding="10.00", place_basis="registered-office"),
        loan("L-2", drawn="30.00", principal_outstanding="30.00"),
        loan("L-3", drawn="50.00", principal_outstanding="50.00", place_basis="registered-office"),
        loan("L-4", place_basis="beneficiary", status="signed-undrawn"),
        cash_held="99955.00",
    )
    with house.bank.reading() as session:
        told = breakdown(session, "place-basis", as_at=Q3.ends_on)
    assert [(one.code, one.loans, str(one.ours), str(one.others)) for one in told.slices] == [
        ("registered-office", 2, "30.00", "30.00"),
        ("delivery", 1, "15.00", "15.00"),
    ]
    assert (told.coverage.known, told.coverage.of) == (3, 3)


def test_arrears_and_what_is_at_risk_are_of_what_is_owed_and_say_of_which_quarter(
    database: Database, clock: SetClock
) -> None:
    house = House.opened(database, clock)
    begun = {"drawn": "100.00", "principal_outstanding": "100.00"}
    late = {"arrears_principal": "10.00", "status": "in-arrears"}
    changed = {"status": "restructured", "restructured_on": "2011-09-01", "restructure_kind": "extension"}
    house.accepted(
        loan("L-1", **begun, employees_fte="1.125"),
        loan("L-2", **begun, **late, days_past_due="10"),
        loan("L-3", **begun, **changed),
        loan("L-4", **begun, **late, days_past_due="45"),
        loan("L-5", drawn="100.00", principal_received="100.00", status="repaid"),
        loan("L-6", amount_committed="3.00", employees_fte="9", status="signed-undrawn"),
        cash_held="99800.00",
    )
    told = []
    for day in (Q3.ends_on, Q4.ends_on):
        with house.bank.reading() as session:
            record = onward(session, as_at=day)
        arrears = [one for one in record.arrears if one.loans]
        told.append([(one.days, one.loans, str(one.outstanding), str(one.of_it_restructured)) for one in arrears])
        assert [(one.coverage.known, one.coverage.of) for one in arrears] == [
            (one.loans if day == Q3.ends_on else 0, one.loans) for one in arrears
        ]
        assert [str(one.coverage.known_money) for one in arrears] == [
            str(one.outstanding) if day == Q3.ends_on else "0.00" for one in arrears
        ]
    assert (
        told[0] == told[1] == [("0", 2, "100.00", "50.00"), ("1-30", 1, "50.00", "0.00"), ("31-60", 1, "50.00", "0.00")]
    )
    thirty, ninety = record.risk
    assert (str(thirty.at_risk), str(thirty.with_restructured), str(ninety.at_risk)) == ("50.00", "100.00", "0.00")
    assert [str(one) for one in (thirty.at_risk_share, thirty.with_restructured_share)] == ["0.250000", "0.500000"]
    assert str(ninety.with_restructured_share) == "0.250000"
    sizes = {one.code: one for one in record.sizes}
    assert (sizes["agreed"].coverage.of, str(sizes["agreed"].least)) == (5, "100000.00")
    assert [str(one) for one in (sizes["staff"].least, sizes["staff"].greatest)] == ["1.13", "1.13"]
