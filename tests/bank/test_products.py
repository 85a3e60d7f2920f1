"""Each product's life in the journals of the accounting plan: what happens, the table that is posted, what is left."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from bank.allocations.commands import draw_down, lapse, record_event, repay
from bank.allocations.products.queries import PositionView, position
from bank.allocations.products.queries import journal as shown_journal
from bank.allocations.products.registry import FACILITY_PRODUCT, PRODUCTS, VERBS
from bank.allocations.products.rules import NotOfThisProduct
from bank.allocations.products.shape import BeyondTerms
from bank.allocations.queries import FacilityView, facility
from bank.allocations.rules import OutsideAvailability, WrongState
from bank.quarters.queries import gates
from bank.treasury.queries import headroom
from bank.treasury.rules import BadTerms, NotEnoughHeadroom
from ledger.chart import INTERMEDIARY
from ledger.commands import close_quarter, open_book, open_house
from ledger.dates import Quarter
from ledger.queries import accounts, entry, pairs_that_disagree, trial_balance
from tests.bank.journals import journal, table
from tests.bank.small_bank import SmallBank, pounds

START = date(2012, 1, 10)
TERMS: dict[str, dict[str, str]] = {
    "senior-loan": {},
    "subordinated-loan": {"first_loss": "0.2"},
    "fund-commitment": {"fees_inside": "cost", "recallable_cap": "0.2"},
    "equity": {"share_class": "Ordinary shares of one pound"},
    "charity-bond": {"coupon_months": "6"},
    "quasi-equity": {"income_share": "0.02", "cap": "1500.00", "principal_part": "0.8"},
    "property-fund-interest": {"fees_inside": "expense", "value_basis": "accounts"},
    "outcomes-contract": {"commissioner": "A borough", "unit_price": "150.00", "payment_cap": "1300.00"},
    "blended-loan": {"grantor": "A foundation", "grant_amount": "400.00", "grant_kind": "C"},
    "guarantee": {"covers": "0.5", "fee_is": "kept"},
}


@pytest.fixture
def lending(small_bank: SmallBank) -> SmallBank:
    small_bank.at(START)
    small_bank.capital("1000000.00")
    return small_bank


def signed(bank: SmallBank, product: str, amount: str = "1000.00", **changed: str) -> FacilityView:
    earns = PRODUCTS[product].earns
    return bank.signed(
        bank.lender(f"A lender for {product}"),
        amount,
        product=product,
        annual_rate=Decimal("0.05" if earns else "0"),
        product_terms=TERMS[product] | changed,
    )


def happens(bank: SmallBank, made: FacilityView, verb: str, on: date = START, **told: str) -> PositionView:
    return record_event(bank.maya, facility=made.id, verb=verb, on=on, told=told, key=bank.key())


def posts(bank: SmallBank, seen: PositionView, expected: str, theirs: str = "") -> None:
    """The journal of the last event, ours and the partner's; and all books still hold."""
    own = [event for event in seen.events if event.verb != "set-right"]
    last = seen.events[seen.events.index(own[-1]) :]
    seqs = [seq for event in last for seq in event.seqs]
    with bank.database.reading() as session:
        assert journal(session, seqs) == table(expected)
        assert journal(session, seqs, seen.intermediary) == table(theirs)
        assert pairs_that_disagree(session) == []
        memo = [
            line.debit.pence - line.credit.pence
            for line in trial_balance(session, "bank").accounts
            if line.code.startswith("9")
        ]
        assert sum(memo) == 0
        assert [gate for gate in gates(session, Quarter.of(bank.clock.now().date())) if gate.gate == "memorandum"] == []


def figures(seen: PositionView, *codes: str) -> list[str]:
    known = {one.code: str(one.amount) for one in seen.figures}
    return [known[code] for code in codes]


