"""Who must agree: one table, as many persons as it says, never the maker, and what was turned down stays."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from bank.allocations.commands import approve, draw_down, reject, sign, write_off
from bank.allocations.life.commands import amend, ask_approval
from bank.approvals.commands import decide, decide_rule, propose_rule, withdraw
from bank.approvals.queries import requests
from bank.approvals.rules import (
    ApprovalNeeded,
    MakerIsChecker,
    NotWanted,
    Settled,
    Voice,
    still_wanted,
)
from bank.people.rules import SamePerson
from ledger.refusals import NotAllowed
from tests.bank.small_bank import SmallBank, pounds
from tests.bank.test_products import START, happens, signed

DAY = date(2012, 3, 1)
SOME_ROLES = st.lists(st.sampled_from(["fund-manager", "trustee", "auditor"]), max_size=4)
SOME_VOICES = st.lists(
    st.frozensets(st.sampled_from(["fund-manager", "trustee", "auditor"]), min_size=1), max_size=4
).map(lambda held: [Voice(f"p{number}", roles) for number, roles in enumerate(held)])


def rule(bank: SmallBank, action: str, *roles: str, above: str = "0.00", on: date = DAY) -> str:
    made = propose_rule(
        bank.maya, action=action, from_amount=pounds(above), roles=roles, from_on=on, basis="Minute 7", key=bank.key()
    )
    decide_rule(bank.tom, rule=made.id, approve=True, key=bank.key())
    return made.id


@given(SOME_ROLES, SOME_VOICES)
def test_each_person_speaks_for_one_role_and_as_many_as_can_be_are_filled(
    roles: list[str], voices: list[Voice]
) -> None:
    seats = [*voices, *[None] * len(roles)]
    best = max(
        sum(voice is not None and role in voice.roles for role, voice in zip(roles, order, strict=False))
        for order in permutations(seats, len(roles))
    )
    assert len(still_wanted(roles, voices)) == len(roles) - best


def test_without_a_rule_one_other_fund_manager_is_enough(small_bank: SmallBank) -> None:
    small_bank.at(DAY)
    small_bank.capital("1000.00")
    made = small_bank.signed(small_bank.lender(), "100.00")
    assert made.state == "signed"
    with small_bank.database.reading() as session:
        assert requests(session) == []


def test_a_facility_is_approved_when_all_whom_the_rule_names_have_agreed(small_bank: SmallBank) -> None:
    small_bank.at(DAY)
    small_bank.capital("1000.00")
    rule(small_bank, "approve", "fund-manager", "trustee", above="50.00")
    lender = small_bank.lender()
    assert approve(small_bank.tom, facility=small_bank.proposed(lender, "49.99").id, key="small").state == "approved"
    made = small_bank.proposed(lender, "50.00")
    half = approve(small_bank.tom, facility=made.id, key="half")
    assert half.state == "proposed"
    assert "it waits for a trustee" in half.pending[0]
    with pytest.raises(NotWanted):
        approve(small_bank.person("flo", "fund-manager"), facility=made.id, key="again")
    with pytest.raises(NotAllowed):
        approve(small_bank.desks["ada"], facility=made.id, key="ada")
    whole = approve(small_bank.desks["iris"], facility=made.id, key="whole")
    assert (whole.state, whole.pending) == ("approved", ())
    assert small_bank.balance("bank", "9110") == "99.99"


def test_a_rejected_proposal_takes_what_waits_on_it_along_and_is_kept(small_bank: SmallBank) -> None:
    small_bank.at(DAY)
    small_bank.capital("1000.00")
    rule(small_bank, "approve", "fund-manager", "trustee")
    made = small_bank.proposed(small_bank.lender(), "50.00")
    approve(small_bank.tom, facility=made.id, key="half")
    after = reject(small_bank.tom, facility=made.id, reason="The case is thin", key="no")
    assert (after.state, after.stage, after.pending) == ("rejected", "declined", ())
    with small_bank.database.reading() as session:
        (kept,) = requests(session, subjects=[made.id])
    assert kept.state == "rejected"


def test_a_drawdown_takes_a_request_for_exactly_it_and_uses_it_once(small_bank: SmallBank) -> None:
    small_bank.at(DAY)
    small_bank.capital("1000.00")
    made = small_bank.signed(small_bank.lender(), "100.00")
    rule(small_bank, "draw-down", "trustee", above="10.00")
    draw_down(small_bank.maya, facility=made.id, amount=pounds("9.99"), on=DAY, key="below")
    with pytest.raises(ApprovalNeeded, match="bank approval ask draw-down"):
        draw_down(small_bank.maya, facility=made.id, amount=pounds("10.00"), on=DAY, key="first")
    asked = ask_approval(
        small_bank.maya, action="draw-down", facility=made.id, amount=pounds("10.00"), reason="Pipeline", key="ask"
    )
    assert "it waits for a trustee" in small_bank.facility(made.id).pending[0]
    with pytest.raises(ApprovalNeeded, match=f"you have asked for it with {asked.id}, which waits for a trustee"):
        draw_down(small_bank.maya, facility=made.id, amount=pounds("10.00"), on=DAY, key="too early")
    with pytest.raises(MakerIsChecker):
        decide(small_bank.maya, request=asked.id, approve=True, key="own")
    with pytest.raises(NotWanted):
        decide(small_bank.tom, request=asked.id, approve=True, key="tom")
    agreed = decide(small_bank.desks["iris"], request=asked.id, approve=True, key="yes")
    assert (agreed.state, agreed.waits_for) == ("approved", f"{small_bank.maya.actor.id} to carry it out")
    with pytest.raises(Settled):
        decide(small_bank.desks["iris"], request=asked.id, approve=False, reason="No", key="late")
    with pytest.raises(ApprovalNeeded):
        draw_down(small_bank.tom, facility=made.id, amount=pounds("10.00"), on=DAY, key="not the maker")
    with pytest.raises(ApprovalNeeded):
        draw_down(small_bank.maya, facility=made.id, amount=pounds("10.01"), on=DAY, key="not this amount")
    draw_down(small_bank.maya, facility=made.id, amount=pounds("10.00"), on=DAY, key="done")
    assert small_bank.facility(made.id).pending == ()
    with pytest.raises(ApprovalNeeded):
        draw_down(small_bank.maya, facility=made.id, amount=pounds("10.00"), on=DAY, key="twice")


def agreed_to(bank: SmallBank, action: str, facility: str, amount: str) -> None:
    asked = ask_approval(
        bank.maya, action=action, facility=facility, amount=pounds(amount), reason="Asked", key=bank.key()
    )
    decide(bank.desks["iris"], request=asked.id, approve=True, key=bank.key())


@pytest.mark.parametrize(
    ("told", "cash"),
    [
        ({"amount": "0.00", "fees_outside": "450.00"}, "450.00"),
        ({"amount": "5.00", "fees_inside": "10.00", "fees_outside": "6.00"}, "21.00"),
    ],
)
def test_all_the_cash_of_a_call_takes_agreement(small_bank: SmallBank, told: dict[str, str], cash: str) -> None:
    small_bank.at(START)
    small_bank.capital("100000.00")
    rule(small_bank, "draw-down", "trustee", above="20.00", on=START)
    made = signed(small_bank, "fund-commitment")
    with pytest.raises(ApprovalNeeded, match=f"draw-down of {cash}"):
        happens(small_bank, made, "call", START, **told)
    assert small_bank.balance("bank", "1000") == "100000.00"
    agreed_to(small_bank, "draw-down", made.id, cash)
    happens(small_bank, made, "call", START, **told)
    assert small_bank.balance("bank", "1000") == str(pounds("100000.00") - pounds(cash))


def test_a_claim_on_a_guarantee_takes_agreement_to_its_payment(small_bank: SmallBank) -> None:
    small_bank.at(START)
    small_bank.capital("100000.00")
    made = signed(small_bank, "guarantee")
    happens(small_bank, made, "issue", amount="500.00")
    rule(small_bank, "draw-down", "trustee", above="20.00", on=START)
    claim = {"loss": "900.00", "amount": "400.00"}
    with pytest.raises(ApprovalNeeded, match=r"draw-down of 400\.00"):
        happens(small_bank, made, "pay-claim", START, **claim)
    agreed_to(small_bank, "draw-down", made.id, "400.00")
    happens(small_bank, made, "pay-claim", START, **claim)


@pytest.mark.parametrize(
    ("product", "paid_by", "verb", "told", "gone"),
    [
        ("charity-bond", "buy", "lose", {"amount": "20.00", "reason": "Wound up"}, "20.00"),
        ("quasi-equity", "buy", "lose", {"amount": "20.00", "reason": "Wound up"}, "20.00"),
        ("outcomes-contract", "advance", "lose", {"amount": "20.00", "reason": "Ended"}, "20.00"),
        ("equity", "buy", "sell", {"proceeds": "0.00", "cost": "90.00"}, "90.00"),
        ("fund-commitment", "call", "sell", {"proceeds": "70.00", "cost": "90.00"}, "20.00"),
    ],
)
def test_what_is_given_up_under_any_product_takes_agreement(
    small_bank: SmallBank, product: str, paid_by: str, verb: str, told: dict[str, str], gone: str
) -> None:
    small_bank.at(START)
    small_bank.capital("100000.00")
    made = signed(small_bank, product)
    happens(small_bank, made, paid_by, amount="100.00")
    rule(small_bank, "write-off", "trustee", above="20.00", on=START)
    with pytest.raises(ApprovalNeeded, match=f"write-off of {gone}"):
        happens(small_bank, made, verb, START, **told)
    assert small_bank.balance("bank", f"5010:{made.id}") == "0.00"
    agreed_to(small_bank, "write-off", made.id, gone)
    happens(small_bank, made, verb, START, **told)
    assert small_bank.balance("bank", f"5010:{made.id}") == gone


def test_a_sale_at_cost_or_beyond_gives_nothing_up(small_bank: SmallBank) -> None:
    small_bank.at(START)
    small_bank.capital("100000.00")
    made = signed(small_bank, "equity")
    happens(small_bank, made, "buy", amount="100.00")
    rule(small_bank, "write-off", "trustee", on=START)
    happens(small_bank, made, "sell", proceeds="120.00", cost="100.00")
    assert small_bank.balance("bank", f"4040:{made.id}") == "-20.00"


def test_interest_told_with_a_write_off_takes_agreement_too(small_bank: SmallBank) -> None:
    small_bank.at(DAY)
    small_bank.capital("1000.00")
    made = small_bank.drawn(small_bank.lender(), "100.00")
    later = DAY + timedelta(days=365)
    small_bank.at(later)
    rule(small_bank, "write-off", "trustee", above="5.00")

    def lost(principal: str, key: str) -> None:
        write_off(
            small_bank.maya,
            facility=made.id,
            amount=pounds(principal),
            interest=pounds("5.00"),
            on=later,
            reason="Wound up",
            key=key,
        )

    with pytest.raises(ApprovalNeeded, match=r"write-off of 5\.00"):
        lost("0.00", "interest alone")
    with pytest.raises(ApprovalNeeded, match=r"write-off of 106\.00"):  # all principal takes its interest along
        write_off(small_bank.maya, facility=made.id, amount=pounds("100.00"), on=later, reason="Wound up", key="all")
    agreed_to(small_bank, "write-off", made.id, "15.00")
    lost("10.00", "both")
    assert small_bank.balance("bank", "5010") == "15.00"


def test_what_is_turned_down_or_taken_back_stays_with_its_reason(small_bank: SmallBank) -> None:
    small_bank.at(DAY)
    small_bank.capital("1000.00")
    made = small_bank.signed(small_bank.lender(), "100.00")
    rule(small_bank, "draw-down", "trustee")
    first, second = (
        ask_approval(
            small_bank.maya, action="draw-down", facility=made.id, amount=pounds("5.00"), reason="Need", key=key
        )
        for key in ("one", "two")
    )
    decide(small_bank.desks["iris"], request=first.id, approve=False, reason="Too soon", key="no")
    with pytest.raises(MakerIsChecker):
        withdraw(small_bank.tom, request=second.id, reason="Not mine", key="tom")
    withdraw(small_bank.maya, request=second.id, reason="Not needed", key="back")
    with small_bank.database.reading() as session:
        kept = {one.id: (one.state, one.decisions[0].reason) for one in requests(session, subjects=[made.id])}
    assert kept == {first.id: ("rejected", "Too soon"), second.id: ("withdrawn", "Not needed")}
    with pytest.raises(ApprovalNeeded):
        draw_down(small_bank.maya, facility=made.id, amount=pounds("5.00"), on=DAY, key="anyway")


def test_a_rule_takes_two_people_and_ends_by_a_later_one(small_bank: SmallBank) -> None:
    small_bank.at(DAY)
    small_bank.capital("1000.00")
    proposed = propose_rule(
        small_bank.maya, action="sign", from_amount=pounds("0.00"), roles=("trustee",), from_on=DAY, basis="M", key="p"
    )
    assert proposed.holds == "not in force: waits for somebody else to approve it"
    made = small_bank.proposed(small_bank.lender(), "50.00")
    approve(small_bank.tom, facility=made.id, key="ok")
    with pytest.raises(SamePerson):
        decide_rule(small_bank.maya, rule=proposed.id, approve=True, key="own")
    assert decide_rule(small_bank.tom, rule=proposed.id, approve=True, key="yes").holds == f"from {DAY}"
    with pytest.raises(ApprovalNeeded):
        sign(small_bank.maya, facility=made.id, key="sign")
    small_bank.clock.set(small_bank.clock.now() + timedelta(minutes=1))
    rule(small_bank, "sign")
    assert sign(small_bank.maya, facility=made.id, key="sign").state == "signed"


def test_a_line_that_names_nobody_leaves_an_amendment_to_another_fund_manager(small_bank: SmallBank) -> None:
    small_bank.at(DAY)
    small_bank.capital("1000.00")
    made = small_bank.signed(small_bank.lender(), "100.00")
    rule(small_bank, "amend")
    asked = amend(
        small_bank.maya,
        facility=made.id,
        effective_on=DAY,
        matures_on=made.matures_on + timedelta(days=30),
        words="A month more",
        reason="Asked for",
        key="a",
    )
    with pytest.raises(MakerIsChecker):
        decide(small_bank.maya, request=asked.id, approve=True, key="own")
    assert decide(small_bank.tom, request=asked.id, approve=True, key="other").state == "approved"


@pytest.mark.parametrize("table", ["approval_decision", "approval_outcome"])
def test_the_database_itself_refuses_a_maker_who_checks(small_bank: SmallBank, table: str) -> None:
    small_bank.at(DAY)
    small_bank.capital("1000.00")
    made = small_bank.signed(small_bank.lender(), "100.00")
    rule(small_bank, "draw-down", "fund-manager")
    asked = ask_approval(
        small_bank.maya, action="draw-down", facility=made.id, amount=pounds("5.00"), reason="Need", key="ask"
    )
    more, values = (", roles, reason", ", '[]', ''") if table == "approval_decision" else ("", "")
    forged = (
        f"INSERT INTO {table} (request_id, requested_by, decided_by, decision, recorded_at{more}) "  # noqa: S608 -- our tables
        f"VALUES (:request, :maker, :maker, 'approved', '2012-03-01T09:00:00.000000Z'{values})"
    )
    with pytest.raises(DBAPIError, match="two_people"), small_bank.database.writing() as session:
        session.execute(text(forged), {"request": asked.id, "maker": small_bank.maya.actor.id})
