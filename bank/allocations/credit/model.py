"""Assumptions of loss with their approvals, moves from stage to stage, and back-stops rebutted: rows only added."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ledger.store.columns import Base, InstantType, JsonType, RateType


class LossAssumption(Base):
    """How probable a default is at a stage, and what part is then lost, from a day on, and what that rests on."""

    __tablename__ = "loss_assumption"
    __table_args__ = (
        UniqueConstraint("id", "proposed_by"),
        CheckConstraint("stage IN (1, 2, 3)", name="stage"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    stage: Mapped[int] = mapped_column(Integer)
    probability: Mapped[Decimal] = mapped_column(RateType)
    """Over all the years told: of the whole life, of the twelve months to come in stage 1."""
    loss_given_default: Mapped[Decimal] = mapped_column(RateType)
    by_year: Mapped[list[str] | None] = mapped_column(JsonType)
    """The probability of each year ahead; none where all of it lies in the first."""
    conversion: Mapped[Decimal | None] = mapped_column(RateType)
    """The part of an undrawn commitment that will have been drawn at the default; none of it where not told."""
    from_on: Mapped[date]
    basis: Mapped[str] = mapped_column(Text)
    proposed_by: Mapped[str] = mapped_column(String(80))
    recorded_at: Mapped[datetime] = mapped_column(InstantType)


class LossAssumptionApproval(Base):
    """The approval of an assumption. The proposer is copied and tied: the database compares the persons."""

    __tablename__ = "loss_assumption_approval"
    __table_args__ = (
        ForeignKeyConstraint(["assumption_id", "proposed_by"], ["loss_assumption.id", "loss_assumption.proposed_by"]),
        CheckConstraint("proposed_by <> approved_by", name="two_people"),
    )

    assumption_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    proposed_by: Mapped[str] = mapped_column(String(80))
    approved_by: Mapped[str] = mapped_column(String(80))
    recorded_at: Mapped[datetime] = mapped_column(InstantType)


class ReceiptsForetold(Base):
    """What is expected to be received of an impaired loan from a day on, and what that rests on."""

    __tablename__ = "receipts_foretold"
    __table_args__ = (UniqueConstraint("id", "proposed_by"), Index(None, "facility_id", "from_on"))

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    facility_id: Mapped[str] = mapped_column(ForeignKey("facility.id"))
    from_on: Mapped[date]
    receipts: Mapped[list[list[str]]] = mapped_column(JsonType)
    """The day and the amount of each."""
    market_rate: Mapped[Decimal | None] = mapped_column(RateType)
    basis: Mapped[str] = mapped_column(Text)
    proposed_by: Mapped[str] = mapped_column(String(80))
    recorded_at: Mapped[datetime] = mapped_column(InstantType)


class ReceiptsForetoldApproval(Base):
    """The approval of what is expected. The proposer is copied and tied: the database compares the persons."""

    __tablename__ = "receipts_foretold_approval"
    __table_args__ = (
        ForeignKeyConstraint(["foretold_id", "proposed_by"], ["receipts_foretold.id", "receipts_foretold.proposed_by"]),
        CheckConstraint("proposed_by <> approved_by", name="two_people"),
    )

    foretold_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    proposed_by: Mapped[str] = mapped_column(String(80))
    approved_by: Mapped[str] = mapped_column(String(80))
    recorded_at: Mapped[datetime] = mapped_column(InstantType)


class StageMove(Base):
    """A facility put in a stage of impairment from a day on, by whom and why."""

    __tablename__ = "stage_move"
    __table_args__ = (
        CheckConstraint("stage IN (1, 2, 3)", name="stage"),
        Index(None, "facility_id", "effective_on"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    facility_id: Mapped[str] = mapped_column(ForeignKey("facility.id"))
    stage: Mapped[int] = mapped_column(Integer)
    effective_on: Mapped[date]
    reason: Mapped[str] = mapped_column(Text)
    actor: Mapped[str] = mapped_column(String(80))
    recorded_at: Mapped[datetime] = mapped_column(InstantType)


class BackstopRebuttal(Base):
    """Why arrears since a due day do not mean what a back-stop takes them to mean, by whom and with what evidence."""

    __tablename__ = "backstop_rebuttal"
    __table_args__ = (
        CheckConstraint("stage IN (2, 3)", name="stage"),
        Index(None, "facility_id", "overdue_since"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    facility_id: Mapped[str] = mapped_column(ForeignKey("facility.id"))
    stage: Mapped[int] = mapped_column(Integer)
    overdue_since: Mapped[date]
    reason: Mapped[str] = mapped_column(Text)
    actor: Mapped[str] = mapped_column(String(80))
    recorded_at: Mapped[datetime] = mapped_column(InstantType)