def test_a_fund_is_called_and_distributes(lending: SmallBank) -> None:
    made = signed(lending, "fund-commitment")
    assert lending.balance("bank", f"9130:{made.id}") == "1000.00"
    assert lending.balance("bank", f"9100:{made.id}") == "0.00"
    called = happens(lending, made, "call", amount="400.00", fees_inside="20.00", fees_outside="5.00")
    posts(
        lending,
        called,
        """
        1301 1000 400.00
        1301 1000  20.00
        5110 1000   5.00
        9199 9130 420.00
        """,
        """
        1000 2100 400.00
        5300 2100  20.00
        """,
    )
    shared = happens(lending, made, "distribute", capital="120.00", income="8.00", gain="22.00", recallable="50.00")
    posts(
        lending,
        shared,
        """
        1000 1301 120.00
        1000 4030   8.00
        1000 4040  22.00
        9130 9199  50.00
        """,
        """
        2100 1000 120.00
        5200 1000   8.00
        5200 1000  22.00
        """,
    )
    assert figures(shared, "called", "uncalled", "recallable", "capital_returned", "income", "gains", "cost") == [
        "420.00",
        "630.00",
        "50.00",
        "120.00",
        "8.00",
        "22.00",
        "300.00",
    ]
    shown = lending.facility(made.id)
    assert [str(shown.figures.drawn), str(shown.figures.undrawn), str(shown.figures.outstanding)] == [
        "420.00",
        "630.00",
        "300.00",
    ]


def test_recalled_money_is_called_again_and_the_commitment_never_passed(lending: SmallBank) -> None:
    made = signed(lending, "fund-commitment")
    happens(lending, made, "call", amount="1000.00")
    with pytest.raises(BeyondTerms, match="uncalled"):
        happens(lending, made, "call", amount="0.01")
    happens(lending, made, "distribute", capital="300.00", recallable="200.00")
    with pytest.raises(BeyondTerms, match="called again"):
        happens(lending, made, "distribute", capital="100.00", recallable="0.01")
    again = happens(lending, made, "call", amount="200.00")
    assert figures(again, "called", "uncalled", "cost") == ["1200.00", "0.00", "900.00"]
    assert lending.facility(made.id).state == "drawing"


def test_no_more_may_be_called_again_than_was_called(lending: SmallBank) -> None:
    made = signed(lending, "fund-commitment", recallable_cap="1")
    happens(lending, made, "call", amount="100.00")
    happens(lending, made, "distribute", income="150.00", recallable="60.00")
    with pytest.raises(BeyondTerms, match=r"50\.00 is more than .* called and not restored, which is 40\.00"):
        happens(lending, made, "distribute", income="150.00", recallable="50.00")
    assert figures(happens(lending, made, "distribute", gain="40.00", recallable="40.00"), "uncalled") == ["1000.00"]


def test_fees_inside_the_commitment_may_be_an_expense(lending: SmallBank) -> None:
    made = signed(lending, "property-fund-interest")
    called = happens(lending, made, "call", amount="900.00", fees_inside="100.00")
    posts(
        lending,
        called,
        """
        1303 1000 900.00
        5110 1000 100.00
        9199 9130 900.00
        9199 9130 100.00
        """,
        "1000 2100 900.00",
    )
    assert figures(called, "uncalled", "fees", "cost") == ["0.00", "100.00", "900.00"]
    with pytest.raises(BeyondTerms):
        happens(lending, made, "call", amount="0.01")
    rent = happens(lending, made, "distribute", income="12.00")
    posts(lending, rent, "1000 4030 12.00", "5200 1000 12.00")
    valued = happens(lending, made, "revalue", value="950.00", source="Valuer's letter")
    posts(lending, valued, "1304 4050 50.00")
    assert (str(valued.value), valued.value_is, valued.value_source) == ("950.00", "told", "Valuer's letter")


def test_a_value_is_taken_up_and_rolled_and_goes_stale(lending: SmallBank) -> None:
    made = signed(lending, "fund-commitment")
    happens(lending, made, "call", amount="400.00")
    up = happens(lending, made, "revalue", value="430.00", source="Report of the first quarter")
    posts(lending, up, "1302 4050 30.00")
    lending.at(START + timedelta(days=30))
    down = happens(lending, made, "revalue", on=START + timedelta(days=30), value="380.00", source="Second report")
    posts(lending, down, "5020 1302 50.00")
    assert figures(down, "cost", "unrealised") == ["400.00", "-20.00"]
    later = START + timedelta(days=60)
    lending.at(later)
    rolled = happens(lending, made, "call", on=later, amount="100.00")
    assert (str(rolled.value), rolled.value_is) == ("480.00", "rolled")
    lending.at(START + timedelta(days=30 + 93))
    with lending.database.reading() as session:
        assert position(session, made.id).value_is == "stale"
        assert position(session, made.id, as_at=START + timedelta(days=30)).value_is == "told"
        assert position(session, made.id, as_at=START + timedelta(days=20)).value == pounds("430.00")


