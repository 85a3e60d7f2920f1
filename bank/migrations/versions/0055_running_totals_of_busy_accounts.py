"""Running totals by the day for accounts that many entries touch, beside the cells that there are."""

from __future__ import annotations

from alembic import op

from ledger.store import cells

revision = "0055"
down_revision = "0054"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Fold the journal as far as it goes: nothing that is kept is changed, and the table is guarded as it was."""
    cells.run_on(op.get_bind())
