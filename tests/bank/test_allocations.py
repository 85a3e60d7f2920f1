from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from bank.allocations.commands import (
    accrue,
    accrue_all,
    approve,
    draw_down,
    lapse,
    propose,
    record_event,
    recover,
    reject,
    repay,
    sign,
    write_off,
)
from bank.allocations.queries import (
    FacilityView,
    NoSuchFacility,
    all_facilities,
    events,
    facilities,
    facility,
)
from bank.allocations.rules import (
    BeyondCommitment,
    BeyondOutstanding,
    BeyondWriteOff,
    NotInGoodStanding,
    OutsideAvailability,
    WrongState,
)
from bank.people.rules import SamePerson
from bank.treasury.rules import BadTerms, NotEnoughHeadroom
from intermediaries.register.commands import mark_failed, set_standing
from ledger import trail
from ledger.commands import close_quarter
from ledger.dates import Quarter
from ledger.money import NOTHING
from ledger.queries import entries_behind, entry, known, pairs_that_disagree, trial_balance
from ledger.refusals import BadCursor, NotAllowed, NotFound
from ledger.store import confinement
from ledger.store.keys import KeyReused
from tests.bank.small_bank import SmallBank, pounds

START = date(2012, 1, 10)


@pytest.fixture
def lending(small_bank: SmallBank) -> SmallBank:
    small_bank.at(START)
    small_bank.capital("1000000.00")
    return small_bank


def figures(view: FacilityView, *names: str) -> list[str]:
    return [str(getattr(view.figures, name)) for name in names]


def agree(small_bank: SmallBank) -> None:
    """Every pair agrees, and every book balances, memoranda among themselves too."""
    with small_bank.database.reading() as session:
        assert pairs_that_disagree(session) == []
        found = trial_balance(session, "bank")
        assert found.total_debit == found.total_credit
        memo = [line.debit.pence - line.credit.pence for line in found.accounts if line.code.startswith("9")]
    assert sum(memo) == 0


def test_a_facility_runs_from_proposal_to_repayment(lending: SmallBank) -> None:
    lender = lending.lender()
    made = lending.proposed(lender, co_investor_amount=pounds("50000.00"))
    assert made.state == "proposed"
    assert figures(made, "approved_in_principle", "signed", "drawn") == ["0.00", "0.00", "0.00"]

    approved = approve(lending.tom, facility=made.id, key="approve")
    assert (approved.state, approved.approved_by) == ("approved", lending.tom.actor.id)
    assert figures(approved, "approved_in_principle", "awaiting_signature", "signed") == [
        "100000.00",
        "100000.00",
        "0.00",
    ]

    signed = sign(lending.maya, facility=made.id, key="sign")
    assert signed.state == "signed"
    assert figures(signed, "approved_in_principle", "awaiting_signature", "signed", "undrawn", "signed_with_match") == [
        "100000.00",
        "0.00",
        "100000.00",
        "100000.00",
        "150000.00",
    ]

    first = draw_down(
        lending.maya,
        facility=made.id,
        amount=pounds("60000.00"),
        on=START,
        co_investor_amount=pounds("30000.00"),
        key="draw",
    )
    assert first.state == "drawing"
    assert figures(first, "drawn", "undrawn", "outstanding", "co_investor_drawn", "drawn_with_match") == [
        "60000.00",
        "40000.00",
        "60000.00",
        "30000.00",
        "90000.00",
    ]
    assert lending.balance("bank", "1000") == "940000.00"
    assert lending.balance(lender, f"1000:{made.id}") == "60000.00"
    assert lending.balance(lender, f"2100:{made.id}") == "-60000.00"

    lending.at(START + timedelta(days=73))
    part = repay(
        lending.maya,
        facility=made.id,
        principal=pounds("20000.00"),
        interest=pounds("720.00"),
        on=START + timedelta(days=73),
        key="repay",
    )
    assert figures(part, "interest_accrued", "interest_received", "interest_due") == ["720.00", "720.00", "0.00"]
    assert figures(part, "repaid_principal", "outstanding", "drawn", "signed") == [
        "20000.00",
        "40000.00",
        "60000.00",
        "100000.00",
    ]
    agree(lending)

    lapsed = lapse(
        lending.maya, facility=made.id, on=START + timedelta(days=73), reason="No longer needed", key="lapse"
    )
    assert figures(lapsed, "undrawn", "lapsed", "signed") == ["0.00", "40000.00", "100000.00"]
    repaid = repay(
        lending.maya, facility=made.id, principal=pounds("40000.00"), on=START + timedelta(days=73), key="repay 2"
    )
    assert repaid.state == "repaid"
    agree(lending)
    with lending.database.reading() as session:
        kinds = [event.kind for event in events(session, made.id)]
        actions = {line.action for line in trail.lines(session, subject=made.id)}
    assert kinds == [
        "proposed",
        "approved",
        "signed",
        "drawdown",
        "accrual",
        "repayment",
        "lapse",
        "repayment",
    ]
    assert {"allocation.propose", "allocation.approve", "allocation.sign", "allocation.draw-down"} <= actions


