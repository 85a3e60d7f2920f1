"""Days as people write them: what a writing other than ours means where it can mean one day only, and what it may."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, timedelta
from functools import lru_cache
from typing import Final

from ledger.dates import CALENDAR_ENDS, CALENDAR_STARTS

_OTHER_DAY: Final = re.compile(r"([0-9]{1,2})[/. -]([0-9]{1,2}|[A-Za-z]{3,9})[/. -]([0-9]{2,4})", re.ASCII)
_SERIAL: Final = re.compile(r"[0-9]{5}", re.ASCII)
_MONTHS: Final = (
    *("january", "february", "march", "april", "may", "june", "july"),
    *("august", "september", "october", "november", "december"),
)
_EPOCH: Final = date(1899, 12, 30)
"""The day that a spreadsheet counts from, so that its own leap day of 1900 does not matter after that February."""
_EPOCH_OF_1904: Final = date(1904, 1, 1)
_SHORTEST: Final = 3


@lru_cache(maxsize=4096)
def day_meant(text: str) -> str | None:
    """The day as we write it that another writing means, such as 31/03/2012 or 31 March 2012, whoever reads it.

    None where it could be either of two days, as 05/06/2012 could, or none: nobody guesses.
    """
    days = days_meant(text)
    return days[0].isoformat() if len(days) == 1 else None


def days_meant(text: str) -> list[date]:
    """The days that a writing may mean: as in the United Kingdom, day first, and as elsewhere, month first."""
    other = _OTHER_DAY.fullmatch(text)
    return [] if other is None else list(dict.fromkeys(_days_meant(*other.groups())))


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
        named = [month for month in _MONTHS if month.startswith(two.lower()) and len(two) >= _SHORTEST]
        pairs = [(one, str(_MONTHS.index(month) + 1)) for month in named]
    for day, month in pairs:
        with suppress(ValueError):
            yield date(int(year), int(month), int(day))
