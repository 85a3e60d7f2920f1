"""The table of publications of the public record: what was handed out, and what it is held against that comes later."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, deferred, mapped_column

from ledger.dates import Quarter
from ledger.store.columns import Base, InstantType, JsonType, QuarterType


class Publication(Base):
    """One publication of the record of loan performance. What was published stands; a later one is added to it.

    `record` is what everybody was given. `kept` is given to nobody: by column and quarter, each borrower's part of each
    row, and the rows that were withheld; with it the next publication finds out of whom the two together would tell.
    """

    __tablename__ = "publication"
    __table_args__ = (UniqueConstraint("quarter", "number"),)

    id: Mapped[str] = mapped_column(String(80), primary_key=True)
    quarter: Mapped[Quarter] = mapped_column(QuarterType)
    number: Mapped[int] = mapped_column(Integer)
    as_at: Mapped[date]
    known_seq: Mapped[int] = mapped_column(BigInteger)
    known_at: Mapped[datetime] = mapped_column(InstantType)
    fewest: Mapped[int] = mapped_column(Integer)
    published_at: Mapped[datetime] = mapped_column(InstantType)
    published_by: Mapped[str] = mapped_column(String(80))
    published_by_name: Mapped[str] = mapped_column(String(300))
    record: Mapped[dict[str, Any]] = deferred(mapped_column(JsonType, nullable=False))
    kept: Mapped[dict[str, Any]] = deferred(mapped_column(JsonType, nullable=False))
