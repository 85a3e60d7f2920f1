"""The journals of a loan, each a table of debits and credits: what one act adds to the bank's book, nothing else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from bank.allocations.commands import (
    accrue,
    allow_for_loss,
    approve,
    approve_assumption,
    approve_terms,
    assume_loss,
    capitalise,
    draw_down,
    lapse,
    move_stage,
    propose_terms,
    recover,
    refund,
    repay,
    sign,
    take_fee,
    write_off,
)
from bank.allocations.products.queries import journal as shown_journal
from bank.allocations.queries import FacilityView
from bank.allocations.rules import BeyondOutstanding, BeyondWriteOff
from bank.treasury.rules import BadTerms
from ledger.commands import close_quarter
from ledger.dates import Quarter
from ledger.money import Money
from ledger.queries import pairs_that_disagree, trial_balance
from ledger.verification import verify
from tests.bank.small_bank import SmallBank, pounds

START = date(2012, 1, 10)
YEAR_ON = START + timedelta(days=365)


@pytest.fixture
def lending(small_bank: SmallBank) -> SmallBank:
    small_bank.at(START)
    small_bank.capital("1000000.00")
    return small_bank


def agreed(bank: SmallBank, facility: str, from_on: date = START, **changed: Any) -> None:
    """Terms of a bullet loan with yearly interest at 10 %, unless changed; proposed by Maya and approved by Tom."""
    told: dict[str, Any] = {
        "rate": Decimal("0.10"),
        "repayment": "bullet",
        "first_due_on": START + timedelta(days=366),
        "every_months": 12,
        "instalments": 4,
    }
    made = propose_terms(bank.maya, facility=facility, from_on=from_on, key=bank.key(), **(told | changed))
    approve_terms(bank.tom, id=made.id, key=bank.key())


def assumed(bank: SmallBank, stage: int, probability: str, lost: str) -> None:
    made = assume_loss(
        bank.maya,
        stage=stage,
        probability=Decimal(probability),
        loss_given_default=Decimal(lost),
        from_on=START,
        basis="Invented for a test",
        key=bank.key(),
    )
    approve_assumption(bank.tom, id=made.id, key=bank.key())


def loan(bank: SmallBank, amount: str = "100000.00", **changed: Any) -> FacilityView:
    made = bank.signed(bank.lender(f"Lender {bank.key()}"), amount, annual_rate=Decimal("0.10"))
    agreed(bank, made.id, **changed)
    return draw_down(bank.maya, facility=made.id, amount=pounds(amount), on=START, key=bank.key())


def added(bank: SmallBank, act: Callable[[], object]) -> dict[str, str]:
    """What an act adds to each account of the bank's book by its first part: a debit is positive."""

    def balances() -> dict[str, int]:
        found: dict[str, int] = {}
        with bank.database.reading() as session:
            for line in trial_balance(session, "bank").accounts:
                head = line.code.partition(":")[0]
                found[head] = found.get(head, 0) + line.debit.pence - line.credit.pence
            assert pairs_that_disagree(session) == []
        return found

    before = balances()
    act()
    after = balances()
    changed = {code: after.get(code, 0) - before.get(code, 0) for code in sorted({*before, *after})}
    assert sum(changed.values()) == 0
    return {code: str(Money(pence)) for code, pence in changed.items() if pence}


def test_10_an_approval_and_a_signature_are_memoranda(lending: SmallBank) -> None:
    made = lending.proposed(lending.lender(), "100000.00")
    agreed_in_principle = approve(lending.tom, facility=made.id, key="approve")
    assert posted(lending, made.id) == ["9110 9199 100000.00"]
    assert str(agreed_in_principle.figures.awaiting_signature) == "100000.00"
    sign(lending.maya, facility=made.id, key="sign")
    assert posted(lending, made.id)[1:] == ["9199 9110 100000.00", "9100 9199 100000.00"]
    assert [lending.balance("bank", code) for code in ("9110", "9100", "9199")] == ["0.00", "100000.00", "-100000.00"]


