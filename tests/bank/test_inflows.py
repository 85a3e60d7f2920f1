from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from bank.capital.commands import subscribe_a_shares, subscribe_b_shares
from bank.capital.queries import paid_in, subscriptions
from bank.inflows.claims.queries import reclaims
from bank.inflows.commands import (
    NoReserveRate,
    NoSuchParticipant,
    apportion,
    approve_reserve_rate,
    distribute,
    pay_england_to_trust,
    pay_reclaim,
    propose_reserve_rate,
    record_receipt,
)
from bank.inflows.queries import (
    InflowView,
    NoSuchInflow,
    apportionments,
    inflow,
    inflows,
    position,
    reserve_rate_in_force,
)
from bank.inflows.surplus import NotEnoughSurplus
from bank.people.rules import SamePerson
from bank.treasury.rules import BadTerms, NotEnoughCash
from ledger.dates import FinancialYear
from ledger.queries import entry, known, pairs_that_disagree, trial_balance
from ledger.refusals import BadCursor, NotAllowed
from ledger.store.keys import KeyReused
from tests.bank.journals import journal, legs, table
from tests.bank.small_bank import SmallBank, pounds

DAY = date(2011, 7, 4)


@pytest.fixture
def reserved(small_bank: SmallBank) -> SmallBank:
    rate = propose_reserve_rate(
        small_bank.maya, asset_class="bank-account", rate=Decimal("0.4"), from_on=DAY, basis="Actuary's letter"
    )
    approve_reserve_rate(small_bank.tom, id=rate.id)
    return small_bank


def received(small_bank: SmallBank, amount: str = "1000.00", **changed: object) -> InflowView:
    facts = {
        "participant": "An invented bank",
        "amount": pounds(amount),
        "consented_on": DAY,
        "received_on": DAY,
        "accounts": 12,
        "tracing_attested": True,
        "key": small_bank.key(),
    }
    return record_receipt(small_bank.maya, **(facts | changed))  # type: ignore[arg-type]


def test_1_and_2_a_receipt_is_income_with_a_reserve_and_an_obligation(reserved: SmallBank) -> None:
    view = received(reserved)
    with reserved.database.reading() as session:
        assert journal(session, view.seqs, "reclaim-fund") == table(
            """
            1000 4000 1000.00
            5000 2000  400.00
            9000 9099 1000.00
            """
        )
    assert str(view.reserve) == "400.00"
    assert view.participant_name == "An invented bank"
    assert [reserved.balance("reclaim-fund", code) for code in ("1000", "4000", "2000", "5000", "9000", "9099")] == [
        "1000.00",
        "-1000.00",
        "-400.00",
        "400.00",
        "1000.00",
        "-1000.00",
    ]


@pytest.mark.parametrize(
    ("scheme", "cash"), [("main", "1000.00"), ("alternative", "450.00"), ("alternative", "300.00")]
)
def test_2b_liability_first_would_leave_the_same_cash_provision_obligation_and_surplus(
    reserved: SmallBank, scheme: str, cash: str
) -> None:
    """Cash against the provision, all of it, then what the rate does not ask for released, or what lacks charged.

    The book follows income first, as decision 0010 says: income and charge both are greater by what is kept of the
    cash, and nothing else is another.
    """
    view = received(reserved, cash, scheme=scheme, whole_balance=pounds("1000.00"))
    posted: Counter[str] = Counter()
    with reserved.database.reading() as session:
        for seq in view.seqs:
            for leg in entry(session, seq).entry.postings:
                posted[leg.account.partition(":")[0]] += leg.amount.pence
    came, kept = view.amount.pence, view.reserve.pence
    assert kept == 400_00, "of the whole balance, whatever of it came"
    released, charged = max(came - kept, 0), max(kept - came, 0)
    otherwise = Counter({"1000": came, "2000": -came, "9000": 1000_00, "9099": -1000_00})
    otherwise.update({"2000": released, "4000": -released})
    otherwise.update({"5000": charged})
    otherwise.subtract({"2000": charged})
    alike = ("1000", "2000", "9000", "9099")
    assert [posted[code] for code in alike] == [otherwise[code] for code in alike]
    assert posted["4000"] + posted["5000"] == otherwise["4000"] + otherwise["5000"], "the surplus of the receipt"
    assert [otherwise[code] - posted[code] for code in ("4000", "5000")] == [min(came, kept), -min(came, kept)]


