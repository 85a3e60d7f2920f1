"""What one person proposed, and what became of it, all of it as known then."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, and_, select

from ledger.store.database import ReadSession
from ledger.store.outcomes import APPROVED, WAITING, ProposalOutcome
from ledger.store.work import View

_Row = TypeVar("_Row")
_Approval = TypeVar("_Approval")


class TurnedDown(View):
    """That a proposal was rejected by another person or withdrawn by its proposer, when and why."""

    decision: str
    by: str
    at: datetime
    reason: str


def proposals(
    session: ReadSession,
    row: type[_Row],
    approval: type[_Approval],
    link: ColumnElement[bool],
    instant: datetime,
    *where: ColumnElement[bool],
) -> list[tuple[_Row, _Approval | None, ProposalOutcome | None]]:
    """The rows recorded by an instant, in that order, each with its approval and how it ended, if that was by then too.

    `link` says which approval is a row's; both tables tell `recorded_at`, and the rows' has an `id`.
    """
    proposed: Any = row
    agreed: Any = approval
    query = (
        select(proposed, agreed, ProposalOutcome)
        .outerjoin(agreed, and_(link, agreed.recorded_at <= instant))
        .outerjoin(
            ProposalOutcome,
            and_(ProposalOutcome.proposal_id == proposed.id, ProposalOutcome.recorded_at <= instant),
        )
        .where(proposed.recorded_at <= instant, *where)
        .order_by(proposed.recorded_at, proposed.id)
    )
    return [(one, given, ended) for one, given, ended in session.execute(query)]


def outcome_of(row: Any, agreed: Any, ended: ProposalOutcome | None) -> dict[str, Any]:
    """What every view of a proposal tells: who proposed it when, who approved it when, where it stands.

    `state` is waiting, approved, rejected or withdrawn; `turned_down` is who said the latter two, when and why.
    """
    return {
        "proposed_by": row.proposed_by,
        "proposed_at": row.recorded_at,
        "approved_by": None if agreed is None else agreed.approved_by,
        "approved_at": None if agreed is None else agreed.recorded_at,
        "state": WAITING if ended is None else ended.decision,
        "turned_down": turned_down(ended),
    }


def turned_down(ended: ProposalOutcome | None) -> TurnedDown | None:
    """How a proposal was turned down, if it was."""
    if ended is None or ended.decision == APPROVED:
        return None
    return TurnedDown(decision=ended.decision, by=ended.decided_by, at=ended.recorded_at, reason=ended.reason)
