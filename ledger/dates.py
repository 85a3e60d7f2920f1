"""Calendar quarters, financial years, and the clock: the only source of "now"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any, Final, Protocol, Self

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema

from ledger.refusals import Malformed
from ledger.wire import text_schema, text_shape

CALENDAR_STARTS: Final = date(2008, 11, 26)
"""Royal Assent of the Dormant Bank and Building Society Accounts Act 2008: nothing of ours can be true before it."""
CALENDAR_ENDS: Final = date(2099, 12, 31)

_QUARTER: Final = re.compile(r"([12][0-9]{3})Q([1-4])", re.ASCII)
_FINANCIAL_YEAR: Final = re.compile(r"([0-9]{4})/[0-9]{2}", re.ASCII)
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


class BadDate(Malformed):
    """Text that is not a day or quarter of the bank's calendar."""

    slug = "bad-date"


def parse_day(text: object) -> date:
    """Read ``YYYY-MM-DD`` within the bank's calendar; refuse any other writing and any day outside it."""
    return within_calendar(parse_any_day(text))


def parse_any_day(text: object) -> date:
    """Read ``YYYY-MM-DD``, of any year: when an account was opened, long before there was a bank to tell of it."""
    try:
        day = date.fromisoformat(text) if isinstance(text, str) and _DAY.fullmatch(text) else None
    except ValueError:
        day = None
    if day is None:
        raise BadDate(f"{text!r:.60} is not a day: write it as YYYY-MM-DD, like 2012-03-31", found=f"{text!r:.60}")
    return day


def within_calendar(day: date) -> date:
    """The same day, or a refusal when it lies outside the bank's calendar."""
    if not CALENDAR_STARTS <= day <= CALENDAR_ENDS:
        raise BadDate(
            f"{day} is outside the bank's calendar, which runs from {CALENDAR_STARTS} to {CALENDAR_ENDS}",
            found=str(day),
        )
    return day


@dataclass(frozen=True, order=True, slots=True)
class Quarter:
    """A calendar quarter, written ``2012Q4``."""

    year: int
    number: int

    @classmethod
    def parse(cls, text: object) -> Self:
        """Read ``2012Q4``; refuse any other writing and any quarter outside the bank's calendar."""
        match = _QUARTER.fullmatch(text) if isinstance(text, str) else None
        if match is None:
            raise BadDate(f"{text!r:.60} is not a quarter: write it like 2012Q4", found=f"{text!r:.60}")
        quarter = cls(int(match[1]), int(match[2]))
        within_calendar(quarter.ends_on)
        return quarter

    @classmethod
    def of(cls, day: date) -> Self:
        """The quarter that a day falls in."""
        return cls(day.year, (day.month + 2) // 3)

    @property
    def starts_on(self) -> date:
        """First day."""
        return date(self.year, self.number * 3 - 2, 1)

    @property
    def ends_on(self) -> date:
        """Last day."""
        return self.next.starts_on - timedelta(days=1)

    @property
    def next(self) -> Quarter:
        """The quarter after."""
        return Quarter(self.year + self.number // 4, self.number % 4 + 1)

    @property
    def previous(self) -> Quarter:
        """The quarter before."""
        return Quarter(self.year - (self.number == 1), (self.number - 2) % 4 + 1)

    def __contains__(self, day: date) -> bool:
        return self.starts_on <= day <= self.ends_on

    def __str__(self) -> str:
        return f"{self.year:04d}Q{self.number}"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: type[Any], handler: GetCoreSchemaHandler) -> CoreSchema:
        """On every wire a quarter is text."""
        del source, handler
        return text_schema(cls, cls.parse)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """What OpenAPI says of a quarter."""
        del schema, handler
        return text_shape("^[0-9]{4}Q[1-4]$", "A calendar quarter.", "2012Q4")


def quarters(first: Quarter, last: Quarter) -> Iterator[Quarter]:
    """Every quarter from the first to the last, both included."""
    while first <= last:
        yield first
        first = first.next


@dataclass(frozen=True, order=True, slots=True)
class FinancialYear:
    """The year to 31 March in which section 17 of the 2008 Act apportions, written ``2011/12``."""

    starting: int

    @classmethod
    def parse(cls, text: object) -> Self:
        """Read ``2011/12``; refuse any other writing, two years that do not follow, and years outside the calendar."""
        match = _FINANCIAL_YEAR.fullmatch(text) if isinstance(text, str) else None
        year = cls(int(match[1])) if match is not None else None
        if year is None or str(year) != text:
            raise BadDate(
                f"{text!r:.60} is not a financial year: write the year it begins in and the next, like 2011/12",
                found=f"{text!r:.60}",
            )
        within_calendar(year.starts_on)
        within_calendar(year.ends_on)
        return year

    @classmethod
    def of(cls, day: date) -> Self:
        """The financial year that a day falls in."""
        return cls(day.year if (day.month, day.day) >= (4, 1) else day.year - 1)

    @property
    def starts_on(self) -> date:
        """1 April."""
        return date(self.starting, 4, 1)

    @property
    def ends_on(self) -> date:
        """31 March."""
        return date(self.starting + 1, 3, 31)

    def __str__(self) -> str:
        return f"{self.starting}/{(self.starting + 1) % 100:02d}"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: type[Any], handler: GetCoreSchemaHandler) -> CoreSchema:
        """On every wire a financial year is text."""
        del source, handler
        return text_schema(cls, cls.parse)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """What OpenAPI says of a financial year."""
        del schema, handler
        return text_shape("^[0-9]{4}/[0-9]{2}$", "A year to 31 March.", "2011/12")


class Clock(Protocol):
    """The only source of "now": an aware instant in UTC."""

    def now(self) -> datetime:
        """The present instant."""
        ...


class SystemClock:
    """The machine's own time."""

    def now(self) -> datetime:
        """The present instant, to the microsecond."""
        return datetime.now(UTC)


class SetClock:
    """A clock that stands where it is put and can be moved on: for histories replayed and for tests."""

    def __init__(self, instant: datetime) -> None:
        self._instant = instant

    def now(self) -> datetime:
        """The instant the clock was last set to."""
        return self._instant

    def set(self, instant: datetime) -> None:
        """Put the clock to another instant."""
        self._instant = instant


@lru_cache(maxsize=64)
def instant_text(instant: datetime) -> str:
    """RFC 3339 in UTC to the microsecond: one writing for one instant, so that it can be hashed."""
    # Every entry needs it, and `strftime` takes six times as long. The offset of UTC is the last six characters.
    return f"{instant.astimezone(UTC).isoformat(timespec='microseconds')[:-6]}Z"


def parse_instant(text: object) -> datetime:
    """Read an RFC 3339 instant; refuse one without a zone, and one that in UTC is beyond the years 1 to 9999."""
    try:
        instant = datetime.fromisoformat(text) if isinstance(text, str) else None
        if instant is not None and instant.tzinfo is not None:
            return instant.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise BadDate(
        f"{text!r:.60} is not an instant: write it with its zone, like 2013-01-21T09:00:00Z", found=f"{text!r:.60}"
    )
