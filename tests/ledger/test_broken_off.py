"""A very long act on SQLite that is broken off: it ends at once, and writes nothing into the acts after it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.ledger.key_pressed import LEGS, LONG


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_key_pressed_ends_a_very_long_act_and_troubles_no_other(database_url: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.ledger.key_pressed", database_url],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["how"] == "broken off"
    assert found["asked"] < LONG * LEGS // 2
    assert found["faults"] == []
    assert (found["holds"], found["entries"]) == (True, 10 * (1 + 41))
