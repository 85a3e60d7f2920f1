"""What one of the demonstration's loans agrees to pay over a base rate, and what losses are assumed: all invented."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, Final

from bank.demo.partners import Facility
from ledger.money import NOTHING, Money
from ledger.rates import RateHistory

BASE: Final = "demonstration-base"
STEPS: Final = ((date(2011, 3, 28), Decimal("0.005")), (date(2013, 4, 1), Decimal("0.0075")))
"""The base rate's steps. No published rate moved in these years; this one does, so that it can be seen."""

ASSUMED: Final = ((1, ("0.02",), "0.45"), (2, ("0.06", "0.04", "0.03", "0.02"), "0.45"), (3, ("1",), "0.65"))
"""For each stage the probability of default in each year ahead, and the part lost."""
CONVERSION: Final = Decimal("0.5")
"""The part of what is signed and undrawn that is taken to be drawn before a default."""

_PARTS: Final = (*(NOTHING,) * 3, *(Money(50_000_00),) * 24)
AGREED: Final[dict[str, dict[str, Any]]] = {
    "tallowgate": {
        "from_on": date(2011, 12, 23),
        "base": BASE,
        "rate": Decimal("0.045"),
        "floor": Decimal("0.05"),
        "default_margin": Decimal("0.01"),
        "arrangement_fee": Money(25_000_00),
        "fee_withheld": True,
        "repayment": "bespoke",
        "bespoke": _PARTS,
        "first_due_on": date(2012, 4, 1),
        "every_months": 3,
        "instalments": len(_PARTS),
        "roll": "none",
    },
}
"""By the key of a facility: the terms that were agreed with its signature."""


def fee_withheld(whole: Facility) -> Money:
    """What is kept back from the first tranche of a facility."""
    told = AGREED.get(whole.key)
    return NOTHING if told is None else Money(told["arrangement_fee"].pence)


def pays_to_the_penny(whole: Facility) -> bool:
    """Whether a facility pays all the interest that has fallen due, and not whole pounds of it."""
    return whole.key in AGREED


def rates_of(whole: Facility) -> RateHistory:
    """What a facility is charged, day by day."""
    told = AGREED.get(whole.key)
    if told is None:
        return RateHistory.fixed(whole.terms.annual_rate)
    return RateHistory.of(STEPS).with_margin(told["rate"], floor=told["floor"])
