"""Which way money goes by what is posted: pattern by pattern as the house posts, and then by anything at all."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bank.lineage.rules import PLACES, Flow, advanced_by, flows, on_loans
from ledger.chart import PLANS
from ledger.lineage import trace
from ledger.money import NOTHING, Money
from ledger.store.legs import Leg

DAY: Final = date(2012, 4, 2)
KINDS: Final = {
    "reclaim-fund": "reclaim-fund",
    "distributor": "distributor",
    "trust": "trust",
    "bank": "bank",
    "int_a": "intermediary",
}
CASH_A, LOAN_A, USE_A = "1000:fac_a", "1300:fac_a:lon_a", "1400:fac_a"


def legs(book: str, *posted: tuple[str, int], seq: int = 1, pair: str = "", kind: str = "entry") -> list[Leg]:
    return [Leg(book, code, seq, DAY, kind, False, pair, Money(pence)) for code, pence in posted]


def told(found: list[Flow]) -> list[tuple[str, str, int]]:
    return [(str(flow.source), str(flow.target), flow.amount.pence) for flow in found]


def test_a_receipt_bears_its_own_name() -> None:
    [flow] = flows(legs("reclaim-fund", ("1000", 9), ("4000", -9)), KINDS, {1: "inf_a"})
    assert flow.movement.origin == "inf_a"
    assert told([flow]) == [("outside/reclaim-fund/4000", "reclaim-fund/1000", 9)]


def test_a_drawdown_goes_from_the_banks_cash_to_the_intermediarys() -> None:
    deed = [
        *legs("bank", ("1200:fac_a", 100), ("1000", -97), ("1230:fac_a", -3), seq=1, pair="p"),
        *legs("int_a", (CASH_A, 97), ("5300:fac_a", 3), ("2100:fac_a", -100), seq=2, pair="p"),
    ]
    assert told(flows(deed, KINDS, {})) == [("bank/1000", f"int_a/{CASH_A}", 97)]


def test_a_quarter_of_a_loan_is_lending_repayment_interest_and_loss_each_by_itself() -> None:
    quarter = legs(
        "int_a",
        *((LOAN_A, 50), (CASH_A, -50)),
        *((CASH_A, 20), (LOAN_A, -27), ("5000:fac_a", 7)),
        *((CASH_A, 4), ("4000:fac_a", -4)),
        *(("1390:fac_a:lon_a", 30), ("2390:fac_a", -30)),
    )
    assert sorted(told(flows(quarter, KINDS, {}))) == [
        (f"int_a/{CASH_A}", f"int_a/{LOAN_A}", 50),
        (f"int_a/{LOAN_A}", f"int_a/{CASH_A}", 20),
        (f"int_a/{LOAN_A}", "outside/intermediary/5000", 7),
        ("outside/intermediary/4000", f"int_a/{CASH_A}", 4),
    ]


def test_a_placement_bought_with_interest_and_sold_at_a_loss_keeps_what_it_cost() -> None:
    bought = legs("bank", ("1110", 98), ("1150", 2), ("1000", -100), seq=1)
    sold = legs("bank", ("1000", 95), ("5040", 3), ("1110", -98), seq=2)
    assert told(flows([*bought, *sold], KINDS, {})) == [
        ("bank/1000", "outside/bank/1150", 2),
        ("bank/1000", "bank/1110", 98),
        ("bank/1110", "outside/bank/5040", 3),
        ("bank/1110", "bank/1000", 95),
    ]


def test_what_is_paid_on_a_guarantee_lies_there_until_it_is_a_claim() -> None:
    called = [
        *legs("bank", ("2200:fac_a", 40), ("1000", -40), seq=1, kind="claim"),
        *legs("bank", ("5030:fac_a", 60), ("1000", -60), seq=2, kind="claim"),
        *legs("bank", ("1510:fac_a", 25), ("5030:fac_a", -25), seq=3, pair="p"),
        *legs("int_a", (USE_A, 25), ("2110:fac_a", -25), seq=4, pair="p"),
    ]
    assert sorted(told(flows(called, KINDS, {}))) == [
        ("bank/1000", "bank/5030:fac_a", 40),
        ("bank/1000", "bank/5030:fac_a", 60),
        ("bank/5030:fac_a", f"int_a/{USE_A}", 25),
    ]


def test_a_fee_kept_for_guarantees_comes_from_outside() -> None:
    assert told(flows(legs("bank", ("1000", 5), ("2200:fac_a", -5), kind="fee"), KINDS, {})) == [
        ("outside/bank/2200", "bank/1000", 5)
    ]


def test_money_comes_before_it_goes_within_a_day_whatever_was_written_first() -> None:
    spent = legs("trust", ("1300", 5), ("1000", -5), seq=1)
    got = legs("trust", ("1000", 5), ("4000", -5), seq=2)
    assert [flow.seq for flow in flows([*spent, *got], KINDS, {})] == [2, 1]


def test_an_entry_that_moves_no_money_is_no_flow() -> None:
    accrued = legs("bank", ("1210:fac_a", 5), ("4000", -5))
    promised = legs("bank", ("9100:fac_a", 5), ("9199", -5), seq=2)
    assert flows([*accrued, *promised], KINDS, {}) == []


def taken_back(entry: list[Leg], seq: int, day: date = DAY) -> list[Leg]:
    """The entry that takes another back, on a day."""
    return [leg._replace(seq=seq, undoes=True, amount=-leg.amount, effective_on=day, reverses=leg.seq) for leg in entry]


RECEIVED: Final = legs("int_a", (CASH_A, 100), ("2200:fac_a", -100))
OTHERS_MONEY: Final = legs("int_a", (CASH_A, 100), ("4000:fac_a", -100), seq=2)
ON_LOAN: Final = legs("int_a", (LOAN_A, 90), (CASH_A, -90), seq=3)
LATER: Final = date(2012, 7, 2)


@pytest.mark.parametrize("day", [DAY, LATER], ids=["on its own day", "later"])
@pytest.mark.parametrize(
    "wrong",
    [
        legs("int_a", (LOAN_A, -40), ("5000:fac_a", 40), seq=4),
        legs("int_a", (CASH_A, 40), ("4000:fac_a", -40), seq=4),
        legs("int_a", (CASH_A, 40), (LOAN_A, -60), ("5000:fac_a", 20), seq=4),
        legs(
            "int_a",
            (LOAN_A, 40),
            (CASH_A, -40),
            (CASH_A, 3),
            ("4000:fac_a", -3),
            (LOAN_A, -9),
            ("5000:fac_a", 9),
            seq=4,
        ),
    ],
    ids=["a loss", "interest", "a part repaid and the rest lost", "all at once"],
)
def test_what_was_told_wrongly_and_taken_back_leaves_the_money_as_it_was(wrong: list[Leg], day: date) -> None:
    right = [*RECEIVED, *OTHERS_MONEY, *ON_LOAN]
    found = []
    for posted in (right, [*right, *wrong, *taken_back(wrong, 5, day)]):
        lineage = trace((flow.movement for flow in flows(posted, KINDS, {1: "inf_a"})), advanced_by)
        found.append({place: parts for place, parts in lineage.held.items() if parts})
    assert found[0] == found[1]
    assert {origin: str(held) for origin, held in found[1][f"int_a/{LOAN_A}"].items()} == {
        "inf_a": "0.45",
        "outside/intermediary/4000": "0.45",
    }


def test_until_the_day_on_which_it_was_taken_back_a_loss_was_one() -> None:
    loss = legs("int_a", (LOAN_A, -40), ("5000:fac_a", 40), seq=4)
    told_by = [*RECEIVED, *ON_LOAN, *loss, *taken_back(loss, 5, LATER)]
    until = trace((one.movement for one in flows(told_by[:-2], KINDS, {1: "inf_a"})), advanced_by)
    after = trace((one.movement for one in flows(told_by, KINDS, {1: "inf_a"})), advanced_by)
    assert [str(amount) for amount in until.ahead("inf_a").left.values()] == ["0.40"]
    assert after.ahead("inf_a").left == {}
    assert str(after.ahead("inf_a").held[f"int_a/{LOAN_A}"]) == "0.90"


def test_a_deed_that_was_taken_back_twice_is_the_one_that_stands() -> None:
    again = [*taken_back(ON_LOAN, 4), *taken_back(taken_back(ON_LOAN, 4), 5)]
    assert told(flows([*RECEIVED, *ON_LOAN, *again], KINDS, {})) == told(flows([*RECEIVED, *ON_LOAN], KINDS, {}))


REPAID: Final = legs("int_a", (CASH_A, 30), (LOAN_A, -30), seq=4)
LOST: Final = legs("int_a", (LOAN_A, -20), ("5000:fac_a", 20), seq=5)


@pytest.mark.parametrize("deed", [ON_LOAN, REPAID, LOST], ids=["lent", "repaid", "lost"])
@pytest.mark.parametrize("times", range(4))
def test_by_loan_what_was_taken_back_any_number_of_times_is_what_stands_at_the_end(deed: list[Leg], times: int) -> None:
    """Each deed a quarter after the one before: told, taken back, that taken back, and so on."""
    days = [date(2012 + number // 4, 1 + 3 * (number % 4), 2) for number in range(3, 4 + times)]
    others = () if deed is ON_LOAN else (REPAID, LOST)
    posted = [*RECEIVED, *OTHERS_MONEY, *ON_LOAN, *(leg for other in others for leg in other)]
    last = deed
    for number, day in enumerate(days[:times]):
        last = taken_back(last, 6 + number, day)
        posted += last
    kept = [each for each in (ON_LOAN, *others) if each is not deed or times % 2 == 0]
    found = flows(posted, KINDS, {1: "inf_a"})
    parts = on_loans(found, trace((flow.movement for flow in found), advanced_by))["lon_a"]
    sums = [Money.total(getattr(part, name) for part in parts.values()) for name in ("lent", "repaid", "written_off")]
    assert [amount.pence for amount in sums] == [abs(each[0].amount.pence) * (each in kept) for each in ALL_THREE]
    assert parts["inf_a"].lent == parts["outside/intermediary/4000"].lent


ALL_THREE: Final = (ON_LOAN, REPAID, LOST)


def test_an_entry_that_takes_back_another_amount_is_followed_by_what_it_posts() -> None:
    half = [leg._replace(amount=Money(leg.amount.pence // 2)) for leg in taken_back(ON_LOAN, 4)]
    assert told(flows([*RECEIVED, *ON_LOAN, *half], KINDS, {}))[-1] == (f"int_a/{LOAN_A}", f"int_a/{CASH_A}", 45)


def test_every_way_out_and_in_has_words() -> None:
    found = flows(legs("reclaim-fund", ("2000", 5), ("1000", -5)), KINDS, {})
    assert [getattr(flow.target, "words", "") for flow in found] == ["Claims paid to owners"]
    found = flows(legs("bank", ("1000", 5), ("4020:fac_a", -5)), KINDS, {})
    assert [getattr(flow.source, "words", "") for flow in found] == ["Dividends"]


_ACCOUNTS: Final = {
    "reclaim-fund": ("1000", "1100", "2000", "2100", "4000", "5200"),
    "bank": ("1000", "1110", "1150", "1200:fac_a", "3000", "4040", "5030:fac_a", "5040"),
    "int_a": (CASH_A, LOAN_A, "1300:fac_a:lon_b", USE_A, "2100:fac_a", "4000:fac_a", "5000:fac_a", "5300:fac_a"),
}


@st.composite
def journals(draw: st.DrawFn) -> list[Leg]:
    """Any balanced entries at all, some of them several books' one deed, on a few days."""
    found: list[Leg] = []
    for seq in range(1, draw(st.integers(1, 12)) + 1):
        book = draw(st.sampled_from(sorted(_ACCOUNTS)))
        codes = draw(st.lists(st.sampled_from(_ACCOUNTS[book]), min_size=1, max_size=5))
        amounts = [draw(st.integers(-900, 900).filter(bool)) for _ in codes]
        posted = [*zip(codes, amounts, strict=True)]
        if sum(amounts):
            posted.append((draw(st.sampled_from(_ACCOUNTS[book])), -sum(amounts)))
        pair, day = draw(st.sampled_from(["", "p", "q"])), DAY.replace(day=draw(st.integers(1, 3)))
        found += [leg._replace(effective_on=day) for leg in legs(book, *posted, seq=seq, pair=pair)]
    for seq in draw(st.lists(st.integers(1, 12), unique=True, max_size=6)):
        undone = [leg for leg in found if leg.seq == seq]
        found += taken_back(undone, found[-1].seq + 1, DAY.replace(day=draw(st.integers(1, 5))))
    return found


@given(journals())
def test_whatever_is_posted_every_place_holds_its_balance_and_no_penny_is_made_or_lost(posted: list[Leg]) -> None:
    found = flows(posted, KINDS, {})
    traced = trace((flow.movement for flow in found), advanced_by)
    balances: defaultdict[str, Money] = defaultdict(lambda: NOTHING)
    for leg in posted:
        if leg.account.partition(":")[0] in PLACES[KINDS[leg.book]]:
            balances[f"{leg.book}/{leg.account}"] += leg.amount
    for place, balance in balances.items():
        held = Money.total(traced.held.get(place, {}).values())
        assert held - traced.advanced.get(place, NOTHING) == balance
    for flow in found:
        assert Money.total(traced.behind(flow.key).values()) == flow.amount


@pytest.mark.parametrize("kind", PLACES)
def test_every_place_is_an_account_of_the_plan(kind: str) -> None:
    assert PLACES[kind] <= {line.code for line in PLANS[kind].lines}
