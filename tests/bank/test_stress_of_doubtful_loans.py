"""The projection counts on no more of a doubtful loan than the bank expects of it, and says what it left out."""

from __future__ import annotations

import re
import sys
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bank.allocations.commands import (
    allow_for_loss,
    approve_receipts,
    draw_down,
    expect_receipts,
    move_stage,
    repay,
    write_off,
)
from bank.allocations.terms.commands import approve_terms, propose_terms
from bank.cli import main
from bank.stress.expecting import AtTheEnd, ByWhatIsTold, ByWhatItIsCarriedAt, Flow
from bank.stress.queries import StressResult, bank_stands, stress
from bank.stress.rules import BreachesStressPolicy, Commitment
from ledger.money import NOTHING, Money
from ledger.rates import BEGINNING, RateHistory
from tests.bank.small_bank import SmallBank, pounds
from tests.bank.test_stress import scenario

EMBEDDED = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
START = date(2013, 1, 1)
LATER = date(2015, 3, 31)
ENDS = date(2014, 1, 1)


def lent(bank: SmallBank, *, instalments: int = 1, matures_on: date = ENDS, **changed: Any) -> str:
    """100,000 lent on the first day, due in equal parts each year from the second on; 50,000 is left."""
    bank.at(START)
    bank.capital("150000.00")
    made = bank.signed(bank.lender(), "100000.00", available_until=date(2013, 1, 31), matures_on=matures_on).id
    terms(bank, made, START, instalments=instalments, **changed)
    draw_down(bank.maya, facility=made, amount=pounds("100000.00"), on=START, key=bank.key())
    return made


def terms(bank: SmallBank, facility: str, on: date, **changed: Any) -> None:
    told: dict[str, Any] = {"rate": Decimal(0), "repayment": "equal-principal", "first_due_on": ENDS}
    told |= {"every_months": 12, "instalments": 1, "roll": "none"}
    made = propose_terms(bank.maya, facility=facility, from_on=on, key=bank.key(), **(told | changed))
    approve_terms(bank.tom, id=made.id, key=bank.key())


def impaired(bank: SmallBank, facility: str, allowed: str, on: date = LATER) -> None:
    move_stage(bank.maya, facility=facility, stage=3, on=on, reason="The lender is wound up", key=bank.key())
    allow_for_loss(bank.maya, facility=facility, on=on, amount=pounds(allowed), reason="Wound up", key=bank.key())


def expected(bank: SmallBank, facility: str, on: date, *receipts: tuple[date, str], **told: Any) -> None:
    made = expect_receipts(
        bank.maya,
        facility=facility,
        from_on=on,
        receipts=tuple((day, pounds(amount)) for day, amount in receipts),
        basis="The administrators' report",
        key=bank.key(),
        **told,
    )
    approve_receipts(bank.tom, id=made.id, key=bank.key())


def result(bank: SmallBank, on: date) -> StressResult:
    with bank.database.reading() as session:
        (found,) = stress(session, as_at=on)
    return found


def only(bank: SmallBank, on: date) -> Commitment:
    with bank.database.reading() as session:
        (found,) = bank_stands(session, on).commitments
    return found


def flows(bank: SmallBank, on: date) -> list[tuple[str, str, str]]:
    return [(str(each.on), str(each.principal), str(each.interest)) for each in only(bank, on).expecting.coming([], on)]


@pytest.mark.parametrize("given_up", [False, True])
def test_no_promise_rests_on_a_loan_that_is_wholly_allowed_for_no_more_than_on_one_written_off(
    small_bank: SmallBank, *, given_up: bool
) -> None:
    """Matured fifteen months ago and unpaid: nothing of it comes, and it is told how much was left out."""
    bank = small_bank
    made = lent(bank)
    bank.at(LATER)
    if given_up:
        write_off(bank.maya, facility=made, amount=pounds("100000.00"), on=LATER, reason="Wound up", key=bank.key())
    else:
        impaired(bank, made, "100000.00")
    scenario(bank, costs=pounds("20000.00"), drawn_over=1, holds_for=4, from_on=START)
    with pytest.raises(BreachesStressPolicy, match=r"45000\.00 more .* be -15000\.00 at the end of 2015Q2"):
        bank.signed(bank.lender("Another lender"), "45000.00", available_until=date(2015, 12, 31))
    found = result(bank, LATER)
    assert [str(line.cash) for line in found.bank[:3]] == ["30000.00", "10000.00", "-10000.00"]
    assert str(found.left_out) == ("0.00" if given_up else "100000.00")


