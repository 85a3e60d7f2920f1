from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.money import NOTHING, Money
from ledger.waterfalls import USUAL_ORDER, BadWaterfall, share_out

amounts = st.integers(0, 10**9).map(Money)
heads = st.permutations([*USUAL_ORDER, "costs", "break-costs"])


def pounds(**owed: str) -> dict[str, Money]:
    return {head.replace("_", "-"): Money.parse(amount) for head, amount in owed.items()}


def test_fees_come_first_and_principal_last() -> None:
    shares = share_out(
        Money.parse("100.00"),
        pounds(principal="500.00", interest="60.00", default_interest="2.50", fees="10.00"),
    )
    assert {head: str(amount) for head, amount in shares.paid.items()} == {
        "fees": "10.00",
        "default-interest": "2.50",
        "interest": "60.00",
        "principal": "27.50",
    }
    assert shares.left_over == NOTHING


def test_a_contract_names_its_own_order() -> None:
    shares = share_out(Money.parse("100.00"), pounds(principal="80.00", interest="60.00"), ("principal", "interest"))
    assert (str(shares.to("principal")), str(shares.to("interest"))) == ("80.00", "20.00")


def test_an_overpayment_is_left_over_and_applied_to_nothing() -> None:
    shares = share_out(Money.parse("100.00"), pounds(interest="60.00"))
    assert str(shares.left_over) == "40.00"
    assert shares.to("principal") == NOTHING


@pytest.mark.parametrize(
    ("received", "owed", "order", "pointers"),
    [
        ("-0.01", {}, USUAL_ORDER, ["/received"]),
        ("1.00", {"fees": "-1.00"}, USUAL_ORDER, ["/owed/fees"]),
        ("1.00", {"costs": "1.00"}, USUAL_ORDER, ["/owed/costs"]),
        ("1.00", {"costs": "-1.00"}, USUAL_ORDER, ["/owed/costs", "/owed/costs"]),
        ("1.00", {}, ("fees", "interest", "fees"), ["/order/2"]),
    ],
)
def test_what_cannot_be_shared_out_is_refused(
    received: str, owed: dict[str, str], order: tuple[str, ...], pointers: list[str]
) -> None:
    with pytest.raises(BadWaterfall) as refused:
        share_out(Money.parse(received), pounds(**owed), order)
    assert [fault.pointer for fault in refused.value.faults] == pointers


def test_nothing_owed_to_a_head_without_a_place_is_no_fault() -> None:
    assert str(share_out(Money(1), {"costs": NOTHING}).left_over) == "0.01"


@given(
    amounts,
    heads.flatmap(lambda order: st.tuples(st.just(order), st.fixed_dictionaries(dict.fromkeys(order, amounts)))),
)
def test_exactly_what_came_in_is_given_out(received: Money, owing: tuple[list[str], dict[str, Money]]) -> None:
    order, owed = owing
    shares = share_out(received, owed, order)
    assert Money.total(shares.paid.values()) + shares.left_over == received
    assert list(shares.paid) == order
    assert all(NOTHING <= shares.to(head) <= owed[head] for head in order)
    # Nobody is paid while anybody before them is short, and nothing is left over while anybody is.
    short = [head for head in order if shares.to(head) < owed[head]]
    if short:
        after = order[order.index(short[0]) + 1 :]
        assert Money.total(shares.to(head) for head in after) == NOTHING
        assert shares.left_over == NOTHING


@given(st.lists(amounts, min_size=1, max_size=6), st.fixed_dictionaries(dict.fromkeys(USUAL_ORDER, amounts)))
def test_parts_of_a_payment_pay_what_the_whole_pays(parts: list[Money], owed: dict[str, Money]) -> None:
    left = dict(owed)
    for part in parts:
        shares = share_out(part, left)
        left = {head: left[head] - shares.to(head) for head in left}
    whole = share_out(Money.total(parts), owed)
    assert left == {head: owed[head] - whole.to(head) for head in owed}
