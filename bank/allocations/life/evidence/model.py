"""The policies on evidence as proposed, and their approvals: rows that are only ever added."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ledger.store.columns import Base, InstantType


class EvidencePolicy(Base):
    """From a day on a step takes evidence, or takes none any more."""

    __tablename__ = "evidence_policy"
    __table_args__ = (UniqueConstraint("id", "proposed_by"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    step: Mapped[str] = mapped_column(String(40))
    wanted: Mapped[bool]
    from_on: Mapped[date]
    basis: Mapped[str] = mapped_column(Text)
    proposed_by: Mapped[str] = mapped_column(String(80))
    recorded_at: Mapped[datetime] = mapped_column(InstantType)


class EvidencePolicyApproval(Base):
    """The approval of such a policy. The proposer is copied and tied: the database compares the persons."""

    __tablename__ = "evidence_policy_approval"
    __table_args__ = (
        ForeignKeyConstraint(["policy_id", "proposed_by"], ["evidence_policy.id", "evidence_policy.proposed_by"]),
        CheckConstraint("proposed_by <> approved_by", name="two_people"),
    )

    policy_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    proposed_by: Mapped[str] = mapped_column(String(80))
    approved_by: Mapped[str] = mapped_column(String(80))
    recorded_at: Mapped[datetime] = mapped_column(InstantType)
