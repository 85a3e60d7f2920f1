"""What is done to very many facilities in one act is what would be done to them one by one, to the penny."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bank.allocations.accruing import interest_missing
from bank.allocations.allowing import shifts
from bank.allocations.commands import (
    accrue,
    accrue_all,
    allow_for_all,
    allow_for_loss,
    draw_down,
    move_stage,
    repay,
    write_off,
)
from bank.allocations.course import STREAMS
from bank.allocations.facts import facts_of, facts_of_all
from bank.allocations.many import queries as reading
from bank.allocations.queries import FacilityView, all_facilities, events, facility
from bank.allocations.rules import SIGNED, Fact, life_of
from bank.allocations.standing import backstops, credit
from bank.quarters.queries import gates
from ledger.commands import close_quarter
from ledger.dates import Quarter
from ledger.money import NOTHING, Money
from ledger.queries import balance_at, entries_behind, known, net_by_kind, pairs_that_disagree
from ledger.refusals import Refusal
from tests.bank.small_bank import SmallBank
from tests.bank.test_loan_journals import assumed
from tests.bank.test_random_facilities import START, agree, fresh_bank, step_base

Q1, Q2, Q3 = Quarter.of(START), Quarter.of(START).next, Quarter.of(START).next.next
ROOTS = ("1200", "1210", "1220", "1230", "1240", "1241", "1242", "1500", "2210", "4010", "5000", "5010", "9100")
ACTS: dict[str, Callable[..., object]] = {
    "repay": lambda desk, size, **told: repay(desk, principal=Money(1 + size * 300), **told),
    "stage": lambda desk, size, **told: move_stage(desk, stage=1 + size % 3, reason="Reviewed", **told),
    "assess": lambda desk, size, **told: allow_for_loss(desk, amount=Money(size * 40), reason="Assessed", **told),
    "lose": lambda desk, size, **told: write_off(desk, amount=Money(1 + size * 200), reason="Lost", **told),
    "accrue": lambda desk, size, facility, on, key: accrue(desk, facility=facility, until=on, key=key),  # noqa: ARG005 -- one shape for all
}
TOLD = st.lists(
    st.tuples(st.sampled_from(list(ACTS)), st.integers(0, 3), st.integers(0, 99), st.integers(1, 260)), max_size=5
)


def opened(bank: SmallBank) -> list[str]:
    """Four facilities, two of them under terms with every fee there is, drawn on at the start."""
    bank.at(START)
    bank.capital("50000.00")
    step_base(bank, "0.005", START)
    for stage, chance in ((1, "0.02"), (2, "0.2"), (3, "0.7")):
        assumed(bank, stage, chance, "0.5")
    lenders = [bank.lender(f"Lender {place}") for place in (1, 2)]
    made = [bank.signed(lenders[place % 2], "3000.00", annual_rate=Decimal("0.07")).id for place in range(4)]
    for one in made[:2]:
        agree(bank, one)
    for one in made[:3]:
        draw_down(bank.maya, facility=one, amount=Money(1_500_00), on=START, key=bank.key())
    bank.at(Q3.ends_on + timedelta(days=1))
    return made


def led_through(bank: SmallBank, made: list[str], told: list[Any]) -> None:
    for act, which, size, days in told:
        on = START + timedelta(days=days)
        try:
            ACTS[act](bank.maya, size, facility=made[which], on=on, key=bank.key())
        except Refusal:
            continue


def at_once(bank: SmallBank, made: list[str], on: date) -> None:
    """The quarter's work as the bank does it: all facilities in one act each."""
    del made
    accrue_all(bank.maya, until=on, key=bank.key())
    allow_for_all(bank.maya, on=on, key=bank.key())


def one_by_one(bank: SmallBank, made: list[str], on: date) -> None:
    """The same, a facility at a time, each in an act of its own."""
    with bank.database.reading() as session:
        wanting = [one for one in made if _owing(bank, one) or interest_missing(session, [bank.facility(one)], on)]
    for one in wanting:
        accrue(bank.maya, facility=one, until=on, key=bank.key())
    with bank.database.reading() as session:
        there = [each for each in all_facilities(session, as_at=on) if each.id in made]
    for each in there:
        if each.figures.outstanding or each.figures.loss_allowance or each.figures.undrawn:
            allow_for_loss(bank.maya, facility=each.id, on=on, key=bank.key())


def _owing(bank: SmallBank, one: str) -> bool:
    return bank.facility(one).figures.outstanding > NOTHING


def kept(bank: SmallBank, one: str) -> tuple[list[Any], list[Any]]:
    """A facility's postings and its events, without the names and places that depend on what else was written."""
    with bank.database.reading() as session:
        lines = [
            (line.account.partition(":")[0], line.effective_on, line.kind, line.amount, line.description)
            for root in ROOTS
            for line in entries_behind(session, "bank", f"{root}:{one}")
        ]
        told = [
            (event.number, event.kind, event.effective_on, event.amount, event.interest, len(event.seqs), event.note)
            for event in events(session, one, as_at=date.max)
        ]
    return lines, told


