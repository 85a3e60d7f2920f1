"""What was paid beyond a head, once a late fact is known: held unapplied, shared out again, and given back at last."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bank.allocations.commands import accrue, capitalise, draw_down, move_stage, recover, refund, repay, write_off
from bank.allocations.queries import events
from ledger.commands import close_quarter
from ledger.dates import Quarter
from ledger.money import NOTHING, Money
from ledger.queries import trial_balance
from ledger.verification import verify
from ledger.waterfalls import USUAL_ORDER
from tests.bank.small_bank import SmallBank, pounds
from tests.bank.test_loan_journals import added, agreed, assumed
from tests.bank.test_random_facilities import fresh_bank, step_base

START = date(2012, 1, 10)
PAID = START + timedelta(days=100)
LATE = START + timedelta(days=200)
BASE: dict[str, Any] = {"base": "test-rate", "rate": Decimal("0.05"), "default_margin": Decimal("0.02")}


@pytest.fixture
def lending(small_bank: SmallBank) -> SmallBank:
    small_bank.at(START)
    small_bank.capital("1000000.00")
    step_base(small_bank, "0.05", START)
    return small_bank


def lent(bank: SmallBank, amount: str = "36500.00", **changed: Any) -> str:
    """A loan over a base that stands at 5 %, with a margin of 5 %: so 10.00 a day of 36,500."""
    made = bank.signed(bank.lender(f"Lender {bank.key()}"), amount, annual_rate=Decimal("0.10"))
    agreed(bank, made.id, START, **(BASE | changed))
    draw_down(bank.maya, facility=made.id, amount=made.amount, on=START, key=bank.key())
    return made.id


def paid(bank: SmallBank, facility: str, amount: str, on: date = PAID) -> None:
    repay(bank.maya, facility=facility, amount=pounds(amount), on=on, key=bank.key())


def accrued(bank: SmallBank, facility: str, until: date = LATE) -> None:
    accrue(bank.maya, facility=facility, until=until, key=bank.key())


def stands(bank: SmallBank, facility: str, on: date = LATE) -> dict[str, str]:
    """All that a facility's accounts come to on a day, in the bank's book and in the intermediary's."""
    with bank.database.reading() as session:
        books = ("bank", bank.facility(facility).intermediary)
        found = {
            f"{book[:4]} {line.code.partition(':')[0]}{line.code.partition(facility)[2]}": line.debit - line.credit
            for book in books
            for line in trial_balance(session, book, on).accounts
            if facility in line.code
        }
    return {code: str(amount) for code, amount in found.items() if amount and not code.startswith("bank 9")}


def test_interest_paid_before_the_base_was_known_to_be_lower_pays_principal_instead(lending: SmallBank) -> None:
    late, knew = lent(lending), lent(lending)
    lending.at(LATE)
    paid(lending, late, "3000.00")
    assert stands(lending, late, PAID)["bank 1200"] == "34500.00", "1,000 of interest, and 2,000 of principal"
    step_base(lending, "0.00", START + timedelta(days=50))
    paid(lending, knew, "3000.00")
    accrued(lending, late)
    accrued(lending, knew)
    assert stands(lending, late, PAID)["bank 1200"] == "34250.00", "250 of interest fewer, of principal more"
    for day in (PAID, LATE):
        assert stands(lending, late, day) == stands(lending, knew, day)
    with lending.database.reading() as session:
        assert verify(session).holds


