"""What holds of products whatever happens: values that come out the same in any order, and terms read or refused."""

from __future__ import annotations

import random
from contextlib import suppress
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bank.allocations.products.carrying import wanting
from bank.allocations.products.fields import Field, read
from bank.allocations.products.registry import PRODUCTS
from bank.allocations.products.rules import changed, revaluation, valued
from bank.allocations.products.shape import Done, Effect, Happened, Move, Position
from bank.treasury.rules import BadTerms
from ledger.chart import BANK, INTERMEDIARY
from ledger.money import NOTHING, Money
from tests.bank.test_products import TERMS

DAYS = st.integers(0, 400).map(lambda days: date(2012, 1, 1) + timedelta(days=days))
PENCE = st.integers(0, 10**9).map(Money)
FUND = PRODUCTS["fund-commitment"]

calls = st.builds(lambda on, cost: Happened("call", on, {}, cost=cost), DAYS, PENCE)
values = st.builds(lambda on, value: Happened("revalue", on, {}, value=value), DAYS, PENCE)


def put_right(facts: list[Happened]) -> list[Happened]:
    """The facts told one after the other, the values put right after each, as the command does."""
    past: list[Happened] = []
    for fact in facts:
        past.append(fact)
        past += [Happened("set-right", day, {}, unrealised=lacking) for day, lacking in wanting(past).items()]
    return past


def carried(past: list[Happened], day: date) -> Money:
    return Money.total(one.cost + one.unrealised for one in past if one.on <= day)


@given(st.lists(calls | values, max_size=8), st.randoms(use_true_random=False))
def test_what_is_carried_does_not_depend_on_the_order_in_which_facts_are_told(
    facts: list[Happened], chance: random.Random
) -> None:
    once = {fact.on: fact for fact in facts if fact.value is not None}
    told = [fact for fact in facts if fact.value is None] + list(once.values())
    shuffled = list(told)
    chance.shuffle(shuffled)
    one, other = put_right(told), put_right(shuffled)
    for day in {fact.on for fact in told}:
        assert carried(one, day) == carried(other, day)
    for day, fact in once.items():
        assert carried(one, day) == fact.value


@given(st.lists(calls | values, max_size=8))
def test_values_once_put_right_want_nothing_more(facts: list[Happened]) -> None:
    assert wanting(put_right(facts)) == {}


@given(st.dictionaries(DAYS, st.tuples(st.sampled_from(["call", "sell", "distribute"]), PENCE, PENCE)), st.data())
def test_what_is_held_is_never_carried_below_nothing_in_whatever_order_it_is_told(
    lives: dict[date, tuple[str, Money, Money]], data: st.DataObject
) -> None:
    facts, held = [], NOTHING
    for day, (verb, amount, gain) in sorted(lives.items()):
        cost = amount if verb == "call" else -min(amount, held)
        facts.append(Happened(verb, day, {"gain": str(gain)}, cost=cost))
        held += cost
    facts += data.draw(st.lists(values, unique_by=lambda one: one.on, max_size=4))
    one, other = put_right(facts), put_right(data.draw(st.permutations(facts)))
    for day in {fact.on for fact in facts}:
        assert carried(one, day) == carried(other, day) >= NOTHING


@given(PENCE.filter(bool), st.booleans(), st.booleans())
def test_a_revaluation_moves_the_books_by_what_they_lack(amount: Money, down: bool, told: bool) -> None:
    lacking = -amount if down else amount
    move = revaluation(FUND, lacking, told=told)
    assert changed(FUND, Done((move,), (Effect("revaluation"),))) == (NOTHING, lacking)


@given(st.lists(values, min_size=1, max_size=6), DAYS)
def test_the_value_shown_is_the_last_told_for_a_day_by_then(facts: list[Happened], as_at: date) -> None:
    last, basis = valued(facts, as_at)
    by_then = [fact for fact in facts if fact.on <= as_at]
    if not by_then:
        assert (last, basis) == (None, "at-cost")
        return
    _, latest = max(enumerate(by_then), key=lambda numbered: (numbered[1].on, numbered[0]))
    assert last == latest
    assert (basis == "stale") == ((as_at - latest.on).days > 92)


@given(st.lists(st.sampled_from(["call", "distribute"]), max_size=12), st.data())
def test_no_run_of_calls_and_recalls_passes_the_commitment(verbs: list[str], data: st.DataObject) -> None:
    commitment, uncalled, cost = Money(100_000), Money(100_000), NOTHING
    past: list[Happened] = []
    for verb in verbs:
        event = FUND.event(verb)
        assert event is not None
        most = uncalled if verb == "call" else cost
        if not most:
            continue
        amount = Money(data.draw(st.integers(1, most.pence)))
        words = {"amount": str(amount)} if verb == "call" else {"capital": str(amount)}
        there = {"9130": uncalled, "1301": cost}
        at = Position(
            read(FUND.terms, TERMS[FUND.code], ""), commitment, date(2012, 1, 1), there.__getitem__, tuple(past)
        )
        done = event.rule(at, read(event.verb.fields, words, verb))
        net, _ = changed(FUND, done)
        cost += net
        uncalled -= _through(done.moves, "9130:")
        past.append(Happened(verb, date(2012, 1, 1), words, cost=net))
        assert NOTHING <= uncalled <= commitment
        assert cost >= NOTHING


def _through(moves: tuple[Move, ...], code: str) -> Money:
    taken = Money.total(move.amount for move in moves if move.credit == code)
    return taken - Money.total(move.amount for move in moves if move.debit == code)


def test_every_account_that_a_product_names_is_in_the_chart() -> None:
    ours = {line.code for line in BANK.lines}
    for product in PRODUCTS.values():
        named = {product.principal, product.promise, product.unrealised or "1000"}
        named |= {account for line in product.figures for account in line.accounts}
        assert named <= ours, product.code
    assert {"1400", "2110"} <= {line.code for line in INTERMEDIARY.lines}


def test_what_is_out_mirrors_what_the_partner_owes_for_it() -> None:
    mirrors = {line.code: line.mirror for line in (*INTERMEDIARY.lines, *BANK.lines)}
    assert {mirrors[product.principal] for product in PRODUCTS.values()} == {"wholesale"}


@given(st.dictionaries(st.text(max_size=8), st.text(max_size=12), max_size=3))
def test_whatever_is_told_is_read_or_refused_in_words(given_: dict[str, str]) -> None:
    field = Field("cap", "money", "The most", "1.00", required=False)
    told: set[str] = set()
    with suppress(BadTerms):
        told = set(read([field], given_, "A test").written())
    assert told <= {"cap"}
