"""A facility's life beside its money: each step in its place, nothing paid before its time, terms as agreed."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bank.allocations.commands import approve, draw_down, lapse, reject, repay, sign, write_off
from bank.allocations.life.commands import (
    agree_heads_of_terms,
    amend,
    ask_waiver,
    co_invest,
    describe,
    enquire,
    lapse_due,
    list_condition,
    record_covenant_test,
    satisfy_condition,
    set_covenant,
    step_enquiry,
)
from bank.allocations.life.course import CourseView, course
from bank.allocations.life.enquiries.queries import enquiry
from bank.allocations.life.rules import ConditionsOpen, CovenantBreached, MatchMissing, WrongStep, refuse_unmatched
from bank.allocations.rules import OutsideAvailability, WrongState
from bank.approvals.commands import decide
from bank.approvals.rules import MakerIsChecker
from bank.quarters.commands import close
from bank.treasury.rules import BadTerms
from ledger.dates import Quarter
from ledger.money import Money
from tests.bank.small_bank import SmallBank, pounds

DAY = date(2012, 3, 1)
END = date(2012, 6, 30)


@pytest.fixture
def bank(small_bank: SmallBank) -> SmallBank:
    small_bank.at(DAY)
    small_bank.capital("1000.00")
    return small_bank


def seen(bank: SmallBank, facility: str, as_at: date | None = None) -> CourseView:
    with bank.database.reading() as session:
        return course(session, facility, as_at=as_at)


def test_a_life_from_enquiry_to_repayment_tells_each_step(bank: SmallBank) -> None:
    asked = enquire(
        bank.maya, name="A lender", product="senior-loan", amount=pounds("100.00"), on=DAY, summary="To lend", key="e"
    )
    step_enquiry(bank.maya, enquiry=asked.id, step="screened", on=DAY, reason="Fits", evidence="Note 1", key="s")
    with pytest.raises(WrongStep, match="due-diligence"):
        step_enquiry(bank.maya, enquiry=asked.id, step="screened", on=DAY, reason="Again", key="s2")
    step_enquiry(bank.maya, enquiry=asked.id, step="due-diligence", on=DAY, reason="Begun", key="d")
    made = bank.proposed(bank.lender(), "100.00", enquiry=asked.id, available_until=END, matures_on=date(2013, 6, 30))
    stages = [made.stage]
    stages.append(approve(bank.tom, facility=made.id, note="Minute 4", key="a").stage)
    heads = agree_heads_of_terms(
        bank.maya, facility=made.id, on=DAY, conditions=("The charge is registered",), evidence="Letter", key="h"
    )
    stages.append(heads.stage)
    stages.append(sign(bank.maya, facility=made.id, conditions=("The board has agreed",), key="sign").stage)
    first, second = seen(bank, made.id).conditions
    with pytest.raises(ConditionsOpen, match="The charge is registered"):
        draw_down(bank.maya, facility=made.id, amount=pounds("60.00"), on=DAY, key="early")
    satisfy_condition(bank.maya, condition=first.id, on=DAY, evidence="Register of charges", key="c1")
    with pytest.raises(ConditionsOpen):
        draw_down(bank.maya, facility=made.id, amount=pounds("60.00"), on=DAY, key="early again")
    stages.append(satisfy_condition(bank.maya, condition=second.id, on=DAY, evidence="Minute", key="c2").stage)
    stages.append(draw_down(bank.maya, facility=made.id, amount=pounds("60.00"), on=DAY, key="draw").stage)
    stages.append(draw_down(bank.maya, facility=made.id, amount=pounds("40.00"), on=DAY, key="rest").stage)
    stages.append(repay(bank.maya, facility=made.id, principal=pounds("100.00"), on=DAY, key="repay").stage)
    assert stages == [
        "proposed",
        "approved-in-principle",
        "heads-of-terms",
        "signed",
        "available",
        "drawing",
        "repaying",
        "repaid",
    ]
    assert [step.step for step in seen(bank, made.id).steps] == [
        *("enquiry", "screened", "due-diligence"),
        *stages[:4],
        "conditions-satisfied",
        *stages[4:],
    ]
    with bank.database.reading() as session:
        assert (enquiry(session, asked.id).stage, enquiry(session, asked.id).facilities) == ("proposed", (made.id,))


def test_nothing_is_proposed_from_an_enquiry_that_was_turned_down(bank: SmallBank) -> None:
    asked = enquire(
        bank.maya, name="A", product="senior-loan", amount=pounds("1.00"), on=DAY, summary="To lend", key="e"
    )
    step_enquiry(bank.maya, enquiry=asked.id, step="declined", on=DAY, reason="Not our purpose", key="d")
    with pytest.raises(WrongStep):
        step_enquiry(bank.maya, enquiry=asked.id, step="screened", on=DAY, reason="After all", key="s")
    with pytest.raises(WrongStep):
        bank.proposed(bank.lender(), "1.00", enquiry=asked.id)


def test_nothing_is_proposed_from_an_enquiry_before_it_is_screened(bank: SmallBank) -> None:
    asked = enquire(
        bank.maya, name="A", product="senior-loan", amount=pounds("1.00"), on=DAY, summary="To lend", key="e"
    )
    bank.at(DAY + timedelta(days=20))
    lender = bank.lender()
    with pytest.raises(WrongStep, match="not screened yet"):
        bank.proposed(lender, "1.00", enquiry=asked.id)
    screened = DAY + timedelta(days=10)
    step_enquiry(bank.maya, enquiry=asked.id, step="screened", on=screened, reason="Fits", key="s")
    with pytest.raises(BadTerms, match="too early: it was screened"):
        step_enquiry(bank.maya, enquiry=asked.id, step="due-diligence", on=DAY, reason="Begun", key="d")
    with pytest.raises(BadTerms, match="too early: its enquiry"):
        bank.proposed(lender, "1.00", enquiry=asked.id, on=DAY)
    assert bank.proposed(lender, "1.00", enquiry=asked.id).stage == "proposed"


def test_a_proposal_is_declined_by_another_and_withdrawn_by_its_proposer(bank: SmallBank) -> None:
    lender = bank.lender()
    for desk, end in ((bank.tom, "declined"), (bank.maya, "withdrawn")):
        ended = reject(
            desk, facility=bank.proposed(lender, "1.00").id, reason="No", evidence="A letter", key=bank.key()
        )
        last = seen(bank, ended.id).steps[-1]
        told = (last.step, last.by, last.reason, last.evidence, last.recorded_at)
        assert (ended.stage, told) == (end, (end, desk.actor.id, "No", "A letter", bank.clock.now()))


def test_a_facility_is_matured_cancelled_lapsed_or_written_off_by_what_happened(bank: SmallBank) -> None:
    lender = bank.lender()
    terms = {"available_until": DAY, "matures_on": DAY}
    drawn = [bank.drawn(lender, "10.00", **terms).id for _ in range(2)]
    stages = [
        repay(bank.maya, facility=drawn[0], principal=pounds("10.00"), on=DAY, key="r").stage,
        write_off(bank.maya, facility=drawn[1], amount=pounds("10.00"), on=DAY, reason="Lost", key="w").stage,
        lapse(bank.maya, facility=bank.signed(lender, "10.00").id, on=DAY, reason="Not wanted", key="l").stage,
    ]
    left = bank.signed(lender, "10.00", available_until=DAY)
    bank.at(DAY + timedelta(days=1))
    stages += [view.stage for view in lapse_due(bank.maya, on=DAY + timedelta(days=1), key="due").facilities]
    assert stages == ["matured", "written-off", "cancelled", "lapsed"]
    assert left.stage == "available"


def test_undrawn_money_lapses_when_its_time_ends_unless_that_was_put_off(bank: SmallBank) -> None:
    lender = bank.lender()
    ended, kept = (bank.signed(lender, "100.00", available_until=END) for _ in range(2))
    draw_down(bank.maya, facility=ended.id, amount=pounds("30.00"), on=DAY, key="part")
    asked = amend(
        bank.maya,
        facility=kept.id,
        effective_on=DAY,
        available_until=date(2012, 12, 31),
        words="Half a year longer to draw",
        reason="Slow to lend on",
        key="amend",
    )
    assert bank.facility(kept.id).available_until == END
    assert "amending" in bank.facility(kept.id).pending[0]
    with pytest.raises(MakerIsChecker):
        decide(bank.maya, request=asked.id, approve=True, key="own")
    decide(bank.tom, request=asked.id, approve=True, key="yes")
    bank.at(date(2012, 7, 20))
    assert lapse_due(bank.maya, on=END, key="not yet").facilities == ()
    run = lapse_due(bank.maya, on=date(2012, 7, 20), key="now")
    assert [(view.id, view.figures.undrawn, view.stage) for view in run.facilities] == [
        (ended.id, Money(0), "repaying"),
    ]
    assert run.lapsed == pounds("70.00")
    assert bank.facility(ended.id, date(2012, 6, 30)).figures.undrawn == pounds("70.00")
    assert bank.facility(ended.id, date(2012, 7, 1)).figures.undrawn == Money(0)
    assert lapse_due(bank.maya, on=date(2012, 7, 20), key="again").facilities == ()
    late = draw_down(bank.maya, facility=kept.id, amount=pounds("1.00"), on=date(2012, 7, 20), key="late")
    assert (late.stage, late.available_until) == ("drawing", date(2012, 12, 31))
    assert (bank.balance("bank", "9100"), bank.balance("bank", "9199")) == ("99.00", "-99.00")


def test_a_lapse_found_after_the_quarter_closed_goes_into_the_next(bank: SmallBank) -> None:
    made = bank.signed(bank.lender(), "100.00", available_until=END)
    bank.at(date(2012, 5, 2))
    close(bank.maya, quarter=Quarter(2012, 1), hard=True, accept_missing="Nothing is lent on yet")
    asked = amend(
        bank.maya,
        facility=made.id,
        effective_on=date(2012, 3, 10),
        available_until=date(2012, 3, 15),
        words="Ended early",
        reason="As they wrote in March",
        key="amend",
    )
    decide(bank.tom, request=asked.id, approve=True, key="yes")
    (lapsed,) = lapse_due(bank.maya, on=date(2012, 5, 2), key="late").facilities
    assert lapsed.id == made.id
    assert (bank.balance("bank", "9100", date(2012, 3, 31)), bank.balance("bank", "9100", date(2012, 4, 1))) == (
        *("100.00", "0.00"),
    )


def test_money_is_drawn_within_the_availability_as_it_was_amended(bank: SmallBank) -> None:
    made = bank.signed(bank.lender(), "100.00", available_until=END)
    asked = amend(
        bank.maya,
        facility=made.id,
        effective_on=END,
        available_until=date(2012, 7, 31),
        words="To the end of July",
        reason="Late papers",
        key="amend",
    )
    decide(bank.tom, request=asked.id, approve=False, reason="Not yet", key="no")
    bank.at(date(2012, 7, 20))
    with pytest.raises(OutsideAvailability, match="2012-06-30"):
        draw_down(bank.maya, facility=made.id, amount=pounds("1.00"), on=date(2012, 7, 20), key="refused")
    told = seen(bank, made.id).amendments
    assert [(each.state, each.decided_by) for each in told] == [("rejected", bank.tom.actor.id)]


def test_a_condition_or_a_breach_is_waived_by_another_and_stays_in_the_record(bank: SmallBank) -> None:
    made = bank.signed(bank.lender(), "100.00")
    list_condition(bank.maya, facility=made.id, text="An audit", on=DAY, key="c")
    (condition,) = seen(bank, made.id).conditions
    asked = ask_waiver(bank.maya, facility=made.id, of=condition.id, from_on=DAY, reason="In hand", key="w")
    with pytest.raises(ConditionsOpen):
        draw_down(bank.maya, facility=made.id, amount=pounds("1.00"), on=DAY, key="too soon")
    decide(bank.tom, request=asked.id, approve=True, key="yes")
    draw_down(bank.maya, facility=made.id, amount=pounds("1.00"), on=DAY, key="now")
    covenant = set_covenant(
        bank.maya, facility=made.id, name="Cash cover", sense="at-least", threshold=Decimal("1.2"), from_on=DAY, key="v"
    )
    assert seen(bank, made.id).covenants == (covenant,)
    for number, value in enumerate(("1.2", "1.19")):
        record_covenant_test(
            bank.maya, covenant=covenant.id, on=DAY, value=Decimal(value), evidence="Accounts", key=f"t{number}"
        )
    (covenant,) = seen(bank, made.id).covenants
    assert ([test.passed for test in covenant.tests], covenant.state) == ([True, False], "breached")
    with pytest.raises(CovenantBreached, match=f"Cash cover .{covenant.tests[1].id}"):
        draw_down(bank.maya, facility=made.id, amount=pounds("1.00"), on=DAY, key="in breach")
    asked = ask_waiver(
        bank.maya, facility=made.id, of=covenant.tests[1].id, from_on=DAY, reason="Seasonal", key="breach"
    )
    decide(bank.tom, request=asked.id, approve=True, key="once")
    (covenant,) = seen(bank, made.id).covenants
    assert (covenant.state, covenant.tests[1].passed) == ("waived", False)
    assert covenant.tests[1].waived_by == bank.tom.actor.id
    draw_down(bank.maya, facility=made.id, amount=pounds("1.00"), on=DAY, key="waived")


def test_a_tranche_told_of_an_earlier_day_passes_what_stands_in_its_way_today_no_more(bank: SmallBank) -> None:
    made, other = bank.signed(bank.lender(), "100.00"), bank.signed(bank.lender("Second"), "100.00")
    covenant = set_covenant(
        bank.maya, facility=made.id, name="Cash cover", sense="at-least", threshold=Decimal(1), from_on=DAY, key="v"
    )
    later = DAY + timedelta(days=5)
    bank.at(later)
    record_covenant_test(bank.maya, covenant=covenant.id, on=later, value=Decimal("0.9"), evidence="Accounts", key="t")
    list_condition(bank.maya, facility=other.id, text="An audit", on=later, key="c")
    for facility, refused in ((made, CovenantBreached), (other, ConditionsOpen)):
        with pytest.raises(refused):
            draw_down(bank.maya, facility=facility.id, amount=pounds("1.00"), on=DAY, key="yesterday's")


def test_a_covenant_kept_again_lets_money_be_drawn_again(bank: SmallBank) -> None:
    made = bank.signed(bank.lender(), "100.00")
    covenant = set_covenant(
        bank.maya, facility=made.id, name="Cash cover", sense="at-least", threshold=Decimal(1), from_on=DAY, key="v"
    )
    for number, (value, drawn) in enumerate((("0.9", False), ("1.1", True))):
        record_covenant_test(
            bank.maya, covenant=covenant.id, on=DAY, value=Decimal(value), evidence="Accounts", key=f"t{number}"
        )
        with nullcontext() if drawn else pytest.raises(CovenantBreached):
            draw_down(bank.maya, facility=made.id, amount=pounds("1.00"), on=DAY, key=f"d{number}")
    assert str(bank.facility(made.id).figures.drawn) == "1.00"


def test_match_is_tested_at_signing_and_at_each_drawdown(bank: SmallBank) -> None:
    made = bank.proposed(bank.lender(), "100.00")
    describe(
        bank.maya, facility=made.id, on=DAY, match_at_signing=Decimal(1), match_at_drawdown=Decimal("0.5"), key="d"
    )
    approve(bank.tom, facility=made.id, key="a")
    with pytest.raises(WrongState, match="amend it instead"):
        describe(bank.maya, facility=made.id, on=DAY, match_at_drawdown=Decimal(0), key="easier")
    with pytest.raises(MatchMissing, match=r"0.00 signed beside to the bank's 100.00 .* 100.00 more"):
        sign(bank.maya, facility=made.id, key="alone")
    sign(bank.maya, facility=made.id, co_investor_amount=pounds("100.00"), key="s")
    draw_down(bank.maya, facility=made.id, amount=pounds("40.00"), co_investor_amount=pounds("20.00"), on=DAY, key="1")
    with pytest.raises(MatchMissing, match=r"0\.01 more"):
        draw_down(bank.maya, facility=made.id, amount=pounds("0.01"), on=DAY, key="2")
    co_invest(bank.maya, facility=made.id, investor="A foundation", amount=pounds("0.01"), on=DAY, drawn=True, key="c")
    after = draw_down(bank.maya, facility=made.id, amount=pounds("0.01"), on=DAY, key="3")
    assert (after.figures.co_investor_drawn, after.figures.drawn_with_match) == (pounds("20.01"), pounds("60.02"))


@given(st.integers(0, 10**12), st.integers(0, 10**12), st.decimals(0, 5, places=3))
def test_a_match_is_met_exactly_when_their_money_is_so_many_times_ours(others: int, own: int, wanted: Decimal) -> None:
    enough = others * 1000 >= int(wanted * 1000) * own
    try:
        refuse_unmatched(Money(others), Money(own), wanted, "drawn beside")
    except MatchMissing as refused:
        short = Money.parse(str(refused.facts["short"]))
        assert not enough
        refuse_unmatched(Money(others) + short, Money(own), wanted, "drawn beside")
        assert short > Money(0)
        with pytest.raises(MatchMissing):
            refuse_unmatched(Money(others) + short - Money(1), Money(own), wanted, "drawn beside")
    else:
        assert enough


def test_co_investors_are_told_by_name_and_never_paid_beyond_what_they_committed(bank: SmallBank) -> None:
    made = bank.signed(bank.lender(), "100.00", co_investor_amount=pounds("30.00"))
    co_invest(bank.maya, facility=made.id, investor="A foundation", amount=pounds("25.00"), on=DAY, key="1")
    with pytest.raises(BadTerms, match=r"committed 55.00 and paid 0.00"):
        co_invest(bank.maya, facility=made.id, investor="A bank", amount=pounds("55.01"), on=DAY, drawn=True, key="2")
    co_invest(bank.maya, facility=made.id, investor="A foundation", amount=pounds("5.00"), on=DAY, drawn=True, key="3")
    told = {each.investor: (str(each.committed), str(each.drawn)) for each in seen(bank, made.id).co_investors}
    assert told == {"not named": ("30.00", "0.00"), "A foundation": ("25.00", "5.00")}
    assert bank.facility(made.id).figures.signed_with_match == pounds("155.00")
    assert bank.balance("bank", "1000") == "1000.00"
