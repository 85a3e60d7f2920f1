"""Adding a product touches one place: a file of its own and its line in the registry, and every door offers it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests import databases
from tests.house.tree import ROOT

FILE = '''
"""A song sheet: the product that a test adds, to see what else would have to be touched."""

from __future__ import annotations

from typing import Final

from bank.allocations.products.fields import Field, Told
from bank.allocations.products.holdings import bought
from bank.allocations.products.shape import (
    CASH, INCOME, OWN_USE, Done, Effect, Event, Move, Position, Product, Verb, figure,
)
from bank.allocations.products.verbs import BUY

SING: Final = Verb("sing", "songs", "Take in what a song brings", (Field("sung", "money", "Brought in", "6.00"),))


def sung(position: Position, told: Told) -> Done:
    """Income, as far as a song is worth it."""
    return Done((Move(CASH, "4020:", told.money("sung"), INCOME, "Sung"),), (Effect(INCOME),))


SONG_SHEET: Final = Product(
    code="song-sheet",
    title="Share in a song",
    about="Invented for a test.",
    measurement="cost-less-impairment",
    principal="1310",
    terms=(Field("key", "choice", "In which key", "minor", choices=("major", "minor")),),
    events=(Event(BUY, bought("1310:", OWN_USE), when="signed", promises=True), Event(SING, sung)),
    figures=(figure("cost", "At cost", "1310"), figure("songs", "Brought in by songs", "4020", sign=-1)),
)
'''
IMPORT = "from bank.allocations.products.subordinated_loan import SUBORDINATED_LOAN\n"
LAST = "            GUARANTEE,\n"


def _replaced(text: str, old: str, new: str) -> str:
    before, found, after = text.partition(old)
    assert found, f"the registry has no line {old!r}"
    return f"{before}{new}{after}"


@pytest.fixture
def with_a_product_more(tmp_path: Path) -> Path:
    """A copy of the bank with one file more, and in the registry its import and its line."""
    shutil.copytree(ROOT / "bank", tmp_path / "bank")
    products = tmp_path / "bank" / "allocations" / "products"
    (products / "song_sheet.py").write_text(FILE.lstrip())
    registry = products / "registry.py"
    text = _replaced(
        registry.read_text(), IMPORT, f"from bank.allocations.products.song_sheet import SONG_SHEET\n{IMPORT}"
    )
    registry.write_text(_replaced(text, LAST, f"{LAST}            SONG_SHEET,\n"))
    return tmp_path


def _led_through(where: Path, url: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.house.adding", url, "song-sheet", "sing", "songs", "key=minor"],
        cwd=where,
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(where), str(ROOT)])},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_a_product_in_its_own_file_and_one_line_of_the_registry_is_offered_at_every_door(
    with_a_product_more: Path, run_of_tests: Path
) -> None:
    with databases.prepared("sqlite", run_of_tests, with_a_product_more, "staffed") as url:
        told = _led_through(with_a_product_more, url)
    assert told["from"] == str(with_a_product_more / "bank")
    assert told["listed"] == ["product", "term", "event", "event"]
    assert told["typed"] == {"cost": "600.00", "songs": "2.50"}
    assert told["sent"] == [201, {"cost": "600.00", "songs": "4.00"}]
    assert [event["verb"] for event in told["served"]["events"]] == ["buy", "sing"]
    assert "song-sheet" in told["coded"]
    assert told["described"]
    assert told["journal"][-2:] == [["bank", "1000", "4020", "2.50"], ["bank", "1000", "4020", "1.50"]]
    assert told["figures"] == 200
