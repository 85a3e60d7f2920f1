"""The record of a life: every step with its day, its reason, its evidence, who told of it and when, as known then."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from operator import attrgetter
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from bank.allocations.commands import approve, draw_down, lapse, record_event, repay, sign, write_off
from bank.allocations.life.commands import (
    agree_heads_of_terms,
    amend,
    ask_waiver,
    enquire,
    list_condition,
    satisfy_condition,
    step_enquiry,
)
from bank.allocations.life.course import CourseView, course
from bank.allocations.life.stages import Moment, reached
from bank.allocations.queries import facility
from bank.allocations.rules import Fact
from bank.api import create_app
from bank.approvals.commands import decide, decide_rule, propose_rule
from bank.people.commands import issue_key
from bank.treasury.rules import BadTerms
from ledger.money import NOTHING, Money
from ledger.queries import known
from tests.bank.small_bank import SmallBank, pounds

START = date(2012, 3, 1)
END = date(2012, 6, 30)
LAST = date(2013, 6, 28)


@pytest.fixture
def bank(small_bank: SmallBank) -> SmallBank:
    small_bank.at(START)
    small_bank.capital("1000.00")
    small_bank.person("sam", "fund-manager")
    return small_bank


def seen(bank: SmallBank, made: str, as_at: date | None = None, instant: datetime | None = None) -> CourseView:
    with bank.database.reading() as session:
        return course(session, made, as_at=as_at, at=None if instant is None else known(session, instant))


def nine(day: date) -> datetime:
    """When the small bank's clock stands on a day."""
    return datetime(day.year, day.month, day.day, 9, tzinfo=UTC)


def stages(bank: SmallBank, made: str) -> list[tuple[str, str]]:
    return [(step.step, f"{step.on:%m-%d}") for step in seen(bank, made).steps]


def days_after(number: int) -> date:
    return START + timedelta(days=number)


def test_every_step_of_a_life_tells_its_day_reason_evidence_person_and_instant(bank: SmallBank) -> None:
    maya, tom, sam = (bank.desks[name] for name in ("maya", "tom", "sam"))
    asked = enquire(
        sam,
        name="A lender",
        product="senior-loan",
        amount=pounds("100.00"),
        on=START,
        summary="To lend",
        evidence="Letter 1",
        key="e",
    )
    bank.at(days_after(2))
    step_enquiry(tom, enquiry=asked.id, step="screened", on=days_after(1), reason="It fits", evidence="Note 1", key="s")
    bank.at(days_after(4))
    step_enquiry(
        sam, enquiry=asked.id, step="due-diligence", on=days_after(4), reason="Begun", evidence="Plan", key="d"
    )
    bank.at(days_after(9))
    made = bank.proposed(
        bank.lender(),
        "100.00",
        enquiry=asked.id,
        available_from=days_after(20),
        available_until=END,
        matures_on=LAST,
        evidence="Paper 9",
        annual_rate=Decimal(0),
    ).id
    bank.at(days_after(11))
    approve(tom, facility=made, on=days_after(10), note="Within the plan", evidence="Minute 4", key="a")
    bank.at(days_after(12))
    charged = ("The charge is registered",)
    agree_heads_of_terms(
        sam, facility=made, on=days_after(12), conditions=charged, note="Agreed", evidence="Heads", key="h"
    )
    bank.at(days_after(14))
    sign(maya, facility=made, conditions=("The board agrees",), note="Signed by both", evidence="Deed", key="sign")
    charge, board = seen(bank, made).conditions
    bank.at(days_after(16))
    satisfy_condition(sam, condition=board.id, on=days_after(16), evidence="Board minute", key="c1")
    waiver = ask_waiver(maya, facility=made, of=charge.id, from_on=days_after(15), reason="In hand", key="c2")
    bank.at(days_after(18))
    decide(tom, request=waiver.id, approve=True, key="c3")
    bank.at(days_after(30))
    draw_down(
        sam,
        facility=made,
        amount=pounds("60.00"),
        on=days_after(29),
        note="First loans",
        evidence="Request 1",
        key="draw",
    )
    bank.at(END)
    lapse(tom, facility=made, on=END, reason="No more is wanted", evidence="Letter 2", key="l")
    bank.at(LAST)
    repay(maya, facility=made, principal=pounds("60.00"), on=LAST, note="Paid off", evidence="Statement", key="r")
    names = {desk.actor.id: name for name, desk in bank.desks.items()}
    entries = {step.step: step.evidence.partition("entries ")[2] for step in seen(bank, made).events}
    found = [
        (step.step, step.on, names[step.by], step.reason, step.evidence, step.recorded_at)
        for step in seen(bank, made).steps
    ]
    settled = "Every condition precedent is satisfied or waived"
    with_each = "The charge is registered: In hand; The board agrees: Board minute"
    began = f"Its availability began on {days_after(20)}, as it was signed"
    deed = f"Deed; entries {entries['signed']}"
    assert found == [
        ("enquiry", START, "sam", "To lend", "Letter 1", nine(START)),
        ("screened", days_after(1), "tom", "It fits", "Note 1", nine(days_after(2))),
        ("due-diligence", days_after(4), "sam", "Begun", "Plan", nine(days_after(4))),
        ("proposed", days_after(9), "maya", "Loans to charities", "Paper 9", nine(days_after(9))),
        (
            *("approved-in-principle", days_after(10), "tom", "Within the plan"),
            *(f"Minute 4; entries {entries['approved']}", nine(days_after(11))),
        ),
        ("heads-of-terms", days_after(12), "sam", "Agreed", "Heads", nine(days_after(12))),
        ("signed", days_after(14), "maya", "Signed by both", deed, nine(days_after(14))),
        ("conditions-satisfied", days_after(16), "tom", settled, with_each, nine(days_after(18))),
        ("available", days_after(20), "maya", began, deed, nine(days_after(14))),
        (
            *("drawing", days_after(29), "sam", "First loans"),
            *(f"Request 1; entries {entries['drawdown']}", nine(days_after(30))),
        ),
        ("repaying", END, "tom", "No more is wanted", f"Letter 2; entries {entries['lapse']}", nine(END)),
        ("matured", LAST, "maya", "Paid off", f"Statement; entries {entries['repayment']}", nine(LAST)),
    ]
    assert [step.asked_by for step in seen(bank, made).steps][:2] == ["A lender", ""]


