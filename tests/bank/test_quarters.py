from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from fastapi.testclient import TestClient

from bank.allocations.commands import accrue_all, repay
from bank.allocations.life.commands import ask_approval
from bank.api import create_app
from bank.approvals.commands import decide, decide_rule, propose_rule
from bank.approvals.rules import ApprovalNeeded
from bank.figures.queries import evidence_at
from bank.figures.registry import REGISTRY
from bank.people.commands import add_person, issue_key
from bank.quarters.commands import assign_break, close, explain_break, reopen
from bank.quarters.queries import gates, quarter
from bank.quarters.rules import (
    BOOKS,
    BREAK,
    INTEREST,
    MEMORANDUM,
    RETURN,
    NotOfTheBank,
    ReasonWanted,
    still_forbidding,
)
from intermediaries.returns.breaks.queries import breaks_unexplained
from intermediaries.returns.commands import accept_return, attest_return, submit_return
from intermediaries.returns.views import BreakView
from ledger.commands import post, post_later
from ledger.dates import Quarter
from ledger.entries import Entry, Posting
from ledger.periods import GatesFailed, QuarterClosed, QuarterNotOver
from ledger.placing import place_waiting
from ledger.queries import balance_at, head
from ledger.refusals import NotAllowed
from ledger.store.work import Desk
from tests.bank.small_bank import SmallBank, pounds
from tests.intermediaries.lending import actor_of, document, loan

Q1 = Quarter(2012, 1)


@pytest.fixture
def lending(small_bank: SmallBank) -> SmallBank:
    small_bank.at(date(2012, 1, 10))
    small_bank.capital("1000000.00")
    return small_bank


def found(bank: SmallBank) -> list[str]:
    with bank.database.reading() as session:
        return [gate.gate for gate in gates(session, Q1)]


def told(bank: SmallBank) -> tuple[object, ...]:
    """How many breaks are open, how old the oldest is, and how many nobody has in hand: as figures."""
    with bank.database.reading() as session:
        evidence = evidence_at(session, Q1.ends_on)
        return tuple(REGISTRY[code].work_out(evidence).value for code in ("breaks", "oldest_break", "breaks_unowned"))


def rule(bank: SmallBank, action: str, role: str, *, above: str) -> None:
    """From an amount on an action takes somebody of a role."""
    made = propose_rule(
        bank.maya,
        action=action,
        from_amount=pounds(above),
        roles=(role,),
        from_on=date(2012, 1, 10),
        basis="Minute 7",
        key=bank.key(),
    )
    decide_rule(bank.tom, rule=made.id, approve=True, key=bank.key())


def short_of_cash(bank: SmallBank, lender: str, facility: str, held: str = "30.00") -> tuple[BreakView, ...]:
    """A first return under which 20.00 of the facility's cash is missing, accepted; and the breaks it has."""
    row = loan(agreed_on="2012-02-01", drawn="50.00", principal_outstanding="50.00", our_share="1")
    clerk = Desk(bank.database, actor_of(lender))
    sent = submit_return(
        clerk,
        data=document([row]),
        content_type="application/json",
        facility=facility,
        quarter=Q1,
        cash_held=pounds(held),
        key="1",
    )
    attest_return(clerk, return_id=sent.id, name="A director (invented)", role="Director")
    return accept_return(bank.maya, return_id=sent.id, key="2").tie.breaks


def test_a_quarter_in_which_nothing_is_wanting_closes_for_good(lending: SmallBank) -> None:
    lending.at(date(2012, 4, 1))
    assert close(lending.maya, quarter=Q1).state == "soft-closed"
    assert close(lending.maya, quarter=Q1, hard=True).state == "closed"
    assert close(lending.maya, quarter=Q1, hard=True).gates == ()


