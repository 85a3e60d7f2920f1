"""The loan beside a grant line: a loan like any other, and grant money of somebody else's that is never the bank's.

The grant waits in the collection account (1010) against a restricted fund (3300), so it never counts in headroom; paid
out it is grant income and expense of the same amount, and leaves the bank's result as it was.
"""

from __future__ import annotations

from typing import Final

from bank.allocations.products.fields import Field, Told
from bank.allocations.products.senior_loan import FIGURES, SECURITY
from bank.allocations.products.shape import (
    COLLECTION,
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
from bank.treasury.rules import positive

TAKE_GRANT: Final = Verb(
    "take-grant",
    "grants-in",
    "Take in grant money, held for this facility alone",
    (
        Field("amount", "money", "Received", "50000.00"),
        Field("grantor", "text", "Whose money it is", "An invented foundation", required=False),
    ),
)
PAY_GRANT: Final = Verb(
    "pay-grant",
    "grants-out",
    "Pay grant money on beside the loan, out of what is held for it",
    (Field("amount", "money", "Paid", "20000.00"),),
)
LINE: Final = "grant_amount"


def taken(position: Position, told: Told) -> Done:
    """Grant money in, as far as the grant line goes: restricted, and nobody's income."""
    amount = positive(told.money("amount"), "A grant")
    if LINE in position.terms:
        before = position.told_before("take-grant", "amount")
        within(amount, position.terms.money(LINE) - before, "what is left of the grant line")
    return Done((Move(COLLECTION, "3300:", amount, "grant", "Grant received, restricted"),), (Effect("grant-in"),))


def given(position: Position, told: Told) -> Done:
    """Grant money out: as far as the restricted fund reaches."""
    amount = positive(told.money("amount"), "A grant")
    within(amount, position.of("3300:"), "what is held of the grant")
    return Done(
        (
            Move("5200:", COLLECTION, amount, "grant", "Grant paid"),
            Move("3300:", "4200:", amount, "grant", "Restricted fund released"),
        ),
        (Effect("grant-out"),),
    )


BLENDED_LOAN: Final = Product(
    code="blended-loan",
    title="Loan beside a grant line",
    about="A loan that reaches groups who never borrowed, because a grant stands beside it.",
    measurement="amortised-cost",
    principal="1200",
    terms=(
        SECURITY,
        Field("grantor", "text", "Who gives the grant", "An invented foundation"),
        Field(LINE, "money", "The whole grant line", "300000.00"),
        Field(
            "grant_kind", "choice", "A for costs, B for first losses, C beside each loan", "C", choices=("A", "B", "C")
        ),
    ),
    events=(Event(TAKE_GRANT, taken, when="signed"), Event(PAY_GRANT, given, when="signed")),
    figures=(
        *FIGURES,
        figure("grant_held", "Grant held, not the bank's", "3300", sign=-1),
        figure("grant_paid", "Grant paid on", "5200"),
    ),
    earns=True,
    lent=True,
)
