"""Whatever does not tie is a named break, in either direction, and stays one until it is said whose money it is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intermediaries.returns.breaks.kinds import CASH_OVER, CASH_SHORT, EXPLAINED_BY, KINDS, LENT_OVER, carried, gaps
from intermediaries.returns.breaks.queries import breaks_unexplained
from intermediaries.returns.commands import explain_break, tie_again
from intermediaries.returns.queries import NoSuchReturn
from intermediaries.returns.refusals import BadExplanation
from intermediaries.returns.rules import CASH_AGREES
from intermediaries.returns.tying import tie, ties
from intermediaries.returns.views import BreakView, Tie
from ledger import queries as books
from ledger.dates import SetClock
from ledger.money import NOTHING, Money
from ledger.store.database import Database
from tests.intermediaries.lending import Q1, Q3, Q4, House, loan

AMOUNTS = st.integers(-(10**9), 10**9).map(Money)
HELD = st.integers(0, 10**9).map(Money)

LENT = loan(drawn="1000.00", principal_outstanding="1000.00")
"""Half of it ours: 99,500.00 of the 100,000.00 drawn are left."""
STILL = loan(principal_outstanding="1000.00")
ALL_AND_MORE = loan(
    amount_committed="250000.00", drawn="240000.00", principal_outstanding="240000.00", status="drawing"
)
"""Half of it ours: 20,000.00 more than was drawn from us."""


@pytest.fixture
def house(database: Database, clock: SetClock) -> House:
    return House.opened(database, clock)


def said(house: House, found: BreakView, category: Any, part: str | None = None) -> BreakView:
    amount = None if part is None else Money.parse(part)
    return explain_break(
        house.bank, break_id=found.id, category=category, reason="r", amount=amount, key=f"{found.id}/{category}/{part}"
    )


def named(tie: Tie) -> list[tuple[str, str]]:
    return [(one.kind, str(one.remaining)) for one in tie.breaks]


def comes_out(tie: Tie) -> bool:
    return tie.difference == Money.total(one.amount for one in tie.explained) + tie.unexplained


@given(AMOUNTS, HELD)
def test_what_does_not_tie_is_short_or_over_and_makes_up_the_difference_to_the_penny(left: Money, held: Money) -> None:
    found = gaps(left, held)
    assert held + found[CASH_SHORT] - found[CASH_OVER] - found[LENT_OVER] == left
    assert min(found.values()) >= NOTHING
    assert not (found[CASH_SHORT] and (found[CASH_OVER] or found[LENT_OVER]))
    assert any(found.values()) == (left != held)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=6))
def test_what_was_said_of_whose_money_it_is_holds_no_longer_than_the_money_is_there(
    plan: list[tuple[int, int, int]],
) -> None:
    """The oracle follows each penny: it stands while it is there, and one that went is another when it comes back."""
    standing: list[str] = []
    for gap, own, others in plan:
        standing = [*standing, *["own-money"] * own, *["co-investors-money"] * others][:gap]
    found = carried(
        (Money(gap), [("own-money", Money(own)), ("co-investors-money", Money(others))]) for gap, own, others in plan
    )
    assert [category for category, amount in found for _ in range(amount.pence)] == standing


def test_cash_beyond_the_books_is_a_break_until_it_is_said_whose_it_is(house: House) -> None:
    done = house.accepted(LENT, cash_held="100250.00").tie
    assert named(done) == [("cash-over", "750.00")]
    assert (str(done.unexplained), done.ties, comes_out(done)) == ("-750.00", False, True)
    (found,) = done.breaks
    assert (found.owner, found.days, str(found.first_seen)) == (None, 0, "2011Q3")
    said(house, found, "own-money", "500.00")
    left = said(house, found, "co-investors-money", "200.00")
    assert (left.state, str(left.remaining)) == ("open", "50.00")
    assert said(house, found, "timing").state == "explained"
    now = tie_again(house.bank, return_id=done.return_id)
    assert (now.ties, comes_out(now)) == (True, True)
    assert {(one.kind, str(one.amount)) for one in now.explained} == {
        ("cash-held", "100250.00"),
        ("own-money", "-500.00"),
        ("co-investors-money", "-200.00"),
        ("timing", "-50.00"),
    }
    assert (str(now.cash_expected), str(now.own_money)) == ("99500.00", "0.00")


def test_whose_money_it_is_is_said_once_and_only_what_comes_on_top_is_asked_again(house: House) -> None:
    (found,) = house.accepted(LENT, cash_held="100000.00").tie.breaks
    said(house, found, "own-money", "400.00")
    said(house, found, "timing")
    house.move_on(datetime(2012, 1, 25, tzinfo=UTC))
    same = house.accepted(STILL, quarter=Q4, cash_held="100000.00").tie
    assert named(same) == [("cash-over", "100.00")]
    assert (same.breaks[0].root, same.breaks[0].quarters) == (found.id, 2)
    said(house, same.breaks[0], "own-money")
    house.move_on(datetime(2012, 4, 25, tzinfo=UTC))
    assert house.accepted(STILL, quarter=Q1, cash_held="100000.00").tie.ties
    more = house.accepted(STILL, quarter=Q1, cash_held="100100.00").tie
    assert named(more) == [("cash-over", "100.00")]
    assert more.breaks[0].root == more.breaks[0].id


def test_money_that_went_and_comes_back_is_asked_after_anew(house: House) -> None:
    (found,) = house.accepted(LENT, cash_held="100000.00").tie.breaks
    said(house, found, "own-money")
    house.move_on(datetime(2012, 1, 25, tzinfo=UTC))
    assert house.accepted(STILL, quarter=Q4, cash_held="99500.00").tie.ties
    house.move_on(datetime(2012, 4, 25, tzinfo=UTC))
    assert named(house.accepted(STILL, quarter=Q1, cash_held="100000.00").tie) == [("cash-over", "500.00")]


def test_an_answer_that_comes_late_ends_the_breaks_of_later_quarters_about_the_same_money(house: House) -> None:
    (first,) = house.accepted(LENT, cash_held="100000.00").tie.breaks
    house.move_on(datetime(2012, 1, 25, tzinfo=UTC))
    (second,) = house.accepted(STILL, quarter=Q4, cash_held="100000.00").tie.breaks
    assert (second.root, second.quarters) == (first.id, 2)
    said(house, first, "co-investors-money")
    with house.bank.reading() as session:
        assert breaks_unexplained(session) == []


def test_more_lent_than_was_drawn_from_us_is_a_break_and_never_becomes_ours(house: House) -> None:
    done = house.accepted(ALL_AND_MORE, cash_held="0.00").tie
    assert named(done) == [("lent-over", "20000.00")]
    assert (str(done.owed), str(done.own_outstanding), str(done.unexplained)) == ("100000.00", "120000.00", "-20000.00")
    explained = said(house, done.breaks[0], "own-money")
    assert explained.state == "explained"
    now = tie_again(house.bank, return_id=done.return_id)
    assert (now.ties, comes_out(now), str(now.own_money)) == (True, True, "20000.00")
    assert ("own-money-put-in", "-20000.00") in {(one.kind, str(one.amount)) for one in now.explained}
    house.move_on(datetime(2012, 1, 25, tzinfo=UTC))
    back = loan(amount_committed="250000.00", principal_received="10000.00", principal_outstanding="230000.00")
    less = house.accepted(back, quarter=Q4, cash_held="0.00").tie
    assert (less.ties, str(less.own_money)) == (True, "15000.00")


def test_lent_beyond_ours_and_cash_beside_it_are_two_breaks(house: House) -> None:
    done = house.accepted(ALL_AND_MORE, cash_held="300.00").tie
    assert named(done) == [("cash-over", "300.00"), ("lent-over", "20000.00")] or named(done) == [
        ("lent-over", "20000.00"),
        ("cash-over", "300.00"),
    ]
    assert str(done.unexplained) == "-20300.00"


def test_what_is_booked_after_acceptance_is_tied_when_asked_and_each_kind_by_itself(house: House) -> None:
    done = house.accepted(LENT, cash_held="99500.00").tie
    assert done.ties
    house.book(house.intermediary, house.facility, Q3.ends_on, ("1000", "700.00"), ("2100", "-700.00"))
    assert named(tie_again(house.bank, return_id=done.return_id)) == [("cash-short", "700.00")]
    house.book(house.intermediary, house.facility, Q3.ends_on, ("1000", "-900.00"), ("2100", "900.00"))
    assert named(tie_again(house.bank, return_id=done.return_id)) == [("cash-over", "200.00")]


def test_no_kind_is_explained_by_what_cannot_explain_it(house: House) -> None:
    (over,) = house.accepted(LENT, cash_held="100000.00").tie.breaks
    with pytest.raises(BadExplanation, match="own-money, co-investors-money, timing, other"):
        said(house, over, "fees-and-costs")
    house.move_on(datetime(2012, 1, 25, tzinfo=UTC))
    (short,) = house.accepted(STILL, quarter=Q4, cash_held="0.00").tie.breaks
    with pytest.raises(BadExplanation, match="fees-and-costs, timing, other"):
        said(house, short, "own-money")
    assert set(EXPLAINED_BY) == set(KINDS)


def test_an_answer_of_a_version_holds_for_the_one_that_takes_its_place(house: House) -> None:
    (found,) = house.accepted(LENT, cash_held="100000.00").tie.breaks
    said(house, found, "own-money")
    house.move_on(house.clock.now() + timedelta(hours=1))
    again = house.accepted(LENT | {"note": "A word more"}, cash_held="100000.00").tie
    assert (again.ties, comes_out(again)) == (True, True)


@pytest.mark.parametrize(
    ("row", "held", "asked"),
    [
        (LENT, "99000.00", ["Cash is short by 500.00: our books leave 99500.00, and 99000.00 is held."]),
        (LENT, "99501.00", ["There is 1.00 too much cash: our books leave 99500.00, and 99501.00 is held."]),
        (ALL_AND_MORE, "0.00", ["20000.00 more went out than was drawn from us and came back."]),
        (LENT, "99500.00", []),
    ],
)
def test_cash_that_does_not_tie_is_asked_about_when_the_return_is_filed(
    house: House, row: dict[str, Any], held: str, asked: Sequence[str]
) -> None:
    filed = house.submit(row, cash_held=held)
    assert filed.state == "checked"
    found = [one for one in filed.findings if one.rule == CASH_AGREES]
    assert [one.message for one in found] == asked
    assert all(
        (one.sheet, one.column, one.severity, one.value) == ("Return", "cash_held", "question", held) for one in found
    )


def test_what_is_asked_of_cash_counts_corrections_and_what_waits_before_the_return(house: House) -> None:
    house.accepted(LENT, cash_held="99500.00")
    house.attested(loan(drawn="3000.00", principal_outstanding="3000.00"), cash_held="98500.00")
    house.move_on(datetime(2012, 1, 25, tzinfo=UTC))
    later = loan(principal_received="200.00", interest_received="20.00", principal_outstanding="2800.00")
    filed = house.submit(later, quarter=Q4, cash_held="98610.00")
    assert [one.message for one in filed.findings if one.rule == CASH_AGREES] == []
    filed = house.submit(later, quarter=Q4, cash_held="98600.00")
    assert [one.message for one in filed.findings if one.rule == CASH_AGREES] == [
        "Cash is short by 10.00: our books leave 98610.00, and 98600.00 is held."
    ]


def test_interest_added_to_principal_moves_no_cash_where_it_counts_as_paid_and_as_drawn(house: House) -> None:
    house.accepted(LENT, cash_held="99500.00")
    house.move_on(datetime(2012, 1, 25, tzinfo=UTC))
    added = loan(drawn="20.00", interest_received="20.00", principal_outstanding="1020.00")
    done = house.accepted(added, quarter=Q4, cash_held="99500.00").tie
    assert (done.ties, str(done.own_outstanding)) == (True, "510.00")


def test_the_tie_of_a_return_that_was_corrected_since_is_told_as_it_was_known_then(house: House) -> None:
    """A statement issued between the two tells of the first, whenever it is made again, breaks and all."""
    first = house.accepted(LENT, cash_held="99000.00")
    with house.bank.reading() as session:
        then = books.known(session)
        told = ties(session, Q3, then)
        assert [named(one) for one in told] == [[("cash-short", "500.00")]]
        assert tie(session, first.accepted.id, known=then) == told[0]
    house.close(Q3)
    house.move_on(datetime(2012, 1, 25, tzinfo=UTC))
    house.accepted(loan(drawn="2000.00", principal_outstanding="2000.00"), cash_held="99000.00")
    with house.bank.reading() as session:
        assert ties(session, Q3, then) == told
        assert tie(session, first.accepted.id, known=then) == told[0]
        (now,) = ties(session, Q3)
        assert (now.return_id != first.accepted.id, named(now)) == (True, [])
        with pytest.raises(NoSuchReturn):
            tie(session, first.accepted.id)
