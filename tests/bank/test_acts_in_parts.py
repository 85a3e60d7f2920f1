"""Nothing passes below a line of the table in parts, and every judgment on a facility may be made to take another."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bank.allocations.commands import approve, capitalise, draw_down, write_off
from bank.allocations.credit.commands import allow_for_loss, move_stage
from bank.allocations.life.commands import (
    ask_approval,
    list_condition,
    record_covenant_test,
    satisfy_condition,
    set_covenant,
)
from bank.allocations.life.course import course
from bank.approvals.commands import decide, decide_rule, propose_rule
from bank.approvals.queries import requests, rules_table
from bank.approvals.reckoning import reckoning
from bank.approvals.rules import ApprovalNeeded, Rule, rule_for
from bank.proposals.queries import waiting
from bank.treasury.placements.commands import place
from bank.treasury.rules import BadTerms
from ledger.money import Money
from tests.bank.small_bank import SmallBank, pounds
from tests.bank.test_approvals import agreed_to

DAY = date(2012, 3, 1)
EMBEDDED = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


@pytest.fixture
def bank(small_bank: SmallBank) -> SmallBank:
    small_bank.at(DAY)
    small_bank.capital("10000.00")
    return small_bank


def rule(bank: SmallBank, action: str, above: str, within_days: int | None = None) -> None:
    """From an amount on an action takes the trustee."""
    more = {} if within_days is None else {"within_days": within_days}
    made = propose_rule(
        bank.maya,
        action=action,
        from_amount=pounds(above),
        roles=("trustee",),
        from_on=DAY,
        basis="Minute 7",
        key=bank.key(),
        **more,
    )
    decide_rule(bank.tom, rule=made.id, approve=True, key=bank.key())


def draws(bank: SmallBank, facility: str, amount: str, on: date = DAY) -> None:
    draw_down(bank.maya, facility=facility, amount=pounds(amount), on=on, key=bank.key())


def test_a_drawdown_in_parts_takes_the_agreement_that_the_whole_would(bank: SmallBank) -> None:
    made, beside = (bank.signed(bank.lender(name), "1000.00").id for name in ("One lender", "Another lender"))
    rule(bank, "draw-down", "100.00")
    draws(bank, made, "60.00")
    draws(bank, beside, "60.00")  # another facility counts by itself
    with bank.database.reading() as session:
        told = reckoning(session, "draw-down", made, pounds("60.00"))
    assert [(str(each.counted), each.within_days, each.holds) for each in told.steps] == [("120.00", 30, True)]
    assert told.takes == "a trustee"
    with pytest.raises(ApprovalNeeded, match=r"60\.00 on fac_\w+ \(120\.00 with what was done within 30 days\)"):
        draws(bank, made, "60.00")
    draws(bank, made, "39.99")
    agreed_to(bank, "draw-down", made, "60.00")
    with bank.database.reading() as session:
        assert [one.facts["counted"] for one in requests(session, subjects=[made])] == ["159.99"]
    draws(bank, made, "60.00")
    later = DAY + timedelta(days=29)
    bank.at(later)
    with pytest.raises(ApprovalNeeded):
        draws(bank, made, "0.01", later)
    bank.at(later + timedelta(days=1))
    draws(bank, made, "99.99", DAY)  # told of whichever day, it is counted on the day it is decided
    with pytest.raises(ApprovalNeeded):
        draws(bank, made, "0.01", later + timedelta(days=1))


def test_a_write_off_in_parts_and_parts_agreed_to_one_by_one_are_held_to_the_whole(bank: SmallBank) -> None:
    made = bank.drawn(bank.lender(), "1000.00").id

    def lost(amount: str) -> None:
        write_off(bank.maya, facility=made, amount=pounds(amount), on=DAY, reason="Wound up", key=bank.key())

    rule(bank, "write-off", "50.00", within_days=365)
    lost("49.99")
    for _ in range(2):
        with pytest.raises(ApprovalNeeded):
            lost("0.01")
    agreed_to(bank, "write-off", made, "0.01")
    lost("0.01")
    assert bank.balance("bank", "5010") == "50.00"


def test_a_line_may_still_count_each_act_by_itself_and_says_so(bank: SmallBank) -> None:
    made = bank.signed(bank.lender(), "1000.00").id
    rule(bank, "draw-down", "100.00", within_days=0)
    for _ in range(3):
        draws(bank, made, "99.99")
    with bank.database.reading() as session:
        assert [each.within_days for each in rules_table(session)] == [None]
    for days in (-1, 3661):
        with pytest.raises(BadTerms, match="0 means each by itself"):
            rule(bank, "draw-down", "1.00", within_days=days)


def test_two_facilities_of_one_intermediary_are_approved_as_one_would_be(bank: SmallBank) -> None:
    lender, other = bank.lender("One lender"), bank.lender("Another lender")
    rule(bank, "approve", "100.00")
    first, beside, second = (bank.proposed(each, "60.00").id for each in (lender, other, lender))
    assert approve(bank.tom, facility=first, key=bank.key()).state == "approved"
    assert approve(bank.tom, facility=beside, key=bank.key()).state == "approved"
    with bank.database.reading() as session:
        assert [(one.id, one.waits_for) for one in waiting(session)] == [(second, "a trustee")]
    assert approve(bank.desks["iris"], facility=second, key=bank.key()).state == "approved"


@EMBEDDED
def test_placements_with_one_counterparty_count_together(bank: SmallBank) -> None:
    def placed(counterparty: str) -> None:
        place(bank.maya, sort="fund", counterparty=counterparty, amount=pounds("600.00"), on=DAY, key=bank.key())

    rule(bank, "place", "1000.00")
    placed("A bank")
    placed("Another bank")
    with pytest.raises(ApprovalNeeded, match=r"1200\.00 with what was done"):
        placed("A bank")


ACTS: Final[dict[str, tuple[str, str, Callable[[SmallBank, str, str], object]]]] = {
    "move-stage": (
        "1000.00",
        "2",
        lambda bank, made, _: move_stage(
            bank.maya, facility=made, stage=2, on=bank.clock.now().date(), reason="News", key=bank.key()
        ),
    ),
    "allow": (
        "250.00",
        "250.00",
        lambda bank, made, _: allow_for_loss(
            bank.maya,
            facility=made,
            on=bank.clock.now().date(),
            amount=pounds("250.00"),
            reason="Offer",
            key=bank.key(),
        ),
    ),
    "capitalise": (
        "20.00",
        "",
        lambda bank, made, _: capitalise(
            bank.maya,
            facility=made,
            on=bank.clock.now().date(),
            amount=pounds("20.00"),
            reason="Clause 9",
            key=bank.key(),
        ),
    ),
    "test-covenant": (
        "1000.00",
        "the covenant",
        lambda bank, _, covenant: record_covenant_test(
            bank.maya, covenant=covenant, on=DAY, value=Decimal(2), evidence="Accounts", key=bank.key()
        ),
    ),
    "satisfy": (
        "1000.00",
        "the condition",
        lambda bank, _, condition: satisfy_condition(
            bank.maya, condition=condition, on=bank.clock.now().date(), evidence="Seen", key=bank.key()
        ),
    ),
}


@EMBEDDED
@pytest.mark.parametrize("action", ACTS)
def test_each_judgment_on_a_facility_takes_another_where_the_table_says_so(bank: SmallBank, action: str) -> None:
    amount, to, act = ACTS[action]
    made, listed = bank.signed(bank.lender(), "1000.00").id, ""
    if action == "satisfy":
        list_condition(bank.maya, facility=made, text="A charge", on=DAY, key=bank.key())
        with bank.database.reading() as session:
            listed = to = course(session, made).conditions[0].id
    elif action == "test-covenant":
        told_of = {"name": "Cash", "sense": "at-least", "threshold": Decimal(1), "from_on": DAY}
        listed = to = set_covenant(bank.maya, facility=made, key=bank.key(), **told_of).id  # type: ignore[arg-type]
    else:
        draws(bank, made, "1000.00")
        bank.at(DAY + timedelta(days=200))
    rule(bank, action, amount)
    with pytest.raises(ApprovalNeeded, match=f"bank approval ask {action} {made} --amount {amount}"):
        act(bank, made, listed)
    told: dict[str, Any] = {"action": action, "facility": made, "amount": pounds(amount), "reason": "News"}
    if to:
        with pytest.raises(BadTerms, match="Say whom or what it is for"):
            ask_approval(bank.maya, key=bank.key(), **told)
        other = ask_approval(bank.maya, to="another", key=bank.key(), **told)
        decide(bank.desks["iris"], request=other.id, approve=True, key=bank.key())
        with pytest.raises(ApprovalNeeded):
            act(bank, made, listed)
    asked = ask_approval(bank.maya, to=to, key=bank.key(), **told)
    decide(bank.desks["iris"], request=asked.id, approve=True, key=bank.key())
    assert act(bank, made, listed)
    with bank.database.reading() as session:
        assert [one.state for one in requests(session, subjects=[made]) if one.id == asked.id] == ["done"]


STEPS = st.lists(
    st.tuples(st.integers(0, 500), st.integers(1, 60)), min_size=1, max_size=4, unique_by=lambda one: one[0]
)


@given(STEPS, st.lists(st.integers(1, 300), min_size=1, max_size=5))
def test_parts_of_one_day_reach_every_step_that_their_whole_reaches(
    steps: list[tuple[int, int]], amounts: list[int]
) -> None:
    told = datetime(2012, 3, 1, tzinfo=UTC)
    rules = [Rule(f"apr_{at}", "draw-down", Money(at), ("trustee",), DAY, told, days) for at, days in steps]
    whole = rule_for(rules, "draw-down", Money(sum(amounts)), DAY)
    *before, last = amounts
    assert rule_for(rules, "draw-down", Money(last), DAY, [(DAY, Money(one)) for one in before]) == whole
    by_itself = rule_for(rules, "draw-down", Money(last), DAY)
    long_ago = [(DAY - timedelta(days=60), Money(one)) for one in before]
    assert rule_for(rules, "draw-down", Money(last), DAY, long_ago) == by_itself
