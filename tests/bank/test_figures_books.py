"""Folding postings: what counts, on which side, what a correction takes back, and how entries are named in runs."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from bank.figures.books import PARTNERS, Books, InShort, Selection, runs
from bank.figures.borrowers import median
from bank.figures.breakdowns import SIZES, size_of
from ledger.balances import within
from ledger.money import NOTHING, Money
from ledger.store.leg_columns import LegColumns
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


@st.composite
def posted(draw: st.DrawFn) -> list[Leg]:
    """The same of entries of several legs each, all of one book, day and deed."""
    found: list[Leg] = []
    for seq in range(1, draw(st.integers(0, 12)) + 1):
        book, kind = draw(st.sampled_from(("bank", "int_a", "int_b"))), draw(st.sampled_from(("return", "drawdown")))
        undoes, pair = draw(st.booleans()), draw(st.sampled_from(("", "p", "q")))
        day = DAY + timedelta(days=draw(st.integers(0, 200)))
        for account in draw(st.lists(st.sampled_from(_ACCOUNTS), min_size=1, max_size=5)):
            amount = Money(draw(st.integers(-10_000, 10_000).filter(bool)))
            found.append(Leg(book, account, seq, day, kind, undoes, pair, amount, int(undoes)))
    return found


_SELECTIONS = st.builds(
    Selection,
    st.sampled_from(("bank", "int_a", PARTNERS)),
    st.lists(st.sampled_from((*_ACCOUNTS, "1300", "1300:fac_a")), min_size=1, max_size=3).map(tuple),
    st.sampled_from((1, -1)),
    st.sampled_from((frozenset[str](), frozenset({"return"}))),
    st.sampled_from((frozenset[str](), frozenset({"drawdown"}))),
    st.booleans(),
)


@given(posted(), _SELECTIONS, st.integers(-1, 200), st.integers(0, 200))
def test_columns_tell_what_every_leg_tells_by_itself(
    legs: list[Leg], selection: Selection, first: int, span: int
) -> None:
    books, since = Books(LegColumns.of(legs), ["int_a", "int_b"]), DAY + timedelta(days=first)
    of = {"int_a", "int_b"} if selection.book == PARTNERS else {selection.book}
    taken = [one for one in legs if one.book in of and selection.takes(one)]
    assert sorted(books.taken(selection)) == sorted(taken)
    until, strand = since + timedelta(days=span), books.strand(selection)
    assert strand.upto(until) == Money(selection.sign * sum(one.amount.pence for one in _by(taken, until)))
    assert strand.seqs(until) == sorted({one.seq for one in _by(taken, until)})
    assert set(strand.days) == {one.effective_on for one in taken}
    sides = {True: 0, False: 0}
    for one in _by(taken, until):
        sides[selection.counts_up(one)] += one.amount.pence * selection.sign if one.effective_on >= since else 0
    added, less = Money(sides[True]), Money(-sides[False])
    zero = NOTHING
    assert strand.moved(since, until) == (max(added, zero) - min(less, zero), max(less, zero) - min(added, zero))


@given(posted(), st.integers(-1, 200), st.integers(0, 12))
def test_columns_tell_of_whole_books_what_every_leg_tells(legs: list[Leg], days: int, seq: int) -> None:
    books, day = Books(LegColumns.of(legs), ["int_a", "int_b"]), DAY + timedelta(days=days)
    assert list(books.columns) == legs
    assert books.legs("bank") == [one for one in legs if one.book == "bank"]
    assert books.pairs() == len({one.pair for one in legs if one.pair})
    assert books.moved_since(seq, day) == any(one.seq > seq and one.effective_on <= day for one in legs)
    assert books.reversals("return") == sorted({one.seq for one in legs if one.reverses and one.kind != "return"})
    assert books.columns.earliest == min((one.effective_on for one in legs), default=None)
    counted = _by(legs, day)
    assert books.in_short(day) == {
        book: _in_short([one for one in counted if one.book == book]) for book in {one.book for one in counted}
    }
    balances = _balances([one for one in counted if one.book != "bank" and within("1200", one.account)])
    with_any = [(account, pence) for account, pence in balances if pence]
    assert sorted(books.by_account(Selection(PARTNERS, ("1200",)), day)) == sorted(with_any)
    below = [one for one in counted if one.book == "int_a" and within("1200:fac_a", one.account)]
    assert books.balance_under("int_a", "1200:fac_a", day) == Money.total(one.amount for one in below)


def _by(legs: list[Leg], day: date) -> list[Leg]:
    return [one for one in legs if one.effective_on <= day]


def _balances(legs: list[Leg]) -> list[tuple[str, int]]:
    sums: defaultdict[tuple[str, str], int] = defaultdict(int)
    for one in legs:
        sums[one.book, one.account] += one.amount.pence
    return [(account, pence) for (_, account), pence in sums.items()]


def _in_short(legs: list[Leg]) -> InShort:
    left = [Money(pence) for _, pence in _balances(legs) if pence]
    debits = Money.total(amount for amount in left if amount > NOTHING)
    return InShort(len(left), len({one.seq for one in legs}), debits, debits - Money.total(left))


@given(journals(), st.integers(0, 200), st.sampled_from((1, -1)))
def test_a_fold_comes_to_what_adding_up_every_leg_by_hand_comes_to(legs: list[Leg], days: int, sign: int) -> None:
    books, until = Books(LegColumns.of(legs), ["int_a", "int_b"]), DAY + timedelta(days=days)
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
    books = Books(LegColumns.of(legs), ["int_a", "int_b"])
    strand = books.strand(Selection(PARTNERS, ("1200", "1300"), sign, one_way=one_way))
    added, taken = strand.moved(since, until)
    assert min(added, taken) >= NOTHING
    assert strand.upto(since - timedelta(days=1)) + added - taken == strand.upto(until)


def test_an_account_is_not_below_one_whose_code_it_merely_begins_with() -> None:
    books = Books(LegColumns.of([leg(1, "12000", 500), leg(2, "1200:fac_a", 7)]), [])
    assert books.balance(Selection("bank", ("1200",)), DAY) == Money(7)


def test_money_out_is_told_without_money_home() -> None:
    books = Books(LegColumns.of([leg(1, "1300:fac_a:lon_a", 900), leg(1, "1300:fac_a:lon_a", -200)]), [])
    assert books.balance(Selection("bank", ("1300",)), DAY) == Money(700)
    assert books.balance(Selection("bank", ("1300",), one_way=True), DAY) == Money(900)


def test_a_reversal_takes_back_on_the_side_it_undoes() -> None:
    legs = [
        leg(1, "1300", 900),
        leg(1, "1300", -200),
        leg(2, "1300", -900, undoes=True),
        leg(2, "1300", 200, undoes=True),
    ]
    books = Books(LegColumns.of([*legs, leg(3, "1300", 850), leg(3, "1300", -200)]), [])
    strand = books.strand(Selection("bank", ("1300",)))
    assert strand.moved(DAY, DAY) == (Money(850), Money(200))


def test_a_correction_greater_than_the_quarters_own_money_is_told_as_money_out() -> None:
    legs = [leg(1, "1300", 900), leg(2, "1300", -900, undoes=True, days=100), leg(3, "1300", 500, days=100)]
    strand = Books(LegColumns.of(legs), []).strand(Selection("bank", ("1300",)))
    assert strand.moved(DAY + timedelta(days=90), DAY + timedelta(days=110)) == (NOTHING, Money(400))


def test_a_facilitys_part_is_read_from_its_own_account() -> None:
    books = Books(LegColumns.of([leg(1, "1200:fac_a", 500, "drawdown"), leg(2, "1200:fac_b", 70, "drawdown")]), [])
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
