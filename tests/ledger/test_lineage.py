from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.lineage import Lineage, Movement, Untraceable, trace
from ledger.money import NOTHING, Money

POOLS = ("fund", "bank", "fac_a", "fac_b")


def moved(key: str, source: str | None, target: str | None, amount: str) -> Movement:
    return Movement(key, source, target, Money.parse(amount))


def in_text(parts: object) -> dict[str, str]:
    assert isinstance(parts, dict)
    return {origin: str(amount) for origin, amount in parts.items()}


def test_a_dormant_pound_is_followed_to_the_loan_it_paid_for_and_back() -> None:
    traced = trace(
        [
            moved("receipt-1", None, "bank", "300.00"),
            moved("receipt-2", None, "bank", "100.00"),
            moved("drawdown", "bank", "fac_a", "100.00"),
            moved("onward-loan", "fac_a", None, "10.01"),
        ]
    )
    assert in_text(traced.behind("drawdown")) == {"receipt-1": "75.00", "receipt-2": "25.00"}
    assert in_text(traced.behind("onward-loan")) == {"receipt-1": "7.51", "receipt-2": "2.50"}
    fate = traced.ahead("receipt-1")
    assert in_text(fate.held) == {"bank": "225.00", "fac_a": "67.49"}
    assert in_text(fate.left) == {"onward-loan": "7.51"}


def test_repaid_money_keeps_its_origin_and_is_lent_again() -> None:
    traced = trace(
        [
            moved("receipt", None, "bank", "50.00"),
            moved("drawdown", "bank", "fac_a", "50.00"),
            moved("repayment", "fac_a", "bank", "20.00"),
            moved("interest", None, "bank", "20.00"),
            moved("second-drawdown", "bank", "fac_b", "20.00"),
        ]
    )
    assert in_text(traced.behind("second-drawdown")) == {"receipt": "10.00", "interest": "10.00"}


def test_money_from_outside_may_bear_one_name_whenever_it_comes() -> None:
    traced = trace(
        [
            Movement("in-1", None, "bank", Money.parse("1.00"), "shares"),
            Movement("in-2", None, "bank", Money.parse("2.00"), "shares"),
        ]
    )
    assert in_text(traced.held["bank"]) == {"shares": "3.00"}


def test_what_is_advanced_is_paid_back_by_the_next_money_that_comes_in() -> None:
    traced = trace(
        [
            moved("receipt", None, "bank", "10.00"),
            moved("drawdown", "bank", "fac_a", "4.00"),
            moved("repayment", "fac_a", "bank", "5.00"),
            moved("borrowers", None, "fac_a", "3.00"),
        ],
        lambda pool: f"owner of {pool}",
    )
    assert in_text(traced.behind("repayment")) == {"receipt": "4.00", "owner of fac_a": "1.00"}
    assert in_text(traced.held["fac_a"]) == {"borrowers": "2.00"}
    assert traced.advanced == {"fac_a": NOTHING}
    assert in_text(traced.ahead("borrowers").settled) == {"fac_a": "1.00"}


def test_a_pool_that_is_emptied_keeps_no_layer() -> None:
    traced = trace([moved("in", None, "bank", "1.00"), moved("out", "bank", None, "1.00")])
    assert traced.held == {"bank": {}}


@pytest.mark.parametrize(
    ("movement", "fault"),
    [
        (moved("out", "bank", None, "1.01"), "which holds 1.00"),
        (moved("out", "nowhere", None, "0.01"), "which holds 0.00"),
        (moved("out", "bank", None, "0.00"), "only a positive amount"),
        (moved("out", "bank", None, "-1.00"), "only a positive amount"),
        (moved("out", "bank", "bank", "1.00"), "begins where it ends"),
        (moved("out", None, None, "1.00"), "begins where it ends"),
        (moved("in", None, "bank", "1.00"), "is there twice"),
    ],
)
def test_movements_that_money_cannot_make_are_refused(movement: Movement, fault: str) -> None:
    with pytest.raises(Untraceable, match=fault):
        trace([moved("in", None, "bank", "1.00"), movement])


def test_a_movement_that_was_not_traced_is_refused() -> None:
    with pytest.raises(Untraceable, match="was traced"):
        trace([]).behind("elsewhere")


