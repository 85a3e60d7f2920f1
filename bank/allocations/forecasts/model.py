"""Forecasts of what a facility will bring in, and their approvals: rows that are only ever added."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ledger.store.columns import Base, InstantType, JsonType


class ReceiptForecast(Base):
    """What is expected at the end of a day: each later day with its sum, negative where it is still to be paid out."""

    __tablename__ = "receipt_forecast"
    __table_args__ = (UniqueConstraint("id", "proposed_by"), Index(None, "facility_id", "from_on"))

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    facility_id: Mapped[str] = mapped_column(ForeignKey("facility.id"))
    from_on: Mapped[date]
    flows: Mapped[list[list[str]]] = mapped_column(JsonType)
    basis: Mapped[str] = mapped_column(Text)
    proposed_by: Mapped[str] = mapped_column(String(80))
    recorded_at: Mapped[datetime] = mapped_column(InstantType)


class ReceiptForecastApproval(Base):
    """The approval of a forecast. The proposer is copied and tied: the database compares the persons."""

    __tablename__ = "receipt_forecast_approval"
    __table_args__ = (
        ForeignKeyConstraint(["forecast_id", "proposed_by"], ["receipt_forecast.id", "receipt_forecast.proposed_by"]),
        CheckConstraint("proposed_by <> approved_by", name="two_people"),
    )

    forecast_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    proposed_by: Mapped[str] = mapped_column(String(80))
    approved_by: Mapped[str] = mapped_column(String(80))
    recorded_at: Mapped[datetime] = mapped_column(InstantType)
