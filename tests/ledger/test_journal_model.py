"""The journal against an oracle of a few lines, on both databases at once; and proof that the search would find a bug.

The search that runs with the suite is short. The long one is ``python -m tests.ledger.soak --steps 200000 --seed 1``.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.ledger.machine import search
from tests.ledger.soak import KEPT
from tests.ledger.twins import Twins

SCRIPTS = sorted(KEPT.glob("*.json"))


@pytest.mark.parametrize("number", [1, 2, 3])
def test_the_journal_is_what_the_oracle_says_on_both_databases(number: int, run_of_tests: Path) -> None:
    before = Twins.taken
    found = search(run_of_tests, number, examples=8)
    if found:
        raise AssertionError(json.dumps(found.script)) from found.fault
    assert Twins.taken - before > 200


@pytest.mark.parametrize("kept", SCRIPTS, ids=[kept.stem for kept in SCRIPTS])
def test_what_a_search_once_found_stays_mended(kept: Path, run_of_tests: Path) -> None:
    twins = Twins(run_of_tests)
    try:
        for step in json.loads(kept.read_text("utf-8"))["steps"]:
            twins.take(step)
    finally:
        twins.close()
