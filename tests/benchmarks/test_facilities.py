"""That measuring facilities works and finds no answer wrong. How fast anything is, no test may ask: machines differ."""

from __future__ import annotations

from tests.benchmarks.facilities.__main__ import main


def test_a_small_run_accrues_stages_closes_and_reports_and_finds_every_sum_right() -> None:
    told: list[object] = []
    assert main(["--facilities", "2", "4", "--quarters", "2"], told.append) == 0
    table = str(told[0])
    assert "From 2 to 4" in table
    for word in ("accrue", "stage", "close", "report", "in SQL"):
        assert word in table
