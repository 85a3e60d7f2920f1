"""The senior loan: drawn, repaid with interest, and first to be paid; held at amortised cost."""

from __future__ import annotations

from typing import Final

from bank.allocations.products.fields import Field
from bank.allocations.products.shape import ALLOWED_FOR, RECOVERED_SINCE, Line, Product, figure

SECURITY: Final = Field(
    "security", "choice", "What it is secured on", "unsecured", required=False, choices=("secured", "unsecured")
)

FIGURES: Final[tuple[Line, ...]] = (
    figure("drawn", "Drawn", "1200", only="drawdown"),
    figure("repaid", "Principal repaid", "1200", sign=-1, only="repayment"),
    figure("outstanding", "Principal owed", "1200"),
    figure("interest_received", "Interest received", "1210", sign=-1, only="interest"),
    figure("interest_due", "Interest due", "1210"),
    figure("lost", "Written off", "1200", sign=-1, only="write-off"),
    RECOVERED_SINCE,
    ALLOWED_FOR,
)
"""Of every loan; what happens to one is told by the verbs of lending: draw, accrue, repay, write off, recover."""

SENIOR_LOAN: Final = Product(
    code="senior-loan",
    title="Senior loan facility",
    about="Money lent to an intermediary for onward lending, repaid before anything that ranks behind it.",
    measurement="amortised-cost",
    principal="1200",
    terms=(SECURITY,),
    figures=FIGURES,
    earns=True,
    lent=True,
)
