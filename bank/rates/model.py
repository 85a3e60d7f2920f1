"""Steps of base rates as proposed, and their approvals: rows that are only ever added."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ledger.store.columns import Base, InstantType, RateType


class BaseRate(Base):
    """What a base rate is from a day on, and who published it. Never changed: a mistake is followed by what is true."""

    __tablename__ = "base_rate"
    __table_args__ = (UniqueConstraint("id", "proposed_by"), Index(None, "base", "from_on"))

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    base: Mapped[str] = mapped_column(String(40))
    rate: Mapped[Decimal] = mapped_column(RateType)
    from_on: Mapped[date]
    source: Mapped[str] = mapped_column(Text)
    proposed_by: Mapped[str] = mapped_column(String(80))
    recorded_at: Mapped[datetime] = mapped_column(InstantType)


class BaseRateApproval(Base):
    """The approval of a step. The proposer is copied and tied to the proposal: the database compares the persons."""

    __tablename__ = "base_rate_approval"
    __table_args__ = (
        ForeignKeyConstraint(["rate_id", "proposed_by"], ["base_rate.id", "base_rate.proposed_by"]),
        CheckConstraint("proposed_by <> approved_by", name="two_people"),
    )

    rate_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    proposed_by: Mapped[str] = mapped_column(String(80))
    approved_by: Mapped[str] = mapped_column(String(80))
    recorded_at: Mapped[datetime] = mapped_column(InstantType)
