"""Interest accrues day by day and is posted in pence; a fact that comes late puts every open day right."""

from __future__ import annotations

from datetime import date

from bank.allocations.model import Facility
from bank.allocations.queries import (
    FacilityView,
    accruals,
    all_facilities,
    events,
    facility,
    movements,
)
from bank.allocations.recording import Happening, bank_side, take, write_down
from bank.allocations.rules import (
    ACCRUAL,
    DRAWING,
    REPAID,
    WRITTEN_OFF,
    accruals_wanting,
    interest_to,
    refuse_unless,
)
from bank.people.rules import FUND_MANAGER
from bank.treasury.rules import entry_of, happened_by
from ledger import trail
from ledger.daycounts import DayCount
from ledger.entries import Entry
from ledger.money import NOTHING, Money
from ledger.queries import watermark
from ledger.store.work import View, Work, command


class AccrualRun(View):
    """Interest accrued on every facility that owes some."""

    until: date
    facilities: tuple[FacilityView, ...]
    accrued: Money


@command
def accrue(work: Work, *, facility: str, until: date, key: str) -> FacilityView:
    """Accrue interest on a facility up to a day: that day itself does not earn yet.

    The whole is counted from the first drawdown and only what is missing is posted, so accruing more or less often,
    or twice, comes to the same.
    """
    work.actor.require(FUND_MANAGER)
    del key
    row, life = take(work, facility)
    refuse_unless(life.state, (DRAWING, REPAID, WRITTEN_OFF), "accrued on")
    view = _accrued(work, row, until)
    trail.record(
        work, action="allocation.accrued-to", subject=row.id, until=until, accrued=view.figures.interest_accrued
    )
    return view


@command
def accrue_all(work: Work, *, until: date, key: str) -> AccrualRun:
    """Accrue interest up to a day on every facility that has been drawn."""
    work.actor.require(FUND_MANAGER)
    del key
    happened_by(until, work.today, "An accrual")
    before = [each for each in all_facilities(work.session) if each.state in {DRAWING, REPAID, WRITTEN_OFF}]
    after = [_accrued(work, take(work, each.id)[0], until) for each in before if _concerns(work, each, until)]
    accrued = Money.total(each.figures.interest_accrued for each in after) - Money.total(
        each.figures.interest_accrued for each in before if each.id in {one.id for one in after}
    )
    trail.record(work, action="allocation.accrue-all", subject=str(until), facilities=len(after), accrued=accrued)
    return AccrualRun(until=until, facilities=tuple(after), accrued=accrued)


def accrue_to(work: Work, row: Facility, day: date) -> None:
    """Have interest accrued to a day, and every later day on which it was accrued before set right.

    Days in a closed quarter are left as they were reported; what they lack comes with the next open day.
    """
    closed_to = watermark(work.session)
    told = {event.effective_on for event in events(work.session, row.id, as_at=date.max) if event.kind == ACCRUAL}
    days = {day} | {each for each in told if each > day and (closed_to is None or each > closed_to)}
    _post_wanting(work, row, days, told)


def set_right_after(work: Work, row: Facility, day: date) -> FacilityView:
    """After a fact dated a day: put right every open day after it on which interest was accrued; the facility then."""
    closed_to = watermark(work.session)
    told = {event.effective_on for event in events(work.session, row.id, as_at=date.max) if event.kind == ACCRUAL}
    later = {each for each in told if each > day and (closed_to is None or each > closed_to)}
    _post_wanting(work, row, later, told)
    return facility(work.session, row.id)


def interest_missing(view: FacilityView, moved: list[tuple[date, Money]], day: date) -> Money:
    """What a facility's accrued interest at a day lacks of what its balances earned; below nothing, the excess."""
    due = interest_to(moved, view.annual_rate, DayCount(view.day_count), day)
    return due - view.figures.interest_accrued


def _accrued(work: Work, row: Facility, until: date) -> FacilityView:
    happened_by(until, work.today, "An accrual")
    accrue_to(work, row, until)
    return facility(work.session, row.id)


def _concerns(work: Work, view: FacilityView, until: date) -> bool:
    """Whether a run has anything to do: money was out by the day, or is, and the day is not accrued already."""
    moved = movements(work.session, view.id)
    if not any(day < until for day, _ in moved):
        return False
    owes = bool(view.figures.outstanding)
    return (
        owes or interest_to(moved, view.annual_rate, DayCount(view.day_count), until) != view.figures.interest_accrued
    )


def _post_wanting(work: Work, row: Facility, days: set[date], told: set[date]) -> None:
    moved = movements(work.session, row.id)
    convention = DayCount(row.day_count)
    due = {day: interest_to(moved, row.annual_rate, convention, day) for day in days}
    for day, amount in accruals_wanting(due, accruals(work.session, row.id)).items():
        if amount or day not in told:
            made = Happening(work.new_id("evt"), ACCRUAL, day, interest=amount)
            write_down(work, row, made, [_entry(row, made)] if amount else [])


def _entry(row: Facility, made: Happening) -> Entry:
    more = made.interest > NOTHING
    debit, credit = ("1210:", "4000") if more else ("4000", "1210:")
    return entry_of(
        bank_side(debit, credit, row),
        abs(made.interest),
        key=f"{made.id}/interest",
        on=made.on,
        description=f"Interest {'accrued' if more else 'taken back'} to {made.on} on {row.name}",
        kind=ACCRUAL,
    )
