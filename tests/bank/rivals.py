"""Rivals at one facility and one headroom: two real connections draw, approve, repay and write off at once, many times.

`python -m tests.bank.rivals --rounds 5000` is the long run; the suite does a short one. After every round all that can
be counted is: nothing twice, nothing lost, no limit passed, and no deadlock left to whoever asked.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
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

from bank.allocations.commands import approve, draw_down, lapse, recover, repay, write_off
from bank.allocations.life.commands import ask_approval
from bank.allocations.queries import all_facilities, facts
from bank.allocations.rules import life_of
from bank.approvals.commands import decide, decide_rule, propose_rule
from bank.limits.commands import decide_limit, propose_limit
from bank.treasury.queries import headroom
from bank.wiring import prepare
from ledger.dates import SetClock
from ledger.money import NOTHING, Money
from ledger.queries import balance_at, pairs_that_disagree
from ledger.refusals import Refusal
from ledger.store.database import Database
from ledger.store.work import Busy, Desk
from tests import databases
from tests.bank.small_bank import SmallBank, pounds

DAY: Final = date(2012, 1, 10)
CAP: Final = pounds("400.00")

Act = Callable[[Desk, str], object]


@dataclass
class Arena:
    """A bank with one lender, whose limit is a little more than one facility, and two who work there at once."""

    bank: SmallBank
    two: tuple[Desk, Desk]
    lender: str
    facility: str
    outcomes: Counter[str] = field(default_factory=Counter)

    def go(self, acts: tuple[Act, Act], tag: str) -> list[Exception | None]:
        """Let both go at the same moment; a refusal is an answer, anything else is not."""
        gate = Barrier(2)

        def run(desk: Desk, act: Act, key: str) -> Refusal | None:
            gate.wait(timeout=60)
            try:
                act(desk, key)
            except Refusal as refused:
                return refused
            return None

        with ThreadPoolExecutor(2) as pool:
            going = [
                pool.submit(run, desk, act, f"{tag} {number}")
                for number, (desk, act) in enumerate(zip(self.two, acts, strict=True))
            ]
            fared: list[Exception | None] = [each.result(timeout=120) for each in going]
        for each in fared:
            self.outcomes[type(each).__name__ if each is not None else "done"] += 1
        return fared


@contextmanager
def arena(url: str) -> Iterator[Arena]:
    """Open a bank in a prepared, empty database: 1,000 of capital, a limit on the lender, a rule on large drawdowns."""
    clock = SetClock(databases.OPENING)
    opened = [Database.open(url, clock=clock, compiled=databases.COMPILED) for _ in range(3)]
    bank = SmallBank(opened[0], clock)
    bank.open()
    bank.at(DAY)
    bank.capital("1000.00")
    lender = bank.lender()
    limit = propose_limit(bank.maya, kind="intermediary", amount=CAP, from_on=DAY, basis="Race", key="limit")
    decide_limit(bank.tom, limit=limit.id, approve=True, key="limit")
    rule = propose_rule(
        bank.maya,
        action="draw-down",
        from_amount=pounds("50.00"),
        roles=("fund-manager",),
        from_on=DAY,
        basis="Race",
        key="rule",
    )
    decide_rule(bank.tom, rule=rule.id, approve=True, key="rule")
    made = bank.signed(lender, "300.00", annual_rate=Decimal(0))
    yield Arena(bank, (Desk(opened[1], bank.maya.actor), Desk(opened[2], bank.tom.actor)), lender, made.id)
    for each in opened:
        each.close()


def race(place: Arena, rounds: int, seed: int = 1) -> Counter[str]:
    """So many rounds of two acts at once, drawn by lot; the books are counted after each."""
    lot = random.Random(seed)  # noqa: S311 -- a choice of what to try, not a secret
    for number in range(rounds):
        acts = (_drawn(place, lot), _drawn(place, lot))
        before = len(_events(place))
        fared = place.go(acts, f"round {number}")
        assert not any(isinstance(each, Busy) for each in fared), "a deadlock or a busy database was left to the user"
        assert len(_events(place)) <= before + 2, "something was done twice"
        count(place)
        _renewed(place, number)
        if number % 7 == 6:
            _approvals(place, number)
        if number % 11 == 10:
            _one_agreement_used_twice(place, number)
    return place.outcomes


def count(place: Arena) -> None:
    """All that must hold whatever came first."""
    with place.bank.database.reading() as session:
        for view in all_facilities(session):
            life, figures = life_of(facts(session, view.id)), view.figures
            assert (figures.drawn, figures.repaid_principal, figures.written_off) == (
                life.drawn,
                life.repaid,
                life.written_off,
            ), "an update was lost between the events and the books"
            assert NOTHING <= figures.drawn <= figures.signed or not figures.signed
            assert figures.outstanding >= NOTHING
            assert figures.recovered <= figures.written_off + figures.interest_written_off
        at_risk = Money.total(balance_at(session, "bank", code) for code in ("9110", "9100", "1200"))
        assert at_risk <= CAP, "the lender's limit was passed"
        assert headroom(session).headroom >= NOTHING
        memo = ("9100", "9110", "9199")
        assert Money.total(balance_at(session, "bank", code) for code in memo) == NOTHING
        assert pairs_that_disagree(session) == []


def _events(place: Arena) -> list[object]:
    with place.bank.database.reading() as session:
        return [fact for fact in facts(session, place.facility) if fact.kind != "accrual"]


def _renewed(place: Arena, number: int) -> None:
    """A fresh facility in the place of one that is nearly drawn out, so that there is always something to race for."""
    bank, left = place.bank, place.bank.facility(place.facility).figures
    if left.undrawn >= pounds("60.00"):
        return
    if left.outstanding:
        repay(bank.maya, facility=place.facility, principal=left.outstanding, on=DAY, key=f"repaid {number}")
    if left.undrawn:
        lapse(bank.maya, facility=place.facility, on=DAY, reason="Nearly drawn out", key=f"lapsed {number}")
    if left.written_off:
        bank.capital(str(left.written_off))
    place.facility = bank.signed(place.lender, "300.00", annual_rate=Decimal(0)).id


def _drawn(place: Arena, lot: random.Random) -> Act:
    amount = Money(lot.randint(1, 4_999))
    facility = place.facility
    acts: list[Act] = [
        lambda desk, key: draw_down(desk, facility=facility, amount=amount, on=DAY, key=key),
        lambda desk, key: repay(desk, facility=facility, principal=amount, on=DAY, key=key),
        lambda desk, key: write_off(desk, facility=facility, amount=amount, on=DAY, reason="Lost", key=key),
        lambda desk, key: recover(desk, facility=facility, amount=amount, on=DAY, key=key),
    ]
    return acts[lot.choices(range(4), weights=(4, 3, 1, 1))[0]]


def _approvals(place: Arena, number: int) -> None:
    """Two proposals that the lender's limit has room for one of, approved at once; what was approved then lapses."""
    proposer = place.bank.desks.setdefault("proposer", place.bank.desks["maya"])
    if proposer is place.bank.maya:
        proposer = place.bank.person("proposer", "fund-manager")
    kept, place.bank.desks["maya"] = place.bank.desks["maya"], proposer
    with place.bank.database.reading() as session:
        taken = Money.total(balance_at(session, "bank", code) for code in ("9110", "9100", "1200"))
    amount = str(CAP - taken - Money(1)) if CAP - taken > Money(2) else "0.01"
    made = [place.bank.proposed(place.lender, amount) for _ in range(2)]
    place.bank.desks["maya"] = kept
    fared = place.go(
        (
            lambda desk, key: approve(desk, facility=made[0].id, key=key),
            lambda desk, key: approve(desk, facility=made[1].id, key=key),
        ),
        f"approvals {number}",
    )
    if CAP - taken > Money(2):
        assert sorted(type(each).__name__ for each in fared) == ["LimitPassed", "NoneType"]
    count(place)
    for one, how in zip(made, fared, strict=True):
        if how is None:
            lapse(place.bank.maya, facility=one.id, on=DAY, reason="Made room", key=f"room {one.id}")


