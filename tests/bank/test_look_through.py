"""Limits and concentration looked through to the front line: one borrower by whichever lender, and where money is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bank.allocations.commands import approve, propose
from bank.allocations.life.commands import describe
from bank.allocations.queries import FacilityView
from bank.figures.queries import portfolio
from bank.limits.commands import decide_limit, propose_limit
from bank.limits.placing import NOT_KNOWN, placed
from bank.limits.queries import evaluation, exposures
from bank.limits.rules import LimitPassed
from bank.proposals.commands import decide
from intermediaries.loans.queries import portfolio as loans
from ledger.money import NOTHING, Money
from ledger.queries import balance_at, known
from tests.bank.institution import HARBOUR, HILL, Institution, at, lived, pounds

DAY = date(2012, 5, 2)


@pytest.fixture
def bank(run_of_tests: Path, tmp_path: Path) -> Iterator[Institution]:
    """Two lenders after their first quarter: Quay Housing has borrowed from both."""
    with lived("sqlite", run_of_tests, tmp_path, 1) as made:
        yield made


def limited(bank: Institution, kind: str, amount: str, scope: str = "") -> None:
    key = f"{kind} {amount}"
    made = propose_limit(
        bank.desk("fay"), kind=kind, scope=scope, amount=pounds(amount), from_on=DAY, basis="Example", key=key
    )
    decide_limit(bank.desk("flo"), limit=made.id, approve=True, key=f"{key} approved")


def proposed(bank: Institution, name: str, amount: str) -> FacilityView:
    return propose(
        bank.desk("fay"),
        intermediary=bank.intermediaries[name],
        product="senior-loan",
        amount=pounds(amount),
        annual_rate=Decimal("0.05"),
        available_from=DAY,
        available_until=date(2013, 12, 31),
        matures_on=date(2018, 12, 31),
        purpose="Loans to charities",
        additionality="Borrowers whom banks have declined",
        key=f"{name} {amount}",
    )


def test_one_borrower_is_limited_over_every_lender_that_it_has_borrowed_from(bank: Institution) -> None:
    """Quay Housing owes a third of 150,000.33 through Harbour and 20,000.00 through Hill, under two names."""
    with bank.database.reading() as session:
        told = {state.loan_ref: state for state in loans(session, DAY, known(session))}
        owed = [
            balance_at(session, state.intermediary, f"1300:{state.facility}:{state.id}")
            for state in (told["H-3"], told["G-1"])
        ]
    assert [str(amount) for amount in owed] == ["50000.06", "20000.00"]
    limited(bank, "borrower", "70000.05")
    asked = proposed(bank, HILL, "100.00")
    with pytest.raises(LimitPassed, match=r"Quay Housing.*70000\.06 where at most 70000\.05"):
        approve(bank.desk("flo"), facility=asked.id, key="beyond")
    bank.clock.set(at(2012, 5, 2, 10))
    limited(bank, "borrower", "70000.06")
    assert approve(bank.desk("flo"), facility=asked.id, key="within").state == "approved"


def regions(bank: Institution) -> dict[str, str]:
    with bank.database.reading() as session:
        found = portfolio(session, as_at=DAY).concentration
        assert Money.total(line.at_risk for line in found if line.group == "region") == Money.total(
            exposures(session, DAY).values()
        )
    return {line.of: str(line.at_risk) for line in found if line.group == "region"}


def test_concentration_is_by_where_the_money_is_at_work_and_what_is_not_known_is_a_bar_of_its_own(
    bank: Institution,
) -> None:
    """Of 1,200,000 at risk 175,000.06 is lent on, and 15,000 of that to a place that no table has."""
    placed_there = {"North West": "90000.00", "Wales": "50000.06", "Scotland": "20000.00"}
    assert regions(bank) == placed_there | {NOT_KNOWN: "1039999.94"}
    assert list(regions(bank))[-1] == NOT_KNOWN
    told = describe(
        bank.desk("fay"),
        facility=bank.facilities[HARBOUR],
        on=DAY,
        region="Wales",
        reason="By its plan",
        key="meant for",
    )
    decide(bank.desk("flo"), on=told.pending[0].partition(":")[0], approve=True, key="agreed")
    # 859,999.94 of Harbour's is with no borrower yet
    assert regions(bank) == placed_there | {"Wales": "910000.00", NOT_KNOWN: "180000.00"}


def test_a_limit_of_a_region_counts_what_lenders_elsewhere_have_lent_on_there(bank: Institution) -> None:
    limited(bank, "region", "95000.00", scope="North West")
    asked = proposed(bank, HILL, "5000.01")
    describe(bank.desk("fay"), facility=asked.id, on=DAY, region="North West", key="asked")
    with pytest.raises(LimitPassed, match=r"95000\.01 where at most 95000\.00"):
        approve(bank.desk("flo"), facility=asked.id, key="beyond")
    with bank.database.reading() as session:
        (line,) = evaluation(session, asked.id, action="approve").readings
    assert (line.before, line.after) == ("90000.00", "95000.01")
    assert "of 1200000.00 at risk 1039999.94 is in no known region" in line.note


amounts = st.integers(0, 10**9).map(Money)


@given(
    amounts, st.dictionaries(st.sampled_from(["North West", "Wales", NOT_KNOWN]), amounts), st.none() | st.just("Wales")
)
def test_what_is_at_risk_is_placed_to_the_penny(
    exposure: Money, lent_on: dict[str, Money], meant_for: str | None
) -> None:
    found = placed(exposure, lent_on, meant_for)
    assert Money.total(found.values()) == exposure
    assert all(amount > NOTHING for amount in found.values())
