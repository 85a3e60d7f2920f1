"""Facilities led through anything: the books say what the events come to, on every day, as known at every point."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from bank.allocations.commands import (
    accrue,
    allow_for_loss,
    approve_terms,
    draw_down,
    lapse,
    move_stage,
    propose_terms,
    recover,
    repay,
    write_off,
)
from bank.allocations.facts import ALLOWANCES, GROSS, PROVISION
from bank.allocations.queries import FacilityFigures, all_facilities, events, facts, movements
from bank.allocations.rules import SIGNED, Fact, life_of
from bank.rates.commands import approve_base_rate, propose_base_rate
from ledger.dates import SetClock
from ledger.daycounts import DayCount
from ledger.identifiers import CountedIdentifiers
from ledger.interest import accrued_on_movements
from ledger.money import NOTHING, Money
from ledger.queries import balance_at, known, pairs_that_disagree
from ledger.refusals import Refusal
from ledger.store.database import Database
from ledger.store.tables import Mark
from ledger.store.work import Desk
from ledger.waterfalls import USUAL_ORDER
from tests import databases
from tests.bank.small_bank import SmallBank

START = date(2012, 1, 10)
END = START + timedelta(days=150)
ACTS: dict[str, Callable[..., object]] = {
    "draw": lambda desk, amount, **told: draw_down(desk, amount=amount, **told),
    "repay": lambda desk, amount, **told: repay(desk, principal=amount, **told),
    "interest": lambda desk, amount, **told: repay(desk, interest=Money(amount.pence // 500 + 1), **told),
    "accrue": lambda desk, amount, facility, on, key: accrue(desk, facility=facility, until=on, key=key),  # noqa: ARG005 -- one shape for all
    "lose": lambda desk, amount, **told: write_off(desk, amount=amount, reason="Lost", **told),
    "allow": lambda desk, amount, **told: allow_for_loss(desk, amount=amount, reason="Assessed", **told),
    "find": lambda desk, amount, **told: recover(desk, amount=amount, **told),
    "lapse": lambda desk, amount, **told: lapse(desk, reason="Enough", **told),  # noqa: ARG005 -- one shape for all
}
HAPPENINGS = st.lists(
    st.tuples(
        st.sampled_from([*ACTS, "draw", "repay", "accrue"]),
        st.integers(min_value=1, max_value=60_000).map(Money),
        st.integers(min_value=0, max_value=200),
    ),
    max_size=14,
)


def told_by(figures: FacilityFigures) -> dict[str, Money]:
    names = ("signed", "drawn", "lapsed", "outstanding", "undrawn", "written_off", "interest_accrued", "interest_due")
    more = ("interest_received", "interest_written_off", "recovered")
    return {name: getattr(figures, name) for name in (*names, *more)} | {"repaid": figures.repaid_principal}


def folded(told: list[Fact], day: date) -> dict[str, Money]:
    """What events come to by a day, after the end of availability with what lapsed by that."""
    left = life_of(told).undrawn if day > END else NOTHING
    life = life_of([*told, Fact("lapse", day, left)] if left else told)
    names = ("signed", "drawn", "lapsed", "outstanding", "undrawn", "written_off", "interest_accrued", "interest_due")
    more = ("interest_received", "interest_written_off", "recovered", "repaid")
    return {name: getattr(life, name) for name in (*names, *more)}


@contextmanager
def fresh_bank(run: Path, kind: str = "sqlite") -> Iterator[SmallBank]:
    with tempfile.TemporaryDirectory() as home, databases.prepared(kind, run, Path(home), "staffed") as url:
        clock = SetClock(databases.OPENING)
        opened = Database.open(url, clock=clock, identifiers=CountedIdentifiers("tests"), compiled=databases.COMPILED)
        bank = SmallBank(opened, clock)
        bank.open()
        yield bank
        opened.close()


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(happenings=HAPPENINGS)
def test_the_books_say_what_the_events_come_to(run_of_tests: Path, happenings: list[Any]) -> None:
    with fresh_bank(run_of_tests) as bank:
        bank.at(START)
        bank.capital("5000.00")
        lender = bank.lender()
        made = bank.signed(lender, "1000.00", annual_rate=Decimal("0.0777"), available_until=END)
        bank.at(START + timedelta(days=200))
        for number, (act, amount, days) in enumerate(happenings):
            _try(bank.maya, act, amount, made.id, START + timedelta(days=days), f"act {number}")
        _compare(bank, lender, made.id)
        within_gross(bank, made.id)


def _try(desk: Desk, act: str, amount: Money, facility: str, on: date, key: str) -> None:
    with desk.database.reading() as session:
        before = (known(session).seq, len(events(session, facility, as_at=date.max)))
    try:
        ACTS[act](desk, amount, facility=facility, on=on, key=key)
    except Refusal:
        with desk.database.reading() as session:
            assert (known(session).seq, len(events(session, facility, as_at=date.max))) == before


def _compare(bank: SmallBank, lender: str, facility: str) -> None:
    with bank.database.reading() as session:
        told = facts(session, facility)
        moved = movements(session, facility)
        accrued_on = {fact.effective_on for fact in told if fact.kind == "accrual"}
        for day in (START + timedelta(days=days) for days in range(0, 201, 40)):
            view = next(each for each in all_facilities(session, as_at=day) if each.id == facility)
            assert told_by(view.figures) == folded([fact for fact in told if fact.effective_on <= day], day)
            assert view.figures.outstanding >= Money(0)
            assert view.figures.drawn <= view.figures.signed
            assert balance_at(session, lender, f"2100:{facility}", day) == -view.figures.outstanding
        for day in accrued_on:
            posted = Money.total(fact.interest for fact in told if fact.kind == "accrual" and fact.effective_on <= day)
            exact = accrued_on_movements(moved, Decimal("0.0777"), START, day, DayCount.ACT_365F)
            assert posted == Money.round_half_up(exact)
        for seq in session.scalars(select(Mark.upto_seq).order_by(Mark.upto_seq)).all()[::3]:
            then = known(session, seq)
            for view in all_facilities(session, at=then):
                assert told_by(view.figures) == folded(
                    [
                        Fact(event.kind, event.effective_on, event.amount, event.interest, event.co_investor_amount)
                        for event in events(session, facility, at=then)
                    ],
                    view.as_at,
                )
        assert pairs_that_disagree(session) == []
    assert any(fact.kind == SIGNED for fact in told)


LATE = START + timedelta(days=200)
FACTS: dict[str, Callable[..., object]] = {
    "draw": lambda desk, size, **told: draw_down(desk, amount=Money(1 + size * 100), **told),
    "repay": lambda desk, size, **told: repay(desk, principal=Money(1 + size * 50), **told),
    "pay": lambda desk, size, **told: repay(desk, amount=Money(1 + size * 15), **told),
    "impaired": lambda desk, size, **told: move_stage(desk, stage=1 + size % 3, reason="Reviewed", **told),
    "allow": lambda desk, size, **told: allow_for_loss(desk, amount=Money(size * 20), reason="Assessed", **told),
    "accrue": lambda desk, size, facility, on, key: accrue(desk, facility=facility, until=on, key=key),  # noqa: ARG005 -- one shape for all
}
"""Facts that are taken in whatever order they are told: their sizes are such that no sum goes beyond what there is."""
STREAMS = ("1210", "1220", "1500", "1230", "4010")


def agree(bank: SmallBank, facility: str, waterfall: tuple[str, ...] = USUAL_ORDER) -> None:
    """Terms over a base that steps, with every fee there is, in force from the start."""
    terms = propose_terms(
        bank.maya,
        facility=facility,
        from_on=START,
        base="test-rate",
        rate=Decimal("0.05"),
        floor=Decimal("0.06"),
        default_margin=Decimal("0.02"),
        commitment_fee=Decimal("0.01"),
        arrangement_fee=Money(20_00),
        fee_withheld=True,
        repayment="equal-principal",
        first_due_on=START + timedelta(days=30),
        every_months=1,
        instalments=24,
        waterfall=waterfall,
        key=bank.key(),
    )
    approve_terms(bank.tom, id=terms.id, key=bank.key())


def change(bank: SmallBank, facility: str, waterfall: tuple[str, ...]) -> None:
    """Other terms from a day on: what the loan is carried at follows, whatever was known by then."""
    terms = propose_terms(
        bank.maya,
        facility=facility,
        from_on=START + timedelta(days=100),
        rate=Decimal("0.058"),
        default_margin=Decimal("0.01"),
        repayment="level",
        first_due_on=START + timedelta(days=120),
        every_months=1,
        instalments=20,
        waterfall=waterfall,
        reason="Relief",
        key=bank.key(),
    )
    approve_terms(bank.tom, id=terms.id, key=bank.key())


ORDERS = st.permutations(USUAL_ORDER).map(tuple)
TOLD = st.lists(
    st.tuples(st.sampled_from(list(FACTS)), st.integers(0, 99), st.integers(min_value=0, max_value=200)),
    min_size=2,
    max_size=7,
)


@pytest.mark.parametrize(("kind", "examples"), [("sqlite", 4), ("postgresql", 1)])
def test_what_is_earned_does_not_depend_on_the_order_in_which_the_same_facts_arrive(
    run_of_tests: Path, kind: str, examples: int
) -> None:
    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        told=TOLD,
        order=st.randoms(use_true_random=False),
        base_known_after=st.integers(0, 7),
        changed_after=st.one_of(st.none(), st.tuples(st.integers(0, 6), st.integers(0, 6))),
        waterfalls=st.tuples(ORDERS, ORDERS),
    )
    def in_either_order(
        told: list[Any], order: Any, base_known_after: int, changed_after: Any, waterfalls: Any
    ) -> None:
        with fresh_bank(run_of_tests, kind) as bank:
            shuffled = list(told)
            order.shuffle(shuffled)
            earns_the_same(bank, (told, shuffled), base_known_after, changed_after, waterfalls)

    in_either_order()


def earns_the_same(
    bank: SmallBank,
    orders: tuple[list[Any], list[Any]],
    base_known_after: int,
    changed_after: tuple[int, int] | None,
    waterfalls: tuple[tuple[str, ...], tuple[str, ...]],
) -> None:
    """Two loans alike, of which the same is told in one order and in another; each by a waterfall, and by another."""
    told = orders[0]
    bank.at(START)
    bank.capital("50000.00")
    step_base(bank, "0.005", START)
    made = [
        bank.signed(bank.lender(f"Lender {place}"), "5000.00", annual_rate=Decimal("0.0777")).id for place in (1, 2)
    ]
    for facility in made:
        agree(bank, facility, waterfalls[0])
        draw_down(bank.maya, facility=facility, amount=Money(1_000_00), on=START, key=bank.key())
    bank.at(LATE)
    for number, (facility, facts_told) in enumerate(zip(made, orders, strict=True)):
        changes = None if changed_after is None else min(changed_after[number], len(told) - 1)
        for place, (fact, size, days) in enumerate(facts_told):
            if place == base_known_after and facility == made[0]:
                step_base(bank, "0.025", START + timedelta(days=60))
            if place == changes:
                change(bank, facility, waterfalls[1])
            FACTS[fact](bank.maya, size, facility=facility, on=START + timedelta(days=days), key=bank.key())
    if base_known_after >= len(told):
        step_base(bank, "0.025", START + timedelta(days=60))
    for facility in made:  # what came to be known of the base is taken in by the next accrual
        accrue(bank.maya, facility=facility, until=LATE, key=bank.key())
    days = sorted({START + timedelta(days=days) for fact, _, days in told if fact == "accrue"} | {LATE})
    one, other = ({day: streams(bank, facility, day) for day in days} for facility in made)
    assert one == other
    for facility in made:
        within_gross(bank, facility)


def step_base(bank: SmallBank, rate: str, on: date) -> None:
    made = propose_base_rate(
        bank.maya, base="test-rate", rate=Decimal(rate), from_on=on, source="Invented", key=bank.key()
    )
    approve_base_rate(bank.tom, id=made.id, key=bank.key())


def streams(bank: SmallBank, facility: str, day: date) -> dict[str, str]:
    """What was earned to a day, stream by stream."""
    return {code: bank.balance("bank", f"{code}:{facility}", day) for code in STREAMS}


def within_gross(bank: SmallBank, facility: str) -> None:
    """On no day is more allowed for than the loan is carried at, nor provided for than may yet be drawn."""
    with bank.database.reading() as session:
        for day in (START + timedelta(days=days) for days in range(201)):
            gross, allowance, provision, undrawn = (
                Money.total(balance_at(session, "bank", f"{root}:{facility}", day) for root in roots)
                for roots in (GROSS, ALLOWANCES, [PROVISION], ["9100"])
            )
            assert Money(0) <= -allowance <= gross
            assert Money(0) <= -provision <= undrawn
