"""How a step is written down, the day something happened to a facility, and how it stands afterwards."""

from __future__ import annotations

from datetime import date

from bank.allocations.life.enquiries.queries import next_step_number
from bank.allocations.life.model import (
    LifeStep,
)
from bank.allocations.model import Facility
from bank.allocations.queries import FacilityView, events, facility
from ledger import trail
from ledger.store.work import Work


def written_step(work: Work, subject: str, step: str, on: date, reason: str, evidence: str) -> None:
    """Write a step down, with its line in the trail."""
    work.session.add(
        LifeStep(
            id=work.new_id("stp"),
            subject=subject,
            number=next_step_number(work.session, subject),
            step=step,
            effective_on=on,
            reason=reason,
            evidence=evidence.strip(),
            actor=work.actor.id,
            recorded_at=work.now,
        )
    )
    work.session.flush()
    trail.record(work, action=f"life.{step}", subject=subject, reason=reason, on=on, evidence=evidence)


def day_of(work: Work, row: Facility, kind: str) -> date:
    """The last day on which something of a kind happened to a facility; the day it was proposed when nothing did."""
    days = [event.effective_on for event in events(work.session, row.id, as_at=date.max) if event.kind == kind]
    return max(days, default=row.proposed_on)


def facility_now(work: Work, row: Facility) -> FacilityView:
    """The facility as it now stands."""
    return facility(work.session, row.id)
