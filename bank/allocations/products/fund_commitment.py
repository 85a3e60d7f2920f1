"""The commitment as a partner in a fund: called as the fund invests, distributed as it sells, valued in between.

Held at value: cost (1301) and what the value differs from it (1302). Between two values the last one is rolled: calls
add to it, returned capital and realised gains take from it, and after a quarter it is shown as stale.
"""

from __future__ import annotations

from typing import Final

from bank.allocations.products.fields import Field
from bank.allocations.products.holdings import MOST_RECALLABLE, called, distributed, revalued, sold
from bank.allocations.products.shape import LENT_ON, Event, Product, figure
from bank.allocations.products.verbs import CALENDAR, CALL, DISTRIBUTE, NOTICE, REVALUE, SELL

FEES_INSIDE: Final = Field(
    "fees_inside",
    "choice",
    "Whether fees inside the commitment are part of cost or an expense",
    "cost",
    choices=("cost", "expense"),
)

FUND_COMMITMENT: Final = Product(
    code="fund-commitment",
    title="Commitment as a partner in a fund",
    about="A promise to pay capital calls of a fund, whose partners share what its investments come to.",
    measurement="fair-value",
    principal="1301",
    unrealised="1302",
    promise="9130",
    terms=(
        FEES_INSIDE,
        Field(
            "recallable_until",
            "day",
            "The last day on which a distribution may be recallable",
            "2014-06-30",
            required=False,
        ),
        Field(
            MOST_RECALLABLE, "rate", "The most that may be recalled, as a part of the commitment", "0.2", required=False
        ),
        NOTICE,
        CALENDAR,
    ),
    events=(
        Event(CALL, called("1301:", LENT_ON), when="signed", promises=True),
        Event(DISTRIBUTE, distributed("1301:", "1302:", LENT_ON)),
        Event(REVALUE, revalued),
        Event(SELL, sold("1301:", "1302:", LENT_ON)),
    ),
    figures=(
        figure("called", "Called, at cost", "1301", only="drawdown"),
        figure("uncalled", "Uncalled", "9130"),
        figure("recallable", "Distributed and recallable, to date", "9130", only="restored"),
        figure("capital_returned", "Capital returned", "1301", sign=-1, only="repayment"),
        figure("income", "Income distributed", "4030", sign=-1),
        figure("gains", "Gains realised", "4040", sign=-1),
        figure("fees", "Fees expensed", "5110"),
        figure("lost", "Lost when sold", "1301", sign=-1, only="write-off"),
        figure("cost", "Interest at cost", "1301"),
        figure("unrealised", "Value beyond cost", "1302"),
    ),
)
