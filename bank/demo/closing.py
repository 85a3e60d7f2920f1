"""The ends of the demonstration's quarters: interest accrued, a soft close, the close for good, and the statements."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from functools import partial
from typing import Final

from bank.allocations.commands import accrue_all
from bank.demo.acts import Act, Stage
from bank.demo.cash import weekday
from bank.demo.cast import APPROVER, PROPOSER
from bank.demo.partners import facilities
from bank.quarters.commands import close
from ledger.dates import Quarter

_ACCRUED_AFTER: Final = 1
_SOFT_AFTER: Final = 36
_CLOSED_AFTER: Final = 50


def closed_on(quarter: Quarter) -> date:
    """The day on which a quarter is closed for good and its statements are published."""
    return _day(quarter, _CLOSED_AFTER)


def closing(quarters: Sequence[Quarter]) -> Iterator[Act]:
    """What ends each quarter, each act on its day."""
    for quarter in quarters:
        yield Act(_day(quarter, _ACCRUED_AFTER), 8, f"{quarter} accrued", partial(_accrue, quarter))
        yield Act(_day(quarter, _SOFT_AFTER), 17, f"{quarter} closed softly", partial(_soft, quarter))
        yield Act(closed_on(quarter), 16, f"{quarter} closed", partial(_hard, quarter), closes=quarter)


def _day(quarter: Quarter, days: int) -> date:
    return weekday(quarter.ends_on + timedelta(days))


def _accrue(quarter: Quarter, stage: Stage) -> None:
    accrue_all(stage.desk(PROPOSER), until=quarter.ends_on, key=f"accrued {quarter}")


def _soft(quarter: Quarter, stage: Stage) -> None:
    close(stage.desk(PROPOSER), quarter=quarter)


def _hard(quarter: Quarter, stage: Stage) -> None:
    """Close for good; what a failed lender no longer reports is closed over, with the reason kept."""
    silent = [
        one.failure.reason for one in facilities() if one.failure is not None and one.failure.last_return < quarter
    ]
    close(stage.desk(APPROVER), quarter=quarter, hard=True, accept_missing="; ".join(silent))
