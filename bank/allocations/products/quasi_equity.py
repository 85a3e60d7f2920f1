"""Quasi-equity: money repaid as a share of income, up to a cap, whatever that income turns out to be.

The contract says which part of each receipt repays principal (1330); the rest is interest income (4000). Once the
principal is back, all further receipts up to the cap are income. What was not paid of the share of one year's income
may be caught up with later. No income is expected beforehand, so there are no flows that an effective rate could be
found from: nothing is income before it is received.
"""

from __future__ import annotations

from typing import Final

from bank.allocations.products.fields import Field, Told
from bank.allocations.products.holdings import bought, lost
from bank.allocations.products.shape import (
    BACK,
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
    moves,
    within,
)
from bank.allocations.products.verbs import BUY, LOSE
from bank.treasury.rules import positive

TAKE_SHARE: Final = Verb(
    "take-share",
    "income-shares",
    "Take in a share of income, with what is caught up of earlier ones, within the contract's share and cap",
    (
        Field("amount", "money", "Received", "4000.00"),
        Field("income", "money", "The income of which it is a share", "200000.00"),
    ),
)


def share(position: Position, told: Told) -> Done:
    """A share of income, with what was left unpaid of earlier ones: its principal part repays, the rest is income."""
    amount = positive(told.money("amount"), "A share of income")
    terms = position.terms
    before = position.told_before("take-share", "amount")
    incomes = position.told_before("take-share", "income") + told.money("income")
    within(amount, terms.money("cap") - before, "what is left up to the cap")
    due = incomes.times(terms.number("income_share")) - before
    within(amount, due, "the contract's share of all income so far, less what was paid of it")
    back = min(amount.times(terms.number("principal_part")), position.of("1330:"))
    return Done(
        moves(
            Move(CASH, "1330:", back, BACK, "Share of income: principal", (OWN_USE.owed, OWN_USE.money)),
            Move(CASH, "4000:", amount - back, INCOME, "Share of income: beyond principal"),
        ),
        (Effect(BACK, back) if back else Effect(INCOME),),
    )


QUASI_EQUITY: Final = Product(
    code="quasi-equity",
    title="Quasi-equity, repaid as a share of income",
    about="Patient money for enterprises that cannot carry fixed repayments: a share of income, up to a cap.",
    measurement="cost-less-impairment",
    principal="1330",
    terms=(
        Field("income_share", "rate", "The share of income that is paid", "0.02"),
        Field("cap", "money", "The most that is ever paid, principal and all", "75000.00"),
        Field("principal_part", "rate", "The part of each receipt that repays principal", "0.8"),
    ),
    events=(
        Event(BUY, bought("1330:", OWN_USE), when="signed", promises=True),
        Event(TAKE_SHARE, share),
        Event(LOSE, lost("1330:", OWN_USE)),
    ),
    figures=(
        figure("paid", "Paid to it", "1330", only="drawdown"),
        figure("undrawn", "Signed, not yet paid", "9100"),
        figure("capital_returned", "Received as principal", "1330", sign=-1, only="repayment"),
        figure("income", "Received beyond principal", "4000", sign=-1),
        figure("lost", "Lost", "1330", sign=-1, only="write-off"),
        figure("cost", "Principal outstanding", "1330"),
    ),
)
