"""A payment divided by hand stays as it was told wherever it was owed there, whatever was known in between."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from bank.allocations.commands import draw_down, refund, repay
from bank.allocations.queries import events
from bank.allocations.rules import BeyondOutstanding
from ledger.money import NOTHING
from ledger.verification import verify
from tests.bank.small_bank import SmallBank, pounds
from tests.bank.test_loan_journals import agreed
from tests.bank.test_random_facilities import step_base
from tests.bank.test_reapplied import BASE, LATE, PAID, START, accrued, lent, paid, stands


@pytest.fixture
def lending(small_bank: SmallBank) -> SmallBank:
    small_bank.at(START)
    small_bank.capital("1000000.00")
    step_base(small_bank, "0.05", START)
    return small_bank


def by_hand(bank: SmallBank, facility: str, interest: str, on: date = PAID) -> None:
    repay(bank.maya, facility=facility, interest=pounds(interest), on=on, key=bank.key())


def drawn(bank: SmallBank, facility: str, amount: str, on: date) -> None:
    draw_down(bank.maya, facility=facility, amount=pounds(amount), on=on, key=bank.key())


def steps(bank: SmallBank, facility: str) -> list[tuple[str, str, str]]:
    with bank.database.reading() as session:
        assert verify(session).holds
        return [(each.kind, str(each.amount), str(each.interest)) for each in events(session, facility, as_at=date.max)]


def test_what_was_divided_by_hand_is_under_its_head_again_once_it_is_known_to_have_been_owed_after_all(
    lending: SmallBank,
) -> None:
    """1,000 of interest by hand: of it 250 had not accrued by a lower base, and all had by a higher one since."""
    doubted, knew = lent(lending), lent(lending)
    lending.at(LATE)
    by_hand(lending, doubted, "1000.00")
    step_base(lending, "0.00", START + timedelta(days=50))
    accrued(lending, doubted)
    assert stands(lending, doubted, PAID)["bank 1200"] == "36250.00", "250 had not accrued, and repays principal"
    step_base(lending, "0.15", START + timedelta(days=75))
    by_hand(lending, knew, "1000.00")
    for facility in (doubted, knew):
        accrued(lending, facility)
    for day in (PAID, LATE):
        assert stands(lending, doubted, day) == stands(lending, knew, day)
    figures = lending.facility(doubted).figures
    assert (figures.interest_received, figures.repaid_principal) == (pounds("1000.00"), NOTHING)
    told = steps(lending, doubted)
    assert told.count(("payment-back", "0.00", "250.00")) == 1, "under interest it was not owed"
    assert told.count(("payment-back", "250.00", "0.00")) == 1, "and principal it does not repay any more"
    assert told.count(("payment-again", "0.00", "250.00")) == 1


def test_two_payments_of_one_day_come_to_what_one_would_and_what_is_divided_is_held_to_what_is_left(
    lending: SmallBank,
) -> None:
    """1,000 of interest and 1,500 of principal; what of interest the first took, the second can no more be of."""
    once, twice, divided = lent(lending), lent(lending), lent(lending)
    lending.at(LATE)
    paid(lending, once, "2500.00")
    for amount in ("700.00", "1800.00"):
        paid(lending, twice, amount)
    paid(lending, divided, "700.00")
    with pytest.raises(BeyondOutstanding, match=r"300\.01 .* than the 300\.00 owed from .* of that day .*`--amount`"):
        by_hand(lending, divided, "300.01")
    by_hand(lending, divided, "300.00")
    paid(lending, divided, "1500.00")
    for facility in (once, twice, divided):
        accrued(lending, facility)
        assert stands(lending, facility, PAID)["bank 1200"] == "35000.00"
    for day in (PAID, LATE):
        assert stands(lending, once, day) == stands(lending, twice, day) == stands(lending, divided, day)


def test_what_was_turned_back_and_then_given_back_is_put_under_no_head_again(lending: SmallBank) -> None:
    """Of 1,000 of interest 250 had not accrued, and 200 of that is given back; then it had accrued: 50 is there."""
    made = lent(lending)
    lending.at(LATE)
    by_hand(lending, made, "1000.00")
    repay(lending.maya, facility=made, principal=pounds("36500.00"), on=PAID, key="p")
    step_base(lending, "0.00", START + timedelta(days=50))
    accrued(lending, made)
    assert stands(lending, made)["bank 2300"] == "-250.00"
    refund(lending.maya, facility=made, amount=pounds("200.00"), on=LATE, key="r")
    step_base(lending, "0.10", START + timedelta(days=75))
    accrued(lending, made)
    now = stands(lending, made)
    assert now["bank 1210"] == "200.00", "what was given back is owed"
    assert "bank 2300" not in now
    assert lending.facility(made).figures.interest_received == pounds("800.00")


def test_payments_by_hand_come_to_the_same_in_whatever_order_what_bears_on_them_is_told(lending: SmallBank) -> None:
    """5,000 of principal by hand, told before or after what leaves none of it owed, and so much again."""
    facts: dict[str, Callable[[str], object]] = {
        "repaid": lambda one: paid(lending, one, "36600.00", START + timedelta(days=10)),
        "lent": lambda one: drawn(lending, one, "7300.00", START + timedelta(days=20)),
        "came in": lambda one: paid(lending, one, "11.00", START + timedelta(days=30)),
        "by hand": lambda one: repay(
            lending.maya, facility=one, principal=pounds("5000.00"), on=START + timedelta(days=40), key=lending.key()
        ),
    }
    orders = [
        tuple(facts),
        ("by hand", "repaid", "lent", "came in"),
        ("by hand", "came in", "repaid", "lent"),
        ("lent", "by hand", "repaid", "came in"),
    ]
    twins = []
    for _ in orders:
        twins.append(lending.signed(lending.lender(f"Lender {lending.key()}"), "43800.00").id)
        agreed(lending, twins[-1], START, **BASE)
        drawn(lending, twins[-1], "36500.00", START)
    lending.at(LATE)
    found = {}
    for made, order in zip(twins, orders, strict=True):
        for fact in order:
            facts[fact](made)
        accrued(lending, made)
        found[order] = [stands(lending, made, START + timedelta(days=day)) for day in (10, 20, 30, 40, 200)]
    as_it_came = found[tuple(facts)]
    assert (as_it_came[3]["bank 1200"], as_it_came[3]["bank 1210"]) == ("2300.00", "29.00"), "40 by then, less 11"
    assert {order: each for order, each in found.items() if each != as_it_came} == {}
