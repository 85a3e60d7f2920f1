"""Dividends of the bank: only by an approved policy, only out of what is realised, and split to the penny."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bank.allocations.commands import approve_forecast, propose_forecast
from bank.capital.commands import subscribe_a_shares, subscribe_b_shares
from bank.capital.dividends.commands import (
    NoSuchDividendPolicy,
    approve_dividend_policy,
    pay_dividend,
    propose_dividend_policy,
)
from bank.capital.dividends.queries import DividendPolicyView, distributable, dividends
from bank.capital.dividends.rules import (
    DividendNotAllowed,
    Holding,
    NoDividendPolicy,
    bounds,
    most_within_caps,
    refuse_over_cap,
    reserve_of,
    shares_of,
)
from bank.capital.queries import TRUST
from bank.people.rules import SamePerson
from bank.stress.commands import approve_scenario, propose_scenario
from bank.stress.rules import BreachesStressPolicy
from bank.treasury.queries import headroom
from bank.treasury.rules import BadTerms
from ledger.agreeing import AlreadyApproved
from ledger.commands import close_quarter, post_many
from ledger.dates import Quarter
from ledger.entries import Entry, Posting
from ledger.money import NOTHING, Money
from ledger.queries import pairs_that_disagree
from tests.bank.journals import journal, table
from tests.bank.small_bank import SmallBank, pounds
from tests.bank.test_capital import england
from tests.bank.test_capital import journal as legs
from tests.bank.test_products import happens, signed

DAY, PAID = date(2012, 3, 20), date(2012, 5, 21)
PENCE = st.integers(0, 10**11).map(Money)
UP = st.integers(1, 10**12).map(Money)


@pytest.fixture
def earning(small_bank: SmallBank) -> SmallBank:
    """600,000 of A shares, 300,000 and 100,000 of B shares, 10,000.01 of interest earned, and a quarter closed."""
    small_bank.at(DAY)
    england(small_bank, "600000.00", DAY)
    subscribe_a_shares(small_bank.maya, amount=pounds("600000.00"), on=DAY, key="a")
    for holder, amount in (("Bank 1", "300000.00"), ("Bank 2", "100000.00")):
        subscribe_b_shares(small_bank.maya, holder=holder, amount=pounds(amount), on=DAY, key=holder)
    earn(small_bank, "10000.01", DAY)
    return small_bank


def earn(bank: SmallBank, amount: str, on: date) -> None:
    got = (Posting("1000", pounds(amount)), Posting("4000", -pounds(amount)))
    post_many(bank.maya, [Entry(bank.key(), "bank", on, "Interest received", got)])


def closed(bank: SmallBank) -> SmallBank:
    bank.at(PAID)
    with bank.maya.writing() as work:
        close_quarter(work, Quarter(2012, 1), hard=True)
    return bank


def policy(bank: SmallBank, **changed: Any) -> DividendPolicyView:
    """One that follows the policies before it, by a minute."""
    bank.clock.set(bank.clock.now() + timedelta(minutes=1))
    told: dict[str, Any] = {"part": Decimal(1), "classes": "AB", "from_on": DAY, "basis": "Articles, 30"}
    made = propose_dividend_policy(bank.maya, **(told | changed))
    return approve_dividend_policy(bank.tom, id=made.id)


def pay(bank: SmallBank, amount: str, on: date = PAID) -> Any:
    return pay_dividend(bank.maya, amount=pounds(amount), on=on, key=bank.key())


def test_a_dividend_is_paid_to_every_holder_by_what_is_paid_up_and_the_trust_has_its_part_in_its_book(
    earning: SmallBank,
) -> None:
    """Journal 32: reserves against cash, holder by holder; the A shares' part is a pair with the trust's book."""
    policy(closed(earning))
    done = pay(earning, "1000.01")
    with earning.database.reading() as session:
        assert journal(session, done.seqs) == table(
            """
            3200 1000 600.01
            3200 1000 300.00
            3200 1000 100.00
            """
        )
        assert journal(session, done.seqs, "trust") == table("1000 4100 600.01")
        assert pairs_that_disagree(session) == []
        assert dividends(session) == [done]
        assert str(headroom(session).cash) == "1009000.00"
        left = distributable(session)
    assert legs(earning, done.seqs)[:4] == [
        ("bank", "3200", "600.01"),
        ("bank", "1000", "-600.01"),
        ("trust", "1000", "600.01"),
        ("trust", "4100", "-600.01"),
    ]
    assert [(each.holder, each.share_class, str(each.amount)) for each in done.shares] == [
        (TRUST, "A", "600.01"),
        ("Bank 1", "B", "300.00"),
        ("Bank 2", "B", "100.00"),
    ]
    assert (str(done.reserve), done.accounts_to) == ("10000.01", date(2012, 3, 31))
    assert (str(left.reserve), str(left.payable), str(left.paid_this_year)) == ("9000.00", "9000.00", "1000.01")


def test_nothing_is_paid_without_a_policy_or_without_accounts(earning: SmallBank) -> None:
    with pytest.raises(NoDividendPolicy, match="No policy on dividends is approved"):
        pay(earning, "0.01", DAY)
    proposed = propose_dividend_policy(earning.maya, part=Decimal(1), classes="AB", from_on=DAY, basis="Articles")
    with pytest.raises(NoDividendPolicy):
        pay(earning, "0.01", DAY)
    with pytest.raises(SamePerson):
        approve_dividend_policy(earning.maya, id=proposed.id)
    approve_dividend_policy(earning.tom, id=proposed.id)
    with pytest.raises(AlreadyApproved):
        approve_dividend_policy(earning.tom, id=proposed.id)
    with pytest.raises(NoSuchDividendPolicy):
        approve_dividend_policy(earning.tom, id="dvp_none")
    with pytest.raises(DividendNotAllowed, match="No quarter is closed for good"):
        pay(earning, "0.01", DAY)
    policy(closed(earning), part=Decimal(0), from_on=PAID)
    with pytest.raises(DividendNotAllowed, match=r"0\.00 is"):
        pay(earning, "0.01")


def test_what_is_not_realised_is_not_distributed(earning: SmallBank) -> None:
    """Companies Act 2006, s.830: a fund's value, and what quasi-equity only is expected to bring, do not count."""
    fund = signed(earning, "fund-commitment")
    happens(earning, fund, "call", DAY, amount="400.00")
    happens(earning, fund, "revalue", DAY, value="900.00", source="Report")
    growth = signed(earning, "quasi-equity", cap="3000.00")
    happens(earning, growth, "buy", DAY, amount="1000.00")
    for flows in (((DAY + timedelta(days=365), "1100.00"),), ((DAY + timedelta(days=365), "2200.00"),)):
        told = propose_forecast(
            earning.maya,
            facility=growth.id,
            from_on=DAY + timedelta(days=len(flows) - 1),
            receive=tuple((day, pounds(amount)) for day, amount in flows),
            basis="Plan",
            key=earning.key(),
        )
        approve_forecast(earning.tom, id=told.id, key=earning.key())
        earning.at(DAY + timedelta(days=1))
    policy(closed(earning))
    with earning.database.reading() as session:
        now = distributable(session)
    assert (str(now.unrealised), str(now.realised)) == ("500.00", "10000.01")
    assert now.accumulated == now.realised + now.unrealised + now.expected
    with pytest.raises(DividendNotAllowed, match=r"500\.00 of it unrealised"):
        pay(earning, "10000.02")
    earn(earning, "50.00", PAID)
    with pytest.raises(DividendNotAllowed, match=r"10000\.01 is"):
        pay(earning, "10000.02")