def test_a_gain_that_was_unrealised_is_realised_by_its_distribution(lending: SmallBank) -> None:
    made = signed(lending, "fund-commitment")
    happens(lending, made, "call", amount="400.00")
    happens(lending, made, "revalue", value="430.00", source="Report")
    lending.at(START + timedelta(days=1))
    shared = happens(lending, made, "distribute", on=START + timedelta(days=1), capital="100.00", gain="40.00")
    posts(
        lending,
        shared,
        """
        1000 1301 100.00
        1000 4040  40.00
        4050 1302  30.00
        """,
        """
        2100 1000 100.00
        5200 1000  40.00
        """,
    )
    assert str(shared.value) == "300.00"


def test_a_late_call_and_a_late_value_come_to_the_same_in_either_order(lending: SmallBank) -> None:
    first, second = signed(lending, "fund-commitment"), signed(lending, "property-fund-interest")
    lending.at(START + timedelta(days=80))
    early, late = START + timedelta(days=10), START + timedelta(days=40)
    happens(lending, first, "call", on=early, amount="300.00")
    happens(lending, first, "revalue", on=early, value="310.00", source="a")
    happens(lending, first, "call", on=early, amount="100.00")
    one = happens(lending, first, "revalue", on=late, value="500.00", source="b")
    happens(lending, second, "call", on=early, amount="100.00")
    happens(lending, second, "revalue", on=late, value="500.00", source="b")
    happens(lending, second, "call", on=early, amount="300.00")
    other = happens(lending, second, "revalue", on=early, value="310.00", source="a")
    assert (str(one.value), one.valued_on) == (str(other.value), other.valued_on) == ("500.00", late)
    with lending.database.reading() as session:
        for made in (first, second):
            assert str(position(session, made.id, as_at=early).value) == "310.00"
        assert pairs_that_disagree(session) == []


def test_what_is_learnt_after_the_close_is_entered_in_the_open_quarter(lending: SmallBank) -> None:
    made = signed(lending, "fund-commitment")
    happens(lending, made, "call", amount="400.00")
    lending.at(date(2012, 5, 20))
    with lending.maya.writing() as work:
        close_quarter(work, Quarter(2012, 1), hard=True)
    seen = happens(lending, made, "revalue", on=date(2012, 3, 31), value="450.00", source="Late report")
    set_right = seen.events[-1]
    assert (set_right.on, set_right.entered_on) == (date(2012, 3, 31), date(2012, 4, 1))
    with lending.database.reading() as session:
        assert entry(session, set_right.seqs[0]).entry.original_effective_on == date(2012, 3, 31)
        assert str(position(session, made.id, as_at=date(2012, 3, 31)).value) == "400.00"
    again = happens(lending, made, "revalue", on=date(2012, 3, 31), value="450.00", source="The same once more")
    assert str(again.value) == "450.00"
    assert [event.verb for event in again.events[-2:]] == ["set-right", "revalue"]


def test_a_soft_closed_quarter_takes_no_payment_of_a_product(lending: SmallBank) -> None:
    made = signed(lending, "fund-commitment")
    lending.at(date(2012, 4, 20))
    with lending.maya.writing() as work:
        close_quarter(work, Quarter(2012, 1), hard=False)
    seen = happens(lending, made, "call", on=date(2012, 3, 30), amount="400.00")
    assert seen.events[-1].entered_on == date(2012, 4, 1)