def test_what_a_close_keeps_is_shown_and_closed_twice_is_closed_once(lending: SmallBank) -> None:
    lending.at(date(2012, 4, 1))
    soft = close(lending.maya, quarter=Q1)
    closed, again = (close(lending.maya, quarter=Q1, hard=True) for _ in range(2))
    with lending.database.reading() as session:
        now, shown = head(session), quarter(session, Q1)
        assert quarter(session, Q1.next).kept is None
    assert soft.kept is not None
    assert closed.kept is not None
    assert (soft.kept.state, closed.kept.state) == ("soft-closed", "closed")
    assert (closed.kept.upto_seq, closed.kept.root) == (now.seq, now.root)
    assert len(closed.kept.trial_balance) == 64
    assert closed.kept == again.kept == shown.kept


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_a_close_waits_for_what_waits_for_its_place(lending: SmallBank) -> None:
    legs = (Posting("1000", pounds("5.00")), Posting("4000", -pounds("5.00")))
    post_later(lending.maya, Entry("later", "bank", date(2012, 2, 1), "Interest from the bank's own bank", legs))
    lending.at(date(2012, 4, 20))
    assert [gate.gate for gate in close(lending.maya, quarter=Q1).gates] == [BOOKS]
    with pytest.raises(GatesFailed) as refused:
        close(lending.maya, quarter=Q1, hard=True)
    assert refused.value.sentence.count("wait for their place") == 1
    place_waiting(lending.maya)
    assert close(lending.maya, quarter=Q1, hard=True).state == "closed"


def test_cash_beyond_the_books_stops_the_close_for_good_until_it_is_said_whose_it_is(lending: SmallBank) -> None:
    lender = lending.lender()
    made = lending.drawn(lender, "100.00", annual_rate=Decimal(0))
    lending.at(date(2012, 4, 20))
    assert short_of_cash(lending, lender, made.id, "50.00") == ()
    repay(lending.maya, facility=made.id, amount=pounds("10.00"), on=date(2012, 3, 30), key=lending.key())
    with pytest.raises(GatesFailed, match=r"cash over by 10\.00"):
        close(lending.maya, quarter=Q1, hard=True)
    assert [gate.gate for gate in close(lending.maya, quarter=Q1).gates] == [BREAK]
    with lending.database.reading() as session:
        (over,) = breaks_unexplained(session, Q1)
    explain_break(lending.maya, break_id=over.id, category="co-investors-money", reason="Theirs", key="3")
    assert close(lending.maya, quarter=Q1, hard=True).state == "closed"


def test_a_quarter_is_not_closed_before_its_end(lending: SmallBank) -> None:
    lending.at(date(2012, 3, 31))
    with pytest.raises(QuarterNotOver):
        close(lending.maya, quarter=Q1)


def test_interest_to_the_quarters_end_and_the_return_are_waited_for_and_named(lending: SmallBank) -> None:
    made = lending.drawn(lending.lender(), "36500.00", annual_rate=Decimal("0.10"))
    lending.at(date(2012, 4, 20))
    assert found(lending) == [INTEREST, RETURN]
    with pytest.raises(GatesFailed, match=r"out by 810\.00.*the return of fac_.* is not accepted yet"):
        close(lending.maya, quarter=Q1, hard=True)
    with pytest.raises(GatesFailed, match="interest"):
        close(lending.maya, quarter=Q1, hard=True, accept_missing="The lender is late")
    accrue_all(lending.maya, until=Q1.ends_on, key="1")
    assert found(lending) == [RETURN]
    with pytest.raises(GatesFailed, match="return"):
        close(lending.maya, quarter=Q1, hard=True, accept_missing="  ")
    closed = close(lending.maya, quarter=Q1, hard=True, accept_missing="The lender is late")
    assert (closed.state, closed.missing, closed.missing_accepted) == ("closed", (made.id,), "The lender is late")


