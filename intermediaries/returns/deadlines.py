"""When a return is due, and how late one is: a term the bank sets, not a law."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final, Literal

from ledger.dates import Quarter

DUE_AFTER_DAYS: Final = 30
"""Days after the end of the quarter, unless the bank has set another term."""

Punctuality = Literal["on-time", "late", "missing", "not-due"]


def due_on(quarter: Quarter, due_after: int = DUE_AFTER_DAYS) -> date:
    """The last day on which the return of a quarter is on time."""
    return quarter.ends_on + timedelta(days=due_after)


def days_late(due: date, on: date) -> int:
    """Days after the due day; none before it."""
    return max((on - due).days, 0)


def punctuality(due: date, filed_on: date | None, today: date) -> Punctuality:
    """How a return stands that is asked for: filed or not, by a day."""
    if filed_on is not None:
        return "on-time" if filed_on <= due else "late"
    return "not-due" if today <= due else "missing"