def test_31_what_is_undrawn_lapses(lending: SmallBank) -> None:
    made = lending.signed(lending.lender(), "100000.00")
    draw_down(lending.maya, facility=made.id, amount=pounds("60000.00"), on=START, key="draw")
    before = posted(lending, made.id)
    lapse(lending.maya, facility=made.id, on=START, reason="No more is needed", key="lapse")
    assert posted(lending, made.id)[len(before) :] == ["9199 9100 40000.00"]
    assert [lending.balance("bank", code) for code in ("9100", "9199")] == ["0.00", "0.00"]


def posted(bank: SmallBank, facility: str) -> list[str]:
    """All that stands in the bank's own book for a facility: debit, credit and amount."""
    with bank.database.reading() as session:
        shown = shown_journal(session, facility)
    return [f"{line.debit} {line.credit} {line.amount}" for line in shown if line.book == "bank"]


def test_11_a_drawdown_net_of_the_fee_withheld(lending: SmallBank) -> None:
    made = lending.signed(lending.lender(), "100000.00")
    agreed(lending, made.id, arrangement_fee=pounds("1000.00"), fee_withheld=True)
    assert added(
        lending,
        lambda: draw_down(lending.maya, facility=made.id, amount=made.amount, on=START, key="draw"),
    ) == {
        "1000": "-99000.00",
        "1200": "100000.00",
        "1230": "-1000.00",
        "9100": "-100000.00",
        "9199": "100000.00",
    }
    assert lending.balance(made.intermediary, f"1000:{made.id}") == "99000.00"
    assert lending.balance(made.intermediary, f"5300:{made.id}") == "1000.00"
    with lending.database.reading() as session:
        shown = [line for line in shown_journal(session, made.id) if line.what == "drawdown"]
    assert [f"{line.book} {line.debit} {line.credit} {line.amount}" for line in shown] == [
        "bank 1200 1000 99000.00",
        "bank 1200 1230 1000.00",
        "theirs 1000 2100 99000.00",
        "theirs 5300 2100 1000.00",
        "bank 9199 9100 100000.00",
    ]


def test_12_an_arrangement_fee_is_earned_by_the_effective_rate_over_the_loan(lending: SmallBank) -> None:
    made = lending.signed(lending.lender(), "100000.00")
    agreed(lending, made.id, rate=Decimal("0.05"), arrangement_fee=pounds("4000.00"))
    draw_down(lending.maya, facility=made.id, amount=made.amount, on=START, key="draw")
    assert added(lending, lambda: take_fee(lending.maya, facility=made.id, on=START, key="fee")) == {
        "1000": "4000.00",
        "1230": "-4000.00",
    }
    with pytest.raises(BadTerms, match="was taken"):
        take_fee(lending.maya, facility=made.id, on=START, key="again")
    lending.at(YEAR_ON)
    to_come = [
        (date(2013, 1, 10), pounds("5013.70")),
        (date(2014, 1, 10), pounds("5000.00")),
        (date(2015, 1, 12), pounds("5027.40")),
        (date(2016, 1, 11), pounds("104986.30")),
    ]  # 5 % of 100,000 by the days between working days, 366, 365, 367 and 364 of them, and then the whole
    worth = worth_at(rate_of(pounds("96000.00"), to_come, START), to_come, YEAR_ON)
    earned = pounds("4000.00") - (pounds("105000.00") - worth)
    before = posted(lending, made.id)
    accrue(lending.maya, facility=made.id, until=YEAR_ON, key="1")
    assert posted(lending, made.id)[len(before) :] == ["1210 4000 5000.00", f"1230 4000 {earned}"]
    assert str(earned) == "910.62"  # less at first than a quarter of it a year
    over = made.matures_on
    lending.at(over)
    accrue(lending.maya, facility=made.id, until=over, key="2")
    assert posted(lending, made.id)[-1] == "1230 4000 3089.38"
    assert lending.balance("bank", f"1230:{made.id}") == "0.00"


