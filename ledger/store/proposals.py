"""What one person proposed and another may have approved, all of it as known then."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, and_, select

from ledger.store.database import ReadSession

_Row = TypeVar("_Row")
_Approval = TypeVar("_Approval")


def proposals(
    session: ReadSession,
    row: type[_Row],
    approval: type[_Approval],
    link: ColumnElement[bool],
    instant: datetime,
    *where: ColumnElement[bool],
) -> list[tuple[_Row, _Approval | None]]:
    """The rows recorded by an instant, in that order, each with its approval if that was recorded by then too.

    `link` says which approval is a row's; both tables tell `recorded_at`, and the rows' has an `id`.
    """
    proposed: Any = row
    agreed: Any = approval
    query = (
        select(proposed, agreed)
        .outerjoin(agreed, and_(link, agreed.recorded_at <= instant))
        .where(proposed.recorded_at <= instant, *where)
        .order_by(proposed.recorded_at, proposed.id)
    )
    return [(one, given) for one, given in session.execute(query)]
