"""Enquiries, the steps of a life, and what an agreement says beside its money: rows that are only ever added."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from ledger.money import Money
from ledger.store.columns import Base, InstantType, MoneyType, RateType


class Enquiry(Base):
    """Somebody asked for wholesale finance. Whoever asks need not be an intermediary yet."""

    __tablename__ = "enquiry"
    __table_args__ = ({"info": {"held": ("id",)}},)

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(300))
    intermediary: Mapped[str] = mapped_column(String(80))
    product: Mapped[str] = mapped_column(String(40))
    amount: Mapped[Money] = mapped_column(MoneyType)
    received_on: Mapped[date]
    summary: Mapped[str] = mapped_column(Text)
    evidence: Mapped[str] = mapped_column(Text, default="", server_default="")
    actor: Mapped[str] = mapped_column(String(80))
    recorded_at: Mapped[datetime] = mapped_column(InstantType)


class EnquiryProposal(Base):
    """The proposal that an enquiry led to. One enquiry may lead to several, and each comes from one."""

    __tablename__ = "enquiry_proposal"

    facility_id: Mapped[str] = mapped_column(ForeignKey("facility.id"), primary_key=True)
    enquiry_id: Mapped[str] = mapped_column(ForeignKey("enquiry.id"), index=True)
    actor: Mapped[str] = mapped_column(String(80))
    recorded_at: Mapped[datetime] = mapped_column(InstantType)


class LifeStep(Base):
    """A step that no money marks, of an enquiry or a facility: when, on what evidence, why, and who."""

    __tablename__ = "life_step"
    __table_args__ = (UniqueConstraint("subject", "number"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    subject: Mapped[str] = mapped_column(String(40))
    number: Mapped[int] = mapped_column(Integer)
    step: Mapped[str] = mapped_column(String(40))
    effective_on: Mapped[date]
    reason: Mapped[str] = mapped_column(Text)
    evidence: Mapped[str] = mapped_column(Text)
    actor: Mapped[str] = mapped_column(String(80))
    recorded_at: Mapped[datetime] = mapped_column(InstantType)


class FacilityProfile(Base):
    """What sort of risk a facility is, and what match it takes; the last one counts. None is not recorded."""

    __tablename__ = "facility_profile"
    __table_args__ = (UniqueConstraint("facility_id", "number"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    facility_id: Mapped[str] = mapped_column(ForeignKey("facility.id"))
    number: Mapped[int] = mapped_column(Integer)
    region: Mapped[str | None] = mapped_column(String(80))
    secured: Mapped[bool | None]
    first_loss: Mapped[bool | None]
    match_at_signing: Mapped[Decimal | None] = mapped_column(RateType)
    match_at_drawdown: Mapped[Decimal | None] = mapped_column(RateType)
    effective_on: Mapped[date]
    evidence: Mapped[str] = mapped_column(Text)
    actor: Mapped[str] = mapped_column(String(80))
    recorded_at: Mapped[datetime] = mapped_column(InstantType)


class FacilityDescription(Base):
    """Another description of the risk of a facility that is past its proposal, as one proposed it. None: as before."""

    __tablename__ = "facility_description"
    __table_args__ = (UniqueConstraint("id", "proposed_by"), Index(None, "facility_id", "recorded_at"))

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    facility_id: Mapped[str] = mapped_column(ForeignKey("facility.id"))
    region: Mapped[str | None] = mapped_column(String(80))
    secured: Mapped[bool | None]
    first_loss: Mapped[bool | None]
    from_on: Mapped[date]
    reason: Mapped[str] = mapped_column(Text)
    evidence: Mapped[str] = mapped_column(Text)
    proposed_by: Mapped[str] = mapped_column(String(80))
    recorded_at: Mapped[datetime] = mapped_column(InstantType)


class FacilityDescriptionApproval(Base):
    """The approval of a description. The proposer is copied and tied: the database compares the persons."""

    __tablename__ = "facility_description_approval"
    __table_args__ = (
        ForeignKeyConstraint(
            ["description_id", "proposed_by"], ["facility_description.id", "facility_description.proposed_by"]
        ),
        CheckConstraint("proposed_by <> approved_by", name="two_people"),
    )

    description_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    proposed_by: Mapped[str] = mapped_column(String(80))
    approved_by: Mapped[str] = mapped_column(String(80))
    recorded_at: Mapped[datetime] = mapped_column(InstantType)


class FacilityCondition(Base):
    """A condition precedent: money moves only when it is satisfied or waived."""

    __tablename__ = "facility_condition"
    __table_args__ = (Index(None, "facility_id", "recorded_at"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    facility_id: Mapped[str] = mapped_column(ForeignKey("facility.id"))
    text: Mapped[str] = mapped_column(Text)
    listed_on: Mapped[date]
    actor: Mapped[str] = mapped_column(String(80))
    recorded_at: Mapped[datetime] = mapped_column(InstantType)


class ConditionSatisfied(Base):
    """A condition was seen to be satisfied, on evidence."""

    __tablename__ = "condition_satisfied"

    condition_id: Mapped[str] = mapped_column(ForeignKey("facility_condition.id"), primary_key=True)
    effective_on: Mapped[date]
    evidence: Mapped[str] = mapped_column(Text)
    actor: Mapped[str] = mapped_column(String(80))
    recorded_at: Mapped[datetime] = mapped_column(InstantType)


class FacilityAmendment(Base):
    """Other terms from a day on, as asked for in a request; they hold once that is agreed to. None: as before."""

    __tablename__ = "facility_amendment"
    __table_args__ = (Index(None, "facility_id", "recorded_at"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    facility_id: Mapped[str] = mapped_column(ForeignKey("facility.id"))
    request_id: Mapped[str] = mapped_column(ForeignKey("approval_request.id"), unique=True)
    effective_on: Mapped[date]
    available_until: Mapped[date | None]
    matures_on: Mapped[date | None]
    match_at_drawdown: Mapped[Decimal | None] = mapped_column(RateType)
    words: Mapped[str] = mapped_column(Text)
    evidence: Mapped[str] = mapped_column(Text)
    actor: Mapped[str] = mapped_column(String(80))
    recorded_at: Mapped[datetime] = mapped_column(InstantType)


class Covenant(Base):
    """What an intermediary has undertaken to keep: a figure at least, or at most, so much."""

    __tablename__ = "covenant"
    __table_args__ = (
        Index(None, "facility_id", "recorded_at"),
        CheckConstraint("sense IN ('at-least', 'at-most')", name="sense"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    facility_id: Mapped[str] = mapped_column(ForeignKey("facility.id"))
    name: Mapped[str] = mapped_column(String(200))
    sense: Mapped[str] = mapped_column(String(16))
    threshold: Mapped[Decimal] = mapped_column(RateType)
    from_on: Mapped[date]
    actor: Mapped[str] = mapped_column(String(80))
    recorded_at: Mapped[datetime] = mapped_column(InstantType)


class CovenantTest(Base):
    """A covenant was tested: the value found, the threshold then, and whether it passed."""

    __tablename__ = "covenant_test"
    __table_args__ = (UniqueConstraint("covenant_id", "number"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    covenant_id: Mapped[str] = mapped_column(ForeignKey("covenant.id"), index=True)
    number: Mapped[int] = mapped_column(Integer)
    tested_on: Mapped[date]
    value: Mapped[Decimal] = mapped_column(RateType)
    threshold: Mapped[Decimal] = mapped_column(RateType)
    passed: Mapped[bool]
    evidence: Mapped[str] = mapped_column(Text)
    actor: Mapped[str] = mapped_column(String(80))
    recorded_at: Mapped[datetime] = mapped_column(InstantType)