def test_shares_pay_dividends_and_are_sold_at_a_gain_and_at_a_loss(lending: SmallBank) -> None:
    made = signed(lending, "equity")
    bought = happens(lending, made, "buy", amount="1000.00", units="1000")
    posts(
        lending,
        bought,
        """
        1310 1000 1000.00
        9199 9100 1000.00
        """,
        "1400 2110 1000.00",
    )
    posts(lending, happens(lending, made, "take-dividend", amount="30.00"), "1000 4020 30.00")
    posts(lending, happens(lending, made, "revalue", value="1200.00", source="Last round"), "1311 4050 200.00")
    later = START + timedelta(days=1)
    lending.at(later)
    gained = happens(lending, made, "sell", on=later, proceeds="650.00", cost="500.00")
    posts(
        lending,
        gained,
        """
        1000 1310 500.00
        1000 4040 150.00
        4050 1311 100.00
        """,
        "2110 1400 500.00",
    )
    assert str(gained.value) == "600.00"
    ended = happens(lending, made, "sell", on=later, proceeds="450.00", cost="500.00")
    posts(
        lending,
        ended,
        """
        1000 1310 450.00
        5010 1310  50.00
        4050 1311 100.00
        """,
        """
        2110 1400 450.00
        2110 4200  50.00
        """,
    )
    assert (str(ended.value), ended.state) == ("0.00", "written-off")
    assert figures(ended, "dividends", "gains", "lost", "cost", "unrealised") == [
        "30.00",
        "150.00",
        "50.00",
        "0.00",
        "0.00",
    ]


def test_a_bond_pays_coupons_that_have_accrued_and_is_marked_and_redeemed(lending: SmallBank) -> None:
    made = signed(lending, "charity-bond")
    posts(
        lending,
        happens(lending, made, "buy", amount="1000.00"),
        """
        1320 1000 1000.00
        9199 9100 1000.00
        """,
        "1000 2100 1000.00",
    )
    due = START + timedelta(days=73)
    lending.at(due)
    with pytest.raises(BeyondTerms, match=r"10\.01 is more than the interest accrued, which is 10\.00"):
        happens(lending, made, "take-coupon", on=due, amount="10.01")
    posts(lending, happens(lending, made, "take-coupon", on=due, amount="10.00"), "1000 1210 10.00", "5200 1000 10.00")
    marked = happens(lending, made, "price", on=due, per_hundred="98.5", source="The market maker")
    posts(lending, marked, "5020 1321 15.00")
    assert str(marked.value) == "985.00"
    end = due + timedelta(days=1)
    lending.at(end)
    redeemed = happens(lending, made, "redeem", on=end, face="1000.00")
    posts(
        lending,
        redeemed,
        """
        1000 1320 1000.00
        1321 5020   15.00
        """,
        "2100 1000 1000.00",
    )
    assert (str(redeemed.value), redeemed.state) == ("0.00", "repaid")


def test_a_bond_that_was_marked_down_is_lost_once(lending: SmallBank) -> None:
    made = signed(lending, "charity-bond")
    happens(lending, made, "buy", amount="1000.00")
    happens(lending, made, "price", per_hundred="50", source="The market maker")
    later = START + timedelta(days=1)
    lending.at(later)
    redeemed = happens(lending, made, "redeem", on=later, face="800.00")
    posts(
        lending,
        redeemed,
        """
        1000 1320 800.00
        1321 5020 400.00
        """,
        "2100 1000 800.00",
    )
    gone = happens(lending, made, "lose", on=later, amount="200.00", reason="The charity was wound up")
    posts(
        lending,
        gone,
        """
        5010 1320 200.00
        1321 5020 100.00
        5010 1210   0.14
        """,
        "2100 4200 200.00",
    )
    assert (str(gone.value), figures(gone, "cost", "unrealised")) == ("0.00", ["0.00", "0.00"])
    assert lending.balance("bank", f"5020:{made.id}") == "0.00"


def test_with_the_last_of_a_bond_its_accrued_coupon_is_lost_and_what_comes_back_is_a_recovery(
    lending: SmallBank,
) -> None:
    made = signed(lending, "charity-bond")
    happens(lending, made, "buy", amount="1000.00")
    later = START + timedelta(days=73)
    lending.at(later)
    posts(
        lending,
        happens(lending, made, "lose", on=later, amount="400.00", reason="Half of them"),
        "5010 1320 400.00",
        "2100 4200 400.00",
    )
    assert lending.balance("bank", f"1210:{made.id}") == "10.00"
    gone = happens(lending, made, "lose", on=later, amount="600.00", reason="The charity was wound up")
    posts(
        lending,
        gone,
        """
        5010 1320 600.00
        5010 1210  10.00
        """,
        "2100 4200 600.00",
    )
    assert figures(gone, "coupons_due", "coupons_lost") == ["0.00", "10.00"]
    end = later + timedelta(days=30)
    lending.at(end)
    with pytest.raises(BeyondTerms, match=r"1000\.00 of face value was lost by .* all but 1000\.00 of it is recovered"):
        happens(lending, made, "recover-bond", on=end, amount="1000.01")
    back = happens(lending, made, "recover-bond", on=end, amount="300.00")
    posts(lending, back, "1000 4060 300.00", "5210 1000 300.00")
    assert str(lending.facility(made.id).figures.recovered) == "300.00"
    with pytest.raises(BeyondTerms, match=r"all but 700\.00 of it"):
        happens(lending, made, "recover-bond", on=end, amount="700.01")
    with pytest.raises(BeyondTerms, match=f"No bond of it was lost by {START}"):
        happens(lending, made, "recover-bond", on=START, amount="0.01")
    assert lending.balance("bank", f"1210:{made.id}") == "0.00"