def test_a_facility_is_called_after_its_product_and_whom_it_is_for_and_its_accounts_after_it(
    lending: SmallBank,
) -> None:
    """Names have their place in every column: PostgreSQL would refuse one that is longer."""
    longest = "L" * 250
    told = lending.signed(lending.lender(longest), "10.00")
    assert told.name == f"Senior loan facility to {longest}"[:200]
    assert lending.signed(lending.lender("Lender"), "10.00").name == "Senior loan facility to Lender"
    with pytest.raises(BadTerms, match="at most 200 printable characters"):
        lending.proposed(lending.lender("Another"), "10.00", name="N" * 201)


def test_whoever_proposes_does_not_approve_whatever_key_they_use(lending: SmallBank) -> None:
    made = lending.proposed(lending.lender())
    with pytest.raises(SamePerson, match="another fund manager"):
        approve(lending.maya, facility=made.id, key="1")
    assert lending.facility(made.id).state == "proposed"


def test_the_database_itself_refuses_a_proposer_as_approver(lending: SmallBank) -> None:
    made = lending.proposed(lending.lender())
    maya, tom = lending.maya.actor.id, lending.tom.actor.id
    for proposed_by, approved_by in ((maya, maya), (tom, maya)):
        with pytest.raises(DBAPIError), lending.maya.writing() as work:
            work.session.execute(
                text("INSERT INTO facility_approval VALUES (:id, :proposed_by, :approved_by, '2012-01-10T09:00:00Z')"),
                {"id": made.id, "proposed_by": proposed_by, "approved_by": approved_by},
            )


@pytest.mark.parametrize("table", ["facility", "facility_event", "facility_approval"])
def test_the_database_itself_keeps_what_was_recorded(lending: SmallBank, table: str) -> None:
    lending.signed(lending.lender())
    for statement in (f"UPDATE {table} SET recorded_at = recorded_at", f"DELETE FROM {table}"):  # noqa: S608 -- ours
        with (
            pytest.raises(DBAPIError, match="only ever added to"),
            lending.maya.writing() as work,
            confinement.lifted(work.session.connection()),
        ):
            work.session.execute(text(statement))


def test_the_database_itself_refuses_a_drawdown_beyond_the_signed_commitment(lending: SmallBank) -> None:
    made = lending.signed(lending.lender(), "100.00")
    row = text(
        "INSERT INTO facility_event (id, facility_id, number, kind, effective_on, recorded_at, actor, amount,"
        " interest, co_investor_amount, seqs, note) VALUES (:id, :facility, :number, 'drawdown', '2012-01-10',"
        " '2012-01-10T09:00:00Z', 'x', :amount, 0, 0, '[]', '')"
    )
    with lending.maya.writing() as work:
        work.session.execute(row, {"id": "evt_1", "facility": made.id, "number": 7, "amount": 100_00})
    with pytest.raises(DBAPIError, match="more would be drawn"), lending.maya.writing() as work:
        work.session.execute(row, {"id": "evt_2", "facility": made.id, "number": 8, "amount": 1})


