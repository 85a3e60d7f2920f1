"""The institution that is measured: two managers, ten lenders, and so many facilities drawn on its first day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Final

from bank.allocations.commands import approve, approve_assumption, assume_loss, draw_down, propose, sign
from bank.capital.commands import subscribe_b_shares
from bank.people.commands import add_person
from bank.people.queries import actor_of_person
from bank.wiring import OPERATOR
from intermediaries.register.commands import register_intermediary
from ledger.dates import SetClock
from ledger.money import Money
from ledger.store.database import Database
from ledger.store.work import Desk

FIRST: Final = date(2012, 1, 3)
LENDERS: Final = 10
AMOUNT: Final = Money(10_000_000)


@dataclass(frozen=True, slots=True)
class Institution:
    """Where to work, and the one who does."""

    database: Database
    clock: SetClock
    desk: Desk
    facilities: tuple[str, ...]

    def at(self, day: date) -> None:
        """Put the clock to a day."""
        self.clock.set(datetime(day.year, day.month, day.day, 12, tzinfo=UTC))


def build(database: Database, clock: SetClock, count: int) -> Institution:
    """Open the bank and have every facility proposed by one, approved by another, signed and half of it drawn."""
    clock.set(datetime(FIRST.year, FIRST.month, FIRST.day, 9, tzinfo=UTC))
    maya, tom = (_person(database, name) for name in ("maya", "tom"))
    subscribe_b_shares(maya, holder="A bank (invented)", amount=AMOUNT.times(Decimal(count * 2)), on=FIRST, key="b")
    for stage, chance in ((1, "0.01"), (2, "0.1"), (3, "0.6")):
        made = assume_loss(
            maya,
            stage=stage,
            probability=Decimal(chance),
            loss_given_default=Decimal("0.45"),
            from_on=FIRST,
            basis="An assumption to measure with",
            key=f"loss {stage}",
        )
        approve_assumption(tom, id=made.id, key=f"loss {stage}")
    lenders = [
        register_intermediary(maya, name=f"Lender {number}", kind="social-bank", identifiers=(), key=f"l{number}").id
        for number in range(LENDERS)
    ]
    made_here = tuple(_facility(maya, tom, lenders[number % LENDERS], number) for number in range(count))
    return Institution(database, clock, maya, made_here)


def _person(database: Database, name: str) -> Desk:
    operator = Desk(database, OPERATOR)
    made = add_person(operator, name=name, email=f"{name}@bank.example", roles=("fund-manager",))
    with database.reading() as session:
        return Desk(database, actor_of_person(session, made.id))


def _facility(maya: Desk, tom: Desk, lender: str, number: int) -> str:
    made = propose(
        maya,
        intermediary=lender,
        product="senior-loan",
        amount=AMOUNT,
        annual_rate=Decimal("0.05") + Decimal(number % 7) / 1000,
        available_from=FIRST,
        available_until=date(2020, 12, 31),
        matures_on=date(2030, 12, 31),
        purpose="To measure",
        additionality="To measure",
        key=f"p{number}",
    )
    approve(tom, facility=made.id, key=f"a{number}")
    sign(maya, facility=made.id, key=f"s{number}")
    draw_down(maya, facility=made.id, amount=Money(AMOUNT.pence // 2), on=FIRST, key=f"d{number}")
    return made.id
