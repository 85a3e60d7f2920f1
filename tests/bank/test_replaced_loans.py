"""Changed terms that differ by a tenth end a loan and begin another; below that the loan goes on at its own rate."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from bank.allocations.commands import (
    accrue,
    allow_for_loss,
    approve_threshold,
    move_stage,
    propose_threshold,
    repay,
)
from bank.allocations.judging import terms_judged
from bank.allocations.queries import FacilityView, events
from bank.allocations.standing import credit
from bank.allocations.terms.queries import LoanTermsView, terms_of, threshold_on
from bank.people.rules import SamePerson
from bank.treasury.rules import BadTerms
from ledger.agreeing import AlreadyApproved
from ledger.queries import known
from ledger.store import confinement
from ledger.verification import verify
from tests.bank.small_bank import SmallBank, pounds
from tests.bank.test_loan_journals import added, agreed, loan

START = date(2013, 1, 10)
CHANGED = date(2014, 1, 10)
WHY = "The intermediary could not go on otherwise"


@pytest.fixture
def lending(small_bank: SmallBank) -> SmallBank:
    small_bank.at(date(2012, 1, 10))
    small_bank.capital("1000000.00")
    return small_bank


def a_year_on(bank: SmallBank) -> FacilityView:
    """100,000 at 10 %, all its interest paid so far, and three years of 365 days or so to go."""
    made = loan(bank, first_due_on=START, instalments=5, roll="none")
    bank.at(CHANGED)
    accrue(bank.maya, facility=made.id, until=CHANGED, key=bank.key())
    due = pounds(bank.balance("bank", f"1210:{made.id}"))
    repay(bank.maya, facility=made.id, interest=due, on=CHANGED, key=bank.key())
    return made


def relieved(bank: SmallBank, made: FacilityView, rate: str, **more: Any) -> dict[str, str]:
    """What other terms do: so much a year from now on, and all of it back after three years."""
    told: dict[str, Any] = {"rate": Decimal(rate), "first_due_on": date(2015, 1, 10), "instalments": 3, "roll": "none"}
    return added(bank, lambda: agreed(bank, made.id, from_on=CHANGED, reason=WHY, **(told | more)))


def last_terms(bank: SmallBank, facility: str) -> LoanTermsView:
    with bank.database.reading() as session:
        return terms_of(session, facility)[-1]


def worth(*flows: int, at: str) -> Decimal:
    return sum((Decimal(flow) / (1 + Decimal(at)) ** (year + 1) for year, flow in enumerate(flows)), Decimal(0))


def test_21b_a_tenth_of_difference_ends_the_loan_and_another_begins_at_its_fair_value(lending: SmallBank) -> None:
    """4 % in place of 10 % for three years is 14.9 % less; where others ask 12 %, what is to come is worth 80,785."""
    made = a_year_on(lending)
    move_stage(lending.maya, facility=made.id, stage=2, on=date(2013, 6, 3), reason="Late accounts", key="stage")
    allow_for_loss(
        lending.maya, facility=made.id, on=CHANGED, amount=pounds("9000.00"), reason="An assessment", key="allow"
    )
    moved = relieved(lending, made, "0.04", market_rate=Decimal("0.12"))
    fair = worth(4000, 4000, 104_000, at="0.12")
    lost = -Decimal(moved["1230"])
    assert abs(lost - (100_000 - fair)) < 30  # a leap year lies between, and years are of 365 days
    assert moved == {"1230": str(-lost), "1241": "9000.00", "5000": str(lost - 9000)}
    terms = last_terms(lending, made.id)
    assert terms.replaces
    assert terms.difference is not None
    assert abs(terms.difference - (1 - worth(4000, 4000, 104_000, at="0.10") / 100_000)) < Decimal("0.001")
    with lending.database.reading() as session:
        assert credit(session, made.id, as_at=CHANGED).stage == 1
        assert [each.kind for each in events(session, made.id)][-1] == "replacement"
    later = date(2015, 1, 10)
    lending.at(later)
    earned = added(lending, lambda: accrue(lending.maya, facility=made.id, until=later, key="1"))
    assert earned["1210"] == "4000.00"
    assert abs(-Decimal(earned["4000"]) - fair * 12 / 100) < 10
    with lending.database.reading() as session:
        assert verify(session).holds


def test_21b_a_new_loan_on_the_markets_terms_is_worth_what_is_owed(lending: SmallBank) -> None:
    made = a_year_on(lending)
    assert relieved(lending, made, "0.04") == {}
    assert last_terms(lending, made.id).replaces
    later = date(2015, 1, 10)
    lending.at(later)
    assert added(lending, lambda: accrue(lending.maya, facility=made.id, until=later, key="1")) == {
        "1210": "4000.00",
        "4000": "-4000.00",
    }


def test_21_below_the_threshold_of_the_day_the_loan_goes_on_at_its_original_rate(lending: SmallBank) -> None:
    source = "Credit policy, section 9"
    made = propose_threshold(lending.maya, part=Decimal("0.20"), from_on=date(2014, 1, 1), source=source, key="1")
    facility = a_year_on(lending)
    with lending.database.reading() as session:
        assert threshold_on(session, CHANGED).part == Decimal("0.10")
    approve_threshold(lending.tom, id=made.id, key="2")
    with lending.database.reading() as session:
        assert threshold_on(session, CHANGED).source == source
        assert "B3.3.6" in threshold_on(session, date(2013, 12, 31)).source
    moved = relieved(lending, facility, "0.04", market_rate=Decimal("0.12"))
    assert abs(Decimal(moved["5000"]) - (100_000 - worth(4000, 4000, 104_000, at="0.10"))) < 30
    assert not last_terms(lending, facility.id).replaces


def test_whether_a_loan_was_replaced_stays_as_it_was_judged_and_what_would_be_judged_now_is_shown(
    lending: SmallBank,
) -> None:
    """5.8 % in place of 10 % is 10.4 % less of what is to come; with two years' interest overdue, 8.7 % of all.

    The payment of that interest is told before the change for one loan, and after it for the other. Its value is put
    right by what is known; the judgment was two people's, on what they knew, and stays (decision 0011).
    """
    told, late = (loan(lending, first_due_on=START, instalments=5, roll="none") for _ in range(2))
    lending.at(CHANGED)
    owed = {}
    for made in (told, late):
        accrue(lending.maya, facility=made.id, until=CHANGED, key=lending.key())
        owed[made.id] = pounds(lending.balance("bank", f"1210:{made.id}"))

    def paid(made: FacilityView) -> None:
        repay(lending.maya, facility=made.id, interest=owed[made.id], on=CHANGED, key=lending.key())

    def judged(made: FacilityView) -> LoanTermsView:
        with lending.database.reading() as session:
            return terms_judged(session, made.id)[-1]

    paid(told)
    for made in (told, late):
        relieved(lending, made, "0.058")
    assert (judged(told).replaces, judged(late).replaces) == (True, False)
    for made in (told, late):
        assert (judged(made).difference, judged(made).replaces) == (
            judged(made).difference_now,
            judged(made).replaces_now,
        )
    before = lending.clock.now()
    lending.clock.set(before + timedelta(hours=1))
    paid(late)
    whole = 1 - worth(5800, 5800, 105_800, at="0.10") / 100_000
    now, then = judged(late), last_terms(lending, late.id)
    assert (now.replaces, now.replaces_now, now.difference_now) == (False, True, judged(told).difference)
    assert now.difference == then.difference
    assert now.difference is not None
    assert now.difference_now is not None
    assert abs(now.difference_now - whole) < Decimal("0.001")
    assert abs(now.difference - whole * 100_000 / 120_000) < Decimal("0.001")
    with lending.database.reading() as session:
        assert not terms_judged(session, late.id, at=known(session, before))[-1].replaces_now
    lost = Decimal(lending.balance("bank", f"1230:{late.id}"))
    assert abs(-lost - whole * 100_000) < 40


def test_a_loan_that_begins_impaired_stays_in_stage_3_with_its_allowance(lending: SmallBank) -> None:
    made = a_year_on(lending)
    move_stage(lending.maya, facility=made.id, stage=3, on=CHANGED, reason="Insolvent", key="stage")
    allow_for_loss(
        lending.maya, facility=made.id, on=CHANGED, amount=pounds("9000.00"), reason="An assessment", key="allow"
    )
    assert relieved(lending, made, "0.04") == {}
    with lending.database.reading() as session:
        shown = credit(session, made.id, as_at=CHANGED)
    assert (shown.stage, str(shown.stage_3_allowance)) == (3, "9000.00")


def test_a_threshold_is_agreed_by_two_has_a_source_and_is_not_nothing(lending: SmallBank) -> None:
    told: dict[str, Any] = {"part": Decimal("0.10"), "from_on": START, "source": "The auditor's letter"}
    made = propose_threshold(lending.maya, key="1", **told)
    with pytest.raises(SamePerson):
        approve_threshold(lending.maya, id=made.id, key="2")
    forged = text(
        "INSERT INTO modification_threshold_approval "
        "SELECT id, proposed_by, proposed_by, recorded_at FROM modification_threshold WHERE id = :id"
    )
    with (
        pytest.raises(DBAPIError, match="is the outcome of its proposal"),
        lending.database.engine.begin() as raw,
        confinement.lifted(raw),
    ):
        raw.execute(forged, {"id": made.id})
    approve_threshold(lending.tom, id=made.id, key="3")
    with pytest.raises(AlreadyApproved):
        approve_threshold(lending.tom, id=made.id, key="4")
    for wrong in ({"part": Decimal(0)}, {"part": Decimal(2)}, {"source": " "}):
        with pytest.raises(BadTerms):
            propose_threshold(lending.maya, key="5", **(told | wrong))
