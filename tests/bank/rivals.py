"""Rivals at one bank: two real connections do what touches the same money at the same moment, thousands of times.

`python -m tests.bank.rivals --rounds 2000 --database postgresql` is the long run; the suite does a short one. After
each round all that can be counted is: nothing twice, nothing lost, no limit passed, no deadlock left to whoever asked.
A bank is made ready once and serves many rounds, and a round counts only what it can have touched; a fresh copy takes
its place before its history would make a round slow.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from threading import Barrier
from typing import Final

from bank.allocations.queries import all_facilities, facility, facts
from bank.allocations.rules import life_of
from bank.approvals.commands import decide_rule, propose_rule
from bank.inflows.commands import approve_reserve_rate, propose_reserve_rate, record_receipt
from bank.limits.commands import decide_limit, propose_limit
from bank.treasury.queries import headroom
from ledger.dates import SetClock
from ledger.money import NOTHING, Money
from ledger.queries import balance_at, pairs_that_disagree
from ledger.refusals import Refusal
from ledger.store.database import Database
from ledger.store.work import Busy, Desk
from tests import databases, servers
from tests.bank.small_bank import SmallBank, pounds

SIGNED: Final = date(2012, 1, 10)
TODAY: Final = date(2012, 4, 12)
CAP: Final = pounds("400.00")
ROUNDS_OF_A_BANK: Final = 200
PARTICIPANT: Final = "A merchant bank"

Act = Callable[[Desk, str], object]


@dataclass
class Arena:
    """A bank with some lenders, each with one signed facility and room for little more, and two who work there."""

    bank: SmallBank
    two: tuple[Desk, Desk]
    facilities: list[tuple[str, str]]
    """Lender and facility: the last is the one that is raced for."""
    lot: random.Random
    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)
    race: str = ""
    rounds: int = 0

    @property
    def maya(self) -> Desk:
        return self.bank.maya

    @property
    def facility(self) -> str:
        return self.facilities[-1][1]

    @property
    def lender(self) -> str:
        return self.facilities[-1][0]

    def key(self) -> str:
        return self.bank.key()

    def go(self, first: Act, second: Act, desks: tuple[Desk, Desk] | None = None) -> list[Refusal | None]:
        """Let both go at the same moment, and tell how each fared; a refusal is an answer, anything else is not."""
        gate, acts = Barrier(2), [first, second]
        self.lot.shuffle(acts)

        def run(desk: Desk, act: Act, key: str) -> Refusal | None:
            gate.wait(timeout=60)
            try:
                act(desk, key)
            except Refusal as refused:
                return refused
            return None

        with ThreadPoolExecutor(2) as pool:
            going = {
                act: pool.submit(run, desk, act, self.key()) for desk, act in zip(desks or self.two, acts, strict=True)
            }
            fared = [going[act].result(timeout=120) for act in (first, second)]
        for each in fared:
            self.outcomes[self.race, "done" if each is None else type(each).__name__] += 1
        assert not any(isinstance(each, Busy) for each in fared), "a deadlock or a busy database was left to the user"
        return fared

    def balance(self, code: str, book: str = "bank") -> Money:
        with self.bank.database.reading() as session:
            return balance_at(session, book, code)

    def count(self, *touched: str) -> None:
        """All that must hold whatever came first, of the facilities touched and of the bank as a whole."""
        with self.bank.database.reading() as session:
            for each in touched:
                life, figures = life_of(facts(session, each)), facility(session, each).figures
                assert (figures.drawn, figures.repaid_principal, figures.written_off) == (
                    life.drawn,
                    life.repaid,
                    life.written_off,
                ), "an update was lost between the events and the books"
                assert NOTHING <= figures.drawn <= figures.signed or not figures.signed
                assert figures.outstanding >= NOTHING
                assert figures.recovered <= figures.written_off + figures.interest_written_off
            assert balance_at(session, "bank", "1000") >= NOTHING, "cash was spent twice"
            assert balance_at(session, "reclaim-fund", "1000") >= NOTHING, "the fund's cash was spent twice"
            assert balance_at(session, "reclaim-fund", "2010") <= NOTHING, "a claim was paid twice"
            assert headroom(session).headroom >= NOTHING, "what was promised outran the money"
            memo = ("9100", "9110", "9140", "9141", "9199")
            assert Money.total(balance_at(session, "bank", code) for code in memo) == NOTHING

    def count_all(self) -> None:
        """The same of everything, with the limit of each lender and every linked pair."""
        with self.bank.database.reading() as session:
            views = all_facilities(session)
            assert pairs_that_disagree(session) == []
        self.count(*(view.id for view in views))
        for lender in {view.intermediary for view in views}:
            own = [view.figures for view in views if view.intermediary == lender]
            at_risk = Money.total(one.awaiting_signature + one.undrawn + one.outstanding for one in own)
            assert at_risk <= CAP, "a lender's limit was passed"


@contextmanager
def arena(url: str, *, seed: int = 1, facilities: int = 6) -> Iterator[Arena]:
    """A bank in a prepared, empty database: capital and dormant money, a limit on each lender, a rule on drawdowns."""
    clock = SetClock(databases.OPENING)
    opened = [Database.open(url, clock=clock, compiled=databases.COMPILED) for _ in range(3)]
    bank = SmallBank(opened[0], clock)
    bank.open()
    bank.person("proposer", "fund-manager")
    bank.at(SIGNED)
    bank.capital("5000.00")
    limit = propose_limit(bank.maya, kind="intermediary", amount=CAP, from_on=SIGNED, basis="Race", key="limit")
    decide_limit(bank.tom, limit=limit.id, approve=True, key="limit")
    for action, above, persons in (("draw-down", "50.00", 1), ("threshold", "0.00", 2)):
        rule = propose_rule(
            bank.maya,
            action=action,
            from_amount=pounds(above),
            roles=("fund-manager",) * persons,
            from_on=SIGNED,
            basis="Race",
            within_days=0,  # the rounds of a day are races of their own, not parts of one act
            key=f"rule on {action}",
        )
        decide_rule(bank.tom, rule=rule.id, approve=True, key=f"rule on {action}")
    lenders = [bank.lender(f"Invented Lender {number}") for number in range(facilities)]
    made = [(each, bank.signed(each, "300.00", annual_rate=Decimal(0)).id) for each in lenders]
    rate = propose_reserve_rate(
        bank.maya, asset_class="bank-account", rate=Decimal("0.4"), from_on=SIGNED, basis="Race"
    )
    approve_reserve_rate(bank.tom, id=rate.id)
    receive(bank, "1000.00")
    bank.at(TODAY)
    two = (Desk(opened[1], bank.maya.actor), Desk(opened[2], bank.tom.actor))
    yield Arena(bank, two, made, random.Random(seed))  # noqa: S311 -- a choice of what to try, not a secret
    for each in opened:
        each.close()


def receive(bank: SmallBank, amount: str) -> None:
    """Dormant money in."""
    on = bank.clock.now().date()
    record_receipt(
        bank.maya,
        participant=PARTICIPANT,
        amount=pounds(amount),
        consented_on=on,
        received_on=on,
        key=bank.key(),
    )


def race(place: Arena, rounds: int) -> Counter[tuple[str, str]]:
    """So many rounds in one bank, the duels taking turns; the books are counted after each, and whole at the end."""
    from tests.bank.duels import DUELS, renewed  # noqa: PLC0415 -- the duels are made of this

    for number in range(rounds):
        place.race, duel = DUELS[number % len(DUELS)]
        place.count(*duel(place))
        place.rounds += 1
        if place.rounds % len(DUELS) == 0:
            renewed(place)
    place.count_all()
    return place.outcomes


def run(kind: str, rounds: int, seed: int) -> Counter[tuple[str, str]]:
    """The long run, in one bank after the other; how each fared is told as it goes."""
    outcomes: Counter[tuple[str, str]] = Counter()
    done, began = 0, time.process_time()
    with tempfile.TemporaryDirectory() as home, servers.run_of_tests() as directory:
        while done < rounds:
            part = min(ROUNDS_OF_A_BANK, rounds - done)
            with databases.prepared(kind, directory, Path(home)) as url, arena(url, seed=seed + done) as place:
                outcomes += race(place, part)
            done += part
            spent = time.process_time() - began
            tell(f"{done} rounds on {kind}, {1000 * spent / done:.0f} ms of work each", outcomes)
        databases.clear_away(directory)
    return outcomes


def tell(begins: str, outcomes: Counter[tuple[str, str]]) -> None:
    """How each race went so far. Whatever is lost or done twice ends the run before it is told."""
    print(f"{begins}: lost updates 0, double spends 0, deadlocks left to the user 0")
    for name in dict.fromkeys(name for name, _ in sorted(outcomes)):
        told = [f"{outcome} {many}" for (of, outcome), many in sorted(outcomes.items()) if of == name]
        print(f"  {name}: {', '.join(told)}", flush=True)


def main(words: Sequence[str] | None = None) -> int:
    """Run."""
    reader = argparse.ArgumentParser(prog="python -m tests.bank.rivals", description=__doc__)
    reader.add_argument("--rounds", type=int, default=2000)
    reader.add_argument("--seed", type=int, default=1)
    reader.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    asked = reader.parse_args(words)
    run(asked.database, asked.rounds, asked.seed)
    return 0


if __name__ == "__main__":
    sys.exit(main())
