from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bank.inflows.documents import apportion_document
from bank.inflows.reference import ASSET_CLASSES, ORDERS
from bank.inflows.rules import (
    BadReceipt,
    DormancyUnknown,
    ExpensesExceedMoney,
    NoOrderInForce,
    apportioned,
    claim_paid_from,
    dormancy_rule,
    named,
    order_on,
    reserve_for,
    sound_receipt,
)
from bank.treasury.rules import BadTerms
from ledger.calculators import BadDocument
from ledger.money import NOTHING, Money
from ledger.refusals import Refusal

ON = date(2011, 8, 2)
AMOUNTS = st.integers(min_value=0, max_value=10**15).map(Money)


@pytest.mark.parametrize(
    ("amount", "shares"),
    [
        ("100.01", ("83.91", "4.90", "8.40", "2.80")),
        ("0.01", ("0.01", "0.00", "0.00", "0.00")),
        ("0.02", ("0.02", "0.00", "0.00", "0.00")),
        ("0.05", ("0.04", "0.00", "0.01", "0.00")),
        ("0.00", ("0.00", "0.00", "0.00", "0.00")),
        ("152800000.00", ("128199200.00", "7487200.00", "12835200.00", "4278400.00")),
        ("1000.00", ("839.00", "49.00", "84.00", "28.00")),
    ],
)
def test_money_is_shared_by_the_order_of_2011(amount: str, shares: tuple[str, ...]) -> None:
    assert tuple(apportion_document({"amount": amount, "on": "2011-08-02"}).values()) == shares


def test_expenses_come_off_first() -> None:
    with_expenses = apportion_document({"amount": "102.01", "on": "2011-08-02", "expenses": "2.00"})
    assert with_expenses == apportion_document({"amount": "100.01", "on": "2011-08-02"})
    assert list(with_expenses) == ["england", "wales", "scotland", "northern_ireland"]


@given(AMOUNTS, st.lists(AMOUNTS, max_size=2))
def test_the_shares_and_the_expenses_come_to_the_whole(amount: Money, expenses: list[Money]) -> None:
    whole = amount + Money.total(expenses)
    shares = named(apportioned(whole, expenses, order_on(ON)))
    assert Money.total(shares.values()) == amount
    assert all(share >= NOTHING for share in shares.values())


@given(AMOUNTS)
def test_no_share_is_a_penny_away_from_its_percentage(amount: Money) -> None:
    shares = named(apportioned(amount, [], order_on(ON))).values()
    for share, percentage in zip(shares, ORDERS[0].percentages, strict=True):
        assert abs(share.pence - amount.pence * percentage / 100) < 1


def test_the_percentages_of_each_order_come_to_a_hundred() -> None:
    assert all(sum(order.percentages) == 100 for order in ORDERS)


def test_a_day_before_the_first_order_is_refused() -> None:
    with pytest.raises(NoOrderInForce, match="2011-04-01"):
        apportion_document({"amount": "1.00", "on": "2011-03-31"})
    assert apportion_document({"amount": "1.00", "on": "2011-04-01"})["england"] == "0.84"


def test_expenses_beyond_the_money_are_refused() -> None:
    with pytest.raises(ExpensesExceedMoney, match=r"1\.01 are more than the 1\.00"):
        apportion_document({"amount": "1.00", "on": "2011-08-02", "expenses": "1.01"})


@pytest.mark.parametrize(
    ("doc", "places"),
    [
        ({}, ["/amount", "/on"]),
        ({"amount": "1.00"}, ["/on"]),
        ({"amount": 1.0, "on": "2011-08-02"}, ["/amount"]),
        ({"amount": "1.005", "on": "2011-08-02"}, ["/amount"]),
        ({"amount": "1e3", "on": "2011-08-02"}, ["/amount"]),
        ({"amount": "NaN", "on": "2011-08-02"}, ["/amount"]),
        ({"amount": "-1.00", "on": "2011-08-02"}, ["/amount"]),
        ({"amount": "1.00", "on": "02/08/2011"}, ["/on"]),
        ({"amount": "1.00", "on": None}, ["/on"]),
        ({"amount": "1.00", "on": "1999-01-01"}, ["/on"]),
        ({"amount": "1.00", "on": "2011-08-02", "expenses": "-0.01"}, ["/expenses"]),
        ({"amount": "1.00", "on": "2011-08-02", "expenses": None}, ["/expenses"]),
        ({"amount": "x", "on": "y", "expenses": "z", "extra": 1}, ["/extra", "/amount", "/on", "/expenses"]),
        ([], [""]),
        (None, [""]),
    ],
)
def test_a_faulty_document_is_refused_with_all_its_faults(doc: Any, places: list[str]) -> None:
    with pytest.raises(BadDocument) as refused:
        apportion_document(doc)
    assert [fault.pointer for fault in refused.value.faults] == places


@given(st.recursive(st.none() | st.booleans() | st.text() | st.integers(), lambda x: st.dictionaries(st.text(), x)))
def test_nothing_but_a_refusal_comes_of_any_document(doc: Any) -> None:
    with pytest.raises(Refusal):
        apportion_document(doc)


def receipt(**changed: Any) -> Any:
    facts: dict[str, Any] = {
        "amount": Money(100_00),
        "whole_balance": None,
        "asset_class": "bank-account",
        "scheme": "main",
        "accounts": 3,
        "consented_on": ON,
        "received_on": ON,
    }
    return sound_receipt(**(facts | changed))


def test_under_the_main_scheme_the_whole_balance_comes_in() -> None:
    assert receipt().whole_balance == Money(100_00)
    with pytest.raises(BadReceipt, match="main scheme"):
        receipt(whole_balance=Money(100_01))


def test_under_the_alternative_scheme_the_whole_balance_is_told_and_reserved_against() -> None:
    part = receipt(scheme="alternative", whole_balance=Money(250_00))
    assert reserve_for(part, Decimal("0.4")) == Money(100_00)
    with pytest.raises(BadReceipt, match="give the whole balance"):
        receipt(scheme="alternative")
    with pytest.raises(BadTerms, match="less than the part"):
        receipt(scheme="alternative", whole_balance=Money(99_99))


@pytest.mark.parametrize("code", [each.code for each in ASSET_CLASSES if dormancy_rule(each.code, ON) is None])
def test_a_class_whose_dormancy_is_not_known_is_not_taken_in(code: str) -> None:
    with pytest.raises(DormancyUnknown):
        receipt(asset_class=code, received_on=date(2023, 6, 1), consented_on=date(2023, 6, 1))


def test_a_class_is_not_taken_in_before_its_act() -> None:
    with pytest.raises(BadReceipt, match="before 2022-02-24"):
        receipt(asset_class="pension")


@pytest.mark.parametrize(
    "changed",
    [
        {"amount": NOTHING},
        {"amount": Money(-1)},
        {"scheme": "other"},
        {"asset_class": "gold"},
        {"accounts": 0},
        {"consented_on": date(2011, 8, 3)},
    ],
)
def test_a_receipt_that_cannot_be_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises((BadReceipt, BadTerms)):
        receipt(**changed)


@given(AMOUNTS, st.integers(min_value=-(10**6), max_value=10**15).map(Money))
def test_a_claim_is_met_from_the_provision_first_and_never_from_less_than_nothing(
    paid: Money, provision: Money
) -> None:
    within, beyond = claim_paid_from(paid, provision)
    assert within + beyond == paid
    assert NOTHING <= within <= max(provision, NOTHING)
    assert beyond == max(paid - max(provision, NOTHING), NOTHING)
