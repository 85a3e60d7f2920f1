"""Shares promised, called beside dormant money, and paid; capital and votes; and the limits on both."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bank.capital import rules
from bank.capital.agreeing import AlreadyAgreed, NoSuchAgreement
from bank.capital.commands import (
    BeyondCall,
    NoSuchCall,
    UnderAgreement,
    approve_agreement,
    pay_call,
    propose_agreement,
    subscribe_a_shares,
    subscribe_b_shares,
)
from bank.capital.queries import SubscriptionView, agreements, calls, capital, paid_in
from bank.capital.reference import LIMITS, CapitalLimit
from bank.capital.rules import economic_shares, limit_on, to_call, voting_shares
from bank.limits.commands import decide_limit, propose_limit
from bank.limits.queries import house_evaluation, house_evaluations
from bank.limits.rules import Act, LimitPassed
from bank.people.rules import SamePerson
from bank.treasury.queries import headroom
from bank.treasury.rules import BadTerms
from ledger.agreeing import AlreadyApproved
from ledger.commands import post_many
from ledger.entries import Entry, Posting
from ledger.money import NOTHING, Money
from ledger.queries import entry, known, pairs_that_disagree
from tests.bank.small_bank import SmallBank, pounds

DAY = date(2012, 4, 4)
BEFORE_THE_LIMITS = date(2011, 12, 19)
BANKS = ("Bank 1", "Bank 2", "Bank 3", "Bank 4")
PENCE = st.integers(min_value=0, max_value=10**12).map(Money)


def england(bank: SmallBank, amount: str, on: date = DAY) -> None:
    """Put England's money where the trust has it, as a pair in both books."""
    legs = {"distributor": (Posting("2100", pounds(amount)), Posting("1000", -pounds(amount)))}
    legs["trust"] = (Posting("1000", pounds(amount)), Posting("4000", -pounds(amount)))
    key = bank.key()
    post_many(bank.maya, [Entry(key, book, on, "England's money", each, pair=key) for book, each in legs.items()])


def agree(bank: SmallBank, holder: str, commitment: str = "50000000.00", **changed: object) -> str:
    facts = {
        "a_parts": 60,
        "b_parts": 10,
        "vote_cap": Decimal("0.05"),
        "from_on": DAY,
        "source": "Subscription agreement (invented), clause 4",
    }
    made = propose_agreement(
        bank.maya,
        holder=holder,
        commitment=pounds(commitment),
        **(facts | changed),  # type: ignore[arg-type]
    )
    approve_agreement(bank.tom, id=made.id)
    return made.id


def subscribe(bank: SmallBank, amount: str) -> SubscriptionView:
    england(bank, amount)
    return subscribe_a_shares(bank.maya, amount=pounds(amount), on=DAY, key=bank.key())


@pytest.fixture
def agreed(small_bank: SmallBank) -> SmallBank:
    small_bank.at(DAY)
    for name in BANKS:
        agree(small_bank, name)
    return small_bank


def journal(bank: SmallBank, seqs: tuple[int, ...]) -> list[tuple[str, str, str]]:
    with bank.database.reading() as session:
        found = [entry(session, seq).entry for seq in seqs]
    return [(each.book, leg.account, str(leg.amount)) for each in found for leg in each.postings]


