"""The interest in a fund that buys buildings and lets them to charities: called, paid income from rents, revalued.

It has accounts of its own (1303 cost, 1304 value beyond cost), so that buildings are never added to ventures.
"""

from __future__ import annotations

from typing import Final

from bank.allocations.products.fields import Field
from bank.allocations.products.fund_commitment import FEES_INSIDE
from bank.allocations.products.holdings import called, distributed, revalued, sold
from bank.allocations.products.shape import LENT_ON, Event, Product, figure
from bank.allocations.products.verbs import CALENDAR, CALL, DISTRIBUTE, NOTICE, REVALUE, SELL

PROPERTY_FUND: Final = Product(
    code="property-fund-interest",
    title="Interest in a fund that buys buildings and lets them to charities",
    about="A share in buildings: rents come as income, and valuers say what the buildings are worth.",
    measurement="fair-value",
    principal="1303",
    unrealised="1304",
    promise="9130",
    terms=(
        FEES_INSIDE,
        NOTICE,
        CALENDAR,
        Field(
            "value_basis",
            "choice",
            "On which basis the fund reports its value",
            "accounts",
            choices=("accounts", "adjusted"),
        ),
    ),
    events=(
        Event(CALL, called("1303:", LENT_ON), when="signed", promises=True),
        Event(DISTRIBUTE, distributed("1303:", "1304:", LENT_ON)),
        Event(REVALUE, revalued),
        Event(SELL, sold("1303:", "1304:", LENT_ON)),
    ),
    figures=(
        figure("called", "Called, at cost", "1303", only="drawdown"),
        figure("uncalled", "Uncalled", "9130"),
        figure("capital_returned", "Capital returned", "1303", sign=-1, only="repayment"),
        figure("income", "Income from rents", "4030", sign=-1),
        figure("gains", "Gains realised", "4040", sign=-1),
        figure("fees", "Fees expensed", "5110"),
        figure("lost", "Lost when sold", "1303", sign=-1, only="write-off"),
        figure("cost", "Interest at cost", "1303"),
        figure("unrealised", "Value beyond cost", "1304"),
    ),
)