def _one_agreement_used_twice(place: Arena, number: int) -> None:
    """One agreement for one drawdown, carried out from two connections at once: once."""
    amount = pounds("50.00")
    with place.bank.database.reading() as session:
        if balance_at(session, "bank", f"9100:{place.facility}") < amount + amount:
            return
    asked = ask_approval(
        place.bank.maya, action="draw-down", facility=place.facility, amount=amount, reason="Race", key=f"ask {number}"
    )
    decide(place.bank.tom, request=asked.id, approve=True, key=f"yes {number}")
    kept = place.two
    place.two = (kept[0], Desk(kept[1].database, kept[0].actor))
    draw: Act = lambda desk, key: draw_down(desk, facility=place.facility, amount=amount, on=DAY, key=f"{key} same")  # noqa: E731 -- one act
    fared = place.go((draw, draw), f"agreement {number}")
    place.two = kept
    assert sorted(type(each).__name__ for each in fared) == ["ApprovalNeeded", "NoneType"]
    count(place)


def main(words: Sequence[str] | None = None) -> int:
    """The long run."""
    reader = argparse.ArgumentParser(prog="python -m tests.bank.rivals", description=__doc__)
    reader.add_argument("--rounds", type=int, default=2000)
    reader.add_argument("--seed", type=int, default=1)
    reader.add_argument("--database", help="An empty database; SQLite when left out.")
    asked = reader.parse_args(words)
    with tempfile.TemporaryDirectory() as home:
        url = asked.database or f"sqlite:///{Path(home) / 'bank.db'}"
        made = Database.open(url)
        prepare(made)
        made.close()
        with arena(url) as place:
            outcomes = race(place, asked.rounds, asked.seed)
    print(f"{asked.rounds} rounds, and every count held: {dict(outcomes.most_common())}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