def test_a_payment_told_late_leaves_what_was_lent_on_the_day_of_another_as_it_is(lending: SmallBank) -> None:
    """Two loans draw and pay on one day; of the one a later payment is told in its time, of the other long after."""
    again, then, told = date(2012, 5, 30), date(2012, 8, 1), date(2012, 10, 1)
    terms: dict[str, Any] = {"repayment": "equal-principal", "first_due_on": date(2012, 3, 30)}
    terms |= {"every_months": 2, "instalments": 6, "roll": "none"}
    both = [lending.signed(lending.lender(f"L{n}"), "72000.00", annual_rate=Decimal("0.06")).id for n in range(2)]
    for made in both:
        agreed(lending, made, START, **(BASE | terms))
        draw_down(lending.maya, facility=made, amount=pounds("60000.00"), on=START, key=lending.key())
    lending.at(again)
    for made in both:
        draw_down(lending.maya, facility=made, amount=pounds("12000.00"), on=again, key=lending.key())
        paid(lending, made, "21000.00", again)
    in_time, late = both
    lending.at(then)
    paid(lending, in_time, "2500.00", then)
    lending.at(told)
    for made in both:
        accrued(lending, made, told)
    paid(lending, late, "2500.00", then)
    for day in (then, told):
        assert stands(lending, late, day) == stands(lending, in_time, day)
        assert not stands(lending, late, day).get("bank 1220", "").startswith("-")


def test_of_a_loan_paid_out_what_nobody_owes_any_more_is_given_back(lending: SmallBank) -> None:
    made = lent(lending)
    lending.at(LATE)
    paid(lending, made, "37500.00")
    assert stands(lending, made).get("bank 1210") is None
    step_base(lending, "0.00", START + timedelta(days=50))
    assert added(lending, lambda: accrued(lending, made)) == {"2300": "-250.00", "4000": "250.00"}
    figures = lending.facility(made).figures
    assert (str(figures.unapplied), str(figures.interest_received), str(figures.repaid_principal)) == (
        "250.00",
        "750.00",
        "36500.00",
    )
    refunded = added(lending, lambda: refund(lending.maya, facility=made, amount=pounds("250.00"), on=LATE, key="r"))
    assert refunded == {"1000": "-250.00", "2300": "250.00"}
    assert added(lending, lambda: accrued(lending, made)) == {}
    assert stands(lending, made).get("bank 2300") is None


def test_an_earlier_payment_told_late_pays_on_its_own_day_and_the_later_one_is_shared_out_again(
    lending: SmallBank,
) -> None:
    before, after = PAID - timedelta(days=50), PAID
    told_late, in_order = lent(lending), lent(lending)
    lending.at(LATE)
    paid(lending, told_late, "37500.00", after)
    paid(lending, told_late, "20500.00", before)
    paid(lending, in_order, "20500.00", before)
    paid(lending, in_order, "37500.00", after)
    assert stands(lending, told_late)["bank 2300"] == "-20773.97", "20,000 fewer earned 5.48 a day fewer, for 50 days"
    for day in (before, after, LATE):
        assert stands(lending, told_late, day) == stands(lending, in_order, day)


def test_a_higher_base_known_late_takes_what_was_left_unapplied(lending: SmallBank) -> None:
    late, knew = lent(lending), lent(lending)
    lending.at(LATE)
    paid(lending, late, "37600.00")
    assert stands(lending, late)["bank 2300"] == "-100.00"
    step_base(lending, "0.06", START + timedelta(days=50))
    paid(lending, knew, "37600.00")
    accrued(lending, late)
    assert stands(lending, late)["bank 2300"] == "-50.00"
    assert stands(lending, late) == stands(lending, knew)


def test_a_commitment_fee_paid_before_an_earlier_drawdown_was_known_comes_back(lending: SmallBank) -> None:
    made = lending.signed(lending.lender(), "36500.00", annual_rate=Decimal("0.10")).id
    agreed(lending, made, START, **BASE, commitment_fee=Decimal("0.02"))
    lending.at(LATE)
    paid(lending, made, "200.00")
    assert stands(lending, made) == {"bank 4010": "-200.00", "int_ 1000": "-200.00", "int_ 5300": "200.00"}
    draw_down(lending.maya, facility=made, amount=pounds("18250.00"), on=START + timedelta(days=50), key="d")
    now = stands(lending, made, PAID)
    assert now["bank 4010"] == "-150.00"
    assert now["bank 1210"] == "200.00", "50 paid as a fee pays interest, of which 250 is owed by then"


