"""A return of many loans leaves the same rows in every table, told many at a time or each by the library itself."""

from __future__ import annotations

from typing import Any, Final

import pytest
from sqlalchemy import select

from ledger.dates import SetClock
from ledger.identifiers import CountedIdentifiers
from ledger.store import many
from ledger.store.columns import Base
from ledger.store.database import Database
from tests.databases import COMPILED, OPENING
from tests.intermediaries.lending import House, loan

LOANS: Final = 45
TABLES: Final = (
    *("organisation", "organisation_registration", "organisation_description", "trail", "loan", "loan_tape"),
    *("loan_report", "account", "posting", "entry", "mark", "lending_return_event"),
)


def _loans() -> list[dict[str, Any]]:
    """Drawn, repaid and written off, under names and notes with signs that mean something to a database."""
    told = []
    for number in range(LOANS):
        drawn, repaid, lost = 1_000 + number, number % 7, number % 5
        told.append(
            loan(
                f"L-{number:03d}",
                borrower_name=f"Café \\N {number} 'quoted' {{x}} %s",
                borrower_ids=f"GB-COH-{number + 1:08d}" if number % 3 else "",
                legal_form="CLG" if number % 3 else "UNINC",
                drawn=f"{drawn}.00",
                principal_received=f"{repaid}.00",
                written_off=f"{lost}.00",
                principal_outstanding=f"{drawn - repaid - lost}.00",
                our_share=("0.5", "1", "0.333333")[number % 3],
                note="a\\b" if number % 2 else "",
            )
        )
    return told


def _all_that_is_there(url: str, few: int, monkeypatch: pytest.MonkeyPatch) -> dict[str, list[Any]]:
    monkeypatch.setattr(many, "_FEW", few)
    clock = SetClock(OPENING)
    database = Database.open(url, clock=clock, identifiers=CountedIdentifiers("tests"), compiled=COMPILED)
    try:
        house = House.opened(database, clock)
        filed = house.attest(house.submit(*_loans(), cash_held="70000.00").id)
        assert house.accept(filed.id).posted == LOANS
        with database.reading() as session:
            return {name: list(map(tuple, session.execute(_ordered(name)))) for name in TABLES}
    finally:
        database.close()


def _ordered(name: str) -> Any:
    table = Base.metadata.tables[name]
    return select(table).order_by(*table.primary_key.columns)


def test_what_is_told_many_at_a_time_is_what_is_told_one_by_one(
    database_url: str, other_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_once = _all_that_is_there(database_url, 2, monkeypatch)
    one_by_one = _all_that_is_there(other_url, 10_000, monkeypatch)
    assert len(at_once["loan_report"]) == LOANS
    for name in TABLES:
        assert at_once[name] == one_by_one[name], name