def test_the_first_of_two_who_agree_is_kept_with_reason_and_evidence(bank: SmallBank) -> None:
    rule = propose_rule(
        bank.maya,
        action="approve",
        from_amount=NOTHING,
        roles=("fund-manager", "trustee"),
        from_on=START,
        basis="Scheme",
        key="r",
    )
    decide_rule(bank.tom, rule=rule.id, approve=True, key="rd")
    made = bank.proposed(bank.lender(), "1.00").id
    approve(bank.tom, facility=made, note="It fits", evidence="Note 3", key="a")
    assert seen(bank, made).steps[-1].step == "proposed"
    approve(bank.desks["iris"], facility=made, note="Agreed", evidence="Minute 5", key="b")
    (request,) = seen(bank, made).requests
    assert {(each.by, each.reason, each.evidence) for each in request.decisions} == {
        (bank.tom.actor.id, "It fits", "Note 3"),
        (bank.desks["iris"].actor.id, "Agreed", "Minute 5"),
    }
    assert (seen(bank, made).steps[-1].by, seen(bank, made).steps[-1].reason) == (bank.desks["iris"].actor.id, "Agreed")


def test_a_life_is_told_as_it_was_known_then_and_a_fact_dated_back_takes_its_place(bank: SmallBank) -> None:
    made = bank.signed(bank.lender(), "100.00", available_until=END, matures_on=LAST).id
    bank.at(days_after(10))
    draw_down(bank.maya, facility=made, amount=pounds("100.00"), on=days_after(10), key="d")
    before = nine(days_after(10))
    bank.at(LAST)
    repay(bank.maya, facility=made, principal=pounds("100.00"), on=days_after(40), key="r")
    assert [step.step for step in seen(bank, made).steps[-3:]] == ["drawing", "repaying", "repaid"]
    assert seen(bank, made).steps[-1].on == days_after(40)
    assert seen(bank, made).steps[-1].recorded_at == nine(LAST)
    assert [step.step for step in seen(bank, made, days_after(40), before).steps[-2:]] == ["drawing", "repaying"]
    assert [step.step for step in seen(bank, made, days_after(39)).steps[-2:]] == ["drawing", "repaying"]