def test_a_fund_that_pays_back_more_than_it_was_worth_is_worth_nothing_and_not_less(lending: SmallBank) -> None:
    made = signed(lending, "fund-commitment")
    happens(lending, made, "call", amount="900.00")
    happens(lending, made, "revalue", value="300.00", source="Report")
    later = START + timedelta(days=1)
    lending.at(later)
    shared = happens(lending, made, "distribute", on=later, capital="400.00")
    posts(
        lending,
        shared,
        """
        1000 1301 400.00
        1302 5020 100.00
        """,
        "2100 1000 400.00",
    )
    assert (str(shared.value), figures(shared, "cost", "unrealised")) == ("0.00", ["500.00", "-500.00"])


def test_a_late_value_bears_on_what_was_sold_since(lending: SmallBank) -> None:
    first = signed(lending, "equity")
    terms = {"product": "equity", "annual_rate": Decimal(0), "product_terms": TERMS["equity"]}
    second = lending.signed(first.intermediary, "1000.00", **terms)
    valued_on, sold_on = START + timedelta(days=5), START + timedelta(days=20)
    lending.at(sold_on)
    for made in (first, second):
        happens(lending, made, "buy", amount="1000.00")
    told = {"value": "1.00", "source": "Winding up"}
    happens(lending, first, "revalue", on=valued_on, **told)
    one = happens(lending, first, "sell", on=sold_on, proceeds="600.00", cost="500.00")
    happens(lending, second, "sell", on=sold_on, proceeds="600.00", cost="500.00")
    other = happens(lending, second, "revalue", on=valued_on, **told)
    assert figures(one, "cost", "unrealised", "gains") == figures(other, "cost", "unrealised", "gains")
    assert str(one.value) == str(other.value) == "0.50"
    for account in ("5020", "4050", "4040"):
        assert lending.balance("bank", f"{account}:{first.id}") == lending.balance("bank", f"{account}:{second.id}")


def test_quasi_equity_pays_its_share_up_to_its_cap(lending: SmallBank) -> None:
    made = signed(lending, "quasi-equity")
    happens(lending, made, "buy", amount="1000.00")
    with pytest.raises(BeyondTerms, match="share of all income so far"):
        happens(lending, made, "take-share", income="40000.00", amount="800.01")
    posts(
        lending,
        happens(lending, made, "take-share", income="40000.00", amount="800.00"),
        """
        1000 1330 640.00
        1000 4000 160.00
        """,
        "2110 1400 640.00",
    )
    last = happens(lending, made, "take-share", income="40000.00", amount="700.00")
    posts(
        lending,
        last,
        """
        1000 1330 360.00
        1000 4000 340.00
        """,
        "2110 1400 360.00",
    )
    assert (last.state, figures(last, "capital_returned", "income", "cost")) == (
        "repaid",
        ["1000.00", "500.00", "0.00"],
    )
    with pytest.raises(BeyondTerms, match="up to the cap"):
        happens(lending, made, "take-share", income="40000.00", amount="0.01")


