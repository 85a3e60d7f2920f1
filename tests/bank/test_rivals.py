"""A short run of the rivals at one bank; the long one is `python -m tests.bank.rivals`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import databases
from tests.bank.duels import DUELS
from tests.bank.rivals import arena, race


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_whatever_two_do_at_once_nothing_is_lost_spent_twice_or_passed(
    run_of_tests: Path, tmp_path: Path, kind: str
) -> None:
    with databases.prepared(kind, run_of_tests, tmp_path) as url, arena(url, facilities=3) as place:
        outcomes = race(place, 2 * len(DUELS))
    for name, _ in DUELS:
        assert outcomes[name, "done"] >= 2
    assert outcomes["drawdown, drawdown on the same headroom", "NotEnoughHeadroom"] == 2
    assert outcomes["approval, approval", "LimitPassed"] == 2