@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@example(told=[("repay", 0, 0, 1), ("repay", 0, 0, 1)], later=[("stage", 2, 0, 179), ("stage", 2, 80, 1)])
@given(told=TOLD, later=TOLD)
def test_all_at_once_posts_what_one_by_one_would(run_of_tests: Path, told: list[Any], later: list[Any]) -> None:
    with ExitStack() as both:
        banks = [both.enter_context(fresh_bank(run_of_tests)) for _ in range(2)]
        made = [opened(bank) for bank in banks]
        assert made[0] == made[1]
        for bank, work in zip(banks, (at_once, one_by_one), strict=True):
            led_through(bank, made[0], told)
            work(bank, made[0], Q2.ends_on)
            work(bank, made[0], Q1.ends_on)
            with bank.maya.writing() as open_:
                close_quarter(open_, Q1, hard=True)
            led_through(bank, made[0], later)
            work(bank, made[0], Q3.ends_on)
        for one in made[0]:
            assert kept(banks[0], one) == kept(banks[1], one)
        for bank in banks:
            with bank.database.reading() as session:
                assert pairs_that_disagree(session) == []
            _read_alike(bank, made[0])


def _read_alike(bank: SmallBank, made: list[str]) -> None:
    """Everything read of many facilities at once is what is read of each alone, on several days and as known before."""
    with bank.database.reading() as session:
        now = known(session)
        for day in (START, Q1.ends_on, Q2.ends_on + timedelta(days=9), date.max):
            for then in (now, known(session, now.seq // 2)):
                views = {each.id: each for each in all_facilities(session, as_at=day, at=then)}
                together = facts_of_all(session, views.values(), as_at=day, at=then)
                for one, view in views.items():
                    assert facility(session, one, as_at=day, at=then) == view
                    assert together[one] == facts_of(session, view, as_at=day, at=then)
                    _as_told(session, view, day, then)
            _summed_alike(session, views.values(), day)
        for day in (Q1.ends_on, Q3.ends_on):
            owing = [each.id for each in all_facilities(session, as_at=day) if each.figures.outstanding]
            alone = [found for one in owing for found in credit(session, one, as_at=day).backstops]
            assert backstops(session, as_at=day) == alone
        missing = interest_missing(session, views.values(), Q2.ends_on)
        for one in made:
            assert interest_missing(session, [views[one]], Q2.ends_on).get(one) == missing.get(one)


def _summed_alike(session: Any, views: Any, since: date) -> None:
    """Of a day and every later one, facts that tell what lies before it as sums say what those told line by line do."""
    whole, summed = facts_of_all(session, views), facts_of_all(session, views, since=since)
    for day in (since, Q3.ends_on, Q3.ends_on + timedelta(days=40)) if since < Q3.ends_on else ():
        for one, facts in summed.items():
            assert facts.course.earned(day) == whole[one].course.earned(day)
            assert facts.course.late(day) == whole[one].course.late(day)
            assert facts.course.value.at(day) == whole[one].course.value.at(day)
            assert shifts(facts, day) == shifts(whole[one], day)
            for stream in STREAMS:
                got, wanted = (_sum_to(each.accrued(stream), day) for each in (facts, whole[one]))
                assert got == wanted
            for root in whole[one].lines:
                assert facts.balance([root], day) == whole[one].balance([root], day)
            assert facts.last_on == whole[one].last_on


def _sum_to(moved: Any, day: date) -> Money:
    return Money.total(amount for on, amount in moved if on <= day)


def _as_told(session: Any, view: FacilityView, day: date, then: Any) -> None:
    """The figures against the events one by one, and against the postings kind by kind."""
    one, figures = view.id, view.figures
    told = [
        Fact(event.kind, event.effective_on, event.amount, event.interest, event.co_investor_amount)
        for event in events(session, one, as_at=day, at=then)
    ]
    life = life_of(told)
    undrawn = life.undrawn if day <= view.available_until else NOTHING  # what is not drawn by then has lapsed
    assert (figures.outstanding, figures.undrawn, figures.drawn) == (life.outstanding, undrawn, life.drawn)
    assert figures.co_investor_signed == life.co_investor_signed
    by_kind = net_by_kind(session, "bank", [f"1210:{one}"], day, then)
    earned = [by_kind.get((f"1210:{one}", kind), NOTHING) for kind in ("accrual", "adjustment", "taken-up")]
    assert figures.interest_accrued == Money.total(earned), by_kind
    assert figures.interest_due == Money.total(by_kind.values())
    assert any(fact.kind == SIGNED for fact in told) == (figures.signed > NOTHING)


def test_more_facilities_than_are_read_together_are_read_in_parts(
    small_bank: SmallBank, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = opened(small_bank)
    at_once(small_bank, made, Q1.ends_on)
    with small_bank.database.reading() as session:
        views = all_facilities(session)
        whole = facts_of_all(session, views)
        monkeypatch.setattr(reading, "TOGETHER", 2)
        assert [len(part) for part in reading.in_parts(made)] == [2, 2]
        assert all_facilities(session) == views
        assert facts_of_all(session, views) == whole
        assert [row.id for row in reading.rows_of(session, made)] == sorted(made)


def test_the_close_of_a_quarter_names_each_facility_whose_books_differ(small_bank: SmallBank) -> None:
    made = opened(small_bank)
    with small_bank.database.reading() as session:
        found = gates(session, Q1)
        named = {gate.subject for gate in found if gate.gate == "interest"}
        assert named == {one for one in made if interest_missing(session, [small_bank.facility(one)], Q1.ends_on)}
        assert named == set(made[:3])
        assert not [gate for gate in found if gate.gate == "memorandum"]
        owed = [balance_at(session, view.intermediary, f"2100:{view.id}") for view in all_facilities(session)]
        assert owed == [-view.figures.outstanding for view in all_facilities(session)]
