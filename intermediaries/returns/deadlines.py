"""When a return is due, and how late one is: a term the bank sets, not a law."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

from ledger.dates import Quarter

DUE_AFTER_DAYS: Final = 30
"""Days after the end of the quarter, for every return alike: what was late stays late wherever it is told."""

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


@dataclass(frozen=True, slots=True)
class Step:
    """When somebody is reminded: so many days after the due day, before it where that is below nothing, and who."""

    days: int
    also_the_manager: bool
    sentence: str


STEPS: Final = (
    Step(-14, also_the_manager=False, sentence="the return falls due in two weeks"),
    Step(-3, also_the_manager=False, sentence="the return falls due in three days"),
    Step(1, also_the_manager=False, sentence="the return is late since yesterday"),
    Step(14, also_the_manager=True, sentence="the return is two weeks late: agree on a day with the fund manager"),
    Step(30, also_the_manager=True, sentence="the return is a month late, and the quarter cannot be closed for good"),
)
"""What the bank reminds of by custom; it is told, and nothing is sent."""


def reminder(due: date, today: date, steps: Sequence[Step] = STEPS) -> tuple[Step | None, date | None]:
    """The last step that is reached by a day for a return that was not filed, and the day of the next one."""
    reached = [step for step in steps if due + timedelta(days=step.days) <= today]
    coming = [due + timedelta(days=step.days) for step in steps if due + timedelta(days=step.days) > today]
    return (reached[-1] if reached else None, min(coming, default=None))
