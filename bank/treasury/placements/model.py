"""Money placed, and what came of each placement: rows that are only ever added."""

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


class Placement(Base):
    """Money that a book placed with a counterparty: what it cost, the nominal it earns on, at what rate, until when.

    `effective_rate` is found when it is made and never again: for a period between two of its `coupons` a year.
    """

    __tablename__ = "placement"
    __table_args__ = (
        CheckConstraint("sort IN ('deposit', 'gilt', 'fund')", name="known_sort"),
        CheckConstraint("cost > 0 AND nominal > 0 AND interest_bought >= 0", name="amounts"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    book: Mapped[str] = mapped_column(String(40))
    sort: Mapped[str] = mapped_column(String(16))
    counterparty: Mapped[str] = mapped_column(String(300))
    cost: Mapped[Money] = mapped_column(MoneyType)
    nominal: Mapped[Money] = mapped_column(MoneyType)
    interest_bought: Mapped[Money] = mapped_column(MoneyType)
    rate: Mapped[Decimal | None] = mapped_column(RateType)
    day_count: Mapped[str] = mapped_column(String(16))
    measured: Mapped[str] = mapped_column(String(16))
    coupons: Mapped[int] = mapped_column(Integer)
    effective_rate: Mapped[Decimal | None] = mapped_column(RateType)
    placed_on: Mapped[date]
    matures_on: Mapped[date | None]
    note: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(InstantType)
    recorded_by: Mapped[str] = mapped_column(String(80))
    seq: Mapped[int] = mapped_column(BigInteger, unique=True)
    seqs: Mapped[list[int]] = mapped_column(JsonType)


class PlacementRebate(Base):
    """What was taken off the price of a gilt bought without its next coupon, which its seller has."""

    __tablename__ = "placement_rebate"
    __table_args__ = (CheckConstraint("amount > 0", name="amounts"),)

    placement_id: Mapped[str] = mapped_column(ForeignKey("placement.id"), primary_key=True)
    amount: Mapped[Money] = mapped_column(MoneyType)
    recorded_at: Mapped[datetime] = mapped_column(InstantType)


class PlacementEvent(Base):
    """What came of a placement: interest earned by a day, income received, or all or part of it turned into cash.

    `amount` is the interest of an accrual, the income received, or the proceeds, their interest included; `amortised`
    is what an accrual added to what the placement stands at; `nominal` and `cost` are what of it is gone.
    """

    __tablename__ = "placement_event"
    __table_args__ = (
        UniqueConstraint("placement_id", "number"),
        CheckConstraint("kind IN ('accrual', 'income', 'realisation')", name="known_kind"),
        CheckConstraint("nominal >= 0 AND cost >= 0 AND interest >= 0", name="amounts"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    placement_id: Mapped[str] = mapped_column(ForeignKey("placement.id"))
    number: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(String(16))
    effective_on: Mapped[date]
    amount: Mapped[Money] = mapped_column(MoneyType)
    interest: Mapped[Money] = mapped_column(MoneyType)
    nominal: Mapped[Money] = mapped_column(MoneyType)
    cost: Mapped[Money] = mapped_column(MoneyType)
    amortised: Mapped[Money] = mapped_column(MoneyType)
    note: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(InstantType)
    recorded_by: Mapped[str] = mapped_column(String(80))
    seq: Mapped[int] = mapped_column(BigInteger, unique=True)
    seqs: Mapped[list[int]] = mapped_column(JsonType)


class PlacementBounds(Base):
    """What a short gilt is and may cost from a day on: years to its end, and prices per 100 of its nominal."""

    __tablename__ = "placement_bounds"
    __table_args__ = (UniqueConstraint("id", "proposed_by"), CheckConstraint("longest_years > 0", name="years"))

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    longest_years: Mapped[int] = mapped_column(Integer)
    least_price: Mapped[Decimal] = mapped_column(RateType)
    most_price: Mapped[Decimal] = mapped_column(RateType)
    from_on: Mapped[date]
    basis: Mapped[str] = mapped_column(Text)
    proposed_by: Mapped[str] = mapped_column(String(80))
    recorded_at: Mapped[datetime] = mapped_column(InstantType)


class PlacementBoundsApproval(Base):
    """The approval of bounds. The proposer is copied and tied to the proposal: the database compares the persons."""

    __tablename__ = "placement_bounds_approval"
    __table_args__ = (
        ForeignKeyConstraint(["bounds_id", "proposed_by"], ["placement_bounds.id", "placement_bounds.proposed_by"]),
        CheckConstraint("proposed_by <> approved_by", name="two_people"),
    )

    bounds_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    proposed_by: Mapped[str] = mapped_column(String(80))
    approved_by: Mapped[str] = mapped_column(String(80))
    recorded_at: Mapped[datetime] = mapped_column(InstantType)
