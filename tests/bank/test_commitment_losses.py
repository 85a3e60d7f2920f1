"""Losses expected of promises to lend: a provision until the money is drawn, and never more than may yet be drawn."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bank.allocations.allowing import Parts, Standing, allowed, parted, shifts
from bank.allocations.commands import (
    allow_for_all,
    allow_for_loss,
    draw_down,
    lapse,
    move_stage,
    repay,
)
from bank.allocations.course import Course
from bank.allocations.credit.rules import BeyondGross
from bank.allocations.facts import ALLOWANCES, GIVEN_UP, GROSS, PROVISION, Facts
from bank.allocations.many.queries import Measured
from bank.allocations.queries import FacilityView
from bank.allocations.rules import WrongState
from bank.allocations.standing import credit
from bank.figures.queries import figures
from ledger.daycounts import DayCount
from ledger.money import NOTHING, Money
from ledger.queries import Moved
from ledger.rates import RateHistory
from ledger.verification import verify
from tests.bank.small_bank import SmallBank, pounds
from tests.bank.test_expected_losses import assume
from tests.bank.test_loan_journals import added

START: Final = date(2013, 1, 1)
DAY: Final = timedelta(days=1)


@pytest.fixture
def lending(small_bank: SmallBank) -> SmallBank:
    small_bank.at(START)
    small_bank.capital("1000000.00")
    return small_bank


def promised(bank: SmallBank, amount: str = "100000.00", rate: str = "0.10") -> FacilityView:
    return bank.signed(bank.lender(f"Lender {bank.key()}"), amount, annual_rate=Decimal(rate))


def measured(bank: SmallBank, facility: str, on: date, amount: str) -> dict[str, str]:
    """What an assessment of its own does to the books."""
    told: dict[str, Any] = {"facility": facility, "on": on, "amount": pounds(amount), "reason": "An assessment"}
    return added(bank, lambda: allow_for_loss(bank.maya, key=bank.key(), **told))


def drawn(bank: SmallBank, facility: str, amount: str, on: date) -> dict[str, str]:
    key = bank.key()
    moved = added(bank, lambda: draw_down(bank.maya, facility=facility, amount=pounds(amount), on=on, key=key))
    return {code: moved[code] for code in moved if code not in {"1000", "1200", "9100", "9199"}}


def test_18b_the_loss_of_a_promise_is_a_provision_of_its_stage(lending: SmallBank) -> None:
    """100,000 promised, half of which will be drawn before a default: 2 % likely within a year, 45 % lost.

    22,500 x 0.02 discounted by half a year at 10 % (182 days) is 429.11; over three years 2 %, 3 % and 4 % as in stage
    2, the whole life. Interest is not earned on what is not lent, and nothing accrues.
    """
    made = promised(lending)
    assume(lending, 1, "0.02", conversion="0.5")
    assume(lending, 2, "0.02", "0.03", "0.04", conversion="0.5")
    first = added(lending, lambda: allow_for_all(lending.maya, on=START, key="1"))
    assert first == {"2210": "-429.11", "5000": "429.11"}
    assert str(lending.facility(made.id).figures.commitment_provision) == "429.11"
    assert lending.facility(made.id).accrued_to is None
    move_stage(lending.maya, facility=made.id, stage=2, on=START, reason="Late accounts", key="stage")
    parts = [("0.02", 182), ("0.03", 547), ("0.04", 912)]
    whole = sum((22_500 * Decimal(told) / Decimal("1.1") ** (Decimal(days) / 365) for told, days in parts), Decimal(0))
    grown = str(round(whole, 2) - Decimal("429.11"))
    again = added(lending, lambda: allow_for_all(lending.maya, on=START, key="2"))
    assert again == {"2210": f"-{grown}", "5000": grown}
    with lending.database.reading() as session:
        sheet = {one.code: one.value for one in figures(session, as_at=START).figures}
        shown = credit(session, made.id, as_at=START)
        assert verify(session).holds
    assert sheet["commitment_provision"] == shown.provision == pounds(str(round(whole, 2)))
    assert (sheet["loss_allowance"], shown.net, shown.undrawn) == (NOTHING, NOTHING, pounds("100000.00"))


def test_18b_with_money_that_is_drawn_the_provision_becomes_the_loans_allowance(lending: SmallBank) -> None:
    """As far as the loan goes (IFRS 7, B8E); what is repaid and what lapses needs neither any more."""
    made = promised(lending, rate="0")
    later = START + 5 * DAY
    lending.at(later)
    assert measured(lending, made.id, START, "30000.00") == {"2210": "-30000.00", "5000": "30000.00"}
    assert drawn(lending, made.id, "20000.00", START) == {"1240": "-20000.00", "2210": "20000.00"}
    back = added(
        lending, lambda: repay(lending.maya, facility=made.id, principal=pounds("15000.00"), on=later, key="back")
    )
    assert back == {"1000": "15000.00", "1200": "-15000.00", "1240": "15000.00", "5000": "-15000.00"}
    assert drawn(lending, made.id, "6000.00", later) == {"1240": "-6000.00", "2210": "6000.00"}
    gone = added(lending, lambda: lapse(lending.maya, facility=made.id, on=later, reason="Enough", key="lapse"))
    assert gone == {"2210": "4000.00", "5000": "-4000.00", "9100": "-74000.00", "9199": "74000.00"}
    assert str(lending.facility(made.id).figures.loss_allowance) == "11000.00"


def test_no_more_is_provided_for_than_may_yet_be_drawn(lending: SmallBank) -> None:
    made = promised(lending, "1000.00")
    with pytest.raises(BeyondGross, match=r"1000\.00 may yet be drawn"):
        measured(lending, made.id, START, "1000.01")
    over = made.available_until + DAY
    lending.at(over)
    with pytest.raises(BeyondGross):
        measured(lending, made.id, over, "0.01")
    with pytest.raises(WrongState):
        measured(lending, lending.proposed(lending.lender()).id, START, "1.00")


def test_a_drawdown_and_a_lapse_known_late_leave_what_was_measured_later(lending: SmallBank) -> None:
    """The money was drawn before the day on which 300 was measured: 200 of that was the loan's all the time."""
    made = promised(lending, "1000.00")
    ten, twenty = START + 10 * DAY, START + 20 * DAY
    lending.at(twenty)
    measured(lending, made.id, ten, "300.00")
    assert drawn(lending, made.id, "200.00", START) == {"1240": "-200.00", "2210": "200.00"}
    with lending.database.reading() as session:
        held = [credit(session, made.id, as_at=day) for day in (START, ten)]
    assert [(str(each.stage_1_allowance), str(each.provision)) for each in held] == [
        ("0.00", "0.00"),
        ("200.00", "100.00"),
    ]
    assert added(
        lending, lambda: lapse(lending.maya, facility=made.id, on=START + DAY, reason="Told late", key="lapse")
    ) == {"2210": "100.00", "5000": "-100.00", "9100": "-800.00", "9199": "800.00"}


