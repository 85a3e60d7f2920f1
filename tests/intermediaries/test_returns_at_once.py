from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from intermediaries.returns.queries import versions
from intermediaries.returns.refusals import NotAcceptable
from ledger import queries as books
from ledger.dates import SetClock
from ledger.money import Money
from ledger.store import confinement
from ledger.store.database import Database
from tests.intermediaries.lending import Q3, House, loan

KEPT = (
    "intermediary",
    "intermediary_standing",
    "loan",
    "loan_tape",
    "loan_report",
    "lending_return",
    "lending_return_event",
    "lending_return_break",
)


@pytest.fixture
def house(database: Database, clock: SetClock) -> House:
    return House.opened(database, clock)


def test_two_returns_filed_at_once_are_two_versions(house: House) -> None:
    def file(drawn: str) -> int:
        return house.submit(loan(drawn=drawn, principal_outstanding=drawn)).version

    with ThreadPoolExecutor(4) as pool:
        filed = list(pool.map(file, ["10.00", "20.00", "30.00", "40.00"]))
    assert sorted(filed) == [1, 2, 3, 4]
    with house.bank.reading() as session:
        assert [state for _, state in versions(session, house.facility, Q3)] == ["checked", *["superseded"] * 3]


def test_a_return_accepted_twice_at_once_is_posted_once(house: House) -> None:
    filed = house.attested(loan(drawn="10.00", principal_outstanding="10.00"), cash_held="99995.00")

    def accept(_: int) -> str:
        try:
            return house.accept(filed.id).accepted.state
        except NotAcceptable as no:
            return no.slug

    with ThreadPoolExecutor(3) as pool:
        answers = sorted(pool.map(accept, range(3)))
    assert answers == ["accepted", "return-not-acceptable", "return-not-acceptable"]
    with house.bank.reading() as session:
        lent = books.balance_at(session, house.intermediary, f"1300:{house.facility}")
    assert lent == Money.parse("5.00")


@pytest.mark.parametrize("attack", ["DELETE FROM {table}", "UPDATE {table} SET {column} = {column}"])
def test_what_was_reported_is_only_ever_added_to(house: House, attack: str) -> None:
    house.accepted(loan(drawn="10.00", principal_outstanding="10.00"), cash_held="0.00")
    for table in KEPT:
        column = "return_id" if table == "loan_tape" else "id"
        with (
            pytest.raises(DBAPIError, match="only ever added to"),
            house.database.writing() as session,
            confinement.lifted(session.connection()),
        ):
            session.execute(text(attack.format(table=table, column=column)))
