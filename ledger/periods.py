"""Open, soft-closed and closed quarters, and what each still takes."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final, Literal

from ledger.dates import Quarter
from ledger.refusals import Refusal

QuarterState = Literal["open", "soft-closed", "closed"]

LATE_KINDS: Final = frozenset({"return", "accrual", "adjustment", "reversal"})
"""What a soft-closed quarter still takes: what the close itself waits for. Everyday entries go to an open quarter."""


class QuarterClosed(Refusal):
    """The quarter takes no more entries, or none of this kind."""

    slug = "quarter-closed"
    status = 409


class QuarterNotOver(Refusal):
    """A quarter cannot be closed before it has ended."""

    slug = "quarter-not-over"
    status = 409


class GatesFailed(Refusal):
    """Something the close needs does not hold; each is named."""

    slug = "gates-failed"
    status = 409


def refuse_closed(effective_on: date, kind: str, watermark: date | None, soft: frozenset[Quarter]) -> None:
    """Pass when an entry of this kind may take effect on this day; otherwise refuse and say where it can go.

    `watermark` is the last day of the last closed quarter: that day and every day before it are closed for good.
    """
    if watermark is not None and effective_on <= watermark:
        raise QuarterClosed(
            f"{effective_on} lies in a closed quarter (all to {watermark} is closed): date the entry on or after "
            f"{watermark + timedelta(days=1)} and keep {effective_on} as the day it was originally effective",
            effective_on=str(effective_on),
            closed_to=str(watermark),
        )
    if Quarter.of(effective_on) in soft and kind not in LATE_KINDS:
        raise QuarterClosed(
            f"{Quarter.of(effective_on)} is soft-closed and takes only {', '.join(sorted(LATE_KINDS))} entries: "
            "date the entry in an open quarter, or open the quarter again",
            effective_on=str(effective_on),
        )


def open_day(wanted: date, watermark: date | None) -> tuple[date, date | None]:
    """Where a fact of a given day can be entered: that day, or the first open day with the true day beside it."""
    if watermark is None or wanted > watermark:
        return wanted, None
    return watermark + timedelta(days=1), wanted
