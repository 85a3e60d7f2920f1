"""What the bank's capital is limited to from outside: dated, with the source of each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from ledger.money import Money

DORMANT_CAPITAL: Final = "dormant-capital"
BALANCE_SHEET: Final = "balance-sheet"


@dataclass(frozen=True, slots=True)
class CapitalLimit:
    """The most that a figure of the bank may come to, from a day on, and to a day where one is known."""

    code: str
    title: str
    amount: Money
    from_on: date
    until_on: date | None
    source: str


_STATE_AID: Final = "State aid SA.33683 (2011/N), C(2011) 9341, 20 December 2011"

LIMITS: Final = (
    CapitalLimit(
        DORMANT_CAPITAL,
        "Capital from dormant money",
        Money(400_000_000_00),
        date(2011, 12, 20),
        None,
        _STATE_AID,
    ),
    CapitalLimit(
        BALANCE_SHEET, "Total of the balance sheet", Money(600_000_000_00), date(2011, 12, 20), None, _STATE_AID
    ),
)
"""The approval was for five years and is known to have been extended by 2017; on which terms was not found. So no end
is entered, and the limits stand until a further line says otherwise."""
