"""Days as people write them: what a writing other than ours means where it can mean one day only, and what it may."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, timedelta
from functools import lru_cache
from typing import Final

from ledger.dates import CALENDAR_ENDS, CALENDAR_STARTS

_OTHER_DAY: Final = re.compile(r"([0-9]{1,2})[/. -]([0-9]{1,2}|[a-z]{3,10})[/. -]([0-9]{2,4})", re.ASCII)
_MONTH_FIRST: Final = re.compile(r"([a-z]{3,10}) ([0-9]{1,2}) ([0-9]{4})", re.ASCII)
_YEAR_FIRST: Final = re.compile(r"([0-9]{4})([-/. ]?)([0-9]{1,2})\2([0-9]{1,2})", re.ASCII)
_MIDNIGHT: Final = re.compile(r"(?<=[0-9])[ T]00:00(?::00(?:\.0+)?)?Z?$", re.ASCII)
_WEEKDAY: Final = re.compile(
    r"^(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?,? (?=[0-9a-z])", re.ASCII
)
_ORDINAL: Final = re.compile(r"(?<=[0-9])(?:st|nd|rd|th)(?= )", re.ASCII)
_SERIAL: Final = re.compile(r"[0-9]{5}", re.ASCII)
_MONTHS: Final = (
    *("january", "february", "march", "april", "may", "june", "july"),
    *("august", "september", "october", "november", "december"),
)
_WELSH: Final = (
    *("ionawr", "chwefror", "mawrth", "ebrill", "mai", "mehefin", "gorffennaf"),
    *("awst", "medi", "hydref", "tachwedd", "rhagfyr"),
)
_EPOCH: Final = date(1899, 12, 30)
"""The day that a spreadsheet counts from, so that its own leap day of 1900 does not matter after that February."""
_EPOCH_OF_1904: Final = date(1904, 1, 1)
_PACKED: Final = 8
"""Digits of a day written without anything between."""


@lru_cache(maxsize=4096)
def day_meant(text: str) -> str | None:
    """The day as we write it that another writing means, such as 31/03/2012 or 31 March 2012, whoever reads it.

    None where it could be either of two days, as 05/06/2012 could, or none: nobody guesses.
    """
    days = days_meant(text)
    return days[0].isoformat() if len(days) == 1 else None


def days_meant(text: str) -> list[date]:
    """The days that a writing may mean: as in the United Kingdom, day first, and as elsewhere, month first."""
    told = _simply(text)
    if (other := _OTHER_DAY.fullmatch(told)) is not None:
        return list(dict.fromkeys(_days_meant(*other.groups())))
    if (other := _MONTH_FIRST.fullmatch(told)) is not None:
        return list(_days_meant(other[2], other[1], other[3]))
    year_first = _YEAR_FIRST.fullmatch(told)
    if year_first is None or (not year_first[2] and len(told) != _PACKED):
        return []
    with suppress(ValueError):
        return [date(int(year_first[1]), int(year_first[3]), int(year_first[4]))]
    return []


def _simply(text: str) -> str:
    """A writing of a day without what says nothing more: midnight, the weekday, th after a number, commas."""
    told = _WEEKDAY.sub("", _MIDNIGHT.sub("", " ".join(text.split())).lower())
    return " ".join(re.sub(r"(?<=[a-z])\.|,", " ", _ORDINAL.sub("", told)).split())


def day_counted(text: str, *, since_1904: bool = False) -> str | None:
    """The day of the bank's calendar that a spreadsheet's own count of days means, by the epoch of its workbook."""
    if not _SERIAL.fullmatch(text):
        return None
    day = (_EPOCH_OF_1904 if since_1904 else _EPOCH) + timedelta(days=int(text))
    return day.isoformat() if CALENDAR_STARTS <= day <= CALENDAR_ENDS else None


def _days_meant(one: str, two: str, year: str) -> Iterator[date]:
    if len(year) != 4:  # noqa: PLR2004 -- of two digits nobody knows the century
        return
    pairs = [(one, two), (two, one)]
    if two.isalpha():
        named = [place for each in (_MONTHS, _WELSH) for place, month in enumerate(each, 1) if month.startswith(two)]
        pairs = [(one, str(place)) for place in dict.fromkeys(named)]
    for day, month in pairs:
        with suppress(ValueError):
            yield date(int(year), int(month), int(day))


def day_remedy(text: str) -> str:
    """How to write the day that is probably meant; where it could be either of two, both are told and none chosen."""
    if counted := day_counted(text):
        return f"Where it is a spreadsheet's count of days it means {counted}: write that, or make the cell a date."
    meant = days_meant(text)
    if len(meant) > 1:
        first, second = meant
        return f"Write {first} for {first:%-d %B %Y}, or {second} for {second:%-d %B %Y}: we do not guess which."
    if re.match(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[ T]", text, re.ASCII):
        return f"Write {text[:10]}, without the time of day."
    if re.fullmatch(r"[0-9]{1,2}[/. -][0-9A-Za-z]{1,9}[/. -][0-9]{2}", text, re.ASCII):
        return "Write the year with four digits, first, then month and day, like 2012-03-31."
    if re.fullmatch(r"[0-9]{1,2}[/. -][0-9]{1,2}[/. -][0-9]{4}", text, re.ASCII):
        return "There is no such day: correct the day or the month, and write it like 2012-03-31."
    return "Write the year first, then month and day, like 2012-03-31; in a spreadsheet the cell may be a date."
