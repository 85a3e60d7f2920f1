"""Folding postings: what counts, on which side, what a correction takes back, and how entries are named in runs."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from bank.figures.books import PARTNERS, Books, Selection, runs
from bank.figures.borrowers import median
from bank.figures.breakdowns import SIZES, size_of
from ledger.balances import within
from ledger.money import NOTHING, Money
from ledger.store.legs import Leg

DAY = date(2012, 3, 1)
_ACCOUNTS = ("1200", "1200:fac_a", "1200:fac_b", "12000", "1210", "1300:fac_a:lon_a")


def leg(seq: int, account: str, pence: int, kind: str = "return", *, undoes: bool = False, days: int = 0) -> Leg:
    return Leg("bank", account, seq, DAY + timedelta(days=days), kind, undoes, "", Money(pence))


@st.composite
def journals(draw: st.DrawFn) -> list[Leg]:
    """Legs in the order of the journal, of any account and kind."""
    count = draw(st.integers(0, 30))
    return [
        Leg(
            draw(st.sampled_from(("bank", "int_a", "int_b"))),
            draw(st.sampled_from(_ACCOUNTS)),
            seq,
            DAY + timedelta(days=draw(st.integers(0, 200))),
            draw(st.sampled_from(("return", "drawdown", "repayment"))),
            draw(st.booleans()),
            "",
            Money(draw(st.integers(-10_000, 10_000).filter(bool))),
        )
        for seq in range(1, count + 1)
    ]


@given(journals(), st.integers(0, 200), st.sampled_from((1, -1)))
def test_a_fold_comes_to_what_adding_up_every_leg_by_hand_comes_to(legs: list[Leg], days: int, sign: int) -> None:
    books, until = Books(legs, ["int_a", "int_b"]), DAY + timedelta(days=days)
    by_hand = sum(
        one.amount.pence
        for one in legs
        if one.book == "bank" and within("1200", one.account) and one.effective_on <= until
    )
    assert books.balance(Selection("bank", ("1200",), sign), until) == Money(sign * by_hand)


@given(journals(), st.integers(0, 200), st.integers(0, 200), st.sampled_from((1, -1)), st.booleans())
def test_opening_and_what_moved_make_the_closing_and_neither_side_is_negative(
    legs: list[Leg], first: int, second: int, sign: int, one_way: bool
) -> None:
    since, until = DAY + timedelta(days=min(first, second)), DAY + timedelta(days=max(first, second))
    strand = Books(legs, ["int_a", "int_b"]).strand(Selection(PARTNERS, ("1200", "1300"), sign, one_way=one_way))
    added, taken = strand.moved(since, until)
    assert min(added, taken) >= NOTHING
    assert strand.upto(since - timedelta(days=1)) + added - taken == strand.upto(until)


def test_an_account_is_not_below_one_whose_code_it_merely_begins_with() -> None:
    books = Books([leg(1, "12000", 500), leg(2, "1200:fac_a", 7)], [])
    assert books.balance(Selection("bank", ("1200",)), DAY) == Money(7)


def test_money_out_is_told_without_money_home() -> None:
    books = Books([leg(1, "1300:fac_a:lon_a", 900), leg(1, "1300:fac_a:lon_a", -200)], [])
    assert books.balance(Selection("bank", ("1300",)), DAY) == Money(700)
    assert books.balance(Selection("bank", ("1300",), one_way=True), DAY) == Money(900)


def test_a_reversal_takes_back_on_the_side_it_undoes() -> None:
    legs = [
        leg(1, "1300", 900),
        leg(1, "1300", -200),
        leg(2, "1300", -900, undoes=True),
        leg(2, "1300", 200, undoes=True),
    ]
    strand = Books([*legs, leg(3, "1300", 850), leg(3, "1300", -200)], []).strand(Selection("bank", ("1300",)))
    assert strand.moved(DAY, DAY) == (Money(850), Money(200))


def test_a_correction_greater_than_the_quarters_own_money_is_told_as_money_out() -> None:
    legs = [leg(1, "1300", 900), leg(2, "1300", -900, undoes=True, days=100), leg(3, "1300", 500, days=100)]
    strand = Books(legs, []).strand(Selection("bank", ("1300",)))
    assert strand.moved(DAY + timedelta(days=90), DAY + timedelta(days=110)) == (NOTHING, Money(400))


def test_a_facilitys_part_is_read_from_its_own_account() -> None:
    books = Books([leg(1, "1200:fac_a", 500, "drawdown"), leg(2, "1200:fac_b", 70, "drawdown")], [])
    drawn = Selection("bank", ("1200",), kinds=frozenset({"drawdown"}))
    assert books.balance(drawn.below("fac_b"), DAY) == Money(70)


@given(st.sets(st.integers(1, 400), max_size=120), st.integers(1, 12))
def test_runs_hold_every_place_once_and_are_never_too_many(places: set[int], most: int) -> None:
    found = runs(sorted(places), most)
    assert len(found) <= most
    assert all(first in places and last in places and first <= last for first, last in found)
    assert all(earlier[1] < later[0] for earlier, later in pairwise(found))
    assert places <= {place for first, last in found for place in range(first, last + 1)}


@given(st.sets(st.integers(1, 60), max_size=30))
def test_few_runs_name_exactly_the_places_they_stand_for(places: set[int]) -> None:
    assert {place for first, last in runs(sorted(places)) for place in range(first, last + 1)} == places


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=40))
def test_half_lie_on_either_side_of_the_median(pence: list[int]) -> None:
    middle = median(map(Money, pence))
    assert middle is not None
    below, above = (sum(test(one) for one in pence) for test in (middle.pence.__gt__, middle.pence.__lt__))
    assert max(below, above) <= len(pence) / 2


def test_the_median_of_two_lies_between_them_with_a_half_penny_up() -> None:
    assert median([Money(100), Money(101)]) == Money(101)
    assert median([]) is None


@given(st.integers(0, 10**10))
def test_every_loan_has_one_band_of_size(pence: int) -> None:
    code = size_of(Money(pence))
    below = [limit for _, _, limit in SIZES if limit is not None]
    place = [band for band, _, _ in SIZES].index(code)
    assert all(limit <= Money(pence) for limit in below[:place])
    assert all(Money(pence) < limit for limit in below[place:])
