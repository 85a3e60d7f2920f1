"""Surplus declared and paid, estimates changed, England's money directed: each with its journal."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bank.inflows.commands import (
    apportion,
    approve_direction,
    approve_reserve_rate,
    declare_surplus,
    direct_england,
    distribute,
    pay_england_to_trust,
    pay_nation,
    pay_reclaim,
    pay_surplus,
    propose_direction,
    propose_reserve_rate,
    re_estimate_reserve,
    record_receipt,
)
from bank.inflows.england import NoDirection, NoSuchDirection
from bank.inflows.queries import declarations, direction_in_force, directions, position
from bank.inflows.reserve import NoRateInForce, NothingToChange
from bank.inflows.rules import BadDirection, BeyondDirection, directed, provision_wanted, sound_direction
from bank.inflows.standing import class_standing, class_standings, held_by_cause, held_by_year
from bank.inflows.surplus import BeyondDeclaration, NoSuchDeclaration, NotEnoughSurplus
from bank.people.rules import SamePerson
from bank.quarters.commands import close
from bank.treasury.rules import BadTerms, NotEnoughCash
from ledger.agreeing import AlreadyApproved
from ledger.commands import post
from ledger.dates import FinancialYear, Quarter
from ledger.entries import Entry, Posting
from ledger.money import NOTHING, Money
from ledger.periods import GatesFailed
from ledger.queries import entry, known, pairs_that_disagree
from tests.bank.small_bank import SmallBank, pounds

DAY = date(2011, 7, 4)
PENCE = st.integers(min_value=0, max_value=10**13).map(Money)
RATES = st.decimals(min_value=0, max_value=1, places=4)


@pytest.fixture
def received(small_bank: SmallBank) -> SmallBank:
    """A thousand pounds in, at a reserve of two fifths."""
    rate(small_bank, "0.4", DAY)
    receive(small_bank, "1000.00")
    return small_bank


def rate(bank: SmallBank, fraction: str, from_on: date) -> None:
    made = propose_reserve_rate(
        bank.maya, asset_class="bank-account", rate=Decimal(fraction), from_on=from_on, basis="Actuary's letter"
    )
    approve_reserve_rate(bank.tom, id=made.id)


def receive(bank: SmallBank, amount: str) -> None:
    on = bank.clock.now().date()
    record_receipt(
        bank.maya, participant="A bank", amount=pounds(amount), consented_on=on, received_on=on, key=bank.key()
    )


def journal(bank: SmallBank, seqs: tuple[int, ...]) -> list[tuple[str, str, str]]:
    """Book, account and amount of every leg, as a table of debits and credits would have it."""
    with bank.database.reading() as session:
        found = [entry(session, seq).entry for seq in seqs]
    return [(each.book, leg.account, str(leg.amount)) for each in found for leg in each.postings]


def test_surplus_is_declared_and_then_paid_and_never_counted_twice(received: SmallBank) -> None:
    declared = declare_surplus(received.maya, amount=pounds("500.00"), on=DAY, basis="Minute 7", key="1")
    assert journal(received, declared.seqs) == [
        ("reclaim-fund", "5100", "500.00"),
        ("reclaim-fund", "2100", "-500.00"),
    ]
    with received.database.reading() as session:
        now = position(session)
    assert (str(now.declared), str(now.payable), str(now.distributed)) == ("500.00", "500.00", "0.00")
    assert (str(now.cash), str(now.provision), str(now.surplus)) == ("1000.00", "400.00", "100.00")

    paid = pay_surplus(received.maya, declaration=declared.id, amount=pounds("300.00"), on=DAY, key="2")
    assert journal(received, paid.seqs) == [
        ("reclaim-fund", "2100", "300.00"),
        ("reclaim-fund", "1000", "-300.00"),
        ("distributor", "1000", "300.00"),
        ("distributor", "4000", "-300.00"),
    ]
    with received.database.reading() as session:
        now = position(session)
        assert pairs_that_disagree(session) == []
        assert [(str(each.paid), str(each.unpaid)) for each in declarations(session)] == [("300.00", "200.00")]
    assert (str(now.declared), str(now.payable), str(now.distributed)) == ("500.00", "200.00", "300.00")
    assert (str(now.cash), str(now.surplus)) == ("700.00", "100.00")


def test_what_is_committed_cannot_be_committed_again(received: SmallBank) -> None:
    declared = declare_surplus(received.maya, amount=pounds("500.00"), on=DAY, key="1")
    with pytest.raises(NotEnoughSurplus, match=r"surplus is 100\.00.* 500\.00 declared"):
        declare_surplus(received.maya, amount=pounds("100.01"), on=DAY, key="2")
    with pytest.raises(NotEnoughSurplus):
        distribute(received.maya, amount=pounds("100.01"), on=DAY, key="3")
    with pytest.raises(BeyondDeclaration, match=r"500\.00 is still to be paid"):
        pay_surplus(received.maya, declaration=declared.id, amount=pounds("500.01"), on=DAY, key="4")
    assert str(pay_surplus(received.maya, declaration=declared.id, on=DAY, key="5").amount) == "500.00"
    with pytest.raises(BadTerms):
        pay_surplus(received.maya, declaration=declared.id, on=DAY, key="6")
    with pytest.raises(NoSuchDeclaration):
        pay_surplus(received.maya, declaration="dec_none", on=DAY, key="7")


def test_it_is_not_paid_before_it_is_declared(received: SmallBank) -> None:
    received.at(date(2011, 7, 20))
    declared = declare_surplus(received.maya, amount=pounds("100.00"), on=date(2011, 7, 20), key="1")
    with pytest.raises(BadTerms, match="too early"):
        pay_surplus(received.maya, declaration=declared.id, on=date(2011, 7, 19), key="2")


def test_a_claim_may_use_up_the_cash_that_was_declared_and_the_payment_is_then_refused(received: SmallBank) -> None:
    declared = declare_surplus(received.maya, amount=pounds("600.00"), on=DAY, key="1")
    pay_reclaim(received.maya, participant="A bank", principal=pounds("700.00"), paid_on=DAY, key="2")
    with pytest.raises(NotEnoughCash, match=r"has 300\.00 to pay 600\.00"):
        pay_surplus(received.maya, declaration=declared.id, on=DAY, key="3")


def test_claims_come_in_batches_of_a_participant(received: SmallBank) -> None:
    receive(received, "500.00")
    paid = pay_reclaim(
        received.maya,
        participant="A bank",
        principal=pounds("900.00"),
        interest=pounds("350.00"),
        accounts=7,
        paid_on=DAY,
        key="2",
    )
    assert journal(received, paid.seqs) == [
        ("reclaim-fund", "2000:bank-account", "600.00"),
        ("reclaim-fund", "5000:bank-account", "650.00"),
        ("reclaim-fund", "1000", "-1250.00"),
        ("reclaim-fund", "9099", "900.00"),
        ("reclaim-fund", "9000:bank-account", "-900.00"),
    ]
    assert (paid.accounts, str(paid.from_provision), str(paid.beyond_provision)) == (7, "600.00", "650.00")
    with received.database.reading() as session:
        stands = class_standing(session, "bank-account")
        assert [each.asset_class for each in class_standings(session)] == ["bank-account"]
    told = (stands.transferred, stands.claimed, stands.provision, stands.owed)
    assert [str(each) for each in told] == ["1500.00", "1250.00", "0.00", "600.00"]


def test_an_estimate_changes_from_a_day_and_nothing_before_it(received: SmallBank) -> None:
    pay_reclaim(received.maya, participant="A bank", principal=pounds("50.00"), paid_on=DAY, key="1")
    received.at(date(2011, 9, 1))
    with pytest.raises(NothingToChange, match=r"350\.00"):
        re_estimate_reserve(received.maya, asset_class="bank-account", on=date(2011, 9, 1), key="2")
    rate(received, "0.25", date(2011, 8, 1))
    with pytest.raises(BadTerms, match="never before"):
        re_estimate_reserve(received.maya, asset_class="bank-account", on=date(2011, 8, 31), key="3")
    less = re_estimate_reserve(received.maya, asset_class="bank-account", on=date(2011, 9, 1), key="4")
    assert journal(received, less.seqs) == [
        ("reclaim-fund", "2000:bank-account", "150.00"),
        ("reclaim-fund", "5000:bank-account", "-150.00"),
    ]
    assert [str(each) for each in (less.transferred, less.claimed, less.held, less.wanted, less.change)] == [
        "1000.00",
        "50.00",
        "350.00",
        "200.00",
        "-150.00",
    ]
    assert received.balance("reclaim-fund", "2000", date(2011, 8, 31)) == "-350.00"
    assert received.balance("reclaim-fund", "2000") == "-200.00"
    rate(received, "0.6", date(2011, 9, 1))
    more = re_estimate_reserve(received.maya, asset_class="bank-account", on=date(2011, 9, 1), key="5")
    assert journal(received, more.seqs) == [
        ("reclaim-fund", "5000:bank-account", "350.00"),
        ("reclaim-fund", "2000:bank-account", "-350.00"),
    ]
    with received.database.reading() as session:
        assert str(position(session).surplus) == "400.00"
        assert str(position(session).reclaimed) == "50.00"


def test_without_a_rate_nothing_is_re_estimated(small_bank: SmallBank) -> None:
    with pytest.raises(NoRateInForce):
        re_estimate_reserve(small_bank.maya, asset_class="bank-account", on=DAY, key="1")


@given(transferred=PENCE, rate=RATES, claims=st.lists(PENCE, max_size=4))
def test_a_re_estimate_at_the_same_rate_changes_nothing_until_the_claims_outrun_it(
    transferred: Money, rate: Decimal, claims: list[Money]
) -> None:
    reserved = transferred.times(rate)
    claimed = Money.total(claims)
    left = max(reserved - claimed, NOTHING)
    assert provision_wanted(transferred, claimed, rate) == left


def england(bank: SmallBank, measure: str, shares: dict[str, str], from_on: date = DAY) -> str:
    made = propose_direction(
        bank.maya, measure=measure, shares=shares, from_on=from_on, source="A letter of the minister"
    )
    approve_direction(bank.tom, id=made.id)
    return made.id


@pytest.fixture
def shared(received: SmallBank) -> SmallBank:
    """Six hundred pounds shared among the nations: 503.40 for England."""
    distribute(received.maya, amount=pounds("600.00"), on=DAY, key="d")
    apportion(received.maya, financial_year=FinancialYear(2011), on=DAY, key="a")
    return received


def test_englands_money_follows_a_direction_to_its_causes(shared: SmallBank) -> None:
    with pytest.raises(NoDirection):
        direct_england(shared.maya, on=DAY, key="1")
    made = england(shared, "percentages", {"social-investment": "48.2", "youth": "32.2", "financial-inclusion": "19.6"})
    with shared.database.reading() as session:
        in_force = direction_in_force(session, DAY)
        assert direction_in_force(session, date(2011, 7, 3)) is None
    assert in_force is not None
    assert (in_force.id, list(in_force.shares)) == (made, ["youth", "financial-inclusion", "social-investment"])
    with pytest.raises(NotEnoughCash, match="may go to it"):
        pay_england_to_trust(shared.maya, amount=pounds("0.01"), on=DAY, key="2")
    given_out = direct_england(shared.maya, on=DAY, key="3")
    assert journal(shared, given_out.seqs) == [
        ("distributor", "2100", "503.40"),
        ("distributor", "2100:youth", "-162.09"),
        ("distributor", "2100:financial-inclusion", "-98.67"),
        ("distributor", "2100:social-investment", "-242.64"),
    ]
    with pytest.raises(NotEnoughCash, match=r"242\.64 is held for England"):
        pay_england_to_trust(shared.maya, amount=pounds("242.65"), on=DAY, key="4")
    paid = pay_england_to_trust(shared.maya, amount=pounds("242.64"), on=DAY, key="5")
    assert journal(shared, paid.seqs) == [
        ("distributor", "2100:social-investment", "242.64"),
        ("distributor", "1000", "-242.64"),
        ("trust", "1000", "242.64"),
        ("trust", "4000", "-242.64"),
    ]
    with shared.database.reading() as session:
        assert pairs_that_disagree(session) == []
        assert {each.cause: str(each.held) for each in held_by_cause(session)} == {
            "youth": "162.09",
            "financial-inclusion": "98.67",
            "": "0.00",
        }


def test_a_direction_by_amounts_is_filled_and_never_passed(shared: SmallBank) -> None:
    england(shared, "amounts", {"youth": "90.00", "social-investment": "280.00"})
    first = direct_england(shared.maya, amount=pounds("100.00"), on=DAY, key="1")
    assert {cause: str(part) for cause, part in first.shares.items()} == {
        "youth": "24.32",
        "social-investment": "75.68",
    }
    with pytest.raises(BeyondDirection, match=r"still want 270\.00"):
        direct_england(shared.maya, amount=pounds("270.01"), on=DAY, key="2")
    direct_england(shared.maya, amount=pounds("270.00"), on=DAY, key="3")
    with shared.database.reading() as session:
        assert {each.cause: str(each.held) for each in held_by_cause(session)} == {
            "youth": "90.00",
            "social-investment": "280.00",
            "": "133.40",
        }
    with pytest.raises(NotEnoughCash, match=r"133\.40"):
        direct_england(shared.maya, amount=pounds("133.41"), on=DAY, key="4")


def test_money_for_a_nation_waits_for_years_and_each_year_is_shown(shared: SmallBank) -> None:
    shared.at(date(2014, 6, 2))
    with pytest.raises(NotEnoughCash, match=r"16\.80 is held"):
        pay_nation(
            shared.maya,
            nation="northern_ireland",
            amount=pounds("16.81"),
            on=date(2014, 6, 2),
            recipient="A fund",
            key="1",
        )
    paid = pay_nation(
        shared.maya, nation="northern_ireland", amount=pounds("6.80"), on=date(2014, 6, 2), recipient="A fund", key="2"
    )
    assert journal(shared, paid.seqs) == [("distributor", "2130", "6.80"), ("distributor", "1000", "-6.80")]
    with shared.database.reading() as session:
        years = [each for each in held_by_year(session) if each.nation == "northern_ireland"]
        before = [each for each in held_by_year(session, as_at=date(2013, 3, 31)) if each.nation == "wales"]
    assert [
        (
            each.financial_year,
            str(each.brought_forward),
            str(each.apportioned),
            str(each.paid),
            str(each.carried_forward),
        )
        for each in years
    ] == [
        ("2011/12", "0.00", "16.80", "0.00", "16.80"),
        ("2012/13", "16.80", "0.00", "0.00", "16.80"),
        ("2013/14", "16.80", "0.00", "0.00", "16.80"),
        ("2014/15", "16.80", "0.00", "6.80", "10.00"),
    ]
    assert [str(each.carried_forward) for each in before] == ["29.40", "29.40"]


def test_englands_causes_are_paid_and_the_wholesalers_money_goes_to_the_trust_only(shared: SmallBank) -> None:
    england(shared, "percentages", {"youth": "25", "social-investment": "75"})
    direct_england(shared.maya, on=DAY, key="1")
    paid = pay_nation(
        shared.maya, nation="england", cause="youth", amount=pounds("125.85"), on=DAY, recipient="A foundation", key="2"
    )
    assert (paid.cause, shared.balance("distributor", "2100:youth")) == ("youth", "0.00")
    for nation, cause in (("england", None), ("england", "social-investment"), ("wales", "youth"), ("france", None)):
        with pytest.raises(BadTerms):
            pay_nation(
                shared.maya, nation=nation, cause=cause, amount=pounds("1.00"), on=DAY, recipient="Somebody", key="3"
            )


def test_a_direction_takes_two_people_and_a_source(small_bank: SmallBank) -> None:
    made = propose_direction(
        small_bank.maya, measure="percentages", shares={"youth": "100"}, from_on=DAY, source="A letter"
    )
    with pytest.raises(SamePerson):
        approve_direction(small_bank.maya, id=made.id)
    approve_direction(small_bank.tom, id=made.id)
    with pytest.raises(AlreadyApproved):
        approve_direction(small_bank.tom, id=made.id)
    with pytest.raises(NoSuchDirection):
        approve_direction(small_bank.tom, id="dir_none")
    with pytest.raises(BadTerms, match="source"):
        propose_direction(small_bank.maya, measure="percentages", shares={"youth": "100"}, from_on=DAY, source=" ")
    with small_bank.database.reading() as session:
        assert [each.approved_by for each in directions(session)] == [small_bank.tom.actor.id]


@pytest.mark.parametrize(
    ("measure", "shares"),
    [
        ("percentages", {"youth": "99.9"}),
        ("percentages", {"youth": "-1", "social-investment": "101"}),
        ("percentages", {"youth": "1e2"}),
        ("percentages", {"castles": "100"}),
        ("percentages", {"community-wealth-funds": "100"}),
        ("percentages", {}),
        ("amounts", {}),
        ("by-weight", {"youth": "1"}),
    ],
)
def test_what_is_no_direction_is_refused(measure: str, shares: dict[str, str]) -> None:
    with pytest.raises(BadDirection):
        sound_direction(measure, shares, DAY)


@given(amount=PENCE, weights=st.lists(st.integers(min_value=1, max_value=100), min_size=3, max_size=3))
def test_a_direction_shares_all_of_it_to_the_penny(amount: Money, weights: list[int]) -> None:
    causes = ("youth", "financial-inclusion", "social-investment")
    wanted = {cause: str(Money(weight * 10**12)) for cause, weight in zip(causes, weights, strict=True)}
    whole = min(amount, Money(sum(weights) * 10**12))
    shares = directed(whole, "amounts", wanted, {})
    assert Money.total(shares.values()) == whole
    assert all(NOTHING <= share <= Money.parse(wanted[cause]) for cause, share in shares.items())
    left = Money.parse(wanted["youth"]) - shares["youth"]
    rest = directed(left, "amounts", {"youth": wanted["youth"]}, shares)
    assert shares["youth"] + rest["youth"] == Money.parse(wanted["youth"])


def test_the_close_waits_for_a_pair_that_disagrees_in_any_book(received: SmallBank) -> None:
    distribute(received.maya, amount=pounds("10.00"), on=DAY, key="1")
    with received.database.reading() as session:
        before = known(session)
        assert pairs_that_disagree(session) == []
    half = (Posting("2100", pounds("5.00")), Posting("1000", -pounds("5.00")))
    post(received.maya, Entry("half", "reclaim-fund", DAY, "A payment that never came", half, pair="lost"))
    with received.database.reading() as session:
        found = {each.mirror: each for each in pairs_that_disagree(session)}
        assert pairs_that_disagree(session, before) == []
    assert {each.pair for each in found.values()} == {"lost"}
    assert (str(found["distribution"].difference), found["distribution"].books) == ("5.00", ("reclaim-fund",))
    received.at(date(2011, 11, 1))
    with pytest.raises(GatesFailed, match=r"linked pair lost differs by 5\.00 on distribution"):
        close(received.tom, quarter=Quarter.of(DAY), hard=True)
