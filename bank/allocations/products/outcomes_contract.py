"""The outcomes contract: money for providers now, paid back by a commissioner for results, up to the contract's cap."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from bank.allocations.products.fields import Field, Told
from bank.allocations.products.holdings import bought, lost
from bank.allocations.products.shape import (
    BACK,
    CASH,
    INCOME,
    LENT_ON,
    Done,
    Effect,
    Event,
    Move,
    Position,
    Product,
    Verb,
    figure,
    moves,
    within,
)
from bank.allocations.products.verbs import LOSE
from bank.treasury.rules import positive

ADVANCE: Final = Verb(
    "advance",
    "advances",
    "Pay working money for a contract that pays for results",
    (Field("amount", "money", "Paid", "100000.00"),),
)
TAKE_OUTCOME: Final = Verb(
    "take-outcome",
    "outcome-payments",
    "Take in a payment for results, within their price and the contract's cap",
    (
        Field("capital", "money", "Of it, what pays the advance back", "30000.00", required=False),
        Field("surplus", "money", "Of it, what goes beyond", "4500.00", required=False),
        Field("results", "count", "Results that were paid for", "23"),
    ),
)


def paid(position: Position, told: Told) -> Done:
    """A payment for results: as many as there were, at their price, and never beyond the cap of the contract."""
    capital, surplus = told.money("capital"), told.money("surplus")
    whole = positive(capital + surplus, "An outcome payment")
    terms = position.terms
    within(whole, terms.money("unit_price").times(Decimal(told.count("results"))), "the price of those results")
    before = position.told_before("take-outcome", "capital") + position.told_before("take-outcome", "surplus")
    within(whole, terms.money("payment_cap") - before, "what is left up to the contract's cap")
    within(capital, position.of("1340:"), "what is advanced")
    return Done(
        moves(
            Move(CASH, "1340:", capital, BACK, "Paid for results: the advance", (LENT_ON.owed, LENT_ON.money)),
            Move(CASH, "4040:", surplus, INCOME, "Paid for results: beyond it", (LENT_ON.paid, LENT_ON.money)),
        ),
        (Effect(BACK, capital) if capital else Effect(INCOME),),
    )


OUTCOMES_CONTRACT: Final = Product(
    code="outcomes-contract",
    title="Finance of a contract that pays for results",
    about="Working money for providers whose commissioner pays a year late, and only for what was achieved.",
    measurement="cost-less-impairment",
    principal="1340",
    terms=(
        Field("commissioner", "text", "Who pays for results", "A borough council"),
        Field("unit_price", "money", "Paid for one result", "1500.00"),
        Field("payment_cap", "money", "The most that is ever paid to us", "260000.00"),
    ),
    events=(
        Event(ADVANCE, bought("1340:", LENT_ON), when="signed", promises=True),
        Event(TAKE_OUTCOME, paid),
        Event(LOSE, lost("1340:", LENT_ON)),
    ),
    figures=(
        figure("advanced", "Advanced", "1340", only="drawdown"),
        figure("undrawn", "Signed, not yet advanced", "9100"),
        figure("capital_returned", "Advances paid back", "1340", sign=-1, only="repayment"),
        figure("surplus", "Paid for results beyond advances", "4040", sign=-1),
        figure("lost", "Lost", "1340", sign=-1, only="write-off"),
        figure("cost", "Advances outstanding", "1340"),
    ),
)
