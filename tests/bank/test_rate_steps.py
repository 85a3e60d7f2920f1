"""Base rates: a dated history with sources and two names to each step, and what a loan over one earns."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from bank.allocations.commands import accrue
from bank.people.rules import SamePerson
from bank.rates.commands import NoSuchStep, approve_base_rate, propose_base_rate
from bank.rates.queries import BaseRateView, NoSuchBase, base_rates, history
from bank.treasury.rules import BadTerms
from ledger.agreeing import AlreadyApproved
from ledger.commands import close_quarter
from ledger.dates import Quarter
from ledger.queries import known
from ledger.rates import RateNotKnown
from ledger.refusals import NotAllowed
from ledger.store import confinement
from tests.bank.small_bank import SmallBank, pounds
from tests.bank.test_loan_journals import agreed, loan

START = date(2012, 1, 10)


@pytest.fixture
def lending(small_bank: SmallBank) -> SmallBank:
    small_bank.at(START)
    small_bank.capital("1000000.00")
    return small_bank


def proposed(bank: SmallBank, rate: str, from_on: date) -> BaseRateView:
    return propose_base_rate(
        bank.maya, base="test-rate", rate=Decimal(rate), from_on=from_on, source="Invented", key=bank.key()
    )


def stepped(bank: SmallBank, rate: str, from_on: date) -> None:
    approve_base_rate(bank.tom, id=proposed(bank, rate, from_on).id, key=bank.key())


def test_nobody_approves_a_step_of_their_own_and_the_database_knows_it_too(lending: SmallBank) -> None:
    step = proposed(lending, "0.005", START)
    with pytest.raises(SamePerson):
        approve_base_rate(lending.maya, id=step.id, key="1")
    forged = text(
        "INSERT INTO base_rate_approval SELECT id, proposed_by, proposed_by, recorded_at FROM base_rate WHERE id = :id"
    )
    with (
        pytest.raises(DBAPIError, match="is the outcome of its proposal"),
        lending.database.engine.begin() as raw,
        confinement.lifted(raw),
    ):
        raw.execute(forged, {"id": step.id})
    approve_base_rate(lending.tom, id=step.id, key="2")
    with pytest.raises(AlreadyApproved):
        approve_base_rate(lending.tom, id=step.id, key="3")
    with pytest.raises(NoSuchStep):
        approve_base_rate(lending.tom, id="bas_none", key="4")


def test_a_step_counts_from_its_day_once_it_is_approved_and_the_later_approved_of_two(lending: SmallBank) -> None:
    with lending.database.reading() as session, pytest.raises(NoSuchBase):
        history(session, "test-rate")
    stepped(lending, "0.005", START)
    with lending.database.reading() as session:
        then = known(session)
    lending.at(date(2012, 1, 11))
    proposed(lending, "0.02", START)
    stepped(lending, "0.01", START)
    with lending.database.reading() as session:
        assert history(session, "test-rate").on(START) == Decimal("0.01")
        assert history(session, "test-rate", at=then).on(START) == Decimal("0.005")
        assert len(base_rates(session, "test-rate")) == 3
        assert base_rates(session, "another") == []


@pytest.mark.parametrize("told", [{"base": "Bank Rate"}, {"rate": Decimal(1)}, {"source": " "}])
def test_a_step_that_cannot_be_meant_is_refused(lending: SmallBank, told: dict[str, object]) -> None:
    sound: dict[str, object] = {"base": "test-rate", "rate": Decimal("0.01"), "from_on": START, "source": "Invented"}
    with pytest.raises(BadTerms):
        propose_base_rate(lending.maya, key="1", **(sound | told))  # type: ignore[arg-type]  # told on purpose
    with pytest.raises(NotAllowed):
        propose_base_rate(lending.desks["iris"], key="2", **sound)  # type: ignore[arg-type]  # as above


def test_a_loan_over_a_base_earns_the_base_and_its_margin_within_floor_and_cap(lending: SmallBank) -> None:
    for rate, day in (("0.005", START), ("0.02", date(2012, 3, 10)), ("0.09", date(2012, 5, 9))):
        stepped(lending, rate, day)
    made = loan(
        lending, base="test-rate", rate=Decimal("0.04"), floor=Decimal("0.05"), cap=Decimal("0.10"), instalments=3
    )
    until = date(2012, 7, 8)
    lending.at(until)
    accrue(lending.maya, facility=made.id, until=until, key="1")
    exact = Decimal(100000) * (Decimal("0.05") + Decimal("0.06") + Decimal("0.10")) * 60 / 365
    assert lending.facility(made.id).figures.interest_accrued == pounds(str(round(exact, 2)))


def test_a_base_that_is_not_known_on_the_first_day_makes_no_terms(lending: SmallBank) -> None:
    stepped(lending, "0.005", date(2012, 2, 1))
    made = lending.signed(lending.lender())
    with pytest.raises(RateNotKnown):
        agreed(lending, made.id, base="test-rate")
    with pytest.raises(NoSuchBase):
        agreed(lending, made.id, base="no-rate")


def test_a_change_that_comes_to_be_known_late_is_made_good_in_an_open_quarter_and_rewrites_nothing(
    lending: SmallBank,
) -> None:
    stepped(lending, "0.01", START)
    made = loan(lending, base="test-rate", rate=Decimal("0.04"))
    lending.at(date(2012, 5, 20))
    for day in (date(2012, 3, 31), date(2012, 4, 30)):
        accrue(lending.maya, facility=made.id, until=day, key=f"{day}")
    with lending.maya.writing() as work:
        close_quarter(work, Quarter(2012, 1), hard=True)
    closed = lending.facility(made.id, date(2012, 3, 31)).figures
    stepped(lending, "0.03", date(2012, 3, 1))
    accrue(lending.maya, facility=made.id, until=date(2012, 5, 20), key="late")
    assert lending.facility(made.id, date(2012, 3, 31)).figures == closed
    for day in (date(2012, 4, 30), date(2012, 5, 20)):
        exact = Decimal(100000) * (
            Decimal("0.05") * (date(2012, 3, 1) - START).days + Decimal("0.07") * (day - date(2012, 3, 1)).days
        )
        accrued = lending.facility(made.id, day).figures.interest_accrued
        assert accrued == pounds(str(round(exact / 365, 2)))