def test_approval_stays_within_headroom_and_counts_what_is_only_approved(lending: SmallBank) -> None:
    lender = lending.lender()
    first, second = lending.proposed(lender, "600000.00"), lending.proposed(lender, "400000.01")
    approve(lending.tom, facility=first.id, key="1")
    with pytest.raises(NotEnoughHeadroom, match=r"400000\.00 is free"):
        approve(lending.tom, facility=second.id, key="2")
    reject(lending.tom, facility=second.id, reason="No headroom", key="3")
    assert lending.facility(second.id).state == "rejected"
    third = lending.proposed(lender, "400000.00")
    approve(lending.tom, facility=third.id, key="4")


def test_nothing_happens_out_of_turn(lending: SmallBank) -> None:
    made = lending.proposed(lending.lender())
    with pytest.raises(WrongState, match="proposed cannot be signed"):
        sign(lending.maya, facility=made.id, key="1")
    with pytest.raises(WrongState):
        draw_down(lending.maya, facility=made.id, amount=pounds("1.00"), on=START, key="2")
    with pytest.raises(WrongState):
        repay(lending.maya, facility=made.id, principal=pounds("1.00"), on=START, key="3")
    approve(lending.tom, facility=made.id, key="4")
    with pytest.raises(WrongState):
        approve(lending.tom, facility=made.id, key="5")
    with pytest.raises(WrongState):
        reject(lending.tom, facility=made.id, reason="Late", key="6")
    sign(lending.maya, facility=made.id, key="7")
    with pytest.raises(WrongState):
        recover(lending.maya, facility=made.id, amount=pounds("1.00"), on=START, key="8")
    with pytest.raises(WrongState):
        write_off(lending.maya, facility=made.id, amount=pounds("1.00"), on=START, reason="Lost", key="9")


def test_money_is_drawn_within_the_availability_period_and_the_commitment(lending: SmallBank) -> None:
    made = lending.signed(
        lending.lender(), available_from=START + timedelta(days=5), available_until=START + timedelta(days=10)
    )
    lending.at(START + timedelta(days=30))
    for days in (4, 11):
        with pytest.raises(OutsideAvailability):
            draw_down(
                lending.maya, facility=made.id, amount=pounds("1.00"), on=START + timedelta(days=days), key=f"{days}"
            )
    for days in (5, 10):
        draw_down(
            lending.maya, facility=made.id, amount=pounds("50000.00"), on=START + timedelta(days=days), key=f"{days}"
        )
    with pytest.raises(BeyondCommitment, match=r"0\.00 of the signed"):
        draw_down(lending.maya, facility=made.id, amount=pounds("0.01"), on=START + timedelta(days=10), key="more")


def test_a_drawdown_is_not_dated_before_the_signature_nor_ahead(lending: SmallBank) -> None:
    made = lending.signed(lending.lender(), available_from=START - timedelta(days=30))
    with pytest.raises(BadTerms, match="it was signed"):
        draw_down(lending.maya, facility=made.id, amount=pounds("1.00"), on=START - timedelta(days=1), key="1")
    with pytest.raises(BadTerms, match="today"):
        draw_down(lending.maya, facility=made.id, amount=pounds("1.00"), on=START + timedelta(days=1), key="2")


def test_the_same_drawdown_sent_twice_is_one(lending: SmallBank) -> None:
    made = lending.signed(lending.lender())
    first = draw_down(lending.maya, facility=made.id, amount=pounds("10.00"), on=START, key="once")
    assert draw_down(lending.maya, facility=made.id, amount=pounds("10.00"), on=START, key="once") == first
    with pytest.raises(KeyReused):
        draw_down(lending.maya, facility=made.id, amount=pounds("10.01"), on=START, key="once")
    assert figures(lending.facility(made.id), "drawn") == ["10.00"]


def test_money_told_of_a_day_before_a_suspension_is_not_paid_under_it(lending: SmallBank) -> None:
    lender = lending.lender()
    loan = lending.signed(lender, "200.00")
    terms = {"fees_inside": "cost"}
    fund = lending.signed(lender, "100.00", product="fund-commitment", product_terms=terms, annual_rate=Decimal(0))
    later = START + timedelta(days=5)
    lending.at(later)
    set_standing(lending.maya, intermediary=lender, standing="suspended", on=later, reason="Late returns", key="s")
    with pytest.raises(NotInGoodStanding, match=f"on {later}"):
        draw_down(lending.maya, facility=loan.id, amount=pounds("1.00"), on=START, key="1")
    with pytest.raises(NotInGoodStanding, match=f"on {later}"):
        record_event(lending.maya, facility=fund.id, verb="call", on=START, told={"amount": "1.00"}, key="2")