def test_what_was_made_principal_or_given_up_without_having_accrued_is_taken_back(lending: SmallBank) -> None:
    made_principal, given_up = lent(lending), lent(lending)
    lending.at(LATE)
    capitalise(lending.maya, facility=made_principal, on=PAID, reason="Clause 8.2", key="c")
    write_off(
        lending.maya, facility=given_up, amount=NOTHING, interest=pounds("1000.00"), on=PAID, reason="Waived", key="w"
    )
    step_base(lending, "0.00", START + timedelta(days=50))
    accrued(lending, made_principal)
    accrued(lending, given_up)
    one, other = (stands(lending, each, PAID) for each in (made_principal, given_up))
    assert (one["bank 1200"], one.get("bank 1210")) == ("37250.00", None)
    assert lending.facility(made_principal).figures.capitalised == pounds("750.00")
    assert (other["bank 5010:interest"], other.get("bank 1210")) == ("750.00", None)
    assert lending.facility(given_up).figures.interest_written_off == pounds("750.00")


def waived(bank: SmallBank, facility: str, amount: str, on: date) -> None:
    write_off(
        bank.maya, facility=facility, amount=NOTHING, interest=pounds(amount), on=on, reason="Waived", key=bank.key()
    )


def test_a_waiver_is_made_less_once_however_often_the_payments_before_it_are_shared_out_again(
    lending: SmallBank,
) -> None:
    """20 by the second day, of which 15 is waived; then 10,000 is paid on the first, and a day costs 7.26."""
    made = lent(lending)
    first, second = START + timedelta(days=1), START + timedelta(days=2)
    lending.at(LATE)
    waived(lending, made, "15.00", second)
    paid(lending, made, "10000.00", first)
    once = stands(lending, made, second)
    assert once["bank 5010:interest"] == "12.26"
    for days in (5, 4, 3):
        paid(lending, made, "1.00", START + timedelta(days=days))
        accrued(lending, made)
        assert stands(lending, made, second) == once


def test_a_waiver_is_as_great_as_told_again_once_it_is_known_to_have_accrued_after_all(lending: SmallBank) -> None:
    doubted, knew, capital = (lent(lending) for _ in range(3))
    lending.at(LATE)
    waived(lending, doubted, "1000.00", PAID)
    capitalise(lending.maya, facility=capital, on=PAID, reason="Clause 8.2", key="c")
    step_base(lending, "0.00", START + timedelta(days=50))
    for facility in (doubted, capital):
        accrued(lending, facility)
    assert stands(lending, doubted)["bank 5010:interest"] == "750.00"
    assert stands(lending, capital)["bank 1200"] == "37250.00"
    step_base(lending, "0.15", START + timedelta(days=75))
    waived(lending, knew, "1000.00", PAID)
    for facility in (doubted, knew, capital):
        accrued(lending, facility)
    assert stands(lending, doubted) == stands(lending, knew)
    assert stands(lending, doubted)["bank 5010:interest"] == "1000.00"
    assert stands(lending, capital)["bank 1200"] == "37500.00"
    assert lending.facility(doubted).figures.interest_written_off == pounds("1000.00")
    assert lending.facility(capital).figures.capitalised == pounds("1000.00")


def test_no_more_of_a_loss_is_taken_back_than_was_not_recovered_by_any_day(lending: SmallBank) -> None:
    """100 is waived on the tenth day and 60 recovered on the twentieth; of the 100 only 50 had accrued."""
    made = lent(lending)
    tenth, twentieth, fiftieth = (START + timedelta(days=days) for days in (10, 20, 50))
    lending.at(LATE)
    waived(lending, made, "100.00", tenth)
    recover(lending.maya, facility=made, amount=pounds("60.00"), on=twentieth, key="r")
    waived(lending, made, "100.00", fiftieth)
    step_base(lending, "0.00", START)
    accrued(lending, made)
    assert stands(lending, made, twentieth)["bank 5010:interest"] == "60.00"
    assert stands(lending, made)["bank 5010:interest"] == "160.00"


