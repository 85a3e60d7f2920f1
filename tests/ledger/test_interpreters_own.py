"""The books on the SQLite that Python itself brings: what serves on every system for which there is no newer build."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

from tests.ledger.day_of_work import MANY

_PROGRAM = """
import sys
sys.modules["pysqlite3"] = None  # as where it is not installed
from {module} import main
main()
"""


def ran(folder: Path, module: str, *words: str) -> str:
    """What a program says that has no other SQLite than Python's own."""
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM.format(module=module), *words],
        cwd=Path(__file__).parents[2],
        env=os.environ | {"BANK_DATABASE_URL": f"sqlite:///{folder}/bank.db"},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout


def test_a_day_of_work_on_the_interpreters_own_sqlite(tmp_path: Path) -> None:
    """From the very beginning: the tables made, entries posted, undone and closed over, and all of it checked."""
    ran(tmp_path, "bank.cli", "init")
    said = ran(tmp_path, "tests.ledger.day_of_work", f"sqlite:///{tmp_path}/bank.db")
    assert said == f"sqlite3 {sqlite3.sqlite_version}\n"

    found = json.loads(ran(tmp_path, "bank.cli", "ledger", "verify", "--format", "json"))
    assert (found["holds"], found["entries"]) == (True, 1 + 30 + MANY + 1)
