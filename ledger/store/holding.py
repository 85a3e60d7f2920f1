"""Holding a thing by its name until the commit, where no row of it need be there to be held."""

from __future__ import annotations

from typing import Final

from sqlalchemy import func, select

from ledger.store.database import WriteSession
from ledger.store.raw import Raw


def hold(session: WriteSession, name: str) -> None:
    """Let nobody else who holds the same name go on before the commit. SQLite has one writer at a time as it is."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))


def announce(session: WriteSession) -> None:
    """Let others see that an act has begun, before it reads the clock: PostgreSQL tells of no act that has not written.

    Nobody waits for it here; `ledger.settling` does, for a moment before which nothing is still on its way in.
    """
    raw = Raw.within(session)
    if not raw.sqlite:
        raw.tell(_ACT)


_ACT: Final = "SELECT pg_advisory_xact_lock_shared(hashtextextended('an act of the bank', 0))"
