"""What is kept of a product when a facility is proposed, signed and let go: terms, its promise, a fee earned."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from bank.allocations.model import Facility
from bank.allocations.products.model import ProductTerms
from bank.allocations.products.rules import sound_product_terms
from bank.allocations.recording import BANK, bank_side
from bank.treasury.rules import entry_of
from ledger.commands import sub_account
from ledger.entries import Entry
from ledger.queries import balance_at
from ledger.store.work import Work


def keep_product_terms(work: Work, row: Facility, told: Mapping[str, str]) -> None:
    """Keep the terms that only the product has, once they are sound; refuses what is missing or cannot be meant."""
    terms = sound_product_terms(row.product, told, row.annual_rate)
    work.session.add(ProductTerms(facility_id=row.id, told=terms.written(), recorded_at=work.now))
    work.session.flush()


def fee_earned(work: Work, row: Facility, on: date, key: str) -> list[Entry]:
    """The fee kept against calls is earned when a line lapses under which nothing is guaranteed."""
    kept = -balance_at(work.session, BANK, f"2200:{row.id}")
    if not kept or balance_at(work.session, BANK, f"9120:{row.id}"):
        return []
    sub_account(work, BANK, "4010", row.id, name=f"{row.name}: fees earned")
    said = f"Fee earned, no guarantee is left: {row.name}"
    return [entry_of(bank_side("2200:", "4010:", row), kept, key=key, on=on, description=said, kind="fee")]
