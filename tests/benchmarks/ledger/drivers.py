"""A connection by the bare driver, whichever the database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tests.benchmarks.ledger.bare import Bare
from tests.benchmarks.ledger.bare_postgresql import BarePostgresql
from tests.benchmarks.ledger.bare_sqlite import BareSqlite


@contextmanager
def connected(url: str) -> Iterator[Bare]:
    """A connection by the bare driver."""
    bare = BareSqlite(url) if url.startswith("sqlite") else BarePostgresql(url)
    try:
        yield bare
    finally:
        bare.close()
