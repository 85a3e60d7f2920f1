"""What one person proposes another approves or turns down, once: the act that every dated assumption and policy shares.

One mechanism for all: whatever is proposed comes to one end, and that is a row of one table (`proposal_outcome`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from ledger import trail
from ledger.refusals import Malformed, Refusal
from ledger.store.holding import hold
from ledger.store.outcomes import APPROVED, REJECTED, WITHDRAWN, ProposalOutcome
from ledger.store.work import Work
from ledger.two_people import refuse_same_person


class AlreadyApproved(Refusal):
    """Approved once is approved."""

    slug = "already-approved"
    status = 409


class AlreadyTurnedDown(Refusal):
    """What was rejected or withdrawn is not taken up again."""

    slug = "already-turned-down"
    status = 409


class NoReason(Malformed):
    """Nothing is turned down without a reason."""

    slug = "no-reason"


class Proposed(Protocol):
    """What stands as proposed, whatever it is."""

    @property
    def id(self) -> str:
        """What it is known by."""
        ...

    @property
    def proposed_by(self) -> str:
        """Who proposed it."""
        ...


def second(
    work: Work,
    proposed: Proposed,
    what: str,
    approval: Callable[..., object],
    *,
    action: str,
    subject: str = "",
    **facts: Any,
) -> None:
    """Approve what somebody else proposed: its outcome, the approval's row by `approval`, and its line in the trail.

    The proposer is copied into the rows, so that the database compares the two persons as well. Refuses the proposer,
    a second approval, and what was turned down. The line is of the proposal, or of a `subject` that it is about.
    """
    refuse_same_person(proposed.proposed_by, work.actor.id, f"This {what}")
    refuse_ended(work, proposed, what)
    _end(work, proposed, APPROVED, "")
    work.session.add(approval(proposed_by=proposed.proposed_by, approved_by=work.actor.id, recorded_at=work.now))
    work.session.flush()
    trail.record(
        work,
        action=action,
        subject=subject or proposed.id,
        proposal=proposed.id,
        proposed_by=proposed.proposed_by,
        **facts,
    )


def turn_down(work: Work, proposed: Proposed, what: str, reason: str, *, kind: str, subject: str = "") -> str:
    """Turn a proposal down for a reason that is kept: withdrawn where it is one's own, rejected where another's.

    Answers which of the two it is. Refuses what was approved, what was turned down before, and an empty reason.
    """
    refuse_ended(work, proposed, what)
    why = reason.strip()
    if not why:
        raise NoReason(f"Say why this {what} is not to be: it is kept, and read by whoever asks")
    decision = WITHDRAWN if proposed.proposed_by == work.actor.id else REJECTED
    _end(work, proposed, decision, why)
    trail.record(
        work,
        action=f"proposal.{decision}",
        subject=subject or proposed.id,
        reason=why,
        kind=kind,
        proposal=proposed.id,
        proposed_by=proposed.proposed_by,
    )
    return decision


def refuse_ended(work: Work, proposed: Proposed, what: str) -> None:
    """Hold a proposal until the commit, and pass while nothing has become of it."""
    hold(work.session, proposed.id)
    ended = work.session.get(ProposalOutcome, proposed.id, populate_existing=True)
    if ended is None:
        return
    told = f"The {what} {proposed.id} was {ended.decision} by {ended.decided_by} on {ended.recorded_at.date()}"
    if ended.decision == APPROVED:
        raise AlreadyApproved(told)
    raise AlreadyTurnedDown(f"{told}: {ended.reason}. Propose another", decision=ended.decision)


def _end(work: Work, proposed: Proposed, decision: str, reason: str) -> None:
    work.session.add(
        ProposalOutcome(
            proposal_id=proposed.id,
            proposed_by=proposed.proposed_by,
            decided_by=work.actor.id,
            decision=decision,
            reason=reason,
            recorded_at=work.now,
        )
    )
    work.session.flush()
