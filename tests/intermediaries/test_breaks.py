"""How old a break is, through every way in which it can be named anew, and in whose hands it lies."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intermediaries.returns.breaks.commands import assign_break
from intermediaries.returns.breaks.queries import breaks
from intermediaries.returns.breaks.rules import Named, ages
from intermediaries.returns.commands import explain_break
from intermediaries.returns.refusals import BadAssignment
from intermediaries.returns.tying import tie
from ledger import queries as books
from ledger.dates import Quarter, SetClock
from ledger.money import NOTHING, Money
from ledger.refusals import NotAllowed
from ledger.store.database import Database
from tests.intermediaries.lending import Q1, Q3, Q4, House, loan

NOON = datetime(2012, 1, 20, 12, tzinfo=UTC)
SHORT = Money.parse("100.00")


def seen(
    one: str,
    quarter: Quarter,
    days: int,
    *,
    lacking: Money = SHORT,
    cleared: int | None = None,
    answered: int | None = None,
    counts: bool = True,
) -> Named:
    """A break opened so many days after the first, cleared or answered so many days after it."""

    def day(number: int | None) -> datetime | None:
        return None if number is None else NOON + timedelta(days=number)

    return Named(
        id=one,
        facility="fac_1",
        kind="cash-short",
        quarter=quarter,
        counts=counts,
        opened_at=NOON + timedelta(days=days),
        lacking=lacking,
        cleared_at=day(cleared),
        answered_at=day(answered),
    )


def told(*some: Named, days: int = 200) -> dict[str, tuple[str, str, int, int]]:
    """Of each break: the first of its chain, the quarter that is of, the quarters it was seen at, and the days."""
    found = ages(some, NOON + timedelta(days=days))
    return {one: (age.root, str(age.quarter), age.quarters, age.days) for one, age in found.items()}


def test_a_break_is_as_old_as_its_first_day_until_it_is_explained() -> None:
    assert told(seen("a", Q3, 0)) == {"a": ("a", "2011Q3", 1, 200)}
    assert told(seen("a", Q3, 0, answered=12)) == {"a": ("a", "2011Q3", 1, 12)}
    assert told(seen("a", Q3, 0, lacking=NOTHING, cleared=30)) == {"a": ("a", "2011Q3", 1, 30)}


def test_a_break_named_anew_because_its_amount_changed_keeps_its_age() -> None:
    found = told(seen("a", Q3, 0, lacking=NOTHING, cleared=40), seen("b", Q3, 40))
    assert found["b"] == ("a", "2011Q3", 1, 200)


def test_a_break_that_came_after_another_was_gone_is_new() -> None:
    found = told(seen("a", Q3, 0, lacking=NOTHING, cleared=40), seen("b", Q3, 41), seen("c", Q4, 95))
    assert found["b"] == ("b", "2011Q3", 1, 159)
    assert found["c"] == ("b", "2011Q3", 2, 159)


def test_what_was_said_to_be_on_its_way_and_has_not_come_is_the_same_money() -> None:
    found = told(seen("a", Q3, 0, answered=2), seen("b", Q4, 90), seen("c", Q1, 181))
    assert found == {
        "a": ("a", "2011Q3", 1, 2),
        "b": ("a", "2011Q3", 2, 200),
        "c": ("a", "2011Q3", 3, 200),
    }


def test_costs_that_were_posted_are_in_the_books_and_carry_no_age_on() -> None:
    assert told(seen("a", Q3, 0, lacking=NOTHING, answered=2), seen("b", Q4, 90))["b"] == ("b", "2011Q4", 1, 110)


def test_a_correction_under_which_the_money_still_lacks_goes_on_and_one_that_ties_ends_it() -> None:
    still = told(seen("a", Q3, 0, answered=2, counts=False), seen("b", Q3, 50), seen("c", Q4, 90))
    assert (still["b"][0], still["c"][:3]) == ("a", ("a", "2011Q3", 2))
    ties = told(seen("a", Q3, 0, answered=2, counts=False), seen("c", Q4, 90))
    assert ties["c"][0] == "c"


@given(
    st.lists(
        st.tuples(
            st.integers(0, 3), st.integers(0, 400), st.booleans(), st.none() | st.integers(0, 400), st.booleans()
        ),
        max_size=8,
    )
)
def test_no_break_is_younger_than_what_it_goes_on_from_nor_older_than_the_first_of_all(
    plan: list[tuple[int, int, bool, int | None, bool]],
) -> None:
    some = [
        seen(
            f"{place}", Quarter(2012, number + 1), days, lacking=SHORT if lacks else NOTHING, cleared=end, counts=counts
        )
        for place, (number, days, lacks, end, counts) in enumerate(plan)
    ]
    found = ages(some, NOON + timedelta(days=500))
    by_id = {one.id: one for one in some}
    assert set(found) == set(by_id)
    for one, age in found.items():
        assert age.chain[0] == age.root
        assert age.chain[-1] == one
        assert age.seen_at == min(by_id[each].opened_at for each in age.chain)
        assert [by_id[each].opened_at for each in age.chain] == sorted(by_id[each].opened_at for each in age.chain)
        quarters = {by_id[each].quarter for each in age.chain}
        assert age.quarters == len(quarters) <= by_id[one].quarter.number - age.quarter.number + 1


def test_a_break_lives_through_its_quarters_and_hands_in_the_database(database: Database, clock: SetClock) -> None:
    house = House.opened(database, clock)
    lent = {"drawn": "1000.00", "principal_outstanding": "1000.00"}
    (first,) = house.accepted(loan(**lent), cash_held="99000.00").tie.breaks
    assert (first.root, str(first.first_seen), first.quarters, first.days, first.owner) == (
        first.id,
        "2011Q3",
        1,
        0,
        None,
    )
    assert first.in_hand == "first seen in 2011Q3, 0 days ago, and nobody has it in hand"
    owned = assign_break(
        house.bank, break_id=first.id, owner="per_9", owner_name="Tom", reason="Knows them", clear_by=date(2012, 2, 1)
    )
    assert owned.in_hand == "first seen in 2011Q3, 0 days ago, in the hands of Tom until 2012-02-01"
    with house.bank.reading() as session:
        before = books.known(session)
    house.move_on(datetime(2012, 1, 25, 9, tzinfo=UTC))
    paid = explain_break(
        house.bank, break_id=first.id, category="timing", reason="In the post", amount=Money.parse("200.00"), key="a"
    )
    assert (str(paid.remaining), paid.days) == ("300.00", 5)
    rest = explain_break(house.bank, break_id=first.id, category="timing", reason="So is this", key="b")
    house.move_on(datetime(2012, 4, 20, 9, tzinfo=UTC))
    (carried,) = house.accepted(loan(principal_outstanding="1000.00"), quarter=Q4, cash_held="99100.00").tie.breaks
    assert (carried.root, carried.quarters, carried.days, carried.owner_name) == (first.id, 2, 91, "Tom")
    assert (rest.state, rest.days) == ("explained", 5)
    with pytest.raises(BadAssignment, match="explained"):
        assign_break(house.bank, break_id=first.id, owner="per_8", owner_name="Una", reason="r")
    for reason, by in ((" ", None), ("r", date(2012, 4, 19))):
        with pytest.raises(BadAssignment):
            assign_break(house.bank, break_id=carried.id, owner="per_8", owner_name="Una", reason=reason, clear_by=by)
    with pytest.raises(NotAllowed):
        assign_break(house.lender, break_id=carried.id, owner="per_8", owner_name="Una", reason="r")
    assign_break(house.bank, break_id=carried.id, owner="per_8", owner_name="Una", reason="Tom has left")
    house.move_on(datetime(2012, 4, 20, 10, tzinfo=UTC))
    house.accepted(loan(principal_outstanding="1000.00"), quarter=Q4, cash_held="99000.00")
    with house.bank.reading() as session:
        found = breaks(session, quarter=Q4)
        assert [(one.state, one.days, str(one.remaining)) for one in found] == [
            ("cleared", 91, "0.00"),
            ("open", 91, "500.00"),
        ]
        assert [one.owner_name for one in found[1].owners] == ["Tom", "Una"]
        assert breaks(session, owner="per_8") == [found[1]]
        assert breaks(session, owner="per_9") == []
        (then,) = breaks(session, known=before)
        assert (then.state, then.owner_name, then.days) == ("open", "Tom", 0)
        assert tie(session, found[1].return_id).breaks == (found[1],)
