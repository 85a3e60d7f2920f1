"""What may be called a base rate, and which of several steps holds."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from bank.treasury.rules import BadTerms
from ledger.rates import RateHistory

_NAME: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*", re.ASCII)
_LONGEST: Final = 40
_DECIMALS: Final = 12


def sound_name(name: str) -> str:
    """A base rate's name, such as `bank-rate`; refuses anything but small letters, digits and single hyphens."""
    if len(name) > _LONGEST or not _NAME.fullmatch(name):
        raise BadTerms(f"{name!r:.60} cannot name a base rate: write small letters and hyphens, like bank-rate")
    return name


def sound_rate(rate: Decimal) -> Decimal:
    """A base rate as a yearly fraction between -1 and 1; central banks have set rates below nothing."""
    if not rate.is_finite() or not -1 < rate < 1 or rate != round(rate, _DECIMALS):
        raise BadTerms(f"A base rate is a yearly fraction such as 0.005 for half a per cent, not {str(rate)[:40]}")
    return rate


def history_of(steps: Iterable[tuple[date, datetime, Decimal]]) -> RateHistory | None:
    """The history that approved steps make: of two from one day the later approved holds; none without a step."""
    latest = {from_on: rate for from_on, _, rate in sorted(steps, key=lambda step: (step[0], step[1]))}
    return RateHistory.of(latest.items()) if latest else None
