"""Whether a file is the statement that was issued, asked at the command line of the demonstration's own books."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bank.publishing.commands import Wanted, drafted
from bank.publishing.queries import statements
from bank.wiring import open_prepared
from ledger.dates import Quarter, instant_text
from reports.typeset import pdf
from tests.journeys.programs import Keyboard

QUARTER = Quarter(2012, 1)


@pytest.fixture
def keyboard(demo: Path, tmp_path: Path) -> Keyboard:
    shutil.copy(demo / "bank.db", tmp_path / "bank.db")
    return Keyboard(tmp_path, f"sqlite:///{tmp_path}/bank.db")


def test_published_again_as_known_then_it_is_the_issued_file_with_its_caution(keyboard: Keyboard, demo: Path) -> None:
    database = open_prepared(keyboard.url)
    with database.reading() as session:
        filed = next(view for view in statements(session, kind="portfolio", quarter=QUARTER))
    database.close()
    assert filed.caution

    known = instant_text(filed.known_at)
    done = keyboard.here("statement", "publish", "portfolio", str(QUARTER), "--known-at", known, "--out", "again.pdf")
    assert done.code == 0, done.err
    assert (keyboard.folder / "again.pdf").read_bytes() == (
        demo / "statements" / f"portfolio-{QUARTER}.pdf"
    ).read_bytes()
    checked = keyboard.here("statement", "verify", "again.pdf")
    assert checked.code == 0
    assert "is, byte for byte, the one" in checked.out


def test_a_sound_document_that_was_never_issued_is_told_from_one_that_was(keyboard: Keyboard) -> None:
    database = open_prepared(keyboard.url)
    with database.reading() as session:
        filed = next(view for view in statements(session, kind="impact", quarter=QUARTER))
        draft = drafted(session, Wanted("impact", QUARTER, filed.known_at), caution="")
    database.close()
    (keyboard.folder / "other.pdf").write_bytes(pdf.render(draft.document))

    checked = keyboard.here("statement", "verify", "other.pdf")
    assert checked.code == 1
    assert "is NOT the one" in checked.out
