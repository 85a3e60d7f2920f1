"""The guard of what waits, on PostgreSQL: an amount is pounds and pence, written in one way."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.store.guards_of_numerals import FUNCTIONS

revision = "0060"
down_revision = "0059"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the guard anew; where it looks for tables is told again, for a function made again has lost it."""
    bind = op.get_bind()
    if bind.dialect.name != "postgresql":
        return
    schema = bind.scalar(sa.text("SELECT quote_ident(current_schema())"))
    for signature, function in FUNCTIONS.items():
        op.execute(sa.text(function.replace(":", r"\:")))
        op.execute(f"ALTER FUNCTION {signature} SET search_path = {schema}, pg_temp")