def test_without_an_approved_rate_nothing_is_received(small_bank: SmallBank) -> None:
    with pytest.raises(NoReserveRate, match="proposes a rate"):
        received(small_bank)
    rate = propose_reserve_rate(
        small_bank.maya, asset_class="bank-account", rate=Decimal("0.4"), from_on=DAY, basis="Actuary's letter"
    )
    with pytest.raises(NoReserveRate):
        received(small_bank)
    approve_reserve_rate(small_bank.tom, id=rate.id)
    assert str(received(small_bank).reserve) == "400.00"
    with pytest.raises(NoReserveRate, match="2011-07-03"):
        received(small_bank, received_on=date(2011, 7, 3), consented_on=date(2011, 7, 3))
    assert small_bank.balance("reclaim-fund", "1000") == "1000.00"


def test_a_rate_holds_from_its_day_and_what_was_reserved_stays(reserved: SmallBank) -> None:
    received(reserved)
    reserved.at(date(2011, 9, 1))
    later = propose_reserve_rate(
        reserved.tom,
        asset_class="bank-account",
        rate=Decimal("0.25"),
        from_on=date(2011, 9, 1),
        basis="A year of claims",
    )
    approve_reserve_rate(reserved.maya, id=later.id)
    assert str(received(reserved).reserve) == "400.00"
    assert str(received(reserved, received_on=date(2011, 9, 1)).reserve) == "250.00"
    with reserved.database.reading() as session:
        in_force = reserve_rate_in_force(session, "bank-account", date(2011, 8, 31))
    assert in_force is not None
    assert in_force.rate == Decimal("0.4")


def test_whoever_proposes_a_rate_does_not_approve_it(small_bank: SmallBank) -> None:
    rate = propose_reserve_rate(
        small_bank.maya, asset_class="bank-account", rate=Decimal("0.4"), from_on=DAY, basis="Actuary's letter"
    )
    with pytest.raises(SamePerson):
        approve_reserve_rate(small_bank.maya, id=rate.id)
    with pytest.raises(NotAllowed):
        approve_reserve_rate(small_bank.desks["iris"], id=rate.id)


def test_the_database_itself_refuses_a_proposer_as_approver(small_bank: SmallBank) -> None:
    rate = propose_reserve_rate(
        small_bank.maya, asset_class="bank-account", rate=Decimal("0.4"), from_on=DAY, basis="Actuary's letter"
    )
    maya, tom = small_bank.maya.actor.id, small_bank.tom.actor.id
    for proposed_by, approved_by in ((maya, maya), (tom, maya)):
        with pytest.raises(DBAPIError), small_bank.maya.writing() as work:
            work.session.execute(
                text(
                    "INSERT INTO reserve_rate_approval VALUES (:id, :proposed_by, :approved_by, '2011-07-04T09:00:00Z')"
                ),
                {"id": rate.id, "proposed_by": proposed_by, "approved_by": approved_by},
            )


@pytest.mark.parametrize("rate", ["-0.1", "1.1", "NaN", "Infinity", "0.1234567890123"])
def test_a_rate_is_a_fraction(small_bank: SmallBank, rate: str) -> None:
    with pytest.raises(BadTerms, match="fraction"):
        propose_reserve_rate(
            small_bank.maya, asset_class="bank-account", rate=Decimal(rate), from_on=DAY, basis="Actuary's letter"
        )


def test_the_same_receipt_sent_twice_is_one(reserved: SmallBank) -> None:
    first = received(reserved, key="once")
    assert received(reserved, key="once") == first
    with pytest.raises(KeyReused):
        received(reserved, "1000.01", key="once")
    assert reserved.balance("reclaim-fund", "1000") == "1000.00"


def test_under_the_alternative_scheme_cash_is_a_part_and_the_obligation_the_whole(reserved: SmallBank) -> None:
    view = received(reserved, "500.00", scheme="alternative", whole_balance=pounds("1250.00"))
    assert str(view.reserve) == "500.00"
    assert reserved.balance("reclaim-fund", "1000") == "500.00"
    assert reserved.balance("reclaim-fund", "9000") == "1250.00"