def test_a_guarantee_is_issued_called_recovered_and_released(lending: SmallBank) -> None:
    made = signed(lending, "guarantee")
    issued = happens(lending, made, "issue", amount="600.00", beneficiary="A lender")
    posts(
        lending,
        issued,
        """
        9120 9199 600.00
        9199 9100 600.00
        """,
    )
    happens(lending, made, "issue", amount="400.00")
    with lending.database.reading() as session:
        assert str(headroom(session).undrawn_commitments) == "1000.00"
    posts(lending, happens(lending, made, "take-guarantee-fee", amount="30.00"), "1000 2200 30.00")
    with pytest.raises(BeyondTerms, match="part of that loss"):
        happens(lending, made, "pay-claim", loss="400.00", amount="200.01")
    called = happens(lending, made, "pay-claim", loss="400.00", amount="200.00", recoverable="50.00")
    posts(
        lending,
        called,
        """
        2200 1000  30.00
        5030 1000 170.00
        1510 5030  50.00
        9199 9120 200.00
        """,
        "1400 2110 50.00",
    )
    back = happens(lending, made, "recover-claim", amount="60.00")
    posts(
        lending,
        back,
        """
        1000 1510 50.00
        1000 5030 10.00
        """,
        "2110 1400 50.00",
    )
    with pytest.raises(BeyondTerms, match="has not come back"):
        happens(lending, made, "recover-claim", amount="140.01")
    happens(lending, made, "take-guarantee-fee", amount="12.00")
    ended = happens(lending, made, "release", amount="800.00")
    posts(
        lending,
        ended,
        """
        9199 9120 800.00
        2200 4010  12.00
        """,
    )
    assert ended.state == "written-off"
    assert figures(ended, "issued", "outstanding", "called", "claims", "recovered", "fee_earned", "loss") == [
        "1000.00",
        "0.00",
        "200.00",
        "0.00",
        "50.00",
        "12.00",
        "110.00",
    ]


def test_nothing_comes_back_on_a_guarantee_before_it_was_paid(lending: SmallBank) -> None:
    made = signed(lending, "guarantee")
    happens(lending, made, "issue", amount="1000.00")
    first, second = START + timedelta(days=20), START + timedelta(days=40)
    lending.at(second)
    with pytest.raises(BeyondTerms, match=r"has not come back, which is 0\.00"):
        happens(lending, made, "recover-claim", on=first, amount="0.01")
    for day, amount in ((first, "200.00"), (second, "300.00")):
        happens(lending, made, "pay-claim", on=day, loss="600.00", amount=amount)
    early = first - timedelta(days=1)
    with pytest.raises(BadTerms, match=f"{early} is too early: the first claim was paid on {first}"):
        happens(lending, made, "recover-claim", on=early, amount="200.00")
    with pytest.raises(BeyondTerms, match=f"paid by {first} and has not come back, which is 200.00"):
        happens(lending, made, "recover-claim", on=first, amount="200.01")
    back = happens(lending, made, "recover-claim", on=first, amount="200.00")
    posts(lending, back, "1000 5030 200.00")


def test_a_fee_is_earned_at_once_when_nothing_is_left_to_guarantee(lending: SmallBank) -> None:
    made = signed(lending, "guarantee")
    happens(lending, made, "issue", amount="1000.00")
    happens(lending, made, "release", amount="1000.00")
    late = happens(lending, made, "take-guarantee-fee", amount="12.00")
    posts(lending, late, "1000 4010 12.00")
    assert figures(late, "fee_kept", "fee_earned") == ["0.00", "12.00"]


def test_what_a_last_call_leaves_of_the_fee_is_earned(lending: SmallBank) -> None:
    made = signed(lending, "guarantee")
    happens(lending, made, "issue", amount="1000.00")
    happens(lending, made, "take-guarantee-fee", amount="1030.00")
    called = happens(lending, made, "pay-claim", loss="2000.00", amount="1000.00")
    posts(
        lending,
        called,
        """
        2200 1000 1000.00
        9199 9120 1000.00
        2200 4010   30.00
        """,
    )


def test_a_fee_is_earned_when_the_line_lapses_under_which_nothing_is_guaranteed(lending: SmallBank) -> None:
    made = signed(lending, "guarantee")
    happens(lending, made, "issue", amount="400.00")
    happens(lending, made, "take-guarantee-fee", amount="30.00")
    happens(lending, made, "release", amount="400.00")
    assert lending.balance("bank", f"2200:{made.id}") == "-30.00"
    lapse(lending.maya, facility=made.id, on=START, reason="The lender needs no more", key="lapse")
    with lending.database.reading() as session:
        ended = position(session, made.id)
    assert figures(ended, "undrawn", "fee_kept", "fee_earned") == ["0.00", "0.00", "30.00"]


