"""Writes under very many facilities at once: the events of one act, in one statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import insert

from bank.allocations.model import FacilityEvent
from ledger.store.work import Work


def keep_events(work: Work, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keep the rows of events, each with every column, in their order; what is still held back is written first."""
    work.session.flush()
    work.session.execute(insert(FacilityEvent), list(rows))