def test_a_soft_close_waits_for_nothing_and_takes_what_the_close_waits_for(lending: SmallBank) -> None:
    made = lending.drawn(lending.lender(), "36500.00", annual_rate=Decimal("0.10"))
    lending.at(date(2012, 4, 20))
    soft = close(lending.maya, quarter=Q1)
    assert [gate.gate for gate in soft.gates] == [INTEREST, RETURN]
    with pytest.raises(QuarterClosed, match="2012Q1 is soft-closed"):
        repay(lending.maya, facility=made.id, principal=pounds("1.00"), on=date(2012, 3, 1), key="1")
    accrue_all(lending.maya, until=Q1.ends_on, key="2")
    assert lending.balance("bank", "4000", Q1.ends_on) == "-810.00"


def test_a_break_keeps_the_quarter_open_until_it_is_explained_whoever_has_it_in_hand(lending: SmallBank) -> None:
    made = lending.drawn(lender := lending.lender(), "100.00", annual_rate=Decimal(0))
    lending.at(date(2012, 4, 20))
    (broken,) = short_of_cash(lending, lender, made.id)
    assert found(lending) == [BREAK]
    with pytest.raises(
        GatesFailed, match=r"cash short by 20\.00 \(first seen in 2012Q1, 0 days ago, and nobody has it"
    ):
        close(lending.maya, quarter=Q1, hard=True, accept_missing="No reason opens this gate")
    with pytest.raises(NotAllowed):
        assign_break(Desk(lending.database, lending.desks["iris"].actor), break_id=broken.id, to="tom", reason="r")
    stranger = add_person(lending.operator, name="Lou", email="lou@lender.example", roles=[], intermediary=lender)
    with pytest.raises(NotOfTheBank):
        assign_break(lending.maya, break_id=broken.id, to=stranger.id, reason="Nearest to it")
    assign_break(
        lending.maya, break_id=broken.id, to="tom@bank.example", reason="Knows them", clear_by=date(2012, 5, 1)
    )
    lending.at(date(2012, 4, 27))
    assert told(lending) == (1, 7, 0)
    with pytest.raises(GatesFailed, match=r"7 days ago, in the hands of Tom until 2012-05-01"):
        close(lending.maya, quarter=Q1, hard=True)
    rule(lending, "explain-break", "trustee", above="20.00")
    part = explain_break(
        lending.tom, break_id=broken.id, category="other", reason="Found", amount=pounds("0.01"), key="a part"
    )
    assert str(part.remaining) == "19.99"
    rest: dict[str, Any] = {"break_id": broken.id, "category": "timing", "reason": "In the post"}
    with pytest.raises(ApprovalNeeded, match=r"20\.00 with what was done within 30 days"):
        explain_break(lending.tom, **rest, key="the rest, as if it stood alone")
    asked = ask_approval(
        lending.tom, action="explain-break", facility=made.id, amount=part.remaining, reason="Seen the slip", key="ask"
    )
    decide(lending.desks["iris"], request=asked.id, approve=True, key="yes")
    explain_break(lending.tom, **rest, key="3")
    assert close(lending.maya, quarter=Q1, hard=True).state == "closed"
    assert told(lending) == (0, None, 0)


def test_a_great_break_is_explained_by_one_and_agreed_to_by_another(lending: SmallBank) -> None:
    made = lending.drawn(lender := lending.lender(), "100.00", annual_rate=Decimal(0))
    lending.at(date(2012, 4, 20))
    (broken,) = short_of_cash(lending, lender, made.id)
    rule(lending, "explain-break", "trustee", above="20.00")
    why: dict[str, Any] = {"break_id": broken.id, "category": "timing", "reason": "In the post"}
    with pytest.raises(ApprovalNeeded, match="bank approval ask explain-break"):
        explain_break(lending.tom, **why, key="alone")
    asked = ask_approval(
        lending.tom, action="explain-break", facility=made.id, amount=pounds("20.00"), reason="Seen the slip", key="ask"
    )
    decide(lending.desks["iris"], request=asked.id, approve=True, key="yes")
    with pytest.raises(ApprovalNeeded):
        explain_break(lending.maya, **why, key="not who asked")
    secret = issue_key(lending.operator, person="tom@bank.example", days=30).secret
    with TestClient(create_app(lending.database)) as caller:
        headers = {"Authorization": f"Bearer {secret}", "Idempotency-Key": "agreed"}
        path, words = f"/v1/breaks/{broken.id}", {"category": "timing", "reason": "In the post"}
        owned = caller.post(f"{path}/owners", json={"to": "tom@bank.example", "reason": "His"}, headers=headers)
        assert (owned.status_code, owned.json()["owner_name"]) == (201, "Tom")
        for _ in range(2):
            told = caller.post(f"{path}/explanations", json=words, headers=headers | {"Idempotency-Key": "once"})
            assert (told.status_code, told.json()["state"]) == (201, "explained")
        again = caller.post(f"{path}/explanations", json=words, headers=headers | {"Idempotency-Key": "twice"})
        assert again.status_code in {409, 422}
    assert found(lending) == []


