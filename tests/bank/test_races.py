"""Two at once, on two real connections: what each may do alone they may never do together."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import pytest

from bank.allocations.commands import approve, draw_down, repay, sign
from bank.treasury.queries import headroom
from ledger.commands import post
from ledger.entries import Entry, Posting
from ledger.money import NOTHING
from ledger.queries import pairs_that_disagree
from ledger.refusals import Refusal
from ledger.store.database import Database
from ledger.store.work import Desk
from tests import databases
from tests.bank.small_bank import SmallBank, pounds

DAY = date(2012, 1, 10)
ROUNDS = 2

Act = Callable[[Desk, str], object]


@pytest.fixture
def two(small_bank: SmallBank, database_url: str) -> Iterator[tuple[Desk, Desk]]:
    """Maya and Tom, each at a connection of their own."""
    small_bank.at(DAY)
    opened = [Database.open(database_url, clock=small_bank.clock, compiled=databases.COMPILED) for _ in range(2)]
    yield (Desk(opened[0], small_bank.maya.actor), Desk(opened[1], small_bank.tom.actor))
    for each in opened:
        each.close()


def both(desks: tuple[Desk, Desk], *acts: Act) -> list[Refusal | None]:
    """Let both go at the same moment, and tell how each fared."""
    gate = Barrier(2)

    def go(desk: Desk, act: Act, key: str) -> Refusal | None:
        gate.wait(timeout=30)
        try:
            act(desk, key)
        except Refusal as refused:
            return refused
        return None

    with ThreadPoolExecutor(2) as pool:
        going = [pool.submit(go, desk, act, f"race {n}") for n, (desk, act) in enumerate(zip(desks, acts, strict=True))]
        return [each.result(timeout=60) for each in going]


def drawing(facility: str, amount: str, tag: str) -> Act:
    return lambda desk, key: draw_down(desk, facility=facility, amount=pounds(amount), on=DAY, key=f"{key} {tag}")


def drawing_under(key: str, facility: str) -> Act:
    return lambda desk, _: draw_down(desk, facility=facility, amount=pounds("10.00"), on=DAY, key=key)


def approving(facility: str) -> Act:
    return lambda desk, key: approve(desk, facility=facility, key=f"{key} {facility}")


def repaying(facility: str, principal: str) -> Act:
    return lambda desk, key: repay(
        desk, facility=facility, principal=pounds(principal), on=DAY, key=f"{key} {facility} repaid"
    )


def test_two_drawdowns_never_pass_the_commitment_together(small_bank: SmallBank, two: tuple[Desk, Desk]) -> None:
    small_bank.capital("100000.00")
    lender = small_bank.lender()
    for round_ in range(ROUNDS):
        made = small_bank.signed(lender, "100.00")
        fared = both(two, *(drawing(made.id, "60.00", f"{round_}"),) * 2)
        assert sorted(type(each).__name__ for each in fared) == ["BeyondCommitment", "NoneType"]
        assert str(small_bank.facility(made.id).figures.drawn) == "60.00"


def test_two_drawdowns_never_pass_the_headroom_together(small_bank: SmallBank, two: tuple[Desk, Desk]) -> None:
    """Costs have eaten into the cash since the facilities were signed: what is left is promised to the other one."""
    lender = small_bank.lender()
    for round_ in range(ROUNDS):
        small_bank.capital("100.00")
        one, other = small_bank.signed(lender, "60.00"), small_bank.signed(lender, "40.00")
        with small_bank.maya.writing() as work:
            legs = (Posting("5100", pounds("30.00")), Posting("1000", -pounds("30.00")))
            post(work, Entry(f"costs {round_}", "bank", DAY, "Costs of the house", legs))
        fared = both(two, *(drawing(one.id, "30.00", f"{round_}"),) * 2)
        assert sorted(type(each).__name__ for each in fared) == ["NoneType", "NotEnoughHeadroom"]
        draw_down(small_bank.maya, facility=other.id, amount=pounds("10.00"), on=DAY, key=f"other {round_}")
        with small_bank.database.reading() as session:
            assert headroom(session).cash >= NOTHING
        small_bank.capital("30.00")
        for facility, rest in ((one.id, "30.00"), (other.id, "30.00")):
            draw_down(small_bank.maya, facility=facility, amount=pounds(rest), on=DAY, key=f"rest {facility}")
    with small_bank.database.reading() as session:
        assert headroom(session).cash == NOTHING
        assert pairs_that_disagree(session) == []


def test_two_approvals_never_pass_the_headroom_together(small_bank: SmallBank, two: tuple[Desk, Desk]) -> None:
    lender, maya = small_bank.lender(), small_bank.maya
    small_bank.desks["maya"] = small_bank.person("proposer", "fund-manager")
    for _ in range(ROUNDS):
        small_bank.capital("100.00")
        first, second = (small_bank.proposed(lender, "60.00") for _ in range(2))
        fared = both(two, approving(first.id), approving(second.id))
        assert sorted(type(each).__name__ for each in fared) == ["NoneType", "NotEnoughHeadroom"]
        sign(maya, facility=(first if fared[0] is None else second).id, key=small_bank.key())
        small_bank.capital("20.00")
        approve(maya, facility=small_bank.proposed(lender, "60.00").id, key=small_bank.key())
        with small_bank.database.reading() as session:
            assert headroom(session).free_to_approve == NOTHING


def test_one_facility_is_approved_once_and_one_debt_repaid_once(small_bank: SmallBank, two: tuple[Desk, Desk]) -> None:
    small_bank.capital("100000.00")
    lender, maya = small_bank.lender(), small_bank.maya
    small_bank.desks["maya"] = small_bank.person("proposer", "fund-manager")
    for _ in range(ROUNDS):
        made = small_bank.proposed(lender, "10.00")
        assert sorted(type(each).__name__ for each in both(two, *(approving(made.id),) * 2)) == [
            "NoneType",
            "WrongState",
        ]
        sign(maya, facility=made.id, key=small_bank.key())
        draw_down(maya, facility=made.id, amount=pounds("10.00"), on=DAY, key=small_bank.key())
        fared = both(two, *(repaying(made.id, "10.00"),) * 2)
        assert sorted(type(each).__name__ for each in fared) == ["BeyondOutstanding", "NoneType"]
        assert small_bank.facility(made.id).figures.outstanding == NOTHING


def test_the_same_request_sent_twice_at_once_is_done_once(small_bank: SmallBank, two: tuple[Desk, Desk]) -> None:
    small_bank.capital("1000.00")
    made = small_bank.signed(small_bank.lender(), "100.00")
    same = (two[0], Desk(two[1].database, two[0].actor))
    for round_ in range(ROUNDS):
        assert both(same, *(drawing_under(f"one key {round_}", made.id),) * 2) == [None, None]
    assert str(small_bank.facility(made.id).figures.drawn) == f"{ROUNDS * 10}.00"