def test_of_a_quarter_closed_for_good_it_is_entered_on_the_first_open_day_and_counts_from_its_own(
    lending: SmallBank,
) -> None:
    closed = lent(lending)
    lending.at(LATE)
    early = date(2012, 3, 1)
    paid(lending, closed, "3000.00", early)
    accrued(lending, closed, date(2012, 4, 1))
    with lending.maya.writing() as work:
        close_quarter(work, Quarter(2012, 1), hard=True)
    before = stands(lending, closed, date(2012, 3, 31))
    step_base(lending, "0.00", START)
    accrued(lending, closed)
    assert stands(lending, closed, date(2012, 3, 31)) == before, "what was reported stays"
    assert stands(lending, closed, date(2012, 4, 1))["bank 1200"] == "33755.00", "51 days at 5 %: 255 of the 510 paid"
    exact = Decimal(33755) * 5 / 100 / 365 * (LATE - early).days
    assert Decimal(stands(lending, closed)["bank 1210"]) == round(exact, 2)


def test_stage_3_told_late_takes_up_what_was_paid_and_gives_none_of_it_back(lending: SmallBank) -> None:
    made = lent(lending)
    lending.at(LATE)
    assumed(lending, 3, "1", "0.60")
    repay(lending.maya, facility=made, interest=pounds("1000.00"), on=PAID, key="p")
    move_stage(lending.maya, facility=made, stage=3, on=START + timedelta(days=10), reason="Insolvent", key="s")
    accrued(lending, made)
    now = stands(lending, made, PAID)
    assert "bank 2300" not in now
    assert not now.get("bank 1210", "").startswith("-"), now


def test_what_changed_terms_lost_is_put_right_by_a_base_that_comes_late_alone(lending: SmallBank) -> None:
    late, knew = lent(lending), lent(lending)
    lending.at(LATE)
    step_down: dict[str, Any] = BASE | {
        "rate": Decimal("0.04"),
        "reason": "A better grant",
        "first_due_on": START + timedelta(days=366),
    }
    agreed(lending, late, PAID, **step_down)
    accrued(lending, late)
    lost = stands(lending, late, PAID)["bank 1230"]
    step_base(lending, "0.02", START + timedelta(days=50))
    agreed(lending, knew, PAID, **step_down)
    for facility in (late, knew):
        accrued(lending, facility)
    assert stands(lending, late, PAID)["bank 1230"] != lost
    for day in (PAID, LATE):
        assert stands(lending, late, day) == stands(lending, knew, day)


def test_a_payment_told_late_takes_no_principal_that_was_lost_since(lending: SmallBank) -> None:
    made = lent(lending)
    lending.at(LATE)
    write_off(lending.maya, facility=made, amount=pounds("20000.00"), on=PAID, reason="Wound up", key="w")
    paid(lending, made, "30000.00", START + timedelta(days=50))
    now = stands(lending, made)
    assert "bank 1200" not in now, "16,500 is repaid, and 20,000 was written off"
    assert now["bank 2300"] == "-13000.00"
    assert stands(lending, made, PAID - timedelta(days=1))["bank 1200"] == "20000.00"


def test_a_payment_told_late_takes_no_principal_that_was_lost_since_though_some_was_paid_by_hand_between(
    lending: SmallBank,
) -> None:
    """What was paid by hand on its day was owed then and stays: 6,500 of it, after which all the rest was lost."""
    made = lent(lending)
    lending.at(LATE)
    repay(lending.maya, facility=made, principal=pounds("6500.00"), on=PAID - timedelta(days=10), key="h")
    write_off(lending.maya, facility=made, amount=pounds("30000.00"), on=PAID, reason="Wound up", key="w")
    paid(lending, made, "20000.00", START + timedelta(days=50))
    now = stands(lending, made)
    assert "bank 1200" not in now
    assert now["bank 2300"] == "-20000.00", "all interest was given up with the last of the principal"
    assert lending.facility(made).figures.repaid_principal == pounds("6500.00")


