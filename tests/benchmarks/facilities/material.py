"""The institution that is measured: two managers, ten lenders, and so many facilities drawn on its first day.

Out of every ten facilities six bear a plain rate, one a margin over a base rate that moves and a commitment fee, one an
arrangement fee that is withheld and earned by the effective rate until all is repaid at the end, and two come back a
little every year, one of them with a fee. Of every twenty one is watched after a year and impaired after two.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final

from bank.allocations.commands import (
    approve,
    approve_assumption,
    approve_terms,
    assume_loss,
    draw_down,
    move_stage,
    propose,
    propose_terms,
    repay,
    sign,
)
from bank.capital.commands import subscribe_b_shares
from bank.people.commands import add_person
from bank.people.queries import actor_of_person
from bank.rates.commands import approve_base_rate, propose_base_rate
from bank.wiring import OPERATOR
from intermediaries.register.commands import register_intermediary
from ledger.dates import Quarter, SetClock
from ledger.money import Money
from ledger.store.database import Database
from ledger.store.work import Desk

FIRST: Final = date(2012, 1, 3)
LENDERS: Final = 10
AMOUNT: Final = Money(10_000_000)
YEARLY: Final = Money(500_000)
ENDS: Final = date(2030, 12, 31)
BASE: Final = "bank-rate"
STEPS: Final = (
    ("0.005", FIRST),
    ("0.0075", date(2013, 5, 9)),
    ("0.01", date(2015, 2, 5)),
    ("0.0025", date(2018, 8, 2)),
)

_FEE: Final[dict[str, Any]] = {"arrangement_fee": Money(100_000), "fee_withheld": True}
_YEARLY: Final[dict[str, Any]] = {"repayment": "equal-principal", "every_months": 12, "instalments": 18}
_AT_THE_END: Final[dict[str, Any]] = {"repayment": "bullet", "every_months": 12, "instalments": 18}
TERMS: Final[dict[int, dict[str, Any]]] = {
    6: _AT_THE_END | {"base": BASE, "rate": Decimal("0.04"), "commitment_fee": Decimal("0.01")},
    7: _AT_THE_END | {"rate": Decimal("0.06")} | _FEE,
    8: _YEARLY | {"rate": Decimal("0.055")},
    9: _YEARLY | {"rate": Decimal("0.055")} | _FEE,
}
"""What facilities agree by the last figure of their number; those that are not listed keep their plain rate."""
_PAYS: Final = (8, 9)
_FAILS: Final = 13


@dataclass(frozen=True, slots=True)
class Institution:
    """Where to work, and those who do."""

    database: Database
    clock: SetClock
    desk: Desk
    facilities: tuple[str, ...]

    def at(self, day: date) -> None:
        """Put the clock to a day."""
        self.clock.set(datetime(day.year, day.month, day.day, 12, tzinfo=UTC))

    def happens(self, quarter: Quarter) -> None:
        """What happens to single facilities in a quarter: yearly payments, and the fate of those that do badly."""
        for number, one in enumerate(self.facilities):
            key, day = f"{quarter} {number}", quarter.ends_on
            if number % 10 in _PAYS and quarter.number == 1 and quarter.year > FIRST.year:
                repay(self.desk, facility=one, amount=YEARLY, on=date(quarter.year, 1, 3), key=f"pay {key}")
            stage = {Quarter(FIRST.year + 1, 1): 2, Quarter(FIRST.year + 2, 1): 3}.get(quarter)
            if number % 20 == _FAILS and stage is not None:
                move_stage(self.desk, facility=one, stage=stage, on=day, reason="Does badly", key=f"stage {key}")


def build(database: Database, clock: SetClock, count: int) -> Institution:
    """Open the bank and have every facility proposed by one, approved by another, signed and half of it drawn."""
    clock.set(datetime(FIRST.year, FIRST.month, FIRST.day, 9, tzinfo=UTC))
    maya, tom = (_person(database, name) for name in ("maya", "tom"))
    subscribe_b_shares(maya, holder="A bank (invented)", amount=AMOUNT.times(Decimal(count * 2)), on=FIRST, key="b")
    _assume(maya, tom)
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


def _assume(maya: Desk, tom: Desk) -> None:
    """How the base rate moves and what loss is expected: one proposes, the other approves."""
    for rate, day in STEPS:
        step = propose_base_rate(
            maya, base=BASE, rate=Decimal(rate), from_on=day, source="Invented to measure with", key=f"base {day}"
        )
        approve_base_rate(tom, id=step.id, key=f"base {day}")
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


def _facility(maya: Desk, tom: Desk, lender: str, number: int) -> str:
    made = propose(
        maya,
        intermediary=lender,
        product="senior-loan",
        amount=AMOUNT,
        annual_rate=Decimal("0.05") + Decimal(number % 7) / 1000,
        available_from=FIRST,
        available_until=date(2020, 12, 31),
        matures_on=ENDS,
        purpose="To measure",
        additionality="To measure",
        key=f"p{number}",
    )
    approve(tom, facility=made.id, key=f"a{number}")
    sign(maya, facility=made.id, key=f"s{number}")
    if number % 10 in TERMS:
        terms = propose_terms(
            maya,
            facility=made.id,
            from_on=FIRST,
            first_due_on=date(FIRST.year + 1, FIRST.month, FIRST.day),
            reason="To measure",
            key=f"t{number}",
            **TERMS[number % 10],
        )
        approve_terms(tom, id=terms.id, key=f"t{number}")
    draw_down(maya, facility=made.id, amount=Money(AMOUNT.pence // 2), on=FIRST, key=f"d{number}")
    return made.id
