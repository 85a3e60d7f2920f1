"""Of what was proposed and approved, which holds on a day: tried against reading every one of them in turn."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from ledger.in_force import each_in_force, in_force

FIRST = date(2012, 1, 1)
NIGHT = datetime(2012, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Policy:
    """A policy of a sort from a day on; approved after so many seconds, or not yet."""

    sort: str
    from_on: date
    approved_at: datetime | None


POLICIES = st.lists(
    st.builds(
        Policy,
        sort=st.sampled_from("ab"),
        from_on=st.integers(0, 5).map(lambda days: FIRST + timedelta(days=days)),
        approved_at=st.none() | st.integers(0, 50).map(lambda seconds: NIGHT + timedelta(seconds=seconds)),
    ),
    max_size=8,
    unique_by=lambda policy: policy.approved_at or object(),
)
DAYS = st.integers(-1, 6).map(lambda days: FIRST + timedelta(days=days))


def told_in_turn(policies: list[Policy], day: date) -> Policy | None:
    """Approvals in the order they were given, each taking the place of what held, unless that starts later."""
    holds = None
    for policy in sorted((one for one in policies if one.approved_at), key=lambda one: str(one.approved_at)):
        if policy.from_on <= day and (holds is None or policy.from_on >= holds.from_on):
            holds = policy
    return holds


@given(POLICIES, DAYS)
def test_the_last_to_start_holds_and_of_two_from_one_day_the_later_approved(policies: list[Policy], day: date) -> None:
    assert in_force(policies, day) == told_in_turn(policies, day)


@given(POLICIES, DAYS)
def test_each_sort_has_its_own_in_force_and_a_sort_of_which_nothing_holds_has_no_word(
    policies: list[Policy], day: date
) -> None:
    of_each = {sort: told_in_turn([one for one in policies if one.sort == sort], day) for sort in "ab"}
    assert each_in_force(policies, day, lambda one: one.sort) == {s: held for s, held in of_each.items() if held}
