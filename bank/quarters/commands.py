"""A quarter is closed when all it waits for is there, and opened again while it may be; its breaks are put in hands."""

from __future__ import annotations

from datetime import date

from bank.allocations.letting_go import lapse_ended
from bank.allocations.products.commands import end_guarantees
from bank.approvals.commands import refuse_unapproved
from bank.approvals.rules import EXPLAIN_BREAK
from bank.people.queries import person
from bank.people.rules import FUND_MANAGER
from bank.quarters.queries import MISSING_ACCEPTED, QuarterView, gates
from bank.quarters.queries import quarter as shown
from bank.quarters.rules import NotOfTheBank, ReasonWanted, still_forbidding
from bank.treasury.commands import hold_headroom
from intermediaries.register.queries import hold_facility
from intermediaries.returns import commands as returns
from intermediaries.returns.breaks import commands as breaks
from intermediaries.returns.breaks.kinds import Category
from intermediaries.returns.breaks.queries import break_
from intermediaries.returns.cash import settle_quarter
from intermediaries.returns.views import BreakView
from ledger import trail
from ledger.commands import close_quarter, reopen_quarter
from ledger.dates import Quarter
from ledger.money import Money
from ledger.queries import quarter_state
from ledger.store.work import Work, command


@command
def close(work: Work, *, quarter: Quarter, hard: bool = False, accept_missing: str = "") -> QuarterView:
    """Soft-close a quarter, or close it and all before it for good.

    A hard close is refused (`GatesFailed`) while a facility's two books differ, interest is not accrued to the
    quarter's end, a return is missing or a break is unexplained; each is named. Missing returns alone can be closed
    over with `accept_missing`, a reason that is kept: figures then rest on the last return that was accepted.
    First it enters what has lapsed: what was not drawn when the availability of a facility ended, and was not extended,
    and what was guaranteed and can be claimed no more.
    Every return of the quarter is tied once more with all that was booked since; a soft close keeps what it finds.
    """
    work.actor.require(FUND_MANAGER)
    if quarter_state(work.session, quarter) != "closed" and quarter.ends_on < work.today:
        hold_headroom(work)
        lapse_ended(work, quarter.ends_on)
        end_guarantees(work, quarter.ends_on)
        settle_quarter(work, quarter)
    found = [] if quarter_state(work.session, quarter) == "closed" else gates(work.session, quarter)
    missing = [gate.subject for gate in found if gate.may_be_accepted]
    if hard and missing and accept_missing.strip():
        trail.record(
            work, action=MISSING_ACCEPTED, subject=str(quarter), reason=accept_missing.strip(), missing=missing
        )
    told = [(gate.gate, gate.sentence) for gate in found]
    close_quarter(work, quarter, hard=hard, gates=still_forbidding(told, accept_missing))
    return shown(work.session, quarter)


@command
def reopen(work: Work, *, quarter: Quarter, reason: str) -> QuarterView:
    """Open a soft-closed quarter again, for a reason. One that is closed for good stays closed."""
    work.actor.require(FUND_MANAGER)
    if not reason.strip():
        raise ReasonWanted("Say why the quarter is opened again: it is kept in the trail")
    reopen_quarter(work, quarter, reason=reason.strip())
    return shown(work.session, quarter)


@command
def assign_break(
    work: Work, *, break_id: str, to: str, reason: str, clear_by: date | None = None, key: str | None = None
) -> BreakView:
    """Put a break into the hands of a person of the bank, known by id or address; see `breaks.assign_break`.

    Refuses a person of an intermediary (`NotOfTheBank`): a break is the bank's to clear, whoever it must ask.
    """
    del key
    work.actor.require(FUND_MANAGER)
    found = person(work.session, to)
    if found.intermediary is not None:
        raise NotOfTheBank(f"{found.name} is of an intermediary: name somebody of the bank, who will ask them")
    return breaks.assign_break(
        work, break_id=break_id, owner=found.id, owner_name=found.name, reason=reason, clear_by=clear_by
    )


@command
def explain_break(
    work: Work, *, break_id: str, category: Category, reason: str, amount: Money | None = None, key: str
) -> BreakView:
    """Explain a break, or a part of it; see `returns.explain_break`.

    Where a rule of the approvals says so for this amount, others must have agreed to exactly it on the facility first
    (`ApprovalNeeded`).
    """
    work.actor.require(FUND_MANAGER)
    hold_facility(work.session, break_(work.session, break_id).facility)
    found = break_(work.session, break_id)
    refuse_unapproved(work, EXPLAIN_BREAK, found.facility, found.remaining if amount is None else amount)
    return returns.explain_break(
        work, break_id=break_id, category=category, reason=reason, amount=amount, key=f"{key}/explain"
    )