def test_dormant_money_brings_calls_that_are_then_paid(agreed: SmallBank) -> None:
    """Journals 8 and 9: the trust's shares in two books; the banks' called, which moves no cash, and then paid."""
    done = subscribe(agreed, "71640000.00")
    assert journal(agreed, done.seqs) == [
        ("trust", "1300", "71640000.00"),
        ("trust", "1000", "-71640000.00"),
        ("bank", "1000", "71640000.00"),
        ("bank", "3000", "-71640000.00"),
    ]
    assert len(done.calls) == 4
    with agreed.database.reading() as session:
        made = calls(session)
        assert [(each.holder, str(each.amount), str(each.unpaid)) for each in made] == [
            (name, "11940000.00", "11940000.00") for name in BANKS
        ]
        assert str(paid_in(session).total) == "71640000.00"
    assert journal(agreed, made[0].seqs) == [("bank", "3020", "11940000.00"), ("bank", "3010", "-11940000.00")]
    paid = pay_call(agreed.maya, call=made[0].id, amount=pounds("940000.00"), on=DAY, key="p1")
    assert journal(agreed, paid.seqs) == [("bank", "1000", "940000.00"), ("bank", "3020", "-940000.00")]
    for call in made:
        pay_call(agreed.maya, call=call.id, on=DAY, key=f"pay {call.id}")
    with agreed.database.reading() as session:
        now = capital(session)
        assert pairs_that_disagree(session) == []
    assert (str(now.paid_in), str(now.b_called), str(now.b_paid), str(now.b_unpaid)) == (
        "119400000.00",
        "47760000.00",
        "47760000.00",
        "0.00",
    )


def test_what_is_called_and_not_paid_is_no_capital_yet(agreed: SmallBank) -> None:
    subscribe(agreed, "600.00")
    with agreed.database.reading() as session:
        now, cash = capital(session), headroom(session)
        before = known(session)
    assert (str(now.b_called), str(now.b_paid), str(now.b_unpaid)) == ("400.00", "0.00", "400.00")
    assert (str(cash.paid_in_capital), str(cash.cash)) == ("600.00", "600.00")
    one = now.holders[1]
    assert (one.holder, str(one.called), str(one.unpaid), str(one.uncalled)) == (
        "Bank 1",
        "100.00",
        "100.00",
        "49999900.00",
    )
    with agreed.database.reading() as session:
        call = calls(session)[0]
    with pytest.raises(BeyondCall, match=r"100\.00 is still owed"):
        pay_call(agreed.maya, call=call.id, amount=pounds("100.01"), on=DAY, key="1")
    with pytest.raises(BadTerms, match="too early"):
        pay_call(agreed.maya, call=call.id, on=date(2012, 4, 3), key="2")
    with pytest.raises(NoSuchCall):
        pay_call(agreed.maya, call="cal_none", on=DAY, key="3")
    pay_call(agreed.maya, call=call.id, on=DAY, key="4")
    with agreed.database.reading() as session:
        assert str(capital(session, at=before).b_paid) == "0.00"
        assert str(capital(session).b_paid) == "100.00"


def test_capital_is_one_figure_and_votes_another(agreed: SmallBank) -> None:
    """Published of Big Society Capital: the trust 66 per cent of the capital and 80 per cent of the votes."""
    subscribe(agreed, "380000000.00")
    with agreed.database.reading() as session:
        for call in calls(session):
            assert str(call.amount) == "50000000.00"
            pay_call(agreed.maya, call=call.id, on=DAY, key=call.id)
    with agreed.database.reading() as session:
        trust, *banks = capital(session).holders
    assert (str(trust.economic_share), str(trust.voting_share)) == ("0.655172", "0.80")
    assert {(str(each.economic_share), str(each.voting_share)) for each in banks} == {("0.086207", "0.05")}


def test_a_promise_is_called_up_to_its_cap_and_no_further(small_bank: SmallBank) -> None:
    small_bank.at(DAY)
    agree(small_bank, "Bank 1", "100.00")
    assert len(subscribe(small_bank, "500.00").calls) == 1
    subscribe(small_bank, "500.00")
    assert subscribe(small_bank, "500.00").calls == ()
    with small_bank.database.reading() as session:
        assert [str(each.amount) for each in calls(session)] == ["83.33", "16.67"]


def test_a_holder_under_an_agreement_pays_calls_and_nothing_beside_them(agreed: SmallBank) -> None:
    with pytest.raises(UnderAgreement):
        subscribe_b_shares(agreed.maya, holder="Bank 1", amount=pounds("1.00"), on=DAY, key="1")
    subscribe_b_shares(agreed.maya, holder="Somebody else", amount=pounds("1.00"), on=DAY, key="2")