class Book:
    """The accounts of one facility as the rules read them, and what the acts that move them do."""

    def __init__(self) -> None:
        roots = (*GROSS, *ALLOWANCES, PROVISION, "9100", "1500", GIVEN_UP)
        self.lines: dict[str, list[Moved]] = {root: [] for root in roots}
        self.measured: dict[date, Measured] = {}
        self.places = count(1)
        self.move("9100", START, Money(1000))

    @property
    def facts(self) -> Facts:
        return Facts(self.lines, Course(RateHistory.fixed(Decimal(0)), DayCount.ACT_365F))

    def move(self, root: str, on: date, amount: Money, kind: str = "adjustment") -> None:
        if amount:
            self.lines[root].append(Moved(next(self.places), f"{root}:fac", on, kind, amount, on))

    def tell(self, fact: str, on: date, pence: int) -> None:
        """As the commands do: the act itself, and then all from its day on in its place."""
        if fact == "measure":
            self.measured[on] = Measured(Money(pence))
        else:
            out = Money(pence if fact == "draw" else -pence)
            self.move("1200", on, out, {"draw": "drawdown", "lose": "write-off"}.get(fact, "repayment"))
            self.move("9100", on, -max(out, NOTHING))
        for shift in shifts(self.facts, on, Standing(self.measured)):
            for root in (*ALLOWANCES, PROVISION):
                self.move(root, shift.on, shift.used[root], "write-off")
                self.move(root, shift.on, -shift.by[root] - shift.used[root])

    def gross(self, on: date) -> Money:
        return self.facts.balance(GROSS, on)

    def held(self, on: date) -> Parts:
        held = allowed(self.facts, on)
        return Parts(Money.total(held[root] for root in ALLOWANCES), held[PROVISION])

    def used(self, on: date) -> Money:
        """What losses of a day used of the allowance."""
        lines = (line for root in ALLOWANCES for line in self.lines[root] if line.effective_on == on)
        return Money.total(line.amount for line in lines if line.kind == "write-off")


told = st.lists(
    st.one_of(
        st.tuples(st.just("draw"), st.integers(1, 30), st.integers(1, 90)),
        st.tuples(st.just("repay"), st.integers(1, 30), st.integers(1, 20)),
        st.tuples(st.just("lose"), st.integers(0, 14).map(lambda half: 2 * half + 1), st.integers(1, 20)),
        st.tuples(st.just("measure"), st.integers(1, 15).map(lambda half: 2 * half), st.integers(0, 800)),
    ),
    max_size=9,
    unique_by=lambda fact: fact if fact[0] != "measure" else fact[1],
)


@settings(max_examples=60, deadline=None)
@given(told=told, order=st.randoms(use_true_random=False))
def test_what_is_kept_on_every_day_and_what_losses_use_does_not_depend_on_the_order_of_the_facts(
    told: list[tuple[str, int, int]], order: Any
) -> None:
    """And on every day no more is allowed for than is owed, nor provided for than may be drawn, nor less than nothing.

    Drawn 180 on the first day, so that what is repaid and lost was lent. On a day on which the loss to come was
    measured it is what was measured; losses are on other days, for on one day the order in which they are told counts.
    """
    shuffled = list(told)
    order.shuffle(shuffled)
    one, other = Book(), Book()
    for book, facts in ((one, told), (other, shuffled)):
        book.tell("draw", START, 180)
        for fact, days, pence in facts:
            book.tell(fact, START + days * DAY, pence)
    for day in (START + days * DAY for days in range(32)):
        held, gross, undrawn = one.held(day), one.gross(day), one.facts.balance(["9100"], day)
        assert held == other.held(day)
        assert one.used(day) == other.used(day) >= NOTHING
        assert NOTHING <= held.loan <= gross
        assert NOTHING <= held.commitment <= undrawn
        if day in one.measured:
            assert held == parted(one.measured[day].amount or NOTHING, gross, undrawn)
    used, lost = (Money.total(part) for part in ((one.used(START + days * DAY) for days in range(32)), _lost(told)))
    assert used <= lost


def _lost(told: list[tuple[str, int, int]]) -> list[Money]:
    return [Money(pence) for fact, _, pence in told if fact == "lose"]
