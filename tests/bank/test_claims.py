"""Claims notified, then paid, withdrawn or rejected: each with its journal, and counted once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bank.inflows.claims.queries import NoSuchClaim, claims, reclaims
from bank.inflows.commands import (
    approve_reserve_rate,
    declare_surplus,
    end_notified,
    notify_claims,
    pay_notified,
    pay_reclaim,
    pay_surplus,
    propose_reserve_rate,
    re_estimate_reserve,
    record_receipt,
)
from bank.inflows.queries import position
from bank.inflows.reserve import NothingToChange
from bank.inflows.rules import BeyondNotice, Notified
from bank.inflows.standing import class_standing
from bank.inflows.surplus import NotEnoughSurplus
from bank.stress.queries import fund_stands
from bank.treasury.rules import BadTerms, NotEnoughCash
from ledger.money import NOTHING, Money
from ledger.queries import entry, known, pairs_that_disagree
from ledger.refusals import NotAllowed
from tests.bank.small_bank import SmallBank, pounds

DAY = date(2011, 7, 4)
LATER = date(2011, 7, 20)
PENCE = st.integers(min_value=0, max_value=10**9).map(Money)


@pytest.fixture
def received(small_bank: SmallBank) -> SmallBank:
    """A thousand pounds in, at a reserve of two fifths."""
    made = propose_reserve_rate(
        small_bank.maya, asset_class="bank-account", rate=Decimal("0.4"), from_on=DAY, basis="Actuary's letter"
    )
    approve_reserve_rate(small_bank.tom, id=made.id)
    record_receipt(
        small_bank.maya,
        participant="A bank",
        amount=pounds("1000.00"),
        consented_on=DAY,
        received_on=DAY,
        key=small_bank.key(),
    )
    return small_bank


def notified(bank: SmallBank, principal: str, interest: str = "0.00", on: date = DAY) -> str:
    return notify_claims(
        bank.maya,
        participant="A bank",
        principal=pounds(principal),
        interest=pounds(interest),
        accounts=5,
        notified_on=on,
        key=bank.key(),
    ).id


def postings(bank: SmallBank, seqs: Iterable[int]) -> list[str]:
    """The journal as it is written: account and amount, a debit positive."""
    with bank.database.reading() as session:
        found = [entry(session, seq).entry for seq in seqs]
    return [f"{leg.account} {leg.amount}" for each in found for leg in each.postings]


def told(bank: SmallBank, as_at: date | None = None) -> dict[str, str]:
    with bank.database.reading() as session:
        now = position(session, as_at=as_at)
        assert pairs_that_disagree(session) == []
    assert now.cash == now.received - now.reclaimed - now.distributed
    assert now.surplus == now.cash - now.provision - now.notified - now.payable
    return {name: str(getattr(now, name)) for name in ("notified", "reclaimed", "provision", "surplus", "obligation")}


def test_a_claim_notified_leaves_the_provision_and_is_owed_until_it_is_paid(received: SmallBank) -> None:
    """Row 4: Dr 2000 Cr 2010 when it is notified, Dr 2010 Cr cash when it is paid."""
    received.at(LATER)
    made = notify_claims(
        received.maya,
        participant="A bank",
        principal=pounds("280.00"),
        interest=pounds("20.00"),
        accounts=5,
        notified_on=LATER,
        key="1",
    )
    assert postings(received, made.seqs) == ["2000:bank-account 300.00", "2010:bank-account -300.00"]
    assert told(received) == {
        "notified": "300.00",
        "reclaimed": "0.00",
        "provision": "100.00",
        "surplus": "600.00",
        "obligation": "1000.00",
    }
    paid = pay_notified(received.maya, claim=made.id, paid_on=LATER, key="2")
    assert postings(received, paid.seqs) == [
        "2010:bank-account 300.00",
        "1000 -300.00",
        "9099 280.00",
        "9000:bank-account -280.00",
    ]
    assert told(received) == {
        "notified": "0.00",
        "reclaimed": "300.00",
        "provision": "100.00",
        "surplus": "600.00",
        "obligation": "720.00",
    }
    assert (paid.claim, str(paid.paid), str(paid.from_provision)) == (made.id, "300.00", "300.00")
    assert told(received, DAY)["provision"] == "400.00"
    with received.database.reading() as session:
        assert [(each.id, each.claim) for each in reclaims(session)] == [(paid.id, made.id)]
        (shown,) = claims(session)
        assert claims(session, as_at=DAY) == []
    assert (str(shown.paid), str(shown.unpaid), shown.accounts) == ("300.00", "0.00", 5)


def test_what_the_provision_does_not_reach_is_charged_when_it_is_notified(received: SmallBank) -> None:
    made = notified(received, "900.00", "350.00")
    with received.database.reading() as session:
        (shown,) = claims(session)
        stands = class_standing(session, "bank-account")
    assert postings(received, shown.seqs) == [
        "2000:bank-account 400.00",
        "5000:bank-account 850.00",
        "2010:bank-account -1250.00",
    ]
    assert (str(shown.from_provision), str(shown.beyond_provision)) == ("400.00", "850.00")
    assert [str(each) for each in (stands.claimed, stands.notified, stands.provision, stands.owed)] == [
        "1250.00",
        "1250.00",
        "0.00",
        "1000.00",
    ]
    with pytest.raises(NotEnoughCash, match=r"1000\.00 to pay 1250\.00"):
        pay_notified(received.maya, claim=made, paid_on=DAY, key="1")


def test_a_withdrawn_or_rejected_claim_goes_back_and_what_was_charged_goes_first(received: SmallBank) -> None:
    made = notified(received, "500.00")
    ended = end_notified(
        received.maya,
        claim=made,
        outcome="withdrawn",
        principal=pounds("150.00"),
        on=DAY,
        reason="The account was found in use",
        key="1",
    )
    assert postings(received, ended.seqs) == [
        "2010:bank-account 150.00",
        "2000:bank-account -50.00",
        "5000:bank-account -100.00",
    ]
    rest = end_notified(received.maya, claim=made, outcome="rejected", on=DAY, reason="Paid before", key="2")
    assert postings(received, rest.seqs) == ["2010:bank-account 350.00", "2000:bank-account -350.00"]
    assert told(received) == {
        "notified": "0.00",
        "reclaimed": "0.00",
        "provision": "400.00",
        "surplus": "600.00",
        "obligation": "1000.00",
    }
    with received.database.reading() as session:
        (shown,) = claims(session)
    assert [str(each) for each in (shown.withdrawn, shown.rejected, shown.unpaid)] == ["150.00", "350.00", "0.00"]


def test_a_notice_is_paid_in_parts_and_never_beyond_itself(received: SmallBank) -> None:
    made = notified(received, "500.00", "10.00")
    paid = pay_notified(received.maya, claim=made, principal=pounds("450.00"), paid_on=DAY, key="1")
    assert [str(each) for each in (paid.from_provision, paid.beyond_provision)] == ["400.00", "50.00"]
    for principal, interest in (("50.01", "0.00"), ("0.00", "10.01")):
        with pytest.raises(BeyondNotice, match="goes beyond the notice"):
            pay_notified(
                received.maya,
                claim=made,
                principal=pounds(principal),
                interest=pounds(interest),
                paid_on=DAY,
                key=f"pay {principal}",
            )
        with pytest.raises(BeyondNotice):
            end_notified(
                received.maya,
                claim=made,
                outcome="withdrawn",
                on=DAY,
                reason="None",
                principal=pounds(principal),
                interest=pounds(interest),
                key=f"end {principal}",
            )
    last = pay_notified(received.maya, claim=made, paid_on=DAY, key="2")
    assert [str(each) for each in (last.principal, last.interest, last.from_provision)] == ["50.00", "10.00", "0.00"]
    with pytest.raises(BadTerms, match=f"{made} are settled: nothing of them is left"):
        pay_notified(received.maya, claim=made, paid_on=DAY, key="3")
    assert told(received)["reclaimed"] == "510.00"


def test_what_was_notified_is_nobodys_surplus_and_is_paid_before_it(received: SmallBank) -> None:
    declared = declare_surplus(received.maya, amount=pounds("500.00"), on=DAY, key="1")
    made = notified(received, "450.00")
    with pytest.raises(NotEnoughSurplus, match=r"less 450\.00 of claims notified"):
        declare_surplus(received.maya, amount=pounds("50.01"), on=DAY, key="2")
    declare_surplus(received.maya, amount=pounds("50.00"), on=DAY, key="3")
    more = notified(received, "60.00")
    with pytest.raises(NotEnoughCash, match=r"beside what it owes for claims notified, has 490\.00 to pay 500\.00"):
        pay_surplus(received.maya, declaration=declared.id, on=DAY, key="4")
    end_notified(received.maya, claim=more, outcome="withdrawn", on=DAY, reason="Sent twice", key="5")
    pay_surplus(received.maya, declaration=declared.id, on=DAY, key="6")
    pay_notified(received.maya, claim=made, paid_on=DAY, key="7")


def test_an_estimate_counts_a_claim_once_whether_it_is_notified_or_paid(received: SmallBank) -> None:
    made = notified(received, "120.00")
    for key in ("1", "2"):
        with pytest.raises(NothingToChange, match=r"280\.00"):
            re_estimate_reserve(received.maya, asset_class="bank-account", on=DAY, key=key)
        with received.database.reading() as session:
            fund = fund_stands(session, DAY)
        if key == "1":
            assert [str(each) for each in (fund.notified, fund.owed, fund.provision)] == ["120.00", "880.00", "280.00"]
            pay_notified(received.maya, claim=made, paid_on=DAY, key="paid")
    assert [str(each) for each in (fund.notified, fund.owed, fund.provision)] == ["0.00", "880.00", "280.00"]


def test_what_is_known_of_a_notice_is_kept_as_it_was_known(received: SmallBank) -> None:
    made = notified(received, "10.00")
    with received.database.reading() as session:
        before = known(session)
    received.at(LATER)
    pay_notified(received.maya, claim=made, paid_on=LATER, key="1")
    with received.database.reading() as session:
        assert [str(each.unpaid) for each in claims(session, at=before)] == ["10.00"]
        assert [str(each.unpaid) for each in claims(session, as_at=DAY)] == ["10.00"]
        assert [str(each.unpaid) for each in claims(session)] == ["0.00"]


def test_a_notice_is_sound_or_refused(received: SmallBank) -> None:
    received.at(LATER)
    made = notified(received, "10.00", on=LATER)
    with pytest.raises(BadTerms, match="notified on 2011-07-20"):
        pay_notified(received.maya, claim=made, paid_on=DAY, key="1")
    with pytest.raises(BadTerms, match="Say why"):
        end_notified(received.maya, claim=made, outcome="rejected", on=LATER, reason=" ", key="2")
    with pytest.raises(BadTerms, match="withdrawn or rejected"):
        end_notified(received.maya, claim=made, outcome="forgotten", on=LATER, reason="None", key="3")
    with pytest.raises(NoSuchClaim):
        pay_notified(received.maya, claim="clm_none", paid_on=LATER, key="4")
    with pytest.raises(BadTerms, match="one of them"):
        notify_claims(received.maya, principal=pounds("1.00"), notified_on=LATER, key="5")
    with pytest.raises(NotAllowed):
        notify_claims(
            received.desks["iris"], participant="A bank", principal=pounds("1.00"), notified_on=LATER, key="6"
        )


def test_what_had_not_come_yet_is_not_claimed(received: SmallBank) -> None:
    received.at(LATER)
    second = record_receipt(
        received.maya,
        participant="A bank",
        amount=pounds("10.00"),
        accounts=10,
        consented_on=LATER,
        received_on=LATER,
        key="second",
    ).id
    early, principal = DAY - timedelta(days=1), pounds("1.00")
    with pytest.raises(BadTerms, match=f"{early} is too early: what is claimed came on {DAY}"):
        notified(received, "1.00", on=early)
    with pytest.raises(BadTerms, match=f"{DAY} is too early: what is claimed came on {LATER}"):
        pay_reclaim(received.maya, inflow=second, principal=principal, paid_on=DAY, key="1")
    pay_reclaim(received.maya, participant="A bank", principal=principal, paid_on=DAY, key="2")


def test_no_more_accounts_are_claimed_than_came_nor_paid_than_were_notified(received: SmallBank) -> None:
    told: dict[str, Any] = {"consented_on": DAY, "received_on": DAY, "amount": pounds("100.00"), "accounts": 20}
    inflow = record_receipt(received.maya, participant="Another bank", key="in", **told).id
    principal = pounds("5.00")
    whose: dict[str, Any] = {"participant": "Another bank", "principal": principal}
    with pytest.raises(BadTerms, match="21 accounts, with 0 claimed before, are more than the 20 that came"):
        pay_reclaim(received.maya, **whose, accounts=21, paid_on=DAY, key="1")
    made = notify_claims(received.maya, **whose, accounts=10, notified_on=DAY, key="2").id
    pay_notified(received.maya, claim=made, principal=pounds("3.00"), accounts=6, paid_on=DAY, key="3")
    with pytest.raises(BadTerms, match="5 accounts are more than were notified and not paid yet, which are 4 of 10"):
        pay_notified(received.maya, claim=made, accounts=5, paid_on=DAY, key="4")
    pay_notified(received.maya, claim=made, accounts=4, paid_on=DAY, key="5")
    with pytest.raises(BadTerms, match="11 accounts, with 10 claimed before"):
        notify_claims(received.maya, inflow=inflow, principal=principal, accounts=11, notified_on=DAY, key="6")
    withdrawn = notify_claims(received.maya, **whose, accounts=10, notified_on=DAY, key="7").id
    end_notified(received.maya, claim=withdrawn, outcome="withdrawn", on=DAY, reason="Sent twice", key="8")
    pay_reclaim(received.maya, inflow=inflow, principal=principal, accounts=10, paid_on=DAY, key="9")


@given(PENCE, PENCE, PENCE, st.lists(st.tuples(st.booleans(), PENCE, PENCE), max_size=6))
def test_however_a_notice_ends_every_penny_of_it_goes_one_way(
    principal: Money, interest: Money, provision: Money, steps: list[tuple[bool, Money, Money]]
) -> None:
    """The parts come to the whole, and what is left is met by the provision as far as that reached."""
    whole = left = Notified(principal, interest, min(principal + interest, provision))
    for paying, more_principal, more_interest in steps:
        wanted = min(more_principal, left.principal), min(more_interest, left.interest)
        if not any(wanted):
            continue
        part = left.paid(*wanted) if paying else left.fallen_away(*wanted)
        assert NOTHING <= part.from_provision <= part.amount
        left = left.less(part)
        assert NOTHING <= left.from_provision <= min(left.amount, whole.from_provision)
        assert left.charged >= NOTHING
    assert left.amount <= whole.amount
