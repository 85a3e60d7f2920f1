"""What one person proposes another approves, once: the act that every dated assumption, policy and agreement shares."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from ledger import trail
from ledger.refusals import Refusal
from ledger.store.work import Work
from ledger.two_people import refuse_same_person


class AlreadyApproved(Refusal):
    """Approved once is approved."""

    slug = "already-approved"
    status = 409


class Proposed(Protocol):
    """What stands as proposed and, once another person agreed, approved."""

    @property
    def id(self) -> str:
        """What it is known by."""
        ...

    @property
    def proposed_by(self) -> str:
        """Who proposed it."""
        ...

    @property
    def approved_at(self) -> datetime | None:
        """When it was approved, if it is."""
        ...


def second(work: Work, proposed: Proposed, what: str, approval: Callable[..., object], *, action: str) -> None:
    """Approve what somebody else proposed: the approval's row, which `approval` makes, and its line in the trail.

    The proposer is copied into the row, so that the database compares the two persons as well. Refuses the proposer
    and a second approval.
    """
    refuse_same_person(proposed.proposed_by, work.actor.id, f"This {what}")
    if proposed.approved_at is not None:
        raise AlreadyApproved(f"The {what} {proposed.id} was approved on {proposed.approved_at.date()}")
    work.session.add(approval(proposed_by=proposed.proposed_by, approved_by=work.actor.id, recorded_at=work.now))
    work.session.flush()
    trail.record(work, action=action, subject=proposed.id, proposed_by=proposed.proposed_by)
