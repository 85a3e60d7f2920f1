"""The days on which banks work in each nation of the United Kingdom, and where a due day goes that is none of them."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum
from functools import cache, lru_cache
from typing import Final, TypeGuard

from dateutil.relativedelta import relativedelta
from holidays import country_holidays

from ledger.refusals import Malformed

_SATURDAY: Final = 5
_CALENDAR_OF_BANK_HOLIDAYS: Final = 1872
"""The year after the Bank Holidays Act 1871; the library's tables go back no further."""
_LATEST: Final = 2199
_ONE_DAY: Final = timedelta(days=1)


class Nation(StrEnum):
    """Whose bank holidays count. England and Wales keep the same; Scotland and Northern Ireland each their own."""

    ENGLAND = "ENG"
    WALES = "WLS"
    SCOTLAND = "SCT"
    NORTHERN_IRELAND = "NIR"


class Roll(StrEnum):
    """What happens to a due day on which banks do not work (2006 ISDA Definitions, section 4.12)."""

    NONE = "none"
    """The day stays."""
    FOLLOWING = "following"
    """The next working day."""
    MODIFIED_FOLLOWING = "modified-following"
    """The next working day; where that lies in another month, the last working day before."""
    PRECEDING = "preceding"
    """The last working day before."""


class OutsideHolidays(Malformed):
    """A day for which no bank holidays are known."""

    slug = "outside-holidays"


def is_workday(day: date, nation: Nation = Nation.ENGLAND) -> bool:
    """Whether banks of the nation work: neither a weekend nor a bank holiday, the once-only ones included.

    Refuses days before 1872 and after 2199. Bank holidays still to be proclaimed cannot be known: a day that lies in
    the future can turn into one.
    """
    return day.weekday() < _SATURDAY and day not in _bank_holidays(day.year, nation)


def rolled(day: date, roll: Roll, nation: Nation = Nation.ENGLAND) -> date:
    """The day on which something due on `day` is paid."""
    match roll:
        case Roll.NONE:
            return day
        case Roll.FOLLOWING:
            return _nearest(day, _ONE_DAY, nation)
        case Roll.PRECEDING:
            return _nearest(day, -_ONE_DAY, nation)
        case Roll.MODIFIED_FOLLOWING:
            after = _nearest(day, _ONE_DAY, nation)
            return after if after.month == day.month else _nearest(day, -_ONE_DAY, nation)


def last_workday(month: date, nation: Nation = Nation.ENGLAND) -> date:
    """The last working day of the month that a day lies in."""
    return _nearest(month + relativedelta(day=31), -_ONE_DAY, nation)


def workdays_on(day: date, count: int, nation: Nation = Nation.ENGLAND) -> date:
    """The day so many working days after a day, or before it where the count is negative; the day itself is not one."""
    step = _ONE_DAY if count > 0 else -_ONE_DAY
    for _ in range(abs(count)):
        day = _nearest(day + step, step, nation)
    return day


def due_dates(first: date, every_months: int, count: int, lent_on: date | None = None) -> list[date]:
    """The due dates, each stepped from the first one: after 31 January comes the end of February, then 31 March.

    Where money lent on the 29th, 30th or 31st falls due first at the end of a month too short for that number, one
    interval later, the number is still the loan's own and the later due dates go by it: lent on 31 January and first
    due on 28 February, it is next due on 31 March and 30 April, as in Apache Fineract's LoanMonthEndDueDateStrategy.
    """
    if _keeps_its_number(lent_on, first, every_months):
        return list(_stepped(lent_on, every_months, count + 1)[1:])
    return list(_stepped(first, every_months, count))


def dates_before(first: date, every_months: int, count: int, lent_on: date | None = None) -> list[date]:
    """So many dates at which periods would have ended before the first due date, the latest first.

    Where the due dates go by the number of the day of lending, that day is the latest of them: what is lent on 31 May
    and due on 30 June is lent for a whole month.
    """
    if _keeps_its_number(lent_on, first, every_months):
        return list(_stepped(lent_on, -every_months, count))
    return list(_stepped(first, -every_months, count + 1)[1:])


def _keeps_its_number(lent_on: date | None, first: date, every_months: int) -> TypeGuard[date]:
    """Whether the first due date is one interval after the day of lending, in a month too short for its number."""
    return bool(lent_on and lent_on.day > first.day and lent_on + relativedelta(months=every_months) == first)


def payment_days(
    first: date,
    every_months: int,
    count: int,
    roll: Roll,
    nation: Nation = Nation.ENGLAND,
    *,
    end_of_month: bool = False,
    lent_on: date | None = None,
) -> list[date]:
    """The days on which payments fall, each stepped from the first as `due_dates` does, then moved to a working day.

    With `end_of_month`, a first day that is the last of its month stands for the last of every month (30 April, 31
    May), and the day of payment never leaves the month. A first day that is none keeps its number, as ever.
    """
    at_the_end = end_of_month and (first + _ONE_DAY).month != first.month
    stepped = tuple(due_dates(first, every_months, count, lent_on))
    return list(_payment_days(stepped, roll, nation, at_the_end=at_the_end))


@lru_cache(maxsize=4096)
def _stepped(first: date, every_months: int, count: int) -> tuple[date, ...]:
    return tuple(first + relativedelta(months=every_months * place) for place in range(count))


@lru_cache(maxsize=4096)
def _payment_days(days: tuple[date, ...], roll: Roll, nation: Nation, *, at_the_end: bool) -> tuple[date, ...]:
    """Kept: a schedule is asked for its days again and again, and they follow from these alone."""
    if at_the_end:
        plainly = roll is Roll.NONE
        return tuple(day + relativedelta(day=31) if plainly else last_workday(day, nation) for day in days)
    return tuple(rolled(day, roll, nation) for day in days)


def _nearest(day: date, step: timedelta, nation: Nation) -> date:
    while not is_workday(day, nation):
        day += step
    return day


@cache
def _bank_holidays(year: int, nation: Nation) -> frozenset[date]:
    if not _CALENDAR_OF_BANK_HOLIDAYS <= year <= _LATEST:
        raise OutsideHolidays(
            f"The bank holidays of {year} are not known: take a day from {_CALENDAR_OF_BANK_HOLIDAYS} to {_LATEST}",
            year=year,
        )
    return frozenset(country_holidays("GB", subdiv=nation.value, years=year))
