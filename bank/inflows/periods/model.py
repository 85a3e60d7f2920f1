"""Periods of dormancy as entered, and their approvals: rows that are only ever added."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ledger.store.columns import Base, InstantType


class DormancyPeriod(Base):
    """After how many years without its owner an asset of a class is dormant, from a day on, and by what law."""

    __tablename__ = "dormancy_period"
    __table_args__ = (UniqueConstraint("id", "proposed_by"), CheckConstraint("years > 0", name="years"))

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    asset_class: Mapped[str] = mapped_column(String(40))
    years: Mapped[int] = mapped_column(Integer)
    from_on: Mapped[date]
    source: Mapped[str] = mapped_column(Text)
    proposed_by: Mapped[str] = mapped_column(String(80))
    recorded_at: Mapped[datetime] = mapped_column(InstantType)


class DormancyPeriodApproval(Base):
    """The approval of a period. The proposer is copied and tied to the proposal: the database compares the persons."""

    __tablename__ = "dormancy_period_approval"
    __table_args__ = (
        ForeignKeyConstraint(["period_id", "proposed_by"], ["dormancy_period.id", "dormancy_period.proposed_by"]),
        CheckConstraint("proposed_by <> approved_by", name="two_people"),
    )

    period_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    proposed_by: Mapped[str] = mapped_column(String(80))
    approved_by: Mapped[str] = mapped_column(String(80))
    recorded_at: Mapped[datetime] = mapped_column(InstantType)
