"""Loans that begin impaired: their credit-adjusted rate for all their life, and only what changes of their losses."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from random import Random
from typing import Any, Final

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from bank.allocations.accruing import interest_missing
from bank.allocations.commands import (
    accrue,
    allow_for_loss,
    approve_receipts,
    draw_down,
    expect_receipts,
    move_stage,
    propose_terms,
    repay,
    write_off,
)
from bank.allocations.course import Course
from bank.allocations.impaired import Foretold
from bank.allocations.products.shape import BeyondTerms
from bank.allocations.queries import FacilityView
from bank.allocations.standing import CreditView, credit
from bank.people.rules import SamePerson
from bank.treasury.rules import BadTerms
from ledger.agreeing import AlreadyApproved
from ledger.commands import close_quarter
from ledger.dates import Quarter
from ledger.daycounts import DayCount
from ledger.impairment import Stage
from ledger.money import NOTHING, Money
from ledger.present_values import interest_at, present_value
from ledger.rates import RateHistory
from ledger.store import confinement
from ledger.verification import verify
from tests.bank.small_bank import SmallBank, pounds
from tests.bank.test_loan_journals import added, agreed

START: Final = date(2013, 1, 1)
ONE, TWO, THREE = (date(2013 + year, 1, 1) for year in (1, 2, 3))
RATE: Final = Decimal("0.10")
BASIS: Final = "The administrators' report of December"


@pytest.fixture
def lending(small_bank: SmallBank) -> SmallBank:
    small_bank.at(START)
    small_bank.capital("1000000.00")
    return small_bank


def expected(bank: SmallBank, facility: str, from_on: date, *told: tuple[date, str], market: str | None = None) -> str:
    """What two people agree is to be expected of a loan from a day on."""
    made = expect_receipts(
        bank.maya,
        facility=facility,
        from_on=from_on,
        receipts=tuple((day, pounds(amount)) for day, amount in told),
        market_rate=None if market is None else Decimal(market),
        basis=BASIS,
        key=bank.key(),
    )
    return approve_receipts(bank.tom, id=made.id, key=bank.key()).id


def promised(bank: SmallBank) -> FacilityView:
    """100,000 at 10 %, to be repaid after three years by its contract."""
    made = bank.signed(bank.lender(f"Lender {bank.key()}"), "100000.00", annual_rate=RATE)
    told: dict[str, Any] = {"first_due_on": ONE, "instalments": 3, "roll": "none"}
    agreed(bank, made.id, START, **told)
    return made


def begun(bank: SmallBank) -> FacilityView:
    """Of which 57,000 is to be expected in each of two years, and no more: at 9.2 % or so that is worth 100,000."""
    made = promised(bank)
    expected(bank, made.id, START, (ONE, "57000.00"), (TWO, "57000.00"))
    return draw_down(bank.maya, facility=made.id, amount=made.amount, on=START, key=bank.key())


def shown(bank: SmallBank, facility: str, as_at: date) -> CreditView:
    with bank.database.reading() as session:
        return credit(session, facility, as_at=as_at)


def measured(bank: SmallBank, facility: str, on: date) -> dict[str, str]:
    key = bank.key()
    return added(bank, lambda: allow_for_loss(bank.maya, facility=facility, on=on, key=key))


def rate_of(*flows: int, lent: int = 100_000) -> Decimal:
    """Found by halving: the rate at which yearly flows are worth what is lent."""
    low, high = Decimal("-0.5"), Decimal(1)
    for _ in range(60):
        middle = (low + high) / 2
        worth = sum((flow / (1 + middle) ** (year + 1) for year, flow in enumerate(flows)), Decimal(0))
        low, high = (middle, high) if worth > lent else (low, middle)
    return low


def test_14d_it_earns_its_credit_adjusted_rate_and_nothing_is_allowed_for_at_first(lending: SmallBank) -> None:
    """100,000 for 57,000 in a year and in two, whatever the contract claims: 9.2 % or so, and 14,000 in all."""
    made = begun(lending)
    rate = rate_of(57_000, 57_000)
    assert measured(lending, made.id, START) == {}
    lending.at(ONE)
    earned = added(lending, lambda: accrue(lending.maya, facility=made.id, until=ONE, key="1"))
    income = round(100_000 * rate, 2)
    assert earned == {"1210": "10000.00", "1230": str(income - 10_000), "4000": str(-income)}
    repay(lending.maya, facility=made.id, amount=pounds("57000.00"), on=ONE, key="2")
    assert measured(lending, made.id, ONE) == {}, "what was expected came, and the rest still is"
    view = shown(lending, made.id, ONE)
    assert (view.began_impaired_on, view.still_expected) == (START, pounds("57000.00"))
    assert view.credit_adjusted_rate == round(rate, 12)
    assert view.net == view.gross == pounds(str(100_000 + income - 57_000))
    lending.at(TWO)
    accrue(lending.maya, facility=made.id, until=TWO, key="3")
    repay(lending.maya, facility=made.id, amount=pounds("57000.00"), on=TWO, key="4")
    assert lending.balance("bank", "4000") == "-14000.00", "all that came beyond what was lent"
    left = shown(lending, made.id, TWO)
    assert left.net == NOTHING
    rest = pounds(lending.balance("bank", f"1200:{made.id}"))
    assert rest > NOTHING
    gone = added(
        lending, lambda: write_off(lending.maya, facility=made.id, amount=rest, on=TWO, reason="Wound up", key="5")
    )
    assert "5010" not in gone, "it was never carried at what was not expected"
    assert shown(lending, made.id, TWO).gross == NOTHING
    with lending.database.reading() as session:
        assert verify(session).holds


def test_18c_only_what_changes_of_the_losses_expected_is_allowed_for(lending: SmallBank) -> None:
    """After a year 30,000 is expected in place of 57,000; then it is 58,000 after all, which is more than at first.

    IFRS 9, 5.5.13 and 5.5.14: the first is a loss, and the second a gain beyond what was allowed for.
    """
    made = begun(lending)
    rate = rate_of(57_000, 57_000)
    lending.at(ONE)
    accrue(lending.maya, facility=made.id, until=ONE, key="1")
    repay(lending.maya, facility=made.id, amount=pounds("57000.00"), on=ONE, key="2")
    expected(lending, made.id, ONE, (TWO, "30000.00"))
    loss = measured(lending, made.id, ONE)
    assert loss == {"1242": f"-{loss['5000']}", "5000": loss["5000"]}
    assert abs(Decimal(loss["5000"]) - 27_000 / (1 + rate)) < Decimal("0.02")
    half = date(2014, 7, 2)
    lending.at(half)
    accrue(lending.maya, facility=made.id, until=half, key="3")
    net = shown(lending, made.id, half).net
    assert abs(Decimal(str(net)) - 30_000 / (1 + rate) ** _half_a_year(half)) < Decimal("0.03"), "interest on the net"
    assert measured(lending, made.id, half) in (
        {},
        {"1242": "-0.01", "5000": "0.01"},
        {"1242": "0.01", "5000": "-0.01"},
    )
    expected(lending, made.id, half, (TWO, "58000.00"))
    gain = measured(lending, made.id, half)
    assert abs(-Decimal(gain["5000"]) - 28_000 / (1 + rate) ** _half_a_year(half)) < Decimal("0.05")
    assert Decimal(gain["1242"]) > 0, "the allowance first"
    assert Decimal(gain["1230"]) > 0, "and then the loan is carried at more"
    lending.at(TWO)
    accrue(lending.maya, facility=made.id, until=TWO, key="4")
    beyond = added(lending, lambda: repay(lending.maya, facility=made.id, amount=pounds("58300.00"), on=TWO, key="5"))
    assert abs(-Decimal(beyond["5000"]) - 300) < Decimal("0.05"), "more came than was expected"
    assert shown(lending, made.id, TWO).net >= NOTHING


def _half_a_year(half: date) -> Decimal:
    return Decimal((TWO - half).days) / 365


def test_11b_where_others_would_give_less_for_it_the_rest_is_lost_at_once(lending: SmallBank) -> None:
    """40,000 in each of two years is less than is lent; at the 20 % that others ask it is worth 61,111.11."""
    made = promised(lending)
    expected(lending, made.id, START, (ONE, "40000.00"), (TWO, "40000.00"))
    short = (
        r"80000\.00 is expected of .* 100000\.00 is lent on 2013-01-01: 20000\.00 more than will come.* --market-rate"
    )
    with pytest.raises(BadTerms, match=short):
        draw_down(lending.maya, facility=made.id, amount=made.amount, on=START, key="0")
    expected(lending, made.id, START, (ONE, "40000.00"), (TWO, "40000.00"), market="0.20")
    lent = added(lending, lambda: draw_down(lending.maya, facility=made.id, amount=made.amount, on=START, key="1"))
    assert lent["5000"] == "38888.89"
    assert lent["1230"] == "-38888.89"
    lending.at(ONE)
    earned = added(lending, lambda: accrue(lending.maya, facility=made.id, until=ONE, key="2"))
    assert earned["4000"] == "-12222.22"
    move_stage(lending.maya, facility=made.id, stage=3, on=START, reason="Insolvent", key="3")
    assert lending.balance("bank", "4000") == "-12222.22", "no stage bears on what it earns"


def test_21c_an_impaired_loan_that_ends_by_its_terms_begins_impaired(lending: SmallBank) -> None:
    """In stage 3 with 30,000 allowed for; then 3 % in place of 10 %, of which 70,000 after two years is expected.

    At 15 % that is worth 52,930: of 100,000 less the allowance 17,070 more is lost.
    """
    made = promised(lending)
    draw_down(lending.maya, facility=made.id, amount=made.amount, on=START, key="1")
    lending.at(ONE)
    accrue(lending.maya, facility=made.id, until=ONE, key="2")
    repay(lending.maya, facility=made.id, interest=pounds("10000.00"), on=ONE, key="3")
    with pytest.raises(BadTerms, match="stage 3"):
        expected(lending, made.id, ONE, (THREE, "70000.00"), market="0.15")
    move_stage(lending.maya, facility=made.id, stage=3, on=ONE, reason="Insolvent", key="4")
    told: dict[str, Any] = {"facility": made.id, "on": ONE, "amount": pounds("30000.00"), "reason": "An offer"}
    allow_for_loss(lending.maya, key="5", **told)
    expected(lending, made.id, ONE, (THREE, "70000.00"), market="0.15")
    terms: dict[str, Any] = {"rate": Decimal("0.03"), "first_due_on": TWO, "instalments": 3, "roll": "none"}
    moved = added(lending, lambda: agreed(lending, made.id, from_on=ONE, reason="A plan", **terms))
    worth = round(70_000 / Decimal("1.15") ** 2, 2)
    assert moved == {"1230": str(worth - 100_000), "1242": "30000.00", "5000": str(70_000 - worth)}
    assert shown(lending, made.id, ONE).net == pounds(str(worth))
    assert measured(lending, made.id, ONE) == {}
    lending.at(TWO)
    earned = added(lending, lambda: accrue(lending.maya, facility=made.id, until=TWO, key="6"))
    assert earned["4000"] == str(-round(worth * Decimal("0.15"), 2))
    assert earned["1210"] == "3000.00"
    with pytest.raises(BadTerms, match="which began impaired"):
        agreed(lending, made.id, from_on=TWO, reason="Another", **(terms | {"rate": Decimal(0), "first_due_on": THREE}))


def test_in_stage_3_what_is_expected_measures_the_loss_of_any_loan(lending: SmallBank) -> None:
    """IFRS 9, B5.5.33: 100,000 less 55,000 in a year, at the 10 % it was lent at."""
    made = promised(lending)
    draw_down(lending.maya, facility=made.id, amount=made.amount, on=START, key="1")
    move_stage(lending.maya, facility=made.id, stage=3, on=START, reason="Insolvent", key="2")
    with pytest.raises(BadTerms, match="before its first money"):
        expected(lending, made.id, START, (ONE, "55000.00"))
    lending.at(ONE)
    repay(lending.maya, facility=made.id, interest=pounds("10000.00"), on=ONE, key="3")
    expected(lending, made.id, ONE, (TWO, "55000.00"))
    assert measured(lending, made.id, ONE) == {"1242": "-50000.00", "5000": "50000.00"}
    assert shown(lending, made.id, ONE).began_impaired_on is None


def test_more_money_takes_other_receipts_and_none_is_lent_before_the_first_day(lending: SmallBank) -> None:
    made = promised(lending)
    expected(lending, made.id, START + timedelta(days=5), (ONE, "30000.00"), (TWO, "50000.00"))
    ten = START + timedelta(days=10)
    lending.at(ten)
    with pytest.raises(BadTerms, match="is before that"):
        draw_down(lending.maya, facility=made.id, amount=pounds("60000.00"), on=START, key="1")
    draw_down(lending.maya, facility=made.id, amount=pounds("60000.00"), on=START + timedelta(days=5), key="2")
    with pytest.raises(BadTerms, match="other receipts"):
        draw_down(lending.maya, facility=made.id, amount=pounds("10000.00"), on=ten, key="3")
    expected(lending, made.id, ten, (ONE, "40000.00"), (TWO, "52000.00"))
    draw_down(lending.maya, facility=made.id, amount=pounds("10000.00"), on=ten, key="4")
    changed = measured(lending, made.id, ten)
    assert set(changed) >= {"5000"}, "what the change and the new money come to is a loss or a gain of that day"


def test_what_comes_to_be_known_late_of_a_closed_quarter_is_earned_in_the_next(lending: SmallBank) -> None:
    """And on open days it counts from its day, whatever the order in which it came to be known."""
    made, other = begun(lending), begun(lending)
    end = date(2013, 3, 31)
    lending.at(date(2013, 5, 1))
    accrue(lending.maya, facility=made.id, until=end, key="1")
    accrue(lending.maya, facility=other.id, until=end, key="2")
    with lending.maya.writing() as work:
        close_quarter(work, Quarter(2013, 1), hard=True)
    before = lending.facility(made.id, end).figures
    april, may = date(2013, 4, 5), date(2013, 5, 1)
    told = [(made.id, april), (made.id, may), (other.id, may), (other.id, april)]
    for facility, day in told:
        if day == april:
            repay(lending.maya, facility=facility, principal=pounds("5000.00"), on=april, key=lending.key())
        else:
            accrue(lending.maya, facility=facility, until=may, key=lending.key())
    accrue(lending.maya, facility=other.id, until=may, key="3")
    assert lending.facility(made.id, end).figures == before
    for code in ("1210", "1230"):
        assert lending.balance("bank", f"{code}:{made.id}") == lending.balance("bank", f"{code}:{other.id}")


def test_what_is_expected_is_agreed_by_two_has_a_basis_and_is_to_come(lending: SmallBank) -> None:
    made = promised(lending)
    told: dict[str, Any] = {"facility": made.id, "from_on": START, "receipts": ((ONE, Money(1)),), "basis": BASIS}
    one = expect_receipts(lending.maya, key="1", **told)
    with pytest.raises(SamePerson):
        approve_receipts(lending.maya, id=one.id, key="2")
    forged = text(
        "INSERT INTO receipts_foretold_approval "
        "SELECT id, proposed_by, proposed_by, recorded_at FROM receipts_foretold WHERE id = :id"
    )
    with (
        pytest.raises(DBAPIError, match="is the outcome of its proposal"),
        lending.database.engine.begin() as raw,
        confinement.lifted(raw),
    ):
        raw.execute(forged, {"id": one.id})
    approve_receipts(lending.tom, id=one.id, key="3")
    with pytest.raises(AlreadyApproved):
        approve_receipts(lending.tom, id=one.id, key="4")
    for wrong in (
        {"receipts": ()},
        {"receipts": ((START, Money(1)),)},
        {"receipts": ((ONE, NOTHING),)},
        {"basis": " "},
    ):
        with pytest.raises(BadTerms):
            expect_receipts(lending.maya, key="5", **(told | wrong))


def test_no_more_is_expected_than_the_contract_claims(lending: SmallBank) -> None:
    """60,000 at 10 % claims 66,000 after a year; with 30,000 paid then, 36,000 are left and 39,600 a year on."""
    made = lending.signed(lending.lender(), "60000.00", annual_rate=RATE)
    for told, most in (
        ([(ONE, "3000000.00")], "66000.00"),
        ([(ONE, "66000.01")], "66000.00"),
        ([(ONE, "30000.00"), (TWO, "39600.01")], "39600.00"),
    ):
        with pytest.raises(BeyondTerms, match=f"claims {most} at most"):
            expected(lending, made.id, START, *told)
    expected(lending, made.id, START, (ONE, "30000.00"), (TWO, "39600.00"))
    draw_down(lending.maya, facility=made.id, amount=made.amount, on=START, key="draw")
    lending.at(ONE)
    repay(lending.maya, facility=made.id, amount=pounds("30000.00"), on=ONE, key="pay")
    with pytest.raises(BeyondTerms, match=r"claims 39600\.00 at most"):
        expected(lending, made.id, ONE, (TWO, "39600.01"))
    expected(lending, made.id, ONE, (TWO, "39600.00"))


@pytest.mark.parametrize("late", [False, True])
def test_a_loan_that_is_settled_is_carried_at_nothing_and_earns_no_more(lending: SmallBank, late: bool) -> None:
    """60,000 for 2,900 in half a year and 63,000 in one earns more than 10 %; nothing comes until 66,000 in one.

    That is all that is claimed, and the loan is carried at more: what goes beyond is lost. It is no other if the
    payment comes to be known late, once more was accrued, or some loss was allowed for.
    """
    made = lending.signed(lending.lender(), "60000.00", annual_rate=RATE)
    half = date(2013, 7, 1)
    told = ((half, "2900.00"), (ONE, "63000.00"))
    expected(lending, made.id, START, *told)
    draw_down(lending.maya, facility=made.id, amount=made.amount, on=START, key="draw")
    rate = Foretold(START, tuple((day, pounds(amount)) for day, amount in told)).rate(made.amount, START)
    assert rate is not None
    lending.at(TWO)
    if late:
        expected(lending, made.id, half, (ONE, "60000.00"))
        measured(lending, made.id, half)
        assert lending.balance("bank", f"1242:{made.id}") != "0.00"
        accrue(lending.maya, facility=made.id, until=TWO, key="late")
    paid = added(lending, lambda: repay(lending.maya, facility=made.id, amount=pounds("66000.00"), on=ONE, key="pay"))
    accrue(lending.maya, facility=made.id, until=TWO, key="1")
    if not late:
        over = round(60_000 * rate - 6000, 2)
        assert over > 0
        assert (paid["4000"], paid["5000"]) == (str(-over - 6000), str(over))
    for code in ("1200", "1210", "1230", "1240", "1241", "1242"):
        assert lending.balance("bank", f"{code}:{made.id}") == "0.00"
    gained = Decimal(lending.balance("bank", "4000")) + Decimal(lending.balance("bank", f"5000:{made.id}"))
    assert gained == -6000, "all that was received beyond what was lent"
    with lending.database.reading() as session:
        assert interest_missing(session, [lending.facility(made.id)], TWO) == {}
        assert verify(session).holds


def test_what_is_written_off_wholly_leaves_nothing_to_earn_on(lending: SmallBank) -> None:
    made = begun(lending)
    lending.at(ONE)
    accrue(lending.maya, facility=made.id, until=ONE, key="1")
    write_off(lending.maya, facility=made.id, amount=made.amount, on=ONE, reason="Wound up", key="2")
    assert shown(lending, made.id, ONE).gross == NOTHING
    lending.at(TWO)
    before = lending.balance("bank", "4000")
    accrue(lending.maya, facility=made.id, until=TWO, key="3")
    assert lending.balance("bank", "4000") == before


def test_terms_that_are_proposed_count_for_what_may_be_expected_and_a_default_margin_does(lending: SmallBank) -> None:
    """At 20 % and 2 % of default margin, 60,000 claims 72,000 after a year, and 1,440 on all that at the most."""
    made = lending.signed(lending.lender(), "60000.00", annual_rate=RATE)
    told: dict[str, Any] = {"first_due_on": ONE, "instalments": 1, "repayment": "bullet", "every_months": 12}
    propose_terms(
        lending.maya,
        facility=made.id,
        from_on=START,
        rate=Decimal("0.20"),
        default_margin=Decimal("0.02"),
        key="terms",
        **told,
    )
    with pytest.raises(BeyondTerms, match=r"claims 73440\.00 at most"):
        expected(lending, made.id, START, (ONE, "73440.01"))
    expected(lending, made.id, START, (ONE, "73440.00"))


def test_interest_at_an_effective_rate_is_that_of_the_standards_own_table() -> None:
    """IFRS 9's guidance, B.26: 1,000 for 59 a year and 1,250 after the fifth, at 10 %: 100, 104, 109, 113 and 119.

    There it is in whole pounds and whole years; here in pence, and the years of 365 days.
    """
    years = [START + timedelta(days=365 * year) for year in range(6)]
    moved = [(years[0], pounds("1000.00")), *((year, -pounds("59.00")) for year in years[1:5])]
    rate = Decimal("0.0999489")
    earned = [interest_at(rate, moved, year) for year in years]
    steps = [round((after - before) / 100) for before, after in pairwise(earned)]
    assert steps == [100, 104, 109, 113, 119]


def test_a_rate_that_a_day_alone_made_is_refused_before_the_money_is_lent(lending: SmallBank) -> None:
    """60,000 less a fee of 8,000, for 60,000 the day after and 15 in a year: of the 52,000 nothing was lent for those.

    Where nothing comes afterwards the loan is over the day after, at whatever rate.
    """
    withheld: dict[str, Any] = {"arrangement_fee": pounds("8000.00"), "fee_withheld": True}
    later = (ONE, "15.00")
    for name, told in (("One", [later]), ("Another", [])):
        made = lending.signed(lending.lender(name), "60000.00", annual_rate=RATE)
        agreed(lending, made.id, START, **withheld)
        expected(lending, made.id, START, (START + timedelta(days=1), "60000.00"), *told)
        if told:
            with pytest.raises(BadTerms, match=r"60015\.00 is .* 52000\.00 is lent .* a fee of 8000\.00 .* so high"):
                draw_down(lending.maya, facility=made.id, amount=made.amount, on=START, key=name)
        else:
            draw_down(lending.maya, facility=made.id, amount=made.amount, on=START, key=name)


def test_a_loan_on_the_books_keeps_the_rate_it_began_at_however_high() -> None:
    """What would not be lent under any more was lent once: it is worked out as it was, begun impaired."""
    told = Foretold(START, ((START + timedelta(days=1), pounds("60000.00")), (ONE, pounds("15.00"))))
    course = Course(
        RateHistory.fixed(RATE),
        DayCount.ACT_365F,
        principal=((START, pounds("52000.00")),),
        foretold=(told,),
    )
    assert course.begun is not None
    assert course.begun.rate == told.rate(pounds("52000.00"), START)
    assert not told.bears(course.begun.rate, START)
    assert told.bears(Decimal("0.10"), START)


def test_what_is_expected_before_the_money_is_lent_is_refused_and_not_left_out(lending: SmallBank) -> None:
    made = promised(lending)
    expected(lending, made.id, START, (SOON, "30000.00"), (ONE, "57000.00"), (TWO, "20000.00"))
    for on in (SOON, SOON + timedelta(days=1)):
        lending.at(on)
        with pytest.raises(BadTerms, match=f"30000.00 is expected of .* on {SOON}, and .* only lent on {on}: .* anew"):
            draw_down(lending.maya, facility=made.id, amount=made.amount, on=on, key=str(on))
    draw_down(lending.maya, facility=made.id, amount=made.amount, on=SOON - timedelta(days=1), key="before")


SOON: Final = START + timedelta(days=31)
SUMMER: Final = START + timedelta(days=173)
days = st.integers(1, 1200).map(lambda number: START + timedelta(days=number))
flows = st.lists(st.tuples(days, st.integers(1, 90_000_00).map(Money)), min_size=1, max_size=6)


@settings(max_examples=50, deadline=None)
@example([(START + timedelta(days=1), Money(5_464_22))], Money(1), Random(1))  # noqa: S311 -- 5e21 % a year, for a day
@example([(START + timedelta(days=1), Money(15_142_70)), (SUMMER, Money(1_333_85))], Money(0), Random(1))  # noqa: S311
@given(told=flows, fee=st.integers(0, 2_000_00).map(Money), order=st.randoms(use_true_random=False))
def test_when_all_comes_as_it_was_expected_the_income_is_what_came_beyond_what_was_lent(
    told: list[tuple[date, Money]], fee: Money, order: Any
) -> None:
    """To the penny, at whatever rate; and the order in which it came to be known does not matter.

    Midway the loan is carried at the worth of what is still to come.
    """
    lent = Money(1_000_00) + Money.total(amount for _, amount in told).times(Decimal("0.7"))
    moved = [(START, lent), *((day, -amount) for day, amount in told)]
    order.shuffle(moved)
    course = Course(
        RateHistory.fixed(RATE),
        DayCount.ACT_365F,
        principal=tuple(moved),
        fees=((START, fee),) if fee else (),
        foretold=(Foretold(START, tuple(told)),),
        stages=((START + timedelta(days=100), Stage.IMPAIRED), (START + timedelta(days=200), Stage.PERFORMING)),
    )
    begun_, foretold = course.begun, Foretold(START, tuple(told))
    rate, end = foretold.rate(lent - fee, START), START + timedelta(days=1201)
    assert (begun_ is None) == (rate is None)
    if begun_ is None or rate is None or not foretold.bears(rate, START):
        return  # refused before anything is lent
    income = course.interest(end) + course.amortised(end)
    gained = Money.total(amount for _, amount in told) - (lent - fee)
    assert abs((income - gained).pence) <= 1
    assert (
        course.suspense.taken_up(end),
        course.default_interest(end),
        course.suspended(START + timedelta(days=150)),
    ) == (
        NOTHING,
        NOTHING,
        NOTHING,
    )
    middle = START + timedelta(days=600)
    carried = lent - fee + begun_.income(middle) - Money.total(amount for day, amount in told if day < middle)
    ahead = [(day, amount) for day, amount in told if day >= middle]
    assert abs(carried.pence - present_value(ahead, begun_.rate, middle)) <= 2
