"""The onward loans of the demonstration: who borrows what, when and on which terms, and what becomes of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from itertools import accumulate
from typing import Final

from bank.demo.borrowers import Borrower, borrower
from bank.demo.chance import below, one_of, weighted
from bank.demo.partners import Facility, facilities, facility
from bank.demo.words import PURPOSES
from intermediaries.places.areas import VANGUARD
from ledger.dates import Quarter, quarters
from ledger.money import Money

FIRST: Final = Quarter(2011, 4)
LAST: Final = Quarter(2013, 4)

_SIZES: Final = (35, 50, 65, 80, 100, 120, 150, 200)
"""Loans as hundredths of their lender's mean: their own mean is the mean."""
_STEP: Final = 10_00
"""Amounts are multiples of ten pounds, so that every share of them is whole pence."""
_FIRST_TRANCHE: Final = (6, 10)
_SETTLED: Final = tuple(VANGUARD)
_SETTLED_LENDERS: Final = frozenset({"quillmere", "tallowgate", "saltmeadow"})
_SETTLED_AMONG: Final = 55
_EVERY: Final = 11
_SHARED: Final = 8

_PLANTED: Final = {
    ("tallowgate", 16): "recovered",
    ("tallowgate", 20): "restructured",
    ("tallowgate", 24): "lost",
    ("quillmere", 15): "restructured",
    ("quillmere", 18): "lost",
    ("saltmeadow", 4): "recovered",
    ("saltmeadow", 7): "restructured",
    ("thistlecombe", 1): "lost",
    ("thistlecombe", 3): "late",
    ("thistlecombe", 5): "lost",
    ("thistlecombe", 8): "late",
}
"""What must happen somewhere: a loan lost, one lost and partly recovered, one restructured, one late."""
_FATES: Final = (("steady", 86), ("late", 9), ("early", 5))


@dataclass(frozen=True, slots=True)
class Loan:
    """One onward loan as it was agreed. `rate` and `months` are None where the finance is no loan."""

    ref: str
    facility: str
    borrower: Borrower
    committed: Money
    share: Decimal
    rate: Decimal | None
    months: int | None
    holiday_months: int
    agreed_on: date
    tranches: tuple[tuple[date, Money], ...]
    bullet: bool
    product: str
    secured: str
    purpose: str
    grant: Money | None
    fate: str

    @property
    def maturity_on(self) -> date | None:
        """The day of the last payment as agreed."""
        return None if self.months is None else later(self.agreed_on, self.months)


def later(day: date, months: int) -> date:
    """The same day of a later month; days here are never beyond the 28th."""
    count = day.year * 12 + day.month - 1 + months
    return date(count // 12, count % 12 + 1, min(day.day, 28))


@cache
def loans(key: str) -> tuple[Loan, ...]:
    """Every loan of a facility, the earliest first."""
    whole = facility(key)
    return tuple(_loan(whole, place) for place in range(whole.lending.count))


def every_loan() -> Iterator[Loan]:
    """Every loan of every facility."""
    for one in facilities():
        yield from loans(one.key)


@cache
def _numbers() -> dict[str, int]:
    """Where each facility's borrowers begin to be counted: no two borrowers have one number."""
    counts = [one.lending.count for one in facilities()]
    return dict(zip((one.key for one in facilities()), accumulate(counts, initial=1), strict=False))


def _loan(whole: Facility, place: int) -> Loan:
    lending, ref = whole.lending, f"{whole.loan_prefix}-{place + 1:04d}"
    quarter = _quarter_of(whole, place)
    agreed_on = _agreed_on(ref, quarter)
    committed = _rounded(lending.mean_pounds * one_of(_SIZES, ref, "size"))
    return Loan(
        ref=ref,
        facility=whole.key,
        borrower=_borrower(whole, place, quarter),
        committed=committed,
        share=lending.share,
        rate=Decimal(one_of(lending.rates, ref, "rate")) if lending.rates else None,
        months=one_of(lending.months, ref, "months") if lending.months else None,
        holiday_months=lending.holiday_months,
        agreed_on=agreed_on,
        tranches=_tranches(ref, agreed_on, committed, lending.tranches),
        bullet=lending.bullet,
        product=lending.product,
        secured=lending.secured,
        purpose=weighted(PURPOSES[lending.product], ref, "purpose"),
        grant=_rounded(committed.pence // 3) if lending.grants else None,
        fate=_PLANTED.get((whole.key, place)) or weighted(_FATES, ref, "fate"),
    )


def _borrower(whole: Facility, place: int, quarter: Quarter) -> Borrower:
    """A borrower of its own; or, for a few, one that another lender has lent to, told by one of its numbers only."""
    if whole.lending.shared_with and place < _SHARED:
        known = [one.borrower for one in loans(whole.lending.shared_with) if one.borrower.identifiers]
        again = known[place * len(known) // _SHARED]
        return replace(again, identifiers=again.identifiers[-1:])
    settled = None
    if whole.key in _SETTLED_LENDERS and place < _SETTLED_AMONG and place % _EVERY < len(_SETTLED):
        settled = _SETTLED[place % _EVERY]
    return borrower(f"{whole.key} {place}", _numbers()[whole.key] + place, quarter.year, settled)


def _quarter_of(whole: Facility, place: int) -> Quarter:
    """Loans come evenly over the quarters in which the facility lends; in its first days only a handful."""
    span = list(quarters(whole.lending.first, whole.lending.last))
    if span[0] == FIRST:
        return FIRST if place < 3 else span[1 + (place - 3) * (len(span) - 1) // (whole.lending.count - 3)]  # noqa: PLR2004 -- a handful
    return span[place * len(span) // whole.lending.count]


def _agreed_on(ref: str, quarter: Quarter) -> date:
    if quarter == FIRST:
        return date(2011, 12, 29)
    return date(quarter.year, quarter.number * 3 - 2 + below(3, ref, "month"), 11 + below(17, ref, "day"))


def _tranches(ref: str, agreed_on: date, committed: Money, count: int) -> tuple[tuple[date, Money], ...]:
    first_on = agreed_on + timedelta(days=1 + below(24, ref, "drawn"))
    if Quarter.of(agreed_on) == FIRST:
        first_on = date(2011, 12, 30)
    if count == 1:
        return ((first_on, committed),)
    part, whole = _FIRST_TRANCHE
    first = Money(committed.pence * part // whole // _STEP * _STEP)
    return ((first_on, first), (later(first_on, 6), committed - first))


def _rounded(pence: int) -> Money:
    """The sum in whole steps, at least one."""
    return Money(max(1, pence // _STEP) * _STEP)
