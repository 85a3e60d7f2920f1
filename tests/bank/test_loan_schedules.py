"""What a facility has to pay: schedules made of its terms and its own movements, and what of them is overdue."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bank.allocations.commands import accrue, approve_terms, draw_down, propose_terms, repay
from bank.allocations.instalments import ArrearsView, ScheduleView, arrears, schedule
from bank.allocations.life.commands import amend
from bank.allocations.queries import NoSuchFacility
from bank.allocations.terms.commands import NoSuchTerms
from bank.allocations.terms.rules import Agreed, Plan, Repaying
from bank.allocations.terms.schedule import falling_due
from bank.approvals.commands import decide
from bank.people.rules import SamePerson
from bank.treasury.rules import BadTerms
from ledger.agreeing import AlreadyApproved
from ledger.daycounts import DayCount
from ledger.money import NOTHING, Money
from ledger.rates import RateHistory
from ledger.workdays import Roll
from tests.bank.small_bank import SmallBank, pounds
from tests.bank.test_loan_journals import agreed, loan

START = date(2012, 1, 10)
TENTH = Decimal("0.10")


@pytest.fixture
def lending(small_bank: SmallBank) -> SmallBank:
    small_bank.at(START)
    small_bank.capital("1000000.00")
    return small_bank


def schedule_of(bank: SmallBank, facility: str, as_at: date | None = None) -> ScheduleView:
    with bank.database.reading() as session:
        return schedule(session, facility, as_at=as_at)


def arrears_at(bank: SmallBank, facility: str, as_at: date) -> ArrearsView:
    with bank.database.reading() as session:
        return arrears(session, facility, as_at=as_at)


def principals(view: ScheduleView) -> list[str]:
    return [str(each.principal) for each in view.instalments]


def monthly(**changed: Any) -> dict[str, Any]:
    told = {"repayment": "equal-principal", "first_due_on": date(2012, 2, 10), "every_months": 1, "instalments": 4}
    return told | changed


def test_equal_parts_of_principal_after_a_capital_holiday(lending: SmallBank) -> None:
    made = loan(lending, "1000.00", **monthly(instalments=5, capital_holiday=2))
    view = schedule_of(lending, made.id)
    assert principals(view) == ["0.00", "0.00", "333.33", "333.33", "333.34"]
    assert [str(each.balance) for each in view.instalments] == ["1000.00", "1000.00", "666.67", "333.34", "0.00"]
    assert str(view.instalments[0].interest) == "8.49"  # 1,000 x 10 % x 31/365
    assert view.instalments[0].payment == view.instalments[0].interest


def test_equal_parts_are_equal_and_the_last_takes_the_pennies(lending: SmallBank) -> None:
    """A seventh of 1,000.00 is 142.857…: six times 142.86, and 142.84. What is paid on its day changes none of it."""
    made = loan(lending, "1000.00", **monthly(instalments=7))
    for place in range(3):
        found = schedule_of(lending, made.id)
        assert principals(found) == ["142.86"] * 6 + ["142.84"]
        due = found.instalments[place]
        lending.at(due.due_on)
        repay(lending.maya, facility=made.id, amount=due.payment, on=due.due_on, key=lending.key())
    repay(lending.maya, facility=made.id, amount=pounds("100.00"), on=due.due_on, key="ahead")
    assert principals(schedule_of(lending, made.id)) == ["142.86"] * 3 + ["117.86"] * 3 + ["117.84"]


@given(pence=st.integers(1, 10**9), count=st.integers(1, 60))
def test_no_equal_part_is_another_but_the_last_and_they_come_to_the_whole(pence: int, count: int) -> None:
    """Less than a penny each may be over before the last; from then on nothing is due."""
    plan = Plan(Repaying.EQUAL_PRINCIPAL, START + timedelta(31), 1, count, roll=Roll.NONE)
    agreed_to = [Agreed(START, None, TENTH, plan)]
    dues = falling_due(agreed_to, [(START, Money(pence))], RateHistory.fixed(TENTH), DayCount.ACT_365F).dues
    parts = [due.principal.pence for due in dues]
    assert sum(parts) == pence
    whole = (2 * pence + count) // (2 * count)
    assert all(part == min(whole, max(pence - place * whole, 0)) for place, part in enumerate(parts[:-1]))


def test_a_due_day_on_which_no_bank_works_is_moved_within_its_month(lending: SmallBank) -> None:
    """Good Friday of 2012 was 6 April; for the diamond jubilee banks stayed shut on 4 and 5 June."""
    made = loan(lending, "1000.00", **monthly(first_due_on=date(2012, 4, 6), every_months=2))
    days = [each.due_on for each in schedule_of(lending, made.id).instalments]
    assert days == [date(2012, 4, 10), date(2012, 6, 6), date(2012, 8, 6), date(2012, 10, 8)]
    stays = loan(lending, "1000.00", **monthly(first_due_on=date(2012, 4, 6), roll="none"))
    assert schedule_of(lending, stays.id).instalments[0].due_on == date(2012, 4, 6)


def test_a_bullet_and_a_bespoke_schedule(lending: SmallBank) -> None:
    bullet = loan(lending, "1000.00", **monthly(repayment="bullet"))
    assert principals(schedule_of(lending, bullet.id)) == ["0.00", "0.00", "0.00", "1000.00"]
    parts = tuple(pounds(part) for part in ("100.00", "0.00", "250.00", "1.00"))
    bespoke = loan(lending, "1000.00", **monthly(repayment="bespoke", bespoke=parts))
    assert principals(schedule_of(lending, bespoke.id)) == ["100.00", "0.00", "250.00", "650.00"]


def test_level_payments_are_equal_and_the_last_takes_the_pennies(lending: SmallBank) -> None:
    made = loan(lending, "10000.00", **monthly(repayment="level", instalments=12))
    payments = [each.payment.pence for each in schedule_of(lending, made.id).instalments]
    assert len(set(payments[:-1])) == 1
    assert abs(payments[-1] - payments[0]) <= 12
    assert sum(each.principal.pence for each in schedule_of(lending, made.id).instalments) == 10_000_00


def test_a_further_drawdown_is_spread_over_what_is_still_to_come_and_a_prepayment_lightens_it(
    lending: SmallBank,
) -> None:
    made = lending.signed(lending.lender(), "2000.00")
    agreed(lending, made.id, **monthly())
    draw_down(lending.maya, facility=made.id, amount=pounds("1000.00"), on=START, key="1")
    lending.at(date(2012, 2, 20))
    repay(lending.maya, facility=made.id, principal=pounds("250.00"), on=date(2012, 2, 10), key="2")
    draw_down(lending.maya, facility=made.id, amount=pounds("600.00"), on=date(2012, 2, 20), key="3")
    assert principals(schedule_of(lending, made.id)) == ["250.00", "450.00", "450.00", "450.00"]
    repay(lending.maya, facility=made.id, principal=pounds("300.00"), on=date(2012, 2, 20), key="4")
    assert principals(schedule_of(lending, made.id)) == ["250.00", "350.00", "350.00", "350.00"]
    assert principals(schedule_of(lending, made.id, date(2012, 2, 15))) == ["250.00"] * 4


def test_what_is_due_and_unpaid_is_overdue_from_its_day_and_bears_default_interest(lending: SmallBank) -> None:
    made = loan(lending, "36500.00", **monthly(default_margin=Decimal("0.02"), roll="none"))
    lending.at(date(2012, 3, 20))
    due = arrears_at(lending, made.id, date(2012, 2, 10))
    assert (str(due.overdue_principal), str(due.overdue_interest), due.days_past_due) == ("9125.00", "310.00", 0)
    assert arrears_at(lending, made.id, date(2012, 2, 9)).overdue_since is None
    later = arrears_at(lending, made.id, date(2012, 3, 9))
    assert (later.overdue_since, later.days_past_due) == (date(2012, 2, 10), 28)
    accrue(lending.maya, facility=made.id, until=date(2012, 3, 10), key="1")
    exact = Decimal("9435.00") * Decimal("0.02") * 29 / 365
    assert lending.balance("bank", f"1220:{made.id}") == str(round(exact, 2))
    repay(
        lending.maya,
        facility=made.id,
        principal=pounds("9125.00"),
        interest=pounds("310.00"),
        on=date(2012, 2, 10),
        key="2",
    )
    assert lending.balance("bank", f"1220:{made.id}") == "0.00"
    assert arrears_at(lending, made.id, date(2012, 3, 9)).days_past_due == 0


@pytest.mark.parametrize(
    "changed",
    [
        {"instalments": 0},
        {"capital_holiday": 4},
        {"first_due_on": START},
        {"first_due_on": date(2019, 1, 1)},
        {"repayment": "balloon"},
        {"repayment": "bespoke"},
        {"bespoke": (Money(1),)},
        {"floor": Decimal("0.2"), "cap": Decimal("0.1")},
        {"rate": Decimal("1.5")},
        {"nation": "FRA"},
        {"waterfall": ("interest", "principal")},
        {"arrangement_fee": Money(-1)},
    ],
    ids=str,
)
def test_terms_that_cannot_be_meant_are_refused(lending: SmallBank, changed: dict[str, Any]) -> None:
    made = lending.signed(lending.lender())
    with pytest.raises(BadTerms):
        agreed(lending, made.id, **monthly(**changed))


def test_terms_are_agreed_by_two_in_their_turn_and_later_ones_say_why(lending: SmallBank) -> None:
    made = lending.signed(lending.lender())
    told: dict[str, Any] = {"facility": made.id, "from_on": START, "rate": TENTH, **monthly()}
    terms = propose_terms(lending.maya, key="1", **told)
    assert schedule_of(lending, made.id).instalments == ()
    with pytest.raises(SamePerson):
        approve_terms(lending.maya, id=terms.id, key="2")
    approve_terms(lending.tom, id=terms.id, key="3")
    with pytest.raises(AlreadyApproved):
        approve_terms(lending.tom, id=terms.id, key="4")
    with pytest.raises(NoSuchTerms):
        approve_terms(lending.tom, id="trm_none", key="5")
    with pytest.raises(BadTerms, match="later ones begin after"):
        propose_terms(lending.maya, key="6", **told)
    with pytest.raises(BadTerms, match="why"):
        propose_terms(lending.maya, key="7", **(told | {"from_on": date(2012, 2, 1)}))


def test_an_intermediary_sees_the_schedule_of_its_own_facility_only(lending: SmallBank) -> None:
    made, other = loan(lending, "1000.00", **monthly()), lending.lender("Another")
    with lending.database.reading() as session:
        assert schedule(session, made.id, intermediary=made.intermediary).instalments
        with pytest.raises(NoSuchFacility):
            schedule(session, made.id, intermediary=other)


@given(
    repaying=st.sampled_from([Repaying.EQUAL_PRINCIPAL, Repaying.LEVEL, Repaying.BULLET]),
    instalments=st.integers(1, 24),
    holiday=st.integers(0, 5),
    moved=st.lists(
        st.tuples(
            st.integers(0, 900).map(lambda days: START + timedelta(days)), st.integers(-50_000, 90_000).map(Money)
        ),
        max_size=6,
    ),
)
def test_all_that_is_lent_falls_due_or_was_repaid_and_never_twice(
    repaying: Repaying, instalments: int, holiday: int, moved: list[tuple[date, Money]]
) -> None:
    plan = Plan(repaying, START + timedelta(31), 1, instalments, min(holiday, instalments - 1), roll=Roll.NONE)
    facts = [(START, Money(500_000)), *moved]
    dues = falling_due([Agreed(START, None, TENTH, plan)], facts, RateHistory.fixed(TENTH), DayCount.ACT_365F).dues
    last = dues[-1]
    lent = Money.total(amount for day, amount in facts if amount > NOTHING and day <= last.on)
    assert last.left == NOTHING
    assert all(due.principal >= NOTHING for due in dues)
    repaid_ahead = lent - Money.total(due.principal for due in dues)
    paid = -Money.total(amount for day, amount in facts if amount < NOTHING and day < last.on)
    assert NOTHING <= repaid_ahead <= paid


def test_a_facility_that_matures_later_than_it_was_agreed_is_repaid_by_then(lending: SmallBank) -> None:
    made = loan(lending, "1000.00", **monthly())
    ends = lending.facility(made.id).matures_on
    assert ends is not None
    beyond = monthly(first_due_on=ends + timedelta(days=60), instalments=2)
    later: dict[str, Any] = {
        "from_on": START + timedelta(days=30),
        "reason": "A year longer",
        "rate": TENTH,
        "key": lending.key(),
    }
    with pytest.raises(BadTerms, match=f"the maturity of {ends}"):
        propose_terms(lending.maya, facility=made.id, **later | beyond)
    asked = amend(
        lending.maya,
        facility=made.id,
        effective_on=START,
        matures_on=ends + timedelta(days=366),
        words="A year longer to repay",
        reason="The lender asked",
        key="longer",
    )
    decide(lending.tom, request=asked.id, approve=True, key="agreed")
    approve_terms(lending.tom, id=propose_terms(lending.maya, facility=made.id, **later | beyond).id, key="terms")
    assert schedule_of(lending, made.id, START + timedelta(days=60)).instalments[-1].due_on > ends