def test_a_failed_intermediary_gets_no_new_money_and_may_still_repay(lending: SmallBank) -> None:
    lender = lending.lender()
    drawn = lending.drawn(lender, "100.00")
    waiting = lending.signed(lender, "200.00")
    mark_failed(lending.maya, intermediary=lender, on=START, reason="Insolvent", key="failed")
    with pytest.raises(NotInGoodStanding, match="failed"):
        draw_down(lending.maya, facility=waiting.id, amount=pounds("1.00"), on=START, key="1")
    with pytest.raises(NotInGoodStanding):
        lending.proposed(lender)
    repay(lending.maya, facility=drawn.id, principal=pounds("40.00"), on=START, key="2")
    lapse(lending.maya, facility=waiting.id, on=START, reason="Insolvent", key="3")


def test_an_unknown_intermediary_and_an_unknown_facility_are_not_there(lending: SmallBank) -> None:
    with pytest.raises(NotFound):
        lending.proposed("int_nobody")
    with pytest.raises(NoSuchFacility):
        approve(lending.tom, facility="fac_none", key="1")


def test_interest_is_accrued_the_same_however_often_it_is_posted(lending: SmallBank) -> None:
    lender = lending.lender()
    often, once = (lending.drawn(lender, "333.33", annual_rate=Decimal("0.0777")) for _ in range(2))
    until = START + timedelta(days=200)
    lending.at(until)
    for days in (1, 2, 3, 50, 51, 120, 119, 200):
        accrue(lending.maya, facility=often.id, until=START + timedelta(days=days), key=f"often {days}")
    accrue(lending.maya, facility=once.id, until=until, key="once")
    accrue(lending.maya, facility=once.id, until=until, key="once more")
    one, other = lending.facility(often.id), lending.facility(once.id)
    assert one.figures.interest_accrued == other.figures.interest_accrued
    assert one.accrued_to == other.accrued_to == until
    assert str(one.figures.interest_accrued) == "14.19"
    for days in (1, 2, 3, 50, 51, 119, 120):
        by_then = lending.facility(often.id, START + timedelta(days=days)).figures.interest_accrued
        assert by_then.pence == round(Decimal(333_33) * Decimal("0.0777") * days / 365)


def test_a_repayment_that_comes_to_be_known_late_puts_accrued_interest_right(lending: SmallBank) -> None:
    lender = lending.lender()
    late, in_time = (lending.drawn(lender, "100000.00") for _ in range(2))
    paid_on, until = START + timedelta(days=40), START + timedelta(days=80)
    lending.at(until)
    facts: dict[str, Any] = {"principal": pounds("50000.00"), "on": paid_on}
    repay(lending.maya, facility=in_time.id, key="1", **facts)
    for days in (60, 80):
        accrue(lending.maya, facility=in_time.id, until=START + timedelta(days=days), key=f"in time {days}")
        accrue(lending.maya, facility=late.id, until=START + timedelta(days=days), key=f"late {days}")
    repay(lending.maya, facility=late.id, key="2", **facts)
    for days in (40, 60, 80):
        day = START + timedelta(days=days)
        assert (
            lending.facility(late.id, day).figures.interest_accrued
            == lending.facility(in_time.id, day).figures.interest_accrued
        )
    agree(lending)


def test_a_fact_late_for_a_closed_quarter_is_made_good_in_the_next(lending: SmallBank) -> None:
    made = lending.drawn(lending.lender(), "100000.00")
    lending.at(date(2012, 4, 20))
    accrue(lending.maya, facility=made.id, until=date(2012, 3, 31), key="1")
    before = lending.facility(made.id, date(2012, 3, 31)).figures
    with lending.maya.writing() as work:
        close_quarter(work, Quarter(2012, 1), hard=True)
    repay(lending.maya, facility=made.id, principal=pounds("50000.00"), on=date(2012, 4, 10), key="3")
    accrue(lending.maya, facility=made.id, until=date(2012, 4, 20), key="4")
    assert lending.facility(made.id, date(2012, 3, 31)).figures == before
    after = lending.facility(made.id).figures
    assert str(after.interest_accrued) == "1578.08"


