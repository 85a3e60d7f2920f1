"""The house stands as its floor plan says: every room of the bank is on it, and nothing else stands at the top."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Final

import pytest

from tests.house.tree import ROOT

TOP: Final = {"README.md", "bank", "intermediaries", "ledger", "pyproject.toml", "reports", "tests"}
_PLACE: Final = re.compile(r"^\| `([a-z_]+(?:/|\.py))` \| (.+) \|$", re.MULTILINE)


def _children(room: Path) -> set[str]:
    return {
        path.name + ("/" if path.is_dir() else "")
        for path in room.iterdir()
        if (path.suffix == ".py" and path.name != "__init__.py") or (path.is_dir() and any(path.rglob("*.*")))
        if path.name != "__pycache__"
    }


def test_the_plan_of_the_bank_shows_every_room_and_no_other() -> None:
    plan = dict(_PLACE.findall((ROOT / "bank" / "README.md").read_text(encoding="utf-8")))
    assert set(plan) == _children(ROOT / "bank")
    assert all(said.strip().endswith(".") for said in plan.values())


def test_nothing_stands_beside_the_four_packages_and_their_tests() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=False, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("without its history, what belongs to the house cannot be told from what was made in it")
    tops = {name.split("/", 1)[0] for name in listed.stdout.split("\0") if name}
    assert {name for name in tops if not name.startswith(".")} == TOP