def test_3_a_receipt_under_the_alternative_scheme(reserved: SmallBank) -> None:
    view = received(reserved, "500.00", scheme="alternative", whole_balance=pounds("1000.00"))
    with reserved.database.reading() as session:
        assert journal(session, view.seqs, "reclaim-fund") == table(
            """
            1000 4000  500.00
            5000 2000  400.00
            9000 9099 1000.00
            """
        )


def test_7_what_a_year_brought_is_apportioned_among_the_nations(reserved: SmallBank) -> None:
    received(reserved)
    distributed(reserved)
    assert reserved.balance("distributor", "4000") == "-600.00"
    view = apportion(
        reserved.maya,
        amount=pounds("600.00"),
        on=DAY,
        distributor_expenses=pounds("60.00"),
        secretary_of_state_expenses=pounds("40.00"),
        key="7",
    )
    with reserved.database.reading() as session:
        assert legs(session, view.seqs, "distributor") == [
            "Dr 5100 500.00",
            "Cr 2100 419.50",
            "Cr 2110 24.50",
            "Cr 2120 42.00",
            "Cr 2130 14.00",
            "Dr 5000 60.00",
            "Cr 1000 60.00",
            "Dr 5010 40.00",
            "Cr 1000 40.00",
        ]
    assert reserved.balance("distributor", "4000") == "-600.00"
    spent = [reserved.balance("distributor", code) for code in ("5000", "5010", "5100")]
    assert spent == ["60.00", "40.00", "500.00"]


def test_money_cannot_be_received_tomorrow(reserved: SmallBank) -> None:
    with pytest.raises(BadTerms, match="today is 2011-07-04"):
        received(reserved, received_on=date(2011, 7, 5))


def test_a_claim_takes_the_provision_first_and_the_rest_is_charged(reserved: SmallBank) -> None:
    made = received(reserved)
    first = pay_reclaim(
        reserved.maya, inflow=made.id, principal=pounds("300.00"), interest=pounds("50.00"), paid_on=DAY, key="1"
    )
    assert (str(first.from_provision), str(first.beyond_provision)) == ("350.00", "0.00")
    second = pay_reclaim(reserved.maya, inflow=made.id, principal=pounds("100.00"), paid_on=DAY, key="2")
    assert (str(second.from_provision), str(second.beyond_provision)) == ("50.00", "50.00")
    assert reserved.balance("reclaim-fund", "2000") == "0.00"
    assert reserved.balance("reclaim-fund", "5000") == "450.00"
    assert reserved.balance("reclaim-fund", "9000") == "600.00"
    with reserved.database.reading() as session:
        assert str(position(session).reclaimed) == "450.00"
        assert [each.id for each in reclaims(session, inflow=made.id)] == [first.id, second.id]


def test_a_claim_may_exceed_what_was_transferred(reserved: SmallBank) -> None:
    small = received(reserved, "10.00")
    received(reserved, "1000.00")
    paid = pay_reclaim(
        reserved.maya, inflow=small.id, principal=pounds("10.00"), interest=pounds("25.00"), paid_on=DAY, key="1"
    )
    assert str(paid.paid) == "35.00"


def test_a_claim_beyond_the_funds_cash_is_refused(reserved: SmallBank) -> None:
    made = received(reserved, "10.00")
    with pytest.raises(NotEnoughCash, match=r"10\.00 to pay 10\.01"):
        pay_reclaim(reserved.maya, inflow=made.id, principal=pounds("10.01"), paid_on=DAY, key="1")


def test_a_claim_is_on_an_inflow_or_a_participant_that_is_there(reserved: SmallBank) -> None:
    received(reserved)
    pay_reclaim(reserved.maya, participant="An invented bank", principal=pounds("1.00"), paid_on=DAY, key="1")
    with pytest.raises(NoSuchParticipant):
        pay_reclaim(reserved.maya, participant="Nobody", principal=pounds("1.00"), paid_on=DAY, key="2")
    with pytest.raises(NoSuchInflow):
        pay_reclaim(reserved.maya, inflow="inf_none", principal=pounds("1.00"), paid_on=DAY, key="3")
    with pytest.raises(BadTerms, match="one of them"):
        pay_reclaim(reserved.maya, principal=pounds("1.00"), paid_on=DAY, key="4")


