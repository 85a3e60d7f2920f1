"""Who did what, when and why: written with every command in its own transaction, read by those above as an outbox."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import BigInteger, Integer, String, Text, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from ledger.store.columns import Base, InstantType, JsonType
from ledger.store.database import ReadSession
from ledger.store.many import insert_many
from ledger.store.work import View, Work


class TrailLine(Base):
    """One act. Only ever added; the database refuses anything else."""

    __tablename__ = "trail"

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True)
    recorded_at: Mapped[datetime] = mapped_column(InstantType, index=True)
    actor_kind: Mapped[str] = mapped_column(String(16))
    actor: Mapped[str] = mapped_column(String(80))
    actor_name: Mapped[str] = mapped_column(String(300))
    credential: Mapped[str | None] = mapped_column(String(80))
    action: Mapped[str] = mapped_column(String(80), index=True)
    subject: Mapped[str] = mapped_column(String(200), index=True)
    reason: Mapped[str] = mapped_column(Text)
    facts: Mapped[dict[str, Any]] = mapped_column(JsonType)


_TRAIL: Final = Base.metadata.tables["trail"]
_LINES: Final = insert(_TRAIL)
"""Every act is told by it: made once, and past the ORM, it takes a third of the time."""


class Line(View):
    """A line of the trail as it is read."""

    id: int
    recorded_at: datetime
    actor_kind: str
    actor: str
    actor_name: str
    credential: str | None
    action: str
    subject: str
    reason: str
    facts: dict[str, Any]


class Said(NamedTuple):
    """What a line says of an act; who did it and when, the unit of work knows."""

    action: str
    subject: str
    reason: str
    facts: dict[str, Any]


def record(work: Work, *, action: str, subject: str, reason: str = "", **facts: object) -> None:
    """Write the line of an act. `facts` are what a later reader needs to know, and never a secret."""
    record_all(work, [Said(action, subject, reason, facts)])


def record_all(work: Work, told: Sequence[Said]) -> None:
    """Write the lines of many acts, in their order."""
    of_all = {
        "recorded_at": work.now,
        "actor_kind": work.actor.kind,
        "actor": work.actor.id,
        "actor_name": work.actor.name,
        "credential": work.actor.credential,
    }
    rows = [of_all | said._asdict() for said in told]
    if len(rows) == 1:
        work.session.execute(_LINES, rows)
    else:
        insert_many(work.session, _TRAIL, rows)
    work.lines_written += len(rows)


def lines(
    session: ReadSession, *, subject: str | None = None, action: str | None = None, after: int = 0, limit: int = 1000
) -> list[Line]:
    """The trail in the order it was written, from after a line on; of one subject or one action when given."""
    query = select(TrailLine).where(TrailLine.id > after).order_by(TrailLine.id).limit(limit)
    if subject is not None:
        query = query.where(TrailLine.subject == subject)
    if action is not None:
        query = query.where(TrailLine.action == action)
    return [
        Line.model_validate({name: getattr(row, name) for name in Line.model_fields}) for row in session.scalars(query)
    ]
