"""The limits as proposed and decided, and every evaluation that stood before a decision: rows that are only added."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ledger.money import Money
from ledger.store.columns import Base, InstantType, JsonType, MoneyType, RateType

_TWO_PEOPLE: Final = "proposed_by <> decided_by OR decision = 'withdrawn'"


class LendingLimit(Base):
    """A bound from a day on: an amount, or a share of what the kind of limit says. Neither: no such limit any more.

    `waivable_by` is the role that may let a hard limit be passed; empty, nobody may.
    """

    __tablename__ = "lending_limit"
    __table_args__ = (
        UniqueConstraint("id", "proposed_by"),
        CheckConstraint("amount IS NULL OR share IS NULL", name="one_bound"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    scope: Mapped[str] = mapped_column(String(80))
    amount: Mapped[Money | None] = mapped_column(MoneyType)
    share: Mapped[Decimal | None] = mapped_column(RateType)
    hard: Mapped[bool]
    waivable_by: Mapped[str] = mapped_column(String(40))
    from_on: Mapped[date]
    basis: Mapped[str] = mapped_column(Text)
    proposed_by: Mapped[str] = mapped_column(String(80))
    recorded_at: Mapped[datetime] = mapped_column(InstantType)


class LendingLimitDecision(Base):
    """What became of a proposed limit. The proposer is copied: the database compares the persons."""

    __tablename__ = "lending_limit_decision"
    __table_args__ = (
        ForeignKeyConstraint(["limit_id", "proposed_by"], ["lending_limit.id", "lending_limit.proposed_by"]),
        CheckConstraint(_TWO_PEOPLE, name="two_people"),
    )

    limit_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    proposed_by: Mapped[str] = mapped_column(String(80))
    decided_by: Mapped[str] = mapped_column(String(80))
    decision: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(InstantType)


class LimitEvaluation(Base):
    """Every limit with its figure as it stood before a decision that was taken, and the reason given for a soft one."""

    __tablename__ = "limit_evaluation"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    facility_id: Mapped[str] = mapped_column(ForeignKey("facility.id"), index=True)
    action: Mapped[str] = mapped_column(String(40))
    amount: Mapped[Money] = mapped_column(MoneyType)
    effective_on: Mapped[date]
    readings: Mapped[list[dict[str, Any]]] = mapped_column(JsonType)
    reason: Mapped[str] = mapped_column(Text)
    actor: Mapped[str] = mapped_column(String(80))
    recorded_at: Mapped[datetime] = mapped_column(InstantType)


class HouseEvaluation(Base):
    """The same before a decision on the bank's own money: a subscription of shares, a placement. `subject` names it."""

    __tablename__ = "house_evaluation"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    subject: Mapped[str] = mapped_column(String(40), index=True)
    action: Mapped[str] = mapped_column(String(40))
    amount: Mapped[Money] = mapped_column(MoneyType)
    effective_on: Mapped[date]
    readings: Mapped[list[dict[str, Any]]] = mapped_column(JsonType)
    reason: Mapped[str] = mapped_column(Text)
    actor: Mapped[str] = mapped_column(String(80))
    recorded_at: Mapped[datetime] = mapped_column(InstantType)
