"""Policies on dividends, their approvals, and dividends paid to each holder: rows that are only ever added."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, ForeignKeyConstraint, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ledger.money import Money
from ledger.store.columns import Base, InstantType, JsonType, MoneyType, RateType


class DividendPolicy(Base):
    """What lets a dividend be paid from a day on; a later policy takes its place from its own day."""

    __tablename__ = "dividend_policy"
    __table_args__ = (
        UniqueConstraint("id", "proposed_by"),
        CheckConstraint("classes IN ('A', 'B', 'AB')", name="known_classes"),
        CheckConstraint("reserve_kept >= 0 AND liquidity_kept >= 0", name="amounts"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    part: Mapped[Decimal] = mapped_column(RateType)
    """The most of the distributable reserve that the dividends of one financial year may come to."""
    classes: Mapped[str] = mapped_column(String(2))
    a_cap: Mapped[Decimal | None] = mapped_column(RateType)
    b_cap: Mapped[Decimal | None] = mapped_column(RateType)
    """The most that a class is paid in one financial year, as a part of what is paid up on it."""
    reserve_kept: Mapped[Money] = mapped_column(MoneyType)
    liquidity_kept: Mapped[Money] = mapped_column(MoneyType)
    from_on: Mapped[date]
    basis: Mapped[str] = mapped_column(Text)
    proposed_by: Mapped[str] = mapped_column(String(80))
    recorded_at: Mapped[datetime] = mapped_column(InstantType)


class DividendPolicyApproval(Base):
    """The approval of a policy. The proposer is copied and tied: the database compares the persons."""

    __tablename__ = "dividend_policy_approval"
    __table_args__ = (
        ForeignKeyConstraint(["policy_id", "proposed_by"], ["dividend_policy.id", "dividend_policy.proposed_by"]),
        CheckConstraint("proposed_by <> approved_by", name="two_people"),
    )

    policy_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    proposed_by: Mapped[str] = mapped_column(String(80))
    approved_by: Mapped[str] = mapped_column(String(80))
    recorded_at: Mapped[datetime] = mapped_column(InstantType)


class Dividend(Base):
    """A dividend paid on a day, the policy that let it be, and the reserve that it was paid out of."""

    __tablename__ = "dividend"
    __table_args__ = (CheckConstraint("amount > 0 AND amount <= reserve", name="amounts"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    policy_id: Mapped[str] = mapped_column(ForeignKey("dividend_policy_approval.policy_id"))
    amount: Mapped[Money] = mapped_column(MoneyType)
    reserve: Mapped[Money] = mapped_column(MoneyType)
    accounts_to: Mapped[date]
    paid_on: Mapped[date]
    recorded_at: Mapped[datetime] = mapped_column(InstantType)
    recorded_by: Mapped[str] = mapped_column(String(80))
    seq: Mapped[int] = mapped_column(BigInteger, unique=True)
    seqs: Mapped[list[int]] = mapped_column(JsonType)


class DividendShare(Base):
    """One holder's part of a dividend, with what it had paid up then."""

    __tablename__ = "dividend_share"
    __table_args__ = (
        CheckConstraint("share_class IN ('A', 'B')", name="known_class"),
        CheckConstraint("paid_up > 0 AND amount >= 0", name="amounts"),
    )

    dividend_id: Mapped[str] = mapped_column(ForeignKey("dividend.id"), primary_key=True)
    share_class: Mapped[str] = mapped_column(String(1), primary_key=True)
    holder: Mapped[str] = mapped_column(String(300), primary_key=True)
    paid_up: Mapped[Money] = mapped_column(MoneyType)
    amount: Mapped[Money] = mapped_column(MoneyType)
