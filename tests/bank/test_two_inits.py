"""Two that make the same bank at once: one makes it, the other finds it made, and neither is told of a quarrel."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from sqlalchemy import select

from bank.wiring import open_prepared
from ledger.chart import HOUSE_BOOKS
from ledger.store.tables import Book


def test_a_bank_made_twice_at_once_is_made_once(empty_database_url: str) -> None:
    command = [str(Path(sys.executable).with_name("bank")), "--database", empty_database_url, "init"]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) for _ in range(2)]
    said = [each.communicate(timeout=60)[0] for each in both]
    assert [each.returncode for each in both] == [0, 0], said
    database = open_prepared(empty_database_url)
    with database.reading() as session:
        assert sorted(session.scalars(select(Book.code))) == sorted(plan.kind for plan in HOUSE_BOOKS)
    database.close()