def test_only_surplus_is_passed_on(reserved: SmallBank) -> None:
    received(reserved)
    with pytest.raises(NotEnoughSurplus, match=r"600\.00"):
        distribute(reserved.maya, amount=pounds("600.01"), on=DAY, key="1")
    made = distribute(reserved.maya, amount=pounds("600.00"), on=DAY, key="2")
    assert len(made.seqs) == 3
    assert reserved.balance("distributor", "4000") == "-600.00"
    with reserved.database.reading() as session:
        assert pairs_that_disagree(session) == []


def test_money_dated_back_does_not_pass_on_what_was_not_there_yet(reserved: SmallBank) -> None:
    reserved.at(date(2011, 7, 20))
    received(reserved, received_on=date(2011, 7, 20))
    with pytest.raises(NotEnoughSurplus):
        distribute(reserved.maya, amount=pounds("1.00"), on=date(2011, 7, 19), key="1")


def distributed(small_bank: SmallBank, amount: str = "600.00", on: date = DAY) -> None:
    distribute(small_bank.maya, amount=pounds(amount), on=on, key=small_bank.key())


def test_the_nations_shares_follow_the_expenses(reserved: SmallBank) -> None:
    received(reserved)
    distributed(reserved)
    view = apportion(
        reserved.maya,
        amount=pounds("600.00"),
        on=DAY,
        distributor_expenses=pounds("2.00"),
        secretary_of_state_expenses=pounds("0.99"),
        key="1",
    )
    assert str(view.apportioned) == "597.01"
    assert [str(each) for each in (view.england, view.wales, view.scotland, view.northern_ireland)] == [
        "500.89",
        "29.25",
        "50.15",
        "16.72",
    ]
    assert reserved.balance("distributor", "1000") == "597.01"
    assert reserved.balance("distributor", "5000") == "2.00"
    with reserved.database.reading() as session:
        now = position(session)
        assert [each.id for each in apportionments(session)] == [view.id]
    assert (str(now.apportioned), str(now.expenses), str(now.held.england)) == ("597.01", "2.99", "500.89")


def test_no_more_is_apportioned_than_came(reserved: SmallBank) -> None:
    received(reserved)
    distributed(reserved)
    apportion(reserved.maya, amount=pounds("400.00"), on=DAY, key="1")
    with pytest.raises(NotEnoughCash, match=r"200\.00 is not apportioned yet"):
        apportion(reserved.maya, amount=pounds("200.01"), on=DAY, key="2")


def test_nothing_is_apportioned_nor_spent_before_the_day_on_which_it_came(reserved: SmallBank) -> None:
    received(reserved, "10000.00")
    distributed(reserved, "1000.00")
    before = DAY - timedelta(days=1)
    with pytest.raises(NotEnoughCash, match=rf"by {before}, 0\.00 is not"):
        apportion(reserved.maya, amount=pounds("600.00"), on=before, key="1")
    apportion(reserved.maya, amount=pounds("400.00"), on=DAY, key="2")
    year = apportion(reserved.maya, financial_year=FinancialYear(2011), on=DAY, key="3")
    assert str(year.amount) == "600.00"  # what was shared without naming the year is not shared again
    assert reserved.balance("distributor", "5100") == "1000.00"


def test_a_financial_year_is_apportioned_once_and_its_late_money_again(reserved: SmallBank) -> None:
    received(reserved, "10000.00")
    distributed(reserved, "1000.00")
    year = FinancialYear(2011)
    assert str(apportion(reserved.maya, financial_year=year, on=DAY, key="1").amount) == "1000.00"
    with pytest.raises(BadTerms, match="more than nothing"):
        apportion(reserved.maya, financial_year=year, on=DAY, key="2")
    reserved.at(date(2012, 4, 2))
    distributed(reserved, "500.00", on=date(2012, 4, 2))
    distributed(reserved, "70.00", on=date(2012, 3, 31))
    assert str(apportion(reserved.maya, financial_year=year, on=date(2012, 4, 2), key="3").amount) == "70.00"
    view = apportion(reserved.maya, financial_year=FinancialYear(2012), on=date(2012, 4, 2), key="4")
    assert (view.financial_year, str(view.amount)) == ("2012/13", "500.00")


