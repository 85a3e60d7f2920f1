"""Facilities as they were proposed, their approvals, and every event of their lives: rows that are only ever added."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    false,
)
from sqlalchemy.orm import Mapped, mapped_column

from ledger.money import Money
from ledger.store.columns import Base, InstantType, JsonType, MoneyType, RateType

_ONCE = "kind IN ('proposed', 'approved', 'rejected', 'signed')"


class Facility(Base):
    """Wholesale finance to an intermediary on the terms proposed. Terms are never edited: others, another facility."""

    __tablename__ = "facility"
    __table_args__ = (
        UniqueConstraint("id", "proposed_by"),
        CheckConstraint("amount > 0 AND co_investor_amount >= 0", name="amounts"),
        CheckConstraint("available_from <= available_until AND available_until <= matures_on", name="days_in_order"),
        Index(None, "recorded_at", "id"),
        {"info": {"held": ("id",)}},
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(300))
    intermediary: Mapped[str] = mapped_column(String(40), index=True)
    product: Mapped[str] = mapped_column(String(40))
    amount: Mapped[Money] = mapped_column(MoneyType)
    co_investor_amount: Mapped[Money] = mapped_column(MoneyType)
    annual_rate: Mapped[Decimal] = mapped_column(RateType)
    day_count: Mapped[str] = mapped_column(String(16))
    available_from: Mapped[date]
    available_until: Mapped[date]
    matures_on: Mapped[date]
    purpose: Mapped[str] = mapped_column(Text)
    additionality: Mapped[str] = mapped_column(Text)
    proposed_by: Mapped[str] = mapped_column(String(80))
    proposed_on: Mapped[date]
    recorded_at: Mapped[datetime] = mapped_column(InstantType)


class FacilityApproval(Base):
    """The approval of a facility. The proposer is copied from the proposal: the database compares the persons."""

    __tablename__ = "facility_approval"
    __table_args__ = (
        ForeignKeyConstraint(["facility_id", "proposed_by"], ["facility.id", "facility.proposed_by"]),
        CheckConstraint("proposed_by <> approved_by", name="two_people"),
    )

    facility_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    proposed_by: Mapped[str] = mapped_column(String(80))
    approved_by: Mapped[str] = mapped_column(String(80))
    recorded_at: Mapped[datetime] = mapped_column(InstantType)


class FacilityEvent(Base):
    """One thing that happened to a facility, with the places of the entries it made in the books.

    `amount` is principal or commitment, `interest` is interest, and `co_investor_amount` is other people's money,
    which never enters our books.
    """

    __tablename__ = "facility_event"
    __table_args__ = (
        UniqueConstraint("facility_id", "number"),
        CheckConstraint("amount >= 0 AND co_investor_amount >= 0", name="amounts"),
        CheckConstraint("interest >= 0 OR kind = 'accrual'", name="interest"),
        Index(
            "uq_facility_event_once",
            "facility_id",
            "kind",
            unique=True,
            sqlite_where=_ONCE,
            postgresql_where=_ONCE,
        ),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    facility_id: Mapped[str] = mapped_column(ForeignKey("facility.id"))
    number: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(String(16))
    effective_on: Mapped[date]
    recorded_at: Mapped[datetime] = mapped_column(InstantType)
    actor: Mapped[str] = mapped_column(String(80))
    amount: Mapped[Money] = mapped_column(MoneyType)
    interest: Mapped[Money] = mapped_column(MoneyType)
    co_investor_amount: Mapped[Money] = mapped_column(MoneyType)
    seq: Mapped[int | None] = mapped_column(BigInteger)
    seqs: Mapped[list[int]] = mapped_column(JsonType)
    shared_out: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether the contract divided a payment, and not who told of it: then what comes to be known divides it again."""
    note: Mapped[str] = mapped_column(Text)
    evidence: Mapped[str] = mapped_column(Text, default="", server_default="")
    """The document or minute that shows it."""
