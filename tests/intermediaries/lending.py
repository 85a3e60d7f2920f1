"""A small lending house for tests: one intermediary, one facility drawn, and returns written in a line each."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import count
from typing import Any

from intermediaries.loans.queries import portfolio
from intermediaries.loans.views import OPTIONAL, Lent, LoanState, Placed
from intermediaries.register.commands import register_intermediary
from intermediaries.returns.commands import accept_return, attest_return, submit_return
from intermediaries.returns.queries import state_of
from intermediaries.returns.rows import LoanRow, texts
from intermediaries.returns.views import Acceptance, ReturnView
from ledger.commands import close_quarter, open_house, post, sub_account
from ledger.dates import Quarter, SetClock
from ledger.entries import Entry, Posting
from ledger.money import Money
from ledger.store.database import Database
from ledger.store.work import Actor, Desk

MANAGER = Actor("person", "per_1", "Ada Test", frozenset({"fund-manager"}))
Q3, Q4, Q1, Q2 = Quarter(2011, 3), Quarter(2011, 4), Quarter(2012, 1), Quarter(2012, 2)


def actor_of(intermediary: str) -> Actor:
    return Actor("intermediary", f"key_{intermediary}", "Their clerk", frozenset(), intermediary)


def loan(ref: str = "L-1", **changed: Any) -> dict[str, Any]:
    """One row in canonical text, sound by itself: 100.00 drawn, half of it ours, unless changed."""
    row: dict[str, Any] = {
        "loan_ref": ref,
        "borrower_name": f"Borrower of {ref}",
        "borrower_ids": "",
        "legal_form": "UNINC",
        "purpose": "workingCapital",
        "agreed_on": "2011-07-15",
        "maturity_on": "2016-07-15",
        "annual_rate": "0.06",
        "amount_committed": "100000.00",
        "drawn": "0.00",
        "principal_received": "0.00",
        "interest_received": "0.00",
        "written_off": "0.00",
        "recovered": "0.00",
        "principal_outstanding": "0.00",
        "arrears_principal": "0.00",
        "days_past_due": "0",
        "status": "performing",
        "our_share": "0.5",
        "outcome_area": "employment",
        "beneficiary_group": "general-public",
        "place_basis": "delivery",
        "local_authority": "E08000012",
    }
    return row | changed


@dataclass
class House:
    """The scene: desks for both sides, and verbs that do one thing each."""

    database: Database
    clock: SetClock
    intermediary: str
    facility: str

    @classmethod
    def opened(
        cls,
        database: Database,
        clock: SetClock,
        *,
        drawn: str = "100000.00",
        name: str = "Harbour Lending",
        drawn_on: date = date(2011, 7, 10),
    ) -> House:
        desk = Desk(database, MANAGER)
        with desk.writing() as work:
            open_house(work)
        one = register_intermediary(desk, name=name, kind="social-bank", key=f"register {name}")
        house = cls(database, clock, one.id, "")
        house.facility = house.sign(one.id, drawn=drawn, drawn_on=drawn_on)
        clock.set(datetime(2012, 1, 20, 9, 0, tzinfo=UTC))
        return house

    @property
    def bank(self) -> Desk:
        return Desk(self.database, MANAGER)

    @property
    def lender(self) -> Desk:
        return Desk(self.database, actor_of(self.intermediary))

    def sign(self, intermediary: str, *, drawn: str, drawn_on: date = date(2011, 7, 10)) -> str:
        """Open a facility's accounts as signing one does, and pay a tranche out."""
        with self.bank.writing() as work:
            facility = work.new_id("fac")
            for role in ("1000", "2100"):
                sub_account(work, intermediary, role, facility, name=facility)
        self.book(intermediary, facility, drawn_on, ("1000", drawn), ("2100", f"-{drawn}"))
        return facility

    def book(self, intermediary: str, facility: str, on: date, *legs: tuple[str, str]) -> None:
        """Post an entry to accounts of a facility."""
        with self.bank.writing() as work:
            for role, _ in legs:
                sub_account(work, intermediary, role, facility, name=facility)
            post(
                work,
                Entry(
                    key=f"test/{work.new_id('key')}",
                    book=intermediary,
                    effective_on=on,
                    description="By the test",
                    postings=tuple(Posting(f"{role}:{facility}", Money.parse(amount)) for role, amount in legs),
                ),
            )

    def submit(
        self,
        *rows: dict[str, Any],
        quarter: Quarter = Q3,
        cash_held: str = "100000.00",
        desk: Desk | None = None,
        facility: str | None = None,
        key: str | None = None,
    ) -> ReturnView:
        return submit_return(
            desk or self.lender,
            data=document(rows),
            filename="return.json",
            content_type="application/json",
            facility=facility or self.facility,
            quarter=quarter,
            cash_held=Money.parse(cash_held),
            key=key or f"submit-{next(_KEYS)}",
        )

    def attest(self, return_id: str) -> ReturnView:
        return attest_return(self.lender, return_id=return_id, name="R. Quill", role="Finance director")

    def accept(self, return_id: str) -> Acceptance:
        return accept_return(self.bank, return_id=return_id, explanation="looked at", key=f"accept-{next(_KEYS)}")

    def accepted(self, *rows: dict[str, Any], quarter: Quarter = Q3, cash_held: str = "100000.00") -> Acceptance:
        return self.accept(self.attested(*rows, quarter=quarter, cash_held=cash_held).id)

    def attested(self, *rows: dict[str, Any], quarter: Quarter = Q3, cash_held: str = "100000.00") -> ReturnView:
        filed = self.submit(*rows, quarter=quarter, cash_held=cash_held)
        assert filed.state == "checked", filed.findings
        return self.attest(filed.id)

    def state(self, return_id: str) -> str:
        with self.bank.reading() as session:
            return state_of(session, return_id)

    def close(self, quarter: Quarter, *, hard: bool = True) -> None:
        with self.bank.writing() as work:
            close_quarter(work, quarter, hard=hard)

    def move_on(self, instant: datetime) -> None:
        self.clock.set(instant)

    def states(self, as_at: date | None = None) -> dict[str, LoanState]:
        with self.bank.reading() as session:
            return {state.loan_ref: state for state in portfolio(session, as_at)}


def in_short(state: LoanState) -> Lent:
    """A loan's full state as figures ask for it: what the short way of reading loans is held against."""
    alike = (
        *("id", "loan_ref", "intermediary", "facility", "organisation", "borrower_name", "legal_form", "purpose"),
        *("outcome_area", "beneficiary_group", "place_basis", "status", "agreed_on", "maturity_on", "annual_rate"),
        *("our_share", "quarter", "return_id", "days_past_due", "restructured", "amount_committed"),
        *("people_reached", "people_unit"),
    )
    ours = ("outstanding", "arrears", "drawn", "repaid", "interest", "written_off", "recovered")
    return Lent(
        **{name: getattr(state, name) for name in alike},
        **{name: getattr(state, name).ours for name in ours},
        committed=state.commitment.ours,
        drawn_in_all=state.drawn.total,
        outstanding_of_others=state.outstanding.others,
        place=Placed(**{name: getattr(state.place, name) for name in Placed._fields}),
        answers=tuple(state.facts.get(name, "") for name in OPTIONAL),
    )


def document(rows: Sequence[dict[str, Any]]) -> bytes:
    return json.dumps({"loans": list(rows)}).encode()


def as_filed(row: LoanRow) -> dict[str, Any]:
    return dict(texts(row))


_KEYS = count(1)