def test_8_englands_money_becomes_a_shares(reserved: SmallBank) -> None:
    received(reserved, "10000.00")
    distributed(reserved, "1000.00")
    apportion(reserved.maya, amount=pounds("1000.00"), on=DAY, key="1")
    with pytest.raises(NotEnoughCash, match=r"839\.00 is held for England"):
        pay_england_to_trust(reserved.maya, amount=pounds("839.01"), on=DAY, key="2")
    passed = pay_england_to_trust(reserved.maya, amount=pounds("839.00"), on=DAY, key="3")
    with pytest.raises(NotEnoughCash, match="The trust has"):
        subscribe_a_shares(reserved.maya, amount=pounds("839.01"), on=DAY, key="4")
    a_shares = subscribe_a_shares(reserved.maya, amount=pounds("800.00"), on=DAY, key="5")
    b_shares = subscribe_b_shares(reserved.maya, holder="A merchant bank", amount=pounds("200.00"), on=DAY, key="6")
    with reserved.database.reading() as session:
        paid = paid_in(session)
        assert journal(session, passed.seqs, "distributor") == table("2100 1000 839.00")
        assert journal(session, passed.seqs, "trust") == table("1000 4000 839.00")
        assert journal(session, a_shares.seqs, "trust") == table("1300 1000 800.00")
        assert journal(session, a_shares.seqs, "bank") == table("1000 3000 800.00")
        assert pairs_that_disagree(session) == []
        assert [each.id for each in subscriptions(session)] == [a_shares.id, b_shares.id]
        for book in ("reclaim-fund", "distributor", "trust", "bank"):
            found = trial_balance(session, book)
            assert found.total_debit == found.total_credit
    assert (str(paid.a_shares), str(paid.b_shares), str(paid.total)) == ("800.00", "200.00", "1000.00")
    assert reserved.balance("trust", "1000") == "39.00"


def test_what_was_known_then_stays_what_was_known_then(reserved: SmallBank) -> None:
    received(reserved)
    with reserved.database.reading() as session:
        before = known(session)
    reserved.at(date(2011, 7, 5))
    received(reserved, "5.00")
    with reserved.database.reading() as session:
        assert str(position(session, at=before).received) == "1000.00"
        assert str(position(session).received) == "1005.00"
        assert len(inflows(session, at=before).items) == 1


def test_inflows_are_paged_in_the_order_they_came(reserved: SmallBank) -> None:
    made = [received(reserved, f"{pence}.00").id for pence in range(1, 6)]
    with reserved.database.reading() as session:
        first = inflows(session, limit=2)
        second = inflows(session, limit=2, cursor=first.next_cursor)
        last = inflows(session, limit=2, cursor=second.next_cursor)
        assert inflow(session, made[0]) == first.items[0]
        with pytest.raises(BadCursor):
            inflows(session, cursor="1 OR 1=1")
    assert [each.id for page in (first, second, last) for each in page.items] == made
    assert last.next_cursor is None


@pytest.mark.parametrize("name", ["ada", "iris"])
def test_only_fund_managers_move_dormant_money(reserved: SmallBank, name: str) -> None:
    desk = reserved.desks[name]
    for act in (
        lambda: distribute(desk, amount=pounds("1.00"), on=DAY, key="1"),
        lambda: apportion(desk, amount=pounds("1.00"), on=DAY, key="1"),
        lambda: pay_england_to_trust(desk, amount=pounds("1.00"), on=DAY, key="1"),
        lambda: subscribe_a_shares(desk, amount=pounds("1.00"), on=DAY, key="1"),
        lambda: subscribe_b_shares(desk, holder="X", amount=pounds("1.00"), on=DAY, key="1"),
        lambda: pay_reclaim(desk, participant="X", principal=pounds("1.00"), paid_on=DAY, key="1"),
    ):
        with pytest.raises(NotAllowed):
            act()
