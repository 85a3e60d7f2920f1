"""Every product of wholesale finance, in the order shown: the one place that is touched when a product is added."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from bank.allocations.products.blended_loan import BLENDED_LOAN
from bank.allocations.products.charity_bond import CHARITY_BOND
from bank.allocations.products.equity import EQUITY
from bank.allocations.products.fund_commitment import FUND_COMMITMENT
from bank.allocations.products.guarantee import GUARANTEE
from bank.allocations.products.outcomes_contract import OUTCOMES_CONTRACT
from bank.allocations.products.property_fund import PROPERTY_FUND
from bank.allocations.products.quasi_equity import QUASI_EQUITY
from bank.allocations.products.senior_loan import SENIOR_LOAN
from bank.allocations.products.shape import Product, Verb
from bank.allocations.products.subordinated_loan import SUBORDINATED_LOAN
from intermediaries.outcomes.lists import Code, CodeList

PRODUCTS: Final[Mapping[str, Product]] = MappingProxyType(
    {
        product.code: product
        for product in (
            SENIOR_LOAN,
            SUBORDINATED_LOAN,
            FUND_COMMITMENT,
            EQUITY,
            CHARITY_BOND,
            QUASI_EQUITY,
            PROPERTY_FUND,
            OUTCOMES_CONTRACT,
            BLENDED_LOAN,
            GUARANTEE,
        )
    }
)

FACILITY_PRODUCT: Final = CodeList(
    name="facility_product",
    title="Kind of wholesale finance from the bank to an intermediary",
    version="BSB-2",
    source="Big Society Bank, after the products of the real institution",
    codes=tuple(Code(product.code, product.title) for product in PRODUCTS.values()),
)

VERBS: Final[Mapping[str, Verb]] = MappingProxyType(
    {event.verb.name: event.verb for product in PRODUCTS.values() for event in product.events}
)
"""Everything that may happen to one product or another, by its name."""

PRINCIPALS: Final = tuple(sorted({product.principal for product in PRODUCTS.values()}))
"""The accounts below which what is out stands at cost."""
EARNING: Final = tuple(sorted({product.principal for product in PRODUCTS.values() if product.earns}))
"""Those on which interest accrues from day to day."""
PROMISES: Final = tuple(sorted({product.promise for product in PRODUCTS.values()}))
"""The memorandum accounts of what is signed and not yet drawn or called."""
CONTINGENT: Final = tuple(code for code, product in PRODUCTS.items() if product.contingent)
"""The products under which a promise is used without money that moves, and which end unless they are called."""
UNREALISED: Final = tuple(sorted({product.unrealised for product in PRODUCTS.values() if product.unrealised}))
AMORTISED: Final = tuple(sorted({product.amortised for product in PRODUCTS.values() if product.amortised}))
"""Those of what an amortised cost that rests on forecasts differs from principal."""
BEYOND_COST: Final = (*UNREALISED, *AMORTISED)
"""Those of what is carried beyond principal at cost: by a value that was told, or by what is forecast."""
AT_RISK: Final = (
    "9110",
    "9120",
    *PROMISES,
    *PRINCIPALS,
    *BEYOND_COST,
)
"""The accounts that hold what the bank has at risk: approved, guaranteed, promised, and out, at cost and at value."""

_AS: Final[Mapping[str, str]] = MappingProxyType(dict.fromkeys(PRINCIPALS, "1200") | dict.fromkeys(PROMISES, "9100"))


def counted_as(root: str) -> str:
    """The account that stands for all of its kind in a facility's figures: principal at cost, or what is undrawn."""
    return _AS.get(root, root)


def accounts_of(product: Product) -> Iterator[str]:
    """The accounts of the bank's book that the product's figures read."""
    yield from dict.fromkeys(account for line in product.figures for account in line.accounts)