def rate_of(carried: Money, to_come: list[tuple[date, Money]], day: date) -> Decimal:
    """The yearly rate at which what is to come is worth what is carried: by halving, beside the bank's own way."""
    low, high = Decimal(0), Decimal(1)
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if worth_at(middle, to_come, day) > carried else (low, middle)
    return low


def worth_at(rate: Decimal, to_come: list[tuple[date, Money]], day: date) -> Money:
    """What is to come, discounted Actual/365."""
    worth = (due.pence / (1 + rate) ** (Decimal((on - day).days) / 365) for on, due in to_come)
    return Money.round_half_up(sum(worth, Decimal(0)))


def test_13_a_commitment_fee_on_what_is_undrawn_day_by_day(lending: SmallBank) -> None:
    made = lending.signed(lending.lender(), "100000.00")
    agreed(lending, made.id, commitment_fee=Decimal("0.01"))
    lending.at(YEAR_ON)
    assert added(lending, lambda: accrue(lending.maya, facility=made.id, until=YEAR_ON, key="1")) == {
        "1500": "1000.00",
        "4010": "-1000.00",
    }
    assert added(
        lending, lambda: repay(lending.maya, facility=made.id, fees=pounds("1000.00"), on=YEAR_ON, key="2")
    ) == {
        "1000": "1000.00",
        "1500": "-1000.00",
    }


def test_14_interest_accrues_on_the_gross_amount_in_stages_1_and_2(lending: SmallBank) -> None:
    made = loan(lending)
    move_stage(lending.maya, facility=made.id, stage=2, on=START, reason="A covenant was missed", key="stage")
    lending.at(YEAR_ON)
    assert added(lending, lambda: accrue(lending.maya, facility=made.id, until=YEAR_ON, key="1")) == {
        "1210": "10000.00",
        "4000": "-10000.00",
    }


def test_14b_in_stage_3_interest_accrues_on_the_net_amount(lending: SmallBank) -> None:
    made = loan(lending)
    move_stage(lending.maya, facility=made.id, stage=3, on=START, reason="Insolvent", key="stage")
    allow_for_loss(
        lending.maya, facility=made.id, on=START, amount=pounds("40000.00"), reason="An offer of 60p", key="allow"
    )
    lending.at(YEAR_ON)
    assert added(lending, lambda: accrue(lending.maya, facility=made.id, until=YEAR_ON, key="1")) == {
        "1210": "6000.00",
        "4000": "-6000.00",
        "9140": "4000.00",
        "9199": "-4000.00",
    }


def test_15_a_payment_goes_to_fees_default_interest_interest_and_principal_in_that_order(lending: SmallBank) -> None:
    made = lending.signed(lending.lender(), "100000.00")
    agreed(
        lending,
        made.id,
        commitment_fee=Decimal("0.01"),
        default_margin=Decimal("0.02"),
        repayment="equal-principal",
        first_due_on=START + timedelta(days=31),
        every_months=1,
        instalments=5,
    )
    draw_down(lending.maya, facility=made.id, amount=pounds("50000.00"), on=START, key="draw")
    day = START + timedelta(days=73)
    lending.at(day)
    accrue(lending.maya, facility=made.id, until=day, key="1")
    owed = {code: lending.balance("bank", f"{code}:{made.id}") for code in ("1500", "1220", "1210")}
    assert owed["1500"] == "100.00"
    assert owed["1210"] == "1000.00"
    assert pounds(owed["1220"]) > pounds("10.00")
    paid = pounds(owed["1500"]) + pounds(owed["1220"]) + pounds(owed["1210"]) + pounds("250.00")
    assert added(lending, lambda: repay(lending.maya, facility=made.id, amount=paid, on=day, key="2")) == {
        "1000": str(paid),
        "1200": "-250.00",
        "1210": "-1000.00",
        "1220": f"-{owed['1220']}",
        "1500": "-100.00",
    }
    with lending.database.reading() as session:
        assert verify(session).holds


