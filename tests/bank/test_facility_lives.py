"""Facilities led through random legal and illegal lives, on both databases: what must hold does, after each act."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import ClassVar, Final

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from bank.allocations.commands import (
    accrue,
    allow_for_loss,
    approve,
    approve_assumption,
    assume_loss,
    draw_down,
    lapse,
    recover,
    reject,
    repay,
    sign,
    write_off,
)
from bank.allocations.life.commands import amend, describe, lapse_due, list_condition, satisfy_condition
from bank.allocations.life.course import course
from bank.allocations.queries import all_facilities, facts, movements
from bank.allocations.rules import life_of
from bank.approvals.commands import decide
from bank.limits.commands import decide_limit, propose_limit
from bank.treasury.queries import headroom
from ledger.dates import SetClock
from ledger.identifiers import CountedIdentifiers
from ledger.money import NOTHING, Money
from ledger.queries import balance_at, known, pairs_that_disagree
from ledger.refusals import Refusal
from ledger.store.database import Database
from tests import databases
from tests.bank.small_bank import SmallBank, pounds

START: Final = date(2012, 1, 10)
LONGEST: Final = 120
RATE: Final = Decimal("0.0777")
CAP: Final = pounds("1500.00")
PLACES: Final = st.integers(0, 2)
AMOUNTS: Final = st.integers(1, 60_000).map(Money)
DAYS: Final = st.integers(0, LONGEST).map(lambda days: START + timedelta(days=days))
ROLES: Final = st.sampled_from(["maya", "tom"])


class Lives(RuleBasedStateMachine):
    """Three facilities of one lender, at a bank of two managers. Which database, a class below it says."""

    kind: ClassVar[str]
    run_of_tests: ClassVar[Path]

    def __init__(self) -> None:
        super().__init__()
        self.open = ExitStack()
        home = Path(self.open.enter_context(tempfile.TemporaryDirectory()))
        url = self.open.enter_context(databases.prepared(self.kind, self.run_of_tests, home))
        clock = SetClock(databases.OPENING)
        self.database = Database.open(
            url, clock=clock, identifiers=CountedIdentifiers("lives"), compiled=databases.COMPILED
        )
        self.bank = SmallBank(self.database, clock)
        self.bank.open()
        self.bank.at(START)
        self.bank.capital("2000.00")
        self.lender = self.bank.lender()
        self._agree()
        self.bank.at(START + timedelta(days=LONGEST))
        self.made = [self._proposed() for _ in range(3)]

    def _agree(self) -> None:
        bank = self.bank
        limit = propose_limit(bank.maya, kind="intermediary", amount=CAP, from_on=START, basis="Cap", key="cap")
        decide_limit(bank.tom, limit=limit.id, approve=True, key="cap")
        assumed = assume_loss(
            bank.maya,
            stage=1,
            probability=Decimal("0.2"),
            loss_given_default=Decimal("0.5"),
            conversion=Decimal("0.5"),
            from_on=START,
            basis="Assumed",
            key="loss",
        )
        approve_assumption(bank.tom, id=assumed.id, key="loss")

    def _proposed(self) -> str:
        return self.bank.proposed(
            self.lender,
            "800.00",
            annual_rate=RATE,
            available_from=START,
            available_until=START + timedelta(days=60),
            on=START,
        ).id

    def attempt(self, act: Callable[[], object]) -> None:
        """Do it, or be refused and have nothing changed."""
        with self.database.reading() as session:
            before = (known(session).seq, [len(facts(session, one)) for one in self.made])
        try:
            act()
        except Refusal:
            with self.database.reading() as session:
                assert (known(session).seq, [len(facts(session, one)) for one in self.made]) == before

    @rule(place=PLACES, who=ROLES)
    def approve(self, place: int, who: str) -> None:
        self.attempt(lambda: approve(self.bank.desks[who], facility=self.made[place], on=START, key=self.bank.key()))

    @rule(place=PLACES)
    def reject(self, place: int) -> None:
        self.attempt(lambda: reject(self.bank.tom, facility=self.made[place], reason="No", key=self.bank.key()))

    @rule(place=PLACES, on=DAYS)
    def sign(self, place: int, on: date) -> None:
        self.attempt(lambda: sign(self.bank.maya, facility=self.made[place], on=on, key=self.bank.key()))

    @rule(place=PLACES, amount=AMOUNTS, on=DAYS)
    def draw(self, place: int, amount: Money, on: date) -> None:
        self.attempt(
            lambda: draw_down(self.bank.maya, facility=self.made[place], amount=amount, on=on, key=self.bank.key())
        )

    @rule(place=PLACES)
    def lead_on(self, place: int) -> None:
        """The usual way, so that most lives come to money."""
        self.approve(place, "tom")
        self.sign(place, START)
        self.draw(place, pounds("500.00"), START)

    @rule(place=PLACES, amount=AMOUNTS, on=DAYS)
    def repay(self, place: int, amount: Money, on: date) -> None:
        self.attempt(
            lambda: repay(self.bank.maya, facility=self.made[place], principal=amount, on=on, key=self.bank.key())
        )

    @rule(place=PLACES, on=DAYS)
    def accrue(self, place: int, on: date) -> None:
        self.attempt(lambda: accrue(self.bank.maya, facility=self.made[place], until=on, key=self.bank.key()))

    @rule(place=PLACES, on=DAYS)
    def allow(self, place: int, on: date) -> None:
        self.attempt(lambda: allow_for_loss(self.bank.maya, facility=self.made[place], on=on, key=self.bank.key()))

    @rule(place=PLACES, amount=AMOUNTS, on=DAYS)
    def lose(self, place: int, amount: Money, on: date) -> None:
        self.attempt(
            lambda: write_off(
                self.bank.maya, facility=self.made[place], amount=amount, on=on, reason="Lost", key=self.bank.key()
            )
        )

    @rule(place=PLACES, amount=AMOUNTS, on=DAYS)
    def find(self, place: int, amount: Money, on: date) -> None:
        self.attempt(
            lambda: recover(self.bank.maya, facility=self.made[place], amount=amount, on=on, key=self.bank.key())
        )

    @rule(place=PLACES, on=DAYS)
    def let_go(self, place: int, on: date) -> None:
        self.attempt(
            lambda: lapse(self.bank.maya, facility=self.made[place], on=on, reason="Enough", key=self.bank.key())
        )

    @rule()
    def let_all_go_that_is_due(self) -> None:
        self.attempt(lambda: lapse_due(self.bank.maya, on=START + timedelta(days=LONGEST), key=self.bank.key()))

    @rule(place=PLACES, on=DAYS, yes=st.booleans(), who=ROLES)
    def extend(self, place: int, on: date, yes: bool, who: str) -> None:
        def act() -> None:
            asked = amend(
                self.bank.maya,
                facility=self.made[place],
                effective_on=on,
                available_until=START + timedelta(days=LONGEST),
                words="Longer",
                reason="Slow",
                key=self.bank.key(),
            )
            self.attempt(
                lambda: decide(self.bank.desks[who], request=asked.id, approve=yes, reason="So", key=self.bank.key())
            )

        self.attempt(act)

    @rule(place=PLACES)
    def put_under_a_condition(self, place: int) -> None:
        self.attempt(
            lambda: list_condition(
                self.bank.maya, facility=self.made[place], text="A charge", on=START, key=self.bank.key()
            )
        )

    @rule(place=PLACES)
    def satisfy(self, place: int) -> None:
        with self.database.reading() as session:
            listed = [each.id for each in course(session, self.made[place]).conditions if each.state == "open"]
        for one in listed:
            self.attempt(
                partial(
                    satisfy_condition,
                    self.bank.maya,
                    condition=one,
                    on=START,
                    evidence="Seen",
                    key=self.bank.key(),
                )
            )

    @rule(place=PLACES, wanted=st.sampled_from([Decimal(0), Decimal("0.5")]))
    def ask_for_match(self, place: int, wanted: Decimal) -> None:
        self.attempt(
            lambda: describe(
                self.bank.maya,
                facility=self.made[place],
                on=START,
                match_at_drawdown=wanted,
                key=self.bank.key(),
            )
        )

    @invariant()
    def nothing_is_passed_and_everything_sums(self) -> None:
        with self.database.reading() as session:
            memo = [balance_at(session, "bank", code) for code in ("9100", "9110", "9199")]
            assert Money.total(memo) == NOTHING
            assert memo[0] + memo[1] + balance_at(session, "bank", "1200") <= CAP
            assert headroom(session).headroom >= NOTHING
            assert pairs_that_disagree(session) == []
            for view in all_facilities(session):
                figures, life = view.figures, life_of(facts(session, view.id))
                assert figures.recovered <= figures.written_off + figures.interest_written_off
                assert NOTHING <= figures.drawn <= max(figures.signed, NOTHING)
                assert (figures.drawn, figures.undrawn, figures.outstanding) == (
                    life.drawn,
                    life.undrawn,
                    life.outstanding,
                )
                gross = figures.outstanding + figures.interest_due
                allowance = -balance_at(session, "bank", f"1240:{view.id}")
                assert NOTHING <= allowance <= max(gross, NOTHING)
                assert NOTHING <= figures.commitment_provision <= figures.undrawn
                assert view.stage

    def teardown(self) -> None:
        """Whatever the order in which it came to be known, what was lent has earned by its days alone."""
        try:
            end = START + timedelta(days=LONGEST)
            for one in self.made:
                self.attempt(partial(accrue, self.bank.maya, facility=one, until=end, key=self.bank.key()))
                with self.database.reading() as session:
                    told = {fact.kind for fact in facts(session, one)}
                    posted = life_of(facts(session, one)).interest_accrued
                    moved = movements(session, one)
                if "drawdown" in told:
                    assert posted == _earned(moved, end)
        finally:
            self.database.close()
            self.open.close()


def _earned(moved: list[tuple[date, Money]], end: date) -> Money:
    """Day by day: the balance that each night begins with, a 365th of the rate; rounded once."""
    total = Fraction(0)
    for day in (START + timedelta(days=days) for days in range(LONGEST)):
        if day < end:
            total += sum(amount.pence for on, amount in moved if on <= day) * Fraction(RATE) / 365
    return Money((total + Fraction(1, 2)).__floor__())


@pytest.mark.parametrize(("kind", "examples"), [("sqlite", 6), ("postgresql", 3)])
def test_no_life_passes_a_limit_or_loses_a_penny(run_of_tests: Path, kind: str, examples: int) -> None:
    run_state_machine_as_test(
        type("LivesThere", (Lives,), {"kind": kind, "run_of_tests": run_of_tests}),
        settings=settings(
            max_examples=examples,
            stateful_step_count=14,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