def test_shares_paid_before_the_agreement_count_towards_it(small_bank: SmallBank) -> None:
    small_bank.at(DAY)
    subscribe_b_shares(small_bank.maya, holder="Bank 1", amount=pounds("30.00"), on=DAY, key="1")
    agree(small_bank, "Bank 1")
    subscribe(small_bank, "600.00")
    with small_bank.database.reading() as session:
        assert [str(each.amount) for each in calls(session)] == ["70.00"]


def test_an_agreement_takes_two_people_and_stands_once(agreed: SmallBank) -> None:
    again = propose_agreement(
        agreed.maya,
        holder="Bank 1",
        commitment=pounds("1.00"),
        a_parts=1,
        b_parts=1,
        vote_cap=Decimal("0.05"),
        from_on=DAY,
        source="Another",
    )
    with pytest.raises(SamePerson):
        approve_agreement(agreed.maya, id=again.id)
    with pytest.raises(AlreadyAgreed, match="Bank 1 promised"):
        approve_agreement(agreed.tom, id=again.id)
    with agreed.database.reading() as session:
        first = next(each for each in agreements(session) if each.holder == "Bank 1" and each.id != again.id)
    with pytest.raises(AlreadyApproved):
        approve_agreement(agreed.tom, id=first.id)
    with pytest.raises(NoSuchAgreement):
        approve_agreement(agreed.tom, id="agr_none")
    for changed in ({"a_parts": 0}, {"source": ""}, {"vote_cap": Decimal(2)}):
        with pytest.raises(BadTerms):
            agree(agreed, "Bank 5", **changed)


def test_capital_from_dormant_money_has_a_limit_with_a_source(small_bank: SmallBank) -> None:
    small_bank.at(DAY)
    subscribe(small_bank, "400000000.00")
    england(small_bank, "0.01")
    with small_bank.database.reading() as session:
        before = house_evaluation(session, Act("subscribe-a", pounds("0.01")))
    assert (before.would_pass, [line.kind for line in before.readings]) == (False, ["dormant-capital", "balance-sheet"])
    with pytest.raises(
        LimitPassed,
        match=r"capital from dormant money .*: 400000000\.01 where at most 400000000\.00 is allowed, and 400000000\.00 "
        r"stands now \(State aid SA\.33683 .*nobody may waive it",
    ) as refused:
        subscribe_a_shares(small_bank.maya, amount=pounds("0.01"), on=DAY, key="1")
    told = refused.value.facts
    assert (told["stand_at"], told["figures"], told["bounds"]) == (["400000000.00"], ["400000000.01"], ["400000000.00"])
    with small_bank.database.reading() as session:
        limits = {each.code: each for each in capital(session).limits}
    assert (str(limits["dormant-capital"].left), str(limits["balance-sheet"].left)) == ("0.00", "200000000.00")


def test_a_day_before_the_limits_from_outside_began_passes_neither(small_bank: SmallBank) -> None:
    small_bank.at(DAY)
    england(small_bank, "400000000.01", on=BEFORE_THE_LIMITS)
    with pytest.raises(LimitPassed, match=r"400000000\.01 where at most 400000000\.00"):
        subscribe_a_shares(small_bank.maya, amount=pounds("400000000.01"), on=BEFORE_THE_LIMITS, key="1")
    with pytest.raises(LimitPassed, match="balance sheet"):
        small_bank.capital("600000000.01", on=BEFORE_THE_LIMITS)
    done = subscribe_a_shares(small_bank.maya, amount=pounds("400000000.00"), on=BEFORE_THE_LIMITS, key="2")
    with small_bank.database.reading() as session:
        (kept,) = house_evaluations(session, done.id)
    assert [(line.kind, line.after, line.within) for line in kept.readings] == [
        ("dormant-capital", "400000000.00", True),
        ("balance-sheet", "400000000.00", True),
    ]