@EMBEDDED
def test_a_loan_that_began_impaired_pays_what_two_people_agreed_to_expect_of_it(small_bank: SmallBank) -> None:
    """Of the 120,000 that the contract claims, 30,000: before the money is drawn and after."""
    bank = small_bank
    bank.at(START)
    bank.capital("150000.00")
    made = bank.signed(bank.lender(), "100000.00", available_until=date(2013, 1, 31), matures_on=ENDS).id
    terms(bank, made, START, rate=Decimal("0.20"))
    expected(bank, made, START, (date(2013, 12, 1), "30000.00"), market_rate=Decimal("0.1"))
    scenario(bank, drawn_over=1, holds_for=4, from_on=START)
    for _ in range(2):
        found = result(bank, START)
        assert [(str(line.repayments), str(line.interest)) for line in found.bank[:4]] == [
            ("0.00", "0.00"),
            ("0.00", "0.00"),
            ("30000.00", "0.00"),
            ("0.00", "0.00"),
        ]
        if not only(bank, START).undrawn:
            assert str(found.left_out) == "90000.00"
        else:
            draw_down(bank.maya, facility=made, amount=pounds("100000.00"), on=START, key=bank.key())


@EMBEDDED
def test_of_a_loan_in_stage_3_what_falls_due_counts_for_what_is_left_of_it_and_what_is_overdue_for_nothing(
    small_bank: SmallBank,
) -> None:
    """Two of four parts are overdue and 60 % allowed for: of each to come two fifths, and of none that went by."""
    bank = small_bank
    made = lent(bank, instalments=4, first_due_on=date(2014, 4, 10), matures_on=date(2017, 4, 10))
    day = date(2015, 4, 20)
    bank.at(day)
    impaired(bank, made, "60000.00", day)
    assert flows(bank, day) == [("2016-04-10", "10000.00", "0.00"), ("2017-04-10", "10000.00", "0.00")]
    terms(
        bank, made, date(2015, 4, 21), instalments=2, first_due_on=date(2016, 4, 10), reschedules=True, reason="Arrears"
    )
    after = date(2015, 4, 21)
    bank.at(after)
    assert flows(bank, after) == [("2016-04-10", "20000.00", "0.00"), ("2017-04-10", "20000.00", "0.00")]


@EMBEDDED
def test_what_was_agreed_to_be_expected_in_stage_3_comes_on_its_day_but_not_twice(small_bank: SmallBank) -> None:
    """Of a dead loan 30,000 is told in two parts: the first came sooner, and with it some of the second."""
    bank = small_bank
    made = lent(bank)
    bank.at(LATER)
    impaired(bank, made, "100000.00")
    expected(bank, made, LATER, (date(2015, 6, 30), "20000.00"), (date(2016, 6, 30), "10000.00"))
    assert flows(bank, LATER) == [("2015-06-30", "20000.00", "0.00"), ("2016-06-30", "10000.00", "0.00")]
    day = date(2015, 5, 10)
    bank.at(day)
    repay(bank.maya, facility=made, amount=pounds("24000.00"), on=day, key=bank.key())
    assert flows(bank, day) == [("2015-06-30", "0.00", "0.00"), ("2016-06-30", "6000.00", "0.00")]
    past = date(2015, 7, 1)
    assert flows(bank, past) == [("2016-06-30", "6000.00", "0.00")]
    bank.at(past)
    write_off(bank.maya, facility=made, amount=pounds("60000.00"), on=past, reason="Wound up", key=bank.key())
    assert flows(bank, past) == [("2016-06-30", "6000.00", "0.00")]
    move_stage(bank.maya, facility=made, stage=2, on=past, reason="It pays again", key=bank.key())
    assert flows(bank, past) == []  # it is past its back-stop still, and no stage that anybody tells makes up for that


