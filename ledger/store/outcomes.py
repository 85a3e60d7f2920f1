"""What became of what was proposed, whatever it was: one row for each proposal, and only ever one."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import CheckConstraint, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from ledger.store.columns import Base, InstantType

APPROVED: Final = "approved"
REJECTED: Final = "rejected"
WITHDRAWN: Final = "withdrawn"
WAITING: Final = "waiting"
"""What a proposal has come to; the last of them is told where there is no row yet."""


class ProposalOutcome(Base):
    """How a proposal ended: approved or rejected by another person, or withdrawn by its own proposer.

    The key is the proposal's, so that what was turned down is never approved afterwards, nor the other way about,
    whoever comes at the same moment. An approval of any room stands only beside a row of this table.
    """

    __tablename__ = "proposal_outcome"
    __table_args__ = (
        CheckConstraint("decision IN ('approved', 'rejected', 'withdrawn')", name="decision"),
        CheckConstraint("(proposed_by = decided_by) = (decision = 'withdrawn')", name="two_people"),
        CheckConstraint("decision = 'approved' OR reason <> ''", name="reason"),
    )

    proposal_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    proposed_by: Mapped[str] = mapped_column(String(80))
    decided_by: Mapped[str] = mapped_column(String(80))
    decision: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(InstantType)
