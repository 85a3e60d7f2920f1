"""What tests of the bank's rooms may ask for: a small bank, opened, with its people."""

from __future__ import annotations

import pytest

from ledger.dates import SetClock
from ledger.store.database import Database
from tests.bank.small_bank import SmallBank


@pytest.fixture
def small_bank(database: Database, clock: SetClock) -> SmallBank:
    """A bank with its books open and its people in; on SQLite and on PostgreSQL."""
    opened = SmallBank(database, clock)
    opened.open()
    return opened
