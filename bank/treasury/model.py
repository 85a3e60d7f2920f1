"""The dated policy of how much cash is kept back, and the one row that stands for the cash while it is promised."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ledger.store.columns import Base, InstantType, RateType


class LiquidityPolicy(Base):
    """A proposed reserve of cash, as a fraction of paid-in capital, from a day on. Never changed, only followed."""

    __tablename__ = "liquidity_policy"
    __table_args__ = (UniqueConstraint("id", "proposed_by"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    fraction: Mapped[Decimal] = mapped_column(RateType)
    from_on: Mapped[date]
    basis: Mapped[str] = mapped_column(Text)
    proposed_by: Mapped[str] = mapped_column(String(80))
    recorded_at: Mapped[datetime] = mapped_column(InstantType)


class LiquidityPolicyApproval(Base):
    """The approval of a policy. The proposer is copied and tied to the proposal: the database compares the persons."""

    __tablename__ = "liquidity_policy_approval"
    __table_args__ = (
        ForeignKeyConstraint(["policy_id", "proposed_by"], ["liquidity_policy.id", "liquidity_policy.proposed_by"]),
        CheckConstraint("proposed_by <> approved_by", name="two_people"),
    )

    policy_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    proposed_by: Mapped[str] = mapped_column(String(80))
    approved_by: Mapped[str] = mapped_column(String(80))
    recorded_at: Mapped[datetime] = mapped_column(InstantType)


class CashHold(Base):
    """The one row that is taken by whoever is about to promise or pay out the bank's cash, and held to the commit."""

    __tablename__ = "cash_hold"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"), {"info": {"held": ("id",)}})

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
