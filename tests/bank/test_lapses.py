"""What is not drawn when the availability ends has lapsed, with nobody doing anything: in every figure and act."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from bank.allocations.commands import approve, draw_down, record_event, sign
from bank.allocations.life.commands import amend, lapse_due
from bank.allocations.life.course import course
from bank.allocations.queries import FacilityView, events
from bank.allocations.rules import OutsideAvailability
from bank.approvals.commands import decide
from bank.approvals.queries import RequestView
from bank.approvals.rules import TooLate
from bank.figures.queries import figures
from bank.quarters.commands import close
from bank.quarters.queries import quarter
from bank.treasury.queries import HeadroomView, headroom
from bank.treasury.rules import NotEnoughHeadroom
from ledger.dates import Quarter
from ledger.money import NOTHING
from tests.bank.small_bank import SmallBank, pounds

START, END, AFTER = date(2012, 4, 2), date(2012, 5, 31), date(2012, 6, 1)
CLOSED = date(2012, 7, 2)


@pytest.fixture
def bank(small_bank: SmallBank) -> SmallBank:
    small_bank.at(START)
    small_bank.capital("300.00")
    return small_bank


def stood(bank: SmallBank, made: str, as_at: date | None = None) -> tuple[object, ...]:
    view: FacilityView = bank.facility(made, as_at)
    return view.stage, view.figures


def room(bank: SmallBank) -> HeadroomView:
    with bank.database.reading() as session:
        return headroom(session)


def house(bank: SmallBank) -> dict[str, str]:
    with bank.database.reading() as session:
        found = {each.code: each for each in figures(session, as_at=session.now.date()).figures}
    codes = ("undrawn", "in_principle", "awaiting_signature", "undrawn_commitments", "headroom", "free_to_approve")
    return {code: str(found[code].value) for code in codes}


def three(bank: SmallBank) -> tuple[str, str, str]:
    """One drawn in part, one signed alone, one approved alone: all to be drawn by the same day."""
    lender = bank.lender()
    part, alone = (bank.signed(lender, "100.00", available_until=END, annual_rate=Decimal(0)).id for _ in range(2))
    draw_down(bank.maya, facility=part, amount=pounds("30.00"), on=START, key="d")
    agreed = bank.proposed(lender, "50.00", available_until=END).id
    approve(bank.tom, facility=agreed, key="a")
    return part, alone, agreed


def test_it_counts_as_lapsed_from_the_day_after_though_nobody_enters_it(bank: SmallBank) -> None:
    made = three(bank)
    bank.at(END)
    assert [bank.facility(each).stage for each in made] == ["drawing", "available", "approved-in-principle"]
    assert (room(bank).undrawn_commitments, room(bank).approved_in_principle) == (pounds("170.00"), pounds("50.00"))
    assert house(bank)["undrawn"] == "170.00"
    bank.at(AFTER)
    views = [bank.facility(each) for each in made]
    assert [(view.state, view.stage) for view in views] == [
        *(("drawing", "repaying"), ("signed", "lapsed"), ("approved", "lapsed")),
    ]
    assert [(str(view.figures.undrawn), str(view.figures.lapsed)) for view in views[:2]] == [
        *(("0.00", "70.00"), ("0.00", "100.00")),
    ]
    assert views[2].figures.awaiting_signature == NOTHING
    assert house(bank) == {
        "undrawn": "0.00",
        "in_principle": "200.00",
        "awaiting_signature": "0.00",
        "undrawn_commitments": "0.00",
        "headroom": "270.00",
        "free_to_approve": "270.00",
    }
    assert (bank.balance("bank", "9100"), bank.balance("bank", "9110")) == ("170.00", "50.00")
    counted, told = house(bank), [stood(bank, each) for each in made]
    run = lapse_due(bank.maya, on=AFTER, key="l")
    assert (len(run.facilities), run.lapsed) == (3, pounds("220.00"))
    assert (house(bank), [stood(bank, each) for each in made]) == (counted, told)
    assert [bank.balance("bank", code) for code in ("9100", "9110", "9199")] == ["0.00"] * 3
    assert [stood(bank, each, END)[0] for each in made] == ["drawing", "available", "approved-in-principle"]


def test_the_close_of_the_quarter_enters_it_on_the_day_after_the_end(bank: SmallBank) -> None:
    made = three(bank)
    bank.at(CLOSED)
    with bank.database.reading() as session:
        waiting = [gate for gate in quarter(session, Quarter(2012, 2)).gates if gate.gate == "lapse"]
    assert {gate.subject for gate in waiting} == set(made)
    assert all("ended on 2012-05-31" in gate.sentence and not gate.may_be_accepted for gate in waiting)
    done = close(bank.tom, quarter=Quarter(2012, 2))
    assert (done.state, [gate for gate in done.gates if gate.gate == "lapse"]) == ("soft-closed", [])
    with bank.database.reading() as session:
        for each in made:
            last = events(session, each)[-1]
            told = (last.kind, last.effective_on, last.actor, last.note)
            assert told == ("lapse", AFTER, bank.tom.actor.id, "Its availability ended on 2012-05-31")
        (step,) = (step for step in course(session, made[1]).steps if step.step == "lapsed")
    assert (step.on, step.by, step.evidence.partition(" ")[0]) == (AFTER, bank.tom.actor.id, "entries")
    assert [bank.balance("bank", code, AFTER) for code in ("9100", "9110", "9199")] == ["0.00"] * 3
    assert [bank.balance("bank", code, END) for code in ("9100", "9110", "9199")] == ["170.00", "50.00", "-220.00"]


def test_what_lapsed_leaves_room_for_other_promises_and_none_for_its_own(bank: SmallBank) -> None:
    part = three(bank)[0]
    other = bank.proposed(bank.lender("Another"), "250.00", available_until=date(2013, 3, 31)).id
    with pytest.raises(NotEnoughHeadroom):
        approve(bank.tom, facility=other, key="early")
    bank.at(AFTER)
    approve(bank.tom, facility=other, key="now")
    sign(bank.maya, facility=other, key="signed")
    draw_down(bank.maya, facility=other, amount=pounds("250.00"), on=AFTER, key="drawn")
    with pytest.raises(OutsideAvailability):
        draw_down(bank.maya, facility=part, amount=pounds("1.00"), on=AFTER, key="late draw")
    for told in (AFTER, END):  # the room that it left is another's by now, whatever day is told
        with pytest.raises(OutsideAvailability, match="nothing of it is extended"):
            extended(bank, part, told, f"late extension {told}")


def test_nothing_is_approved_or_signed_that_would_lapse_at_once(bank: SmallBank) -> None:
    lender = bank.lender()
    proposed, approved = (bank.proposed(lender, "50.00", available_until=END).id for _ in range(2))
    approve(bank.tom, facility=approved, key="in time")
    bank.at(AFTER)
    with pytest.raises(OutsideAvailability, match="nothing of it is approved"):
        approve(bank.tom, facility=proposed, key="a")
    with pytest.raises(OutsideAvailability, match="nothing of it is signed"):
        sign(bank.maya, facility=approved, key="s")


def extended(bank: SmallBank, facility: str, on: date, key: str) -> RequestView:
    longer: dict[str, Any] = {"available_until": date(2012, 12, 31), "words": "Longer", "reason": "Slow"}
    return amend(bank.maya, facility=facility, effective_on=on, key=key, **longer)


def test_an_extension_asked_for_in_time_is_agreed_to_in_time_or_not_at_all(bank: SmallBank) -> None:
    one, two, _ = three(bank)
    bank.at(END)
    asked = [extended(bank, facility, END, facility) for facility in (one, two)]
    decide(bank.tom, request=asked[0].id, approve=True, key="in time")
    bank.at(AFTER)
    with pytest.raises(TooLate, match=f"until {END}"):
        decide(bank.tom, request=asked[1].id, approve=True, key="too late")
    assert decide(bank.tom, request=asked[1].id, approve=False, reason="It lapsed", key="no").state == "rejected"
    assert [bank.facility(each).figures.undrawn for each in (one, two)] == [pounds("70.00"), NOTHING]


def test_what_is_promised_anew_after_the_end_lapses_on_its_own_day(bank: SmallBank) -> None:
    fund = bank.signed(
        bank.lender(),
        "100.00",
        product="fund-commitment",
        product_terms={"fees_inside": "cost"},
        annual_rate=Decimal(0),
        available_until=END,
    ).id
    record_event(bank.maya, facility=fund, verb="call", on=START, told={"amount": "60.00"}, key="c")
    bank.at(date(2012, 6, 11))
    back = {"capital": "20.00", "recallable": "20.00"}
    record_event(bank.maya, facility=fund, verb="distribute", on=date(2012, 6, 11), told=back, key="b")
    before = stood(bank, fund)
    assert bank.facility(fund).figures.undrawn == NOTHING
    lapse_due(bank.maya, on=date(2012, 6, 11), key="l")
    assert stood(bank, fund) == before
    with bank.database.reading() as session:
        gone = [(each.effective_on, str(each.amount)) for each in events(session, fund) if each.kind == "lapse"]
    assert gone == [(AFTER, "40.00"), (date(2012, 6, 11), "20.00")]
    assert bank.balance("bank", "9130") == "0.00"