@EMBEDDED
@pytest.mark.parametrize("agreed", [True, False])
def test_what_is_past_due_for_longer_than_the_back_stop_is_not_expected_at_once(
    small_bank: SmallBank, *, agreed: bool
) -> None:
    """Whatever stage it was put in: ninety days after its day all of it comes at once, and from then on nothing."""
    bank = small_bank
    if agreed:
        lent(bank)
    else:
        bank.at(START)
        bank.capital("150000.00")
        bank.drawn(bank.lender(), available_until=date(2013, 1, 31), matures_on=ENDS, annual_rate=Decimal(0))
    met = ENDS + timedelta(days=90)
    bank.at(met + timedelta(days=1))
    assert flows(bank, met) == [(str(met), "100000.00", "0.00")]
    assert flows(bank, met + timedelta(days=1)) == []


@EMBEDDED
def test_what_is_left_out_is_printed(
    small_bank: SmallBank, database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A loan wholly allowed for is left out whole, in the list of scenarios and above the quarters of one."""
    made = lent(small_bank)
    small_bank.at(LATER)
    impaired(small_bank, made, "100000.00")
    scenario(small_bank, "as it is", from_on=START)
    for words, before in (([], ""), (["--scenario", "as it is"], r"Left out +")):
        asked = ["--database", database_url, "--as", "maya@bank.example", "stress", "run", "--as-at", str(LATER)]
        monkeypatch.setattr(sys, "argv", ["bank", *asked, *words])
        with pytest.raises(SystemExit):
            main()
        assert re.search(rf"{before}100,000\.00", capsys.readouterr().out)


@given(
    told=st.lists(st.tuples(st.integers(1, 4000), st.integers(1, 10**9).map(Money)), max_size=5),
    sooner=st.integers(0, 10**9).map(Money),
)
def test_what_came_sooner_is_taken_from_what_is_told_first_and_never_more_than_that(
    told: list[tuple[int, Money]], sooner: Money
) -> None:
    receipts = tuple((START + timedelta(days=days - 2000), amount) for days, amount in told)
    found = ByWhatIsTold(receipts, sooner).coming([(START, pounds("5.00"))], START)
    whole = Money.total(amount for on, amount in receipts if on > START)
    assert Money.total(each.principal for each in found) == max(whole - sooner, NOTHING)
    assert all(each.on > START and each.principal >= NOTHING and not each.interest for each in found)
    assert found == sorted(found, key=lambda each: each.on)


@given(
    out=st.integers(1, 10**11).map(Money),
    rate=st.decimals(min_value=0, max_value=1, places=3),
    beside=st.integers(0, 10**9).map(Money),
    allowed=st.integers(0, 10**11).map(Money),
    overdue=st.booleans(),
)
def test_no_more_is_counted_on_than_a_doubtful_loan_is_carried_at(
    *, out: Money, rate: Decimal, beside: Money, allowed: Money, overdue: bool
) -> None:
    """Where half a pound is carried of each owed, half of each flow at the most; less where more is to be earned."""
    ends = START + timedelta(days=-1 if overdue else 400)
    rates = RateHistory.of([(BEGINNING, rate)])
    contract = AtTheEnd(ends, ((date(2012, 1, 1), out),), rates=rates, every_months=6)
    gross = out + beside
    net = max(gross - allowed, NOTHING)
    found = ByWhatItIsCarriedAt(contract, gross, net).coming([(START, out)], START)
    assert Money.total(each.principal + each.interest for each in found) <= net
    claimed = [] if overdue else contract.coming([], START)
    assert [each.on for each in found] == [each.on for each in claimed]
    for each, by_contract in zip(found, claimed, strict=True):
        for one, other in ((each.principal, by_contract.principal), (each.interest, by_contract.interest)):
            assert one.pence * gross.pence <= other.pence * net.pence


def test_nothing_is_counted_on_that_is_carried_at_nothing() -> None:
    contract = AtTheEnd(ENDS, ((START, pounds("5.00")),))
    assert ByWhatItIsCarriedAt(contract, NOTHING, pounds("-1.00")).coming([], START) == [Flow(ENDS, NOTHING, NOTHING)]
    assert ByWhatItIsCarriedAt(AtTheEnd(ENDS), NOTHING, NOTHING).coming([], START) == []