def test_a_facility_whose_two_books_differ_keeps_the_quarter_open(lending: SmallBank) -> None:
    made = lending.drawn(lending.lender(), "100.00", annual_rate=Decimal(0))
    with lending.maya.writing() as work:
        legs = (Posting(f"1200:{made.id}", pounds("5.00")), Posting("1000", -pounds("5.00")))
        post(work, Entry("astray", "bank", date(2012, 2, 1), "Posted in one book only", legs))
        assert str(balance_at(work.session, "bank", f"1200:{made.id}")) == "105.00"
    lending.at(date(2012, 4, 20))
    assert MEMORANDUM in found(lending)
    with pytest.raises(GatesFailed, match=r"owes 105\.00 by the bank's book and 100\.00 by its intermediary's"):
        close(lending.maya, quarter=Q1, hard=True, accept_missing="Late")


def test_a_soft_closed_quarter_opens_again_for_a_reason_and_a_closed_one_does_not(lending: SmallBank) -> None:
    lending.at(date(2012, 4, 20))
    close(lending.maya, quarter=Q1)
    with pytest.raises(ReasonWanted):
        reopen(lending.maya, quarter=Q1, reason=" ")
    assert reopen(lending.maya, quarter=Q1, reason="A transfer was missed").state == "open"
    close(lending.maya, quarter=Q1, hard=True)
    with pytest.raises(GatesFailed):
        reopen(lending.maya, quarter=Q1, reason="Too late")
    with lending.database.reading() as session:
        assert quarter(session, Q1).state == "closed"
        assert quarter(session, Q1.next).state == "open"


def test_only_fund_managers_close_and_open_quarters(lending: SmallBank) -> None:
    with pytest.raises(NotAllowed):
        close(lending.desks["iris"], quarter=Q1)
    with pytest.raises(NotAllowed):
        reopen(lending.desks["ada"], quarter=Q1, reason="x")


def test_a_reason_opens_the_gate_of_the_returns_and_no_other() -> None:
    told = [(gate, gate) for gate in (INTEREST, MEMORANDUM, RETURN, BREAK)]
    assert still_forbidding(told, "Late") == [INTEREST, MEMORANDUM, BREAK]
    assert still_forbidding(told, " ") == [INTEREST, MEMORANDUM, RETURN, BREAK]


def test_memoranda_that_do_not_come_to_nothing_stop_a_close_and_are_named(lending: SmallBank) -> None:
    """The journal takes any entry that balances; one side of a memorandum against money is found by the close."""
    legs = (Posting("9100", pounds("100.00")), Posting("1000", -pounds("100.00")))
    with lending.maya.writing() as work:
        post(work, Entry("one side", "bank", date(2012, 2, 1), "One side of a promise", legs))
    lending.at(date(2012, 4, 1))
    with lending.database.reading() as session:
        [gate] = gates(session, Q1)
    assert (gate.gate, gate.subject, gate.may_be_accepted) == (MEMORANDUM, "bank", False)
    assert "the memoranda of the book bank come to 100.00" in gate.sentence
    with pytest.raises(GatesFailed):
        close(lending.maya, quarter=Q1, hard=True)
