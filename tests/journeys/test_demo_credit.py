"""The demonstration's loans: a base rate that stepped, a fee earned over its loan, and a loan that went bad."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from bank.allocations.credit.queries import stage_moves
from bank.allocations.instalments import arrears, schedule
from bank.allocations.life.course import course
from bank.allocations.life.enquiries.queries import enquiries
from bank.allocations.products.registry import PRODUCTS
from bank.allocations.queries import FacilityView, all_facilities
from bank.allocations.standing import backstops, credit
from bank.demo.holding import TRUSTEE_FROM
from bank.demo.play import DATABASE
from bank.people.queries import people
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


def test_what_was_decided_is_told_a_line_each(demo: Path) -> None:
    printed = demo.with_name("printed").read_text()
    for said in (
        r"^Enquiries: +12, of which 2 declined, 9 proposed, 1 withdrawn$",
        r"^Approvals: .* from 5000000\.00 a fund manager and a trustee$",
        r"^Refused by a hard limit: .*: 12000000\.00 where at most 9000000\.00 is allowed",
        r"^Passed a soft limit: .*Tallowgate growth finance, ticket-least 750000\.00: Smaller than the rule",
        r"^England's money: directed from 2013-04-02, by percentages: social-investment 100$",
    ):
        assert re.search(said, printed, re.MULTILINE), said


def test_an_enquiry_is_led_to_its_proposal_and_the_one_beyond_the_limit_is_turned_down_with_the_figures(
    books: ReadSession,
) -> None:
    asked = enquiries(books)
    led_on = [each for each in asked if each.facilities]
    assert all([step.step for step in each.steps][:3] == ["enquiry", "screened", "due-diligence"] for each in led_on)
    (refused,) = (each for each in all_facilities(books) if each.state == "rejected")
    (declined,) = (step for step in course(books, refused.id).steps if step.step == "declined")
    assert "9000000.00 is allowed" in declined.reason
    large = {view.id for view in all_facilities(books) if view.amount >= TRUSTEE_FROM and view.state != "rejected"}
    assert len(large) == 3
    by = {person.id: person.roles for person in people(books)}
    for facility in large:
        (request,) = course(books, facility).requests
        assert {role for voice in request.decisions for role in by[voice.by]} == {"fund-manager", "trustee"}
