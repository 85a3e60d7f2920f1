"""Facilities led through random legal and illegal lives, on both databases: what must hold does, after each act."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import ClassVar, Final

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import func, select

from bank.allocations.commands import (
    accrue,
    allow_for_loss,
    approve,
    approve_assumption,
    assume_loss,
    draw_down,
    lapse,
    record_event,
    recover,
    reject,
    repay,
    sign,
    write_off,
)
from bank.allocations.life.commands import amend, describe, lapse_due, list_condition, satisfy_condition
from bank.allocations.life.course import course
from bank.allocations.model import FacilityEvent
from bank.allocations.products.registry import PRODUCTS
from bank.allocations.queries import FacilityView, all_facilities, facts, movements
from bank.allocations.rules import life_of
from bank.approvals.commands import decide
from bank.limits.commands import decide_limit, propose_limit
from bank.limits.queries import evaluations, exposures
from bank.treasury.queries import headroom
from ledger.dates import SetClock
from ledger.identifiers import CountedIdentifiers
from ledger.money import NOTHING, Money
from ledger.queries import balance_at, known, pairs_that_disagree
from ledger.refusals import Refusal
from ledger.store.database import Database, ReadSession
from tests import databases
from tests.bank.small_bank import SmallBank, pounds

START: Final = date(2012, 1, 10)
MEMORANDA: Final = ("9100", "9110", "9120", "9130", "9199")
LONGEST: Final = 120
RATE: Final = Decimal("0.0777")


@dataclass(frozen=True, slots=True)
class Cast:
    """One facility of the play: whose, of what sort, how large, where, and whether something secures it."""

    lender: int
    product: str
    amount: str
    region: str
    secured: bool
    paid_by: str = "draw"
    terms: Mapping[str, str] = field(default_factory=dict)


FACILITIES: Final = (
    Cast(0, "senior-loan", "800.00", "London", secured=True),
    Cast(0, "senior-loan", "800.00", "London", secured=False),
    Cast(0, "fund-commitment", "500.00", "North East", False, "call", {"fees_inside": "cost"}),
    Cast(1, "charity-bond", "500.00", "London", False, "buy", {"coupon_months": "6"}),
    Cast(1, "guarantee", "400.00", "London", False, "issue", {"covers": "0.5", "fee_is": "kept"}),
)
LIMITS: Final = (
    ("intermediary", "", pounds("1500.00")),
    ("product", "senior-loan", pounds("1200.00")),
    ("region", "London", pounds("1400.00")),
    ("region", "North East", pounds("520.00")),
    ("unsecured", "", pounds("1500.00")),
    ("ticket-most", "", pounds("800.00")),
)
"""Each is hard and bites: what is below one of them does not fit beside each other whole, or leaves no room at all."""
TOLD: Final[Mapping[str, tuple[int, Callable[[str, str], dict[str, str]]]]] = {
    "call": (2, lambda one, other: {"amount": one, "fees_outside": other}),
    "distribute": (2, lambda one, other: {"capital": other, "income": one, "recallable": one}),
    "sell": (2, lambda one, other: {"proceeds": other, "cost": one}),
    "buy": (3, lambda one, _: {"amount": one}),
    "take-coupon": (3, lambda one, _: {"amount": str(Money(pounds(one).pence // 100 + 1))}),
    "redeem": (3, lambda one, _: {"face": one}),
    "issue": (4, lambda one, _: {"amount": one}),
    "pay-claim": (4, lambda one, _: {"loss": "900.00", "amount": one, "recoverable": one}),
    "recover-claim": (4, lambda one, _: {"amount": one}),
    "release": (4, lambda one, _: {"amount": one}),
}
"""What may happen to the products that are no loans, to which of the facilities, and in what words."""


def _verbs_of(place: int) -> list[str]:
    return [verb for verb, (whose, _) in TOLD.items() if whose == place]


PLACES: Final = st.integers(0, len(FACILITIES) - 1)
LOANS: Final = st.sampled_from([place for place, one in enumerate(FACILITIES) if one.paid_by == "draw"])
AMOUNTS: Final = st.one_of(st.integers(1, 60_000), st.integers(1, 20_000)).map(Money)
SOON: Final = st.integers(0, LONGEST // 2).map(lambda days: START + timedelta(days=days))
DAYS: Final = st.integers(0, LONGEST).map(lambda days: START + timedelta(days=days))
ROLES: Final = st.sampled_from(["maya", "tom"])


class Lives(RuleBasedStateMachine):
    """Five facilities of two lenders under limits that bite, at a bank of two managers. A class below says where."""

    kind: ClassVar[str]
    run_of_tests: ClassVar[Path]

    def __init__(self) -> None:
        super().__init__()
        self.open = ExitStack()
        home = Path(self.open.enter_context(tempfile.TemporaryDirectory()))
        url = self.open.enter_context(databases.prepared(self.kind, self.run_of_tests, home, staffed=True))
        clock = SetClock(databases.OPENING)
        self.database = Database.open(
            url, clock=clock, identifiers=CountedIdentifiers("lives"), compiled=databases.COMPILED
        )
        self.bank = SmallBank(self.database, clock)
        self.bank.open()
        self.bank.at(START)
        self.bank.capital("2200.00")
        self.lenders = [self.bank.lender(f"Lender {number}") for number in (1, 2)]
        self._agree()
        self.bank.at(START + timedelta(days=LONGEST))
        self.made = [self._proposed(one) for one in FACILITIES]

    def _agree(self) -> None:
        bank = self.bank
        for kind, scope, most in LIMITS:
            limit = propose_limit(
                bank.maya, kind=kind, scope=scope, amount=most, from_on=START, basis="Cap", key=bank.key()
            )
            decide_limit(bank.tom, limit=limit.id, approve=True, key=bank.key())
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

    def _proposed(self, one: Cast) -> str:
        made = self.bank.proposed(
            self.lenders[one.lender],
            one.amount,
            product=one.product,
            product_terms=one.terms,
            annual_rate=RATE if PRODUCTS[one.product].earns else Decimal(0),
            available_from=START,
            available_until=START + timedelta(days=60),
            on=START,
        ).id
        describe(self.bank.maya, facility=made, on=START, region=one.region, secured=one.secured, key=self.bank.key())
        return made

    def attempt(self, act: Callable[[], object]) -> None:
        """Do it, or be refused and have nothing changed."""
        with self.database.reading() as session:
            before = (known(session).seq, _written(session))
        try:
            act()
        except Refusal:
            with self.database.reading() as session:
                assert (known(session).seq, _written(session)) == before

    @rule(place=PLACES, who=ROLES)
    def approve(self, place: int, who: str) -> None:
        self.attempt(lambda: approve(self.bank.desks[who], facility=self.made[place], on=START, key=self.bank.key()))

    @rule(place=PLACES)
    def reject(self, place: int) -> None:
        self.attempt(lambda: reject(self.bank.tom, facility=self.made[place], reason="No", key=self.bank.key()))

    @rule(place=PLACES, on=DAYS)
    def sign(self, place: int, on: date) -> None:
        self.attempt(lambda: sign(self.bank.maya, facility=self.made[place], on=on, key=self.bank.key()))

    @rule(place=LOANS, amount=AMOUNTS, on=DAYS)
    def draw(self, place: int, amount: Money, on: date) -> None:
        self.attempt(
            lambda: draw_down(self.bank.maya, facility=self.made[place], amount=amount, on=on, key=self.bank.key())
        )

    def lead_on(self, place: int) -> None:
        """The usual way, so that most lives come to money."""
        self.approve(place, "tom")
        self.sign(place, START)
        paid_by = FACILITIES[place].paid_by
        if paid_by == "draw":
            self.draw(place, pounds("500.00"), START)
        else:
            self.tell(paid_by, pounds("350.00"), pounds("1.00"), START)

    @initialize(order=st.permutations(range(len(FACILITIES))))
    def begin(self, order: list[int]) -> None:
        """Every life begins with money out, as far as the limits let it: whoever comes first has the room."""
        for place in order[:3]:
            self.lead_on(place)

    @rule(verb=st.sampled_from(_verbs_of(2)), one=AMOUNTS, other=AMOUNTS, on=SOON)
    def of_a_fund(self, verb: str, one: Money, other: Money, on: date) -> None:
        self.tell(verb, one, other, on)

    @rule(verb=st.sampled_from(_verbs_of(3)), one=AMOUNTS, other=AMOUNTS, on=SOON)
    def of_a_bond(self, verb: str, one: Money, other: Money, on: date) -> None:
        self.tell(verb, one, other, on)

    @rule(verb=st.sampled_from(_verbs_of(4)), one=AMOUNTS, other=AMOUNTS, on=SOON)
    def of_a_guarantee(self, verb: str, one: Money, other: Money, on: date) -> None:
        self.tell(verb, one, other, on)

    @rule(income=AMOUNTS, capital=st.one_of(st.just(NOTHING), AMOUNTS), on=DAYS)
    def give_back(self, income: Money, capital: Money, on: date) -> None:
        """What a fund pays out and may call again: promised anew, and more of it than what ends."""
        self.tell("distribute", income, capital, on)

    def tell(self, verb: str, one: Money, other: Money, on: date) -> None:
        """Something that happens to what is no loan."""
        place, worded = TOLD[verb]
        told = worded(str(one), str(other))
        self.attempt(
            lambda: record_event(
                self.bank.maya, facility=self.made[place], verb=verb, on=on, told=told, key=self.bank.key()
            )
        )

    @rule(place=LOANS, amount=AMOUNTS, on=DAYS)
    def repay(self, place: int, amount: Money, on: date) -> None:
        self.attempt(
            lambda: repay(self.bank.maya, facility=self.made[place], principal=amount, on=on, key=self.bank.key())
        )

    @rule(place=PLACES, on=DAYS)
    def accrue(self, place: int, on: date) -> None:
        self.attempt(lambda: accrue(self.bank.maya, facility=self.made[place], until=on, key=self.bank.key()))

    @rule(place=LOANS, on=DAYS)
    def allow(self, place: int, on: date) -> None:
        self.attempt(lambda: allow_for_loss(self.bank.maya, facility=self.made[place], on=on, key=self.bank.key()))

    @rule(place=LOANS, amount=AMOUNTS, on=DAYS)
    def lose(self, place: int, amount: Money, on: date) -> None:
        self.attempt(
            lambda: write_off(
                self.bank.maya, facility=self.made[place], amount=amount, on=on, reason="Lost", key=self.bank.key()
            )
        )

    @rule(place=LOANS, amount=AMOUNTS, on=DAYS)
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

    @rule(place=PLACES, met=st.booleans())
    def put_under_a_condition(self, place: int, met: bool) -> None:
        """A condition, which stops drawings until it is seen to be met."""
        made = self.made[place]
        self.attempt(
            lambda: list_condition(self.bank.maya, facility=made, text="A charge", on=START, key=self.bank.key())
        )
        with self.database.reading() as session:
            listed = [each.id for each in course(session, made).conditions if each.state == "open"]
        for one in listed if met else ():
            seen = partial(satisfy_condition, self.bank.maya, condition=one, on=START, evidence="Seen")
            self.attempt(partial(seen, key=self.bank.key()))

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
            memo = [balance_at(session, "bank", code) for code in MEMORANDA]
            assert Money.total(memo) == NOTHING
            assert headroom(session).headroom >= NOTHING
            assert pairs_that_disagree(session) == []
            self._within_every_limit(exposures(session))
            for place, view in enumerate(sorted(all_facilities(session), key=lambda one: self.made.index(one.id))):
                figures, life = view.figures, life_of(facts(session, view.id))
                assert figures.recovered <= figures.written_off + figures.interest_written_off
                assert NOTHING <= figures.undrawn <= max(figures.signed, NOTHING)
                assert figures.undrawn == life.undrawn
                if FACILITIES[place].product != "guarantee":  # what is guaranteed is out in its events, and no asset
                    assert (figures.drawn, figures.outstanding) == (life.drawn, life.outstanding)
                assert view.stage
                if FACILITIES[place].paid_by == "draw":
                    _loan_is_sound(session, view)

    def _within_every_limit(self, at_risk: Mapping[str, Money]) -> None:
        """Nothing is revalued here, so what is at risk is what was decided on: no limit is ever passed."""
        play = [(one, at_risk.get(made, NOTHING)) for one, made in zip(FACILITIES, self.made, strict=True)]
        bearing: dict[str, Callable[[Cast, str], bool]] = {
            "product": lambda one, scope: one.product == scope,
            "region": lambda one, scope: one.region == scope,
            "unsecured": lambda one, _: not one.secured,
        }
        for kind, scope, most in LIMITS:
            if kind in bearing:
                assert Money.total(risk for one, risk in play if bearing[kind](one, scope)) <= most, (kind, scope)
        for lender in (0, 1):
            assert Money.total(risk for one, risk in play if one.lender == lender) <= LIMITS[0][2]

    def teardown(self) -> None:
        """Whatever the order in which it came to be known, what was lent has earned by its days alone."""
        try:
            end = START + timedelta(days=LONGEST)
            for cast, one in zip(FACILITIES, self.made, strict=True):
                self.attempt(partial(accrue, self.bank.maya, facility=one, until=end, key=self.bank.key()))
                with self.database.reading() as session:
                    for kept in evaluations(session, one):
                        assert all(line.within for line in kept.readings)
                    told = {fact.kind for fact in facts(session, one)}
                    posted = life_of(facts(session, one)).interest_accrued
                    moved = movements(session, one)
                if "drawdown" in told and PRODUCTS[cast.product].earns:
                    assert posted == _earned(moved, end)
        finally:
            self.database.close()
            self.open.close()


def _written(session: ReadSession) -> int:
    return session.scalar(select(func.count()).select_from(FacilityEvent)) or 0


def _loan_is_sound(session: ReadSession, view: FacilityView) -> None:
    figures = view.figures
    assert figures.drawn <= max(figures.signed, NOTHING)
    gross = figures.outstanding + figures.interest_due
    allowance = -balance_at(session, "bank", f"1240:{view.id}")
    assert NOTHING <= allowance <= max(gross, NOTHING)
    assert NOTHING <= figures.commitment_provision <= figures.undrawn


def _earned(moved: list[tuple[date, Money]], end: date) -> Money:
    """Day by day: the balance that each night begins with, a 365th of the rate; rounded once."""
    total = Fraction(0)
    for day in (START + timedelta(days=days) for days in range(LONGEST)):
        if day < end:
            total += sum(amount.pence for on, amount in moved if on <= day) * Fraction(RATE) / 365
    return Money((total + Fraction(1, 2)).__floor__())


@pytest.mark.parametrize(("kind", "examples"), [("sqlite", 4), ("postgresql", 2)])
def test_no_life_passes_a_limit_or_loses_a_penny(run_of_tests: Path, kind: str, examples: int) -> None:
    run_state_machine_as_test(
        type("LivesThere", (Lives,), {"kind": kind, "run_of_tests": run_of_tests}),
        settings=settings(
            max_examples=examples,
            stateful_step_count=12,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
