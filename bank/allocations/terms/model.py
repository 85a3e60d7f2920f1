"""The interest terms of a loan facility as they were proposed, and their approvals: rows that are only ever added."""

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
from ledger.store.columns import Base, InstantType, JsonType, MoneyType, RateType


class LoanTerms(Base):
    """What a facility agrees to pay from a day on. Later terms follow earlier ones; none is ever changed."""

    __tablename__ = "loan_terms"
    __table_args__ = (
        UniqueConstraint("id", "proposed_by"),
        CheckConstraint("arrangement_fee >= 0 AND instalments > 0 AND capital_holiday >= 0", name="amounts"),
        Index(None, "facility_id", "from_on"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    facility_id: Mapped[str] = mapped_column(ForeignKey("facility.id"))
    from_on: Mapped[date]
    base: Mapped[str | None] = mapped_column(String(40))
    rate: Mapped[Decimal] = mapped_column(RateType)
    """The margin over the base, or the whole yearly rate where there is no base."""
    floor: Mapped[Decimal | None] = mapped_column(RateType)
    cap: Mapped[Decimal | None] = mapped_column(RateType)
    default_margin: Mapped[Decimal] = mapped_column(RateType)
    commitment_fee: Mapped[Decimal] = mapped_column(RateType)
    fee_day_count: Mapped[str | None] = mapped_column(String(20))
    """How the days of the commitment fee are counted; as the facility's interest where not told."""
    arrangement_fee: Mapped[Money] = mapped_column(MoneyType)
    fee_withheld: Mapped[bool]
    repayment: Mapped[str] = mapped_column(String(20))
    first_due_on: Mapped[date]
    every_months: Mapped[int] = mapped_column(Integer)
    instalments: Mapped[int] = mapped_column(Integer)
    capital_holiday: Mapped[int] = mapped_column(Integer)
    bespoke: Mapped[list[str]] = mapped_column(JsonType)
    nation: Mapped[str] = mapped_column(String(8))
    roll: Mapped[str] = mapped_column(String(20))
    waterfall: Mapped[list[str]] = mapped_column(JsonType)
    market_rate: Mapped[Decimal | None] = mapped_column(RateType)
    reschedules: Mapped[bool | None]
    """Whether principal overdue on their first day falls due anew by their schedule; not where not told."""
    reason: Mapped[str] = mapped_column(Text)
    proposed_by: Mapped[str] = mapped_column(String(80))
    recorded_at: Mapped[datetime] = mapped_column(InstantType)


class LoanTermsApproval(Base):
    """The approval of terms. The proposer is copied and tied to the proposal: the database compares the persons."""

    __tablename__ = "loan_terms_approval"
    __table_args__ = (
        ForeignKeyConstraint(["terms_id", "proposed_by"], ["loan_terms.id", "loan_terms.proposed_by"]),
        CheckConstraint("proposed_by <> approved_by", name="two_people"),
    )

    terms_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    proposed_by: Mapped[str] = mapped_column(String(80))
    approved_by: Mapped[str] = mapped_column(String(80))
    difference: Mapped[Decimal | None] = mapped_column(RateType)
    """By what part the terms differed from those before, where money was out."""
    replaces: Mapped[bool | None]
    """Whether that was so much that the loan was taken to end and another to begin."""
    recorded_at: Mapped[datetime] = mapped_column(InstantType)


class ModificationThreshold(Base):
    """From what part of difference on changed terms make another loan, from a day on, and where that comes from."""

    __tablename__ = "modification_threshold"
    __table_args__ = (UniqueConstraint("id", "proposed_by"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    part: Mapped[Decimal] = mapped_column(RateType)
    from_on: Mapped[date]
    source: Mapped[str] = mapped_column(Text)
    proposed_by: Mapped[str] = mapped_column(String(80))
    recorded_at: Mapped[datetime] = mapped_column(InstantType)


class ModificationThresholdApproval(Base):
    """The approval of a threshold. The proposer is copied and tied: the database compares the persons."""

    __tablename__ = "modification_threshold_approval"
    __table_args__ = (
        ForeignKeyConstraint(
            ["threshold_id", "proposed_by"], ["modification_threshold.id", "modification_threshold.proposed_by"]
        ),
        CheckConstraint("proposed_by <> approved_by", name="two_people"),
    )

    threshold_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    proposed_by: Mapped[str] = mapped_column(String(80))
    approved_by: Mapped[str] = mapped_column(String(80))
    recorded_at: Mapped[datetime] = mapped_column(InstantType)