def test_a_contract_pays_for_results_within_its_price_and_its_cap(lending: SmallBank) -> None:
    made = signed(lending, "outcomes-contract")
    happens(lending, made, "advance", amount="1000.00")
    with pytest.raises(BeyondTerms, match="price of those results"):
        happens(lending, made, "take-outcome", results="4", capital="600.01")
    posts(
        lending,
        happens(lending, made, "take-outcome", results="8", capital="1000.00", surplus="200.00"),
        """
        1000 1340 1000.00
        1000 4040  200.00
        """,
        """
        2100 1000 1000.00
        5200 1000  200.00
        """,
    )
    with pytest.raises(BeyondTerms, match="contract's cap"):
        happens(lending, made, "take-outcome", results="8", surplus="100.01")
    with pytest.raises(BadTerms, match="more than nothing"):
        happens(lending, made, "take-outcome", results="8")


def test_a_grant_beside_a_loan_is_never_the_banks_income_nor_its_headroom(lending: SmallBank) -> None:
    made = signed(lending, "blended-loan")
    with lending.database.reading() as session:
        before = headroom(session).headroom
    posts(lending, happens(lending, made, "take-grant", amount="300.00", grantor="A foundation"), "1010 3300 300.00")
    draw_down(lending.maya, facility=made.id, amount=pounds("1000.00"), on=START, key="draw")
    with pytest.raises(BeyondTerms, match="held of the grant"):
        happens(lending, made, "pay-grant", amount="300.01")
    paid = happens(lending, made, "pay-grant", amount="120.00")
    posts(
        lending,
        paid,
        """
        5200 1010 120.00
        3300 4200 120.00
        """,
    )
    assert figures(paid, "grant_held", "grant_paid", "outstanding") == ["180.00", "120.00", "1000.00"]
    with lending.database.reading() as session:
        assert headroom(session).headroom == before
        assert facility(session, made.id).state == "drawing"


def test_what_is_lost_on_a_contract_is_lost_in_both_books(lending: SmallBank) -> None:
    made = signed(lending, "outcomes-contract")
    happens(lending, made, "advance", amount="1000.00")
    gone = happens(lending, made, "lose", amount="1000.00", reason="The contract was ended")
    posts(lending, gone, "5010 1340 1000.00", "2100 4200 1000.00")
    assert gone.state == "written-off"


def test_only_what_is_of_a_product_happens_to_it(lending: SmallBank) -> None:
    fund, loan = signed(lending, "fund-commitment"), signed(lending, "senior-loan")
    with pytest.raises(NotOfThisProduct, match="what may happen to it is call, distribute, revalue, sell"):
        draw_down(lending.maya, facility=fund.id, amount=pounds("1.00"), on=START, key="1")
    with pytest.raises(NotOfThisProduct, match="draw, repay, write-off, recover"):
        happens(lending, loan, "call", amount="1.00")
    happens(lending, fund, "call", amount="1.00")
    with pytest.raises(NotOfThisProduct):
        repay(lending.maya, facility=fund.id, principal=pounds("1.00"), on=START, key="2")


def test_an_event_waits_for_the_signature_the_money_and_the_days(lending: SmallBank) -> None:
    early = lending.proposed(
        lending.lender(), product="fund-commitment", annual_rate=Decimal(0), product_terms=TERMS["fund-commitment"]
    )
    with pytest.raises(WrongState):
        happens(lending, early, "call", amount="1.00")
    made = signed(lending, "fund-commitment")
    with pytest.raises(WrongState):
        happens(lending, made, "distribute", income="1.00")
    lending.at(date(2015, 6, 1))
    with pytest.raises(OutsideAvailability):
        happens(lending, made, "call", on=date(2015, 6, 1), amount="1.00")


def test_a_call_is_paid_within_the_headroom_that_others_leave(small_bank: SmallBank) -> None:
    small_bank.at(START)
    small_bank.capital("1000.00")
    made = signed(small_bank, "fund-commitment", "600.00", fees_inside="cost")
    signed(small_bank, "guarantee", "400.00")
    with pytest.raises(NotEnoughHeadroom):
        happens(small_bank, made, "call", amount="600.00", fees_outside="0.01")
    happens(small_bank, made, "call", amount="600.00")