def test_each_end_of_a_life_is_a_dated_step(bank: SmallBank) -> None:
    lender = bank.lender()
    terms = {"available_until": END, "matures_on": LAST}
    lost, left, part = (bank.signed(lender, "100.00", **terms).id for _ in range(3))
    for made in (lost, part):
        draw_down(bank.maya, facility=made, amount=pounds("100.00" if made == lost else "60.00"), on=START, key=made)
    bank.at(days_after(5))
    lapse(bank.maya, facility=left, on=days_after(5), reason="Not wanted", key="l")
    write_off(
        bank.maya,
        facility=lost,
        amount=pounds("100.00"),
        on=days_after(5),
        reason="Lost",
        evidence="Notice",
        key="w",
    )
    repay(bank.maya, facility=part, principal=pounds("60.00"), on=days_after(5), key="r")
    begun = ("enquiry", "screened", "proposed", "approved-in-principle", "signed", "available")
    signed = [(step, "03-01") for step in begun]
    assert stages(bank, left) == [*signed, ("cancelled", "03-06")]
    assert stages(bank, lost) == [*signed, ("drawing", "03-01"), ("repaying", "03-01"), ("written-off", "03-06")]
    assert seen(bank, lost).steps[-1].evidence.startswith("Notice; entries ")
    bank.at(days_after(6))
    lapse(bank.tom, facility=part, on=days_after(6), reason="Not wanted", key="l2")
    assert stages(bank, part) == [*signed, ("drawing", "03-01"), ("repaid", "03-07")]


def test_a_condition_listed_later_opens_what_was_satisfied_and_is_told(bank: SmallBank) -> None:
    made = bank.proposed(bank.lender(), "100.00").id
    approve(bank.tom, facility=made, key="a")
    sign(bank.maya, facility=made, conditions=("A charge",), key="s")
    for number, days in enumerate((2, 6)):
        bank.at(days_after(days))
        (still,) = (each for each in seen(bank, made).conditions if each.state == "open")
        satisfy_condition(bank.maya, condition=still.id, on=days_after(days), evidence=f"Paper {number}", key=still.id)
        if not number:
            bank.at(days_after(4))
            list_condition(bank.tom, facility=made, text="An audit", on=days_after(4), key="later")
    assert stages(bank, made)[4:] == [
        *(("signed", "03-01"), ("conditions-satisfied", "03-03"), ("available", "03-03")),
        *(("signed", "03-05"), ("conditions-satisfied", "03-07"), ("available", "03-07")),
    ]
    assert [step.evidence for step in seen(bank, made).steps if step.step == "conditions-satisfied"] == [
        "A charge: Paper 0",
        "An audit: Paper 1",
    ]


def test_nothing_is_signed_before_its_heads_of_terms(bank: SmallBank) -> None:
    made = bank.proposed(bank.lender(), "1.00").id
    approve(bank.tom, facility=made, key="a")
    bank.at(days_after(3))
    agree_heads_of_terms(bank.maya, facility=made, on=days_after(3), key="h")
    with pytest.raises(BadTerms, match="heads of terms were agreed on 2012-03-04"):
        sign(bank.maya, facility=made, on=days_after(2), key="s")


