"""The verb that puts a break into somebody's hands: who is to clear it, by when, and why they."""

from __future__ import annotations

from datetime import date

from intermediaries.register.queries import hold_facility
from intermediaries.returns.breaks.queries import break_
from intermediaries.returns.model import ReturnBreakOwner
from intermediaries.returns.refusals import BadAssignment
from intermediaries.returns.views import BreakView
from ledger import trail
from ledger.store.work import Work, command


@command
def assign_break(
    work: Work,
    *,
    break_id: str,
    owner: str,
    owner_name: str,
    reason: str,
    clear_by: date | None = None,
    key: str | None = None,
) -> BreakView:
    """Name who is to clear a break, for a reason that is kept; whoever had it before is still told of.

    Takes a fund manager. Refuses a break of which nothing is unexplained any more, a day that has passed, and a reason
    that says nothing. The caller knows who the person is: this room knows only the intermediaries' side.
    """
    del key
    work.actor.require("fund-manager")
    hold_facility(work.session, break_(work.session, break_id).facility)
    found = break_(work.session, break_id)
    if found.state != "open":
        raise BadAssignment(f"Nothing of this break is unexplained any more: it is {found.state}", state=found.state)
    if not reason.strip():
        raise BadAssignment("Say why this person is to clear the break: the reason is kept with it")
    if clear_by is not None and clear_by < work.today:
        raise BadAssignment(f"{clear_by} has passed: give a day from {work.today} on, or none", clear_by=str(clear_by))
    work.session.add(
        ReturnBreakOwner(
            break_id=break_id,
            owner=owner,
            owner_name=owner_name,
            clear_by=clear_by,
            reason=reason.strip(),
            recorded_at=work.now,
            actor=work.actor.id,
            actor_name=work.actor.name,
        )
    )
    work.session.flush()
    trail.record(
        work,
        action="return.assign-break",
        subject=found.return_id,
        reason=reason.strip(),
        of=break_id,
        owner=owner,
        clear_by=None if clear_by is None else str(clear_by),
    )
    return break_(work.session, break_id)
