"""The tables of returns: each version as it came, its states, its breaks with the books and who has them in hand."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, deferred, mapped_column

from ledger.dates import Quarter
from ledger.money import Money
from ledger.store.columns import Base, InstantType, JsonType, MoneyType, QuarterType

_Id = BigInteger().with_variant(Integer, "sqlite")


class Return(Base):
    """One version of a facility's return for a quarter, kept byte for byte as it came, with what was read and found.

    `rows` are the loans in canonical text; where there are very many they are kept apart, in `ReturnPart`. Nothing here
    ever changes: its state is told by `ReturnEvent`.
    """

    __tablename__ = "lending_return"
    __table_args__ = (UniqueConstraint("facility", "quarter", "version"),)

    id: Mapped[str] = mapped_column(String(80), primary_key=True)
    facility: Mapped[str] = mapped_column(String(80))
    intermediary: Mapped[str] = mapped_column(ForeignKey("intermediary.id"), index=True)
    quarter: Mapped[Quarter] = mapped_column(QuarterType, index=True)
    version: Mapped[int] = mapped_column(Integer)
    supersedes: Mapped[str | None] = mapped_column(ForeignKey("lending_return.id"))
    format: Mapped[str | None] = mapped_column(String(10))
    filename: Mapped[str | None] = mapped_column(String(300))
    content_type: Mapped[str | None] = mapped_column(String(200))
    size: Mapped[int] = mapped_column(Integer)
    original_sha256: Mapped[str] = mapped_column(String(64))
    content_sha256: Mapped[str] = mapped_column(String(64))
    cash_held: Mapped[Money | None] = mapped_column(MoneyType)
    loans: Mapped[int] = mapped_column(Integer)
    errors: Mapped[int] = mapped_column(Integer)
    questions: Mapped[int] = mapped_column(Integer)
    totals: Mapped[dict[str, str]] = mapped_column(JsonType)
    submitted_by: Mapped[str] = mapped_column(String(80))
    submitted_by_name: Mapped[str] = mapped_column(String(300))
    received_at: Mapped[datetime] = mapped_column(InstantType)
    findings: Mapped[list[dict[str, Any]]] = deferred(mapped_column(JsonType))
    rows: Mapped[list[dict[str, str]]] = deferred(mapped_column(JsonType))
    original: Mapped[bytes] = deferred(mapped_column(LargeBinary))


class ReturnPart(Base):
    """Some of the loans of a return of very many, in canonical text, so that nobody need hold all of them at a time."""

    __tablename__ = "lending_return_part"

    return_id: Mapped[str] = mapped_column(ForeignKey("lending_return.id"), primary_key=True)
    part: Mapped[int] = mapped_column(Integer, primary_key=True)
    rows: Mapped[list[dict[str, str]]] = mapped_column(JsonType)


class ReturnRun(Base):
    """How a return came and how it was judged: whole, changes alone or nil, and by which rules.

    `rules` are the names of the rules in force for its quarter; their version tells whether any sentence of them was
    another then. `carried` are the references of the loans that had no row in a file of changes.
    `grounds_sha256` is the fingerprint of all that the outcome rested on besides the file; none in older runs.
    """

    __tablename__ = "lending_return_run"

    return_id: Mapped[str] = mapped_column(ForeignKey("lending_return.id"), primary_key=True)
    manner: Mapped[str] = mapped_column(String(20))
    rules_version: Mapped[str] = mapped_column(String(20))
    rules: Mapped[list[str]] = mapped_column(JsonType)
    carried: Mapped[list[str]] = mapped_column(JsonType)
    grounds_sha256: Mapped[str | None] = mapped_column(String(64))


class ReturnAnswer(Base):
    """What the filer confirmed of one question of a return: the finding by its place among them. The last one stands.

    `carried_from` is the earlier version that it was given for, where the same was asked of that; `answered_at` is when
    it was given there.
    """

    __tablename__ = "lending_return_answer"
    __table_args__ = (Index(None, "return_id", "finding"),)

    id: Mapped[int] = mapped_column(_Id, primary_key=True, autoincrement=True)
    return_id: Mapped[str] = mapped_column(ForeignKey("lending_return.id"))
    finding: Mapped[int] = mapped_column(Integer)
    reason: Mapped[str] = mapped_column(Text)
    answered_by: Mapped[str] = mapped_column(String(80))
    answered_by_name: Mapped[str] = mapped_column(String(300))
    answered_at: Mapped[datetime] = mapped_column(InstantType)
    carried_from: Mapped[str | None] = mapped_column(ForeignKey("lending_return.id"))
    recorded_at: Mapped[datetime] = mapped_column(InstantType)


class QuestionPolicy(Base):
    """Whether a return may be attested with questions unanswered, from a day on; a later policy takes its place."""

    __tablename__ = "question_policy"
    __table_args__ = (UniqueConstraint("id", "proposed_by"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    stops: Mapped[bool]
    from_on: Mapped[date]
    basis: Mapped[str] = mapped_column(Text)
    proposed_by: Mapped[str] = mapped_column(String(80))
    recorded_at: Mapped[datetime] = mapped_column(InstantType)


class QuestionPolicyApproval(Base):
    """The approval of such a policy. The proposer is copied and tied: the database compares the persons."""

    __tablename__ = "question_policy_approval"
    __table_args__ = (
        ForeignKeyConstraint(["policy_id", "proposed_by"], ["question_policy.id", "question_policy.proposed_by"]),
        CheckConstraint("proposed_by <> approved_by", name="two_people"),
    )

    policy_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    proposed_by: Mapped[str] = mapped_column(String(80))
    approved_by: Mapped[str] = mapped_column(String(80))
    recorded_at: Mapped[datetime] = mapped_column(InstantType)


class ReturnEvent(Base):
    """One change of a return's state. The last one known is its state."""

    __tablename__ = "lending_return_event"
    __table_args__ = (Index(None, "return_id", "id"),)

    id: Mapped[int] = mapped_column(_Id, primary_key=True, autoincrement=True)
    return_id: Mapped[str] = mapped_column(ForeignKey("lending_return.id"))
    state: Mapped[str] = mapped_column(String(20))
    recorded_at: Mapped[datetime] = mapped_column(InstantType)
    actor: Mapped[str] = mapped_column(String(80))
    actor_name: Mapped[str] = mapped_column(String(300))
    name: Mapped[str] = mapped_column(String(300))
    role: Mapped[str] = mapped_column(String(200))
    reason: Mapped[str] = mapped_column(Text)
    effective_on: Mapped[date | None]
    by_return: Mapped[str | None] = mapped_column(String(80))


