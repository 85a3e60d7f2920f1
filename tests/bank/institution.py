"""A small invented institution through three quarters, with everything in it that a statement must be able to tell.

Two lenders: Harbour, whose loans fall behind, are restructured, written off and recovered, and whose second return is
corrected later; and Hill, which files late and then not at all. All of it goes through the commands of every door.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Final

from bank.allocations import commands as allocations
from bank.capital import commands as capital
from bank.inflows import commands as inflows
from bank.people import commands as people
from bank.people import queries as peopled
from bank.quarters import commands as quarters
from bank.treasury import commands as treasury
from bank.wiring import OPERATOR
from intermediaries.register import commands as register
from intermediaries.returns import commands as returns
from ledger.dates import Quarter, SetClock
from ledger.identifiers import CountedIdentifiers
from ledger.money import Money
from ledger.store.database import Database
from ledger.store.work import Actor, Desk
from tests import databases

Q1, Q2, Q3 = Quarter(2012, 1), Quarter(2012, 2), Quarter(2012, 3)
HARBOUR, HILL = "Harbour Lending (invented)", "Hill Farm Finance (invented)"

_WORDS: Final = (
    "loan_ref borrower_name borrower_ids legal_form purpose agreed_on maturity_on annual_rate amount_committed drawn "
    "principal_received interest_received written_off recovered principal_outstanding arrears_principal days_past_due "
    "status our_share outcome_area beneficiary_group place_basis lsoa local_authority restructured_on "
    "restructure_kind turnover first_time_borrower declined_by_bank people_reached people_unit indicator baseline "
    "target actual indicator_unit evidence_level"
)
CLOSED_OVER: Final = "Hill has stopped answering, and the trustees know of it."
COLUMNS: Final = tuple(_WORDS.split())

_TERMS: Final = {
    "legal_form": "UNINC",
    "purpose": "workingCapital",
    "agreed_on": "2012-02-10",
    "maturity_on": "2016-02-10",
    "annual_rate": "0.07",
    "drawn": "0.00",
    "principal_received": "0.00",
    "interest_received": "0.00",
    "written_off": "0.00",
    "recovered": "0.00",
    "arrears_principal": "0.00",
    "days_past_due": "0",
    "status": "performing",
    "our_share": "1",
    "outcome_area": "employment",
    "beneficiary_group": "poverty",
    "place_basis": "delivery",
}

LOANS: Final[dict[str, dict[str, str]]] = {
    "H-1": {
        "borrower_name": "Dockside Kitchen (invented)",
        "amount_committed": "100000.00",
        "our_share": "0.5",
        "lsoa": "E01006513",
        "turnover": "180000.00",
        "first_time_borrower": "yes",
        "people_reached": "120",
        "people_unit": "people",
        "indicator": "Places in training",
        "baseline": "10",
        "target": "40",
        "actual": "25",
        "indicator_unit": "places",
        "evidence_level": "recorded",
    },
    "H-2": {
        "borrower_name": "Lantern Arts (invented)",
        "amount_committed": "40000.00",
        "outcome_area": "arts",
        "local_authority": "E08000012",
        "turnover": "?",
        "first_time_borrower": "no",
        "declined_by_bank": "yes",
    },
    "H-3": {
        "borrower_name": "Quay Housing (invented)",
        "amount_committed": "250000.33",
        "our_share": "0.333333",
        "outcome_area": "housing",
        "beneficiary_group": "homeless",
        "legal_form": "CIC-CLG",
        "borrower_ids": "GB-COH-09506232",
        "local_authority": "W06000015",
        "turnover": "90000.00",
        "people_reached": "60",
        "people_unit": "households",
    },
    "G-1": {
        "borrower_name": "Quay Housing CIC (invented)",
        "amount_committed": "20000.00",
        "legal_form": "CIC-CLG",
        "borrower_ids": "GB-COH-09506232",
        "local_authority": "S12000006",
        "first_time_borrower": "no",
    },
    "G-2": {
        "borrower_name": "Fell Rescue (invented)",
        "amount_committed": "15000.00",
        "outcome_area": "environment",
        "beneficiary_group": "general-public",
        "local_authority": "E06999999",
        "turnover": "-",
    },
}


def pounds(text: str) -> Money:
    return Money.parse(text)


def at(year: int, month: int, day: int, hour: int = 9) -> datetime:
    return datetime(year, month, day, hour, tzinfo=UTC)


def return_csv(rows: Iterable[dict[str, str]]) -> bytes:
    """A return as a spreadsheet would save it."""
    return csv_of(LOANS[row["loan_ref"]] | row for row in rows)


def csv_of(rows: Iterable[dict[str, str]]) -> bytes:
    """Loans as a spreadsheet would save them, each with what differs from the terms that all have."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n", restval="")
    writer.writeheader()
    for row in rows:
        writer.writerow(_TERMS | row)
    return out.getvalue().encode()