def test_15_another_contract_puts_principal_first_as_far_as_it_is_due(lending: SmallBank) -> None:
    """A quarter of 100,000 is due after a year, with 10,000 of interest; what is not due yet comes after it."""
    order = ("principal", "interest", "default-interest", "fees")
    made = loan(lending, waterfall=order, repayment="equal-principal", first_due_on=YEAR_ON, roll="none")
    lending.at(YEAR_ON)
    accrue(lending.maya, facility=made.id, until=YEAR_ON, key="1")
    shares = {"20000.00": {"1200": "-20000.00"}, "7000.00": {"1200": "-5000.00", "1210": "-2000.00"}}
    shares |= {"9000.00": {"1200": "-1000.00", "1210": "-8000.00"}}
    for amount, parts in shares.items():
        paying = partial(repay, lending.maya, facility=made.id, amount=pounds(amount), on=YEAR_ON, key=amount)
        assert added(lending, paying) == {"1000": amount} | parts


def test_16_interest_made_principal_earns_from_then_on(lending: SmallBank) -> None:
    made = loan(lending)
    lending.at(YEAR_ON)
    with pytest.raises(BadTerms, match="clause"):
        capitalise(lending.maya, facility=made.id, on=YEAR_ON, reason=" ", key="0")
    accrue(lending.maya, facility=made.id, until=YEAR_ON, key="1")
    assert added(
        lending, lambda: capitalise(lending.maya, facility=made.id, on=YEAR_ON, reason="Clause 8.2", key="2")
    ) == {
        "1200": "10000.00",
        "1210": "-10000.00",
    }
    assert lending.balance(made.intermediary, f"2100:{made.id}") == "-110000.00"
    later = YEAR_ON + timedelta(days=365)
    lending.at(later)
    assert added(lending, lambda: accrue(lending.maya, facility=made.id, until=later, key="3")) == {
        "1210": "11000.00",
        "4000": "-11000.00",
    }
    figures = lending.facility(made.id).figures
    assert (str(figures.capitalised), str(figures.outstanding), str(figures.drawn)) == (
        "10000.00",
        "110000.00",
        "100000.00",
    )


def test_17_a_repayment_and_what_goes_beyond_all_that_is_owed(lending: SmallBank) -> None:
    made = loan(lending)
    assert added(
        lending, lambda: repay(lending.maya, facility=made.id, amount=pounds("100123.45"), on=START, key="1")
    ) == {
        "1000": "100123.45",
        "1200": "-100000.00",
        "2300": "-123.45",
    }
    assert str(lending.facility(made.id).figures.unapplied) == "123.45"
    with pytest.raises(BeyondOutstanding):
        refund(lending.maya, facility=made.id, amount=pounds("123.46"), on=START, key="2")
    assert added(
        lending, lambda: refund(lending.maya, facility=made.id, amount=pounds("123.45"), on=START, key="3")
    ) == {
        "1000": "-123.45",
        "2300": "123.45",
    }


def test_18_expected_loss_is_allowed_for_and_moves_with_the_stage_before_it_is_measured_anew(
    lending: SmallBank,
) -> None:
    made = loan(lending)
    for stage, probability, lost in ((1, "0.02", "0.45"), (2, "0.20", "0.45"), (3, "1", "0.60")):
        assumed(lending, stage, probability, lost)
    # in the middle of the year ahead, a leap year, 100,000 is owed and 183 days of 10 % on it
    owed, worth = Decimal("105013.70"), Decimal("1.1") ** (Decimal(183) / 365)
    one, two = (round(owed * Decimal(told) / worth, 2) for told in ("0.009", "0.09"))

    def measured(key: str) -> dict[str, str]:
        return added(lending, lambda: allow_for_loss(lending.maya, facility=made.id, on=START, key=key))

    assert measured("1") == {"1240": f"-{one}", "5000": str(one)}
    move_stage(lending.maya, facility=made.id, stage=2, on=START, reason="Late accounts", key="stage 2")
    assert measured("2") == {"1240": str(one), "1241": f"-{two}", "5000": str(two - one)}
    move_stage(lending.maya, facility=made.id, stage=3, on=START, reason="Insolvent", key="stage 3")
    assert measured("3") == {"1241": str(two), "1242": "-60000.00", "5000": str(60000 - two)}
    assert measured("4") == {}


