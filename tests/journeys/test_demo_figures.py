"""Every figure that the demonstration's statements print: out of their own data, and out of the books again."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bank.demo.play import DATABASE
from bank.figures.evidence import Evidence, Knowledge
from bank.figures.registry import REGISTRY
from bank.publishing.again.queries import made_again
from bank.publishing.queries import StatementView, statement, statements
from bank.publishing.rules import TRUSTEES
from bank.wiring import open_prepared
from ledger.dates import Quarter, instant_text
from ledger.queries import Known
from ledger.store.database import ReadSession
from reports.figures import value_json
from reports.verify import verify
from tests.reports.opening import opened
from tests.reports.reading import strangers


@pytest.fixture(scope="module")
def books(demo: Path) -> Iterator[ReadSession]:
    """The demonstration's database, to look at."""
    database = open_prepared(f"sqlite:///{demo / DATABASE}")
    with database.reading() as session:
        yield session
    database.close()


def data_of(blob: bytes) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(opened(blob).attachments["figures.json"].get_file().read_bytes())
    return found


def test_every_figure_on_every_page_is_the_datas_and_the_data_are_the_books(demo: Path, books: ReadSession) -> None:
    """Of every statement: what pdftotext reads is what its data come to, and its data are the books' as known then."""
    views = list(statements(books))
    assert [view.form for view in views if view.form != "trustees"] == ["public", "public"]
    assert len(views) == 20
    met = 0
    for view in views:
        blob = (demo / "statements" / statement(books, view.id).filename).read_bytes()
        again = made_again(books, view.id)
        data = json.loads(again.data)
        assert data_of(blob) == data, (view.kind, view.quarter)
        number, strange = strangers(blob, data, again)
        assert strange == [], (view.kind, view.quarter)
        met += number
    assert met > 8_000


@pytest.mark.parametrize("quarter", [Quarter(2012, 4), Quarter(2013, 4)])
def test_the_figures_are_the_registrys_own_at_both_times(demo: Path, books: ReadSession, quarter: Quarter) -> None:
    """Each figure and movement of the files, worked out by the registry alone, without anything of the statements."""
    for view in statements(books, quarter=quarter, forms=[TRUSTEES]):
        data = data_of((demo / "statements" / f"{view.kind}-{view.quarter}.pdf").read_bytes())
        evidence = evidence_of(books, view)
        for one in data["figures"]:
            assert one["value"] == value_json(REGISTRY[one["code"]].work_out(evidence).figure.value), one["code"]
        for one in data["movements"]:
            box = REGISTRY[one["code"]].work_out(evidence).movement
            parts = ("opening", "added", "taken", "closing")
            assert {part: one[part] for part in parts} == {part: str(getattr(box, part)) for part in parts}, one["code"]
        assert len(data["figures"]) + len(data["movements"]) > 10


def evidence_of(books: ReadSession, view: StatementView) -> Evidence:
    return Evidence(Knowledge(books, Known(view.known_seq, view.known_at)), view.quarter.ends_on)


PUBLIC = ("portfolio-2013Q4-public", "impact-2013Q4-public")


@pytest.mark.parametrize("name", ["portfolio-2013Q2", "portfolio-2013Q4", "impact-2013Q4", *PUBLIC])
def test_a_statement_of_the_demonstration_holds_offline(demo: Path, name: str) -> None:
    """One that restates figures, and the last ones."""
    assert verify((demo / "statements" / f"{name}.pdf").read_bytes()).faults == ()


_PROGRAM = Path(sys.executable).with_name("bank")
SURROUNDINGS = (
    {"TZ": "UTC", "LC_ALL": "C", "LANG": "C", "PYTHONHASHSEED": "1"},
    {"TZ": "Pacific/Auckland", "LC_ALL": "tr_TR.UTF-8", "LANG": "de_DE.UTF-8", "PYTHONHASHSEED": "77"},
)


def test_the_program_writes_the_same_bytes_in_other_surroundings(
    demo: Path, books: ReadSession, tmp_path: Path
) -> None:
    """Of one moment that no statement was published at, so each child sets it anew, in a copy of the books."""
    first = next(one for one in statements(books, kind="impact") if one.quarter == Quarter(2011, 4))
    known = instant_text(first.known_at + timedelta(seconds=1))
    written = []
    for number, surroundings in enumerate(SURROUNDINGS):
        home = tmp_path / f"home {number}"
        home.mkdir()
        shutil.copy(demo / DATABASE, home / DATABASE)
        done = subprocess.run(
            [_PROGRAM, "statement", "publish", "impact", "2011Q4", "--known-at", known, "--out", "again.pdf"],
            cwd=home,
            env=os.environ | surroundings | {"HOME": str(home), "BANK_DATABASE_URL": f"sqlite:///{DATABASE}"},
            capture_output=True,
            text=True,
            timeout=200,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        written.append((home / "again.pdf").read_bytes())
    assert written[0] == written[1]
    assert written[0] != (demo / "statements" / "impact-2011Q4.pdf").read_bytes()