def said(ref: str, outstanding: str, **facts: str) -> dict[str, str]:
    """One row: what differs from the loan's terms."""
    return {"loan_ref": ref, "principal_outstanding": outstanding, **facts}


RESTRUCTURED: Final = {"restructured_on": "2012-05-02", "restructure_kind": "extension", "status": "restructured"}

FIRST: Final = (
    said("H-1", "100000.00", drawn="100000.00", interest_received="500.00"),
    said("H-2", "40000.00", drawn="40000.00"),
    said("H-3", "150000.33", drawn="150000.33", interest_received="10.01"),
)
SECOND: Final = (
    said("H-1", "90000.00", principal_received="10000.00", **RESTRUCTURED),
    said("H-2", "40000.00", arrears_principal="2500.00", days_past_due="45", status="in-arrears"),
    said("H-3", "250000.33", drawn="100000.00", arrears_principal="100.00", days_past_due="12", status="in-arrears"),
)
SECOND_CORRECTED: Final = (
    said("H-1", "90000.00", principal_received="10000.00", **RESTRUCTURED),
    said("H-2", "40000.00", arrears_principal="5000.00", days_past_due="95", status="in-arrears"),
    said("H-3", "245000.33", drawn="100000.00", principal_received="5000.00"),
)
THIRD: Final = (
    said("H-1", "90000.00", **RESTRUCTURED),
    said("H-2", "0.00", written_off="40000.00", recovered="1500.00", status="written-off"),
    said("H-3", "245000.33"),
)
HILL_FIRST: Final = (
    said("G-1", "20000.00", drawn="20000.00"),
    said("G-2", "15000.00", drawn="15000.00", interest_received="99.99"),
)
HILL_SECOND: Final = (
    said("G-1", "18000.00", principal_received="2000.00"),
    said("G-2", "15000.00", arrears_principal="300.00", days_past_due="31", status="in-arrears"),
)


@dataclass
class Institution:
    """Where to work, who is who, and what was made."""

    database: Database
    clock: SetClock
    intermediaries: dict[str, str] = field(default_factory=dict)
    facilities: dict[str, str] = field(default_factory=dict)
    returns: list[str] = field(default_factory=list)

    def desk(self, name: str) -> Desk:
        """The desk of a person of the bank."""
        with self.database.reading() as session:
            return Desk(self.database, peopled.actor_of_person(session, f"{name}@bank.example"))

    def lender(self, name: str) -> Desk:
        """The desk of an intermediary."""
        one = self.intermediaries[name]
        return Desk(self.database, Actor("intermediary", one, name, frozenset({"intermediary"}), one))

    def file(self, name: str, quarter: Quarter, rows: Iterable[dict[str, str]], cash: str, why: str = "") -> str:
        """A return filed, attested and accepted; its id."""
        key = f"{name} {quarter} {len(self.returns)}"
        filed = returns.submit_return(
            self.lender(name),
            data=return_csv(rows),
            filename="return.csv",
            facility=self.facilities[name],
            quarter=quarter,
            cash_held=pounds(cash),
            key=key,
        )
        assert filed.errors == 0, filed.findings
        returns.attest_return(self.lender(name), return_id=filed.id, name="A director (invented)", role="Director")
        returns.accept_return(self.desk("fay"), return_id=filed.id, explanation=why or None, key=key)
        self.returns.append(filed.id)
        return filed.id

    def close(self, quarter: Quarter, *, over: str = "") -> None:
        """Accrue interest to the quarter's end and close it: softly, or for good over a return that is missing."""
        allocations.accrue_all(self.desk("fay"), until=quarter.ends_on, key=f"accrue {quarter}")
        quarters.close(self.desk("fay"), quarter=quarter, hard=bool(over), accept_missing=over)


