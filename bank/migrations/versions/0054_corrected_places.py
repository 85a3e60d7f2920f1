"""A load of public data may stand in the place of another of its edition, which stays, with the reason."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bank.migrations.proposals import keep
from ledger.store.guards_of_identity import Kept

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None

KEPT = Kept("place_correction", (("load",), ("corrects",)))
"""The table made here is only ever added to; with its unique keys."""


def upgrade() -> None:
    """Create the table, then the guards that keep what must never change."""
    op.create_table(
        "place_correction",
        sa.Column("load", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("corrects", sa.Integer(), nullable=False),
        sa.Column("edition", sa.String(length=60), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint("load > corrects", name=op.f("ck_place_correction_later")),
        sa.ForeignKeyConstraint(["load"], ["place_load.number"], name=op.f("fk_place_correction_load")),
        sa.ForeignKeyConstraint(["corrects"], ["place_load.number"], name=op.f("fk_place_correction_corrects")),
        sa.PrimaryKeyConstraint("load", name=op.f("pk_place_correction")),
        sa.UniqueConstraint("corrects", name=op.f("uq_place_correction_corrects")),
    )
    keep(KEPT)
