"""What becomes of each loan, quarter by quarter: drawn, repaid, late, restructured, lost, and sometimes recovered."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Final

from bank.demo.loans import LAST, Loan, later
from ledger.dates import Quarter, quarters
from ledger.money import NOTHING, Money

_STEP: Final = 10_00
_QUARTER_MONTHS: Final = 3
_YEAR_DAYS: Final = 365
_YEARS_REST: Final = 4
_INCOME_SHARE: Final = Fraction(1, 80)
"""What finance without a rate pays a quarter out of the borrower's income, once it is three quarters old."""
_INCOME_FROM: Final = 3
_RECOVERED: Final = Fraction(3, 10)
_MISSED_AT: Final = 2
"""The scheduled payment at which a loan that goes wrong goes wrong."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a return says of a loan for one quarter; amounts are of the whole loan."""

    quarter: Quarter
    drawn: Money
    principal_received: Money
    interest_received: Money
    written_off: Money
    recovered: Money
    outstanding: Money
    arrears: Money
    interest_arrears: Money
    days_past_due: int
    status: str
    maturity_on: date | None
    restructured_on: date | None


@dataclass(slots=True)
class _Life:
    """A loan as it stands while its quarters go by."""

    loan: Loan
    schedule: dict[Quarter, Money]
    outstanding: Money = NOTHING
    drawn_to_date: Money = NOTHING
    arrears: Money = NOTHING
    interest_arrears: Money = NOTHING
    late_since: date | None = None
    payments: int = 0
    lost: Money = NOTHING
    lost_in: Quarter | None = None
    restructured_on: date | None = None
    told: list[Told] = field(default_factory=list)

    @property
    def open(self) -> bool:
        """Whether anything is still to come of it."""
        return self.lost_in is None and (bool(self.outstanding) or self.drawn_to_date < self.loan.committed)


@cache
def loan_history(loan: Loan) -> tuple[Told, ...]:
    """Every quarter in which the loan is reported, from the one in which it was agreed to the demonstration's last."""
    life = _Life(loan, _schedule(loan))
    for quarter in quarters(Quarter.of(loan.agreed_on), LAST):
        if life.open or not life.told:
            _live(life, quarter)
        elif loan.fate == "recovered" and life.lost_in is not None and quarter == life.lost_in.next.next:
            life.told.append(_recovery(life, quarter))
    return tuple(life.told)


