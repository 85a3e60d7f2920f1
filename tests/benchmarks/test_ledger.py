"""That the measuring works, and finds no answer wrong. How fast anything is, no test may ask: machines differ."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from ledger import commands
from ledger.entries import Entry, Posting
from ledger.money import Money
from tests.benchmarks.ledger.__main__ import WORKS, main
from tests.benchmarks.ledger.desks import desk_at


def test_a_small_run_does_every_work_and_finds_every_answer_right(empty_database_url: str, tmp_path: Path) -> None:
    told = tmp_path / "figures.json"
    assert main(["--database", empty_database_url, "--size", "small", "--json", str(told)]) == 0
    table = json.loads(told.read_text())
    assert {line["work"] for line in table["lines"]} >= WORKS.keys()
    assert table["wrong"] == []
    assert table["checked"] > 50


def test_books_with_entries_are_not_measured_in(database_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    entry = Entry("one", "bank", date(2012, 4, 5), "The first", (Posting("1000", Money(5)), Posting("3000", Money(-5))))
    with desk_at(database_url) as desk, desk.writing() as work:
        commands.post(work, entry)
    assert main(["--database", database_url, "--only", "W1", "--size", "small"]) == 2
    assert "There are entries" in capsys.readouterr().err
