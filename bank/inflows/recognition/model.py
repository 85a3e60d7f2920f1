"""Policies on the journal of receipts as proposed, and their approvals: rows that are only ever added."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ledger.store.columns import Base, InstantType


class ReceiptPolicy(Base):
    """By which journal dormant money is entered when it comes, from a day on, and what that rests on."""

    __tablename__ = "receipt_policy"
    __table_args__ = (
        UniqueConstraint("id", "proposed_by"),
        CheckConstraint("method IN ('income-first', 'liability-first')", name="known_method"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    method: Mapped[str] = mapped_column(String(20))
    from_on: Mapped[date]
    basis: Mapped[str] = mapped_column(Text)
    proposed_by: Mapped[str] = mapped_column(String(80))
    recorded_at: Mapped[datetime] = mapped_column(InstantType)


class ReceiptPolicyApproval(Base):
    """The approval of a policy. The proposer is copied and tied to the proposal: the database compares the persons."""

    __tablename__ = "receipt_policy_approval"
    __table_args__ = (
        ForeignKeyConstraint(["policy_id", "proposed_by"], ["receipt_policy.id", "receipt_policy.proposed_by"]),
        CheckConstraint("proposed_by <> approved_by", name="two_people"),
    )

    policy_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    proposed_by: Mapped[str] = mapped_column(String(80))
    approved_by: Mapped[str] = mapped_column(String(80))
    recorded_at: Mapped[datetime] = mapped_column(InstantType)