def test_a_payment_told_late_takes_no_principal_that_was_interest_and_may_never_have_accrued(
    lending: SmallBank,
) -> None:
    """1,000 of interest made principal on the hundredth day, 30,000 of 37,500 lost, then 20,000 paid on the fiftieth.

    It repays what is left without that 1,000: with it, nothing would be left to take back what of the 1,000 turns out
    not to have accrued on so much less.
    """
    made = lent(lending)
    lending.at(LATE)
    capitalise(lending.maya, facility=made, amount=pounds("1000.00"), on=PAID, reason="Clause 8.2", key="c")
    lost_on = PAID + timedelta(days=50)
    write_off(lending.maya, facility=made, amount=pounds("30000.00"), on=lost_on, reason="Wound up", key="w")
    assert stands(lending, made)["bank 1200"] == "7500.00"
    paid(lending, made, "20000.00", START + timedelta(days=50))
    days = [START + timedelta(days=number) for number in (50, 99, 100, 149, 150, 200)]
    left = [Decimal(stands(lending, made, day).get("bank 1200", "0.00")) for day in days]
    assert left[:2] == [Decimal("30000.00"), Decimal("30000.00")], "36,500 less the 6,500 that were left for certain"
    made_principal = left[2] - left[1]
    assert made_principal == Decimal("910.96"), "fifty days on 36,500 and fifty on 30,000, at a tenth a year"
    assert left[3:] == [left[2], made_principal, made_principal]


def test_a_waiver_of_interest_gives_up_no_default_interest_though_all_principal_be_repaid(lending: SmallBank) -> None:
    """36,500 was due after 31 days, and is repaid 69 later with 69 days' default interest unpaid, by hand."""
    made = lent(lending, first_due_on=START + timedelta(days=31), instalments=1, roll="none")
    lending.at(LATE)
    repay(lending.maya, facility=made, principal=pounds("36500.00"), on=PAID, key="h")
    before = Decimal(stands(lending, made, PAID)["bank 1220"])
    assert before > 138, "2.00 a day on the principal, and something on the interest of 310"
    waived(lending, made, "100.00", START + timedelta(days=90))
    after = Decimal(stands(lending, made, PAID)["bank 1220"])
    assert before - after == Decimal("0.05"), "2 % of 100 for ten days: what is waived is overdue no more"
    write_off(lending.maya, facility=made, amount=NOTHING, on=LATE, reason="Let go", key="w")
    left = stands(lending, made)
    assert not {"bank 1210", "bank 1220"} & set(left), "what is left of both goes where no interest is told"


def test_every_step_is_an_event_that_the_facility_shows(lending: SmallBank) -> None:
    made = lent(lending)
    lending.at(LATE)
    paid(lending, made, "3000.00")
    step_base(lending, "0.00", START + timedelta(days=50))
    accrued(lending, made)
    with lending.database.reading() as session:
        told = [(each.kind, str(each.amount), str(each.interest)) for each in events(session, made, as_at=date.max)]
    assert ("payment-back", "0.00", "250.00") in told
    assert ("repayment", "250.00", "0.00") in told


ORDERS: Final = st.permutations(USUAL_ORDER).map(tuple)
FACTS: dict[str, Callable[..., object]] = {
    "pay": lambda desk, size, **told: repay(desk, amount=Money(1_00 + size * 20_00), **told),
    "by-hand": lambda desk, size, **told: repay(desk, principal=Money(1_00 + size), **told),
    "draw": lambda desk, size, **told: draw_down(desk, amount=Money(1_00 + size * 10_00), **told),
}


