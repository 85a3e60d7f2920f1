"""A SQLite bank keeps what it answered for when the power goes, and a lesser setting would be found out."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest

from bank.wiring import OPERATOR
from ledger.dates import SetClock
from ledger.identifiers import CountedIdentifiers
from ledger.store.database import Database
from ledger.store.work import Desk
from tests import databases
from tests.crashes.acts import CLOSING, NOW, Course, do
from tests.crashes.sqlite_power import FILE, FULL, NORMAL, OFF, record, run

SEED = 7


@pytest.fixture
def fresh(run_of_tests: Path, tmp_path: Path) -> Path:
    """A directory with a bank that is made ready and at rest."""
    home = tmp_path / "fresh"
    home.mkdir()
    with databases.prepared("sqlite", run_of_tests, home):
        return home


def test_no_power_cut_takes_or_breaks_what_was_answered(fresh: Path) -> None:
    tally = run(fresh, 240, SEED, synchronous=FULL)
    assert (tally.cuts, tally.lost, tally.broken) == (240, 0, 0), tally
    assert tally.in_doubt > 200
    assert tally.different > 100
    assert tally.verified >= 3


@pytest.mark.parametrize("setting", [NORMAL, OFF])
def test_a_lesser_setting_loses_what_was_answered(fresh: Path, setting: int) -> None:
    tally = run(fresh, 45, SEED, synchronous=setting)
    assert tally.lost > 5, tally


def test_the_bank_that_is_recorded_writes_what_the_bank_writes(fresh: Path, tmp_path: Path) -> None:
    """The recorder's driver and the one the bank is installed with leave the same rows in every table."""
    acts = Course(str(SEED), "same", 12, closing=CLOSING).acts(14)
    record(fresh, tmp_path / "recorded", acts, {}, checkpoint=None)
    plain = Path(shutil.copytree(fresh, tmp_path / "plain"))
    opened = Database.open(f"sqlite:///{plain / FILE}", clock=SetClock(NOW), identifiers=CountedIdentifiers("crashes"))
    for act in acts:
        do(Desk(opened, OPERATOR), act)
    opened.close()
    assert _dumped(tmp_path / "recorded") == _dumped(plain)


def _dumped(home: Path) -> list[str]:
    connection = sqlite3.connect(home / FILE)
    dumped = list(connection.iterdump())
    connection.close()
    return dumped
