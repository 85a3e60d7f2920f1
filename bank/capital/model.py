"""Shares paid for: each subscription as it was paid, never changed."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from ledger.money import Money
from ledger.store.columns import Base, InstantType, JsonType, MoneyType


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
