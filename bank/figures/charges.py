"""What intermediaries' costs come to, apart from what the bank itself charged them: it earns that, so it is no cost.

Both stand on account 5300 of a memorandum book, for there both went out of the money that was drawn. The bank's part
is what its own acts under loans put there: an arrangement fee withheld or paid in, commitment fees, default interest.
What a fund calls for the fees of its manager is a cost, and stays one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Final

from bank.allocations.products.registry import PRODUCTS
from bank.allocations.queries import FacilityView
from bank.allocations.rules import DRAWDOWN, FEE, INTEREST_PAID
from bank.figures.books import Selection
from bank.figures.evidence import Evidence
from ledger.money import Money

_COSTS: Final = "5300"
_BY_THE_BANK: Final = frozenset({DRAWDOWN, FEE, INTEREST_PAID})


def costs_apart(evidence: Evidence, views: Iterable[FacilityView]) -> Callable[[str], tuple[Money, Money]]:
    """Of an intermediary: the costs it met by the day, and what the bank charged it."""
    lent: defaultdict[str, list[str]] = defaultdict(list)
    for view in views:
        if view.product in PRODUCTS and PRODUCTS[view.product].lent:
            lent[view.intermediary].append(f"{_COSTS}:{view.id}")

    def of(who: str) -> tuple[Money, Money]:
        whole = evidence.books.balance(Selection(who, (_COSTS,)), evidence.as_at)
        charged = evidence.books.balance(Selection(who, tuple(lent[who]), kinds=_BY_THE_BANK), evidence.as_at)
        return whole - charged, charged

    return of
