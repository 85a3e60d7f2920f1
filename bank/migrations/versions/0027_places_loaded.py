"""Public data on places as operators load it: postcodes, areas, authorities, and the deciles of each index."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.store.columns import InstantType
from ledger.store.guards import append_only
from ledger.store.guards_of_identity import Kept, keeps_first

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

KEPT = (
    Kept("place_load", (("number",), ("id",), ("kind", "edition"))),
    Kept("place_file", (("load", "position"),)),
    Kept("place_postcode", (("postcode", "load"),), keyed=True),
    Kept("place_decile", (("lsoa", "load"),), keyed=True),
    Kept("place_area", (("lsoa", "load"),), keyed=True),
    Kept("place_authority", (("code", "load"),), keyed=True),
)
"""All the tables made here are only ever added to; with their unique keys."""


def upgrade() -> None:
    """Create the tables, then the guards that keep what must never change."""
    _loads()
    _rows("place_postcode", "postcode", 8, sa.Column("lsoa", sa.String(length=9), nullable=True))
    _rows("place_decile", "lsoa", 9, sa.Column("decile", sa.SmallInteger(), nullable=True))
    _rows(
        "place_area",
        "lsoa",
        9,
        sa.Column("ward", sa.String(length=9), nullable=True),
        sa.Column("authority", sa.String(length=9), nullable=False),
        sa.Column("authority_name", sa.String(length=120), nullable=True),
        sa.Column("region", sa.String(length=9), nullable=True),
    )
    _rows(
        "place_authority",
        "code",
        9,
        sa.Column("register_code", sa.String(length=20), nullable=True),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("nation", sa.String(length=40), nullable=False),
        sa.Column("region", sa.String(length=9), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("replaced_by", sa.String(length=80), nullable=True),
    )
    dialect = op.get_bind().dialect.name
    for kept in KEPT:
        for statement in (*append_only(kept.table, dialect), *keeps_first(kept, dialect)):
            op.execute(statement)


def _loads() -> None:
    op.create_table(
        "place_load",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("edition", sa.String(length=60), nullable=False),
        sa.Column("nation", sa.String(length=40), nullable=True),
        sa.Column("lsoa_vintage", sa.SmallInteger(), nullable=True),
        sa.Column("published_on", sa.Date(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("licence", sa.Text(), nullable=False),
        sa.Column("loaded_at", InstantType(), nullable=False),
        sa.Column("loaded_by", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_place_load")),
        sa.UniqueConstraint("id", name=op.f("uq_place_load_id")),
        sa.UniqueConstraint("kind", "edition", name=op.f("uq_place_load_kind_edition")),
    )
    op.create_table(
        "place_file",
        sa.Column("load", sa.Integer(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("blank", sa.Integer(), nullable=False),
        sa.Column("passed_over", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["load"], ["place_load.number"], name=op.f("fk_place_file_load")),
        sa.PrimaryKeyConstraint("load", "position", name=op.f("pk_place_file")),
    )


def _rows(table: str, key: str, length: int, *columns: sa.Column[object]) -> None:
    """A table of what the lines of a kind say. Millions of rows are found by their key, so the key is the table."""
    op.create_table(
        table,
        sa.Column(key, sa.String(length=length), nullable=False),
        sa.Column("load", sa.Integer(), nullable=False),
        *columns,
        sa.ForeignKeyConstraint(["load"], ["place_load.number"], name=op.f(f"fk_{table}_load")),
        sa.PrimaryKeyConstraint(key, "load", name=op.f(f"pk_{table}")),
        sqlite_with_rowid=False,
    )