def open_for_business(database: Database, clock: SetClock) -> Institution:
    """People, dormant money through to share capital, and two facilities drawn."""
    bank = Institution(database, clock)
    clock.set(at(2012, 1, 9))
    for name in ("fay", "flo"):
        people.add_person(
            Desk(database, OPERATOR), name=f"{name} (invented)", email=f"{name}@bank.example", roles=["fund-manager"]
        )
    _money_in(bank)
    _facility(bank, HARBOUR, "1000000.00", "600000.00", "400000.00")
    _facility(bank, HILL, "200000.00", "50000.00", "0.00")
    return bank


def _money_in(bank: Institution) -> None:
    fay, flo = bank.desk("fay"), bank.desk("flo")
    rate = inflows.propose_reserve_rate(
        fay, asset_class="bank-account", rate=Decimal("0.6"), from_on=date(2011, 3, 28), basis="An assumption"
    )
    inflows.approve_reserve_rate(flo, id=rate.id)
    policy = treasury.propose_liquidity_policy(
        fay, fraction=Decimal("0.1"), from_on=date(2012, 1, 1), basis="A tenth is kept"
    )
    treasury.approve_liquidity_policy(flo, id=policy.id)
    for number, (amount, accounts) in enumerate((("30000000.00", 700), ("20000000.01", None))):
        received = inflows.record_receipt(
            fay,
            participant="A building society (invented)",
            amount=pounds(amount),
            accounts=accounts,
            consented_on=date(2012, 1, 3),
            received_on=date(2012, 1, 5),
            key=f"receipt {number}",
        )
    inflows.pay_reclaim(
        fay,
        inflow=received.id,
        principal=pounds("120000.00"),
        interest=pounds("1234.56"),
        paid_on=date(2012, 1, 6),
        key="reclaim",
    )
    inflows.distribute(fay, amount=pounds("15000000.01"), on=date(2012, 1, 6), key="distribute")
    inflows.apportion(
        fay,
        amount=pounds("15000000.01"),
        on=date(2012, 1, 6),
        distributor_expenses=pounds("1000.00"),
        key="apportion",
    )
    inflows.pay_england_to_trust(fay, amount=pounds("12000000.00"), on=date(2012, 1, 6), key="england")
    capital.subscribe_a_shares(fay, amount=pounds("11000000.00"), on=date(2012, 1, 9), key="a")
    capital.subscribe_b_shares(
        fay, holder="A bank (invented)", amount=pounds("6000000.00"), on=date(2012, 1, 9), key="b"
    )


def _facility(bank: Institution, name: str, amount: str, drawn: str, match: str) -> None:
    fay, flo = bank.desk("fay"), bank.desk("flo")
    one = register.register_intermediary(fay, name=name, kind="community-development-lender", key=name)
    bank.intermediaries[name] = one.id
    made = allocations.propose(
        fay,
        intermediary=one.id,
        product="senior-loan",
        amount=pounds(amount),
        annual_rate=Decimal("0.05"),
        available_from=date(2012, 1, 9),
        available_until=date(2013, 12, 31),
        matures_on=date(2018, 12, 31),
        purpose="Loans to charities and social enterprises",
        additionality="Borrowers whom banks have declined",
        co_investor_amount=pounds(match),
        key=name,
    )
    allocations.approve(flo, facility=made.id, key=name)
    allocations.sign(fay, facility=made.id, key=name)
    allocations.draw_down(
        fay,
        facility=made.id,
        amount=pounds(drawn),
        co_investor_amount=pounds(match).times(Decimal("0.5")),
        on=date(2012, 1, 9),
        key=name,
    )
    bank.facilities[name] = made.id


