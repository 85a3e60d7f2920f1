"""What was entered by mistake and reversed is as if it had not happened, in every figure of its facility."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from bank.allocations.commands import draw_down, repay
from bank.allocations.queries import FacilityView, events, facility
from bank.figures.evidence import Evidence, Knowledge
from bank.figures.flows import Flows
from ledger.commands import reverse
from ledger.queries import Known, known
from tests.bank.small_bank import SmallBank, pounds

TOLD_WHEN = {"as_at", "known_at", "known_seq", "accrued_to"}


def told(bank: SmallBank, one: str, at: Known | None = None) -> dict[str, object]:
    """All that is told of a facility, but when, and up to which day its interest was taken up."""
    with bank.database.reading() as session:
        return facility(session, one, at=at).model_dump(exclude=TOLD_WHEN)


def cash(bank: SmallBank, one: str) -> Flows:
    with bank.database.reading() as session:
        return Evidence(Knowledge(session, known(session)), bank.clock.now().date()).flows[one]


def now(bank: SmallBank) -> Known:
    with bank.database.reading() as session:
        return known(session)


def undo(bank: SmallBank, places: Sequence[int]) -> list[int]:
    """Reverse entries, today; the places of the reversals."""
    today = bank.clock.now().date()
    with bank.maya.writing() as work:
        return [
            reverse(work, seq, key=f"undo {seq}", effective_on=today, reason="Entered for the wrong facility").seq
            for seq in places
        ]


def entered_last(bank: SmallBank, one: str) -> tuple[int, ...]:
    with bank.database.reading() as session:
        return events(session, one, as_at=date.max)[-1].seqs


def a_day_later(bank: SmallBank) -> None:
    bank.at(bank.clock.now().date() + timedelta(days=1))


def drawn_in_part(bank: SmallBank) -> FacilityView:
    bank.capital("1000000.00")
    made = bank.signed(bank.lender(), "100000.00", co_investor_amount=pounds("50000.00"))
    return draw_down(bank.maya, facility=made.id, amount=pounds("60000.00"), on=made.available_from, key="first")


def test_a_drawdown_that_is_reversed_leaves_no_trace_in_any_figure_as_known_now(small_bank: SmallBank) -> None:
    made = drawn_in_part(small_bank)
    before, paid = told(small_bank, made.id), cash(small_bank, made.id)
    a_day_later(small_bank)
    today = small_bank.clock.now().date()
    draw_down(
        small_bank.maya,
        facility=made.id,
        amount=pounds("40000.00"),
        on=today,
        co_investor_amount=pounds("20000.00"),
        key="by mistake",
    )
    mistaken, then = told(small_bank, made.id), now(small_bank)
    places = entered_last(small_bank, made.id)
    a_day_later(small_bank)

    undone = undo(small_bank, places)
    assert told(small_bank, made.id) == before
    assert cash(small_bank, made.id) == paid
    assert told(small_bank, made.id, then) == mistaken, "what was known then stays what it was"
    for expected in (mistaken, before, mistaken, before):
        a_day_later(small_bank)
        undone = undo(small_bank, undone)
        assert told(small_bank, made.id) == expected, "a reversal that is reversed lets it count again, and so on"


def test_a_repayment_that_is_reversed_is_owed_again_and_was_never_paid_back(small_bank: SmallBank) -> None:
    made = drawn_in_part(small_bank)
    before, paid = told(small_bank, made.id), cash(small_bank, made.id)
    repay(small_bank.maya, facility=made.id, amount=pounds("5000.00"), on=small_bank.clock.now().date(), key="early")
    assert cash(small_bank, made.id).paid_back == pounds("5000.00")

    undo(small_bank, entered_last(small_bank, made.id))
    assert told(small_bank, made.id) == before
    assert cash(small_bank, made.id) == paid
    assert cash(small_bank, made.id).paid_back == pounds("0.00")
