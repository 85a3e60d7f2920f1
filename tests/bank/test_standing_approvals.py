"""A promise let go, a value sold short and a partner's standing take others where the one table says so."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from fastapi.testclient import TestClient

from bank.allocations.commands import lapse
from bank.api import create_app
from bank.approvals.commands import decide
from bank.approvals.partners import ask_for_partner, intermediary_as_asked, set_standing
from bank.approvals.queries import requests
from bank.approvals.rules import CARRIED_OUT, ON_A_FACILITY, ON_AN_INTERMEDIARY, ApprovalNeeded, MakerIsChecker
from bank.people.commands import issue_key
from bank.treasury.rules import BadTerms
from intermediaries.register.rules import NoSuchIntermediary
from ledger.money import Money
from tests.bank.small_bank import SmallBank, pounds
from tests.bank.test_approvals import agreed_to, rule
from tests.bank.test_products import START, happens, signed

DAY = date(2012, 3, 1)
EMBEDDED = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


@pytest.fixture
def bank(small_bank: SmallBank) -> SmallBank:
    small_bank.at(DAY)
    small_bank.capital("10000.00")
    return small_bank


def test_an_undrawn_promise_is_let_go_before_its_end_as_agreed_and_ends_by_itself_after(bank: SmallBank) -> None:
    lender = bank.lender()
    end = DAY + timedelta(days=10)
    kept, ended = (bank.signed(lender, "100.00", available_until=end).id for _ in range(2))
    rule(bank, "let-go", "trustee", above="50.00")

    def goes(facility: str, on: date) -> None:
        lapse(bank.maya, facility=facility, on=on, reason="Not needed", key=bank.key())

    with pytest.raises(ApprovalNeeded, match=f"bank approval ask let-go {kept} --amount 100.00"):
        goes(kept, DAY)
    assert bank.balance("bank", f"9100:{kept}") == "100.00"
    agreed_to(bank, "let-go", kept, "100.00")
    goes(kept, DAY)
    assert bank.balance("bank", f"9100:{kept}") == "0.00"
    bank.at(end + timedelta(days=1))
    goes(ended, end + timedelta(days=1))
    assert bank.balance("bank", f"9100:{ended}") == "0.00"


@EMBEDDED
def test_a_guarantee_is_released_before_its_end_as_agreed(small_bank: SmallBank) -> None:
    small_bank.at(START)
    small_bank.capital("100000.00")
    made = signed(small_bank, "guarantee")
    happens(small_bank, made, "issue", amount="500.00")
    rule(small_bank, "let-go", "trustee", above="200.00", on=START)
    happens(small_bank, made, "release", amount="199.99")
    with pytest.raises(ApprovalNeeded, match=r"let-go of 300\.01 .* \(500\.00 with what was done"):
        happens(small_bank, made, "release", amount="300.01")
    agreed_to(small_bank, "let-go", made.id, "300.01")
    happens(small_bank, made, "release", amount="300.01")
    assert small_bank.balance("bank", f"9120:{made.id}") == "0.00"


@EMBEDDED
@pytest.mark.parametrize("product", ["equity", "fund-commitment"])
def test_what_is_sold_for_less_than_it_is_carried_at_takes_agreement_though_above_its_cost(
    small_bank: SmallBank, product: str
) -> None:
    """Bought for 100, worth 260: half of it sold for 90 is beyond its cost of 50, and 40 below what it stands at."""
    small_bank.at(START)
    small_bank.capital("100000.00")
    made = signed(small_bank, product)
    happens(small_bank, made, "buy" if product == "equity" else "call", amount="100.00")
    happens(small_bank, made, "revalue", value="260.00", source="An offer")
    rule(small_bank, "realise", "trustee", above="40.00", on=START)
    later = START + timedelta(days=1)
    small_bank.at(later)
    with pytest.raises(ApprovalNeeded, match=r"realise of 40\.00"):
        happens(small_bank, made, "sell", later, proceeds="90.00", cost="50.00")
    agreed_to(small_bank, "realise", made.id, "40.00")
    happens(small_bank, made, "sell", later, proceeds="90.00", cost="50.00")
    happens(small_bank, made, "sell", later, proceeds="130.00", cost="50.00")
    with small_bank.database.reading() as session:
        assert [one.state for one in requests(session, subjects=[made.id])] == ["done"]


def test_a_partner_is_active_again_or_failed_as_agreed_and_suspended_at_once(bank: SmallBank) -> None:
    lender = bank.lender()
    bank.signed(lender, "70.00")
    bank.signed(lender, "50.00")
    bank.proposed(lender, "900.00")
    rule(bank, "standing", "trustee", above="120.00")

    def stands(standing: str) -> str:
        told = {"intermediary": lender, "standing": standing, "reason": "News", "key": bank.key()}
        return set_standing(bank.maya, on=DAY, **told).standing

    assert stands("suspended") == "suspended"
    for standing in ("active", "failed"):
        with pytest.raises(ApprovalNeeded, match=f"ask standing {lender} --amount 120.00 --to {standing}"):
            stands(standing)
    asked = ask_for_partner(
        bank.maya,
        action="standing",
        intermediary=lender,
        amount=pounds("120.00"),
        to="active",
        reason="Accounts are in",
        key="ask",
    )
    with bank.database.reading() as session:
        seen = intermediary_as_asked(session, lender, viewer=bank.maya.actor)
    assert (seen.standing, len(seen.pending)) == ("suspended", 1)
    assert seen.pending[0].startswith(f"{asked.id}: taking an intermediary for active again, or for failed, 120.00")
    with pytest.raises(MakerIsChecker):
        decide(bank.maya, request=asked.id, approve=True, key="own")
    decide(bank.desks["iris"], request=asked.id, approve=True, key="yes")
    with pytest.raises(ApprovalNeeded):
        stands("failed")
    assert stands("active") == "active"
    assert stands("suspended") == "suspended"
    with pytest.raises(ApprovalNeeded):
        stands("active")


@EMBEDDED
def test_agreement_on_a_partner_names_one_that_there_is_and_its_standing(bank: SmallBank) -> None:
    lender = bank.lender()
    for action, whom, to, refused, said in (
        ("standing", lender, "", BadTerms, "the standing"),
        ("standing", lender, "asleep", Exception, "not a standing"),
        ("standing", "int_none", "active", NoSuchIntermediary, "int_none"),
        ("draw-down", lender, "active", BadTerms, "not asked for on an intermediary"),
    ):
        with pytest.raises(refused, match=said):
            ask_for_partner(
                bank.maya, action=action, intermediary=whom, to=to, amount=pounds("1.00"), reason="News", key="ask"
            )
    assert set(ON_AN_INTERMEDIARY) & set(ON_A_FACILITY) == set()
    assert set(ON_AN_INTERMEDIARY) < set(CARRIED_OUT)


@EMBEDDED
def test_the_door_asks_on_a_partner_and_shows_what_waits_on_it(bank: SmallBank) -> None:
    lender = bank.lender()
    bank.signed(lender, "120.00")
    rule(bank, "standing", "trustee")
    secret = issue_key(bank.operator, person="maya@bank.example", days=30).secret
    with TestClient(create_app(bank.database), headers={"Authorization": f"Bearer {secret}"}) as client:

        def posted(path: str, **given: str) -> int:
            return client.post(path, json=given, headers={"Idempotency-Key": bank.key()}).status_code

        failed = {"standing": "failed", "on": str(DAY), "reason": "Insolvent"}
        asking = {"action": "standing", "subject": lender, "to": "failed", "amount": "120.00", "reason": "Insolvent"}
        assert posted(f"/v1/intermediaries/{lender}/standings", **failed) == 409
        assert posted("/v1/approvals", **asking) == 201
        seen = client.get(f"/v1/intermediaries/{lender}").json()
        assert [one.split(":")[0][:4] for one in seen["pending"]] == ["req_"]
        with bank.database.reading() as session:
            (asked,) = requests(session, subjects=[lender])
        decide(bank.desks["iris"], request=asked.id, approve=True, key="yes")
        assert posted(f"/v1/intermediaries/{lender}/standings", **failed) == 201
        assert client.get(f"/v1/intermediaries/{lender}").json()["standing"] == "failed"
    assert asked.amount == Money(120_00)
