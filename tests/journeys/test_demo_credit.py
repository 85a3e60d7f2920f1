"""The demonstration's loans: a base rate that stepped, a fee earned over its loan, and a loan that went bad."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from bank.allocations.credit.queries import stage_moves
from bank.allocations.instalments import arrears, schedule
from bank.allocations.products.registry import PRODUCTS
from bank.allocations.queries import FacilityView, all_facilities
from bank.allocations.standing import backstops, credit
from bank.demo.play import DATABASE
from bank.wiring import open_prepared
from ledger.dates import Quarter, quarters
from ledger.money import NOTHING, Money
from ledger.queries import lines_of
from ledger.store.database import ReadSession

CLOSED = list(quarters(Quarter(2012, 1), Quarter(2013, 4)))
LAST = CLOSED[-1].ends_on


@pytest.fixture(scope="module")
def books(demo: Path) -> Iterator[ReadSession]:
    """The demonstration's database, to look at."""
    database = open_prepared(f"sqlite:///{demo / DATABASE}")
    with database.reading() as session:
        yield session
    database.close()


def named(books: ReadSession, name: str, as_at: date = LAST) -> FacilityView:
    (found,) = (each for each in all_facilities(books, as_at=as_at) if each.name.startswith(name))
    return found


def test_a_loan_over_a_base_rate_follows_its_step(books: ReadSession) -> None:
    lent = named(books, "Tallowgate small loans")
    assert schedule(books, lent.id, as_at=date(2013, 3, 31)).rate == Decimal("0.050")
    assert schedule(books, lent.id, as_at=date(2013, 4, 1)).rate == Decimal("0.0525")
    assert arrears(books, lent.id, as_at=LAST).overdue_since is None


def test_its_fee_was_withheld_and_is_earned_over_its_life_by_the_effective_rate(books: ReadSession) -> None:
    lent = named(books, "Tallowgate small loans")
    left = [named(books, "Tallowgate small loans", quarter.ends_on).figures.fees_unamortised for quarter in CLOSED]
    assert Money(25_000_00) > left[0]
    assert left == sorted(left, reverse=True)
    assert left[-1] > Money(10_000_00)
    effective = schedule(books, lent.id, as_at=LAST).effective_rate
    assert effective is not None
    assert effective > Decimal("0.0525")


def test_a_loan_went_from_stage_to_stage_and_its_write_off_used_its_allowance(books: ReadSession) -> None:
    (lost,) = (each for each in all_facilities(books, as_at=LAST) if each.figures.written_off)
    assert [move.stage for move in stage_moves(books, lost.id)] == [2, 3]
    watched, impaired = (move.effective_on for move in stage_moves(books, lost.id))
    assert credit(books, lost.id, as_at=watched).stage == 2
    assert credit(books, lost.id, as_at=impaired).stage_3_allowance > NOTHING
    third = lines_of(books, "bank", [f"1242:{lost.id}"])
    used = Money.total(line.amount for line in third if line.kind == "write-off")
    charged = Money.total(line.amount for line in lines_of(books, "bank", [f"5010:{lost.id}"]))
    assert used > NOTHING
    assert used + charged == lost.figures.written_off


def test_every_loan_is_allowed_for_at_the_end_of_every_quarter_and_never_beyond_itself(books: ReadSession) -> None:
    for quarter in CLOSED:
        there = all_facilities(books, as_at=quarter.ends_on)
        owing = [each for each in there if each.figures.outstanding and PRODUCTS[each.product].earns]
        assert owing
        assert not any(each.figures.loss_allowance for each in there if not PRODUCTS[each.product].earns)
        for each in owing:
            gross = each.figures.carrying_amount + each.figures.loss_allowance
            assert NOTHING < each.figures.loss_allowance < gross
    assert backstops(books, as_at=LAST) == []