def test_a_payment_late_for_a_closed_quarter_is_entered_in_the_next_and_counts_from_its_own_day(
    lending: SmallBank,
) -> None:
    """Told in time to one facility and late to its twin: what the quarter closed with stays, and both earn alike."""
    lender = lending.lender()
    in_time, late = (lending.drawn(lender, "100000.00") for _ in range(2))
    paid, closes, later = date(2012, 3, 2), date(2012, 3, 31), date(2012, 6, 30)
    lending.at(date(2012, 4, 20))
    repay(lending.maya, facility=in_time.id, principal=pounds("40000.00"), on=paid, key="in time")
    for made in (in_time, late):
        accrue(lending.maya, facility=made.id, until=closes, key=f"closes {made.id}")
    before = lending.facility(late.id, closes).figures
    with lending.maya.writing() as work:
        close_quarter(work, Quarter(2012, 1), hard=True)
    repay(lending.maya, facility=late.id, principal=pounds("40000.00"), on=paid, key="late")
    lending.at(date(2012, 7, 1))
    for made in (in_time, late):
        accrue(lending.maya, facility=made.id, until=later, key=f"later {made.id}")
    assert lending.facility(late.id, closes).figures == before
    told, shown = (lending.facility(made.id).figures for made in (in_time, late))
    assert (shown.interest_accrued, shown.outstanding) == (told.interest_accrued, told.outstanding)
    with lending.database.reading() as session:
        lines = entries_behind(session, "bank", f"1200:{late.id}", paid, later)
        [entered] = [entry(session, line.seq).entry for line in lines if line.amount < NOTHING]
        assert pairs_that_disagree(session) == []
    assert (entered.effective_on, entered.original_effective_on) == (date(2012, 4, 1), paid)


def test_a_drawdown_and_a_loss_late_for_a_closed_quarter_are_taken_too(lending: SmallBank) -> None:
    made = lending.signed(lending.lender(), "100000.00")
    lending.at(date(2012, 4, 20))
    with lending.maya.writing() as work:
        close_quarter(work, Quarter(2012, 1), hard=True)
    draw_down(lending.maya, facility=made.id, amount=pounds("36600.00"), on=date(2012, 3, 2), key="1")
    accrue(lending.maya, facility=made.id, until=date(2012, 4, 11), key="2")
    shown = lending.facility(made.id).figures
    assert str(shown.interest_accrued) == "240.66", "forty days at 6 per cent, from the day on which it was paid out"
    assert str(lending.facility(made.id, date(2012, 3, 31)).figures.drawn) == "0.00"
    write_off(
        lending.maya, facility=made.id, amount=pounds("600.00"), on=date(2012, 3, 30), reason="Told late", key="3"
    )
    recover(lending.maya, facility=made.id, amount=pounds("100.00"), on=date(2012, 4, 12), key="4")
    assert str(lending.facility(made.id).figures.outstanding) == "36000.00"


def test_more_than_is_owed_is_refused_with_its_figures_and_nothing_is_recorded(lending: SmallBank) -> None:
    made = lending.drawn(lending.lender(), "36500.00", annual_rate=Decimal("0.10"))
    lending.at(START + timedelta(days=10))
    day = START + timedelta(days=10)
    with pytest.raises(BeyondOutstanding, match=r"100\.01 of interest is more than the 100\.00 owed"):
        repay(lending.maya, facility=made.id, interest=pounds("100.01"), on=day, key="1")
    assert lending.facility(made.id).accrued_to is None
    with pytest.raises(BeyondOutstanding, match=r"36500\.00 owed"):
        repay(lending.maya, facility=made.id, principal=pounds("36500.01"), on=day, key="2")
    repay(lending.maya, facility=made.id, principal=pounds("36500.00"), interest=pounds("100.00"), on=day, key="3")
    with pytest.raises(BeyondOutstanding):
        repay(lending.maya, facility=made.id, principal=pounds("1.00"), on=START + timedelta(days=5), key="4")