def test_the_stage_of_every_day_is_the_last_step_by_then(bank: SmallBank) -> None:
    lender = bank.lender()
    terms = {"available_from": days_after(4), "available_until": days_after(20), "matures_on": LAST}
    loan, fund = (
        bank.signed(lender, "100.00", product=product, **terms, **more).id
        for product, more in (
            ("senior-loan", {}),
            ("fund-commitment", {"product_terms": {"fees_inside": "cost"}, "annual_rate": Decimal(0)}),
        )
    )
    asked = amend(
        bank.maya,
        facility=loan,
        effective_on=days_after(15),
        available_until=days_after(30),
        words="Ten days longer",
        reason="Slow",
        key="amend",
    )
    decide(bank.tom, request=asked.id, approve=True, key="yes")
    bank.at(days_after(8))
    draw_down(bank.maya, facility=loan, amount=pounds("40.00"), on=days_after(8), key="d")
    record_event(
        bank.maya,
        facility=fund,
        verb="call",
        on=days_after(8),
        told={"amount": "70.00"},
        key="c",
        evidence="Notice",
    )
    bank.at(days_after(12))
    told = {"capital": "20.00", "recallable": "20.00"}
    record_event(bank.maya, facility=fund, verb="distribute", on=days_after(12), told=told, key="back")
    repay(bank.maya, facility=loan, principal=pounds("40.00"), on=days_after(12), key="r")
    bank.at(days_after(25))
    draw_down(bank.maya, facility=loan, amount=pounds("60.00"), on=days_after(25), key="d2")
    repay(bank.maya, facility=loan, principal=pounds("10.00"), on=days_after(25), key="r2")
    bank.at(days_after(40))
    for made in (loan, fund):
        steps = seen(bank, made).steps
        with bank.database.reading() as session:
            for number in (0, 3, 4, 7, 8, 11, 12, 15, 20, 21, 24, 25, 30, 31, 40):
                by_then = [step.step for step in steps if step.on <= days_after(number)]
                assert by_then[-1] == facility(session, made, as_at=days_after(number)).stage
    assert any(step.evidence.startswith("Notice; entries") for step in seen(bank, fund).steps)


@given(st.permutations(range(6)), st.integers(0, 30))
def test_steps_do_not_depend_on_the_order_in_which_facts_are_told(order: list[int], day: int) -> None:
    def moment(number: int, kind: str, after: int, **moved: Any) -> Moment:
        on = days_after(after)
        return Moment(on, nine(days_after(number)), "per_1", kind, facts=(Fact(kind, on, Money(100)),), **moved)

    told = [
        moment(0, "proposed", 0),
        moment(1, "approved", 1),
        moment(2, "signed", 2, undrawn=Money(100)),
        moment(3, "drawdown", 5, undrawn=Money(-100), outstanding=Money(100), drawn=Money(100)),
        moment(4, "repayment", 20, outstanding=Money(-100)),
        Moment(days_after(3), nine(days_after(5)), "per_2", "Longer", until=days_after(25)),
    ]
    first, until = days_after(4), days_after(10)
    found = reached((first, until), LAST, [told[number] for number in order], days_after(day))
    steps = ["proposed", "approved-in-principle", "signed", "available", "drawing", "repaying", "repaid"]
    dated = dict(zip(steps, (0, 1, 2, 4, 5, 5, 20), strict=True))
    assert [(each.stage, each.moment.on) for each in found] == [
        (step, days_after(after)) for step, after in dated.items() if after <= day
    ]
    assert found == sorted(found, key=attrgetter("moment.on"))


def test_reason_and_evidence_are_told_over_http_by_either_name(bank: SmallBank) -> None:
    made = bank.proposed(bank.lender(), "100.00").id
    keys = {name: issue_key(bank.operator, person=f"{name}@bank.example", days=30).secret for name in ("maya", "tom")}
    client = TestClient(create_app(bank.database), raise_server_exceptions=False)

    def sent(who: str, path: str, **body: str) -> int:
        headers = {"Authorization": f"Bearer {keys[who]}", "Idempotency-Key": path + "".join(body)}
        return client.post(f"/v1/allocations/{made}/{path}", json=body, headers=headers).status_code

    assert sent("tom", "approve", note="It fits", reason="It fits") == 422
    assert sent("tom", "approve", note="It fits", evidence="Minute 4") == 200
    assert sent("maya", "sign", reason="Agreed", evidence="Deed") == 200
    assert sent("maya", "drawdowns", amount="10.00", on=str(START), reason="A loan", evidence="Request") == 201
    asked = client.get(f"/v1/allocations/{made}/course", headers={"Authorization": f"Bearer {keys['maya']}"})
    found = {step["step"]: (step["reason"], step["evidence"].partition(";")[0]) for step in asked.json()["steps"]}
    nobody_asked = ("No enquiry was recorded: what is asked for is what was proposed, and was screened by it", "")
    assert found == {
        "enquiry": nobody_asked,
        "screened": nobody_asked,
        "proposed": ("Loans to charities", ""),
        "approved-in-principle": ("It fits", "Minute 4"),
        "signed": ("Agreed", "Deed"),
        "available": ("Agreed", "Deed"),
        "drawing": ("A loan", "Request"),
    }
