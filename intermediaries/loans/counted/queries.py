"""Which accepted returns count at a day, as known then, and what their reports of a loan come to."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import cache
from typing import Any, Final, NamedTuple

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import aliased

from intermediaries.loans.model import LoanReport, LoanTape
from intermediaries.loans.views import Split
from ledger.dates import CALENDAR_ENDS, Quarter
from ledger.money import Money
from ledger.queries import Known
from ledger.store.columns import MoneyType
from ledger.store.database import ReadSession

MOVED: Final = {
    "drawn": (LoanReport.drawn, LoanReport.own_drawn),
    "repaid": (LoanReport.principal_received, LoanReport.own_principal_received),
    "interest": (LoanReport.interest_received, LoanReport.own_interest_received),
    "written_off": (LoanReport.written_off, LoanReport.own_written_off),
    "recovered": (LoanReport.recovered, LoanReport.own_recovered),
}
"""What moves on a loan: the columns of the whole loan's movement and of our share of it."""


class Live(NamedTuple):
    """The returns that count, as a statement and the values that it is told."""

    query: Select[str]
    told: dict[str, Any]


def live_returns(
    as_at: date | None,
    known: Known | None,
    *,
    intermediary: str | None = None,
    facility: str | None = None,
    quarter: Quarter | None = None,
    before: Quarter | None = None,
) -> Live:
    """The returns that count: known by the instant, effective by the day, and not followed by a higher such version."""
    cuts = {"intermediary": intermediary, "facility": facility, "quarter": quarter, "before": before}
    told = {"as_at": as_at or CALENDAR_ENDS, "instant": None if known is None else known.instant, **cuts}
    told = {name: value for name, value in told.items() if value is not None}
    return Live(_counting(frozenset(told)), told)


@cache
def _counting(told: frozenset[str]) -> Select[str]:
    """The same as a statement, cut by whichever names are told: made once for each few of them that go together."""
    newer = aliased(LoanTape)
    same = [newer.facility == LoanTape.facility, newer.quarter == LoanTape.quarter, newer.version > LoanTape.version]
    mine = [LoanTape.effective_on <= bindparam("as_at")]
    same.append(newer.effective_on <= bindparam("as_at"))
    if "instant" in told:
        mine.append(LoanTape.recorded_at <= bindparam("instant"))
        same.append(newer.recorded_at <= bindparam("instant"))
    if "before" in told:
        mine.append(LoanTape.quarter < bindparam("before"))
    columns = {"intermediary": LoanTape.intermediary, "facility": LoanTape.facility, "quarter": LoanTape.quarter}
    mine += [column == bindparam(name) for name, column in columns.items() if name in told]
    return select(LoanTape.return_id).where(*mine, ~select(newer.return_id).where(*same).exists())


def moved_to_date(session: ReadSession, live: Live, only: Iterable[str] | None = None) -> dict[str, dict[str, Money]]:
    """What moved to date on each loan: the whole loan's by the movement's name, ours by `own_` and its name."""
    query = summed(live.query)
    if only is not None:
        query = query.where(LoanReport.loan.in_(list(only)))
    names = [f"{mark}{name}" for name in MOVED for mark in ("", "own_")]
    return {row[0]: dict(zip(names, row[1:], strict=True)) for row in session.execute(query, live.told)}


@cache
def summed(live: Select[str], *beside: Any) -> Select[*tuple[Any, ...]]:
    """The same as a statement: each loan, what else is asked of its reports, and each movement under `_to_date`."""
    moved = (
        func.sum(column, type_=MoneyType).label(f"{mark}{name}_to_date")
        for name, pair in MOVED.items()
        for mark, column in zip(("", "own_"), pair, strict=True)
    )
    return select(LoanReport.loan, *beside, *moved).where(LoanReport.return_id.in_(live)).group_by(LoanReport.loan)


def splits(report: Any) -> dict[str, Split]:
    """What one report says moved, by the movement's name."""
    return {
        name: Split.of(getattr(report, whole.key), getattr(report, own.key)) for name, (whole, own) in MOVED.items()
    }
