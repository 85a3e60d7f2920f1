"""Holding a thing by its name until the commit, where no row of it need be there to be held."""

from __future__ import annotations

from sqlalchemy import func, select

from ledger.store.database import WriteSession


def hold(session: WriteSession, name: str) -> None:
    """Let nobody else who holds the same name go on before the commit. SQLite has one writer at a time as it is."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))
