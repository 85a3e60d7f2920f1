"""The same guards for less: what an entry is held to, asked in fewer steps, because an import asks it of every row."""

from __future__ import annotations

from alembic import op

from ledger.store import guards_for_less

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Put the cheaper guards in the place of the ones that refuse the same."""
    for statement in guards_for_less.statements(op.get_bind().dialect.name):
        op.execute(statement)