def test_a_policy_keeps_a_part_some_reserve_some_liquidity_and_caps(earning: SmallBank) -> None:
    policy(closed(earning), part=Decimal("0.4"))
    pay(earning, "3000.00")
    with pytest.raises(DividendNotAllowed, match=r"1000\.00 is"):
        pay(earning, "1000.01")
    policy(earning, from_on=PAID, reserve_kept=pounds("6500.00"))
    with pytest.raises(DividendNotAllowed, match=r"by what is kept of the reserve 500\.01"):
        pay(earning, "500.02")
    policy(earning, from_on=PAID, liquidity_kept=pounds("1006900.00"))
    with pytest.raises(DividendNotAllowed, match=r"by what is kept liquid 100\.01 of 1007000\.01 free"):
        pay(earning, "100.02")
    policy(earning, from_on=PAID, classes="B", b_cap=Decimal("0.005"))
    with pytest.raises(DividendNotAllowed, match=r"2000\.00 in a financial year, 0\.005 of the 400000\.00 paid up"):
        pay(earning, "800.01")
    with earning.database.reading() as session:
        told = distributable(session, on=PAID)
    assert (str(told.by_caps), str(told.payable)) == ("800.00", "800.00")
    done = pay(earning, "800.00")
    assert [(each.holder, str(each.amount)) for each in done.shares] == [("Bank 1", "600.00"), ("Bank 2", "200.00")]


