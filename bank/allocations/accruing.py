"""Interest and fees accrue day by day and is posted in pence; a fact that comes late puts every open day right."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Final

from bank.allocations.allowing import keep_within_gross
from bank.allocations.course import STREAMS
from bank.allocations.facts import POSTED, Facts, Lent, facts_of
from bank.allocations.model import Facility
from bank.allocations.queries import FacilityView, all_facilities, events, facility
from bank.allocations.recording import Happening, bank_side, open_own, take, write_down
from bank.allocations.rules import (
    ACCRUAL,
    DRAWING,
    LAPSED,
    REPAID,
    SIGNED,
    WRITTEN_OFF,
    Life,
    accruals_wanting,
    refuse_unless,
)
from bank.allocations.terms.queries import agreed_terms
from bank.people.rules import FUND_MANAGER
from bank.treasury.rules import entry_of, happened_by
from ledger import trail
from ledger.entries import Entry
from ledger.money import NOTHING, Money
from ledger.queries import watermark
from ledger.store.database import ReadSession
from ledger.store.work import View, Work, command

_RUNNING: Final = (DRAWING, REPAID, WRITTEN_OFF)
_LEGS: Final = {
    "interest": ("1210:", "4000", "Interest"),
    "default_interest": ("1220:", "4000", "Default interest"),
    "commitment_fee": ("1500:", "4010:", "Commitment fee"),
    "amortised": ("1230:", "4000", "Fees by the effective rate"),
    "cured": ("1210:", "5000:", "Reversal of impairment: interest left out in stage 3"),
    "cured_default": ("1220:", "5000:", "Reversal of impairment: default interest left out in stage 3"),
}
"""The account that what is earned is owed or carried on, the income it is, and how it is called."""


class AccrualRun(View):
    """Interest accrued on every facility that owes some."""

    until: date
    facilities: tuple[FacilityView, ...]
    accrued: Money


@command
def accrue(work: Work, *, facility: str, until: date, key: str) -> FacilityView:
    """Accrue interest and fees on a facility up to a day: that day itself does not earn yet.

    The whole is counted from the first drawdown and only what is missing is posted, so accruing more or less often,
    or twice, comes to the same. Every open day on which something was accrued is put right as well.
    """
    work.actor.require(FUND_MANAGER)
    del key
    row, life = take(work, facility)
    _refuse_unless_earning(work, row, life)
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
    before = [each for each in all_facilities(work.session) if each.state in {*_RUNNING, SIGNED, LAPSED}]
    wanting = {each.id for each in before if _concerns(work, each, until)}
    for each in sorted(wanting):
        accrue_to(work, take(work, each)[0], until)
    after = [each for each in all_facilities(work.session) if each.id in wanting] if wanting else []
    accrued = Money.total(each.figures.interest_accrued for each in after) - Money.total(
        each.figures.interest_accrued for each in before if each.id in {one.id for one in after}
    )
    trail.record(work, action="allocation.accrue-all", subject=str(until), facilities=len(after), accrued=accrued)
    return AccrualRun(until=until, facilities=tuple(after), accrued=accrued)


def accrue_to(work: Work, row: Facility, day: date) -> None:
    """Have everything accrued to a day, and every other open day on which something was accrued set right.

    Days in a closed quarter are left as they were reported; what they lack comes with the next open day.
    """
    told = _told(work, row)
    _post_wanting(work, row, {day} | _open(work, told), told)


def set_right_after(work: Work, row: Facility, day: date) -> FacilityView:
    """After a fact dated a day: put right every open day on which something was accrued; the facility then."""
    put_right_after(work, row, day)
    return facility(work.session, row.id)


def put_right_after(work: Work, row: Facility, day: date) -> None:
    """After a fact dated a day: put right every open day on which something was accrued."""
    told = _told(work, row)
    _post_wanting(work, row, _open(work, told), told)
    keep_within_gross(work, row, day)


def interest_missing(session: ReadSession, lent: Lent, day: date) -> Money:
    """What a facility's accruals at a day lack of what it earned, over all streams; nothing only where none lacks."""
    return Money.total(_lacking(facts_of(session, lent), day).values())


def _lacking(facts: Facts, day: date) -> dict[str, Money]:
    earned = facts.course.earned(day)
    lacking = {
        stream: earned.of(stream) - Money.total(amount for on, amount in facts.accrued(stream) if on <= day)
        for stream in STREAMS
    }
    return {stream: abs(amount) for stream, amount in lacking.items()}


def _told(work: Work, row: Facility) -> set[date]:
    return {event.effective_on for event in events(work.session, row.id, as_at=date.max) if event.kind == ACCRUAL}


def _open(work: Work, days: Collection[date]) -> set[date]:
    closed_to = watermark(work.session)
    return {day for day in days if closed_to is None or day > closed_to}


def charges_for_promises(work: Work, row: Facility) -> bool:
    """Whether any terms of a facility have a commitment fee, so that it earns before it is drawn on."""
    return any(each.commitment_fee for each in agreed_terms(work.session, row.id))


def _refuse_unless_earning(work: Work, row: Facility, life: Life) -> None:
    """A facility earns once it is drawn on, and from its signature where a commitment fee is agreed."""
    fee = charges_for_promises(work, row)
    refuse_unless(life.state, (*_RUNNING, SIGNED, LAPSED) if fee else _RUNNING, "accrued on")


def _accrued(work: Work, row: Facility, until: date) -> FacilityView:
    happened_by(until, work.today, "An accrual")
    accrue_to(work, row, until)
    keep_within_gross(work, row, until)
    return facility(work.session, row.id)


def _concerns(work: Work, view: FacilityView, until: date) -> bool:
    """Whether a run has anything to do: money was out by the day, or is, and the day is not accrued already."""
    facts = facts_of(work.session, view)
    drawn = any(day < until for day, _ in facts.course.principal)
    return (drawn and bool(view.figures.outstanding)) or any(_lacking(facts, until).values())


def _post_wanting(work: Work, row: Facility, days: set[date], told: set[date]) -> None:
    """Post, on each of the days, what each stream lacks of what was earned by then."""
    if not days:
        return
    facts = facts_of(work.session, row)
    earned = {day: facts.course.earned(day) for day in sorted(days)}
    wanting = {
        stream: accruals_wanting({day: each.of(stream) for day, each in earned.items()}, facts.accrued(stream))
        for stream in STREAMS
    }
    for day in earned:
        amounts = {stream: wanting[stream][day] for stream in STREAMS if wanting[stream][day]}
        if amounts or day not in told:
            interest = amounts.get("interest", NOTHING) + amounts.get("cured", NOTHING)
            made = Happening(work.new_id("evt"), ACCRUAL, day, interest=interest)
            open_own(work, row, [code for stream in amounts for code in _LEGS[stream][:2]])
            write_down(work, row, made, [_entry(row, made, stream, amount) for stream, amount in amounts.items()])


def _entry(row: Facility, made: Happening, stream: str, amount: Money) -> Entry:
    debit, credit, called = _LEGS[stream]
    more = amount > NOTHING
    return entry_of(
        bank_side(*((debit, credit) if more else (credit, debit)), row),
        abs(amount),
        key=f"{made.id}/{stream.replace('_', '-')}",
        on=made.on,
        description=f"{called} {'accrued' if more else 'taken back'} to {made.on} on {row.name}",
        kind=POSTED[stream][1],
    )
