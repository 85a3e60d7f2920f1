"""What one person proposed, and what became of it, all of it as known then."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import BindParameter, Select, and_, bindparam, select

from ledger.store.database import ReadSession
from ledger.store.listed import Form, is_listed, listed
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
    link: Any,
    instant: datetime,
    *,
    of: Any = None,
    listed_in: Iterable[str] = (),
) -> list[tuple[_Row, _Approval | None, ProposalOutcome | None]]:
    """The rows recorded by an instant, in that order, each with its approval and how it ended, if that was by then too.

    `link` is the column of an approval that names its row by `id`; both tables tell `recorded_at`. With `of`, a column
    of text, only the rows where it is one of those listed.
    """
    told = None if of is None else listed(session, listed_in)
    tables: tuple[Any, Any] = row, approval
    query = _proposals(*tables, link, of, None if told is None else told.form)
    rows = session.execute(query, {"instant": instant} | ({} if told is None else {"listed": told.value}))
    return [(one, given, ended) for one, given, ended in rows]


@cache
def _proposals(proposed: Any, agreed: Any, link: Any, of: Any, form: Form | None) -> Select[*tuple[Any, ...]]:
    instant: BindParameter[datetime] = bindparam("instant")
    query = (
        select(proposed, agreed, ProposalOutcome)
        .outerjoin(agreed, and_(link == proposed.id, agreed.recorded_at <= instant))
        .outerjoin(
            ProposalOutcome,
            and_(ProposalOutcome.proposal_id == proposed.id, ProposalOutcome.recorded_at <= instant),
        )
        .where(proposed.recorded_at <= instant)
        .order_by(proposed.recorded_at, proposed.id)
    )
    return query if form is None else query.where(is_listed(of, form, "listed"))


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
