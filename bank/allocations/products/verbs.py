"""The verbs that several products share: what each is called, and what is told with it."""

from __future__ import annotations

from typing import Final

from bank.allocations.products.fields import Field
from bank.allocations.products.shape import Verb
from ledger.workdays import Nation

SOURCE: Final = Field("source", "text", "Where the value comes from", "Manager's report for the quarter")

CALL: Final = Verb(
    "call",
    "calls",
    "Pay a capital call: for investments, and for fees inside or outside the commitment",
    (
        Field("amount", "money", "Called for investments", "400000.00"),
        Field("fees_inside", "money", "Fees that use the commitment up", "10000.00", required=False),
        Field("fees_outside", "money", "Fees paid beside the commitment", "1500.00", required=False),
        Field("noticed_on", "day", "The day of the call's notice", "2012-03-01", required=False),
        Field("notice_waived", "text", "Why less notice than agreed is enough", "A purchase closes", required=False),
    ),
)
NOTICE: Final = Field(
    "notice_days", "count", "Business days between a call's notice and its payment", "10", required=False
)
"""A term of those who are called: less notice is refused unless it is waived, with the reason."""
CALENDAR: Final = Field(
    "calendar", "choice", "Whose bank holidays count towards a notice", "SCT", required=False, choices=tuple(Nation)
)
"""A term of those who are called; where it is left out, the nation that the facility is told to be for."""
DISTRIBUTE: Final = Verb(
    "distribute",
    "distributions",
    "Take in a distribution, split as its notice splits it; what is recallable goes back to the commitment",
    (
        Field("capital", "money", "Return of capital", "120000.00", required=False),
        Field("income", "money", "Income", "8000.00", required=False),
        Field("gain", "money", "Realised gain", "22000.00", required=False),
        Field("recallable", "money", "Of it, what may be called again", "50000.00", required=False),
    ),
)
REVALUE: Final = Verb(
    "revalue",
    "valuations",
    "Take up a value of a day, with where it comes from",
    (
        Field("value", "money", "What it was worth on the day", "415000.00"),
        SOURCE,
        Field("technique", "text", "How the value was found", "Net asset value", required=False),
    ),
)
BUY: Final = Verb(
    "buy",
    "purchases",
    "Pay for shares or bonds",
    (
        Field("amount", "money", "Paid", "250000.00"),
        Field("units", "count", "Shares or bonds bought", "250000", required=False),
    ),
)
SELL: Final = Verb(
    "sell",
    "sales",
    "Take in the proceeds of a sale: beyond the cost a gain, short of it a loss",
    (
        Field("proceeds", "money", "Received", "310000.00"),
        Field("cost", "money", "Cost of what was sold", "250000.00"),
    ),
)
LOSE: Final = Verb(
    "lose",
    "losses",
    "Give up what will not come back",
    (Field("amount", "money", "Lost", "5000.00"), Field("reason", "text", "Why", "The contract ended early")),
)
