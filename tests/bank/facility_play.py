"""A play in which facilities are led through random legal and illegal lives; what must hold is asked after each act.

`python -m tests.bank.facility_play --lives 200 --steps 30 --seed 1 --database postgresql` plays it long; the suite
plays a few short lives on each kind of database. A life that breaks something is told with the fewest acts that do.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Final

from hypothesis import HealthCheck, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import func, select

from bank.allocations.commands import (
    accrue,
    allow_for_loss,
    approve,
    approve_assumption,
    approve_terms,
    assume_loss,
    capitalise,
    draw_down,
    lapse,
    move_stage,
    propose_terms,
    record_event,
    recover,
    refund,
    reject,
    repay,
    sign,
    take_fee,
    write_off,
)
from bank.allocations.facts import ALLOWANCES, GROSS, PROVISION, facts_of
from bank.allocations.life.commands import (
    amend,
    ask_waiver,
    describe,
    lapse_due,
    list_condition,
    record_covenant_test,
    satisfy_condition,
    set_covenant,
)
from bank.allocations.life.course import course
from bank.allocations.model import FacilityEvent
from bank.allocations.products.registry import PRODUCTS
from bank.allocations.queries import FacilityView, all_facilities, facts
from bank.allocations.rules import life_of
from bank.approvals.commands import decide
from bank.limits.commands import decide_limit, propose_limit
from bank.limits.queries import evaluations, exposures
from bank.rates.commands import approve_base_rate, propose_base_rate
from bank.treasury.queries import headroom
from intermediaries.returns.commands import accept_return, attest_return, submit_return
from ledger.commands import close_quarter
from ledger.dates import Quarter, SetClock
from ledger.identifiers import CountedIdentifiers
from ledger.money import NOTHING, Money
from ledger.queries import balance_at, known, pairs_that_disagree, trial_balance
from ledger.refusals import Refusal
from ledger.store.database import Database, ReadSession
from ledger.store.work import Actor, Desk
from ledger.waterfalls import USUAL_ORDER
from tests import databases, servers
from tests.bank.institution import csv_of
from tests.bank.small_bank import SmallBank, pounds

START: Final = date(2012, 1, 10)
MEMORANDA: Final = ("9100", "9110", "9120", "9130", "9140", "9141", "9199")
LONGEST: Final = 120
RATE: Final = Decimal("0.0777")
QUARTER: Final = Quarter.of(START)
COVER: Final = Decimal("1.3")
"""What liquid money is at the least of what is promised, once something more is promised or paid."""


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
ONE_BORROWER: Final = pounds("450.00")
"""What one borrower may owe of the bank's money, through all lenders, where more is promised or paid to one of them."""
LIMITS: Final[tuple[tuple[str, str, Money | Decimal], ...]] = (
    ("intermediary", "", pounds("1500.00")),
    ("product", "senior-loan", pounds("1200.00")),
    ("region", "London", pounds("1400.00")),
    ("region", "North East", pounds("520.00")),
    ("unsecured", "", pounds("1500.00")),
    ("ticket-most", "", pounds("800.00")),
    ("liquidity", "", COVER),
    ("borrower", "", ONE_BORROWER),
)
"""Each is hard and bites: what is below one of them does not fit beside each other whole, or leaves no room at all."""
TOLD: Final[Mapping[str, tuple[int, Callable[[str, str], dict[str, str]]]]] = {
    "call": (2, lambda one, other: {"amount": one, "fees_outside": other}),
    "distribute": (2, lambda one, other: {"capital": other, "income": one, "recallable": one}),
    "sell": (2, lambda one, other: {"proceeds": other, "cost": one}),
    "buy": (3, lambda one, _: {"amount": one}),
    "take-coupon": (3, lambda one, _: {"amount": str(Money(pounds(one).pence // 100 + 1))}),
    "redeem": (3, lambda one, _: {"face": one}),
    "lose": (3, lambda _, other: {"amount": other, "reason": "Wound up"}),
    "recover-bond": (3, lambda one, _: {"amount": one}),
    "pay-claim": (4, lambda one, _: {"loss": "900.00", "amount": one, "recoverable": one}),
    **{verb: (4, lambda one, _: {"amount": one}) for verb in ("issue", "recover-claim", "release")},
}
"""What may happen to the products that are no loans, to which of the facilities, and in what words."""


def _verbs_of(place: int) -> list[str]:
    return [verb for verb, (whose, _) in TOLD.items() if whose == place]


ORDERS: Final = st.permutations(USUAL_ORDER).map(tuple)
"""In what order a payment is shared out: any."""
OFFERS: Final[tuple[dict[str, Any], ...]] = (
    {"rate": Decimal("0.06"), "repayment": "equal-principal", "instalments": 4, "every_months": 1},
    {"rate": Decimal("0.03"), "base": "test-rate", "floor": Decimal("0.04"), "repayment": "bullet", "instalments": 1},
    {"rate": Decimal("0.12"), "repayment": "level", "instalments": 6, "every_months": 1, "nation": "SCT"},
    {"rate": Decimal("0.05"), "base": "test-rate", "repayment": "bullet", "instalments": 8, "reschedules": True},
)
"""What may be agreed, and agreed anew: a rate of its own or over a base that moves, and how it is repaid."""
CHARGES: Final[tuple[dict[str, Any], ...]] = (
    {},
    {"default_margin": Decimal("0.03"), "commitment_fee": Decimal("0.02")},
    {"arrangement_fee": pounds("9.00"), "fee_withheld": True, "default_margin": Decimal("0.02")},
    {"arrangement_fee": pounds("12.34"), "default_margin": Decimal("0.05"), "commitment_fee": Decimal("0.01")},
)
OFFERED: Final = st.builds(lambda told, order: {**told, "waterfall": order}, st.sampled_from(OFFERS), ORDERS)
PLACES: Final = st.integers(0, len(FACILITIES) - 1)
LENT: Final = [place for place, one in enumerate(FACILITIES) if one.paid_by == "draw"]
LOANS: Final = st.sampled_from([*LENT, 0, 0])
"""Which of the loans, those that were led on to money first: most happens to the first of them."""
AMOUNTS: Final = st.one_of(st.integers(1, 60_000), st.integers(1, 20_000)).map(Money)
SOON: Final = st.integers(0, LONGEST // 2).map(lambda days: START + timedelta(days=days))
DAYS: Final = st.integers(0, LONGEST).map(lambda days: START + timedelta(days=days))
ROLES: Final = st.sampled_from(["maya", "tom"])


class Lives(RuleBasedStateMachine):
    """Five facilities of two lenders under limits that bite, at a bank of two managers. A class below says where."""

    kind: ClassVar[str]
    run_of_tests: ClassVar[Path]
    fared: ClassVar[Counter[tuple[str, str]]]
    """What was tried, and how often it was done or refused."""

    def __init__(self) -> None:
        super().__init__()
        self.open = ExitStack()
        home = Path(self.open.enter_context(tempfile.TemporaryDirectory()))
        url = self.open.enter_context(databases.prepared(self.kind, self.run_of_tests, home, "staffed"))
        clock = SetClock(databases.OPENING)
        self.database = Database.open(
            url, clock=clock, identifiers=CountedIdentifiers("lives"), compiled=databases.COMPILED
        )
        self.bank = SmallBank(self.database, clock)
        self.bank.open()
        self.bank.at(START)
        self.bank.capital("2200.00")
        self.base: dict[date, Decimal] = {}
        self.agreed: dict[int, list[dict[str, Any]]] = {place: [] for place in range(len(FACILITIES))}
        self.loans = LENT
        self.closed: object = None
        self.lent_on: dict[int, Money] = {}
        self.lenders = [self.bank.lender(f"Lender {number}") for number in (1, 2)]
        self._agree()
        self.bank.at(START + timedelta(days=LONGEST))
        self.made = [self._proposed(one) for one in FACILITIES]

    def _agree(self) -> None:
        bank = self.bank
        for kind, scope, bound in LIMITS:
            told = {"amount": bound} if isinstance(bound, Money) else {"share": bound}
            limit = propose_limit(
                bank.maya, kind=kind, scope=scope, from_on=START, basis="Bound", key=bank.key(), **told
            )
            decide_limit(bank.tom, limit=limit.id, approve=True, key=bank.key())
        for stage, probability in ((1, "0.2"), (2, "0.4"), (3, "1")):
            assumed = assume_loss(
                bank.maya,
                stage=stage,
                probability=Decimal(probability),
                loss_given_default=Decimal("0.5"),
                conversion=Decimal("0.5"),
                from_on=START,
                basis="Assumed",
                key=bank.key(),
            )
            approve_assumption(bank.tom, id=assumed.id, key=bank.key())
        self._step_base(Decimal("0.005"), START)

    def _step_base(self, rate: Decimal, on: date) -> None:
        bank = self.bank
        made = propose_base_rate(bank.maya, base="test-rate", rate=rate, from_on=on, source="Invented", key=bank.key())
        approve_base_rate(bank.tom, id=made.id, key=bank.key())
        self.base[on] = rate

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

    def attempt(self, act: Callable[[], object]) -> bool:
        """Do it, or be refused and have nothing changed."""
        with self.database.reading() as session:
            before = (known(session).seq, _written(session))
        what = getattr(act, "__qualname__", "Lives.ends").split(".")[1]
        try:
            act()
        except Refusal as refused:
            self.fared[what, type(refused).__name__] += 1
            with self.database.reading() as session:
                assert (known(session).seq, _written(session)) == before
            return False
        self.fared[what, "done"] += 1
        return True

    def decide(self, act: Callable[[], object], place: int, *beside: str) -> None:
        """Promise or pay, after which liquid money covers what is promised so many times; `beside` counts with it.

        What can be drawn no more, since availability ended before today, is promised to nobody. Nor is anything
        promised or paid to a lender to the one borrower while that owes too much, by whichever lenders.
        """
        if self.attempt(act):
            owed = Money.total(self.lent_on.values())
            lenders = {FACILITIES[each].lender for each, part in self.lent_on.items() if part}
            assert FACILITIES[place].lender not in lenders or owed <= ONE_BORROWER
            self.covers_what_is_promised(*beside)

    def covers_what_is_promised(self, *beside: str) -> None:
        with self.database.reading() as session:
            liquid = Money.total(balance_at(session, "bank", code) for code in ("1000", "1100", "1110", "1120"))
            promised = Money.total(balance_at(session, "bank", code) for code in ("9100", "9120", "9130", *beside))
            for view in all_facilities(session):
                if view.as_at > view.available_until:
                    promised -= _held(session, view.id, [code for code in ("9100", "9130", *beside) if code != "9120"])
        assert liquid.pence >= promised.pence * COVER

    @rule(place=st.sampled_from([0, 1, 3]), part=AMOUNTS)
    def lend_on(self, place: int, part: Money) -> None:
        """A lender's return of the first quarter tells that it lent so much on, and always to one borrower."""
        lender, facility, key = self.lenders[FACILITIES[place].lender], self.made[place], self.bank.key()
        desk = Desk(self.database, Actor("intermediary", lender, lender, frozenset({"intermediary"}), lender))

        def told() -> None:
            filed = submit_return(
                desk,
                data=_lent_to_one_borrower(place, part),
                filename="return.csv",
                facility=facility,
                quarter=QUARTER,
                cash_held=NOTHING,
                key=key,
            )
            assert filed.errors == 0, filed.findings
            attest_return(desk, return_id=filed.id, name="A director (invented)", role="Director")
            accept_return(self.bank.maya, return_id=filed.id, explanation="Told in time", key=key)

        if place not in self.lent_on and self.attempt(told):
            self.lent_on[place] = part

    @rule(place=PLACES, who=ROLES)
    def approve(self, place: int, who: str) -> None:
        one = self.made[place]
        self.decide(lambda: approve(self.bank.desks[who], facility=one, on=START, key=self.bank.key()), place, "9110")

    @rule(place=PLACES)
    def reject(self, place: int) -> None:
        self.attempt(lambda: reject(self.bank.tom, facility=self.made[place], reason="No", key=self.bank.key()))

    @rule(place=PLACES, on=DAYS)
    def sign(self, place: int, on: date) -> None:
        self.decide(lambda: sign(self.bank.maya, facility=self.made[place], on=on, key=self.bank.key()), place)

    @rule(place=LOANS, amount=AMOUNTS, on=DAYS)
    def draw(self, place: int, amount: Money, on: date) -> None:
        self.pay_out(self.loans[place], amount, on)

    def pay_out(self, place: int, amount: Money, on: date) -> None:
        one = self.made[place]
        with self.database.reading() as session:
            seen = course(session, one, as_at=on)
        stopped = any(each.state == "open" for each in seen.conditions)
        stopped |= any(each.state == "breached" for each in seen.covenants)

        def drawn() -> None:
            draw_down(self.bank.maya, facility=one, amount=amount, on=on, key=self.bank.key())
            assert not stopped, "drawn while a condition is open or a covenant breached"

        self.decide(drawn, place)

    def lead_on(self, place: int, *, condition: str = "", terms: Mapping[str, Any] | None = None) -> None:
        """The usual way, so that most lives come to money, under terms and after a condition if there are any."""
        self.approve(place, "tom")
        self.sign(place, START)
        if condition:
            self.put_under_a_condition(place, met=condition == "met")
        if terms:
            self.agree(place, START, terms, "tom")
        paid_by = FACILITIES[place].paid_by
        if paid_by == "draw":
            self.pay_out(place, pounds("500.00"), START)
        else:
            self.tell(paid_by, pounds("350.00"), pounds("1.00"), START)

    @initialize(
        loans=st.permutations(LENT),
        others=st.permutations([place for place in range(len(FACILITIES)) if place not in LENT]),
        offer=OFFERED,
        charges=st.sampled_from([None, *CHARGES]),
        condition=st.sampled_from(["", "", "met", "open"]),
        lent_on=st.sampled_from(["", "200.00", "450.00", "450.01"]),
    )
    def begin(
        self,
        loans: list[int],
        others: list[int],
        offer: dict[str, Any],
        charges: dict[str, Any] | None,
        condition: str,
        lent_on: str,
    ) -> None:
        """Every life begins with money out, as far as the limits let it: whoever comes first has the room.

        In some of them the first of it was lent on, to a borrower who then owes as much as one may, or a penny more.
        """
        self.loans = loans
        self.lead_on(loans[0], condition=condition, terms=None if charges is None else offer | charges)
        if lent_on:
            self.lend_on(loans[0], pounds(lent_on))
        for place in others[:2]:
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

        def happens() -> None:
            record_event(self.bank.maya, facility=self.made[place], verb=verb, on=on, told=told, key=self.bank.key())

        if verb in {"call", "buy", "issue"}:
            self.decide(happens, place)
        elif self.attempt(happens) and told.get("recallable"):
            self.covers_what_is_promised()

    @rule(place=LOANS, amount=AMOUNTS, on=DAYS)
    def repay(self, place: int, amount: Money, on: date) -> None:
        self.attempt(
            lambda: repay(
                self.bank.maya, facility=self.made[self.loans[place]], principal=amount, on=on, key=self.bank.key()
            )
        )

    @rule(place=LOANS, on=DAYS, paid=AMOUNTS, head=st.sampled_from(["amount", "interest", "fees", "default_interest"]))
    def pay(self, place: int, on: date, paid: Money, head: str) -> None:
        """A payment that the contract shares out, or one that is told to be interest or fees."""
        told: dict[str, Any] = {head: paid if head == "amount" else Money(paid.pence // 100 + 1)}
        self.attempt(
            lambda: repay(self.bank.maya, facility=self.made[self.loans[place]], on=on, key=self.bank.key(), **told)
        )

    @rule(place=LOANS, on=DAYS, amount=AMOUNTS)
    def give_back_what_was_too_much(self, place: int, on: date, amount: Money) -> None:
        self.attempt(
            lambda: refund(
                self.bank.maya, facility=self.made[self.loans[place]], amount=amount, on=on, key=self.bank.key()
            )
        )

    @rule(place=LOANS, on=SOON, offer=OFFERED, charges=st.sampled_from(CHARGES), who=ROLES)
    def agree_terms(self, place: int, on: date, offer: dict[str, Any], charges: dict[str, Any], who: str) -> None:
        """Terms, or other ones than before: they bear on what was accrued, what is due and what the loan is worth."""
        self.agree(self.loans[place], on, offer | charges, who)

    def agree(self, place: int, on: date, offer: Mapping[str, Any], who: str) -> None:
        """Maya proposes terms, and somebody approves them."""
        told = {**offer, "from_on": on, "first_due_on": on + timedelta(days=30)}

        def agree() -> None:
            asked = propose_terms(
                self.bank.maya, facility=self.made[place], reason="Agreed", key=self.bank.key(), **told
            )
            if self.attempt(lambda: approve_terms(self.bank.desks[who], id=asked.id, key=self.bank.key())):
                self.agreed[place].append(told)

        self.attempt(agree)

    @rule(rate=st.sampled_from(["0", "0.0025", "0.02"]), on=DAYS)
    def move_the_base(self, rate: str, on: date) -> None:
        self.attempt(lambda: self._step_base(Decimal(rate), on))

    @rule(place=LOANS, on=DAYS)
    def take_the_fee(self, place: int, on: date) -> None:
        self.attempt(
            lambda: take_fee(self.bank.maya, facility=self.made[self.loans[place]], on=on, key=self.bank.key())
        )

    @rule(place=LOANS, on=DAYS, part=st.one_of(st.none(), st.integers(1, 500).map(Money)))
    def make_principal(self, place: int, on: date, part: Money | None) -> None:
        """Interest that is not paid becomes principal."""
        one = self.made[self.loans[place]]
        self.attempt(
            lambda: capitalise(self.bank.maya, facility=one, on=on, reason="Clause 8", amount=part, key=self.bank.key())
        )

    @rule(place=LOANS, on=DAYS, stage=st.integers(1, 3))
    def move_stage(self, place: int, on: date, stage: int) -> None:
        self.attempt(
            lambda: move_stage(
                self.bank.maya,
                facility=self.made[self.loans[place]],
                stage=stage,
                on=on,
                reason="Seen",
                key=self.bank.key(),
            )
        )

    @rule(place=LOANS, on=DAYS, part=st.integers(1, 900).map(Money))
    def waive_interest(self, place: int, on: date, part: Money) -> None:
        self.attempt(
            lambda: write_off(
                self.bank.maya,
                facility=self.made[self.loans[place]],
                amount=NOTHING,
                interest=part,
                on=on,
                reason="Waived",
                key=self.bank.key(),
            )
        )

    @rule(place=PLACES, value=st.sampled_from([Decimal(1), Decimal(3)]), waived_by=st.sampled_from(["", "maya", "tom"]))
    def test_a_covenant(self, place: int, value: Decimal, waived_by: str) -> None:
        """A covenant that is kept or broken, and where it is broken perhaps waived: by another, or not at all."""
        maya, made = self.bank.maya, self.made[place]

        def act() -> None:
            kept = set_covenant(
                maya,
                facility=made,
                name="Cover",
                sense="at-least",
                threshold=Decimal(2),
                from_on=START,
                key=self.bank.key(),
            )
            record_covenant_test(
                maya, covenant=kept.id, on=START, value=value, evidence="Accounts", key=self.bank.key()
            )

        self.attempt(act)
        with self.database.reading() as session:
            failed = [one.tests[-1].id for one in course(session, made).covenants if one.state == "breached"]
        if waived_by and failed:
            asked = ask_waiver(maya, facility=made, of=failed[0], from_on=START, reason="Cured", key=self.bank.key())
            other = self.bank.desks[waived_by]
            self.attempt(lambda: decide(other, request=asked.id, approve=True, reason="So", key=self.bank.key()))

    @rule()
    def close_the_quarter(self) -> None:
        """From then on nothing may change in what the books said of it."""
        if self.closed is None:
            with self.bank.maya.writing() as work:
                close_quarter(work, QUARTER, hard=True)
            with self.database.reading() as session:
                self.closed = _said_of(session)

    @rule(place=PLACES, on=DAYS)
    def accrue(self, place: int, on: date) -> None:
        self.attempt(lambda: accrue(self.bank.maya, facility=self.made[place], until=on, key=self.bank.key()))

    @rule(place=LOANS, on=DAYS)
    def allow(self, place: int, on: date) -> None:
        self.attempt(
            lambda: allow_for_loss(self.bank.maya, facility=self.made[self.loans[place]], on=on, key=self.bank.key())
        )

    @rule(place=LOANS, amount=AMOUNTS, on=DAYS)
    def lose(self, place: int, amount: Money, on: date) -> None:
        self.attempt(
            lambda: write_off(
                self.bank.maya,
                facility=self.made[self.loans[place]],
                amount=amount,
                on=on,
                reason="Lost",
                key=self.bank.key(),
            )
        )

    @rule(place=LOANS, amount=AMOUNTS, on=DAYS)
    def find(self, place: int, amount: Money, on: date) -> None:
        self.attempt(
            lambda: recover(
                self.bank.maya, facility=self.made[self.loans[place]], amount=amount, on=on, key=self.bank.key()
            )
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
            assert self.closed in (None, _said_of(session))
            self._within_every_limit(exposures(session))
            for place, view in enumerate(sorted(all_facilities(session), key=lambda one: self.made.index(one.id))):
                figures, life = view.figures, life_of(facts(session, view.id))
                assert figures.recovered <= figures.written_off + figures.interest_written_off
                assert NOTHING <= figures.undrawn <= max(figures.signed, NOTHING)
                over = view.as_at > view.available_until
                assert figures.undrawn == (NOTHING if over else life.undrawn)
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
            if kind in bearing and isinstance(most, Money):
                assert Money.total(risk for one, risk in play if bearing[kind](one, scope)) <= most, (kind, scope)
        for lender in (0, 1):
            assert Money.total(risk for one, risk in play if one.lender == lender) <= pounds("1500.00")

    def teardown(self) -> None:
        """Whatever the order in which it came to be known, what was lent has earned by its days alone."""
        try:
            end = START + timedelta(days=LONGEST)
            for place, one in enumerate(self.made):
                self.attempt(partial(accrue, self.bank.maya, facility=one, until=end, key=self.bank.key()))
                with self.database.reading() as session:
                    for kept in evaluations(session, one):
                        assert all(line.within for line in kept.readings)
                    if FACILITIES[place].paid_by == "draw":
                        _was_sound_on_every_day(session, one)
                    self._has_earned_by_its_days(session, place, end)
        finally:
            self.database.close()
            self.open.close()

    def _has_earned_by_its_days(self, session: ReadSession, place: int, end: date) -> None:
        """Counted night by night, and rounded with each bill and at the end: no more than half a penny each.

        What a stage leaves out is claimed all the same: with it, the books say what the contract does.
        """
        view = next(each for each in all_facilities(session) if each.id == self.made[place])
        told = facts(session, view.id)
        if not PRODUCTS[view.product].earns or "drawdown" not in {fact.kind for fact in told}:
            return
        course_ = facts_of(session, view).course
        exact = _earned(course_.principal, partial(self._rate_on, place), end)
        bills = sum(due.on <= end for due in course_.dues)
        suspended = _held(session, view.id, ["9140"])
        assert suspended >= NOTHING
        assert abs((life_of(told).interest_accrued + suspended).pence - exact) <= Fraction(1 + bills, 2)
        if FACILITIES[place].paid_by == "draw":
            assert _held(session, view.id, ["1210", "9140"]) == course_.interest_owed(end)
            assert _held(session, view.id, ["1220", "9141"]) == course_.default_owed(end)

    def _rate_on(self, place: int, day: date) -> Decimal:
        """What this loan is charged on a day, by what was agreed and what the base was."""
        told = [each for each in self.agreed[place] if each["from_on"] <= day]
        if not told:
            return RATE
        now = max(told, key=lambda each: each["from_on"])
        rate: Decimal = now["rate"]
        if "base" in now:
            rate = max(rate + self.base[max(on for on in self.base if on <= day)], now.get("floor", Decimal(0)))
        return rate


def _lent_to_one_borrower(place: int, part: Money) -> bytes:
    """A return of one loan, in London, to the borrower whom every lender knows by the same number."""
    told = {
        "loan_ref": f"L-{place}",
        "borrower_name": f"Quay Housing (invented), as lender {FACILITIES[place].lender} writes it",
        "borrower_ids": "GB-COH-09506232",
        "legal_form": "CIC-CLG",
        "amount_committed": str(part),
        "drawn": str(part),
        "principal_outstanding": str(part),
        "agreed_on": str(START + timedelta(days=20)),
        "local_authority": "E09000029",
    }
    return csv_of([told])


def _written(session: ReadSession) -> int:
    return session.scalar(select(func.count()).select_from(FacilityEvent)) or 0


def _said_of(session: ReadSession) -> object:
    return trial_balance(session, "bank", as_at=QUARTER.ends_on).accounts


def _held(session: ReadSession, facility: str, roots: Sequence[str], day: date | None = None) -> Money:
    return Money.total(balance_at(session, "bank", f"{root}:{facility}", day) for root in roots)


def _loan_is_sound(session: ReadSession, view: FacilityView) -> None:
    figures = view.figures
    assert figures.drawn <= max(figures.signed, NOTHING)
    gross, allowed = (_held(session, view.id, roots) for roots in (GROSS, ALLOWANCES))
    assert NOTHING <= -allowed <= max(gross, NOTHING)  # a fee taken before anything is drawn is owed, and no asset
    assert figures.loss_allowance == -allowed
    assert figures.carrying_amount == gross + allowed
    promised = balance_at(session, "bank", f"9100:{view.id}")
    assert NOTHING <= figures.commitment_provision <= promised
    for root, told in (("1200", figures.outstanding), ("1210", figures.interest_due), ("9100", promised)):
        assert _held(session, view.id, [root]) == told
    assert figures.unapplied >= NOTHING


def _was_sound_on_every_day(session: ReadSession, facility: str) -> None:
    """On no day more was allowed for than there was, provided for than could be drawn, or had back than was lost."""
    told = facts(session, facility)
    for day in sorted({fact.effective_on for fact in told}):
        gross, allowed, provided, undrawn = (
            _held(session, facility, roots, day) for roots in (GROSS, ALLOWANCES, [PROVISION], ["9100"])
        )
        assert NOTHING <= -allowed <= max(gross, NOTHING), day
        assert NOTHING <= -provided <= undrawn, day
        life = life_of(fact for fact in told if fact.effective_on <= day)
        assert life.recovered <= life.written_off + life.interest_written_off, day
        assert life.outstanding >= NOTHING, day


def _earned(moved: Sequence[tuple[date, Money]], rate_on: Callable[[date], Decimal], end: date) -> Fraction:
    """Night by night: the balance that each begins with, a 365th of the rate of its day."""
    total = Fraction(0)
    for day in (START + timedelta(days=days) for days in range((end - START).days)):
        total += sum(amount.pence for on, amount in moved if on <= day) * Fraction(rate_on(day)) / 365
    return total


def play(kind: str, run: Path, *, lives: int, steps: int, seeded: int | None = None) -> Counter[tuple[str, str]]:
    """So many lives of so many acts on a kind of database, and how the acts fared.

    What breaks is raised with the fewest acts that break it.
    """
    fared: Counter[tuple[str, str]] = Counter()
    lived = type("LivesThere", (Lives,), {"kind": kind, "run_of_tests": run, "fared": fared})
    run_state_machine_as_test(
        lived if seeded is None else seed(seeded)(lived),
        settings=settings(
            max_examples=lives,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    return fared


def main(words: Sequence[str] | None = None) -> int:
    """Play long."""
    reader = argparse.ArgumentParser(prog="python -m tests.bank.facility_play", description=__doc__)
    reader.add_argument("--lives", type=int, default=200)
    reader.add_argument("--steps", type=int, default=30)
    reader.add_argument("--seed", type=int, default=1)
    reader.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    asked = reader.parse_args(words)
    began = time.process_time()
    with servers.run_of_tests() as run:
        fared = play(asked.database, run, lives=asked.lives, steps=asked.steps, seeded=asked.seed)
        databases.clear_away(run)
    spent = time.process_time() - began
    for what in sorted({what for what, _ in fared}):
        print(f"{what:32}", ", ".join(f"{how} {times}" for (act, how), times in sorted(fared.items()) if act == what))
    print(f"{asked.lives} lives of {asked.steps} acts on {asked.database}, {spent:.0f} s of work: everything held")
    return 0


if __name__ == "__main__":
    sys.exit(main())
