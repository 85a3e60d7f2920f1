"""The tables of jobs: what was asked, who took it up, and what was said of it; rows that are only ever added."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from ledger.store.columns import Base, InstantType, JsonType


class Job(Base):
    """What was asked for, by whom. All that its outcome depends on is in the arguments, so that any try is the same."""

    __tablename__ = "job"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    arguments: Mapped[dict[str, Any]] = mapped_column(JsonType)
    asked_by_kind: Mapped[str] = mapped_column(String(20))
    asked_by: Mapped[str] = mapped_column(String(80))
    asked_by_name: Mapped[str] = mapped_column(String(300))
    asked_at: Mapped[datetime] = mapped_column(InstantType, index=True)


class JobAttempt(Base):
    """A worker took the job up. Its number is the claim: the database takes each number of a job once."""

    __tablename__ = "job_attempt"
    __table_args__ = (CheckConstraint("number >= 1", name="counted_from_one"),)

    job: Mapped[str] = mapped_column(ForeignKey("job.id"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    worker: Mapped[str] = mapped_column(String(300))
    """The machine and the process, as `machine/process`."""
    taken_at: Mapped[datetime] = mapped_column(InstantType)


class JobStep(Base):
    """What was said of an attempt: a step done, its end, why it failed, or that the job is to be done again."""

    __tablename__ = "job_step"
    __table_args__ = (
        ForeignKeyConstraint(["job", "attempt"], ["job_attempt.job", "job_attempt.number"]),
        CheckConstraint("what IN ('step', 'done', 'failed', 'again')", name="known_what"),
    )

    job: Mapped[str] = mapped_column(String(40), primary_key=True)
    attempt: Mapped[int] = mapped_column(Integer, primary_key=True)
    place: Mapped[int] = mapped_column(Integer, primary_key=True)
    what: Mapped[str] = mapped_column(String(10))
    said: Mapped[str] = mapped_column(Text)
    """The name of the step, what came of the job, or the error."""
    said_at: Mapped[datetime] = mapped_column(InstantType)