PAID_OUT: Final = [("pay", 50, 1), ("pay", 0, 16)]
MENDED: Final = [("draw", 50, 49), ("draw", 83, 59), ("pay", 17, 29), ("pay", 5, 126)]
SHUFFLED: Final = Random(1)  # noqa: S311 -- an order, and no secret


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@example(PAID_OUT, SHUFFLED, ("0.00", 20, 1), (USUAL_ORDER, USUAL_ORDER))  # nothing was owed when terms changed
@example(MENDED, SHUFFLED, ("0.00", 117, 2), (USUAL_ORDER, USUAL_ORDER))  # what terms lost is taken back whole
@given(
    told=st.lists(
        st.tuples(st.sampled_from(["pay", "pay", "draw"]), st.integers(0, 99), st.integers(1, 190)),
        min_size=2,
        max_size=6,
        unique_by=lambda fact: fact[2],
    ),
    order=st.randoms(use_true_random=False),
    steps=st.tuples(st.sampled_from(["0.00", "0.09"]), st.integers(20, 150), st.integers(0, 6)),
    waterfalls=st.tuples(ORDERS, ORDERS),
)
def test_payments_come_to_the_same_in_whatever_order_they_are_told(
    run_of_tests: Path, told: list[Any], order: Any, steps: tuple[str, int, int], waterfalls: tuple[Any, Any]
) -> None:
    """By whatever waterfall the contract names, and by another one from a day on that comes to be known late."""
    rate, since, known_after = steps
    with fresh_bank(run_of_tests) as bank:
        bank.at(START)
        bank.capital("1000000.00")
        step_base(bank, "0.05", START)
        made = [lent_on_terms(bank, waterfalls[0]) for _ in range(2)]
        bank.at(LATE)
        shuffled = list(told)
        order.shuffle(shuffled)
        for place, fact in enumerate(shuffled):
            if place == known_after:
                step_base(bank, rate, START + timedelta(days=since))
                other_order(bank, made[0], waterfalls[1])
            tell(bank, made[0], fact)
        if known_after >= len(told):
            step_base(bank, rate, START + timedelta(days=since))
            other_order(bank, made[0], waterfalls[1])
        other_order(bank, made[1], waterfalls[1])
        for fact in sorted(told, key=lambda fact: int(fact[2])):
            tell(bank, made[1], fact)
        for facility in made:
            accrued(bank, facility)
        for day in sorted(START + timedelta(days=days) for _, _, days in told):
            assert stands(bank, made[0], day) == stands(bank, made[1], day), day
        now = [stands(bank, facility) for facility in made]
        assert now[0] == now[1]
        assert all(Money.parse(now[0].get(f"bank {root}", "0.00")) >= NOTHING for root in ("1200", "1210", "1220"))


PLAN: Final[dict[str, Any]] = {
    "repayment": "equal-principal",
    "first_due_on": START + timedelta(days=30),
    "every_months": 1,
    "instalments": 24,
    "commitment_fee": Decimal("0.01"),
}


def lent_on_terms(bank: SmallBank, waterfall: Sequence[str]) -> str:
    """1,000 of 5,000 drawn, due in monthly parts, with a fee on what is undrawn and interest at default."""
    made = bank.signed(bank.lender(f"Lender {bank.key()}"), "5000.00", annual_rate=Decimal("0.10")).id
    agreed(bank, made, START, **BASE, **PLAN, waterfall=waterfall)
    draw_down(bank.maya, facility=made, amount=pounds("1000.00"), on=START, key=bank.key())
    return made


def other_order(bank: SmallBank, facility: str, waterfall: Sequence[str]) -> None:
    """The same terms but for the order in which payments are shared out."""
    told = BASE | PLAN | {"first_due_on": PAID + timedelta(days=1), "reason": "Another order"}
    agreed(bank, facility, PAID - timedelta(days=20), **told, waterfall=waterfall)


def tell(bank: SmallBank, facility: str, fact: tuple[str, int, int]) -> None:
    kind, size, days = fact
    FACTS[kind](bank.maya, size, facility=facility, on=START + timedelta(days=days), key=bank.key())