class ReturnBreak(Base):
    """Something that keeps an accepted return from tying with the books, opened by its acceptance."""

    __tablename__ = "lending_return_break"

    id: Mapped[str] = mapped_column(String(80), primary_key=True)
    return_id: Mapped[str] = mapped_column(ForeignKey("lending_return.id"), index=True)
    facility: Mapped[str] = mapped_column(String(80))
    intermediary: Mapped[str] = mapped_column(ForeignKey("intermediary.id"))
    quarter: Mapped[Quarter] = mapped_column(QuarterType, index=True)
    kind: Mapped[str] = mapped_column(String(40))
    amount: Mapped[Money] = mapped_column(MoneyType)
    opened_at: Mapped[datetime] = mapped_column(InstantType)


class ReturnBreakEvent(Base):
    """What became of a break: a part of it explained, or all of it gone because the return was corrected."""

    __tablename__ = "lending_return_break_event"
    __table_args__ = (Index(None, "break_id", "id"),)

    id: Mapped[int] = mapped_column(_Id, primary_key=True, autoincrement=True)
    break_id: Mapped[str] = mapped_column(ForeignKey("lending_return_break.id"))
    event: Mapped[str] = mapped_column(String(20))
    category: Mapped[str] = mapped_column(String(40))
    amount: Mapped[Money] = mapped_column(MoneyType)
    reason: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(InstantType)
    actor: Mapped[str] = mapped_column(String(80))
    actor_name: Mapped[str] = mapped_column(String(300))
    entry_seq: Mapped[int | None] = mapped_column(BigInteger)
    effective_on: Mapped[date | None]


class ReturnBreakOwner(Base):
    """Who is to clear a break, from when on and why they; the last one named has it in hand."""

    __tablename__ = "lending_return_break_owner"
    __table_args__ = (Index(None, "break_id", "id"),)

    id: Mapped[int] = mapped_column(_Id, primary_key=True, autoincrement=True)
    break_id: Mapped[str] = mapped_column(ForeignKey("lending_return_break.id"))
    owner: Mapped[str] = mapped_column(String(80))
    owner_name: Mapped[str] = mapped_column(String(300))
    clear_by: Mapped[date | None]
    reason: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(InstantType)
    actor: Mapped[str] = mapped_column(String(80))
    actor_name: Mapped[str] = mapped_column(String(300))
