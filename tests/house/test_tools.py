"""The whole house is annotated, formatted and free of faults that a tool can find: nobody has to look for those."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.tree import ROOT


def _passes(program: str, *arguments: str) -> None:
    checked = subprocess.run(
        [Path(sys.executable).with_name(program), *arguments],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    assert checked.returncode == 0, f"{program} {' '.join(arguments)}\n{checked.stdout}{checked.stderr}"


def test_mypy_finds_every_annotation_there_and_true() -> None:
    _passes("mypy", "--no-error-summary")


@pytest.mark.parametrize("arguments", [("check", "--no-fix"), ("format", "--check")], ids=" ".join)
def test_ruff_finds_nothing_to_mend(arguments: tuple[str, ...]) -> None:
    _passes("ruff", *arguments, ".ci", "bank", "intermediaries", "ledger", "reports", "tests")