def test_the_same_event_sent_twice_is_one(lending: SmallBank) -> None:
    made = signed(lending, "fund-commitment")
    told = {"amount": "400.00"}
    first = record_event(lending.maya, facility=made.id, verb="call", on=START, told=told, key="once")
    again = record_event(lending.maya, facility=made.id, verb="call", on=START, told=told, key="once")
    assert first == again
    assert lending.balance("bank", f"1301:{made.id}") == "400.00"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"fees_inside": "sometimes"}, "none of cost, expense"),
        ({"fees": "cost"}, "not one of its terms"),
        ({"recallable_cap": "1.5"}, "fraction between 0 and 1"),
        ({"notice_days": "-1"}, "no whole number"),
        ({"recallable_until": "31/12/2014"}, "is not a day"),
        ({"recallable_cap": "NaN"}, "no number"),
    ],
)
def test_terms_that_cannot_be_meant_are_refused(lending: SmallBank, changed: dict[str, str], said: str) -> None:
    with pytest.raises(BadTerms, match=said):
        signed(lending, "fund-commitment", **changed)


def test_a_product_says_what_of_its_terms_is_missing(lending: SmallBank) -> None:
    with pytest.raises(BadTerms, match="income_share is missing: The share of income that is paid"):
        lending.proposed(lending.lender(), product="quasi-equity", annual_rate=Decimal(0))
    with pytest.raises(BadTerms, match="its yearly rate is 0"):
        lending.proposed(lending.lender("Another"), product="equity", product_terms=TERMS["equity"])


@pytest.mark.parametrize("product", PRODUCTS)
def test_undrawn_commitment_of_every_product_lapses(lending: SmallBank, product: str) -> None:
    made = signed(lending, product)
    assert str(made.figures.undrawn) == "1000.00"
    ended = lapse(lending.maya, facility=made.id, on=START, reason="It is not needed", key="lapse")
    assert (ended.state, str(ended.figures.undrawn), str(ended.figures.lapsed)) == ("lapsed", "0.00", "1000.00")
    assert lending.balance("bank", f"{PRODUCTS[product].promise}:{made.id}") == "0.00"
    assert lending.balance("bank", "9199") == "0.00"


def test_every_product_is_told_of_by_a_code_of_its_own() -> None:
    assert set(PRODUCTS) == {code.code for code in FACILITY_PRODUCT.codes} == set(TERMS)


def test_two_products_that_share_a_verb_tell_it_in_the_same_words() -> None:
    for product in PRODUCTS.values():
        for event in product.events:
            assert VERBS[event.verb.name] == event.verb
    assert len({verb.path for verb in VERBS.values()}) == len(VERBS)


def test_a_book_made_before_a_product_is_given_its_accounts(lending: SmallBank) -> None:
    early = replace(INTERMEDIARY, lines=tuple(line for line in INTERMEDIARY.lines if line.code not in {"1400", "2110"}))
    with lending.operator.writing() as work:
        open_book(work, "int_early", early, name="A lender of earlier days")
        assert "2110" not in {one.code for one in accounts(work.session, "int_early")}
        open_house(work)
        assert {"1400", "2110"} <= {one.code for one in accounts(work.session, "int_early")}


def test_the_journal_of_a_facility_is_shown_from_both_sides(lending: SmallBank) -> None:
    made = signed(lending, "equity")
    happens(lending, made, "buy", amount="1000.00")
    with lending.database.reading() as session:
        shown = shown_journal(session, made.id)
    assert [(line.what, line.book, line.debit, line.credit) for line in shown][-3:] == [
        ("buy", "bank", "1310", "1000"),
        ("buy", "theirs", "1400", "2110"),
        ("buy", "bank", "9199", "9100"),
    ]


def test_the_database_itself_refuses_more_than_is_left_when_fees_have_used_it(lending: SmallBank) -> None:
    made = signed(lending, "property-fund-interest")
    happens(lending, made, "call", amount="900.00", fees_inside="100.00")
    row = text(
        "INSERT INTO facility_event (id, facility_id, number, kind, effective_on, recorded_at, actor, amount,"
        " interest, co_investor_amount, seqs, note) VALUES ('evt_1', :facility, 99, 'drawdown', '2012-01-10',"
        " '2012-01-10T09:00:00Z', 'x', 1, 0, 0, '[]', '')"
    )
    with pytest.raises(DBAPIError, match="more would be drawn"), lending.maya.writing() as work:
        work.session.execute(row, {"facility": made.id})