def _schedule(loan: Loan) -> dict[Quarter, Money]:
    """Equal parts in steps of ten pounds, from the quarter after the last tranche on; the last part takes the rest."""
    if loan.months is None:
        return {}
    first = Quarter.of(loan.tranches[-1][0])
    for _ in range(1 + loan.holiday_months // _QUARTER_MONTHS):
        first = first.next
    count = max(1, (loan.months - loan.holiday_months) // _QUARTER_MONTHS)
    if loan.bullet:
        return {_after(first, count): loan.committed}
    part = Money(loan.committed.pence // count // _STEP * _STEP)
    parts = [part] * (count - 1) + [loan.committed - Money(part.pence * (count - 1))]
    return {_after(first, place): amount for place, amount in enumerate(parts)}


def _after(quarter: Quarter, count: int) -> Quarter:
    for _ in range(count):
        quarter = quarter.next
    return quarter


def _live(life: _Life, quarter: Quarter) -> None:
    """One quarter of a loan that still runs."""
    drawn = Money.total(amount for on, amount in life.loan.tranches if on in quarter)
    interest = _interest(life, quarter)
    due = life.schedule.get(quarter, NOTHING)
    life.payments += bool(due)
    life.outstanding += drawn
    life.drawn_to_date += drawn
    paid, paid_interest, written_off = _paid(life, quarter, due, interest)
    life.outstanding -= paid + written_off
    life.told.append(
        Told(
            quarter=quarter,
            drawn=drawn,
            principal_received=paid,
            interest_received=paid_interest,
            written_off=written_off,
            recovered=NOTHING,
            outstanding=life.outstanding,
            arrears=life.arrears,
            interest_arrears=life.interest_arrears,
            days_past_due=(quarter.ends_on - life.late_since).days if life.late_since else 0,
            status=_status(life),
            maturity_on=_maturity(life),
            restructured_on=life.restructured_on,
        )
    )


def _interest(life: _Life, quarter: Quarter) -> Money:
    """Simple interest for the quarter, Actual/365, on what was owed at its start and on what is drawn in it."""
    loan = life.loan
    if loan.rate is None:
        aged = len(life.told) >= _INCOME_FROM
        return life.outstanding.times(_INCOME_SHARE) if aged else NOTHING
    days = (quarter.ends_on - quarter.starts_on).days + 1
    pence_days = life.outstanding.pence * days
    pence_days += sum(amount.pence * (quarter.ends_on - on).days for on, amount in loan.tranches if on in quarter)
    return Money.round_half_up(Decimal(pence_days) * loan.rate / _YEAR_DAYS)


def _paid(life: _Life, quarter: Quarter, due: Money, interest: Money) -> tuple[Money, Money, Money]:
    """Principal paid, interest paid and principal written off, as the loan's fate has it."""
    missed = life.payments - _MISSED_AT if due else -1
    match life.loan.fate, missed:
        case (("late" | "lost" | "recovered" | "restructured"), 0):
            return _miss(life, quarter, due, interest)
        case (("lost" | "recovered"), 1):
            return _miss(life, quarter, due, interest)
        case (("lost" | "recovered"), 2):
            return _lose(life, quarter)
        case "restructured", 1:
            return _restructure(life, quarter, interest)
        case "early", 1:
            return life.outstanding, interest, NOTHING
        case _:
            return _pay(life, due, interest)


def _pay(life: _Life, due: Money, interest: Money) -> tuple[Money, Money, Money]:
    """What is due, and what was left unpaid before."""
    principal, late_interest = due + life.arrears, interest + life.interest_arrears
    life.arrears = life.interest_arrears = NOTHING
    life.late_since = None
    return principal, late_interest, NOTHING


def _miss(life: _Life, quarter: Quarter, due: Money, interest: Money) -> tuple[Money, Money, Money]:
    life.arrears += due
    life.interest_arrears += interest
    life.late_since = life.late_since or date(quarter.year, quarter.number * 3 - 1, 15)
    return NOTHING, NOTHING, NOTHING


def _lose(life: _Life, quarter: Quarter) -> tuple[Money, Money, Money]:
    life.arrears = life.interest_arrears = NOTHING
    life.late_since = None
    life.lost, life.lost_in = life.outstanding, quarter
    return NOTHING, NOTHING, life.outstanding


def _restructure(life: _Life, quarter: Quarter, interest: Money) -> tuple[Money, Money, Money]:
    """All principal is put off by a year; interest is brought up to date."""
    life.restructured_on = date(quarter.year, quarter.number * 3 - 1, 20)
    left = {_after(due_in, _YEARS_REST): amount for due_in, amount in life.schedule.items() if due_in >= quarter}
    overdue = life.arrears
    last = max(left)
    left[last] += overdue
    life.schedule = left
    life.arrears = NOTHING
    return _pay(life, NOTHING, interest)


def _status(life: _Life) -> str:
    if life.lost_in is not None:
        return "written-off"
    if not life.drawn_to_date:
        return "signed-undrawn"
    if not life.outstanding:
        return "repaid"
    if life.late_since is not None:
        return "defaulted" if life.payments > _MISSED_AT else "in-arrears"
    if life.restructured_on is not None:
        return "restructured"
    return "drawing" if life.drawn_to_date < life.loan.committed else "performing"


def _maturity(life: _Life) -> date | None:
    agreed = life.loan.maturity_on
    return later(agreed, 12) if agreed is not None and life.restructured_on is not None else agreed


def _recovery(life: _Life, quarter: Quarter) -> Told:
    """Something comes back of what was written off, two quarters after."""
    return Told(
        quarter=quarter,
        drawn=NOTHING,
        principal_received=NOTHING,
        interest_received=NOTHING,
        written_off=NOTHING,
        recovered=Money(int(life.lost.pence * _RECOVERED) // _STEP * _STEP),
        outstanding=NOTHING,
        arrears=NOTHING,
        interest_arrears=NOTHING,
        days_past_due=0,
        status="written-off",
        maturity_on=_maturity(life),
        restructured_on=life.restructured_on,
    )
