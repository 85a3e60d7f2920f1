"""A small bank to test the money rooms in: its people, its capital, an intermediary and a facility or two."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count
from typing import Any

from bank.allocations.commands import approve, draw_down, propose, sign
from bank.allocations.queries import FacilityView, facility
from bank.capital.commands import subscribe_b_shares
from bank.people.commands import add_person
from bank.people.queries import actor_of_person, people
from bank.wiring import OPERATOR
from intermediaries.register.commands import register_intermediary
from ledger.commands import open_house
from ledger.dates import SetClock
from ledger.money import Money
from ledger.queries import balance_at
from ledger.store.database import Database
from ledger.store.work import Desk

STAFF = {"maya": "fund-manager", "tom": "fund-manager", "ada": "administrator", "iris": "trustee"}


def pounds(text: str) -> Money:
    return Money.parse(text)


@dataclass
class SmallBank:
    """Maya proposes, Tom approves, Ada administers, Iris reads; the clock stands where a test puts it."""

    database: Database
    clock: SetClock
    desks: dict[str, Desk] = field(default_factory=dict)
    _keys: Iterator[int] = field(default_factory=count)

    @property
    def maya(self) -> Desk:
        return self.desks["maya"]

    @property
    def tom(self) -> Desk:
        return self.desks["tom"]

    @property
    def operator(self) -> Desk:
        return Desk(self.database, OPERATOR)

    def key(self) -> str:
        return f"key {next(self._keys)}"

    def at(self, day: date) -> None:
        """Put the clock to nine in the morning of a day."""
        self.clock.set(datetime(day.year, day.month, day.day, 9, tzinfo=UTC))

    def open(self) -> None:
        """Open the books and let the people in, unless they are there."""
        with self.database.reading() as session:
            there = {view.email for view in people(session)}
            for name in STAFF:
                if f"{name}@bank.example" in there:
                    self.desks[name] = Desk(self.database, actor_of_person(session, f"{name}@bank.example"))
        if not there:
            with self.operator.writing() as work:
                open_house(work)
            for name, role in STAFF.items():
                self.person(name, role)

    def person(self, name: str, *roles: str) -> Desk:
        view = add_person(self.operator, name=name.title(), email=f"{name}@bank.example", roles=roles)
        with self.database.reading() as session:
            self.desks[name] = Desk(self.database, actor_of_person(session, view.id))
        return self.desks[name]

    def lender(self, name: str = "Invented Community Lender") -> str:
        return register_intermediary(
            self.maya, name=name, kind="community-development-lender", identifiers=(), key=self.key()
        ).id

    def capital(self, amount: str, on: date | None = None) -> None:
        day = on or self.clock.now().date()
        subscribe_b_shares(self.maya, holder="A merchant bank", amount=pounds(amount), on=day, key=self.key())

    def proposed(self, lender: str, amount: str = "100000.00", **changed: Any) -> FacilityView:
        today = self.clock.now().date()
        terms: dict[str, Any] = {
            "product": "senior-loan",
            "amount": pounds(amount),
            "annual_rate": Decimal("0.06"),
            "available_from": today,
            "available_until": date(today.year + 2, 12, 31),
            "matures_on": date(today.year + 5, 12, 31),
            "purpose": "Loans to charities",
            "additionality": "No other lender would carry the risk",
        }
        return propose(self.maya, intermediary=lender, key=self.key(), **(terms | changed))

    def signed(self, lender: str, amount: str = "100000.00", **changed: Any) -> FacilityView:
        made = self.proposed(lender, amount, **changed)
        approve(self.tom, facility=made.id, key=self.key())
        return sign(self.maya, facility=made.id, key=self.key())

    def drawn(self, lender: str, amount: str = "100000.00", **changed: Any) -> FacilityView:
        made = self.signed(lender, amount, **changed)
        today = self.clock.now().date()
        return draw_down(self.maya, facility=made.id, amount=made.amount, on=today, key=self.key())

    def balance(self, book: str, code: str, as_at: date | None = None) -> str:
        with self.database.reading() as session:
            return str(balance_at(session, book, code, as_at))

    def facility(self, id: str, as_at: date | None = None) -> FacilityView:  # noqa: A002 -- as the query has it
        with self.database.reading() as session:
            return facility(session, id, as_at=as_at)
