"""The cash of each facility, quarter by quarter: drawn from the bank, lent on, received back, and paid to the bank."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Final

from bank.demo.agreed import fee_withheld, pays_to_the_penny, rates_of
from bank.demo.lives import loan_history
from bank.demo.loans import FIRST, LAST, loans
from bank.demo.partners import Facility, Once, facility
from ledger.dates import Quarter, quarters
from ledger.interest import accrued_on_movements
from ledger.money import NOTHING, Money

_POUND: Final = 100
_DRAW_DAY: Final = 10
_PAY_DAY: Final = 15
_FIRST_DRAW: Final = date(2011, 12, 28)
_SATURDAY: Final = 5


@dataclass(frozen=True, slots=True)
class CashQuarter:
    """What moved a facility's cash in a quarter. Amounts of onward loans are the facility's own share."""

    quarter: Quarter
    drawn: Money
    drawn_on: date
    lent: Money
    received: Money
    interest_paid: Money
    principal_repaid: Money
    paid_on: date
    costs: Money
    own_money: Money
    """The lender's own money put in to go on, or below nothing when it takes that back, as soon as there is cash."""
    held: Money
    """At the end of the quarter, in truth."""
    reported: Money
    """At the end of the quarter, as the return says: less by what was still on its way."""


@cache
def cash(key: str) -> tuple[CashQuarter, ...]:
    """Every quarter in which the facility files a return.

    What is held = what was held + drawn - lent + received - paid to the bank - costs + own money, to the penny.
    """
    whole = facility(key)
    told: list[CashQuarter] = []
    for quarter in return_quarters(whole):
        told.append(_quarter(whole, quarter, tuple(told)))
    return tuple(told)


def return_quarters(whole: Facility) -> list[Quarter]:
    """The quarters for which a return is filed: from the first in which it lends until it fails, or to the end."""
    last = whole.failure.last_return if whole.failure else LAST
    return list(quarters(whole.lending.first, last))


def _quarter(whole: Facility, quarter: Quarter, before: tuple[CashQuarter, ...]) -> CashQuarter:
    had = before[-1].held if before else NOTHING
    lent, received = _onward(whole.key, quarter)
    interest = _interest_due(whole, quarter, before)
    repaid = whole.repays if whole.repays_from and quarter >= whole.repays_from else NOTHING
    costs = _in(whole.costs, quarter) + (NOTHING if before else fee_withheld(whole))
    out = lent + interest + repaid + costs
    short_on_purpose = quarter == whole.own_money_in
    drawn = _draw(whole, out - had - (received if short_on_purpose else NOTHING), down=short_on_purpose)
    own_money = _own_money(before, had + drawn + received - out)
    held = had + drawn + received - out + own_money
    return CashQuarter(
        quarter=quarter,
        drawn=drawn,
        drawn_on=_FIRST_DRAW if quarter == FIRST else weekday(_day(quarter, _DRAW_DAY)),
        lent=lent,
        received=received,
        interest_paid=interest,
        principal_repaid=repaid,
        paid_on=weekday(_day(quarter, _PAY_DAY)),
        costs=costs,
        own_money=own_money,
        held=held,
        reported=held - _in(whole.in_transit, quarter),
    )


def _own_money(before: tuple[CashQuarter, ...], cash_left: Money) -> Money:
    put_in = Money.total(told.own_money for told in before)
    return -min(put_in, cash_left)


def _in(once: Once | None, quarter: Quarter) -> Money:
    return once.amount if once is not None and once.quarter == quarter else NOTHING


def _onward(key: str, quarter: Quarter) -> tuple[Money, Money]:
    """Our share of what was lent and of what came in, each movement of each loan rounded by itself."""
    lent = received = NOTHING
    for loan in loans(key):
        for told in loan_history(loan):
            if told.quarter == quarter:
                lent += told.drawn.times(loan.share)
                received += told.principal_received.times(loan.share)
                received += told.interest_received.times(loan.share)
                received += told.recovered.times(loan.share)
    return lent, received


def _interest_due(whole: Facility, quarter: Quarter, before: tuple[CashQuarter, ...]) -> Money:
    """Whole pounds of the simple interest up to the quarter's first day that has not been paid; pennies stay due."""
    movements = [(told.drawn_on, told.drawn) for told in before]
    movements += [(told.paid_on, -told.principal_repaid) for told in before]
    if not movements:
        return NOTHING
    since = min(on for on, _ in movements)
    paid = Money.total(told.interest_paid for told in before)
    if pays_to_the_penny(whole):
        due = rates_of(whole).accrued_on_movements(movements, since, quarter.starts_on)
        return Money.round_half_up(due) - paid
    accrued = accrued_on_movements(movements, whole.terms.pays, since, quarter.starts_on)
    return Money((int(accrued) - paid.pence) // _POUND * _POUND)


def _draw(whole: Facility, needed: Money, *, down: bool) -> Money:
    """What the quarter needs beyond the cash there is, in whole units of the facility's drawing."""
    unit = whole.lending.draw_unit.pence
    units = needed.pence // unit if down else -(-needed.pence // unit)
    return Money(max(0, units) * unit)


def _day(quarter: Quarter, day: int) -> date:
    return date(quarter.year, quarter.number * 3 - 2, day)


def weekday(day: date) -> date:
    """The day, or the Monday after it."""
    return day + timedelta(days=7 - day.weekday()) if day.weekday() >= _SATURDAY else day
