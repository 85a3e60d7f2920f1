"""Facilities led through anything: the books say what the events come to, on every day, as known at every point."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from bank.allocations.commands import accrue, draw_down, lapse, recover, repay, write_off
from bank.allocations.queries import FacilityFigures, all_facilities, events, facts, movements
from bank.allocations.rules import SIGNED, Fact, interest_to, life_of
from ledger.dates import SetClock
from ledger.daycounts import DayCount
from ledger.identifiers import CountedIdentifiers
from ledger.money import Money
from ledger.queries import balance_at, known, pairs_that_disagree
from ledger.refusals import Refusal
from ledger.store.database import Database
from ledger.store.tables import Mark
from ledger.store.work import Desk
from tests import databases
from tests.bank.small_bank import SmallBank

START = date(2012, 1, 10)
ACTS: dict[str, Callable[..., object]] = {
    "draw": lambda desk, amount, **told: draw_down(desk, amount=amount, **told),
    "repay": lambda desk, amount, **told: repay(desk, principal=amount, **told),
    "interest": lambda desk, amount, **told: repay(desk, interest=Money(amount.pence // 500 + 1), **told),
    "accrue": lambda desk, amount, facility, on, key: accrue(desk, facility=facility, until=on, key=key),  # noqa: ARG005 -- one shape for all
    "lose": lambda desk, amount, **told: write_off(desk, amount=amount, reason="Lost", **told),
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


def folded(told: list[Fact]) -> dict[str, Money]:
    life = life_of(told)
    names = ("signed", "drawn", "lapsed", "outstanding", "undrawn", "written_off", "interest_accrued", "interest_due")
    more = ("interest_received", "interest_written_off", "recovered", "repaid")
    return {name: getattr(life, name) for name in (*names, *more)}


@contextmanager
def fresh_bank(run: Path) -> Iterator[SmallBank]:
    with tempfile.TemporaryDirectory() as home, databases.prepared("sqlite", run, Path(home)) as url:
        clock = SetClock(databases.OPENING)
        opened = Database.open(url, clock=clock, identifiers=CountedIdentifiers("tests"))
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
        made = bank.signed(
            lender, "1000.00", annual_rate=Decimal("0.0777"), available_until=START + timedelta(days=150)
        )
        bank.at(START + timedelta(days=200))
        for number, (act, amount, days) in enumerate(happenings):
            _try(bank.maya, act, amount, made.id, START + timedelta(days=days), f"act {number}")
        _compare(bank, lender, made.id)


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
            assert told_by(view.figures) == folded([fact for fact in told if fact.effective_on <= day])
            assert view.figures.outstanding >= Money(0)
            assert view.figures.drawn <= view.figures.signed
            assert balance_at(session, lender, f"2100:{facility}", day) == -view.figures.outstanding
        for day in accrued_on:
            posted = Money.total(fact.interest for fact in told if fact.kind == "accrual" and fact.effective_on <= day)
            assert posted == interest_to(moved, Decimal("0.0777"), DayCount.ACT_365F, day)
        for seq in session.scalars(select(Mark.upto_seq).order_by(Mark.upto_seq)).all()[::3]:
            then = known(session, seq)
            for view in all_facilities(session, at=then):
                assert told_by(view.figures) == folded(
                    [
                        Fact(event.kind, event.effective_on, event.amount, event.interest, event.co_investor_amount)
                        for event in events(session, facility, at=then)
                    ]
                )
        assert pairs_that_disagree(session) == []
    assert any(fact.kind == SIGNED for fact in told)