def test_19_a_write_off_goes_through_the_allowance_and_the_rest_is_a_loss(lending: SmallBank) -> None:
    made = loan(lending)
    move_stage(lending.maya, facility=made.id, stage=3, on=START, reason="Insolvent", key="stage")
    allow_for_loss(
        lending.maya, facility=made.id, on=START, amount=pounds("70000.00"), reason="An offer of 30p", key="allow"
    )
    lost = added(
        lending,
        lambda: write_off(
            lending.maya, facility=made.id, amount=pounds("100000.00"), on=START, reason="Wound up", key="1"
        ),
    )
    assert lost == {
        "1200": "-100000.00",
        "1242": "70000.00",
        "5010": "30000.00",
    }
    assert lending.balance(made.intermediary, f"4200:{made.id}") == "-100000.00"


def test_19_interest_that_was_never_paid_is_written_off_with_the_principal(lending: SmallBank) -> None:
    made = loan(lending)
    lending.at(YEAR_ON)
    accrue(lending.maya, facility=made.id, until=YEAR_ON, key="accrue")
    move_stage(lending.maya, facility=made.id, stage=3, on=YEAR_ON, reason="Insolvent", key="stage")
    allow_for_loss(
        lending.maya, facility=made.id, on=YEAR_ON, amount=pounds("70000.00"), reason="An offer of 30p", key="allow"
    )
    before = posted(lending, made.id)
    lost = added(
        lending,
        lambda: write_off(
            lending.maya, facility=made.id, amount=made.amount, on=YEAR_ON, reason="Wound up", key="written off"
        ),
    )
    assert lost == {
        "1200": "-100000.00",
        "1210": "-10000.00",
        "1242": "70000.00",
        "5010": "40000.00",
    }
    assert posted(lending, made.id)[len(before) :] == [
        "5010 1200 100000.00",
        "5010 1210 10000.00",
        "1242 5010 70000.00",
    ]
    assert lending.balance(made.intermediary, f"4200:{made.id}") == "-100000.00"  # their book never owed the interest


def test_19_a_fee_that_is_never_earned_makes_the_loss_smaller(lending: SmallBank) -> None:
    made = lending.signed(lending.lender(), "100000.00")
    agreed(lending, made.id, arrangement_fee=pounds("4000.00"), fee_withheld=True)
    draw_down(lending.maya, facility=made.id, amount=made.amount, on=START, key="draw")
    lost = added(
        lending,
        lambda: write_off(lending.maya, facility=made.id, amount=made.amount, on=START, reason="Wound up", key="1"),
    )
    assert lost == {
        "1200": "-100000.00",
        "1230": "4000.00",
        "5010": "96000.00",
    }
    lending.at(YEAR_ON)
    assert added(lending, lambda: accrue(lending.maya, facility=made.id, until=YEAR_ON, key="2")) == {}


def test_20_a_recovery_stays_within_what_was_written_off(lending: SmallBank) -> None:
    made = loan(lending)
    write_off(lending.maya, facility=made.id, amount=pounds("100000.00"), on=START, reason="Wound up", key="1")
    assert added(
        lending, lambda: recover(lending.maya, facility=made.id, amount=pounds("1.00"), on=START, key="2")
    ) == {
        "1000": "1.00",
        "4060": "-1.00",
    }
    with pytest.raises(BeyondWriteOff):
        recover(lending.maya, facility=made.id, amount=pounds("100000.00"), on=START, key="3")