def first_quarter(bank: Institution) -> None:
    """Both lenders report in time, and the quarter is closed."""
    bank.clock.set(at(2012, 4, 12))
    bank.file(HARBOUR, Q1, FIRST, "460253.28")
    bank.file(HILL, Q1, HILL_FIRST, "15099.99")
    bank.clock.set(at(2012, 5, 2))
    bank.close(Q1)


def second_quarter(bank: Institution) -> None:
    """Interest and principal come back, loans fall behind, and Hill files late."""
    fay = bank.desk("fay")
    bank.clock.set(at(2012, 7, 20))
    harbour = bank.facilities[HARBOUR]
    allocations.accrue(fay, facility=harbour, until=date(2012, 6, 29), key="june")
    allocations.repay(
        fay,
        facility=harbour,
        principal=pounds("50000.00"),
        interest=pounds("2000.00"),
        on=date(2012, 6, 29),
        key="june",
    )
    bank.file(HARBOUR, Q2, SECOND, "379919.98")
    bank.clock.set(at(2012, 8, 20))
    bank.file(HILL, Q2, HILL_SECOND, "17099.99")
    bank.close(Q2)


def third_quarter(bank: Institution) -> None:
    """Harbour's second return is corrected, then a loan is lost; Hill is silent, and the bank writes a part off."""
    fay = bank.desk("fay")
    bank.clock.set(at(2012, 10, 8))
    bank.file(HARBOUR, Q2, SECOND_CORRECTED, "381586.65", why="A repayment was booked in the wrong quarter")
    bank.clock.set(at(2012, 10, 25))
    bank.file(HARBOUR, Q3, THIRD, "383086.65")
    hill = bank.facilities[HILL]
    allocations.accrue(fay, facility=hill, until=date(2012, 9, 28), key="hill")
    allocations.write_off(
        fay,
        facility=hill,
        amount=pounds("10000.00"),
        on=date(2012, 9, 28),
        reason="Hill is late and silent",
        key="hill",
    )
    allocations.recover(fay, facility=hill, amount=pounds("750.00"), on=date(2012, 9, 29), key="hill")
    bank.clock.set(at(2012, 11, 5))
    bank.close(Q3, over=CLOSED_OVER)


def live(database: Database, clock: SetClock, run: Path, quarter: int) -> None:
    """Live through one quarter more in a template, and note who is who in it."""
    bank = open_for_business(database, clock) if quarter == 1 else _taken_up(database, clock, run, quarter - 1)
    (first_quarter, second_quarter, third_quarter)[quarter - 1](bank)
    who = (bank.intermediaries, bank.facilities, bank.returns, clock.now().isoformat())
    _notes(run, database, quarter).write_text(json.dumps(who))


@contextmanager
def lived(kind: str, run: Path, home: Path, quarters: int) -> Iterator[Institution]:
    """The institution after so many of its quarters, in a copy of its own: it lives through them once in a run."""
    clock = SetClock(databases.OPENING)
    with databases.prepared(kind, run, home, databases.QUARTERS[quarters]) as url:
        database = Database.open(
            url, clock=clock, identifiers=CountedIdentifiers("institution"), compiled=databases.COMPILED
        )
        yield _taken_up(database, clock, run, quarters)
        database.close()


def after_one_quarter(database: Database, clock: SetClock, run: Path) -> Institution:
    """The institution in a database that began with its first quarter."""
    return _taken_up(database, clock, run, 1)


def _taken_up(database: Database, clock: SetClock, run: Path, quarters: int) -> Institution:
    intermediaries, facilities, returned, now = json.loads(_notes(run, database, quarters).read_text())
    clock.set(datetime.fromisoformat(now))
    return Institution(database, clock, intermediaries, facilities, returned)


def _notes(run: Path, database: Database, quarters: int) -> Path:
    return run / f"{databases.QUARTERS[quarters]}.{database.dialect}.json"


def whole(database: Database, clock: SetClock) -> Institution:
    """All three quarters."""
    bank = open_for_business(database, clock)
    first_quarter(bank)
    second_quarter(bank)
    third_quarter(bank)
    return bank
