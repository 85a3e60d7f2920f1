"""Shares agreed, called and paid for: rows that are only ever added."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from ledger.money import Money
from ledger.store.columns import Base, InstantType, JsonType, MoneyType, RateType


class ShareSubscription(Base):
    """Shares of a class, called and paid on one day by one holder."""

    __tablename__ = "share_subscription"
    __table_args__ = (
        CheckConstraint("share_class IN ('A', 'B')", name="known_class"),
        CheckConstraint("amount > 0", name="amount"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    share_class: Mapped[str] = mapped_column(String(1))
    holder: Mapped[str] = mapped_column(String(300))
    amount: Mapped[Money] = mapped_column(MoneyType)
    paid_on: Mapped[date]
    recorded_at: Mapped[datetime] = mapped_column(InstantType)
    recorded_by: Mapped[str] = mapped_column(String(80))
    seq: Mapped[int] = mapped_column(BigInteger)
    seqs: Mapped[list[int]] = mapped_column(JsonType)


class ShareAgreement(Base):
    """A holder's promise of B shares: up to how much, how many for how many A shares, and how far its vote reaches."""

    __tablename__ = "share_agreement"
    __table_args__ = (
        UniqueConstraint("id", "proposed_by"),
        CheckConstraint("commitment > 0 AND a_parts > 0 AND b_parts > 0", name="amounts"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    holder: Mapped[str] = mapped_column(String(300))
    commitment: Mapped[Money] = mapped_column(MoneyType)
    a_parts: Mapped[int] = mapped_column(Integer)
    b_parts: Mapped[int] = mapped_column(Integer)
    vote_cap: Mapped[Decimal] = mapped_column(RateType)
    from_on: Mapped[date]
    source: Mapped[str] = mapped_column(Text)
    proposed_by: Mapped[str] = mapped_column(String(80))
    recorded_at: Mapped[datetime] = mapped_column(InstantType)


class ShareAgreementApproval(Base):
    """The approval of an agreement. The proposer is copied from it: the database compares the persons."""

    __tablename__ = "share_agreement_approval"
    __table_args__ = (
        ForeignKeyConstraint(["agreement_id", "proposed_by"], ["share_agreement.id", "share_agreement.proposed_by"]),
        CheckConstraint("proposed_by <> approved_by", name="two_people"),
    )

    agreement_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    proposed_by: Mapped[str] = mapped_column(String(80))
    approved_by: Mapped[str] = mapped_column(String(80))
    recorded_at: Mapped[datetime] = mapped_column(InstantType)


class ShareCall(Base):
    """B shares called under an agreement because the trust subscribed A shares; owed by the holder until paid."""

    __tablename__ = "share_call"
    __table_args__ = (
        UniqueConstraint("agreement_id", "subscription_id"),
        CheckConstraint("amount > 0", name="amount"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    agreement_id: Mapped[str] = mapped_column(ForeignKey("share_agreement.id"))
    subscription_id: Mapped[str] = mapped_column(ForeignKey("share_subscription.id"), index=True)
    amount: Mapped[Money] = mapped_column(MoneyType)
    called_on: Mapped[date]
    recorded_at: Mapped[datetime] = mapped_column(InstantType)
    recorded_by: Mapped[str] = mapped_column(String(80))
    seq: Mapped[int] = mapped_column(BigInteger, unique=True)
    seqs: Mapped[list[int]] = mapped_column(JsonType)


class ShareCallPayment(Base):
    """Which call a subscription of B shares pays."""

    __tablename__ = "share_call_payment"

    subscription_id: Mapped[str] = mapped_column(ForeignKey("share_subscription.id"), primary_key=True)
    call_id: Mapped[str] = mapped_column(ForeignKey("share_call.id"), index=True)
    recorded_at: Mapped[datetime] = mapped_column(InstantType)
