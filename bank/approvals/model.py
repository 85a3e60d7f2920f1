"""The one table of who must agree to what, and what was asked for, decided and used: rows that are only ever added."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ledger.money import Money
from ledger.store.columns import Base, InstantType, JsonType, MoneyType

_TWO_PEOPLE: Final = "proposed_by <> decided_by OR decision = 'withdrawn'"
_NOT_THE_MAKER: Final = "requested_by <> decided_by OR decision = 'withdrawn'"


class ApprovalRule(Base):
    """From an amount and a day on, an action takes the agreement of one person for each role. None: nobody else's."""

    __tablename__ = "approval_rule"
    __table_args__ = (UniqueConstraint("id", "proposed_by"), CheckConstraint("from_amount >= 0", name="amount"))

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    action: Mapped[str] = mapped_column(String(40))
    from_amount: Mapped[Money] = mapped_column(MoneyType)
    roles: Mapped[list[str]] = mapped_column(JsonType)
    from_on: Mapped[date]
    within_days: Mapped[int | None] = mapped_column(Integer)
    """Acts of so many days count together against the amount; none where each counts by itself."""
    basis: Mapped[str] = mapped_column(Text)
    proposed_by: Mapped[str] = mapped_column(String(80))
    recorded_at: Mapped[datetime] = mapped_column(InstantType)


class ApprovalRuleDecision(Base):
    """What became of a proposed rule. The proposer is copied: the database compares the persons."""

    __tablename__ = "approval_rule_decision"
    __table_args__ = (
        ForeignKeyConstraint(["rule_id", "proposed_by"], ["approval_rule.id", "approval_rule.proposed_by"]),
        CheckConstraint(_TWO_PEOPLE, name="two_people"),
    )

    rule_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    proposed_by: Mapped[str] = mapped_column(String(80))
    decided_by: Mapped[str] = mapped_column(String(80))
    decision: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(InstantType)


class ApprovalRequest(Base):
    """Somebody, the maker, wants to do something with a subject, and says why; `facts` are what exactly."""

    __tablename__ = "approval_request"
    __table_args__ = (
        UniqueConstraint("id", "requested_by"),
        Index(None, "subject", "action"),
        {"info": {"held": ("id",)}},
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    action: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(80))
    amount: Mapped[Money] = mapped_column(MoneyType)
    roles: Mapped[list[str]] = mapped_column(JsonType)
    facts: Mapped[dict[str, Any]] = mapped_column(JsonType)
    reason: Mapped[str] = mapped_column(Text)
    requested_by: Mapped[str] = mapped_column(String(80))
    recorded_at: Mapped[datetime] = mapped_column(InstantType)


class ApprovalDecision(Base):
    """What one person said to a request, and the roles they could say it in. The maker is copied, and is never them."""

    __tablename__ = "approval_decision"
    __table_args__ = (
        ForeignKeyConstraint(["request_id", "requested_by"], ["approval_request.id", "approval_request.requested_by"]),
        CheckConstraint(_NOT_THE_MAKER, name="two_people"),
    )

    request_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    decided_by: Mapped[str] = mapped_column(String(80), primary_key=True)
    decision: Mapped[str] = mapped_column(String(16), primary_key=True)
    requested_by: Mapped[str] = mapped_column(String(80))
    roles: Mapped[list[str]] = mapped_column(JsonType)
    reason: Mapped[str] = mapped_column(Text)
    evidence: Mapped[str] = mapped_column(Text, default="", server_default="")
    recorded_at: Mapped[datetime] = mapped_column(InstantType)


class ApprovalOutcome(Base):
    """What a request came to, once: agreed to by all it takes, turned down by one, or withdrawn by its maker."""

    __tablename__ = "approval_outcome"
    __table_args__ = (
        ForeignKeyConstraint(["request_id", "requested_by"], ["approval_request.id", "approval_request.requested_by"]),
        CheckConstraint(_NOT_THE_MAKER, name="two_people"),
    )

    request_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    requested_by: Mapped[str] = mapped_column(String(80))
    decided_by: Mapped[str] = mapped_column(String(80))
    decision: Mapped[str] = mapped_column(String(16))
    recorded_at: Mapped[datetime] = mapped_column(InstantType)


class ApprovalUse(Base):
    """What was agreed to has been done, once, and by its maker."""

    __tablename__ = "approval_use"
    __table_args__ = (
        ForeignKeyConstraint(["request_id", "used_by"], ["approval_request.id", "approval_request.requested_by"]),
    )

    request_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    used_by: Mapped[str] = mapped_column(String(80))
    recorded_at: Mapped[datetime] = mapped_column(InstantType)


class ApprovalReckoning(Base):
    """An act that the table asks about, as it was let be done: how much, what was counted with it, by which line.

    What counts together bears one name in `together`: the subject, and whom or what it was for where there is a choice.
    """

    __tablename__ = "approval_reckoning"
    __table_args__ = (Index(None, "action", "together", "recorded_at"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    action: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(80))
    together: Mapped[str] = mapped_column(String(400))
    amount: Mapped[Money] = mapped_column(MoneyType)
    counted: Mapped[Money] = mapped_column(MoneyType)
    rule_id: Mapped[str | None] = mapped_column(String(40))
    roles: Mapped[list[str]] = mapped_column(JsonType)
    request_id: Mapped[str | None] = mapped_column(String(40))
    actor: Mapped[str] = mapped_column(String(80))
    recorded_at: Mapped[datetime] = mapped_column(InstantType)
