"""The house stands as its floor plan says: every room of the bank is on it, and nothing else stands at the top."""

from __future__ import annotations

import re
from fnmatch import fnmatch
from pathlib import Path
from typing import Final

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


def _is_made_here(name: str) -> bool:
    """Whether a name at the top is of something that is made in a checkout and kept out of the history."""
    patterns = (ROOT / ".gitignore").read_text(encoding="utf-8").split()
    return any(fnmatch(name, pattern.strip("/")) for pattern in patterns)


def test_nothing_stands_beside_the_four_packages_and_their_tests() -> None:
    tops = {path.name for path in ROOT.iterdir() if not path.name.startswith(".")}
    assert {name for name in tops if not _is_made_here(name)} == TOP