def test_20_on_no_day_has_more_come_back_than_was_written_off_by_then(lending: SmallBank) -> None:
    made = loan(lending)
    lending.at(YEAR_ON)
    for key, amount, on in (("1", "60.00", START), ("2", "40.00", YEAR_ON)):
        write_off(lending.maya, facility=made.id, amount=pounds(amount), on=on, reason="Lost", key=key)
    between = START + timedelta(days=9)
    with pytest.raises(BeyondWriteOff, match=r"leaves 60\.00"):
        recover(lending.maya, facility=made.id, amount=pounds("60.01"), on=between, key="3")
    recover(lending.maya, facility=made.id, amount=pounds("90.00"), on=YEAR_ON, key="4")
    with pytest.raises(BeyondWriteOff, match=r"leaves 10\.00"):
        recover(lending.maya, facility=made.id, amount=pounds("10.01"), on=between, key="5")
    recover(lending.maya, facility=made.id, amount=pounds("10.00"), on=between, key="6")


def test_21_changed_terms_are_valued_at_the_original_effective_rate(lending: SmallBank) -> None:
    """100 lent for four years at 10 %, and 8 % from the first anniversary on: 2 a year less, for three years."""
    made = loan(lending, first_due_on=date(2013, 1, 10), roll="none")
    changed = date(2013, 1, 10)
    lending.at(changed)
    accrue(lending.maya, facility=made.id, until=changed, key="1")
    repay(lending.maya, facility=made.id, interest=pounds("10027.40"), on=changed, key="2")
    loss = added(
        lending,
        lambda: agreed(
            lending,
            made.id,
            from_on=changed,
            rate=Decimal("0.08"),
            first_due_on=date(2014, 1, 10),
            instalments=3,
            roll="none",
            reason="The intermediary asked for relief",
        ),
    )
    years = [date(year, 1, 10) for year in (2013, 2014, 2015, 2016)]
    first = [pounds(each) for each in ("10027.40", "10000.00", "10000.00", "110000.00")]
    then = [pounds(each) for each in ("8000.00", "8000.00", "108000.00")]
    original = rate_of(pounds("100000.00"), list(zip(years, first, strict=True)), START)
    carried = worth_at(original, list(zip(years[1:], then, strict=True)), changed)
    assert loss == {"1230": f"-{pounds('100000.00') - carried}", "5000": "4972.79"}
    assert posted(lending, made.id)[-1] == "5000 1230 4972.79"
    lending.at(years[1])
    before = posted(lending, made.id)
    accrue(lending.maya, facility=made.id, until=years[1], key="3")
    later = worth_at(original, list(zip(years[2:], then[1:], strict=True)), years[1])
    unwound = later - carried  # what it is carried at goes on earning the original rate, of which 8,000 are in cash
    assert posted(lending, made.id)[len(before) :] == ["1210 4000 8000.00", f"1230 4000 {unwound}"]


def test_21_a_change_dated_in_a_closed_quarter_is_entered_in_the_first_open_one(lending: SmallBank) -> None:
    made = loan(lending)
    lending.at(date(2012, 4, 20))
    accrue(lending.maya, facility=made.id, until=date(2012, 3, 31), key="1")
    with lending.maya.writing() as work:
        close_quarter(work, Quarter(2012, 1), hard=True)
    before = lending.facility(made.id, date(2012, 3, 31)).figures
    agreed(lending, made.id, from_on=date(2012, 3, 1), rate=Decimal("0.09"), reason="Known late", instalments=3)
    accrue(lending.maya, facility=made.id, until=date(2012, 4, 20), key="2")
    assert lending.facility(made.id, date(2012, 3, 31)).figures == before
    accrued = lending.facility(made.id).figures.interest_accrued
    exact = Decimal(100000) * (Decimal("0.10") * 51 + Decimal("0.09") * 50) / 365
    assert accrued.pence == round(exact * 100)
    assert Decimal(lending.balance("bank", f"1230:{made.id}", date(2012, 3, 31))) == 0
    assert Decimal(lending.balance("bank", f"1230:{made.id}")) < 0