@pytest.mark.parametrize("amounts", [("0.00", "0.00"), ("-1.00", "0.00"), ("1.00", "-0.01")])
def test_a_payment_is_of_something(lending: SmallBank, amounts: tuple[str, str]) -> None:
    made = lending.drawn(lending.lender())
    with pytest.raises(BadTerms):
        repay(
            lending.maya,
            facility=made.id,
            principal=pounds(amounts[0]),
            interest=pounds(amounts[1]),
            on=START,
            key="1",
        )


def test_what_is_lost_is_lost_in_both_books_and_what_is_found_again_stays_within_it(lending: SmallBank) -> None:
    lender = lending.lender()
    made = lending.drawn(lender, "36500.00", annual_rate=Decimal("0.10"))
    day = START + timedelta(days=10)
    lending.at(day)
    part = write_off(lending.maya, facility=made.id, amount=pounds("6500.00"), on=day, reason="Fraud", key="1")
    assert (part.state, *figures(part, "written_off", "interest_written_off", "outstanding")) == (
        "drawing",
        "6500.00",
        "0.00",
        "30000.00",
    )
    whole = write_off(lending.maya, facility=made.id, amount=pounds("30000.00"), on=day, reason="Insolvent", key="2")
    assert (whole.state, *figures(whole, "written_off", "interest_written_off", "interest_due")) == (
        "written-off",
        "36500.00",
        "100.00",
        "0.00",
    )
    assert lending.balance("bank", f"5010:{made.id}") == "36600.00"
    assert lending.balance(lender, f"2100:{made.id}") == "0.00"
    assert lending.balance(lender, f"4200:{made.id}") == "-36500.00"
    with pytest.raises(BeyondWriteOff):
        recover(lending.maya, facility=made.id, amount=pounds("36600.01"), on=day, key="3")
    back = recover(lending.maya, facility=made.id, amount=pounds("36600.00"), on=day, key="4")
    assert figures(back, "recovered") == ["36600.00"]
    with pytest.raises(BeyondWriteOff):
        recover(lending.maya, facility=made.id, amount=pounds("0.01"), on=day, key="5")
    agree(lending)


def test_a_write_off_says_why(lending: SmallBank) -> None:
    made = lending.drawn(lending.lender())
    with pytest.raises(BadTerms, match="reason"):
        write_off(lending.maya, facility=made.id, amount=pounds("1.00"), on=START, reason=" ", key="1")


def test_what_is_undrawn_at_the_end_of_availability_lapses_and_frees_headroom(lending: SmallBank) -> None:
    lender = lending.lender()
    made = lending.signed(lender, "1000000.00", available_until=START + timedelta(days=10))
    with pytest.raises(BadTerms, match="reason"):
        lapse(lending.maya, facility=made.id, on=START, key="1")
    other = lending.proposed(lender, "1.00")
    lending.at(START + timedelta(days=10))
    with pytest.raises(NotEnoughHeadroom):
        approve(lending.tom, facility=other.id, key="2")
    lending.at(START + timedelta(days=11))
    approve(lending.tom, facility=other.id, key="4")
    gone = lapse(lending.maya, facility=made.id, on=START + timedelta(days=11), key="3")
    assert (gone.state, *figures(gone, "signed", "undrawn", "lapsed")) == ("lapsed", "1000000.00", "0.00", "1000000.00")
    with pytest.raises(WrongState):
        lapse(lending.maya, facility=made.id, on=START + timedelta(days=11), key="5")
    agree(lending)


def test_an_approval_never_signed_lapses_too(lending: SmallBank) -> None:
    made = lending.proposed(lending.lender(), "1000000.00")
    approve(lending.tom, facility=made.id, key="1")
    gone = lapse(lending.maya, facility=made.id, on=START, reason="Withdrawn by the applicant", key="2")
    assert (gone.state, *figures(gone, "awaiting_signature", "approved_in_principle")) == (
        "lapsed",
        "0.00",
        "1000000.00",
    )
    agree(lending)