@st.composite
def movement_lists(draw: st.DrawFn) -> list[Movement]:
    """Movements that never take more than there is: receipts, transfers and payments out, often to the last penny."""
    movements: list[Movement] = []
    holds = dict.fromkeys(POOLS, 0)
    for number in range(draw(st.integers(1, 25))):
        full = [pool for pool in POOLS if holds[pool]]
        source = draw(st.sampled_from([None, *full]))
        others = [pool for pool in POOLS if pool != source]
        target = draw(st.sampled_from(others if source is None else [None, *others]))
        most = 10**9 if source is None else holds[source]
        pence = draw(st.integers(1, most) | st.just(most) | st.integers(1, min(most, 3)))
        if source is not None:
            holds[source] -= pence
        if target is not None:
            holds[target] += pence
        movements.append(Movement(f"m{number}", source, target, Money(pence)))
    return movements


@given(movement_lists())
def test_every_movement_is_made_of_its_whole_amount(movements: list[Movement]) -> None:
    traced = trace(movements)
    for movement in movements:
        parts = traced.behind(movement.key)
        assert Money.total(parts.values()) == movement.amount
        assert min(parts.values()) > NOTHING


@given(movement_lists())
def test_of_every_origin_each_penny_is_held_or_has_left(movements: list[Movement]) -> None:
    traced = trace(movements)
    for movement in movements:
        if movement.source is None:
            fate = traced.ahead(movement.key)
            assert Money.total(fate.held.values()) + Money.total(fate.left.values()) == movement.amount


@given(movement_lists())
def test_every_pool_holds_what_came_in_less_what_went_out(movements: list[Movement]) -> None:
    traced = trace(movements)
    for pool in POOLS:
        came = Money.total(each.amount for each in movements if each.target == pool)
        went = Money.total(each.amount for each in movements if each.source == pool)
        assert Money.total(traced.held.get(pool, {}).values()) == came - went


@given(movement_lists())
def test_forward_and_backward_tell_the_same(movements: list[Movement]) -> None:
    traced = trace(movements)
    leaving = {movement.key for movement in movements if movement.target is None}
    origins = {movement.key for movement in movements if movement.source is None}
    forward = {(origin, key): amount for origin in origins for key, amount in traced.ahead(origin).left.items()}
    backward = {(origin, key): amount for key in leaving for origin, amount in traced.behind(key).items()}
    assert forward == backward


@given(movement_lists())
def test_each_payment_takes_from_every_layer_in_proportion(movements: list[Movement]) -> None:
    for place, movement in enumerate(movements):
        if movement.source is None:
            continue
        before: Lineage = trace(movements[:place])
        layers = before.held[movement.source]
        there = Money.total(layers.values()).pence
        parts = trace(movements[: place + 1]).behind(movement.key)
        for origin, held in layers.items():
            exact = movement.amount.pence * held.pence
            assert abs(parts.get(origin, NOTHING).pence * there - exact) < there
            assert parts.get(origin, NOTHING) <= held


@st.composite
def careless_movements(draw: st.DrawFn) -> list[Movement]:
    """Movements that take whatever they like, from pools that may hold nothing."""
    movements: list[Movement] = []
    for number in range(draw(st.integers(1, 20))):
        source = draw(st.sampled_from([None, *POOLS]))
        others = [pool for pool in POOLS if pool != source]
        target = draw(st.sampled_from(others if source is None else [None, *others]))
        movements.append(Movement(f"m{number}", source, target, Money(draw(st.integers(1, 10_000)))))
    return movements


@given(careless_movements())
def test_with_advances_each_pool_holds_its_balance_and_no_penny_is_made_or_lost(movements: list[Movement]) -> None:
    traced = trace(movements, lambda pool: f"advanced/{pool}")
    for pool in POOLS:
        came = Money.total(each.amount for each in movements if each.target == pool)
        went = Money.total(each.amount for each in movements if each.source == pool)
        held = Money.total(traced.held.get(pool, {}).values())
        assert held - traced.advanced.get(pool, NOTHING) == came - went
    for movement in movements:
        assert Money.total(traced.behind(movement.key).values()) == movement.amount
        if movement.source is None:
            fate = traced.ahead(movement.key)
            followed = [*fate.held.values(), *fate.left.values(), *fate.settled.values()]
            assert Money.total(followed) == movement.amount
