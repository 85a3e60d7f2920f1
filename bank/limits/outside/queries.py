"""Which reasons were given within the bank for passing a limit on a facility."""

from __future__ import annotations

from sqlalchemy import select

from bank.limits.model import LimitEvaluation
from ledger.queries import Known, known
from ledger.store.database import ReadSession


def kept_inside(session: ReadSession, facility: str, at: Known | None = None) -> frozenset[str]:
    """The reasons that were given where a limit was passed: said within the bank, and often about somebody else."""
    then = at or known(session)
    rows = session.scalars(
        select(LimitEvaluation).where(
            LimitEvaluation.facility_id == facility, LimitEvaluation.recorded_at <= then.instant
        )
    )
    return frozenset(row.reason for row in rows if row.reason and not all(one["within"] for one in row.readings))
