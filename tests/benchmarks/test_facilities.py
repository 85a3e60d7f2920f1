"""That measuring facilities works and finds no answer wrong. How fast anything is, no test may ask: machines differ."""

from __future__ import annotations

import pytest

from tests.benchmarks.facilities.__main__ import Measured, ended, main, table
from tests.benchmarks.facilities.watch import Spent, Watch


def test_a_small_run_accrues_stages_closes_and_reports_and_finds_every_sum_right() -> None:
    told: list[object] = []
    code = main(["--facilities", "2", "4", "--quarters", "2"], told.append)
    shown = str(told[0])
    assert told == [shown]  # nothing is wrong beside it
    assert code == int("not linear" in shown)
    assert "From 2 to 4" in shown
    for word in ("accrue", "stage", "close", "report", "in SQL"):
        assert word in shown


@pytest.mark.parametrize(
    ("seconds", "wrong", "code", "verdict"),
    [
        (15.0, [], 0, "1.50 times as long: linear"),
        (15.2, [], 1, "1.52 times as long: not linear"),
        (9.0, ["So"], 1, ""),
    ],
)
def test_it_ends_with_1_where_growth_is_not_linear_or_an_answer_is_wrong(
    seconds: float, wrong: list[str], code: int, verdict: str
) -> None:
    few, many = measured(100, 1.0), measured(1000, seconds)
    many.wrong.extend(wrong)
    assert ended([few, many]) == code
    assert verdict in table([few, many])


def measured(facilities: int, seconds: float) -> Measured:
    """A size that took so many seconds of the processor."""
    watch = Watch()
    watch.spent["accrue"] = Spent(clock=seconds, processor=seconds)
    return Measured(facilities, 4, watch, [seconds / 4] * 4)
