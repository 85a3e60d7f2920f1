"""What is kept of a product when a facility is proposed and signed: its own terms, and the account of its promise."""

from __future__ import annotations

from collections.abc import Mapping

from bank.allocations.model import Facility
from bank.allocations.products.model import ProductTerms
from bank.allocations.products.rules import product_of, sound_product_terms
from ledger.commands import sub_account
from ledger.store.work import Work


def keep_product_terms(work: Work, row: Facility, told: Mapping[str, str]) -> None:
    """Keep the terms that only the product has, once they are sound; refuses what is missing or cannot be meant."""
    terms = sound_product_terms(row.product, told, row.annual_rate)
    work.session.add(ProductTerms(facility_id=row.id, told=terms.written(), recorded_at=work.now))
    work.session.flush()


def open_promise(work: Work, row: Facility) -> None:
    """Give a signed facility the memorandum account of what may yet be drawn or called."""
    sub_account(work, "bank", product_of(row.product).promise, row.id, name=f"{row.name}: signed, undrawn")
