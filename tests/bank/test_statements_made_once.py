"""A warm act asks what was put together before: to make its statements anew would take a third of its time."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Select

from bank.allocations.commands import repay
from tests.bank.small_bank import SmallBank, pounds


def _life(bank: SmallBank, name: str) -> None:
    drawn = bank.drawn(bank.lender(name))
    repay(bank.maya, facility=drawn.id, amount=pounds("100.00"), on=bank.clock.now().date(), key=bank.key())
    bank.facility(drawn.id)


def test_a_second_life_of_a_facility_makes_no_statement_anew(
    small_bank: SmallBank, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_bank.capital("1000000.00")
    _life(small_bank, "The first")
    made: list[tuple[Any, ...]] = []
    make = Select.__init__

    def noted(query: Select[Any], *columns: Any) -> None:
        made.append(columns)
        make(query, *columns)

    monkeypatch.setattr(Select, "__init__", noted)
    _life(small_bank, "The second")
    assert made == []
