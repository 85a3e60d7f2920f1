"""All cash that leaves, the shares taken up and what goes straight into the journal may be put under the one table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial
from hashlib import sha256
from typing import Any

import pytest
from fastapi.testclient import TestClient

from bank.allocations.commands import refund, repay
from bank.allocations.life.commands import ask_approval
from bank.api import create_app
from bank.approvals.commands import ask_for_house, decide, decide_rule, propose_rule
from bank.approvals.journal import Fingerprint, import_agreed, import_pieces_agreed, reverse_agreed
from bank.approvals.queries import requests
from bank.approvals.rules import (
    ACTIONS,
    CARRIED_OUT,
    OF_THE_HOUSE,
    ONCE_BY_NATURE,
    SAID_TO,
    ApprovalNeeded,
    MakerIsChecker,
    sound_house_act,
)
from bank.capital.commands import pay_call, subscribe_a_shares, subscribe_b_shares
from bank.capital.queries import TRUST
from bank.inflows.commands import (
    apportion,
    declare_surplus,
    distribute,
    notify_claims,
    pay_england_to_trust,
    pay_nation,
    pay_notified,
    pay_reclaim,
    pay_surplus,
)
from bank.people.commands import issue_key
from bank.treasury.placements.commands import place
from bank.treasury.placements.queries import PlacementView
from bank.treasury.rules import BadTerms
from ledger import exchange
from tests.bank.small_bank import SmallBank, pounds
from tests.bank.test_capital import agree
from tests.bank.test_dividends import closed, earn, pay, policy
from tests.bank.test_surplus import rate, receive

DAY = date(2011, 7, 4)
EMBEDDED = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
"""The gate itself is raced and forged on both databases elsewhere: here is where it stands."""


@dataclass
class Ruled:
    """A bank with a rule: an act is refused, asked for, agreed to by the trustee, done once, and refused again."""

    bank: SmallBank

    def rule(self, *actions: str, above: str = "0.00") -> None:
        """Each of these takes the trustee from an amount on."""
        for action in actions:
            made = propose_rule(
                self.bank.maya,
                action=action,
                from_amount=pounds(above),
                roles=("trustee",),
                from_on=DAY,
                basis="Minute 9",
                key=self.bank.key(),
            )
            decide_rule(self.bank.tom, rule=made.id, approve=True, key=self.bank.key())

    def agreed_to(self, action: str, subject: str, amount: str, to: str = "") -> str:
        """Maya asks and Iris agrees; what the request is known by."""
        told: dict[str, Any] = {"action": action, "amount": pounds(amount), "reason": "Due", "key": self.bank.key()}
        if action in OF_THE_HOUSE:
            asked = ask_for_house(self.bank.maya, subject=subject, to=to, **told)
        else:
            asked = ask_approval(self.bank.maya, facility=subject, **told)
        with pytest.raises(MakerIsChecker):
            decide(self.bank.maya, request=asked.id, approve=True, key=self.bank.key())
        decide(self.bank.desks["iris"], request=asked.id, approve=True, key=self.bank.key())
        return asked.id

    def once(self, act: Callable[[], Any], action: str, subject: str, amount: str, to: str = "") -> Any:
        """The act, which passes with the agreement to exactly it and not without."""
        with pytest.raises(ApprovalNeeded) as refused:
            act()
        facts = refused.value.facts
        assert (facts["action"], facts["amount"], facts["to"]) == (action, amount, to)
        assert f"bank approval ask {action} {subject} --amount {amount}" in refused.value.sentence
        if to:
            self.agreed_to(action, subject, amount, "Somebody else")
        with pytest.raises(ApprovalNeeded):
            act()
        asked = self.agreed_to(action, subject, amount, to)
        done = act()
        with self.bank.database.reading() as session:
            kept = {one.id: one.state for one in requests(session, subjects=[subject])}
        assert kept[asked] == "done"
        return done


@pytest.fixture
def ruled(small_bank: SmallBank) -> Ruled:
    return Ruled(small_bank)


@EMBEDDED
def test_dormant_money_and_the_shares_it_pays_for_leave_as_agreed(ruled: Ruled) -> None:
    bank, maya = ruled.bank, ruled.bank.maya
    rate(bank, "0.4", DAY)
    receive(bank, "1000.00")
    agree(bank, "A merchant bank", from_on=DAY)
    claim = notify_claims(maya, participant="A bank", principal=pounds("20.00"), notified_on=DAY, key="notified").id
    declared = declare_surplus(maya, amount=pounds("400.00"), on=DAY, key="declared").id
    ruled.rule(*OF_THE_HOUSE)

    def at_once() -> Any:
        return pay_reclaim(maya, participant="A bank", principal=pounds("30.00"), paid_on=DAY, key=bank.key())

    ruled.once(at_once, "pay-claims", "reclaim-fund", "30.00", "A bank")
    with pytest.raises(ApprovalNeeded):
        at_once()
    ruled.once(
        lambda: pay_notified(maya, claim=claim, paid_on=DAY, key=bank.key()),
        *("pay-claims", "reclaim-fund", "20.00", "A bank"),
    )
    ruled.once(
        lambda: pay_surplus(maya, declaration=declared, on=DAY, key=bank.key()),
        *("pay-surplus", "reclaim-fund", "400.00"),
    )
    ruled.once(
        lambda: distribute(maya, amount=pounds("100.00"), on=DAY, key=bank.key()),
        *("pay-surplus", "reclaim-fund", "100.00"),
    )
    ruled.once(
        lambda: apportion(
            maya,
            on=DAY,
            amount=pounds("500.00"),
            distributor_expenses=pounds("6.00"),
            secretary_of_state_expenses=pounds("4.00"),
            key=bank.key(),
        ),
        *("pay-expenses", "distributor", "10.00"),
    )
    ruled.once(
        lambda: pay_nation(
            maya, nation="wales", amount=pounds("10.00"), on=DAY, recipient="A foundation", key=bank.key()
        ),
        *("pay-nation", "distributor", "10.00", "A foundation"),
    )
    ruled.once(
        lambda: pay_england_to_trust(maya, amount=pounds("400.00"), on=DAY, key=bank.key()),
        *("pay-england", "distributor", "400.00"),
    )
    called = ruled.once(
        lambda: subscribe_a_shares(maya, amount=pounds("300.00"), on=DAY, key=bank.key()),
        *("subscribe", "trust", "300.00", TRUST),
    ).calls
    paid = ruled.once(
        lambda: pay_call(maya, call=called[0], on=DAY, key=bank.key()),
        *("subscribe", "bank", "50.00", "A merchant bank"),
    )
    assert paid.holder == "A merchant bank"
    ruled.once(
        lambda: subscribe_b_shares(maya, holder="Bank 2", amount=pounds("7.00"), on=DAY, key=bank.key()),
        *("subscribe", "bank", "7.00", "Bank 2"),
    )
    for book, cash in (("bank", "357.00"), ("reclaim-fund", "450.00")):
        assert bank.balance(book, "1000") == cash
        ruled.once(partial(_placed, bank, book), "place", book, "5.00", "Bank One")


def _placed(bank: SmallBank, book: str) -> PlacementView:
    return place(
        bank.maya,
        sort="gilt",
        measured="cost",
        nominal=pounds("4.00"),
        book=book,
        counterparty="Bank One",
        amount=pounds("4.00"),
        interest_bought=pounds("1.00"),
        rate=Decimal("0.01"),
        matures_on=date(2012, 7, 4),
        on=DAY,
        key=bank.key(),
    )


@EMBEDDED
def test_a_dividend_and_a_refund_are_paid_as_agreed(ruled: Ruled) -> None:
    bank = ruled.bank
    bank.at(date(2012, 3, 20))
    bank.capital("100000.00")
    earn(bank, "5000.00", date(2012, 3, 20))
    lent = bank.drawn(bank.lender(), "1000.00").id
    repay(bank.maya, facility=lent, amount=pounds("1123.45"), on=date(2012, 3, 20), key="repaid")
    policy(closed(bank))
    ruled.rule("pay-dividend", "refund", above="100.00")
    pay(bank, "99.99")
    ruled.once(lambda: pay(bank, "100.00"), "pay-dividend", "bank", "100.00")
    ruled.once(
        lambda: refund(bank.maya, facility=lent, amount=pounds("123.45"), on=bank.clock.now().date(), key=bank.key()),
        *("refund", lent, "123.45"),
    )
    assert bank.balance("bank", f"2300:{lent}") == "0.00"


def _line(key: str, amount: str) -> bytes:
    legs = f'{{"account": "1200", "amount": "{amount}"}}, {{"account": "1000", "amount": "-{amount}"}}'
    named = f'"key": "{key}", "book": "bank", "effective_on": "2011-07-04", "description": "Brought in"'
    return f'{{{named}, "postings": [{legs}]}}\n'.encode()


def test_a_file_goes_into_the_journal_when_somebody_else_agreed_to_this_very_file(ruled: Ruled) -> None:
    bank = ruled.bank
    bank.capital("1000.00")

    def brought_in(*lines: bytes) -> Any:
        seen = Fingerprint()
        read = exchange.read(seen.of(lines))
        assert str(seen) == sha256(b"".join(lines)).hexdigest()
        return import_agreed(bank.maya, read, fingerprint=str(seen))

    assert brought_in(_line("before", "3.00")).posted == 1
    ruled.rule("import", above="10.00")
    assert brought_in(_line("small", "9.99")).posted == 1
    with pytest.raises(ApprovalNeeded, match="leave --pieces out"):
        next(import_pieces_agreed(bank.maya, [_line("a", "6.00")], piece=1, open_accounts=False))
    file = (_line("a", "6.00"), _line("b", "4.00"))
    done = ruled.once(lambda: brought_in(*file), "import", "journal", "10.00", sha256(b"".join(file)).hexdigest())
    assert (done.posted, brought_in(*file).posted) == (2, 0)
    with pytest.raises(ApprovalNeeded):
        brought_in(_line("a", "6.00"), _line("c", "4.00"))


@EMBEDDED
def test_an_entry_is_reversed_when_somebody_else_agreed_to_this_very_one(ruled: Ruled) -> None:
    bank = ruled.bank
    bank.capital("1000.00")
    ruled.rule("reverse", above="10.00")

    def undone() -> Any:
        return bank.maya.tried(lambda work: reverse_agreed(work, 1, key="undo", effective_on=DAY, reason="Told twice"))

    first = ruled.once(undone, "reverse", "journal", "1000.00", "1")
    assert undone().seq == first.seq
    assert bank.balance("bank", "1000") == "0.00"


@EMBEDDED
def test_agreement_is_asked_for_over_http_on_a_facility_or_on_a_book(ruled: Ruled) -> None:
    bank = ruled.bank
    bank.capital("1000.00")
    lent = bank.signed(bank.lender(), "100.00").id
    ruled.rule("place", "draw-down")
    secret = issue_key(bank.operator, person="maya@bank.example", days=30).secret
    asking = {"reason": "Idle until March", "amount": "10.00"}
    with TestClient(create_app(bank.database), headers={"Authorization": f"Bearer {secret}"}) as client:
        for number, (told, status) in enumerate(
            (
                ({"action": "place", "subject": "bank", "to": "Bank One"}, 201),
                ({"action": "draw-down", "facility": lent}, 201),
                ({"action": "place", "facility": lent}, 422),
                ({"action": "draw-down", "subject": "bank"}, 422),
                ({"action": "place", "subject": "bank", "facility": lent}, 422),
            )
        ):
            said = client.post("/v1/approvals", json=asking | told, headers={"Idempotency-Key": f"ask {number}"})
            assert said.status_code == status, said.text
        waiting = client.get("/v1/approvals", params={"on": "bank"}).json()
    assert [(one["subject"], one["facts"], one["waits_for"]) for one in waiting] == [
        ("bank", {"to": "Bank One"}, "a trustee")
    ]


def test_what_is_asked_for_on_the_house_names_what_it_must_and_nothing_else() -> None:
    assert set(SAID_TO) | set(ONCE_BY_NATURE) < set(OF_THE_HOUSE) < set(CARRIED_OUT) < set(ACTIONS)
    assert sound_house_act("place", "bank", " Bank One ") == "Bank One"
    assert sound_house_act("pay-surplus", "reclaim-fund", "") == ""
    for action, subject, to, said in (
        ("place", "trust", "Bank One", "asked for on bank or reclaim-fund, not on 'trust'"),
        ("draw-down", "bank", "", "asked for on a facility"),
        ("place", "bank", " ", "the counterparty's name"),
        ("pay-dividend", "bank", "Somebody", "leave 'Somebody' out"),
        ("pay-rent", "bank", "", "no action 'pay-rent'"),
    ):
        with pytest.raises(BadTerms, match=said):
            sound_house_act(action, subject, to)
