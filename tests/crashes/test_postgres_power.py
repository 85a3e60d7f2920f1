"""A PostgreSQL bank keeps what it answered for when the power goes, and a server that flushes nothing is found out."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.crashes import postgres_power
from tests.crashes.disk import Loss
from tests.crashes.postgres_power import DURABLY, run

pytestmark = pytest.mark.skipif(bool(postgres_power.why_not()), reason=postgres_power.why_not() or "it can be tried")

SEED = 3


def test_no_power_cut_takes_what_was_answered_unless_the_server_flushes_nothing(run_of_tests: Path) -> None:
    home = run_of_tests / "power"  # the server's lesser user can pass through there
    home.mkdir(mode=0o755)
    losses: tuple[Loss, ...] = ("nothing kept", "torn")
    tallies = dict(run(home, SEED, 6, {DURABLY: 3, "fsync=off": 1}, losses))
    durable, careless = tallies[DURABLY], tallies["fsync=off"]
    assert (durable.cuts, durable.lost, durable.broken) == (3, 0, 0), durable
    assert durable.answered >= 6 * 4
    assert careless.lost + careless.broken == 1, careless
