"""Shares in an intermediary: bought, revalued, paid dividends, and sold at a gain or a loss.

The money becomes the intermediary's own, so no onward loan is reported against it. Value is cost (1310) and what it
differs from it (1311).
"""

from __future__ import annotations

from typing import Final

from bank.allocations.products.fields import Field, Told
from bank.allocations.products.holdings import bought, revalued, sold
from bank.allocations.products.shape import (
    CASH,
    INCOME,
    OWN_USE,
    Done,
    Effect,
    Event,
    Move,
    Position,
    Product,
    Verb,
    figure,
    within,
)
from bank.allocations.products.verbs import BUY, REVALUE, SELL
from bank.treasury.rules import positive

TAKE_DIVIDEND: Final = Verb(
    "take-dividend",
    "dividends",
    "Take in a dividend on shares",
    (Field("amount", "money", "Received", "6000.00"),),
)
CAP: Final = "dividend_cap"


def dividend(position: Position, told: Told) -> Done:
    """A dividend is income, whatever the shares are worth; in a calendar year no more than the terms let be paid."""
    amount = positive(told.money("amount"), "A dividend")
    if CAP in position.terms:
        most = position.of("1310:").times(position.terms.number(CAP))
        before = position.told_in(position.on.year, "take-dividend", "amount")
        within(amount, most - before, f"what the cap on dividends still lets be paid for {position.on.year}")
    return Done((Move(CASH, "4020:", amount, INCOME, "Dividend"),), (Effect(INCOME),))


EQUITY: Final = Product(
    code="equity",
    title="Shares in an intermediary",
    about="Part ownership of an intermediary: money it need not repay, for a say and a share of what it earns.",
    measurement="fair-value",
    principal="1310",
    unrealised="1311",
    terms=(
        Field("share_class", "text", "Which shares", "Ordinary shares of one pound"),
        Field(CAP, "rate", "The most paid as dividend in a year, as a part of cost", "0.05", required=False),
    ),
    events=(
        Event(BUY, bought("1310:", OWN_USE), when="signed", promises=True),
        Event(TAKE_DIVIDEND, dividend),
        Event(REVALUE, revalued),
        Event(SELL, sold("1310:", "1311:", OWN_USE)),
    ),
    figures=(
        figure("bought", "Shares bought", "1310", only="drawdown"),
        figure("undrawn", "Signed, not yet bought", "9100"),
        figure("capital_returned", "Cost of shares sold, come back", "1310", sign=-1, only="repayment"),
        figure("dividends", "Dividends", "4020", sign=-1),
        figure("gains", "Gains realised", "4040", sign=-1),
        figure("lost", "Lost when sold", "1310", sign=-1, only="write-off"),
        figure("cost", "Shares at cost", "1310"),
        figure("unrealised", "Value beyond cost", "1311"),
    ),
)