def test_the_balance_sheet_has_a_limit_too(small_bank: SmallBank) -> None:
    small_bank.at(DAY)
    small_bank.capital("600000000.00")
    with pytest.raises(LimitPassed, match="balance sheet"):
        small_bank.capital("0.01")
    england(small_bank, "1.00")
    with pytest.raises(LimitPassed, match="balance sheet"):
        subscribe_a_shares(small_bank.maya, amount=pounds("1.00"), on=DAY, key="1")


def test_a_limit_holds_on_its_days_and_on_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    assert limit_on("dormant-capital", date(2011, 12, 19)) is None
    later = CapitalLimit("dormant-capital", "Raised", Money(2), date(2017, 1, 1), date(2017, 12, 31), "Invented")
    monkeypatch.setattr(rules, "LIMITS", (*LIMITS, later))
    assert limit_on("dormant-capital", date(2016, 12, 31)) == LIMITS[0]
    assert limit_on("dormant-capital", date(2017, 6, 1)) == later
    assert limit_on("dormant-capital", date(2018, 1, 1)) == LIMITS[0]


def test_what_the_limits_read_is_kept_with_the_subscription(small_bank: SmallBank) -> None:
    """The bank's own lower limit stands beside the one from outside, and takes another's approval to raise."""
    small_bank.at(DAY)
    own = propose_limit(
        small_bank.maya, kind="balance-sheet", amount=pounds("100.00"), from_on=DAY, basis="Minute 3", key="1"
    )
    decide_limit(small_bank.tom, limit=own.id, approve=True, key="2")
    made = subscribe_b_shares(small_bank.maya, holder="A merchant bank", amount=pounds("60.00"), on=DAY, key="3")
    with small_bank.database.reading() as session:
        (kept,) = house_evaluations(session, made.id)
    assert [(line.limit, line.before, line.after, line.bound) for line in kept.readings] == [
        ("balance-sheet", "0.00", "60.00", "600000000.00"),
        (own.id, "0.00", "60.00", "100.00"),
    ]
    assert (kept.facility, kept.action, kept.decided_by) == (made.id, "subscribe-b", small_bank.maya.actor.id)
    with pytest.raises(LimitPassed, match=rf"100\.01 where at most 100\.00 .* 60\.00 stands now \({own.id}\)"):
        subscribe_b_shares(small_bank.maya, holder="A merchant bank", amount=pounds("40.01"), on=DAY, key="4")
    with pytest.raises(BadTerms, match="Nobody may let"):
        propose_limit(
            small_bank.maya,
            kind="balance-sheet",
            amount=pounds("1.00"),
            waivable_by="trustee",
            from_on=DAY,
            basis="Minute 3",
            key="5",
        )


@given(st.lists(PENCE, max_size=8), st.integers(1, 99), st.integers(1, 99), PENCE)
def test_calls_follow_the_whole_and_never_pass_the_promise(
    a_shares: list[Money], a_parts: int, b_parts: int, commitment: Money
) -> None:
    called = subscribed = NOTHING
    for amount in a_shares:
        subscribed += amount
        due = to_call(subscribed, a_parts, b_parts, commitment, called)
        assert due >= NOTHING
        called += due
    assert called <= commitment
    assert called == commitment or abs(called.pence * a_parts - subscribed.pence * b_parts) * 2 <= a_parts


@given(PENCE, st.dictionaries(st.sampled_from(BANKS), PENCE), st.decimals(min_value=0, max_value=1, places=2))
def test_parts_of_capital_and_of_votes_are_each_one_together(
    trust: Money, holders: dict[str, Money], cap: Decimal
) -> None:
    owns, parts = economic_shares(trust, holders)
    votes, theirs = voting_shares(trust, holders, dict.fromkeys(holders, cap))
    if trust or any(holders.values()):
        assert owns + sum(parts.values()) == votes + sum(theirs.values()) == 1
    assert all(theirs[name] <= min(cap, parts[name]) for name in holders)
