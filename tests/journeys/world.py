"""A small bank at work: five people, two intermediaries with money drawn, one return accepted for each."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Final

from bank.allocations import commands as allocations
from bank.capital import commands as capital
from bank.inflows import commands as inflows
from bank.people import commands as people
from bank.people import queries as peopled
from bank.wiring import OPERATOR
from intermediaries.register import commands as register
from intermediaries.returns import commands as returns
from ledger.dates import Quarter, SetClock
from ledger.money import Money
from ledger.store.database import Database
from ledger.store.work import Actor, Desk

QUARTER: Final = Quarter(2012, 1)
HEADER: Final = (
    "loan_ref,borrower_name,borrower_ids,legal_form,purpose,agreed_on,maturity_on,annual_rate,amount_committed,drawn,"
    "principal_received,interest_received,written_off,recovered,principal_outstanding,arrears_principal,days_past_due,"
    "status,our_share,outcome_area,beneficiary_group,place_basis,local_authority"
)


def pounds(text: str) -> Money:
    return Money.parse(text)


def loan_row(ref: str, name: str, drawn: str = "60000.00") -> list[str]:
    """One loan drawn in full in the quarter, half of it ours."""
    return [
        *(ref, name, "", "UNINC", "workingCapital", "2012-02-10", "2015-02-10", "0.07", drawn, drawn),
        *("0.00", "500.00", "0.00", "0.00", drawn, "0.00", "0", "performing", "0.5"),
        *("employment", "poverty", "delivery", "E08000012"),
    ]


def return_csv(rows: Sequence[Sequence[str]]) -> bytes:
    """A return as a lender's spreadsheet would save it."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HEADER.split(","))
    writer.writerows(rows)
    return out.getvalue().encode()


@dataclass
class World:
    """Who is who, what is what, and the desks to work at."""

    database: Database
    clock: SetClock
    secrets: dict[str, str] = field(default_factory=dict)
    intermediaries: dict[str, str] = field(default_factory=dict)
    facilities: dict[str, str] = field(default_factory=dict)
    returns: dict[str, str] = field(default_factory=dict)
    inflow: str = ""

    def desk(self, email: str) -> Desk:
        """The desk of a person."""
        with self.database.reading() as session:
            return Desk(self.database, peopled.actor_of_person(session, email))

    def lender(self, name: str) -> Desk:
        """The desk of an intermediary's key."""
        one = self.intermediaries[name]
        return Desk(self.database, Actor("intermediary", one, name, frozenset({"intermediary"}), one))


def staffed(database: Database, clock: SetClock) -> World:
    """The people, and money in the bank; no intermediary yet."""
    world = World(database, clock)
    clock.set(datetime(2012, 1, 9, 9, 0, tzinfo=UTC))
    _people(world)
    _money_in(world)
    return world


def build(database: Database, clock: SetClock) -> World:
    """Everything through the commands that the doors use."""
    world = staffed(database, clock)
    for name in ("Harbour Lending (invented)", "Hill Farm Finance (invented)"):
        _lender(world, name)
    clock.set(datetime(2012, 4, 12, 9, 0, tzinfo=UTC))
    for name in world.intermediaries:
        _file(world, name)
    return world


def _people(world: World) -> None:
    operator = Desk(world.database, OPERATOR)
    for name, role in (
        ("ada", "administrator"),
        ("fay", "fund-manager"),
        ("flo", "fund-manager"),
        ("tom", "trustee"),
        ("ann", "auditor"),
    ):
        email = f"{name}@bank.example"
        people.add_person(operator, name=f"{name.capitalize()} (invented)", email=email, roles=[role])
        world.secrets[name] = people.issue_key(operator, person=email, days=730).secret


def _money_in(world: World) -> None:
    fay, flo = world.desk("fay@bank.example"), world.desk("flo@bank.example")
    rate = inflows.propose_reserve_rate(
        fay, asset_class="bank-account", rate=Decimal("0.6"), from_on=date(2011, 3, 28), basis="A test's assumption"
    )
    inflows.approve_reserve_rate(flo, id=rate.id)
    received = inflows.record_receipt(
        fay,
        participant="A building society (invented)",
        amount=pounds("50000000.00"),
        accounts=900,
        consented_on=date(2012, 1, 3),
        received_on=date(2012, 1, 5),
        key="receipt",
    )
    world.inflow = received.id
    inflows.distribute(fay, amount=pounds("15000000.00"), on=date(2012, 1, 6), key="distribute")
    inflows.apportion(fay, amount=pounds("15000000.00"), on=date(2012, 1, 6), key="apportion")
    inflows.pay_england_to_trust(fay, amount=pounds("12000000.00"), on=date(2012, 1, 6), key="england")
    capital.subscribe_a_shares(fay, amount=pounds("12000000.00"), on=date(2012, 1, 9), key="a shares")


def _lender(world: World, name: str) -> None:
    fay, flo = world.desk("fay@bank.example"), world.desk("flo@bank.example")
    one = register.register_intermediary(fay, name=name, kind="community-development-lender", key=name)
    world.intermediaries[name] = one.id
    facility = allocations.propose(
        fay,
        intermediary=one.id,
        product="senior-loan",
        amount=pounds("1000000.00"),
        annual_rate=Decimal("0.05"),
        available_from=date(2012, 1, 9),
        available_until=date(2013, 12, 31),
        matures_on=date(2018, 12, 31),
        purpose="Loans to charities and social enterprises",
        additionality="Borrowers whom banks have declined",
        co_investor_amount=pounds("1000000.00"),
        key=name,
    )
    allocations.approve(flo, facility=facility.id, key=name)
    allocations.sign(fay, facility=facility.id, key=name)
    allocations.draw_down(
        fay,
        facility=facility.id,
        amount=pounds("400000.00"),
        co_investor_amount=pounds("400000.00"),
        on=date(2012, 1, 9),
        key=name,
    )
    world.facilities[name] = facility.id
    issued = people.issue_key(Desk(world.database, OPERATOR), intermediary=one.id, days=730)
    world.secrets[name] = issued.secret


def _file(world: World, name: str) -> None:
    lender, fay = world.lender(name), world.desk("fay@bank.example")
    rows = [loan_row(f"{name[:4]}-{number}", f"{name[:4]} borrower {number} (invented)") for number in (1, 2)]
    filed = returns.submit_return(
        lender,
        data=return_csv(rows),
        filename="return.csv",
        facility=world.facilities[name],
        quarter=QUARTER,
        cash_held=pounds("340500.00"),
        key=name,
    )
    assert filed.errors == 0, filed.findings
    returns.attest_return(lender, return_id=filed.id, name="Their director (invented)", role="Director")
    returns.accept_return(fay, return_id=filed.id, key=name)
    world.returns[name] = filed.id