def test_a_dividend_that_would_breach_the_stress_policy_is_refused(earning: SmallBank) -> None:
    policy(closed(earning))
    made = propose_scenario(
        earning.maya,
        name="costs",
        claims_rate=Decimal(0),
        claims_interest=Decimal(0),
        receipts=NOTHING,
        drawn_over=4,
        repayment_shortfall=Decimal(0),
        treasury_rate=Decimal(0),
        costs=pounds("252000.00"),
        holds_for=4,
        from_on=DAY,
        basis="A minute",
    )
    approve_scenario(earning.tom, id=made.id)
    pay(earning, "2000.01")
    with pytest.raises(BreachesStressPolicy, match=r"0\.01 more cannot be paid"):
        pay(earning, "0.01")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"classes": "C"}, "say A, B or AB"),
        ({"classes": "A", "b_cap": Decimal("0.05")}, "take no part"),
        ({"part": Decimal("1.1")}, "fraction between 0 and 1"),
        ({"reserve_kept": Money(-1)}, "less than nothing"),
        ({"basis": " "}, "Say what the policy rests on"),
    ],
)
def test_a_policy_that_cannot_be_meant_is_refused(small_bank: SmallBank, changed: dict[str, Any], said: str) -> None:
    told: dict[str, Any] = {"part": Decimal(1), "classes": "AB", "from_on": DAY, "basis": "Articles"}
    with pytest.raises(BadTerms, match=said):
        propose_dividend_policy(small_bank.maya, **(told | changed))


@given(PENCE, st.lists(UP, min_size=1, max_size=6))
def test_the_parts_add_up_to_the_penny_and_none_is_a_penny_from_its_own(amount: Money, paid_up: list[Money]) -> None:
    held = [Holding("B", f"Bank {number}", up) for number, up in enumerate(paid_up)]
    parts = shares_of(amount, held)
    assert Money.total(part for _, part in parts) == amount
    whole = sum(up.pence for up in paid_up)
    for holding, part in parts:
        assert abs(part.pence - Fraction(amount.pence * holding.paid_up.pence, whole)) < 1


@given(PENCE, st.decimals(0, 1, places=3), st.lists(st.decimals(0, 1, places=2), max_size=5))
def test_many_small_dividends_of_a_year_come_to_no_more_than_the_part(
    reserve: Money, part: Decimal, pieces: list[Decimal]
) -> None:
    paid = NOTHING
    for piece in pieces:
        found = bounds(reserve - paid, paid, reserve, part=part, reserve_kept=NOTHING, liquidity_kept=NOTHING)
        paid += found.payable.times(piece)
        assert paid <= reserve.times(part)


BALANCES = st.lists(
    st.tuples(
        st.sampled_from(["1000", "1302:a", "1302:b", "1311:c", "1331:d", "3000", "3200", "4000:a", "4050:a", "5020:b"]),
        st.integers(-(10**9), 10**9).map(Money),
    ),
    max_size=10,
)


@given(BALANCES)
def test_no_more_is_distributable_than_the_net_assets_leave(balances: list[tuple[str, Money]]) -> None:
    """Section 831: net assets less share capital less the excess of unrealised profits over unrealised losses."""
    found = reserve_of(balances, {"1302", "1311"}, {"1331"})
    beyond = Money.total(amount for code, amount in balances if code.startswith(("1302", "1311")))
    assert found.realised <= found.accumulated - max(beyond, NOTHING)


@given(
    ups=st.lists(st.tuples(st.sampled_from("AB"), st.integers(1, 10**9).map(Money)), min_size=1, max_size=5),
    before=st.integers(0, 10**6).map(Money),
    cap=st.decimals("0.001", "0.999", places=3),
)
def test_what_is_payable_is_within_every_cap_and_a_pound_more_is_not(
    ups: list[tuple[str, Money]], before: Money, cap: Decimal
) -> None:
    holdings = [Holding(name, f"holder {number}", up) for number, (name, up) in enumerate(ups)]
    caps: dict[str, Decimal | None] = {"A": None, "B": cap}
    most = most_within_caps(holdings, {"B": before}, caps)
    if most is None:
        assert all(name == "A" for name, _ in ups)
        return
    if most:
        refuse_over_cap(shares_of(most, holdings), {"B": before}, caps)
    more = most + Money(100 * len(ups) * (10**9 // min(up.pence for _, up in ups) + 1))
    with pytest.raises(DividendNotAllowed, match="their cap"):
        refuse_over_cap(shares_of(more, holdings), {"B": before}, caps)
