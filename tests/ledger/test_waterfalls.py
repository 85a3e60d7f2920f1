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


def test_what_is_not_due_comes_after_all_that_is() -> None:
    """Of 80 of principal 50 is due: a contract that puts it first pays those, then interest, and the other 30 last."""
    owed, order = pounds(principal="80.00", interest="60.00"), ("principal", "interest")
    told = {
        received: tuple(
            str(share_out(Money.parse(received), owed, order, pounds(principal="30.00")).to(each)) for each in order
        )
        for received in ("40.00", "100.00", "115.00", "145.00")
    }
    assert told == {
        "40.00": ("40.00", "0.00"),
        "100.00": ("50.00", "50.00"),
        "115.00": ("55.00", "60.00"),
        "145.00": ("80.00", "60.00"),
    }


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


@pytest.mark.parametrize("ahead", ["-0.01", "80.01"])
def test_no_more_is_ahead_of_its_day_than_is_owed(ahead: str) -> None:
    with pytest.raises(BadWaterfall) as refused:
        share_out(Money(1), pounds(principal="80.00"), USUAL_ORDER, pounds(principal=ahead))
    assert [fault.pointer for fault in refused.value.faults] == ["/not-due/principal"]


def test_nothing_owed_to_a_head_without_a_place_is_no_fault() -> None:
    assert str(share_out(Money(1), {"costs": NOTHING}).left_over) == "0.01"


@given(
    amounts,
    heads.flatmap(lambda order: st.tuples(st.just(order), st.fixed_dictionaries(dict.fromkeys(order, amounts)))),
    st.lists(st.integers(0, 100), min_size=6, max_size=6),
)
def test_exactly_what_came_in_is_given_out(
    received: Money, owing: tuple[list[str], dict[str, Money]], parts: list[int]
) -> None:
    order, owed = owing
    ahead = {head: Money(owed[head].pence * part // 100) for head, part in zip(order, parts, strict=True)}
    shares = share_out(received, owed, order, ahead)
    assert Money.total(shares.paid.values()) + shares.left_over == received
    assert list(shares.paid) == order
    assert all(NOTHING <= shares.to(head) <= owed[head] for head in order)
    # Nobody is paid while anybody before them is short of what is due, nor ahead of the day while anybody is, and
    # nothing is left over while anything is owed.
    queue = [(min(shares.to(head), owed[head] - ahead[head]), owed[head] - ahead[head]) for head in order]
    queue += [(max(shares.to(head) - owed[head] + ahead[head], NOTHING), ahead[head]) for head in order]
    short = [place for place, (paid, wanted) in enumerate(queue) if paid < wanted]
    if short:
        assert Money.total(paid for paid, _ in queue[short[0] + 1 :]) == NOTHING
        assert shares.left_over == NOTHING


@given(st.lists(amounts, min_size=1, max_size=6), st.fixed_dictionaries(dict.fromkeys(USUAL_ORDER, amounts)))
def test_parts_of_a_payment_pay_what_the_whole_pays(parts: list[Money], owed: dict[str, Money]) -> None:
    left = dict(owed)
    for part in parts:
        shares = share_out(part, left)
        left = {head: left[head] - shares.to(head) for head in left}
    whole = share_out(Money.total(parts), owed)
    assert left == {head: owed[head] - whole.to(head) for head in owed}
