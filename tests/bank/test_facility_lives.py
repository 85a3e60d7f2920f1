"""Facilities led through random legal and illegal lives, on both databases: what must hold does, after each act."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bank.facility_play import play


@pytest.mark.parametrize(("kind", "lives"), [("sqlite", 4), ("postgresql", 2)])
def test_no_life_passes_a_limit_or_loses_a_penny(run_of_tests: Path, kind: str, lives: int) -> None:
    play(kind, run_of_tests, lives=lives, steps=12)
