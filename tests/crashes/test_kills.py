"""Whoever is killed at work, what was answered is there once, and nothing is there by half."""

from __future__ import annotations

from pathlib import Path

from tests.crashes.kills import VICTIMS, Victim, run

SEED = 1
ON_SQLITE: tuple[Victim, ...] = ("writers on SQLite",)
ON_POSTGRESQL = tuple(victim for victim in VICTIMS if victim not in ON_SQLITE)


def test_sqlite_keeps_what_it_answered_when_its_writers_are_killed(tmp_path: Path) -> None:
    tally = run(tmp_path, 2, SEED, ON_SQLITE)
    assert (tally.rounds.total(), tally.lost, tally.broken) == (2, 0, 0), tally
    assert tally.answered >= 6


def test_postgresql_keeps_what_it_answered_when_it_or_its_writers_are_killed(run_of_tests: Path) -> None:
    home = run_of_tests / "kills"  # the server's lesser user can pass through there
    home.mkdir(mode=0o755)
    tally = run(home, len(ON_POSTGRESQL), SEED, ON_POSTGRESQL)
    assert tally.rounds == dict.fromkeys(ON_POSTGRESQL, 1)
    assert (tally.lost, tally.broken) == (0, 0), tally
    assert len(tally.recoveries) == 2
