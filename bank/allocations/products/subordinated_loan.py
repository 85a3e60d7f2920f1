"""The subordinated or first-loss loan: a loan that is paid after others, and loses before them."""

from __future__ import annotations

from typing import Final

from bank.allocations.products.fields import Field
from bank.allocations.products.senior_loan import FIGURES, SECURITY
from bank.allocations.products.shape import Product

SUBORDINATED_LOAN: Final = Product(
    code="subordinated-loan",
    title="Subordinated or first-loss loan",
    about="A loan that ranks behind other lenders, so that they lend more: it takes the first losses.",
    measurement="amortised-cost",
    principal="1200",
    terms=(
        SECURITY,
        Field("ranks_behind", "text", "Whose money is paid first", "The depositors of the bank", required=False),
        Field("first_loss", "rate", "The part of all losses that it takes first", "0.2", required=False),
    ),
    figures=FIGURES,
    earns=True,
    lent=True,
)
