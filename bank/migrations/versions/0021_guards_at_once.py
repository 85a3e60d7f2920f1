"""The guards of postings and entries on SQLite ask once whether anything is wrong, and only then what."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.store import guards_at_once

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Put them in the place of those that refuse the same."""
    if op.get_bind().dialect.name == "sqlite":
        for statement in guards_at_once.statements():
            op.execute(sa.text(statement.replace(":", r"\:")))