def test_a_run_accrues_on_every_facility_that_owes_and_on_no_other(lending: SmallBank) -> None:
    lender = lending.lender()
    first, second = (lending.drawn(lender, amount, annual_rate=Decimal("0.10")) for amount in ("36500.00", "73000.00"))
    lending.signed(lender, "5.00")
    day = START + timedelta(days=10)
    lending.at(day)
    run = accrue_all(lending.maya, until=day, key="run")
    assert {each.id for each in run.facilities} == {first.id, second.id}
    assert str(run.accrued) == "300.00"
    assert str(accrue_all(lending.maya, until=day, key="again").accrued) == "0.00"
    assert lending.balance("bank", "4000") == "-300.00"


def test_both_time_axes_hold_for_facilities(lending: SmallBank) -> None:
    made = lending.signed(lending.lender(), "100.00")
    with lending.database.reading() as session:
        before = known(session)
    day = START + timedelta(days=3)
    lending.at(day)
    draw_down(lending.maya, facility=made.id, amount=pounds("60.00"), on=START + timedelta(days=1), key="1")
    with lending.database.reading() as session:
        then = facility(session, made.id, at=before)
        assert (then.state, *figures(then, "drawn")) == ("signed", "0.00")
        assert facility(session, made.id, as_at=START).state == "signed"
        assert facility(session, made.id, as_at=START + timedelta(days=1)).state == "drawing"
        with pytest.raises(NoSuchFacility):
            facility(session, made.id, as_at=START - timedelta(days=1))
        assert all_facilities(session, as_at=START - timedelta(days=1)) == []


def test_an_intermediary_sees_its_own_and_nothing_else(lending: SmallBank) -> None:
    mine, other = lending.lender("Mine"), lending.lender("Other")
    own, foreign = lending.proposed(mine), lending.proposed(other)
    with lending.database.reading() as session:
        assert facility(session, own.id, intermediary=mine) == own
        with pytest.raises(NoSuchFacility):
            facility(session, foreign.id, intermediary=mine)
        assert [each.id for each in facilities(session, intermediary=mine).items] == [own.id]


def test_facilities_are_paged_without_a_gap_or_a_double(lending: SmallBank) -> None:
    lender = lending.lender()
    made = {lending.proposed(lender, f"{pounds_}.00").id for pounds_ in range(1, 6)}
    seen: list[str] = []
    cursor = None
    with lending.database.reading() as session:
        while True:
            page = facilities(session, cursor=cursor, limit=2)
            seen.extend(each.id for each in page.items)
            cursor = page.next_cursor
            if cursor is None:
                break
        assert [each.state for each in facilities(session, state="signed").items] == []
        for bad in ("x", "eHg=", "é"):
            with pytest.raises(BadCursor):
                facilities(session, cursor=bad)
    assert len(seen) == len(made)
    assert set(seen) == made


@pytest.mark.parametrize("name", ["ada", "iris"])
def test_only_fund_managers_move_wholesale_money(lending: SmallBank, name: str) -> None:
    made = lending.drawn(lending.lender())
    desk = lending.desks[name]
    one = pounds("1.00")
    terms: dict[str, Any] = {"facility": made.id, "key": "1"}
    for act in (
        lambda: propose(
            desk,
            intermediary=made.intermediary,
            product="senior-loan",
            amount=one,
            annual_rate=Decimal(0),
            available_from=START,
            available_until=START,
            matures_on=START,
            purpose="x",
            additionality="x",
            key="1",
        ),
        lambda: approve(desk, **terms),
        lambda: reject(desk, reason="x", **terms),
        lambda: sign(desk, **terms),
        lambda: draw_down(desk, amount=one, on=START, **terms),
        lambda: accrue(desk, until=START, **terms),
        lambda: accrue_all(desk, until=START, key="1"),
        lambda: repay(desk, principal=one, on=START, **terms),
        lambda: write_off(desk, amount=one, on=START, reason="x", **terms),
        lambda: recover(desk, amount=one, on=START, **terms),
        lambda: lapse(desk, on=START, reason="x", **terms),
    ):
        with pytest.raises(NotAllowed):
            act()
