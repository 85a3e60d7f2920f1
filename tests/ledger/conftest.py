"""What tests of the books may ask for beyond a prepared database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ledger.stage import Stage, stage


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def scene(
    request: pytest.FixtureRequest, run_of_tests: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stage]:
    """A small journal to attack, on each kind of database; nothing done to it stays."""
    with stage(str(request.param), run_of_tests, tmp_path_factory.mktemp("scene")) as set_up:
        yield set_up
