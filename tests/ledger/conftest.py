"""What tests of the books may ask for beyond a prepared database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path

import pytest

from tests.ledger.stage import Stage, stage


@pytest.fixture(scope="session")
def scenes(run_of_tests: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Stage]]:
    """The stages, each set up by whoever asks first, and kept to the end: a parametrised fixture would not be."""
    with ExitStack() as opened:

        @cache
        def of(kind: str) -> Stage:
            return opened.enter_context(stage(kind, run_of_tests, tmp_path_factory.mktemp("scene")))

        yield of


@pytest.fixture(params=["sqlite", "postgresql"])
def scene(request: pytest.FixtureRequest, scenes: Callable[[str], Stage]) -> Stage:
    """A small journal to attack, on each kind of database; nothing done to it stays."""
    return scenes(str(request.param))
