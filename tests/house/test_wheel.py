"""What is installed is what stands here: code, data, templates, fonts and handbook, and nothing of the tests."""

from __future__ import annotations

import zipfile
from importlib.metadata import requires
from pathlib import Path

from hatchling.builders.wheel import WheelBuilder
from packaging.requirements import Requirement

from tests.house.tree import PACKAGES, ROOT


def _standing() -> set[str]:
    return {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }


def test_the_wheel_holds_every_file_of_the_four_packages(tmp_path: Path) -> None:
    (built,) = WheelBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"])
    with zipfile.ZipFile(built) as wheel:
        packed = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert packed == _standing()


def test_every_dependency_says_from_which_version_on() -> None:
    asked = [Requirement(line) for line in requires("big-society-bank") or []]
    assert asked
    assert [one.name for one in asked if not one.specifier] == []
