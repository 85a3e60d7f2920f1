"""What part of money still to come will be set aside: each class at its own rate, in the mix that came so far."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction

from sqlalchemy import func, select

from bank.inflows.model import Inflow
from bank.inflows.queries import reserve_rates
from ledger.in_force import each_in_force
from ledger.queries import Known, known
from ledger.store.database import ReadSession


def received_by_class(session: ReadSession, day: date, at: Known | None = None) -> dict[str, int]:
    """What was received of each class of asset by a day, in pence, as known then."""
    then = at or known(session)
    rows = session.execute(
        select(Inflow.asset_class, func.sum(Inflow.amount).label("pence"))
        .where(Inflow.received_on <= day, Inflow.seq <= then.seq)
        .group_by(Inflow.asset_class)
    )
    return {row.asset_class: getattr(row.pence, "pence", row.pence) for row in rows}


def reserved_on(
    session: ReadSession, days: Sequence[date], as_at: date, at: Known | None = None
) -> tuple[Fraction, ...]:
    """What part of money that comes on each of some days is reserved, by the rates approved for those days.

    The classes are taken to come as they did by `as_at`. Nothing is told where none came yet.
    """
    came = received_by_class(session, as_at, at)
    whole = sum(came.values())
    if not whole:
        return ()
    rates = reserve_rates(session, at=at)
    found = []
    for day in days:
        held = each_in_force(rates, day, lambda rate: rate.asset_class)
        parts = (Fraction(held[name].rate) * pence for name, pence in came.items() if name in held)
        found.append(sum(parts, Fraction(0)) / whole)
    return tuple(found)
